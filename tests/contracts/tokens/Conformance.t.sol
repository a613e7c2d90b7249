// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {SplittableToken} from "../../../contracts/tokens/SplittableToken.sol";
import {IERC3525Receiver} from "../../../contracts/tokens/IERC3525.sol";
import {ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Answers what the test set, and remembers the questions.
contract Receiver {
    bytes4 private _answer;
    uint256 public requested;

    constructor(bytes4 answer) {
        _answer = answer;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x009ce20b;
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        ++requested;
        return _answer;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        ++requested;
        return _answer;
    }
}

/// A contract that implements nothing.
contract Mute {}

/// Fails on every question: with words, without, or by a panic.
contract Failing {
    uint256 private _kind;

    constructor(uint256 kind) {
        _kind = kind;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x009ce20b;
    }

    function onERC721Received(address, address, uint256, bytes calldata) external view returns (bytes4) {
        return _fail();
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external view returns (bytes4) {
        return _fail();
    }

    function _fail() private view returns (bytes4) {
        if (_kind == 0) revert("refused");
        // An amount of nothing is divided: a panic.
        if (_kind == 1) return bytes4(uint32(1 / (_kind - 1)));
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }
}

/// ERC-165, ERC-721 and ERC-3525, clause by clause, for any token on the shared base.
abstract contract Conformance is Fixture {
    event Transfer(address indexed _from, address indexed _to, uint256 indexed _tokenId);
    event Approval(address indexed _owner, address indexed _approved, uint256 indexed _tokenId);
    event ApprovalForAll(address indexed _owner, address indexed _operator, bool _approved);
    event TransferValue(uint256 indexed _fromTokenId, uint256 indexed _toTokenId, uint256 _value);
    event ApprovalValue(uint256 indexed _tokenId, address indexed _operator, uint256 _value);
    event SlotChanged(uint256 indexed _tokenId, uint256 indexed _oldSlot, uint256 indexed _newSlot);

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

    function test_erc721_safe_transfer_follows_the_receivers_answer() public {
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
        assertEq(good.requested(), 1, "asked once");
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

    function test_erc3525_value_transfer_follows_the_receivers_answer() public {
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
        assertEq(good.requested(), 1, "asked once");
    }

    // ------------------------------------------------------------------ what Solv's own suite asks for

    function test_erc165_names_no_extension_that_enumerates_or_approves_slots() public view {
        assertTrue(!token.supportsInterface(0x780e9d63), "ERC-721 enumerable");
        assertTrue(!token.supportsInterface(0x3b741b9e), "ERC-3525 slot enumerable");
        assertTrue(!token.supportsInterface(0xb688be58), "ERC-3525 slot approvable");
    }

    function test_erc721_balance_is_zero_for_a_party_without_tokens() public view {
        assertEq(token.balanceOf(bank), 0, "nothing");
    }

    function test_erc721_transfer_to_the_owner_moves_nothing_and_ends_the_approval() public {
        vm.startPrank(holder);
        token.approve(bank, _id);
        vm.expectEmit(address(token));
        emit Transfer(holder, holder, _id);
        token.transferFrom(holder, holder, _id);
        vm.stopPrank();
        assertEq(token.ownerOf(_id), holder, "owner");
        assertEq(token.balanceOf(holder), 1, "tokens held");
        assertEq(token.balanceOf(_id), 1_000, "value");
        assertEq(token.getApproved(_id), address(0), "approval");
    }

    function test_erc721_transfer_event_names_old_and_new_owner() public {
        vm.expectEmit(address(token));
        emit Transfer(holder, bank, _id);
        vm.prank(holder);
        token.transferFrom(holder, bank, _id);
    }

    function test_erc721_approval_is_set_replaced_and_cleared_with_its_event() public {
        address[4] memory approved = [bank, bank, suppliers[2], address(0)];
        for (uint256 i; i < 4; ++i) {
            vm.expectEmit(address(token));
            emit Approval(holder, approved[i], _id);
            vm.prank(holder);
            token.approve(approved[i], _id);
            assertEq(token.getApproved(_id), approved[i], "approved");
        }
        vm.prank(suppliers[2]);
        vm.expectPartialRevert(ISplittableToken.AllowanceExceeded.selector);
        token.transferFrom(_id, bank, 1);
    }

    /// The text forbids neither; the owner gains nothing by it.
    function test_erc721_approval_to_the_owner_changes_nothing_for_anyone() public {
        vm.startPrank(holder);
        token.approve(holder, _id);
        token.setApprovalForAll(holder, true);
        vm.stopPrank();
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.transferFrom(holder, bank, _id);
        vm.prank(holder);
        token.transferFrom(holder, bank, _id);
        vm.prank(holder);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.transferFrom(bank, holder, _id);
    }

    function test_erc721_approval_is_given_by_an_operator_and_not_by_the_approved() public {
        vm.startPrank(holder);
        token.approve(bank, _id);
        token.setApprovalForAll(suppliers[2], true);
        vm.stopPrank();
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.approve(suppliers[1], _id);
        vm.prank(suppliers[2]);
        token.approve(suppliers[1], _id);
        assertEq(token.getApproved(_id), suppliers[1], "approved by the operator");
        vm.prank(holder);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.approve(bank, 99);
    }

    function test_erc721_operator_is_set_again_and_unset_with_its_event() public {
        bool[3] memory provided = [true, true, false];
        for (uint256 i; i < 3; ++i) {
            vm.expectEmit(address(token));
            emit ApprovalForAll(holder, bank, provided[i]);
            vm.prank(holder);
            token.setApprovalForAll(bank, provided[i]);
            assertTrue(token.isApprovedForAll(holder, bank) == provided[i], "operator");
        }
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.transferFrom(holder, bank, _id);
    }

    function test_erc721_safe_transfer_reverts_with_a_receiver_that_reverts_or_panics() public {
        for (uint256 kind; kind < 3; ++kind) {
            Failing failing = new Failing(kind);
            _party(address(failing), 1);
            vm.startPrank(holder);
            vm.expectRevert();
            token.safeTransferFrom(holder, address(failing), _id);
            vm.expectRevert();
            token.transferFrom(_id, address(failing), 1);
            vm.stopPrank();
        }
        assertEq(token.ownerOf(_id), holder, "nothing moved");
        assertEq(token.balanceOf(_id), 1_000, "nor any value");
    }

    function test_erc3525_value_to_the_token_itself_changes_nothing_and_emits_its_event() public {
        vm.expectEmit(address(token));
        emit TransferValue(_id, _id, 300);
        vm.prank(holder);
        token.transferFrom(_id, _id, 300);
        assertEq(token.balanceOf(_id), 1_000, "value");
        assertEq(token.ownerOf(_id), holder, "owner");
        vm.prank(holder);
        vm.expectPartialRevert(ISplittableToken.SplitExceedsClaim.selector);
        token.transferFrom(_id, _id, 1_001);
    }

    function test_erc3525_zero_value_to_a_token_changes_nothing_and_emits_its_event() public {
        uint256 child = _child(300);
        vm.expectEmit(address(token));
        emit TransferValue(_id, child, 0);
        vm.prank(holder);
        token.transferFrom(_id, child, 0);
        assertEq(token.balanceOf(_id), 700, "value");
        assertEq(token.balanceOf(child), 300, "value of the other");
    }

    /// Anyone could fill a holder's list with tokens of no value: a part has a value.
    function test_erc3525_zero_value_to_an_address_reverts() public {
        vm.prank(holder);
        vm.expectPartialRevert(ISplittableToken.ValueIsZero.selector);
        token.transferFrom(_id, suppliers[2], 0);
    }

    function test_erc3525_zero_value_transfer_reverts_for_a_stranger() public {
        uint256 child = _child(300);
        vm.prank(bank);
        vm.expectPartialRevert(ISplittableToken.AllowanceExceeded.selector);
        token.transferFrom(_id, child, 0);
    }

    function test_erc3525_value_to_an_address_mints_a_token_with_three_events() public {
        vm.prank(holder);
        vm.expectEmit(address(token));
        emit Transfer(address(0), suppliers[2], _id + 1);
        vm.expectEmit(address(token));
        emit SlotChanged(_id + 1, 0, _slot);
        vm.expectEmit(address(token));
        emit TransferValue(_id, _id + 1, 300);
        uint256 child = token.transferFrom(_id, suppliers[2], 300);
        assertEq(child, _id + 1, "the next id");
        assertEq(token.ownerOf(child), suppliers[2], "owner");
        assertEq(token.balanceOf(child), 300, "value");
        assertEq(token.balanceOf(_id), 700, "the rest");
    }

    function test_erc3525_value_to_the_owners_address_makes_a_second_token() public {
        vm.prank(holder);
        uint256 child = token.transferFrom(_id, holder, 300);
        assertEq(token.balanceOf(holder), 2, "tokens held");
        assertEq(token.slotOf(child), _slot, "slot");
    }

    function test_erc3525_value_between_tokens_moves_no_token() public {
        uint256 child = _child(300);
        vm.expectEmit(address(token));
        emit TransferValue(_id, child, 100);
        vm.prank(holder);
        token.transferFrom(_id, child, 100);
        assertEq(token.balanceOf(holder), 1, "tokens of the one");
        assertEq(token.balanceOf(suppliers[2]), 1, "tokens of the other");
        assertEq(token.ownerOf(child), suppliers[2], "owner");
        assertEq(token.balanceOf(_id), 600, "less here");
        assertEq(token.balanceOf(child), 400, "more there");
    }

    function test_erc3525_value_is_moved_by_the_approved_address_and_by_an_operator() public {
        vm.startPrank(holder);
        token.approve(bank, _id);
        token.setApprovalForAll(suppliers[1], true);
        vm.stopPrank();
        vm.prank(bank);
        token.transferFrom(_id, suppliers[2], 100);
        vm.prank(suppliers[1]);
        token.transferFrom(_id, suppliers[2], 100);
        assertEq(token.balanceOf(_id), 800, "the rest");
        assertEq(token.getApproved(_id), bank, "value that moves ends no approval of the token");
    }

    function test_erc3525_allowance_gives_no_right_to_the_whole_token() public {
        vm.prank(holder);
        token.approve(_id, bank, type(uint256).max);
        vm.startPrank(bank);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.transferFrom(holder, bank, _id);
        vm.expectPartialRevert(ISplittableToken.NotAuthorised.selector);
        token.approve(_id, suppliers[2], 1);
        vm.stopPrank();
    }

    function test_erc3525_allowances_are_set_apart_replaced_and_cleared_with_their_event() public {
        uint256[3] memory provided = [uint256(300), 200, 0];
        vm.prank(holder);
        token.approve(_id, suppliers[2], 50);
        for (uint256 i; i < 3; ++i) {
            vm.expectEmit(address(token));
            emit ApprovalValue(_id, bank, provided[i]);
            vm.prank(holder);
            token.approve(_id, bank, provided[i]);
            assertEq(token.allowance(_id, bank), provided[i], "allowance");
        }
        assertEq(token.allowance(_id, suppliers[2]), 50, "another's stays");
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.allowance(99, bank);
    }

    function test_erc3525_value_reverts_to_nobody_and_from_nothing() public {
        vm.startPrank(holder);
        vm.expectRevert();
        token.transferFrom(_id, address(0), 1);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.transferFrom(99, _id, 1);
        vm.expectPartialRevert(ISplittableToken.TokenUnknown.selector);
        token.transferFrom(99, suppliers[2], 1);
        vm.stopPrank();
    }

    function test_erc3525_functions_that_are_payable_refuse_ether() public {
        vm.deal(holder, 3);
        bytes[3] memory calls = [
            abi.encodeWithSignature("approve(uint256,address,uint256)", _id, bank, 1),
            abi.encodeWithSignature("transferFrom(uint256,uint256,uint256)", _id, _id, 1),
            abi.encodeWithSignature("transferFrom(uint256,address,uint256)", _id, suppliers[2], 1)
        ];
        for (uint256 i; i < 3; ++i) {
            vm.prank(holder);
            (bool done,) = address(token).call{value: 1}(calls[i]);
            assertTrue(!done, "refused");
        }
        assertEq(address(token).balance, 0, "no ether");
    }

    function _child(uint256 value) private returns (uint256 child) {
        vm.prank(holder);
        child = token.transferFrom(_id, suppliers[2], value);
    }

    function test_metadata_is_readable_for_existing_tokens() public {
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
        (token, decimals) = (receivables, 0);
        ReceivableId receivableId;
        (receivableId, id) = _confirmed(1_000);
        return (id, ReceivableId.unwrap(receivableId), seller);
    }

    function _another() internal override returns (uint256 id) {
        (, id) = _confirmed(1_000);
    }
}
