// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Sale on a signed quote, with and without recourse, and putting back along the chain.
contract SaleTest is Fixture {
    function test_sale_exchanges_claim_for_cash_in_one_transaction() public {
        (, uint256 claimId) = _confirmed(1_000);
        uint256 before = cash.balanceOf(seller);
        uint256 sold = _accept(_quote(claimId, seller, 400, 390, false), BANK_KEY);
        assertEq(receivables.ownerOf(sold), bank, "holder");
        assertEq(receivables.balanceOf(sold), 400, "value");
        assertEq(cash.balanceOf(seller) - before, 390, "price");
    }

    function test_sale_reverts_for_a_quote_that_is_used_cancelled_expired_or_altered() public {
        (, uint256 claimId) = _confirmed(1_000);
        IClaimMarket.Quote memory quote = _quote(claimId, seller, 400, 390, false);
        _accept(quote, BANK_KEY);
        _refused(quote, IClaimMarket.NonceUsed.selector);

        quote = _quote(claimId, seller, 400, 390, false);
        vm.prank(bank);
        market.cancelQuote(quote.nonce);
        _refused(quote, IClaimMarket.NonceUsed.selector);

        quote = _quote(claimId, seller, 400, 390, false);
        bytes memory signature = _signed(BANK_KEY, market.quoteDigest(quote));
        quote.price = 391;
        vm.prank(seller);
        vm.expectPartialRevert(IClaimMarket.FunderSignatureInvalid.selector);
        market.accept(quote, signature, 0);

        quote = _quote(claimId, seller, 400, 390, false);
        quote.expiresAt = uint64(block.timestamp);
        _refused(quote, IClaimMarket.QuoteExpired.selector);
    }

    function test_sale_reverts_for_another_seller_an_empty_quote_and_a_disputed_debt() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        IClaimMarket.Quote memory quote = _quote(claimId, seller, 400, 390, false);
        bytes memory signature = _signed(BANK_KEY, market.quoteDigest(quote));
        vm.prank(bank);
        vm.expectPartialRevert(IClaimMarket.NotQuotedSeller.selector);
        market.accept(quote, signature, 0);
        _refused(_quote(claimId, suppliers[0], 400, 390, false), IClaimMarket.NotClaimHolder.selector);
        _refused(_quote(claimId, seller, 400, 0, false), IClaimMarket.QuoteEmpty.selector);
        _refused(_quote(claimId, seller, 1_001, 390, false), ISplittableToken.SplitExceedsClaim.selector);
        vm.prank(debtor);
        receivables.dispute(receivableId, 0);
        _refused(_quote(claimId, seller, 400, 390, false), IClaimMarket.NotSaleable.selector);
    }

    function test_sale_reverts_for_a_claim_under_lien() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        receivables.encumber(claimId, suppliers[0]);
        _refused(_quote(claimId, seller, 400, 390, false), ISplittableToken.TokenEncumbered.selector);
    }

    function test_put_back_reverts_without_recourse_before_default_and_for_a_stranger() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        uint256 without = _accept(_quote(claimId, seller, 400, 390, false), BANK_KEY);
        uint256 with = _accept(_quote(claimId, seller, 400, 390, true), BANK_KEY);
        vm.prank(bank);
        vm.expectPartialRevert(IClaimMarket.NotDefaulted.selector);
        market.putBack(with);
        _default(receivableId, with, bank);
        vm.prank(bank);
        vm.expectPartialRevert(IClaimMarket.NoRecourse.selector);
        market.putBack(without);
        vm.prank(seller);
        vm.expectPartialRevert(IClaimMarket.NotClaimHolder.selector);
        market.putBack(with);
    }

    function test_put_back_goes_up_the_chain_at_the_prices_of_the_sales() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        IClaimMarket.Quote memory quote = _quote(claimId, seller, 1_000, 900, true);
        _accept(quote, BANK_KEY);
        uint256 funderKey = 777;
        address funder = vm.addr(funderKey);
        _party(funder, 4);
        quote = _quote(claimId, bank, 400, 380, true);
        quote.funder = funder;
        uint256 part = _accept(quote, funderKey);
        _default(receivableId, part, funder);
        vm.prank(funder);
        assertEq(market.putBack(part), 380, "at the second price");
        assertEq(receivables.ownerOf(part), bank, "back with the bank");
        vm.prank(bank);
        assertEq(market.putBack(part), 360, "its share of the first price");
        assertEq(receivables.ownerOf(part), seller, "back with the seller");
        vm.prank(bank);
        assertEq(market.putBack(claimId), 540, "the rest of the first price");
        vm.prank(seller);
        vm.expectPartialRevert(IClaimMarket.NoRecourse.selector);
        market.putBack(claimId);
    }

    function test_put_back_reaches_the_first_seller_through_three_sales_of_parts() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        _accept(_quote(claimId, seller, 1_000, 900, true), BANK_KEY);
        uint256 part = claimId;
        uint256[2] memory keys = [uint256(777), 778];
        address from = bank;
        for (uint256 i; i < 2; ++i) {
            address to = vm.addr(keys[i]);
            _party(to, 4);
            IClaimMarket.Quote memory quote = _quote(part, from, uint96(500 - i * 100), 300, true);
            quote.funder = to;
            part = _accept(quote, keys[i]);
            from = to;
        }
        _default(receivableId, part, from);
        address[4] memory chain = [vm.addr(778), vm.addr(777), bank, seller];
        for (uint256 i; i < 3; ++i) {
            vm.prank(chain[i]);
            market.putBack(part);
            assertEq(receivables.ownerOf(part), chain[i + 1], "one step up");
        }
    }

    function test_put_back_of_a_merged_claim_gives_back_no_more_than_was_sold() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000);
        uint256 with = _accept(_quote(claimId, seller, 400, 390, true), BANK_KEY);
        uint256 without = _accept(_quote(claimId, seller, 500, 100, false), BANK_KEY);
        vm.prank(bank);
        receivables.merge(without, with);
        _default(receivableId, with, bank);
        vm.prank(bank);
        assertEq(market.putBack(with), 390, "the price of what was sold with recourse");
        assertEq(receivables.balanceOf(with), 500, "the rest stays");
        vm.prank(bank);
        vm.expectPartialRevert(IClaimMarket.NoRecourse.selector);
        market.putBack(with);
    }

    function _default(ReceivableId receivableId, uint256 claimId, address holder) private {
        _late();
        vm.prank(holder);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
    }

    function _refused(IClaimMarket.Quote memory quote, bytes4 reason) private {
        bytes memory signature = _signed(BANK_KEY, market.quoteDigest(quote));
        vm.prank(quote.seller);
        vm.expectPartialRevert(reason);
        market.accept(quote, signature, 0);
    }
}
