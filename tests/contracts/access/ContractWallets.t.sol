// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Safe} from "@safe-global/safe-smart-account/contracts/Safe.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {PartyId} from "../../../contracts/types/Ids.sol";
import {SafeFixture} from "../support/SafeFixture.sol";
import {Mumbler, Wallet} from "./ForwarderFixture.sol";

/// A wallet that calls another contract while it is asked, and accepts if that call fails.
contract CallingWallet {
    address private _target;
    bytes private _call;

    function arm(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        (bool succeeded,) = _target.call{gas: 300_000}(_call);
        return succeeded ? bytes4(0) : bytes4(0x1626ba7e);
    }
}

/// Contract wallets (ERC-1271) sign intents and terms; the Safe is the one that its makers publish.
contract ContractWalletsTest is SafeFixture {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 private constant COUNTERFACTUAL = 0x6492649264926492649264926492649264926492649264926492649264926492;

    // ------------------------------------------------------------------ a Safe signs

    function test_two_of_three_owners_sign_an_intent() public {
        for (uint256 i; i < 3; ++i) {
            (IForwarder.SignedIntent memory signed, bytes32 digest) = _payment(address(safe), i);
            signed.signature = _signedBy(safe, digest, i == 2 ? 1 : 0, i == 0 ? 1 : 2);
            uint256 before = cash.balanceOf(STRANGER);
            forwarder.execute(signed);
            assertEq(cash.balanceOf(STRANGER) - before, 7, "paid by the Safe");
            vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, address(safe), i));
            forwarder.execute(signed);
        }
    }

    function test_offer_that_two_owners_sign_is_accepted() public {
        (IClaimMarket.Quote memory quote, bytes32 digest) = _offered(address(safe));
        vm.prank(seller);
        uint256 sold = market.accept(quote, _signedBy(safe, digest, 0, 2), 0);
        assertEq(receivables.ownerOf(sold), address(safe), "holder");
    }

    function test_account_of_a_party_can_be_a_safe_that_consents() public {
        Safe other = _newSafe();
        PartyId partyId = registry.partyOf(bank);
        bytes32 digest = _consentDigest(partyId, address(other));
        bytes memory consent = _signedBy(other, digest, 0, 1);
        bytes memory reason =
            abi.encodeWithSelector(IPartyRegistry.ConsentInvalid.selector, other, registry.partyOf(seller));
        vm.prank(seller);
        vm.expectRevert(reason);
        registry.addAccount(address(other), consent);
        vm.prank(bank);
        registry.addAccount(address(other), consent);
        assertTrue(registry.partyOf(address(other)) == partyId, "joined");
    }

    function test_too_few_unordered_repeated_and_foreign_signatures_are_refused() public {
        (IForwarder.SignedIntent memory signed, bytes32 intentDigest) = _payment(address(safe), 1);
        (IClaimMarket.Quote memory quote, bytes32 digest) = _offered(address(safe));
        for (uint256 fault; fault < 7; ++fault) {
            signed.signature = _faulty(intentDigest, fault);
            vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, address(safe), 1));
            forwarder.execute(signed);
            _refused(quote, _faulty(digest, fault));
        }
        assertTrue(!forwarder.isNonceUsed(address(safe), 1), "its nonce can still be used");
    }

    // ------------------------------------------------------------------ the answer changes

    function test_owner_who_was_removed_no_longer_signs() public {
        (IForwarder.SignedIntent memory signed, bytes32 intentDigest) = _payment(address(safe), 1);
        signed.signature = _signedBy(safe, intentDigest, 0, 1);
        (IClaimMarket.Quote memory quote, bytes32 digest) = _offered(address(safe));
        bytes memory signature = _signedBy(safe, digest, 0, 1);
        assertTrue(forwarder.verify(signed), "valid while both are owners");
        _removeOwner(1);
        assertTrue(!forwarder.verify(signed), "no longer");
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, address(safe), 1));
        forwarder.execute(signed);
        _refused(quote, signature);

        signed.signature = _signedBy(safe, intentDigest, 0, 2);
        forwarder.execute(signed);
        vm.prank(seller);
        market.accept(quote, _signedBy(safe, digest, 0, 2), 0);
    }

    function test_wallet_that_changes_its_answer_decides_when_the_terms_come_not_how_often() public {
        Wallet wallet = new Wallet();
        _party(address(wallet), 4);
        (IClaimMarket.Quote memory quote,) = _offered(address(wallet));
        wallet.set(Wallet.Mood.SAYS_NO);
        _refused(quote, "anything");
        wallet.set(Wallet.Mood.AGREES);
        vm.prank(seller);
        market.accept(quote, "anything", 0);
        wallet.set(Wallet.Mood.SAYS_NO);
        wallet.set(Wallet.Mood.AGREES);
        vm.prank(seller);
        vm.expectPartialRevert(IClaimMarket.NonceUsed.selector);
        market.accept(quote, "anything else", 0);
    }

    // ------------------------------------------------------------------ replays

    function test_signature_for_one_safe_is_worth_nothing_for_another_of_the_same_owners() public {
        Safe other = _newSafe();
        _party(address(other), 4);
        (IForwarder.SignedIntent memory signed, bytes32 intentDigest) = _payment(address(safe), 1);
        signed.signature = _signedBy(safe, intentDigest, 0, 1);
        signed.intent.from = address(other);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, address(other), 1));
        forwarder.execute(signed);
        // Even over the other one's own intent: the owners signed a message of the first Safe.
        bytes32 otherDigest;
        (signed, otherDigest) = _payment(address(other), 1);
        signed.signature = _signedBy(safe, otherDigest, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, address(other), 1));
        forwarder.execute(signed);

        (IClaimMarket.Quote memory quote, bytes32 digest) = _offered(address(safe));
        bytes memory signature = _signedBy(safe, digest, 0, 1);
        quote.funder = address(other);
        _refused(quote, signature);
        _refused(quote, _signedBy(safe, market.quoteDigest(quote), 0, 1));
    }

    /// A Safe accepts the other s of each owner, and bytes after the signatures. Neither makes anything run twice.
    function test_another_form_of_the_same_signatures_runs_nothing_twice() public {
        (IForwarder.SignedIntent memory signed, bytes32 intentDigest) = _payment(address(safe), 1);
        (IClaimMarket.Quote memory quote, bytes32 digest) = _offered(address(safe));
        bytes[3] memory forms;
        bytes[3] memory offerForms;
        for (uint256 form; form < 3; ++form) {
            forms[form] = _form(intentDigest, form);
            offerForms[form] = _form(digest, form);
            signed.signature = forms[form];
            assertTrue(forwarder.verify(signed), "the Safe accepts each");
        }
        forwarder.execute(signed);
        vm.prank(seller);
        market.accept(quote, offerForms[1], 0);
        for (uint256 form; form < 3; ++form) {
            signed.signature = forms[form];
            vm.expectRevert(abi.encodeWithSelector(IForwarder.NonceUsed.selector, address(safe), 1));
            forwarder.execute(signed);
            vm.prank(seller);
            vm.expectPartialRevert(IClaimMarket.NonceUsed.selector);
            market.accept(quote, offerForms[form], 0);
        }
    }

    // ------------------------------------------------------------------ hostile wallets

    function test_terms_are_refused_when_the_wallet_gives_no_plain_yes() public {
        Wallet wallet = new Wallet();
        _party(address(wallet), 4);
        (IClaimMarket.Quote memory quote,) = _offered(address(wallet));
        Wallet.Mood[5] memory moods = [
            Wallet.Mood.CHECKS,
            Wallet.Mood.SAYS_NO,
            Wallet.Mood.FAILS,
            Wallet.Mood.FAILS_AGREEING,
            Wallet.Mood.SAYS_LITTLE
        ];
        for (uint256 i; i < moods.length; ++i) {
            wallet.set(moods[i]);
            _refused(quote, "anything");
        }
    }

    function test_terms_are_refused_when_the_wallet_answers_with_garbage() public {
        for (uint256 length; length < 100_000; length = length * 10 + 31) {
            for (uint256 fails; fails < 2; ++fails) {
                address wallet = address(new Mumbler(length, fails == 1));
                _party(wallet, 4);
                (IClaimMarket.Quote memory quote,) = _offered(wallet);
                _refused(quote, "anything");
            }
        }
    }

    function test_wallet_that_burns_all_gas_fails_the_call_and_changes_nothing() public {
        Wallet wallet = new Wallet();
        _party(address(wallet), 4);
        (IClaimMarket.Quote memory quote,) = _offered(address(wallet));
        wallet.set(Wallet.Mood.BURNS);
        uint256 before = cash.balanceOf(seller);
        vm.prank(seller);
        (bool accepted,) =
            address(market).call{gas: 2_000_000}(abi.encodeCall(market.accept, (quote, "anything", bytes32(0))));
        assertTrue(!accepted, "failed");
        assertEq(cash.balanceOf(seller), before, "no money moved");
        assertEq(receivables.ownerOf(quote.claimId), seller, "no claim moved");
        wallet.set(Wallet.Mood.AGREES);
        vm.prank(seller);
        market.accept(quote, "anything", 0);
    }

    /// An intent that hands over terms of a wallet which burns gas uses up its own gas, not that of the batch.
    function test_terms_of_a_wallet_that_burns_gas_cost_no_other_intent_of_the_batch() public {
        Wallet wallet = new Wallet();
        _party(address(wallet), 4);
        (IClaimMarket.Quote memory quote,) = _offered(address(wallet));
        wallet.set(Wallet.Mood.BURNS);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](2);
        bytes memory accept = abi.encodeCall(market.accept, (quote, "anything", bytes32(0)));
        batch[0] = _intent(SELLER_KEY, address(market), accept, 1);
        batch[1] = _intent(BANK_KEY, address(cash), abi.encodeCall(cash.transfer, (STRANGER, 7)), 1);
        uint256 before = gasleft();
        forwarder.executeBatch(batch, false);
        assertTrue(before - gasleft() < 1_300_000, "no more than its intent names");
        assertEq(receivables.ownerOf(quote.claimId), seller, "not sold");
        assertEq(cash.balanceOf(STRANGER), 7, "the other one ran");
    }

    /// The wallet is asked by STATICCALL, so whatever it calls changes nothing.
    function test_wallet_that_calls_back_while_it_is_asked_changes_nothing() public {
        CallingWallet wallet = new CallingWallet();
        _party(address(wallet), 4);
        IForwarder.SignedIntent memory other =
            _intent(BANK_KEY, address(cash), abi.encodeCall(cash.transfer, (STRANGER, 7)), 1);
        (IForwarder.SignedIntent memory signed,) = _payment(address(wallet), 1);
        signed.signature = "anything";
        (IClaimMarket.Quote memory quote,) = _offered(address(wallet));
        bytes[4] memory calls = [
            abi.encodeCall(forwarder.execute, (other)),
            abi.encodeCall(forwarder.execute, (signed)),
            abi.encodeCall(forwarder.cancel, (1)),
            abi.encodeCall(market.cancelQuote, (quote.nonce))
        ];
        for (uint256 i; i < calls.length; ++i) {
            uint256 state = vm.snapshotState();
            wallet.arm(i == 3 ? address(market) : address(forwarder), calls[i]);
            // It accepts, so its own call failed.
            forwarder.execute(signed);
            assertEq(cash.balanceOf(STRANGER), 7, "paid once, by the wallet");
            assertTrue(!forwarder.isNonceUsed(bank, 1), "the other intent did not run");
            vm.prank(seller);
            market.accept(quote, "anything", 0);
            assertEq(cash.balanceOf(STRANGER), 7, "nothing else was paid");
            vm.revertToState(state);
        }
    }

    // ------------------------------------------------------------------ wallets that are not deployed

    function test_wallet_that_is_not_deployed_signs_nothing() public {
        address future = address(0xF07012E);
        _party(future, 4);
        (IForwarder.SignedIntent memory signed, bytes32 intentDigest) = _payment(future, 1);
        (IClaimMarket.Quote memory quote, bytes32 digest) = _offered(future);
        Safe wallet = Safe(payable(future));
        signed.signature = _counterfactual(_signedBy(wallet, intentDigest, 0, 1));
        vm.expectRevert(abi.encodeWithSelector(IForwarder.SignatureInvalid.selector, future, 1));
        forwarder.execute(signed);
        _refused(quote, _counterfactual(_signedBy(wallet, digest, 0, 1)));

        // Deployed there, it accepts the owners' signatures. A test copies the code and the storage that matters.
        Wallet code = new Wallet();
        vm.etch(future, address(code).code);
        Wallet(future).agree(digest, "agreed");
        _refused(quote, _counterfactual("agreed"));
        vm.prank(seller);
        market.accept(quote, "agreed", 0);
    }

    // ------------------------------------------------------------------ helpers

    function _payment(address from, uint256 nonce)
        private
        view
        returns (IForwarder.SignedIntent memory signed, bytes32 digest)
    {
        return _unsignedIntent(from, address(cash), abi.encodeCall(cash.transfer, (STRANGER, 7)), nonce);
    }

    /// A funder's offer for a new claim of the seller, and what the funder signs.
    function _offered(address funder) private returns (IClaimMarket.Quote memory quote, bytes32 digest) {
        (, uint256 claimId) = _confirmed(1_000);
        quote = _quote(claimId, seller, 1_000, 990, false);
        quote.funder = funder;
        digest = market.quoteDigest(quote);
    }

    function _refused(IClaimMarket.Quote memory quote, bytes memory signature) private {
        bytes memory reason = abi.encodeWithSelector(
            IClaimMarket.FunderSignatureInvalid.selector, quote.funder, market.quoteDigest(quote)
        );
        vm.prank(seller);
        vm.expectRevert(reason);
        market.accept(quote, signature, 0);
    }

    function _faulty(bytes32 digest, uint256 fault) private view returns (bytes memory) {
        bytes32 message = _messageOf(safe, digest);
        bytes memory first = _signed(ownerKeys[0], message);
        if (fault == 0) return first;
        if (fault == 1) return _signedBy(safe, digest, 1, 0);
        if (fault == 2) return _signedBy(safe, digest, 1, 1);
        if (fault == 3) return bytes.concat(first, _signed(BANK_KEY, message));
        // The owners' signatures over the digest itself, not over the message of the Safe.
        if (fault == 4) return bytes.concat(_signed(ownerKeys[0], digest), _signed(ownerKeys[1], digest));
        // An owner's hash that counts as approved if the owner itself calls the Safe.
        if (fault == 5) {
            return bytes.concat(first, bytes32(uint256(uint160(vm.addr(ownerKeys[1])))), bytes32(0), hex"01");
        }
        return "";
    }

    function _form(bytes32 digest, uint256 form) private view returns (bytes memory) {
        bytes32 message = _messageOf(safe, digest);
        if (form == 0) return _signedBy(safe, digest, 0, 1);
        if (form == 1) return bytes.concat(_highS(ownerKeys[0], message), _highS(ownerKeys[1], message));
        return bytes.concat(_signedBy(safe, digest, 0, 1), "and more");
    }

    function _highS(uint256 key, bytes32 message) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, message);
        return abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    function _counterfactual(bytes memory signature) private view returns (bytes memory) {
        return bytes.concat(abi.encode(address(this), "deploy", signature), COUNTERFACTUAL);
    }

    function _consentDigest(PartyId partyId, address account) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession PartyRegistry"),
                keccak256("1"),
                block.chainid,
                address(registry)
            )
        );
        bytes32 hash =
            keccak256(abi.encode(keccak256("AccountConsent(uint256 partyId,address account)"), partyId, account));
        return keccak256(abi.encodePacked(hex"1901", domain, hash));
    }
}
