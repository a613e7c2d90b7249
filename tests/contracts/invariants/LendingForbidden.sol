// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";
import {LendingHandler} from "./LendingHandler.sol";

/// What nobody may do to a facility or a loan, tried on every state that the allowed calls have made: each success is a
/// failure.
contract LendingForbidden is Reached {
    address private constant STRANGER = address(0xF9);

    LendingHandler private _book;
    LendingHandler.Setting private _set;
    address[] private _others;
    /// The call that was not refused, if any.
    string public broken;

    /// `others` hold roles of the ledger, or nothing at all, and are no party to the facilities.
    constructor(LendingHandler book, LendingHandler.Setting memory set, address[] memory others) {
        (_book, _set, _others) = (book, set, others);
        string[14] memory names = [
            "a draw by another than the borrower",
            "a draw beyond the limit",
            "a draw beyond what the collateral is worth",
            "a draw of a closed product",
            "a draw on collateral of another loan",
            "a draw while a loan is overdue",
            "a repayment of a loan that is repaid",
            "a default before its day",
            "a default by another than the lender",
            "a loss before the default",
            "a loss recorded twice",
            "a loss or write-off by another than the lender",
            "a release of collateral by the borrower",
            "a facility closed while money is outstanding"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(string.concat("refused: ", names[i]));
        }
        _mustReach("refused: a role that reaches for facilities and loans");
    }

    // ------------------------------------------------------------------ draws

    function drawAsAnother(uint256 seed) external {
        bytes memory call = abi.encodeCall(_set.facilities.draw, (_request(_set.plain, 1, 0)));
        _refuses(_other(seed), call, "a draw by another than the borrower");
        _refuses(_set.lender, call, "a draw by another than the borrower");
    }

    function drawTooMuch(uint256 more) external {
        IFacilities.Facility memory facility = _set.facilities.facility(_set.plain);
        uint64 amount = facility.limit - facility.outstanding + uint64(1 + more % 1e12);
        bytes memory call = abi.encodeCall(_set.facilities.draw, (_request(_set.plain, amount, 0)));
        _refuses(_set.borrower, call, "a draw beyond the limit");
        if (facility.overdueLoans != 0) {
            call = abi.encodeCall(_set.facilities.draw, (_request(_set.plain, 1, 0)));
            _refuses(_set.borrower, call, "a draw while a loan is overdue");
        }
        if (!_book.isClosed()) return;
        call = abi.encodeCall(_set.facilities.draw, (_request(_set.plain, 1, 0)));
        _refuses(_set.borrower, call, "a draw of a closed product");
    }

    /// The collateral of an open loan backs no other loan; what was released is worth 80 % of what is unpaid.
    function drawOnCollateral(uint256 seed) external {
        (, ILoans.Loan memory loan, bool isFound) = _pick(seed, _isOnClaim);
        if (!isFound) return;
        bytes memory call;
        if (loan.status != ILoans.Status.Repaid) {
            call = abi.encodeCall(_set.facilities.draw, (_request(_set.onClaims, 1, loan.collateralId)));
            _refuses(_set.borrower, call, "a draw on collateral of another loan");
            call = abi.encodeCall(_set.receivables.release, (loan.collateralId));
            _tries(address(_set.receivables), _set.borrower, call, "a release of collateral by the borrower");
            return;
        }
        IReceivables.Claim memory claimRow = _set.receivables.claim(ClaimId.wrap(loan.collateralId));
        if (claimRow.owner != _set.borrower) return;
        uint64 amount = uint64(uint256(claimRow.value) * 8 / 10 + 1);
        call = abi.encodeCall(_set.facilities.draw, (_request(_set.onClaims, amount, loan.collateralId)));
        _refuses(_set.borrower, call, "a draw beyond what the collateral is worth");
    }

    // ------------------------------------------------------------------ repayment and failure

    function repayAgain(uint256 seed) external {
        (LoanId loanId,, bool isFound) = _pick(seed, _isRepaid);
        if (!isFound) return;
        string memory name = "a repayment of a loan that is repaid";
        _refuses(_set.borrower, abi.encodeCall(_set.facilities.repay, (loanId, uint64(1))), name);
        _refuses(_set.lender, abi.encodeCall(_set.facilities.declareDefault, (loanId)), "a default before its day");
    }

    function failEarly(uint256 seed) external {
        (LoanId loanId,, bool isFound) = _pick(seed, _isInTime);
        if (!isFound) return;
        bytes memory call = abi.encodeCall(_set.facilities.declareDefault, (loanId));
        _refuses(_set.lender, call, "a default before its day");
        _refuses(STRANGER, abi.encodeCall(_set.facilities.markOverdue, (loanId)), "a default before its day");
        call = abi.encodeCall(_set.facilities.recordLoss, (loanId));
        _refuses(_set.lender, call, "a loss before the default");
        call = abi.encodeCall(_set.facilities.writeOff, (loanId));
        _refuses(_set.lender, call, "a loss before the default");
    }

    function failAsAnother(uint256 seed) external {
        (LoanId loanId,, bool isFound) = _pick(seed, _isAny);
        if (!isFound) return;
        address by = seed % 3 == 0 ? _set.borrower : _other(seed);
        bytes memory call = abi.encodeCall(_set.facilities.declareDefault, (loanId));
        _refuses(by, call, "a default by another than the lender");
        string memory name = "a loss or write-off by another than the lender";
        _refuses(by, abi.encodeCall(_set.facilities.recordLoss, (loanId)), name);
        _refuses(by, abi.encodeCall(_set.facilities.writeOff, (loanId)), name);
        _refuses(by, abi.encodeCall(_set.facilities.declareDebtDefault, (loanId)), name);
    }

    function loseAgain(uint256 seed) external {
        (LoanId loanId,, bool isFound) = _pick(seed, _isLost);
        if (!isFound) return;
        _refuses(_set.lender, abi.encodeCall(_set.facilities.recordLoss, (loanId)), "a loss recorded twice");
    }

    function closeInUse() external {
        if (_set.facilities.facility(_set.plain).outstanding == 0) return;
        bytes memory call = abi.encodeCall(_set.facilities.close, (_set.plain));
        _refuses(_set.borrower, call, "a facility closed while money is outstanding");
        _refuses(_set.lender, call, "a facility closed while money is outstanding");
    }

    // ------------------------------------------------------------------ roles

    function reachAsRole(uint256 seed) external {
        (LoanId loanId, ILoans.Loan memory loan, bool isFound) = _pick(seed, _isAny);
        if (!isFound) return;
        address by = _other(seed >> 8);
        string memory name = "a role that reaches for facilities and loans";
        address cash = address(_set.cash);
        _refuses(by, abi.encodeCall(_set.facilities.onCollected, (ClaimId.wrap(loan.collateralId), by, 1)), name);
        _refuses(by, abi.encodeCall(_set.facilities.withdrawUnclaimed, (by, cash)), name);
        _refuses(by, abi.encodeCall(_set.facilities.forcedWithdraw, (_set.lender, cash, by, 1, "order")), name);
        _refuses(by, abi.encodeCall(_set.facilities.forcedWithdrawDeposit, (_set.plain, by, 1, "order")), name);
        _refuses(by, abi.encodeCall(_set.facilities.acceptDebtor, (_set.plain, by, true)), name);
        _refuses(by, abi.encodeCall(_set.facilities.liquidate, (loanId)), name);
        bytes memory call = abi.encodeCall(_set.cash.transferFrom, (_set.lender, by, 1));
        _tries(cash, by, call, name);
    }

    // ------------------------------------------------------------------ parts of the above

    function _request(FacilityId facilityId, uint64 amount, uint256 claimId)
        private
        pure
        returns (ILoans.DrawRequest memory)
    {
        return ILoans.DrawRequest(
            FacilityId.unwrap(facilityId),
            amount,
            LoanMath.Style.Bullet,
            30,
            0,
            LoanMath.AfterPrepayment.PayAhead,
            claimId
        );
    }

    function _other(uint256 seed) private view returns (address) {
        uint256 place = seed % (_others.length + 1);
        return place == _others.length ? STRANGER : _others[place];
    }

    function _refuses(address by, bytes memory call, string memory name) private {
        _tries(address(_set.facilities), by, call, name);
    }

    function _tries(address target, address by, bytes memory call, string memory name) private {
        vm.prank(by);
        (bool done,) = target.call(call);
        if (done) broken = string.concat("was not refused: ", name);
        _reach(string.concat("refused: ", name));
    }

    function _pick(uint256 seed, function(ILoans.Loan memory) view returns (bool) fits)
        private
        view
        returns (LoanId loanId, ILoans.Loan memory loan, bool isFound)
    {
        uint256 count = _book.count();
        for (uint256 i; i < count; ++i) {
            loanId = _book.loans((seed % count + i) % count);
            loan = _set.facilities.loan(loanId);
            if (fits(loan)) return (loanId, loan, true);
        }
    }

    function _isAny(ILoans.Loan memory) private pure returns (bool) {
        return true;
    }

    function _isOnClaim(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.collateral == IProducts.CollateralKind.Claim;
    }

    function _isRepaid(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status == ILoans.Status.Repaid;
    }

    function _isLost(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.lossRecorded && loan.status != ILoans.Status.Repaid;
    }

    /// Running, and nothing of it beyond its grace.
    function _isInTime(ILoans.Loan memory loan) private view returns (bool) {
        if (loan.status != ILoans.Status.Running) return false;
        uint256 next = uint256(loan.state.period) + 1;
        if (loan.state.period != 0 && (loan.state.pastPrincipal != 0 || loan.state.pastInterest != 0)) return false;
        if (loan.state.graceDay != 0) return block.timestamp / 1 days <= loan.state.graceDay + loan.terms.graceDays;
        return next <= loan.terms.periods && block.timestamp / 1 days <= LoanMath.dueDayOf(loan.terms, next);
    }
}
