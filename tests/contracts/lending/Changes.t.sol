// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../contracts/orders/IPurchaseOrders.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "./GoodsFixture.sol";

/// The bounds of what both sides may change in a running loan.
contract ChangesTest is GoodsFixture {
    FacilityId private _plainLine;
    uint256 private _nonce;

    function setUp() public override {
        super.setUp();
        _plainLine = _agreedFacility(_add(_plainProduct()), 72_000, 100_000_00);
    }

    function test_extend_reverts_from_the_due_day_on_in_grace_and_overdue() public {
        LoanId loanId = _bullet(_plainLine, 1_000_00, 30);
        uint24 later = _today() + 90;
        for (uint256 day = 30; day < 36; ++day) {
            vm.warp((later - 90 + day) * DAY);
            (ILoans.Extension memory provided, bytes memory lender, bytes memory borrower) =
                _extension(loanId, later, 0);
            vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Running));
            facilities.extend(provided, lender, borrower);
        }
    }

    function test_extend_of_a_schedule_reverts_in_grace_and_overdue() public {
        LoanId loanId = _draw(_plainLine, 1_000_00, LoanMath.Style.EqualPrincipal, 3, 0);
        uint256 due = LoanMath.dueDayOf(facilities.loan(loanId).terms, 1);
        for (uint256 day = due; day < due + 6; ++day) {
            vm.warp(day * DAY);
            (ILoans.Extension memory provided, bytes memory lender, bytes memory borrower) = _extension(loanId, 0, 6);
            vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Running));
            facilities.extend(provided, lender, borrower);
        }
        _repay(loanId, uint64(_sum(facilities.loan(loanId).due)));
        (ILoans.Extension memory again, bytes memory first, bytes memory second) = _extension(loanId, 0, 6);
        facilities.extend(again, first, second);
        assertEq(facilities.loan(loanId).terms.periods, 6, "once nothing is unpaid");
    }

    function test_extend_reverts_beyond_the_maximum_tenor_and_takes_its_last_day() public {
        LoanId loanId = _bullet(_plainLine, 1_000_00, 30);
        uint24 max = _today() + 360;
        (ILoans.Extension memory provided, bytes memory lender, bytes memory borrower) = _extension(loanId, max + 1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("dueDay"), max + 1, max - 329, max)
        );
        facilities.extend(provided, lender, borrower);
        (provided, lender, borrower) = _extension(loanId, max, 0);
        facilities.extend(provided, lender, borrower);
        assertEq(facilities.loan(loanId).terms.dueDay, max, "the last day that the product allows");
    }

    function test_instalments_of_a_bill_cost_no_interest_of_the_first_day_and_carry_its_costs() public {
        IProducts.ProductTerms memory terms = _billProduct();
        terms.sameDayInterest = true;
        FacilityId billFacility = _agreedFacility(_add(terms), 180_000, 10_000_00);
        LoanId loanId = _draw(billFacility, 900_00, LoanMath.Style.BillingCycle, 0, 0);
        bytes32 digest = facilities.costsDigest(loanId, 7_00, DOCUMENTS, _deadline(), 1);
        bytes memory signature = _signed(SELLER_KEY, digest);
        vm.prank(bank);
        facilities.chargeCosts(loanId, 7_00, DOCUMENTS, _deadline(), 1, signature);
        LoanId[] memory loans = new LoanId[](1);
        loans[0] = loanId;
        vm.prank(seller);
        facilities.payInInstalments(loans, 3, 0);
        ILoans.Loan memory loanRow = facilities.loan(loanId);
        assertEq(loanRow.due.costs, 7_00, "the costs stay owed");
        assertTrue(!loanRow.terms.sameDayInterest, "no first day");
        assertEq(loanRow.payoff.interest, 0, "nothing has run up");
        vm.warp(LoanMath.dueDayOf(loanRow.terms, 1) * DAY);
        assertEq(facilities.loan(loanId).due.interest, 13_50, "a month's interest, and no day more");
    }

    function test_charge_costs_reverts_above_the_facilitys_limit_and_at_zero() public {
        LoanId loanId = _bullet(_plainLine, 1_000_00, 30);
        uint64[2] memory amounts = [uint64(0), 100_000_01];
        for (uint256 i; i < amounts.length; ++i) {
            bytes memory signature =
                _signed(SELLER_KEY, facilities.costsDigest(loanId, amounts[i], DOCUMENTS, _deadline(), 1));
            vm.prank(bank);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IFacilities.TermOutOfRange.selector, bytes32("amount"), amounts[i], 1, 100_000_00
                )
            );
            facilities.chargeCosts(loanId, amounts[i], DOCUMENTS, _deadline(), 1, signature);
        }
        bytes memory max = _signed(SELLER_KEY, facilities.costsDigest(loanId, 100_000_00, DOCUMENTS, _deadline(), 1));
        vm.prank(bank);
        facilities.chargeCosts(loanId, 100_000_00, DOCUMENTS, _deadline(), 1, max);
        assertEq(facilities.loan(loanId).due.costs, 100_000_00, "as much as the limit");
    }

    function test_convert_to_claim_counts_only_what_the_claim_is_still_worth() public {
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        FacilityId orderFacility = _agreedFacility(_add(terms), 72_000, 100_000_00);
        OrderId orderId = _order(1_000_00);
        LoanId loanId = _draw(orderFacility, 700_00, LoanMath.Style.Bullet, 30, OrderId.unwrap(orderId));
        (ReceivableId receivableId, uint256 id) = _confirmed(1_000_00);
        _pay(receivableId, 300_01);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, id, 699_99, 700_00));
        facilities.convertToClaim(loanId, receivableId, ClaimId.wrap(id), "");
        _repay(loanId, 1);
        vm.prank(seller);
        facilities.convertToClaim(loanId, receivableId, ClaimId.wrap(id), "");
        assertTrue(orders.order(orderId).status == IPurchaseOrders.Status.Invoiced, "converted");
    }

    function _extension(LoanId loanId, uint24 dueDay, uint8 periods)
        private
        returns (ILoans.Extension memory provided, bytes memory lender, bytes memory borrower)
    {
        provided = ILoans.Extension(LoanId.unwrap(loanId), dueDay, periods, _deadline(), ++_nonce);
        bytes32 digest = facilities.extensionDigest(provided);
        (lender, borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }
}
