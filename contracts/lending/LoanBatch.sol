// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {WantOfGas} from "../access/WantOfGas.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {LoanId} from "../types/Ids.sol";
import {Book, LendingContext} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {Settlement} from "./Settlement.sol";

/// @title One payment for several loans; linked to Facilities and to the libraries that settle a loan.
/// @notice See {IFacilities} for the specification.
library LoanBatch {
    /// @notice See {ILoans.repayMany}.
    /// @dev Each loan is settled by a call of its own, so that a payment that fails undoes only what it changed.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanIds The loans.
    /// @param amount Minor units that the payer gives at most in total.
    /// @return taken Minor units that were taken.
    function repayMany(Book storage book, LendingContext memory context, LoanId[] calldata loanIds, uint64 amount)
        external
        returns (uint64 taken)
    {
        if (amount == 0) revert IFacilities.TermOutOfRange("amount", 0, 1, type(uint64).max);
        LoanId first = loanIds.length == 0 ? LoanId.wrap(0) : loanIds[0];
        bytes memory reason = abi.encodeWithSelector(ILoans.NothingOwed.selector, first);
        bool stopped;
        for (uint256 i; i < loanIds.length && taken < amount; ++i) {
            LoanId loanId = loanIds[i];
            if (!Settlement.isOpen(book, loanId)) continue;
            uint256 gasBefore = gasleft();
            try LoanMoney.repay(book, context, loanId, amount - taken) returns (LoanMath.Parts memory parts) {
                taken += uint64(LoanMath.sumOf(parts));
            } catch (bytes memory failure) {
                WantOfGas.requireNone(gasBefore, failure);
                if (LoanMoney.isStopped(book, context, loanId, failure)) stopped = true;
                else reason = failure;
            }
        }
        if (taken != 0 || stopped) return taken;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
