// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../../contracts/orders/IPurchaseOrders.sol";
import {PurchaseOrders} from "../../../../contracts/orders/PurchaseOrders.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {CreditRegistry} from "../../../../contracts/registry/CreditRegistry.sol";
import {IPartyRegistry} from "../../../../contracts/registry/IPartyRegistry.sol";
import {ICreditRegistry} from "../../../../contracts/registry/ICreditRegistry.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    OrderId,
    PartyId,
    ProductId,
    ReceivableId
} from "../../../../contracts/types/Ids.sol";
import {LendingFixture} from "../LendingFixture.sol";

/// Loans on orders and on tiers; the orders and tiers themselves.
contract CollateralTest is LendingFixture {
    uint256 private constant RATER_KEY = 106;
    uint256 private _documents;
    address private _rater = vm.addr(RATER_KEY);

    function setUp() public override {
        super.setUp();
        _party(_rater, 32);
        vm.prank(seller);
        orders.setApprovalForAll(address(facilities), true);
    }

    // ------------------------------------------------------------------ bounds of a product

    function test_draws_on_one_debtors_debts_stay_within_its_share() public {
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.borrowerLimit = 5_000_00;
        terms.programmeLimit = 10_000_00;
        terms.debtorShare = 100_000; // 1,000.00 on any one debtor
        ProductId productId = _add(terms);
        FacilityId facilityId = _agreedFacility(productId, 72_000, 2_000_00);
        (, uint256 first) = _confirmed(2_000_00);
        (, uint256 second) = _confirmed(2_000_00);
        LoanId loanId = _draw(facilityId, 700_00, LoanMath.Style.Bullet, 30, first);
        vm.expectRevert(
            abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("debtorShare"), 1_000_01, uint256(1_000_00))
        );
        this.drawOn(facilityId, 300_01, second);
        _repay(loanId, 700_00);
        _draw(facilityId, 1_000_00, LoanMath.Style.Bullet, 30, second);
    }

    function test_draws_under_a_product_stay_within_its_limit() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.borrowerLimit = 1_000_00;
        terms.programmeLimit = 1_500_00;
        ProductId productId = _add(terms);
        _bullet(_agreedFacility(productId, 72_000, 900_00), 900_00, 30);
        IFacilities.FacilityTerms memory other = _facilityTerms(productId, 72_000, 900_00);
        other.borrower = debtor;
        FacilityId otherFacility = _agree(other);
        ILoans.DrawRequest memory request = _request(otherFacility, 600_01, LoanMath.Style.Bullet, 30, 0);
        vm.prank(debtor);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoans.LimitExceeded.selector, bytes32("programmeLimit"), 1_500_01, uint256(1_500_00)
            )
        );
        facilities.draw(request);
        request.amount = 600_00;
        vm.prank(debtor);
        facilities.draw(request);
    }

    function drawOn(FacilityId facilityId, uint64 amount, uint256 claimId) external {
        _draw(facilityId, amount, LoanMath.Style.Bullet, 30, claimId);
    }

    // ------------------------------------------------------------------ orders

    function test_order_changes_state_only_along_the_arrows() public {
        OrderId orderId = _requested(1_000_00);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotBuyer.selector, orderId, debtor, seller));
        vm.prank(seller);
        orders.reject(orderId, "");
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotSeller.selector, orderId, seller, debtor));
        vm.prank(debtor);
        orders.withdraw(orderId);
        bytes32 digest = orders.confirmationDigest(orderId);
        bytes memory sellers = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.BuyerSignatureInvalid.selector, orderId, debtor, digest));
        orders.confirm(orderId, sellers);
        orders.confirm(orderId, _signed(DEBTOR_KEY, digest));
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseOrders.StateForbids.selector, orderId, IPurchaseOrders.Status.Confirmed)
        );
        orders.withdraw(orderId);
    }

    function test_order_fingerprint_can_be_used_only_once() public {
        IPurchaseOrders.OrderTerms memory terms = _orderTerms(1_000_00);
        vm.startPrank(seller);
        OrderId first = orders.request(terms);
        orders.withdraw(first);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.FingerprintUsed.selector, terms.fingerprint, first));
        orders.request(terms);
        vm.stopPrank();
    }

    function test_terms_of_an_order_out_of_range_are_refused() public {
        IPurchaseOrders.OrderTerms memory terms = _orderTerms(0);
        _refused(terms, abi.encodeWithSelector(IPurchaseOrders.AmountOutOfRange.selector, 0, 1, 2 ** 60 - 1));
        terms = _orderTerms(1);
        terms.buyer = seller;
        terms.seller = seller;
        _refused(terms, "");
        terms = _orderTerms(1);
        terms.fingerprint = 0;
        _refused(terms, abi.encodeWithSelector(IPurchaseOrders.FingerprintMissing.selector));
        terms = _orderTerms(1);
        terms.currency = address(0);
        _refused(terms, abi.encodeWithSelector(IPurchaseOrders.CurrencyMissing.selector));
        terms = _orderTerms(1);
        terms.expiryDay = terms.deliveryDay - 1;
        _refused(terms, "");
    }

    function test_cancel_needs_both_sides_and_the_lienholder() public {
        OrderId orderId = _confirmedOrder(1_000_00);
        bytes32 digest = _cancellation(orderId);
        bytes memory sellers = _signed(SELLER_KEY, digest);
        bytes memory buyers = _signed(DEBTOR_KEY, digest);
        vm.prank(seller);
        orders.encumber(orderId, bank);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotLienholder.selector, orderId, bank, address(this)));
        orders.cancel(orderId, "documents", type(uint40).max, sellers, buyers);
        vm.startPrank(bank);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseOrders.CancellationSignatureInvalid.selector, orderId, debtor, digest)
        );
        orders.cancel(orderId, "documents", type(uint40).max, sellers, sellers);
        orders.cancel(orderId, "documents", type(uint40).max, sellers, buyers);
        vm.stopPrank();
        assertTrue(orders.order(orderId).status == IPurchaseOrders.Status.Cancelled, "cancelled");
        assertEq(orders.order(orderId).lienholder, address(0), "free");
    }

    function test_order_under_lien_moves_only_by_its_lienholder() public {
        OrderId orderId = _confirmedOrder(1_000_00);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotSeller.selector, orderId, seller, STRANGER));
        vm.prank(STRANGER);
        orders.encumber(orderId, STRANGER);
        vm.prank(seller);
        orders.encumber(orderId, bank);
        (ReceivableId receivableId,) = _confirmed(400_00);
        vm.startPrank(seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.OrderEncumberedAlready.selector, orderId, bank));
        orders.encumber(orderId, seller);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotLienholder.selector, orderId, bank, seller));
        orders.release(orderId);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseOrders.NotLienholder.selector, orderId, bank, seller));
        orders.invoice(orderId, receivableId);
        vm.stopPrank();
        vm.prank(bank);
        orders.release(orderId);
    }

    function testFuzz_invoices_never_exceed_the_order(uint96 amount, uint96[4] memory faces) public {
        amount = uint96(bound(amount, 1, 1_000_000));
        OrderId orderId = _confirmedOrder(amount);
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            uint96 face = uint96(bound(faces[i], 1, 600_000));
            (ReceivableId receivableId,) = _confirmed(face);
            vm.prank(seller);
            try orders.invoice(orderId, receivableId) {
                sum += face;
                vm.prank(seller);
                vm.expectRevert();
                orders.invoice(orderId, receivableId);
            } catch {
                assertTrue(sum + face > amount || sum == amount, "refused only beyond the order");
            }
        }
        IPurchaseOrders.Order memory orderRow = orders.order(orderId);
        assertEq(orderRow.invoiced, sum, "sum");
        assertTrue(sum <= amount, "within");
        assertTrue((orderRow.status == IPurchaseOrders.Status.Invoiced) == (sum == amount), "invoiced");
    }

    function test_convert_to_claim_moves_a_loan_from_an_order_to_the_claim_in_one_transaction() public {
        FacilityId facilityId = _orderFacility();
        OrderId orderId = _confirmedOrder(1_000_00);
        LoanId loanId = _draw(facilityId, 700_00, LoanMath.Style.Bullet, 60, OrderId.unwrap(orderId));
        assertEq(orders.order(orderId).lienholder, address(facilities), "lien on the order");
        ReceivableId receivableId = _request(1_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(debtor);
        ClaimId claimId = facilities.convertToClaim(loanId, receivableId, ClaimId.wrap(0), signature);
        assertEq(receivables.lienholderOf(ClaimId.unwrap(claimId)), address(facilities), "lien on the claim");
        assertEq(orders.order(orderId).lienholder, address(0), "order free");
        assertTrue(orders.order(orderId).status == IPurchaseOrders.Status.Invoiced, "invoiced");
        _pay(receivableId, 1_000_00);
        receivables.collect(claimId);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid by the buyer");
    }

    function test_convert_to_claim_reverts_when_the_claim_is_too_small_for_the_loan() public {
        FacilityId facilityId = _orderFacility();
        OrderId orderId = _confirmedOrder(1_000_00);
        LoanId loanId = _draw(facilityId, 700_00, LoanMath.Style.Bullet, 60, OrderId.unwrap(orderId));
        ReceivableId receivableId = _request(699_99);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(debtor);
        vm.expectPartialRevert(ICollateral.CollateralTooSmall.selector);
        facilities.convertToClaim(loanId, receivableId, ClaimId.wrap(0), signature);
        assertEq(orders.order(orderId).lienholder, address(facilities), "all as before");
        assertTrue(_statusOf(receivableId) == IReceivables.Status.Requested, "not confirmed either");
    }

    function test_only_the_lender_converts_to_a_claim_past_its_due_day() public {
        OrderId orderId = _confirmedOrder(1_000_00);
        LoanId loanId = _draw(_orderFacility(), 700_00, LoanMath.Style.Bullet, 300, OrderId.unwrap(orderId));
        (ReceivableId unpaid, uint256 id) = _confirmed(1_000_00);
        uint32 dueDay = receivables.receivable(unpaid).dueDay;
        _days(dueDay - _today() + 1);
        address[2] memory others = [seller, debtor];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectPartialRevert(IFacilities.NotLender.selector);
            facilities.convertToClaim(loanId, unpaid, ClaimId.wrap(id), "");
        }
        assertEq(orders.order(orderId).lienholder, address(facilities), "lien on the order");
        vm.prank(bank);
        facilities.convertToClaim(loanId, unpaid, ClaimId.wrap(id), "");
        assertEq(receivables.lienholderOf(id), address(facilities), "lien on the claim");
    }

    function test_an_order_backs_one_loan_and_is_free_when_it_is_repaid() public {
        FacilityId facilityId = _orderFacility();
        OrderId orderId = _confirmedOrder(1_000_00);
        uint256 id = OrderId.unwrap(orderId);
        LoanId loanId = _draw(facilityId, 300_00, LoanMath.Style.Bullet, 60, id);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralInUse.selector, id, loanId));
        _draw(facilityId, 300_00, LoanMath.Style.Bullet, 60, id);
        _repay(loanId, type(uint64).max);
        assertEq(orders.order(orderId).lienholder, address(0), "free");
        _draw(facilityId, 300_00, LoanMath.Style.Bullet, 60, id);
    }

    // ------------------------------------------------------------------ tiers

    function test_draw_needs_a_good_and_recent_tier() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.minTier = 3;
        product.maxTierAge = 90;
        product.minTradeDays = 90;
        FacilityId facilityId = _agreedFacility(_add(product), 72_000, 1_000_00);
        PartyId partyId = registry.partyOf(seller);
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.TierMissing.selector, partyId));
        _bullet(facilityId, 1_00, 30);

        _attest(_attestation(4, 500_00));
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.TierTooLow.selector, partyId, 4, 3));
        _bullet(facilityId, 1_00, 30);

        _days(1);
        ICreditRegistry.CreditAttestation memory young = _attestation(3, 500_00);
        young.tradingSinceDay = _today() - 89;
        _attest(young);
        vm.expectPartialRevert(ICreditRegistry.TradeTooShort.selector);
        _bullet(facilityId, 1_00, 30);

        _days(1);
        _attest(_attestation(3, 500_00));
        _bullet(facilityId, 500_00, 30);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("attestedLimit"), 500_01, 500_00));
        _bullet(facilityId, 1, 30);
        _days(91);
        vm.expectPartialRevert(ICreditRegistry.TierTooOld.selector);
        _bullet(facilityId, 1, 30);
        _days(300);
        vm.expectPartialRevert(ICreditRegistry.TierExpired.selector);
        _bullet(facilityId, 1, 30);
    }

    function test_an_attestation_counts_by_its_raters_signature_newest_first() public {
        ICreditRegistry.CreditAttestation memory first = _attestation(2, 500_00);
        bytes32 digest = credit.attestationDigest(first);
        bytes memory wrong = _signed(SELLER_KEY, digest);
        vm.expectPartialRevert(ICreditRegistry.AttestationInvalid.selector);
        credit.attest(first, wrong);
        _attest(first);
        bytes memory right = _signed(RATER_KEY, digest);
        vm.expectPartialRevert(ICreditRegistry.AttestationNotNewer.selector);
        credit.attest(first, right);
        ICreditRegistry.CreditAttestation memory bad = _attestation(6, 1);
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.TierOutOfRange.selector, 6));
        credit.attest(bad, right);
        bad = _attestation(1, 1);
        bad.rater = bank;
        vm.expectRevert();
        credit.attest(bad, right);
        bad = _attestation(1, 1);
        bad.partyId = PartyId.unwrap(registry.partyOf(_rater));
        vm.expectPartialRevert(ICreditRegistry.RaterIsRated.selector);
        credit.attest(bad, right);
        bad = _attestation(1, 1);
        bad.issuedAt = uint40(block.timestamp + 1);
        vm.expectPartialRevert(ICreditRegistry.AttestationNotInTime.selector);
        credit.attest(bad, right);
    }

    function test_unregistered_account_has_no_tier() public {
        ICreditRegistry.CreditAttestation memory attestation = _attestation(1, 1_000_00);
        attestation.partyId = 1 << 64;
        bytes memory signature = _signed(RATER_KEY, credit.attestationDigest(attestation));
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyUnknown.selector, attestation.partyId));
        credit.attest(attestation, signature);
    }

    function test_revoked_tier_counts_as_none_and_no_older_one_returns() public {
        PartyId partyId = registry.partyOf(seller);
        ICreditRegistry.CreditAttestation memory spare = _attestation(1, 1);
        _days(1);
        _attest(_attestation(2, 500_00));
        vm.expectPartialRevert(ICreditRegistry.NotRater.selector);
        vm.prank(bank);
        credit.revoke(partyId, "");
        _days(1);
        vm.prank(_rater);
        credit.revoke(partyId, "");
        vm.expectRevert(abi.encodeWithSelector(ICreditRegistry.TierMissing.selector, partyId));
        credit.requireTier(seller, 5, 0, 0, _today());
        bytes memory signature = _signed(RATER_KEY, credit.attestationDigest(spare));
        vm.expectPartialRevert(ICreditRegistry.AttestationNotNewer.selector);
        credit.attest(spare, signature);
    }

    // ------------------------------------------------------------------ helpers

    function _attestation(uint8 tier, uint64 limit) private view returns (ICreditRegistry.CreditAttestation memory) {
        return ICreditRegistry.CreditAttestation({
            partyId: PartyId.unwrap(registry.partyOf(seller)),
            rater: _rater,
            tier: tier,
            currency: "CNY",
            limit: limit,
            tradingSinceDay: _today() - 400,
            modelVersion: keccak256("model 1"),
            evidenceRoot: keccak256("evidence"),
            issuedAt: uint40(block.timestamp),
            expiresAt: uint40(block.timestamp + 365 days)
        });
    }

    function _attest(ICreditRegistry.CreditAttestation memory attestation) private {
        credit.attest(attestation, _signed(RATER_KEY, credit.attestationDigest(attestation)));
    }

    function _orderFacility() private returns (FacilityId) {
        IProducts.ProductTerms memory product = _plainProduct();
        product.collateral = IProducts.CollateralKind.Order;
        product.advanceRate = 700_000;
        return _agreedFacility(_add(product), 72_000, 10_000_00);
    }

    function _orderTerms(uint96 amount) private returns (IPurchaseOrders.OrderTerms memory) {
        return IPurchaseOrders.OrderTerms({
            seller: seller,
            buyer: debtor,
            currency: address(cash),
            amount: amount,
            deliveryDay: _today() + 20,
            expiryDay: _today() + 40,
            fingerprint: keccak256(abi.encode("order", ++_documents)),
            documentRoot: keccak256("documents"),
            legalTextHash: keccak256("text")
        });
    }

    function _requested(uint96 amount) private returns (OrderId orderId) {
        IPurchaseOrders.OrderTerms memory terms = _orderTerms(amount);
        vm.prank(seller);
        orderId = orders.request(terms);
    }

    function _confirmedOrder(uint96 amount) private returns (OrderId orderId) {
        orderId = _requested(amount);
        orders.confirm(orderId, _signed(DEBTOR_KEY, orders.confirmationDigest(orderId)));
    }

    function _refused(IPurchaseOrders.OrderTerms memory terms, bytes memory reason) private {
        vm.prank(terms.seller);
        if (reason.length == 0) vm.expectRevert();
        else vm.expectRevert(reason);
        orders.request(terms);
    }

    function _cancellation(OrderId orderId) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession PurchaseOrders"),
                keccak256("1"),
                block.chainid,
                address(orders)
            )
        );
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("OrderCancellation(uint256 orderId,bytes32 evidenceHash,uint40 deadline)"),
                orderId,
                bytes32("documents"),
                type(uint40).max
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, hash));
    }
}
