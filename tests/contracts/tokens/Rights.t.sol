// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Takes liens itself, and says so by ERC-165.
contract Collector {
    bool public refuses;
    uint256 public callCount;

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == COLLECTOR();
    }

    function COLLECTOR() public pure returns (bytes4) {
        return bytes4(keccak256("onCollected(uint256,address,uint256)"));
    }

    function refuse(bool refuses_) external {
        refuses = refuses_;
    }

    function onCollected(uint256, address, uint256) external {
        require(!refuses, "refused");
        ++callCount;
    }
}

/// Who moves a token, and what ends with it: for claims, on the base that warehouse receipts share.
contract RightsTest is Fixture {
    uint256 private constant OTHER_KEY = 777;
    address private _other = vm.addr(OTHER_KEY);
    uint256 private _claimId;
    ReceivableId private _receivableId;

    function setUp() public override {
        super.setUp();
        (_receivableId, _claimId) = _confirmed(1_000_00);
    }

    // ------------------------------------------------------------------ at the lienholder's word

    function test_lienholder_moves_a_claim_when_its_owner_has_lapsed() public {
        _encumber();
        _endValidity(seller);
        vm.prank(bank);
        receivables.assign(_claimId, suppliers[0], 1_000_00, 0);
        assertEq(receivables.ownerOf(_claimId), suppliers[0], "moved");
        assertEq(receivables.lienholderOf(_claimId), bank, "the lien stays");
    }

    function test_lienholder_moves_a_claim_when_its_owner_was_removed() public {
        _encumber();
        _replaceSellersAccount();
        vm.prank(bank);
        receivables.assign(_claimId, suppliers[0], 400_00, 0);
        assertEq(receivables.balanceOf(_claimId), 600_00, "part moved");
    }

    function test_move_by_the_lienholder_reverts_when_the_receiver_is_not_valid() public {
        _encumber();
        vm.prank(bank);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        receivables.assign(_claimId, STRANGER, 1_000_00, 0);
    }

    function test_a_lien_ends_when_the_claim_moves_to_its_lienholder() public {
        _encumber();
        vm.startPrank(bank);
        receivables.assign(_claimId, bank, 1_000_00, 0);
        assertEq(receivables.lienholderOf(_claimId), address(0), "nobody is lienholder of its own");
        receivables.assign(_claimId, suppliers[0], 1_000_00, 0);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.transferFrom(suppliers[0], bank, _claimId);
        vm.stopPrank();
    }

    function test_another_account_of_the_lienholders_party_releases() public {
        _encumber();
        _join(bank);
        vm.prank(_other);
        registry.removeAccount(bank);
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotLienholder.selector);
        receivables.release(_claimId);
        vm.prank(_other);
        receivables.release(_claimId);
        assertEq(receivables.lienholderOf(_claimId), address(0), "released");
    }

    // ------------------------------------------------------------------ whose lien

    function test_encumber_reverts_for_the_owner_its_party_and_its_group() public {
        _join(seller);
        vm.startPrank(seller);
        vm.expectPartialRevert(IPartyRegistry.OwnLien.selector);
        receivables.encumber(_claimId, seller);
        vm.expectPartialRevert(IPartyRegistry.OwnLien.selector);
        receivables.encumber(_claimId, _other);
        vm.stopPrank();
        PartyId first = registry.partyOf(seller);
        PartyId second = registry.partyOf(bank);
        vm.startPrank(REGISTRAR);
        registry.setGroup(first, 7);
        registry.setGroup(second, 7);
        vm.stopPrank();
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.OwnLien.selector);
        receivables.encumber(_claimId, bank);
    }

    function test_contract_that_collects_sets_its_own_lien() public {
        Collector collector = new Collector();
        _party(address(collector), 4);
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.LienholderMustAsk.selector);
        receivables.encumber(_claimId, address(collector));
        vm.prank(seller);
        receivables.approve(address(collector), _claimId);
        vm.prank(address(collector));
        receivables.encumber(_claimId, address(collector));
        assertEq(receivables.lienholderOf(_claimId), address(collector), "its own word");
    }

    function test_a_contract_of_the_ledger_owns_no_claim() public {
        address part = address(cash); // any with code
        _party(part, 256);
        vm.startPrank(seller);
        vm.expectPartialRevert(IPartyRegistry.ReceiverIsLedger.selector);
        receivables.assign(_claimId, part, 1_000_00, 0);
        vm.expectPartialRevert(IPartyRegistry.ReceiverIsLedger.selector);
        receivables.transferFrom(_claimId, part, 1);
        vm.expectPartialRevert(IPartyRegistry.ReceiverIsLedger.selector);
        receivables.transferFrom(seller, part, _claimId);
        vm.expectPartialRevert(ISplittableToken.LienholderMustAsk.selector);
        receivables.encumber(_claimId, part);
        vm.stopPrank();
        assertTrue(!receivables.canReceive(part) && !receivables.canTransfer(seller, part, _claimId), "as views say");
    }

    // ------------------------------------------------------------------ approvals

    function test_only_the_owner_and_its_operators_approve() public {
        vm.startPrank(seller);
        receivables.approve(suppliers[0], _claimId);
        receivables.setApprovalForAll(suppliers[1], true);
        vm.stopPrank();
        vm.startPrank(suppliers[0]);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.approve(_claimId, suppliers[2], 1);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.approve(suppliers[2], _claimId);
        vm.stopPrank();
        vm.prank(suppliers[1]);
        receivables.approve(_claimId, suppliers[2], 1);
        assertEq(receivables.allowance(_claimId, suppliers[2]), 1, "by the operator");
        _encumber();
        vm.startPrank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.approve(_claimId, suppliers[2], type(uint256).max);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.approve(suppliers[2], _claimId);
        vm.stopPrank();
    }

    function test_approvals_end_with_the_owner_and_never_return() public {
        _approveAll();
        vm.prank(seller);
        receivables.transferFrom(seller, bank, _claimId);
        _noneIsApproved();
        vm.prank(bank);
        receivables.transferFrom(bank, seller, _claimId);
        _noneIsApproved();
        vm.prank(suppliers[2]);
        vm.expectPartialRevert(ISplittableToken.AllowanceExceeded.selector);
        receivables.transferFrom(_claimId, suppliers[2], 1);
        vm.prank(suppliers[2]);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.transferFrom(seller, suppliers[2], _claimId);
    }

    function test_approvals_end_when_a_lien_begins_and_when_it_ends() public {
        _approveAll();
        _encumber();
        _noneIsApproved();
        _approveAll();
        vm.prank(bank);
        receivables.release(_claimId);
        _noneIsApproved();
    }

    function test_move_to_the_owner_keeps_allowances_and_ends_the_approval() public {
        _approveAll();
        vm.prank(seller);
        receivables.transferFrom(seller, seller, _claimId);
        assertEq(receivables.getApproved(_claimId), address(0), "ERC-721: each Transfer resets it");
        assertEq(receivables.allowance(_claimId, suppliers[2]), 1_000_00, "the owner did not change");
        assertEq(receivables.movesOf(_claimId), 0, "nobody else's");
    }

    function test_approvals_follow_the_standard() public {
        vm.startPrank(seller);
        receivables.approve(seller, _claimId);
        receivables.approve(address(0), _claimId);
        assertEq(receivables.getApproved(_claimId), address(0), "nobody");
        receivables.approve(_claimId, seller, 5);
        receivables.approve(_claimId, address(0), 5);
        receivables.setApprovalForAll(seller, true);
        vm.stopPrank();
    }

    function test_transfer_of_zero_or_to_the_same_claim_moves_nothing() public {
        vm.startPrank(seller);
        uint256 part = receivables.transferFrom(_claimId, seller, 400_00);
        receivables.transferFrom(_claimId, part, uint256(0));
        receivables.transferFrom(_claimId, _claimId, uint256(100_00));
        assertEq(receivables.balanceOf(_claimId), 600_00, "as before");
        assertEq(receivables.mergedOf(part), 0, "nothing came");
        vm.expectPartialRevert(ISplittableToken.SplitExceedsClaim.selector);
        receivables.transferFrom(_claimId, _claimId, type(uint256).max);
        vm.expectPartialRevert(ISplittableToken.ValueIsZero.selector);
        receivables.transferFrom(_claimId, bank, uint256(0));
        vm.expectPartialRevert(ISplittableToken.SlotMismatch.selector);
        receivables.merge(_claimId, _claimId);
        vm.stopPrank();
        vm.prank(suppliers[2]);
        vm.expectPartialRevert(ISplittableToken.AllowanceExceeded.selector);
        receivables.transferFrom(_claimId, part, uint256(0));
    }

    function test_ether_is_refused() public {
        vm.deal(seller, 3);
        vm.startPrank(seller);
        vm.expectPartialRevert(ISplittableToken.EtherRefused.selector);
        receivables.approve{value: 1}(_claimId, bank, 1);
        vm.expectPartialRevert(ISplittableToken.EtherRefused.selector);
        receivables.transferFrom{value: 1}(_claimId, bank, 1);
        vm.expectPartialRevert(ISplittableToken.EtherRefused.selector);
        receivables.transferFrom{value: 1}(_claimId, _claimId, uint256(1));
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ the counter of movements

    function test_moves_count_other_parties_and_value_that_came_in_is_counted_apart() public {
        vm.startPrank(seller);
        uint256 part = receivables.assign(_claimId, bank, 100_00, 0);
        assertEq(receivables.movesOf(_claimId), 0, "a part split off");
        assertEq(receivables.movesOf(part), 0, "a part begins");
        receivables.assign(_claimId, bank, 900_00, 0);
        vm.stopPrank();
        assertEq(receivables.movesOf(_claimId), 1, "moved to another party");
        vm.startPrank(bank);
        receivables.transferFrom(part, _claimId, uint256(1));
        receivables.merge(part, _claimId);
        vm.stopPrank();
        assertEq(receivables.movesOf(_claimId), 1, "value that came in is no movement of the whole");
        assertEq(receivables.mergedOf(_claimId), 100_00, "it is counted apart");
        _join(bank);
        vm.prank(bank);
        receivables.assign(_claimId, _other, 1_000_00, 0);
        assertEq(receivables.movesOf(_claimId), 1, "the same party");
    }

    // ------------------------------------------------------------------ accounts that are gone

    function test_reclaim_brings_a_removed_accounts_claim_to_its_party() public {
        _approveAll();
        _encumber();
        _join(seller);
        vm.prank(_other);
        vm.expectPartialRevert(ISplittableToken.OwnerActs.selector);
        receivables.reclaim(_claimId);
        vm.prank(_other);
        registry.removeAccount(seller);
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.reclaim(_claimId);
        vm.prank(_other);
        receivables.reclaim(_claimId);
        assertEq(receivables.ownerOf(_claimId), _other, "the party's");
        assertEq(receivables.lienholderOf(_claimId), bank, "the lien stays");
        assertEq(receivables.movesOf(_claimId), 0, "the same party");
        _noneIsApproved();
    }

    // ------------------------------------------------------------------ courts

    function test_a_forced_part_stays_under_the_lien() public {
        _encumber();
        vm.prank(address(court));
        uint256 part = receivables.forcedTransfer(_claimId, suppliers[0], 400_00, "order");
        assertEq(receivables.lienholderOf(part), bank, "the same lienholder");
        assertEq(receivables.ownerOf(part), suppliers[0], "moved");
    }

    function test_a_forced_transfer_follows_the_children_and_the_accounts_of_a_holder() public {
        _join(seller);
        vm.startPrank(seller);
        uint256 cent = receivables.assign(_claimId, seller, 1, 0);
        uint256 aside = receivables.assign(_claimId, _other, 300_00, 0);
        vm.stopPrank();
        uint256[] memory ids = new uint256[](3);
        (ids[0], ids[1], ids[2]) = (_claimId, cent, aside);
        PartyId party = registry.partyOf(seller);
        uint256 slot = ReceivableId.unwrap(_receivableId);
        vm.startPrank(address(court));
        vm.expectPartialRevert(ISplittableToken.ForcedTransferShort.selector);
        receivables.forcedTransferFrom(party, slot, bank, 1_000_01, "order", ids);
        receivables.forcedTransferFrom(party, slot, bank, 900_00, "order", ids);
        vm.expectPartialRevert(ISplittableToken.NotOfHolder.selector);
        receivables.forcedTransferFrom(party, slot, bank, 1_00, "order", ids);
        vm.stopPrank();
        assertEq(receivables.balanceOf(aside), 100_00, "the rest");
        assertEq(receivables.ownerOf(_claimId), bank, "whole");
        assertEq(receivables.ownerOf(cent), bank, "the cent too");
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.NotCourt.selector);
        receivables.forcedTransferFrom(party, slot, bank, 1, "order", ids);
    }

    // ------------------------------------------------------------------ parts of the above

    function _encumber() private {
        vm.prank(seller);
        receivables.encumber(_claimId, bank);
    }

    function _approveAll() private {
        vm.startPrank(seller);
        receivables.approve(suppliers[2], _claimId);
        receivables.approve(_claimId, suppliers[2], 1_000_00);
        vm.stopPrank();
    }

    function _noneIsApproved() private view {
        assertEq(receivables.getApproved(_claimId), address(0), "no approval");
        assertEq(receivables.allowance(_claimId, suppliers[2]), 0, "no allowance");
    }

    function _join(address member) private {
        bytes memory consent = _consented(OTHER_KEY, registry.partyOf(member));
        vm.prank(member);
        registry.addAccount(_other, consent);
    }

    function _replaceSellersAccount() private {
        _join(seller);
        vm.prank(_other);
        registry.removeAccount(seller);
    }
}
