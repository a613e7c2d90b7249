// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimShares} from "../../../contracts/math/ClaimShares.sol";
import {RepaymentMath} from "../../../contracts/math/RepaymentMath.sol";

/// @notice Shares of claims, and prices in parts per million: proved by halmos for all values within the stated bounds.
contract ShareProofs {
    /// Who holds the whole collects what was paid, to the cent. All amounts below 2^80.
    function check_the_whole_collects_what_was_paid(uint80 face, uint80 unpaid) external pure {
        if (unpaid > face) return;
        assert(
            ClaimShares.collectableDown(face, ClaimShares.WHOLE, unpaid, ClaimShares.WHOLE) == uint256(face) - unpaid
        );
    }

    /// Late money comes back from its finer unit as it went in.
    function check_fine_money_comes_back_whole(uint80 amount) external pure {
        assert(ClaimShares.wholeDown(ClaimShares.fine(amount)) == amount);
    }

    /// The price of a loan that is bought back at par is what is owed; at other prices it is the nearest, and at the
    /// most no more than twice of that. All sums below 2^64.
    function check_a_buy_back_price_is_the_nearest(uint64 owed) external pure {
        assert(_price(owed, 1_000_000) == owed);
        assert(_price(owed, 2_000_000) == 2 * uint256(owed));
        _isNearest(owed, 1);
        _isNearest(owed, 950_000);
        _isNearest(owed, 1_050_001);
    }

    function _isNearest(uint256 owed, uint256 share) private pure {
        unchecked {
            uint256 price = _price(owed, share);
            assert(2 * price * RepaymentMath.WHOLE <= 2 * owed * share + RepaymentMath.WHOLE);
            assert(2 * owed * share < 2 * price * RepaymentMath.WHOLE + RepaymentMath.WHOLE);
        }
    }

    /// @dev As LoanSales has it.
    function _price(uint256 owed, uint256 share) private pure returns (uint256) {
        return RepaymentMath.divideHalfUp(owed * share, RepaymentMath.WHOLE);
    }
}
