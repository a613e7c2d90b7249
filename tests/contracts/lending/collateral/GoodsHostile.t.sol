// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../../contracts/orders/IPurchaseOrders.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../../contracts/risk/IPriceFeed.sol";
import {IERC3525Receiver} from "../../../../contracts/tokens/IERC3525.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    WarehouseReceiptId,
    ReceivableId
} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// A party that is a contract: it signs everything, and makes the call that the test set when it receives goods or
/// claims.
contract HostileParty {
    address private _target;
    bytes private _call;

    function callBack(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 || interfaceId == type(IERC3525Receiver).interfaceId;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        (address target, bytes memory call) = (_target, _call);
        _target = address(0);
        if (target != address(0)) {
            (bool done,) = target.call(call);
            require(done, "refused from within");
        }
        return IERC3525Receiver.onERC3525Received.selector;
    }
}

/// Loans on goods with hostile parties, lost goods or wrong prices.
contract GoodsHostileTest is GoodsFixture {
    uint256 private _nonces;

    // ------------------------------------------------------------------ receivers that call back

    function test_money_that_the_lender_collects_within_a_set_off_counts() public {
        HostileParty lender = new HostileParty();
        _party(address(lender), 4);
        vm.startPrank(address(lender));
        cash.approve(address(facilities), type(uint256).max);
        vm.stopPrank();
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_goodsProduct()), 72_000, 1_000_000_00);
        terms.lender = address(lender);
        facilityId = _agree(terms);
        (ReceivableId paid, uint256 paidClaim) = _confirmed(1_000_00);
        (, uint256 claimId) = _confirmed(2_000_00);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](3);
        items[0] = _items(_warehouseReceipt(1_000_000))[0];
        items[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, paidClaim, 0);
        items[2] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        LoanId loanId = _drawOn(6_000_00, items);
        _pay(paid, 1_000_00);

        lender.callBack(address(receivables), abi.encodeCall(receivables.collect, (ClaimId.wrap(paidClaim))));
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 2_000_00, 2_000_00, DOCUMENTS, _deadline(), 1);
        bytes memory signature = _signed(SELLER_KEY, facilities.setOffDigest(setOff_));
        facilities.setOff(setOff_, "", signature);
        assertEq(_payoff(loanId), 3_000_00, "the claim and the money");
        assertEq(facilities.facility(facilityId).outstanding, 3_000_00, "the facility");
    }

    function test_set_off_reverts_when_a_callback_lowered_the_debt_below_its_value() public {
        HostileParty lender = new HostileParty();
        _party(address(lender), 4);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_goodsProduct()), 72_000, 1_000_000_00);
        terms.lender = address(lender);
        vm.startPrank(address(lender));
        cash.approve(address(facilities), type(uint256).max);
        vm.stopPrank();
        facilityId = _agree(terms);
        uint256 id = _warehouseReceipt(1_000_000);
        (LoanId loanId) = _drawOn(6_000_00, _items(id));
        lender.callBack(address(facilities), abi.encodeCall(facilities.repay, (loanId, 3_000_00)));
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), id, 500_000, 4_000_00, DOCUMENTS, _deadline(), 1);
        bytes memory signature = _signed(SELLER_KEY, facilities.inKindDigest(inKind));
        vm.expectRevert(abi.encodeWithSelector(ILoans.SetOffExceedsDebt.selector, loanId, 4_000_00, 3_000_00));
        facilities.settleInKind(inKind, "", signature);
    }

    // ------------------------------------------------------------------ goods that are gone, or another's

    function test_settle_in_kind_reverts_when_the_goods_are_lost() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), id, 1_000_000, 5_000_00, DOCUMENTS, _deadline(), 1);
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), 1_000_000, DOCUMENTS);
        bytes32 digest = facilities.inKindDigest(inKind);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectPartialRevert(ICollateral.CollateralNotOfBorrower.selector);
        facilities.settleInKind(inKind, lender, borrower);
        assertEq(_payoff(loanId), 5_000_00, "still owed");
    }

    function test_settle_in_kind_reverts_after_a_recorded_loss() public {
        (LoanId loanId, uint256 id) = _inAuction();
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), 1_000_000, DOCUMENTS);
        _days(30);
        vm.prank(bank);
        facilities.recordLoss(loanId);
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), _warehouseReceipt(1_000), 1_000, 1_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(inKind);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectPartialRevert(ILoans.StateForbids.selector);
        facilities.settleInKind(inKind, lender, borrower);
    }

    function test_borrower_cannot_move_collateral_that_a_court_gave_to_another_party() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        vm.prank(address(court));
        warehouseReceipts.forcedTransfer(id, suppliers[0], 1_000_000, keccak256("order"));
        assertEq(warehouseReceipts.lienholderOf(id), address(facilities), "the lien stays");
        ReceivableId receivableId = _request(20_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralNotOfBorrower.selector, id, suppliers[0], seller));
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);

        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), id, 1_000, 1_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(inKind);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralNotOfBorrower.selector, id, suppliers[0], seller));
        facilities.settleInKind(inKind, lender, borrower);
        _repay(loanId, 5_000_00);
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free once the debt is paid");
        assertEq(warehouseReceipts.ownerOf(id), suppliers[0], "for the one the court gave them to");
    }

    function test_surplus_goes_to_the_party_that_a_court_gave_the_goods() public {
        (LoanId loanId, uint256 id) = _inAuction();
        vm.prank(address(court));
        warehouseReceipts.forcedTransfer(id, suppliers[0], 1_000_000, keccak256("order"));
        uint64 owed = _payoff(loanId);
        uint256 owner = cash.balanceOf(suppliers[0]);
        uint256 borrower = cash.balanceOf(seller);
        vm.prank(otherBank);
        uint64 price = facilities.bid(loanId, type(uint64).max);
        assertEq(cash.balanceOf(suppliers[0]) - owner, price - owed, "surplus");
        assertEq(cash.balanceOf(seller), borrower, "not the borrower's");
    }

    function test_draw_reverts_on_a_warehouse_receipt_of_zero() public {
        uint256 id = _warehouseReceipt(1_000);
        vm.startPrank(seller);
        uint256 part = warehouseReceipts.assign(id, seller, 500, 0);
        warehouseReceipts.transferFrom(id, part, 500);
        vm.stopPrank();
        assertEq(warehouseReceipts.balanceOf(id), 0, "nothing in it");
        (, uint256 claimId) = _confirmed(1_000_00);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        items[0] = _items(id)[0];
        items[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.ItemRefused.selector, IProducts.CollateralKind.WarehouseReceipt, id)
        );
        this.drawOn(1_00, items);
    }

    // ------------------------------------------------------------------ what is sold

    function test_settle_in_kind_reduces_the_goods_for_sale() public {
        (LoanId loanId, uint256 id) = _inAuction();
        (ICollateral.InKind memory inKind, bytes memory lender, bytes memory borrower) =
            _inKind(loanId, id, 900_000, 3_000_00);
        facilities.settleInKind(inKind, lender, borrower);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        assertEq(facilities.collateralOf(loanId).price, 320_00, "of what is left, at the floor of 8.00");
        (inKind, lender, borrower) = _inKind(loanId, id, 100_000, 320_00);
        vm.expectEmit(address(facilities));
        emit ILiquidation.AuctionEnded(loanId);
        facilities.settleInKind(inKind, lender, borrower);
        vm.prank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, loanId));
        facilities.bid(loanId, 20_000_00);
    }

    function test_goods_in_kind_count_at_least_the_floor_or_all_that_is_owed() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        // 40 % of 10.00 a kilogram.
        (ICollateral.InKind memory inKind, bytes memory lender, bytes memory borrower) =
            _inKind(loanId, id, 1_000_000, 3_999_99);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CreditBelowFloor.selector, loanId, 3_999_99, 4_000_00));
        facilities.settleInKind(inKind, lender, borrower);
        (inKind, lender, borrower) = _inKind(loanId, id, 500_000, 2_000_00);
        facilities.settleInKind(inKind, lender, borrower);
        assertEq(_payoff(loanId), 3_000_00, "half of the goods");
        _repay(loanId, 2_000_00);
        (inKind, lender, borrower) = _inKind(loanId, id, 500_000, 1_000_00);
        facilities.settleInKind(inKind, lender, borrower);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "all that is owed");
    }

    function test_goods_delivered_later_are_sold_at_their_own_appraisal() public {
        (LoanId loanId, OrderId orderId) = _loanOnOrder();
        _converted(loanId, orderId, 1_000_000, 10_000_00);
        _days(200);
        _priced(TEN);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.liquidate(loanId);
        vm.stopPrank();
        assertEq(facilities.collateralOf(loanId).floorPrice, 4_000_00, "of the first");
        _converted(loanId, orderId, 1_000_000, 10_000_00);
        assertEq(facilities.collateralOf(loanId).floorPrice, 8_000_00, "of both: they are the same goods");
    }

    function test_goods_that_never_had_a_price_are_not_sold_until_they_have_one() public {
        (LoanId loanId, OrderId orderId) = _loanOnOrder();
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        terms.grade = "Z";
        _convertedLot(loanId, orderId, terms, 10_000_00);
        _days(200);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.GoodsNotAppraised.selector, loanId));
        facilities.liquidate(loanId);
        vm.expectPartialRevert(ILoans.CollateralNotExhausted.selector);
        facilities.recordLoss(loanId);
        vm.stopPrank();
        _converted(loanId, orderId, 100_000, 1_000_00);
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        assertEq(facilities.collateralOf(loanId).price, 400_00, "of those with a price alone");
        vm.prank(otherBank);
        facilities.bid(loanId, 400_00);
        vm.prank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, loanId));
        facilities.bid(loanId, type(uint64).max);
    }

    function test_liquidation_makes_an_instalment_in_grace_due() public {
        uint256 id = _warehouseReceipt(1_000_000);
        vm.prank(seller);
        LoanId loanId =
            facilities.drawOnGoods(_request(facilityId, 6_000_00, LoanMath.Style.EqualPrincipal, 6, 0), _items(id));
        uint256 due = LoanMath.dueDayOf(facilities.loan(loanId).terms, 1);
        // Two days in grace: acceleration ends it, and penalty counts from the due day.
        _toDay(due + 2);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.prank(otherBank);
        facilities.bid(loanId, type(uint64).max);
        assertEq(_payoff(loanId), 0, "nothing is left");
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
    }

    function test_a_call_on_goods_that_became_claims_can_be_enforced() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        ReceivableId receivableId = _request(20_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
        vm.prank(debtor);
        receivables.dispute(receivableId, DOCUMENTS);
        facilities.checkMargin(loanId);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(loanId);
        _days(6);
        vm.prank(bank);
        facilities.liquidate(loanId);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Defaulted, "all falls due");
        assertEq(facilities.collateralOf(loanId).auctionStart, 0, "nothing to sell");
    }

    // ------------------------------------------------------------------ undertakers

    function test_buy_back_undertaking_reverts_for_either_side_of_the_facility() public {
        // Another account of the borrower's party, and the lender itself.
        uint256 key = 121;
        address other = vm.addr(key);
        _join(seller, key);
        (address[2] memory parties, uint256[2] memory keys) = ([other, bank], [key, BANK_KEY]);
        for (uint256 i; i < 2; ++i) {
            ILiquidation.BuyBack memory provided = _buyBack(parties[i], 0, 20_000_00, i);
            bytes memory signature = _signed(keys[i], facilities.buyBackDigest(provided));
            vm.prank(bank);
            vm.expectPartialRevert(IFacilities.SamePartyBothSides.selector);
            facilities.agreeBuyBack(provided, signature);
        }
    }

    function test_one_appraiser_cannot_cause_a_margin_call_by_a_haircut() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(3_000_00);
        id;
        vm.warp(block.timestamp + 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(TEN, 1_000_000));
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(loanId);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(loanId);
    }

    function test_a_delivery_that_cures_ends_the_call() public {
        (LoanId loanId, OrderId orderId) = _loanOnOrder();
        _converted(loanId, orderId, 200_000, 10_000_00);
        facilities.checkMargin(loanId);
        assertTrue(facilities.collateralOf(loanId).calledDay != 0, "called");
        _converted(loanId, orderId, 3_000_000, 1_000_00);
        assertEq(facilities.collateralOf(loanId).calledDay, 0, "ended");
    }

    function test_impair_calls_the_lienholder_when_the_collateral_has_sixteen_lots() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](16);
        for (uint256 i; i < 16; ++i) {
            items[i] = _items(_warehouseReceiptOfOwnGrade(i))[0];
        }
        LoanId loanId = _drawOn(96_000_00, items);
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(items[0].id), 900_000, DOCUMENTS);
        assertEq(facilities.collateralOf(loanId).calledDay, _today(), "called");
    }

    function test_damage_is_reported_to_a_loan_that_nobody_touched_for_a_year() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](16);
        for (uint256 i; i < 16; ++i) {
            items[i] = _items(_warehouseReceiptOfOwnGrade(i))[0];
        }
        vm.prank(seller);
        LoanId loanId =
            facilities.drawOnGoods(_request(facilityId, 90_000_00, LoanMath.Style.EqualInstalment, 12, 0), items);
        _days(364);
        for (uint256 i; i < 16; ++i) {
            _pricedByItsOwn(i);
        }
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(items[0].id), 900_000, DOCUMENTS);
        assertEq(facilities.collateralOf(loanId).calledDay, _today(), "called");
    }

    // ------------------------------------------------------------------ loss

    function test_declare_debt_default_works_beside_a_debt_that_is_not_due() public {
        (, uint256 early) = _confirmed(1_000_00);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](3);
        items[0] = _items(_warehouseReceipt(1_000_000))[0];
        items[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, _claimDue(DUE_DAY + 100), 0);
        items[2] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, early, 0);
        LoanId loanId = _drawOn(1_000_00, items);
        // Before any debt is late there is nothing to declare.
        vm.expectRevert(abi.encodeWithSelector(ILoans.CollateralMissing.selector, loanId));
        vm.prank(bank);
        facilities.declareDebtDefault(loanId);
        _late();
        vm.prank(bank);
        facilities.declareDebtDefault(loanId);
    }

    // ------------------------------------------------------------------ parts of the above

    function drawOn(uint64 amount, ICollateral.CollateralItem[] memory items) external {
        _drawOn(amount, items);
    }

    function _claimDue(uint32 dueDay) private returns (uint256) {
        IReceivables.ReceivableTerms memory terms = _terms(1_000_00);
        terms.dueDay = dueDay;
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        return ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }

    function _inAuction() private returns (LoanId loanId, uint256 id) {
        (loanId, id) = _loanOnGoods(6_000_00);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
    }

    function _buyBack(address by, uint24 share, uint64 max, uint256 nonce)
        private
        view
        returns (ILiquidation.BuyBack memory)
    {
        return ILiquidation.BuyBack(
            FacilityId.unwrap(facilityId), by, share, max, _today() + 300, keccak256("text"), _deadline(), nonce
        );
    }

    function _inKind(LoanId loanId, uint256 id, uint96 quantity, uint64 credit)
        private
        returns (ICollateral.InKind memory inKind, bytes memory lender, bytes memory borrower)
    {
        inKind = ICollateral.InKind(LoanId.unwrap(loanId), id, quantity, credit, DOCUMENTS, _deadline(), ++_nonces);
        bytes32 digest = facilities.inKindDigest(inKind);
        (lender, borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }

    function _loanOnOrder() private returns (LoanId loanId, OrderId orderId) {
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
        orderId = _order(20_000_00);
        loanId = _draw(orderFacility, 10_000_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(orderId));
    }

    function _converted(LoanId loanId, OrderId orderId, uint96 quantity, uint96 amount) private {
        _convertedLot(loanId, orderId, _lotTerms(quantity), amount);
    }

    /// The lender takes what counts for less than the order, or has no price.
    function _convertedLot(LoanId loanId, OrderId orderId, IWarehouseReceipts.LotTerms memory terms, uint96 amount)
        private
    {
        terms.orderId = OrderId.unwrap(orderId);
        (LotId lotId, uint256 id) = _issue(terms);
        IPurchaseOrders.Delivery memory delivery =
            IPurchaseOrders.Delivery(OrderId.unwrap(orderId), LotId.unwrap(lotId), amount, DOCUMENTS, type(uint40).max);
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.prank(bank);
        facilities.convertToGoods(loanId, delivery, signature, WarehouseReceiptId.wrap(id));
    }

    /// A lot of its own item, with a price of its own: nothing is read twice.
    function _warehouseReceiptOfOwnGrade(uint256 number) private returns (uint256 id) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        terms.grade = bytes16(uint128(number + 1));
        terms.expiryDay = _today() + 3_000;
        (, id) = _issue(terms);
        bytes32[] memory items = new bytes32[](1);
        items[0] = warehouseReceipts.itemOf(SKU, terms.grade, "KGM");
        vm.prank(OPERATOR);
        prices.list(items, CNY, 100_000, PRICE_AGE);
        _party(address(uint160(0xE100 + number)), 64);
        _pricedByItsOwn(number);
        IPriceFeed.Price[] memory newPrice = _price(TEN, HAIRCUT);
        newPrice[0].item = items[0];
        vm.prank(SECOND_APPRAISER);
        prices.confirm(newPrice);
    }

    function _pricedByItsOwn(uint256 number) private {
        IPriceFeed.Price[] memory newPrice = _price(TEN, HAIRCUT);
        newPrice[0].item = warehouseReceipts.itemOf(SKU, bytes16(uint128(number + 1)), "KGM");
        vm.prank(address(uint160(0xE100 + number)));
        prices.post(newPrice);
    }
}
