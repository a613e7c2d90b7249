// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {CurrencyClock} from "../../../contracts/cash/CurrencyClock.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A currency that its issuer paused makes nobody late, and costs nobody interest.
contract StoppedCurrencyTest is LendingFixture {
    Stablecoin private _stable;
    ProductId private _product;
    FacilityId private _plain;
    FacilityId private _cash;
    uint256 private _start;

    function setUp() public override {
        super.setUp();
        _stable = new Stablecoin();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(_stable), true);
        address[3] memory all = [seller, debtor, bank];
        for (uint256 i; i < all.length; ++i) {
            _stable.mint(all[i], 1e15);
            vm.startPrank(all[i]);
            _stable.approve(address(facilities), type(uint256).max);
            _stable.approve(address(receivables), type(uint256).max);
            vm.stopPrank();
        }
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.currency = address(_stable);
        _product = _add(terms);
        _plain = _agreedFacility(_product, 72_000, 1_000_000_00);
        _cash = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_000_00);
        _start = block.timestamp;
    }

    function test_repay_takes_nothing_and_notes_the_stop_while_the_currency_is_paused() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _days(29);
        _stable.pause(true);
        vm.expectEmit(address(facilities));
        emit CurrencyClock.CurrencyStopped(address(_stable), uint40(block.timestamp));
        assertEq(_sum(_repay(loanId, type(uint64).max)), 0, "nothing is taken");
        assertEq(facilities.loan(loanId).state.balance, 100_000_00, "nothing is changed");
        assertEq(facilities.facility(_plain).outstanding, 100_000_00, "nor on the facility");
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, block.timestamp, "on record");
        // The second call notes nothing new.
        _days(1);
        assertEq(_sum(_repay(loanId, 100)), 0, "nothing");
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, block.timestamp - DAY, "from the first");
    }

    function test_days_of_a_stop_make_nobody_late_and_cost_no_interest() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _days(29);
        _stable.pause(true);
        _repay(loanId, type(uint64).max);
        _days(10);
        assertEq(facilities.loan(loanId).due.principal, 0, "not due while it stands");
        _stable.pause(false);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.NotOverdue.selector, loanId));
        facilities.declareDefault(loanId);
        assertTrue(facilities.checkCurrency(address(_stable)), "it moves");
        ILoans.Loan memory loanRow = facilities.loan(loanId);
        assertEq(loanRow.lostDays, 10, "ten days are lost");
        assertEq(loanRow.payoff.interest, 100_000_00 * 29 * 72_000 / uint256(360_000_000), "29 days of interest");
        _days(4); // the due day, and three days of grace
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.NotOverdue.selector, loanId));
        facilities.declareDefault(loanId);
        _days(1);
        vm.prank(bank);
        facilities.declareDefault(loanId);
    }

    function test_next_payment_ends_a_stop_that_nobody_ended() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _days(10);
        _stable.pause(true);
        assertTrue(!facilities.checkCurrency(address(_stable)), "it stands");
        _days(5);
        _stable.pause(false);
        _days(5);
        vm.expectEmit(address(facilities));
        emit CurrencyClock.CurrencyMoves(address(_stable), uint40(block.timestamp - 10 * DAY), 10);
        LoanMath.Parts memory parts = _repay(loanId, type(uint64).max);
        assertEq(parts.interest, 100_000_00 * 10 * 72_000 / uint256(360_000_000), "ten days of interest");
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, 0, "it moves");
        assertEq(facilities.currencyClock(address(_stable)).lostDays, 10, "ten days are lost");
    }

    function test_a_loan_counts_only_the_days_lost_after_its_draw() public {
        LoanId older = _bullet(_plain, 1_000_00, 30);
        _days(10);
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        _days(7);
        _stable.pause(false);
        // The draw itself ends the stop.
        LoanId newer = _bullet(_plain, 1_000_00, 30);
        assertEq(facilities.loan(older).lostDays, 7, "the older one's");
        assertEq(facilities.loan(newer).lostDays, 0, "not the newer one's");
        _days(10);
        assertEq(facilities.loan(older).state.asOfDay, _start / DAY + 20, "its own day");
        assertEq(facilities.loan(newer).state.asOfDay, _today(), "today");
    }

    function test_loans_in_another_currency_go_on() public {
        LoanId loanId = _bullet(_cash, 1_000_00, 30);
        _days(10);
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        _days(10);
        assertEq(facilities.loan(loanId).lostDays, 0, "no day is lost");
        assertEq(facilities.loan(loanId).state.asOfDay, _today(), "today");
    }

    function test_draw_and_agree_revert_while_the_currency_is_paused() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, 1_000_00);
        bytes32 digest = facilities.facilityDigest(terms);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        vm.expectRevert(abi.encodeWithSelector(IFacilities.CurrencyStands.selector, address(_stable)));
        _bullet(_plain, 1_000_00, 30);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.CurrencyStands.selector, address(_stable)));
        facilities.agree(terms, lender, borrower, "");
    }

    function test_repay_reverts_with_the_reason_when_the_currency_moves() public {
        LoanId loanId = _bullet(_plain, 1_000_00, 30);
        vm.prank(seller);
        _stable.approve(address(facilities), 0);
        vm.expectRevert();
        _repay(loanId, 100);
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, 0, "no stop");
        vm.expectRevert(abi.encodeWithSelector(ILoans.LoanUnknown.selector, LoanId.wrap(99)));
        _repay(LoanId.wrap(99), 100);
    }

    function test_stop_cannot_be_noted_by_too_little_gas() public {
        LoanId loanId = _bullet(_plain, 1_000_00, 30);
        bytes memory repayment = abi.encodeCall(facilities.repay, (loanId, 100));
        bytes memory question = abi.encodeCall(facilities.checkCurrency, (address(_stable)));
        bool isPaid;
        bool isCalled;
        for (uint256 gasAmount = 5_000; gasAmount < 300_000; gasAmount += 1_000) {
            vm.prank(seller);
            (isPaid,) = address(facilities).call{gas: gasAmount}(repayment);
            (isCalled,) = address(facilities).call{gas: gasAmount}(question);
            assertEq(facilities.currencyClock(address(_stable)).stoppedAt, 0, "no stop");
        }
        assertTrue(isPaid && isCalled, "with enough it works");
    }

    // ------------------------------------------------------------------ several loans

    function test_repay_many_skips_what_cannot_be_paid() public {
        LoanId repaid = _bullet(_plain, 1_000_00, 30);
        LoanId open = _bullet(_plain, 2_000_00, 30);
        LoanId other = _bullet(_cash, 500_00, 30);
        _repay(repaid, type(uint64).max);
        LoanId[] memory loanIds = new LoanId[](4);
        (loanIds[0], loanIds[1], loanIds[2], loanIds[3]) = (LoanId.wrap(99), repaid, open, other);
        _stable.blacklist(seller, true);
        vm.prank(seller);
        assertEq(facilities.repayMany(loanIds, 10_000_00), 500_00, "the one that can be paid");
        assertTrue(facilities.loan(other).status == ILoans.Status.Repaid, "repaid");
        assertEq(facilities.loan(open).state.balance, 2_000_00, "skipped");
        _stable.blacklist(seller, false);
        vm.prank(seller);
        assertEq(facilities.repayMany(loanIds, 10_000_00), 2_000_00, "and now the other");
    }

    function test_repay_many_pays_in_moving_currencies_and_notes_stopped_ones() public {
        LoanId open = _bullet(_plain, 2_000_00, 30);
        LoanId other = _bullet(_cash, 500_00, 30);
        LoanId[] memory loanIds = new LoanId[](2);
        (loanIds[0], loanIds[1]) = (open, other);
        _stable.pause(true);
        vm.prank(seller);
        assertEq(facilities.repayMany(loanIds, 10_000_00), 500_00, "what moves");
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, block.timestamp, "what stands");
        vm.prank(seller);
        assertEq(facilities.repayMany(loanIds, 10_000_00), 0, "nothing moves now");
    }

    function test_repay_many_reverts_with_the_reason_when_nothing_could_be_paid() public {
        LoanId[] memory loanIds = new LoanId[](1);
        loanIds[0] = _bullet(_plain, 1_000_00, 30);
        _stable.blacklist(seller, true);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(Stablecoin.Blacklisted.selector, seller));
        facilities.repayMany(loanIds, 100);
        _stable.blacklist(seller, false);
        _repay(loanIds[0], type(uint64).max);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ILoans.NothingOwed.selector, loanIds[0]));
        facilities.repayMany(loanIds, 100);
    }

    // ------------------------------------------------------------------ what hangs on a loan's day

    function test_extension_is_to_a_day_of_the_calendar() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        uint24 due = _today() + 30;
        _days(10);
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        _days(5);
        _stable.pause(false);
        facilities.checkCurrency(address(_stable));
        ILoans.Extension memory provided = ILoans.Extension(LoanId.unwrap(loanId), due + 5, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(provided);
        // Five days were lost: it falls due on that day anyway.
        vm.expectRevert(
            abi.encodeWithSelector(
                IFacilities.TermOutOfRange.selector, bytes32("dueDay"), due + 5, due + 6, _start / DAY + 365
            )
        );
        facilities.extend(provided, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        provided.dueDay = due + 20;
        digest = facilities.extensionDigest(provided);
        facilities.extend(provided, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(facilities.loan(loanId).terms.dueDay, due + 15, "the loan's own days are fewer");
        vm.warp(uint256(due + 20) * DAY);
        assertEq(facilities.loan(loanId).due.principal, 100_000_00, "due on the day that was signed");
    }

    function test_write_off_waits_for_the_days_lost() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _days(40);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        _days(20);
        _stable.pause(false);
        facilities.checkCurrency(address(_stable));
        uint256 earliest = _start / DAY + 30 + 180;
        vm.warp((earliest + 19) * DAY);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.TooEarly.selector, loanId, earliest - 1, earliest));
        facilities.writeOff(loanId);
        _days(1);
        vm.prank(bank);
        facilities.writeOff(loanId);
    }

    function test_money_collected_for_a_loan_counts_on_the_loans_own_day() public {
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.currency = address(_stable);
        FacilityId facilityId = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
        IReceivables.ReceivableTerms memory debt = _terms(100_000_00);
        debt.currency = address(_stable);
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(debt);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        uint256 claimId = ClaimId.unwrap(receivables.confirm(receivableId, signature));
        LoanId loanId = _draw(facilityId, 50_000_00, LoanMath.Style.Bullet, 60, claimId);
        _days(10);
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        _days(10);
        _stable.pause(false);
        _pay(receivableId, 100_000_00);
        uint256 before = _stable.balanceOf(bank);
        receivables.collect(ClaimId.wrap(claimId));
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(_stable.balanceOf(bank) - before, 50_100_00, "ten days of interest, not twenty");
    }

    /// After any number of stops, a loan's day and the days lost sum to today.
    function testFuzz_the_loans_day_and_the_days_lost_make_today(uint8[6] calldata runs, uint8[6] calldata stops)
        public
    {
        LoanId loanId = _bullet(_plain, 100_000_00, 360);
        uint256 lost;
        uint256 day = _today();
        for (uint256 i; i < runs.length; ++i) {
            _days(runs[i] % 20);
            _stable.pause(true);
            facilities.checkCurrency(address(_stable));
            _days(stops[i] % 20);
            ILoans.Loan memory loanRow = facilities.loan(loanId);
            assertTrue(loanRow.state.asOfDay >= day, "it never goes back");
            day = loanRow.state.asOfDay;
            lost += stops[i] % 20;
            assertEq(loanRow.lostDays, lost, "also while the stop lasts");
            _stable.pause(false);
            facilities.checkCurrency(address(_stable));
            loanRow = facilities.loan(loanId);
            assertEq(loanRow.state.asOfDay + lost, _today(), "today");
            assertEq(loanRow.state.asOfDay, day, "the end of a stop changes nothing");
        }
    }
}
