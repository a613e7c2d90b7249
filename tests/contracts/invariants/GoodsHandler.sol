// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {WarehouseReceipts} from "../../../contracts/assets/WarehouseReceipts.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/financing/Facilities.sol";
import {IFacilities} from "../../../contracts/financing/IFacilities.sol";
import {IProducts} from "../../../contracts/financing/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {PriceFeed} from "../../../contracts/risk/PriceFeed.sol";
import {FacilityId, LoanId, LotId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";

/// Goods come in, are lent on, swapped, damaged, called, sold and paid for while their price walks, in any order.
contract GoodsHandler is Test {
    struct Setting {
        Facilities facilities;
        WarehouseReceipts receipts;
        PriceFeed prices;
        SettlementToken cash;
        address borrower;
        address lender;
        address buyer;
        address warehouse;
        address[2] appraisers;
        bytes32 sku;
        FacilityId line;
    }

    Setting private _set;
    LoanId[] public loans;
    uint256[] public receiptIds;
    /// The lender's money, as this contract reckons it.
    uint256 public drawn;
    uint256 public paid;
    uint256 public sold;
    uint256 public called;
    string public broken;
    uint64 private _price = 1_000_000;
    uint256 private _papers;

    constructor(Setting memory set) {
        _set = set;
    }

    function loanCount() external view returns (uint256) {
        return loans.length;
    }

    function receiptCount() external view returns (uint256) {
        return receiptIds.length;
    }

    function draw(uint256 quantity, uint256 amount, uint256 pieces) external {
        IFacilities.Piece[] memory given = new IFacilities.Piece[](1 + pieces % 3);
        for (uint256 i; i < given.length; ++i) {
            given[i] = IFacilities.Piece(IProducts.Cover.Receipt, _store(1 + uint96(quantity % 1_000_000)), 0);
        }
        uint64 wanted = uint64(1 + amount % 1_000_000);
        IFacilities.DrawRequest memory request =
            IFacilities.DrawRequest(FacilityId.unwrap(_set.line), wanted, LoanMath.Style.Bullet, 60, 0);
        vm.prank(_set.borrower);
        try _set.facilities.drawOnGoods(request, given) returns (LoanId loanId) {
            loans.push(loanId);
            drawn += wanted;
            _hold(_set.facilities.coverOf(loanId).lendable >= wanted, "a draw is covered");
        } catch {}
    }

    function change(uint256 which, uint256 quantity, uint256 out, bool adds) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        IFacilities.Piece[] memory held = _set.facilities.coverOf(loanId).pieces;
        IFacilities.Piece[] memory added = new IFacilities.Piece[](adds ? 1 : 0);
        if (adds) added[0] = IFacilities.Piece(IProducts.Cover.Receipt, _store(1 + uint96(quantity % 500_000)), 0);
        IFacilities.Piece[] memory removed = new IFacilities.Piece[](held.length == 0 ? 0 : 1);
        if (held.length != 0) {
            removed[0] = held[out % held.length];
            removed[0].value = uint96(quantity % 3 == 0 ? 0 : 1 + quantity % 1_000);
        }
        uint256 before = _receiptsHeld();
        vm.prank(_set.borrower);
        try _set.facilities.changeCover(loanId, added, removed) {
            if (removed.length == 0) return;
            _hold(_set.facilities.coverOf(loanId).lendable >= _owed(loanId), "what stays covers the debt");
            uint256 after_ = _receiptsHeld();
            if (after_ > before) receiptIds.push(_newest());
        } catch {}
    }

    function walk(uint256 step) external {
        // Between -12 % and +12 %: some are jumps that two appraisers agree on.
        _price = uint64(1 + uint256(_price) * (880 + step % 241) / 1000);
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory given = new IPriceFeed.Price[](1);
        bytes32 item = _set.receipts.itemOf(_set.sku, "A", "KGM");
        uint40 now_ = uint40(block.timestamp);
        given[0] = IPriceFeed.Price(item, "CNY", _price, 400_000, now_, now_ + 30 days, keccak256("papers"));
        vm.prank(_set.appraisers[0]);
        _set.prices.post(given);
        if (_set.prices.quote(item, "CNY").proposer == address(0)) return;
        vm.prank(_set.appraisers[1]);
        _set.prices.confirm(given);
    }

    function pass(uint256 length) external {
        vm.warp(block.timestamp + (length % 12) * 1 days);
    }

    function impair(uint256 which, uint256 quantity) external {
        if (receiptIds.length == 0) return;
        uint256 id = receiptIds[which % receiptIds.length];
        (,, uint96 held,,,) = _set.receipts.receipt(ReceiptId.wrap(id));
        if (held == 0) return;
        vm.prank(_set.warehouse);
        try _set.receipts.impair(ReceiptId.wrap(id), uint96(1 + quantity % held), keccak256("papers")) {}
        catch {
            broken = "damage is always put on record";
        }
    }

    function check(uint256 which) external {
        if (loans.length == 0) return;
        try _set.facilities.checkMargin(loans[which % loans.length]) {
            ++called;
        } catch {}
    }

    function liquidate(uint256 which) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        IFacilities.CoverState memory cover = _set.facilities.coverOf(loanId);
        uint256 owed = _owed(loanId);
        bool running = _set.facilities.loan(loanId).status == IFacilities.Status.Running;
        vm.prank(_set.lender);
        try _set.facilities.liquidate(loanId) {
            if (!running) return;
            _hold(cover.lendable * 100 < owed * 95, "never above the call level");
            bool uncured = cover.calledDay != 0 && block.timestamp / 1 days > cover.lastDay;
            _hold(uncured || (cover.priced && cover.lendable * 100 < owed * 85), "only uncured or far below");
        } catch {}
    }

    function bid(uint256 which, uint256 most) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        uint256 owed = _owed(loanId);
        IFacilities.CoverState memory cover = _set.facilities.coverOf(loanId);
        uint256 lender = _set.cash.balanceOf(_set.lender);
        uint256 owner = _set.cash.balanceOf(_set.borrower);
        vm.prank(_set.buyer);
        try _set.facilities.bid(loanId, uint64(most % 2_000_000)) returns (uint64 price) {
            ++sold;
            uint256 toLender = _set.cash.balanceOf(_set.lender) - lender;
            uint256 toOwner = _set.cash.balanceOf(_set.borrower) - owner;
            paid += toLender;
            _hold(toLender == (price < owed ? price : owed), "the lender gets what is owed and no more");
            _hold(toLender + toOwner == price, "the price is paid out whole");
            for (uint256 i; i < cover.pieces.length; ++i) {
                (address holder,,,,, address lienholder) = _set.receipts.receipt(ReceiptId.wrap(cover.pieces[i].id));
                _hold(holder == address(0) || holder == _set.buyer, "the buyer has the goods");
                _hold(lienholder == address(0), "free of the lien");
            }
        } catch (bytes memory reason) {
            bytes4 why = bytes4(reason);
            _hold(
                why == IFacilities.NoAuction.selector || why == IFacilities.PriceAboveBid.selector
                    || why == IFacilities.LoanUnknown.selector,
                "a bid that is high enough is taken"
            );
        }
    }

    function repay(uint256 which, uint256 amount) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        uint256 owed = _owed(loanId);
        uint64 given = uint64(1 + amount % 700_000);
        uint256 before = _set.cash.balanceOf(_set.lender);
        vm.prank(_set.borrower);
        try _set.facilities.repay(loanId, given) {
            uint256 got = _set.cash.balanceOf(_set.lender) - before;
            paid += got;
            _hold(got == (given < owed ? given : owed), "a repayment takes what is owed");
        } catch (bytes memory reason) {
            _hold(bytes4(reason) == IFacilities.StateForbids.selector, "a repayment is never refused");
        }
    }

    function fail(uint256 which) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        vm.startPrank(_set.lender);
        try _set.facilities.declareDefault(loanId) {} catch {}
        try _set.facilities.recordLoss(loanId) {
            _hold(_set.facilities.coverOf(loanId).market == 0, "no loss while goods are there");
        } catch {}
        vm.stopPrank();
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
            fingerprint: keccak256(abi.encode("walk", ++_papers)),
            documentRoot: keccak256("papers"),
            legalTextHash: keccak256("text")
        });
        vm.prank(_set.warehouse);
        (, ReceiptId receiptId) = _set.receipts.issue(terms);
        id = ReceiptId.unwrap(receiptId);
        receiptIds.push(id);
    }

    function _owed(LoanId loanId) private view returns (uint256) {
        LoanMath.Parts memory parts = _set.facilities.loan(loanId).payoff;
        return uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
    }

    function _receiptsHeld() private view returns (uint256) {
        return _set.receipts.balanceOf(_set.borrower);
    }

    /// Ids are counted up: what a part release split off is the last one there is.
    function _newest() private view returns (uint256 id) {
        id = receiptIds[receiptIds.length - 1];
        while (true) {
            (address owner,, uint96 quantity,,,) = _set.receipts.receipt(ReceiptId.wrap(id + 1));
            if (owner == address(0) && quantity == 0) return id;
            ++id;
        }
    }

    function _hold(bool condition, string memory what) private {
        if (!condition) broken = what;
    }
}
