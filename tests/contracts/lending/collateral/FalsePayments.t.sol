// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPostings} from "../../../../contracts/lending/IPostings.sol";
import {IRiskReserve} from "../../../../contracts/risk/IRiskReserve.sol";
import {LoanId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {packRecorded, PostingWord} from "../../../../contracts/types/PostingWord.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// A payment of interest that never came lets goods leave for as much: the lender bears as much of a loss.
contract FalsePaymentsTest is GoodsFixture {
    /// The reserve could pay all of any loss.
    function setUp() public override {
        super.setUp();
        vm.prank(OPERATOR);
        reserve.setCap(product, address(cash), 5_000_00);
        vm.startPrank(bank);
        cash.approve(address(reserve), 5_000_00);
        reserve.topUp(product, address(cash), bank, 5_000_00);
        vm.stopPrank();
    }

    function test_lender_bears_what_a_payment_of_interest_let_leave() public {
        (LoanId loanId, uint256 id) = _afterHundredDays(true);
        _fail(loanId, id, 833_334);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossLeftToLender(loanId, bank, 100_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        assertEq(loss.loss, 5_000_00, "the principal");
        assertEq(loss.fromReserve, 4_900_00, "the reserve");
        assertEq(loss.borne, 100_00, "the lender");
    }

    function test_lender_keeps_nothing_of_a_loss_if_no_goods_left() public {
        (LoanId loanId, uint256 id) = _afterHundredDays(false);
        _fail(loanId, id, 1_000_000);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        assertEq(reserve.lossOf(loanId).fromReserve, 5_000_00, "all of the principal");
    }

    function _afterHundredDays(bool isTaken) private returns (LoanId loanId, uint256 id) {
        (loanId, id) = _loanOnGoods(5_000_00);
        _days(100);
        _priced(TEN);
        PostingWord posting = packRecorded(_today(), _today(), 100_00, "never came");
        IPostings.History memory history;
        vm.prank(bank);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), 100_00, _today(), "never came"), history);
        if (isTaken) {
            vm.prank(seller);
            facilities.substituteCollateral(loanId, _none(), _part(id, 166_666));
        }
        IPostings.Correction memory correction;
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        history.postings = new PostingWord[](1);
        history.postings[0] = posting;
        IPostings.History memory none;
        vm.prank(bank);
        facilities.correctPayment(correction, history, none, "");
    }

    /// The warehouse loses the goods, and the loan fails.
    function _fail(LoanId loanId, uint256 id, uint96 quantity) private {
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), quantity, DOCUMENTS);
        _days(90);
        vm.prank(bank);
        facilities.declareDefault(loanId);
    }
}
