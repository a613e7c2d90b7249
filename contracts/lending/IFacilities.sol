// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimCollector} from "../receivables/IClaimCollector.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IWarehouseReceiptLienholder} from "../warehouse/IWarehouseReceiptLienholder.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, WarehouseReceiptId, ReceivableId} from "../types/Ids.sol";
import {IProducts} from "./IProducts.sol";

/// @title Facilities that both parties signed, and the loans drawn on them.
/// @notice The parties sign once; the borrower draws and repays many times. Amounts are minor units of the product's
/// currency, days are day numbers, rates and shares are parts per million. A pause, a closed product or a tripped
/// breaker stops draws. It never stops a repayment, a collection or a release.
/// @dev Source: decisions 13, 15 and 23.
interface IFacilities is IClaimCollector, IWarehouseReceiptLienholder {
    /// @notice Where a loan stands. Overdue follows from the clock.
    enum Status {
        None,
        Running,
        Defaulted,
        WrittenOff, // forgives nothing
        Repaid
    }

    /// @notice EIP-712 `FacilityTerms` over exactly these fields, in the domain "Cession Facilities", version 1.
    /// @param productId The product.
    /// @param version Version of the product, as in force when the facility is agreed.
    /// @param lender The bank, the platform, or the bank that administers.
    /// @param borrower The borrower.
    /// @param entruster Whose money an entrusted loan is (its principal); zero for others.
    /// @param annualRate Parts per million a year.
    /// @param administrationFee Share of interest and penalty that the administering bank keeps, in parts per million.
    /// @param limit Minor units, in the product's limit currency if it has one: what may be outstanding, or drawn in
    /// all if the product is not revolving.
    /// @param deposit Minor units that the borrower pays in before it draws.
    /// @param firstDay First day number on which the borrower may draw.
    /// @param lastDay Last day number on which the borrower may draw.
    /// @param legalTextHash Hash of the legal text.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct FacilityTerms {
        uint256 productId;
        uint32 version;
        address lender;
        address borrower;
        address entruster;
        uint24 annualRate;
        uint24 administrationFee;
        uint64 limit;
        uint64 deposit;
        uint24 firstDay;
        uint24 lastDay;
        bytes32 legalTextHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice What the borrower asks for.
    /// @param facilityId The facility.
    /// @param amount Minor units.
    /// @param style How the loan is repaid.
    /// @param tenor Days for Bullet, months for schedules, 0 for BillingCycle.
    /// @param collateralId Claim or order, as the product has it; 0 for none.
    struct DrawRequest {
        uint256 facilityId;
        uint64 amount;
        LoanMath.Style style;
        uint16 tenor;
        uint256 collateralId;
    }

    /// @notice EIP-712 `SetOff`: the borrower hands over a claim in place of money, at a value that lender and borrower
    /// sign.
    /// @param loanId The loan.
    /// @param claimId The claim.
    /// @param claimValue Minor units of the claim that are handed over.
    /// @param credit Minor units of the debt that they pay.
    /// @param documentRoot Merkle root of the documents behind it.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct SetOff {
        uint256 loanId;
        uint256 claimId;
        uint96 claimValue;
        uint64 credit;
        bytes32 documentRoot;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice EIP-712 `Extension`: a later due day of a bullet loan, or more periods of a schedule.
    /// @param loanId The loan.
    /// @param dueDay The new due day, by the calendar, for Bullet; else 0.
    /// @param periods The new number of instalments, for schedules; else 0.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct Extension {
        uint256 loanId;
        uint24 dueDay;
        uint8 periods;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice One collateral item of a loan on goods; a loan has at most 16.
    /// @param kind WarehouseReceipt, Claim, or the Order that the goods came from.
    /// @param id Its number.
    /// @param value How much of the item, where a part is possible: minor units, or thousandths of the unit of goods;
    /// 0: all of it.
    struct CollateralItem {
        IProducts.CollateralKind kind;
        uint256 id;
        uint96 value;
    }

    /// @notice EIP-712 `InKind`: the borrower hands over goods in place of money, at a value that both sign, as in
    /// `SetOff`.
    /// @param loanId The loan.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param quantity Thousandths of the unit.
    /// @param credit Minor units of the debt that they pay.
    /// @param documentRoot Merkle root of the documents behind it.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct InKind {
        uint256 loanId;
        uint256 warehouseReceiptId;
        uint96 quantity;
        uint64 credit;
        bytes32 documentRoot;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice EIP-712 `BuyBack`, the buy-back undertaking, signed by the undertaker: a standing bid in every
    /// liquidation of the facility's loans that begins by `lastDay`. It buys what is needed at `share` of the goods'
    /// value, or all goods for the debt if that share of all pays less. It pays up to `maxTotal` in total, and buys as
    /// soon as the auction asks no more than that. The undertaker has approved this contract on the currency.
    /// @param facilityId The facility.
    /// @param undertaker The account that buys.
    /// @param share Parts per million of the goods' value at their last good appraisal.
    /// @param maxTotal Minor units that it pays in total at most.
    /// @param lastDay Last day number on which a liquidation may begin.
    /// @param legalTextHash Hash of the legal text.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct BuyBack {
        uint256 facilityId;
        address undertaker;
        uint24 share;
        uint64 maxTotal;
        uint24 lastDay;
        bytes32 legalTextHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice The collateral of a loan on goods as it counts now, and what is under way.
    /// @param items The collateral items.
    /// @param lendable Minor units: goods * price * (1 - haircut), claims and orders at their advance rate.
    /// @param market Minor units: goods before the haircut, at the last price where no price is valid.
    /// @param priced Whether every warehouse receipt has a price that is valid.
    /// @param calledDay Day number of the margin call; 0: none.
    /// @param lastDay Last day number to cure, by the calendar.
    /// @param auctionStart When the round begins (UTC seconds); 0: no auction.
    /// @param auctionEnd When it ends (UTC seconds), later by every second in which the currency stands.
    /// @param price Minor units for what a bid buys now.
    /// @param floorPrice Minor units for all goods, at the floor.
    /// @param factor What is asked now, in parts per million of the goods' value at the last good appraisal.
    /// @param floorFactor The floor, in parts per million of that value.
    /// @param round Round of the auction, from 1; 4 at most.
    struct CollateralState {
        CollateralItem[] items;
        uint256 lendable;
        uint256 market;
        bool priced;
        uint24 calledDay;
        uint24 lastDay;
        uint40 auctionStart;
        uint40 auctionEnd;
        uint64 price;
        uint64 floorPrice;
        uint24 factor;
        uint24 floorFactor;
        uint8 round;
    }

    /// @notice A facility as it stands. Amounts are minor units of its currency.
    /// @param termsHash EIP-712 digest of the terms that were signed.
    /// @param productId The product.
    /// @param version Version of the product.
    /// @param lender The lender.
    /// @param borrower The borrower.
    /// @param entruster Whose money an entrusted loan is; zero for others.
    /// @param currency Token contract of its currency.
    /// @param annualRate Parts per million a year.
    /// @param administrationFee Share of interest and penalty that the administering bank keeps, in parts per million.
    /// @param limit What may be outstanding, or drawn in all if the product is not revolving; in the product's limit
    /// currency if it has one.
    /// @param deposit What the borrower pays in before it draws.
    /// @param firstDay First day number on which the borrower may draw.
    /// @param lastDay Last day number on which the borrower may draw.
    /// @param outstanding Principal.
    /// @param drawn Drawn since the facility was agreed.
    /// @param depositHeld The deposit that is held.
    /// @param overdueLoans Loans that are marked as overdue.
    /// @param openLoans Loans that are not repaid.
    /// @param closed Whether no draw is possible any more.
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
        uint64 outstanding;
        uint64 drawn;
        uint64 depositHeld;
        uint24 overdueLoans;
        uint32 openLoans;
        bool closed;
    }

    /// @notice A loan as it stands.
    /// @param facilityId The facility.
    /// @param status Where the loan stands.
    /// @param drawn Minor units that were drawn.
    /// @param collateral What secures it.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param markedOverdue Whether it counts as overdue for its product's breaker.
    /// @param lossRecorded Whether its loss was recorded.
    /// @param terms How it runs.
    /// @param state Its state as of its own day: today less the days lost.
    /// @param due What must be paid today so that nothing due stays unpaid.
    /// @param payoff What would end it today.
    /// @param lostDays Days since the draw in which the currency stood still; they do not count.
    struct Loan {
        FacilityId facilityId;
        Status status;
        uint64 drawn;
        IProducts.CollateralKind collateral;
        uint256 collateralId;
        bool markedOverdue;
        bool lossRecorded;
        LoanMath.Terms terms;
        LoanMath.State state;
        LoanMath.Parts due;
        LoanMath.Parts payoff;
        uint24 lostDays;
    }

    /// @notice A facility was agreed.
    /// @param facilityId The facility.
    /// @param lender The lender.
    /// @param borrower The borrower.
    /// @param terms The terms.
    event FacilityAgreed(
        FacilityId indexed facilityId, address indexed lender, address indexed borrower, FacilityTerms terms
    );

    /// @notice No draw is possible any more.
    /// @param facilityId The facility.
    /// @param depositReturned Minor units that went back to the borrower's party.
    event FacilityClosed(FacilityId indexed facilityId, uint64 depositReturned);

    /// @notice The borrower's deposit paid a part of a loan in default.
    /// @param facilityId The facility.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param held Minor units of the deposit that are held afterwards.
    event DepositUsed(FacilityId indexed facilityId, LoanId indexed loanId, uint64 amount, uint64 held);

    /// @notice The borrower's deposit was paid, in whole or in part.
    /// @param facilityId The facility.
    /// @param payer Whose money it was.
    /// @param amount Minor units of the currency.
    /// @param held Minor units of the deposit that are held afterwards.
    event DepositPaid(FacilityId indexed facilityId, address indexed payer, uint64 amount, uint64 held);

    /// @notice A loan was drawn. Its other terms are those of the facility and of its product's version.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param productId The product.
    /// @param amount Minor units of the currency.
    /// @param style How it is repaid.
    /// @param periods Number of instalments.
    /// @param startDay Day number of the draw.
    /// @param dueDay Due day number, for Bullet and BillingCycle.
    /// @param shifts Days by which each due day moves to a business day: four bits a period.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param reserveShare Minor units that the lender paid into the reserve.
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

    /// @notice A loan was paid, in whole or in part, with money or otherwise.
    /// @param loanId The loan.
    /// @param payer Whose money it was; the borrower for a claim or goods; this contract for money that was here:
    /// collected, from a sale, or from the deposit.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    /// @param parts Where it went.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    event LoanRepaid(
        LoanId indexed loanId, address indexed payer, uint24 day, LoanMath.Parts parts, uint64 outstanding
    );

    /// @notice A loan was repaid in full.
    /// @param loanId The loan.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    event LoanEnded(LoanId indexed loanId, uint24 day);

    /// @notice What has accrued was stored.
    /// @param loanId The loan.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    /// @param due What must be paid so that nothing due stays unpaid, in minor units.
    /// @param payoff What would end the loan, in minor units.
    event LoanAccrued(LoanId indexed loanId, uint24 day, uint64 due, uint64 payoff);

    /// @notice A loan was extended.
    /// @param loanId The loan.
    /// @param dueDay Due day number, for Bullet.
    /// @param periods Number of instalments.
    /// @param shifts Days by which each due day moves to a business day: four bits a period.
    event LoanExtended(LoanId indexed loanId, uint24 dueDay, uint8 periods, uint256 shifts);

    /// @notice A bill became instalments.
    /// @param loanId The loan.
    /// @param startDay Day number from which the instalments run.
    /// @param periods Number of instalments.
    /// @param shifts Days by which each due day moves to a business day: four bits a period.
    event LoanInInstalments(LoanId indexed loanId, uint24 startDay, uint8 periods, uint256 shifts);

    /// @notice A loan counts as overdue for its product's breaker.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    event LoanOverdue(LoanId indexed loanId, FacilityId indexed facilityId, uint64 outstanding, uint24 day);

    /// @notice A loan is in default: all of it is due.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    event LoanDefaulted(LoanId indexed loanId, FacilityId indexed facilityId, uint64 outstanding, uint24 day);

    /// @notice A loss was recorded.
    /// @param loanId The loan.
    /// @param fromDeposit Minor units that the borrower's deposit paid.
    /// @param loss Principal that is outstanding, in minor units.
    /// @param absorbed Minor units of it that were absorbed at once.
    event LoanLossRecorded(LoanId indexed loanId, uint64 fromDeposit, uint64 loss, uint64 absorbed);

    /// @notice A loan was written off. It is still owed.
    /// @param loanId The loan.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    event LoanWrittenOff(LoanId indexed loanId, uint64 outstanding, uint24 day);

    /// @notice A claim was handed over in place of money.
    /// @param loanId The loan.
    /// @param claimId The claim.
    /// @param claimValue Minor units of the claim.
    /// @param credit Minor units of the debt that it pays.
    /// @param documentRoot Merkle root of the documents behind it.
    event ClaimSetOff(
        LoanId indexed loanId, uint256 indexed claimId, uint96 claimValue, uint64 credit, bytes32 documentRoot
    );

    /// @notice Costs of enforcement are owed.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    event CostsCharged(LoanId indexed loanId, uint64 amount, bytes32 evidenceHash);

    /// @notice A claim replaced its order as collateral.
    /// @param loanId The loan.
    /// @param orderId The order.
    /// @param claimId The claim.
    event OrderConvertedToClaim(LoanId indexed loanId, OrderId indexed orderId, ClaimId indexed claimId);

    /// @notice An item is no longer collateral.
    /// @param loanId The loan.
    /// @param collateral What kind of collateral it is.
    /// @param collateralId The item: a warehouse receipt, claim or order.
    event CollateralReleased(LoanId indexed loanId, IProducts.CollateralKind collateral, uint256 collateralId);

    /// @notice An item became collateral.
    /// @param loanId The loan.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    event CollateralAdded(LoanId indexed loanId, IProducts.CollateralKind kind, uint256 indexed id);

    /// @notice A part of an item is no longer collateral.
    /// @param loanId The loan.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    /// @param value Minor units, or thousandths of the unit of goods, that left.
    event CollateralReduced(LoanId indexed loanId, IProducts.CollateralKind kind, uint256 indexed id, uint96 value);

    /// @notice Goods joined their order as collateral.
    /// @param loanId The loan.
    /// @param orderId The order.
    /// @param warehouseReceiptId The warehouse receipt.
    event OrderConvertedToGoods(
        LoanId indexed loanId, OrderId indexed orderId, WarehouseReceiptId indexed warehouseReceiptId
    );

    /// @notice A claim replaced goods as collateral.
    /// @param loanId The loan.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param claimId The claim.
    /// @param buyer The debtor, who has the goods.
    /// @param quantity Thousandths of the lot's unit.
    event GoodsConvertedToClaim(
        LoanId indexed loanId,
        WarehouseReceiptId indexed warehouseReceiptId,
        ClaimId indexed claimId,
        address buyer,
        uint96 quantity
    );

    /// @notice Goods were handed over in place of money.
    /// @param loanId The loan.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param quantity Thousandths of the lot's unit.
    /// @param credit Minor units of the debt that it pays.
    /// @param documentRoot Merkle root of the documents behind it.
    event SettledInKind(
        LoanId indexed loanId, uint256 indexed warehouseReceiptId, uint96 quantity, uint64 credit, bytes32 documentRoot
    );

    /// @notice The collateral has fallen below the call level.
    /// @param loanId The loan.
    /// @param debt What would end the loan today, in minor units.
    /// @param lendable What the collateral is worth to the lender, in minor units.
    /// @param lastDay Last day number to cure, by the calendar.
    event MarginCalled(LoanId indexed loanId, uint64 debt, uint256 lendable, uint24 lastDay);

    /// @notice The collateral is above the call level again.
    /// @param loanId The loan.
    /// @param debt What would end the loan today, in minor units.
    /// @param lendable What the collateral is worth to the lender, in minor units.
    event MarginCured(LoanId indexed loanId, uint64 debt, uint256 lendable);

    /// @notice An undertaker is to buy the goods of a facility's loans when they are liquidated.
    /// @param facilityId The facility.
    /// @param undertaker The account that undertook to buy.
    /// @param terms The terms.
    event BuyBackAgreed(FacilityId indexed facilityId, address indexed undertaker, BuyBack terms);

    /// @notice The undertaker is no longer valid, is now related to a side, or does not pay. The auction goes on.
    /// @param loanId The loan.
    /// @param undertaker The account that undertook to buy.
    /// @param price Minor units of the currency.
    event BuyBackFailed(LoanId indexed loanId, address indexed undertaker, uint64 price);

    /// @notice The undertaker bought goods.
    /// @param loanId The loan.
    /// @param undertaker The account that undertook to buy.
    /// @param price Minor units of the currency.
    /// @param left Minor units that are left of its maximum.
    event BoughtBack(LoanId indexed loanId, address indexed undertaker, uint64 price, uint64 left);

    /// @notice A round of an auction. Factors are parts per million of the goods' value at the prices of
    /// `GoodsAppraised`.
    /// @param loanId The loan.
    /// @param debt What would end the loan today, in minor units.
    /// @param lendable What the collateral is worth to the lender, in minor units.
    /// @param round Round of the auction, from 1.
    /// @param startFactor Parts per million at its beginning.
    /// @param floorFactor Parts per million at its end.
    /// @param auctionStart When it begins (UTC seconds).
    /// @param auctionEnd When it ends (UTC seconds).
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

    /// @notice The price that an auction uses: the last good price of an item when the auction was opened.
    /// @param loanId The loan.
    /// @param item What PriceFeed prices: hash of sku, grade and unit.
    /// @param value Millionths of a minor unit for a thousandth of the unit.
    /// @param asOf When the price was observed (UTC seconds).
    event GoodsAppraised(LoanId indexed loanId, bytes32 indexed item, uint64 value, uint40 asOf);

    /// @notice No goods are left to sell.
    /// @param loanId The loan.
    event AuctionEnded(LoanId indexed loanId);

    /// @notice A sale of one warehouse receipt, or of a part of one. The part is `soldWarehouseReceiptId` from then on.
    /// @param loanId The loan.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param soldWarehouseReceiptId The warehouse receipt that the buyer holds now.
    /// @param quantity Thousandths of the lot's unit.
    /// @param price Minor units for this one.
    event WarehouseReceiptSold(
        LoanId indexed loanId,
        uint256 indexed warehouseReceiptId,
        uint256 indexed soldWarehouseReceiptId,
        uint96 quantity,
        uint64 price
    );

    /// @notice An auction's goods were sold.
    /// @param loanId The loan.
    /// @param buyer The account that bought.
    /// @param price Minor units for all of them.
    /// @param taken Minor units that the loan took.
    /// @param toOwner Minor units that went to the goods' owner.
    event GoodsSold(LoanId indexed loanId, address indexed buyer, uint64 price, uint64 taken, uint64 toOwner);

    /// @notice Money that was collected on a claim went through a loan.
    /// @param loanId The loan.
    /// @param claimId The claim.
    /// @param taken Minor units that the loan took.
    /// @param toOwner Minor units that went to the claim's owner.
    event CollectedForLoan(LoanId indexed loanId, ClaimId indexed claimId, uint64 taken, uint64 toOwner);

    /// @notice A court took it out of a party's unclaimed money.
    /// @param from An account of the party.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    event ForcedWithdrawal(
        address indexed from, address indexed currency, address indexed to, uint256 amount, bytes32 orderHash
    );

    /// @notice A court took it out of the deposit of a facility that is not in use.
    /// @param facilityId The facility.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param held Minor units of the deposit that are held afterwards.
    /// @param orderHash Hash of the court's order.
    event DepositTaken(
        FacilityId indexed facilityId, address indexed to, uint64 amount, uint64 held, bytes32 indexed orderHash
    );
    // The events of Unclaimed, CurrencyClock and SignedTerms, for readers of this contract's interface only.
    /// @notice Money could not be sent and waits for its owner's party.
    /// @param party The account that was to receive.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event LeftUnclaimed(address indexed party, address indexed currency, uint256 amount);

    /// @notice A party's unclaimed money was paid out.
    /// @param party The account that received, or whose money a court took.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event UnclaimedWithdrawn(address indexed party, address indexed currency, uint256 amount);

    /// @notice The currency does not move.
    /// @param currency The currency's token contract.
    /// @param stoppedAt When the currency stopped (UTC seconds).
    event CurrencyStopped(address indexed currency, uint40 stoppedAt);

    /// @notice The currency moves again.
    /// @param currency The currency's token contract.
    /// @param stoppedAt When the currency stopped (UTC seconds).
    /// @param daysLost Days lost in this stop.
    event CurrencyMoves(address indexed currency, uint40 stoppedAt, uint24 daysLost);

    /// @notice A signer took a signature back.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);

    /// @notice The lender accepted a debtor for a facility, or no longer.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    /// @param accepted True if its debts may become collateral.
    event DebtorAccepted(FacilityId indexed facilityId, address indexed debtor, bool accepted);

    /// @notice There is no such facility.
    /// @param facilityId The facility.
    error FacilityUnknown(FacilityId facilityId);

    /// @notice There is no such loan.
    /// @param loanId The loan.
    error LoanUnknown(LoanId loanId);

    /// @notice The loan does not stand where this is possible.
    /// @param loanId The loan.
    /// @param status Where the loan stands.
    error StateForbids(LoanId loanId, Status status);

    /// @notice The signature is not of the party that must sign.
    /// @param signer The account that holds the position.
    /// @param digest The EIP-712 digest that was signed.
    error SignatureInvalid(address signer, bytes32 digest);

    /// @notice These terms were used. Sign others, with another nonce.
    /// @param termsHash EIP-712 digest of the terms that were signed.
    error TermsUsed(bytes32 termsHash);

    /// @notice Another version of the product is in force.
    /// @param productId The product.
    /// @param value The version that was given.
    /// @param inForce The version in force.
    error VersionNotInForce(ProductId productId, uint32 value, uint32 inForce);

    /// @notice A term is out of range.
    /// @param term The name of the term.
    /// @param value The value that was given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error TermOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max);

    /// @notice The product has another legal text.
    /// @param provided Hash of the text that was given.
    /// @param ofProduct Hash of the product's text.
    error LegalTextDiffers(bytes32 provided, bytes32 ofProduct);

    /// @notice The two sides are one party, or for a debtor or an undertaker under one control.
    /// @param lender One side: the lender, the entruster, the debtor or the undertaker.
    /// @param borrower The borrower.
    error SamePartyBothSides(address lender, address borrower);

    /// @notice The caller is not of the borrower's party.
    /// @param facilityId The facility.
    /// @param borrower The borrower.
    /// @param caller The sender of the call.
    error NotBorrower(FacilityId facilityId, address borrower, address caller);

    /// @notice The caller is neither of the lender's party nor of the entruster's.
    /// @param facilityId The facility.
    /// @param lender The lender.
    /// @param caller The sender of the call.
    error NotLender(FacilityId facilityId, address lender, address caller);

    /// @notice The facility is closed.
    /// @param facilityId The facility.
    error FacilityIsClosed(FacilityId facilityId);

    /// @notice A loan of the facility is not repaid.
    /// @param facilityId The facility.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    error FacilityInUse(FacilityId facilityId, uint64 outstanding);

    /// @notice The facility allows no draw on this day.
    /// @param facilityId The facility.
    /// @param today The day number of the block in the ledger's zone.
    /// @param firstDay First day number on which it does.
    /// @param lastDay Last day number on which it does.
    error FacilityNotInTime(FacilityId facilityId, uint256 today, uint24 firstDay, uint24 lastDay);

    /// @notice A loan of the facility is overdue.
    /// @param facilityId The facility.
    /// @param overdueLoans How many are.
    error FacilityOverdue(FacilityId facilityId, uint24 overdueLoans);

    /// @notice The borrower has not paid its deposit.
    /// @param facilityId The facility.
    /// @param held Minor units that it has paid.
    /// @param needed Minor units that it must pay.
    error DepositMissing(FacilityId facilityId, uint64 held, uint64 needed);

    /// @notice A limit would be exceeded.
    /// @param limit The name of the limit.
    /// @param requested What would be used of it, in minor units.
    /// @param max The limit, in minor units.
    error LimitExceeded(bytes32 limit, uint256 requested, uint256 max);

    /// @notice The product does not allow this way of repayment.
    /// @param style The way that was asked for.
    /// @param allowed Bit set of the ways that it allows.
    error StyleNotAllowed(LoanMath.Style style, uint8 allowed);

    /// @notice Too much is overdue under the product.
    /// @param productId The product.
    /// @param overdue Minor units that are overdue.
    /// @param outstanding Minor units that are lent.
    /// @param breaker Parts per million that may be overdue.
    error BreakerTripped(ProductId productId, uint64 overdue, uint64 outstanding, uint24 breaker);

    /// @notice The item secures another loan.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param loanId That loan.
    error CollateralInUse(uint256 collateralId, LoanId loanId);

    /// @notice The item is not of the borrower's party, or not of the debt in question.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param owner The owner.
    /// @param borrower The account whose party must own it.
    error CollateralNotOfBorrower(uint256 collateralId, address owner, address borrower);

    /// @notice The debt or the order is not in a state in which it may be collateral, or the debt is past its due day.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param status Where it stands, as in {IReceivables} or {IPurchaseOrders}.
    error CollateralNotGood(uint256 collateralId, uint8 status);

    /// @notice The item is in another currency.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param currency The currency's token contract.
    /// @param needed The facility's currency.
    error CollateralInOtherCurrency(uint256 collateralId, address currency, address needed);

    /// @notice The collateral is not enough.
    /// @param collateralId The item; 0: all items together.
    /// @param advance What may be lent on it, in minor units.
    /// @param needed What must be, in minor units.
    error CollateralTooSmall(uint256 collateralId, uint256 advance, uint256 needed);

    /// @notice A collateral item can still bring money.
    /// @param loanId The loan.
    /// @param collateralId The claim or order; 0 for none or for goods.
    error CollateralNotExhausted(LoanId loanId, uint256 collateralId);

    /// @notice The money that is to be lent does not arrive: not held, not approved, or the currency refuses.
    /// @param account Whose money it is.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    error CannotFund(address account, address currency, uint256 amount);

    /// @notice The currency does not move now.
    /// @param currency The currency's token contract.
    error CurrencyStands(address currency);

    /// @notice The currency takes a fee, so that less arrived.
    /// @param currency The currency's token contract.
    /// @param expected Minor units that were sent.
    /// @param received Minor units that arrived.
    error TransferTookFee(address currency, uint256 expected, uint256 received);

    /// @notice The party has no unclaimed money in this currency.
    /// @param party The account that was to receive.
    /// @param currency The currency's token contract.
    error NothingUnclaimed(address party, address currency);

    /// @notice Receiver and caller are of two parties.
    /// @param account The account that was to receive.
    /// @param caller The sender of the call.
    error NotOfParty(address account, address caller);

    /// @notice The deadline of the signature has passed.
    /// @param deadline UTC seconds, exclusive.
    /// @param timestamp The time of the block (UTC seconds).
    error SignatureExpired(uint40 deadline, uint256 timestamp);

    /// @notice The signer took this signature back.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    error SignatureCancelled(address signer, bytes32 digest);

    /// @notice Nothing can be paid on the loan.
    /// @param loanId The loan.
    error NothingOwed(LoanId loanId);

    /// @notice Nothing is unpaid beyond its grace.
    /// @param loanId The loan.
    error NotOverdue(LoanId loanId);

    /// @notice What is handed over would pay more than is owed.
    /// @param loanId The loan.
    /// @param credit Minor units of the debt that it pays.
    /// @param owed What would end the loan today, in minor units.
    error SetOffExceedsDebt(LoanId loanId, uint64 credit, uint256 owed);

    /// @notice The day on which this is possible has not come.
    /// @param loanId The loan.
    /// @param today The loan's own day number.
    /// @param earliest First day number on which it is possible.
    error TooEarly(LoanId loanId, uint256 today, uint256 earliest);

    /// @notice Only Receivables may do this.
    /// @param caller The sender of the call.
    error NotReceivables(address caller);

    /// @notice The loan or the product has no collateral of the kind that this needs.
    /// @param loanId The loan.
    error CollateralMissing(LoanId loanId);

    /// @notice The loan would have too many collateral items.
    /// @param loanId The loan.
    /// @param items How many it would have.
    /// @param max The largest value allowed.
    error TooManyItems(LoanId loanId, uint256 items, uint256 max);

    /// @notice The item is not collateral of the loan.
    /// @param loanId The loan.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    error ItemNotOfLoan(LoanId loanId, IProducts.CollateralKind kind, uint256 id);

    /// @notice The item cannot be collateral: a part, a kind that the product does not take, or goods that are gone or
    /// not negotiable.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    error ItemRefused(IProducts.CollateralKind kind, uint256 id);

    /// @notice Of the same goods, older ones must leave first.
    /// @param warehouseReceiptId The one that was to leave.
    /// @param olderWarehouseReceiptId The one that is older.
    error OlderGoodsFirst(uint256 warehouseReceiptId, uint256 olderWarehouseReceiptId);

    /// @notice The warehouse receipt is not for all of the lot that was delivered under the order.
    /// @param orderId The order.
    /// @param warehouseReceiptId The warehouse receipt.
    error NotOfTheOrder(uint256 orderId, uint256 warehouseReceiptId);

    /// @notice The product has no terms for margin and liquidation, or the loan is not on goods.
    /// @param loanId The loan.
    error MarginNotAgreed(LoanId loanId);

    /// @notice A margin call neither begins nor ends.
    /// @param loanId The loan.
    /// @param debt What would end the loan today, in minor units.
    /// @param lendable What the collateral is worth to the lender, in minor units.
    error MarginUnchanged(LoanId loanId, uint256 debt, uint256 lendable);

    /// @notice The loan is not in default, no margin call was left uncured, and the collateral is not below the
    /// liquidation level.
    /// @param loanId The loan.
    /// @param debt What would end the loan today, in minor units.
    /// @param lendable What the collateral is worth to the lender, in minor units.
    /// @param lastDay Last day number to cure a call, in the loan's own days; 0: no call.
    error NotLiquidable(LoanId loanId, uint256 debt, uint256 lendable, uint24 lastDay);

    /// @notice The round is not over.
    /// @param loanId The loan.
    /// @param auctionEnd When it ends (UTC seconds).
    error AuctionRuns(LoanId loanId, uint40 auctionEnd);

    /// @notice The first round has not begun.
    /// @param loanId The loan.
    /// @param auctionStart When it begins (UTC seconds).
    error AuctionNotBegun(LoanId loanId, uint40 auctionStart);

    /// @notice All rounds were held. Only a new good appraisal opens a new series.
    /// @param loanId The loan.
    /// @param max Rounds after the first.
    error RestartsUsedUp(LoanId loanId, uint256 max);

    /// @notice None of the goods ever had a price.
    /// @param loanId The loan.
    error GoodsNotAppraised(LoanId loanId);

    /// @notice No auction of the loan is open, or no goods are for sale.
    /// @param loanId The loan.
    error NoAuction(LoanId loanId);

    /// @notice No undertaking covers this liquidation.
    /// @param facilityId The facility.
    error NoBuyBack(FacilityId facilityId);

    /// @notice The auction asks more than the undertaker pays. Wait.
    /// @param loanId The loan.
    /// @param price Minor units that the undertaker pays.
    /// @param requested Minor units that the auction asks.
    error BuyBackTooLow(LoanId loanId, uint64 price, uint256 requested);

    /// @notice What comes from the collateral must count for more.
    /// @param loanId The loan.
    /// @param credit Minor units for which it was to count.
    /// @param min Minor units for which it must count at least.
    error CreditBelowFloor(LoanId loanId, uint64 credit, uint256 min);

    /// @notice The lien serves a loan.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    /// @param loanId That loan.
    error LienServesLoan(IProducts.CollateralKind kind, uint256 id, LoanId loanId);

    /// @notice There is no such lien of this contract.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    error NoIdleLien(IProducts.CollateralKind kind, uint256 id);

    /// @notice The price now is above the bid.
    /// @param loanId The loan.
    /// @param price Minor units that are asked.
    /// @param max Minor units of the bid.
    error PriceAboveBid(LoanId loanId, uint64 price, uint64 max);

    /// @notice The collateral would be worth less than before, and is not enough.
    /// @param loanId The loan.
    /// @param lendableAfter What it would be worth to the lender, in minor units.
    /// @param lendableBefore What it is worth now, in minor units.
    /// @param debt What would end the loan today, in minor units.
    error CollateralWorse(LoanId loanId, uint256 lendableAfter, uint256 lendableBefore, uint256 debt);

    /// @notice Only WarehouseReceipts may do this.
    /// @param caller The sender of the call.
    error NotWarehouseReceipts(address caller);

    /// @notice The lender has not accepted this debtor for the facility.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    error DebtorNotAccepted(FacilityId facilityId, address debtor);

    /// @notice Only the court may do this.
    /// @param caller The sender of the call.
    error NotCourt(address caller);

    // ------------------------------------------------------------------ facilities

    /// @notice Agrees a facility.
    /// @dev Anyone may send it, with the EIP-712 signatures of lender and borrower, and of the entruster if there is
    /// one. All of them are valid. The lender has role 4 (bank), or 16 (platform) if the product lends the platform's
    /// money.
    /// Reverts with {TermsUsed} if the terms were agreed before.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {VersionNotInForce} if another version of the product is in force.
    /// Reverts with {ProductClosed} if the product is closed.
    /// Reverts with {SamePartyBothSides} if the borrower is the lender's party or the entruster's.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if a party is not valid.
    /// Reverts with {RoleMissing} if the lender lacks its role.
    /// Reverts with {TermOutOfRange} if a term is not within the product's bounds.
    /// Reverts with {LegalTextDiffers} if the product has another legal text.
    /// Reverts with {CurrencyStands} if the currency does not move now.
    /// Reverts with {SignatureCancelled} if a signer took its signature back.
    /// Reverts with {SignatureInvalid} if a signature is not of its party.
    /// Reverts with {LimitExceeded} if the borrower's facilities under the product would exceed the product's limit.
    /// @param terms The terms.
    /// @param lenderSignature Signature of the lender's party.
    /// @param borrowerSignature Signature of the borrower's party.
    /// @param entrusterSignature Signature of the entruster's party; empty if there is none.
    /// @return The new facility.
    function agree(
        FacilityTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature,
        bytes calldata entrusterSignature
    ) external returns (FacilityId);

    /// @notice Pays the deposit from the caller's own money, up to what the terms require.
    /// @dev Anyone may call it. The payer has approved this contract on the currency.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {FacilityIsClosed} if it is closed.
    /// Reverts with {TermOutOfRange} if the amount is 0, or more than is missing.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with the currency's own error if it refuses the payment.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency.
    function payDeposit(FacilityId facilityId, uint64 amount) external;

    /// @notice Closes a facility. No draw is possible any more. The deposit goes back to the borrower's party: to the
    /// account that closes if it is the party's own, otherwise to the borrower's account.
    /// @dev A valid account of the borrower's, the lender's or the entruster's party calls it.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {NotLender} if the caller is of none of these parties.
    /// Reverts with {FacilityIsClosed} if it is closed.
    /// Reverts with {FacilityInUse} if a loan is not repaid.
    /// @param facilityId The facility.
    function close(FacilityId facilityId) external;

    /// @notice Sets whether debts of this debtor's party may become collateral of the facility's loans. While the
    /// lender has accepted any debtor, draws take claims and orders on accepted debtors only. Collateral is never
    /// converted into a claim on another debtor, except on the buyer of an order that is collateral already.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {AccountUnknown} if the debtor's account is of no party.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    /// @param accepted True if they may.
    function acceptDebtor(FacilityId facilityId, address debtor, bool accepted) external;

    /// @notice Takes the sender's own signature back (facility terms, a set-off, an extension, costs, goods in kind, a
    /// buy-back undertaking). What was done with it stands.
    /// @dev The signer calls it, also before it has handed the signature to anyone.
    /// Reverts with {SignatureCancelled} if it was taken back before.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(bytes32 digest) external;

    // ------------------------------------------------------------------ loans

    /// @notice Draws a loan. In this transaction the money goes from the lender's account (or the entruster's) to the
    /// sender's, and the collateral comes under a lien.
    /// @dev A valid account of the borrower's party calls it. The borrower has approved this contract as operator of
    /// the collateral, the lender on the currency. What the reserve takes, the lender pays on top of what it lends.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {NotBorrower} if the caller is of another party.
    /// Reverts with {FacilityIsClosed} if the facility is closed.
    /// Reverts with {FacilityNotInTime} if it allows no draw today.
    /// Reverts with {FacilityOverdue} if a loan of the facility is overdue.
    /// Reverts with {DepositMissing} if the deposit is not paid.
    /// Reverts with {ProductClosed} if the product is closed.
    /// Reverts with {TermOutOfRange} if the amount is 0, or the tenor or the collateral's number is out of range.
    /// Reverts with {LimitExceeded} if a limit of facility, programme, credit tier or debtor would be exceeded.
    /// Reverts with {BreakerTripped} if too much is overdue under the product.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if a party is not valid.
    /// Reverts with {RoleMissing} if the lender lacks its role.
    /// Reverts with {CollateralMissing} if the product lends on goods: call {drawOnGoods}.
    /// Reverts with {CurrencyStands} if the currency does not move.
    /// Reverts with {StyleNotAllowed} if the product does not allow this way of repayment.
    /// Reverts with {CollateralInUse} if the collateral secures another loan.
    /// Reverts with {CollateralNotOfBorrower} if it is not of the borrower's party.
    /// Reverts with {CollateralNotGood} if its state does not allow it.
    /// Reverts with {CollateralInOtherCurrency} if it is in another currency.
    /// Reverts with {SamePartyBothSides} if its debtor is the borrower, or under the same control.
    /// Reverts with {CollateralTooSmall} if the amount is more than may be lent on it.
    /// Reverts with {DebtorNotAccepted} if the lender has accepted debtors, and not this one.
    /// Reverts with {CannotFund} if the money does not arrive.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {AccountUnknown} if the debtor's account is of no party and the product limits the share of one
    /// debtor.
    /// Reverts also with the errors of {ICreditRegistry.requireTier}, {IPriceFeed.convert}, {IProducts.shifts},
    /// {ISplittableToken.encumber}, {IPurchaseOrders.encumber} and {IRiskReserve.feed}.
    /// Source: Civil Code of China, article 670: no interest and no share is deducted from the money beforehand.
    /// @param request What the borrower asks for.
    /// @return The new loan.
    function draw(DrawRequest calldata request) external returns (LoanId);

    /// @notice Repays from the caller's own money. It takes at most what is owed today. While the currency stands still
    /// (paused by its issuer) it takes nothing, and records the stop: see {checkCurrency}.
    /// @dev Anyone may call it. The payer has approved this contract on the currency. No pause stops it.
    /// Reverts with {TermOutOfRange} if the amount is 0.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {NothingOwed} if nothing can be paid on it.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with the currency's own error if it moves and refuses this payment.
    /// @param loanId The loan.
    /// @param amount Minor units that the payer gives at most.
    /// @return parts Where the money went, in minor units; all zero if the currency stands.
    function repay(LoanId loanId, uint64 amount) external returns (LoanMath.Parts memory parts);

    /// @notice Repays several loans in the order of the list (the purchases of a bill). It skips a loan that cannot be
    /// paid (already repaid, unknown, or in another currency that does not arrive), so that nobody can stop a bill's
    /// payment.
    /// @dev Anyone may call it. The payer has approved this contract on the currency.
    /// Reverts with {TermOutOfRange} if the amount is 0.
    /// Reverts with {NothingOwed} if nothing can be paid on any of the loans.
    /// If no loan can be paid and no currency stands, reverts with the error of the last loan that was tried.
    /// @param loanIds The loans.
    /// @param amount Minor units that the payer gives at most in total.
    /// @return taken Minor units that were taken.
    function repayMany(LoanId[] calldata loanIds, uint64 amount) external returns (uint64 taken);

    /// @notice Stores what has accrued by today. It is never needed and does not change what is owed.
    /// @dev Anyone may call it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// @param loanId The loan.
    function accrue(LoanId loanId) external;

    /// @notice Extends a loan. The due day is a day of today's calendar: it includes the days lost so far, and days
    /// lost later move it.
    /// @dev Anyone may send it, with the EIP-712 signatures of both parties. Nothing of the loan may be overdue or in
    /// grace.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it does not run, or something is overdue or in grace.
    /// Reverts with {TermsUsed} if the terms were used before.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if a signer took its signature back.
    /// Reverts with {SignatureInvalid} if a signature is not of its party.
    /// Reverts with {PartyNotValid} if a signer is not valid.
    /// Reverts with {TermOutOfRange} if the new due day or number of instalments is not later, not allowed by the
    /// product, or not for this loan.
    /// @param extension The terms.
    /// @param lenderSignature Signature of the party whose money is lent: the entruster's for an entrusted loan, else
    /// the lender's.
    /// @param borrowerSignature Signature of the borrower's party.
    function extend(Extension calldata extension, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;

    /// @notice Turns a bill into instalments. Its purchases become schedules of equal instalments from its due day.
    /// @dev A valid account of the borrower's party calls it, before the bill's due day has passed.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if one does not run, is no bill, or is past its due day.
    /// Reverts with {NotBorrower} if the caller is of another party.
    /// Reverts with {TermOutOfRange} if the product does not allow this number of months.
    /// @param loanIds The purchases of the bill.
    /// @param months Number of instalments, one a month.
    function payInInstalments(LoanId[] calldata loanIds, uint8 months) external;

    /// @notice Hands over a claim in place of money. It goes to the party whose money is lent, free of its lien if
    /// handed over whole. The entruster pays the administering bank its fee in money. A claim from the loan's
    /// collateral counts for at least what is lent on it, or for all that is owed, until its debtor is in default.
    /// @dev Anyone may send it, with the EIP-712 signatures of both parties. The claim is collateral of the loan, or a
    /// free claim of the borrower's party, which has approved this contract. A part that a court split off the
    /// collateral of another loan belongs to that loan.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid, or its loss was recorded.
    /// Reverts with {TermsUsed} if the terms were used before.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if a signer took its signature back.
    /// Reverts with {SignatureInvalid} if a signature is not of its party.
    /// Reverts with {PartyNotValid} if a signer or the receiver is not valid.
    /// Reverts with {CollateralNotOfBorrower} if the claim is not of the borrower's party.
    /// Reverts with {CollateralInUse} if it secures another loan.
    /// Reverts with {LienServesLoan} if it is a part of what secures another loan.
    /// Reverts with {CreditBelowFloor} if a claim from the collateral counts for too little.
    /// Reverts with {SetOffExceedsDebt} if it pays more than is owed.
    /// Reverts with {NothingOwed} if it pays nothing.
    /// Reverts with {TransferTookFee} if the currency takes a fee from what the entruster pays the bank.
    /// Reverts also with the errors of {ISplittableToken.assign}.
    /// @param setOff_ The terms.
    /// @param lenderSignature Signature of the party whose money is lent: the entruster's for an entrusted loan, else
    /// the lender's.
    /// @param borrowerSignature Signature of the borrower's party.
    function setOff(SetOff calldata setOff_, bytes calldata lenderSignature, bytes calldata borrowerSignature) external;

    /// @notice Charges costs of enforcement that the borrower signed for.
    /// @dev A valid account of the lender's or the entruster's party calls it. The borrower signed `Costs(uint256
    /// loanId,uint64 amount,bytes32 evidenceHash,uint40 deadline,uint256 nonce)` (EIP-712).
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {TermsUsed} if the terms were used before.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if the signer took the signature back.
    /// Reverts with {SignatureInvalid} if the signature is not of the borrower's party.
    /// Reverts with {PartyNotValid} if the signer is not valid.
    /// Reverts with {TermOutOfRange} if the amount is 0, or above the facility's limit.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    /// @param borrowerSignature Signature of the borrower's party.
    function chargeCosts(
        LoanId loanId,
        uint64 amount,
        bytes32 evidenceHash,
        uint40 deadline,
        uint256 nonce,
        bytes calldata borrowerSignature
    ) external;

    // ------------------------------------------------------------------ collateral

    /// @notice Converts an order under lien into its claim, in one transaction. The order's invoice is confirmed here
    /// with the debtor's signature, or was confirmed before. The claim must be enough for what is outstanding.
    /// @dev A valid account of the borrower's, the debtor's, the lender's or the entruster's party calls it. The
    /// borrower has approved this contract as operator of its claims.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {CollateralMissing} if it is not on an order.
    /// Reverts with {NotLender} if the caller is of none of these parties.
    /// Reverts with {CollateralInUse} if the claim secures another loan.
    /// Reverts with {CollateralNotOfBorrower} if the claim is not of the borrower's party, or on another debt.
    /// Reverts with {CollateralTooSmall} if the claim is not enough.
    /// Reverts also with the errors of {IReceivables.confirm}, {IPurchaseOrders.invoice} and
    /// {ISplittableToken.encumber}.
    /// @param loanId The loan.
    /// @param receivableId The receivable.
    /// @param claimId The claim, if the debt is confirmed; else it is not read.
    /// @param debtorSignature Signature of the debtor over the receivable's terms; empty if the debt is confirmed.
    /// @return The claim that is collateral now.
    function convertToClaim(LoanId loanId, ReceivableId receivableId, ClaimId claimId, bytes calldata debtorSignature)
        external
        returns (ClaimId);

    /// @notice Draws as {draw} does, under a product whose collateral is goods. To the lender the items are worth at
    /// least the amount, at prices that are not in doubt.
    /// @dev Who may call, and the other errors, are as for {draw}. The items are the borrower's own, free and whole,
    /// and at least one is a warehouse receipt.
    /// Reverts with {TermOutOfRange} if `request.collateralId` is not 0, or an item's number is out of range.
    /// Reverts with {CollateralMissing} if the product does not lend on goods, or no item is a warehouse receipt.
    /// Reverts with {TooManyItems} if there are more than 16.
    /// Reverts with {ItemRefused} if an item cannot be collateral.
    /// Reverts with {CollateralTooSmall} if the items are worth less than the amount.
    /// Reverts also with the errors of {IPriceFeed.price}.
    /// Source: decision 18.
    /// @param request What the borrower asks for.
    /// @param items The collateral items.
    /// @return The new loan.
    function drawOnGoods(DrawRequest calldata request, CollateralItem[] calldata items) external returns (LoanId);

    /// @notice Substitutes collateral in one transaction: items are added, items or parts are removed. If anything is
    /// removed, the rest must still be enough for the debt. Of the same goods the oldest are removed first.
    /// @dev A valid account of the borrower's party calls it. It has approved this contract as operator of what is
    /// added.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it does not run.
    /// Reverts with {NotBorrower} if the caller is of another party.
    /// Reverts with {CollateralMissing} if it is not on goods.
    /// Reverts with {TooManyItems} if there would be more than 16.
    /// Reverts with {ItemRefused} if an item cannot be collateral.
    /// Reverts with {CollateralInUse} if an item secures another loan.
    /// Reverts with {CollateralNotOfBorrower} if an item is not of the borrower's party.
    /// Reverts with {DebtorNotAccepted} if the lender has accepted debtors, and not this one.
    /// Reverts with {ItemNotOfLoan} if an item to be removed is not collateral of the loan.
    /// Reverts with {TermOutOfRange} if more of an item is removed than there is.
    /// Reverts with {OlderGoodsFirst} if older goods of the same kind stay.
    /// Reverts with {CollateralTooSmall} if the rest is not enough.
    /// Reverts with {CollateralNotGood} if the state of a claim does not allow it.
    /// Reverts with {CollateralInOtherCurrency} if a claim is in another currency.
    /// Reverts with {SamePartyBothSides} if the debtor of a claim is the borrower, or under the same control.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts also with the errors of {IPriceFeed.price}, if anything is removed, and of {ISplittableToken.encumber}.
    /// Source: decision 18.
    /// @param loanId The loan.
    /// @param added The items that are added, whole.
    /// @param removed The items or parts that are removed.
    function substituteCollateral(LoanId loanId, CollateralItem[] calldata added, CollateralItem[] calldata removed)
        external;

    /// @notice Converts an order under lien into goods. The lien moves to the goods' warehouse receipt. What is not
    /// delivered stays with the order.
    /// @dev A valid account of the borrower's, the buyer's, the lender's or the entruster's party calls it, with the
    /// buyer's signature over the delivery. The borrower has approved this contract as operator of its warehouse
    /// receipts.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {ItemNotOfLoan} if the order is not collateral of the loan.
    /// Reverts with {NotLender} if the caller is of none of these parties.
    /// Reverts with {MarginNotAgreed} if the product has no terms for the sale of goods.
    /// Reverts with {NotOfTheOrder} if the warehouse receipt is not for all of the lot that was delivered.
    /// Reverts with {ItemRefused} if the warehouse receipt is not negotiable.
    /// Reverts with {CollateralInUse} if it secures a loan.
    /// Reverts with {CollateralNotOfBorrower} if it is not of the borrower's party.
    /// Reverts with {TooManyItems} if the loan would have more than 16.
    /// Reverts also with the errors of {IPurchaseOrders.deliver} and {ISplittableToken.encumber}.
    /// @param loanId The loan.
    /// @param delivery The delivery that the buyer signed.
    /// @param buyerSignature Signature of the buyer's party.
    /// @param warehouseReceiptId The warehouse receipt.
    function convertToGoods(
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        WarehouseReceiptId warehouseReceiptId
    ) external;

    /// @notice Converts goods under lien into a claim, in one transaction. The receivable is confirmed here with the
    /// debtor's signature, or was confirmed before. The lien moves to its claim, and the goods move to the debtor. The
    /// collateral must be enough for the debt, or be worth no less than before.
    /// @dev A valid account of the borrower's party calls it when it invoices the goods. It has approved this contract
    /// as operator of its claims.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it does not run.
    /// Reverts with {NotBorrower} if the caller is of another party.
    /// Reverts with {CollateralNotOfBorrower} if the debt is owed to another party, the claim is on another debt, or
    /// the goods are of another party.
    /// Reverts with {ItemNotOfLoan} if the goods are not collateral of the loan.
    /// Reverts with {TermOutOfRange} if the quantity is more than there is.
    /// Reverts with {DebtorNotAccepted} if the lender has not accepted the debtor, and it is not the buyer of an order
    /// that is collateral.
    /// Reverts with {CollateralWorse} if the collateral is not enough, and worth less than before or without a price.
    /// Reverts with {CollateralInUse} if the claim secures a loan.
    /// Reverts with {CollateralNotGood} if its debt is past its due day.
    /// Reverts with {CollateralInOtherCurrency} if it is in another currency.
    /// Reverts with {SamePartyBothSides} if its debtor is the borrower, or under the same control.
    /// Reverts with {ItemRefused} if the product lends nothing on claims.
    /// Reverts with {TooManyItems} if the loan would have more than 16.
    /// Reverts also with the errors of {IReceivables.confirm}, {IPurchaseOrders.invoiceDelivered}, {IPriceFeed.price}
    /// and {ISplittableToken.encumber}.
    /// @param loanId The loan.
    /// @param receivableId The receivable.
    /// @param claimId The claim, if the debt is confirmed; else it is not read.
    /// @param debtorSignature Signature of the debtor over the receivable's terms; empty if the debt is confirmed.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param quantity Thousandths of the lot's unit; 0: all.
    /// @return The claim that is collateral now.
    function convertGoodsToClaim(
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        WarehouseReceiptId warehouseReceiptId,
        uint96 quantity
    ) external returns (ClaimId);

    /// @notice Hands over goods in place of money, as {setOff} does with a claim. Goods from the loan's collateral
    /// count for at least the auction's floor, or for all that is owed.
    /// @dev Who may call, and the other errors, are as for {setOff}.
    /// Reverts with {TermOutOfRange} if the quantity is 0, or more than there is.
    /// Reverts with {CollateralNotOfBorrower} if the goods are not of the borrower's party.
    /// Reverts with {CollateralInUse} if they secure another loan.
    /// Reverts with {LienServesLoan} if they are a part of what secures another loan.
    /// Reverts with {CreditBelowFloor} if goods from the collateral count for too little.
    /// @param inKind The terms.
    /// @param lenderSignature Signature of the party whose money is lent: the entruster's for an entrusted loan, else
    /// the lender's.
    /// @param borrowerSignature Signature of the borrower's party.
    function settleInKind(InKind calldata inKind, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;

    /// @notice Releases a lien of this contract that serves no loan.
    /// @dev A valid account of the owner's party calls it.
    /// Reverts with {NoIdleLien} if there is no lien.
    /// Reverts with {LienServesLoan} if it serves a loan, also a loan out of whose collateral a court split the token.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {CollateralNotOfBorrower} if the caller is of another party.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    function releaseIdleLien(IProducts.CollateralKind kind, uint256 id) external;

    /// @notice Records a part that a court split off a warehouse receipt or claim behind a loan on goods. The part is
    /// still under the lien, and from now on it is a collateral item of that loan.
    /// @dev Anyone may call it.
    /// Reverts with {NoIdleLien} if it is no such part.
    /// Reverts with {TooManyItems} if the loan would have more than 16.
    /// Source: decision 22.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    function followPart(IProducts.CollateralKind kind, uint256 id) external;
    // onCollected (IClaimCollector): the money goes through the loan's waterfall, and the rest to the claim's owner.
    // This includes a part that a court split off the loan's claim. Under a lien that the owner put on for no loan, all
    // of it goes to the owner. Reverts with {NotReceivables} unless Receivables calls.

    // ------------------------------------------------------------------ margin

    /// @notice Starts a margin call if the collateral has fallen below the product's call level, or ends a call that is
    /// cured. A price that is too old counts as none. Repayments and added collateral end a call by themselves.
    /// @dev Anyone may call it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it does not run.
    /// Reverts with {MarginNotAgreed} if the product has no terms for it, or the loan is not on goods.
    /// Reverts with {MarginUnchanged} if nothing changes.
    /// @param loanId The loan.
    function checkMargin(LoanId loanId) external;
    // onImpaired (IWarehouseReceiptLienholder): the same check, when goods are damaged or lost. Reverts with
    // {NotWarehouseReceipts} unless WarehouseReceipts calls.
    /// @notice Agrees a buy-back undertaking. A later undertaking replaces the earlier one.
    /// @dev A valid account of the lender's or the entruster's party calls it with the undertaker's EIP-712 signature.
    /// The undertaker is no party to the facility, nor under one control with one.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {TermsUsed} if the terms were used before.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if the undertaker or the signer is not valid.
    /// Reverts with {SamePartyBothSides} if the undertaker is a side of the facility.
    /// Reverts with {SignatureCancelled} if the signer took the signature back.
    /// Reverts with {SignatureInvalid} if the signature is not of the undertaker's party.
    /// Reverts with {TermOutOfRange} if a term is out of range.
    /// Source: decision 22.
    /// @param terms The terms.
    /// @param undertakerSignature Signature of the undertaker's party.
    function agreeBuyBack(BuyBack calldata terms, bytes calldata undertakerSignature) external;

    /// @notice Liquidates goods: all falls due, and an auction of the goods opens. If no goods are left, nothing is
    /// sold. The price asked is a share of the goods' value at their last good appraisal. It falls from the product's
    /// start to its floor. Seconds in which the currency stands do not count. Called again after the end, it opens
    /// another round one day later, at most three times. No round goes below the floor of the first. After that only a
    /// new good appraisal opens a new series.
    /// @dev A valid account of the lender's or the entruster's party calls it for a loan in default, for a margin call
    /// that was not cured in its days, or at once below the liquidation level while there are goods.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {CollateralMissing} if it is not on goods, or is in default and no goods are left.
    /// Reverts with {MarginNotAgreed} if the product has no terms for it.
    /// Reverts with {NotLiquidable} if nothing allows it.
    /// Reverts with {AuctionRuns} if a round is not over.
    /// Reverts with {RestartsUsedUp} if all rounds were held and no new appraisal came.
    /// Reverts with {GoodsNotAppraised} if none of the goods of a loan in default ever had a price.
    /// Source: decision 22.
    /// @param loanId The loan.
    function liquidate(LoanId loanId) external;

    /// @notice Bids in an auction. It buys as much of the goods, oldest first, as pays the debt of now at the price of
    /// now, rounded up to the smallest part. A warehouse receipt that may not be split any more is bought whole. The
    /// money runs through the loan, and a surplus goes to the goods' owner. Goods that were not needed are free once
    /// the debt is paid. From the end of a round until the next one begins the floor is asked. While the currency
    /// stands it buys nothing.
    /// @dev A valid account with role 4 calls it. It has approved this contract on the currency.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if it has no role 4.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NoAuction} if no auction is open, or no goods are for sale.
    /// Reverts with {AuctionNotBegun} if the first round has not begun.
    /// Reverts with {PriceAboveBid} if more than `maxPrice` is asked.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {TermOutOfRange} if the price is above 2^64 - 1.
    /// Reverts with {CollateralInUse} if the buyer made goods collateral of a loan when it was called for others.
    /// Reverts with {NoIdleLien} if their owner had the lien released then.
    /// Reverts with the currency's own error if it moves and refuses this payment.
    /// Source: decision 22.
    /// @param loanId The loan.
    /// @param maxPrice Minor units that the caller pays at most.
    /// @return price Minor units that it paid; 0 if the currency stands.
    function bid(LoanId loanId, uint64 maxPrice) external returns (uint64 price);

    /// @notice Makes the undertaker buy what is needed, never below the floor. If it cannot pay, nothing is bought.
    /// @dev Anyone may call it once the auction asks no more than the undertaker pays.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NoAuction} if no auction is open, or no goods are for sale.
    /// Reverts with {AuctionNotBegun} if the first round has not begun.
    /// Reverts with {NoBuyBack} if no undertaking covers this liquidation.
    /// Reverts with {BuyBackTooLow} if the auction asks more.
    /// Reverts with {TermOutOfRange} if the price is above 2^64 - 1.
    /// Reverts with {CollateralInUse} if the buyer made goods collateral of a loan when it was called for others.
    /// Reverts with {NoIdleLien} if their owner had the lien released then.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// @param loanId The loan.
    /// @return price Minor units that it paid; 0 if it cannot pay or the currency stands.
    function callBuyBack(LoanId loanId) external returns (uint64 price);

    // ------------------------------------------------------------------ loss

    /// @notice Marks a loan as overdue once something is unpaid beyond its grace. It counts as overdue for its
    /// product's breaker until it is repaid up to date.
    /// @dev Anyone may call it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid, or marked already.
    /// Reverts with {NotOverdue} if nothing is unpaid beyond its grace.
    /// @param loanId The loan.
    function markOverdue(LoanId loanId) external;

    /// @notice Declares a default once something is unpaid beyond its grace: all falls due.
    /// @dev A valid account of the lender's (the administering bank's) or the entruster's party calls it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NotOverdue} if nothing is unpaid beyond its grace.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {StateForbids} if it does not run.
    /// @param loanId The loan.
    function declareDefault(LoanId loanId) external;

    /// @notice Records the loss of a defaulted loan whose collateral is gone, or whose debtor has defaulted too. It
    /// takes the borrower's deposit, and then reserve, sharers and insurer for the principal still outstanding
    /// ({IRiskReserve}).
    /// @dev A valid account of the lender's or the entruster's party calls it, at least 30 days after the draw.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {StateForbids} if it is not in default, or its loss was recorded.
    /// Reverts with {CollateralNotExhausted} if a collateral item can still bring money.
    /// Reverts with {TooEarly} if the draw is less than 30 days ago and there was no deposit to take.
    /// Reverts also with the errors of {IRiskReserve.recordLoss}.
    /// Source: decision 21.
    /// @param loanId The loan.
    /// @return absorbed Minor units that were absorbed at once.
    function recordLoss(LoanId loanId) external returns (uint64 absorbed);

    /// @notice Writes a loan off. It forgives nothing.
    /// @dev A valid account of the lender's or the entruster's party calls it, `writeOffDays` after the last due day at
    /// the earliest.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {StateForbids} if it is not in default.
    /// Reverts with {TooEarly} before that day.
    /// Source: decision 7.
    /// @param loanId The loan.
    function writeOff(LoanId loanId) external;

    /// @notice Declares the default of the debtors of the claims under lien, as their lienholder may.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {CollateralMissing} if no claim is collateral whose debtor's default can be declared.
    /// For a loan on one claim, reverts also with the errors of {IReceivables.declareDefault}.
    /// @param loanId The loan.
    function declareDebtDefault(LoanId loanId) external;

    // ------------------------------------------------------------------ unclaimed money

    /// @notice Sends all unclaimed money of the sender's party in a currency to one of the party's valid accounts. If
    /// that account is not valid any more, the money goes to the sender.
    /// @dev A valid account of the same party calls it.
    /// Reverts with {NotOfParty} if caller and receiver are of two parties.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {NothingUnclaimed} if there is none.
    /// Reverts with the currency's own error if it refuses the transfer.
    /// Source: decision 23.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @return amount Minor units that were sent.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Moves a part of a party's unclaimed money to another party, by order of a court.
    /// @dev Only the court of the registry calls it.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {TermOutOfRange} if the amount is 0, or more than there is.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    /// @notice Takes money out of the deposit of a facility without open loans, by order of a court.
    /// @dev Only the court of the registry calls it. Money that cannot be sent stays unclaimed for the receiver.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {FacilityInUse} if a loan is not repaid.
    /// Reverts with {TermOutOfRange} if the amount is 0, or more than is held.
    /// @dev Warning: the receiver is not checked.
    /// @param facilityId The facility.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdrawDeposit(FacilityId facilityId, address to, uint64 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ stopped currencies

    /// @notice Asks the currency whether it moves, and starts or ends its stop. Days in which the currency stood still
    /// make nobody late: the day of every loan is today less the days lost since its draw.
    /// @dev Anyone may call it.
    /// Source: decision 23.
    /// @param currency The currency's token contract.
    /// @return running Whether it moves now.
    function checkCurrency(address currency) external returns (bool running);

    // ------------------------------------------------------------------ views

    /// @notice A facility as it stands.
    /// @dev Reverts with {FacilityUnknown} if there is no such facility.
    /// @param facilityId The facility.
    /// @return The facility.
    function facility(FacilityId facilityId) external view returns (Facility memory);

    /// @notice A loan as it stands today.
    /// @dev Reverts with {LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return The loan.
    function loan(LoanId loanId) external view returns (Loan memory);

    /// @notice The loan that a claim secures.
    /// @param claimId The claim.
    /// @return The loan; 0 for none.
    function loanOfClaim(ClaimId claimId) external view returns (LoanId);

    /// @notice The loan that a warehouse receipt secures.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @return The loan; 0 for none.
    function loanOfWarehouseReceipt(WarehouseReceiptId warehouseReceiptId) external view returns (LoanId);

    /// @notice The collateral of a loan on goods as it counts now, and what is under way.
    /// @dev Reverts with {LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return The collateral.
    function collateralOf(LoanId loanId) external view returns (CollateralState memory);

    /// @notice What a bid would buy now, and its price.
    /// @param loanId The loan.
    /// @return sold The goods; none while no goods are for sale.
    /// @return price Minor units.
    /// @return factor Parts per million of the goods' value that are asked now.
    function saleOf(LoanId loanId) external view returns (CollateralItem[] memory sold, uint64 price, uint24 factor);

    /// @notice The buy-back undertaking of a facility; all zero if there is none.
    /// @param facilityId The facility.
    /// @return undertaker The account that buys.
    /// @return left Minor units that are left of its maximum.
    /// @return share Parts per million of the goods' value.
    /// @return lastDay Last day number on which a liquidation may begin.
    function buyBackOf(FacilityId facilityId)
        external
        view
        returns (address undertaker, uint64 left, uint24 share, uint24 lastDay);

    /// @notice The EIP-712 digest that both parties sign for goods in kind.
    /// @param inKind The terms.
    /// @return The digest.
    function inKindDigest(InKind calldata inKind) external view returns (bytes32);

    /// @notice The EIP-712 digest that an undertaker signs.
    /// @param terms The terms.
    /// @return The digest.
    function buyBackDigest(BuyBack calldata terms) external view returns (bytes32);

    /// @notice The loan that an order secures.
    /// @param orderId The order.
    /// @return The loan; 0 for none.
    function loanOfOrder(OrderId orderId) external view returns (LoanId);

    /// @notice What is lent under a product, to all borrowers.
    /// @param productId The product.
    /// @return outstanding Principal, in minor units.
    /// @return overdue Principal of loans that are marked as overdue, in minor units.
    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue);

    /// @notice Whether the lender has accepted the debtor's party for the facility.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    /// @return True if it has.
    function acceptsDebtor(FacilityId facilityId, address debtor) external view returns (bool);

    /// @notice When a currency stood.
    /// @param currency The currency's token contract.
    /// @return Its stop, and the time lost in stops that have ended.
    function currencyClock(address currency) external view returns (CurrencyClock.Clock memory);

    /// @notice The unclaimed money of a party.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);

    /// @notice The EIP-712 digest that the parties sign for a facility.
    /// @param terms The terms.
    /// @return The digest.
    function facilityDigest(FacilityTerms calldata terms) external view returns (bytes32);

    /// @notice The EIP-712 digest that both parties sign for a set-off.
    /// @param setOff_ The terms.
    /// @return The digest.
    function setOffDigest(SetOff calldata setOff_) external view returns (bytes32);

    /// @notice The EIP-712 digest that both parties sign for an extension.
    /// @param extension The terms.
    /// @return The digest.
    function extensionDigest(Extension calldata extension) external view returns (bytes32);

    /// @notice The EIP-712 digest that the borrower signs for costs.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    /// @return The digest.
    function costsDigest(LoanId loanId, uint64 amount, bytes32 evidenceHash, uint40 deadline, uint256 nonce)
        external
        view
        returns (bytes32);
}
