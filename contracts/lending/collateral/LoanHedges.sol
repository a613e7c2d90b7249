// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {HedgeMath} from "../../math/HedgeMath.sol";
import {FacilityId, LoanId, ProductId} from "../../types/Ids.sol";
import {Book, FacilityRecord, HedgeRecord, LendingContext, loadLoan, LoanView} from "../FacilityBook.sol";
import {IFacilities} from "../IFacilities.sol";
import {ILoans} from "../ILoans.sol";
import {IProducts} from "../IProducts.sol";
import {Settlement} from "../Settlement.sol";
import {CollateralValue} from "./CollateralValue.sol";
import {ICollateral} from "./ICollateral.sol";
import {IHedges} from "./IHedges.sol";
import {MarginCall} from "./MarginCall.sol";

/// @title Hedges of the price of a loan's goods; linked to the module of Facilities.
/// @notice See {IHedges} for the specification.
library LoanHedges {
    /// @dev It bounds the loops over the hedges of a loan, which a lienholder's call runs too.
    uint256 private constant MAX = 4;
    bytes32 private constant HEDGE_TYPEHASH = keccak256(
        "Hedge(uint256 loanId,bytes32 item,uint96 quantity,uint64 price,bytes3 currency,uint24 expiryDay,"
        "bytes32 venue,address counterparty,bytes32 contractHash,bytes32 documentRoot,uint40 deadline,uint256 nonce)"
    );

    /// @notice See {IHedges.recordHedge}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param hedge The terms.
    /// @param signatures The signatures of the party whose money is lent, and of the borrower.
    function record(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        IHedges.Hedge calldata hedge,
        bytes[2] calldata signatures
    ) external {
        // Check
        LoanId loanId = LoanId.wrap(hedge.loanId);
        FacilityRecord storage facilityRow = _marginedFacility(book, context, loanId);
        Settlement.useSigned(book, context, facilityRow, hedgeDigest(domain, hedge), hedge.deadline, signatures);
        _requireTerms(book, context, facilityRow, hedge);
        HedgeRecord[] storage hedges = book.hedges[loanId];
        _removeExpired(book, loanId, hedges, context.today);
        if (hedges.length == MAX) revert IHedges.TooManyHedges(loanId, MAX);
        _requireHeld(book, context, loanId, hedge, hedges);
        (uint64 maxPrice,) = context.prices.price(hedge.item, hedge.currency);

        // Effect
        hedges.push(
            HedgeRecord({
                item: hedge.item,
                contractHash: hedge.contractHash,
                quantity: hedge.quantity,
                price: hedge.price,
                maxPrice: maxPrice,
                expiryDay: hedge.expiryDay
            })
        );
        book.hedgedLoan[hedge.contractHash] = loanId;
        emit IHedges.HedgeRecorded(
            loanId,
            hedge.contractHash,
            hedge.item,
            hedge.quantity,
            hedge.price,
            maxPrice,
            hedge.expiryDay,
            hedge.venue,
            hedge.counterparty,
            hedge.documentRoot
        );
    }

    /// @notice See {IHedges.closeHedge}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param contractHash Hash that names the contract.
    function close(Book storage book, LendingContext memory context, LoanId loanId, bytes32 contractHash) external {
        FacilityId facilityId = loadLoan(book, loanId).facts.facilityId;
        Settlement.requireLender(context, facilityId, book.facilities[facilityId]);
        HedgeRecord[] storage hedges = book.hedges[loanId];
        uint256 place;
        while (place < hedges.length && hedges[place].contractHash != contractHash) ++place;
        if (place == hedges.length) revert IHedges.HedgeUnknown(loanId, contractHash);
        _remove(book, loanId, hedges, place);
        emit IHedges.HedgeClosed(loanId, contractHash, context.sender);
        MarginCall.review(book, context, loanId);
    }

    /// @notice See {IHedges.hedgesOf}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return The hedges.
    function hedgesOf(Book storage book, LendingContext memory context, LoanId loanId)
        external
        view
        returns (HedgeMath.Hedge[] memory)
    {
        return CollateralValue.hedgesOf(book, context, loanId, loadLoan(book, loanId).facts.facilityId);
    }

    /// @notice See {IHedges.hedgeDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param hedge The terms.
    /// @return The digest.
    function hedgeDigest(bytes32 domain, IHedges.Hedge calldata hedge) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(HEDGE_TYPEHASH, hedge)));
    }

    /// @dev The facility of a running loan on goods that has margin calls.
    function _marginedFacility(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (FacilityRecord storage facilityRow)
    {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.status != ILoans.Status.Running) revert ILoans.StateForbids(loanId, loan.facts.status);
        facilityRow = book.facilities[loan.facts.facilityId];
        uint24 callLevel =
            context.products.goodsTerms(ProductId.wrap(facilityRow.productId), facilityRow.version).callLevel;
        if (callLevel == 0 || loan.facts.collateral != IProducts.CollateralKind.WarehouseReceipt) {
            revert ICollateral.MarginNotAgreed(loanId);
        }
    }

    function _requireTerms(
        Book storage book,
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        IHedges.Hedge calldata hedge
    ) private view {
        if (hedge.quantity == 0) {
            revert IFacilities.TermOutOfRange("quantity", 0, 1, type(uint96).max);
        }
        if (hedge.price == 0) revert IFacilities.TermOutOfRange("price", 0, 1, type(uint64).max);
        if (hedge.contractHash == 0) revert IFacilities.TermOutOfRange("contractHash", 0, 1, type(uint256).max);
        bytes3 currency = context.prices.currencyOf(facilityRow.currency);
        if (hedge.currency != currency) revert IHedges.HedgeInOtherCurrency(hedge.currency, currency);
        if (hedge.expiryDay < context.today) revert IHedges.HedgeExpired(hedge.expiryDay, context.today);
        if (hedge.counterparty != address(0)) {
            address[3] memory sides = [facilityRow.lender, facilityRow.entruster, facilityRow.borrower];
            for (uint256 i; i < sides.length; ++i) {
                if (sides[i] == address(0) || !context.registry.areRelated(hedge.counterparty, sides[i])) continue;
                revert IHedges.HedgeWithOwnSide(hedge.counterparty, sides[i]);
            }
        }
        LoanId other = book.hedgedLoan[hedge.contractHash];
        if (!other.isNull() && Settlement.isOpen(book, other)) revert IHedges.HedgeUsed(hedge.contractHash, other);
    }

    /// @dev One ton of goods is hedged once.
    function _requireHeld(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        IHedges.Hedge calldata hedge,
        HedgeRecord[] storage hedges
    ) private view {
        uint256 quantity = hedge.quantity;
        for (uint256 i; i < hedges.length; ++i) {
            if (hedges[i].item == hedge.item) quantity += hedges[i].quantity;
        }
        uint256 held = CollateralValue.quantityOf(book, context, loanId, hedge.item);
        if (quantity > held) revert IHedges.HedgeExceedsGoods(hedge.item, quantity, held);
    }

    function _removeExpired(Book storage book, LoanId loanId, HedgeRecord[] storage hedges, uint256 today) private {
        for (uint256 i = hedges.length; i != 0; --i) {
            if (hedges[i - 1].expiryDay < today) _remove(book, loanId, hedges, i - 1);
        }
    }

    /// @dev The others keep their order: the oldest counts first. The contract of a loan that was repaid may hedge
    /// another one by now.
    function _remove(Book storage book, LoanId loanId, HedgeRecord[] storage hedges, uint256 place) private {
        bytes32 contractHash = hedges[place].contractHash;
        if (book.hedgedLoan[contractHash] == loanId) book.hedgedLoan[contractHash] = LoanId.wrap(0);
        for (uint256 i = place + 1; i < hedges.length; ++i) {
            hedges[i - 1] = hedges[i];
        }
        hedges.pop();
    }
}
