// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";

/// The loan that the proofs of loans begin with.
abstract contract RunningLoan {
    /// @dev A bullet at 7.2 % that is not due within the days looked at.
    function _running(uint24 asOf, uint56 balance, uint56 overdue)
        internal
        pure
        returns (LoanMath.Terms memory terms, LoanMath.State memory state)
    {
        terms.periods = 1;
        terms.startDay = asOf;
        terms.dueDay = asOf + 200_000;
        terms.annualRate = 72_000;
        terms.dayCount = 360;
        terms.penaltyMultiple = 1_500_000;
        state.asOfDay = asOf;
        state.balance = balance;
        state.pastPrincipal = overdue;
    }
}
