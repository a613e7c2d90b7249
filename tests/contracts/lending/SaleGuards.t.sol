// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {INewRisk} from "../../../contracts/registry/INewRisk.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {RestructuringFixture} from "./RestructuringFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// What seller and buyer signed is the loan that they get, and what each promised has a bound.
contract SaleGuardsTest is RestructuringFixture, SalesFixture {
    uint8 private constant MUST = 2;
    uint24 private constant AT_PAR = 1_000_000;
    uint64 private constant COSTS = 50_000_00;

    function setUp() public override(RestructuringFixture, SalesFixture) {
        super.setUp();
    }

    // ------------------------------------------------------------------ the loan that was signed for

    function test_payment_that_was_recorded_and_reversed_the_same_day_ends_the_terms() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(1);
        uint64 owed = uint64(_owed(loanId));
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, DRAWN);
        _reverse(loanId, _record(loanId, owed, _today()));
        assertEq(facilities.postingsOf(loanId).head, terms.postings, "the head is as before");
        assertEq(_principalOf(loanId), terms.principal, "and the principal");
        _expectRefusal(terms, _changed(loanId));
    }

    function test_second_new_terms_of_a_day_end_what_was_signed_under_the_first() public {
        LoanId loanId = _defaulted();
        _restructure(_bulletTerms(loanId, 30));
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, DRAWN);
        _restructure(_bulletTerms(loanId, 60));
        _expectRefusal(terms, _changed(loanId));
    }

    function test_write_off_ends_the_terms() public {
        LoanId loanId = _defaulted();
        _days(160);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, DRAWN);
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        facilities.writeOff(loanId);
        assertTrue(facilities.saleStanding(loanId) != standing, "another standing");
        assertEq(facilities.postingsOf(loanId).head, terms.postings, "the head is as before");
        _expectRefusal(terms, _changed(loanId));
    }

    /// Anyone may mark it; its days say that it is overdue.
    function test_stranger_that_marks_the_loan_as_overdue_does_not_end_the_terms() public {
        LoanId loanId = _bullet(_facility, DRAWN, 10);
        _days(20);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, DRAWN);
        vm.prank(STRANGER);
        facilities.markOverdue(loanId);
        FacilityId bought = _sellOn(terms);
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 1, "overdue where it was drawn");
        assertEq(uint256(facilities.facility(bought).overdueLoans), 0, "and not in its new facility");
    }

    function test_loan_that_nobody_drew_has_no_standing() public {
        vm.expectRevert(abi.encodeWithSelector(ILoans.LoanUnknown.selector, 99));
        facilities.saleStanding(LoanId.wrap(99));
    }

    // ------------------------------------------------------------------ the seller's duty

    function test_costs_do_not_count_in_the_price_of_the_duty() public {
        LoanId loanId = _soldWithDuty(2 * DRAWN);
        uint256 owed = _owed(loanId);
        vm.prank(address(court));
        facilities.forcedCosts(loanId, COSTS, keccak256("order"));
        assertEq(_owed(loanId), owed + COSTS, "the borrower owes them");
        vm.prank(otherBank);
        assertEq(facilities.buyLoanBack(loanId, bank, 0, 0), owed, "the seller pays the rest");
    }

    function test_duty_ends_when_holder_and_borrower_agree_costs() public {
        LoanId loanId = _soldWithDuty(2 * DRAWN);
        _charge(loanId);
        vm.expectPartialRevert(ILoanSales.BuyBackNotDue.selector);
        vm.prank(otherBank);
        facilities.buyLoanBack(loanId, bank, 0, 0);
    }

    function test_seller_pays_no_more_than_it_signed() public {
        LoanId loanId = _soldWithDuty(DRAWN);
        assertTrue(_owed(loanId) > DRAWN, "more is owed");
        assertEq(facilities.loanSaleOf(loanId).buyBackMax, DRAWN, "what it signed");
        uint256 sellers = cash.balanceOf(bank);
        vm.prank(otherBank);
        assertEq(facilities.buyLoanBack(loanId, bank, 0, 0), DRAWN, "price");
        assertEq(cash.balanceOf(bank), sellers - DRAWN, "seller");
    }

    function test_capitalised_interest_does_not_count_in_the_price_of_the_duty() public {
        LoanId loanId = _soldWithDuty(2 * DRAWN);
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 10);
        terms.capitalisedInterest = 1_00;
        _restructureByBuyer(terms);
        _days(20);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
        uint256 owed = _owed(loanId);
        vm.prank(otherBank);
        assertEq(facilities.buyLoanBack(loanId, bank, 0, 0), owed - 1_00, "the seller pays the rest");
    }

    function test_loan_whose_principal_was_raised_is_sold_without_a_duty_only() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory raising = _bulletTerms(loanId, 30);
        raising.capitalisedInterest = 1_00;
        _restructure(raising);
        _expectRefusal(
            _withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MUST, AT_PAR, _today() + 60),
            abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, bytes32("raised"))
        );
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN), 1, AT_PAR, _today() + 60));
    }

    function test_duty_needs_a_maximum_and_a_right_has_none() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MUST, AT_PAR, _today());
        terms.buyBackMax = 0;
        _expectRefusal(terms, _outOfRange(0, 1, 2 ** 60 - 1));
        terms = _withBuyBack(_saleTerms(loanId, otherBank, DRAWN), 1, AT_PAR, _today());
        terms.buyBackMax = 1;
        _expectRefusal(terms, _outOfRange(1, 0, 0));
    }

    // ------------------------------------------------------------------ limits

    function test_no_interest_is_capitalised_while_new_risk_is_stopped() public {
        LoanId loanId = _defaulted();
        vm.prank(OPERATOR);
        registry.stopNewRisk(keccak256("why"));
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 30);
        terms.capitalisedInterest = 1_00;
        bytes32 digest = facilities.restructuringDigest(terms);
        (bytes memory first, bytes memory second) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(INewRisk.NewRiskStopped.selector, keccak256("why")));
        facilities.restructure(terms, first, second);
        _restructure(_bulletTerms(loanId, 30));
    }

    function test_capitalised_interest_of_a_sold_loan_needs_room_where_it_was_drawn() public {
        FacilityId origin = _agreedFacility(_add(_plainProduct()), 72_000, 2 * DRAWN);
        LoanId loanId = _bullet(origin, DRAWN, 60);
        LoanId other = _bullet(origin, DRAWN - 100_00, 60);
        FacilityId bought = _sell(loanId, otherBank, DRAWN);
        _days(30);
        // 6,000.00 of interest, and 100.00 of room.
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 30);
        terms.capitalisedInterest = 100_01;
        bytes32 digest = facilities.restructuringDigest(terms);
        bytes memory first = _signed(OTHER_BANK_KEY, digest);
        bytes memory second = _signed(SELLER_KEY, digest);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoans.LimitExceeded.selector, bytes32("limit"), uint256(2 * DRAWN) + 1, uint256(2 * DRAWN)
            )
        );
        facilities.restructure(terms, first, second);
        terms = _bulletTerms(loanId, 30);
        terms.capitalisedInterest = 100_00;
        _restructureByBuyer(terms);
        assertEq(facilities.facility(bought).outstanding, DRAWN + 100_00, "raised");
        // The bought facility's limit, which was raised by the first sale only, does not end at less than nothing.
        _sell(loanId, thirdBank, DRAWN);
        assertEq(facilities.facility(bought).limit, 0, "no limit without a loan");
        assertEq(_principalOf(other), DRAWN - 100_00, "the other loan");
    }

    function test_limit_of_a_bought_facility_falls_when_a_loan_leaves_it() public {
        LoanId first = _bullet(_facility, DRAWN, 60);
        LoanId second = _bullet(_facility, DRAWN / 2, 60);
        FacilityId bought = _sell(first, otherBank, DRAWN);
        _sell(second, otherBank, DRAWN);
        assertEq(facilities.facility(bought).limit, DRAWN + DRAWN / 2, "both");
        _sell(first, bank, DRAWN);
        assertEq(facilities.facility(bought).limit, DRAWN / 2, "the other one");
        assertEq(facilities.facility(_facility).limit, 10_000_000_00, "the origin's is as agreed");
    }

    // ------------------------------------------------------------------ helpers

    function _changed(LoanId loanId) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            ILoanSales.LoanChanged.selector, loanId, _principalOf(loanId), facilities.postingsOf(loanId).head
        );
    }

    function _outOfRange(uint256 value, uint256 min, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("buyBackMax"), value, min, max);
    }

    /// Sold at par with a duty, and in default.
    function _soldWithDuty(uint64 max) private returns (LoanId loanId) {
        loanId = _bullet(_facility, DRAWN, 10);
        ILoanSales.SaleTerms memory terms =
            _withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MUST, AT_PAR, _today() + 90);
        terms.buyBackMax = max;
        _sellOn(terms);
        _days(30);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
    }

    /// Holder and borrower agree on costs.
    function _charge(LoanId loanId) private {
        bytes32 digest = facilities.costsDigest(loanId, COSTS, keccak256("evidence"), _deadline(), 1);
        bytes memory signature = _signed(SELLER_KEY, digest);
        vm.prank(otherBank);
        facilities.chargeCosts(loanId, COSTS, keccak256("evidence"), _deadline(), 1, signature);
    }

    function _restructureByBuyer(IRestructuring.Restructuring memory terms) private {
        bytes32 digest = facilities.restructuringDigest(terms);
        // The seller agrees to new terms, which would end its duty otherwise.
        vm.prank(bank);
        facilities.restructure(terms, _signed(OTHER_BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }
}
