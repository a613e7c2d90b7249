// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Calendar} from "../math/Calendar.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {Bitmap} from "../types/Bitmap.sol";
import {DueDayShifts} from "../types/DueDayShifts.sol";
import {ClaimId, LoanId, ProductId} from "../types/Ids.sol";
import {
    Book,
    FacilityRecord,
    loadLoan,
    loanDay,
    LoanView,
    rollLoan,
    saveLoan,
    LendingContext
} from "./FacilityBook.sol";
import {CollateralItems} from "./collateral/CollateralItems.sol";
import {CollateralValue} from "./collateral/CollateralValue.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {IProducts} from "./IProducts.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {LoanRerun} from "./LoanRerun.sol";
import {MarginCall} from "./collateral/MarginCall.sol";
import {RestructuringTerms} from "./RestructuringTerms.sol";
import {SaleRights} from "./SaleRights.sol";
import {Settlement} from "./Settlement.sol";

/// @title What both sides change in a running loan, and the loan as it stands; linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanChanges {
    bytes32 private constant EXTENSION_TYPEHASH =
        keccak256("Extension(uint256 loanId,uint24 dueDay,uint8 periods,uint40 deadline,uint256 nonce)");
    bytes32 private constant SET_OFF_TYPEHASH = keccak256(
        "SetOff(uint256 loanId,uint256 claimId,uint96 claimValue,uint64 credit,bytes32 documentRoot,uint40 deadline,"
        "uint256 nonce)"
    );

    /// @notice See {ILoans.accrue}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function accrue(Book storage book, LendingContext memory context, LoanId loanId) external {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        uint256 day = rollLoan(book, context, loan);
        saveLoan(book, loanId, loan);
        emit ILoans.LoanAccrued(
            loanId,
            uint24(day),
            uint64(LoanMath.sumOf(LoanMath.amountDue(loan.terms, loan.state))),
            uint64(LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state)))
        );
    }

    /// @notice See {ILoans.extend}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param extension The terms.
    /// @param signatures The signatures of the party whose money is lent, and of the borrower.
    function extend(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        ILoans.Extension calldata extension,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(extension.loanId);
        LoanView memory loan = _running(book, context, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        bytes32 digest = extensionDigest(domain, extension);
        Settlement.useSigned(book, context, facilityRow, digest, extension.deadline, signatures);
        Settlement.requireUnrelated(context, loan, facilityRow);
        LoanMath.State memory state = loan.state;
        bool isInGrace = state.gracePrincipal != 0 || state.graceInterest != 0 || state.fees.inGrace() != 0;
        if (isInGrace || Settlement.isOverdue(loan)) {
            revert ILoans.StateForbids(loanId, loan.facts.status);
        }
        IProducts.ProductTerms memory product =
            context.products.terms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        uint256 changed = book.reliefs[loanId].day;
        if (LoanMath.isSchedule(loan.terms)) {
            _morePeriods(context, product, loan, extension, changed);
        } else {
            uint256 lostDays = context.today - loanDay(book, context, loan);
            _laterDay(context, product, loan, extension, lostDays, changed == 0 ? loan.terms.startDay : changed);
        }
        LoanHistory.begin(loan, loanDay(book, context, loan));
        saveLoan(book, loanId, loan);
        SaleRights.endDuty(book, context, loanId);
        emit ILoans.LoanExtended(loanId, loan.terms.dueDay, loan.terms.periods, loan.terms.shifts, extension.nonce);
    }

    /// @notice See {ILoans.payInInstalments}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanIds The purchases of the bill.
    /// @param months Number of instalments, one a month.
    /// @param renounced The most of recorded payments that is owed again, in minor units.
    function payInInstalments(
        Book storage book,
        LendingContext memory context,
        LoanId[] calldata loanIds,
        uint8 months,
        uint256 renounced
    ) external {
        for (uint256 i; i < loanIds.length; ++i) {
            renounced -= _toInstalments(book, context, loanIds[i], months, renounced);
        }
    }

    /// @notice See {ILoans.setOff}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param setOff_ The terms.
    /// @param signatures The signatures of the party whose money is lent, and of the borrower.
    function setOff(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        ILoans.SetOff calldata setOff_,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(setOff_.loanId);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.useSigned(book, context, facilityRow, setOffDigest(domain, setOff_), setOff_.deadline, signatures);
        Settlement.requireUnrelated(context, loan, facilityRow);
        bool whole = _handOver(book, context, loanId, setOff_, facilityRow, Settlement.isShared(loan));

        // Emitted only now: a lender that is a contract may have called back when it received the claim.
        emit ILoans.ClaimSetOff(loanId, setOff_.claimId, setOff_.claimValue, setOff_.credit, setOff_.documentRoot);
        if (whole) _dropLien(book, context, loanId, setOff_.claimId);
        LoanMoney.settleCredit(book, context, loanId, setOff_.credit);
    }

    /// @notice See {ILoans.extensionDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param extension The terms.
    /// @return The digest.
    function extensionDigest(bytes32 domain, ILoans.Extension calldata extension) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(EXTENSION_TYPEHASH, extension)));
    }

    /// @notice See {ILoans.setOffDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param setOff_ The terms.
    /// @return The digest.
    function setOffDigest(bytes32 domain, ILoans.SetOff calldata setOff_) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(SET_OFF_TYPEHASH, setOff_)));
    }

    /// @notice See {ILoans.loan}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return loanRow The loan.
    function loanOf(Book storage book, LendingContext memory context, LoanId loanId)
        external
        view
        returns (ILoans.Loan memory loanRow)
    {
        LoanView memory loan = loadLoan(book, loanId);
        loanRow.lostDays = uint24(context.today - rollLoan(book, context, loan));
        loanRow.facilityId = loan.facts.facilityId;
        loanRow.status = loan.facts.status;
        loanRow.drawn = loan.facts.drawn;
        loanRow.collateral = loan.facts.collateral;
        loanRow.collateralId = loan.facts.collateralId;
        loanRow.markedOverdue = loan.facts.markedOverdue;
        loanRow.lossRecorded = loan.facts.lossRecorded;
        loanRow.terms = loan.terms;
        loanRow.state = loan.state;
        loanRow.due = LoanMath.amountDue(loan.terms, loan.state);
        loanRow.payoff = LoanMath.payoff(loan.terms, loan.state);
    }

    // ------------------------------------------------------------------ internal parts

    function _running(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (LoanView memory loan)
    {
        loan = loadLoan(book, loanId);
        if (loan.facts.status != ILoans.Status.Running) {
            revert ILoans.StateForbids(loanId, loan.facts.status);
        }
        rollLoan(book, context, loan);
    }

    /// @dev Returns what was recorded on the loan and is owed again.
    function _toInstalments(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        uint8 months,
        uint256 renounced
    ) private returns (uint256 recorded) {
        LoanView memory loan = _running(book, context, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.requireBorrower(context, loan.facts.facilityId, facilityRow);
        if (loan.terms.style != LoanMath.Style.BillingCycle || loan.state.period != 0) {
            revert ILoans.StateForbids(loanId, loan.facts.status);
        }
        // A new history would put what the lender recorded out of its reach, by the borrower's word alone.
        recorded = book.recorded[loanId];
        if (recorded > renounced) revert ILoans.PaymentsRecorded(loanId, recorded);
        if (recorded != 0) (loan.state.balance, loan.state.costs) = LoanRerun.renounce(book, loanId);
        IProducts.ProductTerms memory product =
            context.products.terms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        _allowMonths(product, months);
        uint24 startDay = uint24(LoanMath.dueDayOf(loan.terms, 1));
        loan.terms.style = LoanMath.Style.EqualInstalment;
        loan.terms.startDay = startDay;
        loan.terms.dueDay = 0;
        loan.terms.periods = months;
        loan.terms.sameDayInterest = false;
        loan.terms.shifts = 0;
        if (product.businessDays) loan.terms.shifts = context.products.shifts(loan.terms);
        uint64 costs = loan.state.costs;
        loan.state = LoanMath.opened(loan.terms, loan.state.balance);
        loan.state.costs = costs;
        LoanHistory.begin(loan, loanDay(book, context, loan));
        saveLoan(book, loanId, loan);
        emit ILoans.LoanInInstalments(loanId, startDay, months, loan.terms.shifts);
    }

    /// @dev Under lien, this contract moves the claim as lienholder. A free claim needs the borrower's approval. A part
    /// takes no lien along.
    function _handOver(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ILoans.SetOff calldata setOff_,
        FacilityRecord storage facilityRow,
        bool isShared
    ) private returns (bool whole) {
        address owner = context.receivables.ownerOf(setOff_.claimId);
        if (!Settlement.isOfParty(context, owner, facilityRow.borrower)) {
            revert ICollateral.CollateralNotOfBorrower(setOff_.claimId, owner, facilityRow.borrower);
        }
        // This contract is the lienholder for every lender. A claim that backs another loan is not this lender's to
        // hand over.
        LoanId backed = book.loanOfClaim[ClaimId.wrap(setOff_.claimId)];
        if (!backed.isNull() && backed != loanId) {
            revert ICollateral.CollateralInUse(setOff_.claimId, backed);
        }
        if (backed.isNull()) {
            CollateralItems.requireServesNone(book, context, IProducts.CollateralKind.Claim, setOff_.claimId);
        } else {
            _requireFloor(book, context, loanId, setOff_, facilityRow, isShared);
            SaleRights.endDuty(book, context, loanId);
        }
        whole = setOff_.claimValue == context.receivables.balanceOf(setOff_.claimId);
        context.receivables
            .assign(setOff_.claimId, Settlement.funderOf(facilityRow), setOff_.claimValue, setOff_.documentRoot);
    }

    /// @dev A claim from the collateral that is handed over for less than is lent on it would leave a loss to those who
    /// absorb it. Participants get their share of what it counts for: of a shared loan it counts for all that is unpaid.
    function _requireFloor(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ILoans.SetOff calldata setOff_,
        FacilityRecord storage facilityRow,
        bool isShared
    ) private view {
        uint256 min = isShared
            ? CollateralValue.unpaidOf(context, setOff_.claimId, setOff_.claimValue)
            : CollateralValue.lentOn(context, facilityRow, setOff_.claimId, setOff_.claimValue);
        min = Math.min(min, MarginCall.debtOf(book, context, loanId));
        if (setOff_.credit < min) revert ICollateral.CreditBelowFloor(loanId, setOff_.credit, min);
    }

    /// @dev A claim that is handed over whole is free: of this loan's lien, and of a lien that its owner put on for no
    /// loan.
    function _dropLien(Book storage book, LendingContext memory context, LoanId loanId, uint256 claimId) private {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        if (loan.facts.collateral == IProducts.CollateralKind.Claim && loan.facts.collateralId == claimId) {
            loan.facts.collateral = IProducts.CollateralKind.None;
            saveLoan(book, loanId, loan);
            book.loanOfClaim[ClaimId.wrap(claimId)] = LoanId.wrap(0);
            emit ICollateral.CollateralReleased(loanId, IProducts.CollateralKind.Claim, claimId);
            context.receivables.release(claimId);
        } else if (book.loanOfClaim[ClaimId.wrap(claimId)] == loanId) {
            CollateralItems.takeOut(
                book,
                context,
                loanId,
                ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0),
                address(0)
            );
        } else {
            CollateralItems.endLien(book, context, IProducts.CollateralKind.Claim, claimId);
        }
    }

    /// @dev Nothing has fallen due yet, so a later day changes no day that has passed. The length counts from `from`: the
    /// draw, or the last restructuring, which may let interest start later.
    function _laterDay(
        LendingContext memory context,
        IProducts.ProductTerms memory product,
        LoanView memory loan,
        ILoans.Extension calldata extension,
        uint256 lostDays,
        uint256 from
    ) private view {
        // The parties signed a day of the calendar. The loan's own day number is lower by the days that were lost.
        uint256 max = from + product.maxDays + lostDays;
        if (loan.terms.style != LoanMath.Style.Bullet || loan.state.period != 0) {
            revert IFacilities.TermOutOfRange("dueDay", extension.dueDay, 0, 0);
        }
        // The new day must be later than the business day to which the old one moved: the calendar may have changed
        // since.
        uint256 due = LoanMath.dueDayOf(loan.terms, 1) + lostDays;
        if (extension.dueDay <= due || extension.dueDay > max) {
            revert IFacilities.TermOutOfRange("dueDay", extension.dueDay, due + 1, max);
        }
        if (extension.periods != 0) revert IFacilities.TermOutOfRange("periods", extension.periods, 0, 0);
        loan.terms.dueDay = uint24(extension.dueDay - lostDays);
        loan.terms.shifts = 0;
        if (product.businessDays) loan.terms.shifts = context.products.shifts(loan.terms);
    }

    /// @dev The principal that is not due yet is divided anew over the periods that are left. Earlier due days do not
    /// change. After a restructuring on the day `changed` the last due day is within the product's months from that day.
    function _morePeriods(
        LendingContext memory context,
        IProducts.ProductTerms memory product,
        LoanView memory loan,
        ILoans.Extension calldata extension,
        uint256 changed
    ) private view {
        uint256 periods = loan.terms.periods;
        if (extension.periods <= periods || loan.state.period == periods) {
            revert IFacilities.TermOutOfRange("periods", extension.periods, periods + 1, RepaymentMath.MAX_PERIODS);
        }
        if (extension.dueDay != 0) revert IFacilities.TermOutOfRange("dueDay", extension.dueDay, 0, 0);
        _allowMonths(product, uint256(extension.periods) * loan.terms.monthsPerPeriod);
        LoanMath.extend(loan.terms, loan.state, extension.periods);
        if (changed != 0) {
            uint256 due =
                LoanMath.dueDayOf(loan.terms, extension.periods) - LoanMath.shiftOf(loan.terms, extension.periods);
            uint256 max = Calendar.addMonths(changed, RestructuringTerms.maxMonthsOf(product.months));
            if (due > max) revert IFacilities.TermOutOfRange("lastDueDay", due, 0, max);
        }
        if (product.businessDays) {
            DueDayShifts held = DueDayShifts.wrap(loan.terms.shifts);
            DueDayShifts later = DueDayShifts.wrap(context.products.shifts(loan.terms));
            loan.terms.shifts = DueDayShifts.unwrap(held.withLater(periods, later));
        }
    }

    function _allowMonths(IProducts.ProductTerms memory product, uint256 months) private pure {
        if (months > RepaymentMath.MAX_PERIODS || !Bitmap.wrap(product.months).has(months)) {
            revert IFacilities.TermOutOfRange("months", months, 1, RepaymentMath.MAX_PERIODS);
        }
    }
}
