// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {PartyId} from "../types/Ids.sol";
import {TriedTransfer} from "./TriedTransfer.sol";

/// @title Money that could not be paid out. It waits for its owner's party, and stops nobody else.
/// @notice Pays, or leaves unclaimed what cannot be paid.
/// @dev A payment is never refused because of its receiver. If a party is not valid, an account was removed, or the
/// currency blacklists an address, the money is here. Any valid account of the party withdraws it.
library Unclaimed {
    using SafeERC20 for IERC20;

    /// @dev Bit 255 of an owner: bits 0-159 are an address of no party. Without it the owner is a party's id.
    uint256 private constant OF_NO_PARTY = 1 << 255;

    /// @notice Unclaimed money.
    /// @param amounts Minor units by owner and currency. The owner is a party's id, or stands for an address of no
    /// party.
    struct Book {
        mapping(uint256 owner => mapping(address currency => uint256)) amounts;
    }

    /// @notice Money could not be sent and waits for its owner's party.
    /// @param party The account that was to receive.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event LeftUnclaimed(address indexed party, address indexed currency, uint256 amount);

    /// @notice A party's unclaimed money was paid out.
    /// @param party The account that received, or whose money a court took.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event UnclaimedWithdrawn(address indexed party, address indexed currency, uint256 amount);

    /// @notice The party has no unclaimed money in this currency.
    /// @param party The account that was to receive.
    /// @param currency The currency's token contract.
    error NothingUnclaimed(address party, address currency);

    /// @notice The party has less unclaimed money in this currency.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @param amount Minor units that were to move.
    /// @param held Minor units that there are.
    error UnclaimedExceeded(address party, address currency, uint256 amount, uint256 held);

    /// @notice Receiver and caller are of two parties.
    /// @param account The account that was to receive.
    /// @param caller The sender of the call.
    error NotOfParty(address account, address caller);

    /// @notice The currency takes a fee, so that less arrived.
    /// @param currency The currency's token contract.
    /// @param expected Minor units that were sent.
    /// @param received Minor units that arrived.
    error TransferTookFee(address currency, uint256 expected, uint256 received);

    /// @notice Pays out of this contract's own balance, or leaves the money unclaimed.
    /// @param book The unclaimed money, in the storage of the calling contract.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    function pay(Book storage book, IPartyRegistry registry, address currency, address to, uint256 amount) internal {
        if (amount == 0) return;
        if (registry.isValid(to) && TriedTransfer.send(currency, to, amount)) return;
        keep(book, registry, currency, to, amount);
    }

    /// @notice Moves exactly `amount` from the payer straight to the receiver. If that fails because of the receiver,
    /// the money is left unclaimed here.
    /// @dev Reverts only if the payer's own money does not arrive.
    /// @param book The unclaimed money, in the storage of the calling contract.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param from The payer.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    function transfer(
        Book storage book,
        IPartyRegistry registry,
        address currency,
        address from,
        address to,
        uint256 amount
    ) internal {
        if (amount == 0 || from == to) return;
        if (registry.isValid(to)) {
            uint256 before = IERC20(currency).balanceOf(to);
            if (TriedTransfer.move(currency, from, to, amount)) {
                _requireExact(currency, amount, IERC20(currency).balanceOf(to) - before);
                return;
            }
        }
        pull(currency, from, amount);
        keep(book, registry, currency, to, amount);
    }

    /// @notice Takes exactly `amount` in, or reverts: with a currency that takes a fee, one party would be paid with
    /// another's money.
    /// @dev Reverts with {TransferTookFee} if less arrives.
    /// Reverts with the currency's own error if it refuses the transfer.
    /// @param currency The currency's token contract.
    /// @param from The payer.
    /// @param amount Minor units of the currency.
    function pull(address currency, address from, uint256 amount) internal {
        uint256 before = IERC20(currency).balanceOf(address(this));
        IERC20(currency).safeTransferFrom(from, address(this), amount);
        _requireExact(currency, amount, IERC20(currency).balanceOf(address(this)) - before);
    }

    /// @notice Counts money that is here already as the party's unclaimed money.
    /// @param book The unclaimed money, in the storage of the calling contract.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    function keep(Book storage book, IPartyRegistry registry, address currency, address to, uint256 amount) internal {
        book.amounts[_ownerOf(registry, to)][currency] += amount;
        emit LeftUnclaimed(to, currency, amount);
    }

    /// @notice Withdraws all unclaimed money of the party of `to`. A valid account of the same party calls it.
    /// @dev Reverts with {NotOfParty} if caller and receiver are of two parties.
    /// Reverts with {PartyNotValid} if one of them is not valid.
    /// Reverts with {NothingUnclaimed} if there is none.
    /// @param book The unclaimed money, in the storage of the calling contract.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param caller The sender of the call.
    /// @return amount Minor units that were sent.
    function withdraw(Book storage book, IPartyRegistry registry, address currency, address to, address caller)
        internal
        returns (uint256 amount)
    {
        uint256 owner = _ownerOf(registry, to);
        if (_ownerOf(registry, caller) != owner) revert NotOfParty(to, caller);
        registry.requireBothValid(caller, to);
        amount = book.amounts[owner][currency];
        if (amount == 0) revert NothingUnclaimed(to, currency);
        book.amounts[owner][currency] = 0;
        emit UnclaimedWithdrawn(to, currency, amount);
        IERC20(currency).safeTransfer(to, amount);
    }

    /// @notice By order of a court: moves this much of a party's unclaimed money to another party.
    /// @dev Warning: the caller of this library checks that the sender is the court.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// Reverts with {UnclaimedExceeded} if the party has less.
    /// @param book The unclaimed money, in the storage of the calling contract.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param from An account of the party whose money it is.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    function take(
        Book storage book,
        IPartyRegistry registry,
        address currency,
        address from,
        address to,
        uint256 amount
    ) internal {
        // Unclaimed money of an address of no party would belong to nobody once the address joins a party.
        registry.requireReceiver(to);
        mapping(address => uint256) storage amounts = book.amounts[_ownerOf(registry, from)];
        uint256 held = amounts[currency];
        if (amount > held) revert UnclaimedExceeded(from, currency, amount, held);
        amounts[currency] = held - amount;
        emit UnclaimedWithdrawn(from, currency, amount);
        pay(book, registry, currency, to, amount);
    }

    /// @notice The unclaimed money of a party.
    /// @param book The unclaimed money, in the storage of the calling contract.
    /// @param registry The registry of parties.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function amountOf(Book storage book, IPartyRegistry registry, address party, address currency)
        internal
        view
        returns (uint256)
    {
        return book.amounts[_ownerOf(registry, party)][currency];
    }

    /// @dev The account's party; an address that never was of a party stands for itself.
    function _ownerOf(IPartyRegistry registry, address account) private view returns (uint256 owner) {
        owner = PartyId.unwrap(registry.partyOf(account));
        if (owner == 0) owner = uint256(uint160(account)) | OF_NO_PARTY;
    }

    function _requireExact(address currency, uint256 expected, uint256 received) private pure {
        if (received != expected) revert TransferTookFee(currency, expected, received);
    }
}
