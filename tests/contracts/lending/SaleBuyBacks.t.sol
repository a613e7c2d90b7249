// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// A seller buys a loan back: by its right, or by its duty when the loan fails.
contract SaleBuyBacksTest is SalesFixture {
    uint256 private constant NEW_KEY = 901;
    uint8 private constant MAY = 1;
    uint8 private constant MUST = 2;
    uint64 private constant DRAWN = 400_000_00;
    uint24 private constant AT_PAR = 1_000_000;
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_000_00);
    }

    function test_seller_buys_back_by_its_right_for_what_is_owed() public {
        LoanId loanId = _sold(MAY, 990_000, 60);
        _days(30);
        (uint256 sellers, uint256 holders) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        uint64 price = facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
        // 99 % of 400,000.00 and 30 days of interest at 7.2 %.
        assertEq(price, 398_376_00, "price");
        assertEq(cash.balanceOf(bank), sellers - price, "seller");
        assertEq(cash.balanceOf(otherBank), holders + price, "holder");
        assertEq(_lenderOf(loanId), bank, "lender");
        assertEq(facilities.facility(_facility).outstanding, DRAWN, "back in its own facility");
        _expect(bank, loanId, bank, _notDue(loanId, 0));
    }

    function test_price_counts_no_fee_for_early_repayment_and_rounds_half_up() public {
        LoanId loanId = _sold(MAY, 333_333, 60);
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        assertEq(facilities.buyLoanBack(loanId, bank, type(uint64).max, standing), 133_333_20, "a third of 400,000.00");
    }

    function test_holder_calls_only_while_the_loan_is_in_default() public {
        LoanId loanId = _sold(MUST, AT_PAR, 60);
        _days(30);
        _expect(otherBank, loanId, bank, _notDue(loanId, MUST));
        _expect(bank, loanId, bank, _notDue(loanId, MUST));
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
        uint256 holders = cash.balanceOf(otherBank);
        uint256 owed = _sum(facilities.loan(loanId).payoff);
        vm.prank(otherBank);
        uint64 price = facilities.buyLoanBack(loanId, bank, 0, 0);
        assertEq(price, owed, "all that is owed");
        assertEq(cash.balanceOf(otherBank), holders + owed, "holder");
        assertEq(_lenderOf(loanId), bank, "lender");
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 1, "overdue where it was drawn");
    }

    function test_right_and_duty_end_with_their_last_day() public {
        LoanId loanId = _sold(MAY | MUST, AT_PAR, 30);
        _days(20);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
        _days(11);
        _expect(bank, loanId, bank, _notDue(loanId, MAY | MUST));
        _expect(otherBank, loanId, bank, _notDue(loanId, MAY | MUST));
    }

    function test_right_begins_with_its_first_day() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanSales.SaleTerms memory terms =
            _withBuyBack(_saleTerms(loanId, otherBank, DRAWN), MAY, AT_PAR, _today() + 9);
        terms.buyBackFirstDay = _today() + 5;
        _sellOn(terms);
        _days(4);
        bytes32 standing = facilities.saleStanding(loanId);
        vm.expectPartialRevert(ILoanSales.BuyBackNotDue.selector);
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
        _days(1);
        standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, type(uint64).max, standing);
    }

    function test_holder_cannot_escape_the_right_by_a_sale_but_the_duty_ends_with_one() public {
        LoanId loanId = _sold(MAY | MUST, AT_PAR, 30);
        _expectRefusal(
            _saleTerms(loanId, thirdBank, DRAWN),
            abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, bytes32("buy-back"))
        );
        _days(31);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
        _sell(loanId, thirdBank, 1);
        _expect(thirdBank, loanId, bank, abi.encodeWithSelector(ILoanSales.BuyBackNotDue.selector, loanId, 0, 0, 0));
    }

    function test_duty_ends_when_the_holder_sells() public {
        LoanId loanId = _sold(MUST, AT_PAR, 60);
        _sell(loanId, thirdBank, DRAWN);
        _days(30);
        vm.prank(thirdBank);
        facilities.declareDefault(loanId);
        _expect(thirdBank, loanId, bank, abi.encodeWithSelector(ILoanSales.BuyBackNotDue.selector, loanId, 0, 0, 0));
    }

    function test_strangers_and_the_borrower_buy_nothing_back() public {
        LoanId loanId = _sold(MAY | MUST, AT_PAR, 60);
        address[3] memory others = [seller, thirdBank, STRANGER];
        for (uint256 i; i < 3; ++i) {
            _expect(others[i], loanId, bank, abi.encodeWithSelector(ILoanSales.NotOfSale.selector, loanId, others[i]));
        }
        _expect(
            bank, loanId, thirdBank, abi.encodeWithSelector(ILoanSales.NotOfSeller.selector, loanId, bank, thirdBank)
        );
    }

    function test_loan_that_was_never_sold_is_not_bought_back() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _expect(bank, loanId, bank, abi.encodeWithSelector(ILoanSales.BuyBackNotDue.selector, loanId, 0, 0, 0));
    }

    function test_nothing_is_bought_back_after_a_recorded_loss_or_repayment() public {
        LoanId loanId = _sold(MAY | MUST, AT_PAR, 90);
        _days(40);
        vm.startPrank(otherBank);
        facilities.declareDefault(loanId);
        facilities.recordLoss(loanId);
        vm.stopPrank();
        _expect(
            otherBank,
            loanId,
            bank,
            abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, bytes32("loss"))
        );
        _repay(loanId, type(uint64).max);
        _expect(bank, loanId, bank, abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
    }

    function test_party_is_bound_by_what_an_account_sold_that_it_removed() public {
        LoanId loanId = _sold(MUST, AT_PAR, 60);
        address added = _joins();
        _days(30);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
        bytes memory refusal = abi.encodeWithSelector(ILoanSales.NotOfSeller.selector, loanId, bank, added);
        _expect(otherBank, loanId, added, refusal); // its own account still acts
        vm.prank(added);
        registry.removeAccount(bank);
        vm.prank(otherBank);
        facilities.buyLoanBack(loanId, added, 0, 0);
        assertEq(_lenderOf(loanId), added, "the party's other account");
    }

    function test_seller_without_money_takes_nothing_back() public {
        LoanId loanId = _sold(MUST, AT_PAR, 60);
        _days(30);
        vm.prank(otherBank);
        facilities.declareDefault(loanId);
        vm.prank(bank);
        cash.approve(address(facilities), 0);
        vm.expectRevert();
        vm.prank(otherBank);
        facilities.buyLoanBack(loanId, bank, 0, 0);
        assertEq(_lenderOf(loanId), otherBank, "lender");
    }

    // ------------------------------------------------------------------ what the seller has seen

    function test_seller_pays_by_its_right_no_more_than_it_says() public {
        LoanId loanId = _sold(MAY, AT_PAR, 60);
        _days(30);
        bytes32 standing = facilities.saleStanding(loanId);
        LoanMath.Parts memory parts = facilities.loan(loanId).payoff;
        uint256 owed = _sum(parts) - parts.fee;
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("price"), owed, 0, owed - 1)
        );
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, uint64(owed - 1), standing);
        vm.prank(bank);
        assertEq(facilities.buyLoanBack(loanId, bank, uint64(owed), standing), owed, "as it said");
    }

    function test_costs_that_holder_and_borrower_agree_before_the_purchase_stop_it() public {
        LoanId loanId = _sold(MAY, AT_PAR, 60);
        bytes32 seen = facilities.saleStanding(loanId);
        bytes32 digest = facilities.costsDigest(loanId, 50_000_00, keccak256("evidence"), _deadline(), 1);
        bytes memory signature = _signed(SELLER_KEY, digest);
        vm.prank(otherBank);
        facilities.chargeCosts(loanId, 50_000_00, keccak256("evidence"), _deadline(), 1, signature);
        uint160 head = facilities.postingsOf(loanId).head;
        vm.expectRevert(abi.encodeWithSelector(ILoanSales.LoanChanged.selector, loanId, DRAWN, head));
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, type(uint64).max, seen);
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        assertEq(facilities.buyLoanBack(loanId, bank, 450_000_00, standing), 450_000_00, "knowing of them, it may");
    }

    // ------------------------------------------------------------------ helpers

    /// Sold to the other bank; it falls due after ten days.
    function _sold(uint8 buyBack, uint24 price, uint24 lasting) private returns (LoanId loanId) {
        loanId = _bullet(_facility, DRAWN, buyBack == MAY ? 60 : 10);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN), buyBack, price, _today() + lasting));
    }

    function _notDue(LoanId loanId, uint8 buyBack) private view returns (bytes memory) {
        ILoanSales.LoanSale memory sale = facilities.loanSaleOf(loanId);
        return abi.encodeWithSelector(
            ILoanSales.BuyBackNotDue.selector, loanId, buyBack, sale.buyBackFirstDay, sale.buyBackLastDay
        );
    }

    function _expect(address sender, LoanId loanId, address account, bytes memory refusal) private {
        bytes32 standing = facilities.saleStanding(loanId);
        vm.expectRevert(refusal);
        vm.prank(sender);
        facilities.buyLoanBack(loanId, account, type(uint64).max, standing);
    }

    function _joins() private returns (address added) {
        added = vm.addr(NEW_KEY);
        PartyId partyId = registry.partyOf(bank);
        bytes memory consent = _consented(NEW_KEY, partyId);
        vm.prank(bank);
        registry.addAccount(added, consent);
        vm.prank(CASH_ISSUER);
        cash.mint(added, 1e12);
        vm.prank(added);
        cash.approve(address(facilities), type(uint256).max);
    }
}
