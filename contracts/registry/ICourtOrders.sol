// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";

/// @title Orders of a court: one regulator issues, after a delay another regulator carries out; never one person alone.
/// @notice A regulator is an account that this contract knows. Two accounts of one party, or of parties under one
/// control, are one person. An order that nobody carries out within 90 days after its delay is closed. If a regulator
/// is dismissed, nobody can carry out its open orders any more.
interface ICourtOrders {
    /// An order. If `holder` is not zero, it reaches what that party holds, and its token ids are given when it is
    /// carried out.
    struct Order {
        bytes32 orderHash;
        address issuer;
        uint64 notBefore; // UTC seconds
        bool closed;
        address target;
        uint96 value; // for an order over a holder: what is left to be moved
        address to;
        address objector; // the first of two regulators who want it cancelled
        PartyId holder;
        uint256 slot;
        PartyId heldParty; // whose hold ends with this order
        bytes call;
    }

    /// A hold: until then the party counts as frozen.
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
    /// This much of an order over a holder was carried out. The rest stays open.
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
    error HoldOfAnotherOrder(PartyId partyId, bytes32 orderHash, bytes32 provided);
    error OrderHoldsAlready(uint256 orderId, PartyId partyId);

    /// @notice Records an order: a call of a contract that knows this one as its court. A regulator calls it.
    /// @param orderHash Hash of the order itself; the reader compares it with the document.
    function issue(address target, bytes calldata call, bytes32 orderHash) external returns (uint256 orderId);
    /// @notice Records an order that moves `value` of what a party holds of a slot to another party, in whichever
    /// tokens it holds it when the order is carried out. A holder who splits or merges tokens does not escape. A
    /// regulator calls it.
    /// @param target The token contract (`forcedTransferFrom`).
    function issueOverHolder(address target, PartyId holder, uint256 slot, uint96 value, address to, bytes32 orderHash)
        external
        returns (uint256 orderId);
    /// @notice Carries an order out. A regulator who is another person than the issuer calls it, after the delay.
    /// *Reverts* with `OrderTooEarly`, `OrderLapsed`, `OrderClosed`, `SecondPersonNeeded`, `TokensNeeded`, and with the
    /// target's own error.
    function execute(uint256 orderId) external;
    /// @notice Carries an order over a holder out, in whole or in part: `value` out of `tokenIds`. What is left stays
    /// open until the order lapses. A regulator who is another person than the issuer calls it, after the delay.
    /// *Reverts* as `execute`, and with `NoTokensNeeded`, `ValueExceedsOrder`.
    function executeOverHolder(uint256 orderId, uint96 value, uint256[] calldata tokenIds) external;
    /// @notice Cancels an order. Its issuer does it alone, or two other regulators do: one of them alone only records
    /// its objection.
    function cancel(uint256 orderId) external;

    /// @notice Holds a party at once: it counts as frozen. One regulator calls it. The hold lapses after 72 hours
    /// unless another regulator confirms it. The same person may hold the same party again no earlier than 30 days
    /// after the hold was over. Parties under one control when the hold is called count as one person.
    /// @dev The contracts of the ledger cannot be held.
    function hold(PartyId partyId, bytes32 orderHash) external;
    /// @notice Confirms a hold for an order with the same hash. The hold lasts until the order is carried out,
    /// cancelled or lapsed, and at most 90 days from its beginning. A regulator who is another person than the one who
    /// held calls it.
    /// *Reverts* with `NotRegulator` if the regulator who held was dismissed since.
    function confirmHold(PartyId partyId, uint256 orderId) external;
    /// @notice Ends a hold that nobody confirmed. The regulator who held calls it.
    function liftHold(PartyId partyId) external;

    /// @notice Makes a third regulator. Only by an order whose target is this contract, so by two regulators. The same
    /// way unmakes a regulator (`dismiss`); two always stay.
    function appoint(address account) external;
    function dismiss(address account) external;
    /// @notice The registry calls this once, when it is created: this contract holds parties of that registry only.
    function bind() external;

    function isRegulator(address account) external view returns (bool);
    function registry() external view returns (IPartyRegistry);
    function order(uint256 orderId) external view returns (Order memory);
    /// @notice The last hold of a party, in force or not.
    function holdOf(PartyId partyId) external view returns (Hold memory);
}

/// @title What a court's order reaches in the contracts of the ledger: only `registry.court()` may call it.
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
