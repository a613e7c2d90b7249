// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ServiceFeesWord} from "../types/ServiceFeesWord.sol";
import {RepaymentMath} from "./RepaymentMath.sol";

/// @title Service fees of a loan: what is owed of them, when it falls due, and what a payment takes. Pure.
/// @notice A fee bears neither interest nor penalty. Amounts are minor units, shares are parts per million. Its twin is in
/// app/domain/loan.py. Source: decision 48.
library ServiceFees {
    /// @notice A share of an amount, a half rounded up.
    /// @param amount Minor units, below 2^64.
    /// @param share Parts per million.
    /// @return Minor units.
    function shareHalfUp(uint256 amount, uint256 share) internal pure returns (uint64) {
        return uint64(RepaymentMath.divideHalfUp(amount * share, RepaymentMath.WHOLE));
    }

    /// @notice An instalment falls due: what runs goes into grace, with the periodic fee.
    /// @param fees The fees.
    /// @param balance Principal that was not due before, in minor units.
    /// @return The fees afterwards.
    function fallDue(ServiceFeesWord fees, uint64 balance) internal pure returns (ServiceFeesWord) {
        return fees.charge(shareHalfUp(balance, fees.periodicFee())).fallDue();
    }

    /// @notice Takes money for what is due, the oldest first.
    /// @param fees The fees.
    /// @param money Minor units.
    /// @return The fees afterwards.
    /// @return taken Minor units that they took.
    function payDue(ServiceFeesWord fees, uint256 money) internal pure returns (ServiceFeesWord, uint64 taken) {
        taken = _min(money, fees.due());
        uint64 past = _min(taken, fees.past());
        return (fees.less(past, taken - past, 0), taken);
    }

    /// @notice Takes money for what is not due yet.
    /// @param fees The fees.
    /// @param money Minor units.
    /// @return The fees afterwards.
    /// @return taken Minor units that they took.
    function payRunning(ServiceFeesWord fees, uint256 money) internal pure returns (ServiceFeesWord, uint64 taken) {
        taken = _min(money, fees.running());
        return (fees.less(0, 0, taken), taken);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint64) {
        return uint64(a < b ? a : b);
    }
}
