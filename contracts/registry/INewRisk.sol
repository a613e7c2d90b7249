// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Stops new risk at once when a fault is found; two persons resume it.
/// @notice While new risk is stopped, nobody files or confirms a debt or an order, issues a warehouse receipt, sells a
/// claim by a quote, opens or funds a campaign, agrees a facility or draws a loan, gives a lien, attests a tier, or
/// feeds the reserve. Payment, collection, repayment, release, liquidation, refunds, withdrawals and assignments
/// between parties never check this.
/// @dev Source: decision 25.
interface INewRisk {
    /// @notice An official stopped new risk.
    /// @param reasonHash Hash of the reason.
    /// @param official The operator or regulator that called.
    event NewRiskStop(bytes32 indexed reasonHash, address indexed official);

    /// @notice An official proposed to resume new risk.
    /// @param reasonHash Hash of the reason.
    /// @param official The operator or regulator that called.
    event ResumptionProposed(bytes32 indexed reasonHash, address indexed official);

    /// @notice New risk is allowed again.
    /// @param reasonHash Hash of the reason.
    /// @param proposer The official that proposed to resume.
    /// @param official The operator or regulator that called.
    event NewRiskResumed(bytes32 indexed reasonHash, address indexed proposer, address indexed official);

    /// @notice New risk is stopped. It resumes when two officials agree.
    /// @param reasonHash Hash of what was found.
    error NewRiskStopped(bytes32 reasonHash);

    /// @notice New risk is not stopped.
    error NewRiskNotStopped();

    /// @notice A stop names its reason.
    error ReasonMissing();

    /// @notice Another stop is in force.
    /// @param provided The reason that was given.
    /// @param reasonHash The reason of the stop in force.
    error ReasonDiffers(bytes32 provided, bytes32 reasonHash);

    /// @notice Only an operator or a regulator may do this.
    /// @param account The account.
    error NotOfficial(address account);

    /// @notice Nobody has proposed to resume since the last stop.
    /// @param reasonHash Hash of the reason.
    error ResumptionNotProposed(bytes32 reasonHash);

    /// @notice Proposer and caller are of one party, or under one control. An official of another party must call.
    /// @param proposer The official that proposed to resume.
    /// @param official The operator or regulator that called.
    error ResumptionNeedsAnother(address proposer, address official);

    /// @notice Stops new risk at once.
    /// @dev One operator or one regulator calls it, whatever delay the operator's role has. A second stop replaces the
    /// reason and ends a resumption that was proposed.
    /// Reverts with {NotOfficial} if the caller is neither, or is the AccessManager: anyone with a role can make it the
    /// sender.
    /// Reverts with {ReasonMissing} if `reasonHash` is 0.
    /// @param reasonHash Hash of what was found.
    function stopNewRisk(bytes32 reasonHash) external;

    /// @notice Proposes that new risk resumes.
    /// @dev One operator or one regulator calls it. It may be the one that stopped new risk.
    /// Reverts with {NotOfficial} if the caller is neither.
    /// Reverts with {NewRiskNotStopped} if no stop is in force.
    /// Reverts with {ReasonDiffers} if the stop in force has another reason.
    /// @param reasonHash The reason of the stop in force, so that nobody ends a stop that it does not know of.
    function proposeResumption(bytes32 reasonHash) external;

    /// @notice Resumes new risk.
    /// @dev An operator or a regulator of another party than the proposer's calls it.
    /// Reverts with {NotOfficial} if the caller is neither.
    /// Reverts with {NewRiskNotStopped} if no stop is in force.
    /// Reverts with {ReasonDiffers} if the stop in force has another reason.
    /// Reverts with {ResumptionNotProposed} if nobody has proposed it.
    /// Reverts with {ResumptionNeedsAnother} if caller and proposer are of one party, or under one control.
    /// Reverts with {ProposerGone} if the proposer is no longer an operator or a regulator.
    /// @param reasonHash The reason of the stop in force.
    function resumeNewRisk(bytes32 reasonHash) external;

    /// @notice Whether new risk is stopped.
    /// @return True while new risk is stopped.
    function newRiskStopped() external view returns (bool);

    /// @notice The stop in force; all zero if there is none.
    /// @return reasonHash Hash of the reason.
    /// @return resumptionProposer The official that proposed to resume; zero if nobody did.
    function riskStop() external view returns (bytes32 reasonHash, address resumptionProposer);

    /// @notice Requires that new risk is not stopped.
    /// @dev Reverts with {NewRiskStopped} while it is.
    function requireNewRisk() external view;
}
