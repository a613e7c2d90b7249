// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPostings} from "../../../../contracts/lending/IPostings.sol";
import {IRiskReserve} from "../../../../contracts/risk/IRiskReserve.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {ClaimId, LoanId, ReceivableId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {packRecorded, PostingWord} from "../../../../contracts/types/PostingWord.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// A payment of interest that never came lets goods leave for as much: the lender bears as much of a loss.
contract FalsePaymentsTest is GoodsFixture {
    /// How goods leave while the payment stands.
    enum Way {
        None,
        Substitution,
        Conversion
    }

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
        (LoanId loanId, uint256 id) = _afterHundredDays(Way.Substitution);
        _fail(loanId, id, 833_334);
        _expectBorne(loanId);
    }

    /// The debtor gets the goods for next to nothing.
    function test_lender_bears_what_a_payment_of_interest_let_a_debtor_have() public {
        (LoanId loanId, uint256 id) = _afterHundredDays(Way.Conversion);
        ClaimId claimId = ClaimId.wrap(facilities.collateralOf(loanId).items[1].id);
        _pay(receivables.claim(claimId).receivableId, 1_00);
        receivables.collect(claimId);
        _fail(loanId, id, 833_334);
        _expectBorne(loanId);
    }

    function test_lender_keeps_nothing_of_a_loss_if_no_goods_left() public {
        (LoanId loanId, uint256 id) = _afterHundredDays(Way.None);
        _fail(loanId, id, 1_000_000);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        assertEq(reserve.lossOf(loanId).fromReserve, 5_000_00, "all of the principal");
    }

    /// Of 5,000.00 that are lost the lender bears the 100.00 that never came.
    function _expectBorne(LoanId loanId) private {
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossLeftToLender(loanId, bank, 100_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        assertEq(loss.loss, 5_000_00, "the principal");
        assertEq(loss.fromReserve, 4_900_00, "the reserve");
        assertEq(loss.borne, 100_00, "the lender");
    }

    function _afterHundredDays(Way way) private returns (LoanId loanId, uint256 id) {
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        (loanId, id) = _loanOnGoods(5_000_00);
        _days(100);
        _priced(TEN);
        PostingWord posting = packRecorded(_today(), _today(), 100_00, "never came");
        IPostings.History memory history;
        vm.prank(bank);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), 100_00, _today(), "never came"), history);
        if (way == Way.Substitution) {
            vm.prank(seller);
            facilities.substituteCollateral(loanId, _none(), _part(id, 166_666));
        } else if (way == Way.Conversion) {
            _convert(loanId, id);
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

    /// Goods for 1,000.00 of credit become a claim of 1.00.
    function _convert(LoanId loanId, uint256 id) private {
        IReceivables.ReceivableTerms memory terms = _terms(1_00);
        terms.dueDay = _today() + 60;
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(
            loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 166_666
        );
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
