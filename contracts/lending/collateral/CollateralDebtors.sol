// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId} from "../../types/Ids.sol";
import {Book, LendingContext, loadLoan, LoanFacts} from "../FacilityBook.sol";
import {IProducts} from "../IProducts.sol";
import {CollateralItems} from "./CollateralItems.sol";

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
        uint8 known = book.buyers[loanId][debtor];
        if (known != 0) return known == LATE;
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

    /// @notice The debtor of a claim or the buyer of an order under the loan's lien that is related to an account.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param account The account.
    /// @return One of them; zero for none.
    function relatedTo(Book storage book, LendingContext memory context, LoanId loanId, address account)
        internal
        view
        returns (address)
    {
        LoanFacts memory facts = loadLoan(book, loanId).facts;
        for (uint256 i = _countOf(book, loanId, facts); i != 0; --i) {
            Debt memory debt = _debtAt(book, context, loanId, facts, i - 1);
            if (_isRelated(context, debt, account)) return debt.debtor;
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
        LoanFacts memory facts = loadLoan(book, loanId).facts;
        for (uint256 i = _countOf(book, loanId, facts); i != 0; --i) {
            Debt memory debt = _debtAt(book, context, loanId, facts, i - 1);
            uint256 place;
            while (place < accounts.length && !_isRelated(context, debt, accounts[place])) ++place;
            if (place != accounts.length) owed += debt.value;
        }
    }

    function _isRelated(LendingContext memory context, Debt memory debt, address account) private view returns (bool) {
        return debt.debtor != address(0) && context.registry.areRelated(account, debt.debtor);
    }

    /// @dev A loan that is not on goods has one item at most.
    function _countOf(Book storage book, LoanId loanId, LoanFacts memory facts) private view returns (uint256) {
        return facts.collateral == IProducts.CollateralKind.WarehouseReceipt ? book.items[loanId].length : 1;
    }

    /// @dev Nobody owes goods, nor a claim that was paid and burned.
    function _debtAt(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanFacts memory facts,
        uint256 place
    ) private view returns (Debt memory debt) {
        (IProducts.CollateralKind kind, uint256 id) = (facts.collateral, facts.collateralId);
        if (kind == IProducts.CollateralKind.WarehouseReceipt) {
            (kind, id) = CollateralItems.unpack(book.items[loanId][place]);
        }
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
