// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {ILiquidation} from "../../../contracts/lending/liquidation/ILiquidation.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {HostileParty} from "./collateral/GoodsHostile.t.sol";
import {GoodsFixture} from "./GoodsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// Collateral follows a loan that is sold: claims, goods, margin calls, auctions and buy-back undertakings.
contract SaleCollateralTest is GoodsFixture, SalesFixture {
    uint256 private _undertakings;

    function setUp() public override(GoodsFixture, SalesFixture) {
        super.setUp();
    }

    function test_debtors_payment_reaches_the_buyer() public {
        FacilityId facility = _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000_00);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_000_00);
        LoanId loanId = _draw(facility, 700_000_00, LoanMath.Style.Bullet, 60, claimId);
        _sell(loanId, otherBank, 690_000_00);
        _days(30);
        _pay(receivableId, 1_000_000_00);
        (uint256 buyers, uint256 sellers) = (cash.balanceOf(otherBank), cash.balanceOf(bank));
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(cash.balanceOf(otherBank), buyers + 704_200_00, "30 days at 7.2 %");
        assertEq(cash.balanceOf(bank), sellers, "the old lender");
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
    }

    function test_margin_call_stands_and_the_buyer_liquidates() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _priced(920_000);
        facilities.checkMargin(loanId);
        FacilityId bought = _sell(loanId, otherBank, 5_000_00);
        assertTrue(facilities.collateralOf(loanId).lastDay != 0, "called");
        _days(7);
        _priced(920_000);
        vm.expectPartialRevert(bytes4(keccak256("NotLender(uint256,address,address)")));
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.prank(otherBank);
        facilities.liquidate(loanId);
        assertEq(uint256(facilities.facility(bought).overdueLoans), 0, "no stop of its own");
        assertEq(uint256(facilities.facility(facilityId).overdueLoans), 1, "overdue where it was drawn");
    }

    function test_loan_in_an_auction_is_neither_sold_nor_bought_back() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, 5_000_00), 3, 1_000_000, _today() + 90));
        _priced(800_000);
        vm.prank(otherBank);
        facilities.liquidate(loanId);
        bytes memory refusal = abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, bytes32("auction"));
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, thirdBank, 1_00);
        _expectRefusal(terms, refusal);
        vm.expectRevert(refusal);
        vm.prank(otherBank);
        facilities.buyLoanBack(loanId, bank, 0, 0);
    }

    function test_undertaking_of_the_origin_stands_for_a_sold_loan() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _undertaken(bank, facilityId, 20_000_00);
        FacilityId bought = _sell(loanId, otherBank, 5_000_00);
        _priced(800_000);
        vm.prank(otherBank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionStart + 36 hours);
        uint256 before = cash.balanceOf(otherBank);
        uint64 owed = _payoff(loanId);
        uint64 price = facilities.callBuyBack(loanId);
        assertEq(cash.balanceOf(otherBank), before + owed, "the new lender is paid");
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_00 - price, "of the origin's maximum");
        assertEq(facilities.buyBackOf(bought).left, 0, "it has none of its own");
    }

    function test_new_lenders_own_undertaking_goes_first() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _undertaken(bank, facilityId, 20_000_00);
        FacilityId bought = _sell(loanId, otherBank, 5_000_00);
        _undertaken(otherBank, bought, 10_000_00);
        _priced(800_000);
        vm.prank(otherBank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionStart + 36 hours);
        uint64 price = facilities.callBuyBack(loanId);
        assertEq(facilities.buyBackOf(bought).left, 10_000_00 - price, "its own");
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_00, "the origin's is unused");
    }

    /// The holder's friend undertakes to pay 0.01 at most; the origin's undertaker pays the whole debt all the same.
    function test_undertaking_of_the_holder_that_pays_less_goes_after_the_origins() public {
        (LoanId loanId, FacilityId bought) = _soldWithUndertaking();
        _undertake(otherBank, _ofThirdBank(bought, 0, 1), "");
        _liquidated(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        uint64 owed = _payoff(loanId);
        uint256 before = cash.balanceOf(undertaker);
        uint64 price = facilities.callBuyBack(loanId);
        assertTrue(price >= owed && price - owed <= 1, "the debt, rounded up to a part of the goods");
        assertEq(cash.balanceOf(undertaker), before - price, "by the origin's undertaker");
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
        assertEq(facilities.buyBackOf(bought).left, 1, "the friend bought nothing");
    }

    /// Both pay what the floor asks: the friend the debt for all goods, the origin's 80 % of their value for fewer.
    function test_of_two_undertakings_at_the_floor_the_one_that_leaves_goods_goes_first() public {
        (LoanId loanId, FacilityId bought) = _soldWithUndertaking();
        _undertake(otherBank, _ofThirdBank(bought, 0, 20_000_00), "");
        _liquidated(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        uint64 price = facilities.callBuyBack(loanId);
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_00 - price, "the origin's");
        assertEq(facilities.buyBackOf(bought).left, 20_000_00, "the friend's is unused");
    }

    function test_undertaking_of_the_holder_that_pays_more_goes_before_the_origins() public {
        (LoanId loanId, FacilityId bought) = _soldWithUndertaking();
        _undertake(otherBank, _ofThirdBank(bought, 900_000, 10_000_00), "");
        _liquidated(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        uint256 before = cash.balanceOf(thirdBank);
        uint64 price = facilities.callBuyBack(loanId);
        assertEq(cash.balanceOf(thirdBank), before - price, "the holder's own");
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_00, "the origin's is unused");
    }

    function test_undertaker_of_the_holder_that_does_not_pay_gives_way_to_the_origins() public {
        (LoanId loanId, FacilityId bought) = _soldWithUndertaking();
        _undertake(otherBank, _ofThirdBank(bought, 2_000_000, 10_000_00), "");
        vm.prank(thirdBank);
        cash.approve(address(facilities), 0);
        _liquidated(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        uint64 price = facilities.callBuyBack(loanId);
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_00 - price, "the origin's");
        assertEq(facilities.buyBackOf(bought).left, 10_000_00, "the holder's is unused");
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
    }

    function test_undertaker_of_the_holder_that_refuses_the_goods_gives_way_to_the_origins() public {
        (LoanId loanId, FacilityId bought) = _soldWithUndertaking();
        HostileParty refusing = new HostileParty();
        _party(address(refusing), 1);
        vm.prank(address(refusing));
        cash.approve(address(facilities), type(uint256).max);
        refusing.callBack(address(facilities), abi.encodeCall(facilities.checkMargin, (LoanId.wrap(99))));
        ILiquidation.BuyBack memory terms = _undertaking(bought, 1_000_000, 10_000_00, _today() + 300);
        terms.undertaker = address(refusing);
        vm.prank(otherBank);
        facilities.agreeBuyBack(terms, "");
        _liquidated(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        uint256 before = cash.balanceOf(address(refusing));
        uint64 price = facilities.callBuyBack(loanId);
        assertEq(cash.balanceOf(address(refusing)), before, "it keeps its money");
        assertEq(facilities.buyBackOf(bought).left, 10_000_00, "and its maximum");
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_00 - price, "the origin's");
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
    }

    function test_undertaking_on_which_buyers_rely_gives_way_only_to_one_that_is_no_worse() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _undertaken(bank, facilityId, 20_000_00);
        _sell(loanId, otherBank, 5_000_00);
        uint24 lastDay = _today() + 300;
        bytes memory refusal = abi.encodeWithSelector(IFacilities.FacilityInUse.selector, facilityId, 6_000_00);
        _undertake(bank, _undertaking(facilityId, 800_000, 19_999_99, lastDay), refusal);
        _undertake(bank, _undertaking(facilityId, 799_999, 20_000_00, lastDay), refusal);
        _undertake(bank, _undertaking(facilityId, 800_000, 20_000_00, lastDay - 1), refusal);
        ILiquidation.BuyBack memory others = _undertaking(facilityId, 800_000, 20_000_00, lastDay);
        others.undertaker = thirdBank;
        _undertake(bank, others, refusal);
        _undertake(bank, _undertaking(facilityId, 800_001, 20_000_01, lastDay + 1), "");
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_01, "a better one");
        _repay(loanId, type(uint64).max);
        _undertake(bank, _undertaking(facilityId, 0, 1, lastDay), "");
        assertEq(facilities.buyBackOf(facilityId).left, 1, "nobody relies on it any more");
    }

    function test_change_of_collateral_ends_the_terms_of_a_sale() public {
        (LoanId loanId, uint256 receiptId) = _loanOnGoods(4_000_00);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, 5_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(receiptId, 1));
        assertEq(facilities.postingsOf(loanId).head, terms.postings, "nothing is posted");
        bytes memory refusal =
            abi.encodeWithSelector(ILoanSales.LoanChanged.selector, loanId, terms.principal, terms.postings);
        _expectRefusal(terms, refusal);
    }

    function test_change_of_who_bids_ends_the_terms_of_a_sale() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, 5_000_00);
        _undertaken(bank, facilityId, 20_000_00);
        _expectRefusal(
            terms, abi.encodeWithSelector(ILoanSales.LoanChanged.selector, loanId, terms.principal, terms.postings)
        );
        FacilityId bought = _sell(loanId, otherBank, 5_000_00);
        bytes32 standing = facilities.saleStanding(loanId);
        _undertaken(otherBank, bought, 10_000_00);
        assertTrue(facilities.saleStanding(loanId) != standing, "the holder's own counts");
        standing = facilities.saleStanding(loanId);
        _undertake(bank, _undertaking(facilityId, 800_001, 20_000_00, _today() + 300), "");
        assertTrue(facilities.saleStanding(loanId) != standing, "and that of the origin");
    }

    function test_acceptance_of_a_debtor_ends_the_terms_of_a_sale() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        (, uint256 claimId) = _confirmed(10_000_00);
        ICollateral.CollateralItem[] memory added = new ICollateral.CollateralItem[](1);
        added[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, added, new ICollateral.CollateralItem[](0));
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, 5_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, false);
        _expectRefusal(
            terms, abi.encodeWithSelector(ILoanSales.LoanChanged.selector, loanId, terms.principal, terms.postings)
        );
    }

    function test_undertaking_of_the_new_lender_that_is_over_gives_way_to_the_origins() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _undertaken(bank, facilityId, 20_000_00);
        FacilityId bought = _sell(loanId, otherBank, 5_000_00);
        _undertake(otherBank, _undertaking(bought, 800_000, 10_000_00, _today()), "");
        _days(1);
        _priced(800_000);
        vm.prank(otherBank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionStart + 36 hours);
        uint64 price = facilities.callBuyBack(loanId);
        assertEq(facilities.buyBackOf(facilityId).left, 20_000_00 - price, "the origin's");
        assertEq(facilities.buyBackOf(bought).left, 10_000_00, "its own had ended before");
    }

    function test_new_claims_need_the_new_lenders_acceptance() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        FacilityId bought = _sell(loanId, otherBank, 5_000_00);
        (, uint256 claimId) = _confirmed(1_000_00);
        ICollateral.CollateralItem[] memory added = new ICollateral.CollateralItem[](1);
        added[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        ICollateral.CollateralItem[] memory removed = new ICollateral.CollateralItem[](0);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.DebtorNotAccepted.selector, bought, debtor));
        facilities.substituteCollateral(loanId, added, removed);
        vm.prank(otherBank);
        facilities.acceptDebtor(bought, debtor, true);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, added, removed);
    }

    function test_claim_that_counted_as_collateral_goes_on_counting() public {
        (LoanId loanId, uint256 receiptId) = _loanOnGoods(6_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        (, uint256 claimId) = _confirmed(10_000_00);
        ICollateral.CollateralItem[] memory added = new ICollateral.CollateralItem[](1);
        added[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        ICollateral.CollateralItem[] memory none = new ICollateral.CollateralItem[](0);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, added, none);
        _sell(loanId, otherBank, 5_000_00);
        // The claim alone covers the loan: some of the goods may go.
        vm.prank(seller);
        facilities.substituteCollateral(loanId, none, _part(receiptId, 900_000));
    }

    function _soldWithUndertaking() private returns (LoanId loanId, FacilityId bought) {
        (loanId,) = _loanOnGoods(6_000_00);
        _undertaken(bank, facilityId, 20_000_00);
        bought = _sell(loanId, otherBank, 5_000_00);
    }

    function _liquidated(LoanId loanId) private {
        _priced(800_000);
        vm.prank(otherBank);
        facilities.liquidate(loanId);
    }

    function _ofThirdBank(FacilityId bought, uint24 share, uint64 max)
        private
        returns (ILiquidation.BuyBack memory terms)
    {
        terms = _undertaking(bought, share, max, _today() + 300);
        terms.undertaker = thirdBank;
    }

    function _undertaken(address lender, FacilityId forFacility, uint64 max) private {
        _undertake(lender, _undertaking(forFacility, 800_000, max, _today() + 300), "");
    }

    function _undertaking(FacilityId forFacility, uint24 share, uint64 max, uint24 lastDay)
        private
        returns (ILiquidation.BuyBack memory)
    {
        return ILiquidation.BuyBack({
            facilityId: FacilityId.unwrap(forFacility),
            undertaker: undertaker,
            share: share,
            maxTotal: max,
            lastDay: lastDay,
            legalTextHash: keccak256("text"),
            deadline: _deadline(),
            nonce: ++_undertakings
        });
    }

    /// The lender agrees an undertaking; the refusal is empty if it may.
    function _undertake(address lender, ILiquidation.BuyBack memory terms, bytes memory refusal) private {
        uint256 key = terms.undertaker == undertaker ? UNDERTAKER_KEY : THIRD_BANK_KEY;
        bytes memory signature = _signed(key, facilities.buyBackDigest(terms));
        if (refusal.length != 0) vm.expectRevert(refusal);
        vm.prank(lender);
        facilities.agreeBuyBack(terms, signature);
    }
}
