// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// OpenZeppelin's contract unchanged; imported so that it is compiled with the rest.
// solhint-disable-next-line no-unused-import
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Role ids of the AccessManager. Role 0 is its administrator.
/// @notice The roles that the ledger uses.
/// @dev No role moves money or tokens of a party. The contracts that may move them know each other by address
/// (CourtOrders, Facilities, RiskReserve). 2, 3 and 6 are not used.
library Roles {
    /// @notice Registers parties, sets their roles and validity.
    uint64 internal constant REGISTRAR = 1;
    /// @notice Issues and redeems tokenised deposits: the bank that holds the accounts.
    uint64 internal constant CASH_ISSUER = 4;
    /// @notice Runs the platform: which currencies may be used.
    uint64 internal constant OPERATOR = 5;
}
