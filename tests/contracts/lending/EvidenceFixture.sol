// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawEvidence} from "../../../contracts/lending/IDrawEvidence.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {FacilityId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// Products whose draws have to prove something, and documents for them.
abstract contract EvidenceFixture is LendingFixture {
    uint8 internal constant TAX = 1;
    uint8 internal constant CUSTOMS = 2;
    uint8 internal constant LADING = 4;
    uint32 internal constant ORDER_AND_DELIVERY = 0x1008;

    uint256 private _proofCodes;

    function _proved(IProducts.EvidenceTerms memory evidence) internal returns (ProductId) {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.evidence = true;
        vm.prank(OPERATOR);
        return products.add(bytes32(++_proofCodes + 1_000), terms, _goodsOf(terms.collateral), _fixedRate(), evidence);
    }

    function _documents(uint32 sets) internal pure returns (IProducts.EvidenceTerms memory evidence) {
        evidence.documents = sets;
    }

    function _bounded(IProducts.TradeBasis basis, uint24 share, uint8 months)
        internal
        pure
        returns (IProducts.EvidenceTerms memory evidence)
    {
        evidence.basis = basis;
        evidence.share = share;
        evidence.months = months;
    }

    function _document(IDrawEvidence.DocumentKind kind, bytes32 fingerprint)
        internal
        view
        returns (IDrawEvidence.DrawDocument memory document)
    {
        document.kind = kind;
        document.fingerprint = fingerprint;
        document.documentRoot = keccak256(abi.encode(fingerprint));
        document.day = _today();
    }

    function _tax(bytes32 fingerprint) internal view returns (IDrawEvidence.DrawDocument memory) {
        return _document(IDrawEvidence.DocumentKind.TaxCertificate, fingerprint);
    }

    function _declaration(bytes32 fingerprint, uint64 amount, uint24 day)
        internal
        view
        returns (IDrawEvidence.DrawDocument memory document)
    {
        document = _document(IDrawEvidence.DocumentKind.CustomsDeclaration, fingerprint);
        (document.amount, document.currency, document.day) = (amount, "CNY", day);
    }

    function _submit(FacilityId facilityId, IDrawEvidence.DrawDocument memory document) internal {
        IDrawEvidence.DrawDocument[] memory documents = new IDrawEvidence.DrawDocument[](1);
        documents[0] = document;
        facilities.submitDocuments(facilityId, documents);
    }

    function _submitBy(address account, FacilityId facilityId, IDrawEvidence.DrawDocument memory document) internal {
        vm.prank(account);
        _submit(facilityId, document);
    }

    function _acceptBy(address account, FacilityId facilityId, bytes32 fingerprint) internal {
        IDrawEvidence.DocumentUse memory use = facilities.documentUse(_sellerParty(), fingerprint);
        IDrawEvidence.DrawDocument memory document = _document(use.kind, fingerprint);
        (document.amount, document.day) = (use.amount, use.day);
        _acceptNamed(account, facilityId, document);
    }

    function _acceptNamed(address account, FacilityId facilityId, IDrawEvidence.DrawDocument memory document) internal {
        vm.prank(account);
        facilities.acceptDocument(facilityId, document);
    }

    function _expectDiffers(bytes32 fingerprint, bytes32 root, bytes32 provided) internal {
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentDiffers.selector, fingerprint, root, provided));
    }

    function _sellerParty() internal view returns (PartyId) {
        return registry.partyOf(seller);
    }
}
