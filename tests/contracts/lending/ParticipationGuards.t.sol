// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoanParticipations} from "../../../contracts/lending/ILoanParticipations.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {FeesFixture} from "./FeesFixture.sol";
import {LendingFixture} from "./LendingFixture.sol";
import {ParticipationsFixture} from "./ParticipationsFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// What lender and borrower agree on between them takes nothing from participants.
contract ParticipationGuardsTest is FeesFixture, ParticipationsFixture {
    LoanId private _loanId;

    function setUp() public override(FeesFixture, SalesFixture) {
        super.setUp();
        _loanId = _bullet(_withFees(FLAT, SHARE, 0), DRAWN, 60);
        _share(_loanId, otherBank, 500_000, 500_000_00);
    }

    function test_lender_and_borrower_agree_on_no_costs_of_a_shared_loan() public {
        bytes memory signature = _signed(SELLER_KEY, facilities.costsDigest(_loanId, 1_00, "bill", _deadline(), 1));
        uint256 lender = cash.balanceOf(bank);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoanParticipations.CostsOfSharedLoan.selector, _loanId));
        facilities.chargeCosts(_loanId, 1_00, "bill", _deadline(), 1, signature);
        uint256 participant = cash.balanceOf(otherBank);
        _repay(_loanId, 100_00);
        assertEq(cash.balanceOf(otherBank) - participant, 50_00, "half of all that comes in");
        assertEq(cash.balanceOf(bank) - lender, 50_00, "the other half");
    }

    function test_costs_that_were_agreed_before_are_paid_to_the_lender() public {
        LoanId loanId = _bullet(_withFees(FLAT, SHARE, 0), DRAWN, 60);
        bytes memory signature = _signed(SELLER_KEY, facilities.costsDigest(loanId, 10_00, "bill", _deadline(), 1));
        vm.prank(bank);
        facilities.chargeCosts(loanId, 10_00, "bill", _deadline(), 1, signature);
        _share(loanId, otherBank, 500_000, 500_000_00);
        uint256 participant = cash.balanceOf(otherBank);
        _repay(loanId, 100_00);
        assertEq(cash.balanceOf(otherBank) - participant, 45_00, "the participant saw them when it signed");
    }

    function test_related_lender_waives_no_service_fees() public {
        _relate();
        vm.expectRevert(_refusal());
        vm.prank(bank);
        facilities.waiveServiceFees(_loanId, 1);
        _part();
        vm.prank(bank);
        facilities.waiveServiceFees(_loanId, 1);
    }

    function test_related_sides_extend_no_shared_loan() public {
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(_loanId), _today() + 90, 0, _deadline(), 1);
        (bytes memory first, bytes memory second) = _bothSign(facilities.extensionDigest(extension));
        _relate();
        vm.expectRevert(_refusal());
        facilities.extend(extension, first, second);
        _part();
        facilities.extend(extension, first, second);
    }

    function test_related_sides_set_nothing_off_and_take_no_goods_in_place_of_money() public {
        ILoans.SetOff memory setOff =
            ILoans.SetOff(LoanId.unwrap(_loanId), 1, 1_00, 1_00, keccak256("documents"), _deadline(), 1);
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(_loanId), 1, 1, 1_00, keccak256("documents"), _deadline(), 1);
        _relate();
        (bytes memory first, bytes memory second) = _bothSign(facilities.setOffDigest(setOff));
        vm.expectRevert(_refusal());
        facilities.setOff(setOff, first, second);
        (first, second) = _bothSign(facilities.inKindDigest(inKind));
        vm.expectRevert(_refusal());
        facilities.settleInKind(inKind, first, second);
    }

    function test_related_sides_of_a_loan_without_participants_extend_it() public {
        LoanId loanId = _bullet(_withFees(FLAT, SHARE, 0), DRAWN, 60);
        _relate();
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), _today() + 90, 0, _deadline(), 1);
        (bytes memory first, bytes memory second) = _bothSign(facilities.extensionDigest(extension));
        facilities.extend(extension, first, second);
        assertEq(facilities.loan(loanId).terms.dueDay, _today() + 90, "extended");
    }

    function _refusal() private view returns (bytes memory) {
        return abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, bank, seller);
    }

    function _bothSign(bytes32 digest) private view returns (bytes memory, bytes memory) {
        return (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }

    /// They part again.
    function _part() private {
        PartyId partyId = registry.partyOf(bank);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, 0);
    }

    /// Lender and borrower come under one control.
    function _relate() private {
        PartyId[2] memory partyIds = [registry.partyOf(bank), registry.partyOf(seller)];
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyIds[0], 9);
        registry.setGroup(partyIds[1], 9);
        vm.stopPrank();
    }
}
