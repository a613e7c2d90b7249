// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {ClaimId, LoanId, ReceivableId} from "../types/Ids.sol";
import {Book, loadLoan, LoanView, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {Settlement} from "./Settlement.sol";

/// @title Money that comes in on loans; linked to Facilities.
library LoanMoney {
    /// @notice See IFacilities.repay.
    function repay(Book storage book, Surroundings memory around, LoanId loanId, uint64 amount)
        external
        returns (LoanMath.Parts memory)
    {
        if (amount == 0) revert IFacilities.TermOutOfRange("amount", 0, 1, type(uint64).max);
        return Settlement.settle(book, around, loanId, amount, around.sender);
    }

    /// @notice See IFacilities.repayMany.
    function repayMany(Book storage book, Surroundings memory around, LoanId[] calldata loanIds, uint64 amount)
        external
        returns (uint64 taken)
    {
        if (amount == 0) revert IFacilities.TermOutOfRange("amount", 0, 1, type(uint64).max);
        for (uint256 i; i < loanIds.length && taken < amount; ++i) {
            if (loadLoan(book, loanIds[i]).facts.status == IFacilities.Status.Repaid) continue;
            LoanMath.Parts memory parts = Settlement.settle(book, around, loanIds[i], amount - taken, around.sender);
            taken += uint64(LoanMath.sumOf(parts));
        }
        if (taken == 0) revert IFacilities.NothingOwed(loanIds.length == 0 ? LoanId.wrap(0) : loanIds[0]);
    }

    /// @notice See IFacilities.onCollected.
    function onCollected(Book storage book, Surroundings memory around, ClaimId claimId, address owner, uint256 amount)
        external
    {
        if (around.sender != address(around.receivables)) revert IFacilities.NotReceivables(around.sender);
        LoanId loanId = book.loanOfClaim[claimId];
        if (LoanId.unwrap(loanId) == 0) {
            // A lien that the owner itself put on for no loan: the money is its own, and never stuck.
            (, ReceivableId receivableId,,,,,) = around.receivables.claim(claimId);
            address paid = around.receivables.receivable(receivableId).currency;
            Settlement.move(book, around, paid, address(this), owner, amount);
            return;
        }
        uint256 taken = settleHere(book, around, loanId, amount, owner);
        emit IFacilities.CollectedForLoan(loanId, claimId, uint64(taken), uint64(amount - taken));
    }

    /// @notice Money that is here already runs through a loan, and what the loan does not take goes to `owner`.
    /// @dev The one copy of it that the other libraries call.
    function settleHere(Book storage book, Surroundings memory around, LoanId loanId, uint256 amount, address owner)
        public
        returns (uint256 taken)
    {
        address currency = book.facilities[loadLoan(book, loanId).facts.facilityId].currency;
        taken = LoanMath.sumOf(Settlement.settle(book, around, loanId, amount, address(this)));
        Settlement.move(book, around, currency, address(this), owner, amount - taken);
    }

    /// @notice Something else than money, which was handed over already, counts for `credit` (set-off, goods in kind).
    function settleCredit(Book storage book, Surroundings memory around, LoanId loanId, uint64 credit) external {
        Settlement.takeCredit(book, around, loanId, credit);
    }

    /// @notice See IFacilities.releaseKept.
    function releaseKept(Book storage book, Surroundings memory around, address party, address currency) external {
        uint256 amount = book.kept[party][currency];
        if (amount == 0) revert IFacilities.NothingKept(party, currency);
        around.registry.requireValid(party, 0);
        book.kept[party][currency] = 0;
        emit IFacilities.KeptReleased(party, currency, amount);
        Settlement.move(book, around, currency, address(this), party, amount);
    }

    /// @notice See IFacilities.loan.
    function loanOf(Book storage book, LoanId loanId, uint256 today)
        external
        view
        returns (IFacilities.Loan memory found)
    {
        LoanView memory kept = loadLoan(book, loanId);
        LoanMath.roll(kept.terms, kept.state, today);
        found.facilityId = kept.facts.facilityId;
        found.status = kept.facts.status;
        found.drawn = kept.facts.drawn;
        found.cover = kept.facts.cover;
        found.coverId = kept.facts.coverId;
        found.markedOverdue = kept.facts.markedOverdue;
        found.lossRecorded = kept.facts.lossRecorded;
        found.terms = kept.terms;
        found.state = kept.state;
        found.due = LoanMath.amountDue(kept.terms, kept.state);
        found.payoff = LoanMath.payoff(kept.terms, kept.state);
    }
}
