// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, PartyId, ReceivableId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {packRecorded, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {GoodsFixture} from "./GoodsFixture.sol";
import {ParticipationsFixture} from "./ParticipationsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// What secures a shared loan leaves it neither on the word of a lender that is related to its borrower, nor for less
/// than it is worth. The other bank has 95 % of 6,000.00 that goods worth 10,000.00 secure.
contract ParticipationCollateralTest is GoodsFixture, ParticipationsFixture {
    LoanId private _loanId;
    uint256 private _id;
    uint256 private _nonces;

    function setUp() public override(GoodsFixture, SalesFixture) {
        super.setUp();
        (_loanId, _id) = _loanOnGoods(6_000_00);
        _share(_loanId, otherBank, 950_000, 5_700_00);
    }

    // ------------------------------------------------------------------ payments on the lender's word

    /// The payment never came. It frees the goods, the borrower takes them out, and the lender reverses it.
    function test_payment_that_frees_the_goods_pays_the_participants_at_once() public {
        _relate();
        (uint256 lenders, uint256 participants) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        PostingWord posting = _record(6_000_00);
        assertEq(warehouseReceipts.lienholderOf(_id), address(0), "the goods are free");
        assertEq(cash.balanceOf(otherBank), participants + 5_700_00, "its share");
        assertEq(cash.balanceOf(bank), lenders - 5_700_00, "from the lender's account");
        _reverse(posting);
        assertEq(_principalOf(_loanId), 6_000_00, "owed again");
        assertEq(cash.balanceOf(otherBank), participants + 5_700_00, "nothing goes back");
        assertEq(_participation(_loanId, 0).due, 0, "and it is netted against what comes later");
    }

    function test_goods_stay_if_the_lender_cannot_pay_the_participants() public {
        vm.prank(bank);
        cash.approve(address(facilities), 5_699_99);
        IPostings.Payment memory payment = IPostings.Payment(LoanId.unwrap(_loanId), 6_000_00, _today(), "A");
        vm.expectRevert();
        vm.prank(bank);
        facilities.recordPayment(payment, _nothing());
        assertEq(warehouseReceipts.lienholderOf(_id), address(facilities), "still secured");
        assertEq(_principalOf(_loanId), 6_000_00, "nothing is recorded");
        // What it can pay, it records; the rest once it can.
        _record(5_999_99);
        vm.startPrank(bank);
        facilities.payParticipants(_loanId, 5_699_99);
        cash.approve(address(facilities), 1);
        vm.stopPrank();
        _record(1);
        assertTrue(_statusOfLoan(_loanId) == ILoans.Status.Repaid, "repaid");
    }

    /// All but a cent frees nothing, but the borrower could pay the cent on the ledger.
    function test_related_lender_pays_the_participants_of_each_payment_that_it_records() public {
        _relate();
        uint256 participants = cash.balanceOf(otherBank);
        _record(5_999_99);
        assertEq(cash.balanceOf(otherBank), participants + 5_699_99, "at once");
        assertEq(facilities.participationsOf(_loanId).due, 0, "nothing waits");
        _repay(_loanId, 1);
        assertEq(cash.balanceOf(otherBank), participants + 5_700_00, "all");
    }

    function test_payment_that_moves_to_a_shared_loan_pays_its_participants_at_once() public {
        LoanId other = _drawOn(6_000_00, _items(_warehouseReceipt(1_000_000)));
        IPostings.Payment memory payment = IPostings.Payment(LoanId.unwrap(other), 6_000_00, _today(), "A");
        vm.prank(bank);
        facilities.recordPayment(payment, _nothing());
        uint256 participants = cash.balanceOf(otherBank);
        IPostings.Correction memory correction = _correction(other, packRecorded(_today(), _today(), 6_000_00, "A"));
        correction.toLoanId = LoanId.unwrap(_loanId);
        correction.valueDay = _today();
        IPostings.History memory history = _history(PostingWord.wrap(correction.posting));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _nothing(), "");
        assertTrue(_statusOfLoan(_loanId) == ILoans.Status.Repaid, "repaid");
        assertEq(cash.balanceOf(otherBank), participants + 5_700_00, "its share");
    }

    function test_unrelated_lender_owes_the_participants_what_it_records_in_between() public {
        uint256 participants = cash.balanceOf(otherBank);
        _record(1_000_00);
        assertEq(cash.balanceOf(otherBank), participants, "not yet");
        assertEq(facilities.participationsOf(_loanId).due, 950_00, "owed");
    }

    // ------------------------------------------------------------------ debtors on the lender's word

    function test_no_goods_leave_for_a_debtor_whom_a_related_lender_accepts() public {
        _relate();
        _accept();
        ICollateral.CollateralItem[] memory claims = _claims(8_600_00);
        vm.expectPartialRevert(ICollateral.CollateralTooSmall.selector);
        vm.prank(seller);
        facilities.substituteCollateral(_loanId, claims, _items(_id));
        assertEq(warehouseReceipts.lienholderOf(_id), address(facilities), "still secured");
    }

    function test_no_goods_are_converted_to_a_claim_on_a_debtor_whom_a_related_lender_accepts() public {
        _relate();
        _accept();
        (ReceivableId receivableId, uint256 claimId) = _confirmed(10_000_00);
        vm.expectPartialRevert(ICollateral.CollateralWorse.selector);
        vm.prank(seller);
        facilities.convertGoodsToClaim(
            _loanId, receivableId, ClaimId.wrap(claimId), "", WarehouseReceiptId.wrap(_id), 1_000_000
        );
    }

    function test_goods_leave_for_goods_though_lender_and_borrower_are_related() public {
        _relate();
        uint256 next = _warehouseReceipt(1_000_000);
        vm.prank(seller);
        facilities.substituteCollateral(_loanId, _items(next), _items(_id));
        assertEq(warehouseReceipts.lienholderOf(_id), address(0), "free");
        assertEq(warehouseReceipts.lienholderOf(next), address(facilities), "in its place");
    }

    function test_goods_leave_for_a_debtor_whom_an_unrelated_lender_accepts() public {
        _accept();
        ICollateral.CollateralItem[] memory claims = _claims(8_600_00);
        vm.prank(seller);
        facilities.substituteCollateral(_loanId, claims, _items(_id));
        assertEq(warehouseReceipts.lienholderOf(_id), address(0), "free");
    }

    function test_debtor_that_counted_when_the_first_share_was_sold_goes_on_counting() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept();
        ICollateral.CollateralItem[] memory claims = _claims(8_600_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, claims, _none());
        _share(loanId, otherBank, 950_000, 5_700_00);
        _relate();
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _items(id));
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free");
    }

    // ------------------------------------------------------------------ goods and claims in place of money

    /// Goods worth 10,000.00: the lender would owe the participant 95 % of what they count for.
    function test_goods_of_a_shared_loan_count_for_all_that_they_are_worth() public {
        _expectFloor(1_000_000, 5_999_99, 6_000_00);
        _expectFloor(500_000, 4_999_99, 5_000_00);
        _settleInKind(500_000, 5_000_00, "");
        assertEq(warehouseReceipts.balanceOf(_id), 500_000, "half stays");
        assertEq(facilities.participationsOf(_loanId).due, 4_750_00, "95 %");
        assertEq(_principalOf(_loanId), 1_000_00, "still owed");
    }

    /// The auction opened at 4.00; since then the goods were appraised at 8.00.
    function test_goods_of_a_shared_loan_in_an_auction_count_for_a_higher_appraisal() public {
        _auction();
        _priced(800_000);
        _expectFloor(1_000_000, 5_999_99, 6_000_00);
        _settleInKind(1_000_000, 6_000_00, "");
        assertEq(warehouseReceipts.ownerOf(_id), bank, "the lender's");
        assertEq(facilities.participationsOf(_loanId).due, 5_700_00, "95 % of all");
    }

    function test_goods_of_a_shared_loan_in_an_auction_count_for_its_prices_if_they_fell_since() public {
        _auction();
        _priced(370_000);
        _expectFloor(1_000_000, 3_999_99, 4_000_00);
        _settleInKind(1_000_000, 4_000_00, "");
        assertEq(facilities.participationsOf(_loanId).due, 3_800_00, "95 %");
    }

    function test_goods_that_pay_a_shared_loan_whole_are_handed_over_whatever_more_they_are_worth() public {
        _settleInKind(1_000_000, 6_000_00, "");
        assertEq(warehouseReceipts.ownerOf(_id), bank, "the lender's");
        assertEq(facilities.participationsOf(_loanId).due, 5_700_00, "95 %");
        assertTrue(_statusOfLoan(_loanId) == ILoans.Status.Repaid, "repaid");
    }

    function test_goods_of_a_loan_that_nobody_shares_count_at_least_the_floor() public {
        (_loanId, _id) = _loanOnGoods(6_000_00);
        _expectFloor(1_000_000, 3_999_99, 4_000_00);
        _settleInKind(1_000_000, 4_000_00, "");
        assertEq(_principalOf(_loanId), 2_000_00, "still owed");
    }

    /// Of a claim of 1,000.00 the product lends 80 %.
    function test_claim_of_a_shared_loan_is_set_off_for_all_that_is_unpaid() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        _loanId = _drawOnClaim(claimId);
        _share(_loanId, otherBank, 950_000, 760_00);
        _setOff(claimId, 500_00, 499_99, _tooLow(499_99, 500_00));
        _setOff(claimId, 500_00, 500_00, "");
        assertEq(facilities.participationsOf(_loanId).due, 475_00, "95 %");
        // The debtor does not pay: the rest still counts for what the lender may yet collect.
        _late();
        vm.prank(bank);
        facilities.declareDebtDefault(_loanId);
        _setOff(claimId, 500_00, 1, _tooLow(1, _payoff(_loanId)));
    }

    function test_claim_of_a_loan_that_nobody_shares_is_set_off_for_what_is_lent_on_it() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        _loanId = _drawOnClaim(claimId);
        _setOff(claimId, 500_00, 399_99, _tooLow(399_99, 400_00));
        _setOff(claimId, 500_00, 400_00, "");
        assertEq(_principalOf(_loanId), 400_00, "still owed");
    }

    // ------------------------------------------------------------------ helpers

    function _tooLow(uint64 credit, uint64 min) private view returns (bytes memory) {
        return abi.encodeWithSelector(ICollateral.CreditBelowFloor.selector, _loanId, credit, min);
    }

    /// The goods are for sale, at 4.00 for a kilogram.
    function _auction() private {
        _priced(400_000);
        vm.prank(bank);
        facilities.liquidate(_loanId);
    }

    function _expectFloor(uint96 quantity, uint64 credit, uint64 min) private {
        _settleInKind(quantity, credit, _tooLow(credit, min));
    }

    /// Both sides sign; the refusal is empty if it counts.
    function _settleInKind(uint96 quantity, uint64 credit, bytes memory refusal) private {
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(_loanId), _id, quantity, credit, DOCUMENTS, _deadline(), ++_nonces);
        bytes32 digest = facilities.inKindDigest(inKind);
        (bytes memory first, bytes memory second) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        if (refusal.length != 0) vm.expectRevert(refusal);
        facilities.settleInKind(inKind, first, second);
    }

    function _setOff(uint256 claimId, uint96 value, uint64 credit, bytes memory refusal) private {
        ILoans.SetOff memory setOff =
            ILoans.SetOff(LoanId.unwrap(_loanId), claimId, value, credit, DOCUMENTS, _deadline(), ++_nonces);
        bytes32 digest = facilities.setOffDigest(setOff);
        (bytes memory first, bytes memory second) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        if (refusal.length != 0) vm.expectRevert(refusal);
        facilities.setOff(setOff, first, second);
    }

    function _drawOnClaim(uint256 claimId) private returns (LoanId) {
        FacilityId facility = _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000_00);
        return _draw(facility, 800_00, LoanMath.Style.Bullet, 61, claimId);
    }

    function _accept() private {
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
    }

    function _claims(uint96 amount) private returns (ICollateral.CollateralItem[] memory claims) {
        (, uint256 claimId) = _confirmed(amount);
        claims = new ICollateral.CollateralItem[](1);
        claims[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
    }

    function _record(uint64 amount) private returns (PostingWord) {
        bytes32 bankReference = keccak256(abi.encode(++_nonces));
        vm.prank(bank);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(_loanId), amount, _today(), bankReference), _nothing());
        return packRecorded(_today(), _today(), amount, bankReference);
    }

    function _reverse(PostingWord posting) private {
        IPostings.Correction memory correction = _correction(_loanId, posting);
        vm.prank(bank);
        facilities.correctPayment(correction, _history(posting), _nothing(), "");
    }

    function _correction(LoanId loanId, PostingWord posting)
        private
        pure
        returns (IPostings.Correction memory correction)
    {
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        correction.reasonHash = keccak256("returned");
    }

    function _history(PostingWord posting) private pure returns (IPostings.History memory history) {
        history.postings = new PostingWord[](1);
        history.postings[0] = posting;
    }

    function _nothing() private pure returns (IPostings.History memory history) {}

    /// Lender and borrower come under one control.
    function _relate() private {
        PartyId[2] memory partyIds = [registry.partyOf(bank), registry.partyOf(seller)];
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyIds[0], 9);
        registry.setGroup(partyIds[1], 9);
        vm.stopPrank();
    }
}
