// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {FacilityId, LoanId, PartyId} from "../types/Ids.sol";
import {packRecorded, PostingWord, RECORDED} from "../types/PostingWord.sol";
import {Book, FacilityRecord, loadLoan, LoanView, rollLoanNow, saveLoan, LendingContext} from "./FacilityBook.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";
import {IProducts} from "./IProducts.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {MarginCall} from "./collateral/MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title Value days and corrections of payments outside the ledger; linked to Facilities.
/// @notice See {IPostings} for the specification.
library LoanCorrections {
    bytes32 private constant CORRECTION_TYPEHASH = keccak256(
        "Correction(uint256 loanId,uint256 posting,uint256 toLoanId,uint24 valueDay,bytes32 reasonHash,uint40 deadline,"
        "uint256 nonce)"
    );

    /// @notice See {IPostings.recordPayment}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param payment The payment.
    /// @param history What was posted on the loan.
    function recordPayment(
        Book storage book,
        LendingContext memory context,
        IPostings.Payment calldata payment,
        IPostings.History calldata history
    ) external {
        LoanId loanId = LoanId.wrap(payment.loanId);
        (LoanView memory loan, uint256 day) = _load(book, context, loanId);
        if (payment.amount == 0 || payment.amount > ClaimShares.MAX_AMOUNT) {
            revert IFacilities.TermOutOfRange("amount", payment.amount, 1, ClaimShares.MAX_AMOUNT);
        }
        emit IPostings.PaymentRecorded(
            loanId, context.sender, payment.valueDay, uint24(context.today), payment.amount, payment.bankReference
        );
        LoanHistory.Change memory change;
        change.added = packRecorded(payment.valueDay, uint24(context.today), payment.amount, payment.bankReference);
        _restate(book, context, loanId, loan, history, change, day);
    }

    /// @notice See {IPostings.correctPayment}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param correction The correction.
    /// @param history What was posted on the loan.
    /// @param toHistory What was posted on the loan to which the payment moves.
    /// @param borrowerSignature Signature of the borrower's party, or empty.
    function correctPayment(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        IPostings.Correction calldata correction,
        IPostings.History calldata history,
        IPostings.History calldata toHistory,
        bytes calldata borrowerSignature
    ) external {
        LoanId loanId = LoanId.wrap(correction.loanId);
        LoanHistory.Change memory change;
        change.removed = PostingWord.wrap(correction.posting);
        if (change.removed.kind() != RECORDED) revert IPostings.PostingFixed(loanId, correction.posting);
        (LoanView memory loan, uint256 day) = _load(book, context, loanId);
        bool isSigned = _requireConsent(book, context, loan, domain, correction, borrowerSignature);
        PostingWord moved = _moved(correction);
        if (correction.toLoanId == correction.loanId) change.added = moved;
        _tellCorrected(correction, moved, isSigned);
        _restate(book, context, loanId, loan, history, change, day);
        if (correction.toLoanId == 0 || correction.toLoanId == correction.loanId) return;
        _moveTo(book, context, loan.facts.facilityId, LoanId.wrap(correction.toLoanId), moved, toHistory);
    }

    /// @notice See {IPostings.correctionDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param correction The correction.
    /// @return The digest.
    function correctionDigest(bytes32 domain, IPostings.Correction calldata correction) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(CORRECTION_TYPEHASH, correction)));
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev A loan of the sender's party as it is stored, and its own day. What others bore of a loss is not theirs to
    /// correct.
    function _load(Book storage book, LendingContext memory context, LoanId loanId)
        private
        returns (LoanView memory loan, uint256 day)
    {
        loan = loadLoan(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.requireFunder(context, loan.facts.facilityId, facilityRow);
        if (loan.facts.lossRecorded) revert IPostings.LossShared(loanId);
        day = rollLoanNow(book, context, loadLoan(book, loanId), facilityRow.currency);
    }

    /// @dev The lender alone may count a payment earlier. To the borrower's disadvantage it may correct what it recorded
    /// within the facility's days; later the borrower signs. Returns whether the signature was needed.
    function _requireConsent(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        bytes32 domain,
        IPostings.Correction calldata correction,
        bytes calldata borrowerSignature
    ) private returns (bool) {
        PostingWord posting = PostingWord.wrap(correction.posting);
        if (correction.toLoanId == correction.loanId && correction.valueDay <= posting.valueDay()) return false;
        uint256 lastDay = uint256(posting.recordedDay()) + book.correctionDays[loan.facts.facilityId];
        if (context.today <= lastDay) return false;
        if (borrowerSignature.length == 0) {
            revert IPostings.CorrectionLate(LoanId.wrap(correction.loanId), context.today, lastDay);
        }
        bytes32 digest = correctionDigest(domain, correction);
        Settlement.useTerms(book, digest, correction.deadline);
        address borrower = book.facilities[loan.facts.facilityId].borrower;
        Settlement.requireSigned(book, context, borrower, digest, borrowerSignature);
        return true;
    }

    function _tellCorrected(IPostings.Correction calldata correction, PostingWord moved, bool isSigned) private {
        emit IPostings.PaymentCorrected(
            LoanId.wrap(correction.loanId),
            LoanId.wrap(correction.toLoanId),
            correction.posting,
            PostingWord.unwrap(moved),
            correction.reasonHash,
            isSigned
        );
    }

    /// @dev The posting with its new value day, or none. The day of its recording stays, so that no move renews the
    /// lender's days.
    function _moved(IPostings.Correction calldata correction) private pure returns (PostingWord) {
        if (correction.toLoanId != 0) return PostingWord.wrap(correction.posting).withValueDay(correction.valueDay);
        if (correction.valueDay != 0) revert IFacilities.TermOutOfRange("valueDay", correction.valueDay, 0, 0);
        return PostingWord.wrap(0);
    }

    function _moveTo(
        Book storage book,
        LendingContext memory context,
        FacilityId fromFacilityId,
        LoanId toLoanId,
        PostingWord moved,
        IPostings.History calldata history
    ) private {
        (LoanView memory loan, uint256 day) = _load(book, context, toLoanId);
        address currency = book.facilities[fromFacilityId].currency;
        address toCurrency = book.facilities[loan.facts.facilityId].currency;
        if (toCurrency != currency) revert IPostings.CurrenciesDiffer(currency, toCurrency);
        LoanHistory.Change memory change;
        change.added = moved;
        _restate(book, context, toLoanId, loan, history, change, day);
    }

    /// @dev Sets the loan to what its corrected history gives, with all that follows from it.
    function _restate(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        IPostings.History calldata history,
        LoanHistory.Change memory change,
        uint256 day
    ) private {
        uint256 owedBefore = LoanMath.outstanding(loan.state);
        ILoans.Status before = loan.facts.status;
        (LoanHistory.Outcome memory outcome, uint256 fee) = _run(book, loanId, loan, history, change, day);
        if (outcome.overpaid > ClaimShares.MAX_AMOUNT) {
            revert IFacilities.TermOutOfRange("overpaid", outcome.overpaid, 0, ClaimShares.MAX_AMOUNT);
        }
        loan.state = outcome.state;
        loan.facts.postings = outcome.head;
        book.overpaid[loanId] = uint64(outcome.overpaid);
        bool isUnsecured = _setStatus(book, loan, outcome.isDefaulted);
        _setSums(book, loanId, loan, owedBefore, day);
        saveLoan(book, loanId, loan);
        _tell(loanId, loan, isUnsecured, day, outcome.overpaid);
        _follow(book, context, loanId, loan, before, day);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        if (fee == 0) return;
        Settlement.move(book, context, facilityRow.currency, facilityRow.entruster, facilityRow.lender, fee);
    }

    function _tell(LoanId loanId, LoanView memory loan, bool isUnsecured, uint256 day, uint256 overpaid) private {
        uint256 payoff = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        uint64 outstanding = uint64(LoanMath.outstanding(loan.state));
        emit IPostings.LoanRestated(
            loanId, loan.facts.status, isUnsecured, uint24(day), outstanding, uint64(payoff), uint64(overpaid)
        );
    }

    /// @dev Runs the loan anew, to its own day. A payment whose value day is not before the loan's last change needs no
    /// history. The fee is the administering bank's, on more interest and penalty than before; what is less, the two
    /// settle outside the ledger.
    function _run(
        Book storage book,
        LoanId loanId,
        LoanView memory loan,
        IPostings.History calldata history,
        LoanHistory.Change memory change,
        uint256 day
    ) private view returns (LoanHistory.Outcome memory outcome, uint256 fee) {
        uint256 valueDay = change.added.valueDay();
        bool isLast = valueDay == day || (valueDay >= loan.state.asOfDay && valueDay < day);
        uint256 earnedBefore;
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        if (change.removed.isNone() && isLast) {
            outcome.state = loan.state;
            outcome.head = loan.facts.postings;
            outcome.overpaid = book.overpaid[loanId];
            outcome.isDefaulted =
                loan.facts.status == ILoans.Status.Defaulted || loan.facts.status == ILoans.Status.WrittenOff;
            outcome = LoanHistory.append(loanId, loan.terms, outcome, change.added, day);
        } else {
            outcome = LoanHistory.replay(loanId, loan, history, change, day);
            if (facilityRow.entruster != address(0)) {
                LoanHistory.Change memory none;
                earnedBefore = LoanHistory.replay(loanId, loan, history, none, day).earned;
            }
        }
        if (outcome.earned > earnedBefore) {
            fee = (outcome.earned - earnedBefore) * facilityRow.administrationFee / RepaymentMath.WHOLE;
        }
    }

    /// @dev Returns whether a loan that was repaid, and whose collateral was released, is owed again.
    function _setStatus(Book storage book, LoanView memory loan, bool isDefaulted) private returns (bool isUnsecured) {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        ILoans.Status before = loan.facts.status;
        ILoans.Status status = ILoans.Status.Running;
        if (LoanMath.isPaid(loan.terms, loan.state)) status = ILoans.Status.Repaid;
        else if (isDefaulted) status = before == ILoans.Status.WrittenOff ? before : ILoans.Status.Defaulted;
        loan.facts.status = status;
        BorrowerLimits.noteStatus(book, facilityRow, before, status);
        if (before == status || (before != ILoans.Status.Repaid && status != ILoans.Status.Repaid)) return false;
        if (status == ILoans.Status.Repaid) {
            facilityRow.openLoans -= 1;
            return false;
        }
        facilityRow.openLoans += 1;
        isUnsecured = loan.facts.collateral != IProducts.CollateralKind.None;
        loan.facts.collateral = IProducts.CollateralKind.None;
        loan.facts.collateralId = 0;
        loan.facts.debtor = PartyId.wrap(0);
        loan.facts.marginCalled = false;
    }

    function _setSums(Book storage book, LoanId loanId, LoanView memory loan, uint256 owedBefore, uint256 day) private {
        uint256 owed = LoanMath.outstanding(loan.state);
        if (owed < owedBefore) Settlement.lower(book, loan, uint64(owedBefore - owed));
        else Settlement.raise(book, loan, uint64(owed - owedBefore));
        if (loan.facts.markedOverdue) {
            if (!Settlement.isOverdue(loan)) Settlement.unmark(book, loan);
        } else if (loan.facts.status == ILoans.Status.Defaulted || loan.facts.status == ILoans.Status.WrittenOff) {
            Settlement.mark(book, loanId, loan, day);
        }
    }

    function _follow(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        ILoans.Status before,
        uint256 day
    ) private {
        ILoans.Status status = loan.facts.status;
        if (status == ILoans.Status.Running) {
            if (before != status && book.auctions[loanId].openedAt != 0) {
                delete book.auctions[loanId];
                emit ILiquidation.AuctionEnded(loanId);
            }
            if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
        } else if (status == ILoans.Status.Repaid && before != status) {
            emit ILoans.LoanEnded(loanId, uint24(day));
            Settlement.releaseCollateral(book, context, loanId, loan);
        }
    }
}
