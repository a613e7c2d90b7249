// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// pay, late charge, collect and credit notes.
contract MoneyTest is Fixture {
    function test_pay_takes_at_most_what_is_due() public {
        (ReceivableId receivableId,) = _confirmed(700);
        uint256 before = cash.balanceOf(bank);
        vm.prank(bank);
        assertEq(receivables.pay(receivableId, 1_000), 700, "taken");
        assertEq(before - cash.balanceOf(bank), 700, "paid");
        vm.prank(bank);
        vm.expectPartialRevert(IReceivables.NothingDue.selector);
        receivables.pay(receivableId, 1);
    }

    function test_pay_reverts_for_zero() public {
        (ReceivableId receivableId,) = _confirmed(700);
        vm.prank(debtor);
        vm.expectPartialRevert(IReceivables.AmountOutOfRange.selector);
        receivables.pay(receivableId, 0);
    }

    function test_late_charge_runs_from_the_due_day_once_grace_is_over() public {
        (ReceivableId receivableId,) = _confirmed(3_600_000);
        _toDay(uint256(DUE_DAY) + 5);
        (, uint96 late) = receivables.due(receivableId);
        assertEq(late, 0, "within grace");
        assertTrue(receivables.isOverdue(receivableId), "overdue by the clock");
        _late();
        (, late) = receivables.due(receivableId);
        assertEq(late, 10_800, "3,600,000 at 18 per cent over 6 of 360 days");
    }

    function test_late_charge_is_paid_first_and_never_charged_twice() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(3_600_000);
        _late();
        _pay(receivableId, 10_000);
        (uint96 principal, uint96 late) = receivables.due(receivableId);
        assertEq(principal, 3_600_000, "principal untouched");
        assertEq(late, 800, "rest of the charge");
        _pay(receivableId, 1_800_800);
        _toDay(uint256(DUE_DAY) + 16);
        (principal, late) = receivables.due(receivableId);
        assertEq(principal, 1_800_000, "half");
        assertEq(late, 9_000, "half the principal over ten days");
        _pay(receivableId, principal + late);
        (uint96 paid, uint96 charge) = receivables.collect(ClaimId.wrap(claimId));
        assertEq(paid, 3_600_000, "principal");
        assertEq(charge, 19_800, "all of the charge");
        assertEq(cash.balanceOf(address(receivables)), 0, "nothing is left");
    }

    function test_merge_carries_the_late_charge_earned_by_both_claims() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(3_600_000);
        vm.prank(seller);
        uint256 child = receivables.assign(claimId, suppliers[0], 1_800_000, 0);
        vm.prank(seller);
        uint256 other = receivables.assign(claimId, suppliers[0], 900_000, 0);
        _late();
        _pay(receivableId, 10_800);
        vm.prank(suppliers[0]);
        receivables.merge(other, child);
        (, uint96 late) = receivables.collectable(ClaimId.wrap(child));
        assertEq(late, 8_100, "three quarters of the charge");
        (uint96 rest, uint96 nothing) = receivables.due(receivableId);
        assertEq(nothing, 0, "the charge is paid");
        _pay(receivableId, rest);
        (, uint96 charge) = receivables.collect(ClaimId.wrap(child));
        assertEq(charge, 8_100, "collected after the merge");
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(cash.balanceOf(address(receivables)), 0, "nothing is left");
    }

    function test_late_charge_earned_stays_with_the_claim_that_is_divided() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(3_600_000);
        _late();
        _pay(receivableId, 10_800);
        vm.prank(seller);
        uint256 child = receivables.assign(claimId, suppliers[0], 1_800_000, 0);
        (, uint96 ofParent) = receivables.collectable(ClaimId.wrap(claimId));
        (, uint96 ofChild) = receivables.collectable(ClaimId.wrap(child));
        assertEq(ofParent, 10_800, "earned before");
        assertEq(ofChild, 0, "not earned");
    }

    function test_collect_pays_the_lienholder_of_an_encumbered_claim() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(700);
        vm.prank(seller);
        receivables.encumber(claimId, bank);
        _pay(receivableId, 300);
        uint256 before = cash.balanceOf(bank);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(cash.balanceOf(bank) - before, 300, "lienholder");
    }

    function test_collect_reverts_without_payment_and_leaves_the_money_of_a_lapsed_party_unclaimed() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(700);
        vm.expectPartialRevert(IReceivables.NothingToCollect.selector);
        receivables.collect(ClaimId.wrap(claimId));
        _pay(receivableId, 300);
        _endValidity(seller);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(receivables.unclaimedOf(seller, address(cash)), 300, "waits for the seller's party");
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        receivables.withdrawUnclaimed(seller, address(cash));
        PartyId partyId = registry.partyOf(seller);
        vm.prank(REGISTRAR);
        registry.setValidity(partyId, type(uint64).max);
        uint256 before = cash.balanceOf(seller);
        vm.prank(seller);
        receivables.withdrawUnclaimed(seller, address(cash));
        assertEq(cash.balanceOf(seller) - before, 300, "withdrawn");
    }

    function test_collect_many_skips_claims_with_nothing_to_collect() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(700);
        (, uint256 unpaid) = _confirmed(700);
        _pay(receivableId, 700);
        ClaimId[] memory claims = new ClaimId[](2);
        (claims[0], claims[1]) = (ClaimId.wrap(unpaid), ClaimId.wrap(claimId));
        uint256 before = cash.balanceOf(seller);
        receivables.collectMany(claims);
        assertEq(cash.balanceOf(seller) - before, 700, "collected");
    }

    function test_credit_note_burns_the_sellers_claim_first() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        _credit(receivableId, 200, claimId);
        assertEq(receivables.balanceOf(claimId), 800, "burned");
        (uint96 principal,) = receivables.due(receivableId);
        assertEq(principal, 800, "still due");
        _pay(receivableId, 800);
        (uint96 paid,) = receivables.collect(ClaimId.wrap(claimId));
        assertEq(paid, 800, "collected");
    }

    function test_credit_note_beyond_the_sellers_claim_is_paid_in() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        uint256 child = receivables.assign(claimId, suppliers[0], 900, 0);
        uint256 before = cash.balanceOf(seller);
        _credit(receivableId, 300, claimId);
        assertEq(before - cash.balanceOf(seller), 200, "paid in");
        _pay(receivableId, 700);
        (uint96 paid,) = receivables.collect(ClaimId.wrap(child));
        assertEq(paid, 900, "the holder bears nothing");
    }

    function test_credit_note_reverts_without_both_signatures_or_twice() public {
        (ReceivableId receivableId,) = _confirmed(1_000);
        IReceivables.CreditNote memory note =
            IReceivables.CreditNote(receivableId, ClaimId.wrap(0), 200, "note", 0, type(uint40).max);
        bytes32 digest = _creditNoteDigest(note);
        bytes memory bySeller = _signed(SELLER_KEY, digest);
        bytes memory byDebtor = _signed(DEBTOR_KEY, digest);
        vm.expectPartialRevert(IReceivables.SellerSignatureInvalid.selector);
        receivables.applyCreditNote(note, byDebtor, byDebtor);
        vm.expectPartialRevert(IReceivables.DebtorSignatureInvalid.selector);
        receivables.applyCreditNote(note, bySeller, bySeller);
        receivables.applyCreditNote(note, bySeller, byDebtor);
        vm.expectPartialRevert(IReceivables.FingerprintUsed.selector);
        receivables.applyCreditNote(note, bySeller, byDebtor);
    }

    function test_credit_note_reverts_when_its_sender_names_another_claim() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        IReceivables.CreditNote memory note =
            IReceivables.CreditNote(receivableId, ClaimId.wrap(claimId), 200, "note", 0, type(uint40).max);
        bytes32 digest = _creditNoteDigest(note);
        (bytes memory bySeller, bytes memory byDebtor) = (_signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
        note.claimId = ClaimId.wrap(0);
        vm.expectPartialRevert(IReceivables.SellerSignatureInvalid.selector);
        receivables.applyCreditNote(note, bySeller, byDebtor);
        note.claimId = ClaimId.wrap(claimId);
        receivables.applyCreditNote(note, bySeller, byDebtor);
        assertEq(receivables.balanceOf(claimId), 800, "burned");
    }

    function test_credit_note_reverts_beyond_what_is_unpaid_and_on_a_claim_under_lien() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        IReceivables.CreditNote memory note =
            IReceivables.CreditNote(receivableId, ClaimId.wrap(0), 1_001, "note", 0, type(uint40).max);
        vm.expectPartialRevert(IReceivables.CreditNoteExceedsUnpaid.selector);
        receivables.applyCreditNote(note, "", "");
        vm.prank(seller);
        receivables.encumber(claimId, bank);
        note.amount = 200;
        note.claimId = ClaimId.wrap(claimId);
        bytes32 digest = _creditNoteDigest(note);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receivables.applyCreditNote(note, _signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
    }

    function _credit(ReceivableId receivableId, uint96 amount, uint256 claimId) private {
        IReceivables.CreditNote memory note =
            IReceivables.CreditNote(receivableId, ClaimId.wrap(claimId), amount, "note", 0, type(uint40).max);
        bytes32 digest = _creditNoteDigest(note);
        receivables.applyCreditNote(note, _signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
    }
}
