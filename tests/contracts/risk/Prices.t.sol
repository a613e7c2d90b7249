// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {ICreditRegistry} from "../../../contracts/registry/ICreditRegistry.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "../lending/LendingFixture.sol";

/// Prices and their bounds, and limits in another currency than the money's.
contract PricesTest is LendingFixture {
    bytes32 private constant SKU = keccak256("sku 1");
    bytes3 private constant CNY = "CNY";
    uint24 private constant JUMP = 100_000;
    uint32 private constant AGE = 7 days;
    address private constant FIRST = address(0xE1);
    address private constant SECOND = address(0xE2);
    uint256 private constant RATER_KEY = 106;
    SettlementToken private dollars;

    function setUp() public override {
        super.setUp();
        _party(FIRST, 64);
        _party(SECOND, 64);
        vm.prank(OPERATOR);
        prices.list(_one(SKU), CNY, JUMP, AGE);
    }

    // ------------------------------------------------------------------ bounds

    function test_the_first_price_needs_a_second_appraiser_of_another_party() public {
        IPriceFeed.Price[] memory first = _price(SKU, 1_000_000);
        vm.prank(FIRST);
        prices.post(first);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.PriceMissing.selector, SKU, CNY));
        prices.price(SKU, CNY);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.SecondAppraiserNeeded.selector, SKU, FIRST));
        vm.prank(FIRST);
        prices.confirm(first);
        IPriceFeed.Price[] memory other = _price(SKU, 1_000_001);
        vm.expectPartialRevert(IPriceFeed.ProposalDiffers.selector);
        vm.prank(SECOND);
        prices.confirm(other);
        vm.prank(SECOND);
        prices.confirm(first);
        (uint64 value, uint24 haircut) = prices.price(SKU, CNY);
        assertEq(value, 1_000_000, "price");
        assertEq(haircut, 200_000, "haircut");
        vm.expectPartialRevert(IPriceFeed.PriceNotNewer.selector);
        vm.prank(SECOND);
        prices.confirm(first);
    }

    function test_a_jump_stops_new_risk_until_it_is_confirmed() public {
        _agreed(SKU, 1_000_000);
        _days(1);
        IPriceFeed.Price[] memory fall = _price(SKU, 899_999);
        vm.prank(FIRST);
        prices.post(fall);
        assertEq(prices.quote(SKU, CNY).value, 1_000_000, "in force");
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.PriceInDoubt.selector, SKU, CNY, FIRST));
        prices.price(SKU, CNY);
        vm.prank(SECOND);
        prices.confirm(fall);
        (uint64 value,) = prices.price(SKU, CNY);
        assertEq(value, 899_999, "value");
        assertEq(prices.quote(SKU, CNY).proposer, address(0), "nothing waits");
    }

    function test_one_appraiser_cannot_move_a_price_in_steps_within_a_day() public {
        _agreed(SKU, 1_000_000);
        _days(1);
        vm.prank(FIRST);
        prices.post(_price(SKU, 1_100_000));
        vm.warp(block.timestamp + 1);
        vm.prank(FIRST);
        prices.post(_price(SKU, 1_100_001));
        assertEq(prices.quote(SKU, CNY).value, 1_100_000, "value");
        _days(1);
        vm.prank(FIRST);
        prices.post(_price(SKU, 1_210_000));
        (uint64 value,) = prices.price(SKU, CNY);
        assertEq(value, 1_210_000, "value");
    }

    function testFuzz_one_appraiser_moves_a_price_no_further_than_the_bound_in_a_day(uint64[12] memory values) public {
        _agreed(SKU, 1_000_000);
        vm.warp((block.timestamp / DAY + 1) * DAY);
        for (uint256 i; i < values.length; ++i) {
            vm.warp(block.timestamp + 1);
            uint64 value = uint64(bound(values[i], 700_000, 1_400_000));
            vm.prank(FIRST);
            prices.post(_price(SKU, value));
            uint64 held = prices.quote(SKU, CNY).value;
            assertTrue(held >= 900_000 && held <= 1_100_000, "within the bound");
            bool within = value >= 900_000 && value <= 1_100_000;
            if (within) assertEq(held, value, "taken");
        }
    }

    function test_price_ends_with_its_age_or_its_appraiser() public {
        _agreed(SKU, 1_000_000);
        uint256 until = block.timestamp + AGE;
        _roles(FIRST, 0);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.AppraiserGone.selector, SKU, CNY, FIRST));
        prices.price(SKU, CNY);
        _roles(FIRST, 64);
        vm.warp(until - 1);
        prices.price(SKU, CNY);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.PriceTooOld.selector, SKU, CNY, until, until));
        prices.price(SKU, CNY);
    }

    function test_impossible_prices_are_refused() public {
        IPriceFeed.Price[] memory bad = _price(SKU, 0);
        vm.startPrank(FIRST);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.PriceOutOfRange.selector, SKU, 0, 200_000));
        prices.post(bad);
        bad = _price(SKU, 1);
        bad[0].haircut = 1_000_001;
        vm.expectPartialRevert(IPriceFeed.PriceOutOfRange.selector);
        prices.post(bad);
        bad = _price(SKU, 1);
        bad[0].asOf += 1;
        vm.expectPartialRevert(IPriceFeed.PriceNotInTime.selector);
        prices.post(bad);
        bad = _price(SKU, 1);
        bad[0].asOf -= AGE;
        vm.expectPartialRevert(IPriceFeed.PriceNotInTime.selector);
        prices.post(bad);
        bad = _price(SKU, 1);
        bad[0].validUntil = uint40(block.timestamp);
        vm.expectPartialRevert(IPriceFeed.PriceNotInTime.selector);
        prices.post(bad);
        bad = _price(keccak256("not listed"), 1);
        vm.expectPartialRevert(IPriceFeed.ItemUnknown.selector);
        prices.post(bad);
        vm.expectPartialRevert(IPriceFeed.NothingProposed.selector);
        prices.confirm(_price(SKU, 1));
        vm.stopPrank();
    }

    function test_another_haircut_needs_a_second_appraiser() public {
        _agreed(SKU, 1_000_000);
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory newPrice = _price(SKU, 1_000_000);
        newPrice[0].haircut = 200_001;
        vm.prank(FIRST);
        prices.post(newPrice);
        (, uint24 haircut) = prices.appraised(SKU, CNY);
        assertEq(haircut, 200_000, "as it was");
        vm.prank(SECOND);
        prices.confirm(newPrice);
        (, haircut) = prices.appraised(SKU, CNY);
        assertEq(haircut, 200_001, "as both say");
    }

    function test_list_and_price_are_open_to_their_roles_only() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, FIRST));
        vm.prank(FIRST);
        prices.list(_one(SKU), CNY, JUMP, AGE);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, FIRST));
        vm.prank(FIRST);
        prices.setCurrency(address(cash), "USD");
        IPriceFeed.Price[] memory newPrice = _price(SKU, 1);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, bank, 64, 4));
        vm.prank(bank);
        prices.post(newPrice);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, bank, 64, 4));
        vm.prank(bank);
        prices.confirm(newPrice);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        vm.prank(STRANGER);
        prices.post(newPrice);
    }

    // ------------------------------------------------------------------ limits in another currency

    /// A facility of 700,000.00 CNY in dollars at 7.2: 97,222.22 may be drawn, and less once the dollar is dearer.
    function test_a_limit_in_the_home_currency_moves_with_the_rate() public {
        FacilityId facilityId = _dollarFacility(0);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.PriceMissing.selector, bytes32("USD"), CNY));
        _bullet(facilityId, 1_000_00, 30);
        _agreed(bytes32("USD"), 7_200_000);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("limit"), 700_000_06, 700_000_00));
        _bullet(facilityId, 97_222_23, 30);
        _bullet(facilityId, 90_000_00, 30);
        _days(1);
        vm.prank(SECOND);
        prices.post(_price(bytes32("USD"), 7_700_000));
        vm.expectPartialRevert(ILoans.LimitExceeded.selector);
        _bullet(facilityId, 1_000_00, 30);
        _bullet(facilityId, 900_00, 30);
    }

    function test_a_tiers_limit_in_the_home_currency_bounds_the_facility() public {
        FacilityId facilityId = _dollarFacility(3);
        _agreed(bytes32("USD"), 7_200_000);
        address rater = vm.addr(RATER_KEY);
        _party(rater, 32);
        ICreditRegistry.CreditAttestation memory tier = ICreditRegistry.CreditAttestation({
            partyId: PartyId.unwrap(registry.partyOf(seller)),
            rater: rater,
            tier: 2,
            currency: CNY,
            limit: 72_000_00,
            tradingSinceDay: _today() - 400,
            modelVersion: "",
            evidenceRoot: "",
            issuedAt: uint40(block.timestamp),
            expiresAt: uint40(block.timestamp + 30 days)
        });
        credit.attest(tier, _signed(RATER_KEY, credit.attestationDigest(tier)));
        vm.expectRevert(
            abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("attestedLimit"), 72_000_08, 72_000_00)
        );
        _bullet(facilityId, 10_000_01, 30);
        _bullet(facilityId, 10_000_00, 30);
    }

    function test_repay_works_without_a_price() public {
        FacilityId facilityId = _dollarFacility(0);
        _agreed(bytes32("USD"), 7_200_000);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        _days(20);
        vm.expectPartialRevert(IPriceFeed.PriceTooOld.selector);
        _bullet(facilityId, 1_00, 30);
        vm.startPrank(seller);
        dollars.approve(address(facilities), type(uint256).max);
        facilities.repay(loanId, 500_00);
        vm.stopPrank();
    }

    function test_a_token_of_no_known_currency_converts_to_nothing() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.CurrencyUnknown.selector, address(0xDD)));
        prices.convert(address(0xDD), CNY, 1);
        assertEq(prices.convert(address(cash), CNY, 123), 123, "value");
    }

    function test_a_rates_haircut_raises_the_debt() public {
        _dollarFacility(0);
        IPriceFeed.Price[] memory newPrice = _price(bytes32("USD"), 7_200_000);
        newPrice[0].haircut = 50_000;
        vm.prank(FIRST);
        prices.post(newPrice);
        vm.prank(SECOND);
        prices.confirm(newPrice);
        assertEq(prices.convert(address(dollars), CNY, 100_00), 756_00, "value");
    }

    // ------------------------------------------------------------------ helpers

    function _dollarFacility(uint8 tier) private returns (FacilityId) {
        dollars = new SettlementToken(address(access), address(forwarder), "Deposit", "USD", 2);
        dollars.mint(bank, 1_000_000_00);
        vm.startPrank(OPERATOR);
        receivables.allowCurrency(address(dollars), true);
        prices.setCurrency(address(dollars), "USD");
        prices.list(_one(bytes32("USD")), CNY, JUMP, AGE);
        vm.stopPrank();
        vm.prank(bank);
        dollars.approve(address(facilities), type(uint256).max);
        IProducts.ProductTerms memory product = _plainProduct();
        product.currency = address(dollars);
        product.limitCurrency = CNY;
        product.minTier = tier;
        return _agreedFacility(_add(product), 72_000, 700_000_00);
    }

    function _agreed(bytes32 item, uint64 value) private {
        IPriceFeed.Price[] memory newPrice = _price(item, value);
        vm.prank(FIRST);
        prices.post(newPrice);
        vm.prank(SECOND);
        prices.confirm(newPrice);
    }

    function _price(bytes32 item, uint64 value) private view returns (IPriceFeed.Price[] memory newPrice) {
        newPrice = new IPriceFeed.Price[](1);
        newPrice[0] = IPriceFeed.Price({
            item: item,
            currency: CNY,
            value: value,
            haircut: item == SKU ? 200_000 : 0,
            asOf: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 30 days),
            evidence: keccak256("workings")
        });
    }

    function _one(bytes32 item) private pure returns (bytes32[] memory items) {
        items = new bytes32[](1);
        items[0] = item;
    }

    function _roles(address account, uint16 roles) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, roles);
    }
}
