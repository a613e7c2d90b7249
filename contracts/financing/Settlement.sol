// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId} from "../types/Ids.sol";
import {Book, FacilityRecord, loadLoan, LoanView, Programme, saveLoan, Surroundings} from "./FacilityBook.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {MarginCall} from "./MarginCall.sol";

/// @title What every repayment does, whoever brings it: waterfall, totals, lien, money.
/// @dev Internal. Only LoanMoney settles; the other libraries call it there (docs/decisions/0023).
library Settlement {
    using SafeERC20 for IERC20;
    using LoanMath for LoanMath.State;

    /// @notice Puts up to `amount` on a loan and says where it went; `from` brings it (this contract: it is here already).
    function settle(Book storage book, Surroundings memory around, LoanId loanId, uint256 amount, address from)
        internal
        returns (LoanMath.Parts memory parts)
    {
        LoanView memory loan = loadOpen(book, loanId);
        LoanMath.roll(loan.terms, loan.state, around.today);
        parts = take(book, around, loanId, loan, amount, from);
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        _passOn(book, around, loanId, loan, line, parts, from);
    }

    /// @notice The waterfall and all that hangs on it except the money. `loan` has been rolled to today.
    function take(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        LoanView memory loan,
        uint256 amount,
        address payer
    ) internal returns (LoanMath.Parts memory parts) {
        uint256 left;
        (parts, left) = LoanMath.allocate(loan.terms, loan.state, amount);
        if (left == amount) revert IFacilities.NothingOwed(loanId);
        _lower(book, loan, parts.principal);
        if (LoanMath.isPaid(loan.terms, loan.state)) {
            loan.facts.status = IFacilities.Status.Repaid;
            book.facilities[loan.facts.facilityId].openLoans -= 1;
        }
        if (loan.facts.markedOverdue && !isOverdue(loan)) _unmark(book, loan);
        saveLoan(book, loanId, loan);
        emit IFacilities.LoanRepaid(
            loanId, payer, uint24(around.today), parts, uint64(LoanMath.outstanding(loan.state))
        );
        if (loan.facts.status == IFacilities.Status.Repaid) {
            emit IFacilities.LoanEnded(loanId, uint24(around.today));
            releaseCover(book, around, loanId, loan);
        } else if (loan.facts.marginCalled) {
            MarginCall.review(book, around, loanId);
        }
    }

    /// @dev The administering bank's share of interest and penalty; zero where nothing is entrusted.
    function administrationFeeDown(FacilityRecord storage line, LoanMath.Parts memory parts)
        internal
        view
        returns (uint256)
    {
        return (uint256(parts.interest) + parts.penalty) * line.administrationFee / RepaymentMath.WHOLE;
    }

    /// @dev The credit goes through the waterfall; an entruster pays the administering bank its fee in money. Those who bore a
    /// recorded loss get money back, which a claim or goods are not.
    function takeCredit(Book storage book, Surroundings memory around, LoanId loanId, uint64 credit) internal {
        LoanView memory loan = loadOpen(book, loanId);
        if (loan.facts.lossRecorded) revert IFacilities.StateForbids(loanId, loan.facts.status);
        LoanMath.roll(loan.terms, loan.state, around.today);
        uint256 owed = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        if (credit > owed) revert IFacilities.SetOffExceedsDebt(loanId, credit, owed);
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        LoanMath.Parts memory parts = take(book, around, loanId, loan, credit, line.borrower);
        uint256 fee = administrationFeeDown(line, parts);
        move(book, around, line.currency, line.entruster, line.lender, fee);
    }

    /// @dev A loan on which something can still be paid.
    function loadOpen(Book storage book, LoanId loanId) internal view returns (LoanView memory loan) {
        loan = loadLoan(book, loanId);
        if (loan.facts.status == IFacilities.Status.Repaid) revert IFacilities.StateForbids(loanId, loan.facts.status);
    }

    /// @dev The one whose money is lent.
    function funderOf(FacilityRecord storage line) internal view returns (address) {
        address entruster = line.entruster;
        return entruster == address(0) ? line.lender : entruster;
    }

    function requireLender(FacilityId facilityId, FacilityRecord storage line, address sender) internal view {
        if (sender != line.lender && (sender != line.entruster || sender == address(0))) {
            revert IFacilities.NotLender(facilityId, line.lender, sender);
        }
    }

    /// @dev A lien on what is the borrower's is put on by those whose order and loan it is, and by no stranger.
    function requireConcerned(Book storage book, Surroundings memory around, LoanView memory loan, address buyer)
        internal
        view
    {
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        if (around.sender == line.borrower || around.sender == buyer) return;
        requireLender(loan.facts.facilityId, line, around.sender);
    }

    /// @dev Something is unpaid beyond its grace.
    function isOverdue(LoanView memory loan) internal pure returns (bool) {
        return loan.state.pastPrincipal != 0 || loan.state.pastInterest != 0
            || loan.facts.status == IFacilities.Status.Defaulted || loan.facts.status == IFacilities.Status.WrittenOff;
    }

    function mark(Book storage book, LoanId loanId, LoanView memory loan, uint256 today) internal {
        loan.facts.markedOverdue = true;
        FacilityId facilityId = loan.facts.facilityId;
        FacilityRecord storage line = book.facilities[facilityId];
        uint64 outstanding = uint64(LoanMath.outstanding(loan.state));
        line.overdueLoans += 1;
        book.programmes[ProductId.wrap(line.productId)].overdue += outstanding;
        emit IFacilities.LoanOverdue(loanId, facilityId, outstanding, uint24(today));
    }

    /// @dev All falls due. `loan` has been rolled to today.
    function accelerate(Book storage book, Surroundings memory around, LoanId loanId, LoanView memory loan) internal {
        LoanMath.accelerate(loan.terms, loan.state, around.today);
        loan.facts.status = IFacilities.Status.Defaulted;
        if (!loan.facts.markedOverdue) mark(book, loanId, loan, around.today);
        saveLoan(book, loanId, loan);
        emit IFacilities.LoanDefaulted(
            loanId, loan.facts.facilityId, uint64(LoanMath.outstanding(loan.state)), uint24(around.today)
        );
    }

    /// @dev What the one whose money is lent and the borrower both signed, once.
    function useSigned(Book storage book, FacilityRecord storage line, bytes32 digest, bytes[2] calldata signatures)
        internal
    {
        if (book.used[digest]) revert IFacilities.TermsUsed(digest);
        address funder = funderOf(line);
        if (!SignatureChecker.isValidSignatureNow(funder, digest, signatures[0])) {
            revert IFacilities.SignatureInvalid(funder, digest);
        }
        if (!SignatureChecker.isValidSignatureNow(line.borrower, digest, signatures[1])) {
            revert IFacilities.SignatureInvalid(line.borrower, digest);
        }
        book.used[digest] = true;
    }

    function releaseCover(Book storage book, Surroundings memory around, LoanId loanId, LoanView memory loan) internal {
        IProducts.Cover cover = loan.facts.cover;
        uint256 coverId = loan.facts.coverId;
        if (cover == IProducts.Cover.Claim) {
            book.loanOfClaim[ClaimId.wrap(coverId)] = LoanId.wrap(0);
            // A claim that was paid in full is burned, and its lien with it.
            if (around.receivables.lienholderOf(coverId) == address(this)) around.receivables.release(coverId);
        } else if (cover == IProducts.Cover.Order) {
            book.loanOfOrder[OrderId.wrap(coverId)] = LoanId.wrap(0);
            around.orders.release(OrderId.wrap(coverId));
        } else {
            if (cover == IProducts.Cover.Receipt) CoverPieces.releaseAll(book, around, loanId);
            return;
        }
        emit IFacilities.CoverReleased(loanId, cover, coverId);
    }

    /// @dev Moves exactly `amount`, or refuses. A receiver that may not be paid now finds it kept here.
    function move(
        Book storage book,
        Surroundings memory around,
        address currency,
        address from,
        address to,
        uint256 amount
    ) internal {
        if (amount == 0) return;
        address receiver = around.registry.isValid(to) ? to : address(this);
        if (receiver != to) {
            book.kept[to][currency] += amount;
            emit IFacilities.Kept(to, currency, amount);
            if (from == address(this)) return;
        }
        if (from == address(this)) IERC20(currency).safeTransfer(receiver, amount);
        else pull(currency, from, receiver, amount);
    }

    /// @dev Refuses a currency that takes a fee of what it moves. A lender that pays itself records what it was paid outside.
    function pull(address currency, address from, address to, uint256 amount) internal {
        if (from == to) return;
        uint256 before = IERC20(currency).balanceOf(to);
        IERC20(currency).safeTransferFrom(from, to, amount);
        uint256 received = IERC20(currency).balanceOf(to) - before;
        if (received != amount) revert IFacilities.TransferTookFee(currency, amount, received);
    }

    /// @dev To whom it belongs: the administering bank keeps its fee; of a loan with a recorded loss the principal goes back to
    /// those who bore it.
    function _passOn(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        LoanView memory loan,
        FacilityRecord storage line,
        LoanMath.Parts memory parts,
        address from
    ) private {
        address currency = line.currency;
        uint256 rest = LoanMath.sumOf(parts);
        if (line.entruster != address(0)) {
            uint256 fee = administrationFeeDown(line, parts);
            rest -= fee;
            move(book, around, currency, from, line.lender, fee);
        }
        if (loan.facts.lossRecorded && parts.principal != 0) {
            rest -= parts.principal;
            if (from == address(this)) IERC20(currency).safeTransfer(address(around.reserve), parts.principal);
            else pull(currency, from, address(around.reserve), parts.principal);
            around.reserve.recover(loanId, parts.principal);
        }
        move(book, around, currency, from, funderOf(line), rest);
    }

    function _lower(Book storage book, LoanView memory loan, uint64 principal) private {
        if (principal == 0) return;
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        ProductId productId = ProductId.wrap(line.productId);
        line.outstanding -= principal;
        Programme storage programme = book.programmes[productId];
        programme.outstanding -= principal;
        if (loan.facts.markedOverdue) programme.overdue -= principal;
        PartyId debtor = loan.facts.debtor;
        if (PartyId.unwrap(debtor) != 0) book.debtorOutstanding[productId][debtor] -= principal;
    }

    function _unmark(Book storage book, LoanView memory loan) private {
        loan.facts.markedOverdue = false;
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        line.overdueLoans -= 1;
        book.programmes[ProductId.wrap(line.productId)].overdue -= uint64(LoanMath.outstanding(loan.state));
    }
}
