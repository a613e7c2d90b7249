// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IProducts} from "../IProducts.sol";
import {ClaimId, FacilityId, LoanId, OrderId, WarehouseReceiptId, ReceivableId} from "../../types/Ids.sol";

/// @title The collateral of loans: its items, its conversion, margin calls.
/// @notice Quantities of goods are thousandths of their unit, amounts minor units of the product's currency.
/// {IFacilities} has the terms and the errors that all of lending shares.
/// @dev Facilities implements it through {IFacilities}.
interface ICollateral {
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

    /// @notice The collateral of a loan on goods as it counts now, and what is under way.
    /// @param items The collateral items.
    /// @param lendable Minor units: goods * price * (1 - haircut), claims and orders at their advance rate. Goods count
    /// while a margin call and an auction could still end before they do.
    /// @param market Minor units: goods before the haircut, at the last price where no price is valid.
    /// @param priced Whether every warehouse receipt counts: it has a price that is valid, and lasts long enough.
    /// @param calledDay Day number of the margin call; 0: none.
    /// @param lastDay Last day number to cure, by the calendar.
    /// @param auctionStart When the round begins (UTC seconds); 0: no auction.
    /// @param auctionEnd When it ends (UTC seconds), later by every second in which the currency stands.
    /// @param price Minor units for what a bid buys now.
    /// @param floorPrice Minor units for all goods, at the floor.
    /// @param factor What is asked now, in parts per million of the goods' value at the last good appraisal.
    /// @param floorFactor The floor, in parts per million of that value.
    /// @param round Round of the auction, from 1; 4 at most.
    /// @param waiting Minor units that debtors of claims have paid and nobody has collected: in a margin call they
    /// lower the debt.
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
        uint256 waiting;
    }

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

    /// @notice Goods that were needed left for the promise of a debtor that the lender accepted after the draw. Of a loss
    /// of the loan the lender bears as much itself: those who share it signed for a loan on goods.
    /// @param loanId The loan.
    /// @param amount By how much less the debt is secured without such promises, in minor units.
    event GoodsLeftForPromise(LoanId indexed loanId, uint64 amount);

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

    /// @notice Of the same goods, those that end first must leave first, and of the same last day the older ones.
    /// @param warehouseReceiptId The one that was to leave.
    /// @param olderWarehouseReceiptId The one that ends earlier, or is older.
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

    /// @notice The collateral would be worth less than before, and is not enough.
    /// @param loanId The loan.
    /// @param lendableAfter What it would be worth to the lender, in minor units.
    /// @param lendableBefore What it is worth now, in minor units.
    /// @param debt What would end the loan today, in minor units.
    error CollateralWorse(LoanId loanId, uint256 lendableAfter, uint256 lendableBefore, uint256 debt);

    /// @notice The debt of a claim that was to become collateral is due too long after the loan ends: 90 days, counted from
    /// today if the loan is past its last due day.
    /// @param claimId The claim.
    /// @param dueDay Day number by whose end the debt is due.
    /// @param max The latest day number allowed, by the calendar: days on which the loan's currency stood move it.
    error ClaimDueTooLate(ClaimId claimId, uint256 dueDay, uint256 max);

    /// @notice Only WarehouseReceipts may do this.
    /// @param caller The sender of the call.
    error NotWarehouseReceipts(address caller);

    /// @notice The lender has not accepted this debtor for the facility.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    error DebtorNotAccepted(FacilityId facilityId, address debtor);

    /// @notice Converts an order under lien into its claim, in one transaction. The order's invoice is confirmed here
    /// with the debtor's signature, or was confirmed before. The claim must be enough for what is outstanding. Unless the
    /// lender's side calls it, what is lent on the claim must be enough for the debt, or no less than what was lent on the
    /// order. If the lender's side takes less, the duty of the loan's seller to buy it back ends.
    /// @dev A valid account of the borrower's, the debtor's, the lender's or the entruster's party calls it. The
    /// borrower has approved this contract as operator of its claims.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it is repaid.
    /// Reverts with {ILoans.CollateralMissing} if it is not on an order.
    /// Reverts with {IFacilities.NotLender} if the caller is of none of these parties, or if the debt is past its due
    /// day and the caller is not of the lender's or the entruster's party.
    /// Reverts with {CollateralInUse} if the claim secures another loan.
    /// Reverts with {CollateralNotOfBorrower} if the claim is not of the borrower's party, or on another debt.
    /// Reverts with {CollateralTooSmall} if the claim is not enough.
    /// Reverts with {CollateralWorse} if it is worth less than the order, and not enough for the debt, unless an account
    /// of the lender's or the entruster's party calls. While participants have a share of the loan and its lender is
    /// related to its borrower, it reverts for the lender too.
    /// Reverts with {ClaimDueTooLate} if it is due more than 90 days after the loan.
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

    /// @notice Substitutes collateral in one transaction: items are added, items or parts are removed. If anything is
    /// removed, the rest must still be enough for the debt. Of the same goods those that end first are removed first,
    /// and of the same last day the oldest. If the rest is enough only by claims on debtors that the lender accepted
    /// after the draw, the lender bears of a loss as much as these make up for ({GoodsLeftForPromise}).
    /// @dev A valid account of the borrower's party calls it. It has approved this contract as operator of what is
    /// added.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it does not run.
    /// Reverts with {IFacilities.NotBorrower} if the caller is of another party.
    /// Reverts with {ILoans.CollateralMissing} if it is not on goods.
    /// Reverts with {TooManyItems} if there would be more than 16.
    /// Reverts with {ItemRefused} if an item cannot be collateral.
    /// Reverts with {CollateralInUse} if an item secures another loan.
    /// Reverts with {CollateralNotOfBorrower} if an item is not of the borrower's party.
    /// Reverts with {DebtorNotAccepted} if the lender has accepted debtors, and not this one.
    /// Reverts with {ItemNotOfLoan} if an item to be removed is not collateral of the loan.
    /// Reverts with {IFacilities.TermOutOfRange} if more of an item is removed than there is.
    /// Reverts with {OlderGoodsFirst} if goods of the same kind stay that end earlier, or are older.
    /// Reverts with {CollateralTooSmall} if the rest is not enough.
    /// Reverts with {CollateralNotGood} if the state of a claim does not allow it.
    /// Reverts with {ClaimDueTooLate} if a claim is due more than 90 days after the loan.
    /// Reverts with {CollateralInOtherCurrency} if a claim is in another currency.
    /// Reverts with {IFacilities.SamePartyBothSides} if the debtor of a claim is the borrower, or under the same control.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts also with the errors of {IPriceFeed.price}, if anything is removed, and of {ISplittableToken.encumber}.
    /// Source: decision 18.
    /// @param loanId The loan.
    /// @param added The items that are added, whole.
    /// @param removed The items or parts that are removed.
    function substituteCollateral(LoanId loanId, CollateralItem[] calldata added, CollateralItem[] calldata removed)
        external;

    /// @notice Converts an order under lien into goods. The lien moves to the goods' warehouse receipt. What is not
    /// delivered stays with the order. Unless the lender's side calls it, the collateral must be enough for the debt
    /// afterwards, or be worth no less than before. If the lender's side takes less, the duty of the loan's seller to buy
    /// it back ends.
    /// @dev A valid account of the borrower's, the buyer's, the lender's or the entruster's party calls it, with the
    /// buyer's signature over the delivery. The borrower has approved this contract as operator of its warehouse
    /// receipts.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it is repaid.
    /// Reverts with {ItemNotOfLoan} if the order is not collateral of the loan.
    /// Reverts with {IFacilities.NotLender} if the caller is of none of these parties.
    /// Reverts with {MarginNotAgreed} if the product has no terms for the sale of goods.
    /// Reverts with {NotOfTheOrder} if the warehouse receipt is not for all of the lot that was delivered.
    /// Reverts with {ItemRefused} if the warehouse receipt is not negotiable.
    /// Reverts with {CollateralInUse} if it secures a loan.
    /// Reverts with {CollateralNotOfBorrower} if it is not of the borrower's party.
    /// Reverts with {TooManyItems} if the loan would have more than 16.
    /// Reverts with {CollateralWorse} if the collateral is not enough, and worth less than before, unless an account of
    /// the lender's or the entruster's party calls. While participants have a share of the loan and its lender is related
    /// to its borrower, it reverts for the lender too.
    /// Reverts also with the errors of {IPurchaseOrders.deliver} and {ISplittableToken.encumber}, and, where the worth
    /// counts, of {IPriceFeed.price}.
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
    /// collateral must be enough for the debt, or be worth no less than before. If the lender accepted the debtor after
    /// the draw and the rest is not enough, the lender bears of a loss as much as the claim makes up for
    /// ({GoodsLeftForPromise}).
    /// @dev A valid account of the borrower's party calls it when it invoices the goods. It has approved this contract
    /// as operator of its claims.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it does not run.
    /// Reverts with {IFacilities.NotBorrower} if the caller is of another party.
    /// Reverts with {CollateralNotOfBorrower} if the debt is owed to another party, the claim is on another debt, or
    /// the goods are of another party.
    /// Reverts with {ItemNotOfLoan} if the goods are not collateral of the loan.
    /// Reverts with {IFacilities.TermOutOfRange} if the quantity is more than there is.
    /// Reverts with {DebtorNotAccepted} if the lender has not accepted the debtor, and it is not the buyer of an order
    /// that is collateral.
    /// Reverts with {CollateralWorse} if the collateral is not enough, and worth less than before or without a price.
    /// Reverts with {CollateralInUse} if the claim secures a loan.
    /// Reverts with {CollateralNotGood} if its debt is past its due day.
    /// Reverts with {ClaimDueTooLate} if it is due more than 90 days after the loan.
    /// Reverts with {CollateralInOtherCurrency} if it is in another currency.
    /// Reverts with {IFacilities.SamePartyBothSides} if its debtor is the borrower, or under the same control.
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

    /// @notice Hands over goods in place of money, as {ILoans.setOff} does with a claim. Goods from the loan's collateral
    /// count for at least the auction's floor, or for all that is owed. While participants have a share, they count for
    /// all that they were worth, or for all that is owed. What they are worth is their last good appraisal, or the price
    /// with which an auction opened if that is higher.
    /// @dev Who may call, and the other errors, are as for {ILoans.setOff}.
    /// Reverts with {IFacilities.TermOutOfRange} if the quantity is 0, or more than there is.
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
    // of it goes to the owner. Reverts with {ILoans.NotReceivables} unless Receivables calls.

    /// @notice Starts a margin call if the collateral has fallen below the product's call level, or ends a call that is
    /// cured. A price that is too old counts as none. Goods count while a call and an auction could still end before
    /// they do. Money that waits on a claim lowers the debt, and a debt of the group of the one whose money is lent counts
    /// until it is paid. Repayments and added collateral end a call by themselves.
    /// @dev Anyone may call it.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it does not run.
    /// Reverts with {MarginNotAgreed} if the product has no terms for it, or the loan is not on goods.
    /// Reverts with {MarginUnchanged} if nothing changes.
    /// @param loanId The loan.
    function checkMargin(LoanId loanId) external;

    /// @notice The loan that a claim secures.
    /// @param claimId The claim.
    /// @return The loan; 0 for none.
    function loanOfClaim(ClaimId claimId) external view returns (LoanId);

    /// @notice The loan that a warehouse receipt secures.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @return The loan; 0 for none.
    function loanOfWarehouseReceipt(WarehouseReceiptId warehouseReceiptId) external view returns (LoanId);

    /// @notice The collateral of a loan on goods as it counts now, and what is under way.
    /// @dev Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return The collateral.
    function collateralOf(LoanId loanId) external view returns (CollateralState memory);

    /// @notice The EIP-712 digest that both parties sign for goods in kind.
    /// @param inKind The terms.
    /// @return The digest.
    function inKindDigest(InKind calldata inKind) external view returns (bytes32);

    /// @notice The loan that an order secures.
    /// @param orderId The order.
    /// @return The loan; 0 for none.
    function loanOfOrder(OrderId orderId) external view returns (LoanId);
}
