// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {CurrencyClock} from "../../../../contracts/cash/CurrencyClock.sol";
import {Unclaimed} from "../../../../contracts/cash/Unclaimed.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {IERC3525Receiver} from "../../../../contracts/tokens/IERC3525.sol";
import {ClaimId, FacilityId, LoanId, WarehouseReceiptId, ReceivableId} from "../../../../contracts/types/Ids.sol";
import {Stablecoin} from "../../support/Stablecoin.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// Says that it is no ERC-3525 receiver while it has money, and refuses once it has paid.
contract TwoFaced {
    Stablecoin private immutable _token;
    uint256 private immutable _limit;

    constructor(Stablecoin token, uint256 limit, address facilities) {
        (_token, _limit) = (token, limit);
        token.approve(facilities, type(uint256).max);
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }

    function supportsInterface(bytes4 id) external view returns (bool) {
        if (id == 0xffffffff) return false;
        if (id == type(IERC3525Receiver).interfaceId) return _token.balanceOf(address(this)) < _limit;
        return id == 0x01ffc9a7;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return 0;
    }
}

/// Goods under a lien can always be sold, at no less than the lender accepted; a stopped currency stops the clock.
contract SaleRightsTest is GoodsFixture {
    uint256 private constant OTHER_KEY = 777;
    address private _other = vm.addr(OTHER_KEY);
    Stablecoin private _stable;

    function setUp() public override {
        super.setUp();
        _stable = new Stablecoin();
        vm.startPrank(OPERATOR);
        receivables.allowCurrency(address(_stable), true);
        prices.setCurrency(address(_stable), CNY);
        vm.stopPrank();
        address[5] memory all = [seller, debtor, bank, otherBank, undertaker];
        for (uint256 i; i < all.length; ++i) {
            _stable.mint(all[i], 1e15);
            vm.prank(all[i]);
            _stable.approve(address(facilities), type(uint256).max);
        }
    }

    // ------------------------------------------------------------------ the borrower is away

    function test_goods_are_sold_when_the_borrower_removes_its_account() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _join(seller, OTHER_KEY);
        _days(200);
        _priced(TEN);
        vm.prank(_other);
        registry.removeAccount(seller);
        _sold(loanId, id);
        uint256 unclaimed = facilities.unclaimedOf(seller, address(cash));
        if (unclaimed == 0) return;
        vm.prank(_other);
        facilities.withdrawUnclaimed(_other, address(cash));
    }

    function test_goods_are_sold_when_the_borrowers_registration_has_lapsed() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _days(170);
        _endValidity(seller);
        _priced(TEN);
        _sold(loanId, id);
    }

    function test_a_sale_leaves_the_rest_unclaimed_when_the_borrower_is_frozen() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _days(200);
        _priced(TEN);
        _order(address(registry), abi.encodeCall(registry.freeze, (registry.partyOf(seller), true, keccak256("order"))));
        _sold(loanId, id);
    }

    function test_an_undertaking_is_called_when_the_borrowers_registration_has_lapsed() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _undertaken(facilityId, undertaker, 900_000, UNDERTAKER_KEY);
        _days(170);
        _endValidity(seller);
        _priced(TEN);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.liquidate(loanId);
        vm.stopPrank();
        _days(3);
        assertTrue(facilities.callBuyBack(loanId) != 0, "bought back");
        assertEq(warehouseReceipts.ownerOf(id + 1), undertaker, "goods");
    }

    // ------------------------------------------------------------------ the money does not arrive

    function test_a_sale_pays_the_lender_when_the_borrower_that_gets_the_surplus_is_blacklisted() public {
        facilityId = _stableFacility();
        (LoanId loanId, uint256 id) = _unsplittable(3_000_00);
        _overdue(loanId);
        _stable.blacklist(seller, true);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        uint64 owed = _payoff(loanId);
        vm.prank(otherBank);
        assertEq(facilities.bid(loanId, type(uint64).max), 4_000_00, "all of it at the floor");
        assertEq(warehouseReceipts.ownerOf(id), otherBank, "sold");
        assertEq(facilities.unclaimedOf(seller, address(_stable)), 4_000_00 - owed, "the surplus waits for its owner");
        _stable.blacklist(seller, false);
        vm.prank(seller);
        facilities.withdrawUnclaimed(seller, address(_stable));
        assertEq(facilities.unclaimedOf(seller, address(_stable)), 0, "withdrawn");
    }

    function test_a_sale_leaves_the_money_of_a_blacklisted_lender_unclaimed() public {
        facilityId = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(3_000_00);
        _overdue(loanId);
        _stable.blacklist(bank, true);
        vm.prank(otherBank);
        facilities.bid(loanId, type(uint64).max);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
        assertTrue(facilities.unclaimedOf(bank, address(_stable)) != 0, "unclaimed");
    }

    function test_a_blacklisted_undertaker_stops_neither_liquidation_nor_bids() public {
        facilityId = _stableFacility();
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _undertaken(facilityId, undertaker, 900_000, UNDERTAKER_KEY);
        _stable.blacklist(undertaker, true);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        _days(3);
        assertEq(facilities.callBuyBack(loanId), 0, "it cannot pay");
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, 0, "the currency moves");
        vm.prank(otherBank);
        facilities.bid(loanId, type(uint64).max);
        assertEq(warehouseReceipts.ownerOf(id), otherBank, "sold");
    }

    function test_a_two_faced_undertaker_stops_neither_liquidation_nor_bids() public {
        facilityId = _stableFacility();
        TwoFaced hostile = new TwoFaced(_stable, 1e12, address(facilities));
        _stable.mint(address(hostile), 1e12);
        _party(address(hostile), 1);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _undertaken(facilityId, address(hostile), 900_000, 0);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        _days(3);
        vm.expectRevert();
        facilities.callBuyBack(loanId);
        vm.prank(otherBank);
        facilities.bid(loanId, type(uint64).max);
        assertEq(warehouseReceipts.ownerOf(id), otherBank, "sold");
    }

    function test_a_bidder_that_refuses_the_goods_stops_its_own_bid_alone() public {
        facilityId = _stableFacility();
        TwoFaced hostile = new TwoFaced(_stable, 1e12, address(facilities));
        _stable.mint(address(hostile), 1e12);
        _party(address(hostile), 4);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _overdue(loanId);
        vm.prank(address(hostile));
        vm.expectRevert();
        facilities.bid(loanId, type(uint64).max);
        assertEq(_stable.balanceOf(address(hostile)), 1e12, "its money is its own");
        vm.prank(otherBank);
        facilities.bid(loanId, type(uint64).max);
        assertTrue(warehouseReceipts.ownerOf(id) == otherBank || warehouseReceipts.ownerOf(id + 1) == otherBank, "sold");
    }

    function test_a_bid_reverts_with_the_reason_when_the_bidder_cannot_pay_or_the_currency_takes_a_fee() public {
        facilityId = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _overdue(loanId);
        _stable.blacklist(otherBank, true);
        vm.prank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(Stablecoin.Blacklisted.selector, otherBank));
        facilities.bid(loanId, type(uint64).max);
        _stable.blacklist(otherBank, false);
        _stable.setFee(1);
        vm.prank(otherBank);
        vm.expectPartialRevert(Unclaimed.TransferTookFee.selector);
        facilities.bid(loanId, type(uint64).max);
    }

    // ------------------------------------------------------------------ the currency stands

    function test_auction_clock_stops_while_its_currency_is_stopped() public {
        facilityId = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionStart + 18 hours);
        assertEq(facilities.collateralOf(loanId).factor, 1_000_000, "before");
        uint40 end = facilities.collateralOf(loanId).auctionEnd;
        _stable.pause(true);
        vm.expectEmit(address(facilities));
        emit CurrencyClock.CurrencyStopped(address(_stable), uint40(block.timestamp));
        vm.prank(otherBank);
        assertEq(facilities.bid(loanId, type(uint64).max), 0, "nothing is bought");
        _days(3);
        assertEq(facilities.collateralOf(loanId).factor, 1_000_000, "it stands");
        assertEq(facilities.collateralOf(loanId).auctionEnd, end + 3 days, "and ends later");
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.AuctionRuns.selector);
        facilities.liquidate(loanId);
        _stable.pause(false);
        vm.prank(bank);
        uint64 price = facilities.bid(loanId, type(uint64).max);
        assertTrue(price >= 6_000_00, "at the price of the moment in which the currency stopped");
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, 0, "the stop is over");
    }

    function test_notice_period_stops_while_the_currency_is_stopped() public {
        facilityId = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        vm.warp(facilities.collateralOf(loanId).auctionEnd);
        vm.prank(bank);
        facilities.liquidate(loanId);
        uint40 begins = facilities.collateralOf(loanId).auctionStart;
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        _days(5);
        assertEq(facilities.collateralOf(loanId).auctionStart, begins + 5 days, "a day of notice is left");
    }

    function test_call_buy_back_takes_nothing_while_the_currency_is_stopped() public {
        facilityId = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _undertaken(facilityId, undertaker, 900_000, UNDERTAKER_KEY);
        _priced(800_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        _days(3);
        _stable.pause(true);
        assertEq(facilities.callBuyBack(loanId), 0, "nothing");
        assertEq(facilities.currencyClock(address(_stable)).stoppedAt, block.timestamp, "the stop is on record");
        uint64 left = facilities.buyBackOf(facilityId).left;
        assertEq(left, 20_000_00, "and the undertaking whole");
        _days(3);
        assertEq(facilities.callBuyBack(loanId), 0, "still nothing");
        _stable.pause(false);
        assertTrue(facilities.callBuyBack(loanId) != 0, "now it buys");
    }

    function test_days_to_cure_do_not_run_while_the_currency_is_stopped() public {
        facilityId = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _priced(900_000);
        facilities.checkMargin(loanId);
        uint24 last = facilities.collateralOf(loanId).lastDay;
        _stable.pause(true);
        facilities.checkCurrency(address(_stable));
        _days(10);
        assertEq(facilities.collateralOf(loanId).lastDay, last + 10, "later by the days lost");
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(loanId);
        _stable.pause(false);
        facilities.checkCurrency(address(_stable));
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(loanId);
        _days(6);
        vm.prank(bank);
        facilities.liquidate(loanId);
    }

    function test_stop_cannot_be_noted_by_a_bid_with_too_little_gas() public {
        facilityId = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _overdue(loanId);
        bytes memory call = abi.encodeCall(facilities.bid, (loanId, type(uint64).max));
        bool done;
        for (uint256 gasAmount = 50_000; gasAmount < 1_500_000 && !done; gasAmount += 5_000) {
            vm.prank(otherBank);
            (done,) = address(facilities).call{gas: gasAmount}(call);
            assertEq(facilities.currencyClock(address(_stable)).stoppedAt, 0, "no stop");
        }
        assertTrue(done && _statusOfLoan(loanId) == ILoans.Status.Repaid, "with enough it buys");
    }

    // ------------------------------------------------------------------ goods leave for no less

    function test_conversion_reverts_when_the_lender_has_not_accepted_the_debtor() public {
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        (, uint256 claimId) = _confirmed(8_600_00);
        ICollateral.CollateralItem[] memory added = _claims(claimId);
        vm.startPrank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, 0, 0, 6_000_00));
        facilities.substituteCollateral(loanId, added, _items(id));
        // Nor in two steps.
        facilities.substituteCollateral(loanId, added, _none());
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, 0, 0, 6_000_00));
        facilities.substituteCollateral(loanId, _none(), _items(id));
        vm.stopPrank();
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _none(), _items(id));
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free for a promise that the lender took");
    }

    function test_goods_stay_when_the_debtor_of_the_remaining_claim_is_not_accepted() public {
        (, uint256 claimId) = _confirmed(8_600_00);
        uint256 id = _warehouseReceipt(1_000_000);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        (items[0], items[1]) = (_items(id)[0], _claims(claimId)[0]);
        LoanId loanId = _drawOn(6_000_00, items);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, 0, 0, 6_000_00));
        facilities.substituteCollateral(loanId, _none(), _items(id));
        // Nor do they go to a buyer.
        ReceivableId small = _request(1_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(small));
        vm.expectPartialRevert(ICollateral.DebtorNotAccepted.selector);
        this.convert(loanId, small, signature, id);
    }

    function convert(LoanId loanId, ReceivableId receivableId, bytes calldata signature, uint256 id) external {
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
    }

    function test_once_a_facility_names_debtors_no_other_is_accepted_with_goods() public {
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, suppliers[0], true);
        (, uint256 claimId) = _confirmed(8_600_00);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        (items[0], items[1]) = (_items(_warehouseReceipt(1_000_000))[0], _claims(claimId)[0]);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.DebtorNotAccepted.selector, facilityId, debtor));
        this.drawOn(6_000_00, items);
    }

    function drawOn(uint64 amount, ICollateral.CollateralItem[] memory items) external {
        _drawOn(amount, items);
    }

    function test_goods_given_in_kind_are_free_afterwards() public {
        LoanId loanId = _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 100_000_00), 5_000_00, 30);
        uint256 id = _warehouseReceipt(1_000_000);
        ICollateral.InKind memory inKind =
            ICollateral.InKind(LoanId.unwrap(loanId), id, 1_000_000, 5_000_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.inKindDigest(inKind);
        facilities.settleInKind(inKind, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(warehouseReceipts.ownerOf(id), bank, "the lender's");
        assertEq(warehouseReceipts.lienholderOf(id), address(0), "free");
        vm.prank(bank);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 1_000_000, DOCUMENTS);
    }

    // ------------------------------------------------------------------ parts of the above

    function _sold(LoanId loanId, uint256 id) private {
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.liquidate(loanId);
        vm.stopPrank();
        _days(3);
        vm.prank(otherBank);
        uint64 price = facilities.bid(loanId, type(uint64).max);
        assertTrue(price >= 4_000_00, "at the floor at least");
        assertEq(warehouseReceipts.ownerOf(id), otherBank, "sold");
        vm.prank(bank);
        facilities.recordLoss(loanId);
    }

    function _overdue(LoanId loanId) private {
        _days(200);
        _priced(TEN);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.liquidate(loanId);
        vm.stopPrank();
    }

    function _stableFacility() private returns (FacilityId) {
        IProducts.ProductTerms memory terms = _goodsProduct();
        terms.currency = address(_stable);
        return _agreedFacility(_add(terms), 72_000, 1_000_000_00);
    }

    function _unsplittable(uint64 amount) private returns (LoanId, uint256 id) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        terms.maxDepth = 0;
        (, id) = _issue(terms);
        return (_drawOn(amount, _items(id)), id);
    }

    function _claims(uint256 claimId) private pure returns (ICollateral.CollateralItem[] memory items) {
        items = new ICollateral.CollateralItem[](1);
        items[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
    }

    function _undertaken(FacilityId facilityId, address by, uint24 share, uint256 key) private {
        ILiquidation.BuyBack memory provided = ILiquidation.BuyBack(
            FacilityId.unwrap(facilityId), by, share, 20_000_00, _today() + 300, keccak256("text"), _deadline(), 1
        );
        bytes memory signature = key == 0 ? bytes("") : _signed(key, facilities.buyBackDigest(provided));
        vm.prank(bank);
        facilities.agreeBuyBack(provided, signature);
    }
}
