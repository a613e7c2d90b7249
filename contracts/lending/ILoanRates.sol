// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanId} from "../types/Ids.sol";
import {IPostings} from "./IPostings.sol";

/// @title Loans whose rate follows a reference.
/// @notice The rate of such a loan is the reference's rate of the day of the draw and what the facility adds to it,
/// within floor and cap. It is set anew every `resetMonths` months from the draw. The rate of a reset day counts from
/// that day, however late it is posted or applied: the loan is the same to the minor unit as if it had been in time.
/// A late rate holds back nobody who pays. A loan that is repaid, or whose loss was recorded, keeps the rate that it has.
/// @dev Source: decision 42.
interface ILoanRates {
    /// @notice How a loan's rate follows its reference. Rates are parts per million a year.
    /// @param referenceCode The reference; 0: the rate is fixed, and all else is 0.
    /// @param spread What is added to the reference.
    /// @param floor Lowest rate.
    /// @param cap Highest rate.
    /// @param resetMonths Months from the draw to the first reset, and from each to the next.
    /// @param resets How many resets there were.
    /// @param nextResetDay The loan's own day number of the next reset.
    /// @param isDue Whether that day has come: the loan still runs at the rate before it.
    struct FloatingLoan {
        bytes16 referenceCode;
        int24 spread;
        uint24 floor;
        uint24 cap;
        uint8 resetMonths;
        uint16 resets;
        uint24 nextResetDay;
        bool isDue;
    }

    /// @notice A loan has a floating rate.
    /// @param loanId The loan.
    /// @param referenceCode The reference.
    /// @param referenceRate The reference's rate of the day of the draw, in parts per million a year.
    /// @param annualRate The loan's rate, in parts per million a year.
    /// @param floating How the rate follows its reference.
    event RateFloats(
        LoanId indexed loanId,
        bytes16 indexed referenceCode,
        int24 referenceRate,
        uint24 annualRate,
        FloatingLoan floating
    );

    /// @notice A loan's rate was set anew.
    /// @param loanId The loan.
    /// @param resetDay The loan's own day number of the reset: the day whose reference rate counts.
    /// @param valueDay The loan's own day number from which the new rate counts: the same, or the day on which both
    /// sides changed the loan's terms since.
    /// @param referenceRate The reference's rate of the reset day, in parts per million a year.
    /// @param annualRate The new rate, in parts per million a year.
    /// @param nextResetDay The loan's own day number of the next reset.
    event RateReset(
        LoanId indexed loanId,
        uint24 resetDay,
        uint24 valueDay,
        int24 referenceRate,
        uint24 annualRate,
        uint24 nextResetDay
    );

    /// @notice The loan's rate is fixed.
    /// @param loanId The loan.
    error RateIsFixed(LoanId loanId);

    /// @notice The next reset day has not come.
    /// @param loanId The loan.
    /// @param today The loan's own day number.
    /// @param resetDay That of the next reset.
    error RateNotDue(LoanId loanId, uint256 today, uint256 resetDay);

    /// @notice Sets a loan's rate anew, from its next reset day on.
    /// @dev Anyone may call it, once for each reset day. Whoever calls brings the loan's history; it is needed only if
    /// something changed since the reset day. If both sides changed the loan's terms since the reset day, the rate counts
    /// from the day of the change; a history that goes on ({IPostings.runHistory}) then names it as `start.asOfDay`.
    /// Reverts with {RateIsFixed} if the rate is fixed.
    /// Reverts with {RateNotDue} before the reset day.
    /// Reverts with {ILoans.StateForbids} if the loan is repaid, or its loss was recorded.
    /// Reverts with {IReferenceRates.RateMissing} if the rate of that day is late.
    /// Reverts with {IReferenceRates.RateNotIndependent} if fewer than two appraisers stand behind it who are neither
    /// lender, entruster nor borrower, nor under one control with one of them.
    /// Reverts with {IPostings.HistoryDiffers} if the history is needed and is not the loan's.
    /// Reverts with {IPostings.ValueDayOutOfRange} if a history that goes on names another day than that of the change.
    /// @param loanId The loan.
    /// @param history What was posted on the loan.
    function resetRate(LoanId loanId, IPostings.History calldata history) external;

    /// @notice How a loan's rate follows its reference.
    /// @param loanId The loan.
    /// @return All zero if its rate is fixed.
    function floatingOf(LoanId loanId) external view returns (FloatingLoan memory);
}
