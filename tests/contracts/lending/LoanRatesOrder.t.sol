// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {FloatingFixture} from "./FloatingFixture.sol";

/// Rates that are set late, and payments that are recorded late, in any order, give the loan of the right order.
contract LoanRatesOrderTest is FloatingFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    uint256 private constant DAYS = 130;
    uint256 private constant PAYMENTS = 4;
    FacilityId private _facility;
    LoanId private _punctual;
    LoanId private _delayed;
    uint24 private _start;
    uint256 private _seed;

    struct Payment {
        uint256 day;
        uint256 recordedDay;
        uint64 amount;
        uint256 kind;
        PostingWord wrong;
    }

    function setUp() public override {
        super.setUp();
        _facility = _agreeFloating(_addFloating(), SPREAD);
        _start = _today();
    }

    function testFuzz_any_order_of_rates_and_recordings_gives_the_loan_of_the_right_order(uint256 seed) public {
        _seed = seed;
        _publish(_start, _start + 20, 35_000);
        _punctual = _open();
        _delayed = _open();
        Payment[] memory payments = new Payment[](PAYMENTS);
        for (uint256 i; i < PAYMENTS; ++i) {
            payments[i].day = _chance(DAYS);
            payments[i].recordedDay = payments[i].day + _chance(40);
            payments[i].amount = uint64(1 + _chance(DRAWN / 8));
            payments[i].kind = _chance(4);
        }
        uint256 lateness = _chance(45);
        for (uint256 day; day < DAYS + 50; ++day) {
            if (day != 0 && day % 21 == 0) {
                uint24 from = _start + uint24(day);
                _publish(from, from + 20, int24(int256(20_000 + _chance(20_000))));
            }
            _resetIfDue(_punctual, 0);
            for (uint256 i; i < PAYMENTS; ++i) {
                _post(payments[i], day);
            }
            _resetIfDue(_delayed, day < DAYS ? lateness : 0);
            _days(1);
        }
        _requireSame(_delayed, _punctual, "late and punctual");
        assertEq(
            facilities.loan(_delayed).terms.annualRate, facilities.loan(_punctual).terms.annualRate, "the same rate"
        );
        uint256 outstanding = LoanMath.outstanding(facilities.loan(_delayed).state)
            + LoanMath.outstanding(facilities.loan(_punctual).state);
        assertEq(facilities.facility(_facility).outstanding, outstanding, "the facility's sum");
    }

    function _open() private returns (LoanId loanId) {
        uint256 seed = _seed;
        LoanMath.Style style = [
            LoanMath.Style.Bullet,
            LoanMath.Style.EqualPrincipal,
            LoanMath.Style.EqualInstalment,
            LoanMath.Style.InterestOnly
        ][_chance(4)];
        uint16 tenor = style == LoanMath.Style.Bullet ? uint16(30 + _chance(150)) : 6;
        ILoans.DrawRequest memory request = _request(_facility, DRAWN, style, tenor, 0);
        request.afterPrepayment = LoanMath.AfterPrepayment(_chance(3));
        vm.prank(seller);
        loanId = facilities.draw(request);
        _noteStart(loanId);
        _seed = seed; // both loans are the same
    }

    function _resetIfDue(LoanId loanId, uint256 lateness) private {
        while (
            facilities.floatingOf(loanId).isDue && _today() >= facilities.floatingOf(loanId).nextResetDay + lateness
        ) {
            _reset(loanId);
        }
    }

    /// 0, 1: recorded late. 2: paid on the ledger. 3: recorded with a wrong amount at first, which is reversed.
    function _post(Payment memory payment, uint256 day) private {
        uint24 valueDay = _start + uint24(payment.day);
        if (day == payment.day) {
            if (payment.kind == 2) {
                _repayNow(_delayed, payment.amount);
                _repayNow(_punctual, payment.amount);
                return;
            }
            _record(_punctual, payment.amount, valueDay);
            if (payment.kind == 3) payment.wrong = _record(_delayed, payment.amount + 77_77, valueDay);
        }
        if (day != payment.recordedDay || payment.kind == 2) return;
        if (payment.kind == 3) {
            if (day > payment.day + 10) _reverseWithSignature(_delayed, payment.wrong);
            else _reverse(_delayed, payment.wrong);
        }
        _record(_delayed, payment.amount, valueDay);
    }

    function _chance(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
