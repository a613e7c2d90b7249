// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {packServiceFees, ServiceFeesWord} from "../types/ServiceFeesWord.sol";
import {RepaymentMath} from "./RepaymentMath.sol";

/// @title Service fees of a loan: what is owed of them, when it falls due, and what a payment takes. Pure.
/// @notice A fee bears neither interest nor penalty. Amounts are minor units, shares are parts per million. Its twin is
/// app/domain/service_fees.py. Source: decision 48.
library ServiceFees {
    /// @notice A share of an amount, a half rounded up.
    /// @param amount Minor units, below 2^64.
    /// @param share Parts per million.
    /// @return Minor units.
    function shareHalfUp(uint256 amount, uint256 share) internal pure returns (uint64) {
        return uint64(RepaymentMath.divideHalfUp(amount * share, RepaymentMath.WHOLE));
    }

    /// @notice Charges a fee that falls due with the next instalment.
    /// @param fees The fees.
    /// @param amount Minor units.
    /// @return The fees afterwards.
    function charge(ServiceFeesWord fees, uint64 amount) internal pure returns (ServiceFeesWord) {
        return packServiceFees(fees.past(), fees.inGrace(), fees.running() + amount, fees.periodicFee());
    }

    /// @notice An instalment falls due: what runs goes into grace, with the periodic fee.
    /// @param fees The fees.
    /// @param balance Principal that was not due before, in minor units.
    /// @return The fees afterwards.
    function fallDue(ServiceFeesWord fees, uint64 balance) internal pure returns (ServiceFeesWord) {
        uint24 periodic = fees.periodicFee();
        uint64 due = fees.inGrace() + fees.running() + shareHalfUp(balance, periodic);
        return packServiceFees(fees.past(), due, 0, periodic);
    }

    /// @notice The days of grace are over.
    /// @param fees The fees.
    /// @return The fees afterwards.
    function leaveGrace(ServiceFeesWord fees) internal pure returns (ServiceFeesWord) {
        return packServiceFees(fees.past() + fees.inGrace(), 0, fees.running(), fees.periodicFee());
    }

    /// @notice All that is owed falls due at once; the periodic fee of the running period is not charged.
    /// @param fees The fees.
    /// @return The fees afterwards.
    function accelerate(ServiceFeesWord fees) internal pure returns (ServiceFeesWord) {
        return packServiceFees(fees.owed(), 0, 0, fees.periodicFee());
    }

    /// @notice Takes money for what is due, the oldest first.
    /// @param fees The fees.
    /// @param money Minor units.
    /// @return rest The fees afterwards.
    /// @return taken Minor units that they took.
    function payDue(ServiceFeesWord fees, uint256 money) internal pure returns (ServiceFeesWord rest, uint64 taken) {
        uint64 past = _min(money, fees.past());
        uint64 inGrace = _min(money - past, fees.inGrace());
        taken = past + inGrace;
        rest = packServiceFees(fees.past() - past, fees.inGrace() - inGrace, fees.running(), fees.periodicFee());
    }

    /// @notice Takes money for what is not due yet.
    /// @param fees The fees.
    /// @param money Minor units.
    /// @return rest The fees afterwards.
    /// @return taken Minor units that they took.
    function payRunning(ServiceFeesWord fees, uint256 money)
        internal
        pure
        returns (ServiceFeesWord rest, uint64 taken)
    {
        taken = _min(money, fees.running());
        rest = packServiceFees(fees.past(), fees.inGrace(), fees.running() - taken, fees.periodicFee());
    }

    function _min(uint256 a, uint256 b) private pure returns (uint64) {
        return uint64(a < b ? a : b);
    }
}
