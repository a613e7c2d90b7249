// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../../contracts/orders/IPurchaseOrders.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    WarehouseReceiptId,
    ReceivableId
} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// A loan and its lien are converted from an order to goods and from goods to the claim, in one transaction each, in
/// parts too.
contract OrderConversionTest is GoodsFixture {
    FacilityId private _orderFacility;
    OrderId private _orderId;
    LoanId private _loan;

    function setUp() public override {
        super.setUp();
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        vm.prank(OPERATOR);
        _orderFacility = _agreedFacility(
            products.add(
                "order", terms, _goodsOf(IProducts.CollateralKind.WarehouseReceipt), _fixedRate(), _noEvidence()
            ),
            72_000,
            1_000_000_00
        );
        _orderId = _order(20_000_00);
        _loan = _draw(_orderFacility, 14_000_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(_orderId));
    }

    function test_an_order_becomes_goods_and_the_goods_a_claim_and_the_claim_money() public {
        (LotId lotId, uint256 id) = _delivered(2_000_000, 20_000_00);
        _converted(lotId, id, 20_000_00);
        assertEq(warehouseReceipts.lienholderOf(id), address(facilities), "goods under lien");
        assertEq(orders.order(_orderId).delivered, 20_000_00, "delivered");
        assertEq(facilities.collateralOf(_loan).lendable, 12_000_00, "goods alone");

        ReceivableId receivableId = _request(20_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        ClaimId claimId = facilities.convertGoodsToClaim(
            _loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0
        );
        assertEq(warehouseReceipts.ownerOf(id), debtor, "the buyer has the goods");
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free");
        assertEq(receivables.lienholderOf(ClaimId.unwrap(claimId)), address(facilities), "claim under lien");
        assertTrue(orders.order(_orderId).status == IPurchaseOrders.Status.Invoiced, "order done");
        assertEq(orders.order(_orderId).lienholder, address(0), "order free");
        assertEq(facilities.collateralOf(_loan).items.length, 1, "the claim alone");

        _days(20);
        _pay(receivableId, 20_000_00);
        uint64 owed = _payoff(_loan);
        uint256 before = cash.balanceOf(seller);
        receivables.collect(claimId);
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Repaid, "repaid");
        assertEq(cash.balanceOf(seller) - before, 20_000_00 - owed, "the rest");
    }

    function test_part_delivery_and_part_invoice_leave_the_rest_unchanged() public {
        (LotId lotId, uint256 id) = _delivered(800_000, 8_000_00);
        _converted(lotId, id, 8_000_00);
        ICollateral.CollateralState memory collateral = facilities.collateralOf(_loan);
        assertEq(collateral.items.length, 2, "order and goods");
        // 70 % of the 12,000.00 that are to come and 60 % of 8,000.00.
        assertEq(collateral.lendable, 13_200_00, "lendable");
        ReceivableId receivableId = _request(4_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.expectEmit(address(orders));
        emit IPurchaseOrders.DeliveryInvoiced(_orderId, lotId, receivableId, 4_000_00, 4_000_00);
        vm.prank(seller);
        facilities.convertGoodsToClaim(
            _loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 400_000
        );
        assertEq(orders.deliveredInto(_orderId, lotId), 4_000_00, "left in the lot");
        assertEq(orders.order(_orderId).invoiced, 4_000_00, "invoiced");
        collateral = facilities.collateralOf(_loan);
        assertEq(collateral.items.length, 3, "order, goods, claim");
        assertEq(collateral.lendable, 8_400_00 + 2_400_00 + 2_800_00, "lendable");
        assertEq(warehouseReceipts.balanceOf(id), 400_000, "goods that stay");
    }

    function test_goods_of_another_order_or_a_delivery_unsigned_are_refused() public {
        (LotId lotId, uint256 id) = _delivered(2_000_000, 20_000_00);
        IPurchaseOrders.Delivery memory delivery = _delivery(lotId, 20_000_00);
        bytes32 digest = orders.deliveryDigest(delivery);
        bytes memory buyers = _signed(DEBTOR_KEY, digest);
        bytes memory sellers = _signed(SELLER_KEY, digest);
        vm.expectPartialRevert(IPurchaseOrders.DeliverySignatureInvalid.selector);
        vm.prank(seller);
        facilities.convertToGoods(_loan, delivery, sellers, WarehouseReceiptId.wrap(id));
        vm.expectPartialRevert(IPurchaseOrders.NotLienholder.selector);
        vm.prank(seller);
        orders.deliver(delivery, buyers);
        (, uint256 other) = _issue(_lotTerms(1_000));
        vm.expectRevert(abi.encodeWithSelector(ICollateral.NotOfTheOrder.selector, delivery.orderId, other));
        vm.prank(seller);
        facilities.convertToGoods(_loan, delivery, buyers, WarehouseReceiptId.wrap(other));
        vm.expectPartialRevert(IFacilities.NotLender.selector);
        facilities.convertToGoods(_loan, delivery, buyers, WarehouseReceiptId.wrap(id));
        vm.startPrank(bank);
        facilities.convertToGoods(_loan, delivery, buyers, WarehouseReceiptId.wrap(id));
        vm.expectPartialRevert(IPurchaseOrders.DeliveredAlready.selector);
        facilities.convertToGoods(_loan, delivery, buyers, WarehouseReceiptId.wrap(id));
        vm.stopPrank();
    }

    function test_delivery_is_refused_for_a_lot_without_order_or_with_a_part_gone() public {
        (LotId lotId, uint256 id) = _issue(_lotTerms(1_000));
        IPurchaseOrders.Delivery memory delivery = _delivery(lotId, 1_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.expectRevert(abi.encodeWithSelector(ICollateral.NotOfTheOrder.selector, delivery.orderId, id));
        vm.prank(debtor);
        facilities.convertToGoods(_loan, delivery, signature, WarehouseReceiptId.wrap(id));
        (lotId, id) = _delivered(1_000, 1_000_00);
        vm.prank(seller);
        warehouseReceipts.assign(id, suppliers[0], 1, 0);
        delivery = _delivery(lotId, 1_000_00);
        signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.expectRevert(abi.encodeWithSelector(ICollateral.NotOfTheOrder.selector, delivery.orderId, id));
        vm.prank(debtor);
        facilities.convertToGoods(_loan, delivery, signature, WarehouseReceiptId.wrap(id));
    }

    function test_claim_that_replaces_goods_must_be_on_the_invoiced_debt() public {
        (LotId lotId, uint256 id) = _delivered(2_000_000, 20_000_00);
        _converted(lotId, id, 20_000_00);
        (ReceivableId receivableId,) = _confirmed(20_000_00);
        (, uint256 other) = _confirmed(30_000_00);
        vm.prank(seller);
        vm.expectPartialRevert(ICollateral.CollateralNotOfBorrower.selector);
        facilities.convertGoodsToClaim(_loan, receivableId, ClaimId.wrap(other), "", WarehouseReceiptId.wrap(id), 0);
    }

    function test_an_invoice_that_cures_ends_the_call() public {
        (LotId lotId, uint256 id) = _delivered(2_000_000, 20_000_00);
        _converted(lotId, id, 20_000_00);
        facilities.checkMargin(_loan);
        ReceivableId receivableId = _request(20_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(_loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
        assertEq(facilities.collateralOf(_loan).calledDay, 0, "ended");
    }

    function test_goods_are_released_only_for_collateral_of_equal_value() public {
        (LotId lotId, uint256 id) = _delivered(2_000_000, 20_000_00);
        _converted(lotId, id, 20_000_00);
        ReceivableId receivableId = _request(10_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.startPrank(seller);
        vm.expectPartialRevert(ICollateral.CollateralWorse.selector);
        facilities.convertGoodsToClaim(_loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
        facilities.convertGoodsToClaim(
            _loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 1_000_000
        );
        vm.stopPrank();
    }

    function test_goods_without_a_price_are_released_only_for_the_whole_debt() public {
        (LotId lotId, uint256 id) = _delivered(2_000_000, 20_000_00);
        _converted(lotId, id, 20_000_00);
        vm.prank(WAREHOUSE);
        warehouseReceipts.inspect(lotId, IWarehouseReceipts.Condition.Unfit, DOCUMENTS);
        ReceivableId receivableId = _request(10_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        vm.expectPartialRevert(ICollateral.CollateralWorse.selector);
        facilities.convertGoodsToClaim(_loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
    }

    function test_convert_goods_to_claim_reverts_for_all_but_the_borrower() public {
        (LotId lotId, uint256 id) = _delivered(2_000_000, 20_000_00);
        _converted(lotId, id, 20_000_00);
        ReceivableId receivableId = _request(20_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        address[3] memory others = [bank, debtor, STRANGER];
        for (uint256 i; i < 3; ++i) {
            vm.prank(others[i]);
            vm.expectPartialRevert(IFacilities.NotBorrower.selector);
            facilities.convertGoodsToClaim(
                _loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0
            );
        }
    }

    function test_the_invoice_is_for_what_was_delivered_into_the_lot() public {
        (LotId lotId, uint256 id) = _delivered(800_000, 8_000_00);
        _converted(lotId, id, 8_000_00);
        ReceivableId receivableId = _request(8_000_01);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        vm.expectPartialRevert(IPurchaseOrders.InvoicedBeyondOrder.selector);
        facilities.convertGoodsToClaim(_loan, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
    }

    function test_convert_to_goods_reverts_without_agreed_margin() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        FacilityId bare = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
        OrderId orderId = _order(1_000_00);
        LoanId loanId = _draw(bare, 100_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(orderId));
        IPurchaseOrders.Delivery memory delivery =
            IPurchaseOrders.Delivery(OrderId.unwrap(orderId), 1, 1_000_00, DOCUMENTS, type(uint40).max);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.MarginNotAgreed.selector, loanId));
        vm.prank(seller);
        facilities.convertToGoods(loanId, delivery, "", WarehouseReceiptId.wrap(1));
    }

    function testFuzz_what_is_delivered_and_invoiced_never_exceeds_the_order(
        uint96[4] memory amounts,
        uint96[4] memory faces
    ) public {
        OrderId orderId = _order(1_000_00);
        for (uint256 i; i < 4; ++i) {
            IPurchaseOrders.Delivery memory delivery = IPurchaseOrders.Delivery(
                OrderId.unwrap(orderId), 100 + i % 3, uint96(bound(amounts[i], 1, 600_00)), DOCUMENTS, type(uint40).max
            );
            bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
            vm.prank(seller);
            try orders.deliver(delivery, signature) {} catch {}
            (ReceivableId receivableId,) = _confirmed(uint96(bound(faces[i], 1, 600_00)));
            vm.prank(seller);
            try orders.invoiceDelivered(orderId, receivableId, LotId.wrap(100 + i % 3)) {} catch {}
            vm.prank(seller);
            try orders.invoice(orderId, receivableId) {} catch {}
            IPurchaseOrders.Order memory timestamp = orders.order(orderId);
            assertTrue(uint256(timestamp.invoiced) + timestamp.delivered <= timestamp.amount, "within the order");
            uint256 inLots;
            for (uint256 lot = 100; lot < 103; ++lot) {
                inLots += orders.deliveredInto(orderId, LotId.wrap(lot));
            }
            assertEq(timestamp.delivered, inLots, "delivered is what lies in lots");
        }
    }

    // ------------------------------------------------------------------ parts of the above

    function _delivered(uint96 quantity, uint96) private returns (LotId lotId, uint256 id) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(quantity);
        terms.orderId = OrderId.unwrap(_orderId);
        return _issue(terms);
    }

    function _delivery(LotId lotId, uint96 amount) private view returns (IPurchaseOrders.Delivery memory) {
        return
            IPurchaseOrders.Delivery(OrderId.unwrap(_orderId), LotId.unwrap(lotId), amount, DOCUMENTS, type(uint40).max);
    }

    /// The lender takes what counts for less than the order.
    function _converted(LotId lotId, uint256 id, uint96 amount) private {
        IPurchaseOrders.Delivery memory delivery = _delivery(lotId, amount);
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.prank(bank);
        facilities.convertToGoods(_loan, delivery, signature, WarehouseReceiptId.wrap(id));
    }
}
