// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {IERC3525Receiver} from "../../../contracts/tokens/IERC3525.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// A party's contract account that transfers its owner's claim within the call that says it received a part.
contract HostileReceiver {
    Receivables private immutable _receivables;
    address private _victim;
    uint256 public forwarded;

    constructor(Receivables receivables_) {
        _receivables = receivables_;
    }

    function split(uint256 claimId, address victim, ISplittableToken.Part[] calldata parts) external {
        _victim = victim;
        _receivables.assignMany(claimId, parts);
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == type(IERC3525Receiver).interfaceId;
    }

    /// Sells the rest to the victim before the next part is taken.
    function onERC3525Received(address, uint256 from, uint256, uint256, bytes calldata) external returns (bytes4) {
        if (_victim != address(0) && _receivables.ownerOf(from) == address(this)) {
            forwarded = _receivables.balanceOf(from);
            _receivables.assign(from, _victim, uint96(forwarded), 0);
        }
        return IERC3525Receiver.onERC3525Received.selector;
    }
}

/// split, merge, encumber: lineage, authority, parties.
contract AssignmentTest is Fixture {
    function test_split_names_its_parent_and_conserves_the_sum() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        uint256 child = receivables.assign(claimId, suppliers[0], 300, "documents");
        assertEq(receivables.parentOf(child), claimId, "parent");
        assertEq(receivables.depthOf(child), 1, "depth");
        assertEq(receivables.slotOf(child), ReceivableId.unwrap(receivableId), "receivable");
        assertEq(receivables.balanceOf(child) + receivables.balanceOf(claimId), 1_000, "sum");
        assertEq(receivables.ownerOf(child), suppliers[0], "holder");
    }

    function test_split_of_the_whole_moves_the_claim_itself() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        assertEq(receivables.assign(claimId, suppliers[0], 1_000, 0), claimId, "same claim");
        assertEq(receivables.ownerOf(claimId), suppliers[0], "holder");
    }

    function test_split_to_many_reverts_when_the_parts_exceed_the_claim() public {
        (, uint256 claimId) = _confirmed(1_000);
        ISplittableToken.Part[] memory parts = new ISplittableToken.Part[](2);
        parts[0] = ISplittableToken.Part(suppliers[0], 600, 0);
        parts[1] = ISplittableToken.Part(suppliers[1], 401, 0);
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.SplitExceedsClaim.selector);
        receivables.assignMany(claimId, parts);
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.NoParts.selector);
        receivables.assignMany(claimId, new ISplittableToken.Part[](0));
        parts[1].value = 0;
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.ValueIsZero.selector);
        receivables.assignMany(claimId, parts);
    }

    function test_split_reverts_beyond_the_depth_that_the_terms_allow() public {
        (, uint256 claimId) = _confirmed(1_000);
        for (uint256 i; i < 8; ++i) {
            vm.prank(seller);
            claimId = receivables.assign(claimId, seller, uint96(900 - i), 0);
        }
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.SplitTooDeep.selector);
        receivables.assign(claimId, seller, 1, 0);
    }

    function test_split_reverts_for_anyone_but_the_holder() public {
        (, uint256 claimId) = _confirmed(1_000);
        address[4] memory others = [bank, debtor, REGISTRAR, address(this)];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectPartialRevert(ISplittableToken.AllowanceExceeded.selector);
            receivables.assign(claimId, bank, 1, 0);
        }
    }

    function test_split_reverts_to_a_stranger_and_to_a_frozen_party() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        receivables.assign(claimId, STRANGER, 1, 0);
        PartyId partyId = registry.partyOf(bank);
        _order(address(registry), abi.encodeCall(registry.freeze, (partyId, true, "order")));
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        receivables.assign(claimId, bank, 1, 0);
    }

    function test_receiver_cannot_redirect_a_split_to_another_holder() public {
        (, uint256 claimId) = _confirmed(1_000);
        HostileReceiver hostile = new HostileReceiver(receivables);
        vm.prank(REGISTRAR);
        registry.register("hostile", 1, type(uint64).max, address(hostile));
        vm.prank(seller);
        receivables.assign(claimId, address(hostile), 1_000, 0);
        ISplittableToken.Part[] memory parts = new ISplittableToken.Part[](2);
        parts[0] = ISplittableToken.Part(address(hostile), 100, 0);
        parts[1] = ISplittableToken.Part(suppliers[1], 500, 0);
        hostile.split(claimId, suppliers[0], parts);
        assertEq(hostile.forwarded(), 400, "only what was left could be transferred");
        assertEq(receivables.balanceOf(claimId), 400, "and the victim still has it");
    }

    function test_merge_joins_two_claims_of_one_holder_and_one_receivable_only() public {
        (, uint256 claimId) = _confirmed(1_000);
        (, uint256 other) = _confirmed(1_000);
        vm.prank(seller);
        uint256 child = receivables.assign(claimId, seller, 300, 0);
        vm.prank(seller);
        uint256 foreign = receivables.assign(claimId, bank, 100, 0);
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.SlotMismatch.selector);
        receivables.merge(child, other);
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.SlotMismatch.selector);
        receivables.merge(child, child);
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.OwnerMismatch.selector);
        receivables.merge(child, foreign);
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.merge(child, claimId);
        vm.prank(seller);
        receivables.merge(child, claimId);
        assertEq(receivables.balanceOf(claimId), 900, "value");
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.ownerOf(child);
        assertEq(receivables.parentOf(child), claimId, "lineage stays");
    }

    function test_encumbered_claim_moves_only_by_its_lienholder() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        uint256 child = receivables.assign(claimId, seller, 300, 0);
        vm.startPrank(seller);
        receivables.encumber(claimId, bank);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receivables.assign(claimId, suppliers[0], 1, 0);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receivables.assign(claimId, suppliers[0], 700, 0);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receivables.transferFrom(seller, suppliers[0], claimId);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receivables.merge(claimId, child);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receivables.merge(child, claimId);
        vm.expectPartialRevert(ISplittableToken.TokenEncumbered.selector);
        receivables.encumber(claimId, suppliers[0]);
        vm.expectPartialRevert(ISplittableToken.NotLienholder.selector);
        receivables.release(claimId);
        vm.stopPrank();
        vm.prank(bank);
        receivables.release(claimId);
        vm.prank(seller);
        receivables.assign(claimId, suppliers[0], 1, 0);
    }

    function test_release_reverts_where_there_is_no_lien() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.TokenNotEncumbered.selector);
        receivables.release(claimId);
    }
}
