// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {FacilityId, LoanId, ProductId, ReceiptId} from "../types/Ids.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {CoverValue} from "./CoverValue.sol";
import {
    Book,
    FacilityRecord,
    loadLoan,
    LoanView,
    MarginRecord,
    rollLoan,
    saveLoan,
    Surroundings
} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";

/// @title Margin calls: when the cover has fallen too far below the debt; linked to Facilities and to what settles loans.
library MarginCall {
    /// @dev A loan beside its cover, as of now.
    struct Standing {
        LoanView loan; // rolled to its own day
        uint256 day;
        uint256 debt; // what would end it today
        CoverValue.Worth worth;
        IProducts.GoodsTerms goods;
    }

    /// @notice See IFacilities.checkMargin.
    function check(Book storage book, Surroundings memory around, LoanId loanId) external {
        Standing memory now_ = standing(book, around, loanId);
        if (now_.loan.facts.status != IFacilities.Status.Running) {
            revert IFacilities.StateForbids(loanId, now_.loan.facts.status);
        }
        if (now_.goods.callLevel == 0 || now_.loan.facts.cover != IProducts.Cover.Receipt) {
            revert IFacilities.MarginNotAgreed(loanId);
        }
        if (!_update(book, around, loanId, now_)) {
            revert IFacilities.MarginUnchanged(loanId, now_.debt, now_.worth.lendable);
        }
    }

    /// @notice The same, where there may be nothing to change: after a repayment, a swap, a loss of goods.
    function review(Book storage book, Surroundings memory around, LoanId loanId) public {
        Standing memory now_ = standing(book, around, loanId);
        if (now_.loan.facts.status != IFacilities.Status.Running || now_.goods.callLevel == 0) return;
        _update(book, around, loanId, now_);
    }

    /// @notice See IReceiptLienholder.onImpaired.
    function onImpaired(Book storage book, Surroundings memory around, ReceiptId receiptId) external {
        if (around.sender != address(around.receipts)) revert IFacilities.NotReceipts(around.sender);
        LoanId loanId = book.loanOfReceipt[receiptId];
        if (LoanId.unwrap(loanId) == 0) return;
        endAuctionOfNothing(book, around, loanId);
        review(book, around, loanId);
    }

    /// @dev Goods that came, went or perished change nothing for the others, whose prices are by quantity; but of no goods there is
    /// no sale.
    function endAuctionOfNothing(Book storage book, Surroundings memory around, LoanId loanId) internal {
        if (book.auctions[loanId].openedAt == 0 || hasGoods(book, around, loanId)) return;
        delete book.auctions[loanId];
        emit IFacilities.AuctionEnded(loanId);
    }

    function hasGoods(Book storage book, Surroundings memory around, LoanId loanId) internal view returns (bool) {
        uint256[] storage pieces = book.pieces[loanId];
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            if (kind != IProducts.Cover.Receipt) continue;
            (,, uint96 quantity,,,) = around.receipts.receipt(ReceiptId.wrap(id));
            if (quantity != 0) return true;
        }
        return false;
    }

    /// @notice What would end the loan today; nothing once it is repaid.
    function debtOf(Book storage book, Surroundings memory around, LoanId loanId) internal view returns (uint256) {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.status == IFacilities.Status.Repaid) return 0;
        rollLoan(book, around, loan);
        return LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
    }

    function standing(Book storage book, Surroundings memory around, LoanId loanId)
        internal
        view
        returns (Standing memory now_)
    {
        now_.loan = loadLoan(book, loanId);
        now_.day = rollLoan(book, around, now_.loan);
        now_.debt = LoanMath.sumOf(LoanMath.payoff(now_.loan.terms, now_.loan.state));
        FacilityId facilityId = now_.loan.facts.facilityId;
        now_.worth = CoverValue.ofLoan(book, around, loanId, facilityId, false);
        FacilityRecord storage line = book.facilities[facilityId];
        now_.goods = around.products.goodsTerms(ProductId.wrap(line.productId), line.version);
    }

    function isBelow(Standing memory now_, uint256 level) internal pure returns (bool) {
        return now_.worth.lendable * RepaymentMath.WHOLE < now_.debt * level;
    }

    /// @dev Starts or ends a call; says whether it did.
    function _update(Book storage book, Surroundings memory around, LoanId loanId, Standing memory now_)
        private
        returns (bool)
    {
        bool below = isBelow(now_, now_.goods.callLevel);
        if (below == now_.loan.facts.marginCalled) return false;
        now_.loan.facts.marginCalled = below;
        saveLoan(book, loanId, now_.loan);
        if (below) {
            uint256 cureDays = now_.goods.cureDays;
            book.margins[loanId] = MarginRecord(uint24(around.today), uint24(now_.day + cureDays));
            uint24 lastDay = uint24(around.today + cureDays);
            emit IFacilities.MarginCalled(loanId, uint64(now_.debt), now_.worth.lendable, lastDay);
        } else {
            delete book.margins[loanId];
            emit IFacilities.MarginCured(loanId, uint64(now_.debt), now_.worth.lendable);
        }
        return true;
    }
}
