// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {LendingFixture} from "./LendingFixture.sol";
import {ParticipationsFixture} from "./ParticipationsFixture.sol";
import {PostingsFixture} from "./PostingsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// A bill on which payments outside the ledger are recorded goes into instalments if the borrower owes them again. So no
/// cent keeps it out of them, and the lender goes on correcting what it records.
contract BillPaymentsTest is PostingsFixture, ParticipationsFixture {
    uint64 private constant BOUGHT = 900_00;
    FacilityId private _facility;
    LoanId private _loanId;

    function setUp() public override(LendingFixture, SalesFixture) {
        super.setUp();
        _facility = _agreedFacility(_add(_billProduct()), 180_000, 10_000_00);
        _loanId = _bought();
    }

    function test_recorded_cent_keeps_no_bill_out_of_instalments() public {
        _record(_loanId, 1, _today());
        _expectRecorded(_loanId, 1);
        _inInstalments(0);
        vm.expectEmit(address(facilities));
        emit IPostings.PaymentsRenounced(_loanId, 1, 1);
        _inInstalments(1);
        ILoans.Loan memory loan = facilities.loan(_loanId);
        assertTrue(loan.terms.style == LoanMath.Style.EqualInstalment, "in instalments");
        assertEq(loan.state.balance, BOUGHT, "all of it is owed");
        assertEq(facilities.facility(_facility).outstanding, BOUGHT, "also on the facility");
    }

    /// What came in the lender records once more, and corrects it like any other payment.
    function test_lender_records_anew_what_was_renounced_and_can_reverse_it() public {
        _record(_loanId, 100_00, _today());
        _inInstalments(100_00);
        IPostings.History memory history;
        history.fromDay = _today();
        history.start = facilities.loan(_loanId).state;
        PostingWord posting = _record(_loanId, 100_00, _today());
        assertEq(facilities.loan(_loanId).state.balance, 800_00, "100.00 came in");
        assertEq(posting.recordedDay(), _today(), "with days of its own");
        history.postings = new PostingWord[](1);
        history.postings[0] = posting;
        IPostings.Correction memory reversal = _reversal(_loanId, posting);
        vm.prank(bank);
        facilities.correctPayment(reversal, history, _none(), "");
        assertEq(facilities.loan(_loanId).state.balance, BOUGHT, "and went back");
        assertEq(facilities.facility(_facility).outstanding, BOUGHT, "the facility's sum");
    }

    /// 7.00 of the payment paid costs.
    function test_costs_that_were_paid_are_owed_again() public {
        bytes32 digest = facilities.costsDigest(_loanId, 7_00, "invoice", _deadline(), 1);
        bytes memory signature = _signed(SELLER_KEY, digest);
        vm.prank(bank);
        facilities.chargeCosts(_loanId, 7_00, "invoice", _deadline(), 1, signature);
        _record(_loanId, 100_00, _today());
        assertEq(facilities.loan(_loanId).state.balance, 807_00, "93.00 of principal");
        vm.expectEmit(address(facilities));
        emit IPostings.PaymentsRenounced(_loanId, 100_00, 93_00);
        _inInstalments(100_00);
        ILoans.Loan memory loan = facilities.loan(_loanId);
        assertEq(loan.state.balance, BOUGHT, "principal");
        assertEq(loan.due.costs, 7_00, "costs");
    }

    /// The sum is for all purchases of the bill together.
    function test_borrower_renounces_no_more_than_it_says() public {
        LoanId other = _bought();
        _record(_loanId, 1_00, _today());
        _record(other, 2_00, _today());
        LoanId[] memory loanIds = new LoanId[](2);
        (loanIds[0], loanIds[1]) = (_loanId, other);
        _expectRecorded(other, 2_00);
        vm.prank(seller);
        facilities.payInInstalments(loanIds, 3, 2_99);
        vm.prank(seller);
        facilities.payInInstalments(loanIds, 3, 3_00);
        assertEq(facilities.facility(_facility).outstanding, 2 * BOUGHT, "all of both is owed");
    }

    function test_bill_on_which_nothing_is_recorded_owes_no_more() public {
        _repay(_loanId, 100_00);
        _inInstalments(type(uint64).max);
        assertEq(facilities.loan(_loanId).state.balance, 800_00, "what was paid on the ledger is paid");
    }

    function test_what_was_renounced_counts_for_participants_no_more() public {
        _share(_loanId, otherBank, 400_000, 360_00);
        _record(_loanId, 100_00, _today());
        assertEq(facilities.participationsOf(_loanId).due, 40_00, "two fifths are due");
        _inInstalments(100_00);
        assertTrue(facilities.participationsOf(_loanId).proceeds == 0, "nothing came in");
        uint256 before = cash.balanceOf(otherBank);
        _repay(_loanId, 50_00);
        assertEq(cash.balanceOf(otherBank) - before, 20_00, "two fifths of what comes in");
    }

    function test_loss_of_what_was_renounced_is_the_lenders() public {
        _record(_loanId, 100_00, _today());
        _inInstalments(100_00);
        _days(120);
        vm.startPrank(bank);
        facilities.declareDefault(_loanId);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossLeftToLender(_loanId, bank, 100_00);
        facilities.recordLoss(_loanId);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ helpers

    function _bought() private returns (LoanId) {
        return _draw(_facility, BOUGHT, LoanMath.Style.BillingCycle, 0, 0);
    }

    function _inInstalments(uint64 renounced) private {
        LoanId[] memory loanIds = new LoanId[](1);
        loanIds[0] = _loanId;
        vm.prank(seller);
        facilities.payInInstalments(loanIds, 3, renounced);
    }

    function _expectRecorded(LoanId loanId, uint256 recorded) private {
        vm.expectRevert(abi.encodeWithSelector(ILoans.PaymentsRecorded.selector, loanId, recorded));
    }
}
