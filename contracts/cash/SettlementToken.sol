// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";

/// @title A bank's tokenised deposit in one currency, for use where no real one exists.
/// @notice One unit is one minor unit of the currency. The bank issues against money that it holds, and redeems on
/// request.
contract SettlementToken is ERC20, ERC20Permit, ForwardedAccess {
    uint8 private immutable _decimals;

    /// @notice A court moved money from one account to another.
    /// @param from The account that lost it.
    /// @param to The account that received it.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    event ForcedTransfer(address indexed from, address indexed to, uint256 amount, bytes32 indexed orderHash);

    /// @notice Only the court that {court} names may do this; zero: no court may.
    /// @param caller The sender of the call.
    error NotCourt(address caller);

    constructor(address authority, address forwarder, string memory name_, string memory symbol_, uint8 decimals_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
        ForwardedAccess(authority, forwarder)
    {
        _decimals = decimals_;
    }

    /// @notice Issues money to an account.
    /// @dev Role: cash issuer.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// @param account The account.
    /// @param amount Minor units of the currency.
    function mint(address account, uint256 amount) external restricted {
        _mint(account, amount);
    }

    /// @notice Redeems money of the caller's own. The bank pays it out outside of the ledger.
    /// @dev Reverts with {ERC20InsufficientBalance} if the caller has less.
    /// @param amount Minor units of the currency.
    function burn(uint256 amount) external {
        _burn(_msgSender(), amount);
    }

    /// @notice Moves money by order of a court, if the issuer's terms say that orders reach this currency.
    /// @dev Only the court that {court} names calls it.
    /// Reverts with {NotCourt} if the caller is not that court.
    /// Reverts with {ERC20InsufficientBalance} if the account has less.
    /// @param from The account that loses it.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedTransfer(address from, address to, uint256 amount, bytes32 orderHash) external {
        if (msg.sender != court()) revert NotCourt(msg.sender);
        _transfer(from, to, amount);
        emit ForcedTransfer(from, to, amount, orderHash);
    }

    /// @notice The contract whose orders reach this currency; zero: none. It never changes.
    /// @return The court, or zero.
    function court() public view virtual returns (address) {
        return address(0);
    }

    /// @notice Digits behind the point of the currency's unit (ISO 4217).
    /// @return The number of digits.
    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _msgSender() internal view override(Context, ForwardedAccess) returns (address) {
        return ForwardedAccess._msgSender();
    }

    function _msgData() internal view override(Context, ForwardedAccess) returns (bytes calldata) {
        return ForwardedAccess._msgData();
    }

    function _contextSuffixLength() internal view override(Context, ForwardedAccess) returns (uint256) {
        return ForwardedAccess._contextSuffixLength();
    }
}
