// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimCollector} from "../assets/IClaimCollector.sol";
import {IPurchaseOrders} from "../assets/IPurchaseOrders.sol";
import {IReceiptLienholder} from "../assets/IReceiptLienholder.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, LotId, OrderId, ProductId, ReceiptId, ReceivableId} from "../types/Ids.sol";
import {IProducts} from "./IProducts.sol";

/// @title Lines that both parties signed, and the loans drawn on them.
/// @notice Sign once, draw and repay many times. Amounts are minor units of the product's currency, days are day numbers,
/// rates and shares parts per million. A pause, a closed product or a tripped breaker stops draws, and never a repayment, a
/// collection or a release.
interface IFacilities is IClaimCollector, IReceiptLienholder {
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
        uint40 deadline; // UTC seconds, exclusive
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
        uint40 deadline; // UTC seconds, exclusive
        uint256 nonce;
    }

    /// EIP-712 `Extension`: a later due day of a bullet loan, or more periods of a schedule.
    struct Extension {
        uint256 loanId;
        uint24 dueDay; // Bullet
        uint8 periods; // schedules
        uint40 deadline; // UTC seconds, exclusive
        uint256 nonce;
    }

    /// One thing of the cover of a loan on goods; at most 16 a loan.
    struct Piece {
        IProducts.Cover kind; // Receipt, Claim, or the Order that the goods came from
        uint256 id;
        uint96 value; // how much of it, where a part can be meant; 0: all
    }

    /// EIP-712 `InKind`: goods are handed over in place of money, at a value that both sign, as in `SetOff`.
    struct InKind {
        uint256 loanId;
        uint256 receiptId;
        uint96 quantity; // thousandths of the unit
        uint64 credit; // what it counts for
        bytes32 papersRoot;
        uint40 deadline; // UTC seconds, exclusive
        uint256 nonce;
    }

    /// EIP-712 `BuyBack`, signed by the undertaker: a standing bid in every liquidation of the line's loans that begins by `lastDay`.
    /// It buys what is needed at `share` of the goods' value, or all goods for the debt where that share of all pays less, up to
    /// `most` in all, as soon as the auction asks no more than that. It has approved this contract on the currency.
    struct BuyBack {
        uint256 facilityId;
        address undertaker;
        uint24 share;
        uint64 most;
        uint24 lastDay;
        bytes32 legalTextHash;
        uint40 deadline; // UTC seconds, exclusive
        uint256 nonce;
    }

    /// Cover of a loan on goods as it counts now, and what is under way.
    struct CoverState {
        Piece[] pieces;
        uint256 lendable; // goods * price * (1 - haircut), claims and orders at their advance
        uint256 market; // goods before the haircut, at the last price where none counts
        bool priced; // every receipt has a price that counts
        uint24 calledDay; // 0: no margin call
        uint24 lastDay; // to cure
        uint40 auctionStart; // UTC seconds, when the round begins; 0: none
        uint40 auctionEnd; // later by every second in which the currency stands
        uint64 price; // of what a bid buys now
        uint64 floorPrice; // of all goods, at the floor
        uint24 factor; // what is asked now, in parts per million of the goods' value at the last good appraisal
        uint24 floorFactor;
        uint8 round; // of the auction, from 1; 4 at most
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
        LoanMath.State state; // as of the loan's own day: today less the days lost
        LoanMath.Parts due; // today
        LoanMath.Parts payoff; // today
        uint24 lostDays; // since the draw, in which the currency stood still: they count for nothing
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
    event CoverAdded(LoanId indexed loanId, IProducts.Cover kind, uint256 indexed id);
    event CoverReduced(LoanId indexed loanId, IProducts.Cover kind, uint256 indexed id, uint96 value);
    event CoverPassedToGoods(LoanId indexed loanId, OrderId indexed orderId, ReceiptId indexed receiptId);
    event GoodsPassedToClaim(
        LoanId indexed loanId, ReceiptId indexed receiptId, ClaimId indexed claimId, address buyer, uint96 quantity
    );
    event GivenInKind(
        LoanId indexed loanId, uint256 indexed receiptId, uint96 quantity, uint64 credit, bytes32 papersRoot
    );
    event MarginCalled(LoanId indexed loanId, uint64 debt, uint256 lendable, uint24 lastDay);
    event MarginCured(LoanId indexed loanId, uint64 debt, uint256 lendable);
    event BuyBackAgreed(FacilityId indexed facilityId, address indexed undertaker, BuyBack terms);
    /// The undertaker is not valid any more, is related to a side now, or does not pay; the auction goes on.
    event BuyBackFailed(LoanId indexed loanId, address indexed undertaker, uint64 price);
    event BoughtBack(LoanId indexed loanId, address indexed undertaker, uint64 price, uint64 left);
    /// A round of an auction: factors in parts per million of the goods' value at the prices of `GoodsAppraised`.
    event LiquidationStarted(
        LoanId indexed loanId,
        uint64 debt,
        uint256 lendable,
        uint8 round,
        uint24 startFactor,
        uint24 floorFactor,
        uint40 auctionStart,
        uint40 auctionEnd
    );
    /// What an auction reckons with: the last good price of an item when the auction was opened.
    event GoodsAppraised(LoanId indexed loanId, bytes32 indexed item, uint64 value, uint40 asOf);
    /// No goods are left to sell.
    event AuctionEnded(LoanId indexed loanId);
    /// One receipt of a sale, or a part of one, which is receipt `soldId` from then on.
    event PieceSold(
        LoanId indexed loanId, uint256 indexed receiptId, uint256 indexed soldId, uint96 quantity, uint64 price
    );
    event GoodsSold(LoanId indexed loanId, address indexed buyer, uint64 price, uint64 taken, uint64 toOwner);
    event CollectedForLoan(LoanId indexed loanId, ClaimId indexed claimId, uint64 taken, uint64 toOwner);
    /// By a court, out of what waited for a party.
    event ForcedWithdrawal(
        address indexed from, address indexed currency, address indexed to, uint256 amount, bytes32 orderHash
    );
    /// By a court, out of the deposit of a line that is not in use.
    event DepositTaken(
        FacilityId indexed facilityId, address indexed to, uint64 amount, uint64 held, bytes32 indexed orderHash
    );
    // Those of Unclaimed, CurrencyClock and SignedPapers, for who reads this contract's interface only.
    event Kept(address indexed party, address indexed currency, uint256 amount);
    event KeptReleased(address indexed party, address indexed currency, uint256 amount);
    event CurrencyStopped(address indexed currency, uint40 stoppedAt);
    event CurrencyMoves(address indexed currency, uint40 stoppedAt, uint24 daysLost);
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);
    event DebtorAccepted(FacilityId indexed facilityId, address indexed debtor, bool accepted);

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
    error CurrencyStands(address currency);
    error TransferTookFee(address currency, uint256 expected, uint256 received);
    error NothingKept(address party, address currency);
    error NotOfParty(address account, address caller);
    error SignatureExpired(uint40 deadline, uint256 timestamp);
    error SignatureCancelled(address signer, bytes32 digest);
    error NothingOwed(LoanId loanId);
    error NotOverdue(LoanId loanId);
    error SetOffExceedsDebt(LoanId loanId, uint64 credit, uint256 owed);
    error TooEarly(LoanId loanId, uint256 today, uint256 earliest);
    error NotReceivables(address caller);
    error CoverMissing(LoanId loanId);
    error TooManyPieces(LoanId loanId, uint256 pieces, uint256 most);
    error PieceNotOfLoan(LoanId loanId, IProducts.Cover kind, uint256 id);
    error PieceRefused(IProducts.Cover kind, uint256 id);
    error OlderGoodsFirst(uint256 receiptId, uint256 olderReceiptId);
    error NotOfTheOrder(uint256 orderId, uint256 receiptId);
    error MarginNotAgreed(LoanId loanId);
    error MarginUnchanged(LoanId loanId, uint256 debt, uint256 lendable);
    error NotLiquidable(LoanId loanId, uint256 debt, uint256 lendable, uint24 lastDay);
    error AuctionRuns(LoanId loanId, uint40 auctionEnd);
    error AuctionNotBegun(LoanId loanId, uint40 auctionStart);
    error RestartsUsedUp(LoanId loanId, uint256 most);
    error GoodsNotAppraised(LoanId loanId);
    error NoAuction(LoanId loanId);
    error NoBuyBack(FacilityId facilityId);
    error BuyBackTooLow(LoanId loanId, uint64 price, uint256 asked);
    error CreditBelowFloor(LoanId loanId, uint64 credit, uint256 least);
    error LienServesLoan(IProducts.Cover kind, uint256 id, LoanId loanId);
    error NoIdleLien(IProducts.Cover kind, uint256 id);
    error PriceAboveBid(LoanId loanId, uint64 price, uint64 most);
    error CoverWorse(LoanId loanId, uint256 lendableAfter, uint256 lendableBefore, uint256 debt);
    error NotReceipts(address caller);
    error DebtorNotAccepted(FacilityId facilityId, address debtor);
    error NotCourt(address caller);

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
    /// By lender or borrower when nothing is outstanding: no draw any more, the deposit goes back to the borrower's party: to the
    /// account that closes where it is the party's, else to the borrower's.
    function close(FacilityId facilityId) external;
    /// By the lender: whether debts of this debtor's party may become collateral of the line's loans. While it has accepted any, draws
    /// take claims and orders on those only; collateral is converted into claims on no others ever, but for the buyer of an order that
    /// is collateral already.
    function acceptDebtor(FacilityId facilityId, address debtor, bool accepted) external;
    /// By its signer, also before it is given to anyone: the sender's signature over `digest` (a line's terms, a set-off, an
    /// extension, costs, goods in kind, a buy-back) is refused from now on.
    function cancelSignature(bytes32 digest) external;

    // ------------------------------------------------------------------ loans

    /// By any account of the borrower. Money goes from the lender's account (the entruster's) to the sender's in this transaction; a lien
    /// comes on the cover, for which the borrower has approved this contract as operator.
    function draw(DrawRequest calldata request) external returns (LoanId);
    /// By anyone, from its own money: takes at most what is owed today and says where it went. While the currency stands still
    /// (paused by its issuer) nothing is taken, all parts are zero, and the stop is on record: see `checkCurrency`.
    function repay(LoanId loanId, uint64 amount) external returns (LoanMath.Parts memory parts);
    /// The same for several, in the order given (a bill's purchases), at most `amount` in all; those that cannot be paid (repaid
    /// already, unknown, in another currency that does not come) are passed over, so that nobody stops a bill's payment.
    function repayMany(LoanId[] calldata loanIds, uint64 amount) external returns (uint64 taken);
    /// Stores what has run up by today. Never needed, and changes nothing that is owed.
    function accrue(LoanId loanId) external;
    /// Both signed; nothing of the loan may be overdue or in grace. A due day is a day of the calendar as of now: days lost before
    /// are counted in, and such as are lost later move it.
    function extend(Extension calldata extension, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;
    /// By the borrower before the bill's due day has passed: its purchases become schedules of equal instalments from that
    /// day, over `months` that the product allows.
    function payInInstalments(LoanId[] calldata loanIds, uint8 months) external;
    /// Both signed (for an entrusted loan the entruster in the lender's place). The claim is the loan's cover, or a free one
    /// of the borrower; it goes to the one whose money is lent, free of lien when handed over whole; the entruster
    /// pays the administering bank its fee in money. Not after a loss was recorded. A claim out of the loan's cover counts for no
    /// less than is lent on it, or for all that is owed, until its debtor is in default. What a court split off another loan's
    /// cover is that loan's: `LienServesLoan`, also in `settleInKind`.
    function setOff(SetOff calldata given, bytes calldata lenderSignature, bytes calldata borrowerSignature) external;
    /// Costs of enforcement that the borrower signed for: `Costs(uint256 loanId,uint64 amount,bytes32 papersHash,
    /// uint40 deadline,uint256 nonce)`.
    function chargeCosts(
        LoanId loanId,
        uint64 amount,
        bytes32 papersHash,
        uint40 deadline,
        uint256 nonce,
        bytes calldata borrowerSignature
    ) external;

    // ------------------------------------------------------------------ cover

    /// The invoice of an order under lien is confirmed (with the debtor's signature, or it is already) and the loan passes to
    /// its claim, in one transaction; by borrower, debtor or lender. The claim must cover what is outstanding.
    function passToReceivable(LoanId loanId, ReceivableId receivableId, ClaimId claimId, bytes calldata debtorSignature)
        external
        returns (ClaimId);
    /// As `draw`, under a product whose cover is Receipt: `request.coverId` is 0; the pieces are the borrower's own, free, whole;
    /// at least one receipt. What they are worth to the lender covers the amount, at prices not in doubt.
    function drawOnGoods(DrawRequest calldata request, Piece[] calldata pieces) external returns (LoanId);
    /// By the borrower, in one transaction: pieces come in, pieces or parts go out. When anything goes out, what stays covers the
    /// debt; of the same goods the oldest go out first.
    function changeCover(LoanId loanId, Piece[] calldata added, Piece[] calldata removed) external;
    /// The goods of an order under lien are received, with the buyer's signature over the delivery, and the loan's lien passes to
    /// their receipt; what is not delivered stays with the order. By borrower, buyer or lender.
    function passToGoods(
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        ReceiptId receiptId
    ) external;
    /// By the borrower: goods under lien are invoiced. The receivable is confirmed (with the debtor's signature, or it is already),
    /// the lien passes to its claim, and the goods to the debtor, in one transaction. The cover covers the debt, or no less of
    /// it than before.
    function passGoodsToReceivable(
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        ReceiptId receiptId,
        uint96 quantity
    ) external returns (ClaimId);
    /// Both signed; as `setOff`, with goods. Goods out of the loan's cover count for no less than the auction's floor, or for all
    /// that is owed.
    function settleInKind(InKind calldata given, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;
    /// By an account of the owner's party: takes off a lien of this contract that stands for no loan. Reverts with `NoIdleLien` where
    /// there is none, and `LienServesLoan` while it stands for a loan, also of one out of which a court split the token.
    function releaseIdleLien(IProducts.Cover kind, uint256 id) external;
    /// By anyone: a part that a court split off a receipt or claim behind a loan on goods kept its lien, and is a piece of the
    /// cover of that loan from now on. Reverts with `NoIdleLien` where it is no such part.
    function followPart(IProducts.Cover kind, uint256 id) external;
    // onCollected (IClaimCollector): goes through the loan's waterfall, and the rest to the claim's owner, also of a part
    // that a court split off the loan's claim; all of it under a lien that the owner put on for no loan.

    // ------------------------------------------------------------------ margin

    /// By anyone: starts a margin call when the cover has fallen below the product's call level, or ends one that is cured. A
    /// price too old counts as none. Repayments and added cover end a call by themselves.
    function checkMargin(LoanId loanId) external;
    // onImpaired (IReceiptLienholder): the same check, when goods are damaged or lost.
    /// By the lender, with the signature of the undertaker, which is no party to the line. A later one takes the place of the one
    /// before.
    function agreeBuyBack(BuyBack calldata terms, bytes calldata undertakerSignature) external;
    /// By the lender: of a loan in default, of a call not cured in its days, or at once below the liquidation level while there are
    /// goods. All falls due, and an auction of the goods opens; where none are left, nothing is sold. What is asked is a share of
    /// the goods' value at their last good appraisal, which falls from the product's start to its floor; seconds in which the
    /// currency stands do not count. Called again after the end it opens another round, a day later, three times at most, and no
    /// round goes below the floor of the first; after that only a new good appraisal opens a new series.
    function liquidate(LoanId loanId) external;
    /// By a funder (role 4), for at most `most`: buys so much of the goods, oldest first, as pays the debt of now at what is asked
    /// now, rounded up to the smallest part; a receipt that may not be split any more is bought whole. The money runs through
    /// the loan, a surplus goes to the goods' owner, and goods that were not needed are free once the debt is paid. From the end
    /// of a round until the next one begins the floor is asked. While the currency stands nothing is bought and 0 returned.
    function bid(LoanId loanId, uint64 most) external returns (uint64 price);
    /// By anyone, once the auction asks no more than what the undertaker pays: it buys what is needed, never below the floor.
    /// Where it cannot pay, nothing is bought and 0 returned.
    function callBuyBack(LoanId loanId) external returns (uint64 price);

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

    // ------------------------------------------------------------------ unclaimed money

    /// All that waits for the sender's party in a currency, to any of its valid accounts.
    function releaseKept(address to, address currency) external returns (uint256 amount);
    /// Only by order of a court (CourtOrders): so much of what waits for the party of `from` goes to `to`.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;
    /// Only by order of a court: out of the deposit of a line without open loans.
    function forcedWithdrawDeposit(FacilityId facilityId, address to, uint64 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ stopped currencies

    /// By anyone: asks the currency whether it moves, and starts or ends its stop. Days in which it stood still make nobody late:
    /// the day of every loan is today less the days lost since its draw.
    function checkCurrency(address currency) external returns (bool running);

    // ------------------------------------------------------------------ views

    function facility(FacilityId facilityId) external view returns (Facility memory);
    function loan(LoanId loanId) external view returns (Loan memory);
    function loanOfClaim(ClaimId claimId) external view returns (LoanId);
    function loanOfReceipt(ReceiptId receiptId) external view returns (LoanId);
    function coverOf(LoanId loanId) external view returns (CoverState memory);
    /// What a bid would buy now, and for how much; nothing while no goods are for sale.
    function saleOf(LoanId loanId) external view returns (Piece[] memory sold, uint64 price, uint24 factor);
    function buyBackOf(FacilityId facilityId)
        external
        view
        returns (address undertaker, uint64 left, uint24 share, uint24 lastDay);
    function inKindDigest(InKind calldata given) external view returns (bytes32);
    function buyBackDigest(BuyBack calldata terms) external view returns (bytes32);
    function loanOfOrder(OrderId orderId) external view returns (LoanId);
    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue);
    /// Whether the lender has accepted the debtor's party for the line.
    function acceptsDebtor(FacilityId facilityId, address debtor) external view returns (bool);
    function currencyClock(address currency) external view returns (CurrencyClock.Clock memory);
    /// What waits for a party that could not be paid, whichever of its accounts is given.
    function keptOf(address party, address currency) external view returns (uint256);
    function facilityDigest(FacilityTerms calldata terms) external view returns (bytes32);
    function setOffDigest(SetOff calldata given) external view returns (bytes32);
    function extensionDigest(Extension calldata extension) external view returns (bytes32);
    function costsDigest(LoanId loanId, uint64 amount, bytes32 papersHash, uint40 deadline, uint256 nonce)
        external
        view
        returns (bytes32);
}
