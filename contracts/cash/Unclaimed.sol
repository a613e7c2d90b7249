// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {PartyId} from "../types/Ids.sol";

/// @title Money that could not be paid out: it waits for its owner's party, and stops nobody else.
/// @dev A payment is never refused because of the one who is paid: a party that is not valid, a removed account and an address that
/// the currency blacklists find their money here. Any valid account of the party withdraws it.
library Unclaimed {
    using SafeERC20 for IERC20;

    struct Book {
        mapping(uint256 owner => mapping(address currency => uint256)) amounts;
    }

    event Kept(address indexed party, address indexed currency, uint256 amount);
    event KeptReleased(address indexed party, address indexed currency, uint256 amount);

    error NothingKept(address party, address currency);
    error NotOfParty(address account, address caller);
    error TransferTookFee(address currency, uint256 expected, uint256 received);

    /// @notice Pays out of this contract's own balance, or keeps.
    function pay(Book storage book, IPartyRegistry registry, address currency, address to, uint256 amount) internal {
        if (amount == 0) return;
        if (registry.isValid(to) && IERC20(currency).trySafeTransfer(to, amount)) return;
        keep(book, registry, currency, to, amount);
    }

    /// @notice Moves from a payer straight to the one who is paid, exactly; where that fails for the latter's sake, to here.
    /// @dev Reverts only where the payer's own money does not come.
    function pass(
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
            if (IERC20(currency).trySafeTransferFrom(from, to, amount)) {
                _requireExact(currency, amount, IERC20(currency).balanceOf(to) - before);
                return;
            }
        }
        pull(currency, from, amount);
        keep(book, registry, currency, to, amount);
    }

    /// @notice Takes exactly `amount` in, or reverts: a currency that takes a fee would let one be paid with another's money.
    function pull(address currency, address from, uint256 amount) internal {
        uint256 before = IERC20(currency).balanceOf(address(this));
        IERC20(currency).safeTransferFrom(from, address(this), amount);
        _requireExact(currency, amount, IERC20(currency).balanceOf(address(this)) - before);
    }

    /// @notice Counts money that is here already as the party's.
    function keep(Book storage book, IPartyRegistry registry, address currency, address to, uint256 amount) internal {
        book.amounts[_ownerOf(registry, to)][currency] += amount;
        emit Kept(to, currency, amount);
    }

    /// @notice All that waits for the party of `to`, at the word of a valid account of the same party.
    function withdraw(Book storage book, IPartyRegistry registry, address currency, address to, address caller)
        internal
        returns (uint256 amount)
    {
        uint256 owner = _ownerOf(registry, to);
        if (_ownerOf(registry, caller) != owner) revert NotOfParty(to, caller);
        registry.requireBothValid(caller, to);
        amount = book.amounts[owner][currency];
        if (amount == 0) revert NothingKept(to, currency);
        book.amounts[owner][currency] = 0;
        emit KeptReleased(to, currency, amount);
        IERC20(currency).safeTransfer(to, amount);
    }

    /// @notice By order of a court: so much of what waits for a party goes to another.
    /// @dev Warning: the caller of this library checks that the sender is the court.
    function take(
        Book storage book,
        IPartyRegistry registry,
        address currency,
        address from,
        address to,
        uint256 amount
    ) internal {
        // Kept for an address of no party it would be nobody's once the address joins one.
        registry.requireReceiver(to);
        book.amounts[_ownerOf(registry, from)][currency] -= amount;
        emit KeptReleased(from, currency, amount);
        pay(book, registry, currency, to, amount);
    }

    function amountOf(Book storage book, IPartyRegistry registry, address party, address currency)
        internal
        view
        returns (uint256)
    {
        return book.amounts[_ownerOf(registry, party)][currency];
    }

    /// @dev The party; an address that never was of one stands for itself.
    function _ownerOf(IPartyRegistry registry, address account) private view returns (uint256 owner) {
        owner = PartyId.unwrap(registry.partyOf(account));
        if (owner == 0) owner = uint256(uint160(account)) | 1 << 255;
    }

    function _requireExact(address currency, uint256 expected, uint256 received) private pure {
        if (received != expected) revert TransferTookFee(currency, expected, received);
    }
}
