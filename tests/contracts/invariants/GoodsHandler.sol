// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {PriceFeed} from "../../../contracts/risk/PriceFeed.sol";
import {FacilityId, LoanId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";

/// Goods come in, are lent on, substituted, damaged, called, sold and paid for while their price moves, in any order.
contract GoodsHandler is Reached {
    struct Setting {
        Facilities facilities;
        WarehouseReceipts warehouseReceipts;
        PriceFeed prices;
        SettlementToken cash;
        address borrower;
        address lender;
        address buyer;
        address undertaker;
        address warehouse;
        address[2] appraisers;
        bytes32 sku;
        FacilityId facilityId;
    }

    Setting internal _set;
    LoanId[] public loans;
    uint256[] public warehouseReceiptIds;
    /// The lender's money, as this contract counts it.
    uint256 public drawn;
    uint256 public paid;
    uint256 public sold;
    uint256 public called;
    string public broken;
    uint64 internal _price = 1_000_000;
    uint256 private _documents;

    constructor(Setting memory set) {
        _set = set;
        _mustReach("a margin call");
        _mustReach("a call that is cured");
        _mustReach("a liquidation");
        _mustReach("another round of an auction");
        _mustReach("a sale of part of a warehouse receipt");
        _mustReach("a sale that pays the debt");
        _mustReach("a sale of all goods that leaves a debt");
        _mustReach("a sale at the floor");
        _mustReach("a buy-back");
        _mustReach("damage to goods that are for sale");
        _mustReach("a loss on goods");
    }

    function loanCount() external view returns (uint256) {
        return loans.length;
    }

    function warehouseReceiptCount() external view returns (uint256) {
        return warehouseReceiptIds.length;
    }

    function draw(uint256 quantity, uint256 amount, uint256 count) external {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](1 + count % 3);
        for (uint256 i; i < items.length; ++i) {
            items[i] = ICollateral.CollateralItem(
                IProducts.CollateralKind.WarehouseReceipt, _store(1 + uint96(quantity % 1_000_000)), 0
            );
        }
        // Between 90 % and 101 % of what can be lent on them.
        uint256 lendable = (1 + quantity % 1_000_000) * items.length * _price * 600_000 / 1e12;
        uint64 requested = uint64(1 + lendable * (90 + amount % 12) / 100);
        ILoans.DrawRequest memory request = ILoans.DrawRequest(
            FacilityId.unwrap(_set.facilityId),
            requested,
            LoanMath.Style.Bullet,
            60,
            0,
            LoanMath.AfterPrepayment.PayAhead,
            0
        );
        vm.prank(_set.borrower);
        try _set.facilities.drawOnGoods(request, items) returns (LoanId loanId) {
            loans.push(loanId);
            drawn += requested;
            _hold(_set.facilities.collateralOf(loanId).lendable >= requested, "a draw has enough collateral");
        } catch {}
    }

    function change(uint256 which, uint256 quantity, uint256 out, bool adds) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        ICollateral.CollateralItem[] memory held = _set.facilities.collateralOf(loanId).items;
        ICollateral.CollateralItem[] memory added = new ICollateral.CollateralItem[](adds ? 1 : 0);
        if (adds) {
            added[0] = ICollateral.CollateralItem(
                IProducts.CollateralKind.WarehouseReceipt, _store(1 + uint96(quantity % 500_000)), 0
            );
        }
        ICollateral.CollateralItem[] memory removed = new ICollateral.CollateralItem[](held.length == 0 ? 0 : 1);
        if (held.length != 0) {
            removed[0] = held[out % held.length];
            removed[0].value = uint96(quantity % 3 == 0 ? 0 : 1 + quantity % 1_000);
        }
        uint256 before = _warehouseReceiptsHeld();
        vm.prank(_set.borrower);
        try _set.facilities.substituteCollateral(loanId, added, removed) {
            if (removed.length == 0) return;
            _hold(_set.facilities.collateralOf(loanId).lendable >= _owed(loanId), "what stays is enough for the debt");
            uint256 after_ = _warehouseReceiptsHeld();
            if (after_ > before) warehouseReceiptIds.push(_newest());
        } catch {}
    }

    function walk(uint256 step) external {
        // Between -12 % and +12 %: some are jumps that two appraisers agree on.
        _post(uint64(1 + uint256(_price) * (880 + step % 241) / 1000));
    }

    function _post(uint64 price) internal {
        _price = price;
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory newPrice = new IPriceFeed.Price[](1);
        bytes32 item = _set.warehouseReceipts.itemOf(_set.sku, "A", "KGM");
        uint40 timestamp = uint40(block.timestamp);
        newPrice[0] =
            IPriceFeed.Price(item, "CNY", _price, 400_000, timestamp, timestamp + 30 days, keccak256("documents"));
        vm.prank(_set.appraisers[0]);
        _set.prices.post(newPrice);
        if (_set.prices.quote(item, "CNY").proposer == address(0)) return;
        vm.prank(_set.appraisers[1]);
        _set.prices.confirm(newPrice);
    }

    function advanceDays(uint256 length) external {
        vm.warp(block.timestamp + (length % 12) * 1 days);
    }

    function impair(uint256 which, uint256 quantity) external {
        if (warehouseReceiptIds.length == 0) return;
        uint256 id = warehouseReceiptIds[which % warehouseReceiptIds.length];
        uint96 held = _set.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).quantity;
        if (held == 0) return;
        LoanId backed = _set.facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(id));
        bool backs = !backed.isNull();
        bool forSale = backs && _set.facilities.collateralOf(backed).round != 0;
        bool calm = backs && _set.facilities.collateralOf(backed).calledDay == 0;
        vm.prank(_set.warehouse);
        try _set.warehouseReceipts
            .impair(WarehouseReceiptId.wrap(id), uint96(1 + quantity % held), keccak256("documents")) {
            _reachIf(forSale, "damage to goods that are for sale");
            _reachIf(calm && _set.facilities.collateralOf(backed).calledDay != 0, "a margin call");
        } catch {
            broken = "damage is always put on record";
        }
    }

    /// The price falls by a tenth or recovers, and somebody calls the margin check.
    function check(uint256 which, bool falls) external {
        if (loans.length == 0) return;
        _post(uint64(1 + uint256(_price) * (falls ? 90 : 112) / 100));
        LoanId loanId = loans[which % loans.length];
        bool stood = _set.facilities.collateralOf(loanId).calledDay != 0;
        try _set.facilities.checkMargin(loanId) {
            ++called;
            _reach(stood ? "a call that is cured" : "a margin call");
        } catch {}
    }

    function liquidate(uint256 which) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        ICollateral.CollateralState memory collateral = _set.facilities.collateralOf(loanId);
        uint256 owed = _owed(loanId);
        bool running = _set.facilities.loan(loanId).status == ILoans.Status.Running;
        if (_liquidate(loanId, collateral)) {
            if (!running) return;
            _hold(collateral.lendable * 100 < owed * 95, "never above the call level");
            bool uncured = collateral.calledDay != 0 && block.timestamp / 1 days > collateral.lastDay;
            _hold(uncured || (collateral.priced && collateral.lendable * 100 < owed * 85), "only uncured or far below");
        }
    }

    function bid(uint256 which, uint256 maxPrice) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        Before memory before = _before(loanId);
        vm.prank(_set.buyer);
        try _set.facilities.bid(loanId, uint64(maxPrice % 2_000_000)) returns (uint64 price) {
            ++sold;
            _hold(price == before.price, "the announced price");
            _sold(loanId, before, price, _set.buyer);
        } catch (bytes memory reason) {
            bytes4 why = bytes4(reason);
            _hold(
                why == ILiquidation.NoAuction.selector || why == ILiquidation.PriceAboveBid.selector
                    || why == ILiquidation.AuctionNotBegun.selector,
                "a bid that is high enough is taken"
            );
        }
    }

    /// Puts an overdue loan up for sale; if it was already and nobody bought, once more.
    function putUp(uint256 which) external {
        if (loans.length == 0) return;
        _putUp(loans[which % loans.length]);
    }

    /// The same; the goods are sold at the floor, to the lender or to another.
    function sellAtTheFloor(uint256 which, bool toLender) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        _putUp(loanId);
        ICollateral.CollateralState memory collateral = _set.facilities.collateralOf(loanId);
        if (collateral.auctionEnd == 0) return;
        if (block.timestamp < collateral.auctionEnd) vm.warp(collateral.auctionEnd);
        Before memory before = _before(loanId);
        address buyer = toLender ? _set.lender : _set.buyer;
        vm.prank(buyer);
        uint64 price = _set.facilities.bid(loanId, type(uint64).max);
        ++sold;
        _reach("a sale at the floor");
        if (toLender) _soldToLender(loanId, before, price);
        else _sold(loanId, before, price, buyer);
    }

    function callBuyBack(uint256 which, bool soon) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        // Once it has fallen far enough.
        uint40 end = _set.facilities.collateralOf(loanId).auctionEnd;
        if (soon && end != 0 && block.timestamp < end - 20 hours) vm.warp(end - 20 hours);
        Before memory before = _before(loanId);
        uint64 left = _set.facilities.buyBackOf(_set.facilityId).left;
        uint256 money = _set.cash.balanceOf(_set.undertaker);
        try _set.facilities.callBuyBack(loanId) returns (uint64 price) {
            _reach("a buy-back");
            _hold(money - _set.cash.balanceOf(_set.undertaker) == price, "the undertaker pays");
            uint64 leftThen = _set.facilities.buyBackOf(_set.facilityId).left;
            _hold(left - leftThen == price, "out of what it undertook");
            _hold(price >= before.price || before.price > before.owed, "no less than the auction asks, by the gram");
            before.factor = 0;
            _sold(loanId, before, price, _set.undertaker);
        } catch {}
    }

    function repay(uint256 which, uint256 amount) external {
        if (loans.length == 0) return;
        _repay(loans[which % loans.length], uint64(1 + amount % 700_000));
    }

    /// A margin call is met by what is owed above what the goods count for.
    function cure(uint256 which) external {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            ICollateral.CollateralState memory collateral = _set.facilities.collateralOf(loanId);
            uint256 owed = _owed(loanId);
            if (collateral.calledDay == 0 || owed <= collateral.lendable) continue;
            return _repay(loanId, uint64(owed - collateral.lendable));
        }
    }

    function _repay(LoanId loanId, uint64 provided) internal {
        uint256 owed = _owed(loanId);
        bool stood = _set.facilities.collateralOf(loanId).calledDay != 0;
        uint256 before = _set.cash.balanceOf(_set.lender);
        vm.prank(_set.borrower);
        try _set.facilities.repay(loanId, provided) {
            uint256 got = _set.cash.balanceOf(_set.lender) - before;
            paid += got;
            _hold(got == (provided < owed ? provided : owed), "a repayment takes what is owed");
            _reachIf(stood && _set.facilities.collateralOf(loanId).calledDay == 0, "a call that is cured");
        } catch (bytes memory reason) {
            _hold(bytes4(reason) == ILoans.StateForbids.selector, "a repayment is never refused");
        }
    }

    function fail(uint256 which) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        vm.startPrank(_set.lender);
        try _set.facilities.declareDefault(loanId) {} catch {}
        try _set.facilities.recordLoss(loanId) {
            _hold(_quantityBehind(loanId) == 0, "no loss while goods are there");
            _reach("a loss on goods");
        } catch {}
        vm.stopPrank();
    }

    function _putUp(LoanId loanId) internal {
        if (_owed(loanId) == 0) return;
        ICollateral.CollateralState memory collateral = _set.facilities.collateralOf(loanId);
        if (block.timestamp < collateral.auctionEnd) vm.warp(collateral.auctionEnd);
        if (collateral.round == 0) vm.warp(block.timestamp + 64 days);
        vm.prank(_set.lender);
        try _set.facilities.declareDefault(loanId) {} catch {}
        _liquidate(loanId, _set.facilities.collateralOf(loanId));
    }

    function _liquidate(LoanId loanId, ICollateral.CollateralState memory collateral) private returns (bool) {
        vm.prank(_set.lender);
        try _set.facilities.liquidate(loanId) {
            ICollateral.CollateralState memory then_ = _set.facilities.collateralOf(loanId);
            _reachIf(then_.round != 0, "a liquidation");
            _reachIf(then_.round > 1, "another round of an auction");
            if (then_.round > 1) {
                _hold(then_.floorPrice >= collateral.floorPrice, "no round lowers the floor");
                _hold(then_.round == collateral.round + 1, "round after round");
                _hold(then_.auctionStart >= block.timestamp + 1 days, "with a day's notice");
            }
            _hold(then_.round <= 4, "three restarts at most");
            return true;
        } catch {
            return false;
        }
    }

    struct Before {
        ICollateral.CollateralState collateral;
        ICollateral.CollateralItem[] sale;
        uint64 price;
        uint24 factor;
        uint256 quantity; // behind the loan
        uint256 owed;
        uint256 lender;
        uint256 owner;
    }

    function _before(LoanId loanId) private view returns (Before memory before) {
        before.collateral = _set.facilities.collateralOf(loanId);
        (before.sale, before.price, before.factor) = _set.facilities.saleOf(loanId);
        before.quantity = _quantityBehind(loanId);
        before.owed = _owed(loanId);
        before.lender = _set.cash.balanceOf(_set.lender);
        before.owner = _set.cash.balanceOf(_set.borrower);
    }

    function _soldToLender(LoanId loanId, Before memory before, uint64 price) private {
        _hold(before.lender >= _set.cash.balanceOf(_set.lender), "a lender that buys gains no money");
        _checkGoods(loanId, before, price, _set.lender);
        // The lender pays the debt to itself, and the surplus to the owner.
        uint256 over = before.lender - _set.cash.balanceOf(_set.lender);
        _hold(_set.cash.balanceOf(_set.borrower) - before.owner == over, "the surplus is the owner's");
        drawn += over;
    }

    function _sold(LoanId loanId, Before memory before, uint64 price, address buyer) private {
        uint256 toLender = _set.cash.balanceOf(_set.lender) - before.lender;
        uint256 toOwner = _set.cash.balanceOf(_set.borrower) - before.owner;
        paid += toLender;
        _hold(toLender == (price < before.owed ? price : before.owed), "the lender gets what is owed and no more");
        _hold(toLender + toOwner == price, "the price is paid out whole");
        _checkGoods(loanId, before, price, buyer);
    }

    /// Nothing below the floor, nothing beyond need, no lien without a loan.
    function _checkGoods(LoanId loanId, Before memory before, uint64 price, address buyer) private {
        bool ended = _owed(loanId) == 0;
        uint256 left;
        for (uint256 i; i < before.collateral.items.length; ++i) {
            uint256 id = before.collateral.items[i].id;
            IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
                _set.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
            if (warehouseReceiptRow.owner == _set.borrower) left += warehouseReceiptRow.quantity;
            bool backs = !_set.facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(id)).isNull();
            _hold(
                warehouseReceiptRow.lienholder
                    == (backs && warehouseReceiptRow.owner != address(0) ? address(_set.facilities) : address(0)),
                "no lien without a loan"
            );
            _hold(!backs || !ended, "nothing backs a loan that is repaid");
            if (warehouseReceiptRow.owner == buyer) _hold(!backs, "the buyer's goods are free");
        }
        uint256 gone = before.quantity - left;
        _hold(
            uint256(price) * before.quantity + before.quantity >= uint256(before.collateral.floorPrice - 1) * gone,
            "never below the floor"
        );
        _hold(ended || left == 0 || before.factor == 0, "goods stay only where the debt is paid");
        // What was paid beyond the debt is at most what one gram costs, and a fen.
        if (price > before.owed) _hold((price - before.owed) * gone <= price + gone, "nothing beyond need");
        _reachIf(ended, "a sale that pays the debt");
        _reachIf(!ended && left == 0, "a sale of all goods that leaves a debt");
        uint256 newest = _newest();
        if (newest == warehouseReceiptIds[warehouseReceiptIds.length - 1]) return;
        warehouseReceiptIds.push(newest);
        _reach("a sale of part of a warehouse receipt");
    }

    function _quantityBehind(LoanId loanId) internal view returns (uint256 quantity) {
        ICollateral.CollateralItem[] memory items = _set.facilities.collateralOf(loanId).items;
        for (uint256 i; i < items.length; ++i) {
            uint96 held = _set.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(items[i].id)).quantity;
            quantity += held;
        }
    }

    function _store(uint96 quantity) private returns (uint256 id) {
        uint32 today = uint32(block.timestamp / 1 days);
        IWarehouseReceipts.LotTerms memory terms = IWarehouseReceipts.LotTerms({
            depositor: _set.borrower,
            sku: _set.sku,
            grade: "A",
            unit: "KGM",
            quantity: quantity,
            storedDay: today,
            expiryDay: today + 90,
            maxDepth: 16,
            negotiable: true,
            orderId: 0,
            fingerprint: keccak256(abi.encode("walk", ++_documents)),
            documentRoot: keccak256("documents"),
            legalTextHash: keccak256("text")
        });
        vm.prank(_set.warehouse);
        (, WarehouseReceiptId warehouseReceiptId) = _set.warehouseReceipts.issue(terms);
        id = WarehouseReceiptId.unwrap(warehouseReceiptId);
        warehouseReceiptIds.push(id);
    }

    function _owed(LoanId loanId) internal view returns (uint256) {
        LoanMath.Parts memory parts = _set.facilities.loan(loanId).payoff;
        return uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
    }

    function _warehouseReceiptsHeld() private view returns (uint256) {
        return _set.warehouseReceipts.balanceOf(_set.borrower);
    }

    /// Ids are counted up: the last one is the part that a release split off.
    function _newest() private view returns (uint256 id) {
        id = warehouseReceiptIds[warehouseReceiptIds.length - 1];
        while (true) {
            IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
                _set.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id + 1));
            if (warehouseReceiptRow.owner == address(0) && warehouseReceiptRow.quantity == 0) return id;
            ++id;
        }
    }

    function _hold(bool condition, string memory what) internal {
        if (!condition) broken = what;
    }
}
