// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Hands calls unchanged to a module: a contract of one fixed address, whose code runs on the storage of this
/// one.
/// @notice A contract whose code is too long for one address keeps the rest at a second one (EIP-170 bounds the
/// length).
/// @dev The address is written into this contract's code when it is deployed. Nothing can change it or add another. The
/// module has the same bases with state in the same order, adds no state, and has the same function under the same
/// selector. So the call, with what the forwarder appended to it, means the same there.
abstract contract ModuleCaller {
    /// @notice The contract with the code of the functions that are not called every day.
    address public immutable module;

    /// @notice There is no code at the module's address. Deploy the module first.
    /// @param module The address that was given.
    error ModuleMissing(address module);

    constructor(address module_) {
        _requireCode(module_);
        module = module_;
    }

    function _requireCode(address module_) internal view {
        if (module_.code.length == 0) revert ModuleMissing(module_);
    }

    /// @dev Ends the call with the module's answer or error.
    function _toModule() internal {
        _handTo(module);
    }

    /// @dev Ends the call with the answer or error of a module.
    function _handTo(address target) internal {
        assembly ("memory-safe") {
            // The memory is not needed any more: the call ends here.
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }

    /// @dev The same for a view. The functions of the module that are reached this way are views, as the caller's are.
    function _askModule() internal view {
        _asView(_toModule)();
    }

    function _asView(function() internal action) internal pure returns (function() internal view question) {
        assembly ("memory-safe") {
            question := action
        }
    }
}
