// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotId, OrderId, ReceivableId} from "../types/Ids.sol";

/// @title Purchase orders that buyers confirm by signature, as collateral before an invoice exists.
interface IPurchaseOrders {
    enum Status {
        None,
        Requested,
        Confirmed,
        Rejected, // by the buyer
        Withdrawn, // by the seller, before confirmation
        Cancelled, // by both signatures; never under lien without the lienholder
        Invoiced // the whole amount has become receivables
    }

    /// EIP-712 `OrderTerms` over exactly these fields, in the domain "Cession PurchaseOrders", version 1.
    struct OrderTerms {
        address seller;
        address buyer;
        address currency;
        uint96 amount; // minor units, at most 2^60 - 1
        uint32 deliveryDay; // day number
        uint32 expiryDay; // after it no confirmation and no new lien
        bytes32 fingerprint; // keyed hash of seller, buyer and order number; a seller uses each once, ever
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    struct Order {
        address seller;
        address buyer;
        address currency;
        uint96 amount;
        uint96 invoiced;
        uint96 delivered; // as goods that are not invoiced yet
        uint32 deliveryDay;
        uint32 expiryDay;
        Status status;
        address lienholder;
        bytes32 termsHash;
    }

    /// EIP-712 `Delivery` over exactly these fields, signed by the buyer: goods of the order were received into a lot.
    struct Delivery {
        uint256 orderId;
        uint256 lotId; // of WarehouseReceipts
        uint96 amount; // what the order promises to pay for them
        bytes32 documentRoot; // of the goods received note
        uint40 deadline; // UTC seconds, exclusive
    }

    event OrderRequested(OrderId indexed orderId, address indexed seller, address indexed buyer, OrderTerms terms);
    event OrderConfirmed(OrderId indexed orderId, address indexed buyer, bytes signature);
    event OrderRejected(OrderId indexed orderId, bytes32 reasonHash);
    event OrderWithdrawn(OrderId indexed orderId);
    event OrderCancelled(OrderId indexed orderId, bytes32 evidenceHash);
    event OperatorSet(address indexed seller, address indexed operator, bool approved);
    event OrderEncumbered(OrderId indexed orderId, address indexed lienholder);
    event OrderReleased(OrderId indexed orderId, address indexed lienholder);
    event OrderInvoiced(OrderId indexed orderId, ReceivableId indexed receivableId, uint96 amount, uint96 left);

    event OrderDelivered(
        OrderId indexed orderId, LotId indexed lotId, uint96 amount, uint96 left, bytes32 documentRoot
    );
    /// Emitted with `OrderInvoiced`: the invoice is for goods that were delivered into this lot. `left` of them is not
    /// invoiced yet.
    event DeliveryInvoiced(
        OrderId indexed orderId, LotId indexed lotId, ReceivableId indexed receivableId, uint96 amount, uint96 left
    );

    error OrderUnknown(OrderId orderId);
    error StateForbids(OrderId orderId, Status status);
    error NotSeller(OrderId orderId, address seller, address caller);
    error NotBuyer(OrderId orderId, address buyer, address caller);
    error BuyerSignatureInvalid(OrderId orderId, address buyer, bytes32 digest);
    error CancellationSignatureInvalid(OrderId orderId, address signer, bytes32 digest);
    error FingerprintUsed(bytes32 fingerprint, OrderId orderId);
    error FingerprintMissing();
    error SamePartyBothSides(address seller, address buyer);
    error CurrencyMissing();
    error AmountOutOfRange(uint256 value, uint256 min, uint256 max);
    error DayOutOfRange(bytes32 field, uint256 value, uint256 min, uint256 max);
    error OrderEncumberedAlready(OrderId orderId, address lienholder);
    error LienByLedger(OrderId orderId, address lienholder);
    error LienOfOwn(OrderId orderId, address lienholder);
    error NotOfAnyParty(address account);
    error OrderNotEncumbered(OrderId orderId);
    error NotLienholder(OrderId orderId, address lienholder, address caller);
    error OrderExpired(OrderId orderId, uint32 expiryDay, uint256 today);
    error NotOfTheOrder(OrderId orderId, ReceivableId receivableId);
    error InvoicedBeyondOrder(OrderId orderId, uint96 amount, uint96 left);
    error DeliverySignatureInvalid(OrderId orderId, address buyer, bytes32 digest);
    error DeliveredAlready(OrderId orderId, LotId lotId);

    /// @notice Asks a buyer to confirm an order. The seller calls it; its party is valid with role 1. The buyer's party
    /// has role 2 and is not related to it. A fingerprint belongs to one seller: another seller may file the same
    /// number.
    /// @dev Reverts: NotSeller, FingerprintMissing, FingerprintUsed, CurrencyMissing, AmountOutOfRange,
    /// SamePartyBothSides, DayOutOfRange; the registry's PartyNotValid, RoleMissing, and its error while new risk is
    /// stopped.
    function request(OrderTerms calldata terms) external returns (OrderId);

    /// @notice Confirms an order, until its expiry day. Anyone sends it, with the signature of an account of the
    /// buyer's party over the terms.
    /// @dev Reverts: StateForbids, PartyNotValid for either party, SamePartyBothSides, OrderExpired,
    /// SignatureCancelled, BuyerSignatureInvalid.
    function confirm(OrderId orderId, bytes calldata buyerSignature) external;

    function reject(OrderId orderId, bytes32 reasonHash) external; // by the buyer's party
    function withdraw(OrderId orderId) external; // by the seller's party, before confirmation

    /// @notice Ends a confirmed order. Both signed `OrderCancellation(uint256 orderId,bytes32 evidenceHash,uint40
    /// deadline)`. While a lien lasts, only the lienholder sends it.
    /// @dev Reverts: StateForbids, NotLienholder, SignatureExpired, SignatureCancelled, CancellationSignatureInvalid.
    function cancel(
        OrderId orderId,
        bytes32 evidenceHash,
        uint40 deadline,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external;

    /// @notice The caller's own signature over `digest` no longer counts.
    function cancelSignature(bytes32 digest) external;

    /// @notice Lets an operator encumber the party's orders (as ERC-721's approval for all does), or no longer. Any
    /// account of the party calls it.
    /// @dev Reverts: NotOfAnyParty for a stranger and for an account that was removed.
    function setApprovalForAll(address operator, bool approved) external;
    function isApprovedForAll(address seller, address operator) external view returns (bool);

    /// @notice Puts a lien on a confirmed order that is not expired and under no lien. The seller's party or its
    /// operator calls it. A contract of the ledger takes a lien only by its own call, so that each of its liens serves
    /// a loan.
    /// @dev Reverts: StateForbids, NotSeller, OrderEncumberedAlready, OrderExpired, PartyNotValid, LienByLedger, and
    /// LienOfOwn if the lienholder is of the seller's party, or of a party under the same control.
    function encumber(OrderId orderId, address lienholder) external;

    /// @notice Releases a lien. The lienholder calls it: the contract itself, or any account of its party.
    /// @dev Reverts: OrderNotEncumbered, NotLienholder.
    function release(OrderId orderId) external;

    /// Replaces a part of the order by a confirmed receivable of the same seller, buyer (debtor) and currency. Each
    /// receivable serves one order, once. The lienholder calls it while there is a lien, otherwise the seller.
    function invoice(OrderId orderId, ReceivableId receivableId) external;
    /// Records that a part of the order is now goods in a lot; a lot serves an order once. It needs the signature of an
    /// account of the buyer's party, before its deadline. The lienholder calls it while there is a lien, otherwise the
    /// seller.
    function deliver(Delivery calldata delivery, bytes calldata buyerSignature) external;
    /// Like `invoice`, for goods that were delivered into this lot.
    function invoiceDelivered(OrderId orderId, ReceivableId receivableId, LotId lotId) external;

    function order(OrderId orderId) external view returns (Order memory);
    /// @notice The order that the seller's party filed under a fingerprint; 0 for none.
    function orderWithFingerprint(address seller, bytes32 fingerprint) external view returns (OrderId);
    function orderOfReceivable(ReceivableId receivableId) external view returns (OrderId);
    /// The part of the order's amount that a lot stands for and that is not invoiced yet.
    function deliveredInto(OrderId orderId, LotId lotId) external view returns (uint96);
    function deliveryDigest(Delivery calldata delivery) external view returns (bytes32);
    function confirmationDigest(OrderId orderId) external view returns (bytes32);
    function cancellationDigest(OrderId orderId, bytes32 evidenceHash, uint40 deadline) external view returns (bytes32);
}
