// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, LoanId} from "../types/Ids.sol";

/// @title Service fees of loans, and the cap on the total cost of credit.
/// @notice A facility's signed terms name the fees. What a draw costs is owed from the day of the draw and falls due with
/// the first instalment; nothing is deducted from what is paid out. Each instalment is charged a share of the principal
/// that was not due before. A fee bears neither interest nor penalty; unpaid beyond its grace it makes the loan overdue.
/// @dev Facilities implements it through {IFacilities}. Source: decision 48; Civil Code of China, article 670.
interface IServiceFees {
    /// @notice The service fees of a facility's loans.
    /// @param flatFee Owed for each draw, in minor units.
    /// @param drawFee Share of each draw, in parts per million.
    /// @param periodicFee Share of the running principal that each instalment is charged, in parts per million.
    struct FacilityFees {
        uint64 flatFee;
        uint24 drawFee;
        uint24 periodicFee;
    }

    /// @notice What a loan owes of service fees, as of its last change. Amounts are minor units.
    /// @param past Overdue, out of grace.
    /// @param inGrace Due and in grace.
    /// @param running Owed, and due with the next instalment.
    /// @param periodicFee Share of the running principal that each instalment is charged, in parts per million.
    struct OwedFees {
        uint64 past;
        uint64 inGrace;
        uint64 running;
        uint24 periodicFee;
    }

    /// @notice A loan with service fees is drawn.
    /// @param loanId The loan.
    /// @param charged What the draw costs, in minor units.
    /// @param periodicFee Share of the running principal that each instalment is charged, in parts per million.
    event ServiceFeesCharged(LoanId indexed loanId, uint64 charged, uint24 periodicFee);

    /// @notice The lender gave up service fees.
    /// @param loanId The loan.
    /// @param day The loan's own day number.
    /// @param amount Minor units that are no longer owed.
    event ServiceFeesWaived(LoanId indexed loanId, uint24 day, uint64 amount);

    /// @notice The draw would cost more than the rule set of its product allows.
    /// @param cost Interest and service fees of the loan if it is paid as agreed, in minor units.
    /// @param max The most that they may be, in minor units: the cap for the days on which principal is lent.
    error TotalCostAboveCap(uint256 cost, uint256 max);

    /// @notice Gives up service fees that are owed today, at most what is owed: overdue first, then in grace, then not
    /// due yet. A later correction posts the waiver again on its day.
    /// @dev A valid account of the party whose money is lent calls it, at any time: it is in the borrower's favour.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it is repaid.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {IFacilities.SamePartyBothSides} if participants have a share and its lender is related to the borrower.
    /// Reverts with {ILoans.NothingOwed} if nothing of it is owed.
    /// @param loanId The loan.
    /// @param amount Minor units to give up, at most.
    function waiveServiceFees(LoanId loanId, uint64 amount) external;

    /// @notice What a loan owes of service fees, brought to today.
    /// @dev Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return All zero if it has none.
    function serviceFeesOf(LoanId loanId) external view returns (OwedFees memory);

    /// @notice The service fees of a facility's loans.
    /// @param facilityId The facility.
    /// @return All zero if they have none.
    function facilityFeesOf(FacilityId facilityId) external view returns (FacilityFees memory);
}
