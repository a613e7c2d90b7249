// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {RestructuringFixture} from "./RestructuringFixture.sol";

/// A loan that was restructured is extended within the product's bounds from that day on, whenever its interest starts.
contract RestructuringLengthTest is RestructuringFixture {
    uint256 private _extensions;

    function test_extension_counts_from_the_restructuring_and_not_from_a_later_start_of_interest() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 360);
        terms.interestFromDay = _today() + 359;
        uint24 max = _today() + 360;
        terms.forgivenInterest = type(uint64).max;
        _restructure(terms);
        _expectRefused(loanId, max + 1, 0, "dueDay", max + 1, max + 1, max);
    }

    function test_extension_reaches_the_last_day_that_the_product_allows_from_the_restructuring() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        terms.interestFromDay = _today() + 50;
        uint24 max = _today() + 360;
        terms.forgivenInterest = type(uint64).max;
        _restructure(terms);
        _days(20);
        _expectRefused(loanId, max + 1, 0, "dueDay", max + 1, max - 299, max);
        _extend(loanId, max, 0);
        assertEq(_loan(loanId).terms.dueDay, max, "the last day");
    }

    /// The first due day is a year away: further months would take the loan to the double of what the product allows.
    function test_more_periods_end_within_the_products_months_from_the_restructuring() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _terms(loanId);
        uint256 max = Calendar.addMonths(_today(), 12);
        terms.periods = 2;
        terms.dueDay = uint24(Calendar.addMonths(_today(), 9));
        terms.interestFromDay = terms.dueDay - 1;
        terms.forgivenInterest = type(uint64).max;
        _restructure(terms);
        uint256 late = Calendar.addMonths(terms.dueDay, 5);
        _expectRefused(loanId, 0, 6, "lastDueDay", late, 0, max);
        assertEq(_loan(loanId).terms.periods, 2, "as signed");
        _extend(loanId, 0, 3);
        assertEq(LoanMath.dueDayOf(_loan(loanId).terms, 3), Calendar.addMonths(terms.dueDay, 2), "the last due day");
    }

    function _extend(LoanId loanId, uint24 dueDay, uint8 periods) private {
        (ILoans.Extension memory terms, bytes memory lender, bytes memory borrower) = _terms(loanId, dueDay, periods);
        facilities.extend(terms, lender, borrower);
    }

    function _expectRefused(
        LoanId loanId,
        uint24 dueDay,
        uint8 periods,
        bytes32 term,
        uint256 value,
        uint256 min,
        uint256 max
    ) private {
        (ILoans.Extension memory terms, bytes memory lender, bytes memory borrower) = _terms(loanId, dueDay, periods);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, min, max));
        facilities.extend(terms, lender, borrower);
    }

    function _terms(LoanId loanId, uint24 dueDay, uint8 periods)
        private
        returns (ILoans.Extension memory terms, bytes memory lender, bytes memory borrower)
    {
        terms = ILoans.Extension(LoanId.unwrap(loanId), dueDay, periods, _deadline(), ++_extensions);
        bytes32 digest = facilities.extensionDigest(terms);
        (lender, borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }
}
