// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, LoanId, PartyId} from "../types/Ids.sol";

/// @title The documents that a draw needs: tax certificate, customs declaration, bill of lading, order, delivery.
/// @notice The borrower submits documents to a facility before it draws; the draw uses one of each kind that its
/// product asks for ({IProducts.EvidenceTerms}). A document of a borrower serves one draw, ever, over all facilities
/// and lenders. The contract knows a document by two hashes. Its content is with the gateways.
/// @dev Facilities implements it through {IFacilities}. Source: decision 44.
interface IDrawEvidence {
    /// @notice What a document is.
    enum DocumentKind {
        TaxCertificate,
        CustomsDeclaration,
        BillOfLading,
        Order,
        Delivery
    }

    /// @notice A document as the borrower submits it.
    /// @param kind What it is.
    /// @param fingerprint Keyed hash of what identifies it, such as issuer and number.
    /// @param documentRoot Merkle root of its fields.
    /// @param day Day number that it bears.
    /// @param amount Minor units of a customs declaration; 0 for other kinds.
    /// @param currency ISO 4217 code of that amount; 0 for other kinds.
    struct DrawDocument {
        DocumentKind kind;
        bytes32 fingerprint;
        bytes32 documentRoot;
        uint24 day;
        uint64 amount;
        bytes3 currency;
    }

    /// @notice Where a document of a borrower stands. All zero: it was never submitted.
    /// @param facilityId The facility to which it was submitted last.
    /// @param loanId The loan that used it; 0: none yet.
    /// @param amount Minor units of a customs declaration.
    /// @param day Day number that it bears.
    /// @param kind What it is.
    /// @param accepted Whether the facility's attester accepted it.
    /// @param documentRoot Merkle root of its fields.
    struct DocumentUse {
        uint64 facilityId;
        uint64 loanId;
        uint64 amount;
        uint24 day;
        DocumentKind kind;
        bool accepted;
        bytes32 documentRoot;
    }

    /// @notice The borrower submitted a document to a facility. If it was submitted to another one before, it left that
    /// one.
    /// @param facilityId The facility.
    /// @param partyId The borrower's party.
    /// @param fingerprint What identifies the document.
    /// @param document The document.
    event DocumentSubmitted(
        FacilityId indexed facilityId, PartyId indexed partyId, bytes32 indexed fingerprint, DrawDocument document
    );

    /// @notice The facility's attester accepted a document as genuine.
    /// @param facilityId The facility.
    /// @param partyId The borrower's party.
    /// @param fingerprint What identifies the document.
    /// @param account The account that did it.
    event DocumentAccepted(
        FacilityId indexed facilityId, PartyId indexed partyId, bytes32 indexed fingerprint, address account
    );

    /// @notice A draw used a document; no other draw can.
    /// @param facilityId The facility.
    /// @param loanId The loan.
    /// @param fingerprint What identifies the document.
    /// @param kind What it is.
    event DocumentUsed(
        FacilityId indexed facilityId, LoanId indexed loanId, bytes32 indexed fingerprint, DocumentKind kind
    );

    /// @notice The product asks for a document of one of these kinds, and none is submitted to the facility.
    /// @param facilityId The facility.
    /// @param kinds The kinds of which one is enough, as bits: bit k for kind k.
    error DocumentMissing(FacilityId facilityId, uint8 kinds);

    /// @notice The document that is submitted is too old for a draw.
    /// @param facilityId The facility.
    /// @param kind What it is.
    /// @param day Day number that it bears.
    /// @param firstDay The first day number that is recent enough.
    error DocumentTooOld(FacilityId facilityId, DocumentKind kind, uint24 day, uint256 firstDay);

    /// @notice The facility's attester has not accepted the document that is submitted.
    /// @param facilityId The facility.
    /// @param kind What it is.
    error DocumentNotAccepted(FacilityId facilityId, DocumentKind kind);

    /// @notice The document serves a loan, or another facility whose attester accepted it.
    /// @param fingerprint What identifies the document.
    /// @param facilityId That facility.
    /// @param loanId That loan, also if it is repaid; 0: none yet.
    error DocumentInUse(bytes32 fingerprint, uint64 facilityId, uint64 loanId);

    /// @notice The facility's product asks for no document of this kind.
    /// @param facilityId The facility.
    /// @param kind What it is.
    error DocumentNotNeeded(FacilityId facilityId, DocumentKind kind);

    /// @notice No such document is submitted to the facility.
    /// @param facilityId The facility.
    /// @param fingerprint What identifies the document.
    error DocumentUnknown(FacilityId facilityId, bytes32 fingerprint);

    /// @notice The document has another content, or another kind, than the one that is submitted.
    /// @param fingerprint What identifies the document.
    /// @param documentRoot Merkle root of the fields of the document that is submitted.
    /// @param provided The root that was given.
    error DocumentDiffers(bytes32 fingerprint, bytes32 documentRoot, bytes32 provided);

    /// @notice The document is accepted already.
    /// @param fingerprint What identifies the document.
    error DocumentAcceptedAlready(bytes32 fingerprint);

    /// @notice A customs declaration counts only in the facility's currency.
    /// @param fingerprint What identifies the document.
    /// @param declared ISO 4217 code of the declaration's amount.
    /// @param currency ISO 4217 code of the facility's currency.
    error DeclaredInOtherCurrency(bytes32 fingerprint, bytes3 declared, bytes3 currency);

    /// @notice Submits documents to a facility for its next draw. A later document of a kind takes the place of an
    /// earlier one, which stays with the facility and may be submitted again.
    /// @dev A valid account of the borrower's party calls it.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotBorrower} if the caller is of another party.
    /// Reverts with {IFacilities.FacilityIsClosed} if the facility is closed.
    /// Reverts with {IFacilities.TermOutOfRange} if there are no documents or more than 16, a hash is 0, a day is in the
    /// future, or an amount is 0 (customs declarations) or not 0 (other kinds).
    /// Reverts with {DocumentNotNeeded} if the product asks for no document of a kind.
    /// Reverts with {DeclaredInOtherCurrency} if declarations bound what is owed, and one is in another currency.
    /// Reverts with {DocumentInUse} if a loan used a document, or another facility's attester accepted it and that
    /// facility is not closed.
    /// Reverts with {DocumentDiffers} if a document is accepted with another root, amount, day or kind.
    /// @param facilityId The facility.
    /// @param documents The documents.
    function submitDocuments(FacilityId facilityId, DrawDocument[] calldata documents) external;

    /// @notice Accepts a document as genuine. The amount of a customs declaration counts from then on for what may be
    /// owed, if the product bounds it.
    /// @dev A valid account of the facility's attester, its lender or its entruster calls it.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {ITradeRecord.NotAttester} if the caller is of another party.
    /// Reverts with {DocumentUnknown} if no such document is submitted to the facility.
    /// Reverts with {DocumentDiffers} if its root, amount, day or kind is another one than the attester names.
    /// Reverts with {DocumentAcceptedAlready} if it is accepted.
    /// @param facilityId The facility.
    /// @param document The document that the attester means.
    function acceptDocument(FacilityId facilityId, DrawDocument calldata document) external;

    /// @notice Where a document of a borrower stands.
    /// @param partyId The borrower's party.
    /// @param fingerprint What identifies the document.
    /// @return The state; all zero if it was never submitted.
    function documentUse(PartyId partyId, bytes32 fingerprint) external view returns (DocumentUse memory);
}
