// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../receivables/IReceivables.sol";

/// @title Sale of claims against payment in one transaction, on a funder's signed quote.
/// @notice Recourse follows exactly what was sold. It is the right of the party that bought, as long as the claim as a
/// whole stays with it, and not for value that came into the claim later. A part that is sold on here takes the
/// seller's own rights along, for exactly its value. A part or a whole that is transferred in any other way takes none.
/// A claim that comes back to its assignor ends what the assignor undertook, and what others undertook after it.
interface IClaimMarket {
    /// EIP-712, domain "Cession ClaimMarket", version "1".
    struct Quote {
        address funder;
        address seller; // holder of the claim
        uint256 claimId;
        uint96 value; // minor units of the claim
        uint96 price; // minor units of the receivable's currency
        bool recourse;
        uint64 expiresAt; // UTC seconds
        uint256 nonce; // the funder chooses it and uses it once
        bytes32 legalTextHash;
    }

    /// What the holder of a claim may put back now, to whom and at what price; all zero if there is nothing.
    struct Recourse {
        address assignor;
        uint96 value;
        uint96 price;
    }

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
    event QuoteCancelled(address indexed funder, uint256 indexed nonce);
    event ClaimPutBack(
        uint256 indexed claimId, address indexed holder, address indexed assignor, uint96 value, uint96 price
    );

    event ForcedWithdrawal(
        address indexed from, address indexed to, address indexed currency, uint256 amount, bytes32 orderHash
    );

    error NotQuotedSeller(address seller, address caller);
    error QuoteExpired(uint64 expiresAt, uint256 time);
    error QuoteEmpty(uint96 value, uint96 price);
    error SameParty(address party);
    error NonceUsed(address funder, uint256 nonce);
    error FunderSignatureInvalid(address funder, bytes32 digest);
    error NotClaimHolder(uint256 claimId, address holder, address caller);
    error NotSaleable(uint256 claimId, IReceivables.Status status);
    error NotDefaulted(uint256 claimId, IReceivables.Status status);
    error NoRecourse(uint256 claimId);
    error NotOfAssignor(address assignor, address account);
    error RecourseTooLong(uint256 claimId, uint256 max);
    error CurrencyStands(address currency);

    /// @notice Sells a claim or a part of it. The quote's seller calls it and has approved this market on its claims
    /// (ERC-3525 or for all); the funder has approved it on the currency. Without recourse the buyer gets the rights
    /// that the seller holds itself for what is sold.
    /// @dev Reverts: NotQuotedSeller, QuoteExpired, SameParty if the sides are related, QuoteEmpty, NonceUsed,
    /// SignatureCancelled, FunderSignatureInvalid, NotClaimHolder, NotSaleable, RecourseTooLong for more than 10
    /// undertakings in a chain, CurrencyStands, TransferTookFee, the errors of the claims and the currency, and the
    /// registry's error while new risk is stopped.
    function accept(Quote calldata quote, bytes calldata funderSignature, bytes32 documentRoot)
        external
        returns (uint256 soldClaimId);

    function cancelQuote(uint256 nonce) external; // by the funder

    /// @notice The caller's own signature over `digest` no longer counts.
    function cancelSignature(bytes32 digest) external;

    /// @notice Puts what was sold with recourse back to its assignor, once the debt is defaulted, at its share of the
    /// price; one step up the chain. The holder's party calls it. The rights that the assignor held itself are its own
    /// again.
    /// @dev Reverts: NotClaimHolder, NoRecourse, NotDefaulted, CurrencyStands, TransferTookFee, and the errors of the
    /// claims and the currency: an assignor that cannot pay or receive makes this put-back fail and no other.
    function putBack(uint256 claimId) external returns (uint96 price);

    /// @notice Like `putBack`, if the assignor's account was removed: to another account of its party, which has
    /// approved this market.
    /// @dev Reverts as `putBack` does; NotOfAssignor for another party's account, or while the assignor's own account
    /// is still there.
    function putBackTo(uint256 claimId, address account) external returns (uint96 price);

    /// @notice Pays out the unclaimed money of the party of `to`. A valid account of that party calls it, for a valid
    /// account of it.
    /// @dev Reverts: NotOfParty, PartyNotValid, NothingUnclaimed.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Moves this much of one party's unclaimed money to another party, by order of the court.
    /// @dev Reverts: NotCourt; underflow if less waits.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    /// @notice The unclaimed money of the party of an account, in minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);

    function quoteDigest(Quote calldata quote) external view returns (bytes32);
    function isNonceUsed(address funder, uint256 nonce) external view returns (bool);
    function recourseOf(uint256 claimId) external view returns (Recourse memory);
}
