// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {HedgeMath} from "../../../contracts/math/HedgeMath.sol";

/// @notice What hedges count for: proved by halmos for all quantities and prices.
contract HedgeProofs {
    bytes32 private constant ITEM = keccak256("rubber");
    uint24 private constant HAIRCUT = 400_000;
    uint256 private constant SHARE = 500_000;

    /// However often goods of one kind are counted, a hedge counts for no more than its own quantity, and all hedges
    /// together for no more than the goods; a younger one counts only for what the older ones leave.
    function check_hedges_count_for_no_more_than_the_goods(
        uint96 olderQuantity,
        uint96 youngerQuantity,
        uint64 hedgePrice,
        uint96 quantity,
        uint96 moreQuantity,
        uint64 price
    ) external pure {
        HedgeMath.Hedge[] memory hedges = new HedgeMath.Hedge[](2);
        hedges[0] = _hedge(olderQuantity, hedgePrice);
        hedges[1] = _hedge(youngerQuantity, hedgePrice);

        HedgeMath.countDown(hedges, HedgeMath.Goods(ITEM, quantity, price, HAIRCUT), 1, SHARE);
        HedgeMath.countDown(hedges, HedgeMath.Goods(ITEM, moreQuantity, price, HAIRCUT), 1, SHARE);

        uint256 older = hedges[0].counted;
        uint256 younger = hedges[1].counted;
        assert(older <= olderQuantity && younger <= youngerQuantity);
        assert(older + younger <= uint256(quantity) + moreQuantity);
        assert(younger == 0 || older == olderQuantity);
    }

    /// A hedge adds nothing while the price stands at its own price or above, nor above the price of the day on which it
    /// was recorded, whatever price it names.
    function check_a_hedge_adds_nothing_while_the_price_stands(uint64 hedgePrice, uint64 maxPrice, uint64 price)
        external
        pure
    {
        if (price < hedgePrice && price < maxPrice) return;
        HedgeMath.Hedge[] memory hedges = _one(hedgePrice, maxPrice);

        HedgeMath.countDown(hedges, HedgeMath.Goods(ITEM, 1_000_000, price, HAIRCUT), 1, SHARE);

        assert(hedges[0].lendable == 0);
    }

    /// Goods and hedge together never count for more than the goods did on the day of the record. A ton of goods at any
    /// price below 2^40.
    function check_goods_and_hedge_count_for_no_more_than_the_goods_did(
        uint64 hedgePrice,
        uint40 maxPrice,
        uint40 price
    ) external pure {
        if (price == 0 || price > maxPrice) return;
        HedgeMath.Hedge[] memory hedges = _one(hedgePrice, maxPrice);

        HedgeMath.countDown(hedges, HedgeMath.Goods(ITEM, 1_000_000, price, HAIRCUT), 1, 1_000_000);

        // A ton at a price in millionths: the price itself, less 40 %. Both sides times five, to be free of fractions.
        assert(5 * hedges[0].lendable + 3 * uint256(price) <= 3 * uint256(maxPrice));
    }

    /// Neither after its last day, nor for other goods, nor for goods without a price, does a hedge count.
    function check_a_hedge_counts_only_in_time_and_for_its_goods(bytes32 item, uint24 today, uint64 price)
        external
        pure
    {
        HedgeMath.Hedge[] memory hedges = _one(type(uint64).max, type(uint64).max);
        if (item == ITEM && today <= hedges[0].expiryDay && price != 0) return;

        HedgeMath.countDown(hedges, HedgeMath.Goods(item, 1_000_000, price, HAIRCUT), today, SHARE);

        assert(hedges[0].counted == 0 && hedges[0].lendable == 0);
    }

    function _one(uint64 price, uint64 maxPrice) private pure returns (HedgeMath.Hedge[] memory hedges) {
        hedges = new HedgeMath.Hedge[](1);
        hedges[0] = _hedge(1_000_000, price);
        hedges[0].maxPrice = maxPrice;
    }

    function _hedge(uint96 quantity, uint64 price) private pure returns (HedgeMath.Hedge memory hedge) {
        (hedge.item, hedge.quantity, hedge.price, hedge.maxPrice) = (ITEM, quantity, price, price);
        hedge.expiryDay = 30;
    }
}
