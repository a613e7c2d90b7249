// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ClaimId, FacilityId, LoanId, PartyId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A receiver that cannot be paid stops no repayment, no collection and no close; unclaimed money belongs to its party.
contract UnclaimedTest is LendingFixture {
    uint256 private constant OTHER_KEY = 777;
    bytes32 private constant ORDER = keccak256("order");
    address private _other = vm.addr(OTHER_KEY);
    Stablecoin private _stable;
    FacilityId private _plain;
    FacilityId private _onClaims;

    function setUp() public override {
        super.setUp();
        _stable = new Stablecoin();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(_stable), true);
        address[5] memory all = [seller, debtor, bank, entruster, otherBank];
        for (uint256 i; i < all.length; ++i) {
            _stable.mint(all[i], 1e15);
            vm.startPrank(all[i]);
            _stable.approve(address(facilities), type(uint256).max);
            _stable.approve(address(receivables), type(uint256).max);
            vm.stopPrank();
        }
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.currency = address(_stable);
        _plain = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
        terms = _claimProduct();
        terms.currency = address(_stable);
        _onClaims = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
    }

    // ------------------------------------------------------------------ nobody stops another

    function test_repay_ends_the_loan_when_the_lender_is_blacklisted() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _days(10);
        _stable.blacklist(bank, true);
        uint256 paid = _sum(_repay(loanId, type(uint64).max));
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(facilities.unclaimedOf(bank, address(_stable)), paid, "waits for the lender");
        assertEq(_stable.balanceOf(address(facilities)), paid, "and is here");
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(Stablecoin.Blacklisted.selector, bank));
        facilities.withdrawUnclaimed(bank, address(_stable));
        assertEq(facilities.unclaimedOf(bank, address(_stable)), paid, "and stays the lender's");
    }

    function test_repay_ends_the_loan_when_the_lender_is_not_valid() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _freeze(bank);
        uint256 paid = _sum(_repay(loanId, type(uint64).max));
        assertEq(facilities.unclaimedOf(bank, address(_stable)), paid, "waits for the lender");
    }

    function test_repay_leaves_the_fee_of_a_blacklisted_administrator_unclaimed_and_pays_the_entruster() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.currency = address(_stable);
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 1_000_000_00);
        terms.entruster = entruster;
        terms.administrationFee = 100_000;
        LoanId loanId = _bullet(_agree(terms), 100_000_00, 30);
        _days(10);
        _stable.blacklist(bank, true);
        uint256 before = _stable.balanceOf(entruster);
        LoanMath.Parts memory parts = _repay(loanId, type(uint64).max);
        assertEq(facilities.unclaimedOf(bank, address(_stable)), parts.interest / 10, "a tenth of the interest");
        assertEq(_stable.balanceOf(entruster) - before, _sum(parts) - parts.interest / 10, "the rest is paid");
    }

    function test_collect_leaves_the_rest_of_a_blacklisted_borrower_unclaimed_and_pays_the_lender() public {
        (ReceivableId receivableId, uint256 claimId) = _stableClaim(100_000_00);
        LoanId loanId = _draw(_onClaims, 50_000_00, LoanMath.Style.Bullet, 60, claimId);
        _stable.blacklist(seller, true);
        _pay(receivableId, 100_000_00);
        uint256 before = _stable.balanceOf(bank);
        receivables.collect(ClaimId.wrap(claimId));
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(_stable.balanceOf(bank) - before, 50_000_00, "the lender has its money");
        assertEq(facilities.unclaimedOf(seller, address(_stable)), 50_000_00, "the borrower's waits");
    }

    function test_collect_leaves_the_money_of_a_blacklisted_lender_unclaimed() public {
        (ReceivableId receivableId, uint256 claimId) = _stableClaim(100_000_00);
        _draw(_onClaims, 50_000_00, LoanMath.Style.Bullet, 60, claimId);
        _stable.blacklist(bank, true);
        _pay(receivableId, 100_000_00);
        uint256 before = _stable.balanceOf(seller);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(_stable.balanceOf(seller) - before, 50_000_00, "the borrower has the rest");
        assertEq(facilities.unclaimedOf(bank, address(_stable)), 50_000_00, "the lender's waits");
    }

    function test_close_leaves_the_deposit_of_a_blacklisted_borrower_unclaimed() public {
        FacilityId facilityId = _withDeposit(10_000_00);
        _stable.blacklist(seller, true);
        vm.prank(bank);
        facilities.close(facilityId);
        assertEq(facilities.unclaimedOf(seller, address(_stable)), 10_000_00, "the deposit waits");
        assertEq(facilities.facility(facilityId).depositHeld, 0, "and is no deposit any more");
    }

    function test_repay_reverts_with_the_currencys_error_when_the_payer_is_blacklisted() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _stable.blacklist(seller, true);
        vm.expectRevert(abi.encodeWithSelector(Stablecoin.Blacklisted.selector, seller));
        _repay(loanId, 100_00);
    }

    function test_repay_reverts_when_the_currency_takes_a_fee_though_the_lender_cannot_be_paid() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _stable.blacklist(bank, true);
        _stable.setFee(1);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TransferTookFee.selector, address(_stable), 100_00, 99_00));
        _repay(loanId, 100_00);
    }

    function test_pay_deposit_reverts_when_the_currency_takes_a_fee() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_stableProduct(), 72_000, 1_000_000_00);
        terms.deposit = 10_000_00;
        FacilityId facilityId = _agree(terms);
        _stable.setFee(1);
        vm.prank(seller);
        vm.expectPartialRevert(IFacilities.TransferTookFee.selector);
        facilities.payDeposit(facilityId, 10_000_00);
    }

    // ------------------------------------------------------------------ whose it is

    function test_withdraw_unclaimed_pays_any_valid_account_of_the_party_once() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _stable.blacklist(bank, true);
        uint256 paid = _sum(_repay(loanId, type(uint64).max));
        _join(bank, OTHER_KEY);
        vm.prank(_other);
        assertEq(facilities.withdrawUnclaimed(_other, address(_stable)), paid, "all of it");
        assertEq(_stable.balanceOf(_other), paid, "to the account that the currency serves");
        assertEq(facilities.unclaimedOf(bank, address(_stable)), 0, "nothing is left");
        vm.prank(_other);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NothingUnclaimed.selector, _other, address(_stable)));
        facilities.withdrawUnclaimed(_other, address(_stable));
    }

    function test_withdraw_unclaimed_reverts_for_another_party() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _stable.blacklist(bank, true);
        _repay(loanId, type(uint64).max);
        address[3] memory others = [seller, otherBank, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotOfParty.selector, bank, others[i]));
            facilities.withdrawUnclaimed(bank, address(_stable));
        }
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotOfParty.selector, seller, bank));
        facilities.withdrawUnclaimed(seller, address(_stable));
    }

    function test_deposit_of_a_lost_account_is_withdrawn_by_its_party() public {
        FacilityId facilityId = _withDeposit(10_000_00);
        _lose(seller);
        vm.prank(bank);
        facilities.close(facilityId);
        assertEq(facilities.unclaimedOf(_other, address(_stable)), 10_000_00, "unclaimed by the party");
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        facilities.withdrawUnclaimed(seller, address(_stable));
        vm.prank(_other);
        facilities.withdrawUnclaimed(seller, address(_stable));
        assertEq(_stable.balanceOf(_other), 10_000_00, "to the account that asks, as the other is lost");
    }

    function test_close_pays_the_deposit_to_the_account_that_closes() public {
        FacilityId facilityId = _withDeposit(10_000_00);
        _lose(seller);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, facilityId, bank, seller));
        facilities.close(facilityId);
        vm.prank(_other);
        facilities.close(facilityId);
        assertEq(_stable.balanceOf(_other), 10_000_00, "the party's other account");
    }

    function test_pay_deposit_reverts_when_the_facility_is_closed() public {
        FacilityId facilityId = _withDeposit(10_000_00);
        vm.startPrank(seller);
        facilities.close(facilityId);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityIsClosed.selector, facilityId));
        facilities.payDeposit(facilityId, 10_000_00);
        vm.stopPrank();
    }

    function test_close_frees_the_borrowers_limit() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.borrowerLimit = 1_000_00;
        FacilityId facilityId = _agreedFacility(_add(terms), 72_000, 1_000_00);
        IFacilities.FacilityTerms memory again = _facilityTerms(_productOf(facilityId), 72_000, 1_000_00);
        bytes32 digest = facilities.facilityDigest(again);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(
            abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("borrowerLimit"), 2_000_00, 1_000_00)
        );
        facilities.agree(again, lender, borrower, "");
        vm.prank(seller);
        facilities.close(facilityId);
        facilities.agree(again, lender, borrower, "");
    }

    // ------------------------------------------------------------------ courts

    function test_forced_withdraw_takes_what_waits_only_for_the_court() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _stable.blacklist(bank, true);
        uint256 paid = _sum(_repay(loanId, type(uint64).max));
        address[4] memory others = [bank, otherBank, FIRST_REGULATOR, address(this)];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotCourt.selector, others[i]));
            facilities.forcedWithdraw(bank, address(_stable), otherBank, 1, ORDER);
        }
        vm.startPrank(address(court));
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), paid + 1, 1, paid)
        );
        facilities.forcedWithdraw(bank, address(_stable), otherBank, paid + 1, ORDER);
        uint256 before = _stable.balanceOf(otherBank);
        facilities.forcedWithdraw(bank, address(_stable), otherBank, 100_00, ORDER);
        vm.stopPrank();
        assertEq(_stable.balanceOf(otherBank) - before, 100_00, "as ordered");
        assertEq(facilities.unclaimedOf(bank, address(_stable)), paid - 100_00, "the rest waits on");
    }

    function test_forced_withdraw_takes_the_deposit_of_a_facility_without_loans() public {
        FacilityId facilityId = _withDeposit(10_000_00);
        LoanId loanId = _bullet(facilityId, 1_000_00, 30);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotCourt.selector, bank));
        facilities.forcedWithdrawDeposit(facilityId, otherBank, 1, ORDER);
        vm.prank(address(court));
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityInUse.selector, facilityId, 1_000_00));
        facilities.forcedWithdrawDeposit(facilityId, otherBank, 1, ORDER);
        _repay(loanId, type(uint64).max);
        vm.startPrank(address(court));
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), 10_000_01, 1, 10_000_00)
        );
        facilities.forcedWithdrawDeposit(facilityId, otherBank, 10_000_01, ORDER);
        uint256 before = _stable.balanceOf(otherBank);
        facilities.forcedWithdrawDeposit(facilityId, otherBank, 4_000_00, ORDER);
        vm.stopPrank();
        assertEq(_stable.balanceOf(otherBank) - before, 4_000_00, "as ordered");
        vm.prank(seller);
        facilities.close(facilityId);
        assertEq(_stable.balanceOf(address(facilities)), 0, "the rest went back");
    }

    function test_forced_withdraw_of_a_deposit_reverts_when_the_receiver_is_no_valid_party() public {
        FacilityId facilityId = _withDeposit(10_000_00);
        vm.startPrank(address(court));
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        facilities.forcedWithdrawDeposit(facilityId, address(0x404), 4_000_00, ORDER);
        vm.expectPartialRevert(IPartyRegistry.ReceiverIsLedger.selector);
        facilities.forcedWithdrawDeposit(facilityId, address(facilities), 4_000_00, ORDER);
        vm.stopPrank();
        assertEq(facilities.facility(facilityId).depositHeld, 10_000_00, "nothing left");
    }

    // ------------------------------------------------------------------ accounts act for their party

    function test_lender_acts_by_any_valid_account_of_its_party_and_by_no_removed_one() public {
        LoanId loanId = _bullet(_plain, 100_000_00, 30);
        _days(40);
        _lose(bank);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, _plain, bank, bank));
        facilities.declareDefault(loanId);
        vm.prank(_other);
        facilities.declareDefault(loanId);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "declared");
    }

    function test_draw_pays_the_account_that_draws_when_the_borrowers_is_lost() public {
        _lose(seller);
        ILoans.DrawRequest memory request = _request(_plain, 1_000_00, LoanMath.Style.Bullet, 30, 0);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        facilities.draw(request);
        vm.prank(_other);
        facilities.draw(request);
        assertEq(_stable.balanceOf(_other), 1_000_00, "the account that drew");
    }

    function test_draw_reverts_for_a_removed_account_on_a_claim_of_its_partys() public {
        (, uint256 claimId) = _stableClaim(100_000_00);
        _join(seller, OTHER_KEY);
        vm.prank(seller);
        receivables.assign(claimId, _other, 100_000_00, 0);
        vm.startPrank(_other);
        receivables.setApprovalForAll(address(facilities), true);
        registry.removeAccount(seller);
        vm.stopPrank();
        ILoans.DrawRequest memory request = _request(_onClaims, 1_000_00, LoanMath.Style.Bullet, 30, claimId);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        facilities.draw(request);
        vm.prank(_other);
        LoanId loanId = facilities.draw(request);
        assertEq(facilities.loan(loanId).collateralId, claimId, "collateral of the party's");
    }

    function test_draw_reverts_when_the_entruster_is_not_valid() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.currency = address(_stable);
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 1_000_000_00);
        terms.entruster = entruster;
        FacilityId facilityId = _agree(terms);
        _freeze(entruster);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        _bullet(facilityId, 1_000_00, 30);
    }

    function test_administration_fee_is_of_penalty_too() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.currency = address(_stable);
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 1_000_000_00);
        terms.entruster = entruster;
        terms.administrationFee = 100_000;
        LoanId loanId = _bullet(_agree(terms), 100_000_00, 30);
        _days(60);
        uint256 before = _stable.balanceOf(bank);
        LoanMath.Parts memory parts = _repay(loanId, type(uint64).max);
        assertTrue(parts.penalty >= 100, "there is a penalty");
        assertEq(_stable.balanceOf(bank) - before, (uint256(parts.interest) + parts.penalty) / 10, "a tenth of both");
    }

    // ------------------------------------------------------------------ parts of the above

    function _stableProduct() private returns (ProductId) {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.currency = address(_stable);
        return _add(terms);
    }

    function _productOf(FacilityId facilityId) private view returns (ProductId) {
        return ProductId.wrap(facilities.facility(facilityId).productId);
    }

    function _withDeposit(uint64 amount) private returns (FacilityId facilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_stableProduct(), 72_000, 1_000_000_00);
        terms.deposit = amount;
        facilityId = _agree(terms);
        vm.prank(seller);
        facilities.payDeposit(facilityId, amount);
    }

    function _stableClaim(uint96 face) private returns (ReceivableId receivableId, uint256 claimId) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        terms.currency = address(_stable);
        vm.prank(seller);
        receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        claimId = ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }

    /// The party goes on with another account.
    function _lose(address account) private {
        _join(account, OTHER_KEY);
        vm.prank(_other);
        registry.removeAccount(account);
    }

    function _freeze(address account) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(address(court));
        registry.freeze(partyId, true, ORDER);
    }
}
