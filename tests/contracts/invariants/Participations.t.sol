// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoanParticipations} from "../../../contracts/lending/ILoanParticipations.sol";
import {LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {SalesFixture} from "../lending/SalesFixture.sol";
import {ParticipationsHandler} from "./ParticipationsHandler.sol";

/// Whatever comes in or is taken back, in any order: each participant has its share of the proceeds or is due it, and
/// the proceeds are what came in.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract ParticipationsInvariants is SalesFixture {
    ParticipationsHandler private _handler;
    uint256 private _money;

    function setUp() public override {
        super.setUp();
        ProductId product = _add(_plainProduct());
        IFacilities.FacilityTerms memory facility = _facilityTerms(product, 72_000, 1_000_000);
        facility.lastDay = _today() + 7_000;
        _money = _cash();
        _handler = new ParticipationsHandler(
            ParticipationsHandler.Setting(
                facilities, cash, seller, [BANK_KEY, OTHER_BANK_KEY, THIRD_BANK_KEY], _agree(facility)
            )
        );
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("Participations");
    }

    function invariant_participants_have_or_are_due_their_share_of_what_came_in() public view {
        for (uint256 i; i < _handler.count(); ++i) {
            _requireLoan(_handler.loans(i));
        }
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
        assertEq(_cash(), _money, "no cent is lost or created");
    }

    function _requireLoan(LoanId loanId) private view {
        ILoanParticipations.SharedLoan memory shared = facilities.participationsOf(loanId);
        if (shared.participations.length == 0) return;
        int256 overpaid = int256(uint256(facilities.postingsOf(loanId).overpaid));
        int256 paidIn = _handler.paidIn(loanId) + int256(_handler.overpaidBefore(loanId));
        assertTrue(shared.proceeds == paidIn - overpaid, "proceeds");
        (uint256 parts, uint256 due) = (0, 0);
        for (uint256 i; i < shared.participations.length; ++i) {
            ILoanParticipations.Participation memory row = shared.participations[i];
            int256 since = shared.proceeds - row.joinedAt;
            uint256 entitled = since <= 0 ? 0 : uint256(since) * row.share / 1_000_000;
            assertEq(uint256(row.paid) + row.due, entitled > row.paid ? entitled : row.paid, "share");
            assertEq(_handler.received(loanId, i), row.paid, "in cash");
            parts += row.share;
            due += row.due;
        }
        assertEq(shared.due, due, "due");
        assertEq(shared.shared, parts, "shared");
        assertTrue(parts <= 950_000, "the lender keeps its part");
    }

    function _cash() private view returns (uint256) {
        return cash.balanceOf(bank) + cash.balanceOf(otherBank) + cash.balanceOf(thirdBank) + cash.balanceOf(seller)
            + cash.balanceOf(address(facilities));
    }
}
