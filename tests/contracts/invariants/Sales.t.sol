// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, ProductId} from "../../../contracts/types/Ids.sol";
import {SalesFixture} from "../lending/SalesFixture.sol";
import {SalesHandler} from "./SalesHandler.sol";

/// Whoever holds the loans: every sum of a facility is that of its loans, and no sale makes room for more debt.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract SalesInvariants is SalesFixture {
    uint64 private constant LIMIT = 100_000;
    SalesHandler private _handler;
    FacilityId[2] private _origins;
    ProductId private _product;
    uint256 private _money;

    function setUp() public override {
        super.setUp();
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.ruleSet = "cn";
        terms.reserveShare = 10_000;
        terms.earlyFee = 10_000;
        _product = _add(terms);
        vm.prank(OPERATOR);
        reserve.setCap(_product, address(cash), 1_000_000);
        for (uint256 i; i < 2; ++i) {
            IFacilities.FacilityTerms memory facility = _facilityTerms(_product, 72_000, LIMIT);
            facility.lender = i == 0 ? bank : otherBank;
            facility.lastDay = _today() + 7_000;
            _origins[i] = _agree(facility);
        }
        _approveReserve(thirdBank);
        _money = _cash();
        _handler = new SalesHandler(
            SalesHandler.Setting(facilities, cash, seller, [BANK_KEY, OTHER_BANK_KEY, THIRD_BANK_KEY], _origins, LIMIT)
        );
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("Sales");
    }

    function invariant_sums_of_facilities_are_those_of_their_loans_after_any_sales() public view {
        string memory broken = _handler.broken();
        assertTrue(bytes(broken).length == 0, broken);
        uint256 count = _handler.count();
        ILoans.Loan[] memory loans = new ILoans.Loan[](count);
        for (uint256 i; i < count; ++i) {
            loans[i] = facilities.loan(_handler.loans(i));
        }
        (uint256 all, uint256 overdue) = (0, 0);
        for (uint256 id = 1; id <= 6; ++id) {
            (uint256 lent, uint256 late) = _requireFacility(FacilityId.wrap(id), loans);
            all += lent;
            overdue += late;
        }
        (uint64 outstanding, uint64 marked) = facilities.programme(_product);
        assertEq(outstanding, all, "programme");
        assertEq(marked, overdue, "overdue of the programme");
        assertEq(facilities.borrowerDebt(registry.partyOf(seller), address(cash), "cn").underRules, all, "borrower");
        assertTrue(_handler.lentOn(0) <= LIMIT && _handler.lentOn(1) <= LIMIT, "limits of the origins");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
        assertEq(_cash(), _money, "no cent is lost or created");
        assertEq(cash.balanceOf(address(reserve)), reserve.totalOf(_product, address(cash)), "the reserve's own");
    }

    function _requireFacility(FacilityId facilityId, ILoans.Loan[] memory loans)
        private
        view
        returns (uint256 lent, uint256 late)
    {
        (uint256 open, uint256 overdue) = (0, 0);
        for (uint256 i; i < loans.length; ++i) {
            if (loans[i].markedOverdue && _originOf(i, loans[i]) == facilityId) ++overdue;
            if (loans[i].facilityId != facilityId) continue;
            uint256 outstanding = LoanMath.outstanding(loans[i].state);
            lent += outstanding;
            if (loans[i].status != ILoans.Status.Repaid) ++open;
            if (loans[i].markedOverdue) late += outstanding;
        }
        try facilities.facility(facilityId) returns (IFacilities.Facility memory facility) {
            assertEq(facility.outstanding, lent, "outstanding");
            assertEq(uint256(facility.openLoans), open, "open loans");
            assertEq(uint256(facility.overdueLoans), overdue, "overdue loans");
            assertTrue(facility.outstanding <= facility.drawn, "no more than was drawn or bought");
        } catch {
            assertEq(lent, 0, "no loan without a facility");
        }
    }

    /// Where the loan was drawn: there it goes on stopping draws.
    function _originOf(uint256 place, ILoans.Loan memory loan) private view returns (FacilityId) {
        ILoanSales.LoanSale memory sale = facilities.loanSaleOf(_handler.loans(place));
        return sale.seller == address(0) ? loan.facilityId : sale.origin;
    }

    function _cash() private view returns (uint256) {
        return cash.balanceOf(bank) + cash.balanceOf(otherBank) + cash.balanceOf(thirdBank) + cash.balanceOf(seller)
            + cash.balanceOf(address(reserve)) + cash.balanceOf(address(facilities));
    }

    function _approveReserve(address account) private {
        vm.prank(account);
        cash.approve(address(reserve), type(uint256).max);
    }
}
