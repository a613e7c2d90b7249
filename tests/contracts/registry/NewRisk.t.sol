// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {Roles} from "../../../contracts/access/Roles.sol";
import {IPurchaseOrders} from "../../../contracts/orders/IPurchaseOrders.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILiquidation} from "../../../contracts/lending/liquidation/ILiquidation.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {Campaigns} from "../../../contracts/market/Campaigns.sol";
import {ICampaigns} from "../../../contracts/market/ICampaigns.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ICreditRegistry} from "../../../contracts/registry/ICreditRegistry.sol";
import {ForwardedAccess} from "../../../contracts/access/ForwardedAccess.sol";
import {INewRisk} from "../../../contracts/registry/INewRisk.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {
    CampaignId,
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    PartyId,
    ProductId,
    WarehouseReceiptId,
    ReceivableId
} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../lending/GoodsFixture.sol";

/// What stops during an incident and what goes on: every function for new risk, and every way out.
contract NewRiskTest is GoodsFixture {
    /// A call that is valid except for the stop.
    struct Door {
        string name;
        address sender;
        address target;
        bytes call;
    }

    uint256 private constant RATER_KEY = 130;
    bytes32 private constant REASON = keccak256("a fault in collection");
    address private constant REVIEWER = address(0xC1);

    Campaigns private _campaigns;
    FacilityId private _plainLine;
    FacilityId private _claimFacility;
    ProductId private _reserved;
    Door[] private _doors;

    function setUp() public override {
        super.setUp();
        _campaigns = new Campaigns(address(forwarder), registry, 0);
        _party(REVIEWER, 0);
        _party(vm.addr(RATER_KEY), 32);
        vm.prank(bank);
        cash.approve(address(_campaigns), type(uint256).max);
        _plainLine = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_000_00);
        _claimFacility = _agreedFacility(_add(_claimProduct()), 72_000, 1_000_000_00);
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.reserveShare = 10_000;
        _reserved = _add(terms);
        vm.prank(OPERATOR);
        reserve.setCap(_reserved, address(cash), 1_000_000_00);
    }

    // ------------------------------------------------------------------ who stops, who resumes

    function test_one_operator_or_one_regulator_stops_at_once() public {
        vm.expectEmit(address(registry));
        emit INewRisk.NewRiskStop(REASON, OPERATOR);
        _stop(OPERATOR);
        assertTrue(registry.newRiskStopped(), "by an operator");
        _resume(OPERATOR, SECOND_OPERATOR);
        _stop(FIRST_REGULATOR);
        assertTrue(registry.newRiskStopped(), "by a regulator");
    }

    function test_a_stop_does_not_wait_for_the_delay_of_the_operators_role() public {
        access.grantRole(Roles.OPERATOR, SECOND_OPERATOR, 7 days);
        vm.warp(block.timestamp + 8 days);
        _stop(SECOND_OPERATOR);
        assertTrue(registry.newRiskStopped(), "at once");
    }

    function test_nobody_else_stops_or_resumes() public {
        address[5] memory others = [address(this), REGISTRAR, CASH_ISSUER, seller, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(INewRisk.NotOfficial.selector, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            registry.stopNewRisk(REASON);
            vm.expectRevert(refusal);
            registry.proposeResumption(REASON);
            vm.expectRevert(refusal);
            registry.resumeNewRisk(REASON);
            vm.stopPrank();
        }
    }

    function test_stop_and_resume_revert_for_the_manager_even_with_the_role() public {
        access.grantRole(Roles.OPERATOR, address(access), 0);
        _restrictTo(address(registry), registry.stopNewRisk.selector, Roles.OPERATOR);
        _restrictTo(address(registry), registry.proposeResumption.selector, Roles.OPERATOR);
        _restrictTo(address(registry), registry.resumeNewRisk.selector, Roles.OPERATOR);
        bytes memory refusal = abi.encodeWithSelector(INewRisk.NotOfficial.selector, address(access));
        vm.startPrank(OPERATOR);
        vm.expectRevert(refusal);
        access.execute(address(registry), abi.encodeCall(registry.stopNewRisk, (REASON)));
        registry.stopNewRisk(REASON);
        registry.proposeResumption(REASON);
        vm.expectRevert(refusal);
        access.execute(address(registry), abi.encodeCall(registry.resumeNewRisk, (REASON)));
        vm.stopPrank();
        assertTrue(registry.newRiskStopped(), "one person resumed nothing");
    }

    function test_resume_needs_another_person_who_gives_the_reason() public {
        _stop(OPERATOR);
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ResumptionNotProposed.selector, REASON));
        registry.resumeNewRisk(REASON);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ReasonDiffers.selector, bytes32("other"), REASON));
        registry.proposeResumption("other");
        registry.proposeResumption(REASON);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ResumptionNeedsAnother.selector, OPERATOR, OPERATOR));
        registry.resumeNewRisk(REASON);
        vm.stopPrank();
        vm.startPrank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ReasonDiffers.selector, bytes32("other"), REASON));
        registry.resumeNewRisk("other");
        registry.resumeNewRisk(REASON);
        vm.stopPrank();
        assertTrue(!registry.newRiskStopped(), "two persons");
    }

    function test_two_accounts_of_one_party_are_one_person() public {
        vm.startPrank(REGISTRAR);
        PartyId first = registry.register("operator", 16, type(uint64).max, OPERATOR);
        PartyId second = registry.register("its sister", 16, type(uint64).max, SECOND_OPERATOR);
        registry.setGroup(first, 9);
        registry.setGroup(second, 9);
        vm.stopPrank();
        _stop(OPERATOR);
        vm.prank(OPERATOR);
        registry.proposeResumption(REASON);
        vm.prank(SECOND_OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ResumptionNeedsAnother.selector, OPERATOR, SECOND_OPERATOR));
        registry.resumeNewRisk(REASON);
    }

    function test_resuming_reverts_when_the_proposer_is_no_official_any_more() public {
        _stop(OPERATOR);
        vm.prank(OPERATOR);
        registry.proposeResumption(REASON);
        access.revokeRole(Roles.OPERATOR, OPERATOR);
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ForwardedAccess.ProposerGone.selector, OPERATOR));
        registry.resumeNewRisk(REASON);
    }

    function test_a_second_stop_ends_a_resumption_that_was_proposed() public {
        _stop(OPERATOR);
        vm.prank(OPERATOR);
        registry.proposeResumption(REASON);
        vm.prank(FIRST_REGULATOR);
        registry.stopNewRisk("another fault");
        vm.startPrank(SECOND_OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ReasonDiffers.selector, REASON, bytes32("another fault")));
        registry.resumeNewRisk(REASON);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ResumptionNotProposed.selector, bytes32("another fault")));
        registry.resumeNewRisk("another fault");
        vm.stopPrank();
    }

    function test_stop_needs_a_reason_and_resume_reverts_without_a_stop() public {
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.ReasonMissing.selector));
        registry.stopNewRisk(0);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.NewRiskNotStopped.selector));
        registry.proposeResumption(0);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.NewRiskNotStopped.selector));
        registry.resumeNewRisk(0);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ what stops

    function test_every_function_for_new_risk_reverts_until_two_persons_resume() public {
        _allDoors();
        _stop(OPERATOR);
        for (uint256 i; i < _doors.length; ++i) {
            (bool ok, bytes memory answer) = _go(_doors[i]);
            assertTrue(!ok, string.concat("is open: ", _doors[i].name));
            bytes memory refusal = abi.encodeWithSelector(INewRisk.NewRiskStopped.selector, REASON);
            assertTrue(keccak256(answer) == keccak256(refusal), string.concat("another reason: ", _doors[i].name));
        }
        _resume(FIRST_REGULATOR, SECOND_OPERATOR);
        for (uint256 i; i < _doors.length; ++i) {
            (bool ok,) = _go(_doors[i]);
            assertTrue(ok, string.concat("stays shut: ", _doors[i].name));
        }
    }

    function test_every_function_for_new_risk_reverts_through_the_forwarder() public {
        _allDoors();
        _stop(OPERATOR);
        uint256 tried;
        for (uint256 i; i < _doors.length; ++i) {
            if (_doors[i].sender != seller) continue;
            ++tried;
            IForwarder.SignedIntent memory request = _intent(SELLER_KEY, _doors[i].target, _doors[i].call, i);
            vm.expectRevert();
            forwarder.execute(request);
        }
        assertTrue(tried > 8, "those of the seller");
    }

    function test_every_function_for_new_risk_reverts_through_the_manager() public {
        _allDoors();
        _stop(OPERATOR);
        uint256 tried;
        for (uint256 i; i < _doors.length; ++i) {
            if (_doors[i].sender != OPERATOR) continue;
            ++tried;
            vm.prank(OPERATOR);
            vm.expectRevert(abi.encodeWithSelector(INewRisk.NewRiskStopped.selector, REASON));
            access.execute(_doors[i].target, _doors[i].call);
        }
        assertTrue(tried != 0, "those of the operator");
    }

    // ------------------------------------------------------------------ what goes on

    function test_payment_collection_credit_and_assignment_go_on() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_00);
        (ReceivableId noted, uint256 own) = _confirmed(500_00);
        (ReceivableId encumbered, uint256 encumberedId) = _confirmed(500_00);
        ReceivableId requested = _request(100_00);
        vm.prank(seller);
        receivables.encumber(encumberedId, bank);
        _stop(OPERATOR);

        assertEq(_pay(receivableId, 400_00), 400_00, "pay");
        receivables.collect(ClaimId.wrap(claimId));
        vm.startPrank(seller);
        uint256 part = receivables.assign(claimId, bank, 100_00, DOCUMENTS);
        uint256 other = receivables.transferFrom(claimId, suppliers[0], 50_00);
        uint256 split = receivables.assign(claimId, seller, 10_00, 0);
        receivables.merge(split, claimId);
        receivables.withdraw(requested);
        vm.stopPrank();
        assertEq(receivables.ownerOf(part), bank, "assigned");
        assertEq(receivables.ownerOf(other), suppliers[0], "transferred");
        IReceivables.CreditNote memory note =
            IReceivables.CreditNote(noted, ClaimId.wrap(own), 100_00, "note", DOCUMENTS, type(uint40).max);
        bytes32 digest = _creditNoteDigest(note);
        receivables.applyCreditNote(note, _signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
        vm.prank(bank);
        receivables.release(encumberedId);
        vm.prank(debtor);
        receivables.dispute(encumbered, DOCUMENTS);
        vm.prank(debtor);
        receivables.endDispute(encumbered, DOCUMENTS);
    }

    function test_default_put_back_and_write_off_go_on() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_00);
        IClaimMarket.Quote memory quote = _quote(claimId, seller, 1_000_00, 900_00, true);
        claimId = _accept(quote, BANK_KEY);
        _stop(OPERATOR);
        _late();
        vm.startPrank(bank);
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
        market.putBack(claimId);
        vm.stopPrank();
        vm.warp(block.timestamp + 180 days);
        vm.prank(seller);
        receivables.writeOff(receivableId, ClaimId.wrap(claimId));
        assertTrue(_statusOf(receivableId) == IReceivables.Status.WrittenOff, "written off");
    }

    function test_repayment_release_extension_default_and_loss_go_on() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        LoanId onClaim = _draw(_claimFacility, 500_00, LoanMath.Style.Bullet, 30, claimId);
        LoanId plain = _bullet(_plainLine, 500_00, 30);
        LoanId lost = _bullet(_plainLine, 500_00, 30);
        _stop(OPERATOR);
        _repay(onClaim, type(uint64).max);
        assertEq(receivables.lienholderOf(claimId), address(0), "released");
        LoanId[] memory many = new LoanId[](1);
        many[0] = plain;
        vm.prank(seller);
        facilities.repayMany(many, 100_00);
        _days(34);
        facilities.accrue(plain);
        facilities.markOverdue(plain);
        vm.startPrank(bank);
        facilities.declareDefault(lost);
        facilities.recordLoss(lost);
        vm.stopPrank();
        _repay(lost, type(uint64).max);
        _repay(plain, type(uint64).max);
        vm.prank(bank);
        facilities.close(_plainLine);
    }

    function test_goods_are_substituted_called_sold_and_handed_over() public {
        (LoanId loanId, uint256 first) = _loanOnGoods(6_000_00);
        uint256 second = _warehouseReceipt(1_000_000);
        uint256 free = _warehouseReceipt(1_000_000);
        _stop(FIRST_REGULATOR);
        vm.startPrank(seller);
        // Collateral that a borrower adds to cure a margin call or substitutes is no new risk.
        facilities.substituteCollateral(loanId, _items(second), _items(first));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(first), 1_000_000, DOCUMENTS);
        vm.stopPrank();
        vm.startPrank(WAREHOUSE);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(first), 1_000_000, seller, DOCUMENTS);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(free), 1_000, DOCUMENTS);
        vm.stopPrank();
        _priced(900_000);
        facilities.checkMargin(loanId);
        _days(6);
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.prank(otherBank);
        assertTrue(facilities.bid(loanId, 20_000_00) != 0, "sold");
    }

    function test_collateral_of_a_loan_goes_on_from_order_to_goods() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        vm.prank(OPERATOR);
        FacilityId orderFacility = _agreedFacility(
            products.add(
                "order", terms, _goodsOf(IProducts.CollateralKind.WarehouseReceipt), _fixedRate(), _noEvidence()
            ),
            72_000,
            1_000_000_00
        );
        OrderId orderId = _order(10_000_00);
        LoanId loanId = _draw(orderFacility, 6_000_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(orderId));
        IWarehouseReceipts.LotTerms memory lot = _lotTerms(1_000_000);
        lot.orderId = OrderId.unwrap(orderId);
        (LotId lotId, uint256 id) = _issue(lot);
        _stop(OPERATOR);
        IPurchaseOrders.Delivery memory delivery = IPurchaseOrders.Delivery(
            OrderId.unwrap(orderId), LotId.unwrap(lotId), 10_000_00, DOCUMENTS, type(uint40).max
        );
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.prank(debtor);
        facilities.convertToGoods(loanId, delivery, signature, WarehouseReceiptId.wrap(id));
        assertEq(warehouseReceipts.lienholderOf(id), address(facilities), "the lien moved on");
    }

    function test_campaigns_release_and_refund() public {
        (CampaignId missed, CampaignId met) = (_open(1_000_00), _open(50_00));
        vm.startPrank(bank);
        _campaigns.fund(missed, 0, 1);
        _campaigns.fund(met, 0, 1);
        vm.stopPrank();
        _stop(OPERATOR);
        vm.warp(block.timestamp + 31 days);
        uint256 before = cash.balanceOf(bank);
        _campaigns.refund(missed, bank);
        assertEq(cash.balanceOf(bank), before + 70_00, "refunded");
        before = cash.balanceOf(seller);
        vm.prank(REVIEWER);
        _campaigns.release(met, DOCUMENTS);
        assertEq(cash.balanceOf(seller), before + 70_00, "released");
    }

    function test_court_and_registrar_act_during_a_stop() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        _stop(OPERATOR);
        _order(
            address(receivables),
            abi.encodeCall(receivables.forcedTransfer, (claimId, bank, 1_000_00, keccak256("order")))
        );
        assertEq(receivables.ownerOf(claimId), bank, "by order");
        vm.prank(REGISTRAR);
        registry.register("new", 1, type(uint64).max, address(0xD1));
    }

    // ------------------------------------------------------------------ the doors

    /// Every function for new risk, each with a call that is valid except for the stop.
    function _allDoors() private {
        IReceivables.ReceivableTerms memory debt = _terms(1_000_00);
        _door("Receivables.request", seller, address(receivables), abi.encodeCall(receivables.request, (debt)));
        ReceivableId requested = _request(1_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(requested));
        _door(
            "Receivables.confirm",
            debtor,
            address(receivables),
            abi.encodeCall(receivables.confirm, (requested, signature))
        );
        (, uint256 claimId) = _confirmed(1_000_00);
        _door(
            "Receivables.encumber", seller, address(receivables), abi.encodeCall(receivables.encumber, (claimId, bank))
        );
        _orderDoors();
        _goodsDoors();
        _marketDoors();
        _lendingDoors();
        _riskDoors();
        assertEq(_doors.length, 20, "doors");
    }

    function _orderDoors() private {
        IPurchaseOrders.OrderTerms memory terms = IPurchaseOrders.OrderTerms({
            seller: seller,
            buyer: debtor,
            currency: address(cash),
            amount: 100_00,
            deliveryDay: _today() + 30,
            expiryDay: _today() + 120,
            fingerprint: "first",
            documentRoot: DOCUMENTS,
            legalTextHash: keccak256("text")
        });
        _door("PurchaseOrders.request", seller, address(orders), abi.encodeCall(orders.request, (terms)));
        terms.fingerprint = "second";
        vm.prank(seller);
        OrderId requested = orders.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, orders.confirmationDigest(requested));
        _door("PurchaseOrders.confirm", debtor, address(orders), abi.encodeCall(orders.confirm, (requested, signature)));
        OrderId held = _order(100_00);
        _door("PurchaseOrders.encumber", seller, address(orders), abi.encodeCall(orders.encumber, (held, bank)));
    }

    function _goodsDoors() private {
        IWarehouseReceipts.LotTerms memory lot = _lotTerms(1_000);
        _door(
            "WarehouseReceipts.issue",
            WAREHOUSE,
            address(warehouseReceipts),
            abi.encodeCall(warehouseReceipts.issue, (lot))
        );
        uint256 id = _warehouseReceipt(1_000);
        _door(
            "WarehouseReceipts.encumber",
            seller,
            address(warehouseReceipts),
            abi.encodeCall(warehouseReceipts.encumber, (id, bank))
        );
    }

    function _marketDoors() private {
        (, uint256 claimId) = _confirmed(1_000_00);
        IClaimMarket.Quote memory quote = _quote(claimId, seller, 1_000_00, 900_00, false);
        bytes memory signature = _signed(BANK_KEY, market.quoteDigest(quote));
        _door(
            "ClaimMarket.accept", seller, address(market), abi.encodeCall(market.accept, (quote, signature, DOCUMENTS))
        );
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _campaign(1_000_00);
        _door("Campaigns.open", seller, address(_campaigns), abi.encodeCall(_campaigns.open, (terms, tiers, steps)));
        CampaignId id = _open(1_000_00);
        _door("Campaigns.fund", bank, address(_campaigns), abi.encodeCall(_campaigns.fund, (id, 0, 1)));
    }

    function _lendingDoors() private {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_reserved, 72_000, 1_000_000_00);
        bytes32 digest = facilities.facilityDigest(terms);
        _door(
            "Facilities.agree",
            seller,
            address(facilities),
            abi.encodeCall(facilities.agree, (terms, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest), ""))
        );
        _door(
            "Facilities.draw",
            seller,
            address(facilities),
            abi.encodeCall(facilities.draw, (_request(_plainLine, 100_00, LoanMath.Style.Bullet, 30, 0)))
        );
        (, uint256 claimId) = _confirmed(1_000_00);
        _door(
            "Facilities.draw on a claim",
            seller,
            address(facilities),
            abi.encodeCall(facilities.draw, (_request(_claimFacility, 100_00, LoanMath.Style.Bullet, 30, claimId)))
        );
        _door(
            "Facilities.drawOnGoods",
            seller,
            address(facilities),
            abi.encodeCall(
                facilities.drawOnGoods,
                (_request(facilityId, 100_00, LoanMath.Style.Bullet, 30, 0), _items(_warehouseReceipt(1_000_000)))
            )
        );
        ILiquidation.BuyBack memory promise_;
        promise_.facilityId = FacilityId.unwrap(facilityId);
        promise_.undertaker = undertaker;
        promise_.share = 800_000;
        promise_.maxTotal = 1_000_00;
        promise_.lastDay = _today() + 30;
        promise_.legalTextHash = keccak256("text");
        promise_.deadline = uint40(block.timestamp + 1 days);
        bytes memory signature = _signed(UNDERTAKER_KEY, facilities.buyBackDigest(promise_));
        _door(
            "Facilities.agreeBuyBack",
            bank,
            address(facilities),
            abi.encodeCall(facilities.agreeBuyBack, (promise_, signature))
        );
    }

    function _riskDoors() private {
        ICreditRegistry.CreditAttestation memory tier = ICreditRegistry.CreditAttestation({
            partyId: PartyId.unwrap(registry.partyOf(seller)),
            rater: vm.addr(RATER_KEY),
            tier: 2,
            currency: "CNY",
            limit: 500_00,
            tradingSinceDay: _today() - 400,
            modelVersion: "model",
            evidenceRoot: DOCUMENTS,
            issuedAt: uint40(block.timestamp),
            expiresAt: uint40(block.timestamp + 365 days)
        });
        bytes memory signature = _signed(RATER_KEY, credit.attestationDigest(tier));
        _door("CreditRegistry.attest", STRANGER, address(credit), abi.encodeCall(credit.attest, (tier, signature)));
        _door(
            "RiskReserve.topUp",
            bank,
            address(reserve),
            abi.encodeCall(reserve.topUp, (_reserved, address(cash), bank, 100))
        );
        IRiskReserve.SharingTerms memory sharing;
        sharing.productId = ProductId.unwrap(_reserved);
        sharing.sharer = undertaker;
        sharing.currency = address(cash);
        sharing.part = 100_000;
        sharing.cap = 1_000_00;
        sharing.validFrom = uint40(block.timestamp);
        sharing.validUntil = uint40(block.timestamp + 365 days);
        sharing.deadline = uint40(block.timestamp + 1 days);
        sharing.legalTextHash = keccak256("text");
        signature = _signed(UNDERTAKER_KEY, reserve.sharingDigest(sharing));
        _door(
            "RiskReserve.agreeSharing",
            OPERATOR,
            address(reserve),
            abi.encodeCall(reserve.agreeSharing, (sharing, signature))
        );
        IRiskReserve.InsuranceTerms memory insurance;
        insurance.facilityId = FacilityId.unwrap(facilityId);
        insurance.insurer = undertaker;
        insurance.insured = bank;
        insurance.currency = address(cash);
        insurance.insuredAmount = 1_000_00;
        insurance.validFrom = uint40(block.timestamp);
        insurance.validUntil = uint40(block.timestamp + 365 days);
        insurance.deadline = uint40(block.timestamp + 1 days);
        insurance.legalTextHash = keccak256("text");
        bytes32 digest = reserve.insuranceDigest(insurance);
        _door(
            "RiskReserve.agreeInsurance",
            bank,
            address(reserve),
            abi.encodeCall(
                reserve.agreeInsurance, (insurance, _signed(UNDERTAKER_KEY, digest), _signed(BANK_KEY, digest))
            )
        );
    }

    // ------------------------------------------------------------------ parts of the above

    function _door(string memory name, address sender, address target, bytes memory call) private {
        _doors.push(Door(name, sender, target, call));
    }

    function _go(Door storage door) private returns (bool ok, bytes memory answer) {
        vm.prank(door.sender);
        return door.target.call(door.call);
    }

    function _stop(address official) private {
        vm.prank(official);
        registry.stopNewRisk(REASON);
    }

    function _resume(address first, address second) private {
        vm.prank(first);
        registry.proposeResumption(REASON);
        vm.prank(second);
        registry.resumeNewRisk(REASON);
    }

    function _campaign(uint64 goal)
        private
        view
        returns (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps)
    {
        terms = ICampaigns.Terms(
            address(cash),
            goal,
            uint40(block.timestamp + 30 days),
            REVIEWER,
            ICampaigns.Category.Technology,
            DOCUMENTS,
            keccak256("text")
        );
        tiers = new ICampaigns.Tier[](1);
        tiers[0] = ICampaigns.Tier(70_00, 10, ICampaigns.Kind.Reward, DOCUMENTS);
        steps = new ICampaigns.Milestone[](1);
        steps[0] = ICampaigns.Milestone(1_000_000, _today() + 60, DOCUMENTS);
    }

    function _open(uint64 goal) private returns (CampaignId) {
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _campaign(goal);
        vm.prank(seller);
        return _campaigns.open(terms, tiers, steps);
    }
}
