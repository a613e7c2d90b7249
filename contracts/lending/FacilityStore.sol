// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {ICreditRegistry} from "../registry/ICreditRegistry.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {IPriceFeed} from "../risk/IPriceFeed.sol";
import {IRiskReserve} from "../risk/IRiskReserve.sol";
import {IWarehouseReceipts} from "../warehouse/IWarehouseReceipts.sol";
import {Book, LendingContext} from "./FacilityBook.sol";
import {IProducts} from "./IProducts.sol";

/// @title The stored state of facilities and loans, and the contracts of the ledger around them: the base of Facilities
/// and of its module, which share one storage.
/// @notice Both read the same settings, which are set once, at deployment.
/// @dev The domain of signatures has the address that runs the code. In a call that Facilities handed over this is the
/// address of Facilities, so what parties sign means the same in both. Name and version of the domain are short enough
/// to be in the code; their two slots stay empty.
abstract contract FacilityStore is ERC2771Context, EIP712 {
    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @notice The credit tiers of borrowers.
    ICreditRegistry public immutable credit;

    /// @notice The catalogue of products.
    IProducts public immutable products;

    /// @notice The debts and the claims on them.
    Receivables public immutable receivables;

    /// @notice The purchase orders.
    IPurchaseOrders public immutable orders;

    /// @notice The reserve that bears losses.
    IRiskReserve public immutable reserve;

    /// @notice The prices of goods and currencies.
    IPriceFeed public immutable prices;

    /// @notice The warehouse receipts and their lots.
    IWarehouseReceipts public immutable warehouseReceipts;

    /// @notice Days from a loan's last due day until the lender may write it off.
    uint256 public immutable writeOffDays;
    uint256 private immutable _zoneOffset;
    Book internal _book;

    constructor(
        address forwarder,
        ICreditRegistry credit_,
        IProducts products_,
        Receivables receivables_,
        IPurchaseOrders orders_,
        IRiskReserve reserve_,
        IPriceFeed prices_,
        IWarehouseReceipts warehouseReceipts_
    ) ERC2771Context(forwarder) EIP712("Cession Facilities", "1") {
        registry = receivables_.registry();
        credit = credit_;
        products = products_;
        receivables = receivables_;
        orders = orders_;
        reserve = reserve_;
        prices = prices_;
        warehouseReceipts = warehouseReceipts_;
        writeOffDays = receivables_.writeOffDays();
        _zoneOffset = receivables_.zoneOffset();
    }

    /// @dev Day number of a UTC second, by the calendar of the ledger.
    function _dayOf(uint256 timestamp) internal view returns (uint256) {
        return (timestamp + _zoneOffset) / 1 days;
    }

    function _context() internal view returns (LendingContext memory) {
        return LendingContext(
            registry,
            credit,
            products,
            receivables,
            orders,
            reserve,
            prices,
            warehouseReceipts,
            _dayOf(block.timestamp),
            _msgSender()
        );
    }
}
