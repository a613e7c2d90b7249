// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ISplittableToken} from "../tokens/ISplittableToken.sol";
import {LoanId, ProductId, ReceiptId} from "../types/Ids.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {Book, FacilityRecord, Surroundings} from "./FacilityBook.sol";
import {GoodsAuction} from "./GoodsAuction.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {MarginCall} from "./MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title Goods for debt, at a value that both sides sign; linked to Facilities.
library LoanInKind {
    bytes32 private constant IN_KIND_TYPEHASH = keccak256(
        "InKind(uint256 loanId,uint256 receiptId,uint96 quantity,uint64 credit,bytes32 papersRoot,uint40 deadline,"
        "uint256 nonce)"
    );

    /// @notice See IFacilities.settleInKind.
    function settleInKind(
        Book storage book,
        Surroundings memory around,
        bytes32 domain,
        IFacilities.InKind calldata given,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(given.loanId);
        FacilityRecord storage line = book.facilities[Settlement.loadOpen(book, loanId).facts.facilityId];
        Settlement.useSigned(book, around, line, inKindDigest(domain, given), given.deadline, signatures);
        _handOver(book, around, loanId, given, line);

        // Only now, as a lender that is a contract may have called back when it was told of the goods.
        emit IFacilities.GivenInKind(loanId, given.receiptId, given.quantity, given.credit, given.papersRoot);
        LoanMoney.settleCredit(book, around, loanId, given.credit);
    }

    function inKindDigest(bytes32 domain, IFacilities.InKind calldata given) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(IN_KIND_TYPEHASH, given)));
    }

    // ------------------------------------------------------------------ parts of the above

    /// @dev Out of the loan's own cover, or a free receipt of the borrower's with its approval.
    function _handOver(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IFacilities.InKind calldata given,
        FacilityRecord storage line
    ) private {
        ReceiptId receiptId = ReceiptId.wrap(given.receiptId);
        LoanId backed = book.loanOfReceipt[receiptId];
        address funder = Settlement.funderOf(line);
        if (given.quantity == 0) revert IFacilities.TermOutOfRange("quantity", 0, 1, type(uint96).max);
        _requireOwner(around, given.receiptId, line.borrower);
        if (LoanId.unwrap(backed) == 0) {
            CoverPieces.requireServesNone(book, around, IProducts.Cover.Receipt, given.receiptId);
            ISplittableToken(address(around.receipts)).assign(given.receiptId, funder, given.quantity, given.papersRoot);
            // Handed over whole it is free, also of a lien that its owner put on for no loan.
            (address owner,,,,,) = around.receipts.receipt(receiptId);
            if (owner == funder) CoverPieces.endLien(book, around, IProducts.Cover.Receipt, given.receiptId);
            return;
        }
        if (LoanId.unwrap(backed) != LoanId.unwrap(loanId)) revert IFacilities.CoverInUse(given.receiptId, backed);
        _requireFloor(book, around, loanId, given, line);
        CoverPieces.takeOut(
            book, around, loanId, IFacilities.Piece(IProducts.Cover.Receipt, given.receiptId, given.quantity), funder
        );
        MarginCall.endAuctionOfNothing(book, around, loanId);
    }

    /// @dev Goods that were given away for less would leave a loss to those who cover it.
    function _requireFloor(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IFacilities.InKind calldata given,
        FacilityRecord storage line
    ) private view {
        uint256 floor = around.products.goodsTerms(ProductId.wrap(line.productId), line.version).auctionFloor;
        uint256 least =
            GoodsAuction.floorOf(book, around, loanId, line.currency, given.receiptId, given.quantity, floor);
        least = Math.min(least, MarginCall.debtOf(book, around, loanId));
        if (given.credit < least) revert IFacilities.CreditBelowFloor(loanId, given.credit, least);
    }

    /// @dev Goods that are lost have no owner, and a court may have given them to another, under their lien.
    function _requireOwner(Surroundings memory around, uint256 receiptId, address borrower) private view {
        (address owner,,,,,) = around.receipts.receipt(ReceiptId.wrap(receiptId));
        if (!Settlement.isOfParty(around, owner, borrower)) {
            revert IFacilities.CoverNotOfBorrower(receiptId, owner, borrower);
        }
    }
}
