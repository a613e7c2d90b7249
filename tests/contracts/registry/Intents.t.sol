// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {Fixture} from "../support/Fixture.sol";

/// Intents that a party signs and anyone sends: alone, in batches, altered, replayed, expired, of another chain.
contract IntentsTest is Fixture {
    function test_intent_runs_as_the_party_that_signed_it() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(STRANGER);
        forwarder.execute(_split(claimId, 300, 0));
        assertEq(receivables.ownerOf(claimId + 1), suppliers[0], "holder");
    }

    function test_an_intent_is_carried_out_once() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent memory signed = _split(claimId, 300, 0);
        forwarder.execute(signed);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, seller, 0));
        forwarder.execute(signed);
    }

    function test_an_altered_intent_is_refused() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent memory signed = _split(claimId, 300, 0);
        signed.intent.data = abi.encodeCall(receivables.assign, (claimId, suppliers[0], 301, 0));
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, seller, 0));
        forwarder.execute(signed);
    }

    function test_an_expired_intent_is_refused() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent memory signed = _split(claimId, 300, 0);
        vm.warp(block.timestamp + 2 hours);
        vm.expectPartialRevert(IForwarder.IntentExpired.selector);
        forwarder.execute(signed);
    }

    function test_an_intent_for_another_chain_is_refused() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.chainId(99);
        IForwarder.SignedIntent memory signed = _split(claimId, 300, 0);
        vm.chainId(31_337);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, seller, 0));
        forwarder.execute(signed);
    }

    function test_execute_batch_skips_an_intent_that_was_used_already() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](3);
        for (uint256 i; i < 3; ++i) {
            batch[i] = _split(claimId, 100, i);
        }
        forwarder.execute(batch[0]);
        forwarder.executeBatch(batch, false);
        assertEq(receivables.balanceOf(claimId), 700, "each once");
    }

    function test_a_whole_batch_is_undone_when_a_call_in_it_fails() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](2);
        batch[0] = _split(claimId, 300, 0);
        batch[1] = _split(claimId, 800, 1); // more than is left
        bytes memory reason = abi.encodeWithSelector(ISplittableToken.SplitExceedsClaim.selector, claimId, 800, 700);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.CallFailed.selector, seller, 1, reason));
        forwarder.executeBatch(batch, true);
        assertEq(receivables.balanceOf(claimId), 1_000, "nothing happened");
        assertEq(forwarder.nonceBitmap(seller, 0), 0, "no nonce is used");
        batch[1] = _split(claimId, 700, 1);
        forwarder.executeBatch(batch, true);
        assertEq(receivables.ownerOf(claimId), suppliers[0], "both happened");
    }

    function test_whole_batch_is_undone_when_an_intent_is_not_valid() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](2);
        batch[0] = _split(claimId, 300, 0);
        batch[1] = _split(claimId, 300, 0); // the same nonce
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, seller, 0));
        forwarder.executeBatch(batch, true);
        assertEq(receivables.balanceOf(claimId), 1_000, "nothing happened");
    }

    function test_batch_that_is_not_whole_continues_after_a_failing_call() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](3);
        batch[0] = _split(claimId, 300, 0);
        batch[1] = _split(claimId, 800, 1); // more than is left
        batch[2] = _split(claimId, 200, 2);
        forwarder.executeBatch(batch, false);
        assertEq(receivables.balanceOf(claimId), 500, "the first and the third");
        assertEq(forwarder.nonceBitmap(seller, 0), 7, "all nonces are used");
    }

    function test_the_forwarder_takes_no_ether() public {
        (, uint256 claimId) = _confirmed(1_000);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](1);
        batch[0] = _split(claimId, 300, 0);
        vm.deal(address(this), 10);
        bytes[4] memory calls = [
            abi.encodeCall(forwarder.execute, (batch[0])),
            abi.encodeCall(forwarder.executeBatch, (batch, true)),
            abi.encodeCall(forwarder.cancel, (7)),
            bytes("")
        ];
        for (uint256 i; i < calls.length; ++i) {
            (bool sent,) = address(forwarder).call{value: 1}(calls[i]);
            assertTrue(!sent, "refused with ether");
        }
        (bool done,) = address(forwarder).call(calls[0]);
        assertTrue(done, "taken without");
    }

    function test_appended_address_does_not_make_the_caller_that_party() public {
        (, uint256 claimId) = _confirmed(1_000);
        bytes memory call = abi.encodePacked(abi.encodeCall(receivables.assign, (claimId, STRANGER, 300, 0)), seller);
        vm.prank(STRANGER);
        (bool done,) = address(receivables).call(call);
        assertTrue(!done, "refused");
    }

    function _split(uint256 claimId, uint96 value, uint256 nonce)
        private
        view
        returns (IForwarder.SignedIntent memory)
    {
        bytes memory call = abi.encodeCall(receivables.assign, (claimId, suppliers[0], value, 0));
        return _intent(SELLER_KEY, address(receivables), call, nonce);
    }
}
