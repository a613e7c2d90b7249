// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {Test} from "../support/Test.sol";
import {ForwarderHandler, Witness} from "./ForwarderHandler.sol";

/// No nonce of a signer runs twice under any mix of signatures, batches, re-entry, alteration and cancellation.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract ForwarderInvariants is Test {
    ForwarderHandler private _handler;

    function setUp() public {
        _handler = new ForwarderHandler();
    }

    function afterInvariant() public {
        _handler.recordReached("Forwarder");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_no_nonce_of_a_signer_runs_twice() public view {
        (Witness witness, Forwarder forwarder) = (_handler.witness(), _handler.forwarder());
        for (uint256 who; who < 3; ++who) {
            for (uint256 place; place < _handler.NONCES(); ++place) {
                (address signer, uint256 nonce) = (_handler.signerAt(who), _handler.nonceAt(place));
                uint256 runs = witness.ran(signer, nonce);
                bool used = forwarder.isNonceUsed(signer, nonce);
                bool cancelled = _handler.cancelled(signer, nonce);
                assertTrue(runs < 2, "once at most");
                assertTrue(runs == 0 || used, "what ran has its nonce used");
                assertTrue(!cancelled || runs == _handler.ranWhenCancelled(signer, nonce), "nothing after cancelling");
                assertTrue(
                    !used || cancelled || _handler.anySigned(signer, nonce), "what is used was signed or cancelled"
                );
            }
        }
        assertEq(witness.unsigned(), 0, "only what was signed ran");
        assertTrue(bytes(_handler.broken()).length == 0, _handler.broken());
    }
}
