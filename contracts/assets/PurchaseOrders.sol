// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignedPapers} from "../access/SignedPapers.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {LotId, OrderId, PartyId, ReceivableId} from "../types/Ids.sol";
import {IPurchaseOrders} from "./IPurchaseOrders.sol";
import {IReceivables} from "./IReceivables.sol";
import {Receivables} from "./Receivables.sol";

/// @title Purchase orders that buyers confirm by signature, as cover before an invoice exists.
/// @dev An order, its buyer's word and an operator's approval are a party's, whichever of its accounts acts.
contract PurchaseOrders is IPurchaseOrders, ERC2771Context, EIP712 {
    uint16 private constant SELLER = 1;
    uint16 private constant DEBTOR = 2;
    uint16 private constant LEDGER = 256;
    uint256 private constant MOST_DAYS_AHEAD = 3653;
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "OrderTerms(address seller,address buyer,address currency,uint96 amount,uint32 deliveryDay,uint32 expiryDay,"
        "bytes32 fingerprint,bytes32 documentRoot,bytes32 legalTextHash)"
    );
    bytes32 private constant DELIVERY_TYPEHASH =
        keccak256("Delivery(uint256 orderId,uint256 lotId,uint96 amount,bytes32 papersRoot,uint40 deadline)");
    bytes32 private constant CANCELLATION_TYPEHASH =
        keccak256("OrderCancellation(uint256 orderId,bytes32 papersHash,uint40 deadline)");

    using SignedPapers for SignedPapers.Book;

    struct Delivered {
        bool known; // once, so that the buyer's word is used once
        uint96 left; // not invoiced yet
    }

    IPartyRegistry public immutable registry;
    Receivables public immutable receivables;
    uint256 private immutable _zoneOffset;
    uint256 private _count;
    mapping(OrderId => Order) private _orders;
    /// @dev By seller, so that nobody keeps another's order off the ledger.
    mapping(PartyId seller => mapping(bytes32 fingerprint => OrderId)) private _withFingerprint;
    mapping(ReceivableId => OrderId) private _ofReceivable;
    mapping(OrderId => mapping(LotId => Delivered)) private _deliveries;
    mapping(PartyId seller => mapping(address operator => bool)) private _operators;
    SignedPapers.Book private _papers;

    constructor(address forwarder, Receivables receivables_)
        ERC2771Context(forwarder)
        EIP712("Cession PurchaseOrders", "1")
    {
        receivables = receivables_;
        registry = receivables_.registry();
        _zoneOffset = receivables_.zoneOffset();
    }

    // ------------------------------------------------------------------ life

    /// @inheritdoc IPurchaseOrders
    function request(OrderTerms calldata terms) external returns (OrderId orderId) {
        orderId = OrderId.wrap(_count + 1);
        if (_msgSender() != terms.seller) revert NotSeller(orderId, terms.seller, _msgSender());
        _checkTerms(terms);
        PartyId seller = registry.partyOf(terms.seller);
        OrderId used = _withFingerprint[seller][terms.fingerprint];
        if (OrderId.unwrap(used) != 0) revert FingerprintUsed(terms.fingerprint, used);

        ++_count;
        _withFingerprint[seller][terms.fingerprint] = orderId;
        Order storage kept = _orders[orderId];
        kept.seller = terms.seller;
        kept.buyer = terms.buyer;
        kept.currency = terms.currency;
        kept.amount = terms.amount;
        kept.deliveryDay = terms.deliveryDay;
        kept.expiryDay = terms.expiryDay;
        kept.status = Status.Requested;
        kept.termsHash = keccak256(abi.encode(TERMS_TYPEHASH, terms));
        emit OrderRequested(orderId, terms.seller, terms.buyer, terms);
    }

    /// @inheritdoc IPurchaseOrders
    function confirm(OrderId orderId, bytes calldata buyerSignature) external {
        Order storage kept = _in(orderId, Status.Requested);
        registry.requireNewRisk();
        _requirePartyValid(kept.seller);
        _requirePartyValid(kept.buyer);
        _requireUnrelated(kept.seller, kept.buyer);
        _requireNotExpired(orderId, kept);
        bytes32 digest = _hashTypedDataV4(kept.termsHash);
        if (!_isSignedFor(kept.buyer, digest, buyerSignature)) {
            revert BuyerSignatureInvalid(orderId, kept.buyer, digest);
        }
        kept.status = Status.Confirmed;
        emit OrderConfirmed(orderId, kept.buyer, buyerSignature);
    }

    /// @inheritdoc IPurchaseOrders
    function reject(OrderId orderId, bytes32 reasonHash) external {
        Order storage kept = _in(orderId, Status.Requested);
        if (!_actsFor(kept.buyer)) revert NotBuyer(orderId, kept.buyer, _msgSender());
        kept.status = Status.Rejected;
        emit OrderRejected(orderId, reasonHash);
    }

    /// @inheritdoc IPurchaseOrders
    function withdraw(OrderId orderId) external {
        Order storage kept = _in(orderId, Status.Requested);
        if (!_actsFor(kept.seller)) revert NotSeller(orderId, kept.seller, _msgSender());
        kept.status = Status.Withdrawn;
        emit OrderWithdrawn(orderId);
    }

    /// @inheritdoc IPurchaseOrders
    function cancel(
        OrderId orderId,
        bytes32 papersHash,
        uint40 deadline,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external {
        Order storage kept = _in(orderId, Status.Confirmed);
        address lienholder = kept.lienholder;
        if (lienholder != address(0) && !_isLienholder(lienholder)) {
            revert NotLienholder(orderId, lienholder, _msgSender());
        }
        SignedPapers.requireInTime(deadline);
        bytes32 digest = cancellationDigest(orderId, papersHash, deadline);
        _requireCancelled(orderId, kept.seller, digest, sellerSignature);
        _requireCancelled(orderId, kept.buyer, digest, buyerSignature);
        kept.status = Status.Cancelled;
        emit OrderCancelled(orderId, papersHash);
        if (lienholder != address(0)) _release(orderId, kept);
    }

    /// @inheritdoc IPurchaseOrders
    function cancelSignature(bytes32 digest) external {
        _papers.cancel(_msgSender(), digest);
    }

    // ------------------------------------------------------------------ lien

    /// @inheritdoc IPurchaseOrders
    function setApprovalForAll(address operator, bool approved) external {
        address seller = _msgSender();
        // An account that was removed gives no more approvals in its party's name.
        if (!registry.actsFor(seller, seller)) revert NotOfAnyParty(seller);
        _operators[registry.partyOf(seller)][operator] = approved;
        emit OperatorSet(seller, operator, approved);
    }

    /// @inheritdoc IPurchaseOrders
    function encumber(OrderId orderId, address lienholder) external {
        Order storage kept = _in(orderId, Status.Confirmed);
        address seller = kept.seller;
        if (!_actsFor(seller) && !isApprovedForAll(seller, _msgSender())) {
            revert NotSeller(orderId, seller, _msgSender());
        }
        if (kept.lienholder != address(0)) revert OrderEncumberedAlready(orderId, kept.lienholder);
        _requireNotExpired(orderId, kept);
        _requirePartyValid(seller);
        registry.requireValid(lienholder, 0);
        bool isOfLedger = registry.party(registry.partyOf(lienholder)).roles & LEDGER != 0;
        // A lien for a loan of the ledger is asked about where the loan is drawn.
        if (!isOfLedger) registry.requireNewRisk();
        else if (lienholder != _msgSender()) revert LienByLedger(orderId, lienholder);
        if (registry.areRelated(seller, lienholder)) revert LienOfOwn(orderId, lienholder);
        kept.lienholder = lienholder;
        emit OrderEncumbered(orderId, lienholder);
    }

    /// @inheritdoc IPurchaseOrders
    function release(OrderId orderId) external {
        Order storage kept = _known(orderId);
        if (kept.lienholder == address(0)) revert OrderNotEncumbered(orderId);
        if (!_isLienholder(kept.lienholder)) revert NotLienholder(orderId, kept.lienholder, _msgSender());
        _release(orderId, kept);
    }

    /// @inheritdoc IPurchaseOrders
    function invoice(OrderId orderId, ReceivableId receivableId) external {
        Order storage kept = _atWordOfSellerOrLienholder(orderId);
        uint96 left = kept.amount - kept.invoiced - kept.delivered;
        _invoice(orderId, kept, receivableId, left);
    }

    /// @inheritdoc IPurchaseOrders
    function deliver(Delivery calldata delivery, bytes calldata buyerSignature) external {
        OrderId orderId = OrderId.wrap(delivery.orderId);
        LotId lotId = LotId.wrap(delivery.lotId);
        Order storage kept = _atWordOfSellerOrLienholder(orderId);
        if (_deliveries[orderId][lotId].known) revert DeliveredAlready(orderId, lotId);
        uint96 left = kept.amount - kept.invoiced - kept.delivered;
        if (delivery.amount == 0 || delivery.amount > left) revert AmountOutOfRange(delivery.amount, 1, left);
        SignedPapers.requireInTime(delivery.deadline);
        bytes32 digest = deliveryDigest(delivery);
        if (!_isSignedFor(kept.buyer, digest, buyerSignature)) {
            revert DeliverySignatureInvalid(orderId, kept.buyer, digest);
        }
        _deliveries[orderId][lotId] = Delivered(true, delivery.amount);
        kept.delivered += delivery.amount;
        emit OrderDelivered(orderId, lotId, delivery.amount, left - delivery.amount, delivery.papersRoot);
    }

    /// @inheritdoc IPurchaseOrders
    function invoiceDelivered(OrderId orderId, ReceivableId receivableId, LotId lotId) external {
        Order storage kept = _atWordOfSellerOrLienholder(orderId);
        uint96 inLot = _deliveries[orderId][lotId].left;
        uint96 face = _invoice(orderId, kept, receivableId, inLot);
        _deliveries[orderId][lotId].left = inLot - face;
        kept.delivered -= face;
        emit DeliveryInvoiced(orderId, lotId, receivableId, face, inLot - face);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IPurchaseOrders
    function order(OrderId orderId) external view returns (Order memory) {
        return _known(orderId);
    }

    /// @inheritdoc IPurchaseOrders
    function isApprovedForAll(address seller, address operator) public view returns (bool) {
        return _operators[registry.partyOf(seller)][operator];
    }

    /// @inheritdoc IPurchaseOrders
    function orderWithFingerprint(address seller, bytes32 fingerprint) external view returns (OrderId) {
        return _withFingerprint[registry.partyOf(seller)][fingerprint];
    }

    /// @inheritdoc IPurchaseOrders
    function orderOfReceivable(ReceivableId receivableId) external view returns (OrderId) {
        return _ofReceivable[receivableId];
    }

    /// @inheritdoc IPurchaseOrders
    function confirmationDigest(OrderId orderId) external view returns (bytes32) {
        return _hashTypedDataV4(_known(orderId).termsHash);
    }

    /// @inheritdoc IPurchaseOrders
    function deliveredInto(OrderId orderId, LotId lotId) external view returns (uint96) {
        return _deliveries[orderId][lotId].left;
    }

    /// @inheritdoc IPurchaseOrders
    function deliveryDigest(Delivery calldata delivery) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(DELIVERY_TYPEHASH, delivery)));
    }

    /// @inheritdoc IPurchaseOrders
    function cancellationDigest(OrderId orderId, bytes32 papersHash, uint40 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CANCELLATION_TYPEHASH, orderId, papersHash, deadline)));
    }

    // ------------------------------------------------------------------ parts of the above

    function _atWordOfSellerOrLienholder(OrderId orderId) private view returns (Order storage kept) {
        kept = _in(orderId, Status.Confirmed);
        address lienholder = kept.lienholder;
        if (lienholder == address(0) && !_actsFor(kept.seller)) revert NotSeller(orderId, kept.seller, _msgSender());
        if (lienholder != address(0) && !_isLienholder(lienholder)) {
            revert NotLienholder(orderId, lienholder, _msgSender());
        }
    }

    function _actsFor(address owner) private view returns (bool) {
        return registry.actsFor(_msgSender(), owner);
    }

    /// @dev The contract that has the lien, or an account of the party that has it.
    function _isLienholder(address lienholder) private view returns (bool) {
        address caller = _msgSender();
        return (caller == lienholder && caller.code.length != 0) || registry.actsFor(caller, lienholder);
    }

    /// @dev By the account itself unless it was removed, or by a valid account of the same party.
    function _isSignedFor(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        if (registry.actsFor(account, account) && _papers.isSignedBy(account, digest, signature)) return true;
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, signature);
        return failure == ECDSA.RecoverError.NoError && signer != account && registry.actsFor(signer, account)
            && _papers.isSignedBy(signer, digest, signature);
    }

    /// @dev Of the party: an account that was removed leaves it what it was.
    function _requirePartyValid(address account) private view {
        PartyId partyId = registry.partyOf(account);
        IPartyRegistry.Party memory party = registry.party(partyId);
        bool frozen = party.frozen || block.timestamp < party.heldUntil;
        if (frozen || block.timestamp >= party.validUntil) {
            revert IPartyRegistry.PartyNotValid(account, partyId, party.validUntil, frozen);
        }
    }

    function _requireUnrelated(address seller, address buyer) private view {
        if (registry.areRelated(seller, buyer)) revert SamePartyBothSides(seller, buyer);
    }

    function _requireNotExpired(OrderId orderId, Order storage kept) private view {
        if (_today() > kept.expiryDay) revert OrderExpired(orderId, kept.expiryDay, _today());
    }

    function _sameParty(address first, address second) private view returns (bool) {
        return first == second || PartyId.unwrap(registry.partyOf(first)) == PartyId.unwrap(registry.partyOf(second));
    }

    /// @dev `most`: what of the order this invoice may be for.
    function _invoice(OrderId orderId, Order storage kept, ReceivableId receivableId, uint96 most)
        private
        returns (uint96 face)
    {
        face = _requireOfTheOrder(orderId, kept, receivableId);
        if (face > most) revert InvoicedBeyondOrder(orderId, face, most);
        _ofReceivable[receivableId] = orderId;
        kept.invoiced += face;
        uint96 left = kept.amount - kept.invoiced;
        if (left == 0) kept.status = Status.Invoiced;
        emit OrderInvoiced(orderId, receivableId, face, left);
    }

    function _today() private view returns (uint256) {
        return (block.timestamp + _zoneOffset) / 1 days;
    }

    function _known(OrderId orderId) private view returns (Order storage kept) {
        kept = _orders[orderId];
        if (kept.status == Status.None) revert OrderUnknown(orderId);
    }

    function _in(OrderId orderId, Status status) private view returns (Order storage kept) {
        kept = _known(orderId);
        if (kept.status != status) revert StateForbids(orderId, kept.status);
    }

    function _release(OrderId orderId, Order storage kept) private {
        address lienholder = kept.lienholder;
        kept.lienholder = address(0);
        emit OrderReleased(orderId, lienholder);
    }

    function _requireCancelled(OrderId orderId, address signer, bytes32 digest, bytes calldata signature) private view {
        if (!_isSignedFor(signer, digest, signature)) {
            revert CancellationSignatureInvalid(orderId, signer, digest);
        }
    }

    function _checkTerms(OrderTerms calldata terms) private view {
        if (terms.fingerprint == 0) revert FingerprintMissing();
        if (terms.currency == address(0)) revert CurrencyMissing();
        if (terms.amount == 0 || terms.amount > ClaimShares.MAX_AMOUNT) {
            revert AmountOutOfRange(terms.amount, 1, ClaimShares.MAX_AMOUNT);
        }
        registry.requireValidForRisk(terms.seller, SELLER);
        registry.requireValid(terms.buyer, DEBTOR);
        _requireUnrelated(terms.seller, terms.buyer);
        uint256 today = _today();
        _within("deliveryDay", terms.deliveryDay, today, today + MOST_DAYS_AHEAD);
        _within("expiryDay", terms.expiryDay, terms.deliveryDay, today + MOST_DAYS_AHEAD);
    }

    function _within(bytes32 field, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least || given > most) revert DayOutOfRange(field, given, least, most);
    }

    /// @dev A confirmed debt of the same buyer to the same seller in the same currency, that serves no order yet.
    function _requireOfTheOrder(OrderId orderId, Order storage kept, ReceivableId receivableId)
        private
        view
        returns (uint96)
    {
        IReceivables.Receivable memory debt = receivables.receivable(receivableId);
        if (
            debt.status != IReceivables.Status.Confirmed || !_sameParty(debt.seller, kept.seller)
                || !_sameParty(debt.debtor, kept.buyer) || debt.currency != kept.currency
                || OrderId.unwrap(_ofReceivable[receivableId]) != 0
        ) revert NotOfTheOrder(orderId, receivableId);
        return uint96(debt.faceAmount);
    }
}
