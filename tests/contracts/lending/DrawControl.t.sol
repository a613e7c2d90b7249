// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICreditRegistry} from "../../../contracts/registry/ICreditRegistry.sol";
import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// Suspended draws, announced draws, and events that end the commitment.
contract DrawControlTest is LendingFixture {
    uint64 private constant FREE = 1_000;
    uint16 private constant HOURS = 24;
    uint8 private constant ON_OVERDUE = 1;
    uint8 private constant ON_DEFAULT = 2;
    uint8 private constant ON_TIER = 4;
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        _facility = _agree(_cooling());
    }

    // ------------------------------------------------------------------ suspension

    function test_the_lender_suspends_draws_at_once_and_resumes_them() public {
        LoanId loanId = _bullet(_facility, 100, 30);
        vm.expectEmit(address(facilities));
        emit IDrawControl.DrawsSuspended(_facility, bank, 1);
        vm.prank(bank);
        facilities.suspendDraws(_facility);
        _expectSuspended(1);
        _bullet(_facility, 1, 30);
        assertEq(facilities.facility(_facility).suspendedBy, 1, "by the lender");
        _repay(loanId, 50);
        vm.prank(bank);
        facilities.resumeDraws(_facility);
        _bullet(_facility, 1, 30);
    }

    function test_only_the_lenders_side_suspends_and_resumes() public {
        address[4] memory others = [seller, otherBank, OPERATOR, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            _expectNotLender(others[i]);
            vm.prank(others[i]);
            facilities.suspendDraws(_facility);
        }
        vm.prank(bank);
        facilities.suspendDraws(_facility);
        for (uint256 i; i < others.length; ++i) {
            _expectNotLender(others[i]);
            vm.prank(others[i]);
            facilities.resumeDraws(_facility);
        }
    }

    function test_a_suspension_changes_once() public {
        vm.startPrank(bank);
        _expectUnchanged(0);
        facilities.resumeDraws(_facility);
        facilities.suspendDraws(_facility);
        _expectUnchanged(1);
        facilities.suspendDraws(_facility);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityUnknown.selector, 99));
        facilities.suspendDraws(FacilityId.wrap(99));
    }

    function test_each_side_resumes_only_its_own_suspension() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 10_000);
        terms.entruster = entruster;
        _facility = _agree(terms);
        vm.prank(entruster);
        facilities.suspendDraws(_facility);
        _expectUnchanged(2);
        vm.prank(bank);
        facilities.resumeDraws(_facility);
        vm.prank(bank);
        facilities.suspendDraws(_facility);
        vm.prank(entruster);
        facilities.resumeDraws(_facility);
        _expectSuspended(1);
        _bullet(_facility, 1, 30);
        vm.prank(bank);
        facilities.resumeDraws(_facility);
        _bullet(_facility, 1, 30);
    }

    // ------------------------------------------------------------------ announced draws

    function test_a_large_draw_waits_for_the_agreed_hours() public {
        _expectNotAnnounced(FREE + 1);
        _bullet(_facility, FREE + 1, 30);
        uint40 from = uint40(block.timestamp + 24 hours);
        vm.expectEmit(address(facilities));
        emit IDrawControl.DrawAnnounced(_facility, 5_000, from, from + 7 days);
        _announce(5_000);
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.DrawWaits.selector, _facility, from, from - 1));
        _bullet(_facility, 5_000, 30);
        vm.warp(from);
        vm.expectEmit(address(facilities));
        emit IDrawControl.AnnouncedDrawUsed(_facility, 5_000);
        _bullet(_facility, 5_000, 30);
        assertEq(facilities.announcedDraw(_facility).amount, 0, "used up");
        _expectNotAnnounced(5_000);
        _bullet(_facility, 5_000, 30);
    }

    function test_many_small_draws_are_no_way_around_the_announcement() public {
        _bullet(_facility, 600, 30);
        _expectNotAnnounced(1_001);
        _bullet(_facility, 401, 30);
        _bullet(_facility, 400, 30);
        _expectNotAnnounced(1_001);
        _bullet(_facility, 1, 30);
        vm.warp(block.timestamp + 24 hours);
        _bullet(_facility, FREE, 30);
    }

    function test_the_agreed_amount_does_not_pass_twice_around_the_end_of_the_hours() public {
        _bullet(_facility, 1, 30);
        vm.warp(block.timestamp + 24 hours - 1);
        _bullet(_facility, FREE - 1, 30);
        vm.warp(block.timestamp + 1);
        _expectNotAnnounced(2 * FREE);
        _bullet(_facility, FREE, 30);
        vm.warp(block.timestamp + 24 hours - 2);
        _expectNotAnnounced(FREE + 1);
        _bullet(_facility, 1, 30);
        vm.warp(block.timestamp + 1);
        _bullet(_facility, FREE, 30);
    }

    function test_an_announced_draw_is_no_larger_than_announced() public {
        _announce(5_000);
        vm.warp(block.timestamp + 24 hours);
        _expectNotAnnounced(5_001);
        _bullet(_facility, 5_001, 30);
        _bullet(_facility, 4_000, 30);
    }

    function test_a_small_draw_does_not_use_the_announcement_up() public {
        _announce(5_000);
        vm.warp(block.timestamp + 24 hours);
        _bullet(_facility, FREE, 30);
        _bullet(_facility, 5_000, 30);
    }

    function test_an_announcement_lapses_after_seven_days() public {
        _announce(5_000);
        vm.warp(block.timestamp + 24 hours + 7 days);
        _expectNotAnnounced(5_000);
        _bullet(_facility, 5_000, 30);
        _announce(6_000);
    }

    function test_one_draw_is_announced_at_a_time() public {
        _announce(5_000);
        uint40 until = facilities.announcedDraw(_facility).drawableUntil;
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.DrawAlreadyAnnounced.selector, _facility, 5_000, until));
        _announce(6_000);
        vm.prank(seller);
        facilities.stopDraw(_facility);
        _announce(6_000);
    }

    function test_lender_and_borrower_stop_an_announced_draw() public {
        address[2] memory sides = [bank, seller];
        for (uint256 i; i < sides.length; ++i) {
            _announce(5_000);
            vm.expectEmit(address(facilities));
            emit IDrawControl.DrawStopped(_facility, sides[i], 5_000);
            vm.prank(sides[i]);
            facilities.stopDraw(_facility);
            vm.warp(block.timestamp + 24 hours);
            _expectNotAnnounced(5_000);
            _bullet(_facility, 5_000, 30);
        }
        _announce(5_000);
        address[3] memory others = [otherBank, OPERATOR, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            _expectNotLender(others[i]);
            vm.prank(others[i]);
            facilities.stopDraw(_facility);
        }
    }

    function test_a_draw_is_not_stopped_after_it_was_drawn() public {
        _announce(5_000);
        vm.warp(block.timestamp + 24 hours);
        _bullet(_facility, 5_000, 30);
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.NothingAnnounced.selector, _facility));
        facilities.stopDraw(_facility);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.NothingAnnounced.selector, _facility));
        facilities.allowDraw(_facility, 5_000);
    }

    function test_the_lenders_second_signature_lets_a_draw_at_once() public {
        _announce(5_000);
        _expectNotLender(seller);
        vm.prank(seller);
        facilities.allowDraw(_facility, 5_000);
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.NothingAnnounced.selector, _facility));
        facilities.allowDraw(_facility, 4_999);
        facilities.allowDraw(_facility, 5_000);
        vm.stopPrank();
        _bullet(_facility, 5_000, 30);
    }

    function test_only_the_borrower_announces() public {
        address[3] memory others = [bank, otherBank, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotBorrower.selector, _facility, seller, others[i]));
            vm.prank(others[i]);
            facilities.announceDraw(_facility, 5_000);
        }
        uint64[3] memory amounts = [0, 2 ** 60, type(uint64).max];
        for (uint256 i; i < amounts.length; ++i) {
            _expectTerm("amount", amounts[i], 1, 2 ** 60 - 1);
            _announce(amounts[i]);
        }
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        _expectTerm("coolingOffHours", 0, 1, 720);
        _announce(5_000);
        vm.prank(seller);
        facilities.close(_facility);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityIsClosed.selector, _facility));
        _announce(5_000);
    }

    function test_a_suspension_stops_an_announced_draw_too() public {
        _announce(5_000);
        vm.prank(bank);
        facilities.suspendDraws(_facility);
        vm.warp(block.timestamp + 24 hours);
        _expectSuspended(1);
        _bullet(_facility, 5_000, 30);
    }

    function test_terms_out_of_range_are_refused() public {
        IFacilities.FacilityTerms memory terms = _cooling();
        terms.coolingOffHours = 721;
        _expectTerm("coolingOffHours", 721, 0, 720);
        this.agree(terms);
        terms.coolingOffHours = 0;
        _expectTerm("coolingOffAmount", FREE, 0, 0);
        this.agree(terms);
        terms = _cooling();
        terms.coolingOffAmount = 2 ** 60;
        _expectTerm("coolingOffAmount", 2 ** 60, 0, 2 ** 60 - 1);
        this.agree(terms);
        terms = _cooling();
        terms.endEvents = 8;
        _expectTerm("endEvents", 8, 0, 7);
        this.agree(terms);
        terms.endEvents = ON_TIER;
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.TierMissing.selector, registry.partyOf(seller)));
        this.agree(terms);
    }

    // ------------------------------------------------------------------ events that end the commitment

    function test_an_overdue_loan_elsewhere_ends_the_commitment() public {
        FacilityId other = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        FacilityId committed = _ending(ON_OVERDUE);
        LoanId loanId = _bullet(other, 100, 30);
        _days(40);
        _bullet(committed, 1, 30);
        facilities.markOverdue(loanId);
        _expectEnded(committed, ON_OVERDUE);
        _bullet(committed, 1, 30);
        uint40 at = uint40(block.timestamp);
        _repay(loanId, type(uint64).max);
        _days(1);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.CommitmentEnded.selector, committed, ON_OVERDUE, at));
        _bullet(committed, 1, 30);
        // A facility without the event, and one that was agreed later, lend on.
        _bullet(_ending(ON_DEFAULT), 1, 30);
        _bullet(_ending(ON_OVERDUE), 1, 30);
    }

    function test_a_default_elsewhere_ends_the_commitment() public {
        FacilityId other = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        FacilityId committed = _ending(ON_DEFAULT);
        FacilityId free = _ending(0);
        LoanId loanId = _bullet(other, 100, 30);
        _days(40);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _expectEnded(committed, ON_DEFAULT);
        _bullet(committed, 1, 30);
        _repay(loanId, type(uint64).max);
        _expectEnded(committed, ON_DEFAULT);
        _bullet(committed, 1, 30);
        _bullet(free, 1, 30);
    }

    function test_the_lender_renews_a_commitment_that_an_overdue_loan_ended() public {
        FacilityId other = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        FacilityId committed = _ending(ON_OVERDUE);
        LoanId loanId = _bullet(other, 100, 30);
        _days(40);
        facilities.markOverdue(loanId);
        _expectEnded(committed, ON_OVERDUE);
        _bullet(committed, 1, 30);
        _facility = committed;
        vm.startPrank(bank);
        _expectUnchanged(0);
        facilities.resumeDraws(committed);
        vm.warp(block.timestamp + 1);
        vm.expectEmit(address(facilities));
        emit IDrawControl.CommitmentRenewed(committed, bank);
        facilities.resumeDraws(committed);
        _expectUnchanged(0);
        facilities.resumeDraws(committed);
        vm.stopPrank();
        LoanId second = _bullet(committed, 1, 30);
        _repay(loanId, type(uint64).max);
        // The next one ends it again.
        _repay(second, type(uint64).max);
        loanId = _bullet(other, 100, 30);
        _days(40);
        facilities.markOverdue(loanId);
        _expectEnded(committed, ON_OVERDUE);
        _bullet(committed, 1, 30);
    }

    function test_a_commitment_is_not_renewed_while_a_loan_is_in_default() public {
        FacilityId other = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        _facility = _ending(ON_DEFAULT);
        LoanId loanId = _bullet(other, 100, 30);
        _days(40);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        vm.warp(block.timestamp + 1);
        PartyId borrower = registry.partyOf(seller);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.BorrowerInDefault.selector, borrower, 1));
        vm.prank(bank);
        facilities.resumeDraws(_facility);
        _repay(loanId, type(uint64).max);
        _expectNotLender(seller);
        vm.prank(seller);
        facilities.resumeDraws(_facility);
        vm.prank(bank);
        facilities.resumeDraws(_facility);
        _bullet(_facility, 1, 30);
    }

    function test_only_whose_money_is_lent_renews_the_commitment() public {
        FacilityId other = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 10_000);
        (terms.entruster, terms.endEvents) = (entruster, ON_OVERDUE);
        FacilityId committed = _agree(terms);
        LoanId loanId = _bullet(other, 100, 30);
        _days(40);
        facilities.markOverdue(loanId);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, committed, entruster, bank));
        vm.prank(bank);
        facilities.resumeDraws(committed);
        vm.prank(entruster);
        facilities.resumeDraws(committed);
        _bullet(committed, 1, 30);
    }

    function test_a_worse_or_stale_tier_ends_the_commitment_while_it_lasts() public {
        _rate(seller, 3, 10_000);
        FacilityId committed = _ending(ON_TIER);
        _bullet(committed, 1, 30);
        _days(1);
        _rate(seller, 4, 10_000);
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.TierTooLow.selector, registry.partyOf(seller), 4, 3));
        _bullet(committed, 1, 30);
        _days(1);
        _rate(seller, 2, 10_000);
        _bullet(committed, 1, 30);
        PartyId borrower = registry.partyOf(seller);
        vm.prank(vm.addr(TIER_RATER_KEY));
        credit.revoke(borrower, "");
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.TierMissing.selector, borrower));
        _bullet(committed, 1, 30);
    }

    // ------------------------------------------------------------------ helpers

    function agree(IFacilities.FacilityTerms memory terms) external {
        _agree(terms);
    }

    function _cooling() private returns (IFacilities.FacilityTerms memory terms) {
        terms = _facilityTerms(_add(_plainProduct()), 72_000, 1_000_000);
        (terms.coolingOffAmount, terms.coolingOffHours) = (FREE, HOURS);
    }

    function _ending(uint8 endEvents) private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, 10_000);
        terms.endEvents = endEvents;
        return _agree(terms);
    }

    function _announce(uint64 amount) private {
        vm.prank(seller);
        facilities.announceDraw(_facility, amount);
    }

    function _expectSuspended(uint8 suspendedBy) private {
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.FacilitySuspended.selector, _facility, suspendedBy));
    }

    function _expectUnchanged(uint8 suspendedBy) private {
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.SuspensionUnchanged.selector, _facility, suspendedBy));
    }

    function _expectNotLender(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, _facility, bank, caller));
    }

    function _expectNotAnnounced(uint256 unannounced) private {
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.DrawNotAnnounced.selector, _facility, unannounced, FREE));
    }

    function _expectEnded(FacilityId facilityId, uint8 endEvent) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDrawControl.CommitmentEnded.selector, facilityId, endEvent, uint40(block.timestamp))
        );
    }

    function _expectTerm(bytes32 term, uint256 value, uint256 min, uint256 max) private {
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, min, max));
    }
}
