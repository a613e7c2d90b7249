// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {HedgeMath} from "../../math/HedgeMath.sol";
import {RepaymentMath} from "../../math/RepaymentMath.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId, WarehouseReceiptId} from "../../types/Ids.sol";
import {PARTICIPATED} from "../../types/LoanTermsWord.sol";
import {Book, FacilityRecord, HedgeRecord, LendingContext} from "../FacilityBook.sol";
import {CollateralDebtors} from "./CollateralDebtors.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {IProducts} from "../IProducts.sol";

/// @title What the collateral of a loan on goods is worth; linked to the other libraries of Facilities.
/// @notice Reads prices and documents, and changes nothing.
library CollateralValue {
    /// @notice A price is in millionths of a minor unit.
    uint256 private constant SCALE = 1_000_000;
    /// @dev The day of a margin call, and the one after the last day to cure.
    uint256 private constant CALL_DAYS = 2;

    /// @notice What collateral is worth, in minor units of the loan's currency, rounded down.
    /// @param lendable Goods after their haircut, claims and orders at their advance rate.
    /// @param market Goods before the haircut, at the last price where no price is valid.
    /// @param waiting Money that debtors of claims have paid and nobody has collected.
    /// @param priced Whether every warehouse receipt counts: sound enough, in date for long enough, with a price.
    struct Worth {
        uint256 lendable;
        uint256 market;
        uint256 waiting;
        bool priced;
    }

    /// @notice A warehouse receipt and its last price.
    /// @param item The hash that names the goods.
    /// @param quantity Thousandths of the unit; 0: lost, and burned.
    /// @param value Millionths of a minor unit for the smallest part; 0: it secures nothing now.
    /// @param haircut Parts per million of the value.
    /// @param isGood Whether the goods are sound enough and in date.
    /// @param lastDay Last day number on which they are.
    struct Goods {
        bytes32 item;
        uint96 quantity;
        uint64 value;
        uint24 haircut;
        bool isGood;
        uint256 lastDay;
    }

    /// @notice Whose debts count as collateral.
    enum Debtors {
        All,
        Accepted,
        AcceptedBeforeDraw
    }

    /// @notice What counts.
    /// @param goodUntil Day number on which goods must still be good.
    /// @param debtors Whose debts.
    /// @param strict Whether a price that is missing, too old or in doubt reverts; else it counts as none.
    /// @param keepsOwn Whether debts of the lender's own group count until they are paid.
    struct Measure {
        uint256 goodUntil;
        Debtors debtors;
        bool strict;
        bool keepsOwn;
    }

    /// @notice What the collateral of a loan is worth.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param strict For new risk: reverts with the errors of {IPriceFeed.price} if a price is missing, too old or in
    /// doubt. If false, such a price counts as none.
    /// @return worth Its worth.
    function ofLoan(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId, bool strict)
        external
        view
        returns (Worth memory worth)
    {
        uint256 goodUntil = _goodUntil(context, _goodsTerms(book, context, facilityId));
        return _of(book, context, loanId, facilityId, Measure(goodUntil, Debtors.All, strict, !strict));
    }

    /// @notice The strict value, for collateral that leaves. A claim counts only if the lender has accepted its debtor
    /// for the facility, or if the debtor is the buyer of an order on which the loan was drawn. So goods never leave in
    /// exchange for a promise that the lender did not accept. While a shared loan's lender is related to its borrower,
    /// only a debtor counts that it had accepted when the first share was sold.
    /// @dev Reverts with the errors of {IPriceFeed.price} if a price is missing, too old or in doubt.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param lasting Whether goods must last for a margin call and an auction; else today is enough, to compare what
    /// was with what is.
    /// @return worth Its worth.
    function ofAccepted(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        bool lasting
    ) external view returns (Worth memory worth) {
        uint256 goodUntil = context.today;
        if (lasting) goodUntil = _goodUntil(context, _goodsTerms(book, context, facilityId));
        return _of(book, context, loanId, facilityId, Measure(goodUntil, Debtors.Accepted, true, false));
    }

    /// @notice Like `ofAccepted`, without the claims on debtors that were accepted after the draw: what those who bear
    /// losses signed for.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @return Minor units.
    function lendableBeforeDraw(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        external
        view
        returns (uint256)
    {
        uint256 goodUntil = _goodUntil(context, _goodsTerms(book, context, facilityId));
        Measure memory measure = Measure(goodUntil, Debtors.AcceptedBeforeDraw, true, false);
        return _of(book, context, loanId, facilityId, measure).lendable;
    }

    /// @notice What the collateral of a loan is worth for a margin call, and the terms for goods. Where it is below the
    /// call level, hedges count too, for the share that the terms name. A debt of the lender's own group counts until
    /// it is paid: the lender gains nothing by not paying it.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param debt What would end the loan today, in minor units.
    /// @param hedgeDay Hedges count that had not ended on this day: today, or `heldFrom`. In the second case goods that
    /// end soon count too.
    /// @return worth Its worth.
    /// @return goods The product's terms for goods.
    function forMargin(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        uint256 debt,
        uint256 hedgeDay
    ) external view returns (Worth memory worth, IProducts.GoodsTerms memory goods) {
        goods = _goodsTerms(book, context, facilityId);
        uint256 goodUntil = hedgeDay < context.today ? context.today : _goodUntil(context, goods);
        worth = _of(book, context, loanId, facilityId, Measure(goodUntil, Debtors.All, false, true));
        if (goods.hedgeShare == 0 || !isBelow(worth, debt, goods.callLevel)) return (worth, goods);
        HedgeMath.Hedge[] memory hedges =
            _hedges(book, context, loanId, facilityId, goods.hedgeShare, hedgeDay, goodUntil);
        for (uint256 i; i < hedges.length; ++i) {
            worth.lendable += hedges[i].lendable;
        }
    }

    /// @notice The hedges of a loan, and what each counts for now: see {IHedges.hedgesOf}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @return The hedges, in the order in which they were recorded; those that ended of late too.
    function hedgesOf(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        external
        view
        returns (HedgeMath.Hedge[] memory)
    {
        IProducts.GoodsTerms memory goods = _goodsTerms(book, context, facilityId);
        return _hedges(book, context, loanId, facilityId, goods.hedgeShare, context.today, _goodUntil(context, goods));
    }

    /// @notice How much of an item a loan has as collateral: goods that are sound enough and in date.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param item The hash that names the goods.
    /// @return held Thousandths of the unit.
    function quantityOf(Book storage book, LendingContext memory context, LoanId loanId, bytes32 item)
        external
        view
        returns (uint256 held)
    {
        uint256[] memory ids = _receipts(book, loanId);
        for (uint256 i; i < ids.length; ++i) {
            Goods memory goods = _goods(context, ids[i]);
            if (goods.item == item && goods.isGood) held += goods.quantity;
        }
    }

    /// @dev The first day of which the hedges count against a liquidation at once today. So a hedge that ended goes on
    /// counting there for as long as its end's margin call leaves to cure, and no longer.
    function heldFrom(uint256 today, uint256 cureDays) internal pure returns (uint256) {
        return today - cureDays - 1;
    }

    /// @dev Whether the collateral is below a level of the debt, in parts per million. Money that waits pays the debt
    /// as soon as anyone collects it.
    function isBelow(Worth memory worth, uint256 debt, uint256 level) internal pure returns (bool) {
        return worth.lendable * RepaymentMath.WHOLE < Math.saturatingSub(debt, worth.waiting) * level;
    }

    /// @notice What a claim counts for at least where it is handed over: the money that waits on it, and what is lent
    /// on the rest. Of a debtor in default only the money counts, unless it is of the lender's own group.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityRow The loan's facility.
    /// @param claimId The claim.
    /// @param value Minor units of the claim. A part takes its share of the money along, rounded up here, and no late
    /// charge.
    /// @return min Minor units.
    function lentOn(LendingContext memory context, FacilityRecord storage facilityRow, uint256 claimId, uint256 value)
        external
        view
        returns (uint256 min)
    {
        IReceivables.Claim memory claimRow = context.receivables.claim(ClaimId.wrap(claimId));
        (uint96 principal, uint96 lateCharge) = context.receivables.collectable(ClaimId.wrap(claimId));
        if (value > claimRow.value) value = claimRow.value;
        min = Math.ceilDiv(value * principal, claimRow.value);
        uint256 rest = value - min;
        if (value == claimRow.value) min += lateCharge;
        IReceivables.Receivable memory debt = context.receivables.receivable(claimRow.receivableId);
        bool isLost = debt.status == IReceivables.Status.Defaulted || debt.status == IReceivables.Status.WrittenOff;
        if (isLost && !_isOwn(context, facilityRow, debt.debtor)) return min;
        ProductId productId = ProductId.wrap(facilityRow.productId);
        return min + rest * context.products.terms(productId, facilityRow.version).advanceRate / RepaymentMath.WHOLE;
    }

    /// @notice What an order under lien counts for: what is lent on the part that is neither invoiced nor delivered.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityRow The loan's facility.
    /// @param orderId The order.
    /// @return Minor units.
    function lentOnOrder(LendingContext memory context, FacilityRecord storage facilityRow, OrderId orderId)
        external
        view
        returns (uint256)
    {
        ProductId productId = ProductId.wrap(facilityRow.productId);
        uint256 advanceRate = context.products.terms(productId, facilityRow.version).advanceRate;
        return _ofOrder(context, orderId) * advanceRate / RepaymentMath.WHOLE;
    }

    /// @notice What is unpaid of `value` of a claim, with the money that waits to be collected.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param claimId The claim.
    /// @param value Minor units of the claim. A part takes no late charge along.
    /// @return Minor units.
    function unpaidOf(LendingContext memory context, uint256 claimId, uint256 value) external view returns (uint256) {
        (, uint96 lateCharge) = context.receivables.collectable(ClaimId.wrap(claimId));
        uint256 whole = context.receivables.claim(ClaimId.wrap(claimId)).value;
        return value < whole ? value : whole + lateCharge;
    }

    function _of(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        Measure memory measure
    ) private view returns (Worth memory worth) {
        worth.priced = true;
        _addAllGoods(worth, book, context, loanId, facilityId, measure);
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        uint256 advanceRate =
            context.products.terms(ProductId.wrap(facilityRow.productId), facilityRow.version).advanceRate;
        worth.lendable += _documents(worth, book, context, loanId, facilityId, measure) * advanceRate
        / RepaymentMath.WHOLE;
    }

    function _addAllGoods(
        Worth memory worth,
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        Measure memory measure
    ) private view {
        bytes3 currency = context.prices.currencyOf(book.facilities[facilityId].currency);
        uint256[] memory ids = _receipts(book, loanId);
        for (uint256 i; i < ids.length; ++i) {
            _addGoods(worth, context, ids[i], currency, measure);
        }
    }

    function _documents(
        Worth memory worth,
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        Measure memory measure
    ) private view returns (uint256 documents) {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind == IProducts.CollateralKind.Claim) {
                (uint256 value, uint256 waiting, address debtor) =
                    _ofClaim(context, facilityRow, ClaimId.wrap(id), measure.keepsOwn);
                worth.waiting += waiting;
                if (value != 0 && _isAmong(book, context, loanId, facilityId, debtor, measure.debtors)) {
                    documents += value;
                }
            } else if (kind == IProducts.CollateralKind.Order) {
                documents += _ofOrder(context, OrderId.wrap(id));
            }
        }
    }

    function _addGoods(
        Worth memory worth,
        LendingContext memory context,
        uint256 id,
        bytes3 currency,
        Measure memory measure
    ) private view {
        Goods memory goods = _pricedGoods(context, id, currency, measure.strict, measure.goodUntil);
        if (goods.quantity == 0) return;
        (uint256 value, uint256 haircut) = (goods.value, goods.haircut);
        if (value == 0) worth.priced = false;
        // The item secures nothing, but its price says where a sale starts. Otherwise goods would go for the debt,
        // however small it is.
        if (goods.isGood && value == 0) {
            (value, haircut) = (context.prices.quote(goods.item, currency).value, RepaymentMath.WHOLE);
        }
        uint256 market = uint256(goods.quantity) * value;
        worth.market += market / SCALE;
        worth.lendable += market * (RepaymentMath.WHOLE - haircut) / (SCALE * RepaymentMath.WHOLE);
    }

    /// @dev Goods that are not good until a day have no value, as goods without a price.
    function _pricedGoods(LendingContext memory context, uint256 id, bytes3 currency, bool strict, uint256 goodUntil)
        private
        view
        returns (Goods memory goods)
    {
        goods = _goods(context, id);
        if (!goods.isGood || goods.lastDay < goodUntil) return goods;
        (goods.value, goods.haircut) =
            strict ? context.prices.price(goods.item, currency) : context.prices.appraised(goods.item, currency);
    }

    /// @dev Without its price.
    function _goods(LendingContext memory context, uint256 id) private view returns (Goods memory goods) {
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
        goods.quantity = warehouseReceiptRow.quantity;
        if (goods.quantity == 0) return goods;
        IWarehouseReceipts.Lot memory lot = context.warehouseReceipts.lot(warehouseReceiptRow.lotId);
        goods.item = lot.item;
        goods.lastDay = lot.expiryDay;
        goods.isGood = context.today <= lot.expiryDay && lot.condition != IWarehouseReceipts.Condition.Unfit;
    }

    /// @dev The warehouse receipts among the collateral items.
    function _receipts(Book storage book, LoanId loanId) private view returns (uint256[] memory ids) {
        CollateralItemWord[] storage items = book.items[loanId];
        ids = new uint256[](items.length);
        uint256 count;
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind == IProducts.CollateralKind.WarehouseReceipt) ids[count++] = id;
        }
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }

    function _goodsTerms(Book storage book, LendingContext memory context, FacilityId facilityId)
        private
        view
        returns (IProducts.GoodsTerms memory)
    {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        return context.products.goodsTerms(ProductId.wrap(facilityRow.productId), facilityRow.version);
    }

    /// @dev Goods without a valid price secure nothing, hedged or not.
    function _hedges(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        uint256 share,
        uint256 hedgeDay,
        uint256 goodUntil
    ) private view returns (HedgeMath.Hedge[] memory hedges) {
        HedgeRecord[] storage records = book.hedges[loanId];
        hedges = new HedgeMath.Hedge[](records.length);
        if (records.length == 0) return hedges;
        for (uint256 i; i < records.length; ++i) {
            HedgeRecord memory record = records[i];
            hedges[i] = HedgeMath.Hedge({
                item: record.item,
                contractHash: record.contractHash,
                quantity: record.quantity,
                price: record.price,
                maxPrice: record.maxPrice,
                expiryDay: record.expiryDay,
                counted: 0,
                lendable: 0
            });
        }
        bytes3 currency = context.prices.currencyOf(book.facilities[facilityId].currency);
        uint256[] memory ids = _receipts(book, loanId);
        for (uint256 i; i < ids.length; ++i) {
            Goods memory goods = _pricedGoods(context, ids[i], currency, false, goodUntil);
            HedgeMath.Goods memory hedged = HedgeMath.Goods(goods.item, goods.quantity, goods.value, goods.haircut);
            HedgeMath.countDown(hedges, hedged, hedgeDay, share);
        }
    }

    function _isAmong(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        address debtor,
        Debtors debtors
    ) private view returns (bool) {
        if (debtors == Debtors.All) return true;
        PartyId party = context.registry.partyOf(debtor);
        if (!CollateralDebtors.counts(book, loanId, facilityId, party)) return false;
        if (debtors == Debtors.AcceptedBeforeDraw && CollateralDebtors.isLate(book, loanId, facilityId, party)) {
            return false;
        }
        if (book.buyers[loanId][party] != 0 || book.acceptedBefore[loanId][party]) return true;
        return !_isOfOneGroup(book, context, loanId, facilityId);
    }

    /// @dev Whether participants have a share of the loan, and its lender is related to its borrower by now: what
    /// secures their share must not leave on the lender's word.
    function _isOfOneGroup(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        private
        view
        returns (bool)
    {
        if (book.loans[loanId].terms.traits() & PARTICIPATED == 0) return false;
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        return context.registry.areRelated(facilityRow.lender, facilityRow.borrower);
    }

    /// @dev A claim that was paid and burned, or whose debt is not good any more, counts as zero. A debt of the
    /// lender's own group may count on: neither its default nor its dispute is to the borrower's cost.
    function _ofClaim(LendingContext memory context, FacilityRecord storage facilityRow, ClaimId claimId, bool keepsOwn)
        private
        view
        returns (uint256 value, uint256 waiting, address debtor)
    {
        IReceivables.Claim memory claimRow = context.receivables.claim(claimId);
        if (claimRow.owner == address(0)) return (0, 0, debtor);
        IReceivables.Receivable memory debt = context.receivables.receivable(claimRow.receivableId);
        (uint96 principal, uint96 lateCharge) = context.receivables.collectable(claimId);
        (waiting, debtor) = (uint256(principal) + lateCharge, debt.debtor);
        bool isGood = debt.status == IReceivables.Status.Confirmed && context.today <= debt.dueDay;
        if (isGood || (keepsOwn && _isOwn(context, facilityRow, debtor))) value = claimRow.value - principal;
    }

    /// @dev Whether a debtor is of the group of the lender or of the one whose money is lent.
    function _isOwn(LendingContext memory context, FacilityRecord storage facilityRow, address debtor)
        private
        view
        returns (bool)
    {
        if (context.registry.areRelated(facilityRow.lender, debtor)) return true;
        address entruster = facilityRow.entruster;
        return entruster != address(0) && context.registry.areRelated(entruster, debtor);
    }

    /// @dev The day on which an auction ends that follows a margin call of today which nobody cures. Goods that end
    /// earlier could not be sold any more.
    function _goodUntil(LendingContext memory context, IProducts.GoodsTerms memory goods)
        private
        pure
        returns (uint256)
    {
        if (goods.callLevel == 0) return context.today;
        return context.today + goods.cureDays + goods.auctionDays + CALL_DAYS;
    }

    function _ofOrder(LendingContext memory context, OrderId orderId) private view returns (uint256) {
        IPurchaseOrders.Order memory order = context.orders.order(orderId);
        if (order.status != IPurchaseOrders.Status.Confirmed || context.today > order.expiryDay) return 0;
        return uint256(order.amount) - order.invoiced - order.delivered;
    }
}
