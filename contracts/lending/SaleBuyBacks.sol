// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {FacilityId, LoanId, PartyId} from "../types/Ids.sol";
import {Book, FacilityRecord, BoughtBackRecord, LendingContext, LoanSaleRecord, LoanView} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {LoanChanges} from "./LoanChanges.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {LoanSales} from "./LoanSales.sol";
import {SaleRights} from "./SaleRights.sol";
import {Settlement} from "./Settlement.sol";

/// @title Loans that go back to the lender that sold them; linked to Facilities.
/// @notice See {ILoanSales} for the specification.
library SaleBuyBacks {
    /// @notice See {ILoanSales.buyLoanBack}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param account The account that takes the loan back and pays.
    /// @param maxPrice The most that the seller pays by its right, in minor units.
    /// @param standing The loan's standing that the seller has seen.
    /// @return price Minor units that were paid.
    function buyBack(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address account,
        uint64 maxPrice,
        bytes32 standing
    ) external returns (uint64 price) {
        // Check
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityId fromFacilityId = loan.facts.facilityId;
        FacilityRecord storage facilityRow = book.facilities[fromFacilityId];
        bool isCalled = _requireDue(book, context, loanId, loan, facilityRow.lender);
        _requireOfSeller(context, loanId, book.sales[loanId], account);
        LoanSales.requireQuiet(book, loanId, loan);
        price = _priceHalfUp(book, context, loanId, facilityRow.currency, isCalled);
        if (!isCalled) _requireSeen(book, context, loanId, loan, price, maxPrice, standing);
        else if (price == 0) _refuse(loanId, book.sales[loanId]);
        // Effect
        _keepPrice(book, loanId, price, isCalled);
        loan.facts.facilityId = LoanSales.giveBack(book, context, loanId, account);
        _tellBoughtBack(facilityRow, loanId, loan, fromFacilityId, account, price, isCalled);
        // Interaction
        Settlement.move(book, context, facilityRow.currency, account, facilityRow.lender, price);
    }

    // ------------------------------------------------------------------ checks

    /// @dev Holder and borrower can raise what is owed, and change what secures it, between the seller's look and its
    /// purchase.
    function _requireSeen(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        uint64 price,
        uint64 maxPrice,
        bytes32 standing
    ) private view {
        if (LoanSales.standingOf(book, context, loanId) != standing) {
            revert ILoanSales.LoanChanged(loanId, uint64(LoanMath.outstanding(loan.state)), loan.facts.postings);
        }
        if (price > maxPrice) revert IFacilities.TermOutOfRange("price", price, 0, maxPrice);
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
        isCalled = context.registry.actsFor(context.sender, holder);
        if (!isCalled && PartyId.unwrap(context.registry.partyOf(context.sender)) != sale.sellerParty) {
            revert ILoanSales.NotOfSale(loanId, context.sender);
        }
        bool isFailed = loan.facts.status == ILoans.Status.Defaulted || loan.facts.status == ILoans.Status.WrittenOff;
        // Holder and borrower could sign any costs, which are paid before principal.
        bool isOwed = sale.buyBack & SaleRights.SELLER_MUST != 0 && !book.raised[loanId].hasCosts;
        bool isDue = isCalled ? isOwed && isFailed : sale.buyBack & SaleRights.SELLER_MAY != 0;
        if (!isDue || context.today < sale.buyBackFirstDay || context.today > sale.buyBackLastDay) {
            _refuse(loanId, sale);
        }
    }

    function _refuse(LoanId loanId, LoanSaleRecord storage sale) private view {
        revert ILoanSales.BuyBackNotDue(loanId, sale.buyBack, sale.buyBackFirstDay, sale.buyBackLastDay);
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
    /// which the holder charges, and what the holder's word brought back, and at most what the seller signed.
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
        uint256 counted = LoanMath.sumOf(owed) - owed.fee;
        if (isCalled) counted = Math.saturatingSub(counted - owed.costs, book.raised[loanId].own);
        uint256 price = RepaymentMath.divideHalfUp(counted * sale.buyBackPrice, RepaymentMath.WHOLE);
        return uint64(isCalled ? Math.min(price, sale.buyBackMax) : price);
    }

    /// @dev What the seller pays by its duty is at most what it signed, also if the price is raised later.
    function _keepPrice(Book storage book, LoanId loanId, uint64 price, bool isCalled) private {
        LoanSaleRecord storage sale = book.sales[loanId];
        uint64 left = isCalled ? sale.buyBackMax - price : type(uint64).max;
        BoughtBackRecord storage priceRow = book.boughtBack[loanId][sale.number];
        (priceRow.share, priceRow.left) = (sale.buyBackPrice, left);
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
}
