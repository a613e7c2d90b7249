// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Calendar} from "../math/Calendar.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId} from "../types/Ids.sol";
import {CoverChecks} from "./CoverChecks.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {CoverValue} from "./CoverValue.sol";
import {Book, FacilityRecord, LoanView, Programme, saveLoan, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {Settlement} from "./Settlement.sol";

/// @title A draw: every check, the lien, the money; linked to Facilities.
library LoanDraw {
    using SafeERC20 for IERC20;

    uint16 private constant BANK = 4;
    uint16 private constant PLATFORM = 16;

    /// @notice See IFacilities.draw.
    function draw(Book storage book, Surroundings memory around, IFacilities.DrawRequest calldata request)
        external
        returns (LoanId loanId)
    {
        // Check
        FacilityRecord storage line = book.facilities[FacilityId.wrap(request.facilityId)];
        IProducts.ProductTerms memory product = _checkedTerms(book, around, line, request);
        if (product.cover == IProducts.Cover.Receipt) revert IFacilities.CoverMissing(loanId);
        LoanView memory loan;
        _open(book, around, line, product, request, loan);
        loan.facts.coverId = uint64(request.coverId);
        loan.facts.debtor = _checkCover(book, around, line.borrower, product, request);
        // Effect
        loanId = _record(book, line, product, loan);
        // Interaction
        _encumber(book, around, loanId, loan);
        _pay(book, around, line, loanId, loan, product);
    }

    /// @notice See IFacilities.drawOnGoods.
    function drawOnGoods(
        Book storage book,
        Surroundings memory around,
        IFacilities.DrawRequest calldata request,
        IFacilities.Piece[] calldata pieces
    ) external returns (LoanId loanId) {
        // Check
        FacilityRecord storage line = book.facilities[FacilityId.wrap(request.facilityId)];
        IProducts.ProductTerms memory product = _checkedTerms(book, around, line, request);
        _within("coverId", request.coverId, 0, 0);
        if (product.cover != IProducts.Cover.Receipt || !_hasGoods(pieces)) revert IFacilities.CoverMissing(loanId);
        LoanView memory loan;
        _open(book, around, line, product, request, loan);
        // Effect
        loanId = _record(book, line, product, loan);
        // Interaction
        CoverPieces.add(book, around, loanId, loan.facts.facilityId, pieces);
        uint256 lendable = CoverValue.ofLoan(book, around, loanId, loan.facts.facilityId, true).lendable;
        if (request.amount > lendable) revert IFacilities.CoverTooSmall(0, lendable, request.amount);
        _pay(book, around, line, loanId, loan, product);
    }

    function _checkedTerms(
        Book storage book,
        Surroundings memory around,
        FacilityRecord storage line,
        IFacilities.DrawRequest calldata request
    ) private view returns (IProducts.ProductTerms memory) {
        _checkLine(around, FacilityId.wrap(request.facilityId), line);
        IProducts.ProductTerms memory product = around.products.openTerms(ProductId.wrap(line.productId), line.version);
        _checkAmount(book, around, line, product, request.amount);
        return product;
    }

    function _open(
        Book storage book,
        Surroundings memory around,
        FacilityRecord storage line,
        IProducts.ProductTerms memory product,
        IFacilities.DrawRequest calldata request,
        LoanView memory loan
    ) private {
        CurrencyClock.Clock storage clock = book.clocks[product.currency];
        if (clock.stoppedAt != 0) {
            bool runs = CurrencyClock.check(clock, product.currency, around.receivables.zoneOffset());
            if (!runs) revert IFacilities.CurrencyStands(product.currency);
        }
        loan.facts.lostBefore = clock.lostDays;
        loan.terms = _termsOf(around, product, line.annualRate, request);
        loan.state = LoanMath.opened(loan.terms, request.amount);
        loan.facts.facilityId = FacilityId.wrap(request.facilityId);
        loan.facts.status = IFacilities.Status.Running;
        loan.facts.cover = product.cover;
        loan.facts.drawn = request.amount;
        loan.facts.drawnDay = uint24(around.today);
    }

    function _hasGoods(IFacilities.Piece[] calldata pieces) private pure returns (bool) {
        for (uint256 i; i < pieces.length; ++i) {
            if (pieces[i].kind == IProducts.Cover.Receipt) return true;
        }
        return false;
    }

    function _record(
        Book storage book,
        FacilityRecord storage line,
        IProducts.ProductTerms memory product,
        LoanView memory loan
    ) private returns (LoanId loanId) {
        ProductId productId = ProductId.wrap(line.productId);
        uint64 amount = loan.facts.drawn;
        loanId = LoanId.wrap(++book.loanCount);
        saveLoan(book, loanId, loan);
        line.outstanding += amount;
        line.drawn += amount;
        line.openLoans += 1;
        book.programmes[productId].outstanding += amount;
        if (product.debtorShare != 0) book.debtorOutstanding[productId][loan.facts.debtor] += amount;
    }

    // ------------------------------------------------------------------ checks

    function _checkLine(Surroundings memory around, FacilityId facilityId, FacilityRecord storage line) private view {
        address borrower = line.borrower;
        if (line.lender == address(0)) revert IFacilities.FacilityUnknown(facilityId);
        // Whether that account is valid still, the lien asks; where there is none of its own, `_checkAmount` or CoverChecks.
        if (around.sender != borrower) Settlement.requireBorrower(around, facilityId, line);
        if (line.closed) revert IFacilities.FacilityIsClosed(facilityId);
        if (around.today < line.firstDay || around.today > line.lastDay) {
            revert IFacilities.FacilityNotInTime(facilityId, around.today, line.firstDay, line.lastDay);
        }
        if (line.overdueLoans != 0) revert IFacilities.FacilityOverdue(facilityId, line.overdueLoans);
        if (line.depositHeld < line.deposit) {
            revert IFacilities.DepositMissing(facilityId, line.depositHeld, line.deposit);
        }
    }

    function _checkAmount(
        Book storage book,
        Surroundings memory around,
        FacilityRecord storage line,
        IProducts.ProductTerms memory product,
        uint64 amount
    ) private view {
        if (amount == 0) revert IFacilities.TermOutOfRange("amount", 0, 1, line.limit);
        uint256 used = uint256(product.revolving ? line.outstanding : line.drawn) + amount;
        if (product.limitCurrency != 0) used = around.prices.convert(product.currency, product.limitCurrency, used);
        _atMost("limit", used, line.limit);
        Programme memory programme = book.programmes[ProductId.wrap(line.productId)];
        _atMost("programmeLimit", uint256(programme.outstanding) + amount, product.programmeLimit);
        if (
            product.breaker != 0
                && uint256(programme.overdue) * RepaymentMath.WHOLE > uint256(programme.outstanding) * product.breaker
        ) {
            revert IFacilities.BreakerTripped(
                ProductId.wrap(line.productId), programme.overdue, programme.outstanding, product.breaker
            );
        }
        around.registry
            .requireValidForRisk(line.lender, product.funding == IProducts.Funding.Platform ? PLATFORM : BANK);
        if (line.entruster != address(0)) around.registry.requireValid(line.entruster, 0);
        if (product.cover == IProducts.Cover.None) around.registry.requireValid(around.sender, 0);
        if (product.leastTier == 0) return;
        (uint64 attested, bytes3 home) = around.credit
            .requireTier(line.borrower, product.leastTier, product.mostTierAge, product.leastTradeDays, around.today);
        uint256 owed = around.prices.convert(product.currency, home, uint256(line.outstanding) + amount);
        _atMost("attestedLimit", owed, attested);
    }

    function _termsOf(
        Surroundings memory around,
        IProducts.ProductTerms memory product,
        uint24 annualRate,
        IFacilities.DrawRequest calldata request
    ) private view returns (LoanMath.Terms memory terms) {
        if ((product.styles >> uint8(request.style)) & 1 == 0) {
            revert IFacilities.StyleNotAllowed(request.style, product.styles);
        }
        uint256 tenor = request.tenor;
        terms.style = request.style;
        terms.periods = 1;
        terms.startDay = uint24(around.today);
        if (request.style == LoanMath.Style.Bullet) {
            _within("tenor", tenor, product.leastDays, product.mostDays);
            terms.dueDay = uint24(around.today + tenor);
        } else if (request.style == LoanMath.Style.BillingCycle) {
            _within("tenor", tenor, 0, 0);
            uint256 closing = product.cycle == IProducts.Cycle.Weekly
                ? Calendar.weekEnd(around.today)
                : Calendar.monthEnd(around.today);
            terms.dueDay = uint24(closing + product.freeDays);
        } else {
            if (tenor > RepaymentMath.MOST_PERIODS || (product.months >> tenor) & 1 == 0) {
                revert IFacilities.TermOutOfRange("tenor", tenor, 1, RepaymentMath.MOST_PERIODS);
            }
            terms.periods = uint8(tenor);
        }
        terms.annualRate = annualRate;
        terms.dayCount = product.dayCount;
        terms.penaltyMultiple = product.penaltyMultiple;
        terms.graceDays = product.graceDays;
        terms.earlyFee = product.earlyFee;
        terms.penaltyOnInterest = product.penaltyOnInterest;
        terms.sameDayInterest = product.sameDayInterest;
        if (product.businessDays) terms.shifts = around.products.shifts(terms);
    }

    function _checkCover(
        Book storage book,
        Surroundings memory around,
        address borrower,
        IProducts.ProductTerms memory product,
        IFacilities.DrawRequest calldata request
    ) private view returns (PartyId debtorParty) {
        if (product.cover == IProducts.Cover.None) {
            _within("coverId", request.coverId, 0, 0);
            return debtorParty;
        }
        _within("coverId", request.coverId, 1, type(uint64).max);
        (address debtor, uint256 value) = product.cover == IProducts.Cover.Claim
            ? CoverChecks.claim(book, around, borrower, product.currency, request.coverId)
            : CoverChecks.order(book, around, borrower, product.currency, request.coverId);
        uint256 advance = value * product.advanceRate / RepaymentMath.WHOLE;
        if (request.amount > advance) revert IFacilities.CoverTooSmall(request.coverId, advance, request.amount);
        CoverChecks.requireDebtor(book, around, FacilityId.wrap(request.facilityId), debtor);
        if (product.debtorShare == 0) return debtorParty;
        debtorParty = around.registry.partyOf(debtor);
        // All who are no party any more would share one bound, and what they repay would not count.
        if (PartyId.unwrap(debtorParty) == 0) revert IPartyRegistry.AccountUnknown(debtor);
        ProductId productId = ProductId.wrap(book.facilities[FacilityId.wrap(request.facilityId)].productId);
        _atMost(
            "debtorShare",
            book.debtorOutstanding[productId][debtorParty] + request.amount,
            uint256(product.programmeLimit) * product.debtorShare / RepaymentMath.WHOLE
        );
    }

    // ------------------------------------------------------------------ lien, reserve, money

    function _encumber(Book storage book, Surroundings memory around, LoanId loanId, LoanView memory loan) private {
        uint256 coverId = loan.facts.coverId;
        if (loan.facts.cover == IProducts.Cover.Claim) {
            book.loanOfClaim[ClaimId.wrap(coverId)] = loanId;
            around.receivables.encumber(coverId, address(this));
        } else if (loan.facts.cover == IProducts.Cover.Order) {
            book.loanOfOrder[OrderId.wrap(coverId)] = loanId;
            around.orders.encumber(OrderId.wrap(coverId), address(this));
        }
    }

    function _pay(
        Book storage book,
        Surroundings memory around,
        FacilityRecord storage line,
        LoanId loanId,
        LoanView memory loan,
        IProducts.ProductTerms memory product
    ) private {
        address funder = Settlement.funderOf(line);
        ProductId productId = ProductId.wrap(line.productId);
        uint64 share = _reserveShare(book, loan.facts.facilityId, line.outstanding, product);
        uint64 room = share == 0 ? 0 : around.reserve.room(productId, product.currency);
        if (share > room) share = room;
        _tell(loanId, productId, loan, share);
        if (share != 0) around.reserve.feed(productId, product.currency, funder, share, product.reservePooled);
        _fund(IERC20(product.currency), funder, around.sender, loan.facts.drawn);
    }

    function _tell(LoanId loanId, ProductId productId, LoanView memory loan, uint64 share) private {
        emit IFacilities.LoanDrawn(
            loanId,
            loan.facts.facilityId,
            productId,
            loan.facts.drawn,
            loan.terms.style,
            loan.terms.periods,
            loan.terms.startDay,
            loan.terms.dueDay,
            loan.terms.shifts,
            loan.facts.coverId,
            share
        );
    }

    /// @dev The lender's cost, on top of what it lends: interest may not be deducted from the principal beforehand (Civil
    /// Code of China, article 670). What a full reserve does not take stays with the lender. Charged on what stands above the most
    /// that was ever outstanding on the line: money that goes back and forth feeds nothing, and in how many draws it came does not
    /// matter.
    function _reserveShare(
        Book storage book,
        FacilityId facilityId,
        uint64 outstanding,
        IProducts.ProductTerms memory product
    ) private returns (uint64) {
        if (product.reserveShare == 0) return 0;
        uint64 peak = book.reservePeaks[facilityId];
        if (outstanding <= peak) return 0;
        book.reservePeaks[facilityId] = outstanding;
        return _shareHalfUp(outstanding, product.reserveShare) - _shareHalfUp(peak, product.reserveShare);
    }

    function _shareHalfUp(uint256 amount, uint256 share) private pure returns (uint64) {
        return uint64(RepaymentMath.divideHalfUp(amount * share, RepaymentMath.WHOLE));
    }

    function _fund(IERC20 currency, address funder, address borrower, uint256 amount) private {
        uint256 before = currency.balanceOf(borrower);
        if (!currency.trySafeTransferFrom(funder, borrower, amount)) {
            revert IFacilities.CannotFund(funder, address(currency), amount);
        }
        uint256 received = currency.balanceOf(borrower) - before;
        if (received != amount) revert IFacilities.TransferTookFee(address(currency), amount, received);
    }

    function _atMost(bytes32 limit, uint256 wanted, uint256 most) private pure {
        if (wanted > most) revert IFacilities.LimitExceeded(limit, wanted, most);
    }

    function _within(bytes32 term, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least || given > most) revert IFacilities.TermOutOfRange(term, given, least, most);
    }
}
