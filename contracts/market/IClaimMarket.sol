// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../receivables/IReceivables.sol";

/// @title Sale of claims against payment in one transaction, on a funder's signed quote.
/// @notice Recourse follows exactly what was sold. It is the right of the party that bought, as long as the claim as a
/// whole stays with it, and not for value that came into the claim later. A part that is sold on here takes the
/// seller's own rights along, for exactly its value. A part or a whole that is transferred in any other way takes none.
/// A claim that comes back to its assignor ends what the assignor undertook, and what others undertook after it.
/// @dev Source: decision 24.
interface IClaimMarket {
    /// @notice What a funder signs to buy a claim (EIP-712, domain "Cession ClaimMarket", version "1").
    /// @param funder The buyer.
    /// @param seller Holder of the claim.
    /// @param claimId The claim.
    /// @param value Minor units of the claim.
    /// @param price Minor units of the receivable's currency.
    /// @param recourse Whether the seller undertook to take it back if the debt defaults.
    /// @param expiresAt UTC seconds, exclusive.
    /// @param nonce The funder chooses it and uses it once.
    /// @param legalTextHash Hash of the legal text.
    struct Quote {
        address funder;
        address seller;
        uint256 claimId;
        uint96 value;
        uint96 price;
        bool recourse;
        uint64 expiresAt;
        uint256 nonce;
        bytes32 legalTextHash;
    }

    /// @notice What the holder of a claim may put back now, to whom and at what price; all zero if there is nothing.
    /// @param assignor To whom it may be put back.
    /// @param value Minor units of the claim that may be put back.
    /// @param price Minor units that the assignor pays for it.
    struct Recourse {
        address assignor;
        uint96 value;
        uint96 price;
    }

    /// @notice A claim or a part of it was sold.
    /// @param claimId The claim that was sold, whole or in part.
    /// @param soldClaimId The claim that the buyer holds now: the claim itself if it was sold whole, else a new part.
    /// @param funder The account of the buyer.
    /// @param seller The account of the seller.
    /// @param value Minor units of the claim.
    /// @param price Minor units of the receivable's currency.
    /// @param recourse Whether the seller undertook to take it back if the debt defaults.
    /// @param nonce The nonce of the quote.
    /// @param legalTextHash Hash of the legal text.
    event ClaimSold(
        uint256 indexed claimId,
        uint256 indexed soldClaimId,
        address indexed funder,
        address seller,
        uint96 value,
        uint96 price,
        bool recourse,
        uint256 nonce,
        bytes32 legalTextHash
    );

    /// @notice A funder made a nonce unusable.
    /// @param funder The account of the buyer.
    /// @param nonce The nonce.
    event QuoteCancelled(address indexed funder, uint256 indexed nonce);

    /// @notice A claim, or the part of it that was sold with recourse, went back to its assignor.
    /// @param claimId The claim.
    /// @param holder The owner of the claim.
    /// @param assignor The account that sold with recourse.
    /// @param value Minor units of the claim.
    /// @param price Minor units of the receivable's currency.
    event ClaimPutBack(
        uint256 indexed claimId, address indexed holder, address indexed assignor, uint96 value, uint96 price
    );

    /// @notice A court moved a party's unclaimed money.
    /// @param from An account of the party.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    event ForcedWithdrawal(
        address indexed from, address indexed to, address indexed currency, uint256 amount, bytes32 orderHash
    );

    /// @notice The quote is for another seller.
    /// @param seller The account of the seller.
    /// @param caller The sender of the call.
    error NotQuotedSeller(address seller, address caller);

    /// @notice The quote has expired.
    /// @param expiresAt UTC seconds, exclusive.
    /// @param time The time of the block (UTC seconds).
    error QuoteExpired(uint64 expiresAt, uint256 time);

    /// @notice A quote has a value and a price.
    /// @param value Minor units of the claim.
    /// @param price Minor units of the receivable's currency.
    error QuoteEmpty(uint96 value, uint96 price);

    /// @notice Funder and seller are one party, or under one control.
    /// @param party The account of the seller.
    error SameParty(address party);

    /// @notice The funder's nonce was used or cancelled.
    /// @param funder The account of the buyer.
    /// @param nonce The nonce.
    error NonceUsed(address funder, uint256 nonce);

    /// @notice The signature over the quote is not the funder's.
    /// @param funder The account of the buyer.
    /// @param digest The EIP-712 digest that was signed.
    error FunderSignatureInvalid(address funder, bytes32 digest);

    /// @notice The account does not hold the claim.
    /// @param claimId The claim.
    /// @param holder The owner of the claim.
    /// @param caller The account that must hold it.
    error NotClaimHolder(uint256 claimId, address holder, address caller);

    /// @notice The debt is not in a state in which claims on it are sold.
    /// @param claimId The claim.
    /// @param status Where the debt stands.
    error NotSaleable(uint256 claimId, IReceivables.Status status);

    /// @notice The debt is not in default.
    /// @param claimId The claim.
    /// @param status Where the debt stands.
    error NotDefaulted(uint256 claimId, IReceivables.Status status);

    /// @notice The holder may put nothing back.
    /// @param claimId The claim.
    error NoRecourse(uint256 claimId);

    /// @notice The account may not stand in for the assignor.
    /// @param assignor The account that sold with recourse.
    /// @param account The account that was given.
    error NotOfAssignor(address assignor, address account);

    /// @notice The chain of undertakings is as long as it may be.
    /// @param claimId The claim.
    /// @param max The number of undertakings that a chain may have.
    error RecourseTooLong(uint256 claimId, uint256 max);

    /// @notice The currency does not move now.
    /// @param currency The currency's token contract.
    error CurrencyStands(address currency);

    /// @notice Sells a claim or a part of it. Without recourse the buyer gets the rights that the seller holds itself
    /// for what is sold.
    /// @dev The quote's seller calls it and has approved this market on its claims (ERC-3525 or for all). The funder
    /// has approved it on the currency.
    /// Reverts with {NotQuotedSeller} if the caller is not the quote's seller.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {QuoteExpired} from `expiresAt` on.
    /// Reverts with {SameParty} if the sides are one party, or under one control.
    /// Reverts with {QuoteEmpty} if value or price is 0.
    /// Reverts with {NonceUsed} if the nonce was used or cancelled.
    /// Reverts with {SignatureCancelled} if the funder took the signature back.
    /// Reverts with {FunderSignatureInvalid} if the signature is not the funder's.
    /// Reverts with {NotClaimHolder} if the seller does not hold the claim.
    /// Reverts with {NotSaleable} if the debt is not confirmed.
    /// Reverts with {RecourseTooLong} if more than 10 undertakings would be in a chain.
    /// Reverts with {CurrencyStands} if the currency does not move.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts also with the errors of {ISplittableToken.assign} and of the currency.
    /// @param quote The quote.
    /// @param funderSignature Signature of the funder (ECDSA or ERC-1271).
    /// @param documentRoot Merkle root of the documents behind the transfer.
    /// @return soldClaimId The claim that the buyer holds now: the claim itself if it was sold whole, else a new part.
    function accept(Quote calldata quote, bytes calldata funderSignature, bytes32 documentRoot)
        external
        returns (uint256 soldClaimId);

    /// @notice Makes a nonce of the caller unusable, and with it every quote with that nonce.
    /// @dev The funder calls it.
    /// Reverts with {NonceUsed} if the nonce was used or cancelled before.
    /// @param nonce The nonce.
    function cancelQuote(uint256 nonce) external;

    /// @notice Takes the caller's own signature over a quote back. What was bought with it stands.
    /// @dev Reverts with {SignatureCancelled} if it was taken back before.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(bytes32 digest) external;

    /// @notice Puts what was sold with recourse back to its assignor, once the debt is defaulted, at its share of the
    /// price; one step up the chain. The rights that the assignor held itself are its own again.
    /// @dev A valid account of the holder's party calls it, or the holder. The holder has approved this market on its
    /// claims, the assignor on the currency. An assignor that cannot pay or receive makes this put-back fail and no
    /// other.
    /// Reverts with {TokenUnknown} if there is no such claim.
    /// Reverts with {NotClaimHolder} if the caller is of another party.
    /// Reverts with {NoRecourse} if the holder may put nothing back.
    /// Reverts with {NotDefaulted} if the debt is neither in default nor written off.
    /// Reverts with {CurrencyStands} if the currency does not move.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts also with the errors of {ISplittableToken.assign} and of the currency.
    /// @param claimId The claim.
    /// @return price Minor units of the receivable's currency.
    function putBack(uint256 claimId) external returns (uint96 price);

    /// @notice Does what {putBack} does if the assignor's account was removed: to another account of its party, which
    /// has approved this market on the currency.
    /// @dev Who may call, and the other errors, are as for {putBack}.
    /// Reverts with {NotOfAssignor} for another party's account, or while the assignor's own account is still there.
    /// @param claimId The claim.
    /// @param account An account of the assignor's party.
    /// @return price Minor units of the receivable's currency.
    function putBackTo(uint256 claimId, address account) external returns (uint96 price);

    /// @notice Sends the unclaimed money of a party to one of its accounts.
    /// @dev A valid account of the same party calls it.
    /// Reverts with {NotOfParty} if caller and receiver are of two parties.
    /// Reverts with {PartyNotValid} if one of them is not valid.
    /// Reverts with {NothingUnclaimed} if there is none.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @return amount Minor units that were sent.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Moves a part of a party's unclaimed money to another party, by order of a court.
    /// @dev Only the court of the registry calls it.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// Reverts with {UnclaimedExceeded} if the party has less.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    /// @notice The unclaimed money of a party.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);

    /// @notice The EIP-712 digest that a funder signs.
    /// @param quote The quote.
    /// @return The digest.
    function quoteDigest(Quote calldata quote) external view returns (bytes32);

    /// @notice Whether a funder's nonce was used or cancelled.
    /// @param funder The account of the buyer.
    /// @param nonce The nonce.
    /// @return True if it was.
    function isNonceUsed(address funder, uint256 nonce) external view returns (bool);

    /// @notice What the holder of a claim may put back now, to whom and at what price.
    /// @param claimId The claim.
    /// @return All zero if there is nothing.
    function recourseOf(uint256 claimId) external view returns (Recourse memory);
}
