// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {ForwarderFixture, Target} from "./ForwarderFixture.sol";

/// Batches, whole and not whole, and targets that re-enter the forwarder.
contract ForwarderBatchTest is ForwarderFixture {
    function test_a_batch_runs_intents_of_many_signers_in_their_order() public {
        forwarder.executeBatch(_batch(_counting(KEY, 2), _counting(OTHER_KEY, 2)), true);
        forwarder.executeBatch(_batch(_counting(KEY, 1), _counting(OTHER_KEY, 1)), false);
        assertEq(target.total(), 4, "all");
        assertEq(target.calls(other, 1), 1, "each by its signer");
    }

    function test_an_empty_batch_does_nothing() public {
        forwarder.executeBatch(new IForwarder.SignedIntent[](0), true);
        forwarder.executeBatch(new IForwarder.SignedIntent[](0), false);
        assertEq(target.total(), 0, "nothing");
    }

    // ------------------------------------------------------------------ not whole

    function test_execute_batch_skips_an_intent_that_is_not_valid() public {
        IForwarder.SignedIntent memory altered = _counting(KEY, 1);
        altered.intent.operation = 0;
        forwarder.executeBatch(_batch(altered, _counting(KEY, 2)), false);
        assertEq(target.calls(signer, 1), 0, "skipped");
        assertTrue(!forwarder.isNonceUsed(signer, 1), "its nonce can still be used");
        assertEq(target.calls(signer, 2), 1, "the next one ran");
    }

    function test_failing_call_in_a_batch_uses_up_only_its_nonce() public {
        IForwarder.SignedIntent memory failing = _signed(KEY, 1, abi.encodeCall(target.refuse, (1)));
        forwarder.executeBatch(_batch(failing, _counting(KEY, 2)), false);
        assertTrue(forwarder.isNonceUsed(signer, 1), "used up");
        assertEq(target.calls(signer, 1), 0, "nothing happened");
        assertEq(target.calls(signer, 2), 1, "the next one ran");
    }

    function test_intent_that_is_twice_in_a_batch_runs_once() public {
        forwarder.executeBatch(_batch(_counting(KEY, 1), _counting(KEY, 1)), false);
        assertEq(target.calls(signer, 1), 1, "once");
    }

    // ------------------------------------------------------------------ whole

    function test_whole_batch_reverts_when_an_intent_is_not_valid() public {
        IForwarder.SignedIntent memory altered = _counting(KEY, 2);
        altered.intent.operation = 0;
        _undone(_counting(KEY, 1), altered, abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, signer, 2));
        IForwarder.SignedIntent memory late = _counting(KEY, 2);
        late.intent.deadline = uint48(block.timestamp - 1);
        bytes memory error =
            abi.encodeWithSelector(IForwarder.IntentExpired.selector, late.intent.deadline, block.timestamp);
        _undone(_counting(KEY, 1), late, error);
    }

    function test_whole_batch_reverts_when_a_call_fails() public {
        IForwarder.SignedIntent memory failing = _signed(KEY, 2, abi.encodeCall(target.refuse, (2)));
        bytes memory reason = abi.encodeWithSelector(Target.Refused.selector, 2);
        bytes memory error = abi.encodeWithSelector(IForwarder.CallFailed.selector, signer, 2, reason);
        _undone(_counting(KEY, 1), failing, error);
        _undone(failing, _counting(KEY, 1), error);
    }

    function test_whole_batch_reverts_when_an_intent_is_twice_in_it() public {
        IForwarder.SignedIntent memory signed = _counting(KEY, 1);
        _undone(signed, signed, abi.encodeWithSelector(IForwarder.NonceUsed.selector, signer, 1));
    }

    function test_intent_runs_later_when_its_whole_batch_reverted() public {
        IForwarder.SignedIntent memory good = _counting(KEY, 1);
        IForwarder.SignedIntent memory failing = _signed(KEY, 2, abi.encodeCall(target.refuse, (2)));
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.executeBatch, (_batch(good, failing), true)));
        assertTrue(!done, "undone");
        forwarder.execute(good);
        assertEq(target.calls(signer, 1), 1, "ran");
    }

    // ------------------------------------------------------------------ gas

    /// The gas of a transaction may end anywhere within its batch: an intent that ran used its nonce and succeeded, and
    /// the rest is as before.
    function test_batch_reverts_when_it_runs_out_of_gas() public {
        uint256 failed;
        uint256 ran;
        for (uint256 gas = 100_000; gas < 900_000; gas += 4_000) {
            IForwarder.SignedIntent memory first = _burning(gas);
            IForwarder.SignedIntent memory second = _burning(gas + 1);
            bytes memory call = abi.encodeCall(forwarder.executeBatch, (_batch(first, second), false));
            (bool done,) = address(forwarder).call{gas: gas}(call);
            if (done) ++ran;
            else ++failed;
            for (uint256 nonce = gas; nonce < gas + 2; ++nonce) {
                assertTrue(forwarder.isNonceUsed(signer, nonce) == done, "both nonces or none");
                assertEq(target.calls(signer, nonce), done ? 1 : 0, "both calls or none");
            }
        }
        assertTrue(failed > 0 && ran > 0, "both were seen");
    }

    // ------------------------------------------------------------------ re-entering

    function test_a_target_that_re_enters_cannot_run_its_intent_again() public {
        IForwarder.SignedIntent memory signed = _entering(KEY, 1);
        target.arm(address(forwarder), abi.encodeCall(forwarder.execute, (signed)));
        forwarder.execute(signed);
        assertTrue(!target.withinSucceeded(), "refused within");
        assertEq(target.calls(signer, 1), 1, "once");
        signed = _entering(KEY, 2);
        target.arm(address(forwarder), abi.encodeCall(forwarder.executeBatch, (_batch(signed, signed), false)));
        forwarder.executeBatch(_batch(signed, signed), false);
        assertTrue(!target.withinSucceeded(), "a batch is refused within, too");
        assertEq(target.calls(signer, 2), 1, "once");
    }

    /// Otherwise the logs of one intent could be read as those of the other.
    function test_a_target_that_re_enters_starts_no_other_intent() public {
        IForwarder.SignedIntent memory inner = _counting(OTHER_KEY, 7);
        IForwarder.SignedIntent memory outer = _entering(KEY, 1);
        bytes[2] memory ways =
            [abi.encodeCall(forwarder.execute, (inner)), abi.encodeCall(forwarder.executeBatch, (_only(inner), false))];
        for (uint256 way; way < 2; ++way) {
            outer = _entering(KEY, way);
            target.arm(address(forwarder), ways[way]);
            forwarder.execute(outer);
            assertTrue(!target.withinSucceeded(), "refused within");
            assertTrue(!forwarder.isNonceUsed(other, 7), "its nonce is as it was");
        }
        vm.expectEmit(address(forwarder));
        emit IForwarder.IntentExecuted(signer, 2, _entering(KEY, 2).intent.operation, true);
        vm.expectEmit(address(forwarder));
        emit IForwarder.IntentExecuted(other, 7, inner.intent.operation, true);
        forwarder.executeBatch(_batch(_entering(KEY, 2), inner), true);
        assertEq(target.calls(other, 7), 1, "once, in its place");
    }

    function test_forwarder_stays_usable_after_a_failing_call() public {
        forwarder.executeBatch(_only(_signed(KEY, 1, abi.encodeCall(target.refuse, (1)))), false);
        forwarder.execute(_counting(OTHER_KEY, 7));
        assertEq(target.calls(other, 7), 1, "runs");
    }

    // ------------------------------------------------------------------ helpers

    function _undone(IForwarder.SignedIntent memory first, IForwarder.SignedIntent memory second, bytes memory error)
        private
    {
        vm.expectRevert(error);
        forwarder.executeBatch(_batch(first, second), true);
        assertEq(target.total(), 0, "nothing ran");
        assertTrue(!forwarder.isNonceUsed(first.intent.from, first.intent.nonce), "the first nonce is unused");
        assertTrue(!forwarder.isNonceUsed(second.intent.from, second.intent.nonce), "and the second");
    }

    function _burning(uint256 nonce) private view returns (IForwarder.SignedIntent memory) {
        return _signed(KEY, nonce, abi.encodeCall(target.burn, (nonce, 90_000)));
    }

    function _entering(uint256 key, uint256 nonce) private view returns (IForwarder.SignedIntent memory) {
        IForwarder.Intent memory intent = _intent(vm.addr(key), nonce, abi.encodeCall(target.enter, (nonce)));
        intent.gas = 1_000_000;
        return _sign(key, intent);
    }
}
