// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title How a debtor's payments reach any number of holders at a constant cost, exactly.
/// @notice A claim has a value v (what is outstanding on it: not yet paid, or paid and not yet collected) and a
/// weight w, its share of what the debtor has not yet paid: unpaid part = w * U / W, for the unpaid principal U and
/// the total weight W of the receivable. What a holder may collect is v less that part, rounded up. Weights are
/// rounded up when a claim is divided, so that holders together can never collect more than was paid; and when
/// nothing is unpaid any more, every holder collects its value to the cent.
/// The bound: with amounts up to 2^80 and weights of 127 bits, the roundings of 2^45 divisions of one receivable add
/// up to less than a cent.
library ClaimShares {
    /// @notice Weight of the whole of a receivable when it is confirmed.
    uint128 internal constant WHOLE = 2 ** 127;
    /// @notice The maximum amount of a receivable, in minor units: with its late charge it fits 64 bits, so that no
    /// reader of the ledger needs more.
    uint96 internal constant MAX_AMOUNT = 2 ** 60 - 1;
    /// @notice Late money per weight is stored with this many binary digits behind the point, times WHOLE.
    uint256 private constant LATE_SCALE_BITS = 174;
    /// @notice Late money of a claim is stored with this many binary digits behind the point of a minor unit.
    uint256 private constant FINE_BITS = 80;
    uint256 private constant PARTS_PER_MILLION_DAYS = 360 * 1_000_000;

    /// @notice Principal that a claim may collect now, in minor units.
    /// @param value Minor units of the claim.
    /// @param weight Weight of the claim.
    /// @param unpaid Principal that the debtor has not paid, in minor units.
    /// @param totalWeight Weight of the whole receivable.
    /// @return Minor units.
    function collectableDown(uint96 value, uint128 weight, uint256 unpaid, uint128 totalWeight)
        internal
        pure
        returns (uint96)
    {
        if (unpaid == 0) return value;
        // Below 2^128 * 2^80: no overflow.
        uint256 unpaidPart = Math.ceilDiv(uint256(weight) * unpaid, totalWeight);
        return unpaidPart >= value ? 0 : uint96(value - unpaidPart);
    }

    /// @notice Weights of the two parts when `part` is taken out of `value`; each rounded up.
    /// @param weight Weight of the claim.
    /// @param value Minor units of the claim.
    /// @param part Minor units that are taken out.
    /// @return partWeight Weight of the part.
    /// @return restWeight Weight of the rest.
    function divideUp(uint128 weight, uint96 value, uint96 part)
        internal
        pure
        returns (uint128 partWeight, uint128 restWeight)
    {
        if (part == value) return (weight, 0);
        partWeight = uint128(Math.ceilDiv(uint256(weight) * part, value));
        restWeight = uint128(Math.ceilDiv(uint256(weight) * (value - part), value));
    }

    /// @notice Weight that goes when `part` of `value` is burned: rounded down; all of it with the whole.
    /// @param weight Weight of the claim.
    /// @param value Minor units of the claim.
    /// @param part Minor units that are burned.
    /// @return The weight.
    function burnedDown(uint128 weight, uint96 value, uint96 part) internal pure returns (uint128) {
        return uint128((uint256(weight) * part) / value);
    }

    /// @notice Rise of the late-money index when `amount` is paid over the weight `totalWeight`.
    /// @param amount Minor units.
    /// @param totalWeight Weight of the whole receivable.
    /// @return The rise, scaled as the index.
    function lateIndexRiseDown(uint96 amount, uint128 totalWeight) internal pure returns (uint256) {
        return (uint256(amount) << LATE_SCALE_BITS) / totalWeight;
    }

    /// @notice Late money that reached a weight while the index rose by `rise`, in 2^-80 minor units.
    /// @param weight Weight of the claim.
    /// @param rise Rise of the index.
    /// @return 2^-80 minor units.
    function lateShareDown(uint128 weight, uint256 rise) internal pure returns (uint160) {
        return uint160(Math.mulDiv(weight, rise, 1 << (LATE_SCALE_BITS - FINE_BITS)));
    }

    /// @notice Minor units in 2^-80 minor units.
    /// @param amount Minor units.
    /// @return 2^-80 minor units.
    function fine(uint96 amount) internal pure returns (uint160) {
        return uint160(uint256(amount) << FINE_BITS);
    }

    /// @notice Whole minor units in an amount of 2^-80 minor units.
    /// @param amount 2^-80 minor units.
    /// @return Minor units.
    function wholeDown(uint160 amount) internal pure returns (uint96) {
        return uint96(amount >> FINE_BITS);
    }

    /// @notice What has accrued of the late charge once `burned` of the weight `total` is credited: the burned share of
    /// what is not paid yet falls away.
    /// @param accrued Exact sum of principal * parts per million a year * days.
    /// @param paid Late charge that was paid, in minor units.
    /// @param burned Weight that is burned.
    /// @param total Weight before that.
    /// @return The sum afterwards.
    function accruedAfterCreditUp(uint128 accrued, uint96 paid, uint128 burned, uint128 total)
        internal
        pure
        returns (uint128)
    {
        uint256 settled = uint256(paid) * PARTS_PER_MILLION_DAYS;
        if (accrued <= settled) return accrued;
        return accrued - uint128(Math.mulDiv(accrued - settled, burned, total));
    }

    /// @notice Late charge for the exact sum of principal * parts per million a year * days, 360 days a year.
    /// @param accrued Exact sum of principal * parts per million a year * days.
    /// @return Minor units.
    function lateChargeHalfUp(uint256 accrued) internal pure returns (uint256) {
        return (accrued + PARTS_PER_MILLION_DAYS / 2) / PARTS_PER_MILLION_DAYS;
    }
}
