// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ClaimShares} from "../../math/ClaimShares.sol";
import {RepaymentMath} from "../../math/RepaymentMath.sol";
import {FacilityId, LoanId} from "../../types/Ids.sol";
import {Book, FacilityRecord, loadLoan, LendingContext} from "../FacilityBook.sol";
import {GoodsAuction} from "./GoodsAuction.sol";
import {GoodsSale} from "./GoodsSale.sol";
import {IFacilities} from "../IFacilities.sol";
import {ILiquidation} from "./ILiquidation.sol";
import {MarginCall} from "../collateral/MarginCall.sol";
import {Settlement} from "../Settlement.sol";

/// @title Buy-back undertakings: a standing bid in every auction of a facility's goods. Linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanBuyBack {
    /// @notice A price is in millionths of a minor unit, a factor in parts per million.
    uint256 private constant WHOLE = 1_000_000 * RepaymentMath.WHOLE;
    bytes32 private constant BUY_BACK_TYPEHASH = keccak256(
        "BuyBack(uint256 facilityId,address undertaker,uint24 share,uint64 maxTotal,uint24 lastDay,bytes32 legalTextHash,"
        "uint40 deadline,uint256 nonce)"
    );

    /// @notice See {ILiquidation.agreeBuyBack}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @param undertakerSignature Signature of the undertaker's party.
    function agreeBuyBack(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        ILiquidation.BuyBack calldata terms,
        bytes calldata undertakerSignature
    ) external {
        FacilityId facilityId = FacilityId.wrap(terms.facilityId);
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        if (facilityRow.lender == address(0)) revert IFacilities.FacilityUnknown(facilityId);
        Settlement.requireLender(context, facilityId, facilityRow);
        bytes32 digest = buyBackDigest(domain, terms);
        Settlement.useTerms(book, digest, terms.deadline);
        context.registry.requireValidForRisk(terms.undertaker, 0);
        if (_isSide(context, facilityRow, terms.undertaker)) {
            revert IFacilities.SamePartyBothSides(terms.undertaker, facilityRow.borrower);
        }
        Settlement.requireSigned(book, context, terms.undertaker, digest, undertakerSignature);
        _within("share", terms.share, 0, 2 * RepaymentMath.WHOLE);
        _within("maxTotal", terms.maxTotal, 1, ClaimShares.MAX_AMOUNT);
        _within("lastDay", terms.lastDay, context.today, type(uint24).max);
        _within("legalTextHash", uint256(terms.legalTextHash), 1, type(uint256).max);
        if (book.sold[facilityId] != 0) _requireNoWorse(book, facilityId, terms);
        book.buyBacks[facilityId] =
            ILiquidation.BuyBackUndertaking(terms.undertaker, terms.maxTotal, terms.share, terms.lastDay);
        emit ILiquidation.BuyBackAgreed(facilityId, terms.undertaker, terms);
    }

    /// @notice See {ILiquidation.callBuyBack}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return price Minor units that the undertaker paid.
    function callBuyBack(Book storage book, LendingContext memory context, LoanId loanId)
        external
        returns (uint64 price)
    {
        FacilityId facilityId = loadLoan(book, loanId).facts.facilityId;
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        // The undertaking was in force when the sale was opened, and stays in force until all is sold.
        uint256 openedDay = (book.auctions[loanId].openedAt + context.receivables.zoneOffset()) / 1 days;
        FacilityId undertakenFor = _undertakenFor(book, facilityId, openedDay);
        ILiquidation.BuyBackUndertaking memory buyBack = book.buyBacks[undertakenFor];
        if (!GoodsSale.isMoving(book, context, facilityRow.currency)) return 0;
        uint256 requested = GoodsAuction.factorNow(book, loanId, facilityRow.currency);
        if (buyBack.left == 0 || openedDay > buyBack.lastDay) revert ILiquidation.NoBuyBack(facilityId);
        GoodsAuction.Sale memory sale = _boughtBack(book, context, loanId, buyBack);
        if (sale.ids.length == 0) revert ILiquidation.NoAuction(loanId);
        price = sale.price;
        requested = GoodsAuction.valueOf(book, context, loanId, sale.ids, sale.quantities, requested);
        if (price < requested) revert ILiquidation.BuyBackTooLow(loanId, price, requested);
        // An undertaker that cannot pay stops nothing: the auction goes on.
        if (!_mayBuy(context, facilityRow, buyBack.undertaker)) {
            emit ILiquidation.BuyBackFailed(loanId, buyBack.undertaker, price);
            return 0;
        }
        if (!GoodsSale.pays(facilityRow.currency, buyBack.undertaker, price)) {
            if (GoodsSale.isRunning(book, context, facilityRow.currency)) {
                emit ILiquidation.BuyBackFailed(loanId, buyBack.undertaker, price);
            }
            return 0;
        }
        book.buyBacks[undertakenFor].left = buyBack.left - price;
        GoodsSale.sell(book, context, loanId, sale, buyBack.undertaker);
        // After the goods: an undertaker with code may run another intent when it gets them.
        emit ILiquidation.BoughtBack(loanId, buyBack.undertaker, price, buyBack.left - price);
    }

    /// @notice See {ILiquidation.buyBackDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @return The digest.
    function buyBackDigest(bytes32 domain, ILiquidation.BuyBack calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(BUY_BACK_TYPEHASH, terms)));
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev Lenders who bought loans of the facility relied on what was undertaken for it.
    function _requireNoWorse(Book storage book, FacilityId facilityId, ILiquidation.BuyBack calldata terms)
        private
        view
    {
        ILiquidation.BuyBackUndertaking storage held = book.buyBacks[facilityId];
        if (held.left == 0) return;
        if (
            terms.undertaker != held.undertaker || terms.share < held.share || terms.maxTotal < held.left
                || terms.lastDay < held.lastDay
        ) revert IFacilities.FacilityInUse(facilityId, book.sold[facilityId]);
    }

    /// @dev What is needed, at the undertaker's share of the goods' value; or all goods for the debt, if that share of
    /// all pays less.
    function _boughtBack(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ILiquidation.BuyBackUndertaking memory buyBack
    ) private view returns (GoodsAuction.Sale memory sale) {
        uint256 needed = Math.min(MarginCall.debtOf(book, context, loanId), buyBack.left);
        uint256 whole = GoodsAuction.wholeValue(book, context, loanId);
        if (whole == 0) return sale;
        uint256 factor = Math.max(buyBack.share, Math.ceilDiv(needed * WHOLE * RepaymentMath.WHOLE, whole));
        sale = GoodsAuction.saleFor(book, context, loanId, factor, needed);
        // The undertaker pays no more than is left of its maximum. The excess comes off the price of the last warehouse
        // receipt.
        if (sale.price > buyBack.left) {
            sale.prices[sale.prices.length - 1] -= sale.price - buyBack.left;
            sale.price = buyBack.left;
        }
    }

    function _mayBuy(LendingContext memory context, FacilityRecord storage facilityRow, address undertaker)
        private
        view
        returns (bool)
    {
        return context.registry.isValid(undertaker) && !_isSide(context, facilityRow, undertaker);
    }

    /// @dev An undertaking for a facility's loans stands when they are sold, unless their new lender has its own, which
    /// was in force when the sale was opened and is not used up.
    function _undertakenFor(Book storage book, FacilityId facilityId, uint256 openedDay)
        private
        view
        returns (FacilityId)
    {
        ILiquidation.BuyBackUndertaking storage own = book.buyBacks[facilityId];
        bool isOwn = own.left != 0 && openedDay <= own.lastDay;
        return isOwn ? facilityId : Settlement.originOf(book, facilityId);
    }

    /// @dev A lender that wants the goods bids for them; a borrower repays.
    function _isSide(LendingContext memory context, FacilityRecord storage facilityRow, address undertaker)
        private
        view
        returns (bool)
    {
        return context.registry.areRelated(undertaker, facilityRow.borrower)
            || context.registry.areRelated(undertaker, facilityRow.lender)
            || (facilityRow.entruster != address(0) && context.registry.areRelated(undertaker, facilityRow.entruster));
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }
}
