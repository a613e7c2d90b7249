// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {LoanId} from "../types/Ids.sol";
import {PostingWord} from "../types/PostingWord.sol";
import {ILoans} from "./ILoans.sol";

/// @title What was posted on a loan, and how it is corrected.
/// @notice Money that came in outside the ledger counts from its value day, is reversed if the bank takes it back, and
/// moves if it was recorded on the wrong loan. Whatever the order in which payments are recorded, the loan is the same
/// to the minor unit as if each had been recorded on its day.
/// @dev A loan keeps the head of a chain of hashes of its postings (PostingWord). Who corrects brings the postings along.
/// What moved on the ledger is never undone; money that turns out not to be owed is paid back. A loan with a recorded
/// loss is not corrected, because others bore the loss.
/// Source: decision 37.
interface IPostings {
    /// @notice Money that came in outside the ledger.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency: all that came in, also what is not owed.
    /// @param valueDay The loan's own day number from which it counts.
    /// @param bankReference The bank's reference, or its hash.
    struct Payment {
        uint256 loanId;
        uint64 amount;
        uint24 valueDay;
        bytes32 bankReference;
    }

    /// @notice What was posted on a loan since it was drawn, or since both sides last changed its terms.
    /// @param fromDay 0: since the draw; 2^24 - 1: it goes on where the caller's {runHistory} for the same change stopped;
    /// else the loan's own day number of the change.
    /// @param start The loan's state after the change; ignored if `fromDay` is 0 or 2^24 - 1, except for what
    /// {ILoanRates.resetRate} says.
    /// @param postings The postings, in the order of the chain.
    struct History {
        uint24 fromDay;
        LoanMath.State start;
        PostingWord[] postings;
    }

    /// @notice EIP-712 `Correction`: a recorded payment is reversed, counts from another day, or moves to another loan.
    /// @param loanId The loan on which it is posted.
    /// @param posting The posting: a PostingWord.
    /// @param toLoanId 0: it is reversed; the same loan: it counts from another day; else the loan to which it moves.
    /// @param valueDay The own day number, of the loan to which it moves, from which it counts; 0 if it is reversed.
    /// @param reasonHash Hash of the reason.
    /// @param deadline UTC seconds, exclusive. It counts only if the borrower signs.
    /// @param nonce A number that makes equal terms differ.
    struct Correction {
        uint256 loanId;
        uint256 posting;
        uint256 toLoanId;
        uint24 valueDay;
        bytes32 reasonHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice What a loan keeps of its postings.
    /// @param head Head of the chain of hashes; 0: nothing was posted.
    /// @param overpaid Minor units that were posted and are not owed.
    /// @param correctionDays Days after a recording in which the lender alone may correct it to the borrower's
    /// disadvantage.
    struct PostingsState {
        uint160 head;
        uint64 overpaid;
        uint8 correctionDays;
    }

    /// @notice Money that came in outside the ledger was recorded.
    /// @param loanId The loan.
    /// @param recorder Who recorded it.
    /// @param valueDay The loan's own day number from which it counts.
    /// @param recordedDay Day number of the recording, by the calendar.
    /// @param amount Minor units of the currency.
    /// @param bankReference The bank's reference, or its hash.
    event PaymentRecorded(
        LoanId indexed loanId,
        address indexed recorder,
        uint24 valueDay,
        uint24 recordedDay,
        uint64 amount,
        bytes32 indexed bankReference
    );

    /// @notice A recorded payment was reversed, counts from another day, or moved to another loan.
    /// @param loanId The loan on which it was posted.
    /// @param toLoanId 0: it was reversed; else the loan on which it is posted now.
    /// @param posting The posting that was left out: a PostingWord.
    /// @param newPosting The posting that took its place; 0: none.
    /// @param reasonHash Hash of the reason.
    /// @param isSigned Whether it needed the borrower's signature.
    event PaymentCorrected(
        LoanId indexed loanId,
        LoanId indexed toLoanId,
        uint256 posting,
        uint256 newPosting,
        bytes32 reasonHash,
        bool isSigned
    );

    /// @notice The borrower turned a bill into instalments and renounced what was recorded on it: it is owed again.
    /// @param loanId The loan.
    /// @param amount Minor units of the recorded payments.
    /// @param principal Of these, principal; the rest is costs.
    event PaymentsRenounced(LoanId indexed loanId, uint64 amount, uint64 principal);

    /// @notice The loan as its corrected history leaves it.
    /// @param loanId The loan.
    /// @param status Where it stands. A default falls away if nothing was overdue on its day.
    /// @param isUnsecured Whether the loan was repaid before and its collateral released: it is owed again without
    /// collateral.
    /// @param day The loan's own day number.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    /// @param payoff What would end the loan, in minor units.
    /// @param overpaid Minor units that were posted and are not owed.
    event LoanRestated(
        LoanId indexed loanId,
        ILoans.Status status,
        bool isUnsecured,
        uint24 day,
        uint64 outstanding,
        uint64 payoff,
        uint64 overpaid
    );

    /// @notice Money that was not owed went back to the borrower.
    /// @param loanId The loan.
    /// @param day The loan's own day number.
    /// @param amount Minor units of the currency.
    /// @param overpaid Minor units that are still not owed.
    /// @param bankReference Reference of the payment outside the ledger, or its hash; 0: it was paid on the ledger.
    event OverpaymentRefunded(
        LoanId indexed loanId, uint24 day, uint64 amount, uint64 overpaid, bytes32 indexed bankReference
    );

    /// @notice The history is not the loan's. Read the loan's postings again.
    /// @param loanId The loan.
    /// @param provided Head of the chain of the history that was given.
    /// @param head Head of the loan's chain.
    error HistoryDiffers(LoanId loanId, uint160 provided, uint160 head);
    /// @notice The caller has run no part of the loan's history for this change. Run its beginning first.
    /// @param loanId The loan.
    /// @param caller The sender of the call.
    error HistoryNotRun(LoanId loanId, address caller);
    /// @notice No such posting is on the loan: it was never recorded, or is reversed already.
    /// @param loanId The loan.
    /// @param posting The posting: a PostingWord.
    error PostingUnknown(LoanId loanId, uint256 posting);
    /// @notice The posting moved money on the ledger, or is no payment: it is never undone, only paid back.
    /// @param loanId The loan.
    /// @param posting The posting: a PostingWord.
    error PostingFixed(LoanId loanId, uint256 posting);
    /// @notice The value day is before the loan's history begins, or in the future.
    /// @param loanId The loan.
    /// @param valueDay The value day that was given.
    /// @param firstDay The loan's own day number of its draw, or of the last change of its terms.
    /// @param today The loan's own day number.
    error ValueDayOutOfRange(LoanId loanId, uint256 valueDay, uint256 firstDay, uint256 today);
    /// @notice Others bore the loan's loss as it was recorded, and would have to bear more, or bear it on other terms.
    /// @param loanId The loan.
    error LossShared(LoanId loanId);
    /// @notice The default on which the recorded loss rests would fall away. Record the payment with a value day from
    /// the day of the default on.
    /// @param loanId The loan.
    /// @param valueDay The loan's own day number that was given; 0: the payment would be reversed or leave the loan.
    error LossUnfounded(LoanId loanId, uint256 valueDay);
    /// @notice The loss is no more than what corrections brought back, restructurings capitalised, and goods left for
    /// debtors that were accepted after the draw ({ICollateral.GoodsLeftForPromise}), or lender and borrower agreed on
    /// costs, which are paid before principal. The lender bears it itself.
    /// @param loanId The loan.
    /// @param day The loan's own day number of the last correction or capitalised interest; 0: none.
    error LossNotShared(LoanId loanId, uint256 day);
    /// @notice The days in which the lender alone may correct are over. The borrower signs too.
    /// @param loanId The loan.
    /// @param today The day number of the block in the ledger's zone.
    /// @param lastDay Last day number on which the lender alone could.
    error CorrectionLate(LoanId loanId, uint256 today, uint256 lastDay);
    /// @notice Money that was refunded would be owed. Record first that it came back.
    /// @param loanId The loan.
    /// @param refunded Minor units that were refunded.
    /// @param overpaid Minor units that were not owed.
    error RefundUncovered(LoanId loanId, uint64 refunded, uint256 overpaid);
    /// @notice The two loans are in two currencies.
    /// @param currency The currency's token contract.
    /// @param toCurrency That of the loan to which the payment moves.
    error CurrenciesDiffer(address currency, address toCurrency);

    /// @notice Records money that came in outside the ledger. It counts from its value day. No money moves, except the
    /// administering bank's fee on more interest and penalty, and what participants are due if the loan is repaid now or
    /// its lender is related to its borrower: the lender pays it at once, by a correction too.
    /// @dev A valid account of the party whose money is lent calls it, at any time: the borrower owes less.
    /// If the value day is before the loan's last change, `history` is the loan's; else it is not read.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// If the loan's loss was recorded, what its principal falls by moves from the account whose money is lent to those
    /// who bore the loss, as a recovery does: the account has approved this contract on the currency.
    /// Reverts with {LossUnfounded} if the default on which a recorded loss rests would fall away.
    /// Reverts with {LossShared} if more principal would be owed on a loan with a recorded loss.
    /// Reverts with {IFacilities.TransferTookFee} or with the currency's own error if it does not move.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0, or if it, or all that is not owed, is 2^60 or more.
    /// Reverts with {ValueDayOutOfRange} if the value day is before the history begins, or in the future.
    /// Reverts with {HistoryDiffers} if the history is not the loan's.
    /// Reverts with {RefundUncovered} if money that was refunded would be owed.
    /// Reverts with {ILoans.NothingOwed} if nothing was owed on the value day.
    /// @param payment The payment.
    /// @param history What was posted on the loan.
    function recordPayment(Payment calldata payment, History calldata history) external;

    /// @notice Reverses a recorded payment, moves its value day, or moves it to another loan of the same lender and
    /// currency. A loan that was repaid is owed again. Its collateral stays released: nothing is taken from others.
    /// @dev A valid account of the party whose money is lent calls it: at any time if afterwards the borrower owes no
    /// more, no more of it is due, and the loan is not newly overdue or in default; else within the facility's correction
    /// days after the recording, later with the borrower's signature. After a correction that left the borrower worse
    /// off it has the days of grace, and 3 at least, to pay. By what the principal rose, or all that is owed if goods left
    /// the collateral since the recording, the lender bears the loan's loss, up to what is recorded later.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {IFacilities.NotLender} if the caller does not lend both loans.
    /// On a loan with a recorded loss a payment that was recorded since then is reversed or moved like any other. Nobody
    /// gives back what it got by it; the lender gets as much first of later recoveries. If its principal falls, the
    /// lender pays those who bore the loss.
    /// Reverts with {LossShared} if a payment of before a recorded loss would leave more principal owed: others bore
    /// the loss as it was recorded.
    /// Reverts with {LossUnfounded} if the default on which a recorded loss rests would fall away.
    /// Reverts with {IFacilities.TransferTookFee} or with the currency's own error if it does not move.
    /// If the payment leaves a loan that was bought back from the holder who had recorded it, the lender pays that holder
    /// the agreed share of it: the price was lower by that. The lender has approved this contract on the currency.
    /// Reverts with {CurrenciesDiffer} if they are in two currencies.
    /// Reverts with {PostingFixed} if the posting is no payment that was recorded.
    /// Reverts with {CorrectionLate} if the borrower must sign and no signature was given.
    /// Reverts with {IFacilities.TermsUsed} if the signed terms were used.
    /// Reverts with {IFacilities.SignatureExpired} from the deadline on.
    /// Reverts with {IFacilities.SignatureInvalid} if the signature is not of the borrower's party.
    /// Reverts with {IFacilities.TermOutOfRange} if a reversal has a value day, or if what is not owed on a loan is 2^60
    /// or more.
    /// Reverts with {ValueDayOutOfRange} if the value day is before the history begins, or in the future.
    /// Reverts with {HistoryDiffers} if a history is not the loan's.
    /// Reverts with {PostingUnknown} if the posting is not on the loan, or was reversed.
    /// Reverts with {RefundUncovered} if money that was refunded would be owed.
    /// Reverts with {ILoans.NothingOwed} if nothing was owed on the new value day.
    /// @param correction The correction.
    /// @param history What was posted on the loan.
    /// @param toHistory What was posted on the loan to which it moves; else ignored.
    /// @param borrowerSignature Signature of the borrower's party; empty within the correction days.
    function correctPayment(
        Correction calldata correction,
        History calldata history,
        History calldata toHistory,
        bytes calldata borrowerSignature
    ) external;

    /// @notice Runs a part of a loan's history for a change that is made later, because all of it does not fit into one
    /// transaction: anyone may repay a loan in many small parts. Changes nothing of the loan.
    /// @dev Anyone calls it, each for itself. The first part has the history's `fromDay` and `start`; each later one, and
    /// the correction itself, has `fromDay` 2^24 - 1 and only the postings that follow. What is inserted and left out must
    /// be the same each time: of {recordPayment} the payment with its value day, today and the bank's reference; of
    /// {correctPayment} the posting, and what takes its place on that loan; of {ILoanRates.resetRate} the rate. A correction
    /// of an entrusted loan needs the same parts with no change too.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {HistoryNotRun} if a later part comes first.
    /// Reverts with {ValueDayOutOfRange} if the value day is before the history begins, or in the future.
    /// Reverts with {RefundUncovered} if money that was refunded would be owed.
    /// Reverts with {ILoans.NothingOwed} if nothing was owed on the value day of what is inserted.
    /// @param loanId The loan.
    /// @param added The posting that is inserted: a PostingWord; 0: none.
    /// @param removed The posting that is left out: a PostingWord; 0: none.
    /// @param history What was posted on the loan, or its next part.
    function runHistory(LoanId loanId, uint256 added, uint256 removed, History calldata history) external;

    /// @notice Pays back to the borrower what was posted and is not owed.
    /// @dev A valid account of the party whose money is lent calls it. Without a bank's reference the money moves now,
    /// from the account whose money is lent; it has approved this contract on the currency.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0, or more than is not owed, or, with a bank's
    /// reference, more than came in outside the ledger: what moved on the ledger goes back on the ledger.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee.
    /// Reverts with the currency's own error if it refuses the payment.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param bankReference Reference of the payment outside the ledger, or its hash; 0: it is paid now.
    function refundOverpayment(LoanId loanId, uint64 amount, bytes32 bankReference) external;

    /// @notice What a loan keeps of its postings.
    /// @dev Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return What it keeps.
    function postingsOf(LoanId loanId) external view returns (PostingsState memory);

    /// @notice The EIP-712 digest that the borrower signs for a correction.
    /// @param correction The correction.
    /// @return The digest.
    function correctionDigest(Correction calldata correction) external view returns (bytes32);
}
