// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {COSTS, DEFAULTED, PostingWord, WAIVED_INTEREST, WAIVED_PENALTY} from "../../../contracts/types/PostingWord.sol";
import {RestructuringFixture} from "./RestructuringFixture.sol";

/// Waivers, partial write-offs, and costs by a court's order.
contract WaiversTest is RestructuringFixture {
    // ------------------------------------------------------------------ waivers

    function test_waiver_takes_what_is_owed_and_no_more() public {
        LoanId loanId = _defaulted();
        uint256 before = cash.balanceOf(bank);
        _waive(loanId, 1_000_00, 0);
        assertEq(_owed(loanId), 1_011_000_00, "a part of the penalty");
        _waive(loanId, type(uint64).max, type(uint64).max);
        assertEq(_owed(loanId), DRAWN, "principal alone");
        assertEq(cash.balanceOf(bank), before, "no money moves");
        vm.expectRevert(abi.encodeWithSelector(ILoans.NothingOwed.selector, loanId));
        vm.prank(bank);
        facilities.waive(loanId, 1, 1);
    }

    function test_waiver_of_interest_so_far_leaves_what_runs_later() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(30);
        _waive(loanId, 0, type(uint64).max);
        assertEq(_owed(loanId), DRAWN, "nothing of the first month");
        _days(30);
        assertEq(_sum(_loan(loanId).due), DRAWN + uint256(6_000_00), "the second month");
    }

    function test_waiver_of_overdue_interest_ends_the_mark() public {
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.InterestOnly, 3, 0);
        _days(40);
        facilities.markOverdue(loanId);
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 1, "marked");
        _waive(loanId, type(uint64).max, type(uint64).max);
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 0, "no longer");
        assertTrue(!_loan(loanId).markedOverdue, "no longer");
    }

    function test_only_the_party_whose_money_is_lent_waives() public {
        LoanId loanId = _entrusted();
        address[3] memory others = [bank, seller, otherBank];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IFacilities.NotLender.selector, _loan(loanId).facilityId, entruster, others[i])
            );
            vm.prank(others[i]);
            facilities.waive(loanId, 1, 0);
        }
        uint256 before = cash.balanceOf(bank);
        vm.prank(entruster);
        facilities.waive(loanId, 1_000_00, 2_000_00);
        assertEq(cash.balanceOf(bank), before + 300_00, "the administering bank keeps its fee");
    }

    function test_nothing_is_waived_on_a_repaid_loan() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _repay(loanId, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
        vm.prank(bank);
        facilities.waive(loanId, 1, 1);
    }

    /// A payment that came in earlier leaves less penalty on the waiver's day: the rest of the waiver falls away, and is
    /// not credited to anything else.
    function test_correction_replays_a_waiver_up_to_what_is_owed_then() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        uint24 due = _today() + 30;
        _days(50);
        _waive(loanId, type(uint64).max, 0);
        _days(10);
        uint256 owed = _owed(loanId);
        PostingWord posting = _record(loanId, 1_006_000_00, due);
        assertEq(_owed(loanId), 0, "paid on its due day, so no penalty to waive");
        assertEq(facilities.postingsOf(loanId).overpaid, 0, "and nothing is overpaid");
        _reverse(loanId, posting);
        assertEq(_owed(loanId), owed, "the waiver counts again");
    }

    // ------------------------------------------------------------------ partial write-offs

    function test_partial_write_off_changes_no_debt() public {
        LoanId loanId = _defaulted();
        uint256 owed = _owed(loanId);
        vm.startPrank(bank);
        facilities.writeOffInPart(loanId, 300_000_00);
        facilities.writeOffInPart(loanId, 200_000_00);
        assertEq(facilities.reliefOf(loanId).writtenOff, 500_000_00, "recorded");
        assertEq(_owed(loanId), owed, "still owed");
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), 500_000_01, 1, 500_000_00)
        );
        facilities.writeOffInPart(loanId, 500_000_01);
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), 0, 1, 500_000_00)
        );
        facilities.writeOffInPart(loanId, 0);
        vm.stopPrank();
        _repay(loanId, 12_000_00 + 800_000_00);
        assertEq(facilities.reliefOf(loanId).writtenOff, 200_000_00, "no more than is owed");
    }

    function test_partial_write_off_is_the_lenders_and_needs_a_default() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Running));
        vm.prank(bank);
        facilities.writeOffInPart(loanId, 1);
        LoanId defaulted = _defaulted();
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.NotLender.selector, _loan(defaulted).facilityId, bank, seller)
        );
        vm.prank(seller);
        facilities.writeOffInPart(defaulted, 1);
    }

    // ------------------------------------------------------------------ costs by a court's order

    function test_court_orders_costs_without_the_borrower() public {
        LoanId loanId = _defaulted();
        uint256 owed = _owed(loanId);
        _order(address(facilities), abi.encodeCall(facilities.forcedCosts, (loanId, 350_00, keccak256("order"))));
        assertTrue(_loan(loanId).due.costs == 350_00, "costs");
        assertTrue(_owed(loanId) >= owed + 350_00, "owed");
    }

    function test_nobody_else_charges_costs_without_the_borrower() public {
        LoanId loanId = _defaulted();
        address[3] memory others = [bank, seller, FIRST_REGULATOR];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotCourt.selector, others[i]));
            vm.prank(others[i]);
            facilities.forcedCosts(loanId, 350_00, keccak256("order"));
        }
    }

    function test_costs_of_the_court_have_the_bounds_of_other_costs() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        vm.startPrank(address(court));
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), 0, 1, 10_000_000_00)
        );
        facilities.forcedCosts(loanId, 0, keccak256("order"));
        vm.stopPrank();
        _repay(loanId, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
        vm.prank(address(court));
        facilities.forcedCosts(loanId, 1, keccak256("order"));
    }

    /// Costs of the court are postings like others: a correction posts them again.
    function test_correction_keeps_the_costs_of_the_court() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        uint24 due = _today() + 30;
        _days(50);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
        vm.prank(address(court));
        facilities.forcedCosts(loanId, 350_00, keccak256("order"));
        _note(loanId, COSTS, 350_00);
        _record(loanId, 1_006_000_00, due);
        assertEq(_owed(loanId), 350_00, "the costs alone");
    }

    // ------------------------------------------------------------------ helpers

    function _waive(LoanId loanId, uint64 penalty, uint64 interest) private {
        uint256 penaltyBefore = _loan(loanId).payoff.penalty;
        uint256 interestBefore = _loan(loanId).payoff.interest;
        vm.prank(bank);
        facilities.waive(loanId, penalty, interest);
        penaltyBefore -= _loan(loanId).payoff.penalty;
        interestBefore -= _loan(loanId).payoff.interest;
        if (penaltyBefore != 0) _note(loanId, WAIVED_PENALTY, penaltyBefore);
        if (interestBefore != 0) _note(loanId, WAIVED_INTEREST, interestBefore);
    }

    function _entrusted() private returns (LoanId loanId) {
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, DRAWN);
        terms.entruster = entruster;
        terms.administrationFee = 100_000;
        loanId = _bullet(_agree(terms), DRAWN, 30);
        _days(50);
    }
}
