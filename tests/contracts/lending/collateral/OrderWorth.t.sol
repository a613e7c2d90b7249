// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../../contracts/orders/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IPriceFeed} from "../../../../contracts/risk/IPriceFeed.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {IPostings} from "../../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    PartyId,
    ProductId,
    ReceivableId,
    WarehouseReceiptId
} from "../../../../contracts/types/Ids.sol";
import {PAID, packPosting, packRecorded, PostingWord} from "../../../../contracts/types/PostingWord.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {ParticipationsFixture} from "../ParticipationsFixture.sol";
import {SalesFixture} from "../SalesFixture.sol";
import {SharerFixture} from "../SharerFixture.sol";

/// What an order under lien may become: an order of 20,000.00, of which 70 % are lent. Seller and buyer alone do not
/// turn it into less than what is owed.
contract OrderWorthTest is GoodsFixture, SharerFixture, ParticipationsFixture {
    FacilityId private _orderFacility;
    OrderId private _orderId;
    LoanId private _loan;

    function setUp() public override(GoodsFixture, SharerFixture, SalesFixture) {
        super.setUp();
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        vm.prank(OPERATOR);
        ProductId ofOrders = products.add(
            "order", terms, _goodsOf(IProducts.CollateralKind.WarehouseReceipt), _fixedRate(), _noEvidence()
        );
        _orderFacility = _agreedFacility(ofOrders, 72_000, 1_000_000_00);
        _agreeSharing(ofOrders);
        _orderId = _order(20_000_00);
        _loan = _draw(_orderFacility, 14_000_00, LoanMath.Style.Bullet, 90, OrderId.unwrap(_orderId));
    }

    // ------------------------------------------------------------------ goods

    /// A kilogram, worth 10.00, "delivers" all of the order: the buyer would owe nothing.
    function test_seller_and_buyer_do_not_end_an_order_by_a_kilogram() public {
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(1_000, 180, 20_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        address[2] memory senders = [seller, debtor];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(_worse(6_00, 14_000_00));
            vm.prank(senders[i]);
            facilities.convertToGoods(_loan, delivery, signature, WarehouseReceiptId.wrap(id));
        }
        assertEq(orders.order(_orderId).delivered, 0, "nothing is delivered");
        assertEq(orders.order(_orderId).lienholder, address(facilities), "the order is under lien");
        assertTrue(facilities.loanOfOrder(_orderId) == _loan, "of the loan");
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "the kilogram is the seller's");
    }

    /// Goods that end before an auction could end count for nothing.
    function test_goods_that_end_soon_do_not_take_the_place_of_an_order() public {
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(3_000_000, 9, 20_000_00);
        _refuses(seller, delivery, id, _worse(0, 14_000_00));
        (delivery, id) = _lot(3_000_000, 10, 20_000_00);
        _converts(seller, delivery, id);
        assertEq(facilities.collateralOf(_loan).lendable, 18_000_00, "goods that last");
    }

    function test_delivery_in_full_takes_the_place_of_an_order_if_it_is_enough() public {
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(2_000_000, 180, 20_000_00);
        _refuses(debtor, delivery, id, _worse(12_000_00, 14_000_00));
        _repay(_loan, 2_000_00);
        _converts(debtor, delivery, id);
        assertEq(facilities.collateralOf(_loan).lendable, 12_000_00, "for 12,000.00");
    }

    /// Though it is not enough: an order that was not enough before is not worse off.
    function test_delivery_that_is_worth_no_less_than_the_order_needs_nobodys_word() public {
        _days(30);
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(2_333_334, 180, 20_000_00);
        assertTrue(_payoff(_loan) > 14_000_00, "interest");
        _priced(TEN);
        _converts(seller, delivery, id);
        assertEq(facilities.collateralOf(_loan).lendable, 14_000_00, "as before");
    }

    function test_part_delivery_compares_what_stays_of_the_order_too() public {
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(600_000, 180, 6_000_00);
        _refuses(seller, delivery, id, _worse(13_400_00, 14_000_00));
        delivery.amount = 5_142_85;
        // 70 % of 14,857.15 and 60 % of 6,000.00.
        _converts(seller, delivery, id);
        assertEq(facilities.collateralOf(_loan).lendable, 14_000_00, "as before");
    }

    function test_lender_takes_a_delivery_of_less() public {
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(2_000_000, 180, 20_000_00);
        _converts(bank, delivery, id);
        assertEq(facilities.collateralOf(_loan).lendable, 12_000_00, "for 14,000.00");
        assertEq(warehouseReceipts.lienholderOf(id), address(facilities), "under lien");
    }

    function test_lender_takes_a_delivery_of_goods_whose_price_is_too_old() public {
        _days(31);
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(2_000_000, 180, 20_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.expectPartialRevert(IPriceFeed.PriceTooOld.selector);
        vm.prank(seller);
        facilities.convertToGoods(_loan, delivery, signature, WarehouseReceiptId.wrap(id));
        _converts(bank, delivery, id);
        assertEq(warehouseReceipts.lienholderOf(id), address(facilities), "under lien");
    }

    /// Holder, borrower and buyer cannot leave the loan's seller with a kilogram.
    function test_seller_of_the_loan_need_not_take_it_back_after_its_holder_took_less() public {
        _sellOn(_withBuyBack(_saleTerms(_loan, otherBank, 14_000_00), 2, 1_000_000, _today() + 360));
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(600_000, 180, 5_000_00);
        _converts(otherBank, delivery, id);
        assertEq(facilities.loanSaleOf(_loan).buyBack, 2, "worth more than before");
        (delivery, id) = _lot(1_000, 180, 15_000_00);
        _refuses(bank, delivery, id, "");
        _converts(otherBank, delivery, id);
        assertEq(facilities.loanSaleOf(_loan).buyBack, 0, "the seller is free");
    }

    /// What secures the participant's share is not the word of a lender that is related to the borrower.
    function test_related_lender_of_a_shared_loan_takes_no_delivery_of_less() public {
        _share(_loan, otherBank, 500_000, 7_000_00);
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(1_000, 180, 20_000_00);
        PartyId[2] memory partyIds = [registry.partyOf(bank), registry.partyOf(seller)];
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyIds[0], 9);
        registry.setGroup(partyIds[1], 9);
        vm.stopPrank();
        _refuses(bank, delivery, id, _worse(6_00, 14_000_00));
    }

    /// The lender's word let seller and buyer make less of the order: 72.00 of interest that never came.
    function test_lender_bears_what_a_payment_that_never_came_let_an_order_lose() public {
        _repay(_loan, 2_000_00);
        _days(30);
        _priced(TEN);
        (IPurchaseOrders.Delivery memory delivery, uint256 id) = _lot(2_000_000, 180, 20_000_00);
        _refuses(seller, delivery, id, _worse(12_000_00, 14_000_00));
        PostingWord posting = packRecorded(_today(), _today(), 72_00, "never came");
        IPostings.History memory history;
        vm.prank(bank);
        facilities.recordPayment(IPostings.Payment(LoanId.unwrap(_loan), 72_00, _today(), "never came"), history);
        _converts(seller, delivery, id);
        IPostings.Correction memory correction;
        correction.loanId = LoanId.unwrap(_loan);
        correction.posting = PostingWord.unwrap(posting);
        history.postings = new PostingWord[](2);
        history.postings[0] = packPosting(PAID, _today() - 30, 2_000_00);
        history.postings[1] = posting;
        IPostings.History memory none;
        vm.prank(bank);
        facilities.correctPayment(correction, history, none, "");
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), 2_000_000, DOCUMENTS);
        _days(121);
        vm.startPrank(bank);
        facilities.declareDefault(_loan);
        assertEq(facilities.recordLoss(_loan), 5_964_00, "half of 12,000.00 less 72.00");
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ a claim

    /// The claim is for what is outstanding, and the rest of the order would be free.
    function test_seller_and_buyer_do_not_end_an_order_by_a_smaller_claim() public {
        ReceivableId receivableId = _request(19_999_99);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        address[2] memory senders = [seller, debtor];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(_worse(13_999_99, 14_000_00));
            vm.prank(senders[i]);
            facilities.convertToClaim(_loan, receivableId, ClaimId.wrap(0), signature);
        }
        assertEq(orders.order(_orderId).lienholder, address(facilities), "the order is under lien");
        vm.prank(bank);
        ClaimId claimId = facilities.convertToClaim(_loan, receivableId, ClaimId.wrap(0), signature);
        assertTrue(facilities.loanOfClaim(claimId) == _loan, "the lender takes it");
    }

    function test_smaller_claim_takes_the_place_of_an_order_if_it_is_enough() public {
        _repay(_loan, 7_000_01);
        ReceivableId receivableId = _request(9_999_99);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(debtor);
        ClaimId claimId = facilities.convertToClaim(_loan, receivableId, ClaimId.wrap(0), signature);
        assertTrue(facilities.loanOfClaim(claimId) == _loan, "6,999.99 for 6,999.99");
    }

    function test_money_that_waits_on_the_claim_counts_in_full() public {
        _repay(_loan, 7_000_00);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(9_000_00);
        _pay(receivableId, 2_000_00);
        vm.expectRevert(_worse(6_900_00, 14_000_00));
        vm.prank(seller);
        facilities.convertToClaim(_loan, receivableId, ClaimId.wrap(claimId), "");
        _repay(_loan, 100_00);
        vm.prank(seller);
        facilities.convertToClaim(_loan, receivableId, ClaimId.wrap(claimId), "");
        assertTrue(facilities.loanOfClaim(ClaimId.wrap(claimId)) == _loan, "4,900.00 and 2,000.00 for 6,900.00");
    }

    // ------------------------------------------------------------------ helpers

    function _worse(uint256 worth, uint256 before) private view returns (bytes memory) {
        return abi.encodeWithSelector(ICollateral.CollateralWorse.selector, _loan, worth, before, _payoff(_loan));
    }

    /// Goods of the order that are good for so many days after today, for so much of it.
    function _lot(uint96 quantity, uint24 lasting, uint96 amount)
        private
        returns (IPurchaseOrders.Delivery memory delivery, uint256 id)
    {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(quantity);
        terms.orderId = OrderId.unwrap(_orderId);
        terms.expiryDay = _today() + lasting;
        LotId lotId;
        (lotId, id) = _issue(terms);
        delivery = IPurchaseOrders.Delivery(
            OrderId.unwrap(_orderId), LotId.unwrap(lotId), amount, DOCUMENTS, type(uint40).max
        );
    }

    function _converts(address sender, IPurchaseOrders.Delivery memory delivery, uint256 id) private {
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        vm.prank(sender);
        facilities.convertToGoods(_loan, delivery, signature, WarehouseReceiptId.wrap(id));
    }

    function _refuses(address sender, IPurchaseOrders.Delivery memory delivery, uint256 id, bytes memory refusal)
        private
    {
        bytes memory signature = _signed(DEBTOR_KEY, orders.deliveryDigest(delivery));
        if (refusal.length != 0) vm.expectRevert(refusal);
        else vm.expectPartialRevert(IFacilities.NotLender.selector);
        vm.prank(sender);
        facilities.convertToGoods(_loan, delivery, signature, WarehouseReceiptId.wrap(id));
    }
}
