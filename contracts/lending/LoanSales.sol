// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {CollateralItemWord} from "../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, PartyId, ProductId, WarehouseReceiptId} from "../types/Ids.sol";
import {FLOATING, MARKED_OVERDUE, PARTICIPATED} from "../types/LoanTermsWord.sol";
import {FINANCIER} from "../types/PartyRoles.sol";
import {COUNTED_FOR_ORIGIN, HAS_SOLD} from "./BorrowerBook.sol";
import {CollateralDebtors} from "./collateral/CollateralDebtors.sol";
import {CollateralItems} from "./collateral/CollateralItems.sol";
import {
    Book,
    FacilityRecord,
    LendingContext,
    loadLoan,
    LoanRecord,
    LoanSaleRecord,
    LoanView,
    RaisedDebt,
    saveLoan,
    SetAsideRecord
} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {LoanRates} from "./LoanRates.sol";
import {IProducts} from "./IProducts.sol";
import {SaleRights} from "./SaleRights.sol";
import {Settlement} from "./Settlement.sol";

/// @title Loans that move from lender to lender; linked to Facilities.
/// @notice See {ILoanSales} for the specification.
library LoanSales {
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "SaleTerms(uint256 loanId,address seller,address buyer,uint64 principal,uint160 postings,bytes32 standing,"
        "uint64 price,uint8 buyBack,uint24 buyBackPrice,uint64 buyBackMax,uint24 buyBackFirstDay,uint24 buyBackLastDay,"
        "bytes32 noticeHash,uint40 deadline,uint256 nonce)"
    );

    uint8 private constant ALL_BUY_BACKS = SaleRights.SELLER_MAY | SaleRights.SELLER_MUST;
    uint256 private constant MAX_BUY_BACK_PRICE = 2 * RepaymentMath.WHOLE;

    /// @notice See {ILoanSales.sellLoan}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @param signatures The signatures of seller and buyer.
    /// @return facilityId The facility to which the loan belongs from now on.
    function sell(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        ILoanSales.SaleTerms calldata terms,
        bytes[2] calldata signatures
    ) external returns (FacilityId facilityId) {
        // Check
        LoanId loanId = LoanId.wrap(terms.loanId);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityId fromFacilityId = loan.facts.facilityId;
        FacilityRecord storage facilityRow = book.facilities[fromFacilityId];
        _checkSides(book, context, loanId, fromFacilityId, terms);
        _checkTerms(context.today, terms);
        _checkLoan(book, context, loanId, loan, terms);
        bytes32 digest = saleDigest(domain, terms);
        Settlement.useTerms(book, digest, terms.deadline);
        Settlement.requireSigned(book, context, terms.seller, digest, signatures[0]);
        Settlement.requireSigned(book, context, terms.buyer, digest, signatures[1]);
        // Effect
        facilityId = _move(book, context, loanId, loan, terms.buyer, digest);
        _record(book, context, loanId, facilityRow, terms);
        _tellSold(facilityRow.borrower, facilityId, fromFacilityId, terms);
        // Interaction
        Settlement.move(book, context, facilityRow.currency, terms.buyer, terms.seller, terms.price);
    }

    /// @notice A loan goes back to the one who sold it, with all that counts by facility.
    /// @dev Only SaleBuyBacks calls it, once it has checked who may and at what price. What was set aside for the loan
    /// stayed with the seller.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param account The account that takes the loan back.
    /// @return facilityId The facility to which the loan belongs from now on.
    function giveBack(Book storage book, LendingContext memory context, LoanId loanId, address account)
        external
        returns (FacilityId facilityId)
    {
        book.sales[loanId].buyBack = 0;
        return _move(book, context, loanId, loadLoan(book, loanId), account, bytes32(0));
    }

    /// @notice See {ILoanSales.acknowledgeSale}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function acknowledge(Book storage book, LendingContext memory context, LoanId loanId) external {
        FacilityId facilityId = loadLoan(book, loanId).facts.facilityId;
        Settlement.requireBorrower(context, facilityId, book.facilities[facilityId]);
        LoanSaleRecord storage sale = book.sales[loanId];
        if (sale.seller == address(0) || sale.isAcknowledged) revert ILoanSales.NothingToAcknowledge(loanId);
        sale.isAcknowledged = true;
        emit ILoanSales.SaleAcknowledged(loanId, context.sender, sale.noticeHash);
    }

    /// @notice See {ILoanSales.loanSaleOf}.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return saleRow The sale.
    function saleOf(Book storage book, LoanId loanId) external view returns (ILoanSales.LoanSale memory saleRow) {
        FacilityId facilityId = loadLoan(book, loanId).facts.facilityId;
        LoanSaleRecord storage sale = book.sales[loanId];
        if (sale.seller == address(0)) return saleRow;
        saleRow.seller = sale.seller;
        saleRow.origin = Settlement.originOf(book, facilityId);
        saleRow.buyBack = sale.buyBack;
        saleRow.buyBackPrice = sale.buyBackPrice;
        saleRow.buyBackMax = sale.buyBackMax;
        saleRow.buyBackFirstDay = sale.buyBackFirstDay;
        saleRow.buyBackLastDay = sale.buyBackLastDay;
        saleRow.noticeHash = sale.noticeHash;
        saleRow.isAcknowledged = sale.isAcknowledged;
    }

    /// @notice See {ILoanSales.saleStanding}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return The hash.
    function standingOf(Book storage book, LendingContext memory context, LoanId loanId) public view returns (bytes32) {
        LoanRecord storage record = book.loans[loanId];
        if (ILoans.Status(record.terms.status()) == ILoans.Status.None) revert ILoans.LoanUnknown(loanId);
        FacilityId facilityId = record.terms.facilityId();
        return keccak256(
            abi.encode(
                record.terms.withoutFlag(MARKED_OVERDUE),
                record.collateral,
                book.shifts[loanId],
                book.raised[loanId],
                book.hedges[loanId],
                _itemsHash(book, context, loanId, facilityId),
                _undertakingsHash(book, facilityId)
            )
        );
    }

    /// @notice See {ILoanSales.saleDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @return The digest.
    function saleDigest(bytes32 domain, ILoanSales.SaleTerms calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(TERMS_TYPEHASH, terms)));
    }

    // ------------------------------------------------------------------ checks

    function _checkSides(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        ILoanSales.SaleTerms calldata terms
    ) private view {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        (address seller, address buyer, address borrower) = (terms.seller, terms.buyer, facilityRow.borrower);
        if (!context.registry.actsFor(context.sender, seller) && !context.registry.actsFor(context.sender, buyer)) {
            revert ILoanSales.NotOfSale(loanId, context.sender);
        }
        if (facilityRow.entruster != address(0)) revert ILoanSales.LoanNotSaleable(loanId, "entrusted");
        if (facilityRow.lender != seller) revert IFacilities.NotLender(facilityId, facilityRow.lender, seller);
        if (context.registry.partyOf(seller) == context.registry.partyOf(buyer)) {
            revert IFacilities.SamePartyBothSides(seller, buyer);
        }
        if (context.registry.areRelated(buyer, borrower)) revert IFacilities.SamePartyBothSides(buyer, borrower);
        // Otherwise a group could lend to itself, sell, and let others bear its loss.
        if (context.registry.areRelated(seller, borrower)) revert IFacilities.SamePartyBothSides(seller, borrower);
        // A debtor of the collateral could take the goods beside its debt by not paying it.
        address debtor = CollateralDebtors.relatedTo(book, context, loanId, buyer);
        if (debtor != address(0)) revert IFacilities.SamePartyBothSides(buyer, debtor);
        context.registry.requireValidForRisk(buyer, FINANCIER);
    }

    function _checkTerms(uint256 today, ILoanSales.SaleTerms calldata terms) private pure {
        _within("price", terms.price, 1, ClaimShares.MAX_AMOUNT);
        _within("noticeHash", uint256(terms.noticeHash), 1, type(uint256).max);
        bool isAgreed = terms.buyBack != 0;
        _within("buyBack", terms.buyBack, 0, ALL_BUY_BACKS);
        _within("buyBackPrice", terms.buyBackPrice, isAgreed ? 1 : 0, isAgreed ? MAX_BUY_BACK_PRICE : 0);
        bool isDuty = terms.buyBack & SaleRights.SELLER_MUST != 0;
        _within("buyBackMax", terms.buyBackMax, isDuty ? 1 : 0, isDuty ? ClaimShares.MAX_AMOUNT : 0);
        _within("buyBackLastDay", terms.buyBackLastDay, isAgreed ? today : 0, isAgreed ? type(uint24).max : 0);
        _within("buyBackFirstDay", terms.buyBackFirstDay, 0, terms.buyBackLastDay);
    }

    function _checkLoan(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        ILoanSales.SaleTerms calldata terms
    ) private view {
        uint64 principal = uint64(LoanMath.outstanding(loan.state));
        if (
            principal != terms.principal || loan.facts.postings != terms.postings
                || standingOf(book, context, loanId) != terms.standing
        ) {
            revert ILoanSales.LoanChanged(loanId, principal, loan.facts.postings);
        }
        requireQuiet(book, loanId, loan);
        // Who granted the right cannot escape it by a sale.
        LoanSaleRecord storage sale = book.sales[loanId];
        if (sale.buyBack & SaleRights.SELLER_MAY != 0 && context.today <= sale.buyBackLastDay) {
            revert ILoanSales.LoanNotSaleable(loanId, "buy-back");
        }
        // What was brought back before is not the seller's to pay, so the buyer could not call all that it pays for.
        RaisedDebt storage raised = book.raised[loanId];
        if (terms.buyBack & SaleRights.SELLER_MUST != 0 && (raised.hasCosts || raised.own != 0)) {
            revert ILoanSales.LoanNotSaleable(loanId, "raised");
        }
        address seller = terms.buyBack == 0 ? address(0) : terms.seller;
        LoanRates.requireIndependent(book, context, loanId, terms.buyer, seller);
    }

    /// @dev What the items are, how much each is, and which claims count: a part of a warehouse receipt may leave without
    /// another item, and whether a claim counts decides what may leave beside it.
    function _itemsHash(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        private
        view
        returns (bytes32)
    {
        CollateralItemWord[] storage items = book.items[loanId];
        uint256[] memory values = new uint256[](items.length);
        bool[] memory counts = new bool[](items.length);
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind == IProducts.CollateralKind.Claim) {
                values[i] = context.receivables.claim(ClaimId.wrap(id)).value;
                PartyId party = SaleRights.debtorOf(context, id);
                counts[i] = CollateralDebtors.counts(book, loanId, facilityId, party);
            } else {
                values[i] = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).quantity;
            }
        }
        return keccak256(abi.encode(items, values, counts));
    }

    /// @dev Who bids in every auction of the loan's goods, and how much.
    function _undertakingsHash(Book storage book, FacilityId facilityId) private view returns (bytes32) {
        return keccak256(abi.encode(book.buyBacks[facilityId], book.buyBacks[Settlement.originOf(book, facilityId)]));
    }

    /// @dev Reverts with {LoanNotSaleable} if its loss was recorded, or its goods are in an auction.
    function requireQuiet(Book storage book, LoanId loanId, LoanView memory loan) internal view {
        if (loan.facts.lossRecorded) revert ILoanSales.LoanNotSaleable(loanId, "loss");
        // Participants chose their lender.
        if (loan.facts.traits & PARTICIPATED != 0) revert ILoanSales.LoanNotSaleable(loanId, "participations");
        if (book.auctions[loanId].openedAt != 0) revert ILoanSales.LoanNotSaleable(loanId, "auction");
    }

    // ------------------------------------------------------------------ the loan changes its facility

    function _record(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityRecord storage fromRow,
        ILoanSales.SaleTerms calldata terms
    ) private {
        (PartyId setAsideBy, uint64 setAside) = _followReserve(book, context, loanId, fromRow, terms);
        book.sales[loanId] = LoanSaleRecord({
            seller: terms.seller,
            sellerParty: uint32(PartyId.unwrap(context.registry.partyOf(terms.seller))),
            buyBackFirstDay: terms.buyBackFirstDay,
            buyBackLastDay: terms.buyBackLastDay,
            buyBack: terms.buyBack,
            isAcknowledged: false,
            noticeHash: terms.noticeHash,
            buyBackPrice: terms.buyBackPrice,
            buyBackMax: terms.buyBackMax,
            setAsideBy: uint32(PartyId.unwrap(setAsideBy)),
            setAside: setAside,
            endedDay: 0,
            number: book.sales[loanId].number + 1
        });
    }

    function _tellSold(
        address borrower,
        FacilityId facilityId,
        FacilityId fromFacilityId,
        ILoanSales.SaleTerms calldata terms
    ) private {
        emit ILoanSales.LoanSold(
            LoanId.wrap(terms.loanId), terms.seller, terms.buyer, borrower, facilityId, fromFacilityId, terms
        );
    }

    /// @dev The loan goes to the facility of an account for loans of this origin, with all that counts by facility.
    function _move(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        address lender,
        bytes32 termsHash
    ) private returns (FacilityId facilityId) {
        FacilityId fromFacilityId = loan.facts.facilityId;
        FacilityId originId = Settlement.originOf(book, fromFacilityId);
        facilityId = _facilityOf(book, originId, lender, termsHash);
        uint64 principal = uint64(LoanMath.outstanding(loan.state));
        FacilityRecord storage fromRow = book.facilities[fromFacilityId];
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        _keepAccepted(book, context, loanId, fromFacilityId);
        fromRow.outstanding -= principal;
        fromRow.openLoans -= 1;
        facilityRow.outstanding += principal;
        facilityRow.openLoans += 1;
        if (FacilityId.unwrap(fromFacilityId) == FacilityId.unwrap(originId)) {
            fromRow.counted |= HAS_SOLD;
            book.sold[originId] += principal;
        } else {
            // Interest that became principal raised no limit.
            fromRow.limit -= uint64(Math.min(fromRow.limit, principal));
        }
        if (FacilityId.unwrap(facilityId) == FacilityId.unwrap(originId)) {
            book.sold[originId] -= principal;
        } else {
            facilityRow.limit += principal;
            facilityRow.drawn += principal;
        }
        loan.facts.facilityId = facilityId;
        saveLoan(book, loanId, loan);
    }

    /// @dev The facility on which the loans were drawn, if the account is its lender; else the one for what it bought.
    function _facilityOf(Book storage book, FacilityId originId, address lender, bytes32 termsHash)
        private
        returns (FacilityId facilityId)
    {
        FacilityRecord storage origin = book.facilities[originId];
        if (origin.lender == lender) return originId;
        facilityId = book.boughtOn[originId][lender];
        if (!facilityId.isNull()) return facilityId;
        facilityId = FacilityId.wrap(++book.facilityCount);
        book.boughtOn[originId][lender] = facilityId;
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        facilityRow.lender = lender;
        facilityRow.firstDay = origin.firstDay;
        facilityRow.lastDay = origin.lastDay;
        facilityRow.annualRate = origin.annualRate;
        facilityRow.extras = origin.extras & FLOATING;
        facilityRow.spread = origin.spread;
        facilityRow.borrower = origin.borrower;
        facilityRow.version = origin.version;
        facilityRow.currency = origin.currency;
        facilityRow.productId = origin.productId;
        facilityRow.closed = true;
        facilityRow.counted = (origin.counted & ~HAS_SOLD) | COUNTED_FOR_ORIGIN;
        facilityRow.borrowerParty = origin.borrowerParty;
        facilityRow.termsHash = termsHash;
        facilityRow.committedAt = uint40(block.timestamp);
        facilityRow.ruleSet = origin.ruleSet;
        facilityRow.origin = uint64(FacilityId.unwrap(originId));
        book.correctionDays[facilityId] = book.correctionDays[originId];
        emit ILoanSales.FacilityOpenedBySale(facilityId, lender, origin.borrower, originId);
    }

    /// @dev A claim that counts as collateral goes on counting, though the new lender has accepted no debtor yet.
    function _keepAccepted(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        private
    {
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind != IProducts.CollateralKind.Claim) continue;
            CollateralDebtors.keep(book, loanId, facilityId, SaleRights.debtorOf(context, id));
        }
    }

    /// @dev What the party that lent the money set aside for the principal in its own reserve; later the one to which
    /// it followed. Never more than the facility's draws fed and has not followed yet; on the way on, never more than what
    /// came with the loan. A pool is for all lenders anyway. Nothing follows within a group, and nothing where the loan may come
    /// back: it goes on serving those who fed it.
    function _followReserve(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityRecord storage fromRow,
        ILoanSales.SaleTerms calldata terms
    ) private returns (PartyId setAsideBy, uint64 setAside) {
        (setAsideBy, setAside) = (PartyId.wrap(book.sales[loanId].setAsideBy), book.sales[loanId].setAside);
        if (setAsideBy.isNull()) setAsideBy = context.registry.partyOf(terms.seller);
        ProductId productId = ProductId.wrap(fromRow.productId);
        IProducts.ProductTerms memory product = context.products.terms(productId, fromRow.version);
        if (product.reserveShare == 0 || product.reservePooled || terms.buyBack != 0) return (setAsideBy, setAside);
        PartyId buyer = context.registry.partyOf(terms.buyer);
        if (setAsideBy.isNull() || context.registry.partyOf(terms.seller) != setAsideBy) return (setAsideBy, setAside);
        if (context.registry.arePartiesRelated(setAsideBy, buyer)) return (setAsideBy, setAside);
        SetAsideRecord storage origin = book.setAside[Settlement.originOf(book, book.loans[loanId].terms.facilityId())];
        uint256 part = RepaymentMath.divideHalfUp(uint256(terms.principal) * product.reserveShare, RepaymentMath.WHOLE);
        part = Math.min(part, setAside == 0 ? origin.fed - origin.followed : setAside);
        if (part == 0) return (setAsideBy, setAside);
        uint64 moved = context.reserve.follow(productId, fromRow.currency, terms.seller, terms.buyer, uint64(part));
        if (moved == 0) return (setAsideBy, setAside);
        if (setAside == 0) origin.followed += moved;
        return (buyer, moved);
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }
}
