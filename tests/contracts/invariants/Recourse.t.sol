// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {ClaimMarket} from "../../../contracts/market/ClaimMarket.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ClaimId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";
import {RecourseHandler} from "./RecourseHandler.sol";

/// Recourse follows exactly what was sold, after any sequence of sales, gifts, merges, splits and put-backs.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract RecourseInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    RecourseHandler private _handler;
    ClaimMarket private _market;
    Receivables private _receivables;

    function setUp() public {
        _handler = new RecourseHandler();
        _handler.setUp();
        (_market, _receivables) = _handler.parts();
    }

    function afterInvariant() public {
        _handler.recordReached("Recourse");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory allowed = new bytes4[](13);
        allowed[0] = RecourseHandler.file.selector;
        allowed[1] = RecourseHandler.sell.selector;
        allowed[2] = RecourseHandler.sell.selector;
        allowed[3] = RecourseHandler.sell.selector;
        allowed[4] = RecourseHandler.sell.selector;
        allowed[5] = RecourseHandler.give.selector;
        allowed[6] = RecourseHandler.merge.selector;
        allowed[7] = RecourseHandler.donate.selector;
        allowed[8] = RecourseHandler.payAndCollect.selector;
        allowed[9] = RecourseHandler.fall.selector;
        allowed[10] = RecourseHandler.putBack.selector;
        allowed[11] = RecourseHandler.putBack.selector;
        allowed[12] = RecourseHandler.putBack.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), allowed);
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_recourse_gives_back_no_more_than_was_sold();
        invariant_recourse_is_for_what_was_bought_here_and_for_nothing_else();
    }

    /// Nobody takes back more value, or pays more for it, than it sold with recourse and was paid.
    function invariant_recourse_gives_back_no_more_than_was_sold() private view {
        for (uint256 i; i < 4; ++i) {
            address party = _handler.partyAt(i);
            assertTrue(_handler.backValue(party) <= _handler.soldValue(party), "value");
            assertTrue(_handler.backPrice(party) <= _handler.soldPrice(party), "price");
        }
    }

    /// A right is its buyer's, for no more than the value that was bought, against one whose last word was a sale with recourse.
    function invariant_recourse_is_for_what_was_bought_here_and_for_nothing_else() private view {
        for (uint256 i; i < _handler.claimCount(); ++i) {
            uint256 claimId = _handler.claims(i);
            IClaimMarket.Recourse memory recourse = _market.recourseOf(claimId);
            if (recourse.value == 0) continue;
            IReceivables.Claim memory claimRow = _receivables.claim(ClaimId.wrap(claimId));
            assertEq(claimRow.owner, _handler.boughtBy(claimId), "its buyer's");
            assertTrue(recourse.value <= claimRow.value, "no more than there is");
            assertTrue(recourse.value <= _handler.bought(claimId), "no more than was bought");
            assertTrue(recourse.assignor != claimRow.owner, "against another");
            assertTrue(_handler.undertook(claimId, recourse.assignor), "who undertook it last");
        }
    }
}
