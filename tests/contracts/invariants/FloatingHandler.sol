// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoanRates} from "../../../contracts/lending/ILoanRates.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IReferenceRates} from "../../../contracts/risk/IReferenceRates.sol";
import {ReferenceRates} from "../../../contracts/risk/ReferenceRates.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {packPosting, RATE_SET} from "../../../contracts/types/PostingWord.sol";
import {ReliefHandler} from "./ReliefHandler.sol";

/// All that ReliefHandler does, with loans whose rate follows a reference: two appraisers post it late or in time, and
/// whoever comes sets the loans' rates, late or in time.
contract FloatingHandler is ReliefHandler {
    struct Reference {
        ReferenceRates rates;
        bytes16 code;
        address[2] appraisers;
    }

    uint24 private constant PERIOD_DAYS = 20;
    int256 private constant MAX_STEP = 15_000;
    Reference private _reference;
    int256 private _rate = 35_000;
    string public broken;

    constructor(
        Facilities facilities,
        Sides memory sides,
        Claims memory claims,
        uint24 maxRate,
        Reference memory reference_
    ) ReliefHandler(facilities, sides, claims, maxRate) {
        _reference = reference_;
        string[5] memory names = [
            "a rate posted",
            "a rate set on its day or before any later posting",
            "a rate set before later postings",
            "a rate set for a sold loan",
            "a rate set for a loan in default"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    /// The reference for the next days, as far as they have begun.
    function publish(uint256 step) external {
        uint256 next = _reference.rates.listing(_reference.code).nextDay;
        if (next <= _today()) _publish(uint24(next == 0 ? _today() : next), step);
    }

    function resetRate(uint256 which, uint256 step) external {
        (LoanId loanId, bool isFound) = _anyDue(which);
        if (!isFound) return;
        uint24 resetDay = _facilities.floatingOf(loanId).nextResetDay;
        _publishUpTo(resetDay, step);
        ILoans.Loan memory before = _facilities.loan(loanId);
        IPostings.History memory history = historyOf(loanId);
        _facilities.resetRate(loanId, history);
        ILoans.Loan memory then = _facilities.loan(loanId);
        _insert(loanId, packPosting(RATE_SET, resetDay, then.terms.annualRate));
        _reach(
            _hasLater(loanId, resetDay)
                ? "a rate set before later postings"
                : "a rate set on its day or before any later posting"
        );
        _reachIf(_isSold(loanId), "a rate set for a sold loan");
        _reachIf(before.status == ILoans.Status.Defaulted, "a rate set for a loan in default");
        if (resetDay != _today()) return;
        if (keccak256(abi.encode(before.payoff)) != keccak256(abi.encode(then.payoff))) {
            broken = "a reset changes nothing that accrued before";
        }
    }

    /// A draw needs the rate of its day.
    function _prepareDraw() internal override {
        _publishUpTo(_today(), uint256(keccak256(abi.encode(_today()))));
    }

    function _publishUpTo(uint256 day, uint256 step) private {
        uint256 next = _reference.rates.listing(_reference.code).nextDay;
        if (next == 0) next = _today();
        for (; next <= day; next += PERIOD_DAYS) {
            _publish(uint24(next), step);
        }
    }

    function _publish(uint24 fromDay, uint256 step) private {
        _rate += int256(step % uint256(2 * MAX_STEP + 1)) - MAX_STEP;
        if (_rate < -MAX_STEP) _rate = -MAX_STEP;
        if (_rate > 10 * MAX_STEP) _rate = 10 * MAX_STEP;
        IReferenceRates.Rate memory rate = IReferenceRates.Rate(
            _reference.code, fromDay, fromDay + PERIOD_DAYS - 1, int24(_rate), keccak256("publication")
        );
        vm.prank(_reference.appraisers[0]);
        _reference.rates.post(rate);
        vm.prank(_reference.appraisers[1]);
        _reference.rates.confirm(rate);
        _reach("a rate posted");
    }

    /// An open loan whose rate is to be set anew.
    function _anyDue(uint256 which) private view returns (LoanId, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            ILoanRates.FloatingLoan memory floating = _facilities.floatingOf(loanId);
            if (floating.referenceCode != 0 && floating.isDue) return (loanId, true);
        }
        return (LoanId.wrap(0), false);
    }

    function _hasLater(LoanId loanId, uint24 day) private view returns (bool) {
        IPostings.History memory history = historyOf(loanId);
        return history.postings[history.postings.length - 1].valueDay() > day;
    }
}
