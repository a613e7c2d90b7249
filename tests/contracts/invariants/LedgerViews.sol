// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";
import {Reached} from "../support/Reached.sol";

/// What both handlers of the ledger read of it, and how they choose among claims and receivables.
abstract contract LedgerViews is Fixture, Reached {
    struct Claim {
        uint256 id;
        address owner;
        uint256 debt;
        uint96 value;
        uint8 depth;
        address lienholder;
    }

    uint32 internal constant WRITE_OFF_DAYS = 180;

    function receivableCount() public view virtual returns (uint256);
    function claimCount() public view virtual returns (uint256);

    function _claimAt(uint256 id) internal view returns (Claim memory claim) {
        IReceivables.Claim memory claimRow = receivables.claim(ClaimId.wrap(id));
        claim.owner = claimRow.owner;
        claim.value = claimRow.value;
        claim.depth = claimRow.depth;
        claim.id = id;
        claim.debt = ReceivableId.unwrap(claimRow.receivableId);
        claim.lienholder = receivables.lienholderOf(id);
    }

    function _debt(uint256 id) internal view returns (IReceivables.Receivable memory) {
        return receivables.receivable(ReceivableId.wrap(id));
    }

    /// The first claim, from a random one on, that `fits`; its id is zero if there is none.
    function _pickClaim(uint256 seed, function(Claim memory) view returns (bool) fits)
        internal
        view
        returns (Claim memory claim)
    {
        uint256 count = claimCount();
        for (uint256 i; i < count; ++i) {
            claim = _claimAt(1 + (seed % count + i) % count);
            if (claim.owner != address(0) && fits(claim)) return claim;
        }
        delete claim;
    }

    /// The first receivable, from a random one on, that `fits`; zero if there is none.
    function _pickDebt(uint256 seed, function(uint256) view returns (bool) fits) internal view returns (uint256 id) {
        uint256 count = receivableCount();
        for (uint256 i; i < count; ++i) {
            id = 1 + (seed % count + i) % count;
            if (fits(id)) return id;
        }
        return 0;
    }

    // ------------------------------------------------------------------ what a claim or a receivable is

    function _isAny(Claim memory) internal pure returns (bool) {
        return true;
    }

    /// Its holder may move it: valid, and no lien on it.
    function _isMovable(Claim memory claim) internal view returns (bool) {
        return claim.lienholder == address(0) && registry.isValid(claim.owner);
    }

    function _isDivisible(Claim memory claim) internal view returns (bool) {
        return _isMovable(claim) && claim.value > 1 && _mayDivide(claim);
    }

    function _mayDivide(Claim memory claim) internal view returns (bool) {
        return claim.depth < _debt(claim.debt).maxDepth;
    }

    function _isSaleable(Claim memory claim) internal view returns (bool) {
        return _isMovable(claim) && claim.value != 0 && claim.owner != bank
            && _debt(claim.debt).status == IReceivables.Status.Confirmed;
    }

    function _isEncumbered(Claim memory claim) internal pure returns (bool) {
        return claim.lienholder != address(0);
    }

    function _isCollectable(Claim memory claim) internal view returns (bool) {
        (uint96 principal, uint96 late) = receivables.collectable(ClaimId.wrap(claim.id));
        return principal + late != 0;
    }

    function _isRequested(uint256 id) internal view returns (bool) {
        return _debt(id).status == IReceivables.Status.Requested;
    }

    function _isConfirmed(uint256 id) internal view returns (bool) {
        return _debt(id).status == IReceivables.Status.Confirmed;
    }

    function _isDisputed(uint256 id) internal view returns (bool) {
        return _debt(id).status == IReceivables.Status.Disputed;
    }

    function _isDefaulted(uint256 id) internal view returns (bool) {
        return _debt(id).status == IReceivables.Status.Defaulted;
    }

    function _isSettled(uint256 id) internal view returns (bool) {
        return _debt(id).status == IReceivables.Status.Settled;
    }

    /// The debtor owes something on it, late charge included.
    function _isOwed(uint256 id) internal view returns (bool) {
        IReceivables.Status status = _debt(id).status;
        return status == IReceivables.Status.Confirmed || status == IReceivables.Status.Disputed
            || status == IReceivables.Status.Defaulted || status == IReceivables.Status.WrittenOff;
    }

    function _mayFail(uint256 id) internal view returns (bool) {
        return _isConfirmed(id) || _isDisputed(id);
    }

    function _today() internal view returns (uint256) {
        return block.timestamp / DAY;
    }

    /// The first day on which a default can be declared.
    function _dayOfDefault(uint256 id) internal view returns (uint256) {
        IReceivables.Receivable memory debt = _debt(id);
        return uint256(debt.dueDay) + debt.graceDays + 1;
    }
}
