// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// Loans that the bank sells to the other bank, and on to a third one.
abstract contract SalesFixture is LendingFixture {
    uint256 internal constant THIRD_BANK_KEY = 112;
    address internal thirdBank = vm.addr(THIRD_BANK_KEY);
    uint256 private _saleNonces;

    function setUp() public virtual override {
        super.setUp();
        _party(thirdBank, 4);
        vm.prank(thirdBank);
        cash.approve(address(facilities), type(uint256).max);
    }

    /// Terms for the loan as it stands: the lender sells it to the buyer.
    function _saleTerms(LoanId loanId, address buyer, uint64 price)
        internal
        returns (ILoanSales.SaleTerms memory terms)
    {
        terms.loanId = LoanId.unwrap(loanId);
        terms.seller = _lenderOf(loanId);
        terms.buyer = buyer;
        terms.principal = _principalOf(loanId);
        terms.postings = facilities.postingsOf(loanId).head;
        terms.standing = facilities.saleStanding(loanId);
        terms.price = price;
        terms.noticeHash = keccak256("your loan was sold");
        terms.deadline = _deadline();
        terms.nonce = ++_saleNonces;
    }

    function _withBuyBack(ILoanSales.SaleTerms memory terms, uint8 buyBack, uint24 price, uint24 lastDay)
        internal
        pure
        returns (ILoanSales.SaleTerms memory)
    {
        terms.buyBack = buyBack;
        terms.buyBackPrice = price;
        terms.buyBackLastDay = lastDay;
        // Twice the principal, where the seller must.
        if (buyBack & 2 != 0) terms.buyBackMax = 2 * terms.principal;
        return terms;
    }

    function _sellOn(ILoanSales.SaleTerms memory terms) internal returns (FacilityId) {
        (bytes memory first, bytes memory second) = _signatures(terms);
        vm.prank(terms.seller);
        return facilities.sellLoan(terms, first, second);
    }

    function _sell(LoanId loanId, address buyer, uint64 price) internal returns (FacilityId) {
        return _sellOn(_saleTerms(loanId, buyer, price));
    }

    function _expectRefusal(ILoanSales.SaleTerms memory terms, bytes memory refusal) internal {
        (bytes memory first, bytes memory second) = _signatures(terms);
        vm.expectRevert(refusal);
        vm.prank(terms.buyer);
        facilities.sellLoan(terms, first, second);
    }

    function _signatures(ILoanSales.SaleTerms memory terms)
        internal
        view
        returns (bytes memory first, bytes memory second)
    {
        bytes32 digest = facilities.saleDigest(terms);
        (first, second) = (_signed(_keyOfBank(terms.seller), digest), _signed(_keyOfBank(terms.buyer), digest));
    }

    function _keyOfBank(address account) internal view returns (uint256) {
        return account == thirdBank ? THIRD_BANK_KEY : _keyOf(account);
    }

    function _lenderOf(LoanId loanId) internal view returns (address) {
        return facilities.facility(facilities.loan(loanId).facilityId).lender;
    }

    function _principalOf(LoanId loanId) internal view returns (uint64) {
        ILoans.Loan memory loan = facilities.loan(loanId);
        return loan.state.balance + loan.state.pastPrincipal + loan.state.gracePrincipal;
    }
}
