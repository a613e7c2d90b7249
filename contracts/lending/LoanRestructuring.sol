// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Calendar} from "../math/Calendar.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {LoanRelief} from "../math/LoanRelief.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {Bitmap, bitAt} from "../types/Bitmap.sol";
import {LoanId, ProductId} from "../types/Ids.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {
    Book,
    FacilityRecord,
    LendingContext,
    LoanView,
    RaisedDebt,
    ReliefRecord,
    rollLoanNow,
    saveLoan
} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";
import {IProducts} from "./IProducts.sol";
import {IRestructuring} from "./IRestructuring.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanWaivers} from "./LoanWaivers.sol";
import {MarginCall} from "./collateral/MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title New terms of a loan, also of one in default; linked to Facilities.
/// @notice See {IRestructuring} for the specification.
library LoanRestructuring {
    bytes32 private constant RESTRUCTURING_TYPEHASH = keccak256(
        "Restructuring(uint256 loanId,uint8 style,uint8 periods,uint8 monthsPerPeriod,uint24 dueDay,"
        "uint24 interestFromDay,uint8 principalGrace,uint8 interestGrace,uint24 annualRate,uint64 forgivenCosts,"
        "uint64 forgivenPenalty,uint64 forgivenInterest,uint64 forgivenPrincipal,uint64 capitalisedInterest,"
        "uint40 deadline,uint256 nonce)"
    );
    uint256 private constant MAX_MONTHS_PER_PERIOD = 12;
    uint256 private constant MAX_GRACE_PERIODS = 12;

    /// @notice See {IRestructuring.restructure}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param signed The terms.
    /// @param signatures The signatures of the party whose money is lent, and of the borrower.
    function restructure(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        IRestructuring.Restructuring calldata signed,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(signed.loanId);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        if (loan.facts.lossRecorded) revert IPostings.LossShared(loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.useSigned(
            book, context, facilityRow, restructuringDigest(domain, signed), signed.deadline, signatures
        );
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        ILoans.Status before = loan.facts.status;
        LoanRelief.Relieved memory relieved = _begin(book, context, loan, signed, day);
        _note(book, loanId, relieved.relief.capitalised, day);
        saveLoan(book, loanId, loan);
        _tell(loan, relieved, signed, day);
        if (before != ILoans.Status.Running && book.auctions[loanId].openedAt != 0) {
            delete book.auctions[loanId];
            emit ILiquidation.AuctionEnded(loanId);
        }
        if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
        LoanRelief.Relief memory relief = relieved.relief;
        LoanWaivers.payFee(
            book, context, loan.facts.facilityId, uint256(relief.interest) + relief.penalty + relief.capitalised
        );
    }

    /// @notice See {IRestructuring.restructuringDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param restructuring The terms.
    /// @return The digest.
    function restructuringDigest(bytes32 domain, IRestructuring.Restructuring calldata restructuring)
        public
        pure
        returns (bytes32)
    {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(RESTRUCTURING_TYPEHASH, restructuring)));
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev The loan as it begins anew, with what follows for limits and counters; `loan` is saved afterwards.
    function _begin(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        IRestructuring.Restructuring calldata signed,
        uint256 day
    ) private returns (LoanRelief.Relieved memory relieved) {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        IProducts.ProductTerms memory product =
            context.products.terms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        relieved = _relieve(loan, signed);
        uint64 owedBefore = uint64(LoanMath.outstanding(loan.state));
        _setTerms(context, product, loan.terms, signed, day);
        loan.state = LoanRelief.begun(loan.terms, relieved, day);
        BorrowerLimits.noteStatus(book, facilityRow, loan.facts.status, ILoans.Status.Running);
        loan.facts.status = ILoans.Status.Running;
        loan.facts.postings = LoanHistory.headOf(day, loan.state);
        _setSums(book, context, loan, product, owedBefore);
    }

    function _tell(
        LoanView memory loan,
        LoanRelief.Relieved memory relieved,
        IRestructuring.Restructuring calldata signed,
        uint256 day
    ) private {
        emit IRestructuring.LoanRestructured(
            LoanId.wrap(signed.loanId),
            uint24(day),
            loan.terms,
            relieved.relief,
            relieved.interest,
            relieved.principal,
            signed.nonce
        );
    }

    /// @dev New terms begin without penalty, so that no penalty is ever counted on penalty.
    function _relieve(LoanView memory loan, IRestructuring.Restructuring calldata signed)
        private
        pure
        returns (LoanRelief.Relieved memory relieved)
    {
        LoanId loanId = LoanId.wrap(signed.loanId);
        uint256 outstanding = LoanMath.outstanding(loan.state);
        if (outstanding == 0) revert ILoans.StateForbids(loanId, loan.facts.status);
        _within("forgivenPrincipal", signed.forgivenPrincipal, 0, outstanding - 1);
        LoanRelief.Relief memory max = LoanRelief.Relief(
            signed.forgivenCosts,
            signed.forgivenPenalty,
            signed.forgivenInterest,
            signed.forgivenPrincipal,
            signed.capitalisedInterest
        );
        relieved = LoanRelief.relieve(loan.terms, loan.state, max);
        if (relieved.penalty != 0) revert IRestructuring.PenaltyLeft(loanId, relieved.penalty);
    }

    /// @dev The parties signed days of the calendar. The loan's own day numbers are lower by the days that were lost.
    function _setTerms(
        LendingContext memory context,
        IProducts.ProductTerms memory product,
        LoanMath.Terms memory terms,
        IRestructuring.Restructuring calldata signed,
        uint256 day
    ) private view {
        uint256 lostDays = context.today - day;
        _requireStyle(product, signed.style);
        terms.style = signed.style;
        bool isSchedule = LoanMath.isSchedule(terms);
        uint256 maxMonths = isSchedule ? _maxMonths(product.months) : 1;
        _within("monthsPerPeriod", signed.monthsPerPeriod, 1, isSchedule ? MAX_MONTHS_PER_PERIOD : 1);
        _within("periods", signed.periods, 1, isSchedule ? RepaymentMath.MAX_PERIODS / signed.monthsPerPeriod : 1);
        bool repaysPrincipal = isSchedule && signed.style != LoanMath.Style.InterestOnly;
        _within("principalGrace", signed.principalGrace, 0, repaysPrincipal ? _maxGrace(signed.periods) : 0);
        _within("interestGrace", signed.interestGrace, 0, isSchedule ? _maxGrace(signed.periods) : 0);
        _within("annualRate", signed.annualRate, 0, product.maxRate);

        uint256 maxDay = isSchedule ? Calendar.addMonths(context.today, maxMonths) : context.today + product.maxDays;
        _within("dueDay", signed.dueDay, context.today + 1, maxDay);
        uint256 interestFrom = signed.interestFromDay == 0 ? context.today : signed.interestFromDay;
        _within("interestFromDay", interestFrom, context.today, signed.dueDay - 1);
        uint256 lastDay = Calendar.addMonths(signed.dueDay, (uint256(signed.periods) - 1) * signed.monthsPerPeriod);
        _within("lastDueDay", lastDay, signed.dueDay, maxDay);

        terms.periods = signed.periods;
        terms.monthsPerPeriod = signed.monthsPerPeriod;
        terms.startDay = uint24(interestFrom - lostDays);
        terms.dueDay = uint24(signed.dueDay - lostDays);
        terms.principalGrace = signed.principalGrace;
        terms.interestGrace = signed.interestGrace;
        terms.annualRate = signed.annualRate;
        terms.sameDayInterest = false;
        terms.shifts = 0;
        if (product.businessDays) terms.shifts = context.products.shifts(terms);
    }

    /// @dev A bill may be paid in instalments where the product has months for it; no restructured loan is a bill.
    function _requireStyle(IProducts.ProductTerms memory product, LoanMath.Style style) private pure {
        uint256 bill = bitAt(uint256(LoanMath.Style.BillingCycle));
        uint256 allowed = product.styles;
        if (allowed & bill != 0) {
            allowed &= ~bill;
            if (product.months != 0) allowed |= bitAt(uint256(LoanMath.Style.EqualInstalment));
        }
        if (!Bitmap.wrap(allowed).has(uint256(style))) revert ILoans.StyleNotAllowed(style, uint8(allowed));
    }

    function _maxMonths(uint64 months) private pure returns (uint256 max) {
        for (uint256 count = 1; count <= RepaymentMath.MAX_PERIODS; ++count) {
            if (Bitmap.wrap(months).has(count)) max = count;
        }
    }

    function _maxGrace(uint256 periods) private pure returns (uint256) {
        return periods > MAX_GRACE_PERIODS ? MAX_GRACE_PERIODS : periods - 1;
    }

    /// @dev Capitalised interest is new principal, so it needs the room that a draw needs.
    function _setSums(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        IProducts.ProductTerms memory product,
        uint64 owedBefore
    ) private {
        uint64 owed = uint64(LoanMath.outstanding(loan.state));
        if (owed > owedBefore) {
            _requireRoom(book, context, loan, product, owed - owedBefore);
            Settlement.raise(book, loan, owed - owedBefore);
        } else {
            Settlement.lower(book, loan, owedBefore - owed);
        }
        if (loan.facts.markedOverdue) Settlement.unmark(book, loan);
    }

    function _requireRoom(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        IProducts.ProductTerms memory product,
        uint64 rise
    ) private view {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        ProductId productId = ProductId.wrap(facilityRow.productId);
        uint256 used = uint256(facilityRow.outstanding) + rise;
        if (product.limitCurrency != 0) used = context.prices.convert(product.currency, product.limitCurrency, used);
        _requireMax("limit", used, facilityRow.limit);
        _requireMax("programmeLimit", uint256(book.programmes[productId].outstanding) + rise, product.programmeLimit);
        if (!loan.facts.debtor.isNull() && product.debtorShare != 0) {
            _requireMax(
                "debtorShare",
                book.debtorOutstanding[productId][loan.facts.debtor] + rise,
                uint256(product.programmeLimit) * product.debtorShare / RepaymentMath.WHOLE
            );
        }
        BorrowerLimits.requireRoom(book, context, facilityRow, product, rise);
    }

    /// @dev Interest that became principal is the lender's own: nobody else bears a loss of it.
    function _note(Book storage book, LoanId loanId, uint64 capitalised, uint256 day) private {
        ReliefRecord storage relief = book.reliefs[loanId];
        relief.day = uint24(day);
        relief.count += 1;
        if (capitalised == 0) return;
        RaisedDebt storage raised = book.raised[loanId];
        raised.day = uint24(day);
        raised.isPrincipal = true;
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }

    function _requireMax(bytes32 limit, uint256 requested, uint256 max) private pure {
        if (requested > max) revert ILoans.LimitExceeded(limit, requested, max);
    }
}
