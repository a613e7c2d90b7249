// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
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
