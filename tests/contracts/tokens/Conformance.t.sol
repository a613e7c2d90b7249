// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {IERC3525Receiver} from "../../../contracts/tokens/IERC3525.sol";
import {ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Answers as it is told to, and remembers what it was asked.
contract Receiver {
    bytes4 private _answer;
    uint256 public asked;

    constructor(bytes4 answer) {
        _answer = answer;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x009ce20b;
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        ++asked;
        return _answer;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        ++asked;
        return _answer;
    }
}

/// A contract that implements nothing.
contract Mute {}

/// ERC-165, ERC-721 and ERC-3525, clause by clause.
contract ConformanceTest is Fixture {
    bytes4 private constant ERC721_ANSWER = 0x150b7a02;
    uint256 private _claim;
    uint256 private _slot;

    function setUp() public override {
        super.setUp();
        ReceivableId receivableId;
        (receivableId, _claim) = _confirmed(1_000);
        _slot = ReceivableId.unwrap(receivableId);
    }

    function test_erc165_names_every_interface_and_not_the_invalid_one() public view {
        assertTrue(receivables.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(receivables.supportsInterface(0x80ac58cd), "ERC-721");
        assertTrue(receivables.supportsInterface(0x5b5e139f), "ERC-721 metadata");
        assertTrue(receivables.supportsInterface(0xd5358140), "ERC-3525");
        assertTrue(receivables.supportsInterface(0xe1600902), "ERC-3525 metadata");
        assertTrue(!receivables.supportsInterface(0xffffffff), "the invalid one");
    }

    function test_erc721_balance_and_owner_revert_for_nobody_and_nothing() public {
        vm.expectPartialRevert(ISplittableToken.ZeroAddress.selector);
        receivables.balanceOf(address(0));
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.ownerOf(99);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.getApproved(99);
        assertEq(receivables.balanceOf(seller), 1, "tokens held");
    }

    function test_erc721_transfer_needs_the_owner_the_approved_or_an_operator() public {
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.transferFrom(seller, bank, _claim);
        vm.prank(seller);
        receivables.approve(bank, _claim);
        assertEq(receivables.getApproved(_claim), bank, "approved");
        vm.prank(bank);
        receivables.transferFrom(seller, bank, _claim);
        assertEq(receivables.getApproved(_claim), address(0), "an approval ends with the transfer");
        vm.prank(bank);
        receivables.setApprovalForAll(suppliers[0], true);
        assertTrue(receivables.isApprovedForAll(bank, suppliers[0]), "operator");
        vm.prank(suppliers[0]);
        receivables.transferFrom(bank, suppliers[1], _claim);
        assertEq(receivables.balanceOf(suppliers[1]), 1, "tokens of the new holder");
        assertEq(receivables.balanceOf(bank), 0, "tokens of the old one");
    }

    function test_erc721_transfer_reverts_from_another_to_nobody_and_of_nothing() public {
        vm.startPrank(seller);
        vm.expectPartialRevert(ISplittableToken.OwnerMismatch.selector);
        receivables.transferFrom(bank, suppliers[0], _claim);
        vm.expectRevert();
        receivables.transferFrom(seller, address(0), _claim);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.transferFrom(seller, bank, 99);
        vm.stopPrank();
    }

    function test_erc721_approve_is_the_owners_or_an_operators() public {
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.approve(bank, _claim);
    }

    function test_erc721_safe_transfer_asks_a_contract_and_heeds_its_answer() public {
        Receiver good = new Receiver(ERC721_ANSWER);
        Receiver bad = new Receiver(0xdeadbeef);
        Mute mute = new Mute();
        _party(address(good), 1);
        _party(address(bad), 1);
        _party(address(mute), 1);
        vm.startPrank(seller);
        vm.expectPartialRevert(ISplittableToken.ReceiverRefused.selector);
        receivables.safeTransferFrom(seller, address(bad), _claim);
        vm.expectPartialRevert(ISplittableToken.ReceiverRefused.selector);
        receivables.safeTransferFrom(seller, address(mute), _claim);
        receivables.safeTransferFrom(seller, address(good), _claim, "data");
        vm.stopPrank();
        assertEq(good.asked(), 1, "asked once");
    }

    function test_erc3525_value_slot_and_decimals() public {
        assertEq(receivables.valueDecimals(), 2, "decimals");
        assertEq(receivables.balanceOf(_claim), 1_000, "value");
        assertEq(receivables.slotOf(_claim), _slot, "slot");
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.balanceOf(uint256(0));
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.slotOf(0);
    }

    function test_erc3525_allowance_is_used_up_and_falls_away_with_the_owner() public {
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        receivables.approve(_claim, bank, 300);
        vm.prank(seller);
        vm.expectPartialRevert(ISplittableToken.OwnerMismatch.selector);
        receivables.approve(_claim, seller, 300);
        vm.prank(seller);
        receivables.approve(_claim, bank, 300);
        vm.prank(bank);
        receivables.transferFrom(_claim, suppliers[0], 200);
        assertEq(receivables.allowance(_claim, bank), 100, "rest of the allowance");
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.AllowanceExceeded.selector);
        receivables.transferFrom(_claim, suppliers[0], 101);
        vm.prank(seller);
        receivables.transferFrom(seller, suppliers[1], _claim);
        assertEq(receivables.allowance(_claim, bank), 0, "of the new owner");
    }

    function test_erc3525_unlimited_allowance_stays() public {
        vm.prank(seller);
        receivables.approve(_claim, bank, type(uint256).max);
        vm.prank(bank);
        receivables.transferFrom(_claim, suppliers[0], 200);
        assertEq(receivables.allowance(_claim, bank), type(uint256).max, "unlimited");
    }

    function test_erc3525_value_moves_within_a_slot_only_and_not_beyond_the_balance() public {
        (, uint256 other) = _confirmed(1_000);
        vm.startPrank(seller);
        uint256 child = receivables.transferFrom(_claim, suppliers[0], 300);
        assertEq(receivables.slotOf(child), _slot, "same slot");
        receivables.transferFrom(_claim, child, 100);
        assertEq(receivables.balanceOf(child), 400, "added");
        vm.expectPartialRevert(ISplittableToken.SlotMismatch.selector);
        receivables.transferFrom(_claim, other, 1);
        vm.expectPartialRevert(ISplittableToken.SplitExceedsClaim.selector);
        receivables.transferFrom(_claim, child, 601);
        vm.expectPartialRevert(ISplittableToken.SplitExceedsClaim.selector);
        receivables.transferFrom(_claim, suppliers[0], type(uint256).max);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.transferFrom(_claim, uint256(99), 1);
        vm.stopPrank();
    }

    function test_erc3525_value_receiver_is_asked_and_heeded() public {
        Receiver good = new Receiver(IERC3525Receiver.onERC3525Received.selector);
        Receiver bad = new Receiver(0xdeadbeef);
        Mute mute = new Mute();
        _party(address(good), 1);
        _party(address(bad), 1);
        _party(address(mute), 1);
        vm.startPrank(seller);
        vm.expectPartialRevert(ISplittableToken.ReceiverRefused.selector);
        receivables.transferFrom(_claim, address(bad), 1);
        receivables.transferFrom(_claim, address(good), 1);
        receivables.transferFrom(_claim, address(mute), 1);
        vm.stopPrank();
        assertEq(good.asked(), 1, "asked once");
    }

    function test_metadata_is_readable_for_what_exists() public {
        assertTrue(bytes(receivables.tokenURI(_claim)).length != 0, "claim");
        assertTrue(bytes(receivables.slotURI(_slot)).length != 0, "receivable");
        assertTrue(bytes(receivables.contractURI()).length != 0, "contract");
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        receivables.tokenURI(99);
    }
}
