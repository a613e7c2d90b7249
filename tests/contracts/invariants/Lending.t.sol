// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "../lending/LendingFixture.sol";
import {LendingForbidden} from "./LendingForbidden.sol";
import {LendingHandler} from "./LendingHandler.sol";

/// Invariants 4, 7, 8 and 11 of the ledger for lending, under random histories.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract LendingInvariants is LendingFixture {
    LendingHandler private _handler;
    LendingForbidden private _forbidden;
    FacilityId private _plain;
    FacilityId private _onClaims;
    ProductId private _plainId;
    ProductId private _claimsId;
    uint256 private _bankAtFirst;

    function setUp() public override {
        super.setUp();
        vm.warp(uint256(DUE_DAY) * DAY);
        IProducts.ProductTerms memory terms = _costlyProduct();
        terms.minTier = 5;
        terms.ruleSet = "cn";
        _rate(seller, 5, 1_000_000_00);
        _plainId = _add(terms);
        terms = _claimProduct();
        terms.ruleSet = "cn";
        _claimsId = _add(terms);
        _plain = _agreedFacility(_plainId, 72_000, 1_000_000);
        _onClaims = _agreedFacility(_claimsId, 96_000, 2_000_000);
        _bankAtFirst = cash.balanceOf(bank);
        LendingHandler.Setting memory set = LendingHandler.Setting(
            facilities, products, receivables, cash, seller, DEBTOR_KEY, bank, OPERATOR, _plain, _onClaims, _plainId
        );
        _handler = new LendingHandler(set);
        // Officials, the manager and its administrator, and parties that are no side of the facilities.
        address[] memory others = new address[](8);
        (others[0], others[1], others[2]) = (OPERATOR, REGISTRAR, FIRST_REGULATOR);
        (others[3], others[4], others[5]) = (CASH_ISSUER, address(access), address(this));
        (others[6], others[7]) = (otherBank, debtor);
        _forbidden = new LendingForbidden(_handler, set, others);
    }

    function afterInvariant() public {
        _handler.recordReached("Lending");
        _forbidden.recordReached("Lending, refused");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](2);
        (targets[0], targets[1]) = (address(_handler), address(_forbidden));
    }

    /// A fee for early repayment and penalty on interest, so that each part of the waterfall occurs.
    function _costlyProduct() private view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.earlyFee = 10_000;
        terms.penaltyOnInterest = true;
        terms.sameDayInterest = true;
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_outstanding_is_the_sum_of_the_loans_and_within_the_limit();
        invariant_a_borrowers_debt_is_the_sum_of_its_loans();
        invariant_the_lender_has_what_it_had_less_drawn_plus_paid();
        invariant_a_claim_under_lien_backs_exactly_one_open_loan();
        invariant_a_loan_is_repaid_just_when_nothing_is_owed();
        invariant_nothing_broke_within_a_call();
        invariant_13_nobody_else_draws_or_declares();
    }

    function invariant_outstanding_is_the_sum_of_the_loans_and_within_the_limit() private view {
        (uint256 plain, uint256 onClaims, uint256 open, uint256 overdue) = _sums();
        IFacilities.Facility memory facility = facilities.facility(_plain);
        IFacilities.Facility memory claimFacility = facilities.facility(_onClaims);
        assertEq(facility.outstanding, plain, "plain");
        assertEq(claimFacility.outstanding, onClaims, "on claims");
        assertTrue(plain <= facility.limit && onClaims <= claimFacility.limit, "limits");
        assertEq(uint256(facility.openLoans) + claimFacility.openLoans, open, "open loans");
        (uint64 lent, uint64 marked) = facilities.programme(_plainId);
        (uint64 lentOnClaims, uint64 markedOnClaims) = facilities.programme(_claimsId);
        assertEq(uint256(lent) + lentOnClaims, plain + onClaims, "programmes");
        assertEq(uint256(marked) + markedOnClaims, overdue, "overdue");
    }

    /// Over all facilities: on a tier only those of the plain product.
    function invariant_a_borrowers_debt_is_the_sum_of_its_loans() private view {
        (uint256 plain, uint256 onClaims,,) = _sums();
        IDrawControl.BorrowerDebt memory debt = facilities.borrowerDebt(registry.partyOf(seller), address(cash), "cn");
        assertEq(debt.onTier, plain, "on the tier");
        assertEq(debt.underRules, plain + onClaims, "under the rule set");
        uint256 defaulted;
        for (uint256 i; i < _handler.count(); ++i) {
            ILoans.Status status = facilities.loan(_handler.loans(i)).status;
            if (status == ILoans.Status.Defaulted || status == ILoans.Status.WrittenOff) ++defaulted;
        }
        assertEq(debt.defaultedLoans, defaulted, "in default");
    }

    function invariant_the_lender_has_what_it_had_less_drawn_plus_paid() private view {
        assertEq(cash.balanceOf(bank) + _handler.drawn(), _bankAtFirst + _handler.paid(), "bank");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
    }

    function invariant_a_claim_under_lien_backs_exactly_one_open_loan() private view {
        for (uint256 i; i < _handler.count(); ++i) {
            LoanId loanId = _handler.loans(i);
            ILoans.Loan memory loan = facilities.loan(loanId);
            if (loan.collateral != IProducts.CollateralKind.Claim) continue;
            LoanId backed = facilities.loanOfClaim(ClaimId.wrap(loan.collateralId));
            address owner = receivables.claim(ClaimId.wrap(loan.collateralId)).owner;
            if (loan.status == ILoans.Status.Repaid) {
                assertTrue(backed != loanId, "the lien fell with the last cent");
            } else {
                assertEq(LoanId.unwrap(backed), LoanId.unwrap(loanId), "backs this loan");
                if (owner != address(0)) {
                    assertEq(receivables.lienholderOf(loan.collateralId), address(facilities), "under lien");
                }
            }
        }
    }

    function invariant_a_loan_is_repaid_just_when_nothing_is_owed() private view {
        for (uint256 i; i < _handler.count(); ++i) {
            ILoans.Loan memory loan = facilities.loan(_handler.loans(i));
            assertTrue((_sum(loan.payoff) == 0) == (loan.status == ILoans.Status.Repaid), "repaid");
            assertTrue(LoanMath.outstanding(loan.state) <= loan.drawn, "no more than was drawn");
        }
    }

    function invariant_nothing_broke_within_a_call() private view {
        string memory broken = _handler.broken();
        assertTrue(bytes(broken).length == 0, broken);
    }

    function invariant_13_nobody_else_draws_or_declares() private view {
        string memory broken = _forbidden.broken();
        assertTrue(bytes(broken).length == 0, broken);
    }

    function _sums() private view returns (uint256 plain, uint256 onClaims, uint256 open, uint256 overdue) {
        for (uint256 i; i < _handler.count(); ++i) {
            ILoans.Loan memory loan = facilities.loan(_handler.loans(i));
            uint256 outstanding = LoanMath.outstanding(loan.state);
            if (loan.facilityId == _plain) plain += outstanding;
            else onClaims += outstanding;
            if (loan.status != ILoans.Status.Repaid) ++open;
            if (loan.markedOverdue) overdue += outstanding;
        }
    }
}
