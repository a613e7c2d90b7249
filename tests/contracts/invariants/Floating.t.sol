// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId} from "../../../contracts/types/Ids.sol";
import {FloatingHandler} from "./FloatingHandler.sol";
import {PostingsChecks} from "./PostingsChecks.sol";
import {PostingsHandler} from "./PostingsHandler.sol";
import {ReliefHandler} from "./ReliefHandler.sol";

/// The same as PostingsInvariants where the loans' rates float: rates are posted and set late or in time, among all else.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 96
/// forge-config: deep.invariant.fail-on-revert = true
contract FloatingInvariants is PostingsChecks {
    FloatingHandler private _handler;

    function setUp() public override {
        super.setUp();
        _products = [_addFloating(), _add(_claimProduct())];
        FacilityId floating = _agreeFloating(_products[0], SPREAD);
        FacilityId onClaims = _agreedFacility(_products[1], 72_000, 10_000_000_00);
        _start();
        _handler = new FloatingHandler(
            facilities,
            PostingsHandler.Sides(floating, seller, SELLER_KEY, [BANK_KEY, OTHER_BANK_KEY], address(court)),
            ReliefHandler.Claims(receivables, cash, onClaims, DEBTOR_KEY),
            120_000,
            FloatingHandler.Reference(rates, LPR, [FIRST, SECOND])
        );
    }

    function afterInvariant() public {
        _handler.recordReached("Floating");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_all() public view {
        invariant_each_loan_is_what_its_postings_and_rates_give_in_any_order();
        invariant_08_a_reset_changes_nothing_that_accrued_before();
    }

    function invariant_each_loan_is_what_its_postings_and_rates_give_in_any_order() private view {
        _requireAll(_handler);
    }

    function invariant_08_a_reset_changes_nothing_that_accrued_before() private view {
        string memory broken = _handler.broken();
        assertTrue(bytes(broken).length == 0, broken);
    }
}
