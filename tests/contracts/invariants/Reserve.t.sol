// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {RiskReserve} from "../../../contracts/risk/RiskReserve.sol";
import {LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {FickleCurrency} from "../risk/ReserveFixture.sol";
import {Test} from "../support/Test.sol";
import {ReserveForbidden} from "./ReserveForbidden.sol";
import {ReserveHandler} from "./ReserveHandler.sol";

/// Invariant 9 and the reserve's own, after any sequence of what is allowed and of what is forbidden.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract ReserveInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    ReserveHandler private _handler;
    ReserveForbidden private _forbidden;
    RiskReserve private _reserve;
    FickleCurrency private _money;
    uint256 private _supply;

    function setUp() public {
        _handler = new ReserveHandler();
        _handler.setUp();
        _forbidden = new ReserveForbidden(_handler);
        (_reserve, _money) = _handler.parts();
        _supply = _money.totalSupply();
    }

    function afterInvariant() public {
        _handler.recordReached("Reserve");
        _forbidden.recordReached("Reserve, refused");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](2);
        (targets[0], targets[1]) = (address(_handler), address(_forbidden));
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory allowed = new bytes4[](14);
        allowed[0] = ReserveHandler.feed.selector;
        allowed[1] = ReserveHandler.topUp.selector;
        allowed[2] = ReserveHandler.draw.selector;
        allowed[3] = ReserveHandler.fail.selector;
        allowed[4] = ReserveHandler.recover.selector;
        allowed[5] = ReserveHandler.payShare.selector;
        allowed[6] = ReserveHandler.payInsurance.selector;
        allowed[7] = ReserveHandler.share.selector;
        allowed[8] = ReserveHandler.refuse.selector;
        allowed[9] = ReserveHandler.freeze.selector;
        allowed[10] = ReserveHandler.relate.selector;
        allowed[11] = ReserveHandler.withdraw.selector;
        allowed[12] = ReserveHandler.advanceDays.selector;
        allowed[13] = ReserveHandler.reverseRecovery.selector;
        bytes4[] memory forbidden = new bytes4[](4);
        forbidden[0] = ReserveForbidden.byStrangers.selector;
        forbidden[1] = ReserveForbidden.twice.selector;
        forbidden[2] = ReserveForbidden.tooMuch.selector;
        forbidden[3] = ReserveForbidden.others.selector;
        targets = new FuzzSelector[](2);
        targets[0] = FuzzSelector(address(_handler), allowed);
        targets[1] = FuzzSelector(address(_forbidden), forbidden);
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_the_reserve_holds_each_lenders_money_the_pools_and_what_waits();
        invariant_a_lenders_balance_falls_only_by_its_own_losses();
        invariant_absorbed_and_borne_are_the_loss_and_no_more_is_recovered();
        invariant_nothing_broke_within_a_call();
    }

    /// Each lender's, the pools' and what waits are all that is there, to the cent.
    function invariant_the_reserve_holds_each_lenders_money_the_pools_and_what_waits() private view {
        assertEq(_money.balanceOf(address(_reserve)), _handler.held(), "held");
        assertEq(_handler.everywhere(), _supply, "nothing is made or lost");
    }

    /// What a lender fed bears its own losses only, and what came back of them is there again.
    function invariant_a_lenders_balance_falls_only_by_its_own_losses() private view {
        for (uint256 i; i < 2; ++i) {
            ProductId productId = _handler.products()[i];
            uint256 sum;
            for (uint256 j; j < 3; ++j) {
                address lender = _handler.lenders()[j];
                uint256 balance = _reserve.balanceOf(productId, address(_money), lender);
                assertEq(balance, _handler.expected(ProductId.unwrap(productId), lender), "balance");
                sum += balance;
            }
            assertEq(_reserve.totalOf(productId, address(_money)), sum, "total");
        }
    }

    /// Invariant 9.
    function invariant_absorbed_and_borne_are_the_loss_and_no_more_is_recovered() private view {
        for (uint256 i; i < _handler.loans(); ++i) {
            (LoanId loanId, bool lost) = _handler.loanAt(i);
            if (!lost) continue;
            IRiskReserve.Loss memory loss = _reserve.lossOf(loanId);
            assertEq(
                uint256(loss.fromReserve) + loss.fromSharers + loss.fromInsurer + loss.borne, loss.loss, "the loss"
            );
            assertTrue(uint256(loss.recovered) + loss.outlay <= loss.loss, "recovered, and kept by others");
        }
    }

    function invariant_nothing_broke_within_a_call() private view {
        string memory what = _handler.broken();
        assertTrue(bytes(what).length == 0, what);
        what = _forbidden.broken();
        assertTrue(bytes(what).length == 0, what);
    }
}
