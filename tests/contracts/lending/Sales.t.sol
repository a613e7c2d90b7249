// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {INewRisk} from "../../../contracts/registry/INewRisk.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {LendingFixture} from "./LendingFixture.sol";
import {PostingsFixture} from "./PostingsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// A lender sells a whole loan: what moves, what stays, and each refusal.
contract SalesTest is PostingsFixture, SalesFixture {
    uint64 private constant DRAWN = 400_000_00;
    uint64 private constant LIMIT = 1_000_000_00;
    uint64 private constant PRICE = 390_000_00;
    ProductId private _product;
    FacilityId private _facility;

    function setUp() public override(LendingFixture, SalesFixture) {
        super.setUp();
        _product = _add(_plainProduct());
        _facility = _agreedFacility(_product, 72_000, LIMIT);
    }

    // ------------------------------------------------------------------ what moves

    function test_loan_and_price_change_hands_in_one_transaction() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        (uint256 sellers, uint256 buyers) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        FacilityId bought = _sell(loanId, otherBank, PRICE);
        assertEq(cash.balanceOf(bank), sellers + PRICE, "seller");
        assertEq(cash.balanceOf(otherBank), buyers - PRICE, "buyer");
        IFacilities.Facility memory facility = facilities.facility(bought);
        assertEq(facility.lender, otherBank, "lender");
        assertEq(facility.borrower, seller, "borrower");
        assertTrue(facility.closed, "no draw ever");
        assertEq(facility.annualRate, 72_000, "rate");
        assertEq(facility.outstanding, DRAWN, "outstanding");
        assertEq(facility.limit, DRAWN, "limit");
        assertEq(uint256(facility.openLoans), 1, "open loans");
        assertEq(facilities.postingsOf(loanId).correctionDays, 10, "correction days");
        facility = facilities.facility(_facility);
        assertEq(facility.outstanding, 0, "nothing is left");
        assertEq(uint256(facility.openLoans), 0, "no open loan is left");
        ILoanSales.LoanSale memory sale = facilities.loanSaleOf(loanId);
        assertEq(sale.seller, bank, "seller of the record");
        assertEq(FacilityId.unwrap(sale.origin), FacilityId.unwrap(_facility), "origin");
    }

    function test_repayments_reach_the_buyer() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(30);
        _sell(loanId, otherBank, PRICE);
        _days(30);
        (uint256 sellers, uint256 buyers) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        _repay(loanId, type(uint64).max);
        assertEq(cash.balanceOf(bank), sellers, "seller");
        // 60 days at 7.2 %.
        assertEq(cash.balanceOf(otherBank), buyers + DRAWN + 4_800_00, "buyer");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_later_loans_of_the_same_seller_go_to_the_same_facility() public {
        FacilityId first = _sell(_bullet(_facility, 100_000_00, 60), otherBank, PRICE);
        FacilityId second = _sell(_bullet(_facility, 200_000_00, 60), otherBank, PRICE);
        assertEq(FacilityId.unwrap(first), FacilityId.unwrap(second), "one facility");
        assertEq(facilities.facility(first).outstanding, 300_000_00, "outstanding");
        assertEq(facilities.facility(first).limit, 300_000_00, "limit");
    }

    function test_chain_of_resales_ends_at_the_origin() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        FacilityId second = _sell(loanId, otherBank, PRICE);
        FacilityId third = _sell(loanId, thirdBank, PRICE);
        assertTrue(FacilityId.unwrap(second) != FacilityId.unwrap(third), "each has its own");
        assertEq(facilities.facility(second).outstanding, 0, "second");
        assertEq(facilities.facility(third).outstanding, DRAWN, "third");
        FacilityId last = _sell(loanId, bank, PRICE);
        assertEq(FacilityId.unwrap(last), FacilityId.unwrap(_facility), "the origin");
        assertEq(facilities.facility(_facility).outstanding, DRAWN, "outstanding");
        assertEq(uint256(facilities.facility(_facility).openLoans), 1, "open loans");
        _draw(_facility, LIMIT - DRAWN, LoanMath.Style.Bullet, 30, 0);
    }

    function test_sale_of_an_overdue_loan_lifts_no_stop_of_draws() public {
        LoanId loanId = _bullet(_facility, DRAWN, 10);
        _days(20);
        facilities.markOverdue(loanId);
        (uint64 outstanding, uint64 overdue) = facilities.programme(_product);
        FacilityId bought = _sell(loanId, otherBank, 1);
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 1, "counted where it was drawn");
        assertEq(uint256(facilities.facility(bought).overdueLoans), 0, "and only there");
        vm.expectRevert(abi.encodeWithSelector(ILoans.FacilityOverdue.selector, _facility, 1));
        vm.prank(seller);
        facilities.draw(_request(_facility, 1_00, LoanMath.Style.Bullet, 30, 0));
        (uint64 outstandingAfter, uint64 overdueAfter) = facilities.programme(_product);
        assertEq(outstandingAfter, outstanding, "programme");
        assertEq(overdueAfter, overdue, "overdue of the programme");
        _repay(loanId, type(uint64).max);
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 0, "repaid");
        _draw(_facility, 1_00, LoanMath.Style.Bullet, 30, 0);
    }

    function test_buyer_declares_default_and_the_seller_cannot() public {
        LoanId loanId = _bullet(_facility, DRAWN, 10);
        FacilityId bought = _sell(loanId, otherBank, PRICE);
        _days(20);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, bought, otherBank, bank));
        vm.prank(bank);
        facilities.declareDefault(loanId);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
    }

    function test_buyer_corrects_and_a_sale_renews_no_days() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 100_000_00, _today());
        _days(11);
        FacilityId bought = _sell(loanId, otherBank, PRICE);
        bytes memory refusal = abi.encodeWithSelector(IFacilities.NotLender.selector, bought, otherBank, bank);
        vm.expectRevert(refusal);
        vm.prank(bank);
        facilities.correctPayment(_reversal(loanId, posting), _history(loanId), _none(), "");
        vm.expectPartialRevert(bytes4(keccak256("CorrectionLate(uint256,uint256,uint256)")));
        vm.prank(otherBank);
        facilities.correctPayment(_reversal(loanId, posting), _history(loanId), _none(), "");
    }

    // ------------------------------------------------------------------ what stays

    function test_sold_loan_still_counts_in_the_limit_on_which_it_was_drawn() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _sell(loanId, otherBank, PRICE);
        vm.expectRevert(
            abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("limit"), uint256(LIMIT) + 1, uint256(LIMIT))
        );
        vm.prank(seller);
        facilities.draw(_request(_facility, LIMIT - DRAWN + 1, LoanMath.Style.Bullet, 30, 0));
        _sell(loanId, thirdBank, PRICE);
        _repay(loanId, 100_000_00);
        _bullet(_facility, LIMIT - DRAWN + 100_000_00, 30);
    }

    function test_facility_closes_only_when_its_sold_loans_are_repaid() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        FacilityId bought = _sell(loanId, otherBank, PRICE);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityInUse.selector, _facility, DRAWN));
        vm.prank(bank);
        facilities.close(_facility);
        _repay(loanId, type(uint64).max);
        vm.prank(bank);
        facilities.close(_facility);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityIsClosed.selector, bought));
        vm.prank(otherBank);
        facilities.close(bought);
    }

    function test_facility_of_bought_loans_lends_nothing() public {
        FacilityId bought = _sell(_bullet(_facility, DRAWN, 60), otherBank, PRICE);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityIsClosed.selector, bought));
        vm.prank(seller);
        facilities.draw(_request(bought, 1, LoanMath.Style.Bullet, 30, 0));
    }

    function test_deposit_goes_on_securing_a_sold_loan() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, LIMIT);
        terms.deposit = 50_000_00;
        FacilityId facility = _agree(terms);
        vm.prank(seller);
        facilities.payDeposit(facility, 50_000_00);
        LoanId loanId = _bullet(facility, DRAWN, 10);
        _sell(loanId, otherBank, PRICE);
        _days(31);
        vm.startPrank(otherBank);
        facilities.declareDefault(loanId);
        uint256 before = cash.balanceOf(otherBank);
        facilities.recordLoss(loanId);
        vm.stopPrank();
        assertEq(cash.balanceOf(otherBank), before + 50_000_00, "the deposit pays the new lender");
        assertEq(facilities.facility(facility).depositHeld, 0, "used");
    }

    // ------------------------------------------------------------------ the notice

    function test_borrower_acknowledges_the_notice_of_each_sale_once() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        bytes memory nothing = abi.encodeWithSelector(ILoanSales.NothingToAcknowledge.selector, loanId);
        vm.prank(seller);
        vm.expectRevert(nothing);
        facilities.acknowledgeSale(loanId);
        FacilityId bought = _sell(loanId, otherBank, PRICE);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotBorrower.selector, bought, seller, otherBank));
        vm.prank(otherBank);
        facilities.acknowledgeSale(loanId);
        vm.startPrank(seller);
        facilities.acknowledgeSale(loanId);
        assertTrue(facilities.loanSaleOf(loanId).isAcknowledged, "acknowledged");
        vm.expectRevert(nothing);
        facilities.acknowledgeSale(loanId);
        vm.stopPrank();
        _sell(loanId, thirdBank, PRICE);
        assertTrue(!facilities.loanSaleOf(loanId).isAcknowledged, "a new notice");
    }

    // ------------------------------------------------------------------ refusals

    function test_sale_reverts_after_a_repayment_between_signing_and_sending() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, PRICE);
        _days(5);
        _repay(loanId, 300_000_00);
        bytes memory refusal = abi.encodeWithSelector(
            ILoanSales.LoanChanged.selector, loanId, _principalOf(loanId), facilities.postingsOf(loanId).head
        );
        _expectRefusal(terms, refusal);
    }

    function test_sale_reverts_after_another_change_of_the_loan() public {
        LoanId loanId = _bullet(_facility, DRAWN, 10);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, PRICE);
        _days(20);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        uint160 head = facilities.postingsOf(loanId).head;
        _expectRefusal(terms, abi.encodeWithSelector(ILoanSales.LoanChanged.selector, loanId, DRAWN, head));
    }

    function test_same_terms_sell_once() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, PRICE);
        FacilityId bought = _sellOn(terms);
        _expectRefusal(terms, abi.encodeWithSelector(IFacilities.NotLender.selector, bought, otherBank, bank));
        _sell(loanId, bank, PRICE);
        _expectRefusal(terms, abi.encodeWithSelector(IFacilities.TermsUsed.selector, facilities.saleDigest(terms)));
    }

    function test_only_seller_and_buyer_send_it_and_both_sign() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, PRICE);
        (bytes memory first, bytes memory second) = _signatures(terms);
        bytes32 digest = facilities.saleDigest(terms);
        address[3] memory others = [seller, thirdBank, STRANGER];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILoanSales.NotOfSale.selector, loanId, others[i]));
            vm.prank(others[i]);
            facilities.sellLoan(terms, first, second);
        }
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, otherBank, digest));
        facilities.sellLoan(terms, first, first);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, bank, digest));
        facilities.sellLoan(terms, second, second);
        vm.stopPrank();
        vm.prank(otherBank);
        facilities.cancelSignature(digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureCancelled.selector, otherBank, digest));
        vm.prank(bank);
        facilities.sellLoan(terms, first, second);
        vm.warp(terms.deadline);
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.SignatureExpired.selector, terms.deadline, uint256(terms.deadline))
        );
        vm.prank(bank);
        facilities.sellLoan(terms, first, second);
    }

    function test_buyer_must_be_a_financier_of_another_party_than_seller_and_borrower() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _expectRefusal(
            _saleTerms(loanId, debtor, PRICE),
            abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, debtor, uint16(4), uint16(2))
        );
        _expectRefusal(
            _saleTerms(loanId, seller, PRICE),
            abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, seller, seller)
        );
        _expectRefusal(
            _saleTerms(loanId, bank, PRICE), abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, bank, bank)
        );
    }

    function test_loan_within_a_group_is_not_sold_into_it_or_out_of_it() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _group(seller, 7);
        _group(otherBank, 7);
        _expectRefusal(
            _saleTerms(loanId, otherBank, PRICE),
            abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, otherBank, seller)
        );
        _group(otherBank, 0);
        _group(bank, 7);
        _expectRefusal(
            _saleTerms(loanId, otherBank, PRICE),
            abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, bank, seller)
        );
    }

    function test_terms_must_be_in_range() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, 0);
        _expectRange(terms, "price", 0, 1, 2 ** 60 - 1);
        terms = _saleTerms(loanId, otherBank, 2 ** 60);
        _expectRange(terms, "price", 2 ** 60, 1, 2 ** 60 - 1);
        terms = _saleTerms(loanId, otherBank, PRICE);
        terms.noticeHash = 0;
        _expectRange(terms, "noticeHash", 0, 1, type(uint256).max);
        terms = _withBuyBack(_saleTerms(loanId, otherBank, PRICE), 4, 1, _today());
        _expectRange(terms, "buyBack", 4, 0, 3);
        terms = _withBuyBack(_saleTerms(loanId, otherBank, PRICE), 1, 0, _today());
        _expectRange(terms, "buyBackPrice", 0, 1, 2_000_000);
        terms = _withBuyBack(_saleTerms(loanId, otherBank, PRICE), 0, 1, 0);
        _expectRange(terms, "buyBackPrice", 1, 0, 0);
        terms = _withBuyBack(_saleTerms(loanId, otherBank, PRICE), 1, 1, _today() - 1);
        _expectRange(terms, "buyBackLastDay", _today() - 1, _today(), type(uint24).max);
        terms = _withBuyBack(_saleTerms(loanId, otherBank, PRICE), 1, 1, _today());
        terms.buyBackFirstDay = _today() + 1;
        _expectRange(terms, "buyBackFirstDay", _today() + 1, 0, _today());
    }

    function test_repaid_loan_is_not_sold() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(1);
        _repay(loanId, type(uint64).max);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, PRICE);
        _expectRefusal(terms, abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
        terms.loanId = 99;
        _expectRefusal(terms, abi.encodeWithSelector(ILoans.LoanUnknown.selector, 99));
    }

    function test_loan_with_a_recorded_loss_is_not_sold() public {
        LoanId loanId = _bullet(_facility, DRAWN, 10);
        _days(40);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.recordLoss(loanId);
        vm.stopPrank();
        _expectRefusal(_saleTerms(loanId, otherBank, PRICE), _notSaleable(loanId, "loss"));
    }

    function test_loan_in_default_is_sold() public {
        LoanId loanId = _bullet(_facility, DRAWN, 10);
        _days(40);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        FacilityId bought = _sell(loanId, otherBank, 100_000_00);
        vm.prank(otherBank);
        facilities.recordLoss(loanId);
        assertEq(reserve.lossOf(loanId).borne, DRAWN, "the buyer bears it");
        assertEq(facilities.facility(bought).outstanding, DRAWN, "forgives nothing");
    }

    function test_entrusted_loan_is_not_sold() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, LIMIT);
        terms.entruster = entruster;
        LoanId loanId = _bullet(_agree(terms), DRAWN, 60);
        _expectRefusal(_saleTerms(loanId, otherBank, PRICE), _notSaleable(loanId, "entrusted"));
    }

    function test_stop_of_new_risk_stops_sales() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, PRICE);
        vm.prank(OPERATOR);
        registry.stopNewRisk(keccak256("why"));
        _expectRefusal(terms, abi.encodeWithSelector(INewRisk.NewRiskStopped.selector, keccak256("why")));
    }

    function test_buyer_without_money_buys_nothing() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, PRICE);
        vm.prank(otherBank);
        cash.approve(address(facilities), PRICE - 1);
        (bytes memory first, bytes memory second) = _signatures(terms);
        vm.expectRevert();
        vm.prank(bank);
        facilities.sellLoan(terms, first, second);
        assertEq(_lenderOf(loanId), bank, "lender");
    }

    // ------------------------------------------------------------------ helpers

    function _notSaleable(LoanId loanId, bytes32 reason) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, reason);
    }

    function _expectRange(ILoanSales.SaleTerms memory terms, bytes32 term, uint256 value, uint256 min, uint256 max)
        private
    {
        _expectRefusal(terms, abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, min, max));
    }

    function _group(address account, uint32 group) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, group);
    }
}
