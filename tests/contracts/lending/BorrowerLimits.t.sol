// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// One limit for a borrower over all its facilities, products and lenders.
contract BorrowerLimitsTest is LendingFixture {
    bytes10 private constant RULES = "cn";
    PartyId private _borrower;

    function setUp() public override {
        super.setUp();
        _borrower = registry.partyOf(seller);
        _rate(seller, 2, 500_000);
    }

    // ------------------------------------------------------------------ the attested limit

    function test_three_facilities_share_one_attested_limit_in_one_block() public {
        FacilityId first = _tierFacility(bank);
        FacilityId second = _tierFacility(bank);
        FacilityId third = _tierFacility(otherBank);
        _bullet(first, 200_000, 30);
        _bullet(second, 250_000, 30);
        _expectLimit("attestedLimit", 500_001, 500_000);
        _bullet(third, 50_001, 30);
        _bullet(third, 50_000, 30);
        _expectLimit("attestedLimit", 500_001, 500_000);
        _bullet(first, 1, 30);
        assertEq(_debt(0).onTier, 500_000, "all of it");
    }

    function test_repayment_frees_the_limit_for_another_lender() public {
        FacilityId first = _tierFacility(bank);
        FacilityId second = _tierFacility(otherBank);
        LoanId loanId = _bullet(first, 500_000, 30);
        _repay(loanId, 100_000);
        assertEq(_debt(0).onTier, 400_000, "no interest on the first day");
        _bullet(second, 100_000, 30);
        _expectLimit("attestedLimit", 500_001, 500_000);
        _bullet(second, 1, 30);
    }

    function test_set_off_frees_the_limit() public {
        FacilityId facilityId = _tierFacility(bank);
        LoanId loanId = _bullet(facilityId, 500_000, 30);
        (, uint256 claimId) = _confirmed(300_000);
        ILoans.SetOff memory terms =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 300_000, 300_000, keccak256("documents"), _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(terms);
        facilities.setOff(terms, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(_debt(0).onTier, 200_000, "set off");
    }

    function test_a_product_without_a_tier_does_not_use_the_attested_limit() public {
        _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 900_000), 900_000, 30);
        assertEq(_debt(0).onTier, 0, "relies on no tier");
        _bullet(_tierFacility(bank), 500_000, 30);
    }

    function test_all_accounts_of_a_party_share_its_limit() public {
        _bullet(_tierFacility(bank), 300_000, 30);
        address second = vm.addr(112);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession PartyRegistry"),
                keccak256("1"),
                block.chainid,
                address(registry)
            )
        );
        bytes32 consent =
            keccak256(abi.encode(keccak256("AccountConsent(uint256 partyId,address account)"), _borrower, second));
        bytes memory signature = _signed(112, keccak256(abi.encodePacked(hex"1901", domain, consent)));
        vm.prank(seller);
        registry.addAccount(second, signature);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_tierProduct()), 72_000, 1_000_000);
        terms.borrower = second;
        bytes32 digest = facilities.facilityDigest(terms);
        FacilityId facilityId = facilities.agree(terms, _signed(BANK_KEY, digest), _signed(112, digest), "");
        _expectLimit("attestedLimit", 500_001, 500_000);
        vm.prank(second);
        facilities.draw(_request(facilityId, 200_001, LoanMath.Style.Bullet, 30, 0));
    }

    function test_a_lower_attestation_stops_draws_and_no_repayment() public {
        FacilityId facilityId = _tierFacility(bank);
        LoanId loanId = _bullet(facilityId, 400_000, 30);
        _days(1);
        _rate(seller, 2, 100_000);
        _expectLimit("attestedLimit", 400_001, 100_000);
        _bullet(facilityId, 1, 30);
        _repay(loanId, type(uint64).max);
        assertEq(_debt(0).onTier, 0, "repaid");
        _bullet(facilityId, 100_000, 30);
    }

    function test_the_attested_limit_counts_in_one_currency_at_a_time() public {
        (Stablecoin coin, FacilityId other) = _facilityInOtherCurrency();
        FacilityId first = _tierFacility(bank);
        LoanId loanId = _bullet(first, 1_000, 30);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.LimitInOtherCurrency.selector, _borrower, address(coin)));
        _bullet(other, 1_000, 30);
        _repay(loanId, type(uint64).max);
        _bullet(other, 1_000, 30);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.LimitInOtherCurrency.selector, _borrower, address(cash)));
        _bullet(first, 1_000, 30);
    }

    function testFuzz_draws_never_pass_the_attested_limit(uint64[8] memory amounts, uint256 repaid) public {
        FacilityId[3] memory all = [_tierFacility(bank), _tierFacility(bank), _tierFacility(otherBank)];
        uint256 owed;
        for (uint256 i; i < amounts.length; ++i) {
            uint64 amount = 1 + amounts[i] % 300_000;
            if (owed + amount > 500_000) _expectLimit("attestedLimit", owed + amount, 500_000);
            LoanId loanId = _bullet(all[i % 3], amount, 30);
            if (owed + amount > 500_000) continue;
            owed += amount;
            if (repaid >> i & 1 == 0) continue;
            owed -= _repay(loanId, 1 + amount / 2).principal;
            assertEq(_debt(0).onTier, owed, "sum");
        }
    }

    // ------------------------------------------------------------------ the limits of a rule set

    function test_a_rule_sets_limit_holds_over_its_products_and_lenders() public {
        FacilityId first = _ruledFacility(seller, bank, 1_000, 0);
        FacilityId second = _ruledFacility(seller, otherBank, 1_000, 0);
        _bullet(first, 600, 30);
        _expectLimit("ruleSetLimit", 1_001, 1_000);
        _bullet(second, 401, 30);
        _bullet(second, 400, 30);
        // A loan under another rule set, or under none, does not count.
        _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 900_000), 5_000, 30);
        assertEq(_debt(RULES).underRules, 1_000, "those of the rule set");
    }

    function test_a_group_shares_its_limit() public {
        FacilityId own = _ruledFacility(seller, bank, 1_000, 1_500);
        FacilityId sisters = _ruledFacility(debtor, bank, 1_000, 1_500);
        _setGroup(seller, 7);
        _setGroup(debtor, 7);
        LoanId loanId = _bullet(own, 900, 30);
        _expectLimit("groupLimit", 1_501, 1_500);
        _drawAs(debtor, sisters, 601);
        _drawAs(debtor, sisters, 600);
        assertEq(_debt(RULES).ofGroup, 1_500, "both");
        _repay(loanId, 100);
        _drawAs(debtor, sisters, 100);
    }

    function test_debt_follows_its_borrower_into_a_group() public {
        FacilityId own = _ruledFacility(seller, bank, 1_000, 1_500);
        FacilityId sisters = _ruledFacility(debtor, bank, 1_000, 1_500);
        LoanId loanId = _bullet(own, 900, 30);
        _setGroup(seller, 7);
        _setGroup(debtor, 7);
        assertEq(_debt(RULES).ofGroup, 0, "drawn before the group was known");
        vm.expectEmit(address(facilities));
        emit IDrawControl.GroupFollowed(_borrower, 7, RULES, address(cash), 900);
        vm.prank(STRANGER);
        facilities.followGroup(_borrower, RULES, address(cash));
        _expectLimit("groupLimit", 1_501, 1_500);
        _drawAs(debtor, sisters, 601);
        // It leaves the group: repayments still lower what they raised.
        _setGroup(seller, 0);
        _repay(loanId, 100);
        assertEq(_debt(RULES).ofGroup, 800, "counted under the group until it follows");
        facilities.followGroup(_borrower, RULES, address(cash));
        assertEq(_debt(RULES).group, 0, "left");
        _drawAs(debtor, sisters, 1_000);
        _repay(loanId, type(uint64).max);
        assertEq(_debt(RULES).underRules, 0, "repaid");
    }

    function test_a_draw_counts_the_debt_that_its_borrower_brings_into_a_group() public {
        FacilityId own = _ruledFacility(seller, bank, 1_000, 1_000);
        FacilityId sisters = _ruledFacility(debtor, bank, 1_000, 1_000);
        _setGroup(debtor, 7);
        _drawAs(debtor, sisters, 500);
        _bullet(own, 600, 30);
        _setGroup(seller, 7);
        _expectLimit("groupLimit", 1_101, 1_000);
        _bullet(own, 1, 30);
    }

    function test_a_draw_moves_its_borrowers_debt_to_the_new_group() public {
        FacilityId own = _ruledFacility(seller, bank, 1_000, 1_500);
        _setGroup(seller, 7);
        _bullet(own, 500, 30);
        _setGroup(seller, 8);
        _bullet(own, 100, 30);
        IDrawControl.BorrowerDebt memory debt = _debt(RULES);
        assertEq(debt.group, 8, "the new group");
        assertEq(debt.ofGroup, 600, "all of it");
    }

    function test_limits_without_a_rule_set_or_out_of_order_are_refused() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.ruleSetLimit = 1;
        _expectRefused("ruleSetLimit", 1, 0, 0);
        this.addProduct(terms);
        terms.ruleSet = RULES;
        terms.ruleSetLimit = 1_000;
        terms.groupLimit = 999;
        _expectRefused("groupLimit", 999, 1_000, 2 ** 60 - 1);
        this.addProduct(terms);
    }

    function test_a_rule_set_is_named_by_letters() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        bytes10[4] memory names = [bytes10("a\x00b"), "\x00a", "CN", "cn-1"];
        uint8[4] memory refused = [0, 0, uint8(bytes1("C")), uint8(bytes1("-"))];
        for (uint256 i; i < names.length; ++i) {
            terms.ruleSet = names[i];
            _expectRefused("ruleSet", refused[i], uint8(bytes1("a")), uint8(bytes1("z")));
            this.addProduct(terms);
        }
        terms.ruleSet = "abcdefghyz";
        this.addProduct(terms);
    }

    function test_only_a_debt_follows_its_borrower() public {
        FacilityId facilityId = _ruledFacility(seller, bank, 1_000, 1_500);
        _setGroup(seller, 7);
        _expectNothingOwed(RULES, address(cash));
        LoanId loanId = _bullet(facilityId, 100, 30);
        _setGroup(seller, 8);
        _expectNothingOwed("a\x00b", address(cash));
        _expectNothingOwed(RULES, address(this));
        facilities.followGroup(_borrower, RULES, address(cash));
        _repay(loanId, type(uint64).max);
        _expectNothingOwed(RULES, address(cash));
    }

    // ------------------------------------------------------------------ default

    function test_a_borrower_in_default_draws_nowhere_until_it_is_cured() public {
        FacilityId failing = _agreedFacility(_add(_plainProduct()), 72_000, 900_000);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, 900_000);
        terms.lender = otherBank;
        FacilityId other = _agree(terms);
        LoanId loanId = _bullet(failing, 500, 30);
        LoanId healthy = _bullet(other, 300, 300);
        _days(40);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.BorrowerInDefault.selector, _borrower, 1));
        _bullet(other, 1, 30);
        _repay(healthy, 100);
        _repay(loanId, 100);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.BorrowerInDefault.selector, _borrower, 1));
        _bullet(other, 1, 30);
        _repay(loanId, type(uint64).max);
        _bullet(other, 1, 30);
        _bullet(failing, 1, 30);
    }

    function test_a_loan_that_was_written_off_still_counts() public {
        FacilityId facilityId = _tierFacility(bank);
        LoanId loanId = _bullet(facilityId, 400_000, 30);
        _days(40);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.recordLoss(loanId);
        assertEq(_debt(0).onTier, 400_000, "a loss that others bore is still owed");
        _days(300);
        facilities.writeOff(loanId);
        vm.stopPrank();
        assertEq(_debt(0).onTier, 400_000, "forgives nothing");
        FacilityId other = _tierFacility(otherBank);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.BorrowerInDefault.selector, _borrower, 1));
        _bullet(other, 1, 30);
        _repay(loanId, type(uint64).max);
        assertEq(_debt(0).onTier, 0, "paid after all");
        assertEq(_debt(0).defaultedLoans, 0, "cured");
        _bullet(facilityId, 1, 30);
    }

    // ------------------------------------------------------------------ helpers

    function addProduct(IProducts.ProductTerms memory terms) external {
        vm.prank(OPERATOR);
        products.add("refused", terms, _goodsOf(terms.collateral), _fixedRate(), _noEvidence());
    }

    function _tierProduct() private view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.minTier = 3;
    }

    function _tierFacility(address lender) private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_tierProduct()), 72_000, 1_000_000);
        terms.lender = lender;
        return _agree(terms);
    }

    function _ruledFacility(address borrower, address lender, uint64 ruleSetLimit, uint64 groupLimit)
        private
        returns (FacilityId)
    {
        IProducts.ProductTerms memory product = _plainProduct();
        (product.ruleSet, product.ruleSetLimit, product.groupLimit) = (RULES, ruleSetLimit, groupLimit);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 1_000_000);
        (terms.borrower, terms.lender) = (borrower, lender);
        return _agree(terms);
    }

    function _facilityInOtherCurrency() private returns (Stablecoin coin, FacilityId facilityId) {
        coin = new Stablecoin();
        coin.mint(bank, 1e12);
        vm.prank(bank);
        coin.approve(address(facilities), type(uint256).max);
        vm.startPrank(OPERATOR);
        receivables.allowCurrency(address(coin), true);
        prices.setCurrency(address(coin), "CNY");
        vm.stopPrank();
        IProducts.ProductTerms memory terms = _tierProduct();
        terms.currency = address(coin);
        facilityId = _agreedFacility(_add(terms), 72_000, 1_000_000);
    }

    function _setGroup(address account, uint32 group) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, group);
    }

    function _drawAs(address borrower, FacilityId facilityId, uint64 amount) private {
        vm.prank(borrower);
        facilities.draw(_request(facilityId, amount, LoanMath.Style.Bullet, 30, 0));
    }

    function _debt(bytes10 ruleSet) private view returns (IDrawControl.BorrowerDebt memory) {
        return facilities.borrowerDebt(_borrower, address(cash), ruleSet);
    }

    function _expectNothingOwed(bytes10 ruleSet, address currency) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDrawControl.NothingOwedUnderRules.selector, _borrower, ruleSet, currency)
        );
        facilities.followGroup(_borrower, ruleSet, currency);
    }

    function _expectLimit(bytes32 limit, uint256 requested, uint256 max) private {
        vm.expectRevert(abi.encodeWithSelector(ILoans.LimitExceeded.selector, limit, requested, max));
    }

    function _expectRefused(bytes32 term, uint256 value, uint256 min, uint256 max) private {
        vm.expectRevert(abi.encodeWithSelector(IProducts.TermOutOfRange.selector, term, value, min, max));
    }
}
