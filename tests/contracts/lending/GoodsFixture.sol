// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../contracts/orders/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {FacilityId, LoanId, LotId, OrderId, ProductId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A warehouse, two appraisers, goods at 10.00 a kilogram with a haircut of 40 %, a facility on goods.
abstract contract GoodsFixture is LendingFixture {
    bytes32 internal constant SKU = keccak256("rubber");
    bytes32 internal constant DOCUMENTS = keccak256("documents");
    bytes3 internal constant CNY = "CNY";
    /// 10.00 a kilogram: in millionths of a fen for a gram.
    uint64 internal constant TEN = 1_000_000;
    uint24 internal constant HAIRCUT = 400_000;
    uint32 internal constant PRICE_AGE = 30 days;
    address internal constant WAREHOUSE = address(0xB1);
    address internal constant FIRST_APPRAISER = address(0xE1);
    address internal constant SECOND_APPRAISER = address(0xE2);
    uint256 internal constant UNDERTAKER_KEY = 120;

    bytes32 internal item;
    address internal undertaker = vm.addr(UNDERTAKER_KEY);
    FacilityId internal facilityId;
    ProductId internal product;
    uint256 private _documentCount;

    function setUp() public virtual override {
        super.setUp();
        _party(WAREHOUSE, 8);
        _party(FIRST_APPRAISER, 64);
        _party(SECOND_APPRAISER, 64);
        _party(undertaker, 1);
        vm.prank(undertaker);
        cash.approve(address(facilities), type(uint256).max);
        item = warehouseReceipts.itemOf(SKU, "A", "KGM");
        bytes32[] memory items = new bytes32[](1);
        items[0] = item;
        vm.prank(OPERATOR);
        prices.list(items, CNY, 100_000, PRICE_AGE);
        _priced(TEN);
        vm.prank(seller);
        orders.setApprovalForAll(address(facilities), true);
        IProducts.ProductTerms memory terms = _goodsProduct();
        product = _add(terms);
        facilityId = _agreedFacility(product, 72_000, 10_000_000_00);
    }

    function _goodsProduct() internal view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.WarehouseReceipt;
        terms.advanceRate = 700_000;
    }

    /// Both appraisers agree on the price, as of now.
    function _priced(uint64 value) internal {
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory newPrice = _price(value, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        prices.post(newPrice);
        if (prices.quote(item, CNY).proposer == address(0)) return;
        vm.prank(SECOND_APPRAISER);
        prices.confirm(newPrice);
    }

    function _price(uint64 value, uint24 haircut) internal view returns (IPriceFeed.Price[] memory newPrice) {
        newPrice = new IPriceFeed.Price[](1);
        uint40 timestamp = uint40(block.timestamp);
        newPrice[0] = IPriceFeed.Price(item, CNY, value, haircut, timestamp, timestamp + PRICE_AGE, DOCUMENTS);
    }

    function _lotTerms(uint96 quantity) internal returns (IWarehouseReceipts.LotTerms memory) {
        return IWarehouseReceipts.LotTerms({
            depositor: seller,
            sku: SKU,
            grade: "A",
            unit: "KGM",
            quantity: quantity,
            storedDay: _today(),
            expiryDay: _today() + 180,
            maxDepth: 8,
            negotiable: true,
            orderId: 0,
            fingerprint: keccak256(abi.encode("lot", ++_documentCount)),
            documentRoot: DOCUMENTS,
            legalTextHash: keccak256("text")
        });
    }

    function _issue(IWarehouseReceipts.LotTerms memory terms) internal returns (LotId lotId, uint256 id) {
        WarehouseReceiptId warehouseReceiptId;
        vm.prank(WAREHOUSE);
        (lotId, warehouseReceiptId) = warehouseReceipts.issue(terms);
        id = WarehouseReceiptId.unwrap(warehouseReceiptId);
    }

    /// A warehouse receipt of the seller for this many grams, stored today.
    function _warehouseReceipt(uint96 quantity) internal returns (uint256 id) {
        (, id) = _issue(_lotTerms(quantity));
    }

    function _items(uint256 warehouseReceiptId) internal pure returns (ICollateral.CollateralItem[] memory items) {
        items = new ICollateral.CollateralItem[](1);
        items[0] = ICollateral.CollateralItem(IProducts.CollateralKind.WarehouseReceipt, warehouseReceiptId, 0);
    }

    function _part(uint256 warehouseReceiptId, uint96 quantity)
        internal
        pure
        returns (ICollateral.CollateralItem[] memory items)
    {
        items = _items(warehouseReceiptId);
        items[0].value = quantity;
    }

    function _none() internal pure returns (ICollateral.CollateralItem[] memory) {
        return new ICollateral.CollateralItem[](0);
    }

    function _drawOn(uint64 amount, ICollateral.CollateralItem[] memory items) internal returns (LoanId) {
        vm.prank(seller);
        return facilities.drawOnGoods(_request(facilityId, amount, LoanMath.Style.Bullet, 180, 0), items);
    }

    /// 1,000 kg at 10.00: 10,000.00, of which 6,000.00 can be lent.
    function _loanOnGoods(uint64 amount) internal returns (LoanId loanId, uint256 warehouseReceiptId) {
        warehouseReceiptId = _warehouseReceipt(1_000_000);
        loanId = _drawOn(amount, _items(warehouseReceiptId));
    }

    function _payoff(LoanId loanId) internal view returns (uint64) {
        return uint64(_sum(facilities.loan(loanId).payoff));
    }

    function _statusOfLoan(LoanId loanId) internal view returns (ILoans.Status) {
        return facilities.loan(loanId).status;
    }

    function _order(uint96 amount) internal returns (OrderId orderId) {
        IPurchaseOrders.OrderTerms memory terms = IPurchaseOrders.OrderTerms({
            seller: seller,
            buyer: debtor,
            currency: address(cash),
            amount: amount,
            deliveryDay: _today() + 30,
            expiryDay: _today() + 120,
            fingerprint: keccak256(abi.encode("order", ++_documentCount)),
            documentRoot: DOCUMENTS,
            legalTextHash: keccak256("text")
        });
        vm.prank(seller);
        orderId = orders.request(terms);
        orders.confirm(orderId, _signed(DEBTOR_KEY, orders.confirmationDigest(orderId)));
    }
}
