// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {SalesFixture} from "../SalesFixture.sol";
import {SharerFixture} from "../SharerFixture.sol";

/// Goods that leave for the promise of a debtor whom the lender accepted after the draw: whoever bears losses signed
/// for loans on goods, so the lender bears the loss.
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
        emit ICollateral.GoodsLeftForPromise(loanId);
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

    // ------------------------------------------------------------------ helpers

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
        vm.expectRevert(abi.encodeWithSelector(ICollateral.LossOfLender.selector, loanId));
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
