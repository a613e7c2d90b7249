// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Calendar} from "../math/Calendar.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {Bitmap} from "../types/Bitmap.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId} from "../types/Ids.sol";
import {FLOATING, HAS_FEES} from "../types/LoanTermsWord.sol";
import {FINANCIER, PLATFORM} from "../types/PartyRoles.sol";
import {FEE, RATE_SET} from "../types/PostingWord.sol";
import {HAS_SOLD} from "./BorrowerBook.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {CollateralChecks} from "./collateral/CollateralChecks.sol";
import {CollateralItems} from "./collateral/CollateralItems.sol";
import {CollateralValue} from "./collateral/CollateralValue.sol";
import {DrawControl} from "./DrawControl.sol";
import {DrawEvidence} from "./DrawEvidence.sol";
import {Book, FacilityRecord, LendingContext, LoanView, Programme, saveLoan, SetAsideRecord} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {IProducts} from "./IProducts.sol";
import {LoanFees} from "./LoanFees.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanRates} from "./LoanRates.sol";
import {Settlement} from "./Settlement.sol";

/// @title A draw: all checks, the lien, the money; linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanDraw {
    // Every month has a 28th.
    uint256 private constant MAX_DUE_DAY = 28;

    using SafeERC20 for IERC20;

    /// @notice See {ILoans.draw}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param request What the borrower asks for.
    /// @return loanId The loan.
    function draw(Book storage book, LendingContext memory context, ILoans.DrawRequest calldata request)
        external
        returns (LoanId loanId)
    {
        // Check
        FacilityRecord storage facilityRow = book.facilities[FacilityId.wrap(request.facilityId)];
        IProducts.ProductTerms memory product = _checkedTerms(book, context, facilityRow, request);
        if (product.collateral == IProducts.CollateralKind.WarehouseReceipt) {
            revert ILoans.CollateralMissing(loanId);
        }
        LoanView memory loan;
        _open(book, context, facilityRow, product, request, loan);
        loan.facts.collateralId = uint64(request.collateralId);
        loan.facts.debtor = _checkCollateral(book, context, facilityRow.borrower, product, request);
        // Effect
        loanId = _record(book, context, facilityRow, product, loan);
        // Interaction
        _encumber(book, context, loanId, loan);
        _pay(book, context, facilityRow, loanId, loan, product);
    }

    /// @notice See {ILoans.drawOnGoods}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param request What the borrower asks for.
    /// @param items The collateral items.
    /// @return loanId The loan.
    function drawOnGoods(
        Book storage book,
        LendingContext memory context,
        ILoans.DrawRequest calldata request,
        ICollateral.CollateralItem[] calldata items
    ) external returns (LoanId loanId) {
        // Check
        FacilityRecord storage facilityRow = book.facilities[FacilityId.wrap(request.facilityId)];
        IProducts.ProductTerms memory product = _checkedTerms(book, context, facilityRow, request);
        _within("collateralId", request.collateralId, 0, 0);
        if (product.collateral != IProducts.CollateralKind.WarehouseReceipt || !_hasGoods(items)) {
            revert ILoans.CollateralMissing(loanId);
        }
        LoanView memory loan;
        _open(book, context, facilityRow, product, request, loan);
        // Effect
        loanId = _record(book, context, facilityRow, product, loan);
        // Interaction
        CollateralItems.add(book, context, loanId, loan.facts.facilityId, items, true);
        uint256 lendable = CollateralValue.ofLoan(book, context, loanId, loan.facts.facilityId, true).lendable;
        if (request.amount > lendable) revert ICollateral.CollateralTooSmall(0, lendable, request.amount);
        _pay(book, context, facilityRow, loanId, loan, product);
    }

    function _checkedTerms(
        Book storage book,
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        ILoans.DrawRequest calldata request
    ) private view returns (IProducts.ProductTerms memory) {
        FacilityId facilityId = FacilityId.wrap(request.facilityId);
        _checkFacility(context, facilityId, facilityRow);
        IProducts.ProductTerms memory product =
            context.products.openTerms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        DrawControl.requireCommitted(book, context, facilityId, facilityRow, product.maxTierAge);
        _checkAmount(book, context, facilityId, facilityRow, product, request.amount);
        return product;
    }

    function _open(
        Book storage book,
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        IProducts.ProductTerms memory product,
        ILoans.DrawRequest calldata request,
        LoanView memory loan
    ) private {
        CurrencyClock.Clock storage clock = book.clocks[product.currency];
        if (clock.stoppedAt != 0) {
            bool runs = CurrencyClock.check(clock, product.currency, context.receivables.zoneOffset());
            if (!runs) revert IFacilities.CurrencyStands(product.currency);
        }
        loan.facts.lostBefore = clock.lostDays;
        loan.terms = _termsOf(context, product, facilityRow.annualRate, request);
        loan.state = LoanMath.opened(loan.terms, request.amount);
        loan.facts.facilityId = FacilityId.wrap(request.facilityId);
        loan.facts.status = ILoans.Status.Running;
        loan.facts.collateral = product.collateral;
        loan.facts.drawn = request.amount;
        loan.facts.drawnDay = uint24(context.today);
    }

    function _hasGoods(ICollateral.CollateralItem[] calldata items) private pure returns (bool) {
        for (uint256 i; i < items.length; ++i) {
            if (items[i].kind == IProducts.CollateralKind.WarehouseReceipt) return true;
        }
        return false;
    }

    function _record(
        Book storage book,
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        IProducts.ProductTerms memory product,
        LoanView memory loan
    ) private returns (LoanId loanId) {
        ProductId productId = ProductId.wrap(facilityRow.productId);
        uint64 amount = loan.facts.drawn;
        DrawControl.passCoolingOff(book, loan.facts.facilityId, facilityRow, amount);
        loanId = LoanId.wrap(++book.loanCount);
        if (facilityRow.extras != 0) _startExtras(book, context, loanId, loan, product.minRate);
        saveLoan(book, loanId, loan);
        _count(facilityRow, amount);
        book.programmes[productId].outstanding += amount;
        if (product.ruleSet != 0) {
            PartyId borrower = PartyId.wrap(facilityRow.borrowerParty);
            BorrowerLimits.follow(book, context, borrower, product.ruleSet, product.currency);
        }
        BorrowerLimits.raise(book, facilityRow, amount);
        if (product.debtorShare != 0) book.debtorOutstanding[productId][loan.facts.debtor] += amount;
        if (product.evidence) DrawEvidence.prove(book, context, loan.facts.facilityId, loanId);
    }

    /// @dev The three are in one word, which is written once when nothing is checked between the writes.
    function _count(FacilityRecord storage facilityRow, uint64 amount) private {
        (uint64 outstanding, uint64 drawn) = (facilityRow.outstanding + amount, facilityRow.drawn + amount);
        uint24 openLoans = facilityRow.openLoans + 1;
        facilityRow.outstanding = outstanding;
        facilityRow.drawn = drawn;
        facilityRow.openLoans = openLoans;
    }

    /// @dev The history of a floating loan begins with its rate; then come the fees of the draw.
    function _startExtras(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        uint24 minRate
    ) private {
        uint8 extras = book.facilities[loan.facts.facilityId].extras;
        if (extras & FLOATING != 0) {
            loan.terms.annualRate = LoanRates.start(book, context, loanId, loan.facts.facilityId, minRate);
            loan.facts.traits = FLOATING;
            LoanHistory.add(loan, RATE_SET, loan.terms.startDay, loan.terms.annualRate);
        }
        if (extras & HAS_FEES == 0) return;
        loan.state.fees = LoanFees.start(book, context, loanId, loan.facts.facilityId, loan.terms, loan.facts.drawn);
        uint64 charged = loan.state.fees.running();
        if (charged != 0) LoanHistory.add(loan, FEE, loan.terms.startDay, charged);
    }

    // ------------------------------------------------------------------ checks

    function _checkFacility(LendingContext memory context, FacilityId facilityId, FacilityRecord storage facilityRow)
        private
        view
    {
        address borrower = facilityRow.borrower;
        if (facilityRow.lender == address(0)) revert IFacilities.FacilityUnknown(facilityId);
        // The lien checks whether that account is still valid. If there is no lien of its own, `_checkAmount` or
        // CollateralChecks does.
        if (context.sender != borrower) Settlement.requireBorrower(context, facilityId, facilityRow);
        if (facilityRow.closed) revert IFacilities.FacilityIsClosed(facilityId);
        if (context.today < facilityRow.firstDay || context.today > facilityRow.lastDay) {
            revert ILoans.FacilityNotInTime(facilityId, context.today, facilityRow.firstDay, facilityRow.lastDay);
        }
        if (facilityRow.overdueLoans != 0) revert ILoans.FacilityOverdue(facilityId, facilityRow.overdueLoans);
        if (facilityRow.depositHeld < facilityRow.deposit) {
            revert ILoans.DepositMissing(facilityId, facilityRow.depositHeld, facilityRow.deposit);
        }
    }

    function _checkAmount(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow,
        IProducts.ProductTerms memory product,
        uint64 amount
    ) private view {
        if (amount == 0) {
            revert IFacilities.TermOutOfRange("amount", 0, 1, facilityRow.limit);
        }
        uint256 used = uint256(product.revolving ? _lentOn(book, facilityId, facilityRow) : facilityRow.drawn) + amount;
        if (product.limitCurrency != 0) used = context.prices.convert(product.currency, product.limitCurrency, used);
        _requireMax("limit", used, facilityRow.limit);
        Programme memory programme = book.programmes[ProductId.wrap(facilityRow.productId)];
        _requireMax("programmeLimit", uint256(programme.outstanding) + amount, product.programmeLimit);
        if (
            product.breaker != 0
                && uint256(programme.overdue) * RepaymentMath.WHOLE > uint256(programme.outstanding) * product.breaker
        ) {
            revert ILoans.BreakerTripped(
                ProductId.wrap(facilityRow.productId), programme.overdue, programme.outstanding, product.breaker
            );
        }
        context.registry
            .requireValidForRisk(
                facilityRow.lender, product.funding == IProducts.Funding.Platform ? PLATFORM : FINANCIER
            );
        if (facilityRow.entruster != address(0)) context.registry.requireValid(facilityRow.entruster, 0);
        if (product.collateral == IProducts.CollateralKind.None) context.registry.requireValid(context.sender, 0);
        BorrowerLimits.requireRoom(book, context, facilityRow, product, amount);
    }

    /// @dev What is outstanding of all that was drawn on the facility, whoever holds the loans now: a sale makes no room
    /// for more debt.
    function _lentOn(Book storage book, FacilityId facilityId, FacilityRecord storage facilityRow)
        private
        view
        returns (uint64)
    {
        uint64 outstanding = facilityRow.outstanding;
        return facilityRow.counted & HAS_SOLD == 0 ? outstanding : outstanding + book.sold[facilityId];
    }

    function _termsOf(
        LendingContext memory context,
        IProducts.ProductTerms memory product,
        uint24 annualRate,
        ILoans.DrawRequest calldata request
    ) private view returns (LoanMath.Terms memory terms) {
        if (!Bitmap.wrap(product.styles).has(uint8(request.style))) {
            revert ILoans.StyleNotAllowed(request.style, product.styles);
        }
        uint256 tenor = request.tenor;
        terms.style = request.style;
        terms.periods = 1;
        terms.startDay = uint24(context.today);
        if (request.style == LoanMath.Style.Bullet) {
            _within("tenor", tenor, product.minDays, product.maxDays);
            terms.dueDay = uint24(context.today + tenor);
        } else if (request.style == LoanMath.Style.BillingCycle) {
            _within("tenor", tenor, 0, 0);
            uint256 closing = product.cycle == IProducts.Cycle.Weekly
                ? Calendar.weekEnd(context.today)
                : Calendar.monthEnd(context.today);
            terms.dueDay = uint24(closing + product.freeDays);
        } else {
            if (tenor > RepaymentMath.MAX_PERIODS || !Bitmap.wrap(product.months).has(tenor)) {
                revert IFacilities.TermOutOfRange("tenor", tenor, 1, RepaymentMath.MAX_PERIODS);
            }
            terms.periods = uint8(tenor / product.monthsPerPeriod);
            terms.principalGrace = request.style == LoanMath.Style.InterestOnly ? 0 : product.principalGrace;
            terms.interestGrace = product.interestGrace;
            if (request.dueDayOfMonth != 0) {
                terms.dueDay = uint24(Calendar.inMonth(context.today, product.monthsPerPeriod, request.dueDayOfMonth));
            }
        }
        _within("dueDayOfMonth", request.dueDayOfMonth, 0, LoanMath.isSchedule(terms) ? MAX_DUE_DAY : 0);
        terms.monthsPerPeriod = LoanMath.isSchedule(terms) ? product.monthsPerPeriod : 1;
        terms.afterPrepayment = request.afterPrepayment;
        terms.annualRate = annualRate;
        terms.dayCount = product.dayCount;
        terms.penaltyMultiple = product.penaltyMultiple;
        terms.graceDays = product.graceDays;
        terms.earlyFee = product.earlyFee;
        terms.penaltyOnInterest = product.penaltyOnInterest;
        terms.sameDayInterest = product.sameDayInterest;
        if (product.businessDays) terms.shifts = context.products.shifts(terms);
    }

    function _checkCollateral(
        Book storage book,
        LendingContext memory context,
        address borrower,
        IProducts.ProductTerms memory product,
        ILoans.DrawRequest calldata request
    ) private view returns (PartyId debtorParty) {
        if (product.collateral == IProducts.CollateralKind.None) {
            _within("collateralId", request.collateralId, 0, 0);
            return debtorParty;
        }
        _within("collateralId", request.collateralId, 1, type(uint40).max);
        (address debtor, uint256 value) = product.collateral == IProducts.CollateralKind.Claim
            ? CollateralChecks.claim(book, context, borrower, product.currency, request.collateralId)
            : CollateralChecks.order(book, context, borrower, product.currency, request.collateralId);
        uint256 advance = value * product.advanceRate / RepaymentMath.WHOLE;
        if (request.amount > advance) {
            revert ICollateral.CollateralTooSmall(request.collateralId, advance, request.amount);
        }
        CollateralChecks.requireDebtor(book, context, FacilityId.wrap(request.facilityId), debtor);
        if (product.debtorShare == 0) return debtorParty;
        debtorParty = context.registry.partyOf(debtor);
        // All accounts that are of no party any more would share one limit, and their repayments would not count.
        if (debtorParty.isNull()) revert IPartyRegistry.AccountUnknown(debtor);
        ProductId productId = ProductId.wrap(book.facilities[FacilityId.wrap(request.facilityId)].productId);
        _requireMax(
            "debtorShare",
            book.debtorOutstanding[productId][debtorParty] + request.amount,
            uint256(product.programmeLimit) * product.debtorShare / RepaymentMath.WHOLE
        );
    }

    // ------------------------------------------------------------------ lien, reserve, money

    function _encumber(Book storage book, LendingContext memory context, LoanId loanId, LoanView memory loan) private {
        uint256 collateralId = loan.facts.collateralId;
        if (loan.facts.collateral == IProducts.CollateralKind.Claim) {
            book.loanOfClaim[ClaimId.wrap(collateralId)] = loanId;
            context.receivables.encumber(collateralId, address(this));
        } else if (loan.facts.collateral == IProducts.CollateralKind.Order) {
            book.loanOfOrder[OrderId.wrap(collateralId)] = loanId;
            context.orders.encumber(OrderId.wrap(collateralId), address(this));
        }
    }

    function _pay(
        Book storage book,
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        LoanId loanId,
        LoanView memory loan,
        IProducts.ProductTerms memory product
    ) private {
        address funder = Settlement.funderOf(facilityRow);
        ProductId productId = ProductId.wrap(facilityRow.productId);
        uint64 share = _reserveShare(book, context, loan.facts.facilityId, facilityRow, product);
        _tell(loanId, productId, loan, share);
        if (share != 0) context.reserve.feed(productId, product.currency, funder, share, product.reservePooled);
        _fund(IERC20(product.currency), funder, context.sender, loan.facts.drawn);
    }

    function _tell(LoanId loanId, ProductId productId, LoanView memory loan, uint64 share) private {
        emit ILoans.LoanDrawn(
            loanId,
            loan.facts.facilityId,
            productId,
            loan.facts.drawn,
            loan.terms.style,
            loan.terms.periods,
            loan.terms.startDay,
            loan.terms.dueDay,
            loan.terms.shifts,
            loan.terms.afterPrepayment,
            loan.facts.collateralId,
            share
        );
    }

    /// @dev The lender pays this on top of what it lends: interest may not be deducted from the principal beforehand
    /// (Civil Code of China, article 670). What a full reserve does not take stays with the lender. It is charged on
    /// what exceeds the maximum ever outstanding on the facility. So money that goes back and forth feeds nothing, and
    /// the number of draws does not matter.
    function _reserveShare(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow,
        IProducts.ProductTerms memory product
    ) private returns (uint64 share) {
        if (product.reserveShare == 0) return 0;
        uint64 outstanding = _lentOn(book, facilityId, facilityRow);
        SetAsideRecord storage setAside = book.setAside[facilityId];
        (uint64 peak, uint64 fed) = (setAside.peak, setAside.fed);
        if (outstanding <= peak) return 0;
        share = _shareHalfUp(outstanding, product.reserveShare) - _shareHalfUp(peak, product.reserveShare);
        if (share != 0) {
            uint64 room = context.reserve.room(ProductId.wrap(facilityRow.productId), product.currency);
            if (share > room) share = room;
        }
        fed += share;
        setAside.peak = outstanding;
        setAside.fed = fed;
    }

    function _shareHalfUp(uint256 amount, uint256 share) private pure returns (uint64) {
        return uint64(RepaymentMath.divideHalfUp(amount * share, RepaymentMath.WHOLE));
    }

    function _fund(IERC20 currency, address funder, address borrower, uint256 amount) private {
        uint256 before = currency.balanceOf(borrower);
        if (!currency.trySafeTransferFrom(funder, borrower, amount)) {
            revert ILoans.CannotFund(funder, address(currency), amount);
        }
        uint256 received = currency.balanceOf(borrower) - before;
        if (received != amount) revert IFacilities.TransferTookFee(address(currency), amount, received);
    }

    function _requireMax(bytes32 limit, uint256 requested, uint256 max) private pure {
        if (requested > max) revert ILoans.LimitExceeded(limit, requested, max);
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }
}
