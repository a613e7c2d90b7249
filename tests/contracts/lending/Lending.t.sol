// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ClaimId, FacilityId, LoanId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

contract LendingTest is LendingFixture {
    ProductId private _plain;
    ProductId private _onClaims;

    function setUp() public override {
        super.setUp();
        _plain = _add(_plainProduct());
        _onClaims = _add(_claimProduct());
    }

    // ------------------------------------------------------------------ money there and back

    function test_bullet_loan_of_a_million_costs_7_400_in_37_days() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_000_00);
        uint256 before = cash.balanceOf(seller);
        uint256 bankBefore = cash.balanceOf(bank);
        LoanId loanId = _bullet(facilityId, 1_000_000_00, 37);
        assertEq(cash.balanceOf(seller), before + 1_000_000_00, "paid out");
        _days(37);
        LoanMath.Parts memory parts = _repay(loanId, type(uint64).max);
        assertEq(parts.interest, 7_400_00, "interest");
        assertEq(parts.principal, 1_000_000_00, "principal");
        assertEq(cash.balanceOf(bank), bankBefore + 7_400_00, "to the bank");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(facilities.facility(facilityId).outstanding, 0, "nothing outstanding");
        assertEq(uint256(facilities.facility(facilityId).openLoans), 0, "no open loan");
    }

    function test_equal_instalments_of_600_000_are_paid_to_the_cent() public {
        FacilityId facilityId = _agreedFacility(_plain, 84_000, 600_000_00);
        LoanId loanId = _draw(facilityId, 600_000_00, LoanMath.Style.EqualInstalment, 6, 0);
        uint64[6] memory interest = [uint64(4_200_00), 3_512_15, 2_819_49, 2_121_97, 1_419_58, 712_26];
        for (uint256 month = 1; month <= 6; ++month) {
            ILoans.Loan memory loan = facilities.loan(loanId);
            vm.warp(LoanMath.dueDayOf(loan.terms, month) * DAY);
            LoanMath.Parts memory due = facilities.loan(loanId).due;
            assertEq(due.interest, interest[month - 1], "interest");
            assertEq(_sum(due), month < 6 ? 102_464_24 : 102_464_25, "instalment");
            LoanMath.Parts memory parts = _repay(loanId, uint64(_sum(due)));
            assertEq(_sum(parts), _sum(due), "taken");
        }
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_repay_takes_no_more_than_is_owed() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        uint256 before = cash.balanceOf(debtor);
        vm.prank(debtor);
        LoanMath.Parts memory parts = facilities.repay(loanId, 5_000_00);
        assertEq(_sum(parts), 1_000_00, "no interest on the first day");
        assertEq(cash.balanceOf(debtor), before - 1_000_00, "anyone may repay, and keeps the rest");
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
        facilities.repay(loanId, 1);
    }

    function test_repaid_principal_can_be_drawn_again_when_the_facility_revolves() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        LoanId first = _bullet(facilityId, 1_000_00, 30);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("limit"), 1_000_01, 1_000_00));
        _bullet(facilityId, 1, 30);
        _repay(first, 400_00);
        _bullet(facilityId, 400_00, 30);
        assertEq(facilities.facility(facilityId).outstanding, 1_000_00, "outstanding");
        assertEq(facilities.facility(facilityId).drawn, 1_400_00, "drawn");
    }

    function test_a_facility_that_does_not_revolve_is_drawn_once() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.revolving = false;
        FacilityId facilityId = _agreedFacility(_add(terms), 72_000, 1_000_00);
        _repay(_bullet(facilityId, 1_000_00, 30), 1_000_00);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("limit"), 1_000_01, 1_000_00));
        _bullet(facilityId, 1, 30);
    }

    function test_an_entrusted_loan_pays_out_all_but_the_banks_fee() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 1_000_000_00);
        terms.entruster = entruster;
        terms.administrationFee = 100_000; // a tenth of the interest
        FacilityId facilityId = _agree(terms);
        uint256 bankBefore = cash.balanceOf(bank);
        uint256 entrusterBefore = cash.balanceOf(entruster);
        LoanId loanId = _bullet(facilityId, 1_000_000_00, 37);
        assertEq(cash.balanceOf(entruster), entrusterBefore - 1_000_000_00, "the entruster's money");
        assertEq(cash.balanceOf(bank), bankBefore, "the bank lends nothing");
        _days(37);
        _repay(loanId, type(uint64).max);
        assertEq(cash.balanceOf(bank), bankBefore + 740_00, "fee");
        assertEq(cash.balanceOf(entruster), entrusterBefore + 6_660_00, "the rest");
    }

    // ------------------------------------------------------------------ loans on claims

    function test_debtors_payment_repays_the_loan_and_the_rest_goes_to_the_owner() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 80_000_00);
        LoanId loanId = _draw(facilityId, 80_000_00, LoanMath.Style.Bullet, 60, claimId);
        assertEq(receivables.lienholderOf(claimId), address(facilities), "lien");
        uint256 sellerBefore = cash.balanceOf(seller);
        uint256 bankBefore = cash.balanceOf(bank);
        _days(30);
        _pay(receivableId, 100_000_00);
        vm.prank(STRANGER);
        receivables.collect(ClaimId.wrap(claimId));
        uint256 interest = 480_00; // 80,000.00 * 7.2% * 30 / 360
        assertEq(cash.balanceOf(bank), bankBefore + 80_000_00 + interest, "bank");
        assertEq(cash.balanceOf(seller), sellerBefore + 20_000_00 - interest, "owner");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(LoanId.unwrap(facilities.loanOfClaim(ClaimId.wrap(claimId))), 0, "free");
    }

    function test_part_payment_of_a_debt_repays_part_of_the_loan_and_keeps_the_lien() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 80_000_00);
        LoanId loanId = _draw(facilityId, 80_000_00, LoanMath.Style.Bullet, 60, claimId);
        _pay(receivableId, 30_000_00);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(facilities.facility(facilityId).outstanding, 50_000_00, "outstanding");
        assertEq(receivables.lienholderOf(claimId), address(facilities), "lien");
        _repay(loanId, type(uint64).max);
        assertEq(receivables.lienholderOf(claimId), address(0), "the lien falls with the last cent");
        vm.prank(seller);
        receivables.assign(claimId, suppliers[0], 1, bytes32(0));
    }

    function test_a_claim_backs_one_loan_only() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 80_000_00);
        LoanId loanId = _draw(facilityId, 10_000_00, LoanMath.Style.Bullet, 60, claimId);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralInUse.selector, claimId, loanId));
        _draw(facilityId, 10_000_00, LoanMath.Style.Bullet, 60, claimId);
        vm.prank(seller);
        vm.expectRevert();
        receivables.assign(claimId, suppliers[0], 1, bytes32(0));
    }

    function test_draw_reverts_when_the_claim_is_not_the_borrowers_or_too_small() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 1_000_000_00);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, claimId, 80_000_00, 80_000_01));
        _draw(facilityId, 80_000_01, LoanMath.Style.Bullet, 60, claimId);
        vm.prank(seller);
        receivables.assign(claimId, suppliers[0], 100_000_00, bytes32(0));
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.CollateralNotOfBorrower.selector, claimId, suppliers[0], seller)
        );
        _draw(facilityId, 1_00, LoanMath.Style.Bullet, 60, claimId);
    }

    function test_paid_part_of_a_claim_is_no_longer_collateral() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 1_000_000_00);
        _pay(receivableId, 50_000_00);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, claimId, 40_000_00, 40_000_01));
        _draw(facilityId, 40_000_01, LoanMath.Style.Bullet, 60, claimId);
    }

    function test_draw_reverts_when_the_debt_is_disputed_or_overdue() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 1_000_000_00);
        vm.prank(debtor);
        receivables.dispute(receivableId, keccak256("broken"));
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.CollateralNotGood.selector, claimId, uint8(IReceivables.Status.Disputed))
        );
        _draw(facilityId, 1_00, LoanMath.Style.Bullet, 60, claimId);
    }

    // ------------------------------------------------------------------ checks of a draw

    function test_draw_reverts_when_any_requirement_fails() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotBorrower.selector, facilityId, seller, STRANGER));
        vm.prank(STRANGER);
        facilities.draw(_request(facilityId, 1_00, LoanMath.Style.Bullet, 30, 0));
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("tenor"), 361, 1, 360));
        _bullet(facilityId, 1_00, 361);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("tenor"), 4, 1, 60));
        _draw(facilityId, 1_00, LoanMath.Style.EqualPrincipal, 4, 0);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StyleNotAllowed.selector, LoanMath.Style.BillingCycle, uint8(23)));
        _draw(facilityId, 1_00, LoanMath.Style.BillingCycle, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("collateralId"), 7, 0, 0));
        _draw(facilityId, 1_00, LoanMath.Style.Bullet, 30, 7);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), 0, 1, 1_000_00));
        _bullet(facilityId, 0, 30);
        vm.prank(OPERATOR);
        products.close(_plain);
        vm.expectRevert(abi.encodeWithSelector(IProducts.ProductClosed.selector, _plain));
        _bullet(facilityId, 1_00, 30);
    }

    function test_repay_works_when_the_product_is_closed() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        vm.prank(OPERATOR);
        products.close(_plain);
        _repay(loanId, type(uint64).max);
        vm.prank(seller);
        facilities.close(facilityId);
        assertTrue(facilities.facility(facilityId).closed, "closed");
    }

    function test_draw_error_names_a_lender_without_funds() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        uint256 all = cash.balanceOf(bank);
        vm.prank(bank);
        cash.transfer(debtor, all);
        vm.expectRevert(abi.encodeWithSelector(ILoans.CannotFund.selector, bank, address(cash), uint256(1_000_00)));
        _bullet(facilityId, 1_000_00, 30);
    }

    function test_draw_reverts_outside_the_facilitys_days() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_plain, 72_000, 1_000_00);
        terms.firstDay = _today() + 2;
        terms.lastDay = _today() + 4;
        FacilityId facilityId = _agree(terms);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoans.FacilityNotInTime.selector, facilityId, uint256(_today()), terms.firstDay, terms.lastDay
            )
        );
        _bullet(facilityId, 1_00, 30);
        _days(4);
        _bullet(facilityId, 1_00, 30);
        _days(1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoans.FacilityNotInTime.selector, facilityId, uint256(_today()), terms.firstDay, terms.lastDay
            )
        );
        _bullet(facilityId, 1_00, 30);
    }

    function test_deposit_is_paid_before_the_draw_and_returned_at_the_end() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_plain, 72_000, 1_000_00);
        terms.deposit = 100_00;
        FacilityId facilityId = _agree(terms);
        vm.expectRevert(abi.encodeWithSelector(ILoans.DepositMissing.selector, facilityId, 0, 100_00));
        _bullet(facilityId, 1_000_00, 30);
        vm.prank(debtor);
        facilities.payDeposit(facilityId, 100_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityInUse.selector, facilityId, 1_000_00));
        vm.prank(seller);
        facilities.close(facilityId);
        _repay(loanId, type(uint64).max);
        uint256 before = cash.balanceOf(seller);
        vm.prank(bank);
        facilities.close(facilityId);
        assertEq(cash.balanceOf(seller), before + 100_00, "deposit");
        assertEq(cash.balanceOf(address(facilities)), 0, "empty");
    }

    // ------------------------------------------------------------------ facilities

    function test_agree_needs_both_signatures_over_its_terms_and_uses_them_once() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_plain, 72_000, 1_000_00);
        bytes32 digest = facilities.facilityDigest(terms);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, bank, digest));
        facilities.agree(terms, borrower, borrower, "");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        facilities.agree(terms, lender, lender, "");
        facilities.agree(terms, lender, borrower, "");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.agree(terms, lender, borrower, "");
        terms.limit = 2_000_00;
        vm.expectRevert();
        facilities.agree(terms, lender, borrower, "");
    }

    function test_facilities_of_one_borrower_together_stay_below_the_products_limit() public {
        _agreedFacility(_plain, 72_000, 6_000_000_00);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_plain, 72_000, 4_000_000_01);
        bytes32 digest = facilities.facilityDigest(terms);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoans.LimitExceeded.selector, bytes32("borrowerLimit"), 10_000_000_01, 10_000_000_00
            )
        );
        facilities.agree(terms, lender, borrower, "");
    }

    function test_terms_outside_the_product_are_refused() public {
        _refusedTerms(240_001, 1_00, "annualRate", 240_001, 0, 240_000);
        _refusedTerms(72_000, 10_000_000_01, "limit", 10_000_000_01, 1, 10_000_000_00);
    }

    function _refusedTerms(uint24 rate, uint64 limit, bytes32 term, uint256 value, uint256 min, uint256 max) private {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_plain, rate, limit);
        bytes32 digest = facilities.facilityDigest(terms);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, min, max));
        facilities.agree(terms, lender, borrower, "");
    }

    // ------------------------------------------------------------------ bills

    function test_a_bill_paid_in_time_is_free_and_a_late_one_costs_from_the_first_day() public {
        FacilityId facilityId = _agreedFacility(_add(_billProduct()), 180_000, 10_000_00);
        LoanId first = _draw(facilityId, 1_000_00, LoanMath.Style.BillingCycle, 0, 0);
        LoanId second = _draw(facilityId, 2_000_00, LoanMath.Style.BillingCycle, 0, 0);
        uint256 startDay = _today();
        uint256 dueDay = facilities.loan(first).terms.dueDay;
        vm.warp(dueDay * DAY);
        LoanMath.Parts memory parts = _repay(first, type(uint64).max);
        assertEq(_sum(parts), 1_000_00, "free");
        _days(1);
        parts = _repay(second, type(uint64).max);
        uint256 exact = uint256(2_000_00) * 180_000 * (dueDay - startDay);
        assertEq(parts.interest, (exact + 180_000_000) / 360_000_000, "from the first day");
    }

    function test_borrower_turns_a_bill_into_instalments() public {
        FacilityId facilityId = _agreedFacility(_add(_billProduct()), 180_000, 10_000_00);
        LoanId loanId = _draw(facilityId, 900_00, LoanMath.Style.BillingCycle, 0, 0);
        LoanId[] memory loans = new LoanId[](1);
        loans[0] = loanId;
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotBorrower.selector, facilityId, seller, bank));
        vm.prank(bank);
        facilities.payInInstalments(loans, 3, 0);
        vm.prank(seller);
        facilities.payInInstalments(loans, 3, 0);
        ILoans.Loan memory loan = facilities.loan(loanId);
        assertTrue(loan.terms.style == LoanMath.Style.EqualInstalment, "style");
        assertEq(loan.payoff.interest, 0, "free until the due day");
        vm.warp(LoanMath.dueDayOf(loan.terms, 1) * DAY);
        loan = facilities.loan(loanId);
        assertEq(loan.due.interest, 13_50, "900.00 at 18% for a month");
        _repay(loanId, type(uint64).max);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    // ------------------------------------------------------------------ failure

    function test_overdue_loan_stops_new_draws_until_it_is_paid() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 2_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        _days(33);
        vm.expectRevert(abi.encodeWithSelector(ILoans.NotOverdue.selector, loanId));
        facilities.markOverdue(loanId);
        _days(1);
        facilities.markOverdue(loanId);
        (, uint64 overdue) = facilities.programme(_plain);
        assertEq(overdue, 1_000_00, "overdue");
        vm.expectRevert(abi.encodeWithSelector(ILoans.FacilityOverdue.selector, facilityId, 1));
        _bullet(facilityId, 1_00, 30);
        LoanMath.Parts memory parts = _repay(loanId, type(uint64).max);
        // 1,000.00 at 1.5 * 7.2% for four days, from the due day on
        assertEq(parts.penalty, 1_20, "penalty");
        (, overdue) = facilities.programme(_plain);
        assertEq(overdue, 0, "healed");
        _bullet(facilityId, 1_00, 30);
    }

    function test_circuit_breaker_of_a_product_stops_draws_and_no_repayment() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.breaker = 100_000;
        ProductId productId = _add(product);
        FacilityId bad = _agreedFacility(productId, 72_000, 2_000_00);
        FacilityId good = _agreedFacility(productId, 72_000, 20_000_00);
        LoanId late = _bullet(bad, 1_000_00, 30);
        LoanId running = _bullet(good, 8_000_00, 360);
        _days(34);
        facilities.markOverdue(late);
        vm.expectRevert(
            abi.encodeWithSelector(ILoans.BreakerTripped.selector, productId, 1_000_00, 9_000_00, uint24(100_000))
        );
        _bullet(good, 1_00, 30);
        _repay(running, 100_00);
        _repay(late, type(uint64).max);
        _bullet(good, 1_00, 30);
    }

    function test_declare_default_is_the_lenders_and_makes_everything_due() public {
        FacilityId facilityId = _agreedFacility(_plain, 84_000, 600_000_00);
        LoanId loanId = _draw(facilityId, 600_000_00, LoanMath.Style.EqualInstalment, 6, 0);
        ILoans.Loan memory loan = facilities.loan(loanId);
        vm.warp((LoanMath.dueDayOf(loan.terms, 1) + 4) * DAY);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, facilityId, bank, STRANGER));
        vm.prank(STRANGER);
        facilities.declareDefault(loanId);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        loan = facilities.loan(loanId);
        assertEq(loan.due.principal, 600_000_00, "all is due");
        assertTrue(loan.status == ILoans.Status.Defaulted, "defaulted");
        vm.prank(bank);
        vm.expectRevert();
        facilities.writeOff(loanId);
        vm.warp((LoanMath.dueDayOf(loan.terms, 6) + 180) * DAY);
        vm.prank(bank);
        facilities.writeOff(loanId);
        _repay(loanId, type(uint64).max);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "a write-off forgives nothing");
    }

    function test_a_loan_is_written_off_once_and_only_after_its_default() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        vm.warp((LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) + 180) * DAY);
        facilities.markOverdue(loanId);
        _writeOffForbidden(loanId);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        vm.prank(bank);
        facilities.writeOff(loanId);
        _writeOffForbidden(loanId);
        _repay(loanId, type(uint64).max);
        _writeOffForbidden(loanId);
    }

    function _writeOffForbidden(LoanId loanId) private {
        ILoans.Status status = facilities.loan(loanId).status;
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, status));
        vm.prank(bank);
        facilities.writeOff(loanId);
    }

    function test_money_is_unclaimed_when_the_lender_may_not_receive() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        _order(address(registry), abi.encodeCall(registry.freeze, (registry.partyOf(bank), true, keccak256("order"))));
        _repay(loanId, type(uint64).max);
        uint256 unclaimed = facilities.unclaimedOf(bank, address(cash));
        assertEq(unclaimed, cash.balanceOf(address(facilities)), "unclaimed");
        vm.prank(bank);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        facilities.withdrawUnclaimed(bank, address(cash));
        _order(address(registry), abi.encodeCall(registry.freeze, (registry.partyOf(bank), false, keccak256("order"))));
        uint256 before = cash.balanceOf(bank);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotOfParty.selector, bank, seller));
        facilities.withdrawUnclaimed(bank, address(cash));
        vm.prank(bank);
        facilities.withdrawUnclaimed(bank, address(cash));
        assertEq(cash.balanceOf(bank), before + unclaimed, "paid");
    }

    /// The party that was paid outside the ledger records it; no money moves on the ledger.
    function test_lender_records_a_repayment_outside_the_ledger() public {
        LoanId loanId = _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 10_000_00), 1_000_00, 30);
        uint256 ofBank = cash.balanceOf(bank);
        uint256 ofSeller = cash.balanceOf(seller);
        vm.prank(bank);
        facilities.repay(loanId, 400_00);
        assertEq(facilities.loan(loanId).payoff.principal, 600_00, "owed");
        assertEq(cash.balanceOf(bank), ofBank, "bank");
        assertEq(cash.balanceOf(seller), ofSeller, "seller");
        vm.prank(otherBank);
        facilities.repay(loanId, 100_00);
        assertEq(cash.balanceOf(bank), ofBank + 100_00, "another's money is real");
    }

    // ------------------------------------------------------------------ changes

    function test_extension_needs_both_signatures_and_moves_the_due_day() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        uint24 dueDay = facilities.loan(loanId).terms.dueDay;
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), dueDay + 30, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        facilities.extend(extension, lender, lender);
        facilities.extend(extension, lender, borrower);
        assertEq(uint256(facilities.loan(loanId).terms.dueDay), uint256(dueDay) + 30, "later");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.extend(extension, lender, borrower);
        _days(60);
        LoanMath.Parts memory parts = _repay(loanId, type(uint64).max);
        assertEq(parts.interest, 12_00, "60 days");
        assertEq(parts.penalty, 0, "no penalty");
    }

    function test_extension_divides_the_principal_not_yet_due_over_more_periods() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.months |= 2;
        FacilityId facilityId = _agreedFacility(_add(product), 84_000, 1_000_00);
        LoanId loanId = _draw(facilityId, 1_000_00, LoanMath.Style.EqualPrincipal, 1, 0);
        _repay(loanId, 100_00);
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), 0, 3, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        ILoans.Loan memory loan = facilities.loan(loanId);
        for (uint256 month = 1; month <= 3; ++month) {
            vm.warp(LoanMath.dueDayOf(loan.terms, month) * DAY);
            LoanMath.Parts memory due = facilities.loan(loanId).due;
            assertEq(due.principal, 300_00, "a third of 900.00");
            _repay(loanId, uint64(_sum(due)));
        }
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        extension.nonce = 2;
        digest = facilities.extensionDigest(extension);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
        facilities.extend(extension, lender, borrower);
    }

    function test_set_off_moves_the_claim_at_the_value_that_both_signed() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 80_000_00);
        LoanId loanId = _draw(facilityId, 80_000_00, LoanMath.Style.Bullet, 60, claimId);
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 90_000_00, 80_000_00, keccak256("documents"), _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        uint256 before = cash.balanceOf(bank);
        facilities.setOff(setOff_, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(cash.balanceOf(bank), before, "no money");
        assertEq(receivables.balanceOf(claimId), 10_000_00, "the rest stays");
        assertEq(receivables.lienholderOf(claimId), address(0), "free");
    }

    function test_set_off_reverts_when_the_claim_is_collateral_of_another_loan() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        FacilityId facilityId = _agreedFacility(_onClaims, 72_000, 80_000_00);
        LoanId absorbed = _draw(facilityId, 80_000_00, LoanMath.Style.Bullet, 60, claimId);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_plain, 72_000, 80_000_00);
        terms.lender = otherBank;
        LoanId other = _bullet(_agree(terms), 50_000_00, 60);
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(other), claimId, 100_000_00, 50_000_00, keccak256("documents"), _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        bytes memory lender = _signed(OTHER_BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralInUse.selector, claimId, absorbed));
        facilities.setOff(setOff_, lender, borrower);
        assertEq(receivables.ownerOf(claimId), seller, "the collateral stays");
    }

    function test_costs_need_the_borrowers_signature_and_are_paid_first() public {
        FacilityId facilityId = _agreedFacility(_plain, 72_000, 1_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        bytes32 digest = facilities.costsDigest(loanId, 50_00, keccak256("bill"), _deadline(), 1);
        bytes memory signature = _signed(SELLER_KEY, digest);
        vm.prank(bank);
        facilities.chargeCosts(loanId, 50_00, keccak256("bill"), _deadline(), 1, signature);
        LoanMath.Parts memory parts = _repay(loanId, 60_00);
        assertEq(parts.costs, 50_00, "costs first");
        assertEq(parts.principal, 10_00, "then principal");
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.chargeCosts(loanId, 50_00, keccak256("bill"), _deadline(), 1, signature);
    }

    function test_report_of_a_collection_reverts_for_all_but_receivables() public {
        vm.expectRevert(abi.encodeWithSelector(ILoans.NotReceivables.selector, STRANGER));
        vm.prank(STRANGER);
        facilities.onCollected(ClaimId.wrap(1), seller, 1);
    }
}
