// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IReceivables} from "../assets/IReceivables.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, ReceivableId} from "../types/Ids.sol";
import {Book, FacilityRecord, loadLoan, loanDay, LoanView, rollLoan, saveLoan, Surroundings} from "./FacilityBook.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {CoverValue} from "./CoverValue.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {MarginCall} from "./MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title What both sides change in a running loan, and its passage from an order to the claim; linked to Facilities.
library LoanChanges {
    bytes32 private constant EXTENSION_TYPEHASH =
        keccak256("Extension(uint256 loanId,uint24 dueDay,uint8 periods,uint40 deadline,uint256 nonce)");
    bytes32 private constant SET_OFF_TYPEHASH = keccak256(
        "SetOff(uint256 loanId,uint256 claimId,uint96 claimValue,uint64 credit,bytes32 papersRoot,uint40 deadline,"
        "uint256 nonce)"
    );
    bytes32 private constant COSTS_TYPEHASH =
        keccak256("Costs(uint256 loanId,uint64 amount,bytes32 papersHash,uint40 deadline,uint256 nonce)");

    /// @notice See IFacilities.accrue.
    function accrue(Book storage book, Surroundings memory around, LoanId loanId) external {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        uint256 day = rollLoan(book, around, loan);
        saveLoan(book, loanId, loan);
        emit IFacilities.LoanAccrued(
            loanId,
            uint24(day),
            uint64(LoanMath.sumOf(LoanMath.amountDue(loan.terms, loan.state))),
            uint64(LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state)))
        );
    }

    /// @notice See IFacilities.extend.
    function extend(
        Book storage book,
        Surroundings memory around,
        bytes32 domain,
        IFacilities.Extension calldata extension,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(extension.loanId);
        LoanView memory loan = _running(book, around, loanId);
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        bytes32 digest = extensionDigest(domain, extension);
        Settlement.useSigned(book, around, line, digest, extension.deadline, signatures);
        if (loan.state.gracePrincipal != 0 || loan.state.graceInterest != 0 || Settlement.isOverdue(loan)) {
            revert IFacilities.StateForbids(loanId, loan.facts.status);
        }
        IProducts.ProductTerms memory product = around.products.terms(ProductId.wrap(line.productId), line.version);
        if (LoanMath.isMonthly(loan.terms)) _morePeriods(around, product, loan, extension);
        else _laterDay(around, product, loan, extension, around.today - loanDay(book, around, loan));
        saveLoan(book, loanId, loan);
        emit IFacilities.LoanExtended(loanId, loan.terms.dueDay, loan.terms.periods, loan.terms.shifts);
    }

    /// @notice See IFacilities.payInInstalments.
    function payInInstalments(Book storage book, Surroundings memory around, LoanId[] calldata loanIds, uint8 months)
        external
    {
        for (uint256 i; i < loanIds.length; ++i) {
            LoanId loanId = loanIds[i];
            LoanView memory loan = _running(book, around, loanId);
            FacilityRecord storage line = book.facilities[loan.facts.facilityId];
            Settlement.requireBorrower(around, loan.facts.facilityId, line);
            if (loan.terms.style != LoanMath.Style.BillingCycle || loan.state.period != 0) {
                revert IFacilities.StateForbids(loanId, loan.facts.status);
            }
            IProducts.ProductTerms memory product = around.products.terms(ProductId.wrap(line.productId), line.version);
            _allowMonths(product, months);
            uint24 startDay = uint24(LoanMath.dueDayOf(loan.terms, 1));
            loan.terms.style = LoanMath.Style.EqualInstalment;
            loan.terms.startDay = startDay;
            loan.terms.periods = months;
            loan.terms.sameDayInterest = false;
            loan.terms.shifts = 0;
            if (product.businessDays) loan.terms.shifts = around.products.shifts(loan.terms);
            uint64 costs = loan.state.costs;
            loan.state = LoanMath.opened(loan.terms, loan.state.balance);
            loan.state.costs = costs;
            saveLoan(book, loanId, loan);
            emit IFacilities.LoanInInstalments(loanId, startDay, months, loan.terms.shifts);
        }
    }

    /// @notice See IFacilities.setOff.
    function setOff(
        Book storage book,
        Surroundings memory around,
        bytes32 domain,
        IFacilities.SetOff calldata given,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(given.loanId);
        FacilityRecord storage line = book.facilities[Settlement.loadOpen(book, loanId).facts.facilityId];
        Settlement.useSigned(book, around, line, setOffDigest(domain, given), given.deadline, signatures);
        bool whole = _handOver(book, around, loanId, given, line);

        // Only now, as a lender that is a contract may have called back when it was told of the claim.
        emit IFacilities.ClaimSetOff(loanId, given.claimId, given.claimValue, given.credit, given.papersRoot);
        if (whole) _dropLien(book, around, loanId, given.claimId);
        LoanMoney.settleCredit(book, around, loanId, given.credit);
    }

    /// @notice See IFacilities.chargeCosts.
    function chargeCosts(
        Book storage book,
        Surroundings memory around,
        bytes32 digest,
        uint40 deadline,
        LoanId loanId,
        uint64 amount,
        bytes32 papersHash,
        bytes calldata borrowerSignature
    ) external {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityId facilityId = loan.facts.facilityId;
        FacilityRecord storage line = book.facilities[facilityId];
        Settlement.requireLender(around, facilityId, line);
        Settlement.usePaper(book, digest, deadline);
        Settlement.requireSigned(book, around, line.borrower, digest, borrowerSignature);
        if (amount == 0 || amount > line.limit) revert IFacilities.TermOutOfRange("amount", amount, 1, line.limit);
        rollLoan(book, around, loan);
        loan.state.costs += amount;
        saveLoan(book, loanId, loan);
        emit IFacilities.CostsCharged(loanId, amount, papersHash);
    }

    /// @notice See IFacilities.passToReceivable.
    function passToReceivable(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature
    ) external returns (ClaimId) {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        if (loan.facts.cover != IProducts.Cover.Order) revert IFacilities.CoverMissing(loanId);
        OrderId orderId = OrderId.wrap(loan.facts.coverId);
        IReceivables.Receivable memory debt = around.receivables.receivable(receivableId);
        Settlement.requireConcerned(book, around, loan, debt.debtor);
        if (debt.status == IReceivables.Status.Requested) {
            claimId = around.receivables.confirm(receivableId, debtorSignature);
        }
        uint256 id = ClaimId.unwrap(claimId);
        _checkClaim(book, around, loan, receivableId, claimId);
        around.orders.invoice(orderId, receivableId);

        book.loanOfOrder[orderId] = LoanId.wrap(0);
        book.loanOfClaim[claimId] = loanId;
        loan.facts.cover = IProducts.Cover.Claim;
        loan.facts.coverId = uint64(id);
        saveLoan(book, loanId, loan);
        emit IFacilities.CoverPassed(loanId, orderId, claimId);
        around.orders.release(orderId);
        around.receivables.encumber(id, address(this));
        return claimId;
    }

    function extensionDigest(bytes32 domain, IFacilities.Extension calldata extension) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(EXTENSION_TYPEHASH, extension)));
    }

    function setOffDigest(bytes32 domain, IFacilities.SetOff calldata given) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(SET_OFF_TYPEHASH, given)));
    }

    function costsDigest(
        bytes32 domain,
        LoanId loanId,
        uint64 amount,
        bytes32 papersHash,
        uint40 deadline,
        uint256 nonce
    ) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(
            domain, keccak256(abi.encode(COSTS_TYPEHASH, loanId, amount, papersHash, deadline, nonce))
        );
    }

    // ------------------------------------------------------------------ parts of the above

    function _running(Book storage book, Surroundings memory around, LoanId loanId)
        private
        view
        returns (LoanView memory loan)
    {
        loan = loadLoan(book, loanId);
        if (loan.facts.status != IFacilities.Status.Running) {
            revert IFacilities.StateForbids(loanId, loan.facts.status);
        }
        rollLoan(book, around, loan);
    }

    /// @dev Under lien a claim moves at this contract's word; free, with the borrower's approval. A part takes no lien along.
    function _handOver(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IFacilities.SetOff calldata given,
        FacilityRecord storage line
    ) private returns (bool whole) {
        address owner = around.receivables.ownerOf(given.claimId);
        if (!Settlement.isOfParty(around, owner, line.borrower)) {
            revert IFacilities.CoverNotOfBorrower(given.claimId, owner, line.borrower);
        }
        // This contract is lienholder for every lender: a claim that backs another loan is not theirs to hand over.
        LoanId backed = book.loanOfClaim[ClaimId.wrap(given.claimId)];
        if (LoanId.unwrap(backed) != 0 && LoanId.unwrap(backed) != LoanId.unwrap(loanId)) {
            revert IFacilities.CoverInUse(given.claimId, backed);
        }
        if (LoanId.unwrap(backed) == 0) {
            CoverPieces.requireServesNone(book, around, IProducts.Cover.Claim, given.claimId);
        } else {
            _requireFloor(book, around, loanId, given, line);
        }
        whole = given.claimValue == around.receivables.balanceOf(given.claimId);
        around.receivables.assign(given.claimId, Settlement.funderOf(line), given.claimValue, given.papersRoot);
    }

    /// @dev A claim of the cover that was given away for less than is lent on it would leave a loss to those who cover it.
    function _requireFloor(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IFacilities.SetOff calldata given,
        FacilityRecord storage line
    ) private view {
        ProductId productId = ProductId.wrap(line.productId);
        uint256 least = CoverValue.lentOn(around, productId, line.version, given.claimId, given.claimValue);
        least = Math.min(least, MarginCall.debtOf(book, around, loanId));
        if (given.credit < least) revert IFacilities.CreditBelowFloor(loanId, given.credit, least);
    }

    /// @dev A claim handed over whole is free: of this loan's lien, and of one that its owner put on for no loan.
    function _dropLien(Book storage book, Surroundings memory around, LoanId loanId, uint256 claimId) private {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        if (loan.facts.cover == IProducts.Cover.Claim && loan.facts.coverId == claimId) {
            loan.facts.cover = IProducts.Cover.None;
            saveLoan(book, loanId, loan);
            book.loanOfClaim[ClaimId.wrap(claimId)] = LoanId.wrap(0);
            emit IFacilities.CoverReleased(loanId, IProducts.Cover.Claim, claimId);
            around.receivables.release(claimId);
        } else if (LoanId.unwrap(book.loanOfClaim[ClaimId.wrap(claimId)]) == LoanId.unwrap(loanId)) {
            CoverPieces.takeOut(book, around, loanId, IFacilities.Piece(IProducts.Cover.Claim, claimId, 0), address(0));
        } else {
            CoverPieces.endLien(book, around, IProducts.Cover.Claim, claimId);
        }
    }

    /// @dev Nothing has fallen due yet, so a later day changes no day that has passed.
    function _laterDay(
        Surroundings memory around,
        IProducts.ProductTerms memory product,
        LoanView memory loan,
        IFacilities.Extension calldata extension,
        uint256 lostDays
    ) private view {
        // What was signed is a day of the calendar; the loan's own days are fewer by those that were lost.
        uint256 most = uint256(loan.terms.startDay) + product.mostDays + lostDays;
        if (loan.terms.style != LoanMath.Style.Bullet || loan.state.period != 0) {
            revert IFacilities.TermOutOfRange("dueDay", extension.dueDay, 0, 0);
        }
        // Later than the business day to which it moved: the calendar may have changed since.
        uint256 due = LoanMath.dueDayOf(loan.terms, 1) + lostDays;
        if (extension.dueDay <= due || extension.dueDay > most) {
            revert IFacilities.TermOutOfRange("dueDay", extension.dueDay, due + 1, most);
        }
        if (extension.periods != 0) revert IFacilities.TermOutOfRange("periods", extension.periods, 0, 0);
        loan.terms.dueDay = uint24(extension.dueDay - lostDays);
        loan.terms.shifts = 0;
        if (product.businessDays) loan.terms.shifts = around.products.shifts(loan.terms);
    }

    /// @dev What is not due yet is divided anew over the periods that are left. Due days before stay as they are.
    function _morePeriods(
        Surroundings memory around,
        IProducts.ProductTerms memory product,
        LoanView memory loan,
        IFacilities.Extension calldata extension
    ) private view {
        uint256 periods = loan.terms.periods;
        if (extension.periods <= periods || loan.state.period == periods) {
            revert IFacilities.TermOutOfRange("periods", extension.periods, periods + 1, RepaymentMath.MOST_PERIODS);
        }
        if (extension.dueDay != 0) revert IFacilities.TermOutOfRange("dueDay", extension.dueDay, 0, 0);
        _allowMonths(product, extension.periods);
        LoanMath.extend(loan.terms, loan.state, extension.periods);
        if (product.businessDays) {
            uint256 kept = (1 << (4 * periods)) - 1;
            loan.terms.shifts = (loan.terms.shifts & kept) | (around.products.shifts(loan.terms) & ~kept);
        }
    }

    function _allowMonths(IProducts.ProductTerms memory product, uint256 months) private pure {
        if (months > RepaymentMath.MOST_PERIODS || (product.months >> months) & 1 == 0) {
            revert IFacilities.TermOutOfRange("months", months, 1, RepaymentMath.MOST_PERIODS);
        }
    }

    function _checkClaim(
        Book storage book,
        Surroundings memory around,
        LoanView memory loan,
        ReceivableId receivableId,
        ClaimId claimId
    ) private view {
        uint256 id = ClaimId.unwrap(claimId);
        LoanId taken = book.loanOfClaim[claimId];
        if (LoanId.unwrap(taken) != 0) revert IFacilities.CoverInUse(id, taken);
        (address owner, ReceivableId of_, uint256 value,,,,) = around.receivables.claim(claimId);
        address borrower = book.facilities[loan.facts.facilityId].borrower;
        if (
            !Settlement.isOfParty(around, owner, borrower)
                || ReceivableId.unwrap(of_) != ReceivableId.unwrap(receivableId)
        ) {
            revert IFacilities.CoverNotOfBorrower(id, owner, borrower);
        }
        (uint96 waiting,) = around.receivables.collectable(claimId);
        uint256 needed = LoanMath.outstanding(loan.state);
        if (value - waiting < needed) revert IFacilities.CoverTooSmall(id, value - waiting, needed);
    }
}
