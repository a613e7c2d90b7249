// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";
import {LoanSeller} from "./LoanSeller.sol";

/// Three banks and one borrower: draws on two facilities, sales in any direction, repayments on and off the ledger,
/// defaults, losses and buying back, in any order. A draw is tried even beyond the limit. Everything else is allowed, so
/// a revert is a failure.
contract SalesHandler is LoanSeller, Reached {
    struct Setting {
        Facilities facilities;
        SettlementToken cash;
        address borrower;
        uint256[3] keys;
        FacilityId[2] origins;
        uint64 limit;
    }

    uint256 private constant MAX_LOANS = 10;
    uint8 private constant SELLER_MAY = 1;
    uint24 private constant AT_PAR = 1_000_000;
    Setting private _set;
    LoanId[] public loans;
    /// The place of the facility on which the loan was drawn.
    uint256[] public drawnOn;
    string public broken;
    uint256 private _nonces;

    constructor(Setting memory set) {
        _set = set;
        string[10] memory names = [
            "a draw",
            "a draw refused by a limit that a sold loan uses",
            "a sale",
            "a sale back to the origin",
            "a sale of an overdue loan",
            "a repayment of a sold loan",
            "a recorded payment on a sold loan",
            "a default of a sold loan",
            "a loss of a sold loan",
            "a loan bought back"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    function draw(bool second, uint64 amount) external {
        _draw(second ? 1 : 0, 1 + amount % 60_000);
    }

    /// All that is free of the limit if sold loans used nothing of it.
    function drawWhatLooksFree(bool second) external {
        uint256 origin = second ? 1 : 0;
        uint64 outstanding = _set.facilities.facility(_set.origins[origin]).outstanding;
        if (outstanding < _set.limit) _draw(origin, _set.limit - outstanding);
    }

    function sell(uint256 which, uint256 to, uint64 price, bool withRight) external {
        (LoanId loanId, bool isFound) = _pick(which, _isSaleable);
        if (!isFound) return _draw(which % 2, 30_000);
        ILoanSales.LoanSale memory sale = _set.facilities.loanSaleOf(loanId);
        if (sale.buyBack & SELLER_MAY != 0 && block.timestamp / 1 days <= sale.buyBackLastDay) {
            vm.warp((uint256(sale.buyBackLastDay) + 1) * 1 days);
        }
        uint256 seller = _placeOf(_lenderOf(loanId));
        uint256 buyer = (seller + 1 + to % 2) % 3;
        bool isOverdue = _set.facilities.loan(loanId).markedOverdue;
        FacilityId facilityId = _sell(loanId, seller, buyer, 1 + price % 60_000, withRight);
        _reach("a sale");
        _reachIf(isOverdue, "a sale of an overdue loan");
        bool isOrigin = facilityId == _set.origins[0] || facilityId == _set.origins[1];
        _reachIf(isOrigin, "a sale back to the origin");
    }

    function buyBack(uint256 which) external {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            ILoanSales.LoanSale memory sale = _set.facilities.loanSaleOf(loanId);
            if (sale.buyBack == 0 || block.timestamp / 1 days > sale.buyBackLastDay) continue;
            if (!_isSaleable(_set.facilities.loan(loanId))) continue;
            address holder = _lenderOf(loanId);
            uint256 before = _set.cash.balanceOf(holder);
            bytes32 standing = _set.facilities.saleStanding(loanId);
            vm.prank(sale.seller);
            uint64 price = _set.facilities.buyLoanBack(loanId, sale.seller, type(uint64).max, standing);
            if (_set.cash.balanceOf(holder) != before + price) broken = "the holder got the price";
            if (_lenderOf(loanId) != sale.seller) broken = "the seller has the loan";
            return _reach("a loan bought back");
        }
    }

    function repay(uint256 which, uint64 amount) external {
        (LoanId loanId, bool isFound) = _pick(which, _isOpen);
        if (!isFound) return _draw(which % 2, amount % 60_000 + 1);
        address lender = _lenderOf(loanId);
        uint256 before = _set.cash.balanceOf(lender);
        bool isLost = _set.facilities.loan(loanId).lossRecorded;
        vm.prank(_set.borrower);
        LoanMath.Parts memory parts = _set.facilities.repay(loanId, 1 + amount % 40_000);
        uint256 paid = uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
        if (!isLost && _set.cash.balanceOf(lender) != before + paid) broken = "the lender of today is paid";
        _reachIf(_isSold(loanId), "a repayment of a sold loan");
    }

    /// The lender of today records money that came in outside the ledger.
    function record(uint256 which, uint64 amount) external {
        (LoanId loanId, bool isFound) = _pick(which, _isSaleable);
        if (!isFound) return;
        IPostings.History memory none;
        vm.prank(_lenderOf(loanId));
        _set.facilities
            .recordPayment(
                IPostings.Payment(
                    LoanId.unwrap(loanId), 1 + amount % 20_000, uint24(block.timestamp / 1 days), bytes32(++_nonces)
                ),
                none
            );
        _reachIf(_isSold(loanId), "a recorded payment on a sold loan");
    }

    function mark(uint256 which) external {
        (LoanId loanId, bool isFound) = _pick(which, _isUnmarked);
        if (!isFound) return;
        vm.warp(block.timestamp + 40 days);
        _set.facilities.markOverdue(loanId);
    }

    function fail(uint256 which, bool lose) external {
        (LoanId loanId, bool isFound) = _pick(which, _isRunning);
        if (!isFound) return;
        vm.warp(block.timestamp + 40 days);
        vm.startPrank(_lenderOf(loanId));
        _set.facilities.declareDefault(loanId);
        _reachIf(_isSold(loanId), "a default of a sold loan");
        if (lose) {
            _set.facilities.recordLoss(loanId);
            _reachIf(_isSold(loanId), "a loss of a sold loan");
        }
        vm.stopPrank();
    }

    /// Principal of all loans that were drawn on a facility, whoever holds them now.
    function lentOn(uint256 origin) public view returns (uint256 lent) {
        for (uint256 i; i < loans.length; ++i) {
            if (drawnOn[i] == origin) lent += LoanMath.outstanding(_set.facilities.loan(loans[i]).state);
        }
    }

    function _draw(uint256 origin, uint64 amount) private {
        if (loans.length == MAX_LOANS) return;
        ILoans.DrawRequest memory request = ILoans.DrawRequest(
            FacilityId.unwrap(_set.origins[origin]),
            amount,
            LoanMath.Style.Bullet,
            30,
            0,
            LoanMath.AfterPrepayment.PayAhead,
            0
        );
        uint256 lent = lentOn(origin);
        vm.prank(_set.borrower);
        try _set.facilities.draw(request) returns (LoanId loanId) {
            loans.push(loanId);
            drawnOn.push(origin);
            _reach("a draw");
            if (lent + amount > _set.limit) broken = "a sale made room for more debt";
        } catch (bytes memory reason) {
            if (bytes4(reason) != ILoans.LimitExceeded.selector) return;
            if (lent + amount <= _set.limit) broken = "the limit counts what is repaid";
            _reachIf(
                _set.facilities.facility(_set.origins[origin]).outstanding + amount <= _set.limit,
                "a draw refused by a limit that a sold loan uses"
            );
        }
    }

    function _sell(LoanId loanId, uint256 seller, uint256 buyer, uint64 price, bool withRight)
        private
        returns (FacilityId)
    {
        ILoanSales.SaleTerms memory terms =
            _saleTerms(_set.facilities, loanId, vm.addr(_set.keys[buyer]), price, ++_nonces);
        if (withRight) {
            terms.buyBack = SELLER_MAY;
            terms.buyBackPrice = AT_PAR;
            terms.buyBackLastDay = uint24(block.timestamp / 1 days + 20);
        }
        return _sellOn(_set.facilities, terms, _set.keys[seller], _set.keys[buyer]);
    }

    function _pick(uint256 seed, function(ILoans.Loan memory) pure returns (bool) fits)
        private
        view
        returns (LoanId loanId, bool isFound)
    {
        for (uint256 i; i < loans.length; ++i) {
            loanId = loans[(seed % loans.length + i) % loans.length];
            if (fits(_set.facilities.loan(loanId))) return (loanId, true);
        }
    }

    function _isOpen(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status != ILoans.Status.Repaid;
    }

    function _isSaleable(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status != ILoans.Status.Repaid && !loan.lossRecorded;
    }

    function _isRunning(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status == ILoans.Status.Running;
    }

    function _isUnmarked(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status == ILoans.Status.Running && !loan.markedOverdue;
    }

    function _isSold(LoanId loanId) private view returns (bool) {
        FacilityId facilityId = _set.facilities.loan(loanId).facilityId;
        return facilityId != _set.origins[0] && facilityId != _set.origins[1];
    }

    function _lenderOf(LoanId loanId) private view returns (address) {
        return _set.facilities.facility(_set.facilities.loan(loanId).facilityId).lender;
    }

    function _placeOf(address lender) private view returns (uint256) {
        for (uint256 i; i < 2; ++i) {
            if (vm.addr(_set.keys[i]) == lender) return i;
        }
        return 2;
    }
}
