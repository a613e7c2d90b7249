// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "../lending/LendingFixture.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {FacilitiesHandler} from "./FacilitiesHandler.sol";

/// Deposits, entrusted loans, set-off, extension, unclaimed money and stopped currencies, under random histories.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract FacilitiesInvariants is LendingFixture {
    FacilitiesHandler private _handler;
    Stablecoin private _stable;
    FacilityId private _entrustedFacility;
    uint256 private _entrusterAtFirst;
    uint256 private _lenderAtFirst;

    function setUp() public override {
        super.setUp();
        _stable = new Stablecoin();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(_stable), true);
        address[4] memory all = [seller, bank, entruster, debtor];
        for (uint256 i; i < all.length; ++i) {
            _stable.mint(all[i], 1e12);
            vm.prank(all[i]);
            _stable.approve(address(facilities), type(uint256).max);
        }
        IProducts.ProductTerms memory product = _plainProduct();
        product.currency = address(_stable);
        product.funding = IProducts.Funding.Entrusted;
        product.penaltyOnInterest = true;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 240_000, 100_000);
        terms.lastDay = _today() + 3_000;
        terms.entruster = entruster;
        terms.administrationFee = 100_000;
        terms.deposit = 10_000;
        _entrustedFacility = _agree(terms);
        (_entrusterAtFirst, _lenderAtFirst) = (_stable.balanceOf(entruster), _stable.balanceOf(bank));
        _handler = new FacilitiesHandler(
            FacilitiesHandler.Setting({
                facilities: facilities,
                receivables: receivables,
                currency: _stable,
                facilityId: _entrustedFacility,
                lender: bank,
                borrower: seller,
                entruster: entruster,
                debtor: debtor,
                borrowerKey: SELLER_KEY,
                entrusterKey: ENTRUSTER_KEY,
                debtorKey: DEBTOR_KEY
            })
        );
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("Facilities");
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_facilities_holds_the_deposit_and_what_waits_and_nothing_else();
        invariant_the_entruster_and_the_administrator_have_or_await_all_that_is_theirs();
        invariant_the_deposit_is_no_more_than_the_facility_requires();
        invariant_a_loans_own_day_and_the_days_lost_make_today();
        invariant_outstanding_is_the_sum_of_the_loans();
    }

    function invariant_facilities_holds_the_deposit_and_what_waits_and_nothing_else() private view {
        uint256 waits = _waits(bank) + _waits(entruster) + _waits(seller);
        assertEq(
            _stable.balanceOf(address(facilities)), facilities.facility(_entrustedFacility).depositHeld + waits, "holds"
        );
    }

    function invariant_the_entruster_and_the_administrator_have_or_await_all_that_is_theirs() private view {
        assertEq(
            _stable.balanceOf(entruster) + _waits(entruster) + _handler.drawn() + _handler.paidByEntruster(),
            _entrusterAtFirst + _handler.ofEntruster(),
            "the entruster"
        );
        assertEq(_stable.balanceOf(bank) + _waits(bank), _lenderAtFirst + _handler.ofLender(), "the administrator");
    }

    function invariant_the_deposit_is_no_more_than_the_facility_requires() private view {
        IFacilities.Facility memory facility = facilities.facility(_entrustedFacility);
        assertTrue(facility.depositHeld <= facility.deposit, "within");
        assertTrue(!facility.closed || facility.depositHeld == 0, "none once it is closed");
    }

    function invariant_a_loans_own_day_and_the_days_lost_make_today() private view {
        for (uint256 i; i < _handler.count(); ++i) {
            ILoans.Loan memory loan = facilities.loan(_handler.loans(i));
            if (loan.status == ILoans.Status.Repaid) continue;
            assertEq(uint256(loan.state.asOfDay) + loan.lostDays, _today(), "today");
        }
    }

    function invariant_outstanding_is_the_sum_of_the_loans() private view {
        uint256 sum;
        for (uint256 i; i < _handler.count(); ++i) {
            sum += LoanMath.outstanding(facilities.loan(_handler.loans(i)).state);
        }
        assertEq(facilities.facility(_entrustedFacility).outstanding, sum, "outstanding");
    }

    function _waits(address account) private view returns (uint256) {
        return facilities.unclaimedOf(account, address(_stable));
    }
}
