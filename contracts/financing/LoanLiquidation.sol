// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IERC3525Receiver} from "../tokens/IERC3525.sol";
import {FacilityId, LoanId, PartyId, ReceiptId} from "../types/Ids.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {CoverValue} from "./CoverValue.sol";
import {Book, BuyBackRecord, FacilityRecord, loadLoan, LoanView, MarginRecord, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {MarginCall} from "./MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title The sale of goods for a debt: who buys them back, else an auction; linked to Facilities.
library LoanLiquidation {
    using SafeERC20 for IERC20;

    uint16 private constant FUNDER = 4;
    bytes32 private constant BUY_BACK_TYPEHASH = keccak256(
        "BuyBack(uint256 facilityId,address undertaker,uint24 share,uint64 most,uint24 lastDay,bytes32 legalTextHash,"
        "uint40 deadline,uint256 nonce)"
    );

    // ------------------------------------------------------------------ sale

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
        // A lender that wants the goods bids for them, and a borrower repays.
        address[3] memory sides = [line.borrower, line.lender, Settlement.funderOf(line)];
        for (uint256 i; i < sides.length; ++i) {
            _requireOther(around, terms.undertaker, sides[i]);
        }
        Settlement.requireSigned(book, around, terms.undertaker, digest, undertakerSignature);
        _within("share", terms.share, 0, 2 * RepaymentMath.WHOLE);
        _within("most", terms.most, 1, ClaimShares.MAX_AMOUNT);
        _within("lastDay", terms.lastDay, around.today, type(uint24).max);
        _within("legalTextHash", uint256(terms.legalTextHash), 1, type(uint256).max);
        book.buyBacks[facilityId] = BuyBackRecord(terms.undertaker, terms.most, terms.share, terms.lastDay);
        emit IFacilities.BuyBackAgreed(facilityId, terms.undertaker, terms);
    }

    /// @notice See IFacilities.liquidate.
    function liquidate(Book storage book, Surroundings memory around, LoanId loanId) external {
        MarginCall.Standing memory now_ = MarginCall.standing(book, around, loanId);
        LoanView memory loan = now_.loan;
        if (loan.facts.status == IFacilities.Status.Repaid) revert IFacilities.StateForbids(loanId, loan.facts.status);
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        Settlement.requireLender(around, loan.facts.facilityId, line);
        bool runs = loan.facts.status == IFacilities.Status.Running;
        bool hasGoods = _hasGoods(book, around, loanId);
        if (loan.facts.cover != IProducts.Cover.Receipt || !(runs || hasGoods)) {
            revert IFacilities.CoverMissing(loanId);
        }
        MarginRecord memory margin = book.margins[loanId];
        if (block.timestamp < margin.auctionEnd) revert IFacilities.AuctionRuns(loanId, margin.auctionEnd);
        if (runs) {
            _requireLiquidable(around, loanId, now_, margin, hasGoods);
            loan.facts.marginCalled = false;
            Settlement.accelerate(book, around, loanId, loan);
            // What is in grace costs penalty now, and nothing is repaid early any more.
            now_.debt = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        }
        if (!hasGoods) return;
        if (margin.auctionStart == 0 && _boughtBack(book, around, loanId, now_)) return;
        _startAuction(book, loanId, now_, margin);
    }

    /// @notice See IFacilities.bid.
    function bid(Book storage book, Surroundings memory around, LoanId loanId, uint64 most)
        external
        returns (uint64 price)
    {
        MarginRecord memory margin = book.margins[loanId];
        if (margin.auctionStart == 0) revert IFacilities.NoAuction(loanId);
        around.registry.requireValid(around.sender, FUNDER);
        price = _priceNow(margin);
        if (price > most) revert IFacilities.PriceAboveBid(loanId, price, most);
        _sell(book, around, loanId, price, around.sender);
    }

    // ------------------------------------------------------------------ views

    /// @notice See IFacilities.coverOf.
    function coverOf(Book storage book, Surroundings memory around, LoanId loanId)
        external
        view
        returns (IFacilities.CoverState memory found)
    {
        LoanView memory loan = loadLoan(book, loanId);
        CoverValue.Worth memory worth = CoverValue.ofLoan(book, around, loanId, loan.facts.facilityId, false);
        uint256[] storage pieces = book.pieces[loanId];
        found.pieces = new IFacilities.Piece[](pieces.length);
        for (uint256 i; i < pieces.length; ++i) {
            (found.pieces[i].kind, found.pieces[i].id) = CoverPieces.unpack(pieces[i]);
        }
        found.lendable = worth.lendable;
        found.market = worth.market;
        found.priced = worth.priced;
        MarginRecord memory margin = book.margins[loanId];
        found.calledDay = margin.calledDay;
        found.lastDay = margin.lastDay;
        found.auctionStart = margin.auctionStart;
        found.auctionEnd = margin.auctionEnd;
        if (margin.auctionStart != 0) found.price = _priceNow(margin);
        found.floorPrice = margin.floorPrice;
    }

    function buyBackDigest(bytes32 domain, IFacilities.BuyBack calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(BUY_BACK_TYPEHASH, terms)));
    }

    // ------------------------------------------------------------------ parts of the above

    /// @dev Prices that ran out may call a margin, and a call that nobody cured may be enforced; but to do without the days to
    /// cure every price must count, and there must be goods that lose more of it from day to day.
    function _requireLiquidable(
        Surroundings memory around,
        LoanId loanId,
        MarginCall.Standing memory now_,
        MarginRecord memory margin,
        bool hasGoods
    ) private pure {
        if (now_.goods.callLevel == 0) revert IFacilities.MarginNotAgreed(loanId);
        bool uncured =
            now_.loan.facts.marginCalled && now_.day > margin.lastDay && MarginCall.isBelow(now_, now_.goods.callLevel);
        bool atOnce = hasGoods && now_.worth.priced && MarginCall.isBelow(now_, now_.goods.liquidationLevel);
        if (uncured || atOnce) return;
        revert IFacilities.NotLiquidable(loanId, now_.debt, now_.worth.lendable, margin.lastDay);
    }

    function _hasGoods(Book storage book, Surroundings memory around, LoanId loanId) private view returns (bool) {
        uint256[] storage pieces = book.pieces[loanId];
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            if (kind != IProducts.Cover.Receipt) continue;
            (,, uint96 quantity,,,) = around.receipts.receipt(ReceiptId.wrap(id));
            if (quantity != 0) return true;
        }
        return false;
    }

    /// @dev Whose goods they are: the borrower's, unless a court gave all of them to another, under their lien.
    function _ownerOf(Surroundings memory around, uint256[] memory receiptIds, address borrower)
        private
        view
        returns (address owner)
    {
        for (uint256 i; i < receiptIds.length; ++i) {
            (address holder,,,,,) = around.receipts.receipt(ReceiptId.wrap(receiptIds[i]));
            if (holder == address(0)) continue;
            if (owner != address(0) && owner != holder) return borrower;
            owner = holder;
        }
    }

    /// @dev An undertaker that cannot pay, or could refuse what it bought, stops nothing: the auction starts. So it does where the
    /// undertaker would pay less than the auction's floor, which is the least that the borrower agreed to.
    function _boughtBack(Book storage book, Surroundings memory around, LoanId loanId, MarginCall.Standing memory now_)
        private
        returns (bool)
    {
        FacilityId facilityId = now_.loan.facts.facilityId;
        BuyBackRecord memory given = book.buyBacks[facilityId];
        if (given.undertaker == address(0) || around.today > given.lastDay || given.left < now_.debt) return false;
        if (!around.registry.isValid(given.undertaker)) return false;
        uint256 wanted = Math.max(now_.debt, now_.worth.market * given.share / RepaymentMath.WHOLE);
        uint64 price = uint64(Math.min(wanted, given.left));
        if (price < now_.worth.market * now_.goods.auctionFloor / RepaymentMath.WHOLE) return false;
        IERC20 currency = IERC20(book.facilities[facilityId].currency);
        bool pays = currency.balanceOf(given.undertaker) >= price
            && currency.allowance(given.undertaker, address(this)) >= price
            && !ERC165Checker.supportsInterface(given.undertaker, type(IERC3525Receiver).interfaceId);
        if (!pays) {
            emit IFacilities.BuyBackFailed(loanId, given.undertaker, price);
            return false;
        }
        book.buyBacks[facilityId].left = given.left - price;
        emit IFacilities.LiquidationStarted(
            loanId, uint64(now_.debt), now_.worth.lendable, price, price, uint40(block.timestamp)
        );
        _sell(book, around, loanId, price, given.undertaker);
        return true;
    }

    /// @dev Started again, it goes on from where the last one ended, so that a price is found.
    function _startAuction(
        Book storage book,
        LoanId loanId,
        MarginCall.Standing memory now_,
        MarginRecord memory margin
    ) private {
        uint256 base = margin.floorPrice;
        if (base == 0) base = Math.max(now_.worth.market, now_.debt);
        IProducts.GoodsTerms memory goods = now_.goods;
        uint256 start = margin.floorPrice == 0 ? base * goods.auctionStart / RepaymentMath.WHOLE : base;
        uint256 floor = Math.max(1, base * goods.auctionFloor / RepaymentMath.WHOLE);
        _within("startPrice", start, 1, type(uint64).max);
        margin.auctionStart = uint40(block.timestamp);
        margin.auctionEnd = uint40(block.timestamp + uint256(goods.auctionDays) * 1 days);
        margin.startPrice = uint64(start);
        margin.floorPrice = uint64(floor);
        book.margins[loanId] = margin;
        emit IFacilities.LiquidationStarted(
            loanId, uint64(now_.debt), now_.worth.lendable, uint64(start), uint64(floor), margin.auctionEnd
        );
    }

    function _priceNow(MarginRecord memory margin) private view returns (uint64) {
        if (block.timestamp >= margin.auctionEnd) return margin.floorPrice;
        uint256 fallen = (uint256(margin.startPrice) - margin.floorPrice) * (block.timestamp - margin.auctionStart)
            / (margin.auctionEnd - margin.auctionStart);
        return uint64(margin.startPrice - fallen);
    }

    function _sell(Book storage book, Surroundings memory around, LoanId loanId, uint64 price, address buyer) private {
        // Effect: nobody can buy the same goods again meanwhile
        uint256[] memory receiptIds = CoverPieces.crossOutGoods(book, loanId);
        delete book.margins[loanId];
        // Interaction
        FacilityRecord storage line = book.facilities[loadLoan(book, loanId).facts.facilityId];
        Unclaimed.pull(line.currency, buyer, price);
        address owner = _ownerOf(around, receiptIds, line.borrower);
        uint64 taken = uint64(LoanMoney.settleHere(book, around, loanId, price, owner));
        emit IFacilities.GoodsSold(loanId, buyer, price, taken, price - taken);
        CoverPieces.deliver(around, receiptIds, buyer);
    }

    function _requireOther(Surroundings memory around, address undertaker, address side) private view {
        if (PartyId.unwrap(around.registry.partyOf(undertaker)) == PartyId.unwrap(around.registry.partyOf(side))) {
            revert IFacilities.SamePartyBothSides(undertaker, side);
        }
    }

    function _within(bytes32 term, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least || given > most) revert IFacilities.TermOutOfRange(term, given, least, most);
    }
}
