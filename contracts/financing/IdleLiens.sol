// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../assets/IPurchaseOrders.sol";
import {ISplittableToken} from "../tokens/ISplittableToken.sol";
import {ClaimId, LoanId, OrderId, PartyId, ReceiptId} from "../types/Ids.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {Book, loadLoan, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";

/// @title Liens of Facilities that no loan knows of: put on by an owner for no loan, or kept by what a court split off; linked to
/// Facilities.
library IdleLiens {
    /// @notice See IFacilities.releaseIdleLien.
    function release(Book storage book, Surroundings memory around, IProducts.Cover kind, uint256 id) external {
        if (kind == IProducts.Cover.Order) {
            IPurchaseOrders.Order memory order = around.orders.order(OrderId.wrap(id));
            _requireIdle(book, around, kind, id, order.lienholder, order.seller);
            around.orders.release(OrderId.wrap(id));
            return;
        }
        ISplittableToken token = _token(around, kind);
        _requireIdle(book, around, kind, id, token.lienholderOf(id), _ownerOf(around, kind, id));
        LoanId served = CoverPieces.servedBy(book, around, kind, id);
        if (LoanId.unwrap(served) != 0) revert IFacilities.LienServesLoan(kind, id, served);
        token.release(id);
    }

    /// @notice See IFacilities.followPart.
    function followPart(Book storage book, Surroundings memory around, IProducts.Cover kind, uint256 id) external {
        ISplittableToken token = _token(around, kind);
        if (token.lienholderOf(id) != address(this) || LoanId.unwrap(CoverPieces.loanOf(book, kind, id)) != 0) {
            revert IFacilities.NoIdleLien(kind, id);
        }
        LoanId loanId = CoverPieces.servedBy(book, around, kind, id);
        if (LoanId.unwrap(loanId) == 0 || loadLoan(book, loanId).facts.cover != IProducts.Cover.Receipt) {
            revert IFacilities.NoIdleLien(kind, id);
        }
        CoverPieces.follow(book, loanId, kind, id);
    }

    function _requireIdle(
        Book storage book,
        Surroundings memory around,
        IProducts.Cover kind,
        uint256 id,
        address lienholder,
        address owner
    ) private view {
        if (lienholder != address(this)) revert IFacilities.NoIdleLien(kind, id);
        LoanId served = CoverPieces.loanOf(book, kind, id);
        if (LoanId.unwrap(served) != 0) revert IFacilities.LienServesLoan(kind, id, served);
        around.registry.requireValid(around.sender, 0);
        if (PartyId.unwrap(around.registry.partyOf(owner)) != PartyId.unwrap(around.registry.partyOf(around.sender))) {
            revert IFacilities.CoverNotOfBorrower(id, owner, around.sender);
        }
    }

    function _ownerOf(Surroundings memory around, IProducts.Cover kind, uint256 id)
        private
        view
        returns (address owner)
    {
        if (kind == IProducts.Cover.Receipt) {
            (owner,,,,,) = around.receipts.receipt(ReceiptId.wrap(id));
        } else {
            (owner,,,,,,) = around.receivables.claim(ClaimId.wrap(id));
        }
    }

    function _token(Surroundings memory around, IProducts.Cover kind) private pure returns (ISplittableToken) {
        if (kind == IProducts.Cover.Receipt) return ISplittableToken(address(around.receipts));
        if (kind == IProducts.Cover.Claim) return ISplittableToken(address(around.receivables));
        revert IFacilities.NoIdleLien(kind, 0);
    }
}
