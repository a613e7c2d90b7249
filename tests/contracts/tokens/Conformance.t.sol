// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {SplittableToken} from "../../../contracts/tokens/SplittableToken.sol";
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

/// ERC-165, ERC-721 and ERC-3525, clause by clause, for any token on the shared base.
abstract contract Conformance is Fixture {
    bytes4 private constant ERC721_ANSWER = 0x150b7a02;
    SplittableToken internal token;
    uint8 internal decimals;
    address internal holder;
    uint256 private _id;
    uint256 private _slot;

    /// Sets `token` and `decimals`; a token of the value 1,000, its slot and its holder.
    function _first() internal virtual returns (uint256 id, uint256 slot, address holder_);

    /// Another of the same holder, in another slot.
    function _another() internal virtual returns (uint256 id);

    function setUp() public virtual override {
        super.setUp();
        (_id, _slot, holder) = _first();
    }

    function test_erc165_names_every_interface_and_not_the_invalid_one() public view {
        assertTrue(token.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(token.supportsInterface(0x80ac58cd), "ERC-721");
        assertTrue(token.supportsInterface(0x5b5e139f), "ERC-721 metadata");
        assertTrue(token.supportsInterface(0xd5358140), "ERC-3525");
        assertTrue(token.supportsInterface(0xe1600902), "ERC-3525 metadata");
        assertTrue(!token.supportsInterface(0xffffffff), "the invalid one");
    }

    function test_erc721_balance_and_owner_revert_for_nobody_and_nothing() public {
        vm.expectPartialRevert(ISplittableToken.ZeroAddress.selector);
        token.balanceOf(address(0));
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.ownerOf(99);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.getApproved(99);
        assertEq(token.balanceOf(holder), 1, "tokens held");
    }

    function test_erc721_transfer_needs_the_owner_the_approved_or_an_operator() public {
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.transferFrom(holder, bank, _id);
        vm.prank(holder);
        token.approve(bank, _id);
        assertEq(token.getApproved(_id), bank, "approved");
        vm.prank(bank);
        token.transferFrom(holder, bank, _id);
        assertEq(token.getApproved(_id), address(0), "an approval ends with the transfer");
        vm.prank(bank);
        token.setApprovalForAll(suppliers[0], true);
        assertTrue(token.isApprovedForAll(bank, suppliers[0]), "operator");
        vm.prank(suppliers[0]);
        token.transferFrom(bank, suppliers[1], _id);
        assertEq(token.balanceOf(suppliers[1]), 1, "tokens of the new holder");
        assertEq(token.balanceOf(bank), 0, "tokens of the old one");
    }

    function test_erc721_transfer_reverts_from_another_to_nobody_and_of_nothing() public {
        vm.startPrank(holder);
        vm.expectPartialRevert(ISplittableToken.OwnerMismatch.selector);
        token.transferFrom(bank, suppliers[0], _id);
        vm.expectRevert();
        token.transferFrom(holder, address(0), _id);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.transferFrom(holder, bank, 99);
        vm.stopPrank();
    }

    function test_erc721_approve_is_the_owners_or_an_operators() public {
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.approve(bank, _id);
    }

    function test_erc721_safe_transfer_asks_a_contract_and_heeds_its_answer() public {
        Receiver good = new Receiver(ERC721_ANSWER);
        Receiver bad = new Receiver(0xdeadbeef);
        Mute mute = new Mute();
        _party(address(good), 1);
        _party(address(bad), 1);
        _party(address(mute), 1);
        vm.startPrank(holder);
        vm.expectPartialRevert(ISplittableToken.ReceiverRefused.selector);
        token.safeTransferFrom(holder, address(bad), _id);
        vm.expectPartialRevert(ISplittableToken.ReceiverRefused.selector);
        token.safeTransferFrom(holder, address(mute), _id);
        token.safeTransferFrom(holder, address(good), _id, "data");
        vm.stopPrank();
        assertEq(good.asked(), 1, "asked once");
    }

    function test_erc3525_value_slot_and_decimals() public {
        assertEq(token.valueDecimals(), decimals, "decimals");
        assertEq(token.balanceOf(_id), 1_000, "value");
        assertEq(token.slotOf(_id), _slot, "slot");
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.balanceOf(uint256(0));
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.slotOf(0);
    }

    function test_erc3525_allowance_is_used_up_and_falls_away_with_the_owner() public {
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.approve(_id, bank, 300);
        vm.prank(holder);
        token.approve(_id, bank, 300);
        vm.prank(bank);
        token.transferFrom(_id, suppliers[0], 200);
        assertEq(token.allowance(_id, bank), 100, "rest of the allowance");
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.AllowanceExceeded.selector);
        token.transferFrom(_id, suppliers[0], 101);
        vm.prank(holder);
        token.transferFrom(holder, suppliers[1], _id);
        assertEq(token.allowance(_id, bank), 0, "of the new owner");
    }

    function test_erc3525_unlimited_allowance_stays() public {
        vm.prank(holder);
        token.approve(_id, bank, type(uint256).max);
        vm.prank(bank);
        token.transferFrom(_id, suppliers[0], 200);
        assertEq(token.allowance(_id, bank), type(uint256).max, "unlimited");
    }

    function test_erc3525_value_moves_within_a_slot_only_and_not_beyond_the_balance() public {
        uint256 other = _another();
        vm.startPrank(holder);
        uint256 child = token.transferFrom(_id, suppliers[0], 300);
        assertEq(token.slotOf(child), _slot, "same slot");
        token.transferFrom(_id, child, 100);
        assertEq(token.balanceOf(child), 400, "added");
        vm.expectPartialRevert(ISplittableToken.SlotMismatch.selector);
        token.transferFrom(_id, other, 1);
        vm.expectPartialRevert(ISplittableToken.SplitExceedsClaim.selector);
        token.transferFrom(_id, child, 601);
        vm.expectPartialRevert(ISplittableToken.SplitExceedsClaim.selector);
        token.transferFrom(_id, suppliers[0], type(uint256).max);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.transferFrom(_id, uint256(99), 1);
        vm.stopPrank();
    }

    function test_erc3525_value_receiver_is_asked_and_heeded() public {
        Receiver good = new Receiver(IERC3525Receiver.onERC3525Received.selector);
        Receiver bad = new Receiver(0xdeadbeef);
        Mute mute = new Mute();
        _party(address(good), 1);
        _party(address(bad), 1);
        _party(address(mute), 1);
        vm.startPrank(holder);
        vm.expectPartialRevert(ISplittableToken.ReceiverRefused.selector);
        token.transferFrom(_id, address(bad), 1);
        token.transferFrom(_id, address(good), 1);
        token.transferFrom(_id, address(mute), 1);
        vm.stopPrank();
        assertEq(good.asked(), 1, "asked once");
    }

    function test_metadata_is_readable_for_what_exists() public {
        assertTrue(bytes(token.tokenURI(_id)).length != 0, "token");
        assertTrue(bytes(token.slotURI(_slot)).length != 0, "slot");
        assertTrue(bytes(token.contractURI()).length != 0, "contract");
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.tokenURI(99);
    }
}

/// Claims on receivables.
contract ConformanceTest is Conformance {
    function _first() internal override returns (uint256 id, uint256 slot, address holder_) {
        (token, decimals) = (receivables, 2);
        ReceivableId receivableId;
        (receivableId, id) = _confirmed(1_000);
        return (id, ReceivableId.unwrap(receivableId), seller);
    }

    function _another() internal override returns (uint256 id) {
        (, id) = _confirmed(1_000);
    }
}
