// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {HedgeMath} from "../../../contracts/math/HedgeMath.sol";

/// What the twin in Python is compared with.
contract HedgeHarness {
    struct Case {
        HedgeMath.Hedge[] hedges;
        HedgeMath.Goods[] goods;
        uint256 today;
        uint256 share;
    }

    function counted(Case[] memory cases) external pure returns (HedgeMath.Hedge[][] memory results) {
        results = new HedgeMath.Hedge[][](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            for (uint256 k; k < cases[i].goods.length; ++k) {
                HedgeMath.countDown(cases[i].hedges, cases[i].goods[k], cases[i].today, cases[i].share);
            }
            results[i] = cases[i].hedges;
        }
    }
}
