// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Orders of a court: one regulator issues, after a delay another one carries out; never one person alone.
interface ICourtOrders {
    event OrderIssued(
        uint256 indexed orderId,
        bytes32 indexed orderHash,
        address indexed issuer,
        address target,
        bytes call,
        uint64 notBefore
    );
    event OrderExecuted(uint256 indexed orderId, bytes32 indexed orderHash, address indexed executor);
    event OrderCancelled(uint256 indexed orderId, bytes32 indexed orderHash, address indexed by);

    event RegulatorAppointed(address indexed account);
    event RegulatorDismissed(address indexed account);

    error NotRegulator(address account);
    error RegulatorAlready(address account);
    error RegulatorsTooFew(uint256 regulators);
    error OrderNeeded(address caller);
    error OrderUnknown(uint256 orderId);
    error OrderTooEarly(uint256 orderId, uint64 notBefore);
    error SecondPersonNeeded(uint256 orderId, address issuer);
    error OrderClosed(uint256 orderId);

    /// By a regulator.
    function issue(address target, bytes calldata call, bytes32 orderHash) external returns (uint256 orderId);
    /// By a regulator, another account than the issuer, after the delay.
    function execute(uint256 orderId) external;
    function cancel(uint256 orderId) external;
    /// By an order whose target is this contract: two regulators make a third one, or unmake one; two stay.
    function appoint(address account) external;
    function dismiss(address account) external;

    function isRegulator(address account) external view returns (bool);
}
