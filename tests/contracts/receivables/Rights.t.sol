// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {IClaimCollector} from "../../../contracts/receivables/IClaimCollector.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Unclaimed} from "../../../contracts/cash/Unclaimed.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";
import {Stablecoin} from "../support/Stablecoin.sol";

/// A currency with as many digits as the test set.
contract Digits is ERC20("Digits", "DIG") {
    uint8 private immutable _digits;

    constructor(uint8 digits) {
        _digits = digits;
    }

    function decimals() public view override returns (uint8) {
        return _digits;
    }
}

/// A lienholder that is called after collections, and refuses.
contract RefusingCollector is IClaimCollector {
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == type(IClaimCollector).interfaceId;
    }

    function onCollected(ClaimId, address, uint256) external pure {
        revert("no");
    }
}

/// Money of receivables in a currency that blacklists, pauses or takes fees; unclaimed money; signatures that end.
contract ReceivableRightsTest is Fixture {
    uint256 private constant OTHER_KEY = 777;
    Stablecoin private _stable;
    ReceivableId private _receivable;
    uint256 private _claim;

    function setUp() public override {
        super.setUp();
        _stable = new Stablecoin();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(_stable), true);
        _stable.mint(debtor, 1e15);
        _stable.mint(seller, 1e15);
        vm.prank(debtor);
        _stable.approve(address(receivables), type(uint256).max);
        vm.prank(seller);
        _stable.approve(address(receivables), type(uint256).max);
        (_receivable, _claim) = _stableClaim();
    }

    // ------------------------------------------------------------------ money out

    function test_collect_leaves_the_money_of_a_blacklisted_holder_unclaimed() public {
        vm.prank(seller);
        receivables.assign(_claim, bank, 1_000_00, 0);
        _pay(_receivable, 1_000_00);
        _stable.blacklist(bank, true);
        receivables.collect(ClaimId.wrap(_claim));
        assertEq(receivables.unclaimedOf(bank, address(_stable)), 1_000_00, "unclaimed");
        address other = vm.addr(OTHER_KEY);
        bytes memory consent = _consented(OTHER_KEY, registry.partyOf(bank));
        vm.prank(bank);
        registry.addAccount(other, consent);
        vm.prank(seller);
        vm.expectPartialRevert(Unclaimed.NotOfParty.selector);
        receivables.withdrawUnclaimed(other, address(_stable));
        vm.prank(other);
        receivables.withdrawUnclaimed(other, address(_stable));
        assertEq(_stable.balanceOf(other), 1_000_00, "to another account of the party");
        vm.prank(other);
        vm.expectPartialRevert(Unclaimed.NothingUnclaimed.selector);
        receivables.withdrawUnclaimed(other, address(_stable));
    }

    function test_collect_pays_a_lienholder_that_refuses_the_call() public {
        RefusingCollector lender = new RefusingCollector();
        _party(address(lender), 4);
        vm.prank(seller);
        receivables.approve(address(lender), _claim);
        vm.prank(address(lender));
        receivables.encumber(_claim, address(lender));
        _pay(_receivable, 1_000_00);
        receivables.collect(ClaimId.wrap(_claim));
        assertEq(_stable.balanceOf(address(lender)), 1_000_00, "paid");
    }

    function test_collect_many_skips_what_cannot_be_collected() public {
        vm.prank(seller);
        uint256 part = receivables.assign(_claim, bank, 400_00, 0);
        _pay(_receivable, 1_000_00);
        receivables.collect(ClaimId.wrap(part));
        ClaimId[] memory ids = new ClaimId[](3);
        (ids[0], ids[1], ids[2]) = (ClaimId.wrap(part), ClaimId.wrap(99), ClaimId.wrap(_claim));
        uint256 before = _stable.balanceOf(seller);
        receivables.collectMany(ids);
        assertEq(_stable.balanceOf(seller) - before, 600_00, "the one that is there");
    }

    function test_forced_withdraw_by_the_court_reaches_unclaimed_money() public {
        vm.prank(seller);
        receivables.assign(_claim, bank, 1_000_00, 0);
        _pay(_receivable, 1_000_00);
        _stable.blacklist(bank, true);
        receivables.collect(ClaimId.wrap(_claim));
        vm.expectPartialRevert(IPartyRegistry.NotCourt.selector);
        receivables.forcedWithdraw(bank, address(_stable), suppliers[0], 1, "order");
        vm.startPrank(address(court));
        vm.expectPartialRevert(IReceivables.AmountOutOfRange.selector);
        receivables.forcedWithdraw(bank, address(_stable), suppliers[0], 1_000_01, "order");
        receivables.forcedWithdraw(bank, address(_stable), suppliers[0], 300_00, "order");
        vm.stopPrank();
        assertEq(_stable.balanceOf(suppliers[0]), 300_00, "moved");
        assertEq(receivables.unclaimedOf(bank, address(_stable)), 700_00, "the rest waits");
    }

    // ------------------------------------------------------------------ money in

    function test_pay_reverts_when_the_currency_takes_a_fee() public {
        _stable.setFee(10);
        vm.prank(debtor);
        vm.expectPartialRevert(Unclaimed.TransferTookFee.selector);
        receivables.pay(_receivable, 100_00);
        _late();
        vm.prank(debtor);
        vm.expectPartialRevert(Unclaimed.TransferTookFee.selector);
        receivables.pay(_receivable, 100_00);
    }

    function test_pay_shows_the_currencys_error_when_other_transfers_work() public {
        _stable.blacklist(debtor, true);
        vm.prank(debtor);
        vm.expectPartialRevert(Stablecoin.Blacklisted.selector);
        receivables.pay(_receivable, 100_00);
    }

    function test_stop_over_the_due_day_makes_nobody_late() public {
        _toDay(uint256(DUE_DAY) - 1);
        _stable.pause(true);
        assertEq(_pay(_receivable, 1_000_00), 0, "takes nothing");
        _toDay(uint256(DUE_DAY) + 30);
        (, uint96 late) = receivables.due(_receivable);
        assertEq(late, 0, "while it stands");
        assertTrue(!receivables.isOverdue(_receivable), "not overdue");
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.TooEarly.selector);
        receivables.declareDefault(_receivable, ClaimId.wrap(_claim));
        _stable.pause(false);
        assertTrue(receivables.checkCurrency(address(_stable)), "moves");
        (, late) = receivables.due(_receivable);
        assertEq(late, 0, "nor afterwards");
        // Two days were left, and the days of grace.
        _toDay(uint256(DUE_DAY) + 31);
        assertTrue(!receivables.isOverdue(_receivable), "the due day as it counts");
        _toDay(uint256(DUE_DAY) + 32);
        assertTrue(receivables.isOverdue(_receivable), "a day late");
        assertEq(_pay(_receivable, type(uint96).max), 1_000_00, "in grace: no charge");
    }

    function test_a_stop_before_the_due_day_gives_no_more_time() public {
        _toDay(uint256(DUE_DAY) - 20);
        _stable.pause(true);
        assertTrue(!receivables.checkCurrency(address(_stable)), "stands");
        _toDay(uint256(DUE_DAY) - 10);
        _stable.pause(false);
        receivables.checkCurrency(address(_stable));
        _toDay(uint256(DUE_DAY) + 10);
        (, uint96 late) = receivables.due(_receivable);
        assertEq(late, 5_00, "1,000.00 at 18 per cent over ten days");
    }

    function test_a_late_payment_ends_a_stop_that_is_over() public {
        _toDay(uint256(DUE_DAY) + 2);
        _stable.pause(true);
        assertEq(_pay(_receivable, 1_000_00), 0, "noted");
        _toDay(uint256(DUE_DAY) + 20);
        assertEq(_pay(_receivable, 1_000_00), 0, "stands still");
        _stable.pause(false);
        assertEq(_pay(_receivable, type(uint96).max), 1_000_00, "two days count: in grace");
        assertTrue(_statusOf(_receivable) == IReceivables.Status.Settled, "settled");
    }

    function test_allow_currency_refuses_what_does_not_fit() public {
        address wide = address(new Digits(9));
        address fit = address(new Digits(8));
        address none = address(this);
        vm.startPrank(OPERATOR);
        vm.expectPartialRevert(IReceivables.CurrencyDecimalsOutOfRange.selector);
        receivables.allowCurrency(wide, true);
        vm.expectPartialRevert(IReceivables.CurrencyWithoutDecimals.selector);
        receivables.allowCurrency(none, true);
        vm.expectPartialRevert(IReceivables.CurrencyWithoutDecimals.selector);
        receivables.allowCurrency(address(0xE0A), true);
        receivables.allowCurrency(fit, true);
        receivables.allowCurrency(fit, false);
        vm.stopPrank();
        _stable.pause(true);
        vm.startPrank(OPERATOR);
        vm.expectPartialRevert(IReceivables.CurrencyStands.selector);
        receivables.allowCurrency(address(_stable), true);
        receivables.allowCurrency(address(_stable), false);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ credit notes and late charge

    function test_a_credit_note_leaves_the_late_charge_that_holders_earned() public {
        vm.prank(seller);
        receivables.assign(_claim, bank, 1_000_00, 0);
        _toDay(uint256(DUE_DAY) + 360);
        _credit(0, 1_000_00);
        assertTrue(_statusOf(_receivable) == IReceivables.Status.Confirmed, "not settled");
        (uint96 principal, uint96 late) = receivables.due(_receivable);
        assertEq(principal, 0, "no principal");
        assertEq(late, 180_00, "a year at 18 per cent");
        receivables.collect(ClaimId.wrap(_claim));
        _toDay(uint256(DUE_DAY) + 720);
        (, late) = receivables.due(_receivable);
        assertEq(late, 180_00, "nothing runs on");
        vm.prank(bank);
        receivables.declareDefault(_receivable, ClaimId.wrap(_claim));
        assertEq(_pay(_receivable, type(uint96).max), 180_00, "paid");
        receivables.collect(ClaimId.wrap(_claim));
        assertEq(_stable.balanceOf(bank), 1_180_00, "all of it");
        assertEq(_stable.balanceOf(address(receivables)), 0, "nothing stays");
        assertTrue(_statusOf(_receivable) == IReceivables.Status.Settled, "settled");
    }

    function test_the_burned_claims_share_of_the_late_charge_falls_away() public {
        vm.prank(seller);
        receivables.assign(_claim, bank, 250_00, 0);
        _toDay(uint256(DUE_DAY) + 360);
        _credit(_claim, 1_000_00);
        (uint96 principal, uint96 late) = receivables.due(_receivable);
        assertEq(principal, 0, "250.00 paid in by the seller");
        assertEq(late, 45_00, "the bank's quarter");
        _pay(_receivable, type(uint96).max);
        receivables.collect(ClaimId.wrap(_claim + 1));
        assertEq(_stable.balanceOf(bank), 295_00, "its value and its charge");
        assertEq(_stable.balanceOf(address(receivables)), 0, "nothing stays");
    }

    function test_a_credit_note_over_all_settles_where_nobody_earned_a_charge() public {
        _toDay(uint256(DUE_DAY) + 360);
        _credit(_claim, 1_000_00);
        assertTrue(_statusOf(_receivable) == IReceivables.Status.Settled, "settled");
    }

    function test_leftover_cents_are_unclaimed_when_the_seller_is_not_valid() public {
        vm.startPrank(seller);
        receivables.assign(_claim, bank, 333_33, 0);
        receivables.assign(_claim, suppliers[0], 333_33, 0);
        vm.stopPrank();
        _late();
        _pay(_receivable, 2_00);
        _pay(_receivable, type(uint96).max);
        receivables.collect(ClaimId.wrap(_claim + 1));
        receivables.collect(ClaimId.wrap(_claim + 2));
        _endValidity(seller);
        receivables.collect(ClaimId.wrap(_claim));
        assertEq(
            _stable.balanceOf(address(receivables)),
            receivables.unclaimedOf(seller, address(_stable)),
            "all is unclaimed"
        );
    }

    function test_settling_cent_by_cent_loses_no_cents() public {
        vm.prank(seller);
        uint256 part = receivables.assign(_claim, bank, 500_00, 0);
        _toDay(uint256(DUE_DAY) + 360);
        for (uint256 i; i < 100; ++i) {
            _pay(_receivable, 1);
            vm.prank(seller);
            receivables.transferFrom(_claim, part, uint256(1));
        }
        _pay(_receivable, type(uint96).max);
        (, uint96 first) = receivables.collectable(ClaimId.wrap(_claim));
        (, uint96 second) = receivables.collectable(ClaimId.wrap(part));
        assertTrue(180_00 - first - second < 2, "less than a cent a claim");
    }

    // ------------------------------------------------------------------ fingerprints and signatures

    function test_fingerprint_stays_used_for_its_seller_and_free_for_others() public {
        IReceivables.ReceivableTerms memory terms = _terms(1_000_00);
        terms.seller = suppliers[0];
        vm.startPrank(suppliers[0]);
        receivables.withdraw(receivables.request(terms));
        vm.expectPartialRevert(IReceivables.FingerprintUsed.selector);
        receivables.request(terms);
        vm.stopPrank();
        terms.seller = seller;
        vm.prank(seller);
        ReceivableId id = receivables.request(terms);
        ReceivableId receivableId = receivables.receivableWithFingerprint(seller, terms.fingerprint);
        assertEq(ReceivableId.unwrap(receivableId), ReceivableId.unwrap(id), "its own");
    }

    function test_a_confirmation_that_was_cancelled_is_refused() public {
        ReceivableId id = _request(1_000_00);
        bytes32 digest = receivables.confirmationDigest(id);
        vm.prank(debtor);
        receivables.cancelSignature(digest);
        vm.expectPartialRevert(SignedTerms.SignatureCancelled.selector);
        receivables.confirm(id, _signed(DEBTOR_KEY, digest));
    }

    function test_a_credit_note_ends_with_its_deadline_and_by_either_signer() public {
        IReceivables.CreditNote memory note = IReceivables.CreditNote(
            _receivable, ClaimId.wrap(_claim), 1_00, "note", 0, uint40(block.timestamp + 1 days)
        );
        bytes32 digest = _creditNoteDigest(note);
        bytes memory bySeller = _signed(SELLER_KEY, digest);
        bytes memory byDebtor = _signed(DEBTOR_KEY, digest);
        vm.warp(block.timestamp + 1 days);
        vm.expectPartialRevert(SignedTerms.SignatureExpired.selector);
        receivables.applyCreditNote(note, bySeller, byDebtor);
        note.deadline += 1 days;
        digest = _creditNoteDigest(note);
        (bySeller, byDebtor) = (_signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
        vm.prank(seller);
        receivables.cancelSignature(digest);
        vm.expectPartialRevert(SignedTerms.SignatureCancelled.selector);
        receivables.applyCreditNote(note, bySeller, byDebtor);
        note.amount = 2_00;
        digest = _creditNoteDigest(note);
        (bySeller, byDebtor) = (_signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
        vm.prank(debtor);
        receivables.cancelSignature(digest);
        vm.expectPartialRevert(SignedTerms.SignatureCancelled.selector);
        receivables.applyCreditNote(note, bySeller, byDebtor);
    }

    // ------------------------------------------------------------------ parts of the above

    function _stableClaim() private returns (ReceivableId receivableId, uint256 claimId) {
        IReceivables.ReceivableTerms memory terms = _terms(1_000_00);
        terms.currency = address(_stable);
        vm.prank(seller);
        receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        claimId = ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }

    function _credit(uint256 claimId, uint96 amount) private {
        IReceivables.CreditNote memory note =
            IReceivables.CreditNote(_receivable, ClaimId.wrap(claimId), amount, "note", 0, type(uint40).max);
        bytes32 digest = _creditNoteDigest(note);
        receivables.applyCreditNote(note, _signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
    }
}
