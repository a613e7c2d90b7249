// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../contracts/orders/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IHedges} from "../../../contracts/lending/collateral/IHedges.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {ClaimId, LoanId, LotId, OrderId, WarehouseReceiptId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../lending/GoodsFixture.sol";

/// Gas of loans on goods, each operation a transaction of its own, on a facility that is in use.
contract GoodsGas is GoodsFixture {
    string private constant GROUP = "operations";

    function setUp() public override {
        super.setUp();
        _loanOnGoods(1_000_00);
    }

    function test_draw_on_one_warehouse_receipt() public {
        _loanOnGoods(6_000_00);
        _keep("draw a loan on one warehouse receipt");
    }

    function test_draw_on_sixteen_warehouse_receipts() public {
        ICollateral.CollateralItem[] memory many = new ICollateral.CollateralItem[](16);
        for (uint256 i; i < 16; ++i) {
            many[i] = _items(_warehouseReceipt(100_000))[0];
        }
        _drawOn(6_000_00, many);
        _keep("draw a loan on sixteen warehouse receipts");
    }

    function test_substitute() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(3_000_00);
        uint256 fresh = _warehouseReceipt(1_000_000);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(fresh), _items(id));
        _keep("substitute one warehouse receipt for another");
    }

    function test_release_of_part() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(3_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, 100_000));
        _keep("release part of a warehouse receipt");
    }

    function test_margin_from_call_to_sale() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _priced(900_000);
        facilities.checkMargin(loanId);
        _keep("call a margin");
        _days(6);
        vm.prank(bank);
        facilities.liquidate(loanId);
        _keep("start an auction");
        vm.prank(otherBank);
        facilities.bid(loanId, 20_000_00);
        _keep("buy the goods of a loan");
    }

    function test_cure() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _priced(900_000);
        facilities.checkMargin(loanId);
        _repay(loanId, 1_000_00);
        _keep("repay part and cure a call");
    }

    function test_record_and_close_a_hedge() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        IHedges.Hedge memory hedge = IHedges.Hedge({
            loanId: LoanId.unwrap(loanId),
            item: item,
            quantity: 1_000_000,
            price: TEN,
            currency: CNY,
            expiryDay: _today() + 90,
            venue: "XSGE",
            counterparty: address(0),
            contractHash: keccak256("XSGE RU2609 1"),
            documentRoot: DOCUMENTS,
            deadline: _deadline(),
            nonce: 1
        });
        bytes32 digest = facilities.hedgeDigest(hedge);
        facilities.recordHedge(hedge, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _keep("record a hedge");
        vm.prank(bank);
        facilities.closeHedge(loanId, hedge.contractHash);
        _keep("close a hedge");
    }

    function test_order_to_goods_to_claim() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        vm.prank(OPERATOR);
        facilityId = _agreedFacility(
            products.add(
                "order", terms, _goodsOf(IProducts.CollateralKind.WarehouseReceipt), _fixedRate(), _noEvidence()
            ),
            72_000,
            1_000_000_00
        );
        OrderId orderId = _order(10_000_00);
        LoanId loanId = _draw(facilityId, 6_000_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(orderId));
        IWarehouseReceipts.LotTerms memory lot = _lotTerms(1_000_000);
        lot.orderId = OrderId.unwrap(orderId);
        (LotId lotId, uint256 id) = _issue(lot);
        IPurchaseOrders.Delivery memory delivery = IPurchaseOrders.Delivery(
            OrderId.unwrap(orderId), LotId.unwrap(lotId), 10_000_00, DOCUMENTS, type(uint40).max
        );
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.prank(debtor);
        facilities.convertToGoods(loanId, delivery, signature, WarehouseReceiptId.wrap(id));
        _keep("convert an order to goods");
        ReceivableId receivableId = _request(10_000_00);
        signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
        _keep("convert goods to the claim");
    }

    function test_post_twenty_prices() public {
        bytes32[] memory items = new bytes32[](20);
        for (uint256 i; i < 20; ++i) {
            items[i] = warehouseReceipts.itemOf(keccak256(abi.encode(i)), "A", "KGM");
        }
        vm.prank(OPERATOR);
        prices.list(items, CNY, 100_000, PRICE_AGE);
        IPriceFeed.Price[] memory newPrice = _pricesOf(items, TEN);
        vm.prank(FIRST_APPRAISER);
        prices.post(newPrice);
        vm.prank(SECOND_APPRAISER);
        prices.confirm(newPrice);
        vm.warp(block.timestamp + DAY);
        newPrice = _pricesOf(items, TEN + 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(newPrice);
        vm.snapshotValue(GROUP, "post twenty prices, each", vm.lastCallGas().gasTotalUsed / 20);
    }

    function _pricesOf(bytes32[] memory items, uint64 value) private view returns (IPriceFeed.Price[] memory newPrice) {
        newPrice = new IPriceFeed.Price[](items.length);
        for (uint256 i; i < items.length; ++i) {
            newPrice[i] = _price(value, HAIRCUT)[0];
            newPrice[i].item = items[i];
        }
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
