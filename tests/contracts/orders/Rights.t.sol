// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {IPurchaseOrders} from "../../../contracts/orders/IPurchaseOrders.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {LotId, OrderId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "../lending/LendingFixture.sol";

/// Who owns an order, whose signature counts and until when, and who may have a lien on it.
contract OrderRightsTest is LendingFixture {
    uint256 private constant OTHER_KEY = 777;
    bytes32 private constant EVIDENCE_HASH = keccak256("documents");
    address private _other = vm.addr(OTHER_KEY);
    uint256 private _numbers;

    // ------------------------------------------------------------------ fingerprints

    function test_request_is_not_blocked_by_what_another_seller_filed_or_withdrew() public {
        IPurchaseOrders.OrderTerms memory terms = _terms();
        IPurchaseOrders.OrderTerms memory copied = _terms();
        copied.fingerprint = terms.fingerprint;
        copied.seller = suppliers[0];
        vm.startPrank(suppliers[0]);
        OrderId squat = orders.request(copied);
        orders.withdraw(squat);
        vm.stopPrank();
        vm.prank(seller);
        OrderId orderId = orders.request(terms);
        assertEq(
            OrderId.unwrap(orders.orderWithFingerprint(seller, terms.fingerprint)), OrderId.unwrap(orderId), "its own"
        );
        assertEq(
            OrderId.unwrap(orders.orderWithFingerprint(suppliers[0], terms.fingerprint)),
            OrderId.unwrap(squat),
            "the other's"
        );
    }

    function test_request_reverts_when_the_sellers_party_filed_the_fingerprint_before() public {
        IPurchaseOrders.OrderTerms memory terms = _terms();
        vm.prank(seller);
        OrderId first = orders.request(terms);
        _join(seller);
        terms.seller = _other;
        vm.prank(_other);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.FingerprintUsed.selector, terms.fingerprint, first));
        orders.request(terms);
    }

    // ------------------------------------------------------------------ sides

    function test_request_and_confirm_revert_when_seller_and_buyer_are_under_one_control() public {
        OrderId orderId = _requested();
        bytes memory signature = _signed(DEBTOR_KEY, orders.confirmationDigest(orderId));
        _oneGroup(seller, debtor);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.SamePartyBothSides.selector, seller, debtor));
        orders.confirm(orderId, signature);
        IPurchaseOrders.OrderTerms memory terms = _terms();
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.SamePartyBothSides.selector, seller, debtor));
        orders.request(terms);
    }

    function test_confirm_reverts_after_the_expiry_day() public {
        OrderId orderId = _requested();
        bytes memory signature = _signed(DEBTOR_KEY, orders.confirmationDigest(orderId));
        uint32 expiry = orders.order(orderId).expiryDay;
        _toDay(uint256(expiry) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseOrders.OrderExpired.selector, orderId, expiry, uint256(expiry) + 1)
        );
        orders.confirm(orderId, signature);
        vm.warp(block.timestamp - 1);
        orders.confirm(orderId, signature);
    }

    // ------------------------------------------------------------------ accounts of one party

    function test_an_order_of_a_removed_account_goes_on_by_another_account_of_its_party() public {
        OrderId orderId = _confirmedOrder();
        OrderId requested = _requested();
        _join(seller);
        _lose(seller);
        vm.startPrank(seller);
        vm.expectPartialRevert(IPurchaseOrders.NotSeller.selector);
        orders.encumber(orderId, bank);
        vm.expectPartialRevert(IPurchaseOrders.NotSeller.selector);
        orders.withdraw(requested);
        vm.stopPrank();
        vm.prank(_other);
        orders.encumber(orderId, bank);
        vm.prank(bank);
        orders.release(orderId);
        IPurchaseOrders.Delivery memory delivery = _delivery(orderId, 1, 100_00);
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.startPrank(_other);
        orders.deliver(delivery, signature);
        orders.withdraw(requested);
        vm.stopPrank();
        assertEq(orders.order(orderId).delivered, 100_00, "delivered");
    }

    function test_invoice_takes_a_receivable_of_another_account_of_the_sellers_party() public {
        OrderId orderId = _confirmedOrder();
        (ReceivableId receivableId,) = _confirmed(400_00);
        _join(seller);
        _lose(seller);
        vm.prank(_other);
        orders.invoice(orderId, receivableId);
        assertEq(orders.order(orderId).invoiced, 400_00, "invoiced");
    }

    function test_operators_approval_counts_for_the_party_and_none_of_a_removed_account() public {
        OrderId orderId = _confirmedOrder();
        _join(seller);
        vm.prank(_other);
        orders.setApprovalForAll(STRANGER, true);
        assertTrue(orders.isApprovedForAll(seller, STRANGER), "the party's");
        vm.prank(seller);
        orders.setApprovalForAll(STRANGER, false);
        assertTrue(!orders.isApprovedForAll(_other, STRANGER), "taken back");
        _lose(seller);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotOfAnyParty.selector, seller));
        orders.setApprovalForAll(STRANGER, true);
        vm.prank(STRANGER);
        vm.expectPartialRevert(IPurchaseOrders.NotSeller.selector);
        orders.encumber(orderId, bank);
        vm.prank(_other);
        orders.setApprovalForAll(STRANGER, true);
        vm.prank(STRANGER);
        orders.encumber(orderId, bank);
    }

    function test_another_account_of_the_buyer_signs_when_the_first_is_removed() public {
        OrderId orderId = _requested();
        bytes32 digest = orders.confirmationDigest(orderId);
        _join(debtor);
        _lose(debtor);
        bytes memory lost = _signed(DEBTOR_KEY, digest);
        bytes memory held = _signed(OTHER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.BuyerSignatureInvalid.selector, orderId, debtor, digest));
        orders.confirm(orderId, lost);
        orders.confirm(orderId, held);
        IPurchaseOrders.Delivery memory delivery = _delivery(orderId, 1, 100_00);
        digest = orders.deliveryDigest(delivery);
        lost = _signed(DEBTOR_KEY, digest);
        held = _signed(OTHER_KEY, digest);
        vm.startPrank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseOrders.DeliverySignatureInvalid.selector, orderId, debtor, digest)
        );
        orders.deliver(delivery, lost);
        orders.deliver(delivery, held);
        vm.stopPrank();
    }

    function test_reject_by_another_account_of_the_buyer() public {
        OrderId orderId = _requested();
        _join(debtor);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotBuyer.selector, orderId, debtor, STRANGER));
        orders.reject(orderId, "");
        vm.prank(_other);
        orders.reject(orderId, "");
    }

    function test_confirm_reverts_when_a_party_is_frozen_or_has_lapsed() public {
        OrderId orderId = _requested();
        bytes memory signature = _signed(DEBTOR_KEY, orders.confirmationDigest(orderId));
        PartyId party = registry.partyOf(debtor);
        _order(address(registry), abi.encodeCall(registry.freeze, (party, true, keccak256("order"))));
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        orders.confirm(orderId, signature);
    }

    function test_confirm_reverts_while_a_regulator_holds_a_party() public {
        OrderId orderId = _requested();
        bytes memory signature = _signed(DEBTOR_KEY, orders.confirmationDigest(orderId));
        PartyId party = registry.partyOf(seller);
        vm.prank(FIRST_REGULATOR);
        court.hold(party, "order");
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyNotValid.selector, seller, party, type(uint64).max, true)
        );
        orders.confirm(orderId, signature);
    }

    // ------------------------------------------------------------------ deadlines and second thoughts

    function test_deliver_reverts_from_the_deadline_on() public {
        OrderId orderId = _confirmedOrder();
        IPurchaseOrders.Delivery memory delivery = _delivery(orderId, 1, 100_00);
        delivery.deadline = uint40(block.timestamp + 1 hours);
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.warp(delivery.deadline);
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(SignedTerms.SignatureExpired.selector, delivery.deadline, delivery.deadline)
        );
        orders.deliver(delivery, signature);
        vm.warp(block.timestamp - 1);
        vm.prank(seller);
        orders.deliver(delivery, signature);
    }

    function test_cancel_reverts_from_the_deadline_on() public {
        OrderId orderId = _confirmedOrder();
        uint40 deadline = uint40(block.timestamp + 1 hours);
        bytes32 digest = orders.cancellationDigest(orderId, EVIDENCE_HASH, deadline);
        (bytes memory sellers, bytes memory buyers) = (_signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureExpired.selector, deadline, deadline));
        orders.cancel(orderId, EVIDENCE_HASH, deadline, sellers, buyers);
        vm.warp(block.timestamp - 1);
        orders.cancel(orderId, EVIDENCE_HASH, deadline, sellers, buyers);
    }

    function test_withdrawn_signature_cannot_confirm_deliver_or_cancel() public {
        OrderId requested = _requested();
        bytes32 digest = orders.confirmationDigest(requested);
        _takeBack(debtor, digest);
        bytes memory signature = _signed(DEBTOR_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, debtor, digest));
        orders.confirm(requested, signature);

        OrderId orderId = _confirmedOrder();
        IPurchaseOrders.Delivery memory delivery = _delivery(orderId, 1, 100_00);
        digest = orders.deliveryDigest(delivery);
        _takeBack(debtor, digest);
        signature = _signed(DEBTOR_KEY, digest);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, debtor, digest));
        orders.deliver(delivery, signature);

        digest = orders.cancellationDigest(orderId, EVIDENCE_HASH, type(uint40).max);
        _takeBack(seller, digest);
        bytes memory sellers = _signed(SELLER_KEY, digest);
        signature = _signed(DEBTOR_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, seller, digest));
        orders.cancel(orderId, EVIDENCE_HASH, type(uint40).max, sellers, signature);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, seller, digest));
        orders.cancelSignature(digest);
    }

    // ------------------------------------------------------------------ liens

    function test_encumber_to_a_ledger_contract_reverts_unless_that_contract_calls() public {
        OrderId orderId = _confirmedOrder();
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.LienByLedger.selector, orderId, address(facilities)));
        orders.encumber(orderId, address(facilities));
        vm.prank(seller);
        orders.setApprovalForAll(address(facilities), true);
        vm.prank(address(facilities));
        orders.encumber(orderId, address(facilities));
        vm.prank(address(facilities));
        orders.release(orderId);
    }

    function test_encumber_reverts_when_the_lienholder_is_under_the_sellers_control() public {
        OrderId orderId = _confirmedOrder();
        _oneGroup(seller, bank);
        PartyId two = registry.partyOf(bank);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.LienOfOwn.selector, orderId, bank));
        orders.encumber(orderId, bank);
        vm.prank(REGISTRAR);
        registry.setGroup(two, 8);
        vm.prank(seller);
        orders.encumber(orderId, bank);
    }

    function test_encumber_reverts_when_the_lienholder_is_of_the_sellers_party() public {
        OrderId orderId = _confirmedOrder();
        _join(seller);
        vm.startPrank(seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.LienOfOwn.selector, orderId, seller));
        orders.encumber(orderId, seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.LienOfOwn.selector, orderId, _other));
        orders.encumber(orderId, _other);
        vm.stopPrank();
    }

    function test_release_by_another_account_of_a_lienholder_that_lost_its_own() public {
        OrderId orderId = _confirmedOrder();
        vm.prank(seller);
        orders.encumber(orderId, bank);
        _join(bank);
        _lose(bank);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotLienholder.selector, orderId, bank, bank));
        orders.release(orderId);
        vm.prank(_other);
        orders.release(orderId);
        assertEq(orders.order(orderId).lienholder, address(0), "free");
    }

    // ------------------------------------------------------------------ helpers

    function _terms() private returns (IPurchaseOrders.OrderTerms memory) {
        uint32 today = uint32(block.timestamp / 1 days);
        return IPurchaseOrders.OrderTerms(
            seller,
            debtor,
            address(cash),
            1_000_00,
            today + 30,
            today + 60,
            bytes32(++_numbers),
            EVIDENCE_HASH,
            keccak256("text")
        );
    }

    function _requested() private returns (OrderId) {
        IPurchaseOrders.OrderTerms memory terms = _terms();
        vm.prank(seller);
        return orders.request(terms);
    }

    function _confirmedOrder() private returns (OrderId orderId) {
        orderId = _requested();
        orders.confirm(orderId, _signed(DEBTOR_KEY, orders.confirmationDigest(orderId)));
    }

    function _delivery(OrderId orderId, uint256 lotId, uint96 amount)
        private
        pure
        returns (IPurchaseOrders.Delivery memory)
    {
        return IPurchaseOrders.Delivery(OrderId.unwrap(orderId), lotId, amount, EVIDENCE_HASH, type(uint40).max);
    }

    function _takeBack(address signer, bytes32 digest) private {
        vm.prank(signer);
        orders.cancelSignature(digest);
    }

    function _join(address member) private {
        _join(member, OTHER_KEY);
    }

    function _lose(address member) private {
        vm.prank(_other);
        registry.removeAccount(member);
    }

    function _oneGroup(address first, address second) private {
        PartyId partyId = registry.partyOf(first);
        PartyId two = registry.partyOf(second);
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyId, 7);
        registry.setGroup(two, 7);
        vm.stopPrank();
    }
}
