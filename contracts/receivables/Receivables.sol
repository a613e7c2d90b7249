// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {TriedTransfer} from "../cash/TriedTransfer.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {Lineage} from "../tokens/TokenBook.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {ClaimId, ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {Record, unpaidOf} from "./ReceivableBook.sol";
import {ReceivableLife} from "./ReceivableLife.sol";
import {ReceivableMoney} from "./ReceivableMoney.sol";
import {ReceivableRecords} from "./ReceivableRecords.sol";

/// @title A buyer's confirmed debts to sellers, and the claims on them.
/// @notice See {IReceivables} for the specification of debts, {ISplittableToken} for that of the claims on them.
/// @dev No payout fails because of its receiver: money that cannot be sent waits for the receiver's party. The everyday
/// functions are here. The rest are in ReceivablesModule, which runs on this storage.
contract Receivables is IReceivables, SplittableToken, ReceivableRecords {
    constructor(
        address authority,
        address forwarder,
        IPartyRegistry registry_,
        uint256 zoneOffsetSeconds,
        uint256 writeOffDays_,
        address module_
    )
        ForwardedAccess(authority, forwarder)
        TokenStore(registry_)
        SplittableToken(module_)
        ReceivableRecords(zoneOffsetSeconds, writeOffDays_)
    {}

    /// @inheritdoc IReceivables
    function allowCurrency(address currency, bool allowed) external {
        _toModule();
    }

    // ------------------------------------------------------------------ life

    /// @inheritdoc IReceivables
    function request(ReceivableTerms calldata terms) external returns (ReceivableId receivableId) {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function confirm(ReceivableId receivableId, bytes calldata debtorSignature) external returns (ClaimId claimId) {
        (address seller, uint96 face, address debtor) =
            ReceivableLife.confirm(_book, registry, _today(), _domainSeparatorV4(), receivableId, debtorSignature);
        claimId = ClaimId.wrap(_mint(seller, ReceivableId.unwrap(receivableId), face, ClaimShares.WHOLE));
        emit ReceivableConfirmed(receivableId, debtor, claimId, debtorSignature);
    }

    /// @inheritdoc IReceivables
    function reject(ReceivableId receivableId, bytes32 reasonHash) external {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function withdraw(ReceivableId receivableId) external {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function dispute(ReceivableId receivableId, bytes32 evidenceHash) external {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function endDispute(ReceivableId receivableId, bytes32 evidenceHash) external {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function declareDefault(ReceivableId receivableId, ClaimId claimId) external {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function writeOff(ReceivableId receivableId, ClaimId claimId) external {
        _toModule();
    }

    // ------------------------------------------------------------------ money

    /// @inheritdoc IReceivables
    function pay(ReceivableId receivableId, uint96 amount) external returns (uint96 taken) {
        // Check
        Record storage record = _payable(receivableId);
        if (amount == 0) revert AmountOutOfRange(amount, 1, type(uint96).max);
        address payer = _msgSender();
        if (record.hasLateRecord || _today() > record.dueDay) {
            return ReceivableMoney.payLate(_book, receivableId, payer, amount, zoneOffset);
        }
        uint256 unpaid = unpaidOf(record);
        taken = amount < unpaid ? amount : uint96(unpaid);

        // Interaction, first because a currency that stands must leave everything as it is
        address currency = _book.currencies[record.currencyIndex];
        uint256 before = IERC20(currency).balanceOf(address(this));
        if (!TriedTransfer.move(currency, payer, address(this), taken)) {
            ReceivableMoney.refused(_book, currency, payer, taken, zoneOffset);
            return 0;
        }
        uint256 received = IERC20(currency).balanceOf(address(this)) - before;
        if (received != taken) revert Unclaimed.TransferTookFee(currency, taken, received);
        if (unpaidOf(record) != unpaid) revert PaymentWithinPayment(receivableId);

        // Effect
        record.principalPaid += uint80(taken);
        emit PaymentReceived(receivableId, payer, taken, 0, uint96(unpaid) - taken);
        if (taken == unpaid) {
            record.status = Status.Settled;
            emit ReceivableSettled(receivableId);
        }
    }

    /// @inheritdoc IReceivables
    function collect(ClaimId claimId) external returns (uint96 principal, uint96 lateCharge) {
        bool ended;
        (principal, lateCharge, ended) = _collect(claimId);
        if (principal + lateCharge == 0 && !ended) revert NothingToCollect(claimId);
    }

    /// @inheritdoc IReceivables
    function collectMany(ClaimId[] calldata claimIds) external {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function applyCreditNote(CreditNote calldata note, bytes calldata sellerSignature, bytes calldata debtorSignature)
        external
    {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function cancelSignature(bytes32 digest) external {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function checkCurrency(address currency) external returns (bool running) {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount) {
        _toModule();
    }

    /// @inheritdoc IReceivables
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external {
        _toModule();
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IReceivables
    function receivable(ReceivableId receivableId) external view returns (Receivable memory) {
        return ReceivableLife.receivable(_book, receivableId);
    }

    /// @inheritdoc IReceivables
    function standing(ClaimId claimId) external view returns (Standing memory answer) {
        uint256 tokenId = ClaimId.unwrap(claimId);
        Record storage record = _book.records[ReceivableId.wrap(_lineages[tokenId].slot)];
        answer.owner = _holdings[tokenId].owner;
        answer.value = _holdings[tokenId].value;
        answer.debtor = record.debtor;
        answer.dueDay = record.dueDay;
        answer.status = record.status;
        answer.hasPayments = record.principalPaid != 0;
        if (record.status != Status.None) answer.currency = _book.currencies[record.currencyIndex];
    }

    /// @inheritdoc IReceivables
    function receivableWithFingerprint(address seller, bytes32 fingerprint)
        external
        view
        returns (ReceivableId receivableId)
    {
        _askModule();
    }

    /// @inheritdoc IReceivables
    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32 digest) {
        _askModule();
    }

    /// @inheritdoc IReceivables
    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge) {
        _askModule();
    }

    /// @inheritdoc IReceivables
    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge) {
        _askModule();
    }

    /// @inheritdoc IReceivables
    function isOverdue(ReceivableId receivableId) external view returns (bool overdue) {
        _askModule();
    }

    /// @inheritdoc IReceivables
    function unclaimedOf(address party, address currency) external view returns (uint256 amount) {
        _askModule();
    }

    /// @inheritdoc IReceivables
    function claim(ClaimId claimId) external view returns (Claim memory) {
        uint256 tokenId = ClaimId.unwrap(claimId);
        Lineage storage lineage = _lineages[tokenId];
        return Claim({
            owner: _holdings[tokenId].owner,
            receivableId: ReceivableId.wrap(lineage.slot),
            value: _holdings[tokenId].value,
            weight: lineage.weight,
            parent: lineage.parent,
            depth: lineage.depth,
            encumbered: lineage.encumbered
        });
    }

    /// @notice The name of the token (ERC-721).
    /// @return Always "Cession Claims".
    function name() external pure returns (string memory) {
        return "Cession Claims";
    }

    /// @notice The symbol of the token (ERC-721).
    /// @return Always "CLAIM".
    function symbol() external pure returns (string memory) {
        return "CLAIM";
    }

    /// @notice A page of JSON about the contract (ERC-3525, ERC-7572).
    /// @return uri The page as a data URI.
    function contractURI() external view returns (string memory uri) {
        _askModule();
    }

    /// @notice A page of JSON about a receivable (ERC-3525).
    /// @dev Reverts with {ReceivableUnknown} if there is no such receivable.
    /// @param slot The receivable.
    /// @return uri The page as a data URI.
    function slotURI(uint256 slot) external view returns (string memory uri) {
        _askModule();
    }

    /// @notice A page of JSON about a claim (ERC-721).
    /// @dev Reverts with {TokenUnknown} if there is no such claim.
    /// @param tokenId The claim.
    /// @return uri The page as a data URI.
    function tokenURI(uint256 tokenId) external view returns (string memory uri) {
        _askModule();
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
