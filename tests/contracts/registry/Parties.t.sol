// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Parties, their accounts and the roles.
contract PartiesTest is Fixture {
    uint256 private constant NEW_KEY = 555;

    /// Every restricted function, called by every account that does not hold its role.
    function test_every_restricted_function_refuses_every_other_role() public {
        PartyId partyId = registry.partyOf(seller);
        _onlyFor(REGISTRAR, address(registry), abi.encodeCall(registry.register, ("x", 1, 1, STRANGER)));
        _onlyFor(REGISTRAR, address(registry), abi.encodeCall(registry.setRoles, (partyId, 0)));
        _onlyFor(REGISTRAR, address(registry), abi.encodeCall(registry.setValidity, (partyId, 0)));
        _onlyFor(OPERATOR, address(receivables), abi.encodeCall(receivables.allowCurrency, (address(cash), false)));
        _onlyFor(CASH_ISSUER, address(cash), abi.encodeCall(cash.mint, (bank, 1)));
    }

    function test_register_reverts_for_an_identity_or_an_account_that_is_taken() public {
        vm.startPrank(REGISTRAR);
        vm.expectPartialRevert(IPartyRegistry.IdentityTaken.selector);
        registry.register(keccak256(abi.encode(seller)), 1, 1, STRANGER);
        vm.expectPartialRevert(IPartyRegistry.AccountTaken.selector);
        registry.register("another", 1, 1, seller);
        vm.expectPartialRevert(IPartyRegistry.PartyUnknown.selector);
        registry.setRoles(PartyId.wrap(99), 1);
        vm.stopPrank();
    }

    function test_account_joins_with_its_own_consent_and_that_of_its_party() public {
        address added = vm.addr(NEW_KEY);
        PartyId partyId = registry.partyOf(seller);
        bytes memory consent = _consented(NEW_KEY, partyId);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.ConsentInvalid.selector);
        registry.addAccount(STRANGER, consent);
        vm.prank(STRANGER);
        vm.expectPartialRevert(IPartyRegistry.AccountUnknown.selector);
        registry.addAccount(added, consent);
        vm.prank(bank);
        vm.expectPartialRevert(IPartyRegistry.ConsentInvalid.selector);
        registry.addAccount(added, consent);
        vm.prank(seller);
        registry.addAccount(added, consent);
        assertTrue(registry.isValid(added), "valid with its party");
        vm.prank(bank);
        vm.expectPartialRevert(IPartyRegistry.AccountUnknown.selector);
        registry.removeAccount(added);
        vm.startPrank(added);
        registry.removeAccount(seller);
        vm.expectPartialRevert(IPartyRegistry.LastAccount.selector);
        registry.removeAccount(added);
        vm.stopPrank();
    }

    function test_validity_ends_exactly_at_its_timestamp() public {
        PartyId partyId = registry.partyOf(bank);
        vm.prank(REGISTRAR);
        registry.setValidity(partyId, uint64(block.timestamp + 30 days));
        vm.warp(block.timestamp + 30 days - 1);
        assertTrue(registry.isValid(bank), "a second before");
        vm.warp(block.timestamp + 1);
        assertTrue(!registry.isValid(bank), "at the second");
    }

    function test_forced_transfer_moves_a_frozen_partys_claim_to_a_valid_party_only() public {
        (, uint256 claimId) = _confirmed(1_000);
        _order(address(registry), abi.encodeCall(registry.freeze, (registry.partyOf(seller), true, "order")));
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        receivables.assign(claimId, bank, 1, 0);
        _order(address(receivables), abi.encodeCall(receivables.forcedTransfer, (claimId, bank, 400, "order")));
        assertEq(receivables.balanceOf(claimId), 600, "the rest stays");
        assertEq(receivables.ownerOf(claimId + 1), bank, "the part went");
        vm.prank(FIRST_REGULATOR);
        uint256 orderId = court.issue(
            address(receivables), abi.encodeCall(receivables.forcedTransfer, (claimId, STRANGER, 1, "order")), "order"
        );
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        court.execute(orderId);
    }

    function test_a_currency_no_longer_allowed_stays_payable() public {
        (ReceivableId receivableId,) = _confirmed(1_000);
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(cash), false);
        assertEq(_pay(receivableId, 1_000), 1_000, "paid");
    }

    function _onlyFor(address holder, address target, bytes memory call) private {
        address[8] memory others =
            [REGISTRAR, FIRST_REGULATOR, address(court), CASH_ISSUER, OPERATOR, seller, bank, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            if (others[i] == holder) continue;
            vm.prank(others[i]);
            (bool done, bytes memory answer) = target.call(call);
            assertTrue(!done, "refused");
            assertEq(
                uint32(bytes4(answer)), uint32(IAccessManaged.AccessManagedUnauthorized.selector), "as unauthorised"
            );
        }
    }
}
