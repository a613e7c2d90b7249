// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Stops new risk at once when a fault is found; two persons resume it.
/// @notice While new risk is stopped, nobody files or confirms a debt or an order, issues a warehouse receipt, sells a
/// claim by a quote, opens or funds a campaign, agrees a facility or draws a loan, gives a lien, attests a tier, or
/// feeds the reserve. Payment, collection, repayment, release, liquidation, refunds, withdrawals and assignments
/// between parties never check this.
interface INewRisk {
    event NewRiskStop(bytes32 indexed reasonHash, address indexed official);
    event ResumptionProposed(bytes32 indexed reasonHash, address indexed official);
    event NewRiskResumed(bytes32 indexed reasonHash, address indexed proposer, address indexed official);

    error NewRiskStopped(bytes32 reasonHash);
    error NewRiskNotStopped();
    error ReasonMissing();
    error ReasonDiffers(bytes32 provided, bytes32 reasonHash);
    error NotOfficial(address account);
    error ResumptionNotProposed(bytes32 reasonHash);
    error ResumptionNeedsAnother(address proposer, address official);

    /// @notice Stops new risk. One operator or one regulator calls it, with no delay, whatever delay the operator's
    /// role has.
    /// @dev A second stop replaces the reason and ends a resumption that was proposed.
    /// @param reasonHash Hash of what was found. Zero is refused.
    /// *Reverts* with `NotOfficial`, also for the AccessManager, because anyone with a role can make it the sender;
    /// `ReasonMissing`.
    function stopNewRisk(bytes32 reasonHash) external;

    /// @notice Proposes that new risk resumes. One operator or one regulator calls it; it may be the one that stopped
    /// new risk.
    /// @param reasonHash The reason of the stop in force, so that nobody ends a stop that it does not know of.
    /// *Reverts* with `NotOfficial`, `NewRiskNotStopped`, `ReasonDiffers`.
    function proposeResumption(bytes32 reasonHash) external;

    /// @notice Resumes new risk. An operator or a regulator of another party than the proposer's calls it.
    /// *Reverts* with `NotOfficial`, `NewRiskNotStopped`, `ReasonDiffers`, `ResumptionNotProposed`,
    /// `ResumptionNeedsAnother`, and `ProposerGone` if the proposer is no longer an operator or a regulator.
    function resumeNewRisk(bytes32 reasonHash) external;

    /// @notice Whether new risk is stopped.
    function newRiskStopped() external view returns (bool);
    /// @notice The reason of the stop in force, and who proposed to end it. All zero if there is none.
    function riskStop() external view returns (bytes32 reasonHash, address resumptionProposer);
    /// @notice Reverts with `NewRiskStopped` while new risk is stopped.
    function requireNewRisk() external view;
}
