// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../math/LoanMath.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {FacilityId, LoanId, WarehouseReceiptId} from "../../types/Ids.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {CollateralValue} from "./CollateralValue.sol";
import {Book, loadLoan, LoanView, MarginRecord, rollLoan, saveLoan, LendingContext} from "../FacilityBook.sol";
import {ILoans} from "../ILoans.sol";
import {ILiquidation} from "../liquidation/ILiquidation.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";

/// @title Margin calls: when the collateral has fallen too far below the debt. Linked to Facilities and to the
/// libraries that settle loans.
/// @notice See {ICollateral.checkMargin} for the rules.
library MarginCall {
    /// @notice A loan and its collateral, as of now.
    /// @param loan The loan, rolled to its own day.
    /// @param day Its own day number.
    /// @param debt What would end it today, in minor units.
    /// @param worth What its collateral is worth.
    /// @param goods The product's terms for goods.
    struct Standing {
        LoanView loan;
        uint256 day;
        uint256 debt;
        CollateralValue.Worth worth;
        IProducts.GoodsTerms goods;
    }

    /// @notice See {ICollateral.checkMargin}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function check(Book storage book, LendingContext memory context, LoanId loanId) external {
        Standing memory snapshot = standing(book, context, loanId);
        if (snapshot.loan.facts.status != ILoans.Status.Running) {
            revert ILoans.StateForbids(loanId, snapshot.loan.facts.status);
        }
        if (
            snapshot.goods.callLevel == 0 || snapshot.loan.facts.collateral != IProducts.CollateralKind.WarehouseReceipt
        ) {
            revert ICollateral.MarginNotAgreed(loanId);
        }
        if (!_update(book, context, loanId, snapshot)) {
            revert ICollateral.MarginUnchanged(loanId, snapshot.debt, snapshot.worth.lendable);
        }
    }

    /// @notice Like `check`, where nothing may need to change: after a repayment, a substitution, a loss of goods.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function review(Book storage book, LendingContext memory context, LoanId loanId) public {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.status != ILoans.Status.Running) return;
        reviewLoaded(book, context, loanId, loan, rollLoan(book, context, loan));
    }

    /// @dev Like `review`, for a running loan that is in memory already. It was rolled to its own `day` and saved.
    function reviewLoaded(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        uint256 day
    ) internal {
        Standing memory snapshot = _standingOf(book, context, loanId, loan, day);
        if (snapshot.goods.callLevel != 0) _update(book, context, loanId, snapshot);
    }

    /// @notice See {IWarehouseReceiptLienholder.onImpaired}. It checks the margin, and ends an auction of goods that
    /// are gone.
    /// @dev Reverts with {NotWarehouseReceipts} if the caller is not WarehouseReceipts.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param warehouseReceiptId The warehouse receipt.
    function onImpaired(Book storage book, LendingContext memory context, WarehouseReceiptId warehouseReceiptId)
        external
    {
        if (context.sender != address(context.warehouseReceipts)) {
            revert ICollateral.NotWarehouseReceipts(context.sender);
        }
        LoanId loanId = book.loanOfWarehouseReceipt[warehouseReceiptId];
        if (loanId.isNull()) return;
        endAuctionOfNothing(book, context, loanId);
        review(book, context, loanId);
    }

    /// @dev Goods that came, went or perished change nothing for the others, whose prices are by quantity. But without
    /// goods there is no sale.
    function endAuctionOfNothing(Book storage book, LendingContext memory context, LoanId loanId) internal {
        if (book.auctions[loanId].openedAt == 0 || hasGoods(book, context, loanId)) return;
        delete book.auctions[loanId];
        emit ILiquidation.AuctionEnded(loanId);
    }

    function hasGoods(Book storage book, LendingContext memory context, LoanId loanId) internal view returns (bool) {
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind != IProducts.CollateralKind.WarehouseReceipt) continue;
            uint96 quantity = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).quantity;
            if (quantity != 0) return true;
        }
        return false;
    }

    /// @notice What would end the loan today; zero once it is repaid.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return Minor units.
    function debtOf(Book storage book, LendingContext memory context, LoanId loanId) internal view returns (uint256) {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.status == ILoans.Status.Repaid) return 0;
        rollLoan(book, context, loan);
        return LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
    }

    function standing(Book storage book, LendingContext memory context, LoanId loanId)
        internal
        view
        returns (Standing memory snapshot)
    {
        LoanView memory loan = loadLoan(book, loanId);
        return _standingOf(book, context, loanId, loan, rollLoan(book, context, loan));
    }

    /// @dev `loan` has been rolled to its own `day`.
    function _standingOf(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        uint256 day
    ) private view returns (Standing memory snapshot) {
        snapshot.loan = loan;
        snapshot.day = day;
        snapshot.debt = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        FacilityId facilityId = loan.facts.facilityId;
        (snapshot.worth, snapshot.goods) =
            CollateralValue.forMargin(book, context, loanId, facilityId, snapshot.debt, context.today);
    }

    /// @dev Whether the collateral is below the liquidation level, also with the hedges that ended of late and the
    /// goods that end soon, and every item has a price. A borrower whose hedge was closed, or whose goods grew old, has
    /// the days of its margin call to cure.
    function isBelowAtOnce(Book storage book, LendingContext memory context, LoanId loanId, Standing memory snapshot)
        internal
        view
        returns (bool)
    {
        if (!isBelow(snapshot, snapshot.goods.liquidationLevel)) return false;
        (CollateralValue.Worth memory held,) = CollateralValue.forMargin(
            book,
            context,
            loanId,
            snapshot.loan.facts.facilityId,
            snapshot.debt,
            CollateralValue.heldFrom(context.today, snapshot.goods.cureDays)
        );
        return held.priced && CollateralValue.isBelow(held, snapshot.debt, snapshot.goods.liquidationLevel);
    }

    function isBelow(Standing memory snapshot, uint256 level) internal pure returns (bool) {
        return CollateralValue.isBelow(snapshot.worth, snapshot.debt, level);
    }

    /// @dev Starts or ends a call; returns whether it did.
    function _update(Book storage book, LendingContext memory context, LoanId loanId, Standing memory snapshot)
        private
        returns (bool)
    {
        bool below = isBelow(snapshot, snapshot.goods.callLevel);
        if (below == snapshot.loan.facts.marginCalled) return false;
        snapshot.loan.facts.marginCalled = below;
        saveLoan(book, loanId, snapshot.loan);
        if (below) {
            uint256 cureDays = snapshot.goods.cureDays;
            book.margins[loanId] = MarginRecord(uint24(context.today), uint24(snapshot.day + cureDays));
            uint24 lastDay = uint24(context.today + cureDays);
            emit ICollateral.MarginCalled(loanId, uint64(snapshot.debt), snapshot.worth.lendable, lastDay);
        } else {
            delete book.margins[loanId];
            emit ICollateral.MarginCured(loanId, uint64(snapshot.debt), snapshot.worth.lendable);
        }
        return true;
    }
}
