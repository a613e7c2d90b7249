// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {IReceivables} from "../receivables/IReceivables.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {TriedTransfer} from "../cash/TriedTransfer.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {ClaimId, PartyId, ReceivableId} from "../types/Ids.sol";
import {IClaimMarket} from "./IClaimMarket.sol";

/// @title Sale of claims against payment in one transaction, on a funder's signed quote.
/// @notice See {IClaimMarket} for the specification.
/// @dev The market holds no claims, and no money but unclaimed money. It moves claims and money with their owners'
/// approvals, and only when the owner itself asks.
///
/// Recourse. A sale with recourse writes an undertaking. Undertakings form chains: each names the one that its assignor
/// held itself. A right binds a claim to the chain that its holder may call on. It holds only for the value that was
/// sold: while the claim as a whole has stayed with the party that bought it here (`movesOf`), and without what came
/// into it from elsewhere (`mergedOf`). Value that is split off, collected or given away takes no right along. So the
/// values that one undertaking stands for never sum to more than was sold under it. A party that buys a claim back ends
/// its own undertaking, and all that were given after it.
contract ClaimMarket is IClaimMarket, ERC2771Context, EIP712 {
    using BitMaps for BitMaps.BitMap;
    using SignedTerms for SignedTerms.Book;
    using Unclaimed for Unclaimed.Book;

    /// @notice What an assignor undertook when it sold a claim with recourse.
    /// @param assignor The account that sold.
    /// @param value Minor units of the claim that it sold.
    /// @param price Minor units of the currency for which it sold them.
    /// @param used Minor units of the claim that have been put back.
    /// @param previous The undertaking that the assignor could call on itself; 0: none.
    struct Undertaking {
        address assignor;
        uint96 value;
        uint96 price;
        uint96 used;
        uint64 previous;
    }

    /// @notice What the holder of a claim may call on, as long as the claim has not changed.
    /// @param undertaking The undertaking; 0: none.
    /// @param creditor The party that bought.
    /// @param moves How often the claim had moved when it was sold.
    /// @param merged Value that had come into the claim before it was sold.
    struct Right {
        uint64 undertaking;
        uint80 creditor;
        uint16 moves;
        uint96 merged;
    }

    /// @notice A claim as it is before the market assigns it.
    /// @param held Minor units of the claim.
    /// @param moves How often it has moved as a whole.
    /// @param merged Value that came into it from other claims.
    /// @param undertaking The undertaking that its holder may call on; 0: none.
    /// @param absorbed The part of `held` that was sold under the undertaking.
    struct ClaimSnapshot {
        uint96 held;
        uint16 moves;
        uint96 merged;
        uint64 undertaking;
        uint96 absorbed;
    }

    bytes32 private constant QUOTE_TYPEHASH = keccak256(
        "Quote(address funder,address seller,uint256 claimId,uint96 value,uint96 price,bool recourse,"
        "uint64 expiresAt,uint256 nonce,bytes32 legalTextHash)"
    );
    /// @dev The maximum length of a chain of undertakings: each sale reads all of it.
    uint256 private constant MAX_UNDERTAKINGS = 10;
    /// @dev `movesOf` stops here once it has come this far, and then says nothing any more.
    uint16 private constant MAX_MOVES = 0x7fff;

    /// @notice The debts and the claims on them.
    Receivables public immutable receivables;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;
    mapping(address funder => BitMaps.BitMap) private _usedNonces;
    uint64 private _undertakingCount;
    mapping(uint64 undertakingId => Undertaking) private _undertakings;
    mapping(uint256 claimId => Right) private _rights;
    SignedTerms.Book private _signedTerms;
    Unclaimed.Book private _unclaimed;

    constructor(address forwarder, Receivables receivables_)
        ERC2771Context(forwarder)
        EIP712("Cession ClaimMarket", "1")
    {
        receivables = receivables_;
        registry = receivables_.registry();
    }

    /// @inheritdoc IClaimMarket
    function accept(Quote calldata quote, bytes calldata funderSignature, bytes32 documentRoot)
        external
        returns (uint256 soldClaimId)
    {
        // Check
        address currency = _check(quote, funderSignature);
        ClaimSnapshot memory snapshot;
        if (quote.recourse || _rights[quote.claimId].undertaking != 0) snapshot = _snapshot(quote.claimId);

        // Effect
        _usedNonces[quote.funder].set(quote.nonce);
        uint64 undertaking = _undertakingOf(quote, snapshot);

        // Interaction: claim against cash
        soldClaimId = receivables.assign(quote.claimId, quote.funder, quote.value, documentRoot);
        _bind(soldClaimId, undertaking, quote.funder, snapshot, quote.value);
        _tell(quote, soldClaimId);
        // The claims contract lets only a valid seller sell.
        _pay(currency, quote.funder, quote.seller, quote.price, true);
    }

    /// @inheritdoc IClaimMarket
    function cancelQuote(uint256 nonce) external {
        if (_usedNonces[_msgSender()].get(nonce)) revert NonceUsed(_msgSender(), nonce);
        _usedNonces[_msgSender()].set(nonce);
        emit QuoteCancelled(_msgSender(), nonce);
    }

    /// @inheritdoc IClaimMarket
    function cancelSignature(bytes32 digest) external {
        _signedTerms.cancel(_msgSender(), digest);
    }

    /// @inheritdoc IClaimMarket
    function putBack(uint256 claimId) external returns (uint96 price) {
        return _putBack(claimId, address(0));
    }

    /// @inheritdoc IClaimMarket
    function putBackTo(uint256 claimId, address account) external returns (uint96 price) {
        return _putBack(claimId, account);
    }

    // ------------------------------------------------------------------ unclaimed money

    /// @inheritdoc IClaimMarket
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount) {
        return _unclaimed.withdraw(registry, currency, to, _msgSender());
    }

    /// @inheritdoc IClaimMarket
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external {
        if (msg.sender != registry.court()) revert IPartyRegistry.NotCourt(msg.sender);
        emit ForcedWithdrawal(from, to, currency, amount, orderHash);
        _unclaimed.take(registry, currency, from, to, amount);
    }

    /// @inheritdoc IClaimMarket
    function unclaimedOf(address party, address currency) external view returns (uint256) {
        return _unclaimed.amountOf(registry, party, currency);
    }

    // ------------------------------------------------------------------ views

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
        if (_rights[claimId].undertaking == 0) return recourse;
        ClaimSnapshot memory snapshot = _snapshot(claimId);
        if (snapshot.undertaking == 0) return recourse;
        Undertaking storage last = _undertakings[snapshot.undertaking];
        return Recourse(last.assignor, snapshot.absorbed, _priceHalfUp(last, snapshot.absorbed));
    }

    // ------------------------------------------------------------------ internal parts

    function _check(Quote calldata quote, bytes calldata funderSignature) private view returns (address currency) {
        if (_msgSender() != quote.seller) revert NotQuotedSeller(quote.seller, _msgSender());
        registry.requireNewRisk();
        if (block.timestamp >= quote.expiresAt) revert QuoteExpired(quote.expiresAt, block.timestamp);
        if (registry.areRelated(quote.funder, quote.seller)) revert SameParty(quote.seller);
        if (quote.price == 0 || quote.value == 0) revert QuoteEmpty(quote.value, quote.price);
        if (_usedNonces[quote.funder].get(quote.nonce)) revert NonceUsed(quote.funder, quote.nonce);
        bytes32 digest = quoteDigest(quote);
        if (!_signedTerms.isSignedBy(quote.funder, digest, funderSignature)) {
            revert FunderSignatureInvalid(quote.funder, digest);
        }
        IReceivables.Claim memory claimRow = receivables.claim(ClaimId.wrap(quote.claimId));
        if (claimRow.owner != quote.seller) revert NotClaimHolder(quote.claimId, claimRow.owner, quote.seller);
        IReceivables.Receivable memory debt = receivables.receivable(claimRow.receivableId);
        if (debt.status != IReceivables.Status.Confirmed) revert NotSaleable(quote.claimId, debt.status);
        return debt.currency;
    }

    function _tell(Quote calldata quote, uint256 soldClaimId) private {
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
    }

    /// @dev `account`: an account of the assignor's party, in place of an assignor's account that was removed; or zero.
    function _putBack(uint256 claimId, address account) private returns (uint96 price) {
        address holder = receivables.ownerOf(claimId);
        if (!registry.actsFor(_msgSender(), holder)) revert NotClaimHolder(claimId, holder, _msgSender());
        ClaimSnapshot memory snapshot = _snapshot(claimId);
        if (snapshot.undertaking == 0) revert NoRecourse(claimId);
        IReceivables.Receivable memory debt = _debtOf(claimId);
        if (debt.status != IReceivables.Status.Defaulted && debt.status != IReceivables.Status.WrittenOff) {
            revert NotDefaulted(claimId, debt.status);
        }
        Undertaking storage last = _undertakings[snapshot.undertaking];
        address assignor = _payerOf(last.assignor, account);
        uint96 value = snapshot.absorbed;

        price = _priceHalfUp(last, value);
        last.used += value;
        uint256 returned = receivables.assign(claimId, assignor, value, bytes32(0));
        _bind(returned, last.previous, assignor, snapshot, value);
        emit ClaimPutBack(claimId, holder, assignor, value, price);
        _pay(debt.currency, assignor, holder, price, registry.isValid(holder));
    }

    /// @dev A party is bound by what it sold, whichever accounts it has left.
    function _payerOf(address assignor, address account) private view returns (address) {
        if (account == address(0) || account == assignor) return assignor;
        if (registry.actsFor(assignor, assignor) || !registry.actsFor(account, assignor)) {
            revert NotOfAssignor(assignor, account);
        }
        return account;
    }

    function _debtOf(uint256 claimId) private view returns (IReceivables.Receivable memory) {
        return receivables.receivable(ReceivableId.wrap(receivables.slotOf(claimId)));
    }

    /// @dev The claim, and what its holder may call on.
    function _snapshot(uint256 claimId) private view returns (ClaimSnapshot memory snapshot) {
        IReceivables.Claim memory claimRow = receivables.claim(ClaimId.wrap(claimId));
        snapshot.held = claimRow.value;
        snapshot.moves = receivables.movesOf(claimId);
        snapshot.merged = receivables.mergedOf(claimId);
        Right memory right = _rights[claimId];
        if (right.undertaking == 0 || right.moves != snapshot.moves || snapshot.moves == MAX_MOVES) return snapshot;
        if (PartyId.unwrap(registry.partyOf(claimRow.owner)) != right.creditor) return snapshot;
        uint96 foreign = snapshot.merged - right.merged;
        if (foreign >= claimRow.value) return snapshot;
        (snapshot.undertaking, snapshot.absorbed) = (right.undertaking, claimRow.value - foreign);
    }

    /// @dev What the buyer may call on: the seller's undertaking, or the rights that the seller holds itself.
    function _undertakingOf(Quote calldata quote, ClaimSnapshot memory snapshot) private returns (uint64 undertaking) {
        uint64 earlier;
        uint256 count;
        // Rights for a part of what is sold would be rights for other value.
        if (snapshot.undertaking != 0 && quote.value <= snapshot.absorbed) {
            (earlier, count) = _withoutOwn(snapshot.undertaking, registry.partyOf(quote.funder));
        }
        if (!quote.recourse) return earlier;
        if (count >= MAX_UNDERTAKINGS) revert RecourseTooLong(quote.claimId, MAX_UNDERTAKINGS);
        undertaking = ++_undertakingCount;
        _undertakings[undertaking] = Undertaking(quote.seller, quote.value, quote.price, 0, earlier);
    }

    /// @dev A party that buys a claim back calls neither on itself nor on those who undertook to it what came from
    /// itself.
    function _withoutOwn(uint64 first, PartyId buyer) private view returns (uint64 left, uint256 count) {
        left = first;
        for (uint64 step = first; step != 0; step = _undertakings[step].previous) {
            ++count;
            if (registry.partyOf(_undertakings[step].assignor) == buyer) {
                (left, count) = (_undertakings[step].previous, 0);
            }
        }
    }

    /// @dev Binds the right to the claim as the assignment left it, whatever its new holder did with it when it was
    /// called. If the holder sold the claim on within that call, the claim has moved since, and the right is the next
    /// buyer's.
    function _bind(uint256 claimId, uint64 undertaking, address holder, ClaimSnapshot memory before, uint96 value)
        private
    {
        bool whole = value == before.held;
        uint16 moves = 0;
        if (whole) moves = before.moves == MAX_MOVES ? MAX_MOVES : before.moves + 1;
        Right storage right = _rights[claimId];
        if (right.moves > moves) return;
        if (undertaking == 0) {
            if (right.undertaking != 0) delete _rights[claimId];
            return;
        }
        uint80 creditor = uint80(PartyId.unwrap(registry.partyOf(holder)));
        _rights[claimId] = Right(undertaking, creditor, moves, whole ? before.merged : 0);
    }

    /// @dev The price of all that has been put back including `value`, less the price without it: all put-backs sum to
    /// the price.
    function _priceHalfUp(Undertaking storage last, uint96 value) private view returns (uint96) {
        (uint256 price, uint256 sold, uint256 used) = (last.price, last.value, last.used);
        uint256 until = used + value;
        return uint96((price * until + sold / 2) / sold - (price * used + sold / 2) / sold);
    }

    /// @dev Money that its owner cannot receive waits for it. A sale while the currency stands has its own error.
    function _pay(address currency, address from, address to, uint96 amount, bool valid) private {
        if (amount == 0) return;
        if (valid) {
            uint256 before = IERC20(currency).balanceOf(to);
            if (TriedTransfer.move(currency, from, to, amount)) {
                uint256 received = IERC20(currency).balanceOf(to) - before;
                if (received != amount) revert Unclaimed.TransferTookFee(currency, amount, received);
                return;
            }
            if (!CurrencyClock.moves(currency)) revert CurrencyStands(currency);
        }
        Unclaimed.pull(currency, from, amount);
        _unclaimed.keep(registry, currency, to, amount);
    }
}
