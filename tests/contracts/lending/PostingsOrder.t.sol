// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// Any order in which payments are recorded, corrected and reversed gives the same loan as the right order.
contract PostingsOrderTest is PostingsFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    uint256 private constant DAYS = 210;
    uint256 private constant PAYMENTS = 6;
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
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 10_000_000_00);
        _start = _today();
    }

    function testFuzz_any_order_of_recordings_gives_the_loan_of_the_right_order(uint256 seed) public {
        _seed = seed;
        LoanMath.Style style = LoanMath.Style(_chance(3));
        uint16 tenor = style == LoanMath.Style.Bullet ? uint16(30 + _chance(150)) : 6;
        _punctual = _draw(_facility, DRAWN, style, tenor, 0);
        _delayed = _draw(_facility, DRAWN, style, tenor, 0);
        Payment[] memory payments = new Payment[](PAYMENTS);
        for (uint256 i; i < PAYMENTS; ++i) {
            payments[i].day = _chance(DAYS);
            payments[i].recordedDay = payments[i].day + _chance(40);
            payments[i].amount = uint64(1 + _chance(DRAWN / 8));
            payments[i].kind = _chance(4);
        }
        for (uint256 day; day < DAYS + 50; ++day) {
            for (uint256 i; i < PAYMENTS; ++i) {
                _post(payments[i], day);
            }
            _days(1);
        }
        _requireSame(_delayed, _punctual, "late and punctual");
        uint256 outstanding = LoanMath.outstanding(facilities.loan(_delayed).state)
            + LoanMath.outstanding(facilities.loan(_punctual).state);
        assertEq(facilities.facility(_facility).outstanding, outstanding, "the facility's sum");
        (uint64 lent,) = facilities.programme(_productId());
        assertEq(lent, outstanding, "the product's sum");
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

    function _productId() private view returns (ProductId) {
        return ProductId.wrap(facilities.facility(_facility).productId);
    }

    function _chance(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
