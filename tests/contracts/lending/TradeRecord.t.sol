// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {IDrawEvidence} from "../../../contracts/lending/IDrawEvidence.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {ITradeRecord} from "../../../contracts/lending/ITradeRecord.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {FacilityId, PartyId} from "../../../contracts/types/Ids.sol";
import {EvidenceFixture} from "./EvidenceFixture.sol";

/// Limits that move with proved trade: accepted customs declarations, and a platform's reports.
contract TradeRecordTest is EvidenceFixture {
    FacilityId private _declared;
    FacilityId private _reported;
    uint24 private _month;

    function setUp() public override {
        super.setUp();
        // The 15th of June 2027.
        vm.warp(Calendar.dayOf(2027, 6, 15) * DAY);
        _month = 2027 * 12 + 5;
        _declared = _agreedFacility(_proved(_bounded(IProducts.TradeBasis.Declarations, 800_000, 3)), 72_000, 100_000);
        IProducts.EvidenceTerms memory evidence = _bounded(IProducts.TradeBasis.Reports, 2_000_000, 3);
        evidence.mean = true;
        _reported = _agreedFacility(_proved(evidence), 72_000, 100_000);
        vm.prank(bank);
        facilities.nameAttester(_reported, platform);
    }

    function test_attester_that_came_under_the_borrowers_control_accepts_nothing_more() public {
        vm.prank(bank);
        facilities.nameAttester(_declared, platform);
        IDrawEvidence.DrawDocument memory document = _declaration("d1", 10_000, _today());
        _submitBy(seller, _declared, document);
        (PartyId first, PartyId second) = (registry.partyOf(platform), registry.partyOf(seller));
        vm.startPrank(REGISTRAR);
        registry.setGroup(first, 9);
        registry.setGroup(second, 9);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, platform, seller));
        vm.prank(platform);
        facilities.acceptDocument(_declared, document);
        _acceptBy(bank, _declared, "d1");
    }

    // ------------------------------------------------------------------ customs declarations

    function test_what_is_owed_is_at_most_the_share_of_accepted_declarations() public {
        _expectTradeLimit(1, 0);
        _bullet(_declared, 1, 30);
        _submitBy(seller, _declared, _declaration("d1", 10_000, _today()));
        _expectTradeLimit(1, 0);
        _bullet(_declared, 1, 30);
        _acceptBy(bank, _declared, "d1");
        ITradeRecord.TradeLimit memory limit = facilities.tradeLimit(_declared);
        assertEq(limit.traded, 10_000, "traded");
        assertEq(limit.limit, 8_000, "limit");
        assertEq(limit.firstMonth, _month - 2, "first month");
        assertEq(limit.lastMonth, _month, "last month");
        _bullet(_declared, 8_000, 30);
        _expectTradeLimit(8_001, 8_000);
        _bullet(_declared, 1, 30);
    }

    function test_declarations_leave_the_window_with_their_month() public {
        _proveDeclaration("d1", 10_000, uint24(Calendar.dayOf(2027, 4, 1)));
        _proveDeclaration("d2", 1_000, uint24(Calendar.dayOf(2027, 3, 31)));
        _proveDeclaration("d3", 100, _today());
        assertEq(facilities.tradeLimit(_declared).traded, 10_100, "April to June");
        vm.warp(Calendar.dayOf(2027, 7, 1) * DAY);
        assertEq(facilities.tradeLimit(_declared).traded, 100, "May to July");
        vm.warp(Calendar.dayOf(2027, 9, 1) * DAY);
        assertEq(facilities.tradeLimit(_declared).limit, 0, "July to September");
    }

    function test_a_declaration_counts_once_for_one_lender() public {
        _proveDeclaration("d1", 10_000, _today());
        IFacilities.FacilityTerms memory terms =
            _facilityTerms(_proved(_bounded(IProducts.TradeBasis.Declarations, 800_000, 3)), 72_000, 100_000);
        terms.lender = otherBank;
        FacilityId other = _agree(terms);
        vm.expectRevert(
            abi.encodeWithSelector(IDrawEvidence.DocumentInUse.selector, bytes32("d1"), _declared, uint64(0))
        );
        _submitBy(seller, other, _declaration("d1", 10_000, _today()));
        vm.expectRevert(abi.encodeWithSelector(IDrawEvidence.DocumentAcceptedAlready.selector, bytes32("d1")));
        _acceptNamed(bank, _declared, _declaration("d1", 10_000, _today()));
    }

    function test_an_accepted_declaration_keeps_its_amount() public {
        _proveDeclaration("d1", 10_000, _today());
        bytes32 root = keccak256(abi.encode(bytes32("d1")));
        _expectDiffers("d1", root, root);
        _submitBy(seller, _declared, _declaration("d1", 90_000, _today()));
        assertEq(facilities.documentUse(_sellerParty(), "d1").amount, 10_000, "its amount");
        assertEq(facilities.tradeLimit(_declared).traded, 10_000, "traded");
    }

    function test_a_declaration_in_another_currency_is_refused() public {
        IDrawEvidence.DrawDocument memory document = _declaration("d1", 10_000, _today());
        document.currency = "EUR";
        vm.expectRevert(
            abi.encodeWithSelector(
                IDrawEvidence.DeclaredInOtherCurrency.selector, bytes32("d1"), bytes3("EUR"), bytes3("CNY")
            )
        );
        _submitBy(seller, _declared, document);
    }

    // ------------------------------------------------------------------ a platform's reports

    function test_the_limit_is_a_share_of_the_mean_of_the_months_before() public {
        _report(_month - 1, 6_000, 1_000);
        // The other two months of the window count as no trade: 5,000 / 3 * 2.
        assertEq(facilities.tradeLimit(_reported).traded, 5_000, "traded");
        assertEq(facilities.tradeLimit(_reported).limit, 3_333, "limit");
        _bullet(_reported, 3_333, 30);
        _expectTradeLimit(3_334, 3_333);
        _bullet(_reported, 1, 30);
        vm.warp(Calendar.dayOf(2027, 9, 1) * DAY);
        assertEq(facilities.tradeLimit(_reported).limit, 0, "May has left the window");
    }

    function test_a_month_counts_once_and_a_correction_leaves_a_trace() public {
        _report(_month - 1, 6_000, 1_000);
        vm.expectEmit(address(facilities));
        emit ITradeRecord.TradeReported(
            registry.partyOf(platform), _sellerParty(), address(cash), _month - 1, 4_000, 1_000, 2
        );
        _report(_month - 1, 4_000, 1_000);
        assertEq(facilities.tradeLimit(_reported).traded, 3_000, "traded");
        ITradeRecord.MonthOfTrade memory month =
            facilities.tradeOf(registry.partyOf(platform), _sellerParty(), address(cash), _month - 1);
        assertEq(month.revision, 2, "revision");
    }

    function test_a_late_report_is_refused_and_counts_as_no_trade() public {
        uint256 firstDay = Calendar.dayOf(2027, 5, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITradeRecord.ReportNotInTime.selector, _month - 2, firstDay, firstDay + 30, uint256(_today())
            )
        );
        _report(_month - 2, 6_000, 0);
        assertEq(facilities.tradeLimit(_reported).traded, 0, "traded");
    }

    function test_a_month_that_is_not_over_is_refused() public {
        uint256 firstDay = Calendar.dayOf(2027, 7, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITradeRecord.ReportNotInTime.selector, _month, firstDay, firstDay + 30, uint256(_today())
            )
        );
        _report(_month, 6_000, 0);
    }

    function test_a_late_correction_only_lowers() public {
        _report(_month - 1, 6_000, 1_000);
        vm.warp(Calendar.dayOf(2027, 7, 2) * DAY);
        vm.expectPartialRevert(ITradeRecord.ReportNotInTime.selector);
        _report(_month - 1, 6_001, 1_000);
        vm.expectPartialRevert(ITradeRecord.ReportNotInTime.selector);
        _report(_month - 1, 6_000, 999);
        _report(_month - 1, 6_000, 2_000);
        assertEq(facilities.tradeLimit(_reported).traded, 4_000, "traded");
    }

    function test_more_returned_than_sold_lowers_other_months_and_never_goes_below_zero() public {
        _report(_month - 1, 1_000, 5_000);
        assertEq(facilities.tradeLimit(_reported).traded, 0, "not below 0");
        vm.warp(Calendar.dayOf(2027, 7, 1) * DAY);
        _report(_month, 9_000, 0);
        assertEq(facilities.tradeLimit(_reported).traded, 5_000, "both months together");
    }

    function test_only_a_valid_platform_reports_and_not_its_own_trade() public {
        address[4] memory others = [seller, bank, OPERATOR, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert();
            vm.prank(others[i]);
            facilities.reportTrade(_tradeReport(seller, _month - 1, 1, 0));
        }
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.AccountUnknown.selector, STRANGER));
        vm.prank(platform);
        facilities.reportTrade(_tradeReport(STRANGER, _month - 1, 1, 0));
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, platform, platform));
        vm.prank(platform);
        facilities.reportTrade(_tradeReport(platform, _month - 1, 1, 0));
    }

    function test_reports_out_of_range_are_refused() public {
        ITradeRecord.TradeReport memory tradeReport = _tradeReport(seller, _month - 1, 2 ** 60, 0);
        _expectOutOfRange("amount", 2 ** 60, 2 ** 60 - 1);
        vm.prank(platform);
        facilities.reportTrade(tradeReport);
        tradeReport = _tradeReport(seller, _month - 1, 0, 2 ** 60);
        _expectOutOfRange("returned", 2 ** 60, 2 ** 60 - 1);
        vm.prank(platform);
        facilities.reportTrade(tradeReport);
        tradeReport = _tradeReport(seller, _month - 1, 1, 0);
        tradeReport.currency = address(1234);
        _expectOutOfRange("currency", 1234, 0);
        vm.prank(platform);
        facilities.reportTrade(tradeReport);
    }

    // ------------------------------------------------------------------ whose word counts

    function test_only_the_lenders_side_names_an_attester_that_is_not_the_borrowers() public {
        address[3] memory others = [seller, otherBank, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, _reported, bank, others[i]));
            vm.prank(others[i]);
            facilities.nameAttester(_reported, platform);
        }
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, seller, seller));
        vm.prank(bank);
        facilities.nameAttester(_reported, seller);
        vm.expectRevert();
        vm.prank(bank);
        facilities.nameAttester(_reported, STRANGER);
    }

    function test_reports_of_another_platform_do_not_count() public {
        _report(_month - 1, 6_000, 0);
        vm.prank(bank);
        facilities.nameAttester(_reported, address(0));
        assertTrue(facilities.attesterOf(_reported) == registry.partyOf(bank), "the lender again");
        assertEq(facilities.tradeLimit(_reported).traded, 0, "the bank reported nothing");
    }

    function test_a_facility_without_such_a_product_has_no_limit_by_trade() public {
        FacilityId plain = _agreedFacility(_add(_plainProduct()), 72_000, 10_000);
        assertTrue(facilities.tradeLimit(plain).basis == IProducts.TradeBasis.None, "none");
        assertTrue(facilities.attesterOf(FacilityId.wrap(99)) == PartyId.wrap(0), "no facility, no attester");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityUnknown.selector, 99));
        facilities.tradeLimit(FacilityId.wrap(99));
    }

    // ------------------------------------------------------------------ helpers

    function _proveDeclaration(bytes32 fingerprint, uint64 amount, uint24 day) private {
        _submitBy(seller, _declared, _declaration(fingerprint, amount, day));
        _acceptBy(bank, _declared, fingerprint);
    }

    function _tradeReport(address merchant, uint24 month, uint64 amount, uint64 returned)
        private
        view
        returns (ITradeRecord.TradeReport memory)
    {
        return ITradeRecord.TradeReport(merchant, address(cash), month, amount, returned);
    }

    function _report(uint24 month, uint64 amount, uint64 returned) private {
        vm.prank(platform);
        facilities.reportTrade(_tradeReport(seller, month, amount, returned));
    }

    function _expectTradeLimit(uint256 owed, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("tradeLimit"), owed, limit));
    }

    function _expectOutOfRange(bytes32 term, uint256 value, uint256 max) private {
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, 0, max));
    }
}
