// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ICourtOrders} from "./ICourtOrders.sol";

/// @title Orders of a court: one regulator issues, after a delay another one carries out; never one person alone.
/// @dev The AccessManager lets this contract, and no account, call freeze and forcedTransfer.
contract CourtOrders is ICourtOrders, ForwardedAccess {
    struct Order {
        bytes32 orderHash;
        address issuer;
        uint64 notBefore;
        bool closed;
        address target;
        bytes call;
    }

    /// @notice Seconds between the issue of an order and its execution.
    uint64 public immutable delay;
    uint256 private _count;
    mapping(uint256 orderId => Order) private _orders;

    constructor(address authority, address forwarder, uint64 delaySeconds) ForwardedAccess(authority, forwarder) {
        delay = delaySeconds;
    }

    /// @inheritdoc ICourtOrders
    function issue(address target, bytes calldata call, bytes32 orderHash)
        external
        restricted
        returns (uint256 orderId)
    {
        orderId = ++_count;
        uint64 notBefore = uint64(block.timestamp) + delay;
        _orders[orderId] = Order(orderHash, _msgSender(), notBefore, false, target, call);
        emit OrderIssued(orderId, orderHash, _msgSender(), target, call, notBefore);
    }

    /// @inheritdoc ICourtOrders
    function execute(uint256 orderId) external restricted {
        Order storage order = _open(orderId);
        if (block.timestamp < order.notBefore) revert OrderTooEarly(orderId, order.notBefore);
        if (order.issuer == _msgSender()) revert SecondPersonNeeded(orderId, order.issuer);
        order.closed = true;
        Address.functionCall(order.target, order.call);
        emit OrderExecuted(orderId, order.orderHash, _msgSender());
    }

    /// @inheritdoc ICourtOrders
    function cancel(uint256 orderId) external restricted {
        Order storage order = _open(orderId);
        order.closed = true;
        emit OrderCancelled(orderId, order.orderHash, _msgSender());
    }

    function _open(uint256 orderId) private view returns (Order storage order) {
        order = _orders[orderId];
        if (order.issuer == address(0)) revert OrderUnknown(orderId);
        if (order.closed) revert OrderClosed(orderId);
    }
}
