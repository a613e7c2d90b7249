// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {LossFixture} from "../lending/LossFixture.sol";
import {PostingsHandler} from "./PostingsHandler.sol";

/// Payments, corrections, waivers, costs, defaults, losses and new terms in any order: each loan is what its sorted postings
/// give, and every sum follows.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract PostingsInvariants is LossFixture {
    PostingsHandler private _handler;

    function setUp() public override {
        super.setUp();
        _share(_first, FIRST_SHARER_KEY, 300_000, 1_000_000_00);
        _share(_second, SECOND_SHARER_KEY, 100_000, 1_000_000_00);
        _handler = new PostingsHandler(
            PostingsHandler.Setting(facilities, _facility, seller, SELLER_KEY, bank, BANK_KEY, address(court))
        );
    }

    function afterInvariant() public {
        _handler.recordReached("Postings");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_all() public view {
        uint256 outstanding;
        uint256 overdue;
        uint256 marked;
        uint256 open;
        uint256 failed;
        for (uint256 i; i < _handler.count(); ++i) {
            LoanId loanId = _handler.loans(i);
            ILoans.Loan memory loan = facilities.loan(loanId);
            _requireReplayed(loanId, loan);
            if (loan.lossRecorded) _requireBorne(loanId, loan);
            uint256 owed = LoanMath.outstanding(loan.state);
            outstanding += owed;
            if (loan.markedOverdue) (overdue, marked) = (overdue + owed, marked + 1);
            if (loan.status != ILoans.Status.Repaid) ++open;
            if (loan.status == ILoans.Status.Defaulted) ++failed;
            assertTrue((_sum(loan.payoff) == 0) == (loan.status == ILoans.Status.Repaid), "repaid");
            assertTrue(owed <= loan.drawn + _handler.capitalised(loanId), "no more than was drawn and capitalised");
        }
        assertEq(facilities.facility(_facility).outstanding, outstanding, "the facility's sum");
        assertEq(uint256(facilities.facility(_facility).openLoans), open, "open loans");
        assertEq(uint256(facilities.facility(_facility).overdueLoans), marked, "overdue loans");
        (uint64 lent, uint64 late) = facilities.programme(_product);
        assertEq(lent, outstanding, "the programme's sum");
        assertEq(late, overdue, "the breaker's sum");
        assertEq(facilities.borrowerDebt(registry.partyOf(seller), address(cash), 0).defaultedLoans, failed, "failed");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
    }

    /// What is owed and what was recovered are the loss; what others have beyond that, they keep.
    function _requireBorne(LoanId loanId, ILoans.Loan memory loan) private view {
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        assertEq(LoanMath.outstanding(loan.state) + loss.recovered, uint256(loss.loss), "owed and recovered");
        assertTrue(uint256(loss.recovered) + loss.outlay <= loss.loss, "nobody got more than it bore");
        _holds(loanId);
    }

    function _requireReplayed(LoanId loanId, ILoans.Loan memory loan) private view {
        (LoanMath.State memory state, uint256 overpaid) = _handler.replayed(loanId);
        assertTrue(keccak256(abi.encode(state)) == keccak256(abi.encode(loan.state)), "what its postings give");
        assertEq(uint256(facilities.postingsOf(loanId).overpaid), overpaid, "overpaid");
    }
}
