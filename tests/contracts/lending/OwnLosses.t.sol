// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {DEFAULTED, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {LossFixture} from "./LossFixture.sol";
import {ParticipationsFixture} from "./ParticipationsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// Of a loss the lender bears itself what its own word brought back, and what was interest. The rest a reserve, two
/// sharers, an insurer and the lender bear.
contract OwnLossesTest is LossFixture, ParticipationsFixture {
    uint64 private constant LENT = 100_000_00;

    function setUp() public override(LossFixture, SalesFixture) {
        super.setUp();
        _share(_first, FIRST_SHARER_KEY, 300_000, 1_000_000_00);
        _share(_second, SECOND_SHARER_KEY, 100_000, 1_000_000_00);
    }

    // ------------------------------------------------------------------ what corrections brought back

    /// A lender with 5 % records a cent and reverses it. Of 99,999.99 the reserve pays 1,000.00, and the sharers 30 % and
    /// 10 % of what is left.
    function test_cent_that_comes_and_goes_leaves_the_loss_of_a_shared_loan_to_those_who_bear_it() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        _share(loanId, otherBank, 950_000, 95_000_00);
        _reverse(loanId, _record(loanId, 1, _today()));
        (uint256 lender, uint256 participant) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        _lose(loanId, 1);
        uint256 paid = 1_000_00 + 29_699_99 + 9_899_99;
        assertEq(cash.balanceOf(otherBank) - participant, 38_569_98, "95 % for the participant");
        assertEq(cash.balanceOf(bank) - lender, paid - 38_569_98, "the rest for the lender");
        assertEq(reserve.lossOf(loanId).borne, LENT - paid, "borne");
        _holds(loanId);
    }

    /// Of 50,000.00 the reserve pays 1,000.00, the sharers 14,700.00 and 4,900.00, and the insurer is to pay 20,000.00.
    function test_lender_bears_itself_what_came_back_and_others_their_part_of_the_rest() public {
        _insure(20_000_00);
        LoanId loanId = _bullet(_facility, LENT, 30);
        _reverse(loanId, _record(loanId, LENT / 2, _today()));
        uint256[4] memory before = _balances();
        _lose(loanId, LENT / 2);
        vm.prank(_insurer);
        reserve.payInsurance(loanId, 20_000_00);
        uint256[4] memory balances = _balances();
        assertEq(balances[0] - before[0], 40_600_00, "the lender got");
        assertEq(before[1] - balances[1], 20_000_00, "the insurer paid");
        assertEq(before[2] - balances[2], 14_700_00, "the first sharer paid");
        assertEq(before[3] - balances[3], 4_900_00, "the second sharer paid");
        assertEq(reserve.lossOf(loanId).borne, 59_400_00, "with its own 50,000.00");
        _holds(loanId);
        // What comes in later is the lender's first, as ever.
        LoanMath.Parts memory due = facilities.loan(loanId).due;
        _repay(loanId, due.interest + due.penalty + 60_000_00);
        uint256[4] memory later = _balances();
        assertEq(later[0] - balances[0], uint256(due.interest) + due.penalty + 59_400_00, "the lender got back");
        assertEq(later[1] - balances[1], 600_00, "and then the insurer");
        _holds(loanId);
    }

    function test_money_that_is_recorded_in_its_place_is_others_to_bear_again() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        _reverse(loanId, _record(loanId, LENT / 2, _today()));
        _record(loanId, LENT / 2, _today());
        _lose(loanId, 0);
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        assertEq(loss.loss, LENT / 2, "the loss");
        assertEq(loss.fromReserve, 1_000_00, "the reserve");
        assertEq(loss.fromSharers, 14_700_00 + 4_900_00, "the sharers, of 49,000.00");
    }

    /// What is recorded on a loan in default may be what its collateral brought.
    function test_money_that_is_recorded_in_default_takes_the_place_of_nothing() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        _reverse(loanId, _record(loanId, LENT / 2, _today()));
        _fail(loanId);
        _record(loanId, 40_000_00, _today());
        uint64 owed = _principalOf(loanId);
        _expectKept(loanId, LENT / 2);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        uint256 shared = owed - LENT / 2 - 1_000_00;
        assertEq(reserve.lossOf(loanId).fromSharers, shared * 3 / 10 + shared / 10, "of what the lender does not keep");
    }

    /// A cheque of 51,000.00 bounces twice: 51,000.00 are the lender's, and 49,000.00 are others' to bear.
    function test_payment_that_bounces_twice_in_default_counts_once() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        _fail(loanId);
        for (uint256 i; i < 2; ++i) {
            _reverse(loanId, _record(loanId, _charged(loanId) + 51_000_00, _today()));
            _days(1);
        }
        assertEq(_principalOf(loanId), LENT, "the loan is what it was before");
        _expectKept(loanId, 51_000_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        // The reserve pays 1,000.00, and the sharers 30 % and 10 % of 48,000.00.
        assertEq(reserve.lossOf(loanId).fromSharers, 14_400_00 + 4_800_00, "the sharers");
        _holds(loanId);
    }

    function test_payments_that_bounce_in_default_at_once_count_together() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        _fail(loanId);
        uint64 charged = _charged(loanId);
        PostingWord first = _record(loanId, charged + 20_000_00, _today());
        PostingWord second = _record(loanId, 15_000_00, _today());
        _reverse(loanId, first);
        _reverse(loanId, second);
        // A single one after them is less than both together.
        _reverse(loanId, _record(loanId, charged + 30_000_00, _today()));
        _expectKept(loanId, 35_000_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
    }

    /// What was recorded before the default, and let collateral go, is no payment that bounced in default.
    function test_money_of_before_the_default_counts_beside_what_bounces_in_default() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        _days(40);
        PostingWord earlier = _record(loanId, _charged(loanId) + 40_000_00, _today());
        _reverse(loanId, _record(loanId, 30_000_00, _today()));
        _days(4);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
        _record(loanId, _charged(loanId) + 20_000_00, _today());
        uint64 owed = _principalOf(loanId);
        assertEq(owed, 40_000_00, "owed");
        _reverse(loanId, earlier);
        _expectKept(loanId, 30_000_00 + _principalOf(loanId) - owed);
        vm.prank(bank);
        facilities.recordLoss(loanId);
    }

    function test_nobody_else_bears_a_loss_that_came_back_whole() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        uint24 day = _today();
        _reverse(loanId, _record(loanId, LENT - 1, day));
        _repay(loanId, 1);
        _fail(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.LossNotShared.selector, loanId, uint256(day)));
        vm.prank(bank);
        facilities.recordLoss(loanId);
    }

    function test_payment_that_moves_to_another_loan_is_the_lenders_own_on_the_one_it_leaves() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        LoanId other = _bullet(_facility, LENT, 30);
        _move(loanId, _record(loanId, 10_000_00, _today()), other, _today());
        _lose(loanId, 10_000_00);
        _holds(loanId);
    }

    // ------------------------------------------------------------------ interest that became principal

    function test_capitalised_cent_leaves_the_loss_of_a_shared_loan_to_those_who_bear_it() public {
        LoanId loanId = _bullet(_facility, LENT, 30);
        _share(loanId, otherBank, 950_000, 95_000_00);
        _days(10);
        IRestructuring.Restructuring memory terms;
        terms.loanId = LoanId.unwrap(loanId);
        terms.periods = 1;
        terms.monthsPerPeriod = 1;
        terms.dueDay = _today() + 30;
        terms.annualRate = 72_000;
        terms.capitalisedInterest = 1;
        terms.deadline = _deadline();
        bytes32 digest = facilities.restructuringDigest(terms);
        facilities.restructure(terms, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        uint256 participant = cash.balanceOf(otherBank);
        _lose(loanId, 1);
        // 1,000.00, and of 99,000.00 30 % and 10 %.
        assertEq(reserve.lossOf(loanId).borne, LENT + 1 - 1_000_00 - 29_700_00 - 9_900_00, "borne");
        assertEq(cash.balanceOf(otherBank) - participant, 38_570_00, "95 % for the participant");
    }

    // ------------------------------------------------------------------ helpers

    function _expectKept(LoanId loanId, uint64 amount) private {
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossLeftToLender(loanId, bank, amount);
    }

    function _fail(LoanId loanId) private {
        _days(44);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
    }

    /// Interest and penalty, which a payment pays first.
    function _charged(LoanId loanId) private view returns (uint64) {
        LoanMath.Parts memory due = facilities.loan(loanId).due;
        return due.interest + due.penalty;
    }

    function _lose(LoanId loanId, uint64 kept) private {
        _fail(loanId);
        if (kept != 0) _expectKept(loanId, kept);
        vm.prank(bank);
        facilities.recordLoss(loanId);
    }
}
