// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Filings in a public register of movable property, as their registrants recorded them.
/// @notice A right over claims or goods holds against others by its filing, and among several factors the earliest
/// filing comes first. The lender files outside of this ledger and records number and days here. The ledger cannot ask
/// the register: a reader compares the number with it.
/// @dev Source: Civil Code of the PRC, articles 403, 441, 445 and 768; People's Bank of China, measures for unified
/// registration of security in movable property and rights (order 2021 no. 7). Decision 46.
interface IFilings {
    /// @notice What a filing is for.
    enum FilingSubject {
        None,
        Loan, // the liens of a loan of this ledger
        Claim // a claim that was assigned, or is under a lien of a party
    }

    /// @notice What the registrant records.
    /// @param subject What the filing is for.
    /// @param subjectId The loan or the claim.
    /// @param number The register's number, left-aligned: 4 to 32 digits, capital letters or hyphens, then zeros.
    /// @param day Day number of the filing.
    /// @param endDay Last day number on which the filing holds.
    /// @param securedAmount Minor units, in the currency of the loan or of the debt.
    struct FilingTerms {
        FilingSubject subject;
        uint256 subjectId;
        bytes32 number;
        uint24 day;
        uint24 endDay;
        uint64 securedAmount;
    }

    /// @notice A filing as it stands.
    /// @param terms As recorded first, or as last amended.
    /// @param registrant Whose right it is: the lender, the entruster, the assignee or the lienholder.
    /// @param grantor Against whom it is filed: the borrower, the assignor or the owner of the claim.
    /// @param dischargedDay Day number on which it was discharged; 0: it was not.
    struct Filing {
        FilingTerms terms;
        address registrant;
        address grantor;
        uint24 dischargedDay;
    }

    /// @notice A filing was recorded.
    /// @param filingId The filing, counted from 1.
    /// @param registrant Whose right it is.
    /// @param grantor Against whom it is filed.
    /// @param terms What was recorded.
    event FilingRecorded(
        uint256 indexed filingId, address indexed registrant, address indexed grantor, FilingTerms terms
    );

    /// @notice A filing was amended, or its time extended.
    /// @param filingId The filing.
    /// @param terms The filing as it is now.
    event FilingAmended(uint256 indexed filingId, FilingTerms terms);

    /// @notice A filing was discharged.
    /// @param filingId The filing.
    /// @param number The register's number of the discharge, left-aligned.
    /// @param day Day number of the discharge.
    event FilingDischarged(uint256 indexed filingId, bytes32 number, uint24 day);

    /// @notice The caller's party has no right that could be filed: no loan with collateral, and no claim that was
    /// assigned to it or is under its lien.
    /// @param subject What the filing is for.
    /// @param subjectId The loan or the claim.
    /// @param caller The sender of the call.
    error NothingToFile(FilingSubject subject, uint256 subjectId, address caller);

    /// @notice The text is no number of a register.
    /// @param number The number that was given.
    error FilingNumberInvalid(bytes32 number);

    /// @notice The registrant's party has recorded this number.
    /// @param number The number.
    /// @param filingId The filing for which it did.
    error FilingNumberUsed(bytes32 number, uint256 filingId);

    /// @notice A day of the filing is out of range.
    /// @param day The day number.
    /// @param earliest First day number that is allowed.
    /// @param latest Last day number that is allowed.
    error FilingDayOutOfRange(uint256 day, uint256 earliest, uint256 latest);

    /// @notice The secured amount is out of range.
    /// @param amount Minor units that were given.
    /// @param min The smallest amount allowed.
    /// @param max The largest amount allowed.
    error SecuredAmountOutOfRange(uint256 amount, uint256 min, uint256 max);

    /// @notice The registrant has a filing for this that still holds.
    /// @param filingId That filing.
    /// @param endDay Last day number on which it holds.
    error FilingStands(uint256 filingId, uint24 endDay);

    /// @notice There is no such filing.
    /// @param filingId The filing.
    error FilingUnknown(uint256 filingId);

    /// @notice The caller is not of the registrant's party.
    /// @param filingId The filing.
    /// @param registrant The registrant.
    /// @param caller The sender of the call.
    error NotRegistrant(uint256 filingId, address registrant, address caller);

    /// @notice The filing was discharged.
    /// @param filingId The filing.
    /// @param day Day number of the discharge.
    error FilingDischargedAlready(uint256 filingId, uint24 day);

    /// @notice The right that the filing protects still stands: a loan that is not repaid, or a claim on which something
    /// is owed.
    /// @param filingId The filing.
    error FilingNeeded(uint256 filingId);

    /// @notice An amendment leaves the subject as it is.
    /// @param filingId The filing.
    error SubjectFixed(uint256 filingId);

    /// @notice Records a filing.
    /// @dev For a loan with collateral, a party of its lender or entruster calls it. For a claim, the party that has a
    /// lien on it, or that owns it and is not the seller's.
    /// Reverts with {NothingToFile} if the caller's party has no such right.
    /// Reverts with {FilingNumberInvalid} if the number is not written as in {FilingTerms}.
    /// Reverts with {FilingNumberUsed} if the registrant's party has recorded the number.
    /// Reverts with {FilingDayOutOfRange} if the filing is later than today, or its end is before today or more than
    /// 30 years after its day.
    /// Reverts with {SecuredAmountOutOfRange} if the amount is 0 or above 2^60 - 1.
    /// Reverts with {FilingStands} if the registrant has a filing for the same that holds today.
    /// @param terms What is recorded.
    /// @return filingId The filing, counted from 1.
    function recordFiling(FilingTerms calldata terms) external returns (uint256 filingId);

    /// @notice Records that a filing was amended: its end, its amount, or both, under a new number of the register.
    /// @dev An account of the registrant's party calls it. A filing that has ended is filed anew.
    /// Reverts with {FilingUnknown} if there is no such filing.
    /// Reverts with {NotRegistrant} if the caller is of another party.
    /// Reverts with {FilingDischargedAlready} if it was discharged.
    /// Reverts with {SubjectFixed} if the terms name another subject.
    /// Reverts with {FilingNumberInvalid} and {FilingNumberUsed} as {recordFiling} does.
    /// Reverts with {FilingDayOutOfRange} if the amendment is before the filing or its last amendment, later than today
    /// or later than the filing's end, or if the new end is before today or more than 30 years later.
    /// Reverts with {SecuredAmountOutOfRange} if the amount is 0 or above 2^60 - 1.
    /// @param filingId The filing.
    /// @param terms The filing as it is now; `number` and `day` are the amendment's.
    function amendFiling(uint256 filingId, FilingTerms calldata terms) external;

    /// @notice Records that a filing was discharged.
    /// @dev An account of the registrant's party calls it, once the right has ended. A loan's liens end when it is
    /// repaid, or when its loss is recorded because its collateral is exhausted.
    /// Reverts with {FilingUnknown} if there is no such filing.
    /// Reverts with {NotRegistrant} if the caller is of another party.
    /// Reverts with {FilingDischargedAlready} if it was discharged.
    /// Reverts with {FilingNeeded} while the right stands.
    /// Reverts with {FilingNumberInvalid} and {FilingNumberUsed} as {recordFiling} does.
    /// Reverts with {FilingDayOutOfRange} if the day is before the filing or its last amendment, or later than today.
    /// @param filingId The filing.
    /// @param number The register's number of the discharge, left-aligned.
    /// @param day Day number of the discharge.
    function dischargeFiling(uint256 filingId, bytes32 number, uint24 day) external;

    /// @notice A filing.
    /// @dev Reverts with {FilingUnknown} if there is no such filing.
    /// @param filingId The filing.
    /// @return The filing.
    function filing(uint256 filingId) external view returns (Filing memory);

    /// @notice The last filing that an account's party recorded for a loan or a claim.
    /// @param subject What the filing is for.
    /// @param subjectId The loan or the claim.
    /// @param account An account of the party.
    /// @return The filing; 0 for none.
    function filingOf(FilingSubject subject, uint256 subjectId, address account) external view returns (uint256);
}
