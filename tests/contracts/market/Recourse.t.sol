// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {Unclaimed} from "../../../contracts/cash/Unclaimed.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";
import {Stablecoin} from "../support/Stablecoin.sol";

/// Recourse follows exactly what was sold: sell, return, sell on, merge, split, put back, in every order that matters.
contract RecourseTest is Fixture {
    uint256 private constant SECOND_KEY = 777; // a second funder
    uint256 private constant THIRD_KEY = 778; // a third
    uint256 private constant SPARE_KEY = 779; // a second account of some party
    address private _second = vm.addr(SECOND_KEY);
    address private _third = vm.addr(THIRD_KEY);
    address private _spare = vm.addr(SPARE_KEY);
    Stablecoin private _stable;
    ReceivableId private _receivableId;
    uint256 private _claimId;

    function setUp() public override {
        super.setUp();
        _party(_second, 4);
        _party(_third, 4);
        _stable = new Stablecoin();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(_stable), true);
        address[4] memory all = [seller, bank, _second, _third];
        for (uint256 i; i < 4; ++i) {
            _funded(all[i]);
        }
        (_receivableId, _claimId) = _stableClaim(1_000);
    }

    // ------------------------------------------------------------------ a claim that comes back

    function test_sale_without_recourse_has_no_undertaking_of_a_seller_that_got_the_claim_back() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 990, true);
        vm.prank(bank);
        receivables.assign(sold, seller, 1_000, 0);
        uint256 again = _sell(sold, seller, SECOND_KEY, 1_000, 700, false);
        _expectNone(again);
        _default(again, _second);
        _putBackFails(again, _second);
    }

    function test_a_sale_back_to_the_assignor_ends_its_undertaking() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 990, true);
        sold = _sell(sold, bank, SELLER_KEY, 1_000, 980, false);
        _expectNone(sold);
        sold = _sell(sold, seller, SECOND_KEY, 1_000, 700, false);
        _expectNone(sold);
    }

    function test_sale_back_with_recourse_leaves_only_the_buyers_undertaking() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 990, true);
        sold = _sell(sold, bank, SELLER_KEY, 1_000, 980, true);
        _expect(sold, bank, 1_000, 980);
        _default(sold, seller);
        _putBack(sold, seller, 980);
        assertEq(receivables.ownerOf(sold), bank, "with the bank");
        _putBackFails(sold, bank); // the seller's own undertaking ended when it bought
    }

    function test_a_sale_back_to_an_assignor_ends_what_was_undertaken_after_it_too() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        sold = _sell(sold, bank, SECOND_KEY, 1_000, 950, true);
        sold = _sell(sold, _second, SELLER_KEY, 1_000, 500, false);
        _expectNone(sold); // else the bank would pay 950 to the seller, and could not come back to it
    }

    function test_sale_back_to_a_middle_assignor_keeps_earlier_undertakings() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        sold = _sell(sold, bank, SECOND_KEY, 1_000, 950, true);
        sold = _sell(sold, _second, BANK_KEY, 1_000, 940, false);
        _expect(sold, seller, 1_000, 900);
        _default(sold, bank);
        _putBack(sold, bank, 900);
        assertEq(receivables.ownerOf(sold), seller, "with the seller");
        _putBackFails(sold, seller);
    }

    function test_a_claim_given_back_to_another_account_of_the_assignors_party_ends_the_undertaking() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 990, true);
        _join(seller);
        vm.prank(bank);
        receivables.assign(sold, _spare, 1_000, 0);
        uint256 again = _sell(sold, _spare, SECOND_KEY, 1_000, 700, false);
        _expectNone(again);
    }

    function test_a_sale_back_to_another_account_of_the_assignors_party_ends_its_undertaking() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 990, true);
        _join(seller);
        sold = _sell(sold, bank, SPARE_KEY, 1_000, 980, false);
        _expectNone(sold);
    }

    function test_put_back_goes_once_and_the_claim_can_be_sold_anew() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        _default(sold, bank);
        _putBack(sold, bank, 390);
        _putBackFails(sold, seller);
        vm.prank(bank);
        vm.expectPartialRevert(IClaimMarket.NotClaimHolder.selector);
        market.putBack(sold);
        vm.prank(seller);
        receivables.assign(sold, bank, 400, 0);
        _putBackFails(sold, bank);
    }

    // ------------------------------------------------------------------ transfers outside the market

    function test_part_assigned_outside_the_market_has_no_recourse_and_the_rest_keeps_its_own() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        vm.prank(bank);
        uint256 part = receivables.assign(sold, _second, 400, 0);
        _expectNone(part);
        _expect(sold, seller, 600, 540);
        _default(part, _second);
        _putBackFails(part, _second);
        _putBack(sold, bank, 540);
    }

    function test_claim_assigned_outside_the_market_has_no_recourse_even_when_returned() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        vm.prank(bank);
        receivables.assign(sold, _second, 1_000, 0);
        _expectNone(sold);
        vm.prank(_second);
        receivables.assign(sold, bank, 1_000, 0);
        _expectNone(sold);
        _default(sold, bank);
        _putBackFails(sold, bank);
    }

    function test_a_claim_has_its_recourse_after_a_move_between_accounts_of_one_party() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        _join(bank);
        vm.prank(bank);
        receivables.assign(sold, _spare, 1_000, 0);
        _expect(sold, seller, 1_000, 900);
        _default(sold, _spare);
        uint256 before = _stable.balanceOf(_spare);
        vm.prank(_spare);
        market.putBack(sold);
        assertEq(_stable.balanceOf(_spare) - before, 900, "the price");
    }

    // ------------------------------------------------------------------ parts sold on

    function test_a_part_sold_on_without_recourse_carries_the_rights_for_its_value() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        uint256 part = _sell(sold, bank, SECOND_KEY, 400, 395, false);
        _expect(part, seller, 400, 360);
        _expect(sold, seller, 600, 540);
        _default(part, _second);
        _putBack(part, _second, 360);
        _putBack(sold, bank, 540);
        assertEq(receivables.ownerOf(part), seller, "with the seller");
    }

    function test_a_part_sold_on_with_recourse_comes_back_with_the_assignors_own_rights() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        uint256 part = _sell(sold, bank, SECOND_KEY, 400, 395, true);
        uint256 less = _sell(part, _second, THIRD_KEY, 100, 99, false);
        _expect(less, bank, 100, 99); // a quarter of 395, half up
        _default(less, _third);
        _putBack(less, _third, 99);
        _expect(less, seller, 100, 90);
        _putBack(less, bank, 90);
        _putBack(part, _second, 296); // the rest of 395
        _putBack(part, bank, 270);
        _putBack(sold, bank, 540);
        assertEq(_stable.balanceOf(address(market)), 0, "nothing waits");
    }

    function test_sale_without_recourse_gives_none_when_the_claim_has_none() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 400, 390, false);
        _expectNone(sold);
        sold = _sell(sold, bank, SECOND_KEY, 400, 390, false);
        _expectNone(sold);
    }

    function test_put_backs_of_parts_sum_to_the_price_to_the_cent() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 999, true);
        uint256[3] memory parts;
        for (uint256 i; i < 2; ++i) {
            parts[i] = _sell(sold, bank, SECOND_KEY, 333, 300, false);
        }
        parts[2] = _sell(sold, bank, SECOND_KEY, 334, 300, false);
        _default(parts[0], _second);
        _putBack(parts[0], _second, 333); // 332.667
        _putBack(parts[1], _second, 332); // 665.334 less 333
        _putBack(parts[2], _second, 334);
    }

    function test_put_back_price_is_rounded_half_up() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 999, true);
        uint256 part = _sell(sold, bank, SECOND_KEY, 500, 300, false);
        _default(part, _second);
        _putBack(part, _second, 500); // 499.5
    }

    function test_put_back_excludes_collected_principal() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1_000, 900, true);
        vm.prank(debtor);
        receivables.pay(_receivableId, 400);
        receivables.collect(ClaimId.wrap(sold));
        _default(sold, bank);
        uint256 value = receivables.balanceOf(sold);
        assertEq(value, 600, "outstanding");
        _putBack(sold, bank, 540);
    }

    // ------------------------------------------------------------------ other value

    function test_value_merged_in_has_no_recourse() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 1, 1, true);
        vm.prank(seller);
        uint256 plain = receivables.assign(_claimId, bank, 900, 0);
        vm.prank(bank);
        receivables.merge(plain, sold);
        _expect(sold, seller, 1, 1);
        _default(sold, bank);
        _putBack(sold, bank, 1);
        assertEq(receivables.balanceOf(sold), 900, "the rest stays");
        _putBackFails(sold, bank);
    }

    function test_merged_value_does_not_restore_recourse_for_value_assigned_away() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 500, 490, true);
        vm.prank(seller);
        uint256 plain = receivables.assign(_claimId, bank, 499, 0);
        vm.startPrank(bank);
        receivables.assign(sold, _second, 499, 0);
        receivables.merge(plain, sold);
        vm.stopPrank();
        _expect(sold, seller, 1, 1);
    }

    function test_recourse_is_kept_when_somebody_adds_value_to_the_claim() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 500, 490, true);
        vm.prank(seller);
        receivables.transferFrom(_claimId, sold, uint256(1));
        assertEq(receivables.balanceOf(sold), 501, "with the gift");
        _expect(sold, seller, 500, 490);
        uint256 part = _sell(sold, bank, SECOND_KEY, 500, 480, false);
        _expect(part, seller, 500, 490);
        _expectNone(sold);
    }

    function test_a_sale_of_more_than_was_sold_with_recourse_carries_none() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 500, 490, true);
        vm.prank(seller);
        receivables.transferFrom(_claimId, sold, uint256(100));
        uint256 part = _sell(sold, bank, SECOND_KEY, 501, 480, false);
        _expectNone(part);
        _expectNone(sold);
    }

    function test_merged_claim_loses_its_recourse() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 500, 490, true);
        vm.prank(seller);
        uint256 plain = receivables.assign(_claimId, bank, 400, 0);
        vm.prank(bank);
        receivables.merge(sold, plain);
        _expectNone(sold);
        _expectNone(plain);
        _default(plain, bank);
        _putBackFails(plain, bank);
    }

    function test_two_undertakings_of_one_seller_both_count() public {
        uint256 first = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        uint256 second = _sell(_claimId, seller, BANK_KEY, 600, 300, true);
        _default(first, bank);
        _putBack(second, bank, 300);
        _putBack(first, bank, 390);
    }

    function testFuzz_no_more_is_put_back_than_was_sold(uint96[8] memory values, uint8[8] memory steps) public {
        _sell(_claimId, seller, BANK_KEY, 1_000, 907, true);
        uint256[] memory claims = new uint256[](20);
        claims[0] = _claimId;
        uint256 count = 1;
        for (uint256 i; i < 8; ++i) {
            uint256 sold = claims[values[i] % count];
            address owner = receivables.ownerOf(sold);
            uint96 held = uint96(receivables.balanceOf(sold));
            uint96 value = uint96(bound(values[i] >> 8, 1, held));
            bool toSecond = owner == bank;
            if (steps[i] % 4 == 0) {
                vm.prank(owner);
                claims[count++] = receivables.assign(sold, toSecond ? _second : bank, value, 0);
            } else if (steps[i] % 4 == 1) {
                claims[count++] = _sell(sold, owner, toSecond ? SECOND_KEY : BANK_KEY, value, value, steps[i] > 128);
            } else if (steps[i] % 4 == 2 && value < held) {
                uint256 into = claims[(values[i] >> 16) % count];
                vm.prank(owner);
                try receivables.transferFrom(sold, into, uint256(value)) {} catch {}
            } else {
                vm.prank(owner);
                receivables.assign(sold, owner, held, 0);
            }
        }
        _late();
        for (uint256 i; i < count; ++i) {
            address owner = _ownerOrNone(claims[i]);
            if (owner == address(0)) continue;
            vm.prank(owner);
            try receivables.declareDefault(_receivableId, ClaimId.wrap(claims[i])) {
                break;
            } catch {}
        }
        uint256 before = _stable.balanceOf(seller);
        for (uint256 round; round < 10; ++round) {
            for (uint256 i; i < count; ++i) {
                address owner = _ownerOrNone(claims[i]);
                if (owner == address(0) || owner == seller) continue;
                vm.prank(owner);
                try market.putBack(claims[i]) {} catch {}
            }
        }
        assertTrue(before - _stable.balanceOf(seller) <= 907, "no more than it was paid");
    }

    // ------------------------------------------------------------------ sides, signatures, money

    function test_sale_reverts_when_the_sides_are_one_party_or_under_one_control() public {
        _join(seller);
        IClaimMarket.Quote memory quote = _offer(_claimId, seller, _spare, 400, 390, false);
        _refused(quote, SPARE_KEY, abi.encodeWithSelector(IClaimMarket.SameParty.selector, seller));
        _oneGroup(seller, bank);
        quote = _offer(_claimId, seller, bank, 400, 390, false);
        _refused(quote, BANK_KEY, abi.encodeWithSelector(IClaimMarket.SameParty.selector, seller));
    }

    function test_sale_reverts_when_the_funder_took_its_signature_back() public {
        IClaimMarket.Quote memory quote = _offer(_claimId, seller, bank, 400, 390, false);
        bytes32 digest = market.quoteDigest(quote);
        vm.prank(bank);
        market.cancelSignature(digest);
        _refused(quote, BANK_KEY, abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, bank, digest));
    }

    function test_sale_reverts_past_ten_undertakings_in_a_chain() public {
        uint256[3] memory keys = [BANK_KEY, SECOND_KEY, THIRD_KEY];
        // Each sale is to a party that is in no undertaking of the chain yet, else the chain is cut there.
        address from = seller;
        uint256 sold = _claimId;
        for (uint256 i; i < 10; ++i) {
            uint256 key = i < 3 ? keys[i] : 1_000 + i;
            if (i >= 3) {
                _party(vm.addr(key), 4);
                _funded(vm.addr(key));
            }
            sold = _sell(sold, from, key, 1_000, uint96(900 + i), true);
            from = vm.addr(key);
        }
        _party(vm.addr(2_000), 4);
        _funded(vm.addr(2_000));
        IClaimMarket.Quote memory quote = _offer(sold, from, vm.addr(2_000), 1_000, 950, true);
        _refused(quote, 2_000, abi.encodeWithSelector(IClaimMarket.RecourseTooLong.selector, sold, 10));
        quote = _offer(sold, from, vm.addr(2_000), 1_000, 950, false);
        _accept(quote, 2_000);
        _expect(sold, vm.addr(1_008), 1_000, 909);
    }

    function test_sale_reverts_while_the_currency_is_stopped() public {
        _stable.pause(true);
        _refused(
            _offer(_claimId, seller, bank, 400, 390, false),
            BANK_KEY,
            abi.encodeWithSelector(IClaimMarket.CurrencyStands.selector, address(_stable))
        );
    }

    function test_sale_to_a_funder_without_money_gives_the_currencys_own_error() public {
        uint256 all = _stable.balanceOf(bank);
        vm.prank(bank);
        _stable.transfer(_third, all);
        IClaimMarket.Quote memory quote = _offer(_claimId, seller, bank, 400, 390, false);
        bytes memory signature = _signed(BANK_KEY, market.quoteDigest(quote));
        vm.prank(seller);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")));
        market.accept(quote, signature, 0);
    }

    function test_put_back_leaves_the_price_unclaimed_when_the_holder_is_blacklisted() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        _default(sold, bank);
        _stable.blacklist(bank, true);
        vm.prank(bank);
        market.putBack(sold);
        assertEq(market.unclaimedOf(bank, address(_stable)), 390, "waits");
        _join(bank);
        vm.prank(bank);
        market.withdrawUnclaimed(_spare, address(_stable));
        assertEq(_stable.balanceOf(address(market)), 0, "nothing waits");
        vm.prank(bank);
        vm.expectRevert();
        market.withdrawUnclaimed(_spare, address(_stable));
    }

    function test_put_back_to_a_blacklisted_assignor_fails_alone() public {
        uint256 first = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        uint256 second = _sell(_claimId, seller, SECOND_KEY, 400, 390, true);
        uint256 third = _sell(second, _second, THIRD_KEY, 400, 395, true);
        _default(first, bank);
        _stable.blacklist(seller, true);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(Stablecoin.Blacklisted.selector, seller));
        market.putBack(first);
        _putBack(third, _third, 395);
        _stable.blacklist(seller, false);
        _putBack(first, bank, 390);
    }

    function test_put_back_reaches_the_party_of_an_assignor_whose_account_was_removed() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        _join(seller);
        _default(sold, bank);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IClaimMarket.NotOfAssignor.selector, seller, _spare));
        market.putBackTo(sold, _spare);
        vm.prank(_spare);
        registry.removeAccount(seller);
        _putBackReverts(sold, bank, IPartyRegistry.PartyNotValid.selector);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IClaimMarket.NotOfAssignor.selector, seller, _third));
        market.putBackTo(sold, _third);
        uint256 before = _stable.balanceOf(bank);
        vm.prank(bank);
        market.putBackTo(sold, _spare);
        assertEq(_stable.balanceOf(bank) - before, 390, "the price");
        assertEq(receivables.ownerOf(sold), _spare, "with the seller's party");
    }

    function test_put_back_reverts_while_the_currency_takes_a_fee() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        _default(sold, bank);
        _stable.setFee(10);
        vm.prank(bank);
        vm.expectRevert();
        market.putBack(sold);
    }

    function test_forced_withdraw_is_the_courts_alone() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        _default(sold, bank);
        _stable.blacklist(bank, true);
        vm.prank(bank);
        market.putBack(sold);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotCourt.selector, address(this)));
        market.forcedWithdraw(bank, address(_stable), _third, 100, "order");
        vm.prank(address(court));
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.UnclaimedExceeded.selector, bank, address(_stable), 391, 390));
        market.forcedWithdraw(bank, address(_stable), _third, 391, "order");
        uint256 before = _stable.balanceOf(_third);
        _order(
            address(market),
            abi.encodeCall(market.forcedWithdraw, (bank, address(_stable), _third, 100, keccak256("order")))
        );
        assertEq(_stable.balanceOf(_third) - before, 100, "the creditor's");
        assertEq(market.unclaimedOf(bank, address(_stable)), 290, "the rest waits");
    }

    function test_claim_moved_by_the_court_has_no_recourse() public {
        uint256 sold = _sell(_claimId, seller, BANK_KEY, 400, 390, true);
        _order(
            address(receivables), abi.encodeCall(receivables.forcedTransfer, (sold, _third, 400, keccak256("order")))
        );
        _expectNone(sold);
    }

    // ------------------------------------------------------------------ helpers

    function _funded(address account) private {
        _stable.mint(account, 1e12);
        vm.prank(account);
        _stable.approve(address(market), type(uint256).max);
    }

    function _stableClaim(uint96 face) private returns (ReceivableId receivableId, uint256 claimId) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        terms.currency = address(_stable);
        vm.prank(seller);
        receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        claimId = ClaimId.unwrap(receivables.confirm(receivableId, signature));
        _stable.mint(debtor, 1e12);
        vm.prank(debtor);
        _stable.approve(address(receivables), type(uint256).max);
    }

    function _offer(uint256 claimId, address from, address funder, uint96 value, uint96 price, bool recourse)
        private
        returns (IClaimMarket.Quote memory quote)
    {
        quote = _quote(claimId, from, value, price, recourse);
        quote.funder = funder;
    }

    function _sell(uint256 claimId, address from, uint256 funderKey, uint96 value, uint96 price, bool recourse)
        private
        returns (uint256)
    {
        return _accept(_offer(claimId, from, vm.addr(funderKey), value, price, recourse), funderKey);
    }

    function _refused(IClaimMarket.Quote memory quote, uint256 key, bytes memory reason) private {
        bytes memory signature = _signed(key, market.quoteDigest(quote));
        vm.prank(quote.seller);
        vm.expectRevert(reason);
        market.accept(quote, signature, 0);
    }

    function _expect(uint256 claimId, address assignor, uint96 value, uint96 price) private view {
        IClaimMarket.Recourse memory recourse = market.recourseOf(claimId);
        assertEq(recourse.assignor, assignor, "assignor");
        assertEq(recourse.value, value, "value");
        assertEq(recourse.price, price, "price");
    }

    function _expectNone(uint256 claimId) private view {
        _expect(claimId, address(0), 0, 0);
    }

    function _default(uint256 claimId, address holder) private {
        _late();
        vm.prank(holder);
        receivables.declareDefault(_receivableId, ClaimId.wrap(claimId));
    }

    function _putBack(uint256 claimId, address holder, uint96 price) private {
        uint256 before = _stable.balanceOf(holder);
        vm.prank(holder);
        assertEq(market.putBack(claimId), price, "price");
        assertEq(_stable.balanceOf(holder) - before, price, "paid");
    }

    function _putBackFails(uint256 claimId, address holder) private {
        _putBackReverts(claimId, holder, IClaimMarket.NoRecourse.selector);
    }

    function _putBackReverts(uint256 claimId, address holder, bytes4 reason) private {
        vm.prank(holder);
        vm.expectPartialRevert(reason);
        market.putBack(claimId);
    }

    function _ownerOrNone(uint256 claimId) private view returns (address) {
        try receivables.ownerOf(claimId) returns (address owner) {
            return owner;
        } catch {
            return address(0);
        }
    }

    /// The account of `SPARE_KEY` joins the party of `member`.
    function _join(address member) private {
        _join(member, SPARE_KEY);
        _funded(_spare);
        vm.prank(_spare);
        receivables.setApprovalForAll(address(market), true);
    }

    function _oneGroup(address first, address second) private {
        PartyId partyId = registry.partyOf(first);
        PartyId two = registry.partyOf(second);
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyId, 7);
        registry.setGroup(two, 7);
        vm.stopPrank();
    }
}
