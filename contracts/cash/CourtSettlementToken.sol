// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SettlementToken} from "./SettlementToken.sol";

/// @title A tokenised deposit whose issuer's terms say that court orders reach it.
/// @notice Holders can see it from the first unit on: `court()` is set when the currency is created, and never changes.
contract CourtSettlementToken is SettlementToken {
    address private immutable _court;

    constructor(
        address authority,
        address forwarder,
        string memory name_,
        string memory symbol_,
        uint8 decimals_,
        address court_
    ) SettlementToken(authority, forwarder, name_, symbol_, decimals_) {
        _court = court_;
    }

    /// @inheritdoc SettlementToken
    function court() public view override returns (address) {
        return _court;
    }
}
