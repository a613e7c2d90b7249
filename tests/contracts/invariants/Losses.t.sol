// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {LossFixture} from "../lending/LossFixture.sol";
import {LossesHandler} from "./LossesHandler.sol";
import {PostingsHandler} from "./PostingsHandler.sol";

/// Losses that others share, and corrections before and after them, in any order: each loan is what its sorted postings
/// give, and what is owed and what was recovered are the loss.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract LossesInvariants is LossFixture {
    LossesHandler private _handler;

    function setUp() public override {
        super.setUp();
        _share(_first, FIRST_SHARER_KEY, 300_000, 1_000_000_00);
        _share(_second, SECOND_SHARER_KEY, 100_000, 1_000_000_00);
        uint256[2] memory lenderKeys = [BANK_KEY, BANK_KEY];
        _handler = new LossesHandler(
            facilities, PostingsHandler.Sides(_facility, seller, SELLER_KEY, lenderKeys, address(court))
        );
    }

    function afterInvariant() public {
        _handler.recordReached("Losses");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_what_is_owed_and_recovered_is_the_loss() public view {
        uint256 outstanding;
        for (uint256 i; i < _handler.count(); ++i) {
            LoanId loanId = _handler.loans(i);
            ILoans.Loan memory loan = facilities.loan(loanId);
            _requireReplayed(loanId, loan);
            if (loan.lossRecorded) _requireBorne(loanId, loan);
            outstanding += LoanMath.outstanding(loan.state);
        }
        assertEq(facilities.facility(_facility).outstanding, outstanding, "the facility's sum");
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
