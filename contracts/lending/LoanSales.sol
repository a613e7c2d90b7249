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
    saveLoan
} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {LoanChanges} from "./LoanChanges.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {LoanRates} from "./LoanRates.sol";
import {IProducts} from "./IProducts.sol";
import {Settlement} from "./Settlement.sol";

/// @title Loans that move from lender to lender; linked to Facilities.
/// @notice See {ILoanSales} for the specification.
library LoanSales {
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "SaleTerms(uint256 loanId,address seller,address buyer,uint64 principal,uint160 postings,bytes32 standing,"
        "uint64 price,uint8 buyBack,uint24 buyBackPrice,uint64 buyBackMax,uint24 buyBackFirstDay,uint24 buyBackLastDay,"
        "bytes32 noticeHash,uint40 deadline,uint256 nonce)"
    );

    /// @dev The bits of `SaleTerms.buyBack`.
    uint8 private constant SELLER_MAY = 1;
    uint8 private constant SELLER_MUST = 2;
    uint8 private constant ALL_BUY_BACKS = 3;
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
        _checkSides(context, loanId, fromFacilityId, facilityRow, terms);
        _checkTerms(context.today, terms);
        _checkLoan(book, context, loanId, loan, terms);
        bytes32 digest = saleDigest(domain, terms);
        Settlement.useTerms(book, digest, terms.deadline);
        Settlement.requireSigned(book, context, terms.seller, digest, signatures[0]);
        Settlement.requireSigned(book, context, terms.buyer, digest, signatures[1]);
        // Effect
        facilityId = _move(book, context, loanId, loan, terms.buyer, digest);
        _record(book, context, loanId, terms);
        _tellSold(facilityRow.borrower, facilityId, fromFacilityId, terms);
        // Interaction
        Settlement.move(book, context, facilityRow.currency, terms.buyer, terms.seller, terms.price);
    }

    /// @notice See {ILoanSales.buyLoanBack}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param account The account that takes the loan back and pays.
    /// @return price Minor units that were paid.
    function buyBack(Book storage book, LendingContext memory context, LoanId loanId, address account)
        external
        returns (uint64 price)
    {
        // Check
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityId fromFacilityId = loan.facts.facilityId;
        FacilityRecord storage facilityRow = book.facilities[fromFacilityId];
        bool isCalled = _requireDue(book, context, loanId, loan, facilityRow.lender);
        _requireOfSeller(context, loanId, book.sales[loanId], account);
        _requireQuiet(book, loanId, loan);
        price = _priceHalfUp(book, context, loanId, facilityRow.currency, isCalled);
        // Effect
        book.sales[loanId].buyBack = 0;
        _move(book, context, loanId, loan, account, bytes32(0));
        _tellBoughtBack(facilityRow, loanId, loan, fromFacilityId, account, price, isCalled);
        // Interaction
        Settlement.move(book, context, facilityRow.currency, account, facilityRow.lender, price);
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
        RaisedDebt storage raised = book.raised[loanId];
        return keccak256(
            abi.encode(
                record.terms.withoutFlag(MARKED_OVERDUE),
                record.collateral,
                book.shifts[loanId],
                raised.day,
                raised.isPrincipal,
                book.items[loanId],
                _valuesOf(context, book.items[loanId]),
                book.hedges[loanId]
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
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        FacilityRecord storage facilityRow,
        ILoanSales.SaleTerms calldata terms
    ) private view {
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
        context.registry.requireValidForRisk(buyer, FINANCIER);
    }

    function _checkTerms(uint256 today, ILoanSales.SaleTerms calldata terms) private pure {
        _within("price", terms.price, 1, ClaimShares.MAX_AMOUNT);
        _within("noticeHash", uint256(terms.noticeHash), 1, type(uint256).max);
        bool isAgreed = terms.buyBack != 0;
        _within("buyBack", terms.buyBack, 0, ALL_BUY_BACKS);
        _within("buyBackPrice", terms.buyBackPrice, isAgreed ? 1 : 0, isAgreed ? MAX_BUY_BACK_PRICE : 0);
        bool isDuty = terms.buyBack & SELLER_MUST != 0;
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
        _requireQuiet(book, loanId, loan);
        // Who granted the right cannot escape it by a sale.
        LoanSaleRecord storage sale = book.sales[loanId];
        if (sale.buyBack & SELLER_MAY != 0 && context.today <= sale.buyBackLastDay) {
            revert ILoanSales.LoanNotSaleable(loanId, "buy-back");
        }
        if (terms.buyBack & SELLER_MUST != 0 && book.raised[loanId].isPrincipal) {
            revert ILoanSales.LoanNotSaleable(loanId, "raised");
        }
        LoanRates.requireIndependent(book, context, loanId, terms.buyer);
    }

    /// @dev How much each item is: a part of a warehouse receipt may leave without another item.
    function _valuesOf(LendingContext memory context, CollateralItemWord[] storage items)
        private
        view
        returns (uint256[] memory values)
    {
        values = new uint256[](items.length);
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            values[i] = kind == IProducts.CollateralKind.Claim
                ? context.receivables.claim(ClaimId.wrap(id)).value
                : context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).quantity;
        }
    }

    function _requireQuiet(Book storage book, LoanId loanId, LoanView memory loan) private view {
        if (loan.facts.lossRecorded) revert ILoanSales.LoanNotSaleable(loanId, "loss");
        // Participants chose their lender.
        if (loan.facts.traits & PARTICIPATED != 0) revert ILoanSales.LoanNotSaleable(loanId, "participations");
        if (book.auctions[loanId].openedAt != 0) revert ILoanSales.LoanNotSaleable(loanId, "auction");
    }

    /// @dev Whether the holder calls by the seller's duty; else the seller buys by its right.
    function _requireDue(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        address holder
    ) private view returns (bool isCalled) {
        LoanSaleRecord storage sale = book.sales[loanId];
        (uint8 agreed, uint24 firstDay, uint24 lastDay) = (sale.buyBack, sale.buyBackFirstDay, sale.buyBackLastDay);
        isCalled = context.registry.actsFor(context.sender, holder);
        if (!isCalled && PartyId.unwrap(context.registry.partyOf(context.sender)) != sale.sellerParty) {
            revert ILoanSales.NotOfSale(loanId, context.sender);
        }
        bool isFailed = loan.facts.status == ILoans.Status.Defaulted || loan.facts.status == ILoans.Status.WrittenOff;
        // Holder and borrower could raise the principal by their own word; nobody else answers for that.
        bool isOwed = agreed & SELLER_MUST != 0 && !book.raised[loanId].isPrincipal;
        bool isDue = isCalled ? isOwed && isFailed : agreed & SELLER_MAY != 0;
        if (!isDue || context.today < firstDay || context.today > lastDay) {
            revert ILoanSales.BuyBackNotDue(loanId, agreed, firstDay, lastDay);
        }
    }

    /// @dev A party is bound by what it sold, whichever accounts it has left.
    function _requireOfSeller(
        LendingContext memory context,
        LoanId loanId,
        LoanSaleRecord storage sale,
        address account
    ) private view {
        address seller = sale.seller;
        bool isOfParty = PartyId.unwrap(context.registry.partyOf(account)) == sale.sellerParty;
        if (!isOfParty || (account != seller && context.registry.actsFor(seller, seller))) {
            revert ILoanSales.NotOfSeller(loanId, seller, account);
        }
        context.registry.requireValid(account, 0);
    }

    /// @dev The agreed share of what is owed today, without a fee for early repayment. By the duty also without the costs,
    /// which the holder charges, and at most what the seller signed.
    function _priceHalfUp(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address currency,
        bool isCalled
    ) private returns (uint64) {
        // A stop of the currency that is over ends first, so that nobody profits from it.
        LoanMoney.checkCurrency(book, context, currency);
        LoanMath.Parts memory owed = LoanChanges.loanOf(book, context, loanId).payoff;
        LoanSaleRecord storage sale = book.sales[loanId];
        uint256 counted = LoanMath.sumOf(owed) - owed.fee - (isCalled ? owed.costs : 0);
        uint256 price = RepaymentMath.divideHalfUp(counted * sale.buyBackPrice, RepaymentMath.WHOLE);
        return uint64(isCalled ? Math.min(price, sale.buyBackMax) : price);
    }

    // ------------------------------------------------------------------ the loan changes its facility

    function _record(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ILoanSales.SaleTerms calldata terms
    ) private {
        book.sales[loanId] = LoanSaleRecord({
            seller: terms.seller,
            sellerParty: uint32(PartyId.unwrap(context.registry.partyOf(terms.seller))),
            buyBackFirstDay: terms.buyBackFirstDay,
            buyBackLastDay: terms.buyBackLastDay,
            buyBack: terms.buyBack,
            isAcknowledged: false,
            noticeHash: terms.noticeHash,
            buyBackPrice: terms.buyBackPrice,
            buyBackMax: terms.buyBackMax
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

    function _tellBoughtBack(
        FacilityRecord storage fromRow,
        LoanId loanId,
        LoanView memory loan,
        FacilityId fromFacilityId,
        address account,
        uint64 price,
        bool isCalled
    ) private {
        emit ILoanSales.LoanBoughtBack(
            loanId,
            account,
            fromRow.lender,
            fromRow.borrower,
            loan.facts.facilityId,
            fromFacilityId,
            uint64(LoanMath.outstanding(loan.state)),
            price,
            isCalled
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
        if (loan.facts.markedOverdue) {
            fromRow.overdueLoans -= 1;
            facilityRow.overdueLoans += 1;
        }
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
        _followReserve(context, facilityRow, fromRow.lender, principal);
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
            address debtor =
                context.receivables.receivable(context.receivables.claim(ClaimId.wrap(id)).receivableId).debtor;
            PartyId party = context.registry.partyOf(debtor);
            if (book.accepted[facilityId][party]) book.buyers[loanId][party] = true;
        }
    }

    /// @dev What the lender set aside for the principal in its own reserve. A pool is for all lenders anyway.
    function _followReserve(
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        address from,
        uint64 principal
    ) private {
        ProductId productId = ProductId.wrap(facilityRow.productId);
        IProducts.ProductTerms memory product = context.products.terms(productId, facilityRow.version);
        if (product.reserveShare == 0 || product.reservePooled || context.registry.partyOf(from).isNull()) return;
        uint256 part = RepaymentMath.divideHalfUp(uint256(principal) * product.reserveShare, RepaymentMath.WHOLE);
        context.reserve.follow(productId, facilityRow.currency, from, facilityRow.lender, uint64(part));
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }
}
