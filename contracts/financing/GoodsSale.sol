// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {LoanId} from "../types/Ids.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {Book, Surroundings} from "./FacilityBook.sol";
import {GoodsAuction} from "./GoodsAuction.sol";
import {IFacilities} from "./IFacilities.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {MarginCall} from "./MarginCall.sol";

/// @title Goods against money: the price comes in, the loan is settled, the goods go out; linked to those that sell.
library GoodsSale {
    using SafeERC20 for IERC20;

    /// @dev Whether the currency moves, as far as one knows; a stop that is over ends now. One that nobody noticed yet shows itself when
    /// the payment fails.
    function isMoving(Book storage book, Surroundings memory around, address currency) internal returns (bool) {
        return book.clocks[currency].stoppedAt == 0 || isRunning(book, around, currency);
    }

    /// @dev Asks the currency itself.
    function isRunning(Book storage book, Surroundings memory around, address currency) internal returns (bool) {
        return CurrencyClock.check(book.clocks[currency], currency, around.receivables.zoneOffset());
    }

    /// @dev False where the currency stands; whatever else keeps the money from coming is the token's own error.
    function isPaid(Book storage book, Surroundings memory around, address currency, address from, uint256 amount)
        internal
        returns (bool)
    {
        if (pays(currency, from, amount)) return true;
        if (!isRunning(book, around, currency)) return false;
        Unclaimed.pull(currency, from, amount);
        return true;
    }

    /// @dev Exactly so much, or nothing.
    function pays(address currency, address from, uint256 amount) internal returns (bool) {
        uint256 before = IERC20(currency).balanceOf(address(this));
        if (!IERC20(currency).trySafeTransferFrom(from, address(this), amount)) return false;
        uint256 received = IERC20(currency).balanceOf(address(this)) - before;
        if (received != amount) revert Unclaimed.TransferTookFee(currency, amount, received);
        return true;
    }

    /// @dev The price is here already. What is sold is crossed out before the loan is settled, for the last cent frees all that
    /// is still in its cover; a part stays in it unless it is the last that was needed.
    function sell(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        GoodsAuction.Sale memory sale,
        address buyer
    ) external {
        uint256 count = sale.ids.length;
        bool staysIn = sale.splits && sale.price < MarginCall.debtOf(book, around, loanId);
        CoverPieces.crossOutGoods(book, loanId, sale.ids, staysIn ? count - 1 : count);
        uint64 taken = uint64(LoanMoney.settleHere(book, around, loanId, sale.price, sale.lastOwner));
        uint256[] memory soldIds = CoverPieces.deliver(book, around, loanId, sale.ids, sale.quantities, staysIn, buyer);
        for (uint256 i; i < count; ++i) {
            emit IFacilities.PieceSold(loanId, sale.ids[i], soldIds[i], sale.quantities[i], sale.prices[i]);
        }
        emit IFacilities.GoodsSold(loanId, buyer, sale.price, taken, sale.price - taken);
        MarginCall.endAuctionOfNothing(book, around, loanId);
    }
}
