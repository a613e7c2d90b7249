// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {RepaymentMath} from "../../math/RepaymentMath.sol";
import {ISplittableToken} from "../../tokens/ISplittableToken.sol";
import {LoanId, ProductId, WarehouseReceiptId} from "../../types/Ids.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {Book, FacilityRecord, LendingContext, LoanView} from "../FacilityBook.sol";
import {GoodsAuction} from "../liquidation/GoodsAuction.sol";
import {IFacilities} from "../IFacilities.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";
import {LoanMoney} from "../LoanMoney.sol";
import {MarginCall} from "./MarginCall.sol";
import {SaleRights} from "../SaleRights.sol";
import {Settlement} from "../Settlement.sol";

/// @title Goods in place of money, at a value that both sides sign; linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanInKind {
    bytes32 private constant IN_KIND_TYPEHASH = keccak256(
        "InKind(uint256 loanId,uint256 warehouseReceiptId,uint96 quantity,uint64 credit,bytes32 documentRoot,uint40 deadline,"
        "uint256 nonce)"
    );

    /// @notice See {ICollateral.settleInKind}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param inKind The terms.
    /// @param signatures The signatures of the party whose money is lent, and of the borrower.
    function settleInKind(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        ICollateral.InKind calldata inKind,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(inKind.loanId);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.useSigned(book, context, facilityRow, inKindDigest(domain, inKind), inKind.deadline, signatures);
        Settlement.requireUnrelated(context, loan, facilityRow);
        _handOver(book, context, loanId, loan, inKind);

        // Emitted only now: a lender that is a contract may have called back when it received the goods.
        emit ICollateral.SettledInKind(
            loanId, inKind.warehouseReceiptId, inKind.quantity, inKind.credit, inKind.documentRoot
        );
        LoanMoney.settleCredit(book, context, loanId, inKind.credit);
    }

    /// @notice See {ICollateral.inKindDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param inKind The terms.
    /// @return The digest.
    function inKindDigest(bytes32 domain, ICollateral.InKind calldata inKind) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(IN_KIND_TYPEHASH, inKind)));
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev From the loan's own collateral, or a free warehouse receipt of the borrower with its approval.
    function _handOver(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        ICollateral.InKind calldata inKind
    ) private {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        WarehouseReceiptId warehouseReceiptId = WarehouseReceiptId.wrap(inKind.warehouseReceiptId);
        LoanId backed = book.loanOfWarehouseReceipt[warehouseReceiptId];
        address funder = Settlement.funderOf(facilityRow);
        if (inKind.quantity == 0) revert IFacilities.TermOutOfRange("quantity", 0, 1, type(uint96).max);
        _requireOwner(context, inKind.warehouseReceiptId, facilityRow.borrower);
        if (backed.isNull()) {
            CollateralItems.requireServesNone(
                book, context, IProducts.CollateralKind.WarehouseReceipt, inKind.warehouseReceiptId
            );
            ISplittableToken(address(context.warehouseReceipts))
                .assign(inKind.warehouseReceiptId, funder, inKind.quantity, inKind.documentRoot);
            // A warehouse receipt that is handed over whole is free, also of a lien that its owner put on for no loan.
            address owner = context.warehouseReceipts.warehouseReceipt(warehouseReceiptId).owner;
            if (owner == funder) {
                CollateralItems.endLien(
                    book, context, IProducts.CollateralKind.WarehouseReceipt, inKind.warehouseReceiptId
                );
            }
            return;
        }
        if (backed != loanId) {
            revert ICollateral.CollateralInUse(inKind.warehouseReceiptId, backed);
        }
        _requireFloor(book, context, loanId, loan, inKind);
        SaleRights.endDuty(book, context, loanId);
        CollateralItems.takeOut(
            book,
            context,
            loanId,
            ICollateral.CollateralItem(
                IProducts.CollateralKind.WarehouseReceipt, inKind.warehouseReceiptId, inKind.quantity
            ),
            funder
        );
        MarginCall.endAuctionOfNothing(book, context, loanId);
    }

    /// @dev Goods that are handed over for less would leave a loss to those who absorb it. Participants get their share
    /// of what the goods count for, and the lender has the goods: of a shared loan they count for all that they are worth.
    function _requireFloor(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        ICollateral.InKind calldata inKind
    ) private view {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        uint256 floor = Settlement.isShared(loan)
            ? RepaymentMath.WHOLE
            : context.products.goodsTerms(ProductId.wrap(facilityRow.productId), facilityRow.version).auctionFloor;
        uint256 min = GoodsAuction.floorOf(
            book, context, loanId, facilityRow.currency, inKind.warehouseReceiptId, inKind.quantity, floor
        );
        min = Math.min(min, MarginCall.debtOf(book, context, loanId));
        if (inKind.credit < min) revert ICollateral.CreditBelowFloor(loanId, inKind.credit, min);
    }

    /// @dev Lost goods have no owner, and a court may have given the goods to another owner, under their lien.
    function _requireOwner(LendingContext memory context, uint256 warehouseReceiptId, address borrower) private view {
        address owner = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptId)).owner;
        if (!Settlement.isOfParty(context, owner, borrower)) {
            revert ICollateral.CollateralNotOfBorrower(warehouseReceiptId, owner, borrower);
        }
    }
}
