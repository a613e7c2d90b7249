// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A regulated stablecoin: blacklist, pause, and a fee that can be switched on.
contract Stablecoin is ERC20("Stable", "STB") {
    mapping(address account => bool) public blacklisted;
    bool public paused;
    uint256 public feePercent;

    error Paused();
    error Blacklisted(address account);

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function blacklist(address account, bool on) external {
        blacklisted[account] = on;
    }

    function pause(bool on) external {
        paused = on;
    }

    function setFee(uint256 percent) external {
        feePercent = percent;
    }

    function _update(address from, address to, uint256 value) internal virtual override {
        if (paused) revert Paused();
        if (blacklisted[from]) revert Blacklisted(from);
        if (blacklisted[to]) revert Blacklisted(to);
        if (from != address(0) && to != address(0) && feePercent != 0) {
            uint256 fee = value * feePercent / 100;
            super._update(from, address(0xFEE), fee);
            value -= fee;
        }
        super._update(from, to, value);
    }
}
