// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {FacilityId, PartyId, ProductId} from "../types/Ids.sol";
import {Book, FacilityRecord, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {Settlement} from "./Settlement.sol";

/// @title Lines of credit: agreed by signatures, secured by a deposit, closed; linked to Facilities.
library FacilityLines {
    uint16 private constant BANK = 4;
    uint16 private constant PLATFORM = 16;
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "FacilityTerms(uint256 productId,uint32 version,address lender,address borrower,address entruster,"
        "uint24 annualRate,uint24 administrationFee,uint64 limit,uint64 deposit,uint24 firstDay,uint24 lastDay,"
        "bytes32 legalTextHash,uint40 deadline,uint256 nonce)"
    );

    /// @notice See IFacilities.agree.
    function agree(
        Book storage book,
        Surroundings memory around,
        bytes32 domain,
        IFacilities.FacilityTerms calldata terms,
        bytes[3] calldata signatures
    ) external returns (FacilityId facilityId) {
        bytes32 digest = digestOf(domain, terms);
        Settlement.usePaper(book, digest, terms.deadline);
        IProducts.ProductTerms memory product = _productInForce(around, terms);
        _checkParties(around, product.funding, terms);
        _checkTerms(around.today, product, terms);
        // One that does not answer now could never show later that it stands still.
        if (!CurrencyClock.moves(product.currency)) revert IFacilities.CurrencyStands(product.currency);
        Settlement.requireSigned(book, around, terms.lender, digest, signatures[0]);
        Settlement.requireSigned(book, around, terms.borrower, digest, signatures[1]);
        if (terms.entruster != address(0)) {
            Settlement.requireSigned(book, around, terms.entruster, digest, signatures[2]);
        }

        PartyId borrowerParty = around.registry.partyOf(terms.borrower);
        _raiseAgreed(book, borrowerParty, product.borrowerLimit, terms);
        facilityId = FacilityId.wrap(++book.facilityCount);
        FacilityRecord storage line = book.facilities[facilityId];
        line.lender = terms.lender;
        line.firstDay = terms.firstDay;
        line.lastDay = terms.lastDay;
        line.annualRate = terms.annualRate;
        line.administrationFee = terms.administrationFee;
        line.borrower = terms.borrower;
        line.limit = terms.limit;
        line.version = terms.version;
        line.currency = product.currency;
        line.productId = uint64(terms.productId);
        line.entruster = terms.entruster;
        line.deposit = terms.deposit;
        line.borrowerParty = uint32(PartyId.unwrap(borrowerParty));
        line.termsHash = digest;
        emit IFacilities.FacilityAgreed(facilityId, terms.lender, terms.borrower, terms);
    }

    /// @notice See IFacilities.payDeposit.
    function payDeposit(Book storage book, Surroundings memory around, FacilityId facilityId, uint64 amount) external {
        FacilityRecord storage line = _known(book, facilityId);
        if (line.closed) revert IFacilities.FacilityIsClosed(facilityId);
        uint64 missing = line.deposit - line.depositHeld;
        if (amount == 0 || amount > missing) revert IFacilities.TermOutOfRange("deposit", amount, 1, missing);
        line.depositHeld += amount;
        emit IFacilities.DepositPaid(facilityId, around.sender, amount, line.depositHeld);
        Unclaimed.pull(line.currency, around.sender, amount);
    }

    /// @notice See IFacilities.close.
    function close(Book storage book, Surroundings memory around, FacilityId facilityId) external {
        FacilityRecord storage line = _known(book, facilityId);
        address borrower = line.borrower;
        if (around.registry.actsFor(around.sender, borrower)) borrower = around.sender;
        else Settlement.requireLender(around, facilityId, line);
        if (line.closed) revert IFacilities.FacilityIsClosed(facilityId);
        if (line.openLoans != 0) revert IFacilities.FacilityInUse(facilityId, line.outstanding);
        line.closed = true;
        uint64 held = line.depositHeld;
        line.depositHeld = 0;
        book.agreedLimits[ProductId.wrap(line.productId)][PartyId.wrap(line.borrowerParty)] -= line.limit;
        emit IFacilities.FacilityClosed(facilityId, held);
        Settlement.move(book, around, line.currency, address(this), borrower, held);
    }

    /// @notice See IFacilities.acceptDebtor.
    function acceptDebtor(
        Book storage book,
        Surroundings memory around,
        FacilityId facilityId,
        address debtor,
        bool isAccepted
    ) external {
        FacilityRecord storage line = _known(book, facilityId);
        Settlement.requireLender(around, facilityId, line);
        PartyId party = around.registry.partyOf(debtor);
        if (PartyId.unwrap(party) == 0) revert IPartyRegistry.AccountUnknown(debtor);
        if (book.accepted[facilityId][party] != isAccepted) {
            book.accepted[facilityId][party] = isAccepted;
            if (isAccepted) ++line.acceptedDebtors;
            else --line.acceptedDebtors;
        }
        emit IFacilities.DebtorAccepted(facilityId, debtor, isAccepted);
    }

    /// @notice What the parties sign.
    function digestOf(bytes32 domain, IFacilities.FacilityTerms calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(TERMS_TYPEHASH, terms)));
    }

    /// @notice See IFacilities.facility.
    function facilityOf(Book storage book, FacilityId facilityId) external view returns (IFacilities.Facility memory) {
        FacilityRecord storage line = _known(book, facilityId);
        return IFacilities.Facility({
            termsHash: line.termsHash,
            productId: line.productId,
            version: line.version,
            lender: line.lender,
            borrower: line.borrower,
            entruster: line.entruster,
            currency: line.currency,
            annualRate: line.annualRate,
            administrationFee: line.administrationFee,
            limit: line.limit,
            deposit: line.deposit,
            firstDay: line.firstDay,
            lastDay: line.lastDay,
            outstanding: line.outstanding,
            drawn: line.drawn,
            depositHeld: line.depositHeld,
            overdueLoans: line.overdueLoans,
            openLoans: line.openLoans,
            closed: line.closed
        });
    }

    function _known(Book storage book, FacilityId facilityId) private view returns (FacilityRecord storage line) {
        line = book.facilities[facilityId];
        if (line.lender == address(0)) revert IFacilities.FacilityUnknown(facilityId);
    }

    function _productInForce(Surroundings memory around, IFacilities.FacilityTerms calldata terms)
        private
        view
        returns (IProducts.ProductTerms memory)
    {
        ProductId productId = ProductId.wrap(terms.productId);
        (uint32 version,) = around.products.current(productId);
        if (version != terms.version) revert IFacilities.VersionNotInForce(productId, terms.version, version);
        return around.products.openTerms(productId, version);
    }

    function _checkParties(
        Surroundings memory around,
        IProducts.Funding funding,
        IFacilities.FacilityTerms calldata terms
    ) private view {
        _requireOthers(around, terms.lender, terms.borrower);
        around.registry.requireValidForRisk(terms.lender, funding == IProducts.Funding.Platform ? PLATFORM : BANK);
        around.registry.requireValid(terms.borrower, 0);
        bool entrusted = funding == IProducts.Funding.Entrusted;
        if (entrusted) {
            // Else one party could lend to itself, fail, and have the others bear its loss.
            _requireOthers(around, terms.entruster, terms.borrower);
            around.registry.requireValid(terms.entruster, 0);
        }
        _within("entruster", uint160(terms.entruster), entrusted ? 1 : 0, entrusted ? type(uint160).max : 0);
        _within("administrationFee", terms.administrationFee, 0, entrusted ? 1_000_000 : 0);
    }

    function _requireOthers(Surroundings memory around, address lender, address borrower) private view {
        if (PartyId.unwrap(around.registry.partyOf(lender)) == PartyId.unwrap(around.registry.partyOf(borrower))) {
            revert IFacilities.SamePartyBothSides(lender, borrower);
        }
    }

    function _checkTerms(uint256 today, IProducts.ProductTerms memory product, IFacilities.FacilityTerms calldata terms)
        private
        pure
    {
        _within("annualRate", terms.annualRate, product.leastRate, product.mostRate);
        _within("limit", terms.limit, 1, product.borrowerLimit);
        _within("deposit", terms.deposit, 0, terms.limit);
        _within("lastDay", terms.lastDay, today > terms.firstDay ? today : terms.firstDay, type(uint24).max);
        if (terms.legalTextHash != product.legalTextHash) {
            revert IFacilities.LegalTextDiffers(terms.legalTextHash, product.legalTextHash);
        }
    }

    /// @dev All lines of one borrower under a product together.
    function _raiseAgreed(Book storage book, PartyId borrower, uint256 most, IFacilities.FacilityTerms calldata terms)
        private
    {
        ProductId productId = ProductId.wrap(terms.productId);
        uint256 agreed = book.agreedLimits[productId][borrower] + terms.limit;
        if (agreed > most) revert IFacilities.LimitExceeded("borrowerLimit", agreed, most);
        book.agreedLimits[productId][borrower] = agreed;
    }

    function _within(bytes32 term, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least || given > most) revert IFacilities.TermOutOfRange(term, given, least, most);
    }
}
