// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {RepaymentMath} from "../../../contracts/math/RepaymentMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// Loans in instalments: interest only, quarters, grace, a fixed due day, and the choice after a prepayment. The figures
/// of the choices are those of loan-amortization-calculator's samples, at 4.56 % over 32 months.
contract SchedulesTest is LendingFixture {
    uint64 private constant PRINCIPAL = 500_000_32;
    uint24 private constant RATE = 45_600;
    uint64 private constant EARLY = 50_000_00;

    /// Pays what is due on each due day from instalment `first` to `last`, and `early` on top on the last one.
    function _pay(LoanId loanId, uint256 first, uint256 last, uint64 early) private {
        for (uint256 number = first; number <= last; ++number) {
            _atDueDay(loanId, number);
            uint256 due = _sum(facilities.loan(loanId).due);
            _repay(loanId, uint64(due) + (number == last ? early : 0));
        }
    }

    function _atDueDay(LoanId loanId, uint256 number) private {
        vm.warp(LoanMath.dueDayOf(facilities.loan(loanId).terms, number) * DAY);
    }

    function _drawWith(
        IProducts.ProductTerms memory product,
        LoanMath.Style style,
        uint16 months,
        uint8 dueDayOfMonth,
        LoanMath.AfterPrepayment afterPrepayment
    ) private returns (LoanId) {
        FacilityId facilityId = _agreedFacility(_add(product), RATE, PRINCIPAL);
        ILoans.DrawRequest memory request = _request(facilityId, PRINCIPAL, style, months, 0);
        request.dueDayOfMonth = dueDayOfMonth;
        request.afterPrepayment = afterPrepayment;
        vm.prank(seller);
        return facilities.draw(request);
    }

    function _productOf(uint64 months) private view returns (IProducts.ProductTerms memory product) {
        product = _plainProduct();
        product.months = months;
    }

    function _dueOf(LoanId loanId) private view returns (uint256 interest, uint256 principal) {
        LoanMath.Parts memory due = facilities.loan(loanId).due;
        return (due.interest, due.principal);
    }

    // ------------------------------------------------------------------ the choice after a prepayment

    function test_shortened_term_keeps_the_instalment_and_ends_before_the_last_one() public {
        LoanId loanId = _drawWith(
            _productOf(uint64(1) << 32), LoanMath.Style.EqualInstalment, 32, 0, LoanMath.AfterPrepayment.ShortenTerm
        );
        _pay(loanId, 1, 6, EARLY);
        _atDueDay(loanId, 7);
        (uint256 interest, uint256 principal) = _dueOf(loanId);
        assertEq(interest, 137_109, "interest of the seventh month");
        assertEq(principal, 1_525_280, "the instalment of before, less that interest");
        _pay(loanId, 7, 28, 0);
        _atDueDay(loanId, 29);
        (interest, principal) = _dueOf(loanId);
        assertEq(interest, 4_377, "interest of the last month");
        assertEq(principal, 1_151_758, "what is left");
        _repay(loanId, uint64(interest + principal));
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "three months early");
    }

    function test_lowered_instalment_divides_the_rest_over_the_periods_left() public {
        LoanId loanId = _drawWith(
            _productOf(uint64(1) << 32), LoanMath.Style.EqualInstalment, 32, 0, LoanMath.AfterPrepayment.LowerInstalment
        );
        _pay(loanId, 1, 6, EARLY);
        _atDueDay(loanId, 7);
        (uint256 interest, uint256 principal) = _dueOf(loanId);
        assertEq(interest, 137_109, "interest of the seventh month");
        assertEq(principal, 1_322_951, "of the lower instalment");
        _pay(loanId, 7, 31, 0);
        _atDueDay(loanId, 32);
        (interest, principal) = _dueOf(loanId);
        assertEq(interest, 5_527, "interest of the last month");
        assertEq(principal, 1_454_539, "what is left");
    }

    function test_paid_ahead_skips_the_next_principal() public {
        LoanId loanId = _drawWith(
            _productOf(uint64(1) << 32), LoanMath.Style.EqualInstalment, 32, 0, LoanMath.AfterPrepayment.PayAhead
        );
        _pay(loanId, 1, 6, EARLY);
        _atDueDay(loanId, 7);
        (uint256 interest, uint256 principal) = _dueOf(loanId);
        assertEq(interest, 137_109, "interest of the seventh month");
        assertEq(principal, 0, "paid before");
    }

    function test_instalment_that_arrives_a_day_early_counts_whatever_the_choice() public {
        for (uint8 choice; choice < 3; ++choice) {
            LoanId loanId = _drawWith(
                _productOf(uint64(1) << 12), LoanMath.Style.EqualInstalment, 12, 0, LoanMath.AfterPrepayment(choice)
            );
            LoanMath.Terms memory terms = facilities.loan(loanId).terms;
            uint256 due = LoanMath.dueDayOf(terms, 1);
            vm.warp((due - 1) * DAY);
            uint256 instalment =
                RepaymentMath.equalInstalmentHalfUp(PRINCIPAL, terms.annualRate, terms.periods, terms.monthsPerPeriod);
            _repay(loanId, uint64(instalment));
            vm.warp((due + terms.graceDays + 1) * DAY);
            LoanMath.State memory state = facilities.loan(loanId).state;
            assertEq(state.pastPrincipal, 0, "no principal is overdue");
            assertTrue(state.pastInterest <= 63_33, "but the interest of the last day");
            _repay(loanId, type(uint64).max);
        }
    }

    function test_money_before_the_last_ten_days_follows_the_choice() public {
        LoanId loanId = _drawWith(
            _productOf(uint64(1) << 12), LoanMath.Style.EqualPrincipal, 12, 0, LoanMath.AfterPrepayment.ShortenTerm
        );
        uint256 due = LoanMath.dueDayOf(facilities.loan(loanId).terms, 1);
        vm.warp((due - 11) * DAY);
        _repay(loanId, EARLY);
        assertEq(facilities.loan(loanId).state.ahead, 0, "the term is shorter");
        vm.warp((due - 10) * DAY);
        _repay(loanId, EARLY);
        assertTrue(facilities.loan(loanId).state.ahead != 0, "it counts for the instalment");
    }

    function test_no_early_fee_in_the_last_ten_days() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.earlyFee = 200_000;
        FacilityId facilityId = _agreedFacility(_add(product), RATE, PRINCIPAL);
        LoanId loanId = _bullet(facilityId, PRINCIPAL, 60);
        _days(49);
        assertTrue(facilities.loan(loanId).payoff.fee != 0, "eleven days early");
        _days(1);
        assertEq(facilities.loan(loanId).payoff.fee, 0, "ten days early");
    }

    function test_instalment_paid_a_day_early_bears_no_fee() public {
        IProducts.ProductTerms memory product = _productOf(uint64(1) << 12);
        product.earlyFee = 10_000;
        LoanId loanId =
            _drawWith(product, LoanMath.Style.EqualPrincipal, 12, 0, LoanMath.AfterPrepayment.LowerInstalment);
        uint64 instalment = uint64(RepaymentMath.equalPrincipalHalfUp(PRINCIPAL, 12));
        vm.warp((LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) - 1) * DAY);
        ILoans.Loan memory account = facilities.loan(loanId);
        assertEq(account.payoff.fee, _feeOf(PRINCIPAL - instalment), "of what is not due soon");
        vm.prank(seller);
        LoanMath.Parts memory parts = facilities.repay(loanId, uint64(account.payoff.interest) + instalment);
        assertEq(parts.fee, 0, "the instalment");
        assertEq(parts.principal, instalment, "principal");
        vm.prank(seller);
        parts = facilities.repay(loanId, 101_00);
        assertEq(parts.fee, 1_00, "what exceeds it");
        _atDueDay(loanId, 1);
        (, uint256 principal) = _dueOf(loanId);
        assertEq(principal, 0, "it is paid");
    }

    function test_instalment_paid_eleven_days_early_bears_the_fee() public {
        IProducts.ProductTerms memory product = _productOf(uint64(1) << 12);
        product.earlyFee = 10_000;
        LoanId loanId = _drawWith(product, LoanMath.Style.EqualPrincipal, 12, 0, LoanMath.AfterPrepayment.PayAhead);
        vm.warp((LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) - 11) * DAY);
        assertEq(facilities.loan(loanId).payoff.fee, _feeOf(PRINCIPAL), "of all");
    }

    function _feeOf(uint256 principal) private pure returns (uint256) {
        return RepaymentMath.moneyOfPrepayment(principal, 10_000) - principal;
    }

    function test_bill_names_its_longest_free_days() public {
        IProducts.ProductTerms memory product = _billProduct();
        product.maxFreeDays = 50;
        _refused(product, "maxFreeDays", 50, 51, 255);
        product.cycle = IProducts.Cycle.Weekly;
        product.maxFreeDays = 26;
        _refused(product, "maxFreeDays", 26, 27, 255);
        product.maxFreeDays = 27;
        _add(product);
        product = _plainProduct();
        product.maxFreeDays = 1;
        _refused(product, "maxFreeDays", 1, 0, 0);
    }

    function test_loan_of_one_day_falls_due_on_it_where_its_first_day_counts() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.sameDayInterest = true;
        FacilityId facilityId = _agreedFacility(_add(product), RATE, PRINCIPAL);
        LoanId loanId = _bullet(facilityId, PRINCIPAL, 1);
        _days(1);
        (uint256 interest, uint256 principal) = _dueOf(loanId);
        assertEq(principal, PRINCIPAL, "due");
        assertEq(interest, 63_33, "one day of 4.56 %");
    }

    // ------------------------------------------------------------------ interest only, quarters, grace

    function test_interest_only_by_the_quarter_repays_principal_with_the_last_instalment() public {
        IProducts.ProductTerms memory product = _productOf(uint64(1) << 12);
        product.monthsPerPeriod = 3;
        LoanId loanId = _drawWith(product, LoanMath.Style.InterestOnly, 12, 0, LoanMath.AfterPrepayment.PayAhead);
        assertEq(facilities.loan(loanId).terms.periods, 4, "quarters");
        for (uint256 number = 1; number <= 4; ++number) {
            _atDueDay(loanId, number);
            (uint256 interest, uint256 principal) = _dueOf(loanId);
            assertEq(interest, 5_700_00, "a quarter of 4.56 % of 500,000.32");
            assertEq(principal, number == 4 ? PRINCIPAL : 0, "principal");
            _repay(loanId, uint64(interest + principal));
        }
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_extension_moves_the_principal_of_an_interest_only_loan_to_the_new_end() public {
        LoanId loanId = _drawWith(
            _productOf((uint64(1) << 3) | (uint64(1) << 6)),
            LoanMath.Style.InterestOnly,
            3,
            0,
            LoanMath.AfterPrepayment.PayAhead
        );
        _pay(loanId, 1, 2, 0);
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), 0, 6, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        for (uint256 number = 3; number <= 6; ++number) {
            _atDueDay(loanId, number);
            (uint256 interest, uint256 principal) = _dueOf(loanId);
            assertEq(principal, number == 6 ? PRINCIPAL : 0, "principal");
            _repay(loanId, uint64(interest + principal));
        }
    }

    function test_grace_defers_principal_and_then_divides_it_over_the_rest() public {
        IProducts.ProductTerms memory product = _productOf(uint64(1) << 6);
        product.principalGrace = 3;
        product.interestGrace = 2;
        LoanId loanId = _drawWith(product, LoanMath.Style.EqualPrincipal, 6, 0, LoanMath.AfterPrepayment.PayAhead);
        uint256[6] memory interests = [uint256(0), 0, 5_700_00, 1_900_00, 1_266_67, 633_33];
        uint256[6] memory principals = [uint256(0), 0, 0, 166_666_77, 166_666_77, 166_666_78];
        for (uint256 number = 1; number <= 6; ++number) {
            _atDueDay(loanId, number);
            (uint256 interest, uint256 principal) = _dueOf(loanId);
            assertEq(interest, interests[number - 1], "interest");
            assertEq(principal, principals[number - 1], "principal");
            if (number > 2) _repay(loanId, uint64(interest + principal));
            else assertEq(facilities.loan(loanId).state.graceDay, 0, "nothing is in grace while nothing is due");
        }
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_repaid_early_in_grace_pays_the_interest_so_far() public {
        IProducts.ProductTerms memory product = _productOf(uint64(1) << 6);
        product.interestGrace = 2;
        LoanId loanId = _drawWith(product, LoanMath.Style.InterestOnly, 6, 0, LoanMath.AfterPrepayment.PayAhead);
        _atDueDay(loanId, 1);
        _days(15);
        LoanMath.Parts memory payoff = facilities.loan(loanId).payoff;
        assertEq(payoff.interest, 2_850_00, "one month and a half");
        _repay(loanId, type(uint64).max);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    // ------------------------------------------------------------------ a fixed due day

    function test_fixed_due_day_counts_the_actual_days_of_the_first_period() public {
        vm.warp(Calendar.dayOf(2026, 11, 28) * DAY);
        LoanId loanId = _drawWith(
            _productOf(uint64(1) << 3), LoanMath.Style.InterestOnly, 3, 20, LoanMath.AfterPrepayment.PayAhead
        );
        LoanMath.Terms memory terms = facilities.loan(loanId).terms;
        assertEq(LoanMath.dueDayOf(terms, 1), Calendar.dayOf(2026, 12, 20), "the 20th of the next month");
        assertEq(LoanMath.dueDayOf(terms, 3), Calendar.dayOf(2027, 2, 20), "and of each month after it");
        _atDueDay(loanId, 1);
        (uint256 interest,) = _dueOf(loanId);
        assertEq(interest, 1_393_33, "22 days");
        _repay(loanId, uint64(interest));
        _atDueDay(loanId, 2);
        (interest,) = _dueOf(loanId);
        assertEq(interest, 1_900_00, "a month of thirty days");
    }

    function test_fixed_due_day_is_refused_beyond_the_28th_and_for_a_bullet_loan() public {
        FacilityId facilityId = _agreedFacility(_add(_productOf(uint64(1) << 3)), RATE, PRINCIPAL);
        ILoans.DrawRequest memory request = _request(facilityId, PRINCIPAL, LoanMath.Style.InterestOnly, 3, 0);
        request.dueDayOfMonth = 29;
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("dueDayOfMonth"), 29, 0, 28)
        );
        facilities.draw(request);
        request = _request(facilityId, PRINCIPAL, LoanMath.Style.Bullet, 3, 0);
        request.dueDayOfMonth = 1;
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("dueDayOfMonth"), 1, 0, 0));
        facilities.draw(request);
    }

    // ------------------------------------------------------------------ products

    function test_product_is_refused_when_a_tenor_is_no_whole_number_of_periods() public {
        IProducts.ProductTerms memory product = _productOf((uint64(1) << 4) | (uint64(1) << 3));
        product.monthsPerPeriod = 3;
        _refused(product, "months", 4, 3, 60);
    }

    function test_product_is_refused_when_a_tenor_is_all_grace() public {
        IProducts.ProductTerms memory product = _productOf(uint64(1) << 3);
        product.principalGrace = 3;
        _refused(product, "months", 3, 4, 60);
        product.principalGrace = 0;
        product.interestGrace = 3;
        _refused(product, "months", 3, 4, 60);
        product.interestGrace = 13;
        _refused(product, "interestGrace", 13, 0, 12);
    }

    function test_product_without_instalments_is_refused_with_terms_of_instalments() public {
        IProducts.ProductTerms memory product = _productOf(0);
        product.styles = BULLET;
        product.monthsPerPeriod = 3;
        _refused(product, "monthsPerPeriod", 3, 1, 1);
        product.monthsPerPeriod = 0;
        _refused(product, "monthsPerPeriod", 0, 1, 1);
        product.monthsPerPeriod = 1;
        product.principalGrace = 1;
        _refused(product, "principalGrace", 1, 0, 0);
    }

    function _refused(IProducts.ProductTerms memory product, bytes32 term, uint256 value, uint256 min, uint256 max)
        private
    {
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IProducts.TermOutOfRange.selector, term, value, min, max));
        products.add("code", product, _goodsOf(product.collateral), _fixedRate(), _noEvidence());
    }
}
