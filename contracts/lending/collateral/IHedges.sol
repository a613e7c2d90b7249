// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {HedgeMath} from "../../math/HedgeMath.sol";
import {LoanId} from "../../types/Ids.sol";

/// @title Hedges of the price of goods that secure a loan, made at an exchange or with another party outside the ledger.
/// @notice A hedge is recorded on both sides' word. If the goods' price falls below its price, it lowers the margin
/// call that the fall would cause: it adds quantity * (price of the hedge - price of the goods) * (1 - haircut), of
/// which the product's `hedgeShare` counts. The quantity is at most what the loan has of the goods, and the price at
/// most the appraised price on the day of the record. So a hedge protects from a fall after it was recorded, never
/// before. It counts for margin calls and their cure alone: nobody draws on it, and no goods leave for it.
/// @dev Facilities implements it through {IFacilities}. Quantities are thousandths of the unit of goods, prices
/// millionths of a minor unit for the item's smallest part, as in {IPriceFeed}. Source: decision 47.
interface IHedges {
    /// @notice EIP-712 `Hedge` over exactly these fields, signed by the party whose money is lent and by the borrower.
    /// @param loanId The loan.
    /// @param item What is hedged: the hash that names the goods.
    /// @param quantity Thousandths of the unit.
    /// @param price The price that the contract fixes, in millionths of a minor unit for the item's smallest part.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param expiryDay Last day number on which it counts: the contract's last day.
    /// @param venue The exchange's code (ISO 10383), or the counterparty's legal entity identifier (ISO 17442),
    /// left-aligned.
    /// @param counterparty The counterparty's account, if it is a party of the ledger; else 0.
    /// @param contractHash Hash that names the contract: of `venue` and its number there.
    /// @param documentRoot Merkle root of the documents behind it.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct Hedge {
        uint256 loanId;
        bytes32 item;
        uint96 quantity;
        uint64 price;
        bytes3 currency;
        uint24 expiryDay;
        bytes32 venue;
        address counterparty;
        bytes32 contractHash;
        bytes32 documentRoot;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice A hedge was recorded for a loan.
    /// @param loanId The loan.
    /// @param contractHash Hash that names the contract.
    /// @param item What is hedged: the hash that names the goods.
    /// @param quantity Thousandths of the unit.
    /// @param hedgePrice The price that the contract fixes, in millionths of a minor unit.
    /// @param maxPrice The appraised price now, above which it does not count.
    /// @param expiryDay Last day number on which it counts.
    /// @param venue The exchange's code, or the counterparty's legal entity identifier, left-aligned.
    /// @param counterparty The counterparty's account; 0: it is no party of the ledger.
    /// @param documentRoot Merkle root of the documents behind it.
    event HedgeRecorded(
        LoanId indexed loanId,
        bytes32 indexed contractHash,
        bytes32 indexed item,
        uint96 quantity,
        uint64 hedgePrice,
        uint64 maxPrice,
        uint24 expiryDay,
        bytes32 venue,
        address counterparty,
        bytes32 documentRoot
    );

    /// @notice A hedge of a loan ended before its expiry.
    /// @param loanId The loan.
    /// @param contractHash Hash that names the contract.
    /// @param account The account that closed it.
    event HedgeClosed(LoanId indexed loanId, bytes32 indexed contractHash, address indexed account);

    /// @notice The hedge is in another currency than the prices of the loan's goods.
    /// @param currency ISO 4217 code of the hedge's currency.
    /// @param needed ISO 4217 code of the loan's currency.
    error HedgeInOtherCurrency(bytes3 currency, bytes3 needed);

    /// @notice The last day of the hedge has passed.
    /// @param expiryDay Its last day number.
    /// @param today The day number of the block in the ledger's zone.
    error HedgeExpired(uint24 expiryDay, uint256 today);

    /// @notice The counterparty is a side of the loan, of its party, or under the same control.
    /// @param counterparty The counterparty's account.
    /// @param side The account of the lender's side or of the borrower.
    error HedgeWithOwnSide(address counterparty, address side);

    /// @notice The contract hedges a loan of the borrower's party already. Close that hedge first.
    /// @param contractHash Hash that names the contract.
    /// @param loanId That loan.
    error HedgeUsed(bytes32 contractHash, LoanId loanId);

    /// @notice The loan has less of the goods than its hedges would be for.
    /// @param item What is hedged: the hash that names the goods.
    /// @param quantity Thousandths of the unit that would be hedged in all.
    /// @param held Thousandths of the unit that the loan has.
    error HedgeExceedsGoods(bytes32 item, uint256 quantity, uint256 held);

    /// @notice The loan has the maximum of hedges, with those that ended of late.
    /// @param loanId The loan.
    /// @param max The largest number allowed.
    error TooManyHedges(LoanId loanId, uint256 max);

    /// @notice The loan has no such hedge.
    /// @param loanId The loan.
    /// @param contractHash Hash that names the contract.
    error HedgeUnknown(LoanId loanId, bytes32 contractHash);

    /// @notice Records a hedge of the price of a loan's goods. Those of the loan that ended more than the
    /// product's `cureDays` ago are removed.
    /// @dev Anyone may send it, with the EIP-712 signatures of the party whose money is lent and of the borrower. Both
    /// are still valid.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it does not run.
    /// Reverts with {ICollateral.MarginNotAgreed} if it is not on goods, or its product has no terms for margin.
    /// Reverts with {IFacilities.TermsUsed} if the terms were used before.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {IFacilities.SignatureInvalid} if a signature is not of its side.
    /// Reverts with {PartyNotValid} if a signer is not valid.
    /// Reverts with {IFacilities.SamePartyBothSides} if participants have a share and its lender is related to the borrower.
    /// Reverts with {IFacilities.TermOutOfRange} if quantity, price or contract hash is 0.
    /// Reverts with {HedgeInOtherCurrency} if it is not in the loan's currency.
    /// Reverts with {HedgeExpired} if its last day has passed.
    /// Reverts with {HedgeWithOwnSide} if the counterparty is a side of the loan, or related to one.
    /// Reverts with {HedgeUsed} if the contract hedges this or another loan of the borrower's party that is not
    /// repaid.
    /// Reverts with {TooManyHedges} if the loan has 4 hedges, with those that ended within the `cureDays`.
    /// Reverts with {HedgeExceedsGoods} if the loan has less of the goods than its hedges of them are for that have
    /// not ended.
    /// Reverts also with the errors of {IPriceFeed.price}.
    /// @param hedge The terms.
    /// @param lenderSignature Signature of the party whose money is lent.
    /// @param borrowerSignature Signature of the borrower.
    function recordHedge(Hedge calldata hedge, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;

    /// @notice Closes a hedge, and checks the margin: the call that it held back begins. Like a hedge that expired, it
    /// goes on counting against a liquidation at once for the product's `cureDays`, and for nothing else: see
    /// {ILiquidation.liquidate}. Its contract may be recorded again.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {HedgeUnknown} if the loan has no such hedge that has not ended.
    /// @param loanId The loan.
    /// @param contractHash Hash that names the contract.
    function closeHedge(LoanId loanId, bytes32 contractHash) external;

    /// @notice The hedges of a loan that were not removed, and what each counts for now: nothing once it ended, on the
    /// day after its `expiryDay`.
    /// @dev Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return The hedges, in the order in which they were recorded.
    function hedgesOf(LoanId loanId) external view returns (HedgeMath.Hedge[] memory);

    /// @notice The EIP-712 digest that both sides sign.
    /// @param hedge The terms.
    /// @return The digest.
    function hedgeDigest(Hedge calldata hedge) external view returns (bytes32);
}
