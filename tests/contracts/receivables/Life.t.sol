// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// request, confirm, reject, withdraw, dispute, default and write-off: who may, when, and what is refused.
contract LifeTest is Fixture {
    function test_request_stores_the_terms_and_is_requested() public {
        ReceivableId receivableId = _request(700);
        IReceivables.Receivable memory receivable = receivables.receivable(receivableId);
        assertEq(receivable.seller, seller, "seller");
        assertEq(receivable.debtor, debtor, "debtor");
        assertEq(receivable.faceAmount, 700, "face");
        assertEq(receivable.dueDay, DUE_DAY, "due day");
        assertTrue(receivable.status == IReceivables.Status.Requested, "status");
    }

    function test_request_reverts_for_all_but_the_seller() public {
        IReceivables.ReceivableTerms memory terms = _terms(700);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.NotSeller.selector);
        receivables.request(terms);
    }

    function test_request_reverts_for_terms_out_of_range() public {
        IReceivables.ReceivableTerms memory terms = _terms(0);
        _refused(terms, IReceivables.AmountOutOfRange.selector);
        terms = _terms(2 ** 60);
        _refused(terms, IReceivables.AmountOutOfRange.selector);
        terms = _terms(1);
        terms.dueDay = uint32(block.timestamp / DAY - 1);
        _refused(terms, IReceivables.DueDayOutOfRange.selector);
        terms = _terms(1);
        terms.graceDays = 256;
        _refused(terms, IReceivables.TermOutOfRange.selector);
        terms = _terms(1);
        terms.lateRate = 1_000_001;
        _refused(terms, IReceivables.TermOutOfRange.selector);
        terms = _terms(1);
        terms.maxDepth = 65;
        _refused(terms, IReceivables.TermOutOfRange.selector);
        terms = _terms(1);
        terms.fingerprint = 0;
        _refused(terms, IReceivables.FingerprintMissing.selector);
        terms = _terms(1);
        terms.currency = address(0xBAD);
        _refused(terms, IReceivables.CurrencyNotAllowed.selector);
        terms = _terms(1);
        terms.debtor = suppliers[0];
        _refused(terms, IPartyRegistry.RoleMissing.selector);
        terms = _terms(1);
        terms.debtor = STRANGER;
        _refused(terms, IPartyRegistry.PartyNotValid.selector);
    }

    function test_request_reverts_when_one_party_is_on_both_sides() public {
        address both = address(0xB0);
        _party(both, 3);
        IReceivables.ReceivableTerms memory terms = _terms(1);
        (terms.seller, terms.debtor) = (both, both);
        vm.prank(both);
        vm.expectPartialRevert(IReceivables.SamePartyBothSides.selector);
        receivables.request(terms);
    }

    function test_confirm_reverts_for_a_signature_over_other_terms() public {
        ReceivableId first = _request(700);
        ReceivableId second = _request(900);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(first));
        vm.expectPartialRevert(IReceivables.DebtorSignatureInvalid.selector);
        receivables.confirm(second, signature);
    }

    function test_confirm_reverts_when_replayed() public {
        ReceivableId receivableId = _request(700);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        receivables.confirm(receivableId, signature);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.confirm(receivableId, signature);
    }

    function test_confirm_reverts_for_an_altered_signature() public {
        ReceivableId receivableId = _request(700);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        signature[7] ^= 0x01;
        vm.expectPartialRevert(IReceivables.DebtorSignatureInvalid.selector);
        receivables.confirm(receivableId, signature);
    }

    function test_confirm_reverts_for_a_signature_of_another_chain() public {
        ReceivableId receivableId = _request(700);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        bytes32 digest = receivables.confirmationDigest(receivableId);
        vm.chainId(here);
        bytes memory signature = _signed(DEBTOR_KEY, digest);
        vm.expectPartialRevert(IReceivables.DebtorSignatureInvalid.selector);
        receivables.confirm(receivableId, signature);
    }

    function test_confirm_reverts_for_a_debtor_out_of_date() public {
        ReceivableId receivableId = _request(700);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        _endValidity(debtor);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        receivables.confirm(receivableId, signature);
    }

    function test_confirm_reverts_after_the_due_day() public {
        ReceivableId receivableId = _request(700);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        _toDay(uint256(DUE_DAY) + 1);
        vm.expectPartialRevert(IReceivables.DueDayOutOfRange.selector);
        receivables.confirm(receivableId, signature);
    }

    function test_reject_is_the_debtors_and_final() public {
        ReceivableId receivableId = _request(700);
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.NotDebtor.selector);
        receivables.reject(receivableId, 0);
        vm.prank(debtor);
        receivables.reject(receivableId, "reason");
        _isIn(receivableId, IReceivables.Status.Rejected);
        _everyStepIsForbidden(receivableId);
        _nothingIsDue(receivableId);
    }

    function test_withdraw_is_the_sellers_and_final() public {
        ReceivableId receivableId = _request(700);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.NotSeller.selector);
        receivables.withdraw(receivableId);
        vm.prank(seller);
        receivables.withdraw(receivableId);
        _isIn(receivableId, IReceivables.Status.Withdrawn);
        _everyStepIsForbidden(receivableId);
        _nothingIsDue(receivableId);
    }

    function test_dispute_is_the_debtors_within_its_window_and_payment_goes_on() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(700);
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.NotDebtor.selector);
        receivables.dispute(receivableId, 0);
        vm.prank(debtor);
        receivables.dispute(receivableId, "documents");
        _isIn(receivableId, IReceivables.Status.Disputed);
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.encumber(claimId, bank);
        _pay(receivableId, 300);
        vm.prank(debtor);
        receivables.endDispute(receivableId, "documents");
        _isIn(receivableId, IReceivables.Status.Confirmed);
    }

    function test_dispute_reverts_after_its_window() public {
        (ReceivableId receivableId,) = _confirmed(700);
        vm.warp(block.timestamp + 11 days);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.DisputeWindowClosed.selector);
        receivables.dispute(receivableId, 0);
    }

    function test_default_is_a_holders_after_the_days_of_grace() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(700);
        _toDay(uint256(DUE_DAY) + 5);
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.TooEarly.selector);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
        _late();
        vm.prank(bank);
        vm.expectPartialRevert(IReceivables.NotHolder.selector);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
        vm.prank(seller);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
        _isIn(receivableId, IReceivables.Status.Defaulted);
    }

    function test_a_lienholder_declares_the_default_and_the_write_off() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(700);
        vm.prank(seller);
        receivables.encumber(claimId, bank);
        _late();
        vm.prank(suppliers[0]);
        vm.expectPartialRevert(IReceivables.NotHolder.selector);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
        vm.prank(bank);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
        _isIn(receivableId, IReceivables.Status.Defaulted);
        _toDay(uint256(DUE_DAY) + receivables.writeOffDays());
        vm.prank(bank);
        receivables.writeOff(receivableId, ClaimId.wrap(claimId));
        _isIn(receivableId, IReceivables.Status.WrittenOff);
    }

    function test_default_reverts_for_a_claim_on_another_receivable() public {
        (ReceivableId receivableId,) = _confirmed(700);
        (, uint256 other) = _confirmed(700);
        _late();
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.NotHolder.selector);
        receivables.declareDefault(receivableId, ClaimId.wrap(other));
    }

    function test_a_defaulted_debt_can_be_paid_after_all() public {
        (ReceivableId receivableId, uint256 claimId) = _defaulted(700);
        (uint96 principal, uint96 late) = receivables.due(receivableId);
        _pay(receivableId, principal + late);
        _isIn(receivableId, IReceivables.Status.Settled);
        (uint96 paid,) = receivables.collect(ClaimId.wrap(claimId));
        assertEq(paid, 700, "collected");
        _everyStepIsForbidden(receivableId);
    }

    function test_write_off_comes_after_default_and_its_days_and_forgives_nothing() public {
        (ReceivableId receivableId, uint256 claimId) = _defaulted(700);
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.TooEarly.selector);
        receivables.writeOff(receivableId, ClaimId.wrap(claimId));
        _toDay(uint256(DUE_DAY) + 180);
        vm.prank(seller);
        receivables.writeOff(receivableId, ClaimId.wrap(claimId));
        _isIn(receivableId, IReceivables.Status.WrittenOff);
        (uint96 principal,) = receivables.due(receivableId);
        assertEq(principal, 700, "still due");
        _pay(receivableId, 100);
    }

    function test_unknown_receivable_reverts_in_every_step() public {
        vm.expectPartialRevert(IReceivables.ReceivableUnknown.selector);
        receivables.receivable(ReceivableId.wrap(99));
        _everyStepIsForbidden(ReceivableId.wrap(99));
    }

    function test_steps_out_of_order_are_forbidden() public {
        ReceivableId requested = _request(700);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.dispute(requested, 0);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.pay(requested, 1);
        (ReceivableId confirmed, uint256 claimId) = _confirmed(700);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.reject(confirmed, 0);
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.withdraw(confirmed);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.endDispute(confirmed, 0);
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.StateForbids.selector);
        receivables.writeOff(confirmed, ClaimId.wrap(claimId));
    }

    function _defaulted(uint96 face) private returns (ReceivableId receivableId, uint256 claimId) {
        (receivableId, claimId) = _confirmed(face);
        _late();
        vm.prank(seller);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
    }

    function _nothingIsDue(ReceivableId receivableId) private {
        _toDay(uint256(DUE_DAY) + 300);
        (uint96 principal, uint96 lateCharge) = receivables.due(receivableId);
        assertEq(principal, 0, "principal");
        assertEq(lateCharge, 0, "late charge");
    }

    function _everyStepIsForbidden(ReceivableId receivableId) private {
        vm.startPrank(debtor);
        vm.expectRevert();
        receivables.reject(receivableId, 0);
        vm.expectRevert();
        receivables.dispute(receivableId, 0);
        vm.expectRevert();
        receivables.endDispute(receivableId, 0);
        vm.expectRevert();
        receivables.pay(receivableId, 1);
        vm.stopPrank();
        vm.prank(seller);
        vm.expectRevert();
        receivables.withdraw(receivableId);
        vm.expectRevert();
        receivables.confirm(receivableId, "");
    }

    function _refused(IReceivables.ReceivableTerms memory terms, bytes4 error) private {
        vm.prank(seller);
        vm.expectPartialRevert(error);
        receivables.request(terms);
    }

    function _isIn(ReceivableId receivableId, IReceivables.Status status) private view {
        assertEq(uint256(_statusOf(receivableId)), uint256(status), "status");
    }
}
