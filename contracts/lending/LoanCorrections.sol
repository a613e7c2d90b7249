// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {FacilityId, LoanId} from "../types/Ids.sol";
import {packRecorded, PostingWord, RECORDED, REFUNDED} from "../types/PostingWord.sol";
import {Book, FacilityRecord, LendingContext, loadLoan, LoanView, rollLoanNow, saveLoan} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IPostings} from "./IPostings.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanProceeds} from "./LoanProceeds.sol";
import {LoanRerun} from "./LoanRerun.sol";
import {LoanRestatement} from "./LoanRestatement.sol";
import {LossCorrections} from "./LossCorrections.sol";
import {Settlement} from "./Settlement.sol";

/// @title Value days and corrections of payments outside the ledger, and money that goes back; linked to Facilities.
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
        if (payment.amount == 0 || payment.amount > ClaimShares.MAX_AMOUNT) {
            revert IFacilities.TermOutOfRange("amount", payment.amount, 1, ClaimShares.MAX_AMOUNT);
        }
        LoanHistory.Change memory change;
        change.added = packRecorded(payment.valueDay, uint24(context.today), payment.amount, payment.bankReference);
        LoanRestatement.Restating memory restating = _prepare(book, context, loanId, history, change);
        book.recorded[loanId] += payment.amount;
        emit IPostings.PaymentRecorded(
            loanId, context.sender, payment.valueDay, uint24(context.today), payment.amount, payment.bankReference
        );
        _restate(book, context, restating, int256(uint256(payment.amount)));
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
        PostingWord moved = _moved(correction);
        FacilityId facilityId = _correct(book, context, domain, correction, moved, history, borrowerSignature);
        if (correction.toLoanId == 0 || correction.toLoanId == correction.loanId) return;
        _moveTo(book, context, facilityId, LoanId.wrap(correction.toLoanId), moved, toHistory);
    }

    /// @notice See {IPostings.correctionDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param correction The correction.
    /// @return The digest.
    function correctionDigest(bytes32 domain, IPostings.Correction calldata correction) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(CORRECTION_TYPEHASH, correction)));
    }

    /// @notice See {IPostings.refundOverpayment}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param bankReference Reference of the payment outside the ledger; 0: it is paid now.
    function refundOverpayment(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        uint64 amount,
        bytes32 bankReference
    ) external {
        LoanView memory loan = loadLoan(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.requireFunder(context, loan.facts.facilityId, facilityRow);
        uint64 overpaid = book.overpaid[loanId];
        if (amount == 0 || amount > overpaid) revert IFacilities.TermOutOfRange("amount", amount, 1, overpaid);
        if (bankReference != 0) {
            // The lender's word can take out only what its word brought in. Money that moved here goes back here.
            uint256 recorded = book.recorded[loanId];
            if (amount > recorded) revert IFacilities.TermOutOfRange("amount", amount, 1, recorded);
            book.recorded[loanId] = recorded - amount;
        }
        book.overpaid[loanId] = overpaid - amount;
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        LoanHistory.add(loan, REFUNDED, day, amount);
        saveLoan(book, loanId, loan);
        emit IPostings.OverpaymentRefunded(loanId, uint24(day), amount, overpaid - amount, bankReference);
        if (bankReference != 0) return;
        Settlement.move(
            book, context, facilityRow.currency, Settlement.funderOf(facilityRow), facilityRow.borrower, amount
        );
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev What came in outside the ledger is the word of the party whose money is lent.
    function _prepare(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        IPostings.History calldata history,
        LoanHistory.Change memory change
    ) private returns (LoanRestatement.Restating memory restating) {
        FacilityId facilityId = loadLoan(book, loanId).facts.facilityId;
        Settlement.requireFunder(context, facilityId, book.facilities[facilityId]);
        restating = LoanRerun.prepare(book, context, loanId, history, change);
        if (restating.loan.facts.lossRecorded) LossCorrections.admit(book, restating, change);
    }

    /// @dev `change`: minor units by which what was paid on the loan changes.
    function _restate(
        Book storage book,
        LendingContext memory context,
        LoanRestatement.Restating memory restating,
        int256 change
    ) private {
        bool isLost = restating.loan.facts.lossRecorded;
        // What goes to those who bore the loss is not the lender's.
        if (isLost) change -= int256(LossCorrections.recovered(restating));
        LoanProceeds.follow(
            book, restating.loanId, restating.before, restating.outcome.state, restating.outcome.overpaid, change
        );
        LoanRestatement.restate(book, context, restating);
        if (isLost) {
            // What others keep of a recovery that was reversed is the lender's outlay, which participants do not bear.
            uint64 outlay = LossCorrections.share(book, context, restating);
            LoanProceeds.add(book, restating.loanId, restating.loan, outlay);
        }
        LoanProceeds.payRecorded(book, context, restating.loanId);
    }

    /// @dev The loan on which the payment is posted.
    function _correct(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        IPostings.Correction calldata correction,
        PostingWord moved,
        IPostings.History calldata history,
        bytes calldata borrowerSignature
    ) private returns (FacilityId) {
        LoanId loanId = LoanId.wrap(correction.loanId);
        LoanHistory.Change memory change;
        change.removed = PostingWord.wrap(correction.posting);
        if (change.removed.kind() != RECORDED) revert IPostings.PostingFixed(loanId, correction.posting);
        if (correction.toLoanId == correction.loanId) change.added = moved;
        LoanRestatement.Restating memory restating = _prepare(book, context, loanId, history, change);
        if (correction.toLoanId != correction.loanId) _takeRecorded(book, loanId, change.removed.amount());
        bool isSigned = restating.isWorse
            && _requireConsent(book, context, restating.loan.facts.facilityId, domain, correction, borrowerSignature);
        _tellCorrected(correction, moved, isSigned);
        int256 left = correction.toLoanId == correction.loanId ? int256(0) : int256(uint256(change.removed.amount()));
        _restate(book, context, restating, -left);
        return restating.loan.facts.facilityId;
    }

    /// @dev What leaves the borrower worse off the lender alone may correct within the facility's days after the
    /// recording; later the borrower signs. Returns whether the signature was needed.
    function _requireConsent(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        bytes32 domain,
        IPostings.Correction calldata correction,
        bytes calldata borrowerSignature
    ) private returns (bool) {
        uint256 recordedDay = PostingWord.wrap(correction.posting).recordedDay();
        uint256 lastDay = recordedDay + book.correctionDays[facilityId];
        if (context.today <= lastDay) return false;
        if (borrowerSignature.length == 0) {
            revert IPostings.CorrectionLate(LoanId.wrap(correction.loanId), context.today, lastDay);
        }
        bytes32 digest = correctionDigest(domain, correction);
        Settlement.useTerms(book, digest, correction.deadline);
        Settlement.requireSigned(book, context, book.facilities[facilityId].borrower, digest, borrowerSignature);
        return true;
    }

    /// @dev What went back outside the ledger must have come in there.
    function _takeRecorded(Book storage book, LoanId loanId, uint64 amount) private {
        uint256 recorded = book.recorded[loanId];
        if (amount > recorded) revert IPostings.RefundUncovered(loanId, uint64(amount - recorded), 0);
        book.recorded[loanId] = recorded - amount;
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
    function _moved(IPostings.Correction calldata correction) private pure returns (PostingWord moved) {
        if (correction.toLoanId == 0) {
            if (correction.valueDay != 0) revert IFacilities.TermOutOfRange("valueDay", correction.valueDay, 0, 0);
            return moved;
        }
        moved = PostingWord.wrap(correction.posting).withValueDay(correction.valueDay);
    }

    function _moveTo(
        Book storage book,
        LendingContext memory context,
        FacilityId fromFacilityId,
        LoanId toLoanId,
        PostingWord moved,
        IPostings.History calldata history
    ) private {
        LoanHistory.Change memory change;
        change.added = moved;
        LoanRestatement.Restating memory restating = _prepare(book, context, toLoanId, history, change);
        address currency = book.facilities[fromFacilityId].currency;
        address toCurrency = book.facilities[restating.loan.facts.facilityId].currency;
        if (toCurrency != currency) revert IPostings.CurrenciesDiffer(currency, toCurrency);
        book.recorded[toLoanId] += moved.amount();
        _restate(book, context, restating, int256(uint256(moved.amount())));
    }
}
