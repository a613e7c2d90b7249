// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LossFixture} from "./LossFixture.sol";

/// Invariant 9: loss absorbed + loss borne = loss; nobody pays beyond its cap or balance; recovery goes back in
/// reverse.
contract LossTest is LossFixture {
    // ------------------------------------------------------------------ the reserve

    function test_draw_feeds_the_reserve_until_its_cap() public {
        uint256 bankBefore = cash.balanceOf(bank);
        uint256 sellerBefore = cash.balanceOf(seller);
        _bullet(_facility, 400_000_00, 30);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 4_000_00, "one per cent");
        _bullet(_facility, 400_000_00, 30);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 5_000_00, "at its cap");
        _bullet(_facility, 100_000_00, 30);
        assertEq(cash.balanceOf(bank), bankBefore - 900_000_00 - 5_000_00, "the lender pays it");
        assertEq(cash.balanceOf(seller), sellerBefore + 900_000_00, "the borrower gets all it borrows");
    }

    function test_feed_record_and_recover_revert_for_all_but_facilities() public {
        vm.startPrank(OPERATOR);
        vm.expectRevert();
        reserve.feed(_product, address(cash), bank, 1, false);
        IRiskReserve.LossReport memory report;
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, OPERATOR));
        reserve.recordLoss(report);
        vm.expectRevert();
        reserve.recover(LoanId.wrap(1), 1);
        vm.stopPrank();
        vm.startPrank(STRANGER);
        vm.expectRevert();
        reserve.setCap(_product, address(cash), 1);
        vm.expectRevert();
        reserve.topUp(_product, address(cash), bank, 1);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ the waterfall, to the cent

    function test_a_loss_goes_through_deposit_reserve_sharers_insurer_and_lender() public {
        LoanId loanId = _lost();
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        assertEq(loss.loss, 100_000_00, "principal");
        assertEq(loss.fromReserve, 1_000_00, "what the draw fed");
        assertEq(loss.fromSharers, 29_700_00 + 9_900_00, "30% and 10% of 99,000.00");
        assertEq(loss.borne, 59_400_00, "the rest, until the insurer pays");
        (address insurer, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(insurer, _insurer, "insurer");
        assertEq(open, 20_000_00, "its insured amount");
        vm.prank(_insurer);
        reserve.payInsurance(loanId, 20_000_00);
        loss = reserve.lossOf(loanId);
        assertEq(loss.fromInsurer, 20_000_00, "insurer");
        assertEq(loss.borne, 39_400_00, "lender");
        _holds(loanId);
    }

    function test_recovery_is_paid_back_in_reverse_order_to_the_cent() public {
        LoanId loanId = _lost();
        vm.prank(_insurer);
        reserve.payInsurance(loanId, 20_000_00);
        uint256[4] memory before = _balances();
        ILoans.Loan memory loan = facilities.loan(loanId);
        uint64 ahead = loan.due.interest + loan.due.penalty;
        _repay(loanId, ahead + 39_400_00); // the lender first
        assertEq(cash.balanceOf(bank), before[0] + ahead + 39_400_00, "lender whole");
        _repay(loanId, 20_000_00);
        assertEq(cash.balanceOf(_insurer), before[1] + 20_000_00, "then the insurer");
        _repay(loanId, 39_600_00);
        assertEq(cash.balanceOf(_first), before[2] + 29_700_00, "then the sharers by their parts");
        assertEq(cash.balanceOf(_second), before[3] + 9_900_00, "then the sharers by their parts");
        _repay(loanId, type(uint64).max);
        assertEq(reserve.balanceOf(_product, address(cash), bank), 1_000_00, "last the reserve");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_a_sharer_that_cannot_pay_owes_it_and_pays_later() public {
        _share(_first, FIRST_SHARER_KEY, 300_000, 1_000_000_00);
        uint256 all = cash.balanceOf(_first);
        vm.prank(_first);
        cash.transfer(debtor, all);
        LoanId loanId = _defaulted(100_000_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        (address sharer, uint64 open) = reserve.openShareOf(loanId, 0);
        assertEq(sharer, _first, "sharer");
        assertEq(open, 29_700_00, "owed");
        vm.prank(debtor);
        reserve.paySharer(loanId, 0, 29_700_00);
        (, open) = reserve.openShareOf(loanId, 0);
        assertEq(open, 0, "paid");
        _holds(loanId);
    }

    function test_recovery_pays_nobody_twice() public {
        _insure(100_000_00);
        LoanId loanId = _defaulted(100_000_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        ILoans.Loan memory loan = facilities.loan(loanId);
        _repay(loanId, loan.due.interest + loan.due.penalty + 90_000_00);
        (, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(open, 9_000_00, "only what the lender still bears");
        vm.prank(_insurer);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 9_000_01, 1, 9_000_00));
        reserve.payInsurance(loanId, 9_000_01);
    }

    function test_a_loss_needs_a_default_and_exhausted_collateral() public {
        IProducts.ProductTerms memory product = _claimProduct();
        FacilityId facilityId = _agreedFacility(_add(product), 72_000, 100_000_00);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(100_000_00);
        LoanId loanId = _draw(facilityId, 80_000_00, LoanMath.Style.Bullet, 30, claimId);
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Running));
        facilities.recordLoss(loanId);
        _toDay(uint256(DUE_DAY) + 6);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.CollateralNotExhausted.selector, loanId, claimId));
        facilities.recordLoss(loanId);
        facilities.declareDebtDefault(loanId);
        facilities.recordLoss(loanId);
        vm.expectRevert();
        facilities.recordLoss(loanId);
        vm.stopPrank();
        assertEq(reserve.lossOf(loanId).borne, 80_000_00, "nothing absorbs it");
        // The debtor pays late: the loan passes the money to those who bore the loss, and the rest to the owner.
        uint256 before = cash.balanceOf(seller);
        _pay(receivableId, type(uint96).max);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(reserve.lossOf(loanId).recovered, 80_000_00, "recovered");
        assertTrue(cash.balanceOf(seller) > before, "the rest");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_deposit_absorbs_a_loss_before_the_reserve() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, 100_000_00);
        terms.deposit = 10_000_00;
        FacilityId facilityId = _agree(terms);
        vm.prank(seller);
        facilities.payDeposit(facilityId, 10_000_00);
        LoanId loanId = _bullet(facilityId, 100_000_00, 30);
        _days(34);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        ILoans.Loan memory loan = facilities.loan(loanId);
        uint64 ahead = loan.due.interest + loan.due.penalty;
        facilities.recordLoss(loanId);
        vm.stopPrank();
        assertEq(reserve.lossOf(loanId).loss, 90_000_00 + ahead, "less the deposit, through the waterfall");
        assertEq(facilities.facility(facilityId).depositHeld, 0, "used");
    }

    function test_set_off_reverts_after_a_recorded_loss() public {
        LoanId loanId = _lost();
        (, uint256 claimId) = _confirmed(100_000_00);
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 100_000_00, 100_00, keccak256("documents"), _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Defaulted));
        facilities.setOff(setOff_, lender, borrower);
    }

    function test_repay_works_when_the_reserve_is_closed() public {
        LoanId loanId = _lost();
        access.setTargetClosed(address(reserve), true);
        access.setTargetClosed(address(products), true);
        access.setTargetClosed(address(receivables), true);
        _repay(loanId, type(uint64).max);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(reserve.lossOf(loanId).recovered, 100_000_00, "and given back");
    }

    // ------------------------------------------------------------------ agreements

    function test_sharers_take_no_more_than_the_whole_and_are_no_more_than_eight() public {
        for (uint256 i; i < 8; ++i) {
            _share(_first, FIRST_SHARER_KEY, 100_000, 1);
        }
        IRiskReserve.SharingTerms memory terms = _sharing(_first, 100_000, 1);
        bytes memory signature = _signed(FIRST_SHARER_KEY, reserve.sharingDigest(terms));
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SharersFull.selector, _product, 8));
        reserve.agreeSharing(terms, signature);
        terms.part = 200_001;
        signature = _signed(FIRST_SHARER_KEY, reserve.sharingDigest(terms));
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.PartsExceedWhole.selector, _product, 1_000_001));
        reserve.agreeSharing(terms, signature);
        vm.stopPrank();
    }

    function test_a_sharers_cap_and_term_bound_what_it_bears() public {
        _share(_first, FIRST_SHARER_KEY, 500_000, 10_000_00);
        LoanId loanId = _defaulted(100_000_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        assertEq(reserve.lossOf(loanId).fromSharers, 10_000_00, "its cap");
        _holds(loanId);
    }

    function test_agreement_needs_its_signatures_and_uses_them_once() public {
        IRiskReserve.SharingTerms memory terms = _sharing(_first, 100_000, 1_00);
        bytes32 digest = reserve.sharingDigest(terms);
        bytes memory wrong = _signed(SECOND_SHARER_KEY, digest);
        bytes memory right = _signed(FIRST_SHARER_KEY, digest);
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SignatureInvalid.selector, _first, digest));
        reserve.agreeSharing(terms, wrong);
        reserve.agreeSharing(terms, right);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.TermsUsed.selector, digest));
        reserve.agreeSharing(terms, right);
        vm.stopPrank();
        _insure(1_00);
        IRiskReserve.InsuranceTerms memory insurance = _insurance(1_00);
        digest = reserve.insuranceDigest(insurance);
        bytes memory insurers = _signed(INSURER_KEY, digest);
        bytes memory insureds = _signed(BANK_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.InsuranceExists.selector, _facility, _insurer));
        reserve.agreeInsurance(insurance, insurers, insureds);
    }

    function test_insurance_of_strangers_does_not_block_a_facilitys_insurance() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(1);
        terms.insured = seller;
        bytes32 digest = reserve.insuranceDigest(terms);
        reserve.agreeInsurance(terms, _signed(INSURER_KEY, digest), _signed(SELLER_KEY, digest));
        _insure(100_000_00);
        LoanId loanId = _defaulted(100_000_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        (, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(open, 99_000_00, "what the reserve left, by the lender's own insurance");
    }

    function test_insurance_is_refused_above_the_maximum_amount() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(type(uint64).max);
        vm.expectPartialRevert(IRiskReserve.AmountOutOfRange.selector);
        reserve.agreeInsurance(terms, "", "");
        terms = _insurance(1);
        terms.facilityId = 1 << 63;
        vm.expectPartialRevert(IRiskReserve.AmountOutOfRange.selector);
        reserve.agreeInsurance(terms, "", "");
    }

    // ------------------------------------------------------------------ under fuzz

    struct Case {
        uint64 principal;
        uint24 first;
        uint24 second;
        uint64 firstCap;
        uint64 insuredAmount;
        uint64 insured;
        uint64[5] recovered;
        bool firstIsPoor;
    }

    function testFuzz_absorbed_and_borne_are_the_loss_and_recovery_gives_all_back(Case memory provided) public {
        uint64 principal = uint64(bound(provided.principal, 1_000, 900_000_00));
        uint24 part = uint24(bound(provided.first, 1, 999_999));
        _share(_first, FIRST_SHARER_KEY, part, uint64(bound(provided.firstCap, 1, 500_000_00)));
        _share(_second, SECOND_SHARER_KEY, uint24(bound(provided.second, 1, 1_000_000 - part)), 1_000_000_00);
        _insure(uint64(bound(provided.insuredAmount, 1, 900_000_00)));
        if (provided.firstIsPoor) {
            uint256 all = cash.balanceOf(_first);
            vm.prank(_first);
            cash.transfer(debtor, all);
        }
        uint256 bankBefore = cash.balanceOf(bank);
        uint256[4] memory before = _balances();
        LoanId loanId = _defaulted(principal);
        vm.prank(bank);
        uint64 absorbed = facilities.recordLoss(loanId);
        _holds(loanId);
        assertEq(absorbed + reserve.lossOf(loanId).borne, principal, "absorbed and borne");
        (, uint64 open) = reserve.openInsuranceOf(loanId);
        if (open != 0) {
            vm.prank(_insurer);
            reserve.payInsurance(loanId, uint64(bound(provided.insured, 1, open)));
        }
        _holds(loanId);
        uint64 repaid;
        for (uint256 i; i < 5; ++i) {
            if (facilities.loan(loanId).status == ILoans.Status.Repaid) break;
            uint64 amount = i == 4 ? type(uint64).max : uint64(bound(provided.recovered[i], 1, principal));
            LoanMath.Parts memory parts = _repay(loanId, amount);
            repaid += parts.costs + parts.penalty + parts.interest;
            _holds(loanId);
        }
        // All is repaid: each has what it had before, the lender its interest on top, the reserve what the draw fed.
        assertEq(cash.balanceOf(_insurer), before[1], "insurer");
        assertEq(cash.balanceOf(_second), before[3], "sharer");
        if (!provided.firstIsPoor) assertEq(cash.balanceOf(_first), before[2], "sharer");
        uint256 fed = reserve.balanceOf(_product, address(cash), bank);
        assertEq(cash.balanceOf(bank) + fed, bankBefore + repaid, "lender");
        assertEq(cash.balanceOf(address(reserve)), fed, "the reserve holds its balance and nothing else");
    }

    // ------------------------------------------------------------------ helpers
}
