// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId} from "../types/Ids.sol";
import {PARTICIPATED} from "../types/LoanTermsWord.sol";
import {LIQUIDATED, PAID} from "../types/PostingWord.sol";
import {
    Book,
    FacilityRecord,
    loadLoan,
    loanDay,
    LoanView,
    Programme,
    rollLoanNow,
    saveLoan,
    LendingContext
} from "./FacilityBook.sol";
import {CollateralItems} from "./collateral/CollateralItems.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanProceeds} from "./LoanProceeds.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {IProducts} from "./IProducts.sol";
import {MarginCall} from "./collateral/MarginCall.sol";

/// @title What every repayment does, whoever makes it: waterfall, totals, lien, money.
/// @notice Internal to the libraries of Facilities.
/// @dev Internal. Only LoanMoney settles; the other libraries call it there (decision 23).
library Settlement {
    using SafeERC20 for IERC20;
    using LoanMath for LoanMath.State;

    /// @notice Pays up to `amount` on a loan and returns where it went. `from` pays it (this contract: the money is
    /// here already).
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param loan The loan as {loadOpen} reads it.
    /// @param amount Minor units of the currency.
    /// @param from Who pays it; this contract: the money is here already.
    /// @return parts Where the money went, in minor units.
    function settle(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        uint256 amount,
        address from
    ) internal returns (LoanMath.Parts memory parts) {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        parts = _take(book, context, loanId, loan, amount, from, day);
        _payOut(book, context, loanId, loan, facilityRow, parts, from);
    }

    /// @dev The waterfall and all that follows from it, except the money. `loan` has been rolled to its `day`.
    function _take(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        uint256 amount,
        address payer,
        uint256 day
    ) private returns (LoanMath.Parts memory parts) {
        uint256 left;
        (parts, left) = LoanMath.allocate(loan.terms, loan.state, amount);
        if (left == amount) revert ILoans.NothingOwed(loanId);
        LoanHistory.add(loan, PAID, day, amount - left);
        lower(book, loan, parts.principal);
        noteEnd(book, loan);
        saveLoan(book, loanId, loan);
        emit ILoans.LoanRepaid(loanId, payer, uint24(day), parts, uint64(LoanMath.outstanding(loan.state)));
        follow(book, context, loanId, loan, day);
    }

    /// @dev The debt fell: whether nothing is owed any more, or nothing is overdue. `loan` is saved afterwards.
    function noteEnd(Book storage book, LoanView memory loan) internal {
        if (LoanMath.isPaid(loan.terms, loan.state)) {
            FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
            BorrowerLimits.noteStatus(book, facilityRow, loan.facts.status, ILoans.Status.Repaid);
            loan.facts.status = ILoans.Status.Repaid;
            facilityRow.openLoans -= 1;
        }
        if (loan.facts.markedOverdue && !isOverdue(loan)) unmark(book, loan);
    }

    /// @dev What follows once the fallen debt is saved: the collateral of a loan that ended, or its margin call.
    function follow(Book storage book, LendingContext memory context, LoanId loanId, LoanView memory loan, uint256 day)
        internal
    {
        if (loan.facts.status == ILoans.Status.Repaid) {
            emit ILoans.LoanEnded(loanId, uint24(day));
            releaseCollateral(book, context, loanId, loan);
        } else if (loan.facts.marginCalled && loan.facts.status == ILoans.Status.Running) {
            MarginCall.reviewLoaded(book, context, loanId, loan, day);
        }
    }

    /// @dev The administering bank's share of interest and penalty; zero where nothing is entrusted.
    function administrationFeeDown(FacilityRecord storage facilityRow, LoanMath.Parts memory parts)
        internal
        view
        returns (uint256)
    {
        return (uint256(parts.interest) + parts.penalty) * facilityRow.administrationFee / RepaymentMath.WHOLE;
    }

    /// @dev The credit goes through the waterfall. An entruster pays the administering bank its fee in money. Not
    /// possible after a recorded loss: those who bore it get money back, and a claim or goods are not money.
    function takeCredit(Book storage book, LendingContext memory context, LoanId loanId, uint64 credit) internal {
        LoanView memory loan = loadOpen(book, loanId);
        if (loan.facts.lossRecorded) revert ILoans.StateForbids(loanId, loan.facts.status);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        uint256 owed = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        if (credit > owed) revert ILoans.SetOffExceedsDebt(loanId, credit, owed);
        LoanMath.Parts memory parts = _take(book, context, loanId, loan, credit, facilityRow.borrower, day);
        if (isShared(loan)) {
            LoanProceeds.shareOut(book, context, loanId, address(this), credit - parts.costs, 0);
            return;
        }
        uint256 fee = administrationFeeDown(facilityRow, parts);
        move(book, context, facilityRow.currency, facilityRow.entruster, facilityRow.lender, fee);
    }

    /// @dev A facility that was agreed.
    function knownFacility(Book storage book, FacilityId facilityId)
        internal
        view
        returns (FacilityRecord storage facilityRow)
    {
        facilityRow = book.facilities[facilityId];
        if (facilityRow.lender == address(0)) revert IFacilities.FacilityUnknown(facilityId);
    }

    /// @dev The facility on which the loans of a facility were drawn: another one if its lender bought them.
    function originOf(Book storage book, FacilityId facilityId) internal view returns (FacilityId) {
        uint64 origin = book.facilities[facilityId].origin;
        return origin == 0 ? facilityId : FacilityId.wrap(origin);
    }

    /// @dev Whether the loan exists and something can still be paid on it.
    function isOpen(Book storage book, LoanId loanId) internal view returns (bool) {
        ILoans.Status status = ILoans.Status(book.loans[loanId].terms.status());
        return status != ILoans.Status.None && status != ILoans.Status.Repaid;
    }

    /// @dev A loan on which something can still be paid.
    function loadOpen(Book storage book, LoanId loanId) internal view returns (LoanView memory loan) {
        loan = loadLoan(book, loanId);
        if (loan.facts.status == ILoans.Status.Repaid) revert ILoans.StateForbids(loanId, loan.facts.status);
    }

    /// @dev A running loan, of which the sender's party is the borrower.
    function loadOfBorrower(Book storage book, LendingContext memory context, LoanId loanId)
        internal
        view
        returns (LoanView memory loan)
    {
        loan = loadLoan(book, loanId);
        if (loan.facts.status != ILoans.Status.Running) revert ILoans.StateForbids(loanId, loan.facts.status);
        FacilityId facilityId = loan.facts.facilityId;
        requireBorrower(context, facilityId, book.facilities[facilityId]);
    }

    /// @dev The account whose money is lent.
    function funderOf(FacilityRecord storage facilityRow) internal view returns (address) {
        address entruster = facilityRow.entruster;
        return entruster == address(0) ? facilityRow.lender : entruster;
    }

    /// @dev A position belongs to a party: any of its accounts acts for it, but not one that the party removed.
    function requireLender(LendingContext memory context, FacilityId facilityId, FacilityRecord storage facilityRow)
        internal
        view
    {
        if (isLender(context, facilityRow)) return;
        revert IFacilities.NotLender(facilityId, facilityRow.lender, context.sender);
    }

    /// @dev Whether the sender acts for the lender or the entruster.
    function isLender(LendingContext memory context, FacilityRecord storage facilityRow) internal view returns (bool) {
        if (context.registry.actsFor(context.sender, facilityRow.lender)) return true;
        address entruster = facilityRow.entruster;
        return entruster != address(0) && context.registry.actsFor(context.sender, entruster);
    }

    /// @dev The party whose money is lent: what came in outside the ledger is its word.
    function requireFunder(LendingContext memory context, FacilityId facilityId, FacilityRecord storage facilityRow)
        internal
        view
    {
        address funder = funderOf(facilityRow);
        if (context.registry.actsFor(context.sender, funder)) return;
        revert IFacilities.NotLender(facilityId, funder, context.sender);
    }

    /// @dev What participants have a share of is not the lender's to give to its own group: neither its terms nor what
    /// secures it. Others who bear a loss are safe without this: they bear none of a loan whose sides are related.
    function requireUnrelated(LendingContext memory context, LoanView memory loan, FacilityRecord storage facilityRow)
        internal
        view
    {
        if (!isShared(loan)) return;
        (address lender, address borrower) = (facilityRow.lender, facilityRow.borrower);
        if (context.registry.areRelated(lender, borrower)) revert IFacilities.SamePartyBothSides(lender, borrower);
    }

    function requireBorrower(LendingContext memory context, FacilityId facilityId, FacilityRecord storage facilityRow)
        internal
        view
    {
        address borrower = facilityRow.borrower;
        if (context.registry.actsFor(context.sender, borrower)) return;
        revert IFacilities.NotBorrower(facilityId, borrower, context.sender);
    }

    function requireCourt(LendingContext memory context) internal view {
        if (msg.sender != context.registry.court()) revert IFacilities.NotCourt(msg.sender);
    }

    /// @dev What must be the borrower's own may be held by any account of its party.
    function isOfParty(LendingContext memory context, address owner, address borrower) internal view returns (bool) {
        if (owner == borrower) return true;
        PartyId party = context.registry.partyOf(owner);
        return !party.isNull() && party == context.registry.partyOf(borrower);
    }

    /// @dev Only the borrower, the buyer or the lender may have a lien put on what is the borrower's; a stranger may
    /// not.
    function requireConcerned(Book storage book, LendingContext memory context, LoanView memory loan, address buyer)
        internal
        view
    {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        if (context.registry.actsFor(context.sender, facilityRow.borrower)) return;
        if (context.registry.actsFor(context.sender, buyer)) return;
        requireLender(context, loan.facts.facilityId, facilityRow);
    }

    /// @dev Whether something is unpaid beyond its grace.
    function isOverdue(LoanView memory loan) internal pure returns (bool) {
        return LoanMath.hasPast(loan.state) || loan.facts.status == ILoans.Status.Defaulted
            || loan.facts.status == ILoans.Status.WrittenOff;
    }

    function mark(Book storage book, LoanId loanId, LoanView memory loan, uint256 day) internal {
        loan.facts.markedOverdue = true;
        FacilityId facilityId = loan.facts.facilityId;
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        uint64 outstanding = uint64(LoanMath.outstanding(loan.state));
        _countOverdue(book, facilityRow, 1);
        BorrowerLimits.noteOverdue(book, facilityRow);
        book.programmes[ProductId.wrap(facilityRow.productId)].overdue += outstanding;
        emit ILoans.LoanOverdue(loanId, facilityId, outstanding, uint24(day));
    }

    /// @dev All falls due, for the reason that the posting's `kind` says. `loan` has been rolled to its own day.
    function accelerate(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        uint8 kind
    ) internal {
        uint256 day = loanDay(book, context, loan);
        LoanHistory.add(loan, kind, day, 0);
        LoanMath.accelerate(loan.terms, loan.state, day);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        BorrowerLimits.noteStatus(book, facilityRow, loan.facts.status, ILoans.Status.Defaulted);
        loan.facts.status = ILoans.Status.Defaulted;
        if (!loan.facts.markedOverdue) mark(book, loanId, loan, day);
        saveLoan(book, loanId, loan);
        emit ILoans.LoanDefaulted(
            loanId, loan.facts.facilityId, uint64(LoanMath.outstanding(loan.state)), uint24(day), kind == LIQUIDATED
        );
    }

    /// @dev Uses terms that the party whose money is lent and the borrower both signed: once, and in time. Both are
    /// still valid.
    function useSigned(
        Book storage book,
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        bytes32 digest,
        uint40 deadline,
        bytes[2] calldata signatures
    ) internal {
        address funder = funderOf(facilityRow);
        useTerms(book, digest, deadline);
        requireSigned(book, context, funder, digest, signatures[0]);
        requireSigned(book, context, facilityRow.borrower, digest, signatures[1]);
    }

    /// @dev Signed terms count once, and until their deadline.
    function useTerms(Book storage book, bytes32 digest, uint40 deadline) internal {
        if (book.used[digest]) revert IFacilities.TermsUsed(digest);
        SignedTerms.requireInTime(deadline);
        book.used[digest] = true;
    }

    /// @dev Signed by the account that holds the position, or by another account of its party. An account that the
    /// party removed, or that is no longer valid, does not count.
    function requireSigned(
        Book storage book,
        LendingContext memory context,
        address holder,
        bytes32 digest,
        bytes calldata signature
    ) internal view {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, signature);
        if (failure != ECDSA.RecoverError.NoError || signer == holder || !isOfParty(context, signer, holder)) {
            signer = holder;
        }
        if (!SignedTerms.isSignedBy(book.signedTerms, signer, digest, signature)) {
            revert IFacilities.SignatureInvalid(holder, digest);
        }
        context.registry.requireValid(signer, 0);
    }

    function releaseCollateral(Book storage book, LendingContext memory context, LoanId loanId, LoanView memory loan)
        internal
    {
        IProducts.CollateralKind collateral = loan.facts.collateral;
        uint256 collateralId = loan.facts.collateralId;
        if (collateral == IProducts.CollateralKind.Claim) {
            book.loanOfClaim[ClaimId.wrap(collateralId)] = LoanId.wrap(0);
            // A claim that was paid in full is burned, and its lien with it.
            if (context.receivables.lienholderOf(collateralId) == address(this)) {
                context.receivables.release(collateralId);
            }
        } else if (collateral == IProducts.CollateralKind.Order) {
            book.loanOfOrder[OrderId.wrap(collateralId)] = LoanId.wrap(0);
            context.orders.release(OrderId.wrap(collateralId));
        } else {
            if (collateral == IProducts.CollateralKind.WarehouseReceipt) {
                CollateralItems.releaseAll(book, context, loanId);
            }
            return;
        }
        emit ICollateral.CollateralReleased(loanId, collateral, collateralId);
    }

    /// @dev Moves exactly `amount`. Money that cannot be delivered waits here for its owner's party, and stops nobody
    /// else.
    function move(
        Book storage book,
        LendingContext memory context,
        address currency,
        address from,
        address to,
        uint256 amount
    ) internal {
        if (from == address(this)) Unclaimed.pay(book.unclaimed, context.registry, currency, to, amount);
        else Unclaimed.transfer(book.unclaimed, context.registry, currency, from, to, amount);
    }

    /// @dev Pays those to whom the money belongs. The administering bank gets its fee. Of a loan with a recorded loss
    /// the principal goes back to those who bore it. Of a loan with participants their part goes to them; costs are the
    /// lender's.
    function _payOut(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        FacilityRecord storage facilityRow,
        LoanMath.Parts memory parts,
        address from
    ) private {
        address currency = facilityRow.currency;
        uint256 rest = LoanMath.sumOf(parts);
        if (facilityRow.entruster != address(0)) {
            uint256 fee = administrationFeeDown(facilityRow, parts);
            rest -= fee;
            move(book, context, currency, from, facilityRow.lender, fee);
        }
        if (loan.facts.lossRecorded && parts.principal != 0) {
            rest -= parts.principal;
            recover(context, loanId, currency, from, parts.principal);
        }
        if (isShared(loan)) {
            LoanProceeds.shareOut(book, context, loanId, from, rest - parts.costs, rest);
            return;
        }
        move(book, context, currency, from, funderOf(facilityRow), rest);
    }

    /// @dev Whether participants have a share of what the lender gets. No entrusted loan has participants.
    function isShared(LoanView memory loan) internal pure returns (bool) {
        return loan.facts.traits & PARTICIPATED != 0;
    }

    /// @dev Recovered money for those who bore the loan's loss. It goes through this contract, so that the amount that
    /// arrives is counted exactly.
    function recover(LendingContext memory context, LoanId loanId, address currency, address from, uint64 amount)
        internal
    {
        if (from != address(this)) Unclaimed.pull(currency, from, amount);
        IERC20(currency).safeTransfer(address(context.reserve), amount);
        context.reserve.recover(loanId, amount);
    }

    function lower(Book storage book, LoanView memory loan, uint64 principal) internal {
        if (principal == 0) return;
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        ProductId productId = ProductId.wrap(facilityRow.productId);
        facilityRow.outstanding -= principal;
        Programme storage programme = book.programmes[productId];
        programme.outstanding -= principal;
        BorrowerLimits.lower(book, facilityRow, principal);
        if (loan.facts.markedOverdue) programme.overdue -= principal;
        PartyId debtor = loan.facts.debtor;
        if (!debtor.isNull()) book.debtorOutstanding[productId][debtor] -= principal;
    }

    /// @dev A payment that was reversed is owed again.
    function raise(Book storage book, LoanView memory loan, uint64 principal) internal {
        if (principal == 0) return;
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        ProductId productId = ProductId.wrap(facilityRow.productId);
        facilityRow.outstanding += principal;
        Programme storage programme = book.programmes[productId];
        programme.outstanding += principal;
        BorrowerLimits.raise(book, facilityRow, principal);
        if (loan.facts.markedOverdue) programme.overdue += principal;
        PartyId debtor = loan.facts.debtor;
        if (!debtor.isNull()) book.debtorOutstanding[productId][debtor] += principal;
    }

    /// @dev A sale lifts no stop of draws: the loan counts where it was drawn. The count stays from 0 to 2^24 - 1: a loan
    /// is unmarked only after it was marked, and there are fewer loans than that on a facility.
    function _countOverdue(Book storage book, FacilityRecord storage facilityRow, int24 change) private {
        uint64 origin = facilityRow.origin;
        if (origin != 0) facilityRow = book.facilities[FacilityId.wrap(origin)];
        unchecked {
            facilityRow.overdueLoans = uint24(int24(facilityRow.overdueLoans) + change);
        }
    }

    function unmark(Book storage book, LoanView memory loan) internal {
        loan.facts.markedOverdue = false;
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        _countOverdue(book, facilityRow, -1);
        book.programmes[ProductId.wrap(facilityRow.productId)].overdue -= uint64(LoanMath.outstanding(loan.state));
    }
}
