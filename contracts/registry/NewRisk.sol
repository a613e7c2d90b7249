// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {Roles} from "../access/Roles.sol";
import {ICourtOrders} from "./ICourtOrders.sol";
import {INewRisk} from "./INewRisk.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";

/// @title The stop of new risk: a part of the registry, which all contracts of the ledger check.
/// @notice See {INewRisk} for the specification.
/// @dev Officials are recognised by their role itself, not by `restricted`: a stop must not wait for the delay of a
/// role, and nobody may act through the AccessManager.
abstract contract NewRisk is INewRisk, ForwardedAccess {
    bytes32 private _reasonHash;
    address private _proposer;

    /// @inheritdoc INewRisk
    function stopNewRisk(bytes32 reasonHash) external {
        address official = _requireOfficial();
        if (reasonHash == 0) revert ReasonMissing();
        _reasonHash = reasonHash;
        delete _proposer;
        emit NewRiskStop(reasonHash, official);
    }

    /// @inheritdoc INewRisk
    function proposeResumption(bytes32 reasonHash) external {
        address official = _requireOfficial();
        _requireReason(reasonHash);
        _proposer = official;
        emit ResumptionProposed(reasonHash, official);
    }

    /// @inheritdoc INewRisk
    function resumeNewRisk(bytes32 reasonHash) external {
        address official = _requireOfficial();
        _requireReason(reasonHash);
        address proposer = _proposer;
        if (proposer == address(0)) revert ResumptionNotProposed(reasonHash);
        if (IPartyRegistry(address(this)).areRelated(proposer, official)) {
            revert ResumptionNeedsAnother(proposer, official);
        }
        if (!_isOfficial(proposer)) revert ProposerGone(proposer);
        delete _reasonHash;
        delete _proposer;
        emit NewRiskResumed(reasonHash, proposer, official);
    }

    /// @inheritdoc INewRisk
    function newRiskStopped() external view returns (bool) {
        return _reasonHash != 0;
    }

    /// @inheritdoc INewRisk
    function riskStop() external view returns (bytes32 reasonHash, address resumptionProposer) {
        return (_reasonHash, _proposer);
    }

    /// @inheritdoc INewRisk
    function requireNewRisk() public view {
        bytes32 reasonHash = _reasonHash;
        if (reasonHash != 0) revert NewRiskStopped(reasonHash);
    }

    function _requireOfficial() private view returns (address sender) {
        sender = _msgSender();
        if (sender == authority() || !_isOfficial(sender)) revert NotOfficial(sender);
    }

    function _isOfficial(address account) private view returns (bool official) {
        if (ICourtOrders(IPartyRegistry(address(this)).court()).isRegulator(account)) return true;
        (official,) = IAccessManager(authority()).hasRole(Roles.OPERATOR, account);
    }

    function _requireReason(bytes32 provided) private view {
        bytes32 reasonHash = _reasonHash;
        if (reasonHash == 0) revert NewRiskNotStopped();
        if (provided != reasonHash) revert ReasonDiffers(provided, reasonHash);
    }
}
