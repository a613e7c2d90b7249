// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ClaimMarket} from "../../../contracts/market/ClaimMarket.sol";
import {Fixture} from "../support/Fixture.sol";

/// Buys claims, signs everything, and sells a claim within the call that tells it of its purchase.
contract Trader {
    ClaimMarket private immutable _market;
    IClaimMarket.Quote private _next;
    bytes private _signature;

    constructor(ClaimMarket market_) {
        _market = market_;
    }

    function sellOn(IClaimMarket.Quote calldata quote, bytes calldata signature) external {
        (_next, _signature) = (quote, signature);
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return this.isValidSignature.selector;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x009ce20b;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        if (_next.value != 0) _market.accept(_next, _signature, 0);
        return this.onERC3525Received.selector;
    }
}

/// A buyer that sells on within the sale takes no recourse away from the party that buys from it.
contract SaleWithinSaleTest is Fixture {
    Trader private _trader;

    function setUp() public override {
        super.setUp();
        _trader = new Trader(market);
        _party(address(_trader), 4);
    }

    function test_the_last_buyer_has_recourse_after_a_sale_within_a_sale_without_recourse() public {
        _keepsRecourse(false, 1_000);
    }

    function test_the_last_buyer_has_recourse_after_a_sale_within_a_sale_with_recourse() public {
        _keepsRecourse(true, 1_000);
    }

    function test_the_last_buyer_has_recourse_after_a_sale_within_a_sale_of_a_part() public {
        _keepsRecourse(true, 400);
    }

    function test_the_last_buyer_has_recourse_after_a_sale_within_a_sale_of_a_part_without_recourse() public {
        _keepsRecourse(false, 400);
    }

    function test_a_buyer_that_does_not_sell_on_has_its_own_recourse() public {
        (, uint256 claimId) = _confirmed(1_000);
        IClaimMarket.Quote memory quote = _quote(claimId, seller, 1_000, 900, true);
        quote.funder = address(_trader);
        vm.prank(seller);
        market.accept(quote, "", 0);
        assertEq(market.recourseOf(claimId).assignor, seller, "assignor");
    }

    /// The seller sells to the trader, and the trader sells to the bank, with recourse, within the call that it
    /// receives.
    function _keepsRecourse(bool firstHasRecourse, uint96 value) private {
        (, uint256 claimId) = _confirmed(1_000);
        IClaimMarket.Quote memory first = _quote(claimId, seller, value, value, firstHasRecourse);
        first.funder = address(_trader);
        uint256 sold = value == 1_000 ? claimId : claimId + 1;
        IClaimMarket.Quote memory second = _quote(sold, address(_trader), value, value, true);
        _trader.sellOn(second, _signed(BANK_KEY, market.quoteDigest(second)));
        vm.prank(seller);
        market.accept(first, "", 0);
        assertEq(receivables.ownerOf(sold), bank, "sold on");
        IClaimMarket.Recourse memory recourse = market.recourseOf(sold);
        assertEq(recourse.assignor, address(_trader), "the bank calls on the trader");
        assertEq(recourse.value, value, "for all of it");
    }
}
