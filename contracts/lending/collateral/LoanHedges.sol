// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {HedgeMath} from "../../math/HedgeMath.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../types/Ids.sol";
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
        _useTerms(book, context, domain, hedge, signatures);
        HedgeRecord[] storage hedges = book.hedges[loanId];
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
        uint256 place = _placeOf(hedges, contractHash, context.today);
        if (place == hedges.length) revert IHedges.HedgeUnknown(loanId, contractHash);
        // A call that the hedge has cured ends first, so that the call without it has its own days to cure.
        MarginCall.review(book, context, loanId);
        // It stays for a while: see {ILiquidation.liquidate}.
        hedges[place].expiryDay = uint24(context.today - 1);
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

    /// @dev Uses signed terms for a contract that hedges nothing else, and removes what counts for nothing any more.
    function _useTerms(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        IHedges.Hedge calldata hedge,
        bytes[2] calldata signatures
    ) private {
        LoanId loanId = LoanId.wrap(hedge.loanId);
        (FacilityRecord storage facilityRow, uint256 cureDays) = _marginedFacility(book, context, loanId);
        Settlement.useSigned(book, context, facilityRow, hedgeDigest(domain, hedge), hedge.deadline, signatures);
        Settlement.requireUnrelated(context, loadLoan(book, loanId), facilityRow);
        _requireTerms(context, facilityRow, hedge);
        PartyId borrower = context.registry.partyOf(facilityRow.borrower);
        _requireUnused(book, context, hedge.contractHash, book.hedgedLoan[borrower][hedge.contractHash]);
        book.hedgedLoan[borrower][hedge.contractHash] = loanId;
        _removeEnded(book.hedges[loanId], CollateralValue.heldFrom(context.today, cureDays));
    }

    /// @dev The facility of a running loan on goods that has margin calls, and the days to cure one.
    function _marginedFacility(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (FacilityRecord storage facilityRow, uint256 cureDays)
    {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.status != ILoans.Status.Running) revert ILoans.StateForbids(loanId, loan.facts.status);
        facilityRow = book.facilities[loan.facts.facilityId];
        IProducts.GoodsTerms memory goods =
            context.products.goodsTerms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        cureDays = goods.cureDays;
        if (goods.callLevel == 0 || loan.facts.collateral != IProducts.CollateralKind.WarehouseReceipt) {
            revert ICollateral.MarginNotAgreed(loanId);
        }
    }

    function _requireTerms(
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
    }

    /// @dev A contract hedges one loan of a borrower at a time: `other` is the last one, if any.
    function _requireUnused(Book storage book, LendingContext memory context, bytes32 contractHash, LoanId other)
        private
        view
    {
        if (other.isNull() || !Settlement.isOpen(book, other)) return;
        HedgeRecord[] storage hedges = book.hedges[other];
        if (_placeOf(hedges, contractHash, context.today) == hedges.length) return;
        revert IHedges.HedgeUsed(contractHash, other);
    }

    /// @dev The place of a contract's hedge that has not ended; the number of hedges if there is none.
    function _placeOf(HedgeRecord[] storage hedges, bytes32 contractHash, uint256 today)
        private
        view
        returns (uint256 place)
    {
        while (
            place < hedges.length && (hedges[place].contractHash != contractHash || hedges[place].expiryDay < today)
        ) ++place;
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
            if (hedges[i].item == hedge.item && hedges[i].expiryDay >= context.today) quantity += hedges[i].quantity;
        }
        uint256 held = CollateralValue.quantityOf(book, context, loanId, hedge.item);
        if (quantity > held) revert IHedges.HedgeExceedsGoods(hedge.item, quantity, held);
    }

    /// @dev Removes what ended before a day. The others keep their order: the oldest counts first.
    function _removeEnded(HedgeRecord[] storage hedges, uint256 day) private {
        uint256 place;
        for (uint256 i; i < hedges.length; ++i) {
            if (hedges[i].expiryDay < day) continue;
            if (place != i) hedges[place] = hedges[i];
            ++place;
        }
        while (hedges.length > place) {
            hedges.pop();
        }
    }
}
