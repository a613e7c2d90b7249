// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {ILiquidation} from "../../../contracts/lending/liquidation/ILiquidation.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, PartyId, ReceivableId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {packRecorded, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {GoodsFixture} from "./GoodsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// What holder and borrower change between them ends the seller's duty to buy the loan back, and never its right.
contract SaleDutiesTest is GoodsFixture, SalesFixture {
    uint8 private constant MAY = 1;
    uint8 private constant MUST = 2;
    uint24 private constant AT_PAR = 1_000_000;
    uint256 private _nonces;

    function setUp() public override(GoodsFixture, SalesFixture) {
        super.setUp();
    }

    // ------------------------------------------------------------------ the duty ends

    /// The holder takes goods worth 9,000.00 for 3,600.00, and would have called the rest from the seller.
    function test_duty_ends_when_the_holder_takes_collateral_in_place_of_money() public {
        (LoanId loanId, uint256 id) = _soldOnGoods();
        _inKind(loanId, id, 900_000, 3_600_00, otherBank);
        _expectDuty(loanId, false);
        _expectCallRefused(loanId);
    }

    function test_duty_stands_if_the_seller_sends_the_hand_over_itself() public {
        (LoanId loanId, uint256 id) = _soldOnGoods();
        _inKind(loanId, id, 900_000, 3_600_00, bank);
        _expectDuty(loanId, true);
        assertTrue(_called(loanId) != 0, "called");
    }

    function test_duty_stands_if_goods_that_are_no_collateral_are_handed_over() public {
        (LoanId loanId,) = _soldOnGoods();
        _inKind(loanId, _warehouseReceipt(1_000), 1_000, 1_00, otherBank);
        _expectDuty(loanId, true);
    }

    /// The holder buys goods worth 8,000.00 for 3,200.00, and would have called the other 2,800.00 from the seller.
    function test_duty_ends_when_the_holder_buys_the_goods_in_the_auction() public {
        (LoanId loanId, uint256 id) = _soldOnGoods();
        _auctionOver(loanId);
        uint256 sellers = cash.balanceOf(bank);
        vm.prank(otherBank);
        assertEq(facilities.bid(loanId, type(uint64).max), 3_200_00, "40 % of 8,000.00");
        assertEq(warehouseReceipts.ownerOf(id), otherBank, "all goods");
        _expectDuty(loanId, false);
        _expectCallRefused(loanId);
        assertEq(cash.balanceOf(bank), sellers, "the seller pays nothing");
    }

    function test_duty_ends_when_a_party_of_the_holders_group_buys_the_goods() public {
        (LoanId loanId,) = _soldOnGoods();
        address[2] memory accounts = [otherBank, thirdBank];
        for (uint256 i; i < 2; ++i) {
            PartyId partyId = registry.partyOf(accounts[i]);
            vm.prank(REGISTRAR);
            registry.setGroup(partyId, 9);
        }
        _auctionOver(loanId);
        vm.prank(thirdBank);
        facilities.bid(loanId, type(uint64).max);
        _expectDuty(loanId, false);
    }

    function test_duty_stands_when_another_buys_the_goods() public {
        (LoanId loanId,) = _soldOnGoods();
        _auctionOver(loanId);
        vm.prank(thirdBank);
        facilities.bid(loanId, type(uint64).max);
        _expectDuty(loanId, true);
        uint256 owed = _payoff(loanId);
        uint256 holders = cash.balanceOf(otherBank);
        assertEq(_called(loanId), owed, "what is still owed, at par");
        assertEq(cash.balanceOf(otherBank), holders + owed, "the holder has it all");
    }

    function test_duty_stands_if_the_holder_bids_in_vain() public {
        (LoanId loanId,) = _soldOnGoods();
        _auctionOver(loanId);
        vm.prank(otherBank);
        vm.expectPartialRevert(ILiquidation.PriceAboveBid.selector);
        facilities.bid(loanId, 1);
        _expectDuty(loanId, true);
    }

    function test_duty_ends_when_the_holder_takes_the_claim_under_lien() public {
        FacilityId facility = _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000_00);
        (, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(facility, 700_00, LoanMath.Style.Bullet, 30, claimId);
        _sellWithAll(loanId);
        (, uint256 freeClaimId) = _confirmed(1_000_00);
        vm.prank(seller);
        receivables.setApprovalForAll(address(facilities), true);
        _setOff(loanId, freeClaimId, 1_00);
        _expectDuty(loanId, true);
        _setOff(loanId, claimId, 100_00);
        _expectDuty(loanId, false);
    }

    function test_duty_ends_with_an_extension_unless_the_seller_sends_it() public {
        LoanId first = _soldPlain();
        LoanId second = _soldPlain();
        _extend(first, otherBank);
        _extend(second, bank);
        _expectDuty(first, false);
        _expectDuty(second, true);
        _days(70);
        vm.startPrank(otherBank);
        facilities.declareDefault(first);
        facilities.declareDefault(second);
        vm.stopPrank();
        _expectCallRefused(first);
        assertTrue(_called(second) != 0, "called");
    }

    function test_duty_ends_with_new_terms_unless_the_seller_sends_them() public {
        LoanId first = _soldPlain();
        LoanId second = _soldPlain();
        _restructure(first, otherBank);
        _restructure(second, bank);
        _expectDuty(first, false);
        _expectDuty(second, true);
    }

    function test_right_stands_when_the_duty_ends() public {
        LoanId loanId = _soldPlain();
        vm.expectEmit(address(facilities));
        emit ILoanSales.BuyBackChanged(loanId, MAY, facilities.loanSaleOf(loanId).buyBackLastDay);
        _restructure(loanId, otherBank);
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
        assertEq(_lenderOf(loanId), bank, "bought back");
    }

    // ------------------------------------------------------------------ a payment that never came

    /// The holder records 100.00 of interest, goods for as much leave, and it reverses that: 5,100.00 are owed on goods for
    /// 5,000.00.
    function test_seller_does_not_pay_what_let_goods_go_and_never_came() public {
        LoanId loanId = _afterHundredDays(166_666, false);
        assertEq(_payoff(loanId), 5_100_00, "all is owed again");
        assertEq(facilities.collateralOf(loanId).lendable, 5_000_00, "what is left secures less");
        _fallDue(loanId);
        uint256 owed = _payoff(loanId);
        assertEq(_called(loanId), owed - 100_00, "the seller pays the rest");
    }

    /// The goods left on the day before.
    function test_seller_pays_all_if_goods_left_before_a_payment_was_recorded_that_never_came() public {
        LoanId loanId = _afterHundredDays(100_000, true);
        _fallDue(loanId);
        uint256 owed = _payoff(loanId);
        assertEq(_called(loanId), owed, "the seller pays all that is owed");
    }

    // ------------------------------------------------------------------ a substitution of collateral

    function test_duty_stands_when_the_borrower_substitutes_goods_for_goods() public {
        (LoanId loanId, uint256 id) = _soldOnGoods();
        uint256 fresh = _warehouseReceipt(1_000_000);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(fresh), _part(id, 1_000_000));
        _expectDuty(loanId, true);
    }

    function test_duty_ends_when_goods_leave_for_a_claim_on_a_debtor_whom_only_the_holder_accepted() public {
        (LoanId loanId, uint256 id) = _soldOnGoods();
        FacilityId bought = facilities.loan(loanId).facilityId;
        vm.prank(otherBank);
        facilities.acceptDebtor(bought, debtor, true);
        (, uint256 claimId) = _confirmed(10_000_00);
        ICollateral.CollateralItem[] memory claims = new ICollateral.CollateralItem[](1);
        claims[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, claims, _none());
        _expectDuty(loanId, true);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, 900_000));
        _expectDuty(loanId, false);
    }

    /// Either claim is enough, but both are on a debtor whom only the holder accepted.
    function test_duty_ends_when_goods_leave_for_one_of_two_such_claims() public {
        (LoanId loanId, uint256 id) = _soldOnGoods();
        _holderAccepts(loanId);
        _addClaim(loanId, 10_000_00);
        _addClaim(loanId, 10_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, 900_000));
        _expectDuty(loanId, false);
    }

    /// The goods alone are twice what is needed.
    function test_duty_stands_when_goods_leave_that_are_not_needed_beside_such_a_claim() public {
        (LoanId loanId, uint256 id) = _soldForHalf();
        _holderAccepts(loanId);
        _addClaim(loanId, 1_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, 1_000));
        _expectDuty(loanId, true);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, 499_000));
        _expectDuty(loanId, true);
    }

    /// The goods alone are not enough at the new price, but there are more of them than before.
    function test_duty_stands_when_goods_rotate_beside_such_a_claim() public {
        (LoanId loanId, uint256 id) = _soldOnGoods();
        _priced(950_000);
        _holderAccepts(loanId);
        _addClaim(loanId, 2_000_00);
        uint256 fresh = _warehouseReceipt(2_000);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(fresh), _part(id, 1_000));
        _expectDuty(loanId, true);
    }

    function test_duty_stands_when_goods_that_are_not_needed_become_such_a_claim() public {
        (LoanId loanId, uint256 id) = _soldForHalf();
        _holderAccepts(loanId);
        _convert(loanId, id, 1_000);
        _expectDuty(loanId, true);
    }

    function test_duty_ends_when_goods_that_are_needed_become_such_a_claim() public {
        (LoanId loanId, uint256 id) = _soldForHalf();
        _holderAccepts(loanId);
        _convert(loanId, id, 600_000);
        _expectDuty(loanId, false);
    }

    function test_duty_stands_when_goods_leave_beside_a_claim_that_counted_when_the_loan_was_sold() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        (, uint256 claimId) = _confirmed(10_000_00);
        ICollateral.CollateralItem[] memory claims = new ICollateral.CollateralItem[](1);
        claims[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, claims, _none());
        _sellWithAll(loanId);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, 900_000));
        _expectDuty(loanId, true);
    }

    // ------------------------------------------------------------------ helpers

    /// A payment of 100.00 that the holder records and reverses on the hundredth day; the borrower takes goods out after
    /// the recording, or on the day before it.
    function _afterHundredDays(uint96 quantity, bool isBefore) private returns (LoanId loanId) {
        uint256 id;
        (loanId, id) = _loanOnGoods(5_000_00);
        _sellWithAll(loanId);
        _days(99);
        _priced(TEN);
        if (isBefore) _takeOut(loanId, id, quantity);
        _days(1);
        PostingWord posting = packRecorded(_today(), _today(), 100_00, "never came");
        IPostings.History memory history;
        vm.prank(otherBank);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), 100_00, _today(), "never came"), history);
        if (!isBefore) _takeOut(loanId, id, quantity);
        IPostings.Correction memory correction;
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        history.postings = new PostingWord[](1);
        history.postings[0] = posting;
        IPostings.History memory none;
        vm.prank(otherBank);
        facilities.correctPayment(correction, history, none, "");
    }

    function _takeOut(LoanId loanId, uint256 id, uint96 quantity) private {
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, quantity));
    }

    function _holderAccepts(LoanId loanId) private {
        FacilityId bought = facilities.loan(loanId).facilityId;
        vm.prank(otherBank);
        facilities.acceptDebtor(bought, debtor, true);
    }

    function _addClaim(LoanId loanId, uint96 face) private {
        (, uint256 claimId) = _confirmed(face);
        ICollateral.CollateralItem[] memory claims = new ICollateral.CollateralItem[](1);
        claims[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, claims, _none());
    }

    /// So many grams become a claim of 5,000.00 on the debtor.
    function _convert(LoanId loanId, uint256 id, uint96 quantity) private {
        ReceivableId receivableId = _request(5_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(
            loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), quantity
        );
    }

    /// 3,000.00 on goods for twice as much.
    function _soldForHalf() private returns (LoanId loanId, uint256 id) {
        (loanId, id) = _loanOnGoods(3_000_00);
        _sellWithAll(loanId);
    }

    function _soldOnGoods() private returns (LoanId loanId, uint256 id) {
        (loanId, id) = _loanOnGoods(6_000_00);
        _sellWithAll(loanId);
    }

    /// The goods fall to 8,000.00, the holder liquidates, and nobody bids until the floor is asked.
    function _auctionOver(LoanId loanId) private {
        _priced(800_000);
        vm.prank(otherBank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
    }

    function _soldPlain() private returns (LoanId loanId) {
        FacilityId facility = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_000_00);
        loanId = _bullet(facility, 10_000_00, 30);
        _sellWithAll(loanId);
    }

    function _sellWithAll(LoanId loanId) private {
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, 5_000_00), MAY | MUST, AT_PAR, _today() + 400));
    }

    function _expectDuty(LoanId loanId, bool stands) private view {
        assertEq(facilities.loanSaleOf(loanId).buyBack, stands ? MAY | MUST : MAY, "right and duty");
    }

    /// The loan falls due, and the holder calls the duty.
    function _fallDue(LoanId loanId) private {
        if (facilities.loan(loanId).status == ILoans.Status.Defaulted) return;
        _days(190);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
    }

    function _called(LoanId loanId) private returns (uint64 price) {
        _fallDue(loanId);
        vm.prank(otherBank);
        return facilities.buyLoanBack(loanId, bank, 0, 0);
    }

    function _expectCallRefused(LoanId loanId) private {
        _fallDue(loanId);
        vm.expectPartialRevert(ILoanSales.BuyBackNotDue.selector);
        vm.prank(otherBank);
        facilities.buyLoanBack(loanId, bank, 0, 0);
    }

    function _inKind(LoanId loanId, uint256 id, uint96 quantity, uint64 credit, address sender) private {
        ICollateral.InKind memory terms =
            ICollateral.InKind(LoanId.unwrap(loanId), id, quantity, credit, DOCUMENTS, _deadline(), ++_nonces);
        (bytes memory first, bytes memory second) = _bothSign(facilities.inKindDigest(terms));
        vm.prank(seller);
        warehouseReceipts.setApprovalForAll(address(facilities), true);
        vm.prank(sender);
        facilities.settleInKind(terms, first, second);
    }

    function _setOff(LoanId loanId, uint256 claimId, uint96 value) private {
        ILoans.SetOff memory terms =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, value, uint64(value), DOCUMENTS, _deadline(), ++_nonces);
        (bytes memory first, bytes memory second) = _bothSign(facilities.setOffDigest(terms));
        facilities.setOff(terms, first, second);
    }

    function _extend(LoanId loanId, address sender) private {
        ILoans.Extension memory terms =
            ILoans.Extension(LoanId.unwrap(loanId), _today() + 60, 0, _deadline(), ++_nonces);
        (bytes memory first, bytes memory second) = _bothSign(facilities.extensionDigest(terms));
        vm.prank(sender);
        facilities.extend(terms, first, second);
    }

    function _restructure(LoanId loanId, address sender) private {
        IRestructuring.Restructuring memory terms;
        terms.loanId = LoanId.unwrap(loanId);
        terms.style = LoanMath.Style.Bullet;
        terms.periods = 1;
        terms.monthsPerPeriod = 1;
        terms.dueDay = _today() + 10;
        terms.annualRate = 72_000;
        terms.deadline = _deadline();
        terms.nonce = ++_nonces;
        (bytes memory first, bytes memory second) = _bothSign(facilities.restructuringDigest(terms));
        vm.prank(sender);
        facilities.restructure(terms, first, second);
    }

    /// Holder and borrower.
    function _bothSign(bytes32 digest) private view returns (bytes memory, bytes memory) {
        return (_signed(OTHER_BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }
}
