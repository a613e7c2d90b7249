// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {packPosting, packRecorded, PAID, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// A loan that counted as repaid and is owed again can be bought back for as many days longer as it counted so.
contract SaleTimesTest is SalesFixture {
    uint8 private constant MAY = 1;
    uint24 private constant AT_PAR = 1_000_000;
    uint64 private constant DRAWN = 400_000_00;
    FacilityId private _facility;
    PostingWord[] private _posted;
    uint256 private _nonces;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_000_00);
    }

    /// The holder records a payment that never came, lets the right's days pass, and reverses it.
    function test_false_payment_in_full_ends_no_right() public {
        LoanId loanId = _sold(10);
        uint24 lastDay = facilities.loanSaleOf(loanId).buyBackLastDay;
        _days(4);
        PostingWord posting = _record(loanId, DRAWN + 10_000_00);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        bytes32 standing = facilities.saleStanding(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
        _days(9);
        vm.expectEmit(address(facilities));
        emit ILoanSales.BuyBackChanged(loanId, MAY, lastDay + 9);
        _reverse(loanId, posting);
        assertEq(facilities.loanSaleOf(loanId).buyBackLastDay, lastDay + 9, "the days on which it was blocked");
        _days(6);
        _buysBack(loanId);
    }

    function test_right_ends_once_its_days_are_over_all_the_same() public {
        LoanId loanId = _sold(10);
        _days(4);
        PostingWord posting = _record(loanId, DRAWN + 10_000_00);
        _days(9);
        _reverse(loanId, posting);
        _days(7);
        bytes32 standing = facilities.saleStanding(loanId);
        vm.expectPartialRevert(ILoanSales.BuyBackNotDue.selector);
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
    }

    function test_holder_sells_the_loan_to_nobody_within_the_longer_days() public {
        LoanId loanId = _sold(10);
        _days(4);
        PostingWord posting = _record(loanId, DRAWN + 10_000_00);
        _days(9);
        _reverse(loanId, posting);
        _expectRefusal(
            _saleTerms(loanId, thirdBank, DRAWN),
            abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, bytes32("buy-back"))
        );
    }

    /// Almost all of it is a payment that never came; the last cents are paid on the ledger.
    function test_loan_that_ended_with_money_on_the_ledger_gives_the_days_from_its_end() public {
        LoanId loanId = _sold(10);
        uint24 lastDay = facilities.loanSaleOf(loanId).buyBackLastDay;
        PostingWord posting = _record(loanId, DRAWN - 100);
        _days(4);
        _end(loanId);
        _days(5);
        _reverse(loanId, posting);
        assertEq(facilities.loanSaleOf(loanId).buyBackLastDay, lastDay + 5, "from the end, not from the recording");
        _days(6);
        _buysBack(loanId);
    }

    /// A second payment that never came keeps the loan repaid, and is reversed last.
    function test_days_count_from_the_first_end_whatever_is_recorded_in_between() public {
        LoanId loanId = _sold(10);
        uint24 lastDay = facilities.loanSaleOf(loanId).buyBackLastDay;
        _days(1);
        PostingWord first = _record(loanId, DRAWN + 10_000_00);
        _days(7);
        PostingWord second = _recordFrom(loanId, DRAWN + 10_000_00, _today() - 8);
        _reverse(loanId, first);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid still");
        _days(1);
        _reverse(loanId, second);
        assertEq(facilities.loanSaleOf(loanId).buyBackLastDay, lastDay + 8, "from the first");
    }

    function test_right_that_had_not_begun_gets_only_the_days_of_its_own() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms =
            _withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MAY, AT_PAR, _today() + 12);
        terms.buyBackFirstDay = _today() + 6;
        _sellOn(terms);
        PostingWord posting = _record(loanId, DRAWN);
        _days(9);
        _reverse(loanId, posting);
        assertEq(facilities.loanSaleOf(loanId).buyBackLastDay, terms.buyBackLastDay + 3, "three of its days");
    }

    function test_right_that_was_over_stays_over() public {
        LoanId loanId = _sold(3);
        uint24 lastDay = facilities.loanSaleOf(loanId).buyBackLastDay;
        _days(4);
        PostingWord posting = _record(loanId, DRAWN + 10_000_00);
        _days(2);
        _reverse(loanId, posting);
        assertEq(facilities.loanSaleOf(loanId).buyBackLastDay, lastDay, "as it was");
    }

    // ------------------------------------------------------------------ helpers

    function _sold(uint24 lasting) private returns (LoanId loanId) {
        loanId = _bullet(_facility, DRAWN, 60);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MAY, AT_PAR, _today() + lasting));
    }

    function _buysBack(LoanId loanId) private {
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
        assertEq(_lenderOf(loanId), bank, "bought back");
    }

    /// The borrower pays the rest on the ledger.
    function _end(LoanId loanId) private {
        _posted.push(packPosting(PAID, _today(), _sum(_repay(loanId, type(uint64).max))));
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function _record(LoanId loanId, uint64 amount) private returns (PostingWord) {
        return _recordFrom(loanId, amount, _today());
    }

    function _recordFrom(LoanId loanId, uint64 amount, uint24 valueDay) private returns (PostingWord posting) {
        bytes32 bankReference = keccak256(abi.encode(++_nonces));
        IPostings.History memory history = _history();
        vm.prank(otherBank);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), amount, valueDay, bankReference), history);
        posting = packRecorded(valueDay, _today(), amount, bankReference);
        _posted.push(posting);
        for (uint256 i = _posted.length - 1; i > 0 && _posted[i - 1].valueDay() > valueDay; --i) {
            (_posted[i], _posted[i - 1]) = (_posted[i - 1], posting);
        }
    }

    function _reverse(LoanId loanId, PostingWord posting) private {
        IPostings.Correction memory correction;
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        correction.reasonHash = keccak256("returned");
        correction.nonce = ++_nonces;
        IPostings.History memory history = _history();
        vm.prank(otherBank);
        facilities.correctPayment(correction, history, IPostings.History(0, history.start, new PostingWord[](0)), "");
        bool isGone;
        for (uint256 i; i < _posted.length; ++i) {
            if (isGone) _posted[i - 1] = _posted[i];
            else isGone = _posted[i].sameAs(posting);
        }
        _posted.pop();
    }

    function _history() private view returns (IPostings.History memory history) {
        history.postings = _posted;
    }
}
