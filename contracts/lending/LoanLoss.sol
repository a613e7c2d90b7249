// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {WantOfGas} from "../access/WantOfGas.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IReceivables} from "../receivables/IReceivables.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {IRiskReserve} from "../risk/IRiskReserve.sol";
import {CollateralItemWord} from "../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, WarehouseReceiptId, ReceivableId} from "../types/Ids.sol";
import {DEFAULTED} from "../types/PostingWord.sol";
import {
    Book,
    FacilityRecord,
    loadLoan,
    loanDay,
    LoanFacts,
    LoanView,
    ParticipationRecord,
    RaisedDebt,
    rollLoan,
    saveLoan,
    LendingContext
} from "./FacilityBook.sol";
import {CollateralDebtors} from "./collateral/CollateralDebtors.sol";
import {CollateralItems} from "./collateral/CollateralItems.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";
import {IProducts} from "./IProducts.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {RaisedDebts} from "./RaisedDebts.sol";
import {Settlement} from "./Settlement.sol";

/// @title Overdue, default, loss, write-off; linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanLoss {
    /// @dev No loss is recorded before a loan has this age. A reserve is for debts that failed, not for money that only
    /// runs through.
    uint256 private constant FIRST_DAYS = 30;
    /// @dev Days that the borrower has at least to pay what a correction brought back, before it counts as overdue.
    uint256 private constant DAYS_AFTER_CORRECTION = 3;

    /// @notice See {ILoans.markOverdue}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function markOverdue(Book storage book, LendingContext memory context, LoanId loanId) external {
        (LoanView memory loan, uint256 day) = _overdue(book, context, loanId);
        _requireDaysOver(loanId, loan, day, book.raised[loanId].newDay);
        if (loan.facts.markedOverdue) revert ILoans.StateForbids(loanId, loan.facts.status);
        Settlement.mark(book, loanId, loan, day);
        saveLoan(book, loanId, loan);
    }

    /// @notice See {ILoans.declareDefault}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function declareDefault(Book storage book, LendingContext memory context, LoanId loanId) external {
        (LoanView memory loan, uint256 day) = _overdue(book, context, loanId);
        _requireDaysOver(loanId, loan, day, book.raised[loanId].day);
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireLender(context, facilityId, book.facilities[facilityId]);
        if (loan.facts.status != ILoans.Status.Running) {
            revert ILoans.StateForbids(loanId, loan.facts.status);
        }
        Settlement.accelerate(book, context, loanId, loan, DEFAULTED);
    }

    /// @notice See {ILoans.recordLoss}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return absorbed Minor units that were absorbed at once.
    function recordLoss(Book storage book, LendingContext memory context, LoanId loanId)
        external
        returns (uint64 absorbed)
    {
        LoanView memory loan = _ofLender(book, context, loanId);
        ILoans.Status status = loan.facts.status;
        if (status != ILoans.Status.Defaulted && status != ILoans.Status.WrittenOff) {
            revert ILoans.StateForbids(loanId, status);
        }
        if (loan.facts.lossRecorded) revert ILoans.StateForbids(loanId, status);
        _requireExhausted(book, context, loanId, loan);

        uint64 deposit = _useDeposit(book, context, loanId, loan);
        loan = loadLoan(book, loanId);
        uint64 loss = uint64(LoanMath.outstanding(loan.state));
        if (loss == 0) return 0;
        uint256 earliest = uint256(loan.facts.drawnDay) + FIRST_DAYS;
        uint256 day = loanDay(book, context, loan);
        RaisedDebt memory raised = book.raised[loanId];
        bool isRaised = RaisedDebts.isOwn(raised, loss);
        if (day < earliest || isRaised) {
            // What the deposit paid is not undone.
            if (deposit != 0) return 0;
            if (isRaised) revert IPostings.LossNotShared(loanId, raised.day);
            revert ILoans.TooEarly(loanId, day, earliest);
        }
        loan.facts.lossRecorded = true;
        saveLoan(book, loanId, loan);
        IRiskReserve.LossReport memory report = _report(book, context, loanId, loan.facts, loss);
        report.own = uint64(RaisedDebts.ownOf(raised));
        _leaveOwn(book, context, report);
        absorbed = context.reserve.recordLoss(report);
        emit ILoans.LoanLossRecorded(loanId, deposit, loss, absorbed);
    }

    /// @notice See {ILoans.writeOff}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param writeOffDays Days from the last due day to the write-off.
    function writeOff(Book storage book, LendingContext memory context, LoanId loanId, uint256 writeOffDays) external {
        LoanView memory loan = _ofLender(book, context, loanId);
        if (loan.facts.status != ILoans.Status.Defaulted) {
            revert ILoans.StateForbids(loanId, loan.facts.status);
        }
        uint256 earliest = LoanMath.dueDayOf(loan.terms, loan.terms.periods) + writeOffDays;
        uint256 day = loanDay(book, context, loan);
        if (day < earliest) revert ILoans.TooEarly(loanId, day, earliest);
        loan.facts.status = ILoans.Status.WrittenOff;
        saveLoan(book, loanId, loan);
        emit ILoans.LoanWrittenOff(loanId, uint64(LoanMath.outstanding(loan.state)), uint24(day));
    }

    /// @notice See {ILoans.declareDebtDefault}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function declareDebtDefault(Book storage book, LendingContext memory context, LoanId loanId) external {
        LoanView memory loan = _ofLender(book, context, loanId);
        if (loan.facts.collateral == IProducts.CollateralKind.Claim) {
            ClaimId claimId = ClaimId.wrap(loan.facts.collateralId);
            ReceivableId receivableId = context.receivables.claim(claimId).receivableId;
            context.receivables.declareDefault(receivableId, claimId);
            return;
        }
        CollateralItemWord[] storage items = book.items[loanId];
        bool isFound;
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind != IProducts.CollateralKind.Claim || _isExhausted(context, kind, id)) continue;
            ReceivableId receivableId = context.receivables.claim(ClaimId.wrap(id)).receivableId;
            // A debt that is not due yet, or is paid and not collected, does not stand in the way of the others.
            uint256 gasBefore = gasleft();
            try context.receivables.declareDefault(receivableId, ClaimId.wrap(id)) {
                isFound = true;
            } catch (bytes memory reason) {
                WantOfGas.requireNone(gasBefore, reason);
            }
        }
        if (!isFound) revert ILoans.CollateralMissing(loanId);
    }

    function _overdue(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (LoanView memory loan, uint256 day)
    {
        loan = Settlement.loadOpen(book, loanId);
        day = rollLoan(book, context, loan);
        if (!Settlement.isOverdue(loan)) revert ILoans.NotOverdue(loanId);
    }

    /// @dev The borrower has days to pay what a correction or a late rate brought back.
    function _requireDaysOver(LoanId loanId, LoanView memory loan, uint256 day, uint256 raisedDay) private pure {
        if (raisedDay == 0) return;
        uint256 graceDays = loan.terms.graceDays;
        uint256 earliest = raisedDay + (graceDays > DAYS_AFTER_CORRECTION ? graceDays : DAYS_AFTER_CORRECTION) + 1;
        if (day < earliest) revert ILoans.TooEarly(loanId, day, earliest);
    }

    function _ofLender(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (LoanView memory loan)
    {
        loan = Settlement.loadOpen(book, loanId);
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireLender(context, facilityId, book.facilities[facilityId]);
    }

    /// @dev No collateral item can bring anything more for now.
    function _requireExhausted(Book storage book, LendingContext memory context, LoanId loanId, LoanView memory loan)
        private
        view
    {
        if (loan.facts.collateral != IProducts.CollateralKind.WarehouseReceipt) {
            _requireGone(context, loanId, loan.facts.collateral, loan.facts.collateralId);
            return;
        }
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            _requireGone(context, loanId, kind, id);
        }
    }

    function _requireGone(LendingContext memory context, LoanId loanId, IProducts.CollateralKind kind, uint256 id)
        private
        view
    {
        if (!_isExhausted(context, kind, id)) revert ILoans.CollateralNotExhausted(loanId, id);
    }

    /// @dev There is no such item, it is gone, or its debtor has defaulted too. Goods can always be sold.
    function _isExhausted(LendingContext memory context, IProducts.CollateralKind kind, uint256 id)
        private
        view
        returns (bool)
    {
        if (kind == IProducts.CollateralKind.Claim) {
            IReceivables.Claim memory claimRow = context.receivables.claim(ClaimId.wrap(id));
            if (claimRow.owner == address(0)) return true;
            IReceivables.Status status = context.receivables.receivable(claimRow.receivableId).status;
            if (status != IReceivables.Status.Defaulted && status != IReceivables.Status.WrittenOff) return false;
            // Money that the debtor has paid after all is collected first.
            (uint96 principal, uint96 lateCharge) = context.receivables.collectable(ClaimId.wrap(id));
            return principal == 0 && lateCharge == 0;
        }
        if (kind == IProducts.CollateralKind.Order) {
            IPurchaseOrders.Order memory order = context.orders.order(OrderId.wrap(id));
            return order.status != IPurchaseOrders.Status.Confirmed || context.today > order.expiryDay;
        }
        if (kind == IProducts.CollateralKind.WarehouseReceipt) {
            uint96 quantity = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).quantity;
            return quantity == 0;
        }
        return true;
    }

    /// @dev Of a loan that was sold: what was insured when it was lent stays insured, and if the one who lent it is
    /// related to the borrower, nobody else bears anything.
    function _report(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanFacts memory facts,
        uint64 loss
    ) private view returns (IRiskReserve.LossReport memory) {
        FacilityRecord storage facilityRow = book.facilities[facts.facilityId];
        FacilityId originId = Settlement.originOf(book, facts.facilityId);
        FacilityRecord storage origin = book.facilities[originId];
        ProductId productId = ProductId.wrap(facilityRow.productId);
        return IRiskReserve.LossReport({
            loanId: loanId,
            facilityId: originId,
            productId: productId,
            currency: facilityRow.currency,
            lender: Settlement.funderOf(facilityRow),
            administrator: origin.lender,
            borrower: facilityRow.borrower,
            loss: loss,
            drawnDay: facts.drawnDay,
            pooled: context.products.terms(productId, facilityRow.version).reservePooled,
            insured: Settlement.funderOf(origin),
            own: 0
        });
    }

    /// @dev Those whose money is lent would get what others pay for a loss of their own groups' making. If a participant
    /// is related to the borrower by now, nobody else bears anything, as with such a lender. What their groups owe under
    /// the loan's lien and did not pay, the lender bears itself.
    function _leaveOwn(Book storage book, LendingContext memory context, IRiskReserve.LossReport memory report)
        private
        view
    {
        ParticipationRecord[] storage rows = book.shared[report.loanId].participations;
        address[] memory accounts = new address[](rows.length + 2);
        (accounts[0], accounts[1]) = (report.lender, report.insured);
        for (uint256 i; i < rows.length; ++i) {
            address participant = rows[i].participant;
            if (context.registry.areRelated(participant, report.borrower)) report.administrator = report.borrower;
            accounts[i + 2] = participant;
        }
        uint256 own = report.own + CollateralDebtors.owedBy(book, context, report.loanId, accounts);
        report.own = own < report.loss ? uint64(own) : report.loss;
    }

    /// @dev The borrower's deposit goes through the waterfall. What is not needed stays. A deposit secures all loans
    /// that were drawn on its facility, whoever holds them now.
    function _useDeposit(Book storage book, LendingContext memory context, LoanId loanId, LoanView memory loan)
        private
        returns (uint64 used)
    {
        FacilityId facilityId = Settlement.originOf(book, loan.facts.facilityId);
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        uint64 held = facilityRow.depositHeld;
        if (held == 0) return 0;
        rollLoan(book, context, loan);
        uint256 owed = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        used = owed < held ? uint64(owed) : held;
        facilityRow.depositHeld = held - used;
        emit ILoans.DepositUsed(facilityId, loanId, used, held - used);
        LoanMoney.settleHere(book, context, loanId, used, facilityRow.borrower);
    }
}
