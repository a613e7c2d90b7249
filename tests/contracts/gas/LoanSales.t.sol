// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {SalesFixture} from "../lending/SalesFixture.sol";

/// Gas of loans that move from lender to lender, each a transaction of its own.
contract LoanSalesGas is SalesFixture {
    string private constant GROUP = "operations";
    uint64 private constant DRAWN = 400_000_00;
    uint8 private constant SELLER_MAY = 1;
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 2_000_000_00);
    }

    function test_sell_a_loan() public {
        _sell(_bullet(_facility, DRAWN, 60), otherBank, DRAWN);
        _keep("sell a loan, the first to this lender");
        _sell(_bullet(_facility, DRAWN, 60), otherBank, DRAWN);
        _keep("sell a loan");
    }

    function test_buy_a_loan_back() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, DRAWN);
        _sellOn(_withBuyBack(terms, SELLER_MAY, 1_000_000, _today() + 60));
        _days(10);
        _repay(loanId, 10_000_00);
        _keep("repay part of a sold loan");
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, DRAWN, standing);
        _keep("buy a loan back");
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
