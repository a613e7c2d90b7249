// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {WantOfGas} from "../../access/WantOfGas.sol";
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

    /// @notice What an undertaking would buy now.
    /// @param undertakenFor The facility for whose loans it was agreed.
    /// @param buyBack The undertaking.
    /// @param sale The goods, and what it pays for them.
    /// @param requested What the auction asks for these goods, in minor units.
    /// @param value What these goods are worth at their full value, in minor units.
    struct Offer {
        FacilityId undertakenFor;
        ILiquidation.BuyBackUndertaking buyBack;
        GoodsAuction.Sale sale;
        uint256 requested;
        uint256 value;
    }

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
        address currency = book.facilities[facilityId].currency;
        if (!GoodsSale.isMoving(book, context, currency)) return 0;
        Offer[] memory offers = _offers(book, context, loanId, facilityId, currency);
        for (uint256 i; i < offers.length; ++i) {
            // An undertaker that cannot pay stops nothing: the auction goes on, and the next one is asked.
            bool isLast = i + 1 == offers.length || !_isEnough(offers[i + 1]);
            if (_isEnough(offers[i]) && _buy(book, context, loanId, facilityId, offers[i], isLast)) {
                return offers[i].sale.price;
            }
            if (!GoodsSale.isMoving(book, context, currency)) return 0;
        }
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

    /// @dev The undertakings that were in force when the sale was opened, and stay in force until all is sold: that for
    /// the loan's facility, and that for its origin, on which its seller relies. The one that pays more for the goods
    /// goes first; so no lender keeps the other from its buy-back by one that is worse. At least one pays what is asked.
    function _offers(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        address currency
    ) private view returns (Offer[] memory offers) {
        uint256 factor = GoodsAuction.factorNow(book, loanId, currency);
        uint256 openedDay = (book.auctions[loanId].openedAt + context.receivables.zoneOffset()) / 1 days;
        FacilityId originId = Settlement.originOf(book, facilityId);
        bool isOwn = _isInForce(book, facilityId, openedDay);
        bool isOfOrigin = facilityId != originId && _isInForce(book, originId, openedDay);
        if (!isOwn && !isOfOrigin) revert ILiquidation.NoBuyBack(facilityId);
        offers = new Offer[](isOwn && isOfOrigin ? 2 : 1);
        offers[0] = _offer(book, context, loanId, isOwn ? facilityId : originId, factor);
        if (offers.length == 2) {
            offers[1] = _offer(book, context, loanId, originId, factor);
            if (_isBetter(offers[1], offers[0])) (offers[0], offers[1]) = (offers[1], offers[0]);
        }
        if (!_isEnough(offers[0]) && !_isEnough(offers[offers.length - 1])) {
            revert ILiquidation.BuyBackTooLow(loanId, offers[0].sale.price, offers[0].requested);
        }
    }

    function _isInForce(Book storage book, FacilityId facilityId, uint256 openedDay) private view returns (bool) {
        ILiquidation.BuyBackUndertaking storage buyBack = book.buyBacks[facilityId];
        return buyBack.left != 0 && openedDay <= buyBack.lastDay;
    }

    function _offer(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId undertakenFor,
        uint256 factor
    ) private view returns (Offer memory offer) {
        offer.undertakenFor = undertakenFor;
        offer.buyBack = book.buyBacks[undertakenFor];
        offer.sale = _boughtBack(book, context, loanId, offer.buyBack);
        (uint256[] memory ids, uint96[] memory quantities) = (offer.sale.ids, offer.sale.quantities);
        if (ids.length == 0) revert ILiquidation.NoAuction(loanId);
        offer.requested = GoodsAuction.valueOf(book, context, loanId, ids, quantities, factor);
        offer.value = GoodsAuction.valueOf(book, context, loanId, ids, quantities, RepaymentMath.WHOLE);
    }

    function _isEnough(Offer memory offer) private pure returns (bool) {
        return offer.sale.price >= offer.requested;
    }

    /// @dev Whether it pays more for what it buys than the other does. One that pays what is asked is better than one
    /// that does not.
    function _isBetter(Offer memory offer, Offer memory other) private pure returns (bool) {
        if (_isEnough(offer) != _isEnough(other)) return _isEnough(offer);
        return uint256(offer.sale.price) * other.value > uint256(other.sale.price) * offer.value;
    }

    /// @dev Returns whether it bought. One that refuses the goods reverts the call, unless another one can be asked.
    function _buy(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        Offer memory offer,
        bool isLast
    ) private returns (bool isSold) {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        (address buyer, uint64 price) = (offer.buyBack.undertaker, offer.sale.price);
        if (_mayBuy(context, facilityRow, buyer)) {
            uint64 left = offer.buyBack.left - price;
            book.buyBacks[offer.undertakenFor].left = left;
            isSold = _sell(book, context, loanId, facilityRow.currency, offer, isLast);
            // After the goods: an undertaker with code may run another intent when it gets them.
            if (isSold) emit ILiquidation.BoughtBack(loanId, buyer, price, left);
            else book.buyBacks[offer.undertakenFor].left = offer.buyBack.left;
            if (isSold || !GoodsSale.isRunning(book, context, facilityRow.currency)) return isSold;
        }
        emit ILiquidation.BuyBackFailed(loanId, buyer, price);
    }

    function _sell(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address currency,
        Offer memory offer,
        bool isLast
    ) private returns (bool) {
        address buyer = offer.buyBack.undertaker;
        if (isLast) return GoodsSale.buy(book, context, loanId, currency, offer.sale, buyer);
        uint256 gasBefore = gasleft();
        try GoodsSale.buy(book, context, loanId, currency, offer.sale, buyer) returns (bool isSold) {
            return isSold;
        } catch (bytes memory reason) {
            WantOfGas.requireNone(gasBefore, reason);
            return false;
        }
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
