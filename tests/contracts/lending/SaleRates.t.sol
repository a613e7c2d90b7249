// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IReferenceRates} from "../../../contracts/risk/IReferenceRates.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {FloatingFixture} from "./FloatingFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// A loan whose rate follows a reference goes to no lender with whom it could not be reset.
contract SaleRatesTest is FloatingFixture, SalesFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    uint24 private _start;
    LoanId private _loanId;

    function setUp() public override(FloatingFixture, SalesFixture) {
        super.setUp();
        _start = _today();
        FacilityId facility = _agreeFloating(_addFloating(), SPREAD);
        _publish(_start, _start + 20, 35_000);
        _loanId = _bullet(facility, DRAWN, 90);
    }

    function test_floating_loan_is_not_sold_to_a_buyer_near_the_appraisers_of_its_reference() public {
        _group(FIRST, 9);
        _group(otherBank, 9);
        ILoanSales.SaleTerms memory terms = _saleTerms(_loanId, otherBank, DRAWN);
        _expectRefusal(
            terms, abi.encodeWithSelector(IReferenceRates.RateNotIndependent.selector, LPR, uint256(_start), 1)
        );
        _sell(_loanId, thirdBank, DRAWN);
    }

    function test_rate_of_the_last_reset_counts_and_no_later_one_is_needed() public {
        _days(40);
        _publish(_start + 21, _start + 60, 23_000);
        _noteStart(_loanId);
        _reset(_loanId);
        _days(40);
        _sell(_loanId, otherBank, DRAWN);
    }

    function _group(address account, uint32 group) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, group);
    }
}
