// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";

/// @title Orders of a court: one regulator issues, after a delay another regulator carries out; never one person alone.
/// @notice A regulator is an account that this contract knows. Two accounts of one party, or of parties under one
/// control, are one person. An order that nobody carries out within 90 days after its delay is closed. If a regulator
/// is dismissed, nobody can carry out its open orders any more.
/// @dev Source: decisions 2 and 20.
interface ICourtOrders {
    /// @notice An order. If `holder` is not zero, it reaches what that party holds, and its token ids are given when it
    /// is carried out.
    /// @param orderHash Hash of the court's order.
    /// @param issuer The regulator who issued it; zero if there is no such order.
    /// @param notBefore First second at which it may be carried out (UTC). It lapses 90 days later.
    /// @param closed Whether it was carried out in full or cancelled.
    /// @param target The contract that the order calls.
    /// @param value Minor units that are left to move, for an order over a holder; else 0.
    /// @param to The receiver, for an order over a holder.
    /// @param objector The first of two regulators who want it cancelled; zero if none.
    /// @param holder The party whose tokens it moves; 0 if the order is a call.
    /// @param slot The slot of the tokens.
    /// @param heldParty The party whose hold ends with this order; 0 if none.
    /// @param call Calldata for the target, for an order that is a call.
    struct Order {
        bytes32 orderHash;
        address issuer;
        uint64 notBefore;
        bool closed;
        address target;
        uint96 value;
        address to;
        address objector;
        PartyId holder;
        uint256 slot;
        PartyId heldParty;
        bytes call;
    }

    /// @notice A hold: until then the party counts as frozen.
    /// @param regulator The regulator who held the party.
    /// @param since Beginning of the hold (UTC seconds).
    /// @param until UTC seconds, exclusive.
    /// @param orderHash Hash of the court's order.
    /// @param orderId The order that confirmed it; 0 until a second regulator confirms it.
    struct Hold {
        address regulator;
        uint40 since;
        uint40 until;
        bytes32 orderHash;
        uint256 orderId;
    }

    /// @notice A regulator issued an order.
    /// @param orderId The order, counted from 1.
    /// @param orderHash Hash of the court's order.
    /// @param issuer The regulator who issued it.
    /// @param target The contract that the order calls.
    /// @param call Calldata for the target. For an order over a holder, without the token ids.
    /// @param notBefore First second at which it may be carried out (UTC).
    event OrderIssued(
        uint256 indexed orderId,
        bytes32 indexed orderHash,
        address indexed issuer,
        address target,
        bytes call,
        uint64 notBefore
    );

    /// @notice An order was carried out in full.
    /// @param orderId The order, counted from 1.
    /// @param orderHash Hash of the court's order.
    /// @param executor The regulator who carried it out.
    event OrderExecuted(uint256 indexed orderId, bytes32 indexed orderHash, address indexed executor);

    /// @notice A part of an order over a holder was carried out. The rest stays open.
    /// @param orderId The order, counted from 1.
    /// @param orderHash Hash of the court's order.
    /// @param executor The regulator who carried it out.
    /// @param value Minor units that moved.
    /// @param left Minor units that are left to move.
    /// @param tokenIds The tokens, in the order in which they are used.
    event OrderPartExecuted(
        uint256 indexed orderId,
        bytes32 indexed orderHash,
        address indexed executor,
        uint96 value,
        uint96 left,
        uint256[] tokenIds
    );

    /// @notice A regulator wants an order cancelled. A second one is needed.
    /// @param orderId The order, counted from 1.
    /// @param orderHash Hash of the court's order.
    /// @param by The regulator.
    event OrderObjected(uint256 indexed orderId, bytes32 indexed orderHash, address indexed by);

    /// @notice An order was cancelled.
    /// @param orderId The order, counted from 1.
    /// @param orderHash Hash of the court's order.
    /// @param by The regulator.
    event OrderCancelled(uint256 indexed orderId, bytes32 indexed orderHash, address indexed by);

    /// @notice A regulator held a party.
    /// @param partyId The party.
    /// @param orderHash Hash of the court's order.
    /// @param regulator The regulator who held the party.
    /// @param until The end of the hold (UTC seconds, exclusive).
    event HoldBegun(PartyId indexed partyId, bytes32 indexed orderHash, address indexed regulator, uint40 until);

    /// @notice A second regulator confirmed a hold.
    /// @param partyId The party.
    /// @param orderId The order, counted from 1.
    /// @param regulator The regulator who confirmed it.
    /// @param until The end of the hold (UTC seconds, exclusive).
    event HoldConfirmed(PartyId indexed partyId, uint256 indexed orderId, address indexed regulator, uint40 until);

    /// @notice A hold was lifted, or its order was carried out or cancelled.
    /// @param partyId The party.
    /// @param orderHash Hash of the court's order.
    event HoldEnded(PartyId indexed partyId, bytes32 indexed orderHash);

    /// @notice The registry whose parties this contract holds is known from now on.
    /// @param registry The registry of parties.
    event RegistryBound(address indexed registry);

    /// @notice An account became a regulator.
    /// @param account The account.
    event RegulatorAppointed(address indexed account);

    /// @notice An account is no longer a regulator.
    /// @param account The account.
    event RegulatorDismissed(address indexed account);

    /// @notice The account is no regulator, or was dismissed.
    /// @param account The account.
    error NotRegulator(address account);

    /// @notice The account is a regulator already.
    /// @param account The account.
    error RegulatorAlready(address account);

    /// @notice The zero address and this contract cannot be regulators.
    /// @param account The account.
    error RegulatorInvalid(address account);

    /// @notice At least two regulators are needed.
    /// @param regulators How many there would be.
    error RegulatorsTooFew(uint256 regulators);

    /// @notice A registry is bound, for ever.
    /// @param registry The registry that is bound.
    error RegistryBoundAlready(address registry);

    /// @notice The registry obeys another contract of court orders.
    /// @param registry The registry.
    /// @param court The contract of court orders that it obeys.
    error RegistryOfAnotherCourt(address registry, address court);

    /// @notice Only the account that deploys the ledger does this.
    /// @param caller The sender of the call.
    error NotDeployer(address caller);

    /// @notice Only an order whose target is this contract does this.
    /// @param caller The sender of the call.
    error OrderNeeded(address caller);

    /// @notice There is no such order.
    /// @param orderId The order, counted from 1.
    error OrderUnknown(uint256 orderId);

    /// @notice The delay of the order is not over.
    /// @param orderId The order, counted from 1.
    /// @param notBefore First second at which it may be carried out (UTC).
    error OrderTooEarly(uint256 orderId, uint64 notBefore);

    /// @notice Nobody carried the order out in time. Issue a new one.
    /// @param orderId The order, counted from 1.
    /// @param notAfter First second at which it could no longer be carried out (UTC).
    error OrderLapsed(uint256 orderId, uint256 notAfter);

    /// @notice The order was carried out or cancelled.
    /// @param orderId The order, counted from 1.
    error OrderClosed(uint256 orderId);

    /// @notice An order over a holder moves at least one minor unit.
    /// @param value The value that was given.
    error OrderEmpty(uint96 value);

    /// @notice The other regulator of this order is the same person. Another person must call.
    /// @param orderId The order, counted from 1.
    /// @param issuer The regulator who acted before.
    error SecondPersonNeeded(uint256 orderId, address issuer);

    /// @notice The order is over a holder. Call {executeOverHolder}.
    /// @param orderId The order, counted from 1.
    error TokensNeeded(uint256 orderId);

    /// @notice The order is a call. Call {execute}.
    /// @param orderId The order, counted from 1.
    error NoTokensNeeded(uint256 orderId);

    /// @notice The order has less value left.
    /// @param orderId The order, counted from 1.
    /// @param value Minor units that were asked for.
    /// @param left Minor units that are left to move.
    error ValueExceedsOrder(uint256 orderId, uint96 value, uint96 left);

    /// @notice The party is held now.
    /// @param partyId The party.
    /// @param until The end of the hold (UTC seconds, exclusive).
    error HeldAlready(PartyId partyId, uint40 until);

    /// @notice This person held the party, or confirmed its hold, too recently.
    /// @param partyId The party.
    /// @param regulator The caller.
    /// @param notBefore First second at which this person may hold it again (UTC).
    error HoldTooSoon(PartyId partyId, address regulator, uint256 notBefore);

    /// @notice No hold of the party is in force.
    /// @param partyId The party.
    error NotHeld(PartyId partyId);

    /// @notice To confirm a hold, another person is needed; to lift it, the regulator who held.
    /// @param partyId The party.
    /// @param regulator The regulator who held the party.
    error HoldNeedsAnother(PartyId partyId, address regulator);

    /// @notice A hold that was confirmed cannot be confirmed again or lifted.
    /// @param partyId The party.
    /// @param orderId The order that confirmed it.
    error HoldConfirmedAlready(PartyId partyId, uint256 orderId);

    /// @notice The hold and the order have different hashes.
    /// @param partyId The party.
    /// @param orderHash Hash that the hold names.
    /// @param provided Hash of the order that was given.
    error HoldOfAnotherOrder(PartyId partyId, bytes32 orderHash, bytes32 provided);

    /// @notice An order confirms one hold.
    /// @param orderId The order, counted from 1.
    /// @param partyId The party that is held for the order.
    error OrderHoldsAlready(uint256 orderId, PartyId partyId);

    /// @notice Records an order: a call of a contract that knows this one as its court.
    /// @dev A regulator calls it. Another regulator can carry the order out after the delay.
    /// Reverts with {NotRegulator} if the caller is no regulator.
    /// @dev Warning: the target is not called now, so a call that can only fail is recorded too.
    /// @param target The contract that the order calls.
    /// @param call Calldata for the target.
    /// @param orderHash Hash of the order itself. The reader compares it with the document.
    /// @return orderId The new order.
    function issue(address target, bytes calldata call, bytes32 orderHash) external returns (uint256 orderId);

    /// @notice Records an order that moves value of a slot from a party to another party, in whichever tokens the party
    /// holds it when the order is carried out. A holder who splits or merges tokens does not escape.
    /// @dev A regulator calls it.
    /// Reverts with {NotRegulator} if the caller is no regulator.
    /// Reverts with {OrderEmpty} if `value` is 0.
    /// Reverts with {PartyUnknown} if the holder is not registered.
    /// @param target The token contract: it has {IReachedByCourt.forcedTransferFrom}.
    /// @param holder The party whose tokens the order reaches.
    /// @param slot The slot of the tokens.
    /// @param value Minor units to move.
    /// @param to The account that receives.
    /// @param orderHash Hash of the order itself. The reader compares it with the document.
    /// @return orderId The new order.
    function issueOverHolder(address target, PartyId holder, uint256 slot, uint96 value, address to, bytes32 orderHash)
        external
        returns (uint256 orderId);

    /// @notice Carries out an order that is a call.
    /// @dev A regulator calls it who is another person than the issuer, after the delay.
    /// Reverts with {NotRegulator} if the caller is no regulator, or the issuer was dismissed.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {OrderClosed} if it was carried out or cancelled.
    /// Reverts with {OrderLapsed} from 90 days after the delay on.
    /// Reverts with {OrderTooEarly} before the delay is over.
    /// Reverts with {SecondPersonNeeded} if the caller and the issuer are one person.
    /// Reverts with {TokensNeeded} if the order is over a holder.
    /// Reverts with the target's own error if the call fails.
    /// @param orderId The order, counted from 1.
    function execute(uint256 orderId) external;

    /// @notice Carries out an order over a holder, in whole or in part. What is left stays open until the order lapses.
    /// @dev A regulator calls it who is another person than the issuer, after the delay.
    /// Reverts with {NotRegulator} if the caller is no regulator, or the issuer was dismissed.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {OrderClosed} if it was carried out or cancelled.
    /// Reverts with {OrderLapsed} from 90 days after the delay on.
    /// Reverts with {OrderTooEarly} before the delay is over.
    /// Reverts with {SecondPersonNeeded} if the caller and the issuer are one person.
    /// Reverts with {NoTokensNeeded} if the order is a call.
    /// Reverts with {OrderEmpty} if `value` is 0.
    /// Reverts with {ValueExceedsOrder} if `value` is more than is left.
    /// Reverts with the target's own error if the transfer fails.
    /// @param orderId The order, counted from 1.
    /// @param value Minor units to move now.
    /// @param tokenIds The tokens, in the order in which they are used.
    function executeOverHolder(uint256 orderId, uint96 value, uint256[] calldata tokenIds) external;

    /// @notice Cancels an order. Its issuer does so alone. Otherwise two other regulators do: the first one only
    /// records its objection.
    /// @dev A regulator calls it. An account related to the issuer counts as the issuer.
    /// Reverts with {NotRegulator} if the caller is no regulator.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {OrderClosed} if it was carried out or cancelled.
    /// Reverts with {OrderLapsed} if nobody carried it out in time.
    /// Reverts with {SecondPersonNeeded} if the caller and the first objector are one person.
    /// @param orderId The order, counted from 1.
    function cancel(uint256 orderId) external;

    /// @notice Holds a party at once: it counts as frozen for 72 hours, or longer if another regulator confirms the
    /// hold.
    /// @dev A regulator calls it. The same person may hold the same party again no earlier than 30 days after the hold
    /// was over. Parties under one control when the hold is called count as one person. A contract of the ledger cannot
    /// be held.
    /// Reverts with {NotRegulator} if the caller is no regulator.
    /// Reverts with {HeldAlready} if a hold of the party is in force.
    /// Reverts with {HoldTooSoon} if this person held the party, or confirmed its hold, less than 30 days after that
    /// hold's end.
    /// Reverts with {PartyUnknown} if the party is not registered.
    /// Reverts with {LedgerNotFrozen} if the party is a contract of the ledger.
    /// @param partyId The party.
    /// @param orderHash Hash of the court's order.
    function hold(PartyId partyId, bytes32 orderHash) external;

    /// @notice Confirms a hold for an order with the same hash. The hold lasts until the order is carried out,
    /// cancelled or lapsed, and at most 90 days from its beginning.
    /// @dev A regulator calls it who is another person than the one who held.
    /// Reverts with {NotRegulator} if the caller is no regulator, or the one who held was dismissed.
    /// Reverts with {NotHeld} if no hold is in force.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {OrderClosed} if the order was carried out or cancelled.
    /// Reverts with {OrderLapsed} if nobody carried the order out in time.
    /// Reverts with {HoldConfirmedAlready} if the hold was confirmed before.
    /// Reverts with {HoldNeedsAnother} if the caller and the one who held are one person.
    /// Reverts with {HoldOfAnotherOrder} if hold and order have different hashes.
    /// Reverts with {OrderHoldsAlready} if the order confirmed another hold.
    /// @param partyId The party.
    /// @param orderId The order, counted from 1.
    function confirmHold(PartyId partyId, uint256 orderId) external;

    /// @notice Ends a hold that nobody confirmed.
    /// @dev The regulator who held calls it.
    /// Reverts with {NotRegulator} if the caller is no regulator.
    /// Reverts with {NotHeld} if no hold is in force.
    /// Reverts with {HoldConfirmedAlready} if the hold was confirmed.
    /// Reverts with {HoldNeedsAnother} if another regulator held.
    /// @param partyId The party.
    function liftHold(PartyId partyId) external;

    /// @notice Makes an account a regulator.
    /// @dev Only an order whose target is this contract calls it, so two regulators decide.
    /// Reverts with {OrderNeeded} if the caller is not this contract.
    /// Reverts with {RegulatorInvalid} if the account is zero or this contract.
    /// Reverts with {RegulatorAlready} if it is a regulator.
    /// @param account The account.
    function appoint(address account) external;

    /// @notice Ends an account's office as a regulator. Nobody can carry out its open orders any more.
    /// @dev Only an order whose target is this contract calls it, so two regulators decide.
    /// Reverts with {OrderNeeded} if the caller is not this contract.
    /// Reverts with {NotRegulator} if the account is no regulator.
    /// Reverts with {RegulatorsTooFew} if only two are left.
    /// @param account The account.
    function dismiss(address account) external;

    /// @notice Binds the registry, for ever. This contract holds parties of that registry only.
    /// @dev The account that deploys the ledger calls it once. Until then nobody can hold a party or execute an order.
    /// Reverts with {NotDeployer} if another account calls it.
    /// Reverts with {RegistryBoundAlready} if a registry is bound.
    /// Reverts with {RegistryOfAnotherCourt} if the registry does not obey this contract.
    /// @param registry The registry of parties.
    function bind(IPartyRegistry registry) external;

    /// @notice Whether an account is a regulator now.
    /// @param account The account.
    /// @return True if it may issue, carry out, cancel and hold.
    function isRegulator(address account) external view returns (bool);

    /// @notice The registry whose parties this contract holds; zero until one is bound.
    /// @return The registry of parties.
    function registry() external view returns (IPartyRegistry);

    /// @notice An order; all zero if there is none.
    /// @param orderId The order, counted from 1.
    /// @return The order.
    function order(uint256 orderId) external view returns (Order memory);

    /// @notice The last hold of a party, in force or not; all zero if there was none.
    /// @param partyId The party.
    /// @return The hold.
    function holdOf(PartyId partyId) external view returns (Hold memory);
}

/// @title What a court's order reaches in the contracts of the ledger: only `registry.court()` may call it.
/// @notice The forced transfers of tokens and of unclaimed money.
interface IReachedByCourt {
    /// @notice Transfers value in total out of tokens of one slot, by order of a court. See
    /// {ISplittableToken.forcedTransferFrom}.
    /// @dev Reverts with {NotCourt} if the caller is not the court of the registry.
    /// @param holder The party whose tokens the order reaches.
    /// @param slot The slot of the tokens.
    /// @param to The account that receives.
    /// @param value Minor units to move.
    /// @param orderHash Hash of the court's order.
    /// @param tokenIds The tokens, in the order in which they are used.
    function forcedTransferFrom(
        PartyId holder,
        uint256 slot,
        address to,
        uint96 value,
        bytes32 orderHash,
        uint256[] calldata tokenIds
    ) external;

    /// @notice Moves a part of a party's unclaimed money to another party, by order of a court.
    /// @dev Reverts with {NotCourt} if the caller is not the court of the registry.
    /// @param from An account of the party whose unclaimed money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units to move.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;
}
