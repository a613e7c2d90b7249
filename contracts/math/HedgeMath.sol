// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RepaymentMath} from "./RepaymentMath.sol";

/// @title What hedges of goods count for, without state. Its twin in Python is `app/domain/valuation/hedge.py`.
/// @notice Quantities are thousandths of the unit of goods, prices millionths of a minor unit for that part.
library HedgeMath {
    /// @notice A price is in millionths of a minor unit.
    uint256 private constant SCALE = 1_000_000;

    /// @notice A hedge of a loan's goods, and what it counts for.
    /// @param item What is hedged: the hash that names the goods.
    /// @param contractHash Hash that names the contract.
    /// @param quantity Thousandths of the unit.
    /// @param price The price that the contract fixes.
    /// @param maxPrice The appraised price when it was recorded, above which it does not count.
    /// @param expiryDay Last day number on which it counts.
    /// @param counted Thousandths of the unit that the loan has of the goods, and that no older hedge counts for.
    /// @param lendable Minor units that it adds to what the collateral counts for in a margin call.
    struct Hedge {
        bytes32 item;
        bytes32 contractHash;
        uint96 quantity;
        uint64 price;
        uint64 maxPrice;
        uint24 expiryDay;
        uint96 counted;
        uint256 lendable;
    }

    /// @notice Goods of one warehouse receipt, sound and in date.
    /// @param item The hash that names them.
    /// @param quantity Thousandths of the unit.
    /// @param price The last one; 0: none is valid, and nothing counts for them.
    /// @param haircut Parts per million.
    struct Goods {
        bytes32 item;
        uint96 quantity;
        uint64 price;
        uint24 haircut;
    }

    /// @notice Counts goods for the hedges, the oldest first. Each adds what its price is above that of the goods, after
    /// their haircut, for the share that counts.
    /// @param hedges The hedges, in the order in which they were recorded; it changes them.
    /// @param goods The goods.
    /// @param today The day number.
    /// @param share Parts per million.
    function countDown(Hedge[] memory hedges, Goods memory goods, uint256 today, uint256 share) internal pure {
        if (goods.price == 0) return;
        uint96 left = goods.quantity;
        for (uint256 i; i < hedges.length; ++i) {
            Hedge memory hedge = hedges[i];
            if (hedge.item != goods.item || today > hedge.expiryDay) continue;
            uint96 counted = hedge.quantity - hedge.counted;
            if (counted > left) counted = left;
            left -= counted;
            hedge.counted += counted;
            uint64 price = hedge.price < hedge.maxPrice ? hedge.price : hedge.maxPrice;
            if (price <= goods.price) continue;
            hedge.lendable += uint256(counted) * (price - goods.price) * (RepaymentMath.WHOLE - goods.haircut) * share
            / (SCALE * RepaymentMath.WHOLE * RepaymentMath.WHOLE);
        }
    }
}
