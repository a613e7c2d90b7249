// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../assets/IReceivables.sol";

/// @title Sale of claims against payment in one transaction, on a funder's signed quote.
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
        uint256 nonce; // chosen by the funder, once only
        bytes32 legalTextHash;
    }

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

    /// By the quote's seller. The seller has approved this market on the claims (ERC-3525 or for all), the funder on the currency.
    function accept(Quote calldata quote, bytes calldata funderSignature, bytes32 papersRoot)
        external
        returns (uint256 soldClaimId);
    function cancelQuote(uint256 nonce) external; // by the funder
    /// By the holder of a claim sold with recourse, once its receivable is defaulted; goes one step up the chain.
    function putBack(uint256 claimId) external returns (uint96 price);

    function quoteDigest(Quote calldata quote) external view returns (bytes32);
    function isNonceUsed(address funder, uint256 nonce) external view returns (bool);
    function recourseOf(uint256 claimId) external view returns (Recourse memory);
}
