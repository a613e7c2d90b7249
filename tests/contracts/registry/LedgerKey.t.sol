// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {Fixture} from "../support/Fixture.sol";

contract LedgerKeyTest is Fixture {
    function test_the_registry_has_the_hash_of_the_ledgers_key() public view {
        require(registry.ledgerKeyHash() == LEDGER_KEY_HASH, "another hash");
    }

    function test_a_registry_without_a_ledger_key_is_not_created() public {
        try new PartyRegistry(address(access), address(forwarder), address(court), 0) {
            revert("created");
        } catch (bytes memory reason) {
            require(bytes4(reason) == IPartyRegistry.LedgerKeyMissing.selector, "another error");
        }
    }
}
