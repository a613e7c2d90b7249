// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {IRestructuring} from "../../../../contracts/lending/IRestructuring.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// New terms end an auction: the borrower has the days to cure from then on, and the next auction begins anew.
contract NewTermsTest is GoodsFixture {
    LoanId private _loan;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        (_loan, _id) = _loanOnGoods(6_000_00);
    }

    function test_lender_does_not_liquidate_at_once_after_new_terms() public {
        _priced(800_000);
        _liquidate();
        uint24 last = _today() + 5;
        _restructure();
        _refused(last);
        _toDay(last);
        _refused(last);
        _days(1);
        _liquidate();
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Defaulted, "after the days to cure");
    }

    function test_a_call_from_before_new_terms_leaves_the_days_to_cure_too() public {
        _priced(900_000);
        facilities.checkMargin(_loan);
        _days(6);
        uint24 last = _today() + 5;
        _restructure();
        _refused(last);
        _toDay(last + 1);
        _liquidate();
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Defaulted, "after the days to cure");
    }

    function test_borrower_cures_within_the_days_after_new_terms() public {
        _priced(800_000);
        _liquidate();
        _restructure();
        facilities.checkMargin(_loan);
        uint256 more = _warehouseReceipt(500_000);
        vm.prank(seller);
        facilities.substituteCollateral(_loan, _items(more), _none());
        assertEq(facilities.collateralOf(_loan).calledDay, 0, "cured");
        _days(6);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        vm.prank(bank);
        facilities.liquidate(_loan);
    }

    function test_auction_after_new_terms_asks_a_share_of_what_the_goods_are_worth_then() public {
        _priced(800_000);
        _liquidate();
        assertEq(facilities.collateralOf(_loan).floorPrice, 3_200_00, "40 % of 8,000.00");
        _restructure();
        _days(100);
        _priced(200_000);
        _liquidate();
        ICollateral.CollateralState memory state = facilities.collateralOf(_loan);
        assertEq(state.market, 2_000_00, "what the goods are worth");
        assertEq(state.floorPrice, 800_00, "40 % of it");
    }

    function test_goods_in_kind_after_new_terms_count_for_the_floor_of_today() public {
        _priced(800_000);
        _liquidate();
        _restructure();
        _days(100);
        _priced(200_000);
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(_loan), _id, 1_000_000, 800_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(inKind);
        facilities.settleInKind(inKind, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(warehouseReceipts.ownerOf(_id), bank, "handed over");
    }

    function test_later_rounds_of_one_auction_keep_its_price() public {
        _priced(800_000);
        _liquidate();
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        _priced(200_000);
        _liquidate();
        assertEq(facilities.collateralOf(_loan).floorPrice, 3_200_00, "of the first round");
    }

    function _liquidate() private {
        vm.prank(bank);
        facilities.liquidate(_loan);
    }

    function _refused(uint24 last) private {
        (uint256 debt, uint256 lendable) = (_payoff(_loan), facilities.collateralOf(_loan).lendable);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NotLiquidable.selector, _loan, debt, lendable, last));
        vm.prank(bank);
        facilities.liquidate(_loan);
    }

    function _restructure() private {
        IRestructuring.Restructuring memory terms;
        terms.loanId = LoanId.unwrap(_loan);
        terms.style = LoanMath.Style.Bullet;
        terms.periods = 1;
        terms.monthsPerPeriod = 1;
        terms.dueDay = _today() + 300;
        terms.annualRate = 72_000;
        terms.forgivenPenalty = type(uint64).max;
        terms.restructurings = facilities.reliefOf(_loan).count;
        terms.deadline = _deadline();
        terms.nonce = 1;
        bytes32 digest = facilities.restructuringDigest(terms);
        facilities.restructure(terms, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }
}
