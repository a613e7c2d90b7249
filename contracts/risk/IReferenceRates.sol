// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Reference rates, as appraisers post them: the loan prime rate and others like it.
/// @notice A rate counts for a period of whole days. The periods of a reference follow each other without a gap, and
/// never change. So whoever asks for the rate of a day gets the same answer for ever, or none yet. Rates are parts per
/// million a year and may be negative; days are day numbers by the calendar of the ledger.
/// @dev Source: decision 42.
interface IReferenceRates {
    /// @notice A rate that an appraiser names.
    /// @param code Short name of the reference, left-aligned.
    /// @param fromDay First day for which it counts: the day after the last period, if there is one.
    /// @param lastDay Last day for which it counts: the day before the next publication.
    /// @param rate Parts per million a year.
    /// @param evidence Hash of the publication.
    struct Rate {
        bytes16 code;
        uint24 fromDay;
        uint24 lastDay;
        int24 rate;
        bytes32 evidence;
    }

    /// @notice A rate in force.
    /// @param fromDay First day for which it counts.
    /// @param lastDay Last day for which it counts.
    /// @param rate Parts per million a year.
    struct Period {
        uint24 fromDay;
        uint24 lastDay;
        int24 rate;
    }

    /// @notice The bounds for the next rate of a reference.
    /// @param maxStep How far a rate may be from the one before it, in parts per million a year.
    /// @param maxDays Days of a period at most; 0: the reference is not listed.
    /// @param nextDay First day of the next period; 0: there is none yet, and the next may begin on any day.
    struct Listing {
        uint24 maxStep;
        uint16 maxDays;
        uint24 nextDay;
    }

    /// @notice A rate that waits for a second appraiser.
    /// @param proposer Who proposed it.
    /// @param rateHash Keccak256 of the ABI encoding of the rate.
    struct Proposal {
        address proposer;
        bytes32 rateHash;
    }

    /// @notice A reference may be posted with these bounds.
    /// @param code The reference.
    /// @param maxStep How far a rate may be from the one before it, in parts per million a year.
    /// @param maxDays Days of a period at most.
    event ReferenceListed(bytes16 indexed code, uint24 maxStep, uint16 maxDays);

    /// @notice An operator proposed other bounds for a reference.
    /// @param code The reference.
    /// @param maxStep How far a rate may be from the one before it, in parts per million a year.
    /// @param maxDays Days of a period at most.
    /// @param operator The operator who proposed it.
    event ReferenceProposed(bytes16 indexed code, uint24 maxStep, uint16 maxDays, address indexed operator);

    /// @notice An appraiser proposed a rate, which waits for a second appraiser.
    /// @param code The reference.
    /// @param proposer The appraiser.
    /// @param rate The rate.
    event RateProposed(bytes16 indexed code, address indexed proposer, Rate rate);

    /// @notice A second appraiser named the same rate: it is in force.
    /// @param code The reference.
    /// @param proposer The appraiser who proposed it.
    /// @param confirmer The appraiser who confirmed it.
    /// @param fromDay First day for which it counts.
    /// @param lastDay Last day for which it counts.
    /// @param rate Parts per million a year.
    /// @param evidence Hash of the publication.
    event RatePosted(
        bytes16 indexed code,
        address indexed proposer,
        address indexed confirmer,
        uint24 fromDay,
        uint24 lastDay,
        int24 rate,
        bytes32 evidence
    );

    /// @notice A further appraiser stands behind a rate in force.
    /// @param code The reference.
    /// @param appraiser The appraiser.
    /// @param fromDay First day for which the rate counts.
    event RateConfirmed(bytes16 indexed code, address indexed appraiser, uint24 fromDay);

    /// @notice An appraiser withdrew what it proposed.
    /// @param code The reference.
    /// @param proposer The appraiser.
    /// @param rateHash Keccak256 of the ABI encoding of the rate.
    event RateWithdrawn(bytes16 indexed code, address indexed proposer, bytes32 rateHash);

    /// @notice The reference is not listed.
    /// @param code The reference.
    error ReferenceUnknown(bytes16 code);

    /// @notice A value is out of range.
    /// @param term The name of the value.
    /// @param value The value that was given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error RateOutOfRange(bytes32 term, int256 value, int256 min, int256 max);

    /// @notice The rate is too far from the one before it. A larger step needs other bounds from two operators.
    /// @param code The reference.
    /// @param last The rate before it.
    /// @param next The rate that was given.
    /// @param maxStep How far it may be.
    error RateSteps(bytes16 code, int24 last, int24 next, uint24 maxStep);

    /// @notice No rate is in force for this day yet: it is late.
    /// @param code The reference.
    /// @param day The day.
    error RateMissing(bytes16 code, uint256 day);

    /// @notice Fewer than two appraisers stand behind the rate who are neither these parties nor under one control with
    /// one of them.
    /// @param code The reference.
    /// @param day The day.
    /// @param independent How many do.
    error RateNotIndependent(bytes16 code, uint256 day, uint256 independent);

    /// @notice Nothing is proposed for this reference.
    /// @param code The reference.
    error NoRateProposed(bytes16 code);

    /// @notice Another rate is proposed.
    /// @param code The reference.
    /// @param proposed Hash of the first rate that waits.
    /// @param provided Hash of the rate that was given.
    error RateProposalDiffers(bytes16 code, bytes32 proposed, bytes32 provided);

    /// @notice An appraiser of another party, not under one control with this one, must confirm.
    /// @param code The reference.
    /// @param appraiser Who stands behind the rate already.
    error SecondAppraiserNeeded(bytes16 code, address appraiser);

    /// @notice The proposer is no longer an appraiser.
    /// @param code The reference.
    /// @param proposer The proposer.
    error RateProposerGone(bytes16 code, address proposer);

    /// @notice Lists a reference, or changes its bounds. The first listing needs one operator; a change needs two who
    /// name the same bounds.
    /// @dev Role: operator.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {RateOutOfRange} if a bound is out of range.
    /// Reverts with {ManagerIsNoPerson} if the caller is the AccessManager.
    /// @param code The reference: printable characters, left-aligned.
    /// @param maxStep How far a rate may be from the one before it: 1 to 1,000,000 parts per million a year.
    /// @param maxDays Days of a period at most, 1 to 400.
    function list(bytes16 code, uint24 maxStep, uint16 maxDays) external;

    /// @notice Proposes the rate of the next period; it waits for a second appraiser. What the same party proposed
    /// before is dropped.
    /// @dev Role: parties registered as appraisers.
    /// Reverts with {ReferenceUnknown} if the reference is not listed.
    /// Reverts with {RateOutOfRange} if the period does not follow the last one, begins after today or is too long, or
    /// the rate is beyond 1,000,000 parts per million.
    /// Reverts with {RateSteps} if the rate is too far from the one before it.
    /// @param rate The rate.
    function post(Rate calldata rate) external;

    /// @notice Confirms a rate that another appraiser proposed: it is in force, and all other proposals of the reference
    /// are dropped. Or stands behind a rate in force as a further appraiser, up to six in all.
    /// @dev Role: parties registered as appraisers, each of them neither of one party nor under one control with another
    /// who stands behind the rate.
    /// Reverts as {post} does.
    /// Reverts with {NoRateProposed} if nothing is proposed.
    /// Reverts with {RateProposalDiffers} if other rates are proposed.
    /// Reverts with {SecondAppraiserNeeded} if the caller stands behind the rate already, or someone under one control
    /// with it does.
    /// Reverts with {RateProposerGone} if the proposer is no longer an appraiser.
    /// @param rate The rate, exactly as it was proposed.
    function confirm(Rate calldata rate) external;

    /// @notice Withdraws what the caller's party proposed.
    /// @dev Reverts with {NoRateProposed} if it proposed nothing.
    /// @param code The reference.
    function withdraw(bytes16 code) external;

    /// @notice The bounds for the next rate.
    /// @param code The reference.
    /// @return The bounds; all zero if it is not listed.
    function listing(bytes16 code) external view returns (Listing memory);

    /// @notice The rates that wait.
    /// @param code The reference.
    /// @return The proposals.
    function proposals(bytes16 code) external view returns (Proposal[] memory);

    /// @notice The rate of a day.
    /// @dev Reverts with {RateMissing} if none is in force for that day.
    /// @param code The reference.
    /// @param day Day number.
    /// @return period The period in which the day is.
    /// @return appraisers Who stands behind it.
    function rateOn(bytes16 code, uint256 day) external view returns (Period memory period, address[] memory appraisers);

    /// @notice The rate of a day, if two appraisers stand behind it who have no part in a deal.
    /// @dev Reverts with {RateMissing} if none is in force for that day.
    /// Reverts with {RateNotIndependent} if fewer than two are independent.
    /// @param code The reference.
    /// @param day Day number.
    /// @param parties Accounts of the deal's parties; zero: none.
    /// @return Parts per million a year.
    function rateFor(bytes16 code, uint256 day, address[] calldata parties) external view returns (int24);
}
