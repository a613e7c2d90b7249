// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// Reserve, sharing and insurance follow a loan that is sold; and nobody gains by a sale what it had not.
contract SaleRisksTest is SalesFixture {
    uint256 private constant SHARER_KEY = 107;
    uint256 private constant INSURER_KEY = 109;
    uint64 private constant DRAWN = 100_000_00;
    address private _sharer = vm.addr(SHARER_KEY);
    address private _insurer = vm.addr(INSURER_KEY);
    ProductId private _product;
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.reserveShare = 10_000; // 1%
        _product = _add(terms);
        _facility = _agreedFacility(_product, 72_000, 1_000_000_00);
        address[2] memory bearers = [_sharer, _insurer];
        for (uint256 i; i < 2; ++i) {
            _party(bearers[i], 0);
            vm.prank(bearers[i]);
            cash.approve(address(reserve), type(uint256).max);
        }
        vm.prank(OPERATOR);
        reserve.setCap(_product, address(cash), 5_000_00);
    }

    function test_what_the_lender_set_aside_for_a_loan_follows_it() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _bullet(_facility, 200_000_00, 30);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 3_000_00, "one per cent of both");
        _sell(loanId, otherBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 2_000_00, "of the other loan");
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), 1_000_00, "of the sold one");
        assertEq(reserve.totalOf(_product, address(cash)), 3_000_00, "in all");
        _sell(loanId, bank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 3_000_00, "and back");
    }

    function test_what_was_set_aside_does_not_leave_for_a_sister_company() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        uint64 held = reserve.balanceOf(_product, address(cash), bank);
        assertTrue(held != 0, "something is set aside");
        _group(bank, 9);
        _group(otherBank, 9);
        _sell(loanId, otherBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), bank), held, "the lender's own");
        // Nor does another party's money go with the loan when the sister company sells it.
        _sell(loanId, thirdBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), bank), held, "still the lender's own");
        assertEq(reserve.balanceOf(_product, address(cash), thirdBank), 0, "nothing with the third");
    }

    function test_what_was_set_aside_stays_while_a_loan_may_be_bought_back() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        uint64 held = reserve.balanceOf(_product, address(cash), bank);
        _sellOn(_withBuyBack(_saleTerms(loanId, otherBank, DRAWN), 1, 1_000_000, _today() + 20));
        assertEq(reserve.balanceOf(_product, address(cash), bank), held, "the seller's own");
        bytes32 standing = facilities.saleStanding(loanId);
        vm.prank(bank);
        facilities.buyLoanBack(loanId, bank, DRAWN, standing);
        assertEq(reserve.balanceOf(_product, address(cash), bank), held, "and after buying back");
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), 0, "nobody else gave or got");
        _sell(loanId, otherBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), held, "it follows a sale for good");
    }

    function test_lender_that_got_nothing_with_a_loan_gives_nothing_with_it() public {
        LoanId sold = _bullet(_facility, DRAWN, 30);
        LoanId other = _bullet(_facility, DRAWN, 30);
        _sell(other, otherBank, DRAWN);
        uint64 others = reserve.balanceOf(_product, address(cash), otherBank);
        _sellOn(_withBuyBack(_saleTerms(sold, otherBank, DRAWN), 1, 1_000_000, _today() + 5));
        _days(6);
        _sell(sold, thirdBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), others, "set aside for the other loan");
        assertEq(reserve.balanceOf(_product, address(cash), thirdBank), 0, "nothing came with it");
    }

    function test_reserve_is_fed_as_if_nothing_was_sold() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _sell(loanId, otherBank, DRAWN);
        _bullet(_facility, DRAWN, 30);
        assertEq(reserve.totalOf(_product, address(cash)), 2_000_00, "both loans are outstanding");
        _repay(loanId, type(uint64).max);
        _bullet(_facility, DRAWN, 30);
        assertEq(reserve.totalOf(_product, address(cash)), 2_000_00, "the highest point was reached before");
    }

    function test_sale_after_sale_moves_no_more_than_the_facilitys_draws_fed() public {
        vm.prank(bank);
        reserve.topUp(_product, address(cash), bank, 2_000_00);
        LoanId first = _bullet(_facility, DRAWN, 30);
        _sell(first, otherBank, DRAWN);
        _repay(first, type(uint64).max);
        LoanId second = _bullet(_facility, DRAWN, 30);
        assertEq(reserve.totalOf(_product, address(cash)), 3_000_00, "the second draw fed nothing");
        _sell(second, thirdBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 2_000_00, "what it set aside for others stays");
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), 1_000_00, "followed the first");
        assertEq(reserve.balanceOf(_product, address(cash), thirdBank), 0, "nothing was left to follow");
        _sell(second, bank, DRAWN);
        _sell(second, otherBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 2_000_00, "nor later");
    }

    function test_sale_on_moves_no_more_than_what_came_with_the_loan() public {
        vm.prank(OPERATOR);
        reserve.setCap(_product, address(cash), 300_00);
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        vm.prank(OPERATOR);
        reserve.setCap(_product, address(cash), 5_000_00);
        vm.prank(bank);
        reserve.topUp(_product, address(cash), bank, 2_000_00);
        _sell(loanId, otherBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), 300_00, "what the full reserve took");
        vm.startPrank(otherBank);
        cash.approve(address(reserve), type(uint256).max);
        reserve.topUp(_product, address(cash), otherBank, 2_000_00);
        vm.stopPrank();
        _sell(loanId, thirdBank, DRAWN);
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), 2_000_00, "its own stays");
        assertEq(reserve.balanceOf(_product, address(cash), thirdBank), 300_00, "what came with it");
    }

    function test_only_facilities_moves_what_is_set_aside() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, bank));
        vm.prank(bank);
        reserve.follow(_product, address(cash), bank, otherBank, 1);
    }

    function test_reserve_sharer_and_insurer_bear_the_loss_of_a_sold_loan() public {
        _share();
        _insure();
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _sell(loanId, otherBank, DRAWN);
        _days(34);
        vm.startPrank(otherBank);
        facilities.declareDefault(loanId);
        uint256 before = cash.balanceOf(otherBank);
        facilities.recordLoss(loanId);
        vm.stopPrank();
        assertEq(cash.balanceOf(otherBank), before + 1_000_00 + 29_700_00, "reserve, and 30 % of the rest");
        (address insurer, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(insurer, _insurer, "insurer");
        assertEq(open, 20_000_00, "its insured amount");
        vm.prank(_insurer);
        reserve.payInsurance(loanId, 20_000_00);
        assertEq(cash.balanceOf(otherBank), before + 50_700_00, "the insurer pays the new lender");
        uint256 sellers = cash.balanceOf(bank);
        _repay(loanId, type(uint64).max);
        assertEq(cash.balanceOf(bank), sellers, "nothing of it is the old lender's");
        assertEq(reserve.balanceOf(_product, address(cash), otherBank), 1_000_00, "back in its reserve");
    }

    function test_insurer_that_is_related_to_the_buyer_pays_nothing() public {
        _insure();
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _group(_insurer, 9);
        _group(otherBank, 9);
        _sell(loanId, otherBank, DRAWN);
        _lose(loanId, otherBank);
        (address insurer,) = reserve.openInsuranceOf(loanId);
        assertEq(insurer, address(0), "nobody");
    }

    function test_nobody_bears_the_loss_of_a_loan_whose_first_lender_is_related_to_the_borrower() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _sell(loanId, otherBank, DRAWN);
        _group(bank, 9);
        _group(seller, 9);
        _lose(loanId, otherBank);
        assertEq(reserve.lossOf(loanId).borne, DRAWN, "the holder bears all");
    }

    function test_facility_that_a_sale_opened_is_not_insured() public {
        FacilityId bought = _sell(_bullet(_facility, DRAWN, 30), otherBank, DRAWN);
        IRiskReserve.InsuranceTerms memory terms = _insuranceTerms(bought, otherBank);
        bytes32 digest = reserve.insuranceDigest(terms);
        (bytes memory first, bytes memory second) = (_signed(INSURER_KEY, digest), _signed(OTHER_BANK_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.InsuranceOfBoughtLoans.selector, bought));
        reserve.agreeInsurance(terms, first, second);
    }

    function test_price_in_a_currency_that_takes_a_fee_is_refused() public {
        (Stablecoin coin, LoanId loanId) = _loanInStablecoin();
        coin.setFee(1);
        _expectPartly(loanId, IFacilities.TransferTookFee.selector);
        assertEq(_lenderOf(loanId), bank, "lender");
    }

    function test_price_that_the_seller_cannot_receive_waits_for_it() public {
        (Stablecoin coin, LoanId loanId) = _loanInStablecoin();
        coin.blacklist(bank, true);
        _sell(loanId, otherBank, DRAWN);
        assertEq(facilities.unclaimedOf(bank, address(coin)), DRAWN, "unclaimed");
        assertEq(_lenderOf(loanId), otherBank, "lender");
    }

    function test_nothing_is_sold_while_the_currency_stands_still() public {
        (Stablecoin coin, LoanId loanId) = _loanInStablecoin();
        coin.pause(true);
        _expectPartly(loanId, Stablecoin.Paused.selector);
    }

    function test_frozen_or_expired_party_sells_and_buys_nothing() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _endValidity(otherBank);
        _expectPartly(loanId, bytes4(keccak256("PartyNotValid(address,uint256,uint64,bool)")));
    }

    function test_sale_within_the_sellers_group_changes_no_limit_and_no_rule_of_losses() public {
        _share();
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        uint24 drawnDay = facilities.loan(loanId).terms.startDay;
        _group(bank, 9);
        _group(otherBank, 9);
        _days(5);
        _sell(loanId, otherBank, 1);
        assertEq(facilities.loan(loanId).terms.startDay, drawnDay, "the day of the draw");
        vm.expectPartialRevert(bytes4(keccak256("LimitExceeded(bytes32,uint256,uint256)")));
        vm.prank(seller);
        facilities.draw(_request(_facility, 900_000_01, LoanMath.Style.Bullet, 30, 0));
    }

    // ------------------------------------------------------------------ helpers

    function _loanInStablecoin() private returns (Stablecoin coin, LoanId loanId) {
        coin = new Stablecoin();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(coin), true);
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.currency = address(coin);
        address[2] memory banks = [bank, otherBank];
        for (uint256 i; i < 2; ++i) {
            coin.mint(banks[i], 10 * DRAWN);
            vm.prank(banks[i]);
            coin.approve(address(facilities), type(uint256).max);
        }
        loanId = _bullet(_agreedFacility(_add(terms), 72_000, 1_000_000_00), DRAWN, 60);
    }

    function _expectPartly(LoanId loanId, bytes4 selector) private {
        ILoanSales.SaleTerms memory terms = _saleTerms(loanId, otherBank, DRAWN);
        (bytes memory first, bytes memory second) = _signatures(terms);
        vm.expectPartialRevert(selector);
        vm.prank(bank);
        facilities.sellLoan(terms, first, second);
    }

    function _lose(LoanId loanId, address lender) private {
        _days(34);
        vm.startPrank(lender);
        facilities.declareDefault(loanId);
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    function _group(address account, uint32 group) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, group);
    }

    function _share() private {
        IRiskReserve.SharingTerms memory terms = IRiskReserve.SharingTerms({
            productId: ProductId.unwrap(_product),
            sharer: _sharer,
            currency: address(cash),
            part: 300_000,
            cap: 1_000_000_00,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: 1
        });
        bytes memory signature = _signed(SHARER_KEY, reserve.sharingDigest(terms));
        vm.prank(OPERATOR);
        reserve.agreeSharing(terms, signature);
    }

    function _insuranceTerms(FacilityId facility, address insured)
        private
        view
        returns (IRiskReserve.InsuranceTerms memory)
    {
        return IRiskReserve.InsuranceTerms({
            facilityId: FacilityId.unwrap(facility),
            insurer: _insurer,
            insured: insured,
            currency: address(cash),
            insuredAmount: 20_000_00,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: 1
        });
    }

    function _insure() private {
        IRiskReserve.InsuranceTerms memory terms = _insuranceTerms(_facility, bank);
        bytes32 digest = reserve.insuranceDigest(terms);
        reserve.agreeInsurance(terms, _signed(INSURER_KEY, digest), _signed(BANK_KEY, digest));
    }
}
