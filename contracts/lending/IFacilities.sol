// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimCollector} from "../receivables/IClaimCollector.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IWarehouseReceiptLienholder} from "../warehouse/IWarehouseReceiptLienholder.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    ProductId,
    WarehouseReceiptId,
    ReceivableId
} from "../types/Ids.sol";
import {IProducts} from "./IProducts.sol";

/// @title Facilities that both parties signed, and the loans drawn on them.
/// @notice The parties sign once; the borrower draws and repays many times. Amounts are minor units of the product's
/// currency, days are day numbers, rates and shares are parts per million. A pause, a closed product or a tripped
/// breaker stops draws. It never stops a repayment, a collection or a release.
interface IFacilities is IClaimCollector, IWarehouseReceiptLienholder {
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
        uint32 version; // of the product, as in force when the facility is agreed
        address lender; // the bank, the platform, or the bank that administers
        address borrower;
        address entruster; // whose money an entrusted loan is (its principal); zero for others
        uint24 annualRate;
        uint24 administrationFee; // share of interest and penalty that the administering bank keeps
        uint64 limit;
        uint64 deposit; // that the borrower pays in before it draws
        uint24 firstDay;
        uint24 lastDay; // last day on which the borrower may draw
        bytes32 legalTextHash;
        uint40 deadline; // UTC seconds, exclusive
        uint256 nonce;
    }

    struct DrawRequest {
        uint256 facilityId;
        uint64 amount;
        LoanMath.Style style;
        uint16 tenor; // days for Bullet, months for schedules, 0 for BillingCycle
        uint256 collateralId; // claim or order, as the product has it; 0 for none
    }

    /// EIP-712 `SetOff`: the borrower hands over a claim in place of money, at a value that lender and borrower sign.
    struct SetOff {
        uint256 loanId;
        uint256 claimId;
        uint96 claimValue; // face value that is handed over
        uint64 credit; // how much of the debt it pays
        bytes32 documentRoot;
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

    /// One collateral item of a loan on goods; a loan has at most 16.
    struct CollateralItem {
        IProducts.CollateralKind kind; // WarehouseReceipt, Claim, or the Order that the goods came from
        uint256 id;
        uint96 value; // how much of the item, where a part is possible; 0: all of it
    }

    /// EIP-712 `InKind`: the borrower hands over goods in place of money, at a value that both sign, as in `SetOff`.
    struct InKind {
        uint256 loanId;
        uint256 warehouseReceiptId;
        uint96 quantity; // thousandths of the unit
        uint64 credit; // how much of the debt they pay
        bytes32 documentRoot;
        uint40 deadline; // UTC seconds, exclusive
        uint256 nonce;
    }

    /// EIP-712 `BuyBack`, the buy-back undertaking, signed by the undertaker: a standing bid in every liquidation of
    /// the facility's loans that begins by `lastDay`. It buys what is needed at `share` of the goods' value, or all
    /// goods for the debt if that share of all pays less. It pays up to `maxTotal` in total, and buys as soon as the
    /// auction asks no more than that. The undertaker has approved this contract on the currency.
    struct BuyBack {
        uint256 facilityId;
        address undertaker;
        uint24 share;
        uint64 maxTotal;
        uint24 lastDay;
        bytes32 legalTextHash;
        uint40 deadline; // UTC seconds, exclusive
        uint256 nonce;
    }

    /// The collateral of a loan on goods as it counts now, and what is under way.
    struct CollateralState {
        CollateralItem[] items;
        uint256 lendable; // goods * price * (1 - haircut), claims and orders at their advance rate
        uint256 market; // goods before the haircut, at the last price where no price is valid
        bool priced; // every warehouse receipt has a price that is valid
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
        uint64 drawn; // since the facility was agreed
        uint64 depositHeld;
        uint24 overdueLoans; // loans that are marked as overdue
        uint32 openLoans; // not repaid
        bool closed;
    }

    struct Loan {
        FacilityId facilityId;
        Status status;
        uint64 drawn;
        IProducts.CollateralKind collateral;
        uint256 collateralId;
        bool markedOverdue;
        bool lossRecorded;
        LoanMath.Terms terms;
        LoanMath.State state; // as of the loan's own day: today less the days lost
        LoanMath.Parts due; // today
        LoanMath.Parts payoff; // today
        uint24 lostDays; // since the draw, in which the currency stood still; they do not count
    }

    event FacilityAgreed(
        FacilityId indexed facilityId, address indexed lender, address indexed borrower, FacilityTerms terms
    );
    event FacilityClosed(FacilityId indexed facilityId, uint64 depositReturned);
    event DepositUsed(FacilityId indexed facilityId, LoanId indexed loanId, uint64 amount, uint64 held);
    event DepositPaid(FacilityId indexed facilityId, address indexed payer, uint64 amount, uint64 held);
    /// The loan's other terms are those of the facility and of its product's version.
    event LoanDrawn(
        LoanId indexed loanId,
        FacilityId indexed facilityId,
        ProductId indexed productId,
        uint64 amount,
        LoanMath.Style style,
        uint8 periods,
        uint24 startDay,
        uint24 dueDay, // for Bullet and BillingCycle
        uint256 shifts,
        uint256 collateralId,
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
    event LoanLossRecorded(LoanId indexed loanId, uint64 fromDeposit, uint64 loss, uint64 absorbed);
    event LoanWrittenOff(LoanId indexed loanId, uint64 outstanding, uint24 day);
    event ClaimSetOff(
        LoanId indexed loanId, uint256 indexed claimId, uint96 claimValue, uint64 credit, bytes32 documentRoot
    );
    event CostsCharged(LoanId indexed loanId, uint64 amount, bytes32 evidenceHash);
    event OrderConvertedToClaim(LoanId indexed loanId, OrderId indexed orderId, ClaimId indexed claimId);
    event CollateralReleased(LoanId indexed loanId, IProducts.CollateralKind collateral, uint256 collateralId);
    event CollateralAdded(LoanId indexed loanId, IProducts.CollateralKind kind, uint256 indexed id);
    event CollateralReduced(LoanId indexed loanId, IProducts.CollateralKind kind, uint256 indexed id, uint96 value);
    event OrderConvertedToGoods(
        LoanId indexed loanId, OrderId indexed orderId, WarehouseReceiptId indexed warehouseReceiptId
    );
    event GoodsConvertedToClaim(
        LoanId indexed loanId,
        WarehouseReceiptId indexed warehouseReceiptId,
        ClaimId indexed claimId,
        address buyer,
        uint96 quantity
    );
    event SettledInKind(
        LoanId indexed loanId, uint256 indexed warehouseReceiptId, uint96 quantity, uint64 credit, bytes32 documentRoot
    );
    event MarginCalled(LoanId indexed loanId, uint64 debt, uint256 lendable, uint24 lastDay);
    event MarginCured(LoanId indexed loanId, uint64 debt, uint256 lendable);
    event BuyBackAgreed(FacilityId indexed facilityId, address indexed undertaker, BuyBack terms);
    /// The undertaker is no longer valid, is now related to a side, or does not pay. The auction goes on.
    event BuyBackFailed(LoanId indexed loanId, address indexed undertaker, uint64 price);
    event BoughtBack(LoanId indexed loanId, address indexed undertaker, uint64 price, uint64 left);
    /// A round of an auction. Factors are parts per million of the goods' value at the prices of `GoodsAppraised`.
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
    /// The price that an auction uses: the last good price of an item when the auction was opened.
    event GoodsAppraised(LoanId indexed loanId, bytes32 indexed item, uint64 value, uint40 asOf);
    /// No goods are left to sell.
    event AuctionEnded(LoanId indexed loanId);
    /// A sale of one warehouse receipt, or of a part of one. The part is `soldWarehouseReceiptId` from then on.
    event WarehouseReceiptSold(
        LoanId indexed loanId,
        uint256 indexed warehouseReceiptId,
        uint256 indexed soldWarehouseReceiptId,
        uint96 quantity,
        uint64 price
    );
    event GoodsSold(LoanId indexed loanId, address indexed buyer, uint64 price, uint64 taken, uint64 toOwner);
    event CollectedForLoan(LoanId indexed loanId, ClaimId indexed claimId, uint64 taken, uint64 toOwner);
    /// A court took it out of a party's unclaimed money.
    event ForcedWithdrawal(
        address indexed from, address indexed currency, address indexed to, uint256 amount, bytes32 orderHash
    );
    /// A court took it out of the deposit of a facility that is not in use.
    event DepositTaken(
        FacilityId indexed facilityId, address indexed to, uint64 amount, uint64 held, bytes32 indexed orderHash
    );
    // The events of Unclaimed, CurrencyClock and SignedTerms, for readers of this contract's interface only.
    event LeftUnclaimed(address indexed party, address indexed currency, uint256 amount);
    event UnclaimedWithdrawn(address indexed party, address indexed currency, uint256 amount);
    event CurrencyStopped(address indexed currency, uint40 stoppedAt);
    event CurrencyMoves(address indexed currency, uint40 stoppedAt, uint24 daysLost);
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);
    event DebtorAccepted(FacilityId indexed facilityId, address indexed debtor, bool accepted);

    error FacilityUnknown(FacilityId facilityId);
    error LoanUnknown(LoanId loanId);
    error StateForbids(LoanId loanId, Status status);
    error SignatureInvalid(address signer, bytes32 digest);
    error TermsUsed(bytes32 termsHash);
    error VersionNotInForce(ProductId productId, uint32 value, uint32 inForce);
    error TermOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max);
    error LegalTextDiffers(bytes32 provided, bytes32 ofProduct);
    error SamePartyBothSides(address lender, address borrower);
    error NotBorrower(FacilityId facilityId, address borrower, address caller);
    error NotLender(FacilityId facilityId, address lender, address caller);
    error FacilityIsClosed(FacilityId facilityId);
    error FacilityInUse(FacilityId facilityId, uint64 outstanding);
    error FacilityNotInTime(FacilityId facilityId, uint256 today, uint24 firstDay, uint24 lastDay);
    error FacilityOverdue(FacilityId facilityId, uint24 overdueLoans);
    error DepositMissing(FacilityId facilityId, uint64 held, uint64 needed);
    error LimitExceeded(bytes32 limit, uint256 requested, uint256 max);
    error StyleNotAllowed(LoanMath.Style style, uint8 allowed);
    error BreakerTripped(ProductId productId, uint64 overdue, uint64 outstanding, uint24 breaker);
    error CollateralInUse(uint256 collateralId, LoanId loanId);
    error CollateralNotOfBorrower(uint256 collateralId, address owner, address borrower);
    error CollateralNotGood(uint256 collateralId, uint8 status);
    error CollateralInOtherCurrency(uint256 collateralId, address currency, address needed);
    error CollateralTooSmall(uint256 collateralId, uint256 advance, uint256 needed);
    error CollateralNotExhausted(LoanId loanId, uint256 collateralId);
    error CannotFund(address account, address currency, uint256 amount);
    error CurrencyStands(address currency);
    error TransferTookFee(address currency, uint256 expected, uint256 received);
    error NothingUnclaimed(address party, address currency);
    error NotOfParty(address account, address caller);
    error SignatureExpired(uint40 deadline, uint256 timestamp);
    error SignatureCancelled(address signer, bytes32 digest);
    error NothingOwed(LoanId loanId);
    error NotOverdue(LoanId loanId);
    error SetOffExceedsDebt(LoanId loanId, uint64 credit, uint256 owed);
    error TooEarly(LoanId loanId, uint256 today, uint256 earliest);
    error NotReceivables(address caller);
    error CollateralMissing(LoanId loanId);
    error TooManyItems(LoanId loanId, uint256 items, uint256 max);
    error ItemNotOfLoan(LoanId loanId, IProducts.CollateralKind kind, uint256 id);
    error ItemRefused(IProducts.CollateralKind kind, uint256 id);
    error OlderGoodsFirst(uint256 warehouseReceiptId, uint256 olderWarehouseReceiptId);
    error NotOfTheOrder(uint256 orderId, uint256 warehouseReceiptId);
    error MarginNotAgreed(LoanId loanId);
    error MarginUnchanged(LoanId loanId, uint256 debt, uint256 lendable);
    error NotLiquidable(LoanId loanId, uint256 debt, uint256 lendable, uint24 lastDay);
    error AuctionRuns(LoanId loanId, uint40 auctionEnd);
    error AuctionNotBegun(LoanId loanId, uint40 auctionStart);
    error RestartsUsedUp(LoanId loanId, uint256 max);
    error GoodsNotAppraised(LoanId loanId);
    error NoAuction(LoanId loanId);
    error NoBuyBack(FacilityId facilityId);
    error BuyBackTooLow(LoanId loanId, uint64 price, uint256 requested);
    error CreditBelowFloor(LoanId loanId, uint64 credit, uint256 min);
    error LienServesLoan(IProducts.CollateralKind kind, uint256 id, LoanId loanId);
    error NoIdleLien(IProducts.CollateralKind kind, uint256 id);
    error PriceAboveBid(LoanId loanId, uint64 price, uint64 max);
    error CollateralWorse(LoanId loanId, uint256 lendableAfter, uint256 lendableBefore, uint256 debt);
    error NotWarehouseReceipts(address caller);
    error DebtorNotAccepted(FacilityId facilityId, address debtor);
    error NotCourt(address caller);

    // ------------------------------------------------------------------ facilities

    /// Agrees a facility. Anyone sends it, with the signatures of lender and borrower, and of the entruster if there is
    /// one. The product is open and the version is in force. All parties are valid. Role of the lender: 4 (bank) or 16
    /// (platform).
    function agree(
        FacilityTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature,
        bytes calldata entrusterSignature
    ) external returns (FacilityId);
    /// Pays the deposit from the caller's own money, up to what the terms require.
    function payDeposit(FacilityId facilityId, uint64 amount) external;
    /// Closes a facility. The lender or the borrower calls it when nothing is outstanding. No draw is possible any
    /// more. The deposit goes back to the borrower's party: to the account that closes if it is the party's own,
    /// otherwise to the borrower's account.
    function close(FacilityId facilityId) external;
    /// Sets whether debts of this debtor's party may become collateral of the facility's loans. The lender calls it.
    /// While the lender has accepted any debtor, draws take claims and orders on accepted debtors only. Collateral is
    /// never converted into a claim on another debtor, except on the buyer of an order that is collateral already.
    function acceptDebtor(FacilityId facilityId, address debtor, bool accepted) external;
    /// Refuses the sender's signature over `digest` from now on (facility terms, a set-off, an extension, costs, goods
    /// in kind, a buy-back undertaking). The signer calls it, also before it has handed the signature to anyone.
    function cancelSignature(bytes32 digest) external;

    // ------------------------------------------------------------------ loans

    /// Draws a loan. Any account of the borrower calls it. In this transaction the money goes from the lender's account
    /// (or the entruster's) to the sender's, and the collateral comes under a lien. The borrower has approved this
    /// contract as operator of the collateral.
    function draw(DrawRequest calldata request) external returns (LoanId);
    /// Repays from the caller's own money. Anyone may call it. It takes at most what is owed today and returns where
    /// the money went. While the currency stands still (paused by its issuer) it takes nothing, returns all parts as
    /// zero, and records the stop: see `checkCurrency`.
    function repay(LoanId loanId, uint64 amount) external returns (LoanMath.Parts memory parts);
    /// Repays several loans in the order of the list (the purchases of a bill), at most `amount` in total. It skips a
    /// loan that cannot be paid (already repaid, unknown, or in another currency that does not arrive), so that nobody
    /// can stop a bill's payment.
    function repayMany(LoanId[] calldata loanIds, uint64 amount) external returns (uint64 taken);
    /// Stores what has accrued by today. It is never needed and does not change what is owed.
    function accrue(LoanId loanId) external;
    /// Extends a loan. Both parties signed. Nothing of the loan may be overdue or in grace. The due day is a day of
    /// today's calendar: it includes the days lost so far, and days lost later move it.
    function extend(Extension calldata extension, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;
    /// Turns a bill into instalments. The borrower calls it before the bill's due day has passed. The bill's purchases
    /// become schedules of equal instalments from that day, over a number of `months` that the product allows.
    function payInInstalments(LoanId[] calldata loanIds, uint8 months) external;
    /// Hands over a claim in place of money. Both parties signed (for an entrusted loan the entruster instead of the
    /// lender). The claim is collateral of the loan, or a free claim of the borrower. It goes to the party whose money
    /// is lent, free of its lien if handed over whole. The entruster pays the administering bank its fee in money. Not
    /// possible after a loss was recorded. A claim from the loan's collateral counts for at least what is lent on it,
    /// or for all that is owed, until its debtor is in default. A part that a court split off the collateral of another
    /// loan belongs to that loan: `LienServesLoan`, also in `settleInKind`.
    function setOff(SetOff calldata setOff_, bytes calldata lenderSignature, bytes calldata borrowerSignature) external;
    /// Charges costs of enforcement that the borrower signed for: `Costs(uint256 loanId,uint64 amount,bytes32
    /// evidenceHash,uint40 deadline,uint256 nonce)`.
    function chargeCosts(
        LoanId loanId,
        uint64 amount,
        bytes32 evidenceHash,
        uint40 deadline,
        uint256 nonce,
        bytes calldata borrowerSignature
    ) external;

    // ------------------------------------------------------------------ collateral

    /// Converts an order under lien into its claim, in one transaction. The borrower, the debtor or the lender calls
    /// it. The order's invoice is confirmed here with the debtor's signature, or was confirmed before. The claim must
    /// be enough for what is outstanding.
    function convertToClaim(LoanId loanId, ReceivableId receivableId, ClaimId claimId, bytes calldata debtorSignature)
        external
        returns (ClaimId);
    /// Draws as `draw` does, under a product whose collateral is WarehouseReceipt. `request.collateralId` is 0. The
    /// items are the borrower's own, free and whole, and at least one is a warehouse receipt. To the lender they are
    /// worth at least the amount, at prices that are not in doubt.
    function drawOnGoods(DrawRequest calldata request, CollateralItem[] calldata items) external returns (LoanId);
    /// Substitutes collateral in one transaction. The borrower calls it. Items are added; items or parts are removed.
    /// If anything is removed, the rest must still be enough for the debt. Of the same goods the oldest are removed
    /// first.
    function substituteCollateral(LoanId loanId, CollateralItem[] calldata added, CollateralItem[] calldata removed)
        external;
    /// Converts an order under lien into goods. The borrower, the buyer or the lender calls it, with the buyer's
    /// signature over the delivery. The lien moves to the goods' warehouse receipt. What is not delivered stays with
    /// the order.
    function convertToGoods(
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        WarehouseReceiptId warehouseReceiptId
    ) external;
    /// Converts goods under lien into a claim, in one transaction. The borrower calls it when it invoices them. The
    /// receivable is confirmed here with the debtor's signature, or was confirmed before. The lien moves to its claim,
    /// and the goods move to the debtor. The collateral must be enough for the debt, or be worth no less than before.
    function convertGoodsToClaim(
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        WarehouseReceiptId warehouseReceiptId,
        uint96 quantity
    ) external returns (ClaimId);
    /// Hands over goods in place of money. Both parties signed, as for `setOff`. Goods from the loan's collateral count
    /// for at least the auction's floor, or for all that is owed.
    function settleInKind(InKind calldata inKind, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;
    /// Releases a lien of this contract that serves no loan. An account of the owner's party calls it. Reverts with
    /// `NoIdleLien` if there is no lien, and with `LienServesLoan` if the lien serves a loan, also a loan out of whose
    /// collateral a court split the token.
    function releaseIdleLien(IProducts.CollateralKind kind, uint256 id) external;
    /// Records a part that a court split off a warehouse receipt or claim behind a loan on goods. Anyone may call it.
    /// The part is still under the lien, and from now on it is a collateral item of that loan. Reverts with
    /// `NoIdleLien` if it is no such part.
    function followPart(IProducts.CollateralKind kind, uint256 id) external;
    // onCollected (IClaimCollector): the money goes through the loan's waterfall, and the rest to the claim's owner.
    // This includes a part that a court split off the loan's claim. Under a lien that the owner put on for no loan, all
    // of it goes to the owner.

    // ------------------------------------------------------------------ margin

    /// Starts a margin call if the collateral has fallen below the product's call level, or ends a call that is cured.
    /// Anyone may call it. A price that is too old counts as none. Repayments and added collateral end a call by
    /// themselves.
    function checkMargin(LoanId loanId) external;
    // onImpaired (IWarehouseReceiptLienholder): the same check, when goods are damaged or lost.
    /// Agrees a buy-back undertaking. The lender calls it with the signature of the undertaker, which is no party to
    /// the facility. A later undertaking replaces the earlier one.
    function agreeBuyBack(BuyBack calldata terms, bytes calldata undertakerSignature) external;
    /// Liquidates goods. The lender calls it for a loan in default, for a margin call that was not cured in its days,
    /// or at once below the liquidation level while there are goods. All falls due, and an auction of the goods opens.
    /// If no goods are left, nothing is sold. The price asked is a share of the goods' value at their last good
    /// appraisal. It falls from the product's start to its floor. Seconds in which the currency stands do not count.
    /// Called again after the end, it opens another round one day later, at most three times. No round goes below the
    /// floor of the first. After that only a new good appraisal opens a new series.
    function liquidate(LoanId loanId) external;
    /// Bids in an auction. A funder (role 4) calls it and pays at most `maxPrice`. It buys as much of the goods, oldest
    /// first, as pays the debt of now at the price of now, rounded up to the smallest part. A warehouse receipt that
    /// may not be split any more is bought whole. The money runs through the loan, and a surplus goes to the goods'
    /// owner. Goods that were not needed are free once the debt is paid. From the end of a round until the next one
    /// begins the floor is asked. While the currency stands it buys nothing and returns 0.
    function bid(LoanId loanId, uint64 maxPrice) external returns (uint64 price);
    /// Makes the undertaker buy. Anyone may call it once the auction asks no more than the undertaker pays. The
    /// undertaker buys what is needed, never below the floor. If it cannot pay, nothing is bought and 0 is returned.
    function callBuyBack(LoanId loanId) external returns (uint64 price);

    // ------------------------------------------------------------------ loss

    /// Marks a loan as overdue once something is unpaid beyond its grace. Anyone may call it. The loan counts as
    /// overdue for its product's breaker until it is repaid up to date.
    function markOverdue(LoanId loanId) external;
    /// Declares a default once something is unpaid beyond its grace: all falls due. The lender calls it (the
    /// administering bank or the entruster).
    function declareDefault(LoanId loanId) external;
    /// Records the loss of a defaulted loan whose collateral is gone, or whose debtor has defaulted too. The lender
    /// calls it, as for `declareDefault`. It takes the borrower's deposit, and then reserve, sharers and insurer for
    /// the principal still outstanding (RiskReserve).
    function recordLoss(LoanId loanId) external returns (uint64 absorbed);
    /// Writes a loan off after the write-off days. The lender calls it, as for `declareDefault`. It forgives nothing.
    function writeOff(LoanId loanId) external;
    /// Declares the default of the debtor of a claim under lien, as its lienholder may. The lender calls it, as for
    /// `declareDefault`.
    function declareDebtDefault(LoanId loanId) external;

    // ------------------------------------------------------------------ unclaimed money

    /// Withdraws all unclaimed money of the sender's party in a currency, to any of the party's valid accounts.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);
    /// Moves this much of the unclaimed money of the party of `from` to `to`. Only by order of a court (CourtOrders).
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;
    /// Takes money out of the deposit of a facility without open loans. Only by order of a court.
    function forcedWithdrawDeposit(FacilityId facilityId, address to, uint64 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ stopped currencies

    /// Asks the currency whether it moves, and starts or ends its stop. Anyone may call it. Days in which the currency
    /// stood still make nobody late: the day of every loan is today less the days lost since its draw.
    function checkCurrency(address currency) external returns (bool running);

    // ------------------------------------------------------------------ views

    function facility(FacilityId facilityId) external view returns (Facility memory);
    function loan(LoanId loanId) external view returns (Loan memory);
    function loanOfClaim(ClaimId claimId) external view returns (LoanId);
    function loanOfWarehouseReceipt(WarehouseReceiptId warehouseReceiptId) external view returns (LoanId);
    function collateralOf(LoanId loanId) external view returns (CollateralState memory);
    /// What a bid would buy now, and its price; nothing while no goods are for sale.
    function saleOf(LoanId loanId) external view returns (CollateralItem[] memory sold, uint64 price, uint24 factor);
    function buyBackOf(FacilityId facilityId)
        external
        view
        returns (address undertaker, uint64 left, uint24 share, uint24 lastDay);
    function inKindDigest(InKind calldata inKind) external view returns (bytes32);
    function buyBackDigest(BuyBack calldata terms) external view returns (bytes32);
    function loanOfOrder(OrderId orderId) external view returns (LoanId);
    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue);
    /// Whether the lender has accepted the debtor's party for the facility.
    function acceptsDebtor(FacilityId facilityId, address debtor) external view returns (bool);
    function currencyClock(address currency) external view returns (CurrencyClock.Clock memory);
    /// The unclaimed money of a party in a currency; `party` is any of the party's accounts.
    function unclaimedOf(address party, address currency) external view returns (uint256);
    function facilityDigest(FacilityTerms calldata terms) external view returns (bytes32);
    function setOffDigest(SetOff calldata setOff_) external view returns (bytes32);
    function extensionDigest(Extension calldata extension) external view returns (bytes32);
    function costsDigest(LoanId loanId, uint64 amount, bytes32 evidenceHash, uint40 deadline, uint256 nonce)
        external
        view
        returns (bytes32);
}
