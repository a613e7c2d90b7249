// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReceivableLife} from "../../contracts/assets/ReceivableLife.sol";
import {ReceiverCheck} from "../../contracts/tokens/ReceiverCheck.sol";
import {Fixture} from "./support/Fixture.sol";

contract SizeTest is Fixture {
    uint256 private constant MOST = 24_576;

    function test_every_contract_stays_below_the_code_size_limit() public view {
        _below(address(access).code.length, "AccessManager");
        _below(address(forwarder).code.length, "ERC2771Forwarder");
        _below(address(registry).code.length, "PartyRegistry");
        _below(address(court).code.length, "CourtOrders");
        _below(address(receivables).code.length, "Receivables");
        _below(address(market).code.length, "ClaimMarket");
        _below(address(cash).code.length, "SettlementToken");
        _below(address(ReceivableLife).code.length, "ReceivableLife");
        _below(address(ReceiverCheck).code.length, "ReceiverCheck");
    }

    function _below(uint256 size, string memory name) private pure {
        assertTrue(size != 0, name);
        assertTrue(size < MOST, name);
    }
}
