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
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId, WarehouseReceiptId} from "../types/Ids.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";

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
/// @param overdueLoans Loans that are marked as overdue.
/// @param openLoans Loans that are not repaid.
/// @param closed Whether no draw is possible any more.
/// @param entruster Whose money an entrusted loan is; zero for others.
/// @param deposit What the borrower pays in before it draws.
/// @param borrowerParty The borrower's party as of the agreement.
/// @param termsHash EIP-712 digest of the terms that were signed.
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
    uint32 openLoans;
    bool closed;
    address entruster;
    uint64 deposit;
    uint32 borrowerParty;
    bytes32 termsHash;
}

/// @notice A loan in storage, packed by hand (`_packTerms` and the functions below), so that a change writes only the
/// words that changed.
/// @param terms How it runs, where it stands, and its facility.
/// @param collateral What was drawn and when, and what secures it.
/// @param balances Principal and days.
/// @param sums Interest, for loans with several periods.
/// @param late Everything else: in use once something was unpaid, repaid early at a fee, or costs were charged.
/// @param penalty Penalty, costs and grace.
/// @param early Money of early repayments.
struct LoanRecord {
    uint256 terms;
    uint256 collateral;
    uint256 balances;
    uint256 sums;
    uint256 late;
    uint256 penalty;
    uint256 early;
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
struct AuctionRecord {
    uint40 openedAt;
    uint40 calledAt;
    uint40 lostBefore;
    uint24 start;
    uint24 floor;
    uint8 lengthDays;
    uint8 noticeDays;
    uint8 round;
}

/// @notice The party that buys the goods of a facility's loans when they are liquidated.
/// @param undertaker The account that buys.
/// @param left Minor units that are left of the maximum that it pays in total.
/// @param share Parts per million of the goods' market value.
/// @param lastDay Last day number on which a liquidation may begin.
struct BuyBackRecord {
    address undertaker;
    uint64 left;
    uint24 share;
    uint24 lastDay;
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
/// @param items Collateral items of a loan on goods: kind in the lowest byte, then the id.
/// @param margins The margin call of a loan.
/// @param auctions The sale of a loan's goods.
/// @param bases Price of an item at the last good appraisal when the auction was opened.
/// @param buyBacks The buy-back undertaking of a facility.
/// @param used Whether terms with this digest were used.
/// @param reservePeaks Maximum ever outstanding on a facility; only where draws feed a reserve.
/// @param unclaimed Money that could not be sent.
/// @param signedTerms Signatures that their signers took back.
/// @param accepted Whether the lender accepted a debtor's party for a facility.
/// @param clocks When each currency stood.
/// @param buyers Buyers of orders under a loan's lien that became claims.
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
    mapping(LoanId => uint256[]) items;
    mapping(LoanId => MarginRecord) margins;
    mapping(LoanId => AuctionRecord) auctions;
    mapping(LoanId => mapping(bytes32 item => uint64 price)) bases;
    mapping(FacilityId => BuyBackRecord) buyBacks;
    mapping(bytes32 termsHash => bool) used;
    mapping(FacilityId => uint64) reservePeaks;
    Unclaimed.Book unclaimed;
    SignedTerms.Book signedTerms;
    mapping(FacilityId => mapping(PartyId debtor => bool)) accepted;
    mapping(address currency => CurrencyClock.Clock) clocks;
    mapping(LoanId => mapping(PartyId buyer => bool)) buyers;
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
/// @param drawn Minor units that were drawn.
/// @param collateralId The claim or order; 0 for none or for goods.
/// @param debtor Debtor of the collateral, where the product limits the share of one debtor; else 0.
/// @param drawnDay Day number of the draw.
/// @param lostBefore Days that the currency had stood still when the loan was drawn.
struct LoanFacts {
    FacilityId facilityId;
    ILoans.Status status;
    IProducts.CollateralKind collateral;
    bool markedOverdue;
    bool lossRecorded;
    bool marginCalled;
    uint64 drawn;
    uint64 collateralId;
    PartyId debtor;
    uint24 drawnDay;
    uint24 lostBefore;
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

uint256 constant PENALTY_ON_INTEREST = 1;
uint256 constant SAME_DAY_INTEREST = 2;
uint256 constant HAS_SHIFTS = 4;
uint256 constant MARKED_OVERDUE = 8;
uint256 constant LOSS_RECORDED = 16;
uint256 constant MARGIN_CALLED = 32;

/// @dev Reverts for an unknown loan.
function loadLoan(Book storage book, LoanId loanId) view returns (LoanView memory loan) {
    LoanRecord storage record = book.loans[loanId];
    uint256 word = record.terms;
    loan.facts.status = ILoans.Status(uint8(word >> 40));
    if (loan.facts.status == ILoans.Status.None) revert ILoans.LoanUnknown(loanId);
    uint256 flags = uint8(word >> 56);
    loan.facts.facilityId = FacilityId.wrap(uint40(word));
    loan.facts.collateral = IProducts.CollateralKind(uint8(word >> 48));
    loan.facts.markedOverdue = flags & MARKED_OVERDUE != 0;
    loan.facts.lossRecorded = flags & LOSS_RECORDED != 0;
    loan.facts.marginCalled = flags & MARGIN_CALLED != 0;
    loan.terms.style = LoanMath.Style(uint8(word >> 64));
    loan.terms.periods = uint8(word >> 72);
    loan.terms.graceDays = uint8(word >> 80);
    loan.terms.startDay = uint24(word >> 88);
    loan.terms.dueDay = uint24(word >> 112);
    loan.terms.annualRate = uint24(word >> 136);
    loan.terms.penaltyMultiple = uint24(word >> 160);
    loan.terms.earlyFee = uint24(word >> 184);
    loan.terms.dayCount = uint16(word >> 208);
    loan.facts.lostBefore = uint24(word >> 224);
    loan.terms.penaltyOnInterest = flags & PENALTY_ON_INTEREST != 0;
    loan.terms.sameDayInterest = flags & SAME_DAY_INTEREST != 0;
    if (flags & HAS_SHIFTS != 0) loan.terms.shifts = book.shifts[loanId];

    word = record.collateral;
    loan.facts.drawn = uint64(word);
    loan.facts.collateralId = uint64(word >> 64);
    loan.facts.debtor = PartyId.wrap(uint64(word >> 128));
    loan.facts.drawnDay = uint24(word >> 192);
    _loadState(record, loan.terms, loan.state);
}

/// @dev A loan of one period needs no base and repays nothing ahead. Its sums share the first word, so a repayment
/// writes one word.
function _loadState(LoanRecord storage record, LoanMath.Terms memory terms, LoanMath.State memory state) view {
    uint256 word = record.balances;
    bool isLate = uint8(word) != 0;
    state.asOfDay = uint24(word >> 8);
    state.period = uint8(word >> 32);
    state.balance = uint64(word >> 40);
    if (terms.periods == 1) {
        state.interestPaid = uint64(word >> 104);
        state.interestDays = uint88(word >> 168);
    } else {
        state.base = uint64(word >> 104);
        state.ahead = uint64(word >> 168);
        state.basePeriod = uint8(word >> 232);
        word = record.sums;
        state.interestPaid = uint64(word);
        state.interestDays = uint96(word >> 64);
    }
    if (!isLate) return;
    word = record.late;
    state.pastPrincipal = uint64(word);
    state.pastInterest = uint64(word >> 64);
    state.gracePrincipal = uint64(word >> 128);
    state.graceInterest = uint64(word >> 192);
    word = record.penalty;
    state.penaltyDays = uint96(word);
    state.penaltyPaid = uint64(word >> 96);
    state.costs = uint64(word >> 160);
    state.graceDay = uint24(word >> 224);
    state.prepaid = uint64(record.early);
}

/// @dev Writes only the words that changed. A late loan goes on using its extra words, so that no old value is left in
/// them.
function saveLoan(Book storage book, LoanId loanId, LoanView memory loan) {
    LoanRecord storage record = book.loans[loanId];
    LoanMath.State memory state = loan.state;
    _write(record, 0, _packTerms(loan));
    _write(
        record,
        1,
        uint256(loan.facts.drawn) | uint256(loan.facts.collateralId) << 64 | PartyId.unwrap(loan.facts.debtor) << 128
            | uint256(loan.facts.drawnDay) << 192
    );
    bool isLate = _saveLate(record, state);
    uint256 word =
        (isLate ? 1 : 0) | uint256(state.asOfDay) << 8 | uint256(state.period) << 32 | uint256(state.balance) << 40;
    if (loan.terms.periods == 1) {
        word |= uint256(state.interestPaid) << 104 | uint256(state.interestDays) << 168;
    } else {
        word |= uint256(state.base) << 104 | uint256(state.ahead) << 168 | uint256(state.basePeriod) << 232;
        _write(record, 3, uint256(state.interestPaid) | uint256(state.interestDays) << 64);
    }
    _write(record, 2, word);
    if (loan.terms.shifts != 0 && book.shifts[loanId] != loan.terms.shifts) book.shifts[loanId] = loan.terms.shifts;
}

function _saveLate(LoanRecord storage record, LoanMath.State memory state) returns (bool isLate) {
    uint256 late = uint256(state.pastPrincipal) | uint256(state.pastInterest) << 64 | uint256(state.gracePrincipal)
        << 128 | uint256(state.graceInterest) << 192;
    uint256 penalty = uint256(state.penaltyDays) | uint256(state.penaltyPaid) << 96 | uint256(state.costs) << 160
        | uint256(state.graceDay) << 224;
    isLate = late | penalty | state.prepaid != 0 || uint8(record.balances) != 0;
    if (!isLate) return false;
    _write(record, 4, late);
    _write(record, 5, penalty);
    _write(record, 6, state.prepaid);
}

function _packTerms(LoanView memory loan) pure returns (uint256 word) {
    LoanMath.Terms memory terms = loan.terms;
    LoanFacts memory facts = loan.facts;
    uint256 flags = (terms.penaltyOnInterest ? PENALTY_ON_INTEREST : 0)
        | (terms.sameDayInterest ? SAME_DAY_INTEREST : 0) | (terms.shifts != 0 ? HAS_SHIFTS : 0)
        | (facts.markedOverdue ? MARKED_OVERDUE : 0) | (facts.lossRecorded ? LOSS_RECORDED : 0)
        | (facts.marginCalled ? MARGIN_CALLED : 0);
    word = FacilityId.unwrap(facts.facilityId) | uint256(uint8(facts.status)) << 40 | uint256(uint8(facts.collateral))
        << 48 | flags << 56 | uint256(uint8(terms.style)) << 64 | uint256(terms.periods) << 72;
    word |= uint256(terms.graceDays) << 80 | uint256(terms.startDay) << 88 | uint256(terms.dueDay) << 112
    | uint256(terms.annualRate) << 136 | uint256(terms.penaltyMultiple) << 160 | uint256(terms.earlyFee) << 184
    | uint256(terms.dayCount) << 208 | uint256(facts.lostBefore) << 224;
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
