// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {PostingsHandler} from "./PostingsHandler.sol";

/// All that PostingsHandler does, and losses of which sharers bear a part.
contract LossesHandler is PostingsHandler {
    constructor(Facilities facilities, Sides memory sides) PostingsHandler(facilities, sides) {
        string[4] memory names =
            ["a loss", "a recovery that is recorded", "a recovery that is reversed", "a recovery that leaves the loan"];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function lose(uint256 which) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        _fail(loanId);
        ILoans.Loan memory loan = _facilities.loan(loanId);
        if (loan.status != ILoans.Status.Defaulted || loan.lossRecorded) return;
        if (LoanMath.outstanding(loan.state) == 0) return;
        vm.warp(block.timestamp + 30 days);
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        // A loan of which a correction raised the principal: the lender bears its loss alone.
        try _facilities.recordLoss(loanId) {
            vm.warp(block.timestamp + 1 days);
            lostDay[loanId] = uint24(_today());
            _reach("a loss");
        } catch (bytes memory reason) {
            require(bytes4(reason) == IPostings.LossNotShared.selector, "recordLoss");
        }
    }
}
