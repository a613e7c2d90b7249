// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Stops new risk at once when a fault is found, and lets it resume by two persons.
/// @notice While new risk is stopped nobody files or confirms a debt or an order, issues a receipt, sells a claim by a quote, opens or
/// funds a campaign, agrees or draws a loan, gives a lien, attests a tier, or feeds the reserve. Payment, collection, repayment, release,
/// liquidation, refunds, withdrawals and assignments between parties never ask for this.
interface INewRisk {
    event NewRiskStop(bytes32 indexed reasonHash, address indexed official);
    event ResumptionProposed(bytes32 indexed reasonHash, address indexed official);
    event NewRiskResumed(bytes32 indexed reasonHash, address indexed proposer, address indexed official);

    error NewRiskStopped(bytes32 reasonHash);
    error NewRiskNotStopped();
    error ReasonMissing();
    error ReasonDiffers(bytes32 given, bytes32 reasonHash);
    error NotOfficial(address account);
    error ResumptionNotProposed(bytes32 reasonHash);
    error ResumptionNeedsAnother(address proposer, address official);

    /// @notice Stops new risk. By one operator or one regulator, with no delay, whatever delay the operator's role has.
    /// @dev A second stop replaces the reason and ends a resumption that was proposed.
    /// @param reasonHash Hash of what was found. Zero is refused.
    /// *Reverts* with `NotOfficial`, also for the AccessManager, which anyone with a role can make the sender; `ReasonMissing`.
    function stopNewRisk(bytes32 reasonHash) external;

    /// @notice Proposes that new risk resumes. By one operator or one regulator, who may be the one that stopped it.
    /// @param reasonHash Of the stop in force, so that nobody ends a stop that it does not know of.
    /// *Reverts* with `NotOfficial`, `NewRiskNotStopped`, `ReasonDiffers`.
    function proposeResumption(bytes32 reasonHash) external;

    /// @notice Resumes new risk. By an operator or a regulator of another party than the one that proposed it.
    /// *Reverts* with `NotOfficial`, `NewRiskNotStopped`, `ReasonDiffers`, `ResumptionNotProposed`, `ResumptionNeedsAnother`,
    /// and `ProposerGone` where the one that proposed is neither any more.
    function resumeNewRisk(bytes32 reasonHash) external;

    /// @notice Whether new risk is stopped.
    function newRiskStopped() external view returns (bool);
    /// @notice The stop in force, and who proposed to end it. All zero when there is none.
    function riskStop() external view returns (bytes32 reasonHash, address resumptionProposer);
    /// @notice Reverts with `NewRiskStopped` while new risk is stopped.
    function requireNewRisk() external view;
}
