// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";

/// @title Checks AccessManager roles on the party that signed, whether it calls itself or through the forwarder.
/// @notice A base for contracts with roles. A role is held by the account that signed, never by the forwarder.
abstract contract ForwardedAccess is AccessManaged, ERC2771Context {
    /// @notice The AccessManager executes for everyone who holds a role, so it is no person. Call the function
    /// yourself.
    /// @param manager The AccessManager of this contract.
    error ManagerIsNoPerson(address manager);

    /// @notice The proposer may no longer propose. Propose again.
    /// @param proposer The account that proposed.
    error ProposerGone(address proposer);

    constructor(address authority, address forwarder) AccessManaged(authority) ERC2771Context(forwarder) {}

    function _msgSender() internal view virtual override(Context, ERC2771Context) returns (address) {
        return ERC2771Context._msgSender();
    }

    function _msgData() internal view virtual override(Context, ERC2771Context) returns (bytes calldata) {
        return ERC2771Context._msgData();
    }

    function _contextSuffixLength() internal view virtual override(Context, ERC2771Context) returns (uint256) {
        return ERC2771Context._contextSuffixLength();
    }

    /// @dev The sender, where a rule requires a second person. A role with a delay loses nothing: whoever scheduled an
    /// operation calls the function directly, which consumes the schedule.
    function _person() internal view returns (address sender) {
        sender = _msgSender();
        if (sender == authority()) revert ManagerIsNoPerson(sender);
    }

    /// @dev Whether the person who proposed could still propose now that another person agrees.
    function _mayStill(address proposer, bytes4 selector) internal view returns (bool) {
        (bool immediate, uint32 delay) = IAccessManager(authority()).canCall(proposer, address(this), selector);
        return immediate || delay != 0;
    }
}
