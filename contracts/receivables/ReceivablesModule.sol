// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// No tags here: the interfaces specify these functions.
/* solhint-disable use-natspec */

import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {WantOfGas} from "../access/WantOfGas.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {Lineage} from "../tokens/TokenBook.sol";
import {TokenModule} from "../tokens/TokenModule.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {ClaimId, ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {knownRecord} from "./ReceivableBook.sol";
import {ReceivableLife} from "./ReceivableLife.sol";
import {ReceivableMoney} from "./ReceivableMoney.sol";
import {ReceivablePages} from "./ReceivablePages.sol";
import {ReceivableRecords} from "./ReceivableRecords.sol";

/// @title The functions of Receivables that are not called every day: the code to which Receivables hands such calls.
/// @notice See {IReceivables}, {ISplittableToken} and {SplittableToken} for the specification of each function.
/// @dev Runs by delegatecall on the storage of Receivables. IReceivables says what each function is for and who may
/// call it.
contract ReceivablesModule is TokenModule, ReceivableRecords {
    constructor(
        address authority,
        address forwarder,
        IPartyRegistry registry_,
        uint256 zoneOffsetSeconds,
        uint256 writeOffDays_
    ) ForwardedAccess(authority, forwarder) TokenStore(registry_) ReceivableRecords(zoneOffsetSeconds, writeOffDays_) {}

    // ------------------------------------------------------------------ currencies

    function allowCurrency(address currency, bool allowed) external restricted {
        ReceivableMoney.allowCurrency(_book, currency, allowed);
    }

    // ------------------------------------------------------------------ life

    function request(IReceivables.ReceivableTerms calldata terms) external returns (ReceivableId) {
        return ReceivableLife.request(_book, registry, _today(), _msgSender(), terms);
    }

    function reject(ReceivableId receivableId, bytes32 reasonHash) external {
        _take(ReceivableLife.Step.Reject, receivableId, reasonHash);
    }

    function withdraw(ReceivableId receivableId) external {
        _take(ReceivableLife.Step.Withdraw, receivableId, 0);
    }

    function dispute(ReceivableId receivableId, bytes32 evidenceHash) external {
        _take(ReceivableLife.Step.Dispute, receivableId, evidenceHash);
    }

    function endDispute(ReceivableId receivableId, bytes32 evidenceHash) external {
        _take(ReceivableLife.Step.EndDispute, receivableId, evidenceHash);
    }

    function declareDefault(ReceivableId receivableId, ClaimId claimId) external {
        _requireHolder(receivableId, claimId);
        _take(ReceivableLife.Step.DeclareDefault, receivableId, 0);
    }

    function writeOff(ReceivableId receivableId, ClaimId claimId) external {
        _requireHolder(receivableId, claimId);
        _take(ReceivableLife.Step.WriteOff, receivableId, 0);
    }

    // ------------------------------------------------------------------ money

    function collectMany(ClaimId[] calldata claimIds) external {
        for (uint256 i; i < claimIds.length; ++i) {
            uint256 gasBefore = gasleft();
            try IReceivables(address(this)).collect(claimIds[i]) {}
            catch (bytes memory reason) {
                WantOfGas.requireNone(gasBefore, reason);
            }
        }
    }

    function applyCreditNote(
        IReceivables.CreditNote calldata note,
        bytes calldata sellerSignature,
        bytes calldata debtorSignature
    ) external {
        _payable(note.receivableId);
        // Money paid on the seller's claim is collected first, so that only unpaid value burns.
        if (!note.claimId.isNull()) _collect(note.claimId);
        ReceivableLife.Setting memory setting = ReceivableLife.Setting(registry, zoneOffset, _domainSeparatorV4());
        ReceivableLife.applyCreditNote(_book, _holdings, _lineages, setting, note, sellerSignature, debtorSignature);
    }

    function cancelSignature(bytes32 digest) external {
        ReceivableLife.cancelSignature(_book, _msgSender(), digest);
    }

    function checkCurrency(address currency) external returns (bool) {
        return ReceivableMoney.checkCurrency(_book, currency, zoneOffset);
    }

    function withdrawUnclaimed(address to, address currency) external returns (uint256) {
        return ReceivableMoney.withdrawUnclaimed(_book, registry, currency, to, _msgSender());
    }

    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external {
        _requireCourt();
        ReceivableMoney.forcedWithdraw(_book, registry, from, currency, to, amount, orderHash);
    }

    // ------------------------------------------------------------------ views

    function receivableWithFingerprint(address seller, bytes32 fingerprint) external view returns (ReceivableId) {
        return _book.withFingerprint[registry.partyOf(seller)][fingerprint];
    }

    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32) {
        return _hashTypedDataV4(knownRecord(_book, receivableId).termsHash);
    }

    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge) {
        (principal, lateCharge,) = ReceivableMoney.due(_book, receivableId, zoneOffset);
    }

    function isOverdue(ReceivableId receivableId) external view returns (bool overdue) {
        (,, overdue) = ReceivableMoney.due(_book, receivableId, zoneOffset);
    }

    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge) {
        uint256 tokenId = ClaimId.unwrap(claimId);
        _ownerOf(tokenId);
        Lineage storage lineage = _lineages[tokenId];
        return ReceivableMoney.collectable(
            _book, ReceivableId.wrap(lineage.slot), tokenId, _holdings[tokenId].value, lineage.weight
        );
    }

    function unclaimedOf(address party, address currency) external view returns (uint256) {
        return ReceivableMoney.unclaimedOf(_book, registry, party, currency);
    }

    function contractURI() external pure returns (string memory) {
        return ReceivablePages.contractPage();
    }

    function slotURI(uint256 slot) external view returns (string memory) {
        return ReceivablePages.receivablePage(_book, ReceivableId.wrap(slot), zoneOffset);
    }

    function tokenURI(uint256 tokenId) external view returns (string memory) {
        _ownerOf(tokenId);
        return ReceivablePages.claimPage(
            _book, _holdings[tokenId], _lineages[tokenId], _lienholders[tokenId], tokenId, zoneOffset
        );
    }

    function _take(ReceivableLife.Step step, ReceivableId receivableId, bytes32 hash) private {
        ReceivableLife.take(_book, registry, step, receivableId, _msgSender(), zoneOffset, writeOffDays, hash);
    }

    function _requireHolder(ReceivableId receivableId, ClaimId claimId) private view {
        uint256 tokenId = ClaimId.unwrap(claimId);
        if (
            (_holdings[tokenId].owner != _msgSender() && _lienholders[tokenId] != _msgSender())
                || _lineages[tokenId].slot != ReceivableId.unwrap(receivableId) || _lineages[tokenId].weight == 0
        ) revert IReceivables.NotHolder(claimId, receivableId, _msgSender());
    }

    // ------------------------------------------------------------------ hooks, where two bases meet

    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool whole)
        internal
        override(TokenStore, ReceivableRecords)
    {
        super._beforeValueMoves(slot, fromTokenId, toTokenId, whole);
    }

    function _deepest(uint256 slot) internal view override(TokenStore, ReceivableRecords) returns (uint8) {
        return super._deepest(slot);
    }

    function _requireEncumberable(uint256 slot) internal view override(TokenStore, ReceivableRecords) {
        super._requireEncumberable(slot);
    }
}
