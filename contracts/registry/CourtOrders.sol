// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {PartyId} from "../types/Ids.sol";
import {ICourtOrders, IReachedByCourt} from "./ICourtOrders.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";

/// @title Orders of a court: one regulator issues, after a delay another regulator carries out; never one person alone.
/// @notice See {ICourtOrders} for the specification.
/// @dev The contracts that orders reach know this contract by its address, and this contract knows its regulators
/// itself. The administrator of the AccessManager can neither make nor unmake a regulator, nor stand between a
/// regulator and an order.
contract CourtOrders is ICourtOrders, ERC2771Context {
    /// @notice Until when a regulator may not hold a party again.
    /// @param regulator The regulator who held, or confirmed a hold.
    /// @param until UTC seconds, exclusive.
    struct Rest {
        address regulator;
        uint40 until;
    }

    uint256 private constant ORDER_DAYS = 90 days;
    uint256 private constant HOLD_ALONE = 72 hours;
    uint256 private constant HOLD_MAX = 90 days;
    uint256 private constant HOLD_AGAIN = 30 days;

    /// @notice Seconds between the issue of an order and its execution.
    uint64 public immutable delay;
    /// @dev The account that deploys the ledger. It names the registry once, and may do nothing else here.
    address private immutable _deployer;
    /// @inheritdoc ICourtOrders
    IPartyRegistry public registry;
    uint256 private _count;
    uint256 private _regulatorCount;
    /// @inheritdoc ICourtOrders
    mapping(address account => bool) public isRegulator;
    mapping(uint256 orderId => Order) private _orders;
    mapping(PartyId => Hold) private _holds;
    /// @dev The regulators who held a party or confirmed its hold, and until when each rests. An entry is reused once
    /// its rest is over.
    mapping(PartyId => Rest[]) private _rests;

    modifier onlyRegulator() {
        if (!isRegulator[_msgSender()]) revert NotRegulator(_msgSender());
        _;
    }

    constructor(address forwarder, uint64 delaySeconds, address[] memory regulators, address deployer)
        ERC2771Context(forwarder)
    {
        delay = delaySeconds;
        _deployer = deployer;
        for (uint256 i; i < regulators.length; ++i) {
            _appoint(regulators[i]);
        }
        if (_regulatorCount < 2) revert RegulatorsTooFew(_regulatorCount);
    }

    /// @inheritdoc ICourtOrders
    function bind(IPartyRegistry registry_) external {
        if (_msgSender() != _deployer) revert NotDeployer(_msgSender());
        if (address(registry) != address(0)) revert RegistryBoundAlready(address(registry));
        address court = registry_.court();
        if (court != address(this)) revert RegistryOfAnotherCourt(address(registry_), court);
        registry = registry_;
        emit RegistryBound(address(registry_));
    }

    // ------------------------------------------------------------------ orders

    /// @inheritdoc ICourtOrders
    function issue(address target, bytes calldata call, bytes32 orderHash)
        external
        onlyRegulator
        returns (uint256 orderId)
    {
        Order memory newOrder;
        (newOrder.target, newOrder.call, newOrder.orderHash) = (target, call, orderHash);
        return _issue(newOrder, call);
    }

    /// @inheritdoc ICourtOrders
    function issueOverHolder(address target, PartyId holder, uint256 slot, uint96 value, address to, bytes32 orderHash)
        external
        onlyRegulator
        returns (uint256 orderId)
    {
        if (value == 0) revert OrderEmpty(value);
        if (registry.party(holder).identityHash == 0) revert IPartyRegistry.PartyUnknown(holder);
        Order memory newOrder;
        (newOrder.target, newOrder.holder, newOrder.slot, newOrder.value) = (target, holder, slot, value);
        (newOrder.to, newOrder.orderHash) = (to, orderHash);
        return _issue(newOrder, _transferOf(newOrder, value, new uint256[](0)));
    }

    /// @inheritdoc ICourtOrders
    function execute(uint256 orderId) external onlyRegulator {
        Order storage courtOrder = _due(orderId);
        if (!courtOrder.holder.isNull()) revert TokensNeeded(orderId);
        courtOrder.closed = true;
        Address.functionCall(courtOrder.target, courtOrder.call);
        _decided(courtOrder);
        emit OrderExecuted(orderId, courtOrder.orderHash, _msgSender());
    }

    /// @inheritdoc ICourtOrders
    function executeOverHolder(uint256 orderId, uint96 value, uint256[] calldata tokenIds) external onlyRegulator {
        Order storage courtOrder = _due(orderId);
        if (courtOrder.holder.isNull()) revert NoTokensNeeded(orderId);
        if (value == 0) revert OrderEmpty(value);
        if (value > courtOrder.value) revert ValueExceedsOrder(orderId, value, courtOrder.value);
        courtOrder.value -= value;
        courtOrder.closed = courtOrder.value == 0;
        Address.functionCall(courtOrder.target, _transferOf(courtOrder, value, tokenIds));
        emit OrderPartExecuted(orderId, courtOrder.orderHash, _msgSender(), value, courtOrder.value, tokenIds);
        if (courtOrder.closed) {
            _decided(courtOrder);
            emit OrderExecuted(orderId, courtOrder.orderHash, _msgSender());
        }
    }

    /// @inheritdoc ICourtOrders
    function cancel(uint256 orderId) external onlyRegulator {
        Order storage courtOrder = _open(orderId);
        address sender = _msgSender();
        if (!registry.areRelated(courtOrder.issuer, sender)) {
            address objector = courtOrder.objector;
            if (objector == address(0) || !isRegulator[objector]) {
                courtOrder.objector = sender;
                emit OrderObjected(orderId, courtOrder.orderHash, sender);
                return;
            }
            if (registry.areRelated(objector, sender)) revert SecondPersonNeeded(orderId, objector);
        }
        courtOrder.closed = true;
        _decided(courtOrder);
        emit OrderCancelled(orderId, courtOrder.orderHash, sender);
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
        Order storage courtOrder = _open(orderId);
        if (held.orderId != 0) revert HoldConfirmedAlready(partyId, held.orderId);
        if (registry.areRelated(held.regulator, _msgSender())) revert HoldNeedsAnother(partyId, held.regulator);
        // The hold of a regulator who was dismissed since does not count as the first step.
        if (!isRegulator[held.regulator]) revert NotRegulator(held.regulator);
        if (held.orderHash != courtOrder.orderHash) {
            revert HoldOfAnotherOrder(partyId, held.orderHash, courtOrder.orderHash);
        }
        if (!courtOrder.heldParty.isNull()) revert OrderHoldsAlready(orderId, courtOrder.heldParty);

        uint256 until = held.since + HOLD_MAX;
        if (courtOrder.notBefore + ORDER_DAYS < until) until = courtOrder.notBefore + ORDER_DAYS;
        held.until = uint40(until);
        held.orderId = orderId;
        courtOrder.heldParty = partyId;
        // Both regulators have decided on this party: neither holds it again right after this is over.
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

    // ------------------------------------------------------------------ internal parts

    function _issue(Order memory newOrder, bytes memory call) private returns (uint256 orderId) {
        orderId = ++_count;
        newOrder.issuer = _msgSender();
        newOrder.notBefore = uint64(block.timestamp) + delay;
        _orders[orderId] = newOrder;
        emit OrderIssued(orderId, newOrder.orderHash, newOrder.issuer, newOrder.target, call, newOrder.notBefore);
    }

    function _appoint(address account) private {
        if (account == address(0) || account == address(this)) revert RegulatorInvalid(account);
        if (isRegulator[account]) revert RegulatorAlready(account);
        isRegulator[account] = true;
        ++_regulatorCount;
        emit RegulatorAppointed(account);
    }

    function _open(uint256 orderId) private view returns (Order storage courtOrder) {
        courtOrder = _orders[orderId];
        if (courtOrder.issuer == address(0)) revert OrderUnknown(orderId);
        if (courtOrder.closed) revert OrderClosed(orderId);
        uint256 notAfter = courtOrder.notBefore + ORDER_DAYS;
        if (block.timestamp >= notAfter) revert OrderLapsed(orderId, notAfter);
    }

    /// @dev An order that the sender may carry out now.
    function _due(uint256 orderId) private view returns (Order storage courtOrder) {
        courtOrder = _open(orderId);
        if (block.timestamp < courtOrder.notBefore) revert OrderTooEarly(orderId, courtOrder.notBefore);
        // The order of a regulator who was dismissed since does not count, so nobody can be the second one.
        if (!isRegulator[courtOrder.issuer]) revert NotRegulator(courtOrder.issuer);
        if (registry.areRelated(courtOrder.issuer, _msgSender())) {
            revert SecondPersonNeeded(orderId, courtOrder.issuer);
        }
    }

    function _decided(Order storage courtOrder) private {
        PartyId partyId = courtOrder.heldParty;
        if (partyId.isNull()) return;
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

    /// @dev Until when a regulator rests: as long as any regulator that is one person with it today. So an account that
    /// joins a party later, or whose party comes under one control with another, does not start afresh.
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

    function _transferOf(Order memory newOrder, uint96 value, uint256[] memory tokenIds)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(
            IReachedByCourt.forcedTransferFrom,
            (newOrder.holder, newOrder.slot, newOrder.to, value, newOrder.orderHash, tokenIds)
        );
    }
}
