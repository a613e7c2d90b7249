// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {CollateralItemWord} from "../types/CollateralItemWord.sol";
import {FacilityId, LoanId, PartyId} from "../types/Ids.sol";
import {PARTICIPATED} from "../types/LoanTermsWord.sol";
import {FINANCIER} from "../types/PartyRoles.sol";
import {CollateralItems} from "./collateral/CollateralItems.sol";
import {
    Book,
    FacilityRecord,
    LendingContext,
    loadLoan,
    LoanSaleRecord,
    LoanView,
    ParticipationRecord,
    saveLoan
} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoanParticipations} from "./ILoanParticipations.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {IProducts} from "./IProducts.sol";
import {LoanProceeds} from "./LoanProceeds.sol";
import {LoanRates} from "./LoanRates.sol";
import {LoanSales} from "./LoanSales.sol";
import {SaleRights} from "./SaleRights.sol";
import {Settlement} from "./Settlement.sol";

/// @title Shares of loans that their lenders sell; linked to Facilities.
/// @notice See {ILoanParticipations} for the specification.
library LoanParticipations {
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "ParticipationTerms(uint256 loanId,address lender,address participant,uint64 principal,uint160 postings,"
        "bytes32 standing,uint24 sharedBefore,uint24 share,uint64 price,bytes32 legalTextHash,uint40 deadline,"
        "uint256 nonce)"
    );

    /// @dev Participations that a loan has at most: each payment reads them all.
    uint256 private constant MAX_PARTICIPATIONS = 8;
    /// @dev The lender keeps 5 %, so that it loses too if the loan does. The share is that of Regulation (EU) 2017/2402,
    /// article 6 (1).
    uint256 private constant MAX_SHARED = RepaymentMath.WHOLE - 50_000;

    /// @notice See {ILoanParticipations.sellParticipation}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @param signatures The signatures of lender and participant.
    /// @return place The participation's number on this loan.
    function sell(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        ILoanParticipations.ParticipationTerms calldata terms,
        bytes[2] calldata signatures
    ) external returns (uint256 place) {
        // Check
        LoanId loanId = LoanId.wrap(terms.loanId);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        _checkSides(context, loanId, loan.facts.facilityId, facilityRow, terms);
        _checkLoan(book, context, loanId, loan, terms);
        _checkTerms(book, loanId, terms);
        bytes32 digest = participationDigest(domain, terms);
        Settlement.useTerms(book, digest, terms.deadline);
        Settlement.requireSigned(book, context, terms.lender, digest, signatures[0]);
        Settlement.requireSigned(book, context, terms.participant, digest, signatures[1]);
        // Effect
        ParticipationRecord[] storage rows = book.shared[loanId].participations;
        place = rows.length;
        if (place == 0) _keepAccepted(book, context, loanId, loan.facts.facilityId);
        int128 joinedAt = book.shared[loanId].proceeds;
        rows.push(ParticipationRecord(terms.participant, terms.share, 0, joinedAt));
        loan.facts.traits |= PARTICIPATED;
        saveLoan(book, loanId, loan);
        emit ILoanParticipations.ParticipationSold(loanId, terms.lender, terms.participant, place, joinedAt, terms);
        // Interaction
        Settlement.move(book, context, facilityRow.currency, terms.participant, terms.lender, terms.price);
    }

    /// @notice See {ILoanParticipations.payParticipants}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    function pay(Book storage book, LendingContext memory context, LoanId loanId, uint64 amount) external {
        FacilityId facilityId = loadLoan(book, loanId).facts.facilityId;
        Settlement.requireLender(context, facilityId, book.facilities[facilityId]);
        uint64 due = LoanProceeds.sharedLoan(book, loanId).due;
        _within("amount", amount, 1, due);
        LoanProceeds.payDue(book, context, loanId, context.sender, amount);
    }

    /// @notice See {ILoanParticipations.participationsOf}.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return What participants have.
    function participationsOf(Book storage book, LoanId loanId)
        external
        view
        returns (ILoanParticipations.SharedLoan memory)
    {
        loadLoan(book, loanId);
        return LoanProceeds.sharedLoan(book, loanId);
    }

    /// @notice See {ILoanParticipations.participationDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @return The digest.
    function participationDigest(bytes32 domain, ILoanParticipations.ParticipationTerms calldata terms)
        public
        pure
        returns (bytes32)
    {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(TERMS_TYPEHASH, terms)));
    }

    /// @dev The debtors on whose promise goods may leave, as the first participant saw them.
    function _keepAccepted(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        private
    {
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind != IProducts.CollateralKind.Claim) continue;
            PartyId debtor = SaleRights.debtorOf(context, id);
            if (book.accepted[facilityId][debtor]) book.acceptedBefore[loanId][debtor] = true;
        }
    }

    // ------------------------------------------------------------------ checks

    /// @dev Nobody shares with its own group: the retained share would be no risk of its own, or the borrower would
    /// collect what it owes.
    function _checkSides(
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        FacilityRecord storage facilityRow,
        ILoanParticipations.ParticipationTerms calldata terms
    ) private view {
        (address lender, address participant, address borrower) =
            (terms.lender, terms.participant, facilityRow.borrower);
        if (!context.registry.actsFor(context.sender, lender) && !context.registry.actsFor(context.sender, participant))
        {
            revert ILoanParticipations.NotOfParticipation(loanId, context.sender);
        }
        if (facilityRow.entruster != address(0)) revert ILoanParticipations.LoanNotShareable(loanId, "entrusted");
        if (facilityRow.lender != lender) revert IFacilities.NotLender(facilityId, facilityRow.lender, lender);
        _requireUnrelated(context, lender, participant);
        _requireUnrelated(context, participant, borrower);
        _requireUnrelated(context, lender, borrower);
        context.registry.requireValidForRisk(participant, FINANCIER);
    }

    function _requireUnrelated(LendingContext memory context, address first, address second) private view {
        if (context.registry.areRelated(first, second)) revert IFacilities.SamePartyBothSides(first, second);
    }

    function _checkLoan(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        ILoanParticipations.ParticipationTerms calldata terms
    ) private view {
        uint64 principal = uint64(LoanMath.outstanding(loan.state));
        if (
            principal != terms.principal || loan.facts.postings != terms.postings
                || LoanSales.standingOf(book, context, loanId) != terms.standing
        ) {
            revert ILoanSales.LoanChanged(loanId, principal, loan.facts.postings);
        }
        if (loan.facts.lossRecorded) revert ILoanParticipations.LoanNotShareable(loanId, "loss");
        if (book.auctions[loanId].openedAt != 0) revert ILoanParticipations.LoanNotShareable(loanId, "auction");
        // A loan with participants is not bought back, so who granted that right cannot end it by them.
        LoanSaleRecord storage sale = book.sales[loanId];
        if (sale.buyBack & SaleRights.SELLER_MAY != 0 && context.today <= sale.buyBackLastDay) {
            revert ILoanParticipations.LoanNotShareable(loanId, "buy-back");
        }
        LoanRates.requireIndependentWith(book, context, loanId, terms.participant);
    }

    function _checkTerms(Book storage book, LoanId loanId, ILoanParticipations.ParticipationTerms calldata terms)
        private
        view
    {
        ParticipationRecord[] storage rows = book.shared[loanId].participations;
        if (rows.length == MAX_PARTICIPATIONS) revert ILoanParticipations.LoanNotShareable(loanId, "full");
        uint256 shared;
        for (uint256 i; i < rows.length; ++i) {
            shared += rows[i].share;
        }
        _within("sharedBefore", terms.sharedBefore, shared, shared);
        _within("share", terms.share, 1, MAX_SHARED - shared);
        _within("price", terms.price, 1, ClaimShares.MAX_AMOUNT);
        _within("legalTextHash", uint256(terms.legalTextHash), 1, type(uint256).max);
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }
}
