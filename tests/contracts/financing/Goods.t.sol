// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {IFacilities} from "../../../contracts/financing/IFacilities.sol";
import {IProducts} from "../../../contracts/financing/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {ClaimId, FacilityId, LoanId, LotId, PartyId, ReceiptId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "./GoodsFixture.sol";

/// Loans on goods: what can be lent, swaps, part releases, settlement in kind.
contract GoodsTest is GoodsFixture {
    // ------------------------------------------------------------------ draws

    function test_goods_lend_their_value_less_the_haircut_and_not_a_cent_more() public {
        uint256 id = _receipt(1_000_000);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.CoverTooSmall.selector, 0, 6_000_00, 6_000_01));
        this.drawOn(6_000_01, _pieces(id));
        uint256 before = cash.balanceOf(seller);
        LoanId loanId = _drawOn(6_000_00, _pieces(id));
        assertEq(cash.balanceOf(seller) - before, 6_000_00, "money");
        assertEq(receipts.lienholderOf(id), address(facilities), "lien");
        assertEq(receipts.ownerOf(id), seller, "the owner stays the owner");
        assertEq(LoanId.unwrap(facilities.loanOfReceipt(ReceiptId.wrap(id))), LoanId.unwrap(loanId), "whose loan");
        IFacilities.CoverState memory cover = facilities.coverOf(loanId);
        assertEq(cover.market, 10_000_00, "market");
        assertEq(cover.lendable, 6_000_00, "lendable");
        assertTrue(cover.priced, "priced");
        assertEq(cover.pieces.length, 1, "pieces");
    }

    function test_one_receipt_backs_one_loan() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(1_000_00);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.CoverInUse.selector, id, loanId));
        this.drawOn(1_00, _pieces(id));
        IFacilities.Piece[] memory twice = new IFacilities.Piece[](2);
        uint256 fresh = _receipt(1_000);
        (twice[0], twice[1]) = (_pieces(fresh)[0], _pieces(fresh)[0]);
        vm.expectPartialRevert(IFacilities.CoverInUse.selector);
        this.drawOn(1_00, twice);
    }

    function test_claims_may_stand_beside_goods_at_their_advance() public {
        uint256 id = _receipt(1_000_000);
        (, uint256 claimId) = _confirmed(1_000_00);
        IFacilities.Piece[] memory mixed = new IFacilities.Piece[](2);
        mixed[0] = _pieces(id)[0];
        mixed[1] = IFacilities.Piece(IProducts.Cover.Claim, claimId, 0);
        LoanId loanId = _drawOn(6_700_00, mixed);
        assertEq(facilities.coverOf(loanId).lendable, 6_700_00, "6,000 of goods and 70 % of 1,000");
        assertEq(LoanId.unwrap(facilities.loanOfClaim(ClaimId.wrap(claimId))), LoanId.unwrap(loanId), "claim");
        IFacilities.Piece[] memory papersOnly = new IFacilities.Piece[](1);
        (, uint256 other) = _confirmed(1_000_00);
        papersOnly[0] = IFacilities.Piece(IProducts.Cover.Claim, other, 0);
        vm.expectPartialRevert(IFacilities.CoverMissing.selector);
        this.drawOn(1_00, papersOnly);
    }

    function test_a_claim_in_the_cover_is_collected_through_the_loan() public {
        uint256 id = _receipt(1_000_000);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(10_000_00);
        IFacilities.Piece[] memory mixed = new IFacilities.Piece[](2);
        mixed[0] = _pieces(id)[0];
        mixed[1] = IFacilities.Piece(IProducts.Cover.Claim, claimId, 0);
        LoanId loanId = _drawOn(8_000_00, mixed);
        _pay(receivableId, 10_000_00);
        uint256 before = cash.balanceOf(seller);
        receivables.collect(ClaimId.wrap(claimId));
        assertTrue(_statusOfLoan(loanId) == IFacilities.Status.Repaid, "repaid");
        assertEq(cash.balanceOf(seller) - before, 2_000_00, "the rest is the owner's");
        assertEq(receipts.lienholderOf(id), address(0), "the goods are free");
        assertEq(facilities.coverOf(loanId).pieces.length, 0, "nothing left");
    }

    function test_of_a_claim_just_what_is_unpaid_covers_and_on_its_last_day_still() public {
        uint256 id = _receipt(1_000_000);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_00);
        IFacilities.Piece[] memory mixed = new IFacilities.Piece[](2);
        mixed[0] = _pieces(id)[0];
        mixed[1] = IFacilities.Piece(IProducts.Cover.Claim, claimId, 0);
        LoanId loanId = _drawOn(1_000_00, mixed);
        _pay(receivableId, 400_00);
        assertEq(facilities.coverOf(loanId).lendable, 6_000_00 + 420_00, "70 % of 600.00");
        _toDay(DUE_DAY);
        assertEq(facilities.coverOf(loanId).lendable, 420_00, "the claim on its due day, no price for the goods");
        _toDay(DUE_DAY + 1);
        assertEq(facilities.coverOf(loanId).lendable, 0, "overdue");
    }

    function test_goods_count_until_the_last_day_on_which_they_are_good() public {
        (LoanId loanId,) = _loanOnGoods(1_000_00);
        _days(180);
        _priced(TEN);
        assertEq(facilities.coverOf(loanId).lendable, 6_000_00, "on the last day");
        _days(1);
        assertEq(facilities.coverOf(loanId).lendable, 0, "the day after");
    }

    function test_goods_that_cannot_be_relied_on_are_refused() public {
        _refused(abi.encodeWithSelector(IFacilities.CoverNotOfBorrower.selector, 1, suppliers[0], seller), 0);
        _refused(abi.encodeWithSelector(IFacilities.PieceRefused.selector, IProducts.Cover.Receipt, 2), 1);
        uint256 id = _receipt(1_000_000);
        (, LotId lotId,,,,) = receipts.receipt(ReceiptId.wrap(id));
        vm.prank(WAREHOUSE);
        receipts.inspect(lotId, IWarehouseReceipts.Condition.Reduced, PAPERS);
        vm.expectPartialRevert(IWarehouseReceipts.LotNotSound.selector);
        this.drawOn(1_00, _pieces(id));
        id = _receipt(1_000_000);
        vm.expectPartialRevert(IFacilities.PieceRefused.selector);
        this.drawOn(1_00, _part(id, 1_000));
        vm.prank(seller);
        receipts.requestRelease(ReceiptId.wrap(id), 1_000_000, PAPERS);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        this.drawOn(1_00, _pieces(id));
    }

    function test_a_price_missing_old_or_in_doubt_lends_nothing() public {
        uint256 id = _receipt(1_000_000);
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory jump = _price(TEN * 2, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        prices.post(jump);
        vm.expectPartialRevert(IPriceFeed.PriceInDoubt.selector);
        this.drawOn(1_00, _pieces(id));
        vm.prank(SECOND_APPRAISER);
        prices.confirm(jump);
        _drawOn(11_000_00, _pieces(id));
        id = _receipt(1_000_000);
        PartyId appraiser = registry.partyOf(FIRST_APPRAISER);
        vm.prank(REGISTRAR);
        registry.setRoles(appraiser, 0);
        vm.expectPartialRevert(IPriceFeed.AppraiserGone.selector);
        this.drawOn(1_00, _pieces(id));
        vm.warp(block.timestamp + PRICE_AGE);
        id = _receipt(1_000_000);
        vm.expectPartialRevert(IPriceFeed.PriceTooOld.selector);
        this.drawOn(1_00, _pieces(id));
    }

    function test_a_draw_on_goods_and_a_draw_without_do_not_stand_in_for_each_other() public {
        uint256 id = _receipt(1_000_000);
        vm.startPrank(seller);
        vm.expectPartialRevert(IFacilities.CoverMissing.selector);
        facilities.draw(_request(line, 1_00, LoanMath.Style.Bullet, 30, id));
        vm.stopPrank();
        FacilityId plain = _line(_add(_plainProduct()), 72_000, 1_000_00);
        IFacilities.DrawRequest memory request = _request(plain, 1_00, LoanMath.Style.Bullet, 30, 0);
        IFacilities.Piece[] memory pieces = _pieces(id);
        vm.prank(seller);
        vm.expectPartialRevert(IFacilities.CoverMissing.selector);
        facilities.drawOnGoods(request, pieces);
    }

    function test_a_loan_has_at_most_sixteen_pieces() public {
        IFacilities.Piece[] memory many = new IFacilities.Piece[](17);
        for (uint256 i; i < 17; ++i) {
            many[i] = _pieces(_receipt(1_000))[0];
        }
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TooManyPieces.selector, 1, 17, 16));
        this.drawOn(1, many);
    }

    // ------------------------------------------------------------------ swaps

    function test_goods_are_swapped_in_one_transaction_when_the_rest_covers() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(3_000_00);
        uint256 fresh = _receipt(600_000);
        vm.startPrank(seller);
        facilities.changeCover(loanId, _pieces(fresh), _pieces(id));
        assertEq(receipts.lienholderOf(id), address(0), "free");
        assertEq(receipts.lienholderOf(fresh), address(facilities), "under lien");
        assertEq(facilities.coverOf(loanId).lendable, 3_600_00, "lendable");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.CoverTooSmall.selector, 0, 2_999_40, 3_000_00));
        facilities.changeCover(loanId, _none(), _part(fresh, 100_100));
        facilities.changeCover(loanId, _none(), _part(fresh, 100_000));
        vm.stopPrank();
        assertEq(receipts.balanceOf(fresh), 500_000, "what stays");
        assertEq(facilities.coverOf(loanId).lendable, 3_000_00, "just covers");
    }

    function test_only_the_borrower_changes_the_cover_and_only_with_what_is_in_it() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(3_000_00);
        uint256 fresh = _receipt(600_000);
        IFacilities.Piece[] memory pieces = _pieces(fresh);
        address[3] memory others = [bank, debtor, STRANGER];
        for (uint256 i; i < 3; ++i) {
            vm.prank(others[i]);
            vm.expectPartialRevert(IFacilities.NotBorrower.selector);
            facilities.changeCover(loanId, pieces, _none());
        }
        vm.startPrank(seller);
        vm.expectPartialRevert(IFacilities.PieceNotOfLoan.selector);
        facilities.changeCover(loanId, _none(), pieces);
        IFacilities.Piece[] memory order = new IFacilities.Piece[](1);
        order[0] = IFacilities.Piece(IProducts.Cover.Order, 1, 0);
        vm.expectPartialRevert(IFacilities.PieceRefused.selector);
        facilities.changeCover(loanId, order, _none());
        facilities.repay(loanId, 3_000_00);
        vm.expectPartialRevert(IFacilities.StateForbids.selector);
        facilities.changeCover(loanId, pieces, _none());
        vm.stopPrank();
        assertEq(receipts.lienholderOf(id), address(0), "free");
    }

    function test_of_the_same_goods_the_oldest_go_out_first() public {
        uint256 old = _receipt(500_000);
        _days(10);
        _priced(TEN);
        uint256 young = _receipt(500_000);
        IFacilities.Piece[] memory both = new IFacilities.Piece[](2);
        (both[0], both[1]) = (_pieces(old)[0], _pieces(young)[0]);
        LoanId loanId = _drawOn(3_000_00, both);
        vm.startPrank(seller);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.OlderGoodsFirst.selector, young, old));
        facilities.changeCover(loanId, _none(), _part(young, 1_000));
        facilities.repay(loanId, 1_500_00);
        facilities.changeCover(loanId, _none(), _pieces(old));
        vm.stopPrank();
        assertEq(receipts.lienholderOf(old), address(0), "the oldest is free");
    }

    function test_nobody_moves_pledged_goods_but_through_the_loan() public {
        (, uint256 id) = _loanOnGoods(3_000_00);
        vm.startPrank(seller);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receipts.assign(id, debtor, 1_000, 0);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receipts.requestRelease(ReceiptId.wrap(id), 1_000, PAPERS);
        vm.expectPartialRevert(ISplittableToken.NotLienholder.selector);
        receipts.release(id);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ in kind

    function test_goods_for_debt_at_a_value_that_both_sign() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        IFacilities.InKind memory given =
            IFacilities.InKind(LoanId.unwrap(loanId), id, 400_000, 3_500_00, PAPERS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(given);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, bank, digest));
        facilities.settleInKind(given, borrower, borrower);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        facilities.settleInKind(given, lender, lender);
        facilities.settleInKind(given, lender, borrower);
        assertEq(_payoff(loanId), 1_500_00, "debt");
        assertEq(receipts.balanceOf(id), 600_000, "what stays under lien");
        assertEq(receipts.ownerOf(id + 1), bank, "the lender has the goods");
        assertEq(receipts.lienholderOf(id + 1), address(0), "without a lien");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.settleInKind(given, lender, borrower);
    }

    function test_in_kind_takes_no_other_loans_goods_and_no_more_than_the_debt() public {
        (LoanId loanId,) = _loanOnGoods(5_000_00);
        (, uint256 other) = _loanOnGoods(1_000_00);
        IFacilities.InKind memory given =
            IFacilities.InKind(LoanId.unwrap(loanId), other, 1_000, 1_00, PAPERS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(given);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectPartialRevert(IFacilities.CoverInUse.selector);
        facilities.settleInKind(given, lender, borrower);
        given.receiptId = _receipt(1_000_000);
        given.credit = 5_000_01;
        digest = facilities.inKindDigest(given);
        (lender, borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SetOffExceedsDebt.selector, loanId, 5_000_01, 5_000_00));
        facilities.settleInKind(given, lender, borrower);
        given.credit = 5_000_00;
        digest = facilities.inKindDigest(given);
        (lender, borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        facilities.settleInKind(given, lender, borrower);
        assertTrue(_statusOfLoan(loanId) == IFacilities.Status.Repaid, "a free receipt of the borrower does too");
        assertEq(receipts.balanceOf(given.receiptId), 999_000, "so much of it");
    }

    function test_a_claim_of_the_cover_set_off_leaves_it() public {
        uint256 id = _receipt(1_000_000);
        (, uint256 claimId) = _confirmed(1_000_00);
        IFacilities.Piece[] memory mixed = new IFacilities.Piece[](2);
        mixed[0] = _pieces(id)[0];
        mixed[1] = IFacilities.Piece(IProducts.Cover.Claim, claimId, 0);
        LoanId loanId = _drawOn(6_500_00, mixed);
        IFacilities.SetOff memory given =
            IFacilities.SetOff(LoanId.unwrap(loanId), claimId, 1_000_00, 990_00, PAPERS, _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(given);
        facilities.setOff(given, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(receivables.ownerOf(claimId), bank, "the lender's");
        assertEq(receivables.lienholderOf(claimId), address(0), "free");
        assertEq(facilities.coverOf(loanId).pieces.length, 1, "goods stay");
        assertEq(_payoff(loanId), 5_510_00, "debt");
    }

    function test_a_loan_whose_whole_claim_was_set_off_has_no_cover_left() public {
        FacilityId claims = _line(_add(_claimProduct()), 72_000, 1_000_000_00);
        (, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(claims, 800_00, LoanMath.Style.Bullet, 30, claimId);
        IFacilities.SetOff memory given =
            IFacilities.SetOff(LoanId.unwrap(loanId), claimId, 1_000_00, 800_00, PAPERS, _deadline(), 1);
        _days(15);
        bytes32 digest = facilities.setOffDigest(given);
        facilities.setOff(given, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertTrue(facilities.loan(loanId).cover == IProducts.Cover.None, "none");
        assertEq(_payoff(loanId), 2_40, "interest of fifteen days");
    }

    // ------------------------------------------------------------------ parts of the above

    function drawOn(uint64 amount, IFacilities.Piece[] memory pieces) external {
        _drawOn(amount, pieces);
    }

    function _refused(bytes memory reason, uint256 variant) private {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        if (variant == 0) terms.depositor = suppliers[0];
        else terms.negotiable = false;
        (, uint256 id) = _issue(terms);
        vm.expectRevert(reason);
        this.drawOn(1_00, _pieces(id));
    }
}
