// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IReceivables} from "../assets/IReceivables.sol";
import {Receivables} from "../assets/Receivables.sol";
import {ClaimId, ReceivableId} from "../types/Ids.sol";
import {IClaimMarket} from "./IClaimMarket.sol";

/// @title Sale of claims against payment in one transaction, on a funder's signed quote.
/// @dev Holds neither claims nor money: it moves both with the owners' approvals, only when the owner itself asks.
contract ClaimMarket is IClaimMarket, ERC2771Context, EIP712 {
    using SafeERC20 for IERC20;
    using BitMaps for BitMaps.BitMap;

    bytes32 private constant QUOTE_TYPEHASH = keccak256(
        "Quote(address funder,address seller,uint256 claimId,uint96 value,uint96 price,bool recourse,"
        "uint64 expiresAt,uint256 nonce,bytes32 legalTextHash)"
    );

    Receivables public immutable receivables;
    mapping(address funder => BitMaps.BitMap) private _usedNonces;
    /// @dev The last entry is in force; a put-back takes it off and the one before, one step up the chain, counts.
    mapping(uint256 claimId => Recourse[]) private _recourses;

    constructor(address forwarder, Receivables receivables_)
        ERC2771Context(forwarder)
        EIP712("Cession ClaimMarket", "1")
    {
        receivables = receivables_;
    }

    /// @inheritdoc IClaimMarket
    function accept(Quote calldata quote, bytes calldata funderSignature, bytes32 papersRoot)
        external
        returns (uint256 soldClaimId)
    {
        // Check
        if (_msgSender() != quote.seller) revert NotQuotedSeller(quote.seller, _msgSender());
        if (block.timestamp >= quote.expiresAt) revert QuoteExpired(quote.expiresAt, block.timestamp);
        if (quote.funder == quote.seller) revert SameParty(quote.seller);
        if (quote.price == 0 || quote.value == 0) revert QuoteEmpty(quote.value, quote.price);
        if (_usedNonces[quote.funder].get(quote.nonce)) revert NonceUsed(quote.funder, quote.nonce);
        bytes32 digest = quoteDigest(quote);
        if (!SignatureChecker.isValidSignatureNow(quote.funder, digest, funderSignature)) {
            revert FunderSignatureInvalid(quote.funder, digest);
        }
        address currency = _requireSaleable(quote.claimId, quote.seller);

        // Effect
        _usedNonces[quote.funder].set(quote.nonce);

        // Interaction: claim against cash
        soldClaimId = receivables.assign(quote.claimId, quote.funder, quote.value, papersRoot);
        if (quote.recourse) _recordRecourse(quote, soldClaimId);
        emit ClaimSold(
            quote.claimId,
            soldClaimId,
            quote.funder,
            quote.seller,
            quote.value,
            quote.price,
            quote.recourse,
            quote.nonce,
            quote.legalTextHash
        );
        IERC20(currency).safeTransferFrom(quote.funder, quote.seller, quote.price);
    }

    /// @inheritdoc IClaimMarket
    function cancelQuote(uint256 nonce) external {
        if (_usedNonces[_msgSender()].get(nonce)) revert NonceUsed(_msgSender(), nonce);
        _usedNonces[_msgSender()].set(nonce);
        emit QuoteCancelled(_msgSender(), nonce);
    }

    /// @inheritdoc IClaimMarket
    function putBack(uint256 claimId) external returns (uint96 price) {
        address holder = receivables.ownerOf(claimId);
        if (_msgSender() != holder) revert NotClaimHolder(claimId, holder, _msgSender());
        Recourse[] storage chain = _recourses[claimId];
        if (chain.length == 0) revert NoRecourse(claimId);
        IReceivables.Receivable memory debt = _debtOf(claimId);
        if (debt.status != IReceivables.Status.Defaulted) revert NotDefaulted(claimId, debt.status);

        Recourse memory last = chain[chain.length - 1];
        chain.pop();
        uint96 value = uint96(receivables.balanceOf(claimId));
        // Half up, on what is still outstanding of what was sold.
        price = uint96((uint256(last.price) * value + last.value / 2) / last.value);
        receivables.assign(claimId, last.assignor, value, bytes32(0));
        emit ClaimPutBack(claimId, holder, last.assignor, value, price);
        IERC20(debt.currency).safeTransferFrom(last.assignor, holder, price);
    }

    /// @inheritdoc IClaimMarket
    function quoteDigest(Quote calldata quote) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(QUOTE_TYPEHASH, quote)));
    }

    /// @inheritdoc IClaimMarket
    function isNonceUsed(address funder, uint256 nonce) external view returns (bool) {
        return _usedNonces[funder].get(nonce);
    }

    /// @inheritdoc IClaimMarket
    function recourseOf(uint256 claimId) external view returns (Recourse memory recourse) {
        Recourse[] storage chain = _recourses[claimId];
        if (chain.length != 0) recourse = chain[chain.length - 1];
    }

    function _requireSaleable(uint256 claimId, address seller) private view returns (address currency) {
        address holder = receivables.ownerOf(claimId);
        if (holder != seller) revert NotClaimHolder(claimId, holder, seller);
        IReceivables.Receivable memory debt = _debtOf(claimId);
        if (debt.status != IReceivables.Status.Confirmed) revert NotSaleable(claimId, debt.status);
        return debt.currency;
    }

    function _debtOf(uint256 claimId) private view returns (IReceivables.Receivable memory) {
        (, ReceivableId receivableId,,,,,) = receivables.claim(ClaimId.wrap(claimId));
        return receivables.receivable(receivableId);
    }

    /// @dev A part that is sold on takes with it the seller's own right against the one before.
    function _recordRecourse(Quote calldata quote, uint256 soldClaimId) private {
        Recourse[] storage chain = _recourses[soldClaimId];
        if (soldClaimId != quote.claimId) {
            Recourse[] storage earlier = _recourses[quote.claimId];
            if (earlier.length != 0) chain.push(earlier[earlier.length - 1]);
        }
        chain.push(Recourse({assignor: quote.seller, value: quote.value, price: quote.price}));
    }
}
