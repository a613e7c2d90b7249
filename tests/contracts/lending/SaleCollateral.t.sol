// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {ILiquidation} from "../../../contracts/lending/liquidation/ILiquidation.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "./GoodsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// Collateral follows a loan that is sold: claims, goods, margin calls, auctions and buy-back undertakings.
contract SaleCollateralTest is GoodsFixture, SalesFixture {
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
        assertEq(uint256(facilities.facility(bought).overdueLoans), 1, "overdue in its new facility");
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
        facilities.buyLoanBack(loanId, bank);
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

    function _undertaken(address lender, FacilityId forFacility, uint64 max) private {
        ILiquidation.BuyBack memory terms = ILiquidation.BuyBack({
            facilityId: FacilityId.unwrap(forFacility),
            undertaker: undertaker,
            share: 800_000,
            maxTotal: max,
            lastDay: _today() + 300,
            legalTextHash: keccak256("text"),
            deadline: _deadline(),
            nonce: uint256(uint160(lender))
        });
        bytes memory signature = _signed(UNDERTAKER_KEY, facilities.buyBackDigest(terms));
        vm.prank(lender);
        facilities.agreeBuyBack(terms, signature);
    }
}
