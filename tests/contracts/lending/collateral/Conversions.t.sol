// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../../contracts/orders/IPurchaseOrders.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
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

/// Collateral that is converted, and parts of it that a court split off.
contract ConversionsTest is GoodsFixture {
    function test_conversion_reverts_when_the_claim_is_worth_less_than_the_goods() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept();
        // 70 % of 8,571.42 is a fen less than the debt, and less than before.
        ReceivableId receivableId = _request(8_571_41);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.CollateralWorse.selector, loanId, 5_999_98, 6_000_00, 6_000_00)
        );
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
        receivableId = _request(8_571_43);
        signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
        assertEq(warehouseReceipts.ownerOf(id), debtor, "the buyer's goods");
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free");
    }

    function test_conversion_reverts_for_a_receivable_of_another_seller() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        _accept();
        IReceivables.ReceivableTerms memory terms = _terms(20_000_00);
        terms.seller = suppliers[0];
        vm.prank(suppliers[0]);
        ReceivableId receivableId = receivables.request(terms);
        ClaimId claimId =
            receivables.confirm(receivableId, _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId)));
        vm.prank(suppliers[0]);
        receivables.assign(ClaimId.unwrap(claimId), seller, 20_000_00, 0);
        vm.prank(seller);
        vm.expectPartialRevert(ICollateral.CollateralNotOfBorrower.selector);
        facilities.convertGoodsToClaim(loanId, receivableId, claimId, "", WarehouseReceiptId.wrap(id), 0);
    }

    function test_substitution_reverts_when_it_removes_more_than_there_is() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(1_00);
        vm.startPrank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("value"), 1_000_001, 1, 1_000_000)
        );
        facilities.substituteCollateral(loanId, _none(), _part(id, 1_000_001));
        facilities.substituteCollateral(loanId, _none(), _part(id, 999_000));
        vm.stopPrank();
        assertEq(warehouseReceipts.balanceOf(id), 1_000, "what stays");
        assertEq(warehouseReceipts.lienholderOf(id + 1), address(0), "what went is free");
    }

    function test_an_order_counts_to_its_last_day() public {
        (LoanId loanId, OrderId orderId) = _loanOnOrder();
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(100_000);
        terms.orderId = OrderId.unwrap(orderId);
        (LotId lotId, uint256 id) = _issue(terms);
        IPurchaseOrders.Delivery memory delivery;
        delivery.orderId = OrderId.unwrap(orderId);
        delivery.lotId = LotId.unwrap(lotId);
        delivery.amount = 1_000_00;
        delivery.documentRoot = DOCUMENTS;
        delivery.deadline = _deadline();
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.prank(debtor);
        facilities.convertToGoods(loanId, delivery, signature, WarehouseReceiptId.wrap(id));
        uint256 last = orders.order(orderId).expiryDay;
        _toDay(last);
        _priced(TEN);
        // 600.00 of goods, and 70 % of what is not delivered.
        assertEq(facilities.collateralOf(loanId).lendable, 600_00 + 13_300_00, "on the last day");
        _days(1);
        assertEq(facilities.collateralOf(loanId).lendable, 600_00, "and not on the next");
    }

    // ------------------------------------------------------------------ what a court split off

    function test_a_part_that_a_court_split_off_an_encumbered_warehouse_receipt_is_still_collateral() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _order(
            address(warehouseReceipts),
            abi.encodeCall(warehouseReceipts.forcedTransfer, (id, suppliers[0], 400_000, keccak256("order")))
        );
        uint256 part = id + 1;
        assertEq(warehouseReceipts.lienholderOf(part), address(facilities), "the lien stays");
        vm.prank(suppliers[0]);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateral.LienServesLoan.selector, IProducts.CollateralKind.WarehouseReceipt, part, loanId
            )
        );
        facilities.releaseIdleLien(IProducts.CollateralKind.WarehouseReceipt, part);
        vm.prank(STRANGER);
        facilities.followPart(IProducts.CollateralKind.WarehouseReceipt, part);
        assertEq(facilities.collateralOf(loanId).items.length, 2, "an item");
        assertEq(facilities.collateralOf(loanId).lendable, 6_000_00, "all goods count");
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.NoIdleLien.selector, IProducts.CollateralKind.WarehouseReceipt, part)
        );
        facilities.followPart(IProducts.CollateralKind.WarehouseReceipt, part);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.NoIdleLien.selector, IProducts.CollateralKind.WarehouseReceipt, id)
        );
        facilities.followPart(IProducts.CollateralKind.WarehouseReceipt, id);
        _repay(loanId, _payoff(loanId));
        assertEq(warehouseReceipts.lienholderOf(part), address(0), "free with the last cent");
        assertEq(warehouseReceipts.ownerOf(part), suppliers[0], "for the one the court gave it to");
    }

    function test_idle_lien_on_a_forced_part_is_released_by_its_owner_once_the_loan_is_repaid() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _order(
            address(warehouseReceipts),
            abi.encodeCall(warehouseReceipts.forcedTransfer, (id, suppliers[0], 400_000, keccak256("order")))
        );
        _repay(loanId, _payoff(loanId));
        uint256 part = id + 1;
        assertEq(warehouseReceipts.lienholderOf(part), address(facilities), "nobody followed it");
        vm.prank(suppliers[1]);
        vm.expectPartialRevert(ICollateral.CollateralNotOfBorrower.selector);
        facilities.releaseIdleLien(IProducts.CollateralKind.WarehouseReceipt, part);
        vm.prank(suppliers[0]);
        facilities.releaseIdleLien(IProducts.CollateralKind.WarehouseReceipt, part);
        assertEq(warehouseReceipts.lienholderOf(part), address(0), "free");
        vm.prank(suppliers[0]);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.NoIdleLien.selector, IProducts.CollateralKind.WarehouseReceipt, part)
        );
        facilities.releaseIdleLien(IProducts.CollateralKind.WarehouseReceipt, part);
    }

    function test_release_idle_lien_reverts_when_the_lien_belongs_to_a_loan() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        vm.startPrank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateral.LienServesLoan.selector, IProducts.CollateralKind.WarehouseReceipt, id, loanId
            )
        );
        facilities.releaseIdleLien(IProducts.CollateralKind.WarehouseReceipt, id);
        vm.expectPartialRevert(ICollateral.NoIdleLien.selector);
        facilities.releaseIdleLien(IProducts.CollateralKind.None, id);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ parts of the above

    function _accept() private {
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
    }

    function _loanOnOrder() private returns (LoanId loanId, OrderId orderId) {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        vm.prank(OPERATOR);
        FacilityId orderFacility = _agreedFacility(
            products.add(
                "order", terms, _goodsOf(IProducts.CollateralKind.WarehouseReceipt), _fixedRate(), _noEvidence()
            ),
            72_000,
            1_000_000_00
        );
        orderId = _order(20_000_00);
        loanId = _draw(orderFacility, 10_000_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(orderId));
    }
}
