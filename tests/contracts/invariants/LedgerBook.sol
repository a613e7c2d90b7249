// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {ClaimMarket} from "../../../contracts/market/ClaimMarket.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LedgerViews} from "./LedgerViews.sol";

/// The handler's own books of the ledger: what came in and went out, what is under a lien, what an owner allowed; and
/// what must never have happened.
abstract contract LedgerBook is LedgerViews {
    bytes32 internal constant DOCUMENTS = keccak256("documents");
    address internal constant SPENDER = address(0xA9);

    uint256 private _receivableCount;
    uint256 private _claimCount;
    uint256 internal _creditNotes;
    bool public isClosed;
    mapping(uint256 receivableId => uint256) public cashIn;
    mapping(uint256 receivableId => uint256) public cashOut;
    mapping(uint256 receivableId => IReceivables.Status) private _lastStatus;
    mapping(uint256 claimId => address) private _lastOwner;
    mapping(uint256 claimId => address) private _lastLienholder;
    mapping(address account => uint256) private _lastCash;
    /// The holder of a claim under lien, until its lienholder or a court moves it.
    mapping(uint256 claimId => address) public heldUnderLien;
    /// The part of a claim that its owner allows the spender to move.
    mapping(uint256 claimId => uint256) public allowed;
    /// The broken invariant, in words, by its number; empty if none is broken.
    mapping(uint256 invariant => string) public breach;

    modifier observed() {
        _;
        _observe();
    }

    function receivableCount() public view override returns (uint256) {
        return _receivableCount;
    }

    function claimCount() public view override returns (uint256) {
        return _claimCount;
    }

    function parts() external view returns (Receivables, ClaimMarket, SettlementToken) {
        return (receivables, market, cash);
    }

    function spender() external pure returns (address) {
        return SPENDER;
    }

    function breaks(uint256 invariant, string calldata words) external {
        _breaks(invariant, words);
    }

    // ------------------------------------------------------------------ entries

    function _breaks(uint256 invariant, string memory words) internal {
        breach[invariant] = words;
    }

    function _paidIn(uint256 id, uint256 amount) internal {
        cashIn[id] += amount;
    }

    /// What has left the contract since it held `held`.
    function _paidOut(uint256 id, uint256 held) internal {
        cashOut[id] += held - cash.balanceOf(address(receivables));
    }

    function _binds(uint256 claimId, address owner) internal {
        heldUnderLien[claimId] = owner;
    }

    /// A lienholder or a court moved it: from now on the book has its present holder, if it is still under lien.
    function _moves(uint256 claimId) internal {
        Claim memory claim = _claimAt(claimId);
        heldUnderLien[claimId] = claim.lienholder == address(0) ? address(0) : claim.owner;
    }

    function _allows(uint256 claimId, uint256 value) internal {
        allowed[claimId] = value;
    }

    function _spends(uint256 claimId, uint256 value) internal {
        allowed[claimId] -= value;
    }

    function _waitUntil(uint256 day) internal {
        if (_today() < day) _toDay(day);
    }

    // ------------------------------------------------------------------ what is seen after each call

    function _observe() private {
        _observeDebts();
        _observeClaims();
        _observeMoney(seller);
        _observeMoney(bank);
        for (uint256 i; i < 3; ++i) {
            _observeMoney(suppliers[i]);
        }
    }

    /// Every receivable has its former state, or the next one. A call of several steps checks after each.
    function _observeDebts() internal {
        _count();
        for (uint256 id = 1; id <= _receivableCount; ++id) {
            IReceivables.Status status = _debt(id).status;
            IReceivables.Status last = _lastStatus[id];
            // One call may file a receivable and take its first steps.
            bool isNew = last == IReceivables.Status.None
                && (_isArrow(IReceivables.Status.Requested, status) || _isArrow(IReceivables.Status.Confirmed, status));
            if (status != last && !isNew && !_isArrow(last, status)) _breaks(6, "a state moved against the arrows");
            _lastStatus[id] = status;
        }
    }

    /// An allowance ends with each change of owner or lien; only a valid party becomes a holder or lienholder.
    function _observeClaims() private {
        for (uint256 id = 1; id <= _claimCount; ++id) {
            Claim memory claim = _claimAt(id);
            if (claim.owner != _lastOwner[id] || claim.lienholder != _lastLienholder[id]) {
                _reachIf(allowed[id] != 0, "an allowance ended by a change of owner or lien");
                allowed[id] = 0;
            }
            if (claim.owner != _lastOwner[id] && claim.owner != address(0) && !registry.isValid(claim.owner)) {
                _breaks(10, "a party that is not valid received a claim");
            }
            if (claim.lienholder != _lastLienholder[id]) {
                if (claim.lienholder == address(0)) delete heldUnderLien[id];
                else if (!registry.isValid(claim.lienholder)) _breaks(10, "a party that is not valid received a lien");
                if (_lastLienholder[id] != address(0) && claim.lienholder != address(0)) {
                    _breaks(4, "a lien moved from one to another");
                }
            }
            if (claim.lienholder != address(0) && claim.lienholder == claim.owner) {
                _breaks(4, "a holder is lienholder of its own claim");
            }
            (_lastOwner[id], _lastLienholder[id]) = (claim.owner, claim.lienholder);
        }
    }

    function _observeMoney(address account) private {
        uint256 balance = cash.balanceOf(account);
        if (balance > _lastCash[account] && _lastCash[account] != 0 && !registry.isValid(account)) {
            _breaks(10, "a party that is not valid was paid");
        }
        _lastCash[account] = balance;
    }

    /// Ids are counted up.
    function _count() internal {
        while (_exists(_receivableCount + 1)) ++_receivableCount;
        while (_claimAt(_claimCount + 1).debt != 0) ++_claimCount;
    }

    function _exists(uint256 id) private view returns (bool) {
        try receivables.receivable(ReceivableId.wrap(id)) {
            return true;
        } catch {
            return false;
        }
    }

    function _isArrow(IReceivables.Status from, IReceivables.Status to) private pure returns (bool) {
        if (from == IReceivables.Status.None) return to == IReceivables.Status.Requested;
        if (from == IReceivables.Status.Requested) {
            return to == IReceivables.Status.Confirmed || to == IReceivables.Status.Rejected
                || to == IReceivables.Status.Withdrawn;
        }
        if (to == IReceivables.Status.Settled) {
            return from == IReceivables.Status.Confirmed || from == IReceivables.Status.Disputed
                || from == IReceivables.Status.Defaulted || from == IReceivables.Status.WrittenOff;
        }
        if (from == IReceivables.Status.Confirmed) {
            return to == IReceivables.Status.Disputed || to == IReceivables.Status.Defaulted;
        }
        if (from == IReceivables.Status.Disputed) {
            return to == IReceivables.Status.Confirmed || to == IReceivables.Status.Defaulted;
        }
        return from == IReceivables.Status.Defaulted && to == IReceivables.Status.WrittenOff;
    }

    // ------------------------------------------------------------------ choices

    function _mayDispute(uint256 id) internal view returns (bool) {
        return _isConfirmed(id) && _today() <= _debt(id).disputeDay;
    }

    function _isUnpaid(uint256 id) internal view returns (bool) {
        if (!_isOwed(id)) return false;
        (uint96 principal,) = receivables.due(ReceivableId.wrap(id));
        return principal != 0;
    }

    function _isEmpty(uint256 debt) internal view returns (bool) {
        for (uint256 id = 1; id <= _claimCount; ++id) {
            Claim memory claim = _claimAt(id);
            if (claim.debt == debt && claim.owner != address(0)) return false;
        }
        return true;
    }

    function _mayCollect(Claim memory claim) internal view returns (bool) {
        return
            _isCollectable(claim) && registry.isValid(claim.lienholder == address(0) ? claim.owner : claim.lienholder);
    }

    /// A claim whose holder may act on the receivable.
    function _voiceOf(uint256 debt) internal view returns (Claim memory claim) {
        for (uint256 id = 1; id <= _claimCount; ++id) {
            claim = _claimAt(id);
            if (claim.debt == debt && claim.value != 0 && registry.isValid(claim.owner)) return claim;
        }
        delete claim;
    }

    function _freeClaimOf(uint256 debt, address owner) internal view returns (Claim memory claim) {
        for (uint256 id = 1; id <= _claimCount; ++id) {
            claim = _claimAt(id);
            if (claim.debt == debt && claim.owner == owner && claim.lienholder == address(0)) return claim;
        }
        delete claim;
    }

    /// The seller holds value of it that is free and unpaid.
    function _isBurnable(uint256 debt) internal view returns (bool) {
        if (!_isUnpaid(debt)) return false;
        Claim memory claim = _freeClaimOf(debt, seller);
        if (claim.id == 0) return false;
        (uint96 principal,) = receivables.collectable(ClaimId.wrap(claim.id));
        return claim.value > principal;
    }

    function _hasTwin(Claim memory claim) internal view returns (bool) {
        return _isMovable(claim) && claim.value != 0 && _twinOf(claim) != 0;
    }

    /// Another free claim of the same holder on the same receivable.
    function _twinOf(Claim memory claim) internal view returns (uint256) {
        for (uint256 id = 1; _claimAt(id).debt != 0; ++id) {
            Claim memory other = _claimAt(id);
            if (id != claim.id && other.debt == claim.debt && other.owner == claim.owner) {
                if (other.lienholder == address(0)) return id;
            }
        }
        return 0;
    }

    function _hasRecourse(Claim memory claim) internal view returns (bool) {
        if (!_isMovable(claim) || claim.value == 0) return false;
        address assignor = market.recourseOf(claim.id).assignor;
        return assignor != address(0) && registry.isValid(assignor) && _mayDivide(claim);
    }

    function _mayEnforce(Claim memory claim) internal view returns (bool) {
        return claim.lienholder != address(0) && claim.value != 0 && registry.isValid(claim.owner)
            && claim.owner != suppliers[1];
    }

    function _maySpend(Claim memory claim) internal view returns (bool) {
        return allowed[claim.id] != 0 && _isDivisible(claim);
    }
}
