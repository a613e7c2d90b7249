// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Unclaimed} from "../cash/Unclaimed.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {Book, LendingContext} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {Settlement} from "./Settlement.sol";

/// @title Money that could not be sent, and waits for its owner; linked to the module of Facilities.
/// @notice See {IFacilities} for the specification.
library LoanUnclaimed {
    /// @notice See {IFacilities.withdrawUnclaimed}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @return Minor units that were sent.
    function withdrawUnclaimed(Book storage book, LendingContext memory context, address to, address currency)
        external
        returns (uint256)
    {
        // A party that asks for the money of an account that it lost gets it at the account that asks.
        address receiver =
            context.registry.isValid(to) || !Settlement.isOfParty(context, to, context.sender) ? to : context.sender;
        return Unclaimed.withdraw(book.unclaimed, context.registry, currency, receiver, context.sender);
    }

    /// @notice See {IFacilities.forcedWithdraw}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(
        Book storage book,
        LendingContext memory context,
        address from,
        address currency,
        address to,
        uint256 amount,
        bytes32 orderHash
    ) external {
        Settlement.requireCourt(context);
        uint256 held = Unclaimed.amountOf(book.unclaimed, context.registry, from, currency);
        if (amount == 0 || amount > held) revert IFacilities.TermOutOfRange("amount", amount, 1, held);
        emit IFacilities.ForcedWithdrawal(from, currency, to, amount, orderHash);
        Unclaimed.take(book.unclaimed, context.registry, currency, from, to, amount);
    }

    /// @notice See {IFacilities.unclaimedOf}.
    /// @param book The stored state of Facilities.
    /// @param registry The registry of parties.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(Book storage book, IPartyRegistry registry, address party, address currency)
        external
        view
        returns (uint256)
    {
        return Unclaimed.amountOf(book.unclaimed, registry, party, currency);
    }
}
