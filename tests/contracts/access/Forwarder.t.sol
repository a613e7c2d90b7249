// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {ForwarderFixture, Mumbler, Target} from "./ForwarderFixture.sol";

/// One intent: when it is valid, and what it changes.
contract ForwarderTest is ForwarderFixture {
    function test_target_sees_the_signer_whoever_sends_the_transaction() public {
        vm.prank(SENDER);
        forwarder.execute(_counting(KEY, 5));
        assertEq(target.calls(signer, 5), 1, "by the signer");
        assertEq(target.total(), 1, "and by nobody else");
    }

    function test_the_event_names_signer_nonce_and_operation() public {
        vm.expectEmit(address(forwarder));
        emit IForwarder.IntentExecuted(signer, 5, keccak256(abi.encode("operation", uint256(5))), true);
        forwarder.execute(_counting(KEY, 5));
        vm.expectEmit(address(forwarder));
        emit IForwarder.IntentExecuted(signer, 6, keccak256(abi.encode("operation", uint256(6))), false);
        forwarder.executeBatch(_only(_signed(KEY, 6, abi.encodeCall(target.refuse, (6)))), false);
    }

    // ------------------------------------------------------------------ nonces

    function test_an_intent_runs_once() public {
        IForwarder.SignedIntent memory signed = _counting(KEY, 5);
        assertTrue(forwarder.verify(signed), "valid before");
        forwarder.execute(signed);
        assertTrue(!forwarder.verify(signed), "not after");
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, signer, 5));
        forwarder.execute(signed);
        forwarder.executeBatch(_only(signed), false);
        assertEq(target.total(), 1, "once");
    }

    function test_two_signatures_with_one_nonce_run_once_together() public {
        IForwarder.SignedIntent memory first = _counting(KEY, 5);
        vm.warp(block.timestamp + 10);
        IForwarder.SignedIntent memory anew = _counting(KEY, 5);
        assertTrue(keccak256(first.signature) != keccak256(anew.signature), "another signature");
        forwarder.execute(anew);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, signer, 5));
        forwarder.execute(first);
        assertEq(target.total(), 1, "once");
    }

    function test_nonces_run_in_any_order_and_a_gap_blocks_none() public {
        uint256 space = uint256(0xfedcba9876543210) << 64;
        uint256[6] memory nonces = [space | 7, 256, 0, type(uint256).max, 255, space | 6];
        for (uint256 i; i < nonces.length; ++i) {
            assertTrue(!forwarder.isNonceUsed(signer, nonces[i]), "unused before");
            forwarder.execute(_counting(KEY, nonces[i]));
            assertTrue(forwarder.isNonceUsed(signer, nonces[i]), "used after");
            assertEq(target.calls(signer, nonces[i]), 1, "ran");
        }
        assertEq(forwarder.nonceBitmap(signer, 0), 1 | (1 << 255), "0 and 255 in word 0");
        assertEq(forwarder.nonceBitmap(signer, 1), 1, "256 in word 1");
        assertEq(forwarder.nonceBitmap(signer, type(uint256).max >> 8), 1 << 255, "the last bit of the last word");
        assertEq(forwarder.nonceBitmap(signer, space >> 8), 3 << 6, "two of one space");
    }

    /// Each nonce has its own bit: using two nonces uses no third one.
    function testFuzz_execution_uses_up_only_its_own_nonce(uint256 first, uint256 second, uint256 third) public {
        vm.assume(first != second);
        forwarder.execute(_counting(KEY, first));
        forwarder.execute(_counting(KEY, second));
        assertTrue(forwarder.isNonceUsed(signer, first) && forwarder.isNonceUsed(signer, second), "both used");
        assertTrue(forwarder.isNonceUsed(signer, third) == (third == first || third == second), "no other");
        assertTrue(!forwarder.isNonceUsed(other, first), "nor another signer's");
    }

    // ------------------------------------------------------------------ cancel

    function test_a_signer_makes_a_nonce_unusable() public {
        IForwarder.SignedIntent memory signed = _counting(KEY, 5);
        vm.expectEmit(address(forwarder));
        emit IForwarder.NonceCancelled(signer, 5);
        vm.prank(signer);
        forwarder.cancel(5);
        assertTrue(forwarder.isNonceUsed(signer, 5), "used");
        assertTrue(!forwarder.isNonceUsed(signer, 4) && !forwarder.isNonceUsed(signer, 6), "its neighbours are not");
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, signer, 5));
        forwarder.execute(signed);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, signer, 5));
        vm.prank(signer);
        forwarder.cancel(5);
    }

    function test_a_nonce_that_ran_is_not_cancelled() public {
        forwarder.execute(_counting(KEY, 5));
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, signer, 5));
        vm.prank(signer);
        forwarder.cancel(5);
    }

    function test_nobody_cancels_for_another() public {
        vm.prank(SENDER);
        forwarder.cancel(5);
        forwarder.execute(_counting(KEY, 5));
        assertEq(target.total(), 1, "ran all the same");
    }

    // ------------------------------------------------------------------ deadline

    function test_an_intent_runs_until_its_deadline_and_not_after() public {
        IForwarder.SignedIntent memory first = _counting(KEY, 1);
        IForwarder.SignedIntent memory second = _counting(KEY, 2);
        vm.warp(first.intent.deadline);
        forwarder.execute(first);
        vm.warp(block.timestamp + 1);
        assertTrue(!forwarder.verify(second), "not valid");
        vm.expectRevert(
            abi.encodeWithSelector(IForwarder.IntentExpired.selector, second.intent.deadline, block.timestamp)
        );
        forwarder.execute(second);
        forwarder.executeBatch(_only(second), false);
        assertEq(target.total(), 1, "only the first ran");
        assertTrue(!forwarder.isNonceUsed(signer, 2), "its nonce can still be used");
    }

    // ------------------------------------------------------------------ target

    function test_an_intent_for_a_target_that_does_not_trust_the_forwarder_is_refused() public {
        address distrusting = address(new Target(address(1)));
        // An account, a precompile that echoes its input, the forwarder itself, a contract without the question.
        address[5] memory targets = [distrusting, SENDER, address(4), address(forwarder), address(wallet)];
        for (uint256 i; i < targets.length; ++i) {
            IForwarder.Intent memory intent = _intent(signer, i, abi.encodeCall(target.count, (i)));
            intent.to = targets[i];
            IForwarder.SignedIntent memory signed = _sign(KEY, intent);
            assertTrue(!forwarder.verify(signed), "not valid");
            vm.expectRevert(abi.encodeWithSelector(IForwarder.TargetUntrusting.selector, targets[i]));
            forwarder.execute(signed);
            forwarder.executeBatch(_only(signed), false);
            assertTrue(!forwarder.isNonceUsed(signer, i), "its nonce can still be used");
        }
    }

    function test_target_is_refused_when_its_answer_is_too_short_or_a_revert() public {
        address[3] memory targets =
            [address(new Mumbler(0, false)), address(new Mumbler(31, false)), address(new Mumbler(32, true))];
        for (uint256 i; i < targets.length; ++i) {
            IForwarder.Intent memory intent = _intent(signer, i, "");
            intent.to = targets[i];
            vm.expectRevert(abi.encodeWithSelector(IForwarder.TargetUntrusting.selector, targets[i]));
            forwarder.execute(_sign(KEY, intent));
        }
        IForwarder.Intent memory answered = _intent(signer, 9, "");
        answered.to = address(new Mumbler(32, false));
        forwarder.execute(_sign(KEY, answered));
    }

    function test_no_intent_cancels_a_nonce_of_the_forwarder_or_of_its_signer() public {
        IForwarder.Intent memory intent = _intent(signer, 1, abi.encodeCall(forwarder.cancel, (2)));
        intent.to = address(forwarder);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.TargetUntrusting.selector, address(forwarder)));
        forwarder.execute(_sign(KEY, intent));
    }

    // ------------------------------------------------------------------ signature

    function test_signature_is_refused_when_any_field_was_changed() public {
        for (uint256 field; field < 7; ++field) {
            IForwarder.SignedIntent memory signed = _counting(KEY, 5);
            if (field == 0) signed.intent.from = other;
            if (field == 1) signed.intent.to = address(new Target(address(forwarder)));
            if (field == 2) signed.intent.gas += 1;
            if (field == 3) signed.intent.nonce = 6;
            if (field == 4) signed.intent.deadline += 1;
            if (field == 5) signed.intent.operation = 0;
            if (field == 6) signed.intent.data = abi.encodeCall(target.count, (6));
            assertTrue(!forwarder.verify(signed), "not valid");
            vm.expectRevert(
                abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, signed.intent.from, signed.intent.nonce)
            );
            forwarder.execute(signed);
        }
        forwarder.execute(_counting(KEY, 5));
    }

    function test_a_signature_of_another_key_chain_or_forwarder_is_refused() public {
        IForwarder.SignedIntent memory signed = _sign(OTHER_KEY, _intent(signer, 5, ""));
        _refused(signed);
        vm.chainId(99);
        signed = _counting(KEY, 5);
        assertTrue(forwarder.verify(signed), "valid there");
        vm.chainId(31_337);
        _refused(signed);
        Forwarder mine = forwarder;
        forwarder = new Forwarder();
        signed = _counting(KEY, 5);
        forwarder = mine;
        _refused(signed);
    }

    function test_signature_is_refused_in_any_other_encoding() public {
        IForwarder.SignedIntent memory signed = _counting(KEY, 5);
        bytes memory right = signed.signature;
        (bytes32 r, bytes32 s, uint8 v) = _parts(right);
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes[6] memory forms = [
            abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27)), // s in the upper half
            abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))), // 64 bytes (EIP-2098)
            abi.encodePacked(r, s, uint8(v - 27)),
            abi.encodePacked(right, uint8(0)),
            bytes(""),
            abi.encodePacked(bytes32(0), bytes32(0), v)
        ];
        for (uint256 i; i < forms.length; ++i) {
            signed.signature = forms[i];
            _refused(signed);
        }
        signed.signature = right;
        forwarder.execute(signed);
    }

    function test_signature_for_the_zero_address_is_refused() public {
        IForwarder.SignedIntent memory signed = _counting(KEY, 5);
        signed.intent.from = address(0);
        signed.signature = abi.encodePacked(bytes32(0), bytes32(0), uint8(27));
        _refused(signed);
    }

    // ------------------------------------------------------------------ the call

    function test_execute_reverts_with_the_reason_when_the_call_fails() public {
        IForwarder.SignedIntent memory signed = _signed(KEY, 5, abi.encodeCall(target.refuse, (5)));
        assertTrue(forwarder.verify(signed), "valid: what the call does is another question");
        bytes memory reason = abi.encodeWithSelector(Target.Refused.selector, 5);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.CallFailed.selector, signer, 5, reason));
        forwarder.execute(signed);
        assertTrue(!forwarder.isNonceUsed(signer, 5), "its nonce can still be used");
        for (uint256 length; length < 100; length += 33) {
            vm.expectRevert(abi.encodeWithSelector(IForwarder.CallFailed.selector, signer, 5, new bytes(length)));
            forwarder.execute(_signed(KEY, 5, abi.encodeCall(target.refuseWith, (length))));
        }
    }

    function test_call_gets_exactly_the_signed_gas() public {
        IForwarder.SignedIntent memory signed = _signed(KEY, 5, abi.encodeCall(target.burn, (5, 300_000)));
        vm.expectPartialRevert(IForwarder.CallFailed.selector);
        forwarder.execute(signed);
        signed.intent.gas = 400_000;
        forwarder.execute(_sign(KEY, signed.intent));
    }

    /// Whatever gas the transaction has, it fails whole, or the call gets all the gas that was signed. The call never
    /// fails for lack of gas.
    function test_a_sender_that_gives_too_little_gas_uses_up_no_nonce() public {
        uint256 tooLittle;
        uint256 ran;
        for (uint256 gas = 50_000; gas < 650_000; gas += 1_500) {
            IForwarder.Intent memory intent = _intent(signer, gas, abi.encodeCall(target.burn, (gas, 100_000)));
            bytes memory call = abi.encodeCall(forwarder.executeBatch, (_only(_sign(KEY, intent)), false));
            (bool done, bytes memory answer) = address(forwarder).call{gas: gas}(call);
            if (done) ++ran;
            else if (bytes4(answer) == IForwarder.GasTooLow.selector) ++tooLittle;
            assertTrue(forwarder.isNonceUsed(signer, gas) == done, "the nonce is used where it ran");
            assertEq(target.calls(signer, gas), done ? 1 : 0, "and the call went through there");
        }
        assertTrue(tooLittle > 0 && ran > 0, "both were seen");
    }

    /// A target that catches failures of its own call never catches one that a lack of gas caused.
    function test_too_little_gas_from_the_sender_fails_no_inner_call() public {
        uint256 ran;
        for (uint256 gas = 50_000; gas < 650_000; gas += 1_500) {
            IForwarder.Intent memory intent = _intent(signer, gas, abi.encodeCall(target.burnWithin, (gas, 100_000)));
            bytes memory call = abi.encodeCall(forwarder.executeBatch, (_only(_sign(KEY, intent)), false));
            (bool done,) = address(forwarder).call{gas: gas}(call);
            if (!done) continue;
            ++ran;
            assertTrue(target.withinSucceeded(), "the call within had what it needs");
        }
        assertTrue(ran > 0, "some ran");
    }

    /// From the smallest gas with which an intent runs at all, its call begins with exactly the gas that was signed.
    function test_call_starts_only_with_all_of_its_gas() public {
        assertTrue(_measured(0, 1_000_000), "runs with plenty");
        uint256 whole = target.gasAtEntry();
        (uint256 low, uint256 high, uint256 nonce) = (100_000, 1_000_000, 1);
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (_measured(nonce++, middle)) high = middle;
            else low = middle;
        }
        for (uint256 gas = high; gas < high + 3_000; gas += 20) {
            assertTrue(_measured(nonce++, gas), "runs");
            assertEq(target.gasAtEntry(), whole, "with all of its gas");
        }
        assertTrue(nonce < 256, "all nonces are bits of one word");
    }

    function test_the_error_names_the_gas_that_is_missing() public {
        IForwarder.Intent memory intent = _intent(signer, 5, abi.encodeCall(target.count, (5)));
        intent.gas = type(uint256).max;
        vm.expectPartialRevert(IForwarder.GasTooLow.selector);
        forwarder.execute(_sign(KEY, intent));
        vm.expectPartialRevert(IForwarder.GasTooLow.selector);
        forwarder.executeBatch(_only(_sign(KEY, intent)), false);
        assertTrue(!forwarder.isNonceUsed(signer, 5), "its nonce can still be used");
    }

    // ------------------------------------------------------------------ helpers

    function _measured(uint256 nonce, uint256 gas) private returns (bool done) {
        bytes memory call = abi.encodeCall(forwarder.execute, (_signed(KEY, nonce, abi.encodeCall(target.measure, ()))));
        (done,) = address(forwarder).call{gas: gas}(call);
    }

    function _refused(IForwarder.SignedIntent memory signed) private {
        assertTrue(!forwarder.verify(signed), "not valid");
        vm.expectRevert(
            abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, signed.intent.from, signed.intent.nonce)
        );
        forwarder.execute(signed);
    }

    function _parts(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }
}
