// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CurrencyClock} from "../../cash/CurrencyClock.sol";
import {TriedTransfer} from "../../cash/TriedTransfer.sol";
import {Unclaimed} from "../../cash/Unclaimed.sol";
import {LoanId} from "../../types/Ids.sol";
import {CollateralItems} from "../collateral/CollateralItems.sol";
import {Book, LendingContext} from "../FacilityBook.sol";
import {GoodsAuction} from "./GoodsAuction.sol";
import {ILiquidation} from "./ILiquidation.sol";
import {LoanMoney} from "../LoanMoney.sol";
import {MarginCall} from "../collateral/MarginCall.sol";

/// @title Sells goods for money: takes the price, settles the loan, hands the goods out. Linked to the libraries that
/// sell.
/// @notice See {ILiquidation.bid} for the rules.
library GoodsSale {
    /// @dev Whether the currency moves, as far as the ledger knows. A stop that is over ends now. A stop that nobody
    /// recorded yet shows when the payment fails.
    function isMoving(Book storage book, LendingContext memory context, address currency) internal returns (bool) {
        return book.clocks[currency].stoppedAt == 0 || isRunning(book, context, currency);
    }

    /// @dev Asks the currency itself whether it moves.
    function isRunning(Book storage book, LendingContext memory context, address currency) internal returns (bool) {
        return CurrencyClock.check(book.clocks[currency], currency, context.receivables.zoneOffset());
    }

    /// @dev Returns false if the currency stands. Any other failure of the payment reverts with the token's own error.
    function isPaid(Book storage book, LendingContext memory context, address currency, address from, uint256 amount)
        internal
        returns (bool)
    {
        if (pays(currency, from, amount)) return true;
        if (!isRunning(book, context, currency)) return false;
        Unclaimed.pull(currency, from, amount);
        return true;
    }

    /// @dev Pays exactly `amount`, or nothing.
    function pays(address currency, address from, uint256 amount) internal returns (bool) {
        uint256 before = IERC20(currency).balanceOf(address(this));
        if (!TriedTransfer.move(currency, from, address(this), amount)) return false;
        uint256 received = IERC20(currency).balanceOf(address(this)) - before;
        if (received != amount) revert Unclaimed.TransferTookFee(currency, amount, received);
        return true;
    }

    /// @notice Takes the price from the buyer and sells the goods to it, or does nothing.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param currency The loan's currency.
    /// @param sale What is sold, and its price.
    /// @param buyer The account that buys.
    /// @return isSold False: it did not pay.
    function buy(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address currency,
        GoodsAuction.Sale memory sale,
        address buyer
    ) external returns (bool isSold) {
        if (!pays(currency, buyer, sale.price)) return false;
        sell(book, context, loanId, sale, buyer);
        return true;
    }

    /// @notice Settles the loan with the price and hands the goods to their buyer.
    /// @dev The price is here already. The goods that are sold leave the record before the loan is settled, because the
    /// last cent releases everything that is still collateral. A part stays recorded, unless it is the last that was
    /// needed.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param sale What is sold, and its price.
    /// @param buyer The account that buys.
    function sell(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        GoodsAuction.Sale memory sale,
        address buyer
    ) public {
        uint256 count = sale.ids.length;
        bool staysIn = sale.splits && sale.price < MarginCall.debtOf(book, context, loanId);
        CollateralItems.crossOutGoods(book, loanId, sale.ids, staysIn ? count - 1 : count);
        uint64 taken = uint64(LoanMoney.settleHere(book, context, loanId, sale.price, sale.lastOwner));
        uint256[] memory soldIds =
            CollateralItems.deliver(book, context, loanId, sale.ids, sale.quantities, staysIn, buyer);
        for (uint256 i; i < count; ++i) {
            emit ILiquidation.WarehouseReceiptSold(loanId, sale.ids[i], soldIds[i], sale.quantities[i], sale.prices[i]);
        }
        emit ILiquidation.GoodsSold(loanId, buyer, sale.price, taken, sale.price - taken);
        MarginCall.endAuctionOfNothing(book, context, loanId);
    }
}
