// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {IntentDigest} from "../support/IntentDigest.sol";
import {Batcher, ForwarderFixture, Wallet} from "./ForwarderFixture.sol";

/// Signers that have code: contract wallets (ERC-1271), and accounts that were given code by EIP-7702.
contract ForwarderWalletsTest is ForwarderFixture {
    function test_a_wallet_signs_as_its_code_says() public {
        IForwarder.SignedIntent memory signed = _ofWallet(1);
        assertTrue(!forwarder.verify(signed), "not agreed to");
        wallet.agree(IntentDigest.digestOf(address(forwarder), signed.intent), signed.signature);
        forwarder.execute(signed);
        assertEq(target.calls(address(wallet), 1), 1, "by the wallet");
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, address(wallet), 1));
        forwarder.execute(signed);
    }

    function test_intent_runs_once_when_its_wallet_accepts_every_signature() public {
        wallet.set(Wallet.Mood.AGREES);
        forwarder.executeBatch(_batch(_ofWallet(1), _ofWallet(1)), false);
        IForwarder.SignedIntent memory other = _ofWallet(1);
        other.signature = "another";
        forwarder.executeBatch(_only(other), false);
        assertEq(target.calls(address(wallet), 1), 1, "once");
    }

    function test_execute_batch_skips_an_intent_that_its_wallet_refuses() public {
        Wallet.Mood[6] memory moods = [
            Wallet.Mood.CHECKS,
            Wallet.Mood.SAYS_NO,
            Wallet.Mood.FAILS,
            Wallet.Mood.FAILS_AGREEING,
            Wallet.Mood.SAYS_LITTLE,
            Wallet.Mood.BURNS
        ];
        for (uint256 i; i < moods.length; ++i) {
            wallet.set(moods[i]);
            IForwarder.SignedIntent memory signed = _ofWallet(1);
            assertTrue(!forwarder.verify(signed), "not valid");
            vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, address(wallet), 1));
            forwarder.execute(signed);
            forwarder.executeBatch(_batch(signed, _counting(KEY, i)), false);
            assertTrue(!forwarder.isNonceUsed(address(wallet), 1), "its nonce can still be used");
            assertEq(target.calls(signer, i), 1, "the next one ran");
        }
    }

    function test_wallet_that_uses_all_gas_costs_others_at_most_500_000() public {
        wallet.set(Wallet.Mood.BURNS);
        IForwarder.SignedIntent[] memory batch = _batch(_ofWallet(1), _counting(KEY, 1));
        uint256 before = gasleft();
        forwarder.executeBatch(batch, false);
        uint256 used = before - gasleft();
        assertTrue(used > 500_000 && used < 650_000, "bounded");
        assertEq(target.calls(signer, 1), 1, "the next one ran");
    }

    function test_long_answer_of_a_wallet_is_not_copied_to_memory() public {
        wallet.set(Wallet.Mood.SAYS_MUCH);
        uint256 before = gasleft();
        forwarder.execute(_ofWallet(1));
        // 300,000 bytes cost the wallet 199,000; keeping them here would cost that again.
        assertTrue(before - gasleft() < 330_000, "only the needed part of its answer is read");
        assertEq(target.calls(address(wallet), 1), 1, "ran");
    }

    /// A sender cannot make a wallet that needs gas for its answer look as if it had refused.
    function test_batch_reverts_when_the_sender_gives_a_wallet_too_little_gas() public {
        wallet.set(Wallet.Mood.BURNS_THEN_AGREES);
        uint256 failed;
        uint256 ran;
        for (uint256 gas = 100_000; gas < 1_000_000; gas += 6_000) {
            bytes memory call =
                abi.encodeCall(forwarder.executeBatch, (_batch(_ofWallet(gas), _counting(KEY, gas)), false));
            (bool done,) = address(forwarder).call{gas: gas}(call);
            if (done) ++ran;
            else ++failed;
            assertEq(target.calls(address(wallet), gas), done ? 1 : 0, "the wallet's");
            assertEq(target.calls(signer, gas), done ? 1 : 0, "and the next one");
        }
        assertTrue(failed > 0 && ran > 0, "both were seen");
    }

    function test_wallet_is_asked_again_for_each_intent_of_a_batch() public {
        wallet.set(Wallet.Mood.AGREES);
        // The first intent makes the target switch the wallet to refusal; the wallet is asked about the second intent
        // after that.
        target.arm(address(wallet), abi.encodeCall(wallet.set, (Wallet.Mood.SAYS_NO)));
        IForwarder.SignedIntent memory first = _ofWallet(1);
        first.intent.data = abi.encodeCall(target.enter, (1));
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, address(wallet), 2));
        forwarder.executeBatch(_batch(first, _ofWallet(2)), true);
        forwarder.executeBatch(_batch(first, _ofWallet(2)), false);
        assertEq(target.calls(address(wallet), 1), 1, "the first ran");
        assertTrue(!forwarder.isNonceUsed(address(wallet), 2), "the second was skipped");
    }

    function test_a_wallet_cancels_its_own_nonce_and_not_one_that_is_running() public {
        wallet.set(Wallet.Mood.AGREES);
        assertTrue(wallet.act(address(forwarder), abi.encodeCall(forwarder.cancel, (2))), "an unused one");
        vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, address(wallet), 2));
        forwarder.execute(_ofWallet(2));
        bytes memory cancel = abi.encodeCall(forwarder.cancel, (1));
        target.arm(address(wallet), abi.encodeCall(wallet.act, (address(forwarder), cancel)));
        IForwarder.SignedIntent memory first = _ofWallet(1);
        first.intent.data = abi.encodeCall(target.enter, (1));
        forwarder.execute(first);
        assertEq(target.calls(address(wallet), 1), 1, "ran");
        assertTrue(!wallet.acted(), "and was not cancelled by the way");
    }

    function test_signature_of_a_precompile_is_refused() public {
        for (uint160 place = 1; place < 10; ++place) {
            IForwarder.SignedIntent memory signed = _ofWallet(1);
            signed.intent.from = address(place);
            vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, address(place), 1));
            forwarder.execute(signed);
        }
    }

    // ------------------------------------------------------------------ EIP-7702

    /// forge-config: default.evm_version = "prague"
    function test_account_with_code_without_erc1271_signs_with_its_key() public {
        vm.signAndAttachDelegation(address(new Batcher()), KEY);
        assertEq(signer.code.length, 23, "code of EIP-7702");
        forwarder.execute(_counting(KEY, 1));
        assertEq(target.calls(signer, 1), 1, "ran");
        IForwarder.SignedIntent memory forged = _sign(OTHER_KEY, _intent(signer, 2, ""));
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, signer, 2));
        forwarder.execute(forged);
    }

    /// forge-config: default.evm_version = "prague"
    function test_account_with_code_signs_with_its_key_or_by_its_code() public {
        vm.signAndAttachDelegation(address(wallet), KEY);
        assertEq(signer.code.length, 23, "code of EIP-7702");
        forwarder.execute(_counting(KEY, 1));
        IForwarder.SignedIntent memory agreed = _counting(KEY, 2);
        agreed.signature = "agreed";
        Wallet(signer).agree(IntentDigest.digestOf(address(forwarder), agreed.intent), "agreed");
        forwarder.execute(agreed);
        assertEq(target.calls(signer, 1) + target.calls(signer, 2), 2, "both ran");
    }

    /// forge-config: default.evm_version = "prague"
    function test_account_delegated_to_an_empty_address_signs_with_its_key() public {
        vm.signAndAttachDelegation(SENDER, KEY);
        forwarder.execute(_counting(KEY, 1));
        IForwarder.SignedIntent memory forged = _counting(KEY, 2);
        forged.signature = "agreed";
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, signer, 2));
        forwarder.execute(forged);
    }

    // ------------------------------------------------------------------ helpers

    function _ofWallet(uint256 nonce) private view returns (IForwarder.SignedIntent memory) {
        return IForwarder.SignedIntent(_intent(address(wallet), nonce, abi.encodeCall(target.count, (nonce))), "agreed");
    }
}
