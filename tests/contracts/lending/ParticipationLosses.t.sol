// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoanParticipations} from "../../../contracts/lending/ILoanParticipations.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {ParticipationsFixture} from "./ParticipationsFixture.sol";

/// A loan with participants is lost: each bears its share of what nobody else bears.
contract ParticipationLossesTest is ParticipationsFixture {
    uint64 private constant DRAWN = 100_000_00;
    ProductId private _product;
    LoanId private _loanId;

    function setUp() public override {
        super.setUp();
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.reserveShare = 10_000; // 1%
        _product = _add(terms);
        IFacilities.FacilityTerms memory facility = _facilityTerms(_product, 72_000, 1_000_000_00);
        facility.deposit = 10_000_00;
        vm.prank(OPERATOR);
        reserve.setCap(_product, address(cash), 5_000_00);
        FacilityId facilityId = _agree(facility);
        vm.prank(seller);
        facilities.payDeposit(facilityId, 10_000_00);
        _loanId = _bullet(facilityId, DRAWN, 30);
        _share(_loanId, otherBank, 400_000, 40_000_00);
    }

    function test_deposit_and_reserve_pay_participants_their_share() public {
        (uint256 lender, uint256 participant) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        _lose();
        // The deposit pays 10,000.00 and the reserve 1,000.00.
        assertEq(cash.balanceOf(otherBank) - participant, 4_400_00, "participant");
        assertEq(cash.balanceOf(bank) - lender, 6_600_00, "lender");
        assertTrue(facilities.participationsOf(_loanId).proceeds == 11_000_00, "proceeds");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
    }

    /// The deposit is the borrower's own; the reserve is others' money.
    function test_nobody_bears_the_loss_of_a_loan_with_a_participant_of_the_borrowers_group() public {
        _share(_loanId, thirdBank, 100_000, 10_000_00);
        PartyId[2] memory partyIds = [registry.partyOf(thirdBank), registry.partyOf(seller)];
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyIds[0], 9);
        registry.setGroup(partyIds[1], 9);
        vm.stopPrank();
        uint256 participant = cash.balanceOf(thirdBank);
        _lose();
        assertEq(reserve.lossOf(_loanId).fromReserve, 0, "the reserve pays nothing");
        assertEq(reserve.balanceOf(_product, address(cash), bank), 1_000_00, "and keeps what it has");
        assertEq(cash.balanceOf(thirdBank) - participant, 1_000_00, "its share of the deposit alone");
    }

    function test_recovered_money_of_the_lenders_part_is_shared() public {
        _lose();
        (uint256 lender, uint256 participant) = (cash.balanceOf(bank), cash.balanceOf(otherBank));
        uint256 owed = _principalOf(_loanId) - reserve.lossOf(_loanId).borne;
        _repay(_loanId, type(uint64).max);
        uint256 all = cash.balanceOf(otherBank) + cash.balanceOf(bank) - lender - participant;
        assertEq(owed, 1_000_00, "what the reserve bore goes back to it");
        ILoanParticipations.SharedLoan memory shared = facilities.participationsOf(_loanId);
        assertEq(uint256(shared.proceeds), 11_000_00 + all, "proceeds");
        assertEq(shared.participations[0].paid, uint256(shared.proceeds) * 4 / 10, "two fifths of all");
        assertEq(shared.due, 0, "nothing is owed");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
    }

    function test_no_share_of_a_lost_loan_is_sold() public {
        _lose();
        _expectRefused(
            _shareTerms(_loanId, thirdBank, 1, 1),
            abi.encodeWithSelector(ILoanParticipations.LoanNotShareable.selector, _loanId, bytes32("loss"))
        );
    }

    function _lose() private {
        _days(34);
        vm.startPrank(bank);
        facilities.declareDefault(_loanId);
        facilities.recordLoss(_loanId);
        vm.stopPrank();
    }
}
