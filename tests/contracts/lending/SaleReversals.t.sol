// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {packPosting, packRecorded, DEFAULTED, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// What recorded payments that went back, or were renounced, leave of a seller's duty and of the days of the loan's buyer.
contract SaleReversalsTest is SalesFixture {
    uint8 private constant MAY = 1;
    uint8 private constant MUST = 2;
    uint24 private constant AT_PAR = 1_000_000;
    uint64 private constant LENT = 10_000_00;
    PostingWord[] private _posted;

    // ------------------------------------------------------------------ the seller's duty

    /// A cent that the holder recorded, and the borrower renounces, costs the holder that cent.
    function test_renounced_cent_leaves_the_seller_all_else_to_pay() public {
        LoanId loanId = _bill();
        _sellWithDuty(loanId);
        _record(loanId, 1, "cent");
        _inInstalments(loanId, 1);
        _days(120);
        _expectPrice(loanId, 1);
    }

    function test_seller_pays_all_if_nothing_was_renounced() public {
        LoanId loanId = _bill();
        _sellWithDuty(loanId);
        _inInstalments(loanId, 0);
        _days(120);
        _expectPrice(loanId, 0);
    }

    /// A direct debit that the borrower's bank takes back.
    function test_payment_that_bounced_leaves_the_seller_all_else_to_pay() public {
        LoanId loanId = _plain(30);
        _sellWithDuty(loanId);
        _reverse(loanId, _record(loanId, 10_00, "debit"));
        _days(40);
        _expectPrice(loanId, 10_00);
    }

    /// What came in after all takes the place of what bounced.
    function test_payment_that_came_in_after_all_counts_for_the_seller_again() public {
        LoanId loanId = _plain(30);
        _sellWithDuty(loanId);
        _reverse(loanId, _record(loanId, 10_00, "debit"));
        _record(loanId, 10_00, "second debit");
        _days(40);
        _expectPrice(loanId, 0);
    }

    /// In default the holder could record what the borrower owes, and reverse it: then there is nothing to call.
    function test_seller_pays_nothing_for_a_loan_that_the_holders_word_brought_back() public {
        LoanId loanId = _plain(300);
        _sellWithDuty(loanId);
        PostingWord posting = _record(loanId, LENT, "never came");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid for now");
        _reverse(loanId, posting);
        _sellerPaysNothing(loanId);
    }

    function test_loan_on_which_a_payment_bounced_is_sold_without_a_duty_until_it_came_in() public {
        LoanId loanId = _plain(30);
        _reverseBySeller(loanId, _recordBy(bank, loanId, 10_00, "debit"));
        ILoanSales.SaleTerms memory terms =
            _withBuyBack(_saleTerms(loanId, otherBank, LENT), MUST, AT_PAR, _today() + 400);
        _expectRefusal(terms, abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, bytes32("raised")));
        _recordBy(bank, loanId, 10_00, "second debit");
        _sellWithDuty(loanId);
        assertEq(uint256(facilities.loanSaleOf(loanId).buyBack), MUST, "with a duty");
    }

    // ------------------------------------------------------------------ the holder's share

    /// The payment made the price lower. If the borrower could renounce it, the seller would have the debt, and the holder
    /// no share of it. If the payment is reversed, the seller pays the share.
    function test_borrower_renounces_nothing_that_a_holder_recorded_once_the_bill_went_back() public {
        LoanId loanId = _bill();
        _sellWithRight(loanId, 800_000);
        PostingWord posting = _record(loanId, 100_00, "debit");
        assertEq(_buyBack(loanId), 7_920_00, "80 % of what is owed without the payment");
        vm.expectRevert(abi.encodeWithSelector(ILoans.PaymentsRecorded.selector, loanId, 100_00));
        _inInstalments(loanId, 100_00);
        uint256 before = cash.balanceOf(otherBank);
        _reverseBySeller(loanId, posting);
        assertEq(cash.balanceOf(otherBank) - before, 80_00, "the holder's share");
        _inInstalments(loanId, 0);
        assertEq(_principalOf(loanId), LENT, "all is owed in instalments");
    }

    /// Only a payment of a holder keeps a bill out of instalments, whoever has the loan now.
    function test_share_of_an_earlier_holder_stands_while_the_next_one_has_the_bill() public {
        LoanId loanId = _bill();
        _sellWithRight(loanId, 800_000);
        _record(loanId, 100_00, "debit");
        _buyBack(loanId);
        _sellWithRight(loanId, 500_000);
        _record(loanId, 5_00, "second debit");
        vm.expectRevert(abi.encodeWithSelector(ILoans.PaymentsRecorded.selector, loanId, 105_00));
        _inInstalments(loanId, 105_00);
    }

    function test_borrower_renounces_what_the_seller_recorded_before_and_after_it_had_the_bill_back() public {
        LoanId loanId = _bill();
        _recordBy(bank, loanId, 1_00, "before");
        _sellWithRight(loanId, 800_000);
        _reverse(loanId, _record(loanId, 100_00, "debit"));
        _buyBack(loanId);
        _recordBy(bank, loanId, 2_00, "after");
        _inInstalments(loanId, 3_00);
        assertEq(_principalOf(loanId), LENT, "owed again");
    }

    /// The same words twice on one day, by two holders: the second reversal does not fail.
    function test_payments_that_two_holders_recorded_alike_can_both_be_reversed() public {
        LoanId loanId = _bill();
        _sellWithRight(loanId, 800_000);
        PostingWord posting = _record(loanId, 100_00, "debit");
        _buyBack(loanId);
        _sellWithRight(loanId, 800_000);
        _record(loanId, 100_00, "debit");
        _buyBack(loanId);
        _reverseBySeller(loanId, posting);
        _reverseBySeller(loanId, posting);
        assertEq(_principalOf(loanId), LENT, "owed again");
        _inInstalments(loanId, 0);
    }

    // ------------------------------------------------------------------ the buyer's days

    /// The seller recorded a cent and took it off; the buyer signed nothing of that.
    function test_buyer_of_a_loan_has_all_its_days_for_what_it_records() public {
        LoanId loanId = _plain(300);
        PostingWord cent = _recordBy(bank, loanId, 1, "cent");
        _days(10);
        _reverseBySeller(loanId, cent);
        _sell(loanId, otherBank, LENT);
        PostingWord posting = _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), "debit");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid for now");
        _days(10);
        _reverse(loanId, posting);
        assertEq(_principalOf(loanId), LENT, "owed again");
    }

    // ------------------------------------------------------------------ helpers

    function _bill() private returns (LoanId) {
        FacilityId facility = _agreedFacility(_add(_billProduct()), 180_000, 100_000_00);
        return _draw(facility, LENT, LoanMath.Style.BillingCycle, 0, 0);
    }

    function _plain(uint16 tenor) private returns (LoanId) {
        return _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 100_000_00), LENT, tenor);
    }

    function _sellWithDuty(LoanId loanId) private {
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, _principalOf(loanId)), MUST, AT_PAR, _today() + 400));
    }

    function _sellWithRight(LoanId loanId, uint24 share) private {
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, _principalOf(loanId)), MAY, share, _today() + 400));
    }

    function _buyBack(LoanId loanId) private returns (uint64) {
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        return facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
    }

    function _inInstalments(LoanId loanId, uint64 renounced) private {
        LoanId[] memory loanIds = new LoanId[](1);
        loanIds[0] = loanId;
        vm.prank(seller);
        facilities.payInInstalments(loanIds, 3, renounced);
    }

    /// The loan is in default, and the holder calls the duty: the seller pays all that is owed but so much.
    function _expectPrice(LoanId loanId, uint64 left) private {
        _default(loanId);
        uint256 owed = _sum(facilities.loan(loanId).payoff);
        uint256 before = cash.balanceOf(otherBank);
        vm.prank(otherBank);
        assertEq(facilities.buyLoanBack(loanId, bank, 0, 0), owed - left, "price");
        assertEq(cash.balanceOf(otherBank) - before, owed - left, "the holder has its money");
        assertEq(_lenderOf(loanId), bank, "the seller has the loan");
    }

    /// Hardly anything but what came back is owed: the loan falls into default on the day after its due day.
    function _sellerPaysNothing(LoanId loanId) private {
        _days(310);
        _default(loanId);
        _posted.push(packPosting(DEFAULTED, _today(), 0));
        uint256 sellers = cash.balanceOf(bank);
        PostingWord posting = _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)) - LENT, "the interest came");
        assertTrue(posting.amount() != 0, "interest and penalty");
        assertEq(_sum(facilities.loan(loanId).payoff), LENT, "owed");
        vm.expectPartialRevert(ILoanSales.BuyBackNotDue.selector);
        vm.prank(otherBank);
        facilities.buyLoanBack(loanId, bank, 0, 0);
        assertEq(cash.balanceOf(bank), sellers, "the seller pays nothing");
    }

    function _default(LoanId loanId) private {
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
    }

    function _record(LoanId loanId, uint64 amount, bytes32 bankReference) private returns (PostingWord) {
        return _recordBy(otherBank, loanId, amount, bankReference);
    }

    function _recordBy(address lender, LoanId loanId, uint64 amount, bytes32 bankReference)
        private
        returns (PostingWord posting)
    {
        IPostings.History memory none;
        vm.prank(lender);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), amount, _today(), bankReference), none);
        posting = packRecorded(_today(), _today(), amount, bankReference);
        _posted.push(posting);
    }

    function _reverse(LoanId loanId, PostingWord posting) private {
        _reverseBy(otherBank, loanId, posting);
    }

    function _reverseBySeller(LoanId loanId, PostingWord posting) private {
        _reverseBy(bank, loanId, posting);
    }

    /// The last posting of the loan.
    function _reverseBy(address lender, LoanId loanId, PostingWord posting) private {
        IPostings.Correction memory correction;
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        IPostings.History memory history;
        history.postings = _posted;
        IPostings.History memory none;
        vm.prank(lender);
        facilities.correctPayment(correction, history, none, "");
        _posted.pop();
    }
}
