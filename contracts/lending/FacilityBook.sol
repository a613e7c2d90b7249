// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedTerms} from "../access/SignedTerms.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../warehouse/IWarehouseReceipts.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ICreditRegistry} from "../registry/ICreditRegistry.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {IPriceFeed} from "../risk/IPriceFeed.sol";
import {IRiskReserve} from "../risk/IRiskReserve.sol";
import {CollateralItemWord} from "../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId, WarehouseReceiptId} from "../types/Ids.sol";
import {LoanBalancesWord, packLoanBalances} from "../types/LoanBalancesWord.sol";
import {LoanCollateralWord, packLoanCollateral} from "../types/LoanCollateralWord.sol";
import {LoanEarlyWord, packLoanEarly} from "../types/LoanEarlyWord.sol";
import {LoanLateWord, packLoanLate} from "../types/LoanLateWord.sol";
import {LoanPenaltyWord, packLoanPenalty} from "../types/LoanPenaltyWord.sol";
import {LoanSumsWord, packLoanSums} from "../types/LoanSumsWord.sol";
import {
    DAYS_OF_365,
    HAS_FEES,
    HAS_SHIFTS,
    LOSS_RECORDED,
    LoanTermsWord,
    MARGIN_CALLED,
    MARKED_OVERDUE,
    packLoanTerms,
    PENALTY_ON_INTEREST,
    SAME_DAY_INTEREST
} from "../types/LoanTermsWord.sol";
import {ServiceFeesWord} from "../types/ServiceFeesWord.sol";
import {PostingWord} from "../types/PostingWord.sol";
import {BorrowerBook} from "./BorrowerBook.sol";
import {EvidenceBook} from "./EvidenceBook.sol";
import {IDrawControl} from "./IDrawControl.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";

/// @notice A facility in storage. Amounts are minor units of its currency.
/// @param lender The lender.
/// @param firstDay First day number on which the borrower may draw.
/// @param lastDay Last day number on which the borrower may draw.
/// @param annualRate Parts per million a year.
/// @param administrationFee Share of interest and penalty that the administering bank keeps, in parts per million.
/// @param borrower The borrower.
/// @param limit What may be outstanding, or drawn in all if the product is not revolving.
/// @param version Version of the product.
/// @param currency The currency's token contract.
/// @param productId The product.
/// @param acceptedDebtors How many debtors the lender has accepted; 0: every debtor that the product allows.
/// @param outstanding Principal that is owed.
/// @param drawn Drawn since the facility was agreed.
/// @param depositHeld The deposit that is held.
/// @param overdueLoans Loans that were drawn on it and are marked as overdue, also those that were sold.
/// @param openLoans Loans that are not repaid.
/// @param closed Whether no draw is possible any more.
/// @param counted What its loans count for over all facilities: see BorrowerBook.
/// @param entruster Whose money an entrusted loan is; zero for others.
/// @param deposit What the borrower pays in before it draws.
/// @param borrowerParty The borrower's party as of the agreement.
/// @param termsHash EIP-712 digest of the terms that were signed.
/// @param coolingOffAmount Minor units that may be drawn within the cooling-off hours without an announcement.
/// @param coolingOffHours Hours from an announcement to the draw; 0: no draw is announced.
/// @param endEvents What ends the lender's commitment: see {IFacilities.FacilityTerms}.
/// @param suspendedBy Who has suspended its draws: 1 the lender, 2 the entruster.
/// @param unannouncedAt When the last draw without an announcement was (UTC seconds).
/// @param unannounced Drawn without an announcement until then, since the agreed hours last passed without such a draw.
/// @param committedAt When the lender committed itself: when it was agreed, or the commitment was renewed (UTC seconds).
/// @param agreedTier The borrower's credit tier at the agreement, if a worse tier ends the commitment; else 0.
/// @param extras What its loans have besides a fixed rate: FLOATING and HAS_FEES of LoanTermsWord. Of a floating rate
/// `annualRate` is the highest.
/// @param ruleSet Rule set of its product whose limits its loans count for; 0: none.
/// @param spread What is added to the reference, in parts per million a year.
/// @param origin The facility on which its loans were drawn before its lender bought them; 0: they are drawn on it.
/// @param drawFee Share of each draw that is owed as a service fee, in parts per million.
/// @param periodicFee Share of the running principal that each instalment is charged, in parts per million.
/// @param flatFee Service fee of each draw, in minor units.
struct FacilityRecord {
    address lender;
    uint24 firstDay;
    uint24 lastDay;
    uint24 annualRate;
    uint24 administrationFee;
    address borrower;
    uint64 limit;
    uint32 version;
    address currency;
    uint64 productId;
    uint32 acceptedDebtors;
    uint64 outstanding;
    uint64 drawn;
    uint64 depositHeld;
    uint24 overdueLoans;
    uint24 openLoans;
    bool closed;
    uint8 counted;
    address entruster;
    uint64 deposit;
    uint32 borrowerParty;
    bytes32 termsHash;
    uint64 coolingOffAmount;
    uint16 coolingOffHours;
    uint8 endEvents;
    uint8 suspendedBy;
    uint40 unannouncedAt;
    uint64 unannounced;
    uint40 committedAt;
    uint8 agreedTier;
    uint8 extras;
    bytes10 ruleSet;
    int24 spread;
    uint64 origin;
    uint24 drawFee;
    uint24 periodicFee;
    uint64 flatFee;
}

/// @notice A loan in storage, packed by hand, so that a change writes only the words that changed. The types of the
/// words say how each is laid out.
/// @param terms How it runs, what was drawn, where it stands, and its facility.
/// @param collateral What secures it, when it was drawn, and what was posted on it.
/// @param balances Principal and days.
/// @param sums Interest, for loans with several periods.
/// @param late Everything else: in use once something was unpaid, repaid early at a fee, or costs were charged.
/// @param penalty Penalty, costs and grace.
/// @param early Money of early repayments; interest and penalty that resets of the rate fixed.
struct LoanRecord {
    LoanTermsWord terms;
    LoanCollateralWord collateral;
    LoanBalancesWord balances;
    LoanSumsWord sums;
    LoanLateWord late;
    LoanPenaltyWord penalty;
    LoanEarlyWord early;
}

/// @notice How the rate of a loan follows a reference: copied from product and facility when it is drawn.
/// @param referenceCode The reference.
/// @param spread What is added to it, in parts per million a year.
/// @param floor Lowest rate, in parts per million a year.
/// @param cap Highest rate, in parts per million a year.
/// @param resetMonths Months from the draw to the first reset, and from each to the next.
/// @param resets How many there were.
struct FloatingRate {
    bytes16 referenceCode;
    int24 spread;
    uint24 floor;
    uint24 cap;
    uint8 resetMonths;
    uint16 resets;
}

/// @notice What is lent under a product. The product's breaker compares the two.
/// @param outstanding Principal, in minor units.
/// @param overdue Principal of loans that are marked as overdue, in minor units.
struct Programme {
    uint64 outstanding;
    uint64 overdue;
}

/// @notice A margin call. It counts while the loan is marked as called.
/// @param calledDay Day number of the call, by the calendar.
/// @param lastDay Last day number to cure: a day of the loan, which stands while its currency stands.
struct MarginRecord {
    uint24 calledDay;
    uint24 lastDay;
}

/// @notice What corrections of a loan, late rates and new terms did to its debt: see RaisedDebts.
/// @param day The loan's own day number of the last correction or late rate that left its borrower worse off, or
/// restructuring that capitalised interest; 0: none. The borrower has days from it before a default.
/// @param newDay That of the last correction or late rate for which the borrower has days before the loan is marked, once
/// in 90 days; 0: none.
/// @param runningDay Day number, by the calendar, on which a payment was last recorded while the loan ran.
/// @param leftDay Day number, by the calendar, on which goods last left the collateral, or were converted.
/// @param hasCosts Whether both sides signed costs: the lender bears the loan's loss itself, and its seller need not buy
/// it back.
/// @param own Minor units that corrections brought back and restructurings capitalised, less what was recorded since while
/// the loan ran: of a loss the lender bears so much itself, and its seller does not pay it by its duty.
/// @param covered How much of that was recorded since in default: if it is reversed, it does not count again.
/// @param left Minor units by which less of the debt was secured when goods left for the promises of debtors that were
/// accepted after the draw: of a loss the lender bears so much too.
struct RaisedDebt {
    uint24 day;
    uint24 newDay;
    uint24 runningDay;
    uint24 leftDay;
    bool hasCosts;
    uint64 own;
    uint64 covered;
    uint64 left;
}

/// @notice A hedge of the price of a loan's goods. Prices are as in {IPriceFeed}.
/// @param item What is hedged: the hash that names the goods.
/// @param contractHash Hash that names its contract.
/// @param quantity Thousandths of the unit.
/// @param price The price that the contract fixes.
/// @param maxPrice The appraised price when it was recorded, above which it does not count.
/// @param expiryDay Last day number on which it counts; once the lender closed it, the day before.
struct HedgeRecord {
    bytes32 item;
    bytes32 contractHash;
    uint96 quantity;
    uint64 price;
    uint64 maxPrice;
    uint24 expiryDay;
}

/// @notice What a lender gave up of a loan's terms, and of its value in its own books.
/// @param day The loan's own day number of its last restructuring; 0: none.
/// @param count How often it was restructured.
/// @param writtenOff Principal that the lender has written off in part, in minor units. It is still owed.
/// @param hadInstalment Whether an instalment had fallen due before one of its restructurings.
/// @param interest Interest from the draw to its last restructuring, in minor units, while no instalment had fallen due.
/// @param principalDays Sum, over each of these days, of the principal owed on it.
struct ReliefRecord {
    uint24 day;
    uint16 count;
    uint64 writtenOff;
    bool hadInstalment;
    uint64 interest;
    uint80 principalDays;
}

/// @notice The sale of a loan's goods. The price asked is a share of their value at the loan's `bases`, in parts per
/// million.
/// @param openedAt When the first round of the series was called (UTC seconds); 0: no auction.
/// @param calledAt When this round was called (UTC seconds).
/// @param lostBefore Seconds that the currency had lost by then.
/// @param start Parts per million at the beginning of a round.
/// @param floor Parts per million at its end.
/// @param lengthDays Days of a round.
/// @param noticeDays Days from the call until the round begins.
/// @param round Round of the series, from 1.
/// @param firstAt When the first round of the first series was called (UTC seconds): which `bases` are its own.
struct AuctionRecord {
    uint40 openedAt;
    uint40 calledAt;
    uint40 lostBefore;
    uint24 start;
    uint24 floor;
    uint8 lengthDays;
    uint8 noticeDays;
    uint8 round;
    uint40 firstAt;
}

/// @notice The price with which an item's goods count in an auction.
/// @param price Millionths of a minor unit for the smallest part, at the last good appraisal.
/// @param firstAt The auction that it is of, as in {AuctionRecord}: with that auction it is forgotten.
struct BaseRecord {
    uint64 price;
    uint40 firstAt;
}

/// @notice The last sale of a loan, and what its seller and buyer agreed about buying it back.
/// @param seller The account that sold it.
/// @param sellerParty The seller's party as of the sale.
/// @param buyBackFirstDay First day number, by the calendar, on which it may be bought back.
/// @param buyBackLastDay Last day number on which it may be bought back.
/// @param buyBack What was agreed: bits of {ILoanSales.SaleTerms}; 0: nothing, or it was bought back.
/// @param isAcknowledged Whether the borrower has acknowledged the notice.
/// @param noticeHash Hash of the notice to the borrower.
/// @param buyBackPrice Price of buying it back, in parts per million of what is owed.
/// @param buyBackMax The most that the seller pays by its duty, in minor units.
/// @param setAsideBy The party whose own reserve holds what was set aside for the loan.
/// @param setAside What followed the loan into that reserve, in minor units; 0: it is still with those who lent.
/// @param endedDay Day number, by the calendar, on which the loan was repaid while it could be bought back; 0: it is owed,
/// or no correction looked at it since.
/// @param number Number of this sale among the loan's sales, from 1.
struct LoanSaleRecord {
    address seller;
    uint32 sellerParty;
    uint24 buyBackFirstDay;
    uint24 buyBackLastDay;
    uint8 buyBack;
    bool isAcknowledged;
    bytes32 noticeHash;
    uint24 buyBackPrice;
    uint64 buyBackMax;
    uint32 setAsideBy;
    uint64 setAside;
    uint24 endedDay;
    uint32 number;
}

/// @notice Who recorded a payment on a loan that its seller may or must buy back.
/// @param holder The lender.
/// @param sale Number of the sale by which it held the loan.
struct TakenRecord {
    address holder;
    uint32 sale;
}

/// @notice What a holder recorded after a sale, the price for which the loan went back to its seller, and what may still
/// follow from it.
/// @param share Parts per million of what was owed; 0: it did not go back.
/// @param left Minor units that the seller still pays, if payments that the holder recorded are reversed.
/// @param recorded What the holder recorded, less what corrections took off the loan since, in minor units.
struct BoughtBackRecord {
    uint24 share;
    uint64 left;
    uint64 recorded;
}

/// @notice What the draws on a facility fed into a reserve, in minor units.
/// @param peak Maximum ever outstanding on it.
/// @param fed What was fed for it. A full reserve takes less than the share of the peak.
/// @param followed Of that, what followed its loans to those who bought them.
struct SetAsideRecord {
    uint64 peak;
    uint64 fed;
    uint64 followed;
}

/// @notice A participant's share of what a loan's lender gets.
/// @param participant The account that bought the share.
/// @param share Parts per million.
/// @param paid What it was paid, in minor units.
/// @param joinedAt The loan's proceeds when it bought the share, in minor units.
struct ParticipationRecord {
    address participant;
    uint24 share;
    uint64 paid;
    int128 joinedAt;
}

/// @notice What participants have of a loan.
/// @param proceeds What the lender got on it since its first participation, without costs, less what corrections took
/// back, in minor units.
/// @param participations The participations, in the order in which they were sold.
struct SharedLoanRecord {
    int128 proceeds;
    ParticipationRecord[] participations;
}

/// @notice The whole state of Facilities. Its linked libraries work on it too.
/// @param facilityCount Number of facilities.
/// @param loanCount Number of loans.
/// @param facilities The facilities.
/// @param loans The loans.
/// @param shifts Days by which a loan's due days move to business days.
/// @param programmes What is lent under each product.
/// @param debtorOutstanding Principal lent on the debts of a debtor, where the product limits it.
/// @param agreedLimits Limits of a borrower's facilities under a product.
/// @param loanOfClaim The loan that a claim secures.
/// @param loanOfOrder The loan that an order secures.
/// @param loanOfWarehouseReceipt The loan that a warehouse receipt secures.
/// @param items Collateral items of a loan on goods.
/// @param margins The margin call of a loan.
/// @param auctions The sale of a loan's goods.
/// @param bases Price of an item at the last good appraisal when the auction was opened.
/// @param buyBacks The buy-back undertaking of a facility.
/// @param used Whether terms with this digest were used.
/// @param setAside What draws on a facility fed into its lender's reserve; only where draws feed one.
/// @param unclaimed Money that could not be sent.
/// @param signedTerms Signatures that their signers took back.
/// @param accepted Whether the lender accepted a debtor's party for a facility.
/// @param clocks When each currency stood.
/// @param buyers Parties whose debts count for a loan though its lender has not accepted them: see CollateralDebtors.
/// @param borrowers What borrowers owe over all facilities.
/// @param announced The announced draw of a facility.
/// @param overpaid Money that was posted on a loan and is not owed, in minor units.
/// @param correctionDays Days in which the lender alone may correct what it recorded on a facility's loans.
/// @param raised What corrections, late rates and new terms did to a loan's debt.
/// @param recorded What came in on a loan outside the ledger, less what went back there, in minor units.
/// @param recoveries How many payments of a loan with a recorded loss were recorded alike since then.
/// @param hedges The hedges of a loan on goods, with those that ended of late.
/// @param hedgedLoan By the borrower's party: its loan for which a hedge with this contract hash was recorded last.
/// @param reliefs Restructurings and partial write-offs of a loan.
/// @param floating How the rate of a loan follows a reference.
/// @param evidence What stands behind draws: documents and proved trade.
/// @param boughtOn The facility of a lender for the loans that it bought of those drawn on another facility.
/// @param sold Principal of the loans that were drawn on a facility and belong to another lender now, in minor units.
/// @param sales The last sale of a loan.
/// @param shared What participants have of loans.
/// @param fees Service fees of a loan that has some.
/// @param runs Histories of a loan that were run in part: see LoanRerun.
/// @param takenBy Who recorded a payment on a loan that its seller may or must buy back: it has the money.
/// @param boughtBack What a holder recorded, and for what the loan went back to its seller, by the number of its sale.
/// @param acceptedBefore Whether a debtor that the lender had accepted was one of a loan's claims when its first share
/// was sold.
/// @param acceptedAfter How many loans there were when the lender last accepted a debtor's party for a facility.
/// @param drawnOn Debtors of the claims beside goods on which a loan was drawn.
/// @param suspendedAt When the draws of a facility were suspended (UTC seconds); it counts while they are.
struct Book {
    uint256 facilityCount;
    uint256 loanCount;
    mapping(FacilityId => FacilityRecord) facilities;
    mapping(LoanId => LoanRecord) loans;
    mapping(LoanId => uint256) shifts;
    mapping(ProductId => Programme) programmes;
    mapping(ProductId => mapping(PartyId debtor => uint256)) debtorOutstanding;
    mapping(ProductId => mapping(PartyId borrower => uint256)) agreedLimits;
    mapping(ClaimId => LoanId) loanOfClaim;
    mapping(OrderId => LoanId) loanOfOrder;
    mapping(WarehouseReceiptId => LoanId) loanOfWarehouseReceipt;
    mapping(LoanId => CollateralItemWord[]) items;
    mapping(LoanId => MarginRecord) margins;
    mapping(LoanId => AuctionRecord) auctions;
    mapping(LoanId => mapping(bytes32 item => BaseRecord)) bases;
    mapping(FacilityId => ILiquidation.BuyBackUndertaking) buyBacks;
    mapping(bytes32 termsHash => bool) used;
    mapping(FacilityId => SetAsideRecord) setAside;
    Unclaimed.Book unclaimed;
    SignedTerms.Book signedTerms;
    mapping(FacilityId => mapping(PartyId debtor => bool)) accepted;
    mapping(address currency => CurrencyClock.Clock) clocks;
    mapping(LoanId => mapping(PartyId buyer => uint8)) buyers;
    BorrowerBook borrowers;
    mapping(FacilityId => IDrawControl.AnnouncedDraw) announced;
    mapping(LoanId => uint64) overpaid;
    mapping(FacilityId => uint8) correctionDays;
    mapping(LoanId => RaisedDebt) raised;
    mapping(LoanId => uint256) recorded;
    mapping(LoanId => mapping(PostingWord => uint256)) recoveries;
    mapping(LoanId => HedgeRecord[]) hedges;
    mapping(PartyId => mapping(bytes32 contractHash => LoanId)) hedgedLoan;
    mapping(LoanId => ReliefRecord) reliefs;
    mapping(LoanId => FloatingRate) floating;
    EvidenceBook evidence;
    mapping(FacilityId origin => mapping(address lender => FacilityId)) boughtOn;
    mapping(FacilityId origin => uint64) sold;
    mapping(LoanId => LoanSaleRecord) sales;
    mapping(LoanId => SharedLoanRecord) shared;
    mapping(LoanId => ServiceFeesWord) fees;
    mapping(LoanId => mapping(bytes32 key => bytes)) runs;
    mapping(LoanId => mapping(PostingWord => TakenRecord)) takenBy;
    mapping(LoanId => mapping(uint256 sale => BoughtBackRecord)) boughtBack;
    mapping(LoanId => mapping(PartyId debtor => bool)) acceptedBefore;
    mapping(FacilityId => mapping(PartyId debtor => uint256)) acceptedAfter;
    mapping(LoanId => mapping(PartyId debtor => bool)) drawnOn;
    mapping(FacilityId => uint40) suspendedAt;
}

/// @notice The contracts that the libraries work with, the caller, and the day of the call.
/// @param registry The registry of parties.
/// @param credit The credit tiers of borrowers.
/// @param products The catalogue of products.
/// @param receivables The debts and the claims on them.
/// @param orders The purchase orders.
/// @param reserve The reserve that bears losses.
/// @param prices The prices of goods and currencies.
/// @param warehouseReceipts The warehouse receipts and their lots.
/// @param today Today's day number.
/// @param sender The caller, also through the forwarder.
struct LendingContext {
    IPartyRegistry registry;
    ICreditRegistry credit;
    IProducts products;
    Receivables receivables;
    IPurchaseOrders orders;
    IRiskReserve reserve;
    IPriceFeed prices;
    IWarehouseReceipts warehouseReceipts;
    uint256 today;
    address sender;
}

/// @notice What a loan's record holds apart from its arithmetic.
/// @param facilityId The facility.
/// @param status Where it stands.
/// @param collateral What secures it.
/// @param markedOverdue Whether it counts as overdue for its product's breaker.
/// @param lossRecorded Whether its loss was recorded.
/// @param marginCalled Whether a margin call is open.
/// @param traits What is special to it: bits of LoanTermsWord.
/// @param drawn Minor units that were drawn.
/// @param collateralId The claim or order; 0 for none or for goods.
/// @param debtor Debtor of the collateral, where the product limits the share of one debtor; else 0.
/// @param drawnDay Day number of the draw.
/// @param lostBefore Days that the currency had stood still when the loan was drawn.
/// @param postings Head of the chain of hashes of what was posted on it (decision 37).
struct LoanFacts {
    FacilityId facilityId;
    ILoans.Status status;
    IProducts.CollateralKind collateral;
    bool markedOverdue;
    bool lossRecorded;
    bool marginCalled;
    uint256 traits;
    uint64 drawn;
    uint64 collateralId;
    PartyId debtor;
    uint24 drawnDay;
    uint24 lostBefore;
    uint160 postings;
}

/// @notice A loan in memory.
/// @param facts What its record holds apart from its arithmetic.
/// @param terms How it runs.
/// @param state Its state.
struct LoanView {
    LoanFacts facts;
    LoanMath.Terms terms;
    LoanMath.State state;
}

// Places of the words in `LoanRecord`.
uint256 constant TERMS = 0;
uint256 constant COLLATERAL = 1;
uint256 constant BALANCES = 2;
uint256 constant SUMS = 3;
uint256 constant LATE_MONEY = 4;
uint256 constant PENALTY = 5;
uint256 constant EARLY = 6;

/// @dev Reverts for an unknown loan.
function loadLoan(Book storage book, LoanId loanId) view returns (LoanView memory loan) {
    LoanRecord storage record = book.loans[loanId];
    LoanTermsWord word = record.terms;
    loan.facts.status = ILoans.Status(word.status());
    if (loan.facts.status == ILoans.Status.None) revert ILoans.LoanUnknown(loanId);
    uint256 flags = word.flags();
    loan.facts.facilityId = word.facilityId();
    loan.facts.collateral = IProducts.CollateralKind(word.collateral());
    loan.facts.markedOverdue = flags & MARKED_OVERDUE != 0;
    loan.facts.lossRecorded = flags & LOSS_RECORDED != 0;
    loan.facts.marginCalled = flags & MARGIN_CALLED != 0;
    loan.facts.traits = word.traits();
    loan.terms.style = LoanMath.Style(word.style());
    loan.terms.periods = word.periods();
    loan.terms.graceDays = word.graceDays();
    loan.terms.startDay = word.startDay();
    loan.terms.dueDay = word.dueDay();
    loan.terms.annualRate = word.annualRate();
    loan.terms.penaltyMultiple = word.penaltyMultiple();
    loan.terms.earlyFee = word.earlyFee();
    loan.terms.dayCount = flags & DAYS_OF_365 != 0 ? 365 : 360;
    loan.terms.monthsPerPeriod = word.monthsPerPeriod();
    loan.terms.principalGrace = word.principalGrace();
    loan.terms.interestGrace = word.interestGrace();
    loan.terms.afterPrepayment = LoanMath.AfterPrepayment(word.afterPrepayment());
    loan.facts.lostBefore = word.lostBefore();
    loan.terms.penaltyOnInterest = flags & PENALTY_ON_INTEREST != 0;
    loan.terms.sameDayInterest = flags & SAME_DAY_INTEREST != 0;
    if (flags & HAS_SHIFTS != 0) loan.terms.shifts = book.shifts[loanId];

    LoanCollateralWord collateral = record.collateral;
    loan.facts.drawn = word.drawn();
    loan.facts.postings = collateral.postings();
    loan.facts.collateralId = collateral.collateralId();
    loan.facts.debtor = collateral.debtor();
    loan.facts.drawnDay = collateral.drawnDay();
    _loadState(record, loan.terms, loan.state);
    if (loan.facts.traits & HAS_FEES != 0) loan.state.fees = book.fees[loanId];
}

function _loadState(LoanRecord storage record, LoanMath.Terms memory terms, LoanMath.State memory state) view {
    LoanBalancesWord word = record.balances;
    state.asOfDay = word.asOfDay();
    state.period = word.period();
    state.balance = word.balance();
    if (terms.periods == 1) {
        state.interestPaid = word.interestPaid();
        state.interestDays = word.interestDays();
    } else {
        state.base = word.base();
        state.ahead = word.ahead();
        state.basePeriod = word.basePeriod();
        LoanSumsWord sums = record.sums;
        state.interestPaid = sums.interestPaid();
        state.interestDays = sums.interestDays();
    }
    if (word.isLate()) _loadLate(record, state);
}

function _loadLate(LoanRecord storage record, LoanMath.State memory state) view {
    LoanLateWord late = record.late;
    state.pastPrincipal = late.pastPrincipal();
    state.pastInterest = late.pastInterest();
    state.gracePrincipal = late.gracePrincipal();
    state.graceInterest = late.graceInterest();
    LoanPenaltyWord penalty = record.penalty;
    state.penaltyDays = penalty.penaltyDays();
    state.penaltyPaid = penalty.penaltyPaid();
    state.costs = penalty.costs();
    state.graceDay = penalty.graceDay();
    LoanEarlyWord early = record.early;
    state.prepaid = early.prepaid();
    state.interestFixed = early.interestFixed();
    state.penaltyFixed = early.penaltyFixed();
}

/// @dev Writes only the words that changed. A late loan goes on using its extra words, so that no old value is left in
/// them.
function saveLoan(Book storage book, LoanId loanId, LoanView memory loan) {
    LoanRecord storage record = book.loans[loanId];
    uint256 traits = loan.facts.traits;
    ServiceFeesWord fees = loan.state.fees;
    if (fees.isNone()) {
        // A word of 0 is not stored: the trait says that it does not count.
        traits &= ~uint256(HAS_FEES);
    } else {
        traits |= HAS_FEES;
        book.fees[loanId] = fees;
    }
    _write(record, TERMS, LoanTermsWord.unwrap(_packTerms(loan, traits)));
    _write(record, COLLATERAL, LoanCollateralWord.unwrap(_packCollateral(loan.facts)));
    _saveState(record, loan.terms, loan.state);
    if (loan.terms.shifts != 0 && book.shifts[loanId] != loan.terms.shifts) book.shifts[loanId] = loan.terms.shifts;
}

function _saveState(LoanRecord storage record, LoanMath.Terms memory terms, LoanMath.State memory state) {
    bool isLate = _saveLate(record, state);
    LoanBalancesWord word = packLoanBalances(state.asOfDay, state.period, state.balance);
    if (isLate) word = word.markedLate();
    if (terms.periods == 1) {
        word = word.withSums(state.interestPaid, uint88(state.interestDays));
    } else {
        word = word.withBase(state.base, state.ahead, state.basePeriod);
        _write(record, SUMS, LoanSumsWord.unwrap(packLoanSums(state.interestPaid, state.interestDays)));
    }
    _write(record, BALANCES, LoanBalancesWord.unwrap(word));
}

function _saveLate(LoanRecord storage record, LoanMath.State memory state) returns (bool isLate) {
    uint256 late = LoanLateWord.unwrap(
        packLoanLate(state.pastPrincipal, state.pastInterest, state.gracePrincipal, state.graceInterest)
    );
    uint256 penalty =
        LoanPenaltyWord.unwrap(packLoanPenalty(state.penaltyDays, state.penaltyPaid, state.costs, state.graceDay));
    uint64 early = state.prepaid | state.interestFixed | state.penaltyFixed;
    isLate = late | penalty | early != 0 || record.balances.isLate();
    if (!isLate) return false;
    _write(record, LATE_MONEY, late);
    _write(record, PENALTY, penalty);
    _write(record, EARLY, LoanEarlyWord.unwrap(packLoanEarly(state.prepaid, state.interestFixed, state.penaltyFixed)));
}

function _packTerms(LoanView memory loan, uint256 traits) pure returns (LoanTermsWord word) {
    LoanMath.Terms memory terms = loan.terms;
    LoanFacts memory facts = loan.facts;
    uint256 flags = (terms.penaltyOnInterest ? PENALTY_ON_INTEREST : 0)
        | (terms.sameDayInterest ? SAME_DAY_INTEREST : 0) | (terms.shifts != 0 ? HAS_SHIFTS : 0)
        | (facts.markedOverdue ? MARKED_OVERDUE : 0) | (facts.lossRecorded ? LOSS_RECORDED : 0)
        | (facts.marginCalled ? MARGIN_CALLED : 0) | (terms.dayCount == 365 ? DAYS_OF_365 : 0);
    word = packLoanTerms(
        facts.facilityId, uint8(facts.status), uint8(facts.collateral), flags, uint16(facts.lostBefore), facts.drawn
    );
    word = word.withSchedule(uint8(terms.style), terms.periods, terms.graceDays, terms.startDay, terms.dueDay);
    word = word.withPeriods(
        terms.monthsPerPeriod, terms.principalGrace, terms.interestGrace, uint8(terms.afterPrepayment)
    );
    word = word.withRates(terms.annualRate, terms.penaltyMultiple, terms.earlyFee);
    word = word.withTraits(traits);
}

function _packCollateral(LoanFacts memory facts) pure returns (LoanCollateralWord) {
    return packLoanCollateral(facts.postings, facts.collateralId, facts.debtor, facts.drawnDay);
}

/// @dev The loan's own day. It stands while the loan's currency stands: days lost since the draw do not count. A stop
/// that nobody has ended yet still lasts.
function loanDay(Book storage book, LendingContext memory context, LoanView memory loan) view returns (uint256) {
    return _dayBy(book.clocks[book.facilities[loan.facts.facilityId].currency], context, loan);
}

function _dayBy(CurrencyClock.Clock storage clock, LendingContext memory context, LoanView memory loan)
    view
    returns (uint256)
{
    uint256 lost = clock.stoppedAt == 0
        ? clock.lostDays
        : CurrencyClock.lostDays(clock, context.today, context.receivables.zoneOffset());
    return context.today + loan.facts.lostBefore - lost;
}

/// @dev Brings the loan to its own day.
function rollLoan(Book storage book, LendingContext memory context, LoanView memory loan) view returns (uint256 day) {
    day = loanDay(book, context, loan);
    LoanMath.roll(loan.terms, loan.state, day);
}

/// @dev Like `rollLoan`, before money counts. A stop that is over ends first, so that nobody profits from a stop that
/// nobody recorded.
function rollLoanNow(Book storage book, LendingContext memory context, LoanView memory loan, address currency)
    returns (uint256 day)
{
    CurrencyClock.Clock storage clock = book.clocks[currency];
    if (clock.stoppedAt != 0) CurrencyClock.check(clock, currency, context.receivables.zoneOffset());
    day = _dayBy(clock, context, loan);
    LoanMath.roll(loan.terms, loan.state, day);
}

function _write(LoanRecord storage record, uint256 place, uint256 word) {
    assembly ("memory-safe") {
        let slot := add(record.slot, place)
        if iszero(eq(sload(slot), word)) { sstore(slot, word) }
    }
}
