// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimShares} from "../math/ClaimShares.sol";
import {Bitmap} from "../types/Bitmap.sol";
import {DocumentSets, MAX_SETS} from "../types/DocumentSets.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../types/Ids.sol";
import {Book, FacilityRecord, LendingContext} from "./FacilityBook.sol";
import {IDrawEvidence} from "./IDrawEvidence.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";
import {Settlement} from "./Settlement.sol";
import {TradeRecord} from "./TradeRecord.sol";

/// @title The documents behind draws; linked to Facilities and to LoanDraw.
/// @notice See {IDrawEvidence} for the specification.
/// @dev A document is known by borrower and fingerprint: nobody can use up another party's document by copying its
/// fingerprint from the chain.
library DrawEvidence {
    uint256 private constant MAX_DOCUMENTS = 16;
    uint256 private constant KINDS = 5;

    /// @notice See {IDrawEvidence.submitDocuments}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param documents The documents.
    function submit(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        IDrawEvidence.DrawDocument[] calldata documents
    ) external {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        Settlement.requireBorrower(context, facilityId, facilityRow);
        if (facilityRow.closed) revert IFacilities.FacilityIsClosed(facilityId);
        _within("documents", documents.length, 1, MAX_DOCUMENTS);
        IProducts.EvidenceTerms memory evidence = _termsOf(context, facilityRow);
        bool isBounded = evidence.basis == IProducts.TradeBasis.Declarations;
        bytes3 currency = isBounded ? context.prices.currencyOf(facilityRow.currency) : bytes3(0);
        for (uint256 i; i < documents.length; ++i) {
            IDrawEvidence.DrawDocument calldata document = documents[i];
            bool isDeclaration = document.kind == IDrawEvidence.DocumentKind.CustomsDeclaration;
            bool isNeeded = Bitmap.wrap(DocumentSets.wrap(evidence.documents).anyOf()).has(uint8(document.kind));
            if (!isNeeded && !(isDeclaration && isBounded)) {
                revert IDrawEvidence.DocumentNotNeeded(facilityId, document.kind);
            }
            _checkDocument(context, document, isDeclaration);
            if (isDeclaration && isBounded && document.currency != currency) {
                revert IDrawEvidence.DeclaredInOtherCurrency(document.fingerprint, document.currency, currency);
            }
            _offer(book, facilityId, PartyId.wrap(facilityRow.borrowerParty), document);
        }
    }

    /// @notice See {IDrawEvidence.acceptDocument}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param document The document that the attester means.
    function accept(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        IDrawEvidence.DrawDocument calldata document
    ) external {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        TradeRecord.requireAttester(book, context, facilityId, facilityRow);
        PartyId borrower = PartyId.wrap(facilityRow.borrowerParty);
        bytes32 fingerprint = document.fingerprint;
        IDrawEvidence.DocumentUse storage known = book.evidence.uses[borrower][fingerprint];
        if (known.facilityId != FacilityId.unwrap(facilityId)) {
            revert IDrawEvidence.DocumentUnknown(facilityId, fingerprint);
        }
        if (!_isSame(known, document)) {
            revert IDrawEvidence.DocumentDiffers(fingerprint, known.documentRoot, document.documentRoot);
        }
        if (known.accepted) revert IDrawEvidence.DocumentAcceptedAlready(fingerprint);
        known.accepted = true;
        if (known.kind == IDrawEvidence.DocumentKind.CustomsDeclaration) {
            book.evidence.declared[facilityId][TradeRecord.monthOf(known.day)] += known.amount;
        }
        emit IDrawEvidence.DocumentAccepted(facilityId, borrower, fingerprint, context.sender);
    }

    /// @notice What a draw has to prove: it uses one document of each set up, and the debt stays within the trade.
    /// @dev Only LoanDraw calls it, once the loan is in the facility's totals.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param loanId The loan.
    function prove(Book storage book, LendingContext memory context, FacilityId facilityId, LoanId loanId) external {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        IProducts.EvidenceTerms memory evidence = _termsOf(context, facilityRow);
        uint256 firstDay =
            evidence.maxAgeDays == 0 || evidence.maxAgeDays > context.today ? 0 : context.today - evidence.maxAgeDays;
        for (uint256 i; i < MAX_SETS; ++i) {
            uint8 kinds = DocumentSets.wrap(evidence.documents).setAt(i);
            if (kinds == 0) break;
            _useOneOf(book, facilityId, loanId, kinds, evidence.accepted, firstDay);
        }
        if (evidence.basis == IProducts.TradeBasis.None) return;
        uint256 limit = TradeRecord.limitOf(book, context, facilityId, facilityRow, evidence).limit;
        // Loans that were sold count too: a sale makes no room for more debt.
        uint256 owed = uint256(facilityRow.outstanding) + book.sold[facilityId];
        if (owed > limit) revert ILoans.LimitExceeded("tradeLimit", owed, limit);
    }

    function _checkDocument(
        LendingContext memory context,
        IDrawEvidence.DrawDocument calldata document,
        bool isDeclaration
    ) private pure {
        _within("fingerprint", uint256(document.fingerprint), 1, type(uint256).max);
        _within("documentRoot", uint256(document.documentRoot), 1, type(uint256).max);
        _within("day", document.day, 1, context.today);
        _within("amount", document.amount, isDeclaration ? 1 : 0, isDeclaration ? ClaimShares.MAX_AMOUNT : 0);
    }

    /// @dev The root alone does not do: what counts are amount, day and kind, and the borrower names each of them.
    function _isSame(IDrawEvidence.DocumentUse storage known, IDrawEvidence.DrawDocument calldata document)
        private
        view
        returns (bool)
    {
        return known.documentRoot == document.documentRoot && known.amount == document.amount
            && known.day == document.day && known.kind == document.kind;
    }

    /// @dev A document that no loan used and nobody accepted may go to another facility, and its content may be put
    /// right. One that is accepted stays what and where it is until that facility is closed: nobody draws there then.
    function _offer(
        Book storage book,
        FacilityId facilityId,
        PartyId borrower,
        IDrawEvidence.DrawDocument calldata document
    ) private {
        bytes32 fingerprint = document.fingerprint;
        IDrawEvidence.DocumentUse storage known = book.evidence.uses[borrower][fingerprint];
        uint64 at = known.facilityId;
        bool isAccepted = known.accepted;
        if (isAccepted && known.loanId == 0 && book.facilities[FacilityId.wrap(at)].closed) {
            isAccepted = false;
            _takeBack(book, known);
        }
        if (known.loanId != 0 || (isAccepted && at != FacilityId.unwrap(facilityId))) {
            revert IDrawEvidence.DocumentInUse(fingerprint, at, known.loanId);
        }
        // What was accepted is not put right: it counts as it was accepted.
        if (isAccepted && !_isSame(known, document)) {
            revert IDrawEvidence.DocumentDiffers(fingerprint, known.documentRoot, document.documentRoot);
        }
        if (!isAccepted) {
            known.facilityId = uint64(FacilityId.unwrap(facilityId));
            known.amount = document.amount;
            known.day = document.day;
            known.kind = document.kind;
            known.documentRoot = document.documentRoot;
        }
        book.evidence.offered[facilityId][document.kind] = fingerprint;
        emit IDrawEvidence.DocumentSubmitted(facilityId, borrower, fingerprint, document);
    }

    /// @dev The next attester accepts it anew, and its amount counts no more where it was.
    function _takeBack(Book storage book, IDrawEvidence.DocumentUse storage known) private {
        known.accepted = false;
        if (known.kind != IDrawEvidence.DocumentKind.CustomsDeclaration) return;
        book.evidence.declared[FacilityId.wrap(known.facilityId)][TradeRecord.monthOf(known.day)] -= known.amount;
    }

    /// @dev The first document of the set that will do is used up. If there is none, the error says what is wrong with
    /// one that is there.
    function _useOneOf(
        Book storage book,
        FacilityId facilityId,
        LoanId loanId,
        uint8 kinds,
        bool mustBeAccepted,
        uint256 firstDay
    ) private {
        (uint256 old, uint256 unaccepted) = (KINDS, KINDS);
        for (uint256 i; i < KINDS; ++i) {
            if (!Bitmap.wrap(kinds).has(i)) continue;
            IDrawEvidence.DocumentUse storage document = _offered(book, facilityId, IDrawEvidence.DocumentKind(i));
            if (!_isFree(document, facilityId, i)) continue;
            if (document.day < firstDay) {
                old = i;
            } else if (mustBeAccepted && !document.accepted) {
                unaccepted = i;
            } else {
                _use(book, document, facilityId, loanId);
                return;
            }
        }
        if (unaccepted != KINDS) {
            revert IDrawEvidence.DocumentNotAccepted(facilityId, IDrawEvidence.DocumentKind(unaccepted));
        }
        if (old == KINDS) revert IDrawEvidence.DocumentMissing(facilityId, kinds);
        IDrawEvidence.DocumentKind kind = IDrawEvidence.DocumentKind(old);
        uint24 day = _offered(book, facilityId, kind).day;
        revert IDrawEvidence.DocumentTooOld(facilityId, kind, day, firstDay);
    }

    function _use(Book storage book, IDrawEvidence.DocumentUse storage document, FacilityId facilityId, LoanId loanId)
        private
    {
        IDrawEvidence.DocumentKind kind = document.kind;
        bytes32 fingerprint = book.evidence.offered[facilityId][kind];
        document.loanId = uint64(LoanId.unwrap(loanId));
        delete book.evidence.offered[facilityId][kind];
        emit IDrawEvidence.DocumentUsed(facilityId, loanId, fingerprint, kind);
    }

    function _offered(Book storage book, FacilityId facilityId, IDrawEvidence.DocumentKind kind)
        private
        view
        returns (IDrawEvidence.DocumentUse storage)
    {
        PartyId borrower = PartyId.wrap(book.facilities[facilityId].borrowerParty);
        return book.evidence.uses[borrower][book.evidence.offered[facilityId][kind]];
    }

    /// @dev Whether a document that was offered is still there: it may have gone to another facility since, and come
    /// into its loan.
    function _isFree(IDrawEvidence.DocumentUse storage document, FacilityId facilityId, uint256 kind)
        private
        view
        returns (bool)
    {
        return document.facilityId == FacilityId.unwrap(facilityId) && document.loanId == 0
            && uint8(document.kind) == kind;
    }

    function _termsOf(LendingContext memory context, FacilityRecord storage facilityRow)
        private
        view
        returns (IProducts.EvidenceTerms memory)
    {
        return context.products.evidenceTerms(ProductId.wrap(facilityRow.productId), facilityRow.version);
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }
}
