// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../contracts/assets/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {IFacilities} from "../../../contracts/financing/IFacilities.sol";
import {IProducts} from "../../../contracts/financing/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {FacilityId, LoanId, LotId, OrderId, ProductId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {FinancingFixture} from "./FinancingFixture.sol";

/// A warehouse, two appraisers, goods at 10.00 a kilogram with a haircut of 40 %, a line on goods.
abstract contract GoodsFixture is FinancingFixture {
    bytes32 internal constant SKU = keccak256("rubber");
    bytes32 internal constant PAPERS = keccak256("papers");
    bytes3 internal constant CNY = "CNY";
    /// 10.00 a kilogram: in millionths of a fen for a gram.
    uint64 internal constant TEN = 1_000_000;
    uint24 internal constant HAIRCUT = 400_000;
    uint32 internal constant PRICE_AGE = 30 days;
    address internal constant WAREHOUSE = address(0xB1);
    address internal constant FIRST_APPRAISER = address(0xE1);
    address internal constant SECOND_APPRAISER = address(0xE2);
    uint256 internal constant UNDERTAKER_KEY = 120;

    bytes32 internal item;
    address internal undertaker = vm.addr(UNDERTAKER_KEY);
    FacilityId internal line;
    ProductId internal product;
    uint256 private _papersCount;

    function setUp() public virtual override {
        super.setUp();
        _party(WAREHOUSE, 8);
        _party(FIRST_APPRAISER, 64);
        _party(SECOND_APPRAISER, 64);
        _party(undertaker, 1);
        vm.prank(undertaker);
        cash.approve(address(facilities), type(uint256).max);
        item = receipts.itemOf(SKU, "A", "KGM");
        bytes32[] memory items = new bytes32[](1);
        items[0] = item;
        vm.prank(OPERATOR);
        prices.list(items, CNY, 100_000, PRICE_AGE);
        _priced(TEN);
        vm.prank(seller);
        orders.setApprovalForAll(address(facilities), true);
        IProducts.ProductTerms memory terms = _goodsProduct();
        product = _add(terms);
        line = _line(product, 72_000, 10_000_000_00);
    }

    function _goodsProduct() internal view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.cover = IProducts.Cover.Receipt;
        terms.advanceRate = 700_000;
    }

    /// Agreed by both appraisers, as of now.
    function _priced(uint64 value) internal {
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory given = _price(value, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        prices.post(given);
        if (prices.quote(item, CNY).proposer == address(0)) return;
        vm.prank(SECOND_APPRAISER);
        prices.confirm(given);
    }

    function _price(uint64 value, uint24 haircut) internal view returns (IPriceFeed.Price[] memory given) {
        given = new IPriceFeed.Price[](1);
        uint40 now_ = uint40(block.timestamp);
        given[0] = IPriceFeed.Price(item, CNY, value, haircut, now_, now_ + PRICE_AGE, PAPERS);
    }

    function _lotTerms(uint96 quantity) internal returns (IWarehouseReceipts.LotTerms memory) {
        return IWarehouseReceipts.LotTerms({
            depositor: seller,
            sku: SKU,
            grade: "A",
            unit: "KGM",
            quantity: quantity,
            storedDay: _today(),
            expiryDay: _today() + 180,
            maxDepth: 8,
            negotiable: true,
            orderId: 0,
            fingerprint: keccak256(abi.encode("lot", ++_papersCount)),
            documentRoot: PAPERS,
            legalTextHash: keccak256("text")
        });
    }

    function _issue(IWarehouseReceipts.LotTerms memory terms) internal returns (LotId lotId, uint256 id) {
        ReceiptId receiptId;
        vm.prank(WAREHOUSE);
        (lotId, receiptId) = receipts.issue(terms);
        id = ReceiptId.unwrap(receiptId);
    }

    /// A receipt of the seller for so many grams, stored today.
    function _receipt(uint96 quantity) internal returns (uint256 id) {
        (, id) = _issue(_lotTerms(quantity));
    }

    function _pieces(uint256 receiptId) internal pure returns (IFacilities.Piece[] memory found) {
        found = new IFacilities.Piece[](1);
        found[0] = IFacilities.Piece(IProducts.Cover.Receipt, receiptId, 0);
    }

    function _part(uint256 receiptId, uint96 quantity) internal pure returns (IFacilities.Piece[] memory found) {
        found = _pieces(receiptId);
        found[0].value = quantity;
    }

    function _none() internal pure returns (IFacilities.Piece[] memory) {
        return new IFacilities.Piece[](0);
    }

    function _drawOn(uint64 amount, IFacilities.Piece[] memory pieces) internal returns (LoanId) {
        vm.prank(seller);
        return facilities.drawOnGoods(_request(line, amount, LoanMath.Style.Bullet, 180, 0), pieces);
    }

    /// 1,000 kg at 10.00: 10,000.00, of which 6,000.00 can be lent.
    function _loanOnGoods(uint64 amount) internal returns (LoanId loanId, uint256 receiptId) {
        receiptId = _receipt(1_000_000);
        loanId = _drawOn(amount, _pieces(receiptId));
    }

    function _payoff(LoanId loanId) internal view returns (uint64) {
        return uint64(_sum(facilities.loan(loanId).payoff));
    }

    function _statusOfLoan(LoanId loanId) internal view returns (IFacilities.Status) {
        return facilities.loan(loanId).status;
    }

    function _order(uint96 amount) internal returns (OrderId orderId) {
        IPurchaseOrders.OrderTerms memory terms = IPurchaseOrders.OrderTerms({
            seller: seller,
            buyer: debtor,
            currency: address(cash),
            amount: amount,
            deliveryDay: _today() + 30,
            expiryDay: _today() + 120,
            fingerprint: keccak256(abi.encode("order", ++_papersCount)),
            documentRoot: PAPERS,
            legalTextHash: keccak256("text")
        });
        vm.prank(seller);
        orderId = orders.request(terms);
        orders.confirm(orderId, _signed(DEBTOR_KEY, orders.confirmationDigest(orderId)));
    }
}
