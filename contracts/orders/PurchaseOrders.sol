// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {LotId, OrderId, PartyId, ReceivableId} from "../types/Ids.sol";
import {BUYER, LEDGER, SUPPLIER} from "../types/PartyRoles.sol";
import {IPurchaseOrders} from "./IPurchaseOrders.sol";
import {IReceivables} from "../receivables/IReceivables.sol";
import {Receivables} from "../receivables/Receivables.sol";

/// @title Purchase orders that buyers confirm by signature, as collateral before an invoice exists.
/// @notice See {IPurchaseOrders} for the specification.
/// @dev An order, its buyer's confirmation and an operator's approval belong to a party, whichever of its accounts
/// acts.
contract PurchaseOrders is IPurchaseOrders, ERC2771Context, EIP712 {
    uint256 private constant MAX_DAYS_AHEAD = 3653;
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "OrderTerms(address seller,address buyer,address currency,uint96 amount,uint32 deliveryDay,uint32 expiryDay,"
        "bytes32 fingerprint,bytes32 documentRoot,bytes32 legalTextHash)"
    );
    bytes32 private constant DELIVERY_TYPEHASH =
        keccak256("Delivery(uint256 orderId,uint256 lotId,uint96 amount,bytes32 documentRoot,uint40 deadline)");
    bytes32 private constant CANCELLATION_TYPEHASH =
        keccak256("OrderCancellation(uint256 orderId,bytes32 evidenceHash,uint40 deadline)");

    using SignedTerms for SignedTerms.Book;

    /// @notice Goods that were delivered into a lot for an order.
    /// @param known Recorded once, so that a buyer's signature is used once.
    /// @param left Minor units that are not invoiced yet.
    struct Delivered {
        bool known;
        uint96 left;
    }

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @notice The receivables that replace orders.
    Receivables public immutable receivables;
    uint256 private immutable _zoneOffset;
    uint256 private _count;
    mapping(OrderId => Order) private _orders;
    /// @dev By seller, so that nobody can block the order of another seller.
    mapping(PartyId seller => mapping(bytes32 fingerprint => OrderId)) private _withFingerprint;
    mapping(ReceivableId => OrderId) private _ofReceivable;
    mapping(OrderId => mapping(LotId => Delivered)) private _deliveries;
    mapping(PartyId seller => mapping(address operator => bool)) private _operators;
    SignedTerms.Book private _signedTerms;

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
        if (!used.isNull()) revert FingerprintUsed(terms.fingerprint, used);

        ++_count;
        _withFingerprint[seller][terms.fingerprint] = orderId;
        Order storage orderRow = _orders[orderId];
        orderRow.seller = terms.seller;
        orderRow.buyer = terms.buyer;
        orderRow.currency = terms.currency;
        orderRow.amount = terms.amount;
        orderRow.deliveryDay = terms.deliveryDay;
        orderRow.expiryDay = terms.expiryDay;
        orderRow.status = Status.Requested;
        orderRow.termsHash = keccak256(abi.encode(TERMS_TYPEHASH, terms));
        emit OrderRequested(orderId, terms.seller, terms.buyer, terms);
    }

    /// @inheritdoc IPurchaseOrders
    function confirm(OrderId orderId, bytes calldata buyerSignature) external {
        Order storage orderRow = _in(orderId, Status.Requested);
        registry.requireNewRisk();
        _requirePartyValid(orderRow.seller);
        _requirePartyValid(orderRow.buyer);
        _requireUnrelated(orderRow.seller, orderRow.buyer);
        _requireNotExpired(orderId, orderRow);
        bytes32 digest = _hashTypedDataV4(orderRow.termsHash);
        if (!_isSignedFor(orderRow.buyer, digest, buyerSignature)) {
            revert BuyerSignatureInvalid(orderId, orderRow.buyer, digest);
        }
        orderRow.status = Status.Confirmed;
        emit OrderConfirmed(orderId, orderRow.buyer, buyerSignature);
    }

    /// @inheritdoc IPurchaseOrders
    function reject(OrderId orderId, bytes32 reasonHash) external {
        Order storage orderRow = _in(orderId, Status.Requested);
        if (!_actsFor(orderRow.buyer)) revert NotBuyer(orderId, orderRow.buyer, _msgSender());
        orderRow.status = Status.Rejected;
        emit OrderRejected(orderId, reasonHash);
    }

    /// @inheritdoc IPurchaseOrders
    function withdraw(OrderId orderId) external {
        Order storage orderRow = _in(orderId, Status.Requested);
        if (!_actsFor(orderRow.seller)) revert NotSeller(orderId, orderRow.seller, _msgSender());
        orderRow.status = Status.Withdrawn;
        emit OrderWithdrawn(orderId);
    }

    /// @inheritdoc IPurchaseOrders
    function cancel(
        OrderId orderId,
        bytes32 evidenceHash,
        uint40 deadline,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external {
        Order storage orderRow = _in(orderId, Status.Confirmed);
        address lienholder = orderRow.lienholder;
        if (lienholder != address(0) && !_isLienholder(lienholder)) {
            revert NotLienholder(orderId, lienholder, _msgSender());
        }
        SignedTerms.requireInTime(deadline);
        bytes32 digest = cancellationDigest(orderId, evidenceHash, deadline);
        _requireCancelled(orderId, orderRow.seller, digest, sellerSignature);
        _requireCancelled(orderId, orderRow.buyer, digest, buyerSignature);
        orderRow.status = Status.Cancelled;
        emit OrderCancelled(orderId, evidenceHash);
        if (lienholder != address(0)) _release(orderId, orderRow);
    }

    /// @inheritdoc IPurchaseOrders
    function cancelSignature(bytes32 digest) external {
        _signedTerms.cancel(_msgSender(), digest);
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
        Order storage orderRow = _in(orderId, Status.Confirmed);
        address seller = orderRow.seller;
        if (!_actsFor(seller) && !isApprovedForAll(seller, _msgSender())) {
            revert NotSeller(orderId, seller, _msgSender());
        }
        if (orderRow.lienholder != address(0)) revert OrderEncumberedAlready(orderId, orderRow.lienholder);
        _requireNotExpired(orderId, orderRow);
        _requirePartyValid(seller);
        registry.requireValid(lienholder, 0);
        bool isOfLedger = registry.party(registry.partyOf(lienholder)).roles & LEDGER != 0;
        // For a lien that serves a loan of the ledger, the draw checks the stop of new risk.
        if (!isOfLedger) registry.requireNewRisk();
        else if (lienholder != _msgSender()) revert LienByLedger(orderId, lienholder);
        if (registry.areRelated(seller, lienholder)) revert LienOfOwn(orderId, lienholder);
        orderRow.lienholder = lienholder;
        emit OrderEncumbered(orderId, lienholder);
    }

    /// @inheritdoc IPurchaseOrders
    function release(OrderId orderId) external {
        Order storage orderRow = _known(orderId);
        if (orderRow.lienholder == address(0)) revert OrderNotEncumbered(orderId);
        if (!_isLienholder(orderRow.lienholder)) revert NotLienholder(orderId, orderRow.lienholder, _msgSender());
        _release(orderId, orderRow);
    }

    /// @inheritdoc IPurchaseOrders
    function invoice(OrderId orderId, ReceivableId receivableId) external {
        Order storage orderRow = _atWordOfSellerOrLienholder(orderId);
        uint96 left = orderRow.amount - orderRow.invoiced - orderRow.delivered;
        _invoice(orderId, orderRow, receivableId, left);
    }

    /// @inheritdoc IPurchaseOrders
    function deliver(Delivery calldata delivery, bytes calldata buyerSignature) external {
        OrderId orderId = OrderId.wrap(delivery.orderId);
        LotId lotId = LotId.wrap(delivery.lotId);
        Order storage orderRow = _atWordOfSellerOrLienholder(orderId);
        if (_deliveries[orderId][lotId].known) revert DeliveredAlready(orderId, lotId);
        uint96 left = orderRow.amount - orderRow.invoiced - orderRow.delivered;
        if (delivery.amount == 0 || delivery.amount > left) revert AmountOutOfRange(delivery.amount, 1, left);
        SignedTerms.requireInTime(delivery.deadline);
        bytes32 digest = deliveryDigest(delivery);
        if (!_isSignedFor(orderRow.buyer, digest, buyerSignature)) {
            revert DeliverySignatureInvalid(orderId, orderRow.buyer, digest);
        }
        _deliveries[orderId][lotId] = Delivered(true, delivery.amount);
        orderRow.delivered += delivery.amount;
        emit OrderDelivered(orderId, lotId, delivery.amount, left - delivery.amount, delivery.documentRoot);
    }

    /// @inheritdoc IPurchaseOrders
    function invoiceDelivered(OrderId orderId, ReceivableId receivableId, LotId lotId) external {
        Order storage orderRow = _atWordOfSellerOrLienholder(orderId);
        uint96 inLot = _deliveries[orderId][lotId].left;
        uint96 face = _invoice(orderId, orderRow, receivableId, inLot);
        _deliveries[orderId][lotId].left = inLot - face;
        orderRow.delivered -= face;
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
    function cancellationDigest(OrderId orderId, bytes32 evidenceHash, uint40 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CANCELLATION_TYPEHASH, orderId, evidenceHash, deadline)));
    }

    // ------------------------------------------------------------------ internal parts

    function _atWordOfSellerOrLienholder(OrderId orderId) private view returns (Order storage orderRow) {
        orderRow = _in(orderId, Status.Confirmed);
        address lienholder = orderRow.lienholder;
        if (lienholder == address(0) && !_actsFor(orderRow.seller)) {
            revert NotSeller(orderId, orderRow.seller, _msgSender());
        }
        if (lienholder != address(0) && !_isLienholder(lienholder)) {
            revert NotLienholder(orderId, lienholder, _msgSender());
        }
    }

    function _actsFor(address owner) private view returns (bool) {
        return registry.actsFor(_msgSender(), owner);
    }

    /// @dev Whether the sender is the lienholder: the contract that has the lien, or an account of the party that has
    /// it.
    function _isLienholder(address lienholder) private view returns (bool) {
        address caller = _msgSender();
        return (caller == lienholder && caller.code.length != 0) || registry.actsFor(caller, lienholder);
    }

    /// @dev Signed by the account itself unless it was removed, or by a valid account of the same party.
    function _isSignedFor(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        if (registry.actsFor(account, account) && _signedTerms.isSignedBy(account, digest, signature)) return true;
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, signature);
        return failure == ECDSA.RecoverError.NoError && signer != account && registry.actsFor(signer, account)
            && _signedTerms.isSignedBy(signer, digest, signature);
    }

    /// @dev Checks the party: removing one of its accounts changes nothing for it.
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

    function _requireNotExpired(OrderId orderId, Order storage orderRow) private view {
        if (_today() > orderRow.expiryDay) revert OrderExpired(orderId, orderRow.expiryDay, _today());
    }

    function _sameParty(address first, address second) private view returns (bool) {
        return first == second || registry.partyOf(first) == registry.partyOf(second);
    }

    /// @dev `max`: the part of the order that this invoice may be for.
    function _invoice(OrderId orderId, Order storage orderRow, ReceivableId receivableId, uint96 max)
        private
        returns (uint96 face)
    {
        face = _requireOfTheOrder(orderId, orderRow, receivableId);
        if (face > max) revert InvoicedBeyondOrder(orderId, face, max);
        _ofReceivable[receivableId] = orderId;
        orderRow.invoiced += face;
        uint96 left = orderRow.amount - orderRow.invoiced;
        if (left == 0) orderRow.status = Status.Invoiced;
        emit OrderInvoiced(orderId, receivableId, face, left);
    }

    function _today() private view returns (uint256) {
        return (block.timestamp + _zoneOffset) / 1 days;
    }

    function _known(OrderId orderId) private view returns (Order storage orderRow) {
        orderRow = _orders[orderId];
        if (orderRow.status == Status.None) revert OrderUnknown(orderId);
    }

    function _in(OrderId orderId, Status status) private view returns (Order storage orderRow) {
        orderRow = _known(orderId);
        if (orderRow.status != status) revert StateForbids(orderId, orderRow.status);
    }

    function _release(OrderId orderId, Order storage orderRow) private {
        address lienholder = orderRow.lienholder;
        orderRow.lienholder = address(0);
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
        registry.requireValidForRisk(terms.seller, SUPPLIER);
        registry.requireValid(terms.buyer, BUYER);
        _requireUnrelated(terms.seller, terms.buyer);
        uint256 today = _today();
        _within("deliveryDay", terms.deliveryDay, today, today + MAX_DAYS_AHEAD);
        _within("expiryDay", terms.expiryDay, terms.deliveryDay, today + MAX_DAYS_AHEAD);
    }

    function _within(bytes32 field, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert DayOutOfRange(field, value, min, max);
    }

    /// @dev A confirmed debt of the same buyer to the same seller in the same currency, which serves no order yet.
    function _requireOfTheOrder(OrderId orderId, Order storage orderRow, ReceivableId receivableId)
        private
        view
        returns (uint96)
    {
        IReceivables.Receivable memory debt = receivables.receivable(receivableId);
        if (
            debt.status != IReceivables.Status.Confirmed || !_sameParty(debt.seller, orderRow.seller)
                || !_sameParty(debt.debtor, orderRow.buyer) || debt.currency != orderRow.currency
                || !_ofReceivable[receivableId].isNull()
        ) revert NotOfTheOrder(orderId, receivableId);
        return uint96(debt.faceAmount);
    }
}
