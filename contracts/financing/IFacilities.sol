// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimCollector} from "../assets/IClaimCollector.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, ReceivableId} from "../types/Ids.sol";
import {IProducts} from "./IProducts.sol";

/// @title Lines that both parties signed, and the loans drawn on them.
/// @notice Sign once, draw and repay many times. Amounts are minor units of the product's currency, days are day numbers,
/// rates and shares parts per million. A pause, a closed product or a tripped breaker stops draws, and never a repayment, a
/// collection or a release.
interface IFacilities is IClaimCollector {
    enum Status {
        None,
        Running,
        Defaulted,
        WrittenOff, // forgives nothing
        Repaid
    }

    /// EIP-712 `FacilityTerms` over exactly these fields, in the domain "Cession Facilities", version 1.
    struct FacilityTerms {
        uint256 productId;
        uint32 version; // of the product, as in force when the line is agreed
        address lender; // the bank, the platform, or the bank that administers
        address borrower;
        address entruster; // whose money an entrusted loan is (its principal); zero for others
        uint24 annualRate;
        uint24 administrationFee; // share of interest and penalty that the administering bank keeps
        uint64 limit;
        uint64 deposit; // that the borrower pays in before it draws
        uint24 firstDay;
        uint24 lastDay; // on which one may draw
        bytes32 legalTextHash;
        uint256 nonce;
    }

    struct DrawRequest {
        uint256 facilityId;
        uint64 amount;
        LoanMath.Style style;
        uint16 tenor; // days for Bullet, months for schedules, 0 for BillingCycle
        uint256 coverId; // claim or order, as the product has it; 0 for none
    }

    /// EIP-712 `SetOff`: a claim is handed over in place of money, at a value that lender and borrower sign.
    struct SetOff {
        uint256 loanId;
        uint256 claimId;
        uint96 claimValue; // face that is handed over
        uint64 credit; // what it counts for
        bytes32 papersRoot;
        uint256 nonce;
    }

    /// EIP-712 `Extension`: a later due day of a bullet loan, or more periods of a schedule.
    struct Extension {
        uint256 loanId;
        uint24 dueDay; // Bullet
        uint8 periods; // schedules
        uint256 nonce;
    }

    struct Facility {
        bytes32 termsHash;
        uint256 productId;
        uint32 version;
        address lender;
        address borrower;
        address entruster;
        address currency;
        uint24 annualRate;
        uint24 administrationFee;
        uint64 limit;
        uint64 deposit;
        uint24 firstDay;
        uint24 lastDay;
        uint64 outstanding; // principal
        uint64 drawn; // in all its time
        uint64 depositHeld;
        uint24 overdueLoans; // marked
        uint32 openLoans; // not repaid
        bool closed;
    }

    struct Loan {
        FacilityId facilityId;
        Status status;
        uint64 drawn;
        IProducts.Cover cover;
        uint256 coverId;
        bool markedOverdue;
        bool lossRecorded;
        LoanMath.Terms terms;
        LoanMath.State state; // as of today
        LoanMath.Parts due; // today
        LoanMath.Parts payoff; // today
    }

    event FacilityAgreed(
        FacilityId indexed facilityId, address indexed lender, address indexed borrower, FacilityTerms terms
    );
    event FacilityClosed(FacilityId indexed facilityId, uint64 depositReturned);
    event DepositUsed(FacilityId indexed facilityId, LoanId indexed loanId, uint64 amount, uint64 held);
    event DepositPaid(FacilityId indexed facilityId, address indexed payer, uint64 amount, uint64 held);
    /// Its other terms are those of the facility and of its product's version.
    event LoanDrawn(
        LoanId indexed loanId,
        FacilityId indexed facilityId,
        ProductId indexed productId,
        uint64 amount,
        LoanMath.Style style,
        uint8 periods,
        uint24 startDay,
        uint24 dueDay, // of Bullet and BillingCycle
        uint256 shifts,
        uint256 coverId,
        uint64 reserveShare
    );
    event LoanRepaid(
        LoanId indexed loanId, address indexed payer, uint24 day, LoanMath.Parts parts, uint64 outstanding
    );
    event LoanEnded(LoanId indexed loanId, uint24 day);
    event LoanAccrued(LoanId indexed loanId, uint24 day, uint64 due, uint64 payoff);
    event LoanExtended(LoanId indexed loanId, uint24 dueDay, uint8 periods, uint256 shifts);
    event LoanInInstalments(LoanId indexed loanId, uint24 startDay, uint8 periods, uint256 shifts);
    event LoanOverdue(LoanId indexed loanId, FacilityId indexed facilityId, uint64 outstanding, uint24 day);
    event LoanDefaulted(LoanId indexed loanId, FacilityId indexed facilityId, uint64 outstanding, uint24 day);
    event LoanLossRecorded(LoanId indexed loanId, uint64 fromDeposit, uint64 loss, uint64 covered);
    event LoanWrittenOff(LoanId indexed loanId, uint64 outstanding, uint24 day);
    event ClaimSetOff(
        LoanId indexed loanId, uint256 indexed claimId, uint96 claimValue, uint64 credit, bytes32 papersRoot
    );
    event CostsCharged(LoanId indexed loanId, uint64 amount, bytes32 papersHash);
    event CoverPassed(LoanId indexed loanId, OrderId indexed orderId, ClaimId indexed claimId);
    event CoverReleased(LoanId indexed loanId, IProducts.Cover cover, uint256 coverId);
    event CollectedForLoan(LoanId indexed loanId, ClaimId indexed claimId, uint64 taken, uint64 toOwner);
    event Kept(address indexed party, address indexed currency, uint256 amount);
    event KeptReleased(address indexed party, address indexed currency, uint256 amount);

    error FacilityUnknown(FacilityId facilityId);
    error LoanUnknown(LoanId loanId);
    error StateForbids(LoanId loanId, Status status);
    error SignatureInvalid(address signer, bytes32 digest);
    error TermsUsed(bytes32 termsHash);
    error VersionNotInForce(ProductId productId, uint32 given, uint32 inForce);
    error TermOutOfRange(bytes32 term, uint256 given, uint256 least, uint256 most);
    error LegalTextDiffers(bytes32 given, bytes32 ofProduct);
    error SamePartyBothSides(address lender, address borrower);
    error NotBorrower(FacilityId facilityId, address borrower, address caller);
    error NotLender(FacilityId facilityId, address lender, address caller);
    error FacilityIsClosed(FacilityId facilityId);
    error FacilityInUse(FacilityId facilityId, uint64 outstanding);
    error FacilityNotInTime(FacilityId facilityId, uint256 today, uint24 firstDay, uint24 lastDay);
    error FacilityOverdue(FacilityId facilityId, uint24 overdueLoans);
    error DepositMissing(FacilityId facilityId, uint64 held, uint64 needed);
    error LimitExceeded(bytes32 limit, uint256 wanted, uint256 most);
    error StyleNotAllowed(LoanMath.Style style, uint8 allowed);
    error BreakerTripped(ProductId productId, uint64 overdue, uint64 outstanding, uint24 breaker);
    error CoverInUse(uint256 coverId, LoanId loanId);
    error CoverNotOfBorrower(uint256 coverId, address owner, address borrower);
    error CoverNotGood(uint256 coverId, uint8 status);
    error CoverInOtherCurrency(uint256 coverId, address currency, address needed);
    error CoverTooSmall(uint256 coverId, uint256 advance, uint256 needed);
    error CoverNotExhausted(LoanId loanId, uint256 coverId);
    error CannotFund(address account, address currency, uint256 amount);
    error TransferTookFee(address currency, uint256 expected, uint256 received);
    error NothingOwed(LoanId loanId);
    error NotOverdue(LoanId loanId);
    error SetOffExceedsDebt(LoanId loanId, uint64 credit, uint256 owed);
    error TooEarly(LoanId loanId, uint256 today, uint256 earliest);
    error NotReceivables(address caller);
    error CoverMissing(LoanId loanId);
    error NothingKept(address party, address currency);

    // ------------------------------------------------------------------ lines

    /// Sent by anyone with the signatures of lender and borrower, and of the entruster where there is one. The product is open
    /// and the version in force; parties are valid; roles: lender 4 (bank) or 16 (platform).
    function agree(
        FacilityTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature,
        bytes calldata entrusterSignature
    ) external returns (FacilityId);
    /// From the caller's own money, up to what the terms ask for.
    function payDeposit(FacilityId facilityId, uint64 amount) external;
    /// By lender or borrower when nothing is outstanding: no draw any more, the deposit goes back to the borrower.
    function close(FacilityId facilityId) external;

    // ------------------------------------------------------------------ loans

    /// By the borrower. Money goes from the lender's account (the entruster's) to the borrower's in this transaction; a lien
    /// comes on the cover, for which the borrower has approved this contract as operator.
    function draw(DrawRequest calldata request) external returns (LoanId);
    /// By anyone, from its own money: takes at most what is owed today and says where it went.
    function repay(LoanId loanId, uint64 amount) external returns (LoanMath.Parts memory parts);
    /// The same for several, in the order given (a bill's purchases), at most `amount` in all; those repaid already are
    /// passed over, so that nobody stops a bill's payment by paying one of its purchases.
    function repayMany(LoanId[] calldata loanIds, uint64 amount) external returns (uint64 taken);
    /// Stores what has run up by today. Never needed, and changes nothing that is owed.
    function accrue(LoanId loanId) external;
    /// Both signed; nothing of the loan may be overdue or in grace.
    function extend(Extension calldata extension, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;
    /// By the borrower before the bill's due day has passed: its purchases become schedules of equal instalments from that
    /// day, over `months` that the product allows.
    function payInInstalments(LoanId[] calldata loanIds, uint8 months) external;
    /// Both signed (for an entrusted loan the entruster in the lender's place). The claim is the loan's cover, or a free one
    /// of the borrower; it goes to the one whose money is lent, free of lien when handed over whole; the entruster
    /// pays the administering bank its fee in money. Not after a loss was recorded.
    function setOff(SetOff calldata given, bytes calldata lenderSignature, bytes calldata borrowerSignature) external;
    /// Costs of enforcement that the borrower signed for: `Costs(uint256 loanId,uint64 amount,bytes32 papersHash,uint256 nonce)`.
    function chargeCosts(
        LoanId loanId,
        uint64 amount,
        bytes32 papersHash,
        uint256 nonce,
        bytes calldata borrowerSignature
    ) external;

    // ------------------------------------------------------------------ cover

    /// The invoice of an order under lien is confirmed (with the debtor's signature, or it is already) and the loan passes to
    /// its claim, in one transaction; by borrower, debtor or lender. The claim must cover what is outstanding.
    function passToReceivable(LoanId loanId, ReceivableId receivableId, ClaimId claimId, bytes calldata debtorSignature)
        external
        returns (ClaimId);
    // onCollected (IClaimCollector): goes through the loan's waterfall, and the rest to the claim's owner; all of it under a
    // lien that the owner put on for no loan.

    // ------------------------------------------------------------------ loss

    /// By anyone, once something is unpaid beyond its grace: the loan counts as overdue for its product's breaker until it is
    /// repaid up to date.
    function markOverdue(LoanId loanId) external;
    /// By the lender (the administering bank or the entruster) once something is unpaid beyond its grace: all falls due.
    function declareDefault(LoanId loanId) external;
    /// By the same, of a defaulted loan whose cover is gone or whose debtor has defaulted too: takes the borrower's deposit,
    /// then reserve, sharers and insurer for the principal still outstanding (RiskReserve).
    function recordLoss(LoanId loanId) external returns (uint64 covered);
    /// By the same, after the write-off days; forgives nothing.
    function writeOff(LoanId loanId) external;
    /// By the same: the default of the debtor of a claim under lien, which its lienholder may declare.
    function declareDebtDefault(LoanId loanId) external;

    /// Money of a party that could not receive it when it was paid; by anyone, once the party is valid again.
    function releaseKept(address party, address currency) external;

    // ------------------------------------------------------------------ views

    function facility(FacilityId facilityId) external view returns (Facility memory);
    function loan(LoanId loanId) external view returns (Loan memory);
    function loanOfClaim(ClaimId claimId) external view returns (LoanId);
    function loanOfOrder(OrderId orderId) external view returns (LoanId);
    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue);
    /// What waits for a party that could not be paid.
    function keptOf(address party, address currency) external view returns (uint256);
    function facilityDigest(FacilityTerms calldata terms) external view returns (bytes32);
    function setOffDigest(SetOff calldata given) external view returns (bytes32);
    function extensionDigest(Extension calldata extension) external view returns (bytes32);
    function costsDigest(LoanId loanId, uint64 amount, bytes32 papersHash, uint256 nonce)
        external
        view
        returns (bytes32);
}
