// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {FacilityId, LoanId} from "../types/Ids.sol";
import {Book, BuyBackRecord, FacilityRecord, loadLoan, Surroundings} from "./FacilityBook.sol";
import {GoodsAuction} from "./GoodsAuction.sol";
import {GoodsSale} from "./GoodsSale.sol";
import {IFacilities} from "./IFacilities.sol";
import {MarginCall} from "./MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title Undertakings to buy goods back: a standing bid in every auction of a line's goods; linked to Facilities.
library LoanBuyBack {
    /// @notice A price is in millionths of a minor unit, a factor in parts per million.
    uint256 private constant WHOLE = 1_000_000 * RepaymentMath.WHOLE;
    bytes32 private constant BUY_BACK_TYPEHASH = keccak256(
        "BuyBack(uint256 facilityId,address undertaker,uint24 share,uint64 most,uint24 lastDay,bytes32 legalTextHash,"
        "uint40 deadline,uint256 nonce)"
    );

    /// @notice See IFacilities.agreeBuyBack.
    function agreeBuyBack(
        Book storage book,
        Surroundings memory around,
        bytes32 domain,
        IFacilities.BuyBack calldata terms,
        bytes calldata undertakerSignature
    ) external {
        FacilityId facilityId = FacilityId.wrap(terms.facilityId);
        FacilityRecord storage line = book.facilities[facilityId];
        if (line.lender == address(0)) revert IFacilities.FacilityUnknown(facilityId);
        Settlement.requireLender(around, facilityId, line);
        bytes32 digest = buyBackDigest(domain, terms);
        Settlement.usePaper(book, digest, terms.deadline);
        around.registry.requireValidForRisk(terms.undertaker, 0);
        if (_isSide(around, line, terms.undertaker)) {
            revert IFacilities.SamePartyBothSides(terms.undertaker, line.borrower);
        }
        Settlement.requireSigned(book, around, terms.undertaker, digest, undertakerSignature);
        _within("share", terms.share, 0, 2 * RepaymentMath.WHOLE);
        _within("most", terms.most, 1, ClaimShares.MAX_AMOUNT);
        _within("lastDay", terms.lastDay, around.today, type(uint24).max);
        _within("legalTextHash", uint256(terms.legalTextHash), 1, type(uint256).max);
        book.buyBacks[facilityId] = BuyBackRecord(terms.undertaker, terms.most, terms.share, terms.lastDay);
        emit IFacilities.BuyBackAgreed(facilityId, terms.undertaker, terms);
    }

    /// @notice See IFacilities.callBuyBack.
    function callBuyBack(Book storage book, Surroundings memory around, LoanId loanId) external returns (uint64 price) {
        FacilityId facilityId = loadLoan(book, loanId).facts.facilityId;
        FacilityRecord storage line = book.facilities[facilityId];
        BuyBackRecord memory given = book.buyBacks[facilityId];
        if (!GoodsSale.isMoving(book, around, line.currency)) return 0;
        uint256 asked = GoodsAuction.factorNow(book, loanId, line.currency);
        // It stood when the sale was opened, and stands until all is sold.
        uint256 openedDay = (book.auctions[loanId].openedAt + around.receivables.zoneOffset()) / 1 days;
        if (given.left == 0 || openedDay > given.lastDay) revert IFacilities.NoBuyBack(facilityId);
        GoodsAuction.Sale memory sale = _boughtBack(book, around, loanId, given);
        if (sale.ids.length == 0) revert IFacilities.NoAuction(loanId);
        price = sale.price;
        asked = GoodsAuction.valueOf(book, around, loanId, sale.ids, sale.quantities, asked);
        if (price < asked) revert IFacilities.BuyBackTooLow(loanId, price, asked);
        // An undertaker that cannot pay stops nothing: the auction goes on.
        if (!_mayBuy(around, line, given.undertaker)) {
            emit IFacilities.BuyBackFailed(loanId, given.undertaker, price);
            return 0;
        }
        if (!GoodsSale.pays(line.currency, given.undertaker, price)) {
            if (GoodsSale.isRunning(book, around, line.currency)) {
                emit IFacilities.BuyBackFailed(loanId, given.undertaker, price);
            }
            return 0;
        }
        book.buyBacks[facilityId].left = given.left - price;
        emit IFacilities.BoughtBack(loanId, given.undertaker, price, given.left - price);
        GoodsSale.sell(book, around, loanId, sale, given.undertaker);
    }

    function buyBackDigest(bytes32 domain, IFacilities.BuyBack calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(BUY_BACK_TYPEHASH, terms)));
    }

    // ------------------------------------------------------------------ parts of the above

    /// @dev What is needed at its share of the goods' value; or all goods for the debt, where that share of all pays less than it.
    function _boughtBack(Book storage book, Surroundings memory around, LoanId loanId, BuyBackRecord memory given)
        private
        view
        returns (GoodsAuction.Sale memory sale)
    {
        uint256 needed = Math.min(MarginCall.debtOf(book, around, loanId), given.left);
        uint256 whole = GoodsAuction.wholeValue(book, around, loanId);
        if (whole == 0) return sale;
        uint256 factor = Math.max(given.share, Math.ceilDiv(needed * WHOLE * RepaymentMath.WHOLE, whole));
        sale = GoodsAuction.saleFor(book, around, loanId, factor, needed);
        // No more than is left of it: what is above that is of the last receipt's price.
        if (sale.price > given.left) {
            sale.prices[sale.prices.length - 1] -= sale.price - given.left;
            sale.price = given.left;
        }
    }

    function _mayBuy(Surroundings memory around, FacilityRecord storage line, address undertaker)
        private
        view
        returns (bool)
    {
        return around.registry.isValid(undertaker) && !_isSide(around, line, undertaker);
    }

    /// @dev A lender that wants the goods bids for them, and a borrower repays.
    function _isSide(Surroundings memory around, FacilityRecord storage line, address undertaker)
        private
        view
        returns (bool)
    {
        return around.registry.areRelated(undertaker, line.borrower)
            || around.registry.areRelated(undertaker, line.lender)
            || (line.entruster != address(0) && around.registry.areRelated(undertaker, line.entruster));
    }

    function _within(bytes32 term, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least || given > most) revert IFacilities.TermOutOfRange(term, given, least, most);
    }
}
