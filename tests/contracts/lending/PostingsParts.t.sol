// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {packRecorded, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// A history of many small repayments is run in parts, so that no payer puts a loan out of its lender's reach.
contract PostingsPartsTest is PostingsFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    uint24 private constant CONTINUED = type(uint24).max;
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 10_000_000_00);
    }

    /// The borrower pays a cent four hundred times after a payment that the bank then takes back.
    function test_each_part_costs_a_part_and_the_loan_is_the_same_as_at_once() public {
        LoanId whole = _bullet(_facility, DRAWN, 60);
        LoanId parted = _bullet(_facility, DRAWN, 60);
        _days(6);
        PostingWord first = _record(whole, 100_000_00, _today());
        PostingWord second = _record(parted, 100_000_00, _today());
        for (uint256 i; i < 400; ++i) {
            _repayNow(whole, 1);
            _repayNow(parted, 1);
        }
        IPostings.Correction memory correction = _reversal(whole, first);
        IPostings.History memory history = _history(whole);
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        uint256 atOnce = vm.lastCallGas().gasTotalUsed;
        uint256 most;
        uint24 fromDay;
        for (uint256 from; from < 400; from += 100) {
            _run(bank, parted, PostingWord.wrap(0), second, _part(parted, fromDay, from, from + 100));
            uint256 used = vm.lastCallGas().gasTotalUsed;
            if (used > most) most = used;
            fromDay = CONTINUED;
        }
        correction = _reversal(parted, second);
        history = _part(parted, CONTINUED, 400, _postings[parted].length);
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        assertTrue(vm.lastCallGas().gasTotalUsed < atOnce / 2, "the correction");
        assertTrue(most < atOnce / 2, "each part");
        _requireSame(whole, parted, "at once and in parts");
    }

    function test_late_payment_is_recorded_after_parts() public {
        LoanId whole = _bullet(_facility, DRAWN, 60);
        LoanId parted = _bullet(_facility, DRAWN, 60);
        _days(6);
        for (uint256 i; i < 20; ++i) {
            _repayNow(whole, 1_00);
            _repayNow(parted, 1_00);
        }
        _days(1);
        uint24 valueDay = _today() - 5;
        IPostings.Payment memory payment = _payment(whole, 500_00, valueDay, "A");
        IPostings.History memory history = _history(whole);
        vm.prank(bank);
        facilities.recordPayment(payment, history);
        PostingWord added = packRecorded(valueDay, _today(), 500_00, "A");
        _run(bank, parted, added, PostingWord.wrap(0), _part(parted, 0, 0, 7));
        _run(bank, parted, added, PostingWord.wrap(0), _part(parted, CONTINUED, 7, 20));
        payment.loanId = LoanId.unwrap(parted);
        history = _part(parted, CONTINUED, 20, _postings[parted].length);
        vm.prank(bank);
        facilities.recordPayment(payment, history);
        _requireSame(whole, parted, "at once and in parts");
    }

    function test_history_of_new_terms_is_run_in_parts() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), _today() + 90, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _startAnew(loanId);
        PostingWord posting = _record(loanId, 100_00, _today());
        _repayNow(loanId, 1);
        IPostings.History memory history = _part(loanId, _today(), 0, 1);
        history.start = _history(loanId).start;
        _run(bank, loanId, PostingWord.wrap(0), posting, history);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        history = _part(loanId, CONTINUED, 1, 2);
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        assertEq(facilities.loan(loanId).state.balance, DRAWN - 1, "reversed");
    }

    // ------------------------------------------------------------------ refused

    function test_nobody_goes_on_with_what_was_not_run() public {
        (LoanId loanId, PostingWord posting) = _flooded(3);
        IPostings.History memory rest = _part(loanId, CONTINUED, 2, 4);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        _expectNotRun(loanId, correction, rest);
        // What another ran, or what was run for another change, counts for nothing.
        _run(seller, loanId, PostingWord.wrap(0), posting, _part(loanId, 0, 0, 2));
        _run(bank, loanId, PostingWord.wrap(0), PostingWord.wrap(0), _part(loanId, 0, 0, 2));
        _expectNotRun(loanId, correction, rest);
        vm.expectRevert(abi.encodeWithSelector(IPostings.HistoryNotRun.selector, loanId, bank));
        vm.prank(bank);
        facilities.runHistory(loanId, 0, PostingWord.unwrap(posting), rest);
        _run(bank, loanId, PostingWord.wrap(0), posting, _part(loanId, 0, 0, 2));
        vm.prank(bank);
        facilities.correctPayment(correction, rest, _none(), "");
    }

    function test_what_was_run_on_other_terms_counts_no_more() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 100_00, _today());
        _run(bank, loanId, PostingWord.wrap(0), posting, _part(loanId, 0, 0, 1));
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), _today() + 90, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _expectNotRun(loanId, _reversal(loanId, posting), _part(loanId, CONTINUED, 1, 1));
    }

    function test_forged_part_leads_to_no_correction() public {
        (LoanId loanId, PostingWord posting) = _flooded(3);
        IPostings.History memory forged = _part(loanId, 0, 0, 2);
        forged.postings[1] = forged.postings[0];
        _run(bank, loanId, PostingWord.wrap(0), posting, forged);
        IPostings.History memory rest = _part(loanId, CONTINUED, 2, 4);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        vm.expectPartialRevert(IPostings.HistoryDiffers.selector);
        vm.prank(bank);
        facilities.correctPayment(correction, rest, _none(), "");
    }

    function test_part_is_refused_for_an_unknown_loan_and_a_value_day_out_of_range() public {
        (LoanId loanId,) = _flooded(2);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LoanUnknown.selector, LoanId.wrap(99)));
        facilities.runHistory(LoanId.wrap(99), 0, 0, _none());
        IPostings.History memory part = _part(loanId, 0, 0, 1);
        uint256 added = PostingWord.unwrap(packRecorded(_today() + 1, _today(), 1_00, "A"));
        vm.expectPartialRevert(IPostings.ValueDayOutOfRange.selector);
        facilities.runHistory(loanId, added, 0, part);
    }

    function test_part_changes_nothing_of_the_loan() public {
        (LoanId loanId, PostingWord posting) = _flooded(2);
        bytes32 before = keccak256(abi.encode(facilities.loan(loanId), facilities.postingsOf(loanId)));
        _run(STRANGER, loanId, PostingWord.wrap(0), posting, _part(loanId, 0, 0, 3));
        assertTrue(keccak256(abi.encode(facilities.loan(loanId), facilities.postingsOf(loanId))) == before, "the loan");
    }

    // ------------------------------------------------------------------ helpers

    /// A payment is recorded, and the borrower then pays a cent so many times.
    function _flooded(uint256 cents) private returns (LoanId loanId, PostingWord posting) {
        loanId = _bullet(_facility, DRAWN, 60);
        _days(6);
        posting = _record(loanId, 100_000_00, _today());
        for (uint256 i; i < cents; ++i) {
            _repayNow(loanId, 1);
        }
        _days(1);
    }

    function _part(LoanId loanId, uint24 fromDay, uint256 from, uint256 to)
        private
        view
        returns (IPostings.History memory history)
    {
        history.fromDay = fromDay;
        history.postings = new PostingWord[](to - from);
        for (uint256 i = from; i < to; ++i) {
            history.postings[i - from] = _postings[loanId][i];
        }
    }

    function _run(
        address caller,
        LoanId loanId,
        PostingWord added,
        PostingWord removed,
        IPostings.History memory history
    ) private {
        vm.prank(caller);
        facilities.runHistory(loanId, PostingWord.unwrap(added), PostingWord.unwrap(removed), history);
    }

    function _expectNotRun(LoanId loanId, IPostings.Correction memory correction, IPostings.History memory history)
        private
    {
        vm.expectRevert(abi.encodeWithSelector(IPostings.HistoryNotRun.selector, loanId, bank));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }
}
