// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";

/// @title Orders of a court: one regulator issues, after a delay another one carries out; never one person alone.
/// @notice A regulator is an account that this contract knows. Two accounts of one party, or of parties under one control, are one
/// person. An order that nobody carries out within 90 days after its delay is closed. A regulator whom an order dismissed leaves open
/// orders that nobody can carry out any more.
interface ICourtOrders {
    /// An order. Where `holder` is not zero it reaches what that party holds, and its token ids are given when it is carried out.
    struct Order {
        bytes32 orderHash;
        address issuer;
        uint64 notBefore; // UTC seconds
        bool closed;
        address target;
        uint96 value; // what is left to be moved, of an order over a holder
        address to;
        address objector; // the first of two regulators who want it cancelled
        PartyId holder;
        uint256 slot;
        PartyId heldParty; // whose hold ends with this order
        bytes call;
    }

    /// A hold: the party is as frozen until then.
    struct Hold {
        address regulator;
        uint40 since; // UTC seconds
        uint40 until; // UTC seconds, exclusive
        bytes32 orderHash;
        uint256 orderId; // 0 until a second regulator confirmed it
    }

    event OrderIssued(
        uint256 indexed orderId,
        bytes32 indexed orderHash,
        address indexed issuer,
        address target,
        bytes call,
        uint64 notBefore
    );
    event OrderExecuted(uint256 indexed orderId, bytes32 indexed orderHash, address indexed executor);
    /// So much of an order over a holder was carried out; the rest stays open.
    event OrderPartExecuted(
        uint256 indexed orderId,
        bytes32 indexed orderHash,
        address indexed executor,
        uint96 value,
        uint96 left,
        uint256[] tokenIds
    );
    event OrderObjected(uint256 indexed orderId, bytes32 indexed orderHash, address indexed by);
    event OrderCancelled(uint256 indexed orderId, bytes32 indexed orderHash, address indexed by);

    event HoldBegun(PartyId indexed partyId, bytes32 indexed orderHash, address indexed regulator, uint40 until);
    event HoldConfirmed(PartyId indexed partyId, uint256 indexed orderId, address indexed regulator, uint40 until);
    event HoldEnded(PartyId indexed partyId, bytes32 indexed orderHash);

    event RegistryBound(address indexed registry);
    event RegulatorAppointed(address indexed account);
    event RegulatorDismissed(address indexed account);

    error NotRegulator(address account);
    error RegulatorAlready(address account);
    error RegulatorInvalid(address account);
    error RegulatorsTooFew(uint256 regulators);
    error RegistryBoundAlready(address registry);
    error OrderNeeded(address caller);
    error OrderUnknown(uint256 orderId);
    error OrderTooEarly(uint256 orderId, uint64 notBefore);
    error OrderLapsed(uint256 orderId, uint256 notAfter);
    error OrderClosed(uint256 orderId);
    error OrderEmpty(uint96 value);
    error SecondPersonNeeded(uint256 orderId, address issuer);
    error TokensNeeded(uint256 orderId);
    error NoTokensNeeded(uint256 orderId);
    error ValueExceedsOrder(uint256 orderId, uint96 value, uint96 left);
    error HeldAlready(PartyId partyId, uint40 until);
    error HoldTooSoon(PartyId partyId, address regulator, uint256 notBefore);
    error NotHeld(PartyId partyId);
    error HoldNeedsAnother(PartyId partyId, address regulator);
    error HoldConfirmedAlready(PartyId partyId, uint256 orderId);
    error HoldOfAnotherOrder(PartyId partyId, bytes32 orderHash, bytes32 given);
    error OrderHoldsAlready(uint256 orderId, PartyId partyId);

    /// @notice Puts an order on record: a call of a contract that knows this one as its court. By a regulator.
    /// @param orderHash Hash of the order itself; the reader compares it with the document.
    function issue(address target, bytes calldata call, bytes32 orderHash) external returns (uint256 orderId);
    /// @notice Puts an order on record that moves `value` of what a party holds of a slot to another party, in whichever tokens it
    /// holds it when the order is carried out: who splits or merges tokens does not escape. By a regulator.
    /// @param target The token contract (`forcedTransferFrom`).
    function issueOverHolder(address target, PartyId holder, uint256 slot, uint96 value, address to, bytes32 orderHash)
        external
        returns (uint256 orderId);
    /// @notice Carries an order out. By a regulator who is another person than the issuer, after the delay.
    /// *Reverts* with `OrderTooEarly`, `OrderLapsed`, `OrderClosed`, `SecondPersonNeeded`, `TokensNeeded`, and with what the target says.
    function execute(uint256 orderId) external;
    /// @notice Carries an order over a holder out, in whole or in part: `value` out of `tokenIds`. What is left stays open until the
    /// order lapses. By a regulator who is another person than the issuer, after the delay.
    /// *Reverts* as `execute`, and with `NoTokensNeeded`, `ValueExceedsOrder`.
    function executeOverHolder(uint256 orderId, uint96 value, uint256[] calldata tokenIds) external;
    /// @notice Cancels an order. By its issuer alone, or by two other regulators: one of them alone only puts its objection on record.
    function cancel(uint256 orderId) external;

    /// @notice Holds a party at once: it is as frozen. By one regulator. The hold lapses after 72 hours unless another regulator
    /// confirms it. The same person holds the same party again 30 days after the hold was over at the earliest; parties under one
    /// control are one person, as they are when it is asked.
    /// @dev The contracts of the ledger cannot be held.
    function hold(PartyId partyId, bytes32 orderHash) external;
    /// @notice Confirms a hold for an order with the same hash: it lasts until the order is carried out, cancelled or has lapsed, and
    /// at most 90 days since it began. By a regulator who is another person than the one who held.
    /// *Reverts* with `NotRegulator` where the one who held was dismissed since.
    function confirmHold(PartyId partyId, uint256 orderId) external;
    /// @notice Ends a hold that nobody confirmed. By the one who held.
    function liftHold(PartyId partyId) external;

    /// @notice By an order whose target is this contract: two regulators make a third one, or unmake one; two stay.
    function appoint(address account) external;
    function dismiss(address account) external;
    /// @notice Called by the registry when it is created, once: this contract holds parties of that registry only.
    function bind() external;

    function isRegulator(address account) external view returns (bool);
    function registry() external view returns (IPartyRegistry);
    function order(uint256 orderId) external view returns (Order memory);
    /// @notice The last hold of a party, in force or not.
    function holdOf(PartyId partyId) external view returns (Hold memory);
}

/// @title What a court's order reaches in the contracts of the ledger: only `registry.court()` may call.
interface IReachedByCourt {
    function forcedTransferFrom(
        PartyId holder,
        uint256 slot,
        address to,
        uint96 value,
        bytes32 orderHash,
        uint256[] calldata tokenIds
    ) external;
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;
}
