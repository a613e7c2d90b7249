// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../contracts/orders/IPurchaseOrders.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {FickleCurrency} from "../risk/ReserveFixture.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A reserve is for debts that failed: no way of drawing, failing or signing takes another lender's money out of it.
contract ReservePumpsTest is LendingFixture {
    uint256 private constant SHARER_KEY = 107;
    address private _sharer = vm.addr(SHARER_KEY);
    ProductId private _product;
    FacilityId private _facility;
    uint256 private _nonce;

    function setUp() public override {
        super.setUp();
        _product = _add(_reserved());
        _facility = _agreedFacility(_product, 72_000, 1_000_000_00);
        _party(_sharer, 1);
        vm.prank(_sharer);
        cash.approve(address(reserve), type(uint256).max);
        _capped(_product);
    }

    function _reserved() private view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.reserveShare = 10_000; // 1%
    }

    function _capped(ProductId productId) private {
        vm.prank(OPERATOR);
        reserve.setCap(productId, address(cash), 50_000_00);
    }

    function _fed(address lender) private view returns (uint64) {
        return reserve.balanceOf(_product, address(cash), lender);
    }

    // ------------------------------------------------------------------ what a draw feeds

    function test_a_draw_feeds_the_reserve_only_above_the_maximum_ever_outstanding() public {
        LoanId loanId = _bullet(_facility, 400_000_00, 30);
        assertEq(_fed(bank), 4_000_00, "the first");
        _repay(loanId, type(uint64).max);
        for (uint256 i; i < 3; ++i) {
            loanId = _bullet(_facility, 400_000_00, 30);
            _repay(loanId, type(uint64).max);
        }
        assertEq(_fed(bank), 4_000_00, "back and forth feeds nothing");
        loanId = _bullet(_facility, 300_000_00, 30);
        _bullet(_facility, 150_000_00, 30);
        assertEq(_fed(bank), 4_500_00, "50,000.00 above the peak");
        _repay(loanId, 100_000_00);
        _bullet(_facility, 100_000_00, 30);
        assertEq(_fed(bank), 4_500_00, "up to the peak again");
        _bullet(_facility, 1_00, 30);
        assertEq(_fed(bank), 4_500_01, "and one above it");
    }

    function test_many_small_draws_feed_as_much_as_one_draw() public {
        for (uint256 i; i < 10; ++i) {
            _bullet(_facility, 15, 30); // 0.15: half up, 0.00 each
        }
        assertEq(_fed(bank), 2, "1 % of 1.50, half up");
    }

    function test_draw_feeds_only_what_the_reserve_still_takes() public {
        vm.prank(OPERATOR);
        reserve.setCap(_product, address(cash), 3_000_00);
        uint256 before = cash.balanceOf(bank);
        _bullet(_facility, 400_000_00, 30);
        assertEq(_fed(bank), 3_000_00, "up to the cap");
        assertEq(before - cash.balanceOf(bank), 403_000_00, "the lender pays it on top");
    }

    // ------------------------------------------------------------------ one lender's money, another's loss

    function test_loss_of_a_related_borrower_takes_nothing_that_other_lenders_fed() public {
        _bullet(_facility, 900_000_00, 30);
        assertEq(_fed(bank), 9_000_00, "the bank's");
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, 1_000_000_00);
        (terms.lender, terms.borrower) = (otherBank, debtor);
        FacilityId facilityId = _agree(terms);
        vm.prank(debtor);
        LoanId loanId = facilities.draw(_request(facilityId, 100_000_00, LoanMath.Style.Bullet, 1, 0));
        _days(30);
        uint256 before = cash.balanceOf(otherBank);
        vm.startPrank(otherBank);
        facilities.declareDefault(loanId);
        assertEq(facilities.recordLoss(loanId), 1_000_00, "what it fed itself");
        vm.stopPrank();
        assertEq(cash.balanceOf(otherBank) - before, 1_000_00, "and no more");
        assertEq(_fed(bank), 9_000_00, "the bank's is there");
    }

    function test_pool_serves_only_facilities_of_the_version_that_has_it() public {
        _bullet(_facility, 900_000_00, 30);
        IProducts.ProductTerms memory pooled = _reserved();
        pooled.reservePooled = true;
        vm.prank(OPERATOR);
        products.propose(_product, pooled, _goodsOf(pooled.collateral), _fixedRate(), _noEvidence());
        vm.prank(SECOND_OPERATOR);
        products.approve(_product, pooled, _goodsOf(pooled.collateral), _fixedRate(), _noEvidence());
        vm.prank(platform);
        reserve.topUp(_product, address(cash), address(0), 500_00);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, 1_000_000_00);
        (terms.lender, terms.borrower) = (otherBank, debtor);
        FacilityId facilityId = _agree(terms);
        vm.prank(debtor);
        LoanId loanId = facilities.draw(_request(facilityId, 100_000_00, LoanMath.Style.Bullet, 1, 0));
        assertEq(_fed(address(0)), 1_500_00, "into the pool");
        assertEq(_fed(bank), 9_000_00, "of the first version: the bank's own");
        _days(34);
        vm.startPrank(otherBank);
        facilities.declareDefault(loanId);
        assertEq(facilities.recordLoss(loanId), 1_500_00, "the pool");
        vm.stopPrank();
        assertEq(_fed(bank), 9_000_00, "which the bank did not agree to");
        vm.prank(debtor);
        facilities.repay(loanId, type(uint64).max);
        assertEq(_fed(address(0)), 1_500_00, "back into the pool");
    }

    function test_a_pool_needs_a_share_that_feeds_it() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.reservePooled = true;
        vm.expectRevert(
            abi.encodeWithSelector(IProducts.TermOutOfRange.selector, bytes32("reserveShare"), 0, 1, 1_000_000)
        );
        vm.prank(OPERATOR);
        products.add("pooled", terms, _goodsOf(terms.collateral), _fixedRate(), _noEvidence());
    }

    // ------------------------------------------------------------------ related sides, young loans

    function test_lender_bears_the_loss_when_it_came_under_one_control_with_the_borrower() public {
        _bullet(_facility, 900_000_00, 30);
        _shared(1_000_000);
        LoanId loanId = _bullet(_facility, 50_000_00, 30);
        _relate(bank, seller);
        _days(34);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        assertEq(facilities.recordLoss(loanId), 0, "nothing");
        vm.stopPrank();
        assertEq(_fed(bank), 9_500_00, "the reserve is untouched");
        assertEq(reserve.lossOf(loanId).borne, 50_000_00, "all");
        _repay(loanId, type(uint64).max);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "recovery goes on");
    }

    function test_a_loss_is_recorded_from_the_thirtieth_day_of_its_loan_on() public {
        LoanId loanId = _bullet(_facility, 100_000_00, 1);
        uint24 drawn = _today();
        _days(29);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.TooEarly.selector, loanId, drawn + 29, drawn + 30));
        facilities.recordLoss(loanId);
        vm.stopPrank();
        _repay(loanId, 10_000_00);
        _days(1);
        vm.prank(bank);
        assertEq(facilities.recordLoss(loanId), 1_000_00, "the thirtieth");
    }

    function test_the_deposit_is_used_in_the_first_days_too() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, 100_000_00);
        terms.deposit = 10_000_00;
        FacilityId facilityId = _agree(terms);
        vm.prank(seller);
        facilities.payDeposit(facilityId, 10_000_00);
        LoanId loanId = _bullet(facilityId, 50_000_00, 1);
        _days(10);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        uint256 owed = _sum(facilities.loan(loanId).payoff);
        assertEq(facilities.recordLoss(loanId), 0, "no loss yet");
        assertEq(_sum(facilities.loan(loanId).payoff), owed - 10_000_00, "the deposit paid");
        assertTrue(!facilities.loan(loanId).lossRecorded, "not recorded");
        vm.expectPartialRevert(ILoans.TooEarly.selector);
        facilities.recordLoss(loanId);
        vm.stopPrank();
        _days(20);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        assertTrue(facilities.loan(loanId).lossRecorded, "recorded");
    }

    function test_a_deposit_that_pays_all_leaves_no_loss() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, 100_000_00);
        terms.deposit = 60_000_00;
        FacilityId facilityId = _agree(terms);
        vm.prank(seller);
        facilities.payDeposit(facilityId, 60_000_00);
        LoanId loanId = _bullet(facilityId, 50_000_00, 1);
        _days(10);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        assertEq(facilities.recordLoss(loanId), 0, "none");
        vm.stopPrank();
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_minimum_age_for_a_loss_does_not_run_while_the_currency_is_stopped() public {
        FickleCurrency money = new FickleCurrency();
        address[2] memory sides = [bank, seller];
        for (uint256 i; i < 2; ++i) {
            money.give(sides[i], 1_000_000_00);
            vm.startPrank(sides[i]);
            money.approve(address(facilities), type(uint256).max);
            money.approve(address(reserve), type(uint256).max);
            vm.stopPrank();
        }
        IProducts.ProductTerms memory terms = _reserved();
        terms.currency = address(money);
        LoanId loanId = _bullet(_agreedFacility(_add(terms), 72_000, 1_000_00), 500_00, 1);
        uint24 drawn = _today();
        money.refuse(address(facilities), true);
        facilities.checkCurrency(address(money));
        _days(20);
        money.refuse(address(facilities), false);
        facilities.checkCurrency(address(money));
        _days(29);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.TooEarly.selector, loanId, drawn + 29, drawn + 30));
        facilities.recordLoss(loanId);
        _days(1);
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ signed after the failure

    function test_a_sharer_bears_no_loss_of_a_loan_drawn_before_it_signed() public {
        LoanId loanId = _bullet(_facility, 100_000_00, 30);
        _days(60);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _days(30);
        _shared(1_000_000);
        uint256 before = cash.balanceOf(_sharer);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        assertEq(cash.balanceOf(_sharer), before, "nothing");
        assertEq(reserve.lossOf(loanId).fromSharers, 0, "nothing");
    }

    function test_a_sharing_counts_for_loans_drawn_from_its_first_day_on() public {
        _sharedFrom(1_000_000, uint40(block.timestamp + 1 days));
        LoanId early = _bullet(_facility, 100_000_00, 30);
        _days(1);
        LoanId late = _bullet(_facility, 100_000_00, 30);
        _days(40);
        vm.startPrank(bank);
        facilities.declareDefault(early);
        facilities.declareDefault(late);
        facilities.recordLoss(early);
        facilities.recordLoss(late);
        vm.stopPrank();
        assertEq(reserve.lossOf(early).fromSharers, 0, "the day before");
        assertEq(reserve.lossOf(late).fromSharers, 100_000_00, "its first day");
    }

    function test_instalments_of_a_bill_count_their_age_from_the_purchase() public {
        IProducts.ProductTerms memory terms = _billProduct();
        terms.styles |= 4;
        terms.reserveShare = 10_000;
        _product = _add(terms);
        _capped(_product);
        FacilityId facilityId = _agreedFacility(_product, 72_000, 1_000_00);
        LoanId[] memory loanIds = new LoanId[](1);
        loanIds[0] = _draw(facilityId, 900_00, LoanMath.Style.BillingCycle, 0, 0);
        _days(1);
        _shared(1_000_000);
        vm.prank(seller);
        facilities.payInInstalments(loanIds, 3, 0);
        assertTrue(facilities.loan(loanIds[0]).terms.startDay > _today(), "its schedule starts later");
        _days(120);
        vm.startPrank(bank);
        facilities.declareDefault(loanIds[0]);
        assertEq(facilities.recordLoss(loanIds[0]), 9_00, "the reserve, and no sharer");
        vm.stopPrank();
    }

    function test_an_insurance_signed_after_a_default_absorbs_nothing() public {
        LoanId loanId = _bullet(_facility, 100_000_00, 30);
        _days(34);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        IRiskReserve.InsuranceTerms memory terms = IRiskReserve.InsuranceTerms({
            facilityId: FacilityId.unwrap(_facility),
            insurer: _sharer,
            insured: bank,
            currency: address(cash),
            insuredAmount: 100_000_00,
            validFrom: 1,
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: 1
        });
        bytes32 digest = reserve.insuranceDigest(terms);
        reserve.agreeInsurance(terms, _signed(SHARER_KEY, digest), _signed(BANK_KEY, digest));
        vm.prank(bank);
        facilities.recordLoss(loanId);
        (address insurer, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(insurer, address(0), "nobody");
        assertEq(open, 0, "nothing");
    }

    // ------------------------------------------------------------------ what comes before a loss

    function test_a_loss_is_recorded_once_by_facilities_too() public {
        LoanId loanId = _bullet(_facility, 100_000_00, 30);
        _days(34);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.recordLoss(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Defaulted));
        facilities.recordLoss(loanId);
        vm.stopPrank();
        _days(180);
        vm.startPrank(bank);
        facilities.writeOff(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.WrittenOff));
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    function test_an_order_is_exhausted_the_day_after_it_expires() public {
        IProducts.ProductTerms memory terms = _reserved();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 800_000;
        FacilityId facilityId = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
        uint24 expiry = _today() + 60;
        IPurchaseOrders.OrderTerms memory provided = IPurchaseOrders.OrderTerms(
            seller, debtor, address(cash), 1_000_00, _today() + 30, expiry, "order", "documents", keccak256("text")
        );
        vm.startPrank(seller);
        orders.setApprovalForAll(address(facilities), true);
        OrderId orderId = orders.request(provided);
        vm.stopPrank();
        orders.confirm(orderId, _signed(DEBTOR_KEY, orders.confirmationDigest(orderId)));
        uint256 id = OrderId.unwrap(orderId);
        LoanId loanId = _draw(facilityId, 500_00, LoanMath.Style.Bullet, 30, id);
        _toDay(expiry);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.CollateralNotExhausted.selector, loanId, id));
        facilities.recordLoss(loanId);
        _toDay(uint256(expiry) + 1);
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    function test_what_a_defaulted_debtor_paid_is_collected_before_a_loss() public {
        IProducts.ProductTerms memory terms = _claimProduct();
        FacilityId facilityId = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(100_000_00);
        LoanId loanId = _draw(facilityId, 80_000_00, LoanMath.Style.Bullet, 30, claimId);
        _toDay(uint256(DUE_DAY) + 6);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.declareDebtDefault(loanId);
        vm.stopPrank();
        assertTrue(_statusOf(receivableId) == IReceivables.Status.Defaulted, "defaulted");
        _pay(receivableId, 50_000_00);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.CollateralNotExhausted.selector, loanId, claimId));
        facilities.recordLoss(loanId);
        receivables.collect(ClaimId.wrap(claimId));
        vm.prank(bank);
        facilities.recordLoss(loanId);
        uint64 loss = reserve.lossOf(loanId).loss;
        assertTrue(loss < 80_000_00 - 40_000_00, "what is left");
        // The debtor pays the rest late: to those who bore the loss, and the surplus to the claim's owner.
        uint256 before = cash.balanceOf(bank);
        _pay(receivableId, type(uint96).max);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(reserve.lossOf(loanId).recovered, loss, "recovered");
        assertTrue(cash.balanceOf(bank) - before >= loss, "the lender's");
        assertEq(cash.balanceOf(address(reserve)), 0, "nothing stays");
    }

    function test_loss_of_an_entrusted_loan_is_the_entrusters() public {
        IProducts.ProductTerms memory terms = _reserved();
        terms.funding = IProducts.Funding.Entrusted;
        _product = _add(terms);
        _capped(_product);
        IFacilities.FacilityTerms memory provided = _facilityTerms(_product, 72_000, 1_000_000_00);
        provided.entruster = entruster;
        provided.administrationFee = 100_000;
        FacilityId facilityId = _agree(provided);
        uint256 had = cash.balanceOf(entruster);
        LoanId loanId = _bullet(facilityId, 100_000_00, 30);
        assertEq(_fed(entruster), 1_000_00, "the one whose money is lent");
        assertEq(_fed(bank), 0, "not the bank");
        _days(34);
        uint256 bankHad = cash.balanceOf(bank);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        assertEq(facilities.recordLoss(loanId), 1_000_00, "absorbed");
        vm.stopPrank();
        assertEq(cash.balanceOf(entruster), had - 100_000_00, "has its reserve back");
        uint64 owed = uint64(_sum(facilities.loan(loanId).payoff));
        _repay(loanId, type(uint64).max);
        uint256 fee = cash.balanceOf(bank) - bankHad;
        assertEq(fee, uint256(owed - 100_000_00) / 10, "the bank's tenth of the interest");
        assertEq(cash.balanceOf(entruster), had - 1_000_00 + (owed - 100_000_00) - fee, "the rest is the entruster's");
        assertEq(_fed(entruster), 1_000_00, "and its reserve is whole");
    }

    // ------------------------------------------------------------------ helpers

    function _relate(address accountId, address other) private {
        vm.startPrank(REGISTRAR);
        registry.setGroup(registry.partyOf(accountId), 9);
        registry.setGroup(registry.partyOf(other), 9);
        vm.stopPrank();
    }

    function _shared(uint24 part) private {
        _sharedFrom(part, 1);
    }

    function _sharedFrom(uint24 part, uint40 validFrom) private {
        IRiskReserve.SharingTerms memory terms = IRiskReserve.SharingTerms({
            productId: ProductId.unwrap(_product),
            sharer: _sharer,
            currency: address(cash),
            part: part,
            cap: 1_000_000_00,
            validFrom: validFrom,
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: ++_nonce
        });
        bytes memory signature = _signed(SHARER_KEY, reserve.sharingDigest(terms));
        vm.prank(OPERATOR);
        reserve.agreeSharing(terms, signature);
    }
}
