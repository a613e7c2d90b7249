// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPostings} from "../../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IPriceFeed} from "../../../../contracts/risk/IPriceFeed.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    PartyId,
    ReceivableId,
    WarehouseReceiptId
} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {SalesFixture} from "../SalesFixture.sol";
import {SharerFixture} from "../SharerFixture.sol";

/// Goods that leave for the promise of a debtor whom the lender accepted after the draw: whoever bears losses signed
/// for loans on goods, so the lender bears as much of a loss as left.
contract LatePromisesTest is GoodsFixture, SalesFixture, SharerFixture {
    function setUp() public override(GoodsFixture, SalesFixture, SharerFixture) {
        super.setUp();
        _agreeSharing(product);
    }

    function test_lender_bears_the_loss_after_goods_left_for_a_promise_that_it_accepted_since() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        uint256 claimId = _claim(8_600_00);
        vm.expectEmit(address(facilities));
        emit ICollateral.GoodsLeftForPromise(loanId, 6_000_00);
        _swap(loanId, id, claimId);
        _refusesLoss(loanId, bank);
    }

    function test_others_bear_the_loss_of_a_promise_that_was_accepted_before_the_draw() public {
        _accept(bank, facilityId, true);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _swap(loanId, id, _claim(8_600_00));
        _absorbs(loanId, bank, 3_000_00);
    }

    function test_a_debtor_that_was_accepted_anew_after_the_draw_is_new() public {
        _accept(bank, facilityId, true);
        _accept(bank, facilityId, false);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        _swap(loanId, id, _claim(8_600_00));
        _refusesLoss(loanId, bank);
    }

    function test_a_second_word_for_an_accepted_debtor_changes_nothing() public {
        _accept(bank, facilityId, true);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        _swap(loanId, id, _claim(8_600_00));
        _absorbs(loanId, bank, 3_000_00);
    }

    function test_lender_bears_the_loss_after_goods_were_converted_into_such_a_promise() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        _convert(loanId, id, 8_600_00);
        _refusesLoss(loanId, bank);
    }

    function test_others_bear_the_loss_after_goods_were_sold_to_a_debtor_that_was_accepted_before() public {
        _accept(bank, facilityId, true);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _convert(loanId, id, 8_600_00);
        _absorbs(loanId, bank, 3_000_00);
    }

    function test_goods_that_are_not_needed_leave_beside_such_a_promise() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        uint256 more = _warehouseReceipt(1_000_000);
        items[0] = _items(more)[0];
        items[1] = _items(_warehouseReceipt(1_000_000))[0];
        LoanId loanId = _drawOn(6_000_00, items);
        _accept(bank, facilityId, true);
        uint256 claimId = _claim(8_600_00);
        _swap(loanId, more, claimId);
        _late();
        _priced(500_000);
        vm.startPrank(bank);
        facilities.declareDebtDefault(loanId);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        facilities.bid(loanId, type(uint64).max);
        assertTrue(facilities.recordLoss(loanId) != 0, "the other goods secured the loan, so others bear its loss");
        vm.stopPrank();
    }

    function test_others_bear_the_loss_of_a_debtor_whose_claim_secured_the_draw() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        uint256 id = _warehouseReceipt(1_000_000);
        items[0] = _items(id)[0];
        items[1] = _claimItems(_claim(8_600_00))[0];
        LoanId loanId = _drawOn(6_000_00, items);
        _accept(bank, facilityId, true);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _items(id));
        _absorbs(loanId, bank, 3_000_00);
    }

    function test_a_sale_does_not_make_such_a_promise_an_old_one() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        uint256 claimId = _claim(8_600_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claimItems(claimId), _none());
        _sell(loanId, otherBank, 6_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _items(id));
        _refusesLoss(loanId, otherBank);
    }

    function test_a_buyer_of_the_loan_accepts_no_debtor_at_the_cost_of_others() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        FacilityId bought = _sell(loanId, otherBank, 6_000_00);
        _accept(otherBank, bought, true);
        _swap(loanId, id, _claim(8_600_00));
        _refusesLoss(loanId, otherBank);
    }

    function test_a_promise_accepted_before_the_draw_stays_one_after_a_sale() public {
        _accept(bank, facilityId, true);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        uint256 claimId = _claim(8_600_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claimItems(claimId), _none());
        _sell(loanId, otherBank, 6_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _items(id));
        _absorbs(loanId, otherBank, 3_000_00);
    }

    function test_the_sale_of_a_loan_names_such_goods() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        uint256 claimId = _claim(8_600_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claimItems(claimId), _none());
        bytes32 before = facilities.saleStanding(loanId);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _items(id));
        assertTrue(facilities.saleStanding(loanId) != before, "the buyer signs for the loan as it is");
    }

    // ------------------------------------------------------------------ how much

    function test_lender_bears_as_much_as_left_and_others_share_the_rest() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        _add(loanId, _claim(8_600_00));
        _left(loanId, id, 200_000, 1_200_00);
        _left(loanId, id, 100_000, 600_00);
        _late();
        vm.prank(bank);
        facilities.declareDebtDefault(loanId);
        assertEq(_lost(loanId, id, 700_000), 2_100_00, "half of the other 4,200.00, from the sharer");
    }

    /// 12,000.00 of goods: the first half was not needed.
    function test_only_what_was_needed_counts() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        (uint256 id, uint256 more) = (_warehouseReceipt(1_000_000), _warehouseReceipt(1_000_000));
        (items[0], items[1]) = (_items(id)[0], _items(more)[0]);
        LoanId loanId = _drawOn(6_000_00, items);
        _accept(bank, facilityId, true);
        _add(loanId, _claim(8_600_00));
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _items(more));
        _left(loanId, id, 500_000, 3_000_00);
    }

    /// The goods alone are not enough at the new price, but there are more of them than before.
    function test_a_rotation_of_goods_beside_such_a_promise_costs_the_lender_nothing() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _priced(950_000);
        _accept(bank, facilityId, true);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(2_000_00);
        _add(loanId, claimId);
        uint256 fresh = _warehouseReceipt(2_000);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(fresh), _part(id, 1_000));
        _pay(receivableId, 2_000_00);
        receivables.collect(ClaimId.wrap(claimId));
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(fresh), 2_000, DOCUMENTS);
        assertEq(_lost(loanId, id, 999_000), 2_000_00, "half of 4,000.00, from the sharer");
    }

    function test_goods_that_end_soon_leave_at_the_lenders_cost_too() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _days(175);
        _priced(TEN);
        _accept(bank, facilityId, true);
        IReceivables.ReceivableTerms memory terms = _terms(10_000_00);
        terms.dueDay = _today() + 30;
        uint256 claimId = _claimOn(DEBTOR_KEY, terms);
        _expectLeft(loanId, 6_000_00);
        _swap(loanId, id, claimId);
    }

    /// What stays is worth as much today, but could not be sold in time.
    function test_goods_that_end_soon_do_not_take_the_place_of_fresh_ones() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _accept(bank, facilityId, true);
        _add(loanId, _claim(8_600_00));
        uint256 old = _otherGoods();
        _expectLeft(loanId, 6_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(old), _items(id));
    }

    /// The promise of the known debtor is for 1.00; the goods leave because of the other one.
    function test_goods_that_become_a_known_claim_leave_for_such_a_promise() public {
        PartyId partyId = registry.partyOf(otherBank);
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, 2 | 4);
        _accept(bank, facilityId, true);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, otherBank, true);
        IReceivables.ReceivableTerms memory terms = _terms(8_600_00);
        terms.debtor = otherBank;
        _add(loanId, _claimOn(OTHER_BANK_KEY, terms));
        ReceivableId receivableId = _request(1_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        _expectLeft(loanId, 5_999_30);
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
    }

    // ------------------------------------------------------------------ helpers

    function _add(LoanId loanId, uint256 claimId) private {
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claimItems(claimId), _none());
    }

    function _expectLeft(LoanId loanId, uint64 amount) private {
        vm.expectEmit(address(facilities));
        emit ICollateral.GoodsLeftForPromise(loanId, amount);
    }

    function _left(LoanId loanId, uint256 id, uint96 quantity, uint64 amount) private {
        _expectLeft(loanId, amount);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _part(id, quantity));
    }

    function _claimOn(uint256 key, IReceivables.ReceivableTerms memory terms) private returns (uint256) {
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        bytes memory signature = _signed(key, receivables.confirmationDigest(receivableId));
        return ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }

    /// 1,000 kg of other goods at the same price, good for five days.
    function _otherGoods() private returns (uint256 id) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        (terms.sku, terms.expiryDay) = (keccak256("latex"), _today() + 5);
        bytes32[] memory items = new bytes32[](1);
        items[0] = warehouseReceipts.itemOf(terms.sku, "A", "KGM");
        vm.prank(OPERATOR);
        prices.list(items, CNY, 100_000, PRICE_AGE);
        IPriceFeed.Price[] memory newPrice = _price(TEN, HAIRCUT);
        newPrice[0].item = items[0];
        vm.prank(FIRST_APPRAISER);
        prices.post(newPrice);
        vm.prank(SECOND_APPRAISER);
        prices.confirm(newPrice);
        (, id) = _issue(terms);
    }

    /// The goods are lost, and the loan fails.
    function _lost(LoanId loanId, uint256 id, uint96 quantity) private returns (uint64) {
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), quantity, DOCUMENTS);
        _days(200);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        vm.prank(bank);
        return facilities.recordLoss(loanId);
    }

    function _accept(address lender, FacilityId facility, bool isAccepted) private {
        vm.prank(lender);
        facilities.acceptDebtor(facility, debtor, isAccepted);
    }

    function _claim(uint96 face) private returns (uint256 claimId) {
        (, claimId) = _confirmed(face);
    }

    function _claimItems(uint256 claimId) private pure returns (ICollateral.CollateralItem[] memory items) {
        items = new ICollateral.CollateralItem[](1);
        items[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
    }

    function _swap(LoanId loanId, uint256 id, uint256 claimId) private {
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claimItems(claimId), _items(id));
    }

    function _convert(LoanId loanId, uint256 id, uint96 face) private {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
    }

    /// The debtor does not pay, nor does the borrower: the claim's default is declared, and the loan's.
    function _fail(LoanId loanId, address lender) private {
        _late();
        vm.prank(lender);
        facilities.declareDebtDefault(loanId);
        facilities.checkMargin(loanId);
        _days(6);
        vm.prank(lender);
        facilities.liquidate(loanId);
    }

    function _refusesLoss(LoanId loanId, address lender) private {
        _fail(loanId, lender);
        uint256 before = cash.balanceOf(sharer);
        vm.expectRevert(abi.encodeWithSelector(IPostings.LossNotShared.selector, loanId, uint256(0)));
        vm.prank(lender);
        facilities.recordLoss(loanId);
        assertEq(cash.balanceOf(sharer), before, "the sharer keeps its money");
    }

    function _absorbs(LoanId loanId, address lender, uint64 absorbed) private {
        _fail(loanId, lender);
        uint256 before = cash.balanceOf(sharer);
        vm.prank(lender);
        assertEq(facilities.recordLoss(loanId), absorbed, "as agreed");
        assertEq(cash.balanceOf(sharer) + absorbed, before, "from the sharer");
    }
}
