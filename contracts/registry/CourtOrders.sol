// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ICourtOrders} from "./ICourtOrders.sol";

/// @title Orders of a court: one regulator issues, after a delay another one carries out; never one person alone.
/// @dev The contracts that orders reach know this one by its address, and it knows its regulators itself: the administrator of the
/// AccessManager can neither make nor unmake one, nor stand between them and an order.
contract CourtOrders is ICourtOrders, ERC2771Context {
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
    uint256 private _regulatorCount;
    mapping(address account => bool) public isRegulator;
    mapping(uint256 orderId => Order) private _orders;

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
    function issue(address target, bytes calldata call, bytes32 orderHash)
        external
        onlyRegulator
        returns (uint256 orderId)
    {
        orderId = ++_count;
        uint64 notBefore = uint64(block.timestamp) + delay;
        _orders[orderId] = Order(orderHash, _msgSender(), notBefore, false, target, call);
        emit OrderIssued(orderId, orderHash, _msgSender(), target, call, notBefore);
    }

    /// @inheritdoc ICourtOrders
    function execute(uint256 orderId) external onlyRegulator {
        Order storage order = _open(orderId);
        if (block.timestamp < order.notBefore) revert OrderTooEarly(orderId, order.notBefore);
        if (order.issuer == _msgSender()) revert SecondPersonNeeded(orderId, order.issuer);
        order.closed = true;
        Address.functionCall(order.target, order.call);
        emit OrderExecuted(orderId, order.orderHash, _msgSender());
    }

    /// @inheritdoc ICourtOrders
    function cancel(uint256 orderId) external onlyRegulator {
        Order storage order = _open(orderId);
        order.closed = true;
        emit OrderCancelled(orderId, order.orderHash, _msgSender());
    }

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

    function _appoint(address account) private {
        if (isRegulator[account]) revert RegulatorAlready(account);
        isRegulator[account] = true;
        ++_regulatorCount;
        emit RegulatorAppointed(account);
    }

    function _open(uint256 orderId) private view returns (Order storage order) {
        order = _orders[orderId];
        if (order.issuer == address(0)) revert OrderUnknown(orderId);
        if (order.closed) revert OrderClosed(orderId);
    }
}
