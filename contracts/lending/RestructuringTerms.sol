// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Calendar} from "../math/Calendar.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {ServiceFees} from "../math/ServiceFees.sol";
import {TotalCost} from "../math/TotalCost.sol";
import {Bitmap, bitAt} from "../types/Bitmap.sol";
import {FacilityId, LoanId, ProductId} from "../types/Ids.sol";
import {packServiceFees} from "../types/ServiceFeesWord.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {Book, FacilityRecord, LendingContext, LoanView, ReliefRecord} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";
import {IRestructuring} from "./IRestructuring.sol";
import {IServiceFees} from "./IServiceFees.sol";
import {RaisedDebts} from "./RaisedDebts.sol";
import {SaleRights} from "./SaleRights.sol";
import {Settlement} from "./Settlement.sol";

/// @title Which terms a restructuring may give a loan, what it may cost, room for capitalised interest, and what is kept of
/// it; linked to LoanRestructuring.
/// @notice See {IRestructuring} for the specification.
library RestructuringTerms {
    /// @notice A loan that begins anew.
    /// @param terms How it runs from now on.
    /// @param principal What is outstanding, in minor units.
    /// @param day The loan's own day number.
    /// @param isFirst Whether no instalment has fallen due since its draw.
    /// @param interest Interest since the draw, in minor units, if none has.
    /// @param principalDays Sum, over each day since then, of the principal owed on it.
    struct Anew {
        LoanMath.Terms terms;
        uint64 principal;
        uint256 day;
        bool isFirst;
        uint256 interest;
        uint256 principalDays;
    }

    uint256 private constant MAX_MONTHS_PER_PERIOD = 12;
    uint256 private constant MAX_GRACE_PERIODS = 12;

    /// @notice The terms that the sides signed, within the bounds of the product's version. Keeps what the loan has cost
    /// since its draw.
    /// @dev The parties signed days of the calendar. The loan's own day numbers are lower by the days that were lost.
    /// Reverts with {IFacilities.TermOutOfRange} if a term is not within its bounds.
    /// Reverts with {ILoans.StyleNotAllowed} if the product has no such style.
    /// Reverts with {IServiceFees.TotalCostAboveCap} if the loan would cost more than its product allows.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param product The product's version.
    /// @param loan The loan as it ran until today.
    /// @param signed What the sides signed.
    /// @param day The loan's own day number.
    /// @param principal What is outstanding from now on, in minor units.
    /// @return terms How the loan runs from now on.
    function termsOf(
        Book storage book,
        LendingContext memory context,
        IProducts.ProductTerms memory product,
        LoanView memory loan,
        IRestructuring.Restructuring calldata signed,
        uint256 day,
        uint64 principal
    ) external returns (LoanMath.Terms memory terms) {
        // An entrusted loan keeps the product's lowest rate: the administering bank's fee is a part of its interest.
        bool isEntrusted = book.facilities[loan.facts.facilityId].entruster != address(0);
        terms = _termsOf(context, product, loan.terms, signed, day, isEntrusted ? product.minRate : 0);
        Anew memory anew = _anew(book.reliefs[LoanId.wrap(signed.loanId)], loan, terms, principal, day);
        if (loan.facts.status != ILoans.Status.Running || Settlement.isOverdue(loan)) return terms;
        _requireBelowCap(book, context, loan, anew);
    }

    /// @dev However often the terms change, what the draw charged counts over the days since the draw, until an instalment
    /// has fallen due. Interest that earlier terms left unpaid is counted already.
    function _anew(
        ReliefRecord storage relief,
        LoanView memory loan,
        LoanMath.Terms memory terms,
        uint64 principal,
        uint256 day
    ) private returns (Anew memory anew) {
        (anew.terms, anew.principal, anew.day) = (terms, principal, day);
        anew.isFirst = !relief.hadInstalment && loan.state.period == 0;
        if (!anew.isFirst) {
            relief.hadInstalment = true;
            return anew;
        }
        LoanMath.State memory state = loan.state;
        uint256 left = uint256(state.pastInterest) + state.graceInterest;
        anew.interest = relief.interest + LoanMath.payoff(loan.terms, state).interest - left + state.interestPaid;
        uint256 from = relief.day == 0 ? loan.terms.startDay : relief.day;
        anew.principalDays = relief.principalDays;
        if (day > from) anew.principalDays += LoanMath.outstanding(state) * (day - from);
        relief.interest = uint64(anew.interest);
        relief.principalDays = uint80(anew.principalDays);
    }

    function _termsOf(
        LendingContext memory context,
        IProducts.ProductTerms memory product,
        LoanMath.Terms memory before,
        IRestructuring.Restructuring calldata signed,
        uint256 day,
        uint24 minRate
    ) private view returns (LoanMath.Terms memory terms) {
        terms = _copyOf(before);
        uint256 lostDays = context.today - day;
        _requireStyle(product, signed.style);
        terms.style = signed.style;
        bool isSchedule = LoanMath.isSchedule(terms);
        _requireInstalments(signed, isSchedule);
        _within("annualRate", signed.annualRate, minRate, product.maxRate);

        uint256 maxDay = isSchedule
            ? Calendar.addMonths(context.today, maxMonthsOf(product.months))
            : context.today + product.maxDays;
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

    /// @notice Keeps that a loan was restructured. Its seller need not buy back a loan of which others changed the terms.
    /// @dev Interest that became principal is the lender's own: nobody else bears a loss of it.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param capitalised Interest that became principal, in minor units.
    /// @param day The loan's own day number.
    function note(Book storage book, LendingContext memory context, LoanId loanId, uint64 capitalised, uint256 day)
        external
    {
        SaleRights.endDuty(book, context, loanId);
        ReliefRecord storage relief = book.reliefs[loanId];
        relief.day = uint24(day);
        relief.count += 1;
        if (capitalised != 0) RaisedDebts.capitalise(book, loanId, capitalised, day);
    }

    /// @notice Refuses new principal for which there is no room, where a draw would find none either.
    /// @dev A loan that was sold goes on counting in the limit of the facility on which it was drawn.
    /// Reverts with {ILoans.LimitExceeded} if a limit is exceeded.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loan The loan.
    /// @param product The product's version.
    /// @param rise The new principal, in minor units.
    function requireRoom(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        IProducts.ProductTerms memory product,
        uint64 rise
    ) external view {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        ProductId productId = ProductId.wrap(facilityRow.productId);
        _requireRoomAtOrigin(book, context, loan.facts.facilityId, product, rise);
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

    /// @dev A draw is below the cap by its terms; new terms are no way past it. Until an instalment has fallen due they count
    /// as if they had been a part of the draw's: with all that it charged, paid or not, and with the days and the
    /// interest since then. Later, with the fees that are still owed. What is overdue may get any terms.
    function _requireBelowCap(Book storage book, LendingContext memory context, LoanView memory loan, Anew memory anew)
        private
        view
    {
        FacilityRecord storage origin = book.facilities[Settlement.originOf(book, loan.facts.facilityId)];
        uint64 fees = loan.state.fees.owed();
        uint256 lentBefore = uint256(anew.principal) * (anew.terms.startDay - anew.day) + anew.principalDays;
        if (anew.isFirst) {
            uint64 charged = origin.flatFee + ServiceFees.shareHalfUp(loan.facts.drawn, origin.drawFee);
            if (fees < charged) fees = charged;
        }
        if (fees == 0) return;
        uint256 cap = context.products.floatingTerms(ProductId.wrap(origin.productId), origin.version).maxTotalCost;
        if (cap == 0) return;
        (uint256 cost, uint256 max) =
            TotalCost.ofLoan(anew.terms, anew.principal, packServiceFees(0, 0, fees, 0), cap, lentBefore);
        cost += anew.interest;
        if (cost > max) revert IServiceFees.TotalCostAboveCap(cost, max);
    }

    function _requireInstalments(IRestructuring.Restructuring calldata signed, bool isSchedule) private pure {
        _within("monthsPerPeriod", signed.monthsPerPeriod, 1, isSchedule ? MAX_MONTHS_PER_PERIOD : 1);
        _within("periods", signed.periods, 1, isSchedule ? RepaymentMath.MAX_PERIODS / signed.monthsPerPeriod : 1);
        bool repaysPrincipal = isSchedule && signed.style != LoanMath.Style.InterestOnly;
        _within("principalGrace", signed.principalGrace, 0, repaysPrincipal ? _maxGrace(signed.periods) : 0);
        _within("interestGrace", signed.interestGrace, 0, isSchedule ? _maxGrace(signed.periods) : 0);
    }

    function _requireRoomAtOrigin(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        IProducts.ProductTerms memory product,
        uint64 rise
    ) private view {
        FacilityId originId = Settlement.originOf(book, facilityId);
        FacilityRecord storage origin = book.facilities[originId];
        uint256 used = uint256(origin.outstanding) + book.sold[originId] + rise;
        if (product.limitCurrency != 0) used = context.prices.convert(product.currency, product.limitCurrency, used);
        _requireMax("limit", used, origin.limit);
    }

    function _copyOf(LoanMath.Terms memory terms) private pure returns (LoanMath.Terms memory) {
        return abi.decode(abi.encode(terms), (LoanMath.Terms));
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

    function maxMonthsOf(uint64 months) internal pure returns (uint256 max) {
        for (uint256 count = 1; count <= RepaymentMath.MAX_PERIODS; ++count) {
            if (Bitmap.wrap(months).has(count)) max = count;
        }
    }

    function _maxGrace(uint256 periods) private pure returns (uint256) {
        return periods > MAX_GRACE_PERIODS ? MAX_GRACE_PERIODS : periods - 1;
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }

    function _requireMax(bytes32 limit, uint256 requested, uint256 max) private pure {
        if (requested > max) revert ILoans.LimitExceeded(limit, requested, max);
    }
}
