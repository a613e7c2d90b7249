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

    /// @notice Receipts and claims become cover: free, whole, the borrower's own.
    function add(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        IFacilities.Piece[] calldata given
    ) external {
        for (uint256 i; i < given.length; ++i) {
            addOne(book, around, loanId, facilityId, given[i]);
        }
    }

    function addOne(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        IFacilities.Piece memory given
    ) public {
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
            (address debtor,) = CoverChecks.claim(book, around, line.borrower, line.currency, given.id);
            CoverChecks.requireDebtor(book, around, facilityId, debtor);
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
            if (held != 0) _free(around, given.kind, given.id, owner, to, moved);
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
    /// @return soldIds the receipts that are the buyer's now
    function deliver(
        Surroundings memory around,
        uint256[] calldata receiptIds,
        uint96[] calldata quantities,
        bool staysIn,
        address buyer
    ) external returns (uint256[] memory soldIds) {
        soldIds = new uint256[](receiptIds.length);
        ISplittableToken token = _token(around, IProducts.Cover.Receipt);
        for (uint256 i; i < receiptIds.length; ++i) {
            uint256 id = receiptIds[i];
            soldIds[i] = id;
            (address owner,, uint96 held,,,) = around.receipts.receipt(ReceiptId.wrap(id));
            if (quantities[i] == held) {
                _free(around, IProducts.Cover.Receipt, id, owner, buyer, held);
                continue;
            }
            // What moves takes no lien along.
            soldIds[i] = token.assign(id, buyer, quantities[i], 0);
            if (!staysIn) token.release(id);
        }
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
        Surroundings memory around,
        IProducts.Cover kind,
        uint256 id,
        address owner,
        address to,
        uint96 value
    ) private {
        ISplittableToken token = _token(around, kind);
        if (to != address(0) && to != owner) token.assign(id, to, value, 0);
        // The receiver cannot have moved it: the lien is on.
        token.release(id);
    }

    function _token(Surroundings memory around, IProducts.Cover kind) private pure returns (ISplittableToken) {
        return
            ISplittableToken(kind == IProducts.Cover.Receipt ? address(around.receipts) : address(around.receivables));
    }
}
