// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {ICreditRegistry} from "../registry/ICreditRegistry.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {FacilityId, PartyId, ProductId} from "../types/Ids.sol";
import {FLOATING} from "../types/LoanTermsWord.sol";
import {FINANCIER, PLATFORM} from "../types/PartyRoles.sol";
import {COUNTED_ON_TIER, COUNTED_UNDER_RULES} from "./BorrowerBook.sol";
import {DrawControl} from "./DrawControl.sol";
import {Book, FacilityRecord, LendingContext} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";
import {LoanFees} from "./LoanFees.sol";
import {Settlement} from "./Settlement.sol";

/// @title Facilities: agreed by signatures, secured by a deposit, closed. Linked to Facilities.
/// @notice See {IFacilities} for the specification.
library FacilityAgreement {
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "FacilityTerms(uint256 productId,uint32 version,address lender,address borrower,address entruster,"
        "uint24 annualRate,uint24 administrationFee,uint64 limit,uint64 deposit,uint24 firstDay,uint24 lastDay,"
        "uint64 coolingOffAmount,uint16 coolingOffHours,uint8 endEvents,uint8 correctionDays,int24 spread,"
        "uint64 flatFee,uint24 drawFee,uint24 periodicFee,bytes32 legalTextHash,uint40 deadline,uint256 nonce)"
    );

    uint256 private constant MAX_CORRECTION_DAYS = 30;

    /// @notice See {IFacilities.agree}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @param signatures The signatures of lender, borrower and entruster.
    /// @return facilityId The new facility.
    function agree(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        IFacilities.FacilityTerms calldata terms,
        bytes[3] calldata signatures
    ) external returns (FacilityId facilityId) {
        bytes32 digest = digestOf(domain, terms);
        Settlement.useTerms(book, digest, terms.deadline);
        IProducts.ProductTerms memory product = _productInForce(context, terms);
        _checkParties(context, product.funding, terms);
        _checkTerms(context.today, product, terms);
        // A currency that does not answer now could never show later that it stands still.
        if (!CurrencyClock.moves(product.currency)) revert IFacilities.CurrencyStands(product.currency);
        Settlement.requireSigned(book, context, terms.lender, digest, signatures[0]);
        Settlement.requireSigned(book, context, terms.borrower, digest, signatures[1]);
        if (terms.entruster != address(0)) {
            Settlement.requireSigned(book, context, terms.entruster, digest, signatures[2]);
        }

        PartyId borrowerParty = context.registry.partyOf(terms.borrower);
        _raiseAgreed(book, borrowerParty, product.borrowerLimit, terms);
        facilityId = FacilityId.wrap(++book.facilityCount);
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        facilityRow.lender = terms.lender;
        facilityRow.firstDay = terms.firstDay;
        facilityRow.lastDay = terms.lastDay;
        facilityRow.annualRate = terms.annualRate;
        facilityRow.administrationFee = terms.administrationFee;
        facilityRow.borrower = terms.borrower;
        facilityRow.limit = terms.limit;
        facilityRow.version = terms.version;
        facilityRow.currency = product.currency;
        facilityRow.productId = uint64(terms.productId);
        facilityRow.entruster = terms.entruster;
        facilityRow.deposit = terms.deposit;
        facilityRow.borrowerParty = uint32(PartyId.unwrap(borrowerParty));
        facilityRow.termsHash = digest;
        facilityRow.coolingOffAmount = terms.coolingOffAmount;
        facilityRow.coolingOffHours = terms.coolingOffHours;
        facilityRow.endEvents = terms.endEvents;
        facilityRow.committedAt = uint40(block.timestamp);
        facilityRow.agreedTier = _tierOf(context, borrowerParty, terms.endEvents);
        facilityRow.ruleSet = product.ruleSet;
        facilityRow.counted =
            (product.minTier == 0 ? 0 : COUNTED_ON_TIER) | (product.ruleSet == 0 ? 0 : COUNTED_UNDER_RULES);
        _price(context, facilityRow, terms);
        if (terms.correctionDays != 0) book.correctionDays[facilityId] = terms.correctionDays;
        emit IFacilities.FacilityAgreed(facilityId, terms.lender, terms.borrower, terms);
    }

    /// @notice See {IFacilities.payDeposit}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency.
    function payDeposit(Book storage book, LendingContext memory context, FacilityId facilityId, uint64 amount)
        external
    {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        if (facilityRow.closed) revert IFacilities.FacilityIsClosed(facilityId);
        uint64 missing = facilityRow.deposit - facilityRow.depositHeld;
        if (amount == 0 || amount > missing) revert IFacilities.TermOutOfRange("deposit", amount, 1, missing);
        facilityRow.depositHeld += amount;
        emit IFacilities.DepositPaid(facilityId, context.sender, amount, facilityRow.depositHeld);
        Unclaimed.pull(facilityRow.currency, context.sender, amount);
    }

    /// @notice See {IFacilities.forcedWithdrawDeposit}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdrawDeposit(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        address to,
        uint64 amount,
        bytes32 orderHash
    ) external {
        Settlement.requireCourt(context);
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        _requireUnused(book, facilityId, facilityRow);
        uint64 held = facilityRow.depositHeld;
        if (amount == 0 || amount > held) revert IFacilities.TermOutOfRange("amount", amount, 1, held);
        // Money of an address of no party would belong to nobody once the address joins a party.
        context.registry.requireReceiver(to);
        facilityRow.depositHeld = held - amount;
        emit IFacilities.DepositTaken(facilityId, to, amount, held - amount, orderHash);
        Settlement.move(book, context, facilityRow.currency, address(this), to, amount);
    }

    /// @notice See {IFacilities.close}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    function close(Book storage book, LendingContext memory context, FacilityId facilityId) external {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        address borrower = facilityRow.borrower;
        if (context.registry.actsFor(context.sender, borrower)) borrower = context.sender;
        else Settlement.requireLender(context, facilityId, facilityRow);
        if (facilityRow.closed) revert IFacilities.FacilityIsClosed(facilityId);
        _requireUnused(book, facilityId, facilityRow);
        facilityRow.closed = true;
        uint64 held = facilityRow.depositHeld;
        facilityRow.depositHeld = 0;
        book.agreedLimits[
            ProductId.wrap(facilityRow.productId)
        ][PartyId.wrap(facilityRow.borrowerParty)] -= facilityRow.limit;
        emit IFacilities.FacilityClosed(facilityId, held);
        Settlement.move(book, context, facilityRow.currency, address(this), borrower, held);
    }

    /// @notice See {IFacilities.acceptDebtor}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    /// @param isAccepted True if its debts may become collateral.
    function acceptDebtor(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        address debtor,
        bool isAccepted
    ) external {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        Settlement.requireLender(context, facilityId, facilityRow);
        PartyId party = context.registry.partyOf(debtor);
        if (party.isNull()) revert IPartyRegistry.AccountUnknown(debtor);
        if (book.accepted[facilityId][party] != isAccepted) {
            book.accepted[facilityId][party] = isAccepted;
            if (isAccepted) {
                ++facilityRow.acceptedDebtors;
                book.acceptedAfter[facilityId][party] = book.loanCount;
            } else {
                --facilityRow.acceptedDebtors;
            }
        }
        emit IFacilities.DebtorAccepted(facilityId, debtor, isAccepted);
    }

    /// @notice See {IFacilities.facilityDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param terms The terms.
    /// @return The digest.
    function digestOf(bytes32 domain, IFacilities.FacilityTerms calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(TERMS_TYPEHASH, terms)));
    }

    /// @notice See {IFacilities.facility}.
    /// @param book The stored state of Facilities.
    /// @param facilityId The facility.
    /// @return The facility.
    function facilityOf(Book storage book, FacilityId facilityId) external view returns (IFacilities.Facility memory) {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        return IFacilities.Facility({
            termsHash: facilityRow.termsHash,
            productId: facilityRow.productId,
            version: facilityRow.version,
            lender: facilityRow.lender,
            borrower: facilityRow.borrower,
            entruster: facilityRow.entruster,
            currency: facilityRow.currency,
            annualRate: facilityRow.annualRate,
            administrationFee: facilityRow.administrationFee,
            limit: facilityRow.limit,
            deposit: facilityRow.deposit,
            firstDay: facilityRow.firstDay,
            lastDay: facilityRow.lastDay,
            outstanding: facilityRow.outstanding,
            drawn: facilityRow.drawn,
            depositHeld: facilityRow.depositHeld,
            overdueLoans: facilityRow.overdueLoans,
            openLoans: facilityRow.openLoans,
            closed: facilityRow.closed,
            coolingOffAmount: facilityRow.coolingOffAmount,
            coolingOffHours: facilityRow.coolingOffHours,
            endEvents: facilityRow.endEvents,
            suspendedBy: facilityRow.suspendedBy,
            isFloating: facilityRow.extras & FLOATING != 0,
            spread: facilityRow.spread
        });
    }

    /// @dev Loans that were sold count too: their principal is in the facility's limit, and its deposit secures them.
    function _requireUnused(Book storage book, FacilityId facilityId, FacilityRecord storage facilityRow) private view {
        uint64 sold = book.sold[facilityId];
        if (facilityRow.openLoans != 0 || sold != 0) {
            revert IFacilities.FacilityInUse(facilityId, facilityRow.outstanding + sold);
        }
    }

    function _productInForce(LendingContext memory context, IFacilities.FacilityTerms calldata terms)
        private
        view
        returns (IProducts.ProductTerms memory)
    {
        ProductId productId = ProductId.wrap(terms.productId);
        (uint32 version,) = context.products.current(productId);
        if (version != terms.version) revert IFacilities.VersionNotInForce(productId, terms.version, version);
        return context.products.openTerms(productId, version);
    }

    function _checkParties(
        LendingContext memory context,
        IProducts.Funding funding,
        IFacilities.FacilityTerms calldata terms
    ) private view {
        _requireOthers(context, terms.lender, terms.borrower);
        context.registry.requireValidForRisk(terms.lender, funding == IProducts.Funding.Platform ? PLATFORM : FINANCIER);
        context.registry.requireValid(terms.borrower, 0);
        bool entrusted = funding == IProducts.Funding.Entrusted;
        if (entrusted) {
            // Otherwise one party could lend to itself, fail, and let the others bear its loss.
            _requireOthers(context, terms.entruster, terms.borrower);
            context.registry.requireValid(terms.entruster, 0);
        }
        _within("entruster", uint160(terms.entruster), entrusted ? 1 : 0, entrusted ? type(uint160).max : 0);
        _within("administrationFee", terms.administrationFee, 0, entrusted ? 1_000_000 : 0);
    }

    function _requireOthers(LendingContext memory context, address lender, address borrower) private view {
        if (context.registry.partyOf(lender) == context.registry.partyOf(borrower)) {
            revert IFacilities.SamePartyBothSides(lender, borrower);
        }
    }

    function _checkTerms(uint256 today, IProducts.ProductTerms memory product, IFacilities.FacilityTerms calldata terms)
        private
        pure
    {
        _within("annualRate", terms.annualRate, product.minRate, product.maxRate);
        _within("limit", terms.limit, 1, product.borrowerLimit);
        _within("deposit", terms.deposit, 0, terms.limit);
        _within("lastDay", terms.lastDay, today > terms.firstDay ? today : terms.firstDay, type(uint24).max);
        _within("coolingOffHours", terms.coolingOffHours, 0, DrawControl.MAX_COOLING_OFF_HOURS);
        // An amount without hours would promise a wait that never comes.
        _within("coolingOffAmount", terms.coolingOffAmount, 0, terms.coolingOffHours == 0 ? 0 : ClaimShares.MAX_AMOUNT);
        _within("endEvents", terms.endEvents, 0, DrawControl.ALL_END_EVENTS);
        _within("correctionDays", terms.correctionDays, 0, MAX_CORRECTION_DAYS);
        if (terms.legalTextHash != product.legalTextHash) {
            revert IFacilities.LegalTextDiffers(terms.legalTextHash, product.legalTextHash);
        }
    }

    /// @dev Under a product with a floating rate the parties sign what is added to the reference; and the service fees.
    function _price(
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        IFacilities.FacilityTerms calldata terms
    ) private {
        IProducts.FloatingTerms memory floating = context.products
        .floatingTerms(ProductId.wrap(terms.productId), terms.version);
        if (terms.spread < floating.minSpread || terms.spread > floating.maxSpread) {
            revert IFacilities.SpreadOutOfRange(terms.spread, floating.minSpread, floating.maxSpread);
        }
        if (floating.referenceCode != 0) {
            facilityRow.extras = FLOATING;
            facilityRow.spread = terms.spread;
        }
        LoanFees.agree(facilityRow, floating, terms);
    }

    /// @dev The tier with which later ones are compared.
    function _tierOf(LendingContext memory context, PartyId borrower, uint8 endEvents)
        private
        view
        returns (uint8 tier)
    {
        if (endEvents & DrawControl.END_ON_TIER == 0) return 0;
        tier = context.credit.creditOf(borrower).tier;
        if (tier == 0) revert ICreditRegistry.TierMissing(borrower);
    }

    /// @dev Adds up all facilities of one borrower under a product.
    function _raiseAgreed(Book storage book, PartyId borrower, uint256 max, IFacilities.FacilityTerms calldata terms)
        private
    {
        ProductId productId = ProductId.wrap(terms.productId);
        uint256 agreed = book.agreedLimits[productId][borrower] + terms.limit;
        if (agreed > max) revert ILoans.LimitExceeded("borrowerLimit", agreed, max);
        book.agreedLimits[productId][borrower] = agreed;
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IFacilities.TermOutOfRange(term, value, min, max);
    }
}
