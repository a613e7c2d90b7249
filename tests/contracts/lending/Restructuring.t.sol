// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {RestructuringFixture} from "./RestructuringFixture.sol";

/// New terms of a loan: who signs, what they may say, what becomes of what is owed.
contract RestructuringTest is RestructuringFixture {
    uint24 private constant MIN_RATE = 50_000;

    // ------------------------------------------------------------------ what it does

    /// Of 1,000,000.00 with 6,000.00 of interest and 6,000.00 of penalty the penalty falls away and the interest becomes
    /// principal; the loan runs again, and counts nowhere as overdue or in default.
    function test_default_is_cured_by_new_terms() public {
        LoanId loanId = _defaulted();
        assertEq(_owed(loanId), 1_012_000_00, "owed before");
        IRestructuring.Restructuring memory terms = _terms(loanId);
        terms.capitalisedInterest = type(uint64).max;
        _restructure(terms);
        ILoans.Loan memory loan = _loan(loanId);
        assertTrue(loan.status == ILoans.Status.Running, "runs");
        assertTrue(!loan.markedOverdue, "not overdue");
        assertEq(_owed(loanId), 1_006_000_00, "the interest is principal, the penalty is gone");
        assertEq(_sum(loan.due), 0, "nothing is due");
        assertEq(facilities.facility(_facility).outstanding, 1_006_000_00, "the facility's sum");
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 0, "no overdue loan");
        assertEq(uint256(facilities.facility(_facility).openLoans), 1, "one open loan");
        (uint64 lent, uint64 overdue) = facilities.programme(_product);
        assertEq(lent, 1_006_000_00, "the programme");
        assertEq(overdue, 0, "the breaker's sum");
        assertEq(_inDefault(), 0, "the borrower is not in default");
        IRestructuring.ReliefState memory relief = facilities.reliefOf(loanId);
        assertTrue(relief.count == 1 && relief.day == _today(), "recorded");
        _bullet(_facility, 1_00, 30);
    }

    function test_six_equal_instalments_pay_the_restructured_loan() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _terms(loanId);
        terms.capitalisedInterest = type(uint64).max;
        _restructure(terms);
        for (uint256 i; i < 6; ++i) {
            vm.warp(LoanMath.dueDayOf(_loan(loanId).terms, i + 1) * DAY);
            _repayNow(loanId, uint64(_sum(_loan(loanId).due)));
        }
        assertTrue(_loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_running_loan_in_grace_and_overdue_loan_get_new_terms() public {
        LoanId running = _bullet(_facility, DRAWN, 30);
        LoanId inGrace = _bullet(_facility, DRAWN, 8);
        LoanId overdue = _bullet(_facility, DRAWN, 2);
        _days(10);
        facilities.markOverdue(overdue);
        LoanId[3] memory loans = [running, inGrace, overdue];
        for (uint256 i; i < 3; ++i) {
            _restructure(_bulletTerms(loans[i], 60));
            assertTrue(_loan(loans[i]).status == ILoans.Status.Running, "runs");
            assertEq(LoanMath.outstanding(_loan(loans[i]).state), DRAWN, "principal");
        }
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 0, "no overdue loan");
    }

    function test_written_off_loan_runs_again() public {
        LoanId loanId = _defaulted();
        _days(facilities.writeOffDays());
        vm.prank(bank);
        facilities.writeOff(loanId);
        _restructure(_bulletTerms(loanId, 60));
        assertTrue(_loan(loanId).status == ILoans.Status.Running, "runs");
        assertEq(_inDefault(), 0, "the borrower is not in default");
    }

    /// What is neither forgiven nor capitalised stays due and bears no penalty before the first due day.
    function test_interest_that_is_left_is_due_with_the_first_instalment() public {
        LoanId loanId = _defaulted();
        _restructure(_bulletTerms(loanId, 60));
        assertEq(_sum(_loan(loanId).due), 6_000_00, "due");
        _days(59);
        facilities.accrue(loanId);
        assertEq(uint256(_loan(loanId).due.penalty), 0, "no penalty");
        vm.expectRevert(abi.encodeWithSelector(ILoans.NotOverdue.selector, loanId));
        facilities.markOverdue(loanId);
        _days(1);
        // 6 % on 1,000,000.00 for 60 days: 10,000.00.
        assertEq(_sum(_loan(loanId).due), 1_016_000_00, "all of it");
        _days(4);
        assertTrue(_loan(loanId).due.penalty != 0, "penalty after the days of grace");
        facilities.markOverdue(loanId);
    }

    function test_interest_that_is_left_may_be_paid_at_once() public {
        LoanId loanId = _defaulted();
        _restructure(_bulletTerms(loanId, 60));
        _repayNow(loanId, 6_000_00);
        assertEq(_sum(_loan(loanId).due), 0, "nothing is due");
        assertEq(LoanMath.outstanding(_loan(loanId).state), DRAWN, "principal");
    }

    function test_costs_that_are_not_forgiven_stay_due() public {
        LoanId loanId = _defaulted();
        _order(address(facilities), abi.encodeCall(facilities.forcedCosts, (loanId, 500_00, keccak256("order"))));
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        terms.forgivenCosts = 200_00;
        terms.forgivenInterest = type(uint64).max;
        _restructure(terms);
        assertEq(uint256(_loan(loanId).due.costs), 300_00, "costs");
        assertEq(_sum(_loan(loanId).due), 300_00, "and nothing else");
    }

    /// Interest runs from the signed day only.
    function test_moratorium_without_interest_ends_on_its_day() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 90);
        terms.forgivenInterest = type(uint64).max;
        terms.interestFromDay = _today() + 30;
        _restructure(terms);
        _days(29);
        facilities.accrue(loanId);
        _days(1);
        assertEq(_owed(loanId), DRAWN, "no interest so far");
        facilities.accrue(loanId);
        _days(60);
        assertEq(_owed(loanId), DRAWN + 10_000_00, "60 days at 6 %");
    }

    function test_payment_and_correction_cope_with_a_moratorium() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 90);
        terms.forgivenInterest = type(uint64).max;
        terms.interestFromDay = _today() + 30;
        _restructure(terms);
        uint24 day = _today();
        _days(10);
        _repayNow(loanId, 100_000_00);
        _days(30);
        PostingWord posting = _record(loanId, 200_000_00, day + 5);
        _days(50);
        // 700,000.00 from day 30 to 90 at 6 %: 7,000.00.
        assertEq(_owed(loanId), 707_000_00, "as if paid in time");
        _reverseWithSignature(loanId, posting);
        assertEq(_owed(loanId), 909_000_00, "as if never paid");
    }

    function test_forgiven_principal_is_the_lenders_loss_alone() public {
        LoanId loanId = _defaulted();
        uint256 held = cash.balanceOf(address(reserve));
        uint256 before = cash.balanceOf(bank);
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        terms.forgivenPrincipal = 400_000_00;
        terms.forgivenInterest = type(uint64).max;
        _restructure(terms);
        assertEq(_owed(loanId), 600_000_00, "owed");
        assertEq(facilities.facility(_facility).outstanding, 600_000_00, "the facility's sum");
        assertEq(cash.balanceOf(address(reserve)), held, "the reserve pays nothing");
        assertEq(cash.balanceOf(bank), before, "nobody pays the bank");
    }

    /// Interest that became principal is no loss of those who share losses of principal.
    function test_capitalised_interest_is_the_lenders_part_of_a_loss() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 30);
        terms.capitalisedInterest = type(uint64).max;
        _restructure(terms);
        uint64 capitalised = facilities.loan(loanId).state.balance - DRAWN;
        assertEq(capitalised, 6_000_00, "the interest of 30 days");
        _days(60);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossLeftToLender(loanId, bank, capitalised);
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    function test_loss_of_no_more_than_capitalised_interest_is_the_lenders_alone() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 30);
        terms.capitalisedInterest = type(uint64).max;
        _restructure(terms);
        uint24 day = _today();
        _repay(loanId, DRAWN);
        _days(60);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.LossNotShared.selector, loanId, uint256(day)));
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    /// Costs that both sides signed are paid before principal: they are no loss of those who share losses of principal.
    function test_signed_costs_leave_the_loss_to_the_lender_and_postpone_no_default() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(50);
        _chargeCosts(loanId, 1_00);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.LossNotShared.selector, loanId, uint256(0)));
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    function test_costs_of_a_court_leave_the_loss_shared() public {
        LoanId loanId = _defaulted();
        vm.prank(address(court));
        facilities.forcedCosts(loanId, 1_00, "order");
        vm.prank(bank);
        facilities.recordLoss(loanId);
        assertTrue(_loan(loanId).lossRecorded, "recorded");
    }

    function test_no_costs_are_signed_once_the_loss_is_recorded() public {
        LoanId loanId = _defaulted();
        vm.prank(bank);
        facilities.recordLoss(loanId);
        bytes memory signature = _signed(SELLER_KEY, facilities.costsDigest(loanId, 1_00, "bill", _deadline(), 1));
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Defaulted));
        vm.prank(bank);
        facilities.chargeCosts(loanId, 1_00, "bill", _deadline(), 1, signature);
    }

    function test_default_after_new_terms_is_a_default_again() public {
        LoanId loanId = _defaulted();
        _restructure(_bulletTerms(loanId, 30));
        _days(34);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        assertEq(_inDefault(), 1, "in default");
        assertTrue(_loan(loanId).status == ILoans.Status.Defaulted, "in default");
    }

    function test_rate_of_zero_bears_neither_interest_nor_penalty() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _terms(loanId);
        terms.annualRate = 0;
        terms.forgivenInterest = type(uint64).max;
        _restructure(terms);
        _days(300);
        assertEq(_owed(loanId), DRAWN, "principal alone");
        _repayNow(loanId, DRAWN);
        assertTrue(_loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_entruster_pays_the_fee_on_what_ends_otherwise_than_by_payment() public {
        LoanId loanId = _entrusted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        terms.forgivenInterest = 1_000_00;
        terms.capitalisedInterest = 2_000_00;
        bytes32 digest = facilities.restructuringDigest(terms);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        bytes memory lender = _signed(BANK_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, entruster, digest));
        facilities.restructure(terms, lender, borrower);
        uint256 before = cash.balanceOf(bank);
        facilities.restructure(terms, _signed(ENTRUSTER_KEY, digest), borrower);
        // A tenth of 6,000.00 of penalty, 1,000.00 forgiven and 2,000.00 capitalised.
        assertEq(cash.balanceOf(bank), before + 900_00, "the fee");
    }

    // ------------------------------------------------------------------ what it refuses

    function test_both_sides_sign_and_the_terms_count_once() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        bytes32 digest = facilities.restructuringDigest(terms);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, bank, digest));
        facilities.restructure(terms, borrower, borrower);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        facilities.restructure(terms, lender, lender);
        facilities.restructure(terms, lender, borrower);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.restructure(terms, lender, borrower);
    }

    /// Two sets of terms were signed for the same loan: the second does not stack on the first.
    function test_terms_signed_before_another_restructuring_count_no_more() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory left = _bulletTerms(loanId, 60);
        left.forgivenPrincipal = 400_000_00;
        _restructure(_bulletTerms(loanId, 90));
        _outOfRange(left, "restructurings", 0, 1, 1);
        left.restructurings = 2;
        _outOfRange(left, "restructurings", 2, 1, 1);
        _restructure(_bulletTerms(loanId, 60));
        assertEq(uint256(facilities.reliefOf(loanId).count), 2, "restructured twice");
        assertEq(LoanMath.outstanding(_loan(loanId).state), DRAWN, "nothing is forgiven");
    }

    /// The administering bank's fee is a part of the interest to come.
    function test_entrusted_loan_keeps_the_lowest_rate_of_the_product() public {
        LoanId loanId = _entrusted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        terms.annualRate = MIN_RATE - 1;
        bytes32 digest = facilities.restructuringDigest(terms);
        bytes memory lender = _signed(ENTRUSTER_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFacilities.TermOutOfRange.selector, bytes32("annualRate"), MIN_RATE - 1, MIN_RATE, uint256(240_000)
            )
        );
        facilities.restructure(terms, lender, borrower);
        terms.annualRate = MIN_RATE;
        digest = facilities.restructuringDigest(terms);
        facilities.restructure(terms, _signed(ENTRUSTER_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(_loan(loanId).terms.annualRate, MIN_RATE, "the lowest rate");
    }

    function test_terms_count_until_their_deadline() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        vm.warp(terms.deadline);
        _refused(terms, abi.encodeWithSelector(SignedTerms.SignatureExpired.selector, terms.deadline, block.timestamp));
    }

    function test_penalty_is_paid_or_forgiven_before() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        terms.forgivenPenalty = 5_999_99;
        _refused(terms, abi.encodeWithSelector(IRestructuring.PenaltyLeft.selector, loanId, uint64(1)));
        _repayNow(loanId, 1);
        _restructure(terms);
    }

    function test_repaid_loan_and_loan_with_a_shared_loss_keep_their_terms() public {
        LoanId repaid = _bullet(_facility, DRAWN, 30);
        LoanId lost = _defaulted();
        _repay(repaid, type(uint64).max);
        _refused(
            _bulletTerms(repaid, 60), abi.encodeWithSelector(ILoans.StateForbids.selector, repaid, ILoans.Status.Repaid)
        );
        vm.prank(bank);
        facilities.recordLoss(lost);
        _refused(_bulletTerms(lost, 60), abi.encodeWithSelector(IPostings.LossShared.selector, lost));
    }

    function test_terms_stay_within_the_product() public {
        LoanId loanId = _defaulted();
        IRestructuring.Restructuring memory terms = _terms(loanId);
        terms.annualRate = 240_001;
        _outOfRange(terms, "annualRate", 240_001, 0, 240_000);
        terms = _terms(loanId);
        terms.style = LoanMath.Style.BillingCycle;
        _refused(terms, abi.encodeWithSelector(ILoans.StyleNotAllowed.selector, LoanMath.Style.BillingCycle, uint8(23)));
        terms = _terms(loanId);
        terms.periods = 0;
        _outOfRange(terms, "periods", 0, 1, 60);
        terms = _terms(loanId);
        terms.monthsPerPeriod = 13;
        _outOfRange(terms, "monthsPerPeriod", 13, 1, 12);
        terms = _terms(loanId);
        terms.principalGrace = 6;
        _outOfRange(terms, "principalGrace", 6, 0, 5);
        terms = _terms(loanId);
        terms.interestGrace = 6;
        _outOfRange(terms, "interestGrace", 6, 0, 5);
        terms = _bulletTerms(loanId, 0);
        _outOfRange(terms, "dueDay", _today(), _today() + 1, _today() + 360);
        terms = _bulletTerms(loanId, 361);
        _outOfRange(terms, "dueDay", _today() + 361, _today() + 1, _today() + 360);
        terms = _bulletTerms(loanId, 60);
        terms.interestFromDay = _today() + 60;
        _outOfRange(terms, "interestFromDay", _today() + 60, _today(), _today() + 59);
        terms.interestFromDay = _today() - 1;
        _outOfRange(terms, "interestFromDay", _today() - 1, _today(), _today() + 59);
        terms = _bulletTerms(loanId, 60);
        terms.forgivenPrincipal = DRAWN;
        _outOfRange(terms, "forgivenPrincipal", DRAWN, 0, DRAWN - 1);
        terms = _terms(loanId);
        terms.periods = 13;
        bytes32 digest = facilities.restructuringDigest(terms);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectPartialRevert(IFacilities.TermOutOfRange.selector);
        facilities.restructure(terms, lender, borrower);
    }

    /// Capitalised interest needs the room of a draw, also on the limit over all facilities; forgiven principal makes
    /// room.
    function test_capitalised_interest_needs_room_under_the_limits() public {
        FacilityId small = _agreedFacility(_add(_plainProduct()), 72_000, DRAWN);
        LoanId loanId = _bullet(small, DRAWN, 30);
        _days(20);
        IRestructuring.Restructuring memory terms = _bulletTerms(loanId, 60);
        terms.capitalisedInterest = 4_000_00;
        _refused(
            terms,
            abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("limit"), DRAWN + uint256(4_000_00), DRAWN)
        );
        terms.forgivenPrincipal = 4_000_00;
        _restructure(terms);
        assertEq(LoanMath.outstanding(_loan(loanId).state), DRAWN, "as much as before");
    }

    function test_no_interest_is_capitalised_while_another_loan_is_in_default() public {
        LoanId other = _bullet(_facility, DRAWN, 100);
        _defaulted();
        IRestructuring.Restructuring memory terms = _bulletTerms(other, 60);
        terms.capitalisedInterest = 1_00;
        _refused(
            terms, abi.encodeWithSelector(IDrawControl.BorrowerInDefault.selector, registry.partyOf(seller), uint32(1))
        );
        terms.capitalisedInterest = 0;
        _restructure(terms);
    }

    /// Both sides signed the state as of the day, so what was paid before is settled.
    function test_correction_reaches_back_to_the_new_terms_only() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(10);
        PostingWord posting = _record(loanId, 100_000_00, _today());
        _days(10);
        _restructure(_bulletTerms(loanId, 60));
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.PostingUnknown.selector, loanId, PostingWord.unwrap(posting)));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    // ------------------------------------------------------------------ helpers

    function _entrusted() private returns (LoanId loanId) {
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        product.minRate = MIN_RATE;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 2 * DRAWN);
        terms.entruster = entruster;
        terms.administrationFee = 100_000;
        loanId = _bullet(_agree(terms), DRAWN, 30);
        _days(50);
        vm.prank(entruster);
        facilities.declareDefault(loanId);
    }

    function _chargeCosts(LoanId loanId, uint64 amount) private {
        bytes memory signature = _signed(SELLER_KEY, facilities.costsDigest(loanId, amount, "bill", _deadline(), 1));
        vm.prank(bank);
        facilities.chargeCosts(loanId, amount, "bill", _deadline(), 1, signature);
    }

    function _outOfRange(
        IRestructuring.Restructuring memory terms,
        bytes32 term,
        uint256 value,
        uint256 min,
        uint256 max
    ) private {
        _refused(terms, abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, min, max));
    }

    function _inDefault() private view returns (uint256) {
        PartyId borrower = registry.partyOf(seller);
        return facilities.borrowerDebt(borrower, address(cash), 0).defaultedLoans;
    }
}
