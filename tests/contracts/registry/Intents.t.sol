// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {Fixture} from "../support/Fixture.sol";

/// Intents that a party signs and anyone sends: alone, in batches, altered, replayed, expired, of another chain.
contract IntentsTest is Fixture {
    function test_an_intent_acts_as_the_party_that_signed_it() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(STRANGER);
        forwarder.execute(_split(claimId, 300, 0));
        assertEq(receivables.ownerOf(claimId + 1), suppliers[0], "holder");
    }

    function test_an_intent_is_carried_out_once() public {
        (, uint256 claimId) = _confirmed(1_000);
        ERC2771Forwarder.ForwardRequestData memory request = _split(claimId, 300, 0);
        forwarder.execute(request);
        vm.expectPartialRevert(ERC2771Forwarder.ERC2771ForwarderInvalidSigner.selector);
        forwarder.execute(request);
    }

    function test_an_altered_intent_is_refused() public {
        (, uint256 claimId) = _confirmed(1_000);
        ERC2771Forwarder.ForwardRequestData memory request = _split(claimId, 300, 0);
        request.data = abi.encodeCall(receivables.assign, (claimId, suppliers[0], 301, 0));
        vm.expectPartialRevert(ERC2771Forwarder.ERC2771ForwarderInvalidSigner.selector);
        forwarder.execute(request);
    }

    function test_an_expired_intent_is_refused() public {
        (, uint256 claimId) = _confirmed(1_000);
        ERC2771Forwarder.ForwardRequestData memory request = _split(claimId, 300, 0);
        vm.warp(block.timestamp + 2 hours);
        vm.expectPartialRevert(ERC2771Forwarder.ERC2771ForwarderExpiredRequest.selector);
        forwarder.execute(request);
    }

    function test_an_intent_for_another_chain_is_refused() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.chainId(99);
        ERC2771Forwarder.ForwardRequestData memory request = _split(claimId, 300, 0);
        vm.chainId(31_337);
        vm.expectPartialRevert(ERC2771Forwarder.ERC2771ForwarderInvalidSigner.selector);
        forwarder.execute(request);
    }

    function test_a_batch_passes_over_an_intent_that_was_used_already() public {
        (, uint256 claimId) = _confirmed(1_000);
        ERC2771Forwarder.ForwardRequestData[] memory requests = new ERC2771Forwarder.ForwardRequestData[](3);
        for (uint256 i; i < 3; ++i) {
            requests[i] = _split(claimId, 100, i);
        }
        forwarder.execute(requests[0]);
        forwarder.executeBatch(requests, payable(STRANGER));
        assertEq(receivables.balanceOf(claimId), 700, "each once");
    }

    function test_an_atomic_batch_is_undone_when_a_call_in_it_fails() public {
        (, uint256 claimId) = _confirmed(1_000);
        ERC2771Forwarder.ForwardRequestData[] memory requests = new ERC2771Forwarder.ForwardRequestData[](2);
        requests[0] = _split(claimId, 300, 0);
        requests[1] = _split(claimId, 800, 1); // more than is left
        vm.expectRevert(abi.encodeWithSelector(Errors.FailedCall.selector));
        forwarder.executeBatch(requests, payable(0));
        assertEq(receivables.balanceOf(claimId), 1_000, "nothing happened");
        assertEq(forwarder.nonces(seller), 0, "no nonce is used");
        requests[1] = _split(claimId, 700, 1);
        forwarder.executeBatch(requests, payable(0));
        assertEq(receivables.ownerOf(claimId), suppliers[0], "both happened");
    }

    function test_an_atomic_batch_is_undone_when_a_request_in_it_is_not_valid() public {
        (, uint256 claimId) = _confirmed(1_000);
        ERC2771Forwarder.ForwardRequestData[] memory requests = new ERC2771Forwarder.ForwardRequestData[](2);
        requests[0] = _split(claimId, 300, 0);
        requests[1] = _split(claimId, 300, 0); // the same nonce
        vm.expectPartialRevert(ERC2771Forwarder.ERC2771ForwarderInvalidSigner.selector);
        forwarder.executeBatch(requests, payable(0));
        assertEq(receivables.balanceOf(claimId), 1_000, "nothing happened");
    }

    function test_a_batch_with_a_refund_receiver_goes_on_after_a_call_that_fails() public {
        (, uint256 claimId) = _confirmed(1_000);
        ERC2771Forwarder.ForwardRequestData[] memory requests = new ERC2771Forwarder.ForwardRequestData[](3);
        requests[0] = _split(claimId, 300, 0);
        requests[1] = _split(claimId, 800, 1); // more than is left
        requests[2] = _split(claimId, 200, 2);
        forwarder.executeBatch(requests, payable(STRANGER));
        assertEq(receivables.balanceOf(claimId), 500, "the first and the third");
        assertEq(forwarder.nonces(seller), 3, "all nonces are used");
    }

    function test_an_intent_that_carries_ether_is_refused_alone_and_in_a_batch() public {
        (, uint256 claimId) = _confirmed(1_000);
        bytes memory call = abi.encodeCall(receivables.assign, (claimId, suppliers[0], 300, 0));
        ERC2771Forwarder.ForwardRequestData[] memory requests = new ERC2771Forwarder.ForwardRequestData[](1);
        requests[0] = _intent(SELLER_KEY, address(receivables), call, 0);
        assertTrue(forwarder.verify(requests[0]), "valid");
        requests[0].value = 1;
        assertTrue(!forwarder.verify(requests[0]), "not with ether");
        vm.deal(address(this), 10);
        vm.expectRevert(abi.encodeWithSelector(Forwarder.EtherRefused.selector, seller, 1));
        forwarder.execute{value: 1}(requests[0]);
        vm.expectRevert(abi.encodeWithSelector(Forwarder.EtherRefused.selector, seller, 1));
        forwarder.executeBatch{value: 1}(requests, payable(STRANGER));
        (bool sent,) = address(forwarder).call{value: 1}("");
        assertTrue(!sent, "nor without a call");
        requests = new ERC2771Forwarder.ForwardRequestData[](0);
        vm.expectPartialRevert(ERC2771Forwarder.ERC2771ForwarderMismatchedValue.selector);
        forwarder.executeBatch{value: 1}(requests, payable(STRANGER));
    }

    function test_no_one_speaks_for_a_party_by_adding_its_address_to_a_call() public {
        (, uint256 claimId) = _confirmed(1_000);
        bytes memory call = abi.encodePacked(abi.encodeCall(receivables.assign, (claimId, STRANGER, 300, 0)), seller);
        vm.prank(STRANGER);
        (bool done,) = address(receivables).call(call);
        assertTrue(!done, "refused");
    }

    function _split(uint256 claimId, uint96 value, uint256 nonce)
        private
        view
        returns (ERC2771Forwarder.ForwardRequestData memory)
    {
        bytes memory call = abi.encodeCall(receivables.assign, (claimId, suppliers[0], value, 0));
        return _intent(SELLER_KEY, address(receivables), call, nonce);
    }
}
