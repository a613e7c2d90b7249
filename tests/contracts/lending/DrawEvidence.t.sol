// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawEvidence} from "../../../contracts/lending/IDrawEvidence.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {ITradeRecord} from "../../../contracts/lending/ITradeRecord.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {EvidenceFixture} from "./EvidenceFixture.sol";

/// The documents that a draw needs, and that each serves one draw, ever.
contract DrawEvidenceTest is EvidenceFixture {
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_proved(_documents(TAX)), 72_000, 10_000);
    }

    // ------------------------------------------------------------------ what a draw needs

    function test_a_draw_without_the_document_is_refused_and_names_the_kind() public {
        _expectMissing(TAX);
        _bullet(_facility, 100, 30);
        _submitBy(seller, _facility, _tax("t1"));
        vm.expectEmit(address(facilities));
        emit IDrawEvidence.DocumentUsed(_facility, LoanId.wrap(1), "t1", IDrawEvidence.DocumentKind.TaxCertificate);
        LoanId loanId = _bullet(_facility, 100, 30);
        IDrawEvidence.DocumentUse memory use = facilities.documentUse(_sellerParty(), "t1");
        assertEq(use.loanId, LoanId.unwrap(loanId), "the loan");
        assertEq(use.facilityId, FacilityId.unwrap(_facility), "the facility");
        _expectMissing(TAX);
        _bullet(_facility, 100, 30);
    }

    function test_one_of_two_kinds_is_enough() public {
        FacilityId either = _agreedFacility(_proved(_documents(CUSTOMS | LADING)), 72_000, 10_000);
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentMissing.selector, either, uint8(CUSTOMS | LADING)));
        _bullet(either, 100, 30);
        _submitBy(seller, either, _document(IDrawEvidence.DocumentKind.BillOfLading, "b1"));
        _bullet(either, 100, 30);
        _submitBy(seller, either, _declaration("d1", 5_000, _today()));
        _bullet(either, 100, 30);
        assertEq(facilities.documentUse(_sellerParty(), "b1").loanId, 1, "the bill");
        assertEq(facilities.documentUse(_sellerParty(), "d1").loanId, 2, "the declaration");
    }

    function test_both_of_two_sets_are_needed() public {
        FacilityId both = _agreedFacility(_proved(_documents(ORDER_AND_DELIVERY)), 72_000, 10_000);
        _submitBy(seller, both, _document(IDrawEvidence.DocumentKind.Order, "o1"));
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentMissing.selector, both, uint8(16)));
        _bullet(both, 100, 30);
        assertEq(facilities.documentUse(_sellerParty(), "o1").loanId, 0, "the order is free still");
        _submitBy(seller, both, _document(IDrawEvidence.DocumentKind.Delivery, "g1"));
        _bullet(both, 100, 30);
        assertEq(facilities.documentUse(_sellerParty(), "o1").loanId, 1, "the order");
        assertEq(facilities.documentUse(_sellerParty(), "g1").loanId, 1, "the delivery");
    }

    function test_a_document_that_is_too_old_is_refused() public {
        IProducts.EvidenceTerms memory evidence = _documents(TAX);
        evidence.maxAgeDays = 10;
        FacilityId facilityId = _agreedFacility(_proved(evidence), 72_000, 10_000);
        IDrawEvidence.DrawDocument memory document = _tax("t1");
        document.day = _today() - 11;
        _submitBy(seller, facilityId, document);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDrawEvidence.DocumentTooOld.selector, facilityId, document.kind, document.day, _today() - 10
            )
        );
        _bullet(facilityId, 100, 30);
        document.day = _today() - 10;
        _submitBy(seller, facilityId, document);
        _bullet(facilityId, 100, 30);
    }

    function test_a_document_that_nobody_accepted_is_refused_where_the_product_asks_for_it() public {
        IProducts.EvidenceTerms memory evidence = _documents(TAX);
        evidence.accepted = true;
        FacilityId facilityId = _agreedFacility(_proved(evidence), 72_000, 10_000);
        _submitBy(seller, facilityId, _tax("t1"));
        vm.expectRevert(
            abi.encodeWithSelector(
                IDrawEvidence.DocumentNotAccepted.selector, facilityId, IDrawEvidence.DocumentKind.TaxCertificate
            )
        );
        _bullet(facilityId, 100, 30);
        vm.expectEmit(address(facilities));
        emit IDrawEvidence.DocumentAccepted(facilityId, _sellerParty(), "t1", bank);
        _acceptBy(bank, facilityId, "t1");
        _bullet(facilityId, 100, 30);
    }

    function test_a_product_without_documents_asks_for_none() public {
        FacilityId plain = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDrawEvidence.DocumentNotNeeded.selector, plain, IDrawEvidence.DocumentKind.TaxCertificate
            )
        );
        _submitBy(seller, plain, _tax("t1"));
        _bullet(plain, 100, 30);
    }

    // ------------------------------------------------------------------ once, ever

    function test_a_document_serves_one_draw_over_all_lenders_also_once_the_loan_is_repaid() public {
        FacilityId other = _ofOtherBank();
        _submitBy(seller, _facility, _tax("t1"));
        LoanId loanId = _bullet(_facility, 100, 30);
        _expectInUse("t1", _facility, loanId);
        _submitBy(seller, other, _tax("t1"));
        _expectInUse("t1", _facility, loanId);
        _submitBy(seller, _facility, _tax("t1"));
        _repay(loanId, 1_000);
        _expectInUse("t1", _facility, loanId);
        _submitBy(seller, other, _tax("t1"));
    }

    function test_a_document_in_two_facilities_serves_only_the_last() public {
        FacilityId other = _ofOtherBank();
        _submitBy(seller, _facility, _tax("t1"));
        _submitBy(seller, other, _tax("t1"));
        _expectMissing(TAX);
        _bullet(_facility, 100, 30);
        _bullet(other, 100, 30);
        _expectMissing(TAX);
        _bullet(_facility, 100, 30);
    }

    function test_the_document_of_an_announced_draw_that_serves_another_draw_is_missing() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_proved(_documents(TAX)), 72_000, 10_000);
        terms.coolingOffHours = 24;
        FacilityId cooling = _agree(terms);
        vm.prank(seller);
        facilities.announceDraw(cooling, 5_000);
        _submitBy(seller, cooling, _tax("t1"));
        _submitBy(seller, _facility, _tax("t1"));
        _bullet(_facility, 100, 30);
        _days(2);
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentMissing.selector, cooling, TAX));
        _bullet(cooling, 5_000, 30);
    }

    function test_a_document_that_one_lender_accepted_does_not_go_to_another() public {
        _submitBy(seller, _facility, _tax("t1"));
        _acceptBy(bank, _facility, "t1");
        FacilityId other = _ofOtherBank();
        _expectInUse("t1", _facility, LoanId.wrap(0));
        _submitBy(seller, other, _tax("t1"));
        IDrawEvidence.DrawDocument memory changed = _tax("t1");
        changed.documentRoot = "another";
        vm.expectRevert(
            abi.encodeWithSelector(
                IDrawEvidence.DocumentDiffers.selector,
                bytes32("t1"),
                keccak256(abi.encode(bytes32("t1"))),
                bytes32("another")
            )
        );
        _submitBy(seller, _facility, changed);
        _submitBy(seller, _facility, _tax("t1"));
        _bullet(_facility, 100, 30);
    }

    function test_nobody_uses_up_the_document_of_another_party() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_proved(_documents(TAX)), 72_000, 10_000);
        terms.borrower = debtor;
        FacilityId ofDebtor = _agree(terms);
        _submitBy(debtor, ofDebtor, _tax("t1"));
        vm.prank(debtor);
        facilities.draw(_requestOf(ofDebtor));
        _submitBy(seller, _facility, _tax("t1"));
        _bullet(_facility, 100, 30);
    }

    // ------------------------------------------------------------------ who may, and bad input

    function test_only_the_borrower_submits() public {
        address[4] memory others = [bank, debtor, OPERATOR, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotBorrower.selector, _facility, seller, others[i]));
            _submitBy(others[i], _facility, _tax("t1"));
        }
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityUnknown.selector, 99));
        _submitBy(seller, FacilityId.wrap(99), _tax("t1"));
        vm.prank(bank);
        facilities.close(_facility);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityIsClosed.selector, _facility));
        _submitBy(seller, _facility, _tax("t1"));
    }

    function test_only_the_lenders_side_and_the_named_attester_accept() public {
        _submitBy(seller, _facility, _tax("t1"));
        address[4] memory others = [seller, otherBank, OPERATOR, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ITradeRecord.NotAttester.selector, _facility, others[i]));
            _acceptNamed(others[i], _facility, _tax("t1"));
        }
        vm.prank(bank);
        facilities.nameAttester(_facility, otherBank);
        _acceptBy(otherBank, _facility, "t1");
        assertTrue(facilities.documentUse(_sellerParty(), "t1").accepted, "accepted");
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentAcceptedAlready.selector, bytes32("t1")));
        _acceptNamed(bank, _facility, _tax("t1"));
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentUnknown.selector, _facility, bytes32("t2")));
        _acceptNamed(bank, _facility, _tax("t2"));
    }

    function test_an_attester_accepts_the_content_that_it_names() public {
        _submitBy(seller, _facility, _tax("t1"));
        IDrawEvidence.DrawDocument memory document = _tax("t1");
        document.documentRoot = "other";
        _expectDiffers("t1", keccak256(abi.encode(bytes32("t1"))), "other");
        _acceptNamed(bank, _facility, document);
    }

    /// The borrower puts another amount, day or kind under the same root while the acceptance is on its way.
    function test_an_acceptance_counts_only_for_amount_day_and_kind_that_it_names() public {
        IProducts.EvidenceTerms memory evidence = _bounded(IProducts.TradeBasis.Declarations, 800_000, 3);
        evidence.documents = CUSTOMS | LADING;
        FacilityId facilityId = _agreedFacility(_proved(evidence), 72_000, 10_000);
        IDrawEvidence.DrawDocument memory honest = _declaration("d1", 100, _today());
        bytes32 root = honest.documentRoot;
        _submitBy(seller, facilityId, _declaration("d1", 10_000, _today()));
        _expectDiffers("d1", root, root);
        _acceptNamed(bank, facilityId, honest);
        _submitBy(seller, facilityId, _declaration("d1", 100, _today() - 1));
        _expectDiffers("d1", root, root);
        _acceptNamed(bank, facilityId, honest);
        _submitBy(seller, facilityId, _document(IDrawEvidence.DocumentKind.BillOfLading, "d1"));
        _expectDiffers("d1", root, root);
        _acceptNamed(bank, facilityId, honest);
        _submitBy(seller, facilityId, honest);
        _acceptNamed(bank, facilityId, honest);
        assertEq(facilities.tradeLimit(facilityId).traded, 100, "traded");
    }

    function test_an_accepted_document_is_not_submitted_with_another_amount_day_or_kind() public {
        IProducts.EvidenceTerms memory evidence = _bounded(IProducts.TradeBasis.Declarations, 800_000, 3);
        evidence.documents = CUSTOMS | LADING;
        FacilityId facilityId = _agreedFacility(_proved(evidence), 72_000, 10_000);
        IDrawEvidence.DrawDocument memory accepted = _declaration("d1", 100, _today());
        bytes32 root = accepted.documentRoot;
        _submitBy(seller, facilityId, accepted);
        _acceptNamed(bank, facilityId, accepted);
        IDrawEvidence.DrawDocument[3] memory others = [
            _declaration("d1", 10_000, _today()),
            _declaration("d1", 100, _today() - 1),
            _document(IDrawEvidence.DocumentKind.BillOfLading, "d1")
        ];
        for (uint256 i; i < others.length; ++i) {
            _expectDiffers("d1", root, root);
            _submitBy(seller, facilityId, others[i]);
        }
        _submitBy(seller, facilityId, accepted);
        assertEq(facilities.tradeLimit(facilityId).traded, 100, "as it was accepted");
    }

    function test_an_accepted_document_leaves_a_facility_that_is_closed_and_is_accepted_anew() public {
        IProducts.EvidenceTerms memory evidence = _bounded(IProducts.TradeBasis.Declarations, 800_000, 3);
        FacilityId first = _agreedFacility(_proved(evidence), 72_000, 10_000);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_proved(evidence), 72_000, 10_000);
        terms.lender = otherBank;
        FacilityId second = _agree(terms);
        IDrawEvidence.DrawDocument memory document = _declaration("d1", 1_000, _today());
        _submitBy(seller, first, document);
        _acceptBy(bank, first, "d1");
        _expectInUse("d1", first, LoanId.wrap(0));
        _submitBy(seller, second, document);
        vm.prank(bank);
        facilities.close(first);
        _submitBy(seller, second, document);
        assertTrue(!facilities.documentUse(_sellerParty(), "d1").accepted, "nobody accepted it here");
        assertEq(facilities.tradeLimit(first).traded, 0, "it counts no more where it was");
        assertEq(facilities.tradeLimit(second).traded, 0, "not yet here");
        _acceptBy(otherBank, second, "d1");
        assertEq(facilities.tradeLimit(second).traded, 1_000, "and now here");
    }

    function test_a_document_that_a_loan_used_stays_in_a_facility_that_is_closed() public {
        _submitBy(seller, _facility, _tax("t1"));
        _acceptBy(bank, _facility, "t1");
        LoanId loanId = _bullet(_facility, 100, 30);
        _repay(loanId, 1_000);
        vm.prank(bank);
        facilities.close(_facility);
        FacilityId other = _ofOtherBank();
        _expectInUse("t1", _facility, loanId);
        _submitBy(seller, other, _tax("t1"));
    }

    function test_a_document_out_of_range_is_refused() public {
        IDrawEvidence.DrawDocument memory document = _tax("");
        _expectOutOfRange("fingerprint", 0, 1, type(uint256).max);
        _submitBy(seller, _facility, document);
        document = _tax("t1");
        document.documentRoot = 0;
        _expectOutOfRange("documentRoot", 0, 1, type(uint256).max);
        _submitBy(seller, _facility, document);
        document = _tax("t1");
        document.day = _today() + 1;
        _expectOutOfRange("day", _today() + 1, 1, _today());
        _submitBy(seller, _facility, document);
        document = _tax("t1");
        document.amount = 1;
        _expectOutOfRange("amount", 1, 0, 0);
        _submitBy(seller, _facility, document);
        _expectOutOfRange("documents", 0, 1, 16);
        vm.prank(seller);
        facilities.submitDocuments(_facility, new IDrawEvidence.DrawDocument[](0));
        _expectOutOfRange("documents", 17, 1, 16);
        vm.prank(seller);
        facilities.submitDocuments(_facility, new IDrawEvidence.DrawDocument[](17));
    }

    function test_terms_of_evidence_out_of_range_are_refused() public {
        IProducts.EvidenceTerms memory evidence = _documents(32);
        _expectTermRefused("documents", 32, 0, 31, evidence);
        _expectTermRefused("documents", 1, 0, 0, _documents(0x0100));
        evidence = _bounded(IProducts.TradeBasis.Reports, 10_000_001, 6);
        _expectTermRefused("share", 10_000_001, 1, 10_000_000, evidence);
        _expectTermRefused("months", 25, 1, 24, _bounded(IProducts.TradeBasis.Reports, 1, 25));
        _expectTermRefused("share", 1, 0, 0, _bounded(IProducts.TradeBasis.None, 1, 0));
        evidence = _bounded(IProducts.TradeBasis.Reports, 1, 1);
        evidence.maxAgeDays = 1;
        _expectTermRefused("maxAgeDays", 1, 0, 0, evidence);
        evidence.maxAgeDays = 0;
        evidence.accepted = true;
        _expectTermRefused("accepted", 1, 0, 0, evidence);
        evidence = _documents(TAX);
        evidence.mean = true;
        _expectTermRefused("mean", 1, 0, 0, evidence);
        _expectTermRefused("evidence", 1, 0, 0, _documents(0));
    }

    // ------------------------------------------------------------------ helpers

    function _ofOtherBank() private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_proved(_documents(TAX)), 72_000, 10_000);
        terms.lender = otherBank;
        return _agree(terms);
    }

    function _requestOf(FacilityId facilityId) private pure returns (IFacilities.DrawRequest memory request) {
        request.facilityId = FacilityId.unwrap(facilityId);
        (request.amount, request.tenor) = (100, 30);
    }

    function _expectMissing(uint8 kinds) private {
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentMissing.selector, _facility, kinds));
    }

    function _expectInUse(bytes32 fingerprint, FacilityId facilityId, LoanId loanId) private {
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentInUse.selector, fingerprint, facilityId, loanId));
    }

    function _expectOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max) private {
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, min, max));
    }

    function _expectTermRefused(
        bytes32 term,
        uint256 value,
        uint256 min,
        uint256 max,
        IProducts.EvidenceTerms memory evidence
    ) private {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.evidence = true;
        vm.expectRevert(abi.encodeWithSelector(IProducts.TermOutOfRange.selector, term, value, min, max));
        vm.prank(OPERATOR);
        products.add("refused", terms, _goodsOf(terms.collateral), _fixedRate(), evidence);
    }
}
