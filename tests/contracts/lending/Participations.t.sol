// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoanParticipations} from "../../../contracts/lending/ILoanParticipations.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {LendingFixture} from "./LendingFixture.sol";
import {ParticipationsFixture} from "./ParticipationsFixture.sol";
import {PostingsFixture} from "./PostingsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// A lender sells shares of a loan: who gets what of each kind of money, and each refusal.
contract ParticipationsTest is PostingsFixture, ParticipationsFixture {
    uint64 private constant DRAWN = 400_000_00;
    uint24 private constant THIRD = 333_333;
    ProductId private _product;
    FacilityId private _facility;

    function setUp() public override(LendingFixture, SalesFixture) {
        super.setUp();
        _product = _add(_plainProduct());
        _facility = _agreedFacility(_product, 72_000, 1_000_000_00);
    }

    // ------------------------------------------------------------------ money

    function test_share_and_price_change_hands_in_one_transaction() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        (uint256 lender, uint256 participant) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        assertEq(_share(loanId, otherBank, THIRD, 130_000_00), 0, "place");
        assertEq(cash.balanceOf(bank), lender + 130_000_00, "lender");
        assertEq(cash.balanceOf(otherBank), participant - 130_000_00, "participant");
        ILoanParticipations.SharedLoan memory shared = facilities.participationsOf(loanId);
        assertEq(shared.shared, THIRD, "shared");
        assertEq(shared.participations[0].participant, otherBank, "participant of the record");
        assertEq(_lenderOf(loanId), bank, "the lender stays");
        assertTrue(facilities.isShared(loanId), "told to the reserve");
    }

    function test_each_repayment_is_shared_to_the_cent() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, THIRD, 130_000_00);
        _share(loanId, thirdBank, 100_000, 40_000_00);
        _days(30);
        (uint256 first, uint256 second, uint256 lender) =
            (cash.balanceOf(otherBank), cash.balanceOf(thirdBank), cash.balanceOf(bank));
        _repay(loanId, 100_01);
        assertEq(cash.balanceOf(otherBank) - first, 33_33, "a third of 100.01, rounded down");
        assertEq(cash.balanceOf(thirdBank) - second, 10_00, "a tenth, rounded down");
        assertEq(cash.balanceOf(bank) - lender, 100_01 - 33_33 - 10_00, "the rest");
        // Counted over all that came in: a hundred small payments cost nobody more than a cent.
        for (uint256 i; i < 100; ++i) {
            _repay(loanId, 1);
        }
        assertEq(cash.balanceOf(otherBank) - first, uint256(101_01) * THIRD / 1_000_000, "a third of all");
        assertEq(cash.balanceOf(thirdBank) - second, 10_10, "a tenth of all");
        assertTrue(facilities.participationsOf(loanId).proceeds == 101_01, "proceeds");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
    }

    function test_what_came_in_before_is_not_the_participants() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 500_000, 200_000_00);
        _repay(loanId, 100_000_00);
        uint256 before = cash.balanceOf(thirdBank);
        _share(loanId, thirdBank, 200_000, 60_000_00);
        _repay(loanId, 50_000_00);
        assertEq(cash.balanceOf(thirdBank), before - 60_000_00 + 10_000_00, "a fifth of what came later");
        assertEq(_participation(loanId, 0).paid, 75_000_00, "a half of all");
    }

    function test_costs_that_a_court_orders_are_the_lenders() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 500_000, 200_000_00);
        vm.prank(registry.court());
        facilities.forcedCosts(loanId, 1_000_00, keccak256("order"));
        (uint256 lender, uint256 participant) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        _repay(loanId, 1_500_00);
        assertEq(cash.balanceOf(otherBank) - participant, 250_00, "half of what was left");
        assertEq(cash.balanceOf(bank) - lender, 1_250_00, "costs and the other half");
    }

    function test_last_cent_gives_each_its_share_of_principal_and_interest() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        uint256 before = cash.balanceOf(otherBank);
        _share(loanId, otherBank, 250_000, 100_000_00);
        _days(60);
        _repay(loanId, type(uint64).max);
        // 60 days at 7.2 %: 4,800.00
        assertEq(cash.balanceOf(otherBank), before + 1_200_00, "a quarter of the interest is its gain");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    // ------------------------------------------------------------------ money outside the ledger, and corrections

    function test_payment_outside_the_ledger_is_owed_by_the_lender_and_paid_by_the_next_money() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 400_000, 160_000_00);
        _record(loanId, 10_000_00, _today());
        assertEq(_participation(loanId, 0).due, 4_000_00, "owed");
        uint256 before = cash.balanceOf(otherBank);
        _repayNow(loanId, 5_000_00);
        assertEq(cash.balanceOf(otherBank) - before, 5_000_00, "all of it pays what is owed");
        assertEq(_participation(loanId, 0).due, 1_000_00, "the rest is owed");
        vm.prank(bank);
        facilities.payParticipants(loanId, 1_000_00);
        assertEq(cash.balanceOf(otherBank) - before, 6_000_00, "two fifths of 15,000.00");
        assertEq(facilities.participationsOf(loanId).due, 0, "nothing is owed");
        bytes memory nothing =
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), uint256(1), 1, 0);
        vm.expectRevert(nothing);
        vm.prank(bank);
        facilities.payParticipants(loanId, 1);
    }

    function test_reversal_is_netted_against_what_comes_later() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 400_000, 160_000_00);
        PostingWord posting = _record(loanId, 10_000_00, _today());
        vm.prank(bank);
        facilities.payParticipants(loanId, 4_000_00);
        _reverse(loanId, posting);
        ILoanParticipations.SharedLoan memory shared = facilities.participationsOf(loanId);
        assertTrue(shared.proceeds == 0, "taken back");
        assertEq(shared.due, 0, "nothing is due");
        uint256 before = cash.balanceOf(otherBank);
        _repayNow(loanId, 10_000_00);
        assertEq(cash.balanceOf(otherBank), before, "it has its part already");
        _repayNow(loanId, 10_000_00);
        assertEq(cash.balanceOf(otherBank) - before, 4_000_00, "its part of the next");
    }

    function test_reversal_of_money_from_before_is_no_gain_of_the_participant() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 10_000_00, _today());
        _share(loanId, otherBank, 400_000, 160_000_00);
        _reverse(loanId, posting);
        assertTrue(facilities.participationsOf(loanId).proceeds == -10_000_00, "below zero");
        uint256 before = cash.balanceOf(otherBank);
        _repayNow(loanId, 10_000_00);
        assertEq(cash.balanceOf(otherBank), before, "that was not sold");
        _repayNow(loanId, 10_000_00);
        assertEq(cash.balanceOf(otherBank) - before, 4_000_00, "its part of the next");
    }

    /// It bought its share of what was owed after that payment, and gets it to the cent once all is paid (decision 49).
    function test_reversal_of_money_from_before_is_no_loss_of_the_participant_once_all_is_paid() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 10_000_00, _today());
        uint256 principal = _principalOf(loanId);
        uint256 before = cash.balanceOf(otherBank);
        _share(loanId, otherBank, 400_000, 100_00);
        _reverse(loanId, posting);
        _repay(loanId, type(uint64).max);
        assertEq(cash.balanceOf(otherBank) - before, principal * 4 / 10 - 100_00, "two fifths of what it bought of");
    }

    function test_money_that_is_not_owed_is_not_shared() public {
        LoanId loanId = _bullet(_facility, 1_000_00, 60);
        _share(loanId, otherBank, 500_000, 500_00);
        _record(loanId, 1_200_00, _today());
        int256 proceeds = facilities.participationsOf(loanId).proceeds;
        assertTrue(
            proceeds == int256(1_200_00 - uint256(facilities.postingsOf(loanId).overpaid)), "without what goes back"
        );
        uint64 overpaid = facilities.postingsOf(loanId).overpaid;
        vm.prank(bank);
        facilities.refundOverpayment(loanId, overpaid, "refund");
        assertTrue(facilities.participationsOf(loanId).proceeds == proceeds, "the refund changes nothing");
    }

    function test_payment_that_moves_to_another_loan_moves_its_share() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        LoanId other = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 500_000, 200_000_00);
        _share(other, otherBank, 100_000, 40_000_00);
        PostingWord posting = _record(loanId, 10_000_00, _today());
        _move(loanId, posting, other, _today());
        assertEq(_participation(loanId, 0).due, 0, "not this loan's");
        assertEq(_participation(other, 0).due, 1_000_00, "a tenth");
    }

    // ------------------------------------------------------------------ who cannot be paid

    function test_participant_that_cannot_be_paid_stops_nobody() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 500_000, 200_000_00);
        _endValidity(otherBank);
        uint256 lender = cash.balanceOf(bank);
        _repay(loanId, 10_000_00);
        assertEq(cash.balanceOf(bank) - lender, 5_000_00, "the lender is paid");
        assertEq(facilities.unclaimedOf(otherBank, address(cash)), 5_000_00, "the rest waits");
    }

    // ------------------------------------------------------------------ refusals

    function test_refuses_related_sides() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanParticipations.ParticipationTerms memory terms = _shareTerms(loanId, otherBank, THIRD, 1);
        _sameGroup(otherBank, seller);
        _expectRefused(terms, abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, otherBank, seller));
        _sameGroup(otherBank, bank);
        _expectRefused(terms, abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, bank, otherBank));
    }

    function test_lender_keeps_a_twentieth() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 900_000, 1);
        ILoanParticipations.ParticipationTerms memory terms = _shareTerms(loanId, thirdBank, 50_001, 1);
        _expectRefused(terms, _outOfRange("share", 50_001, 1, 50_000));
        terms.sharedBefore = 0;
        terms.share = 1;
        _expectRefused(terms, _outOfRange("sharedBefore", 0, 900_000, 900_000));
        terms.sharedBefore = 900_000;
        terms.price = 0;
        _expectRefused(terms, _outOfRange("price", 0, 1, 2 ** 60 - 1));
        _share(loanId, thirdBank, 50_000, 1);
    }

    function test_refuses_a_loan_that_changed() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanParticipations.ParticipationTerms memory terms = _shareTerms(loanId, otherBank, THIRD, 1);
        _repay(loanId, 1_00);
        uint160 head = facilities.postingsOf(loanId).head;
        _expectRefused(
            terms, abi.encodeWithSelector(ILoanSales.LoanChanged.selector, loanId, _principalOf(loanId), head)
        );
    }

    function test_refuses_a_ninth_participation() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        for (uint256 i; i < 8; ++i) {
            _share(loanId, otherBank, 10_000, 1);
        }
        _expectRefused(
            _shareTerms(loanId, thirdBank, 10_000, 1),
            abi.encodeWithSelector(ILoanParticipations.LoanNotShareable.selector, loanId, bytes32("full"))
        );
    }

    function test_terms_count_once_and_only_with_both_signatures() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        ILoanParticipations.ParticipationTerms memory terms = _shareTerms(loanId, otherBank, 10_000, 1);
        bytes32 digest = facilities.participationDigest(terms);
        (bytes memory first, bytes memory second) = _sidesSign(terms);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ILoanParticipations.NotOfParticipation.selector, loanId, seller));
        facilities.sellParticipation(terms, first, second);
        vm.startPrank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, bank, digest));
        facilities.sellParticipation(terms, second, second);
        facilities.sellParticipation(terms, first, second);
        terms.sharedBefore = 10_000;
        vm.expectPartialRevert(ILoanSales.LoanChanged.selector);
        facilities.sellParticipation(terms, first, second);
        vm.stopPrank();
    }

    function test_loan_with_participants_is_neither_sold_nor_bought_back() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, THIRD, 1);
        bytes memory refusal =
            abi.encodeWithSelector(ILoanSales.LoanNotSaleable.selector, loanId, bytes32("participations"));
        _expectRefusal(_saleTerms(loanId, thirdBank, 1), refusal);
        LoanId second = _bullet(_facility, DRAWN, 60);
        _sellOn(_withBuyBack(_saleTerms(second, thirdBank, 1), 1, 1_000_000, _today() + 10));
        _expectRefused(
            _shareTerms(second, otherBank, THIRD, 1),
            abi.encodeWithSelector(ILoanParticipations.LoanNotShareable.selector, second, bytes32("buy-back"))
        );
    }

    function test_only_the_lender_pays_participants() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 500_000, 1);
        _record(loanId, 1_000_00, _today());
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, _facility, bank, thirdBank));
        vm.prank(thirdBank);
        facilities.payParticipants(loanId, 1);
    }

    function test_only_the_reserve_tells_of_money_for_a_loss() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 500_000, 1);
        vm.expectRevert(abi.encodeWithSelector(ILoanParticipations.NotReserve.selector, bank));
        vm.prank(bank);
        facilities.onLossPaid(loanId, 1);
    }

    function test_lender_gives_nothing_away_to_its_own_group() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _share(loanId, otherBank, 500_000, 1);
        _days(30);
        _sameGroup(bank, seller);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, bank, seller));
        vm.prank(bank);
        facilities.waive(loanId, 0, 1_00);
    }

    function _sameGroup(address first, address second) private {
        PartyId[2] memory partyIds = [registry.partyOf(first), registry.partyOf(second)];
        for (uint256 i; i < 2; ++i) {
            vm.prank(REGISTRAR);
            registry.setGroup(partyIds[i], 9);
        }
    }

    function _outOfRange(bytes32 term, uint256 value, uint256 min, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, min, max);
    }
}
