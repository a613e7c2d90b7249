// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId} from "../../types/Ids.sol";
import {Book, LendingContext, loadLoan, LoanFacts} from "../FacilityBook.sol";
import {IProducts} from "../IProducts.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {ICollateral} from "./ICollateral.sol";

/// @title Who owes what secures a loan: which debtors count, which of them are new, and who is related to them.
/// @notice Internal to the libraries of Facilities. Source: decision 62.
library CollateralDebtors {
    /// @dev Values of `Book.buyers`: the buyer of an order, or a debtor that was accepted before the draw.
    uint8 internal constant KNOWN = 1;
    /// @dev A debtor that counted when the loan was sold, but was accepted only after the draw.
    uint8 internal constant LATE = 2;

    /// @notice A debt under the loan's lien.
    /// @param debtor The debtor of a claim, or the buyer of an order; zero: none.
    /// @param value Minor units that are unpaid of the claim, or that nobody has delivered or invoiced of the order.
    struct Debt {
        address debtor;
        uint256 value;
    }

    /// @notice Whether the lender has accepted a debtor, or it is the buyer of an order on which the loan was drawn, or
    /// it counted when the loan was sold.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param facilityId The loan's facility.
    /// @param debtor The debtor's party.
    /// @return Whether goods may leave for its debts.
    function counts(Book storage book, LoanId loanId, FacilityId facilityId, PartyId debtor)
        internal
        view
        returns (bool)
    {
        return book.accepted[facilityId][debtor] || book.buyers[loanId][debtor] != 0;
    }

    /// @notice Whether a debtor that counts was accepted only after the draw, and no claim on it secured the draw.
    /// Those who bear losses signed for the loan without it.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param facilityId The loan's facility.
    /// @param debtor The debtor's party.
    /// @return Whether it is late.
    function isLate(Book storage book, LoanId loanId, FacilityId facilityId, PartyId debtor)
        internal
        view
        returns (bool)
    {
        if (book.drawnOn[loanId][debtor]) return false;
        uint8 kept = book.buyers[loanId][debtor];
        if (kept != 0) return kept == LATE;
        return LoanId.unwrap(loanId) <= book.acceptedAfter[facilityId][debtor];
    }

    /// @notice The loan is sold: a debtor that its lender has accepted goes on counting, though the new one has
    /// accepted none yet.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param facilityId The facility that it leaves.
    /// @param debtor The debtor's party.
    function keep(Book storage book, LoanId loanId, FacilityId facilityId, PartyId debtor) internal {
        if (!book.accepted[facilityId][debtor] || book.buyers[loanId][debtor] != 0) return;
        book.buyers[loanId][debtor] = isLate(book, loanId, facilityId, debtor) ? LATE : KNOWN;
    }

    /// @notice Goods left that were needed, for the promise of a late debtor: the lender bears the loan's loss.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    function noteLate(Book storage book, LoanId loanId) internal {
        if (book.lenderBears[loanId]) return;
        book.lenderBears[loanId] = true;
        emit ICollateral.GoodsLeftForPromise(loanId);
    }

    /// @notice The debtor of a claim or the buyer of an order under the loan's lien that is related to an account.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param account The account.
    /// @return The first of them; zero for none.
    function relatedTo(Book storage book, LendingContext memory context, LoanId loanId, address account)
        internal
        view
        returns (address)
    {
        Debt[] memory debts = _debtsOf(book, context, loanId);
        for (uint256 i; i < debts.length; ++i) {
            if (_isRelated(context, debts[i], account)) return debts[i].debtor;
        }
        return address(0);
    }

    /// @notice What is unpaid of the debts under the loan's lien whose debtor is related to one of these accounts.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param accounts The accounts.
    /// @return owed Minor units.
    function owedBy(Book storage book, LendingContext memory context, LoanId loanId, address[] memory accounts)
        internal
        view
        returns (uint256 owed)
    {
        Debt[] memory debts = _debtsOf(book, context, loanId);
        for (uint256 i; i < debts.length; ++i) {
            uint256 place;
            while (place < accounts.length && !_isRelated(context, debts[i], accounts[place])) ++place;
            if (place != accounts.length) owed += debts[i].value;
        }
    }

    function _isRelated(LendingContext memory context, Debt memory debt, address account) private view returns (bool) {
        return debt.debtor != address(0) && context.registry.areRelated(account, debt.debtor);
    }

    function _debtsOf(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (Debt[] memory debts)
    {
        LoanFacts memory facts = loadLoan(book, loanId).facts;
        if (facts.collateral != IProducts.CollateralKind.WarehouseReceipt) {
            debts = new Debt[](1);
            debts[0] = _debtOf(context, facts.collateral, facts.collateralId);
            return debts;
        }
        CollateralItemWord[] storage items = book.items[loanId];
        debts = new Debt[](items.length);
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            debts[i] = _debtOf(context, kind, id);
        }
    }

    /// @dev Nobody owes goods, nor a claim that was paid and burned.
    function _debtOf(LendingContext memory context, IProducts.CollateralKind kind, uint256 id)
        private
        view
        returns (Debt memory debt)
    {
        if (kind == IProducts.CollateralKind.Claim) {
            IReceivables.Claim memory claimRow = context.receivables.claim(ClaimId.wrap(id));
            if (claimRow.owner == address(0)) return debt;
            debt.debtor = context.receivables.receivable(claimRow.receivableId).debtor;
            debt.value = claimRow.value;
        } else if (kind == IProducts.CollateralKind.Order) {
            IPurchaseOrders.Order memory order = context.orders.order(OrderId.wrap(id));
            debt.debtor = order.buyer;
            debt.value = uint256(order.amount) - order.invoiced - order.delivered;
        }
    }
}
