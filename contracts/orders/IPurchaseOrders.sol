// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotId, OrderId, ReceivableId} from "../types/Ids.sol";

/// @title Purchase orders that buyers confirm by signature, as collateral before an invoice exists.
/// @notice The seller files an order, the buyer confirms it, and it serves a loan until invoices replace it. An order
/// and the rights to it belong to a party, whichever of its accounts acts.
/// @dev Source: decision 24.
interface IPurchaseOrders {
    /// @notice Where an order stands.
    enum Status {
        None,
        Requested,
        Confirmed,
        Rejected, // by the buyer
        Withdrawn, // by the seller, before confirmation
        Cancelled, // by both signatures; never under lien without the lienholder
        Invoiced // the whole amount has become receivables
    }

    /// @notice EIP-712 `OrderTerms` over exactly these fields, in the domain "Cession PurchaseOrders", version 1.
    /// @param seller The seller.
    /// @param buyer The buyer.
    /// @param currency Token contract of the currency in which it is paid.
    /// @param amount Minor units, at most 2^60 - 1.
    /// @param deliveryDay Day number on which the goods are due.
    /// @param expiryDay Last day number on which it may be confirmed or encumbered.
    /// @param fingerprint Keyed hash of seller, buyer and order number. A seller uses each once, ever.
    /// @param documentRoot Merkle root of the order's documents.
    /// @param legalTextHash Hash of the legal text that the parties agreed.
    struct OrderTerms {
        address seller;
        address buyer;
        address currency;
        uint96 amount;
        uint32 deliveryDay;
        uint32 expiryDay;
        bytes32 fingerprint;
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    /// @notice An order as it stands.
    /// @param seller The seller.
    /// @param buyer The buyer.
    /// @param currency The currency's token contract.
    /// @param amount Minor units that the buyer promises to pay.
    /// @param invoiced Minor units of it that are receivables now.
    /// @param delivered Minor units of it that are goods which are not invoiced yet.
    /// @param deliveryDay Day number on which the goods are due.
    /// @param expiryDay Last day number on which the order may be confirmed or encumbered.
    /// @param status Where it stands.
    /// @param lienholder Whose lien it is under; zero if there is none.
    /// @param termsHash EIP-712 struct hash of its terms.
    struct Order {
        address seller;
        address buyer;
        address currency;
        uint96 amount;
        uint96 invoiced;
        uint96 delivered;
        uint32 deliveryDay;
        uint32 expiryDay;
        Status status;
        address lienholder;
        bytes32 termsHash;
    }

    /// @notice EIP-712 `Delivery` over exactly these fields, signed by the buyer: goods of the order were received into
    /// a lot.
    /// @param orderId The order.
    /// @param lotId The lot of WarehouseReceipts.
    /// @param amount Minor units that the order promises to pay for them.
    /// @param documentRoot Merkle root of the goods received note.
    /// @param deadline UTC seconds, exclusive.
    struct Delivery {
        uint256 orderId;
        uint256 lotId;
        uint96 amount;
        bytes32 documentRoot;
        uint40 deadline;
    }

    /// @notice A seller filed an order.
    /// @param orderId The order, counted from 1.
    /// @param seller The seller.
    /// @param buyer The buyer.
    /// @param terms The terms of the order.
    event OrderRequested(OrderId indexed orderId, address indexed seller, address indexed buyer, OrderTerms terms);

    /// @notice The buyer confirmed an order.
    /// @param orderId The order, counted from 1.
    /// @param buyer The account that the terms name.
    /// @param signature The buyer's signature over the terms.
    event OrderConfirmed(OrderId indexed orderId, address indexed buyer, bytes signature);

    /// @notice The buyer rejected an order.
    /// @param orderId The order, counted from 1.
    /// @param reasonHash Hash of the reason.
    event OrderRejected(OrderId indexed orderId, bytes32 reasonHash);

    /// @notice The seller withdrew an order before its confirmation.
    /// @param orderId The order, counted from 1.
    event OrderWithdrawn(OrderId indexed orderId);

    /// @notice Both parties cancelled an order.
    /// @param orderId The order, counted from 1.
    /// @param evidenceHash Hash of the evidence.
    event OrderCancelled(OrderId indexed orderId, bytes32 evidenceHash);

    /// @notice A party let an operator encumber its orders, or no longer.
    /// @param seller The account that said so.
    /// @param operator The operator.
    /// @param approved True if it may.
    event OperatorSet(address indexed seller, address indexed operator, bool approved);

    /// @notice An order is under a lien now.
    /// @param orderId The order, counted from 1.
    /// @param lienholder Whose lien it is.
    event OrderEncumbered(OrderId indexed orderId, address indexed lienholder);

    /// @notice The lien on an order ended.
    /// @param orderId The order, counted from 1.
    /// @param lienholder Whose lien it was.
    event OrderReleased(OrderId indexed orderId, address indexed lienholder);

    /// @notice A receivable replaced a part of an order.
    /// @param orderId The order, counted from 1.
    /// @param receivableId The receivable.
    /// @param amount Minor units of the currency.
    /// @param left Minor units of the order that are not invoiced yet.
    event OrderInvoiced(OrderId indexed orderId, ReceivableId indexed receivableId, uint96 amount, uint96 left);

    /// @notice A part of an order is goods in a lot now.
    /// @param orderId The order, counted from 1.
    /// @param lotId The lot of WarehouseReceipts.
    /// @param amount Minor units that the order promises to pay for them.
    /// @param left Minor units of the order that are neither invoiced nor delivered.
    /// @param documentRoot Merkle root of the goods received note.
    event OrderDelivered(
        OrderId indexed orderId, LotId indexed lotId, uint96 amount, uint96 left, bytes32 documentRoot
    );

    /// @notice A receivable replaced goods that were delivered into a lot. {OrderInvoiced} is emitted before it.
    /// @param orderId The order, counted from 1.
    /// @param lotId The lot of WarehouseReceipts.
    /// @param receivableId The receivable.
    /// @param amount Minor units of the currency.
    /// @param left Minor units of the goods in this lot that are not invoiced yet.
    event DeliveryInvoiced(
        OrderId indexed orderId, LotId indexed lotId, ReceivableId indexed receivableId, uint96 amount, uint96 left
    );

    /// @notice There is no such order.
    /// @param orderId The order, counted from 1.
    error OrderUnknown(OrderId orderId);

    /// @notice The order does not stand where this is possible.
    /// @param orderId The order, counted from 1.
    /// @param status Where it stands.
    error StateForbids(OrderId orderId, Status status);

    /// @notice The caller is not of the seller's party.
    /// @param orderId The order, counted from 1.
    /// @param seller The seller.
    /// @param caller The sender of the call.
    error NotSeller(OrderId orderId, address seller, address caller);

    /// @notice The caller is not of the buyer's party.
    /// @param orderId The order, counted from 1.
    /// @param buyer The buyer.
    /// @param caller The sender of the call.
    error NotBuyer(OrderId orderId, address buyer, address caller);

    /// @notice The signature over the terms is not by a valid account of the buyer's party.
    /// @param orderId The order, counted from 1.
    /// @param buyer The buyer.
    /// @param digest The EIP-712 digest that was signed.
    error BuyerSignatureInvalid(OrderId orderId, address buyer, bytes32 digest);

    /// @notice A signature over the cancellation is not by a valid account of the signer's party.
    /// @param orderId The order, counted from 1.
    /// @param signer The account of the order whose party must sign.
    /// @param digest The EIP-712 digest that was signed.
    error CancellationSignatureInvalid(OrderId orderId, address signer, bytes32 digest);

    /// @notice The seller's party has filed this order.
    /// @param fingerprint The keyed hash.
    /// @param orderId That order.
    error FingerprintUsed(bytes32 fingerprint, OrderId orderId);

    /// @notice The order has no fingerprint.
    error FingerprintMissing();

    /// @notice Seller and buyer are one party, or under one control.
    /// @param seller The seller.
    /// @param buyer The buyer.
    error SamePartyBothSides(address seller, address buyer);

    /// @notice The order names no currency.
    error CurrencyMissing();

    /// @notice The amount is out of range.
    /// @param value Minor units that were given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error AmountOutOfRange(uint256 value, uint256 min, uint256 max);

    /// @notice A day is out of range.
    /// @param field The name of the field.
    /// @param value The day number that was given.
    /// @param min First day number that is allowed.
    /// @param max Last day number that is allowed.
    error DayOutOfRange(bytes32 field, uint256 value, uint256 min, uint256 max);

    /// @notice The order is under a lien.
    /// @param orderId The order, counted from 1.
    /// @param lienholder Whose lien it is.
    error OrderEncumberedAlready(OrderId orderId, address lienholder);

    /// @notice A contract of the ledger takes a lien only by its own call.
    /// @param orderId The order, counted from 1.
    /// @param lienholder Whose lien it is.
    error LienByLedger(OrderId orderId, address lienholder);

    /// @notice Lienholder and seller are one party, or under one control.
    /// @param orderId The order, counted from 1.
    /// @param lienholder Whose lien it is.
    error LienOfOwn(OrderId orderId, address lienholder);

    /// @notice The account acts for no party, or was removed.
    /// @param account The account.
    error NotOfAnyParty(address account);

    /// @notice The order is under no lien.
    /// @param orderId The order, counted from 1.
    error OrderNotEncumbered(OrderId orderId);

    /// @notice The caller is not the lienholder, nor of its party.
    /// @param orderId The order, counted from 1.
    /// @param lienholder Whose lien it is.
    /// @param caller The sender of the call.
    error NotLienholder(OrderId orderId, address lienholder, address caller);

    /// @notice The expiry day of the order is over.
    /// @param orderId The order, counted from 1.
    /// @param expiryDay Last day number on which the order may be confirmed or encumbered.
    /// @param today The day number of the block in the ledger's zone.
    error OrderExpired(OrderId orderId, uint32 expiryDay, uint256 today);

    /// @notice The receivable is not a confirmed debt of the same seller, buyer and currency, or it serves an order
    /// already.
    /// @param orderId The order, counted from 1.
    /// @param receivableId The receivable.
    error NotOfTheOrder(OrderId orderId, ReceivableId receivableId);

    /// @notice The receivable is larger than the part of the order that it may replace.
    /// @param orderId The order, counted from 1.
    /// @param amount Face amount of the receivable, in minor units.
    /// @param left Minor units that it may replace.
    error InvoicedBeyondOrder(OrderId orderId, uint96 amount, uint96 left);

    /// @notice The signature over the delivery is not by a valid account of the buyer's party.
    /// @param orderId The order, counted from 1.
    /// @param buyer The buyer.
    /// @param digest The EIP-712 digest that was signed.
    error DeliverySignatureInvalid(OrderId orderId, address buyer, bytes32 digest);

    /// @notice A delivery into this lot was recorded for this order.
    /// @param orderId The order, counted from 1.
    /// @param lotId The lot of WarehouseReceipts.
    error DeliveredAlready(OrderId orderId, LotId lotId);

    /// @notice Asks a buyer to confirm an order. A fingerprint belongs to one seller: another seller may file the same
    /// number.
    /// @dev The seller calls it. Its party is valid with role 1, the buyer's with role 2. The delivery day is today or
    /// later, the expiry day is not before it, and both are within 3,653 days.
    /// Reverts with {NotSeller} if the caller is not `terms.seller`.
    /// Reverts with {FingerprintMissing} if the fingerprint is 0.
    /// Reverts with {CurrencyMissing} if the currency is zero.
    /// Reverts with {AmountOutOfRange} if the amount is 0 or above 2^60 - 1.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if one of the parties is not valid.
    /// Reverts with {RoleMissing} if one of the parties lacks its role.
    /// Reverts with {SamePartyBothSides} if the sides are one party, or under one control.
    /// Reverts with {DayOutOfRange} if a day is out of range.
    /// Reverts with {FingerprintUsed} if the seller's party has filed this order.
    /// @param terms The terms of the order.
    /// @return The new order.
    function request(OrderTerms calldata terms) external returns (OrderId);

    /// @notice Confirms an order, until its expiry day.
    /// @dev Anyone may send it, with the EIP-712 signature of a valid account of the buyer's party over the terms.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {StateForbids} if it was confirmed, rejected or withdrawn.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if one of the parties is not valid.
    /// Reverts with {SamePartyBothSides} if the sides have become one party, or come under one control.
    /// Reverts with {OrderExpired} if the expiry day is over.
    /// Reverts with {SignatureCancelled} if the signer took the signature back.
    /// Reverts with {BuyerSignatureInvalid} if the signature is not the buyer's.
    /// @param orderId The order, counted from 1.
    /// @param buyerSignature The buyer's signature (ECDSA; ERC-1271 only by the account that the terms name).
    function confirm(OrderId orderId, bytes calldata buyerSignature) external;

    /// @notice Rejects an order that was requested.
    /// @dev A valid account of the buyer's party calls it, or the buyer, valid or not.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {StateForbids} if it was confirmed, rejected or withdrawn.
    /// Reverts with {NotBuyer} if the caller is of another party.
    /// @param orderId The order, counted from 1.
    /// @param reasonHash Hash of the reason.
    function reject(OrderId orderId, bytes32 reasonHash) external; // by the buyer's party

    /// @notice Withdraws an order before its confirmation.
    /// @dev A valid account of the seller's party calls it, or the seller, valid or not.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {StateForbids} if it was confirmed, rejected or withdrawn.
    /// Reverts with {NotSeller} if the caller is of another party.
    /// @param orderId The order, counted from 1.
    function withdraw(OrderId orderId) external; // by the seller's party, before confirmation

    /// @notice Ends a confirmed order. A lien on it ends too.
    /// @dev Anyone may send it with both signatures over the EIP-712 struct `OrderCancellation(uint256 orderId,bytes32
    /// evidenceHash,uint40 deadline)`. While there is a lien, only the lienholder sends it.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {StateForbids} if it is not confirmed.
    /// Reverts with {NotLienholder} if there is a lien and the caller is not the lienholder.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if a signer took its signature back.
    /// Reverts with {CancellationSignatureInvalid} if a signature is not by the party that it is for.
    /// @param orderId The order, counted from 1.
    /// @param evidenceHash Hash of the evidence.
    /// @param deadline UTC seconds, exclusive.
    /// @param sellerSignature Signature of the seller's party.
    /// @param buyerSignature Signature of the buyer's party.
    function cancel(
        OrderId orderId,
        bytes32 evidenceHash,
        uint40 deadline,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external;

    /// @notice Takes the caller's own signature back. What was done with it stands.
    /// @dev Reverts with {SignatureCancelled} if it was taken back before.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(bytes32 digest) external;

    /// @notice Lets an operator encumber the party's orders (as ERC-721's approval for all does), or no longer.
    /// @dev Any account of the party calls it.
    /// Reverts with {NotOfAnyParty} for a stranger and for an account that was removed.
    /// @param operator The operator.
    /// @param approved True if it may.
    function setApprovalForAll(address operator, bool approved) external;

    /// @notice Whether an operator may encumber the orders of a party.
    /// @param seller An account of the party.
    /// @param operator The operator.
    /// @return True if it may.
    function isApprovedForAll(address seller, address operator) external view returns (bool);

    /// @notice Puts a lien on a confirmed order.
    /// @dev The seller's party or its operator calls it. A contract of the ledger takes a lien only by its own call, so
    /// that each of its liens serves a loan.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {StateForbids} if it is not confirmed.
    /// Reverts with {NotSeller} if the caller is neither of the seller's party nor its operator.
    /// Reverts with {OrderEncumberedAlready} if there is a lien.
    /// Reverts with {OrderExpired} if the expiry day is over.
    /// Reverts with {PartyNotValid} if the seller's party or the lienholder is not valid.
    /// Reverts with {NewRiskStopped} while new risk is stopped, unless the lienholder is a contract of the ledger.
    /// Reverts with {LienByLedger} if the lienholder is a contract of the ledger and not the caller.
    /// Reverts with {LienOfOwn} if lienholder and seller are one party, or under one control.
    /// @param orderId The order, counted from 1.
    /// @param lienholder Whose lien it is.
    function encumber(OrderId orderId, address lienholder) external;

    /// @notice Ends a lien.
    /// @dev The lienholder calls it: the contract itself, or a valid account of its party.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {OrderNotEncumbered} if there is no lien.
    /// Reverts with {NotLienholder} if the caller is not the lienholder.
    /// @param orderId The order, counted from 1.
    function release(OrderId orderId) external;

    /// @notice Replaces a part of the order by a confirmed receivable of the same seller, buyer (debtor) and currency.
    /// Each receivable serves one order, once.
    /// @dev The lienholder calls it while there is a lien, otherwise the seller's party.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {StateForbids} if it is not confirmed.
    /// Reverts with {NotSeller} if there is no lien and the caller is not of the seller's party.
    /// Reverts with {NotLienholder} if there is a lien and the caller is not the lienholder.
    /// Reverts with {NotOfTheOrder} if the receivable does not fit, or serves an order.
    /// Reverts with {InvoicedBeyondOrder} if its face amount is more than is neither invoiced nor delivered.
    /// @param orderId The order, counted from 1.
    /// @param receivableId The receivable.
    function invoice(OrderId orderId, ReceivableId receivableId) external;

    /// @notice Records that a part of the order is goods in a lot now. A lot serves an order once.
    /// @dev The lienholder calls it while there is a lien, otherwise the seller's party, with the EIP-712 signature of
    /// a valid account of the buyer's party.
    /// Reverts with {OrderUnknown} if there is no such order.
    /// Reverts with {StateForbids} if it is not confirmed.
    /// Reverts with {NotSeller} if there is no lien and the caller is not of the seller's party.
    /// Reverts with {NotLienholder} if there is a lien and the caller is not the lienholder.
    /// Reverts with {DeliveredAlready} if this lot serves the order.
    /// Reverts with {AmountOutOfRange} if the amount is 0, or more than is neither invoiced nor delivered.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if the signer took the signature back.
    /// Reverts with {DeliverySignatureInvalid} if the signature is not the buyer's.
    /// @dev Warning: nobody checks here that the lot exists. The buyer signs its number.
    /// @param delivery The delivery.
    /// @param buyerSignature Signature of the buyer's party.
    function deliver(Delivery calldata delivery, bytes calldata buyerSignature) external;

    /// @notice Replaces goods that were delivered into a lot by a confirmed receivable, as {invoice} does for the rest
    /// of the order.
    /// @dev Who may call, and the other errors, are as for {invoice}.
    /// Reverts with {InvoicedBeyondOrder} if its face amount is more than is left of the goods in this lot.
    /// @param orderId The order, counted from 1.
    /// @param receivableId The receivable.
    /// @param lotId The lot of WarehouseReceipts.
    function invoiceDelivered(OrderId orderId, ReceivableId receivableId, LotId lotId) external;

    /// @notice An order as it stands.
    /// @dev Reverts with {OrderUnknown} if there is no such order.
    /// @param orderId The order, counted from 1.
    /// @return The order.
    function order(OrderId orderId) external view returns (Order memory);

    /// @notice The order that a seller's party filed under a fingerprint.
    /// @param seller An account of the party.
    /// @param fingerprint The keyed hash.
    /// @return The order; 0 for none.
    function orderWithFingerprint(address seller, bytes32 fingerprint) external view returns (OrderId);

    /// @notice The order that a receivable serves.
    /// @param receivableId The receivable.
    /// @return The order; 0 for none.
    function orderOfReceivable(ReceivableId receivableId) external view returns (OrderId);

    /// @notice The part of the order's amount that a lot stands for and that is not invoiced yet.
    /// @param orderId The order, counted from 1.
    /// @param lotId The lot of WarehouseReceipts.
    /// @return Minor units.
    function deliveredInto(OrderId orderId, LotId lotId) external view returns (uint96);

    /// @notice The EIP-712 digest that the buyer signs for a delivery.
    /// @param delivery The delivery.
    /// @return The digest.
    function deliveryDigest(Delivery calldata delivery) external view returns (bytes32);

    /// @notice The EIP-712 digest that the buyer signs to confirm.
    /// @dev Reverts with {OrderUnknown} if there is no such order.
    /// @param orderId The order, counted from 1.
    /// @return The digest.
    function confirmationDigest(OrderId orderId) external view returns (bytes32);

    /// @notice The EIP-712 digest that both parties sign to cancel.
    /// @param orderId The order, counted from 1.
    /// @param evidenceHash Hash of the evidence.
    /// @param deadline UTC seconds, exclusive.
    /// @return The digest.
    function cancellationDigest(OrderId orderId, bytes32 evidenceHash, uint40 deadline) external view returns (bytes32);
}
