// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISplittableToken} from "../../../../contracts/tokens/ISplittableToken.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../../contracts/risk/IPriceFeed.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    PartyId,
    WarehouseReceiptId,
    ReceivableId
} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// Loans on goods: what can be lent, substitution, partial release, settlement in kind.
contract GoodsTest is GoodsFixture {
    // ------------------------------------------------------------------ draws

    function test_draw_on_goods_is_at_most_their_value_less_the_haircut() public {
        uint256 id = _warehouseReceipt(1_000_000);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, 0, 6_000_00, 6_000_01));
        this.drawOn(6_000_01, _items(id));
        uint256 before = cash.balanceOf(seller);
        LoanId loanId = _drawOn(6_000_00, _items(id));
        assertEq(cash.balanceOf(seller) - before, 6_000_00, "money");
        assertEq(warehouseReceipts.lienholderOf(id), address(facilities), "lien");
        assertEq(warehouseReceipts.ownerOf(id), seller, "the owner stays the owner");
        assertEq(
            LoanId.unwrap(facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(id))),
            LoanId.unwrap(loanId),
            "whose loan"
        );
        ICollateral.CollateralState memory collateral = facilities.collateralOf(loanId);
        assertEq(collateral.market, 10_000_00, "market");
        assertEq(collateral.lendable, 6_000_00, "lendable");
        assertTrue(collateral.priced, "priced");
        assertEq(collateral.items.length, 1, "items");
    }

    function test_one_warehouse_receipt_backs_one_loan() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(1_000_00);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralInUse.selector, id, loanId));
        this.drawOn(1_00, _items(id));
        ICollateral.CollateralItem[] memory twice = new ICollateral.CollateralItem[](2);
        uint256 fresh = _warehouseReceipt(1_000);
        (twice[0], twice[1]) = (_items(fresh)[0], _items(fresh)[0]);
        vm.expectPartialRevert(ICollateral.CollateralInUse.selector);
        this.drawOn(1_00, twice);
    }

    function test_claims_may_stand_beside_goods_at_their_advance() public {
        uint256 id = _warehouseReceipt(1_000_000);
        (, uint256 claimId) = _confirmed(1_000_00);
        ICollateral.CollateralItem[] memory mixed = new ICollateral.CollateralItem[](2);
        mixed[0] = _items(id)[0];
        mixed[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        LoanId loanId = _drawOn(6_700_00, mixed);
        assertEq(facilities.collateralOf(loanId).lendable, 6_700_00, "6,000 of goods and 70 % of 1,000");
        assertEq(LoanId.unwrap(facilities.loanOfClaim(ClaimId.wrap(claimId))), LoanId.unwrap(loanId), "claim");
        ICollateral.CollateralItem[] memory claimsOnly = new ICollateral.CollateralItem[](1);
        (, uint256 other) = _confirmed(1_000_00);
        claimsOnly[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, other, 0);
        vm.expectPartialRevert(ILoans.CollateralMissing.selector);
        this.drawOn(1_00, claimsOnly);
    }

    function test_a_claim_that_is_collateral_is_collected_through_the_loan() public {
        uint256 id = _warehouseReceipt(1_000_000);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(10_000_00);
        ICollateral.CollateralItem[] memory mixed = new ICollateral.CollateralItem[](2);
        mixed[0] = _items(id)[0];
        mixed[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        LoanId loanId = _drawOn(8_000_00, mixed);
        _pay(receivableId, 10_000_00);
        uint256 before = cash.balanceOf(seller);
        receivables.collect(ClaimId.wrap(claimId));
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
        assertEq(cash.balanceOf(seller) - before, 2_000_00, "the rest is the owner's");
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "the goods are free");
        assertEq(facilities.collateralOf(loanId).items.length, 0, "nothing left");
    }

    function test_collateral_counts_only_the_unpaid_part_of_a_claim_until_its_last_day() public {
        uint256 id = _warehouseReceipt(1_000_000);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_00);
        ICollateral.CollateralItem[] memory mixed = new ICollateral.CollateralItem[](2);
        mixed[0] = _items(id)[0];
        mixed[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        LoanId loanId = _drawOn(1_000_00, mixed);
        _pay(receivableId, 400_00);
        assertEq(facilities.collateralOf(loanId).lendable, 6_000_00 + 420_00, "70 % of 600.00");
        _toDay(DUE_DAY);
        assertEq(facilities.collateralOf(loanId).lendable, 420_00, "the claim on its due day, no price for the goods");
        _toDay(DUE_DAY + 1);
        assertEq(facilities.collateralOf(loanId).lendable, 0, "overdue");
    }

    function test_goods_count_until_the_last_day_on_which_a_call_leaves_time_to_sell_them() public {
        (LoanId loanId,) = _loanOnGoods(1_000_00);
        _days(170);
        _priced(TEN);
        assertEq(facilities.collateralOf(loanId).lendable, 6_000_00, "on the last day");
        _days(1);
        assertEq(facilities.collateralOf(loanId).lendable, 0, "the day after");
        assertEq(facilities.collateralOf(loanId).market, 10_000_00, "what they may be sold for");
        _days(10);
        assertEq(facilities.collateralOf(loanId).market, 0, "the day after their last good day");
    }

    function test_draw_reverts_when_goods_cannot_be_collateral() public {
        _refused(abi.encodeWithSelector(ICollateral.CollateralNotOfBorrower.selector, 1, suppliers[0], seller), 0);
        _refused(
            abi.encodeWithSelector(ICollateral.ItemRefused.selector, IProducts.CollateralKind.WarehouseReceipt, 2), 1
        );
        uint256 id = _warehouseReceipt(1_000_000);
        LotId lotId = warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).lotId;
        vm.prank(WAREHOUSE);
        warehouseReceipts.inspect(lotId, IWarehouseReceipts.Condition.Reduced, DOCUMENTS);
        vm.expectPartialRevert(IWarehouseReceipts.LotNotSound.selector);
        this.drawOn(1_00, _items(id));
        id = _warehouseReceipt(1_000_000);
        vm.expectPartialRevert(ICollateral.ItemRefused.selector);
        this.drawOn(1_00, _part(id, 1_000));
        vm.prank(seller);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 1_000_000, DOCUMENTS);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        this.drawOn(1_00, _items(id));
    }

    function test_draw_reverts_when_the_price_is_missing_old_or_in_doubt() public {
        uint256 id = _warehouseReceipt(1_000_000);
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory jump = _price(TEN * 2, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        prices.post(jump);
        vm.expectPartialRevert(IPriceFeed.PriceInDoubt.selector);
        this.drawOn(1_00, _items(id));
        vm.prank(SECOND_APPRAISER);
        prices.confirm(jump);
        _drawOn(11_000_00, _items(id));
        id = _warehouseReceipt(1_000_000);
        PartyId appraiser = registry.partyOf(FIRST_APPRAISER);
        vm.prank(REGISTRAR);
        registry.setRoles(appraiser, 0);
        vm.expectPartialRevert(IPriceFeed.AppraiserGone.selector);
        this.drawOn(1_00, _items(id));
        vm.warp(block.timestamp + PRICE_AGE);
        id = _warehouseReceipt(1_000_000);
        vm.expectPartialRevert(IPriceFeed.PriceTooOld.selector);
        this.drawOn(1_00, _items(id));
    }

    function test_draw_and_draw_on_goods_each_revert_for_the_others_products() public {
        uint256 id = _warehouseReceipt(1_000_000);
        vm.startPrank(seller);
        vm.expectPartialRevert(ILoans.CollateralMissing.selector);
        facilities.draw(_request(facilityId, 1_00, LoanMath.Style.Bullet, 30, id));
        vm.stopPrank();
        FacilityId plain = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_00);
        ILoans.DrawRequest memory request = _request(plain, 1_00, LoanMath.Style.Bullet, 30, 0);
        ICollateral.CollateralItem[] memory items = _items(id);
        vm.prank(seller);
        vm.expectPartialRevert(ILoans.CollateralMissing.selector);
        facilities.drawOnGoods(request, items);
    }

    function test_draw_on_goods_reverts_above_sixteen_items() public {
        ICollateral.CollateralItem[] memory many = new ICollateral.CollateralItem[](17);
        for (uint256 i; i < 17; ++i) {
            many[i] = _items(_warehouseReceipt(1_000))[0];
        }
        vm.expectRevert(abi.encodeWithSelector(ICollateral.TooManyItems.selector, 1, 17, 16));
        this.drawOn(1, many);
    }

    // ------------------------------------------------------------------ substitution

    function test_substitute_collateral_moves_goods_in_one_transaction_when_the_rest_suffices() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(3_000_00);
        uint256 fresh = _warehouseReceipt(600_000);
        vm.startPrank(seller);
        facilities.substituteCollateral(loanId, _items(fresh), _items(id));
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free");
        assertEq(warehouseReceipts.lienholderOf(fresh), address(facilities), "under lien");
        assertEq(facilities.collateralOf(loanId).lendable, 3_600_00, "lendable");
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, 0, 2_999_40, 3_000_00));
        facilities.substituteCollateral(loanId, _none(), _part(fresh, 100_100));
        facilities.substituteCollateral(loanId, _none(), _part(fresh, 100_000));
        vm.stopPrank();
        assertEq(warehouseReceipts.balanceOf(fresh), 500_000, "what stays");
        assertEq(facilities.collateralOf(loanId).lendable, 3_000_00, "just enough");
    }

    function test_substitute_collateral_reverts_for_another_caller_and_for_an_item_not_of_the_loan() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(3_000_00);
        uint256 fresh = _warehouseReceipt(600_000);
        ICollateral.CollateralItem[] memory items = _items(fresh);
        address[3] memory others = [bank, debtor, STRANGER];
        for (uint256 i; i < 3; ++i) {
            vm.prank(others[i]);
            vm.expectPartialRevert(IFacilities.NotBorrower.selector);
            facilities.substituteCollateral(loanId, items, _none());
        }
        vm.startPrank(seller);
        vm.expectPartialRevert(ICollateral.ItemNotOfLoan.selector);
        facilities.substituteCollateral(loanId, _none(), items);
        ICollateral.CollateralItem[] memory order = new ICollateral.CollateralItem[](1);
        order[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Order, 1, 0);
        vm.expectPartialRevert(ICollateral.ItemRefused.selector);
        facilities.substituteCollateral(loanId, order, _none());
        facilities.repay(loanId, 3_000_00);
        vm.expectPartialRevert(ILoans.StateForbids.selector);
        facilities.substituteCollateral(loanId, items, _none());
        vm.stopPrank();
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free");
    }

    function test_substitution_removes_the_oldest_of_equal_goods_first() public {
        uint256 old = _warehouseReceipt(500_000);
        _days(10);
        _priced(TEN);
        uint256 young = _warehouseReceipt(500_000);
        ICollateral.CollateralItem[] memory both = new ICollateral.CollateralItem[](2);
        (both[0], both[1]) = (_items(old)[0], _items(young)[0]);
        LoanId loanId = _drawOn(3_000_00, both);
        vm.startPrank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.OlderGoodsFirst.selector, young, old));
        facilities.substituteCollateral(loanId, _none(), _part(young, 1_000));
        facilities.repay(loanId, 1_500_00);
        facilities.substituteCollateral(loanId, _none(), _items(old));
        vm.stopPrank();
        assertEq(warehouseReceipts.lienholderOf(old), address(0), "the oldest is free");
    }

    function test_encumbered_goods_move_only_through_the_loan() public {
        (, uint256 id) = _loanOnGoods(3_000_00);
        vm.startPrank(seller);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        warehouseReceipts.assign(id, debtor, 1_000, 0);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 1_000, DOCUMENTS);
        vm.expectPartialRevert(ISplittableToken.NotLienholder.selector);
        warehouseReceipts.release(id);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ in kind

    function test_settle_in_kind_takes_goods_at_the_value_that_both_signed() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), id, 400_000, 3_500_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(inKind);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, bank, digest));
        facilities.settleInKind(inKind, borrower, borrower);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        facilities.settleInKind(inKind, lender, lender);
        facilities.settleInKind(inKind, lender, borrower);
        assertEq(_payoff(loanId), 1_500_00, "debt");
        assertEq(warehouseReceipts.balanceOf(id), 600_000, "what stays under lien");
        assertEq(warehouseReceipts.ownerOf(id + 1), bank, "the lender has the goods");
        assertEq(warehouseReceipts.lienholderOf(id + 1), address(0), "without a lien");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.settleInKind(inKind, lender, borrower);
    }

    function test_settle_in_kind_reverts_for_goods_of_another_loan_and_above_the_debt() public {
        (LoanId loanId,) = _loanOnGoods(5_000_00);
        (, uint256 other) = _loanOnGoods(1_000_00);
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), other, 1_000, 1_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(inKind);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectPartialRevert(ICollateral.CollateralInUse.selector);
        facilities.settleInKind(inKind, lender, borrower);
        inKind.warehouseReceiptId = _warehouseReceipt(1_000_000);
        inKind.credit = 5_000_01;
        digest = facilities.inKindDigest(inKind);
        (lender, borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(ILoans.SetOffExceedsDebt.selector, loanId, 5_000_01, 5_000_00));
        facilities.settleInKind(inKind, lender, borrower);
        inKind.credit = 5_000_00;
        digest = facilities.inKindDigest(inKind);
        (lender, borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        facilities.settleInKind(inKind, lender, borrower);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "a free warehouse receipt of the borrower does too");
        assertEq(warehouseReceipts.balanceOf(inKind.warehouseReceiptId), 999_000, "so much of it");
    }

    function test_set_off_removes_a_claim_from_the_collateral() public {
        uint256 id = _warehouseReceipt(1_000_000);
        (, uint256 claimId) = _confirmed(1_000_00);
        ICollateral.CollateralItem[] memory mixed = new ICollateral.CollateralItem[](2);
        mixed[0] = _items(id)[0];
        mixed[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        LoanId loanId = _drawOn(6_500_00, mixed);
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 1_000_00, 990_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        facilities.setOff(setOff_, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(receivables.ownerOf(claimId), bank, "the lender's");
        assertEq(receivables.lienholderOf(claimId), address(0), "free");
        assertEq(facilities.collateralOf(loanId).items.length, 1, "goods stay");
        assertEq(_payoff(loanId), 5_510_00, "debt");
    }

    function test_a_loan_whose_whole_claim_was_set_off_has_no_collateral_left() public {
        FacilityId claims = _agreedFacility(_add(_claimProduct()), 72_000, 1_000_000_00);
        (, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(claims, 800_00, LoanMath.Style.Bullet, 30, claimId);
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 1_000_00, 800_00, DOCUMENTS, _deadline(), 1);
        _days(15);
        bytes32 digest = facilities.setOffDigest(setOff_);
        facilities.setOff(setOff_, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertTrue(facilities.loan(loanId).collateral == IProducts.CollateralKind.None, "none");
        assertEq(_payoff(loanId), 2_40, "interest of fifteen days");
    }

    // ------------------------------------------------------------------ parts of the above

    function drawOn(uint64 amount, ICollateral.CollateralItem[] memory items) external {
        _drawOn(amount, items);
    }

    function _refused(bytes memory reason, uint256 variant) private {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        if (variant == 0) terms.depositor = suppliers[0];
        else terms.negotiable = false;
        (, uint256 id) = _issue(terms);
        vm.expectRevert(reason);
        this.drawOn(1_00, _items(id));
    }
}
