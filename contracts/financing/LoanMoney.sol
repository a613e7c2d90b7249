// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId} from "../types/Ids.sol";
import {Book, FacilityRecord, loadLoan, LoanView, rollLoan, Surroundings} from "./FacilityBook.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {Settlement} from "./Settlement.sol";

/// @title Money that comes in on loans; linked to Facilities.
library LoanMoney {
    /// @notice See IFacilities.repay.
    function repay(Book storage book, Surroundings memory around, LoanId loanId, uint64 amount)
        external
        returns (LoanMath.Parts memory)
    {
        if (amount == 0) revert IFacilities.TermOutOfRange("amount", 0, 1, type(uint64).max);
        return Settlement.settle(book, around, loanId, amount, around.sender);
    }

    /// @notice After a payment that failed: notes that the loan's currency stands still, or gives the reason.
    /// @dev The effects of the payment are undone. That money does not come for a loan on which nothing can be paid proves nothing.
    function noteStop(Book storage book, Surroundings memory around, LoanId loanId, bytes memory reason) external {
        if (!isStopped(book, around, loanId, reason)) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    /// @notice Whether a payment failed because the currency of the loan stands still. One that moved, with a fee, does not.
    function isStopped(Book storage book, Surroundings memory around, LoanId loanId, bytes memory reason)
        public
        returns (bool)
    {
        address currency = book.facilities[loadLoan(book, loanId).facts.facilityId].currency;
        if (bytes4(reason) == Unclaimed.TransferTookFee.selector || !Settlement.isOpen(book, loanId)) return false;
        return !CurrencyClock.check(book.clocks[currency], currency, around.receivables.zoneOffset());
    }

    /// @notice See IFacilities.checkCurrency.
    function checkCurrency(Book storage book, Surroundings memory around, address currency) external returns (bool) {
        return CurrencyClock.check(book.clocks[currency], currency, around.receivables.zoneOffset());
    }

    /// @notice See IFacilities.onCollected.
    function onCollected(Book storage book, Surroundings memory around, ClaimId claimId, address owner, uint256 amount)
        external
    {
        if (around.sender != address(around.receivables)) revert IFacilities.NotReceivables(around.sender);
        LoanId loanId = book.loanOfClaim[claimId];
        if (LoanId.unwrap(loanId) == 0) {
            // A part that a court split off is collateral still.
            loanId = CoverPieces.servedBy(book, around, IProducts.Cover.Claim, ClaimId.unwrap(claimId));
        }
        if (LoanId.unwrap(loanId) == 0) {
            // A lien that the owner itself put on for no loan: the money is its own, and never stuck.
            (, ReceivableId receivableId,,,,,) = around.receivables.claim(claimId);
            address paid = around.receivables.receivable(receivableId).currency;
            Settlement.move(book, around, paid, address(this), owner, amount);
            return;
        }
        uint256 taken = settleHere(book, around, loanId, amount, owner);
        emit IFacilities.CollectedForLoan(loanId, claimId, uint64(taken), uint64(amount - taken));
    }

    /// @notice Money that is here already runs through a loan, and what the loan does not take goes to `owner`.
    /// @dev The one copy of it that the other libraries call.
    function settleHere(Book storage book, Surroundings memory around, LoanId loanId, uint256 amount, address owner)
        public
        returns (uint256 taken)
    {
        address currency = book.facilities[loadLoan(book, loanId).facts.facilityId].currency;
        taken = LoanMath.sumOf(Settlement.settle(book, around, loanId, amount, address(this)));
        Settlement.move(book, around, currency, address(this), owner, amount - taken);
    }

    /// @notice Something else than money, which was handed over already, counts for `credit` (set-off, goods in kind).
    function settleCredit(Book storage book, Surroundings memory around, LoanId loanId, uint64 credit) external {
        Settlement.takeCredit(book, around, loanId, credit);
    }

    /// @notice See IFacilities.releaseKept.
    function releaseKept(Book storage book, Surroundings memory around, address to, address currency)
        external
        returns (uint256)
    {
        // A party that asks for the money of an account that it lost gets it where it asks from.
        address receiver =
            around.registry.isValid(to) || !Settlement.isOfParty(around, to, around.sender) ? to : around.sender;
        return Unclaimed.withdraw(book.unclaimed, around.registry, currency, receiver, around.sender);
    }

    /// @notice See IFacilities.forcedWithdraw.
    function forcedWithdraw(
        Book storage book,
        Surroundings memory around,
        address from,
        address currency,
        address to,
        uint256 amount,
        bytes32 orderHash
    ) external {
        _requireCourt(around);
        uint256 held = Unclaimed.amountOf(book.unclaimed, around.registry, from, currency);
        if (amount == 0 || amount > held) revert IFacilities.TermOutOfRange("amount", amount, 1, held);
        emit IFacilities.ForcedWithdrawal(from, currency, to, amount, orderHash);
        Unclaimed.take(book.unclaimed, around.registry, currency, from, to, amount);
    }

    /// @notice See IFacilities.forcedWithdrawDeposit.
    function forcedWithdrawDeposit(
        Book storage book,
        Surroundings memory around,
        FacilityId facilityId,
        address to,
        uint64 amount,
        bytes32 orderHash
    ) external {
        _requireCourt(around);
        FacilityRecord storage line = book.facilities[facilityId];
        if (line.openLoans != 0) revert IFacilities.FacilityInUse(facilityId, line.outstanding);
        uint64 held = line.depositHeld;
        if (amount == 0 || amount > held) revert IFacilities.TermOutOfRange("amount", amount, 1, held);
        line.depositHeld = held - amount;
        emit IFacilities.DepositTaken(facilityId, to, amount, held - amount, orderHash);
        Settlement.move(book, around, line.currency, address(this), to, amount);
    }

    /// @notice See IFacilities.keptOf.
    function keptOf(Book storage book, IPartyRegistry registry, address party, address currency)
        external
        view
        returns (uint256)
    {
        return Unclaimed.amountOf(book.unclaimed, registry, party, currency);
    }

    /// @notice See IFacilities.loan.
    function loanOf(Book storage book, Surroundings memory around, LoanId loanId)
        external
        view
        returns (IFacilities.Loan memory found)
    {
        LoanView memory kept = loadLoan(book, loanId);
        found.lostDays = uint24(around.today - rollLoan(book, around, kept));
        found.facilityId = kept.facts.facilityId;
        found.status = kept.facts.status;
        found.drawn = kept.facts.drawn;
        found.cover = kept.facts.cover;
        found.coverId = kept.facts.coverId;
        found.markedOverdue = kept.facts.markedOverdue;
        found.lossRecorded = kept.facts.lossRecorded;
        found.terms = kept.terms;
        found.state = kept.state;
        found.due = LoanMath.amountDue(kept.terms, kept.state);
        found.payoff = LoanMath.payoff(kept.terms, kept.state);
    }

    function _requireCourt(Surroundings memory around) private view {
        if (msg.sender != around.registry.court()) revert IFacilities.NotCourt(msg.sender);
    }
}
