// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../assets/IPurchaseOrders.sol";
import {IReceivables} from "../assets/IReceivables.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {IRiskReserve} from "../risk/IRiskReserve.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, ReceiptId, ReceivableId} from "../types/Ids.sol";
import {
    Book,
    FacilityRecord,
    loadLoan,
    loanDay,
    LoanFacts,
    LoanView,
    rollLoan,
    saveLoan,
    Surroundings
} from "./FacilityBook.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {Settlement} from "./Settlement.sol";

/// @title Overdue, default, loss, write-off; linked to Facilities.
library LoanLoss {
    /// @dev No loss is recorded before a loan is so old: a reserve is for debts that failed, not for money passed through.
    uint256 private constant FIRST_DAYS = 30;

    /// @notice See IFacilities.markOverdue.
    function markOverdue(Book storage book, Surroundings memory around, LoanId loanId) external {
        LoanView memory loan = _overdue(book, around, loanId);
        if (loan.facts.markedOverdue) revert IFacilities.StateForbids(loanId, loan.facts.status);
        Settlement.mark(book, loanId, loan, loanDay(book, around, loan));
        saveLoan(book, loanId, loan);
    }

    /// @notice See IFacilities.declareDefault.
    function declareDefault(Book storage book, Surroundings memory around, LoanId loanId) external {
        LoanView memory loan = _overdue(book, around, loanId);
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireLender(around, facilityId, book.facilities[facilityId]);
        if (loan.facts.status != IFacilities.Status.Running) {
            revert IFacilities.StateForbids(loanId, loan.facts.status);
        }
        Settlement.accelerate(book, around, loanId, loan);
    }

    /// @notice See IFacilities.recordLoss.
    function recordLoss(Book storage book, Surroundings memory around, LoanId loanId)
        external
        returns (uint64 covered)
    {
        LoanView memory loan = _ofLender(book, around, loanId);
        IFacilities.Status status = loan.facts.status;
        if (status != IFacilities.Status.Defaulted && status != IFacilities.Status.WrittenOff) {
            revert IFacilities.StateForbids(loanId, status);
        }
        if (loan.facts.lossRecorded) revert IFacilities.StateForbids(loanId, status);
        _requireExhausted(book, around, loanId, loan);

        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        uint64 deposit = _useDeposit(book, around, loanId, loan, line);
        loan = loadLoan(book, loanId);
        uint64 loss = uint64(LoanMath.outstanding(loan.state));
        if (loss == 0) return 0;
        uint256 earliest = uint256(loan.facts.drawnDay) + FIRST_DAYS;
        uint256 day = loanDay(book, around, loan);
        if (day < earliest) {
            // What the deposit paid stays paid.
            if (deposit != 0) return 0;
            revert IFacilities.TooEarly(loanId, day, earliest);
        }
        loan.facts.lossRecorded = true;
        saveLoan(book, loanId, loan);
        covered = around.reserve.recordLoss(_report(around, loanId, loan.facts, line, loss));
        emit IFacilities.LoanLossRecorded(loanId, deposit, loss, covered);
    }

    /// @notice See IFacilities.writeOff.
    function writeOff(Book storage book, Surroundings memory around, LoanId loanId, uint256 writeOffDays) external {
        LoanView memory loan = _ofLender(book, around, loanId);
        if (loan.facts.status != IFacilities.Status.Defaulted) {
            revert IFacilities.StateForbids(loanId, loan.facts.status);
        }
        uint256 earliest = LoanMath.dueDayOf(loan.terms, loan.terms.periods) + writeOffDays;
        uint256 day = loanDay(book, around, loan);
        if (day < earliest) revert IFacilities.TooEarly(loanId, day, earliest);
        loan.facts.status = IFacilities.Status.WrittenOff;
        saveLoan(book, loanId, loan);
        emit IFacilities.LoanWrittenOff(loanId, uint64(LoanMath.outstanding(loan.state)), uint24(day));
    }

    /// @notice See IFacilities.declareDebtDefault.
    function declareDebtDefault(Book storage book, Surroundings memory around, LoanId loanId) external {
        LoanView memory loan = _ofLender(book, around, loanId);
        if (loan.facts.cover == IProducts.Cover.Claim) {
            ClaimId claimId = ClaimId.wrap(loan.facts.coverId);
            (, ReceivableId of_,,,,,) = around.receivables.claim(claimId);
            around.receivables.declareDefault(of_, claimId);
            return;
        }
        uint256[] storage pieces = book.pieces[loanId];
        bool found;
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            if (kind != IProducts.Cover.Claim || _isExhausted(around, kind, id)) continue;
            (, ReceivableId receivableId,,,,,) = around.receivables.claim(ClaimId.wrap(id));
            // A debt that is not due yet, or paid and not collected, stands in the way of no other.
            try around.receivables.declareDefault(receivableId, ClaimId.wrap(id)) {
                found = true;
            } catch {}
        }
        if (!found) revert IFacilities.CoverMissing(loanId);
    }

    function _overdue(Book storage book, Surroundings memory around, LoanId loanId)
        private
        view
        returns (LoanView memory loan)
    {
        loan = Settlement.loadOpen(book, loanId);
        rollLoan(book, around, loan);
        if (!Settlement.isOverdue(loan)) revert IFacilities.NotOverdue(loanId);
    }

    function _ofLender(Book storage book, Surroundings memory around, LoanId loanId)
        private
        view
        returns (LoanView memory loan)
    {
        loan = Settlement.loadOpen(book, loanId);
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireLender(around, facilityId, book.facilities[facilityId]);
    }

    /// @dev Nothing more is to be had from any of the cover for now.
    function _requireExhausted(Book storage book, Surroundings memory around, LoanId loanId, LoanView memory loan)
        private
        view
    {
        if (loan.facts.cover != IProducts.Cover.Receipt) {
            _requireGone(around, loanId, loan.facts.cover, loan.facts.coverId);
            return;
        }
        uint256[] storage pieces = book.pieces[loanId];
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            _requireGone(around, loanId, kind, id);
        }
    }

    function _requireGone(Surroundings memory around, LoanId loanId, IProducts.Cover kind, uint256 id) private view {
        if (!_isExhausted(around, kind, id)) revert IFacilities.CoverNotExhausted(loanId, id);
    }

    /// @dev There is none, it is gone, or its debtor has defaulted too. Goods can always be sold.
    function _isExhausted(Surroundings memory around, IProducts.Cover kind, uint256 id) private view returns (bool) {
        if (kind == IProducts.Cover.Claim) {
            (address owner, ReceivableId receivableId,,,,,) = around.receivables.claim(ClaimId.wrap(id));
            if (owner == address(0)) return true;
            IReceivables.Status status = around.receivables.receivable(receivableId).status;
            if (status != IReceivables.Status.Defaulted && status != IReceivables.Status.WrittenOff) return false;
            // What the debtor has paid after all is collected first.
            (uint96 principal, uint96 lateCharge) = around.receivables.collectable(ClaimId.wrap(id));
            return principal == 0 && lateCharge == 0;
        }
        if (kind == IProducts.Cover.Order) {
            IPurchaseOrders.Order memory order = around.orders.order(OrderId.wrap(id));
            return order.status != IPurchaseOrders.Status.Confirmed || around.today > order.expiryDay;
        }
        if (kind == IProducts.Cover.Receipt) {
            (,, uint96 quantity,,,) = around.receipts.receipt(ReceiptId.wrap(id));
            return quantity == 0;
        }
        return true;
    }

    function _report(
        Surroundings memory around,
        LoanId loanId,
        LoanFacts memory facts,
        FacilityRecord storage line,
        uint64 loss
    ) private view returns (IRiskReserve.LossReport memory) {
        ProductId productId = ProductId.wrap(line.productId);
        return IRiskReserve.LossReport({
            loanId: loanId,
            facilityId: facts.facilityId,
            productId: productId,
            currency: line.currency,
            lender: Settlement.funderOf(line),
            administrator: line.lender,
            borrower: line.borrower,
            loss: loss,
            drawnDay: facts.drawnDay,
            pooled: around.products.terms(productId, line.version).reservePooled
        });
    }

    /// @dev The borrower's deposit goes through the waterfall; what it is not needed for stays.
    function _useDeposit(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        LoanView memory loan,
        FacilityRecord storage line
    ) private returns (uint64 used) {
        uint64 held = line.depositHeld;
        if (held == 0) return 0;
        rollLoan(book, around, loan);
        uint256 owed = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        used = owed < held ? uint64(owed) : held;
        line.depositHeld = held - used;
        emit IFacilities.DepositUsed(loan.facts.facilityId, loanId, used, held - used);
        LoanMoney.settleHere(book, around, loanId, used, line.borrower);
    }
}
