// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {CreditRegistry} from "../../../contracts/registry/CreditRegistry.sol";
import {ICreditRegistry} from "../../../contracts/registry/ICreditRegistry.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// What a registrar cannot do alone, consents that are taken back, and tiers that end with their rater.
contract RegistrarTest is Fixture {
    uint256 private constant RATER_KEY = 701;
    uint256 private constant NEW_KEY = 555;
    CreditRegistry private _credit;
    address private _rater = vm.addr(RATER_KEY);

    function setUp() public override {
        super.setUp();
        _credit = new CreditRegistry(address(forwarder), registry);
        _party(_rater, 32);
    }

    // ------------------------------------------------------------------ the registrar

    function test_set_validity_cannot_freeze_a_party() public {
        PartyId partyId = registry.partyOf(bank);
        uint256 earliest = block.timestamp + 30 days;
        vm.startPrank(REGISTRAR);
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.ValidityTooSoon.selector, partyId, earliest - 1, earliest)
        );
        registry.setValidity(partyId, uint64(earliest - 1));
        vm.expectPartialRevert(IPartyRegistry.ValidityTooSoon.selector);
        registry.setValidity(partyId, 0);
        registry.setValidity(partyId, uint64(earliest));
        vm.warp(block.timestamp + 10 days);
        vm.expectPartialRevert(IPartyRegistry.ValidityTooSoon.selector);
        registry.setValidity(partyId, uint64(earliest - 1));
        registry.setValidity(partyId, uint64(earliest)); // as it is
        registry.setValidity(partyId, uint64(earliest + 1)); // later, at once
        vm.stopPrank();
        assertTrue(registry.isValid(bank), "valid");
        vm.warp(earliest + 1);
        assertTrue(!registry.isValid(bank), "over");
        vm.prank(REGISTRAR);
        registry.setValidity(partyId, uint64(block.timestamp + 1));
        assertTrue(registry.isValid(bank), "renewed");
    }

    function test_register_reverts_for_an_end_in_the_past() public {
        vm.startPrank(REGISTRAR);
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.RegistrationOver.selector, block.timestamp, block.timestamp)
        );
        registry.register("new", 1, uint64(block.timestamp), STRANGER);
        registry.register("new", 1, uint64(block.timestamp + 1), STRANGER);
        vm.stopPrank();
    }

    function test_a_party_without_roles_is_paid_collects_and_moves_its_claims() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        PartyId partyId = registry.partyOf(seller);
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, 0);
        _pay(receivableId, 1_000);
        uint256 before = cash.balanceOf(seller);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(cash.balanceOf(seller) - before, 1_000, "collected");
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.RoleMissing.selector);
        receivables.request(_terms(1));
    }

    function test_role_of_a_ledger_contract_can_be_neither_granted_nor_revoked() public {
        PartyId partyId = registry.partyOf(bank);
        vm.startPrank(REGISTRAR);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.LedgerRoleFixed.selector, partyId, 4));
        registry.setRoles(partyId, 4 | 256);
        PartyId ledger = registry.register("ledger", 256, type(uint64).max, address(market));
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.LedgerRoleFixed.selector, ledger, 256));
        registry.setRoles(ledger, 0);
        vm.stopPrank();
    }

    function test_register_reverts_when_an_account_without_code_asks_for_the_role_of_the_ledger() public {
        vm.startPrank(REGISTRAR);
        uint16[2] memory requested = [uint16(256), 256 | 4];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.LedgerWithoutCode.selector, STRANGER));
            registry.register("ledger", requested[i], type(uint64).max, STRANGER);
        }
        registry.register("ledger", 255, type(uint64).max, STRANGER);
        vm.stopPrank();
    }

    function test_register_reverts_without_an_identity() public {
        vm.prank(REGISTRAR);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.IdentityMissing.selector));
        registry.register(0, 1, type(uint64).max, STRANGER);
    }

    // ------------------------------------------------------------------ consents

    function test_account_can_withdraw_its_consent() public {
        address added = vm.addr(NEW_KEY);
        PartyId partyId = registry.partyOf(seller);
        bytes memory consent = _consented(NEW_KEY, partyId);
        vm.prank(added);
        registry.refuseParty(partyId);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.ConsentRefused.selector, added, partyId));
        registry.addAccount(added, consent);
        PartyId other = registry.partyOf(bank);
        consent = _consented(NEW_KEY, other);
        vm.prank(bank);
        registry.addAccount(added, consent);
        vm.prank(added);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.AccountTaken.selector, added, other));
        registry.refuseParty(partyId);
        vm.expectPartialRevert(IPartyRegistry.PartyUnknown.selector);
        registry.refuseParty(PartyId.wrap(99));
    }

    function test_a_consent_is_used_once() public {
        address added = vm.addr(NEW_KEY);
        bytes memory consent = _consented(NEW_KEY, registry.partyOf(seller));
        vm.startPrank(seller);
        registry.addAccount(added, consent);
        registry.removeAccount(added);
        vm.expectPartialRevert(IPartyRegistry.AccountTaken.selector);
        registry.addAccount(added, consent);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ tiers

    function test_tier_ends_when_its_rater_loses_role_or_validity_or_is_frozen() public {
        _attested();
        _required();
        PartyId partyId = registry.partyOf(_rater);
        bytes memory gone = abi.encodeWithSelector(ICreditRegistry.RaterGone.selector, registry.partyOf(seller), _rater);
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, 4);
        vm.expectRevert(gone);
        _required();
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, 32 | 4);
        _required();
        vm.prank(FIRST_REGULATOR);
        court.hold(partyId, "order");
        vm.expectRevert(gone);
        _required();
        vm.warp(block.timestamp + 72 hours);
        _required();
        _endValidity(_rater);
        vm.expectRevert(gone);
        _required();
    }

    function test_revoke_is_open_to_the_raters_party_only() public {
        _attested();
        bytes memory consent = _consented(NEW_KEY, registry.partyOf(_rater));
        address second = vm.addr(NEW_KEY);
        vm.prank(_rater);
        registry.addAccount(second, consent);
        vm.prank(second);
        registry.removeAccount(_rater);
        _required(); // the party stands behind it
        PartyId rated = registry.partyOf(seller);
        vm.prank(_rater);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        _credit.revoke(rated, "");
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.NotRater.selector, rated, _rater, bank));
        _credit.revoke(rated, "");
        vm.prank(second);
        _credit.revoke(rated, "");
        vm.expectPartialRevert(ICreditRegistry.TierMissing.selector);
        _required();
    }

    function test_rater_can_withdraw_its_signature() public {
        ICreditRegistry.CreditAttestation memory provided = _attestation();
        bytes32 digest = _credit.attestationDigest(provided);
        vm.prank(_rater);
        _credit.cancelSignature(digest);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, _rater, digest));
        _credit.attest(provided, _signed(RATER_KEY, digest));
    }

    function test_attestation_reverts_when_rater_and_party_are_under_one_control() public {
        ICreditRegistry.CreditAttestation memory provided = _attestation();
        bytes memory signature = _signed(RATER_KEY, _credit.attestationDigest(provided));
        PartyId rater = registry.partyOf(_rater);
        vm.startPrank(REGISTRAR);
        registry.setGroup(rater, 9);
        registry.setGroup(PartyId.wrap(provided.partyId), 9);
        vm.stopPrank();
        vm.expectPartialRevert(ICreditRegistry.RaterIsRated.selector);
        _credit.attest(provided, signature);
    }

    function _attestation() private view returns (ICreditRegistry.CreditAttestation memory) {
        return ICreditRegistry.CreditAttestation(
            PartyId.unwrap(registry.partyOf(seller)),
            _rater,
            1,
            "CNY",
            1e12,
            1,
            0,
            0,
            uint40(block.timestamp),
            uint40(block.timestamp + 365 days)
        );
    }

    function _attested() private {
        ICreditRegistry.CreditAttestation memory provided = _attestation();
        _credit.attest(provided, _signed(RATER_KEY, _credit.attestationDigest(provided)));
    }

    function _required() private view {
        _credit.requireTier(seller, 1, 0, 0, DUE_DAY);
    }
}
