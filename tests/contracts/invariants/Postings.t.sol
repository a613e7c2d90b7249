// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {FacilityId} from "../../../contracts/types/Ids.sol";
import {PostingsChecks} from "./PostingsChecks.sol";
import {PostingsHandler} from "./PostingsHandler.sol";
import {ReliefHandler} from "./ReliefHandler.sol";

/// Payments, corrections, waivers, service fees, costs, defaults, new terms and sales in any order: each loan is what its sorted
/// postings give, and every sum follows.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract PostingsInvariants is PostingsChecks {
    ReliefHandler private _handler;

    function setUp() public override {
        super.setUp();
        IProducts.FloatingTerms memory bounds;
        (bounds.maxFlatFee, bounds.maxDrawFee, bounds.maxPeriodicFee) = (100_00, 10_000, 10_000);
        IProducts.ProductTerms memory product = _plainProduct();
        vm.prank(OPERATOR);
        _products[0] = products.add("fees", product, _goodsOf(product.collateral), bounds, _noEvidence());
        _products[1] = _add(_claimProduct());
        IFacilities.FacilityTerms memory terms = _facilityTerms(_products[0], 72_000, 10_000_000_00);
        (terms.flatFee, terms.drawFee, terms.periodicFee) = (50_00, 5_000, 2_000);
        FacilityId withFees = _agree(terms);
        FacilityId onClaims = _agreedFacility(_products[1], 72_000, 10_000_000_00);
        _start();
        _handler = new ReliefHandler(
            facilities,
            PostingsHandler.Sides(withFees, seller, SELLER_KEY, [BANK_KEY, OTHER_BANK_KEY], address(court)),
            ReliefHandler.Claims(receivables, cash, onClaims, DEBTOR_KEY),
            240_000
        );
    }

    function afterInvariant() public {
        _handler.recordReached("Postings");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_each_loan_is_what_its_postings_give_in_any_order() public view {
        _requireAll(_handler);
    }
}
