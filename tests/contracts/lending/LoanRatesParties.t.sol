// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {IReferenceRates} from "../../../contracts/risk/IReferenceRates.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {FloatingFixture} from "./FloatingFixture.sol";
import {ParticipationsFixture} from "./ParticipationsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// Two appraisers stand behind a rate who gain nothing by it: no participant of the loan, and no seller that may or must
/// buy it back.
contract LoanRatesPartiesTest is FloatingFixture, ParticipationsFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    uint24 private _start;
    uint24 private _firstReset;
    LoanId private _loanId;

    function setUp() public override(FloatingFixture, SalesFixture) {
        super.setUp();
        _start = _today();
        _firstReset = uint24(Calendar.addMonths(_start, 1));
        FacilityId facility = _agreeFloating(_addFloating(), SPREAD);
        _publish(_start, _firstReset - 1, 35_000);
        _loanId = _bullet(facility, DRAWN, 90);
    }

    /// It has 95 % of the loan, and is one of the only two appraisers.
    function test_participant_is_no_independent_appraiser_of_its_own_rate() public {
        _becomesAppraiser(otherBank);
        _share(_loanId, otherBank, 950_000, 950_000_00);
        _postedWith(otherBank);
        _expectNotIndependent(_firstReset);
        facilities.resetRate(_loanId, _none());
        _confirmedByThird();
        facilities.resetRate(_loanId, _none());
        assertEq(facilities.loan(_loanId).terms.annualRate, 92_000, "two independent appraisers");
    }

    function test_seller_with_a_right_is_no_independent_appraiser_until_its_last_day() public {
        _becomesAppraiser(bank);
        _sellOn(_withBuyBack(_saleTerms(_loanId, otherBank, DRAWN), 1, 1_000_000, _firstReset + 5));
        _postedWith(bank);
        _days(5);
        _expectNotIndependent(_firstReset);
        facilities.resetRate(_loanId, _none());
        _days(1);
        facilities.resetRate(_loanId, _none());
        assertEq(facilities.loan(_loanId).terms.annualRate, 92_000, "the right is over");
    }

    function test_seller_with_a_duty_is_no_independent_appraiser() public {
        _becomesAppraiser(bank);
        _sellOn(_withBuyBack(_saleTerms(_loanId, otherBank, DRAWN), 2, 1_000_000, _firstReset + 60));
        _postedWith(bank);
        _expectNotIndependent(_firstReset);
        facilities.resetRate(_loanId, _none());
        _confirmedByThird();
        facilities.resetRate(_loanId, _none());
    }

    function test_seller_without_right_and_duty_is_an_independent_appraiser() public {
        _becomesAppraiser(bank);
        _sell(_loanId, otherBank, DRAWN);
        _postedWith(bank);
        facilities.resetRate(_loanId, _none());
        assertEq(facilities.loan(_loanId).terms.annualRate, 92_000, "it has no part in the loan");
    }

    // ------------------------------------------------------------------ who may join

    /// With either of them two appraisers are left, with both one is.
    function test_no_share_goes_to_a_participant_with_whom_the_loan_could_not_be_reset() public {
        vm.prank(THIRD);
        rates.confirm(_rateOf(_start, _firstReset - 1, 35_000));
        _group(FIRST, 9);
        _group(otherBank, 9);
        _group(SECOND, 8);
        _group(thirdBank, 8);
        _share(_loanId, otherBank, 300_000, 300_000_00);
        _expectRefused(
            _shareTerms(_loanId, thirdBank, 300_000, 300_000_00),
            abi.encodeWithSelector(IReferenceRates.RateNotIndependent.selector, LPR, uint256(_start), 1)
        );
    }

    /// Behind the rate stand two others and the seller. Of the buyer's group is one of the two.
    function test_no_right_goes_to_a_seller_with_whom_the_loan_could_not_be_reset() public {
        _becomesAppraiser(bank);
        vm.prank(bank);
        rates.confirm(_rateOf(_start, _firstReset - 1, 35_000));
        _group(FIRST, 9);
        _group(otherBank, 9);
        ILoanSales.SaleTerms memory terms = _saleTerms(_loanId, otherBank, DRAWN);
        _expectRefusal(
            _withBuyBack(terms, 1, 1_000_000, _start + 60),
            abi.encodeWithSelector(IReferenceRates.RateNotIndependent.selector, LPR, uint256(_start), 1)
        );
        // Without a right it is a third person by then.
        _sell(_loanId, otherBank, DRAWN);
    }

    // ------------------------------------------------------------------ helpers

    function _becomesAppraiser(address account) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, 4 | 64);
    }

    function _postedWith(address account) private {
        _days(_firstReset - _today());
        vm.prank(account);
        rates.post(_rateOf(_firstReset, _firstReset + 30, 55_000));
        vm.prank(SECOND);
        rates.confirm(_rateOf(_firstReset, _firstReset + 30, 55_000));
    }

    function _confirmedByThird() private {
        vm.prank(THIRD);
        rates.confirm(_rateOf(_firstReset, _firstReset + 30, 55_000));
    }

    function _expectNotIndependent(uint24 day) private {
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateNotIndependent.selector, LPR, uint256(day), 1));
    }

    function _group(address account, uint32 group) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, group);
    }
}
