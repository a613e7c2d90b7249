// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {DEFAULTED, packPosting, packRecorded, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// The bank takes a payment back after the loan went back to its seller: whoever has the debt pays for it.
contract SalePricesTest is SalesFixture {
    uint8 private constant MAY = 1;
    uint8 private constant MUST = 2;
    uint64 private constant DRAWN = 400_000_00;
    uint64 private constant CAME_IN = 100_000_00;
    FacilityId private _facility;
    PostingWord[] private _posted;
    uint256 private _nonces;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_000_00);
    }

    function test_seller_that_bought_back_pays_the_holder_its_share_of_a_payment_that_is_reversed() public {
        LoanId loanId = _sold(MAY, 900_000);
        PostingWord posting = _record(loanId, otherBank);
        assertEq(_buyBack(loanId), 270_000_00, "90 % of what is owed without the payment");
        _days(2);
        uint256 holders = cash.balanceOf(otherBank);
        uint256 sellers = cash.balanceOf(bank);
        vm.expectEmit(address(facilities));
        emit ILoanSales.BuyBackPriceRaised(loanId, bank, otherBank, 90_000_00);
        _reverse(loanId, posting, bank);
        assertEq(_principalOf(loanId), DRAWN, "owed again");
        assertEq(cash.balanceOf(otherBank), holders + 90_000_00, "what the payment had taken off the price");
        assertEq(cash.balanceOf(bank), sellers - 90_000_00, "from the one who has the debt");
    }

    function test_share_follows_a_payment_to_another_day() public {
        LoanId loanId = _sold(MAY, 1_000_000);
        _days(3);
        PostingWord posting = _record(loanId, otherBank);
        _buyBack(loanId);
        IPostings.Correction memory correction = _correction(loanId, posting);
        (correction.toLoanId, correction.valueDay) = (LoanId.unwrap(loanId), _today() - 1);
        IPostings.History memory history = _history();
        uint256 holders = cash.balanceOf(otherBank);
        vm.prank(bank);
        facilities.correctPayment(correction, history, _nothing(), "");
        assertEq(cash.balanceOf(otherBank), holders, "nothing left the loan");
        _posted[0] = posting.withValueDay(correction.valueDay);
        _reverse(loanId, _posted[0], bank);
        assertEq(cash.balanceOf(otherBank), holders + CAME_IN, "now it did");
    }

    function test_payments_of_before_and_after_the_holder_are_the_lenders_own() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord before = _record(loanId, bank);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MAY, 1_000_000, _today() + 30));
        _buyBack(loanId);
        PostingWord later = _record(loanId, bank);
        uint256 holders = cash.balanceOf(otherBank);
        _reverse(loanId, before, bank);
        _reverse(loanId, later, bank);
        assertEq(cash.balanceOf(otherBank), holders, "it took neither");
    }

    function test_holder_that_reverses_its_own_payment_pays_nobody() public {
        LoanId loanId = _sold(MAY, 1_000_000);
        PostingWord posting = _record(loanId, otherBank);
        uint256 holders = cash.balanceOf(otherBank);
        _reverse(loanId, posting, otherBank);
        assertEq(cash.balanceOf(otherBank), holders, "its own");
        assertEq(_buyBack(loanId), DRAWN, "and the price is whole");
    }

    function test_buyer_of_a_loan_that_did_not_go_back_pays_nobody() public {
        LoanId loanId = _sold(MUST, 1_000_000);
        PostingWord posting = _record(loanId, otherBank);
        _sell(loanId, thirdBank, 1);
        uint256 holders = cash.balanceOf(otherBank);
        _reverse(loanId, posting, thirdBank);
        assertEq(cash.balanceOf(otherBank), holders, "the two agreed on their price");
    }

    /// The loan goes to the other bank and back, and there again. That it went back once counts for nothing the second
    /// time, when it goes on to the third bank at an agreed price.
    function test_purchase_of_before_counts_for_no_later_one() public {
        LoanId loanId = _sold(MAY, 1_000_000);
        _buyBack(loanId);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MAY, 1_000_000, _today() + 5));
        PostingWord posting = _record(loanId, otherBank);
        _days(6);
        _sell(loanId, thirdBank, DRAWN - CAME_IN);
        (uint256 holders, uint256 buyers) = (cash.balanceOf(otherBank), cash.balanceOf(thirdBank));
        _reverse(loanId, posting, thirdBank);
        assertEq(cash.balanceOf(otherBank), holders, "the two agreed on their price");
        assertEq(cash.balanceOf(thirdBank), buyers, "so the buyer pays nothing");
    }

    /// Each payment counts at the price of the purchase before which it was recorded.
    function test_each_payment_counts_at_the_price_of_its_own_purchase() public {
        LoanId loanId = _sold(MAY, 900_000);
        PostingWord first = _record(loanId, otherBank);
        _buyBack(loanId);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN - CAME_IN), MAY, 500_000, _today() + 30));
        PostingWord second = _record(loanId, otherBank);
        _buyBack(loanId);
        uint256 holders = cash.balanceOf(otherBank);
        _reverse(loanId, first, bank);
        assertEq(cash.balanceOf(otherBank), holders + 90_000_00, "90 %");
        _reverse(loanId, second, bank);
        assertEq(cash.balanceOf(otherBank), holders + 140_000_00, "and 50 %");
    }

    function test_later_purchase_does_not_change_what_an_earlier_payment_counts_for() public {
        LoanId loanId = _sold(MAY, 1_000_000);
        PostingWord posting = _record(loanId, otherBank);
        _buyBack(loanId);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN - CAME_IN), MAY, 500_000, _today() + 30));
        _buyBack(loanId);
        uint256 holders = cash.balanceOf(otherBank);
        _reverse(loanId, posting, bank);
        assertEq(cash.balanceOf(otherBank), holders + CAME_IN, "at the first price, whatever came later");
    }

    /// A later buyer that reverses it pays too: it has the debt.
    function test_later_lender_pays_the_holder() public {
        LoanId loanId = _sold(MAY, 1_000_000);
        PostingWord posting = _record(loanId, otherBank);
        _buyBack(loanId);
        _sell(loanId, thirdBank, 1);
        uint256 holders = cash.balanceOf(otherBank);
        _reverse(loanId, posting, thirdBank);
        assertEq(cash.balanceOf(otherBank), holders + CAME_IN, "the holder");
    }

    function test_seller_pays_by_its_duty_no_more_than_it_signed() public {
        LoanId loanId = _bullet(_facility, DRAWN, 5);
        ILoanSales.SaleTerms memory terms =
            _withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MUST, 1_000_000, _today() + 60);
        terms.buyBackMax = 350_000_00;
        _sellOn(terms);
        PostingWord posting = _record(loanId, otherBank);
        _days(9);
        vm.startPrank(otherBank);
        facilities.declareDefault(loanId);
        uint64 price = facilities.buyLoanBack(loanId, bank, 0, 0);
        vm.stopPrank();
        _posted.push(_defaultedToday());
        uint256 holders = cash.balanceOf(otherBank);
        _reverse(loanId, posting, bank);
        assertEq(cash.balanceOf(otherBank), holders + 350_000_00 - price, "up to the maximum");
    }

    function test_reversal_fails_if_the_lender_cannot_pay_the_holder() public {
        LoanId loanId = _sold(MAY, 1_000_000);
        PostingWord posting = _record(loanId, otherBank);
        _buyBack(loanId);
        vm.prank(bank);
        cash.approve(address(facilities), 0);
        IPostings.Correction memory correction = _correction(loanId, posting);
        IPostings.History memory history = _history();
        vm.expectRevert();
        vm.prank(bank);
        facilities.correctPayment(correction, history, _nothing(), "");
        assertEq(_principalOf(loanId), DRAWN - CAME_IN, "as it was");
    }

    // ------------------------------------------------------------------ helpers

    function _sold(uint8 buyBack, uint24 price) private returns (LoanId loanId) {
        loanId = _bullet(_facility, DRAWN, 60);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN), buyBack, price, _today() + 30));
    }

    function _buyBack(LoanId loanId) private returns (uint64) {
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        return facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
    }

    function _defaultedToday() private view returns (PostingWord) {
        return packPosting(DEFAULTED, _today(), 0);
    }

    function _record(LoanId loanId, address lender) private returns (PostingWord posting) {
        bytes32 bankReference = keccak256(abi.encode(++_nonces));
        vm.prank(lender);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), CAME_IN, _today(), bankReference), _nothing());
        posting = packRecorded(_today(), _today(), CAME_IN, bankReference);
        _posted.push(posting);
    }

    function _correction(LoanId loanId, PostingWord posting) private returns (IPostings.Correction memory correction) {
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        correction.reasonHash = keccak256("returned");
        correction.nonce = ++_nonces;
    }

    function _reverse(LoanId loanId, PostingWord posting, address lender) private {
        IPostings.Correction memory correction = _correction(loanId, posting);
        IPostings.History memory history = _history();
        vm.prank(lender);
        facilities.correctPayment(correction, history, _nothing(), "");
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

    function _nothing() private pure returns (IPostings.History memory history) {}
}
