// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, LoanId} from "../../types/Ids.sol";
import {ICollateral} from "../collateral/ICollateral.sol";

/// @title The sale of goods for a debt: auctions, bids, buy-back undertakings.
/// @notice Prices are minor units of the product's currency, factors and shares parts per million. {IFacilities} has the
/// terms and the errors that all of lending shares.
/// @dev Facilities implements it through {IFacilities}.
interface ILiquidation {
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

    /// @notice A buy-back undertaking as it stands: the party that buys the goods of a facility's loans when they are
    /// liquidated.
    /// @param undertaker The account that buys.
    /// @param left Minor units that are left of the maximum that it pays in total.
    /// @param share Parts per million of the goods' value.
    /// @param lastDay Last day number on which a liquidation may begin.
    struct BuyBackUndertaking {
        address undertaker;
        uint64 left;
        uint24 share;
        uint24 lastDay;
    }

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

    /// @notice The loan is not in default, no margin call was left uncured, and the collateral is not below the
    /// liquidation level, or hedges that ended of late kept it.
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

    /// @notice The price now is above the bid.
    /// @param loanId The loan.
    /// @param price Minor units that are asked.
    /// @param max Minor units of the bid.
    error PriceAboveBid(LoanId loanId, uint64 price, uint64 max);

    // onImpaired (IWarehouseReceiptLienholder): the same check, when goods are damaged or lost. Reverts with
    // {ICollateral.NotWarehouseReceipts} unless WarehouseReceipts calls.
    /// @notice Agrees a buy-back undertaking. A later undertaking replaces the earlier one; while loans of the facility
    /// are sold, only one of the same undertaker that is no worse does: share, maximum and last day at least as they are.
    /// @dev A valid account of the lender's or the entruster's party calls it with the undertaker's EIP-712 signature.
    /// The undertaker is no party to the facility, nor under one control with one.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {IFacilities.TermsUsed} if the terms were used before.
    /// Reverts with {IFacilities.SignatureExpired} from the deadline on.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if the undertaker or the signer is not valid.
    /// Reverts with {IFacilities.SamePartyBothSides} if the undertaker is a side of the facility.
    /// Reverts with {IFacilities.SignatureCancelled} if the signer took the signature back.
    /// Reverts with {IFacilities.SignatureInvalid} if the signature is not of the undertaker's party.
    /// Reverts with {IFacilities.TermOutOfRange} if a term is out of range.
    /// Reverts with {IFacilities.FacilityInUse} if loans of the facility are sold, and the undertaking is worse than the
    /// one that is in force for them.
    /// Source: decisions 22 and 45.
    /// @param terms The terms.
    /// @param undertakerSignature Signature of the undertaker's party.
    function agreeBuyBack(BuyBack calldata terms, bytes calldata undertakerSignature) external;

    /// @notice Liquidates goods: all falls due, and an auction of the goods opens. If no goods are left, nothing is
    /// sold. The price asked is a share of the goods' value at their last good appraisal. It falls from the product's
    /// start to its floor. Seconds in which the currency stands do not count. Called again after the end, it opens
    /// another round one day later, at most three times. No round goes below the floor of the first. After that only a
    /// new good appraisal opens a new series.
    /// @dev A valid account of the lender's or the entruster's party calls it for a loan in default, for a margin call
    /// that was not cured in its days, or at once below the liquidation level while there are goods. There, hedges of
    /// the goods that were closed or expired count on for the product's `cureDays`: see {IHedges.closeHedge}; and goods
    /// count until they end. After new terms the borrower has the `cureDays` from the day of the terms in any case.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it is repaid.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {ILoans.CollateralMissing} if it is not on goods, or is in default and no goods are left.
    /// Reverts with {ICollateral.MarginNotAgreed} if the product has no terms for it.
    /// Reverts with {NotLiquidable} if nothing allows it.
    /// Reverts with {AuctionRuns} if a round is not over.
    /// Reverts with {RestartsUsedUp} if all rounds were held and no new appraisal came.
    /// Reverts with {GoodsNotAppraised} if none of the goods of a loan in default ever had a price.
    /// Source: decisions 22 and 62.
    /// @param loanId The loan.
    function liquidate(LoanId loanId) external;

    /// @notice Bids in an auction. It buys as much of the goods, oldest first, as pays the debt of now at the price of
    /// now, rounded up to the smallest part. A warehouse receipt that may not be split any more is bought whole. The
    /// money runs through the loan, and a surplus goes to the goods' owner. Goods that were not needed are free once
    /// the debt is paid. From the end of a round until the next one begins the floor is asked. While the currency
    /// stands it buys nothing. If a party of the lender's group buys, the seller of the loan need not buy it back any more.
    /// @dev A valid account with role 4 calls it. It has approved this contract on the currency.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if it has no role 4.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {NoAuction} if no auction is open, or no goods are for sale.
    /// Reverts with {AuctionNotBegun} if the first round has not begun.
    /// Reverts with {PriceAboveBid} if more than `maxPrice` is asked.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee.
    /// Reverts with {IFacilities.TermOutOfRange} if the price is above 2^64 - 1.
    /// Reverts with {ICollateral.CollateralInUse} if the buyer made goods collateral of a loan when it was called for others.
    /// Reverts with {ICollateral.NoIdleLien} if their owner had the lien released then.
    /// Reverts with the currency's own error if it moves and refuses this payment.
    /// Source: decision 22.
    /// @param loanId The loan.
    /// @param maxPrice Minor units that the caller pays at most.
    /// @return price Minor units that it paid; 0 if the currency stands.
    function bid(LoanId loanId, uint64 maxPrice) external returns (uint64 price);

    /// @notice Makes the undertaker buy what is needed, never below the floor. If it cannot pay, nothing is bought. Of a
    /// loan that was sold there may be two undertakings, its lender's and its origin's: the one that pays more for the
    /// goods goes first, and the other one if that does not buy.
    /// @dev Anyone may call it once the auction asks no more than the undertaker pays.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {NoAuction} if no auction is open, or no goods are for sale.
    /// Reverts with {AuctionNotBegun} if the first round has not begun.
    /// Reverts with {NoBuyBack} if no undertaking covers this liquidation.
    /// Reverts with {BuyBackTooLow} if the auction asks more.
    /// Reverts with {IFacilities.TermOutOfRange} if the price is above 2^64 - 1.
    /// Reverts with {ICollateral.CollateralInUse} if the buyer made goods collateral of a loan when it was called for others.
    /// Reverts with {ICollateral.NoIdleLien} if their owner had the lien released then.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee.
    /// @param loanId The loan.
    /// @return price Minor units that it paid; 0 if it cannot pay or the currency stands.
    function callBuyBack(LoanId loanId) external returns (uint64 price);

    /// @notice What a bid would buy now, and its price.
    /// @param loanId The loan.
    /// @return sold The goods; none while no goods are for sale.
    /// @return price Minor units.
    /// @return factor Parts per million of the goods' value that are asked now.
    function saleOf(LoanId loanId)
        external
        view
        returns (ICollateral.CollateralItem[] memory sold, uint64 price, uint24 factor);

    /// @notice The buy-back undertaking of a facility; all zero if there is none.
    /// @param facilityId The facility.
    /// @return The undertaking.
    function buyBackOf(FacilityId facilityId) external view returns (BuyBackUndertaking memory);

    /// @notice The EIP-712 digest that an undertaker signs.
    /// @param terms The terms.
    /// @return The digest.
    function buyBackDigest(BuyBack calldata terms) external view returns (bytes32);
}
