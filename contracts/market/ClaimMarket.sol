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

    /// @dev What an assignor undertook when it sold `value` for `price`; `left` of it has not been put back yet. Claims
    /// divided later share it, so that no more can ever be put back than was sold.
    struct Undertaking {
        address assignor;
        uint96 value;
        uint96 price;
        uint96 left;
        uint64 previous;
    }

    bytes32 private constant QUOTE_TYPEHASH = keccak256(
        "Quote(address funder,address seller,uint256 claimId,uint96 value,uint96 price,bool recourse,"
        "uint64 expiresAt,uint256 nonce,bytes32 legalTextHash)"
    );

    Receivables public immutable receivables;
    mapping(address funder => BitMaps.BitMap) private _usedNonces;
    uint64 private _recourseCount;
    mapping(uint64 recourseId => Undertaking) private _undertakings;
    /// @dev The one in force; a put-back goes one step up the chain, to the one before.
    mapping(uint256 claimId => uint64 recourseId) private _recourses;

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
        receivables.registry().requireNewRisk();
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
        _recordRecourse(quote, soldClaimId);
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
        Undertaking storage last = _undertakings[_recourses[claimId]];
        if (last.left == 0) revert NoRecourse(claimId);
        IReceivables.Receivable memory debt = _debtOf(claimId);
        if (debt.status != IReceivables.Status.Defaulted && debt.status != IReceivables.Status.WrittenOff) {
            revert NotDefaulted(claimId, debt.status);
        }

        uint256 held = receivables.balanceOf(claimId);
        uint96 value = held < last.left ? uint96(held) : last.left;
        address assignor = last.assignor;
        // Half up, on what is still outstanding of what was sold.
        price = uint96((uint256(last.price) * value + last.value / 2) / last.value);
        last.left -= value;
        uint64 previous = last.previous;
        _recourses[receivables.assign(claimId, assignor, value, bytes32(0))] = previous;
        emit ClaimPutBack(claimId, holder, assignor, value, price);
        IERC20(debt.currency).safeTransferFrom(assignor, holder, price);
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
        Undertaking storage last = _undertakings[_recourses[claimId]];
        if (last.left != 0) recourse = Recourse(last.assignor, last.value, last.price);
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

    /// @dev A part that is sold on takes with it the seller's own rights against those before.
    function _recordRecourse(Quote calldata quote, uint256 soldClaimId) private {
        uint64 earlier = _recourses[quote.claimId];
        uint64 inForce = earlier;
        if (quote.recourse) {
            inForce = ++_recourseCount;
            _undertakings[inForce] = Undertaking(quote.seller, quote.value, quote.price, quote.value, earlier);
        }
        if (inForce != 0) _recourses[soldClaimId] = inForce;
    }
}
