// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISplittableToken} from "../tokens/ISplittableToken.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, ReceiptId} from "../types/Ids.sol";
import {Book, FacilityRecord, Surroundings} from "./FacilityBook.sol";
import {CoverChecks} from "./CoverChecks.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";

/// @title The pieces that back a loan on goods: in, out, to a buyer; linked to the other libraries of Facilities.
/// @dev A piece is set down before its lien comes on, and crossed out before its token moves.
library CoverPieces {
    /// @notice Most pieces of a loan, so that nothing loops over more.
    uint256 private constant MOST = 16;
    /// @notice Deepest descent that is followed, so that nothing loops over more.
    uint256 private constant MOST_DEPTH = 255;

    /// @notice Receipts and claims become cover: free, whole, the borrower's own, on debtors that the lender takes.
    function add(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        IFacilities.Piece[] calldata given
    ) external {
        for (uint256 i; i < given.length; ++i) {
            address debtor = addOne(book, around, loanId, facilityId, given[i]);
            if (debtor != address(0)) CoverChecks.requireDebtor(book, around, facilityId, debtor);
        }
    }

    /// @return debtor of a claim; whether the lender takes it, the caller asks
    function addOne(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        IFacilities.Piece memory given
    ) public returns (address debtor) {
        FacilityRecord storage line = book.facilities[facilityId];
        if (given.value != 0) revert IFacilities.PieceRefused(given.kind, given.id);
        if (given.id == 0 || given.id > type(uint64).max) {
            revert IFacilities.TermOutOfRange("id", given.id, 1, type(uint64).max);
        }
        uint256[] storage pieces = book.pieces[loanId];
        if (pieces.length == MOST) revert IFacilities.TooManyPieces(loanId, MOST + 1, MOST);
        pieces.push(pack(given.kind, given.id));
        emit IFacilities.CoverAdded(loanId, given.kind, given.id);
        if (given.kind == IProducts.Cover.Receipt) {
            CoverChecks.receipt(book, around, line.borrower, given.id);
            book.loanOfReceipt[ReceiptId.wrap(given.id)] = loanId;
        } else if (given.kind == IProducts.Cover.Claim) {
            // What the product advances nothing on covers nothing.
            if (around.products.terms(ProductId.wrap(line.productId), line.version).advanceRate == 0) {
                revert IFacilities.PieceRefused(given.kind, given.id);
            }
            (debtor,) = CoverChecks.claim(book, around, line.borrower, line.currency, given.id);
            book.loanOfClaim[ClaimId.wrap(given.id)] = loanId;
        } else {
            revert IFacilities.PieceRefused(given.kind, given.id);
        }
        _token(around, given.kind).encumber(given.id, address(this));
    }

    /// @notice A part that was split off a piece and kept its lien is a piece too.
    function follow(Book storage book, LoanId loanId, IProducts.Cover kind, uint256 id) external {
        uint256[] storage pieces = book.pieces[loanId];
        if (pieces.length == MOST) revert IFacilities.TooManyPieces(loanId, MOST + 1, MOST);
        pieces.push(pack(kind, id));
        if (kind == IProducts.Cover.Receipt) book.loanOfReceipt[ReceiptId.wrap(id)] = loanId;
        else book.loanOfClaim[ClaimId.wrap(id)] = loanId;
        emit IFacilities.CoverAdded(loanId, kind, id);
    }

    /// @notice A piece, or a part of one, goes out of the lien: to its owner, or to `to`.
    /// @return moved how much of it
    function takeOut(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IFacilities.Piece memory given,
        address to
    ) external returns (uint96 moved) {
        uint256 place = _placeOf(book, loanId, given);
        if (given.kind == IProducts.Cover.Order) {
            _crossOut(book, loanId, place, given);
            around.orders.release(OrderId.wrap(given.id));
            return 0;
        }
        address owner;
        uint96 held;
        if (given.kind == IProducts.Cover.Receipt) {
            (owner,, held,,,) = around.receipts.receipt(ReceiptId.wrap(given.id));
        } else {
            (owner,, held,,,,) = around.receivables.claim(ClaimId.wrap(given.id));
        }
        moved = given.value == 0 ? held : given.value;
        if (moved > held) revert IFacilities.TermOutOfRange("value", moved, 1, held);
        if (moved == held) {
            _crossOut(book, loanId, place, given);
            if (held != 0) _free(book, around, given.kind, given.id, owner, to, moved);
        } else {
            emit IFacilities.CoverReduced(loanId, given.kind, given.id, moved);
            // What moves takes no lien along.
            _token(around, given.kind).assign(given.id, to == address(0) ? owner : to, moved, 0);
        }
    }

    /// @notice Crosses out the first `count` of these receipts, for a buyer that `deliver` hands them to.
    function crossOutGoods(Book storage book, LoanId loanId, uint256[] calldata receiptIds, uint256 count) external {
        for (uint256 i; i < count; ++i) {
            IFacilities.Piece memory piece = IFacilities.Piece(IProducts.Cover.Receipt, receiptIds[i], 0);
            _crossOut(book, loanId, _placeOf(book, loanId, piece), piece);
        }
    }

    /// @notice Goods that were crossed out go to their buyer; with `staysIn` the last receipt was not, and keeps its lien.
    /// @dev A buyer that is told of the first may have the owner take the lien off the next: what is not as it was is not sold.
    /// @return soldIds the receipts that are the buyer's now
    function deliver(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        uint256[] calldata receiptIds,
        uint96[] calldata quantities,
        bool staysIn,
        address buyer
    ) external returns (uint256[] memory soldIds) {
        soldIds = new uint256[](receiptIds.length);
        for (uint256 i; i < receiptIds.length; ++i) {
            bool stays = staysIn && i + 1 == receiptIds.length;
            LoanId backed = loanOf(book, IProducts.Cover.Receipt, receiptIds[i]);
            if (LoanId.unwrap(backed) != (stays ? LoanId.unwrap(loanId) : 0)) {
                revert IFacilities.CoverInUse(receiptIds[i], backed);
            }
            soldIds[i] = _handOver(book, around, receiptIds[i], quantities[i], buyer);
        }
    }

    /// @notice The lien of what was handed over falls, but not one that its receiver has put on meanwhile, for a loan of its own.
    function endLien(Book storage book, Surroundings memory around, IProducts.Cover kind, uint256 id) public {
        if (LoanId.unwrap(loanOf(book, kind, id)) != 0) return;
        ISplittableToken token = _token(around, kind);
        if (token.lienholderOf(id) == address(this)) token.release(id);
    }

    /// @notice Reverts for what is under a lien of this contract that serves a loan, its own or that of the one it was split off.
    function requireServesNone(Book storage book, Surroundings memory around, IProducts.Cover kind, uint256 id)
        external
        view
    {
        if (_token(around, kind).lienholderOf(id) != address(this)) return;
        LoanId served = servedBy(book, around, kind, id);
        if (LoanId.unwrap(served) != 0) revert IFacilities.LienServesLoan(kind, id, served);
    }

    /// @notice The loan that a receipt or claim under lien serves: its own, or that of the one it was split off.
    function servedBy(Book storage book, Surroundings memory around, IProducts.Cover kind, uint256 id)
        public
        view
        returns (LoanId loanId)
    {
        ISplittableToken token = _token(around, kind);
        loanId = loanOf(book, kind, id);
        for (uint256 i; i < MOST_DEPTH && LoanId.unwrap(loanId) == 0; ++i) {
            id = token.parentOf(id);
            if (id == 0) return loanId;
            loanId = loanOf(book, kind, id);
        }
    }

    function loanOf(Book storage book, IProducts.Cover kind, uint256 id) internal view returns (LoanId) {
        if (kind == IProducts.Cover.Receipt) return book.loanOfReceipt[ReceiptId.wrap(id)];
        if (kind == IProducts.Cover.Claim) return book.loanOfClaim[ClaimId.wrap(id)];
        return book.loanOfOrder[OrderId.wrap(id)];
    }

    /// @notice The debt is paid: all liens fall.
    function releaseAll(Book storage book, Surroundings memory around, LoanId loanId) external {
        delete book.margins[loanId];
        delete book.auctions[loanId];
        uint256[] storage pieces = book.pieces[loanId];
        for (uint256 place = pieces.length; place > 0; --place) {
            (IProducts.Cover kind, uint256 id) = unpack(pieces[place - 1]);
            _crossOut(book, loanId, place - 1, IFacilities.Piece(kind, id, 0));
            if (kind == IProducts.Cover.Order) around.orders.release(OrderId.wrap(id));
            // What was paid in full or lost is burned, and its lien with it.
            else if (_token(around, kind).lienholderOf(id) == address(this)) _token(around, kind).release(id);
        }
    }

    function pack(IProducts.Cover kind, uint256 id) internal pure returns (uint256) {
        return uint256(uint8(kind)) | id << 8;
    }

    function unpack(uint256 word) internal pure returns (IProducts.Cover kind, uint256 id) {
        return (IProducts.Cover(uint8(word)), word >> 8);
    }

    // ------------------------------------------------------------------ parts of the above

    function _handOver(Book storage book, Surroundings memory around, uint256 id, uint96 quantity, address buyer)
        private
        returns (uint256 soldId)
    {
        ISplittableToken token = _token(around, IProducts.Cover.Receipt);
        if (token.lienholderOf(id) != address(this)) revert IFacilities.NoIdleLien(IProducts.Cover.Receipt, id);
        (address owner,, uint96 held,,,) = around.receipts.receipt(ReceiptId.wrap(id));
        if (quantity == held) {
            _free(book, around, IProducts.Cover.Receipt, id, owner, buyer, held);
            return id;
        }
        // What moves takes no lien along. What stays in the cover keeps its own.
        soldId = token.assign(id, buyer, quantity, 0);
        endLien(book, around, IProducts.Cover.Receipt, id);
    }

    function _placeOf(Book storage book, LoanId loanId, IFacilities.Piece memory given)
        private
        view
        returns (uint256 place)
    {
        uint256[] storage pieces = book.pieces[loanId];
        uint256 word = pack(given.kind, given.id);
        while (place < pieces.length && pieces[place] != word) ++place;
        if (place == pieces.length) revert IFacilities.PieceNotOfLoan(loanId, given.kind, given.id);
    }

    function _crossOut(Book storage book, LoanId loanId, uint256 place, IFacilities.Piece memory given) private {
        uint256[] storage pieces = book.pieces[loanId];
        pieces[place] = pieces[pieces.length - 1];
        pieces.pop();
        LoanId none = LoanId.wrap(0);
        if (given.kind == IProducts.Cover.Receipt) book.loanOfReceipt[ReceiptId.wrap(given.id)] = none;
        else if (given.kind == IProducts.Cover.Claim) book.loanOfClaim[ClaimId.wrap(given.id)] = none;
        else book.loanOfOrder[OrderId.wrap(given.id)] = none;
        emit IFacilities.CoverReleased(loanId, given.kind, given.id);
    }

    /// @dev Moves while the lien is on, at this contract's word; then the lien falls.
    function _free(
        Book storage book,
        Surroundings memory around,
        IProducts.Cover kind,
        uint256 id,
        address owner,
        address to,
        uint96 value
    ) private {
        ISplittableToken token = _token(around, kind);
        if (to != address(0) && to != owner) token.assign(id, to, value, 0);
        endLien(book, around, kind, id);
    }

    function _token(Surroundings memory around, IProducts.Cover kind) private pure returns (ISplittableToken) {
        return
            ISplittableToken(kind == IProducts.Cover.Receipt ? address(around.receipts) : address(around.receivables));
    }
}
