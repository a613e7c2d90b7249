// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {ParticipationMath} from "../math/ParticipationMath.sol";
import {LoanId} from "../types/Ids.sol";
import {LoanTermsWord, PARTICIPATED} from "../types/LoanTermsWord.sol";
import {
    Book,
    FacilityRecord,
    LendingContext,
    LoanView,
    ParticipationRecord,
    SharedLoanRecord
} from "./FacilityBook.sol";
import {ILoanParticipations} from "./ILoanParticipations.sol";
import {ILoans} from "./ILoans.sol";
import {Settlement} from "./Settlement.sol";

/// @title What the lender of a loan with participants gets, and the participants' shares of it; linked to the libraries
/// that settle or restate a loan.
/// @notice See {ILoanParticipations} for the specification.
library LoanProceeds {
    /// @notice Counts what came in on a loan, pays the participants from the money, and the lender the rest.
    /// @dev Only for a loan with participants. What each gets is recorded before any money moves.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param from Who pays; this contract: the money is here already.
    /// @param counted Minor units by which the proceeds rise.
    /// @param money Minor units of the currency that move for the lender: 0 for set-off or goods.
    function shareOut(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address from,
        uint256 counted,
        uint256 money
    ) public {
        _count(book, loanId, int256(counted));
        if (money == 0) return;
        FacilityRecord storage facilityRow = book.facilities[book.loans[loanId].terms.facilityId()];
        uint256 left = money - payDue(book, context, loanId, from, money);
        Settlement.move(book, context, facilityRow.currency, from, facilityRow.lender, left);
    }

    /// @notice See {IReserveClient.onLossPaid}.
    /// @dev Reverts with {ILoanParticipations.NotReserve} if the caller is not the reserve.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency that are here already.
    function onLossPaid(Book storage book, LendingContext memory context, LoanId loanId, uint256 amount) external {
        if (context.sender != address(context.reserve)) revert ILoanParticipations.NotReserve(context.sender);
        shareOut(book, context, loanId, address(this), amount, amount);
    }

    /// @notice Counts what a restatement of a loan changes, before it is saved. Nothing for a loan without participants.
    /// @dev What was paid, less what is not owed and what costs took of it.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param before The loan as it stands on its own day.
    /// @param state What its corrected history gives.
    /// @param overpaid Money that is not owed after it, in minor units.
    /// @param change Minor units by which what was paid changes.
    function follow(
        Book storage book,
        LoanId loanId,
        LoanView memory before,
        LoanMath.State memory state,
        uint256 overpaid,
        int256 change
    ) internal {
        if (before.facts.traits & PARTICIPATED == 0) return;
        change += int256(uint256(book.overpaid[loanId])) - int256(overpaid);
        change += int256(uint256(state.costs)) - int256(uint256(before.state.costs));
        _count(book, loanId, change);
    }

    /// @notice Counts more of what the lender got. Nothing for a loan without participants.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param loan The loan.
    /// @param amount Minor units by which the proceeds rise.
    function add(Book storage book, LoanId loanId, LoanView memory loan, uint64 amount) internal {
        if (loan.facts.traits & PARTICIPATED != 0) _count(book, loanId, int256(uint256(amount)));
    }

    /// @notice Pays participants all that they are due from the lender's account, if the lender's word left the loan
    /// repaid, so that nothing secures it any more, or if lender and borrower are related by now. Nothing for a loan
    /// without participants.
    /// @dev A payment that never came would else free what secures their share, and be reversed afterwards; all but a
    /// cent of it would do as well, if borrower and lender are one. Reverts if the lender cannot pay.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function payRecorded(Book storage book, LendingContext memory context, LoanId loanId) external {
        LoanTermsWord word = book.loans[loanId].terms;
        if (word.traits() & PARTICIPATED == 0) return;
        FacilityRecord storage facilityRow = book.facilities[word.facilityId()];
        address lender = facilityRow.lender;
        bool isEnded = ILoans.Status(word.status()) == ILoans.Status.Repaid;
        if (!isEnded && !context.registry.areRelated(lender, facilityRow.borrower)) return;
        payDue(book, context, loanId, lender, type(uint256).max);
    }

    /// @notice Pays participants what they are due, as far as the money goes.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param from Who pays; this contract: the money is here already.
    /// @param money The most that is paid, in minor units.
    /// @return paid Minor units that were paid.
    function payDue(Book storage book, LendingContext memory context, LoanId loanId, address from, uint256 money)
        public
        returns (uint256 paid)
    {
        ParticipationRecord[] storage rows = book.shared[loanId].participations;
        (uint64[] memory dues, uint256 total) = _dues(book, loanId);
        uint64[] memory parts = new uint64[](rows.length);
        paid = money < total ? money : total;
        uint256 left = paid;
        for (uint256 i; i < rows.length; ++i) {
            parts[i] = ParticipationMath.partDown(dues[i], left, total);
            left -= parts[i];
            total -= dues[i];
            rows[i].paid += parts[i];
        }
        address currency = book.facilities[book.loans[loanId].terms.facilityId()].currency;
        for (uint256 i; i < parts.length; ++i) {
            if (parts[i] == 0) continue;
            address participant = rows[i].participant;
            emit ILoanParticipations.ParticipantPaid(loanId, participant, i, parts[i], rows[i].paid);
            Settlement.move(book, context, currency, from, participant, parts[i]);
        }
    }

    /// @notice See {ILoanParticipations.participationsOf}.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return state What participants have.
    function sharedLoan(Book storage book, LoanId loanId)
        external
        view
        returns (ILoanParticipations.SharedLoan memory state)
    {
        ParticipationRecord[] storage rows = book.shared[loanId].participations;
        (uint64[] memory dues, uint256 total) = _dues(book, loanId);
        state.proceeds = book.shared[loanId].proceeds;
        state.due = uint64(total);
        state.participations = new ILoanParticipations.Participation[](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            ParticipationRecord storage row = rows[i];
            state.shared += row.share;
            state.participations[i] =
                ILoanParticipations.Participation(row.participant, row.share, row.joinedAt, row.paid, dues[i]);
        }
    }

    function _dues(Book storage book, LoanId loanId) private view returns (uint64[] memory dues, uint256 total) {
        ParticipationRecord[] storage rows = book.shared[loanId].participations;
        dues = new uint64[](rows.length);
        int256 proceeds = book.shared[loanId].proceeds;
        for (uint256 i; i < rows.length; ++i) {
            ParticipationRecord storage row = rows[i];
            dues[i] = ParticipationMath.dueDown(row.share, proceeds, row.joinedAt, row.paid);
            total += dues[i];
        }
    }

    function _count(Book storage book, LoanId loanId, int256 change) private {
        if (change == 0) return;
        SharedLoanRecord storage record = book.shared[loanId];
        record.proceeds += int128(change);
        emit ILoanParticipations.ProceedsCounted(loanId, change, record.proceeds);
    }
}
