// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// Loans whose terms the bank and the borrower change.
abstract contract RestructuringFixture is PostingsFixture {
    uint64 internal constant DRAWN = 1_000_000_00;
    ProductId internal _product;
    FacilityId internal _facility;
    uint256 private _nonces;

    function setUp() public virtual override {
        super.setUp();
        _product = _add(_plainProduct());
        _facility = _agreedFacility(_product, 72_000, 10_000_000_00);
    }

    /// A loan of 30 days that is in default on the 50th.
    function _defaulted() internal returns (LoanId loanId) {
        loanId = _bullet(_facility, DRAWN, 30);
        _days(50);
        vm.prank(bank);
        facilities.declareDefault(loanId);
    }

    /// Twelve months from next month on; all penalty is forgiven.
    function _terms(LoanId loanId) internal returns (IRestructuring.Restructuring memory terms) {
        terms.loanId = LoanId.unwrap(loanId);
        terms.style = LoanMath.Style.EqualInstalment;
        terms.periods = 6;
        terms.monthsPerPeriod = 1;
        terms.dueDay = _today() + 31;
        terms.annualRate = 60_000;
        terms.forgivenPenalty = type(uint64).max;
        terms.restructurings = facilities.reliefOf(loanId).count;
        terms.deadline = _deadline();
        terms.nonce = ++_nonces;
    }

    function _bulletTerms(LoanId loanId, uint24 length) internal returns (IRestructuring.Restructuring memory terms) {
        terms = _terms(loanId);
        terms.style = LoanMath.Style.Bullet;
        terms.periods = 1;
        terms.dueDay = _today() + length;
    }

    function _restructure(IRestructuring.Restructuring memory terms) internal {
        bytes32 digest = facilities.restructuringDigest(terms);
        facilities.restructure(terms, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _startAnew(LoanId.wrap(terms.loanId));
    }

    function _refused(IRestructuring.Restructuring memory terms, bytes memory reason) internal {
        bytes32 digest = facilities.restructuringDigest(terms);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(reason);
        facilities.restructure(terms, lender, borrower);
    }

    function _loan(LoanId loanId) internal view returns (ILoans.Loan memory) {
        return facilities.loan(loanId);
    }

    function _owed(LoanId loanId) internal view returns (uint256) {
        return _sum(facilities.loan(loanId).payoff);
    }
}
