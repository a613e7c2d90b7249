// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../../contracts/orders/IPurchaseOrders.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {IPartyRegistry} from "../../../../contracts/registry/IPartyRegistry.sol";
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

/// A party that is a contract: it signs everything, and makes the calls that the test set, in order, when it next
/// receives something.
contract Scheming {
    address[] private _targets;
    bytes[] private _calls;

    function plan(address target, bytes calldata call) external {
        _targets.push(target);
        _calls.push(call);
    }

    function act(address target, bytes calldata call) external {
        (bool done, bytes memory answer) = target.call(call);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 || interfaceId == type(IERC3525Receiver).interfaceId;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        (address[] memory targets, bytes[] memory calls) = (_targets, _calls);
        delete _targets;
        delete _calls;
        for (uint256 i; i < targets.length; ++i) {
            // What is refused within the call changes nothing, and is no reason to refuse the goods.
            (bool done,) = targets[i].call(calls[i]);
            done;
        }
        return IERC3525Receiver.onERC3525Received.selector;
    }
}

/// Parties that try to lend on what another loan's settlement is just handing over, on what a court split off, or for
/// an account that its party removed; and claims that are handed over for less than was lent on them.
contract HandOversTest is GoodsFixture {
    uint256 private constant OTHER_KEY = 777;
    Scheming private _scheming;
    FacilityId private _ofScheming;
    uint256 private _nonces;

    function setUp() public override {
        super.setUp();
        _scheming = new Scheming();
        _party(address(_scheming), 1 | 2 | 4);
        vm.startPrank(address(_scheming));
        cash.approve(address(facilities), type(uint256).max);
        warehouseReceipts.setApprovalForAll(address(facilities), true);
        receivables.setApprovalForAll(address(facilities), true);
        vm.stopPrank();
        IFacilities.FacilityTerms memory terms = _facilityTerms(product, 72_000, 1_000_000_00);
        (terms.lender, terms.borrower) = (otherBank, address(_scheming));
        bytes memory signature = _signed(OTHER_BANK_KEY, facilities.facilityDigest(terms));
        _ofScheming = facilities.agree(terms, signature, "", "");
    }

    // ------------------------------------------------------------------ a lien put on from within

    function test_bid_keeps_a_lien_that_the_buyer_sets_within_the_call() public {
        (LoanId loanId, uint256 id) = _inAuction();
        _planLien(id);
        _scheming.act(address(facilities), abi.encodeCall(facilities.bid, (loanId, type(uint64).max)));
        _assertBacked(IProducts.CollateralKind.WarehouseReceipt, id);
    }

    function test_goods_stay_when_the_borrower_encumbers_them_within_a_sale() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        items[0] = _items(_warehouseReceipt(500_000))[0];
        items[1] = _items(_warehouseReceipt(500_000))[0];
        LoanId loanId = _drawOn(6_000_00, items);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        (ICollateral.CollateralItem[] memory sold,,) = facilities.saleOf(loanId);
        assertEq(sold.length, 2, "both are sold");
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_goodsProduct()), 72_000, 1_000_000_00);
        terms.lender = otherBank;
        FacilityId another = _agree(terms);
        _scheming.plan(address(this), abi.encodeCall(this.encumberElsewhere, (another, sold[1].id)));
        try _scheming.act(address(facilities), abi.encodeCall(facilities.bid, (loanId, type(uint64).max))) {} catch {}
        _assertBacked(IProducts.CollateralKind.WarehouseReceipt, sold[1].id);
    }

    function test_settle_in_kind_keeps_a_lien_that_the_lender_sets_on_collateral_within_the_call() public {
        (LoanId loanId, uint256 id) = _loanByScheming();
        _planLien(id);
        _inKind(loanId, id, 1_000_000, 5_000_00);
        _assertBacked(IProducts.CollateralKind.WarehouseReceipt, id);
    }

    function test_settle_in_kind_keeps_a_lien_that_the_lender_sets_on_free_goods_within_the_call() public {
        (LoanId loanId,) = _loanByScheming();
        uint256 id = _warehouseReceipt(1_000_000);
        _planLien(id);
        _inKind(loanId, id, 1_000_000, 1_000_00);
        _assertBacked(IProducts.CollateralKind.WarehouseReceipt, id);
    }

    function test_set_off_keeps_a_lien_that_the_lender_sets_within_the_call() public {
        (LoanId loanId,) = _loanByScheming();
        (, uint256 claimId) = _confirmed(1_000_00);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_claimProduct()), 72_000, 1_000_000_00);
        (terms.lender, terms.borrower) = (otherBank, address(_scheming));
        bytes memory signature = _signed(OTHER_BANK_KEY, facilities.facilityDigest(terms));
        FacilityId onClaims = facilities.agree(terms, signature, "", "");
        ILoans.DrawRequest memory request = _request(onClaims, 500_00, LoanMath.Style.Bullet, 30, claimId);
        _scheming.plan(address(facilities), abi.encodeCall(facilities.draw, (request)));
        _setOff(loanId, claimId, 1_000_00, 1_000_00, 0);
        _assertBacked(IProducts.CollateralKind.Claim, claimId);
    }

    function test_convert_goods_to_claim_keeps_a_lien_that_the_buyer_sets_within_the_call() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, address(_scheming), true);
        (ReceivableId receivableId) = _requestOf(address(_scheming), 20_000_00);
        _planLien(id);
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), "", WarehouseReceiptId.wrap(id), 0);
        _assertBacked(IProducts.CollateralKind.WarehouseReceipt, id);
    }

    // ------------------------------------------------------------------ what a court split off

    function test_settle_in_kind_of_another_loan_reverts_for_goods_that_a_court_split_off() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        vm.prank(address(court));
        warehouseReceipts.forcedTransfer(id, suppliers[0], 400_000, keccak256("order"));
        LoanId other = _plainLoanOfSupplier();
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(other), id + 1, 400_000, 100_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(inKind);
        (bytes memory lender, bytes memory borrower) = (_signed(OTHER_BANK_KEY, digest), _supplierSigned(digest));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateral.LienServesLoan.selector, IProducts.CollateralKind.WarehouseReceipt, id + 1, loanId
            )
        );
        facilities.settleInKind(inKind, lender, borrower);
    }

    function test_set_off_of_another_loan_reverts_for_a_claim_that_a_court_split_off() public {
        (LoanId loanId, uint256 claimId) = _loanOnClaim(8_000_00);
        vm.prank(address(court));
        uint256 part = receivables.forcedTransfer(claimId, suppliers[0], 4_000_00, keccak256("order"));
        LoanId other = _plainLoanOfSupplier();
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(other), part, 4_000_00, 100_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        (bytes memory lender, bytes memory borrower) = (_signed(OTHER_BANK_KEY, digest), _supplierSigned(digest));
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.LienServesLoan.selector, IProducts.CollateralKind.Claim, part, loanId)
        );
        facilities.setOff(setOff_, lender, borrower);
    }

    function test_money_on_a_claim_that_a_court_split_off_repays_the_loan() public {
        (LoanId loanId, uint256 claimId) = _loanOnClaim(8_000_00);
        ReceivableId receivableId = receivables.claim(ClaimId.wrap(claimId)).receivableId;
        vm.prank(address(court));
        uint256 part = receivables.forcedTransfer(claimId, suppliers[0], 4_000_00, keccak256("order"));
        _pay(receivableId, 10_000_00);
        uint64 owed = _payoff(loanId);
        vm.prank(suppliers[0]);
        receivables.collect(ClaimId.wrap(part));
        assertEq(_payoff(loanId), owed - 4_000_00, "it is collateral still");
    }

    // ------------------------------------------------------------------ an account that was removed

    function test_draw_on_an_order_reverts_for_a_removed_account() public {
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        FacilityId onOrders = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
        uint256 orderId = OrderId.unwrap(_order(20_000_00));
        _join(seller, OTHER_KEY);
        vm.prank(vm.addr(OTHER_KEY));
        registry.removeAccount(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        this.drawAs(seller, _request(onOrders, 1_000_00, LoanMath.Style.Bullet, 60, orderId));
    }

    // ------------------------------------------------------------------ claims for less than was lent on them

    function test_set_off_reverts_when_a_collateral_claim_counts_for_less_than_was_lent_on_it() public {
        (LoanId loanId, uint256 claimId) = _loanOnClaim(8_000_00);
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 10_000_00, 1, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CreditBelowFloor.selector, loanId, 1, 8_000_00));
        facilities.setOff(setOff_, lender, borrower);
    }

    function test_a_claim_on_a_debtor_in_default_is_set_off_at_any_value() public {
        (LoanId loanId, uint256 claimId) = _loanOnClaim(8_000_00);
        _late();
        vm.prank(bank);
        facilities.declareDebtDefault(loanId);
        _setOff(loanId, claimId, 10_000_00, 1, BANK_KEY);
        assertEq(receivables.ownerOf(claimId), bank, "the lender's");
    }

    function test_part_of_a_collateral_claim_counts_by_its_value() public {
        (LoanId loanId, uint256 claimId) = _loanOnClaim(8_000_00);
        _setOff(loanId, claimId, 5_000_00, 4_000_00, BANK_KEY);
        assertEq(_payoff(loanId), 4_000_00, "half of it");
        _setOff(loanId, claimId, 5_000_00, 4_000_00, BANK_KEY);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "all of it");
    }

    // ------------------------------------------------------------------ the buyer of an order

    function test_orders_buyer_stays_an_accepted_debtor_when_the_lender_later_names_others() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        vm.prank(OPERATOR);
        FacilityId onOrders = _agreedFacility(
            products.add(
                "order", terms, _goodsOf(IProducts.CollateralKind.WarehouseReceipt), _fixedRate(), _noEvidence()
            ),
            72_000,
            1_000_000_00
        );
        OrderId orderId = _order(20_000_00);
        LoanId loanId = _draw(onOrders, 10_000_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(orderId));
        (LotId lotId, uint256 id) = _issueFor(orderId);
        IPurchaseOrders.Delivery memory delivery = IPurchaseOrders.Delivery(
            OrderId.unwrap(orderId), LotId.unwrap(lotId), 20_000_00, DOCUMENTS, type(uint40).max
        );
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.prank(debtor);
        facilities.convertToGoods(loanId, delivery, signature, WarehouseReceiptId.wrap(id));
        vm.prank(bank);
        facilities.acceptDebtor(onOrders, platform, true);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(20_000_00);
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(claimId), "", WarehouseReceiptId.wrap(id), 0);
        assertEq(warehouseReceipts.ownerOf(id), debtor, "the buyer's goods");
    }

    // ------------------------------------------------------------------ parts of the above

    function encumberElsewhere(FacilityId facilityId, uint256 id) external {
        vm.startPrank(seller);
        facilities.releaseIdleLien(IProducts.CollateralKind.WarehouseReceipt, id);
        facilities.drawOnGoods(_request(facilityId, 1_000_00, LoanMath.Style.Bullet, 30, 0), _items(id));
        vm.stopPrank();
    }

    function drawAs(address account, ILoans.DrawRequest calldata request) external {
        vm.prank(account);
        facilities.draw(request);
    }

    /// It releases the lien as an idle one, and has another bank lend on the goods.
    function _planLien(uint256 id) private {
        _scheming.plan(
            address(facilities),
            abi.encodeCall(facilities.releaseIdleLien, (IProducts.CollateralKind.WarehouseReceipt, id))
        );
        ILoans.DrawRequest memory request = _request(_ofScheming, 1_000_00, LoanMath.Style.Bullet, 30, 0);
        _scheming.plan(address(facilities), abi.encodeCall(facilities.drawOnGoods, (request, _items(id))));
    }

    /// All collateral of a loan is under its lien.
    function _assertBacked(IProducts.CollateralKind kind, uint256 id) private view {
        bool isWarehouseReceipt = kind == IProducts.CollateralKind.WarehouseReceipt;
        LoanId backed = isWarehouseReceipt
            ? facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(id))
            : facilities.loanOfClaim(ClaimId.wrap(id));
        if (backed.isNull()) return;
        address lienholder = isWarehouseReceipt ? warehouseReceipts.lienholderOf(id) : receivables.lienholderOf(id);
        assertEq(lienholder, address(facilities), "a loan lost its collateral");
    }

    function _inAuction() private returns (LoanId loanId, uint256 id) {
        (loanId, id) = _loanOnGoods(6_000_00);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
    }

    function _loanByScheming() private returns (LoanId loanId, uint256 id) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_goodsProduct()), 72_000, 1_000_000_00);
        terms.lender = address(_scheming);
        facilityId = _agree(terms);
        (loanId, id) = _loanOnGoods(5_000_00);
    }

    function _loanOnClaim(uint64 amount) private returns (LoanId loanId, uint256 claimId) {
        FacilityId onClaims = _agreedFacility(_add(_claimProduct()), 72_000, 1_000_000_00);
        (, claimId) = _confirmed(10_000_00);
        loanId = _draw(onClaims, amount, LoanMath.Style.Bullet, 60, claimId);
    }

    function _plainLoanOfSupplier() private returns (LoanId loanId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, 1_000_00);
        (terms.lender, terms.borrower) = (otherBank, suppliers[0]);
        bytes32 digest = facilities.facilityDigest(terms);
        FacilityId plain = facilities.agree(terms, _signed(OTHER_BANK_KEY, digest), _supplierSigned(digest), "");
        vm.prank(suppliers[0]);
        loanId = facilities.draw(_request(plain, 500_00, LoanMath.Style.Bullet, 60, 0));
    }

    function _supplierSigned(bytes32 digest) private returns (bytes memory) {
        // Its account has no key: another account of its party signs.
        if (registry.isValid(vm.addr(OTHER_KEY))) return _signed(OTHER_KEY, digest);
        _join(suppliers[0], OTHER_KEY);
        return _signed(OTHER_KEY, digest);
    }

    function _requestOf(address by, uint96 face) private returns (ReceivableId) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        terms.debtor = by;
        vm.prank(seller);
        return receivables.request(terms);
    }

    function _issueFor(OrderId orderId) private returns (LotId, uint256) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(2_000_000);
        terms.orderId = OrderId.unwrap(orderId);
        return _issue(terms);
    }

    function _inKind(LoanId loanId, uint256 id, uint96 quantity, uint64 credit) private {
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), id, quantity, credit, DOCUMENTS, _deadline(), ++_nonces);
        facilities.settleInKind(inKind, "", _signed(SELLER_KEY, facilities.inKindDigest(inKind)));
    }

    function _setOff(LoanId loanId, uint256 claimId, uint96 value, uint64 credit, uint256 lender) private {
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, value, credit, DOCUMENTS, _deadline(), ++_nonces);
        bytes32 digest = facilities.setOffDigest(setOff_);
        facilities.setOff(setOff_, lender == 0 ? bytes("") : _signed(lender, digest), _signed(SELLER_KEY, digest));
    }
}
