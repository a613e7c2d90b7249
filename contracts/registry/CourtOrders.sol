// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {PartyId} from "../types/Ids.sol";
import {ICourtOrders, IReachedByCourt} from "./ICourtOrders.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";

/// @title Orders of a court: one regulator issues, after a delay another one carries out; never one person alone.
/// @dev The contracts that orders reach know this one by its address, and it knows its regulators itself: the administrator of the
/// AccessManager can neither make nor unmake one, nor stand between them and an order.
contract CourtOrders is ICourtOrders, ERC2771Context {
    struct Rest {
        address regulator;
        uint40 until; // UTC seconds, exclusive
    }

    uint256 private constant ORDER_DAYS = 90 days;
    uint256 private constant HOLD_ALONE = 72 hours;
    uint256 private constant HOLD_MAX = 90 days;
    uint256 private constant HOLD_AGAIN = 30 days;

    /// @notice Seconds between the issue of an order and its execution.
    uint64 public immutable delay;
    /// @inheritdoc ICourtOrders
    IPartyRegistry public registry;
    uint256 private _count;
    uint256 private _regulatorCount;
    /// @inheritdoc ICourtOrders
    mapping(address account => bool) public isRegulator;
    mapping(uint256 orderId => Order) private _orders;
    mapping(PartyId => Hold) private _holds;
    /// @dev Who held a party or confirmed its hold, and until when each rests. An entry serves anew once its rest is over.
    mapping(PartyId => Rest[]) private _rests;

    modifier onlyRegulator() {
        if (!isRegulator[_msgSender()]) revert NotRegulator(_msgSender());
        _;
    }

    constructor(address forwarder, uint64 delaySeconds, address[] memory regulators) ERC2771Context(forwarder) {
        delay = delaySeconds;
        for (uint256 i; i < regulators.length; ++i) {
            _appoint(regulators[i]);
        }
        if (_regulatorCount < 2) revert RegulatorsTooFew(_regulatorCount);
    }

    /// @inheritdoc ICourtOrders
    function bind() external {
        if (address(registry) != address(0) && address(registry) != msg.sender) {
            revert RegistryBoundAlready(address(registry));
        }
        registry = IPartyRegistry(msg.sender);
        emit RegistryBound(msg.sender);
    }

    // ------------------------------------------------------------------ orders

    /// @inheritdoc ICourtOrders
    function issue(address target, bytes calldata call, bytes32 orderHash)
        external
        onlyRegulator
        returns (uint256 orderId)
    {
        Order memory given;
        (given.target, given.call, given.orderHash) = (target, call, orderHash);
        return _issue(given, call);
    }

    /// @inheritdoc ICourtOrders
    function issueOverHolder(address target, PartyId holder, uint256 slot, uint96 value, address to, bytes32 orderHash)
        external
        onlyRegulator
        returns (uint256 orderId)
    {
        if (value == 0) revert OrderEmpty(value);
        if (registry.party(holder).identityHash == 0) revert IPartyRegistry.PartyUnknown(holder);
        Order memory given;
        (given.target, given.holder, given.slot, given.value) = (target, holder, slot, value);
        (given.to, given.orderHash) = (to, orderHash);
        return _issue(given, _transferOf(given, value, new uint256[](0)));
    }

    /// @inheritdoc ICourtOrders
    function execute(uint256 orderId) external onlyRegulator {
        Order storage found = _due(orderId);
        if (PartyId.unwrap(found.holder) != 0) revert TokensNeeded(orderId);
        found.closed = true;
        Address.functionCall(found.target, found.call);
        _decided(found);
        emit OrderExecuted(orderId, found.orderHash, _msgSender());
    }

    /// @inheritdoc ICourtOrders
    function executeOverHolder(uint256 orderId, uint96 value, uint256[] calldata tokenIds) external onlyRegulator {
        Order storage found = _due(orderId);
        if (PartyId.unwrap(found.holder) == 0) revert NoTokensNeeded(orderId);
        if (value == 0) revert OrderEmpty(value);
        if (value > found.value) revert ValueExceedsOrder(orderId, value, found.value);
        found.value -= value;
        found.closed = found.value == 0;
        Address.functionCall(found.target, _transferOf(found, value, tokenIds));
        emit OrderPartExecuted(orderId, found.orderHash, _msgSender(), value, found.value, tokenIds);
        if (found.closed) {
            _decided(found);
            emit OrderExecuted(orderId, found.orderHash, _msgSender());
        }
    }

    /// @inheritdoc ICourtOrders
    function cancel(uint256 orderId) external onlyRegulator {
        Order storage found = _open(orderId);
        address sender = _msgSender();
        if (!registry.areRelated(found.issuer, sender)) {
            address objector = found.objector;
            if (objector == address(0) || !isRegulator[objector]) {
                found.objector = sender;
                emit OrderObjected(orderId, found.orderHash, sender);
                return;
            }
            if (registry.areRelated(objector, sender)) revert SecondPersonNeeded(orderId, objector);
        }
        found.closed = true;
        _decided(found);
        emit OrderCancelled(orderId, found.orderHash, sender);
    }

    // ------------------------------------------------------------------ holds

    /// @inheritdoc ICourtOrders
    function hold(PartyId partyId, bytes32 orderHash) external onlyRegulator {
        address regulator = _msgSender();
        Hold storage held = _holds[partyId];
        if (block.timestamp < held.until) revert HeldAlready(partyId, held.until);
        uint256 againFrom = _restsUntil(partyId, regulator);
        if (block.timestamp < againFrom) revert HoldTooSoon(partyId, regulator, againFrom);

        uint40 until = uint40(block.timestamp + HOLD_ALONE);
        _holds[partyId] = Hold(regulator, uint40(block.timestamp), until, orderHash, 0);
        _rest(partyId, regulator, until + HOLD_AGAIN);
        registry.hold(partyId, until, orderHash);
        emit HoldBegun(partyId, orderHash, regulator, until);
    }

    /// @inheritdoc ICourtOrders
    function confirmHold(PartyId partyId, uint256 orderId) external onlyRegulator {
        Hold storage held = _inForce(partyId);
        Order storage found = _open(orderId);
        if (held.orderId != 0) revert HoldConfirmedAlready(partyId, held.orderId);
        if (registry.areRelated(held.regulator, _msgSender())) revert HoldNeedsAnother(partyId, held.regulator);
        // The word of one who was dismissed since is no first word.
        if (!isRegulator[held.regulator]) revert NotRegulator(held.regulator);
        if (held.orderHash != found.orderHash) revert HoldOfAnotherOrder(partyId, held.orderHash, found.orderHash);
        if (PartyId.unwrap(found.heldParty) != 0) revert OrderHoldsAlready(orderId, found.heldParty);

        uint256 until = held.since + HOLD_MAX;
        if (found.notBefore + ORDER_DAYS < until) until = found.notBefore + ORDER_DAYS;
        held.until = uint40(until);
        held.orderId = orderId;
        found.heldParty = partyId;
        // Both have had their say for this party: neither holds it again at once when this is over.
        _rest(partyId, held.regulator, until + HOLD_AGAIN);
        _rest(partyId, _msgSender(), until + HOLD_AGAIN);
        registry.hold(partyId, uint40(until), held.orderHash);
        emit HoldConfirmed(partyId, orderId, _msgSender(), uint40(until));
    }

    /// @inheritdoc ICourtOrders
    function liftHold(PartyId partyId) external onlyRegulator {
        Hold storage held = _inForce(partyId);
        if (held.orderId != 0) revert HoldConfirmedAlready(partyId, held.orderId);
        if (held.regulator != _msgSender()) revert HoldNeedsAnother(partyId, held.regulator);
        _endHold(partyId, held);
    }

    // ------------------------------------------------------------------ regulators

    /// @inheritdoc ICourtOrders
    function appoint(address account) external {
        if (msg.sender != address(this)) revert OrderNeeded(msg.sender);
        _appoint(account);
    }

    /// @inheritdoc ICourtOrders
    function dismiss(address account) external {
        if (msg.sender != address(this)) revert OrderNeeded(msg.sender);
        if (!isRegulator[account]) revert NotRegulator(account);
        if (_regulatorCount == 2) revert RegulatorsTooFew(1);
        isRegulator[account] = false;
        --_regulatorCount;
        emit RegulatorDismissed(account);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc ICourtOrders
    function order(uint256 orderId) external view returns (Order memory) {
        return _orders[orderId];
    }

    /// @inheritdoc ICourtOrders
    function holdOf(PartyId partyId) external view returns (Hold memory) {
        return _holds[partyId];
    }

    // ------------------------------------------------------------------ helpers

    function _issue(Order memory given, bytes memory call) private returns (uint256 orderId) {
        orderId = ++_count;
        given.issuer = _msgSender();
        given.notBefore = uint64(block.timestamp) + delay;
        _orders[orderId] = given;
        emit OrderIssued(orderId, given.orderHash, given.issuer, given.target, call, given.notBefore);
    }

    function _appoint(address account) private {
        if (account == address(0) || account == address(this)) revert RegulatorInvalid(account);
        if (isRegulator[account]) revert RegulatorAlready(account);
        isRegulator[account] = true;
        ++_regulatorCount;
        emit RegulatorAppointed(account);
    }

    function _open(uint256 orderId) private view returns (Order storage found) {
        found = _orders[orderId];
        if (found.issuer == address(0)) revert OrderUnknown(orderId);
        if (found.closed) revert OrderClosed(orderId);
        uint256 notAfter = found.notBefore + ORDER_DAYS;
        if (block.timestamp >= notAfter) revert OrderLapsed(orderId, notAfter);
    }

    /// @dev An order that the sender may carry out now.
    function _due(uint256 orderId) private view returns (Order storage found) {
        found = _open(orderId);
        if (block.timestamp < found.notBefore) revert OrderTooEarly(orderId, found.notBefore);
        // The word of one who was dismissed since is no second word.
        if (!isRegulator[found.issuer]) revert NotRegulator(found.issuer);
        if (registry.areRelated(found.issuer, _msgSender())) revert SecondPersonNeeded(orderId, found.issuer);
    }

    function _decided(Order storage found) private {
        PartyId partyId = found.heldParty;
        if (PartyId.unwrap(partyId) == 0) return;
        Hold storage held = _holds[partyId];
        if (block.timestamp < held.until) _endHold(partyId, held);
    }

    function _endHold(PartyId partyId, Hold storage held) private {
        held.until = uint40(block.timestamp);
        registry.hold(partyId, 0, held.orderHash);
        emit HoldEnded(partyId, held.orderHash);
    }

    function _inForce(PartyId partyId) private view returns (Hold storage held) {
        held = _holds[partyId];
        if (block.timestamp >= held.until) revert NotHeld(partyId);
    }

    /// @dev Until when a regulator rests: as long as any that is one person with it today. So an account that joins a party later, or
    /// whose party comes under one control with another, does not start afresh.
    function _restsUntil(PartyId partyId, address regulator) private view returns (uint256 until) {
        Rest[] storage rests = _rests[partyId];
        for (uint256 i; i < rests.length; ++i) {
            Rest memory rest = rests[i];
            if (rest.until > until && registry.areRelated(rest.regulator, regulator)) until = rest.until;
        }
    }

    /// @dev There are never more entries than regulators that rest at once.
    function _rest(PartyId partyId, address regulator, uint256 until) private {
        Rest[] storage rests = _rests[partyId];
        Rest memory rest = Rest(regulator, uint40(until));
        for (uint256 i; i < rests.length; ++i) {
            if (rests[i].regulator == regulator || rests[i].until <= block.timestamp) {
                rests[i] = rest;
                return;
            }
        }
        _rests[partyId].push(rest);
    }

    function _transferOf(Order memory given, uint96 value, uint256[] memory tokenIds)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(
            IReachedByCourt.forcedTransferFrom, (given.holder, given.slot, given.to, value, given.orderHash, tokenIds)
        );
    }
}
