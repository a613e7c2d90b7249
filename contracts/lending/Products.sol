// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {IReferenceRates} from "../risk/IReferenceRates.sol";
import {Bitmap, placeOf, wordOf} from "../types/Bitmap.sol";
import {DocumentSets, MAX_SETS} from "../types/DocumentSets.sol";
import {DueDayShifts} from "../types/DueDayShifts.sol";
import {ProductId} from "../types/Ids.sol";
import {IProducts} from "./IProducts.sol";

/// @title The catalogue: the terms of financing as rows.
/// @notice See {IProducts} for the specification.
contract Products is IProducts, ForwardedAccess {
    /// @notice A product in storage.
    /// @param version The version in force.
    /// @param open Whether facilities may be agreed and drawn.
    /// @param proposer The operator who proposed.
    /// @param proposed Hash of the proposed terms; zero: none.
    /// @param terms The terms of each version.
    /// @param goods The terms for goods of each version: apart, so that a draw without goods does not read them.
    /// @param floating How the rate of each version follows a reference: apart for the same reason.
    /// @param evidence What a draw under each version has to prove: apart, for the same reason.
    struct Row {
        uint32 version;
        bool open;
        address proposer;
        bytes32 proposed;
        mapping(uint32 version => ProductTerms) terms;
        mapping(uint32 version => GoodsTerms) goods;
        mapping(uint32 version => FloatingTerms) floating;
        mapping(uint32 version => EvidenceTerms) evidence;
    }

    uint256 private constant MAX_GRACE_DAYS = 15;
    uint256 private constant MAX_SHIFT_DAYS = 12;
    uint256 private constant MAX_DAYS = 3660;
    uint256 private constant STYLES = 31;
    // EqualPrincipal, EqualInstalment, InterestOnly.
    uint256 private constant SCHEDULES = 22;
    uint256 private constant MAX_PERIOD_MONTHS = 12;
    uint256 private constant MAX_GRACE_PERIODS = 12;
    uint256 private constant MAX_GOODS_DAYS = 30;
    uint256 private constant DOCUMENT_KINDS = 31;
    uint256 private constant MAX_TRADE_SHARE = 10_000_000;
    uint256 private constant MAX_TRADE_MONTHS = 24;
    // Days from the first day of a cycle to its last: Monday to Sunday, and the longest month.
    uint256 private constant WEEK_WAIT = 6;
    uint256 private constant MONTH_WAIT = 30;
    uint256 private constant MAX_FREE_DAYS = type(uint8).max;
    // Sixty instalments of it and a flat fee as large as a draw stay below 2^64.
    uint256 private constant MAX_FEE_SHARE = RepaymentMath.WHOLE / 5;
    /// @dev The set of all tenors of a schedule: the bits from 1 to MAX_PERIODS.
    uint256 private constant ALL_MONTHS = (1 << (RepaymentMath.MAX_PERIODS + 1)) - 2;

    uint256 private _count;
    mapping(ProductId => Row) private _rows;
    mapping(bytes32 code => ProductId) private _withCode;
    mapping(uint256 word => Bitmap) private _holidays;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @inheritdoc IProducts
    IReferenceRates public immutable rates;

    constructor(address authority, address forwarder, IPartyRegistry registry_, IReferenceRates rates_)
        ForwardedAccess(authority, forwarder)
    {
        registry = registry_;
        rates = rates_;
    }

    /// @inheritdoc IProducts
    function add(
        bytes32 code,
        ProductTerms calldata newTerms,
        GoodsTerms calldata goods,
        FloatingTerms calldata floating,
        EvidenceTerms calldata evidence
    ) external restricted returns (ProductId productId) {
        if (code == 0) revert CodeMissing();
        if (!_withCode[code].isNull()) revert CodeTaken(code, _withCode[code]);
        _check(newTerms);
        _checkGoods(newTerms, goods);
        _checkFloating(newTerms, floating);
        _checkEvidence(newTerms, evidence);
        productId = ProductId.wrap(++_count);
        _withCode[code] = productId;
        Row storage row = _rows[productId];
        row.version = 1;
        row.open = true;
        _keep(row, 1, newTerms, goods, floating, evidence);
        emit ProductAdded(productId, code, newTerms, goods, floating, evidence);
    }

    /// @inheritdoc IProducts
    function propose(
        ProductId productId,
        ProductTerms calldata newTerms,
        GoodsTerms calldata goods,
        FloatingTerms calldata floating,
        EvidenceTerms calldata evidence
    ) external restricted {
        Row storage row = _known(productId);
        _check(newTerms);
        _checkGoods(newTerms, goods);
        _checkFloating(newTerms, floating);
        _checkEvidence(newTerms, evidence);
        // The amounts lent under all versions are added up, and so are the facilities agreed.
        ProductTerms storage inForce = row.terms[row.version];
        uint160 currency = uint160(inForce.currency);
        _within("currency", uint160(newTerms.currency), currency, currency);
        uint24 limitCurrency = uint24(inForce.limitCurrency);
        _within("limitCurrency", uint24(newTerms.limitCurrency), limitCurrency, limitCurrency);
        row.proposer = _person();
        row.proposed = keccak256(abi.encode(newTerms, goods, floating, evidence));
        emit ProductChangeProposed(productId, row.proposed, row.proposer);
    }

    /// @inheritdoc IProducts
    function approve(
        ProductId productId,
        ProductTerms calldata newTerms,
        GoodsTerms calldata goods,
        FloatingTerms calldata floating,
        EvidenceTerms calldata evidence
    ) external restricted {
        Row storage row = _known(productId);
        bytes32 proposed = row.proposed;
        bytes32 hash = keccak256(abi.encode(newTerms, goods, floating, evidence));
        if (proposed == 0) revert NothingProposed(productId);
        if (proposed != hash) revert ProposalDiffers(productId, proposed, hash);
        (address proposer, address approver) = (row.proposer, _person());
        if (registry.areRelated(proposer, approver)) revert SecondPersonNeeded(productId, proposer);
        if (!_mayStill(proposer, this.propose.selector)) revert ProposerGone(proposer);

        row.proposed = 0;
        uint32 version = row.version;
        if (
            hash
                != keccak256(
                    abi.encode(row.terms[version], row.goods[version], row.floating[version], row.evidence[version])
                )
        ) {
            _keep(row, ++row.version, newTerms, goods, floating, evidence);
        }
        row.open = true;
        emit ProductChanged(productId, row.version, proposer, approver, newTerms, goods, floating, evidence);
        emit ProductOpened(productId, true);
    }

    /// @inheritdoc IProducts
    function close(ProductId productId) external restricted {
        _known(productId).open = false;
        emit ProductOpened(productId, false);
    }

    /// @inheritdoc IProducts
    function setHolidays(uint256[] calldata words, uint256[] calldata bits) external restricted {
        if (words.length != bits.length) revert LengthsDiffer(words.length, bits.length);
        for (uint256 i; i < words.length; ++i) {
            _holidays[words[i]] = Bitmap.wrap(bits[i]);
        }
        emit HolidaysSet(words, bits);
    }

    /// @inheritdoc IProducts
    function terms(ProductId productId, uint32 version) public view returns (ProductTerms memory) {
        if (version == 0 || version > _rows[productId].version) revert ProductUnknown(productId, version);
        return _rows[productId].terms[version];
    }

    /// @inheritdoc IProducts
    function goodsTerms(ProductId productId, uint32 version) external view returns (GoodsTerms memory) {
        return _rows[productId].goods[version];
    }

    /// @inheritdoc IProducts
    function floatingTerms(ProductId productId, uint32 version) external view returns (FloatingTerms memory) {
        return _rows[productId].floating[version];
    }

    /// @inheritdoc IProducts
    function evidenceTerms(ProductId productId, uint32 version) external view returns (EvidenceTerms memory) {
        return _rows[productId].evidence[version];
    }

    /// @inheritdoc IProducts
    function openTerms(ProductId productId, uint32 version) external view returns (ProductTerms memory) {
        if (!_rows[productId].open) revert ProductClosed(productId);
        return terms(productId, version);
    }

    /// @inheritdoc IProducts
    function current(ProductId productId) external view returns (uint32 version, bool open) {
        return (_rows[productId].version, _rows[productId].open);
    }

    /// @inheritdoc IProducts
    function withCode(bytes32 code) external view returns (ProductId) {
        return _withCode[code];
    }

    /// @inheritdoc IProducts
    function isHoliday(uint256 day) public view returns (bool) {
        return _holidays[wordOf(day)].has(placeOf(day));
    }

    /// @inheritdoc IProducts
    function shifts(LoanMath.Terms calldata loan) external view returns (uint256 packed) {
        LoanMath.Terms memory unmoved = loan;
        unmoved.shifts = 0;
        for (uint256 number = 1; number <= unmoved.periods; ++number) {
            uint256 due = LoanMath.dueDayOf(unmoved, number);
            uint256 moved;
            while (isHoliday(due + moved)) {
                ++moved;
                if (moved > MAX_SHIFT_DAYS) revert TermOutOfRange("shift", moved, 0, MAX_SHIFT_DAYS);
            }
            packed = DueDayShifts.unwrap(DueDayShifts.wrap(packed).withDays(number, moved));
        }
    }

    function _known(ProductId productId) private view returns (Row storage row) {
        row = _rows[productId];
        if (row.version == 0) revert ProductUnknown(productId, 0);
    }

    function _keep(
        Row storage row,
        uint32 version,
        ProductTerms calldata newTerms,
        GoodsTerms calldata goods,
        FloatingTerms calldata floating,
        EvidenceTerms calldata evidence
    ) private {
        if (floating.referenceCode != 0 || _hasFees(floating)) {
            row.floating[version] = floating;
        }
        row.terms[version] = newTerms;
        if (goods.callLevel != 0) row.goods[version] = goods;
        if (newTerms.evidence) row.evidence[version] = evidence;
    }

    /// @dev A set after an empty one would be easy to overlook.
    function _checkEvidence(ProductTerms calldata newTerms, EvidenceTerms calldata evidence) private pure {
        DocumentSets sets = DocumentSets.wrap(evidence.documents);
        for (uint256 i; i < MAX_SETS; ++i) {
            bool follows = i == 0 || sets.setAt(i - 1) != 0;
            _within("documents", sets.setAt(i), 0, follows ? DOCUMENT_KINDS : 0);
        }
        bool needed = evidence.documents != 0;
        bool bounded = evidence.basis != TradeBasis.None;
        _within("accepted", evidence.accepted ? 1 : 0, 0, needed ? 1 : 0);
        _within("maxAgeDays", evidence.maxAgeDays, 0, needed ? MAX_DAYS : 0);
        _within("share", evidence.share, bounded ? 1 : 0, bounded ? MAX_TRADE_SHARE : 0);
        _within("months", evidence.months, bounded ? 1 : 0, bounded ? MAX_TRADE_MONTHS : 0);
        _within("mean", evidence.mean ? 1 : 0, 0, bounded ? 1 : 0);
        uint256 flag = needed || bounded ? 1 : 0;
        _within("evidence", newTerms.evidence ? 1 : 0, flag, flag);
    }

    /// @dev Claims alone need no margin call: their value does not move.
    function _checkGoods(ProductTerms calldata newTerms, GoodsTerms calldata goods) private pure {
        bool always = newTerms.collateral == CollateralKind.WarehouseReceipt;
        bool never = newTerms.collateral == CollateralKind.None || newTerms.collateral == CollateralKind.Claim;
        _within("callLevel", goods.callLevel, always ? 1 : 0, never ? 0 : RepaymentMath.WHOLE);
        bool margin = goods.callLevel != 0;
        _within("liquidationLevel", goods.liquidationLevel, margin ? 1 : 0, goods.callLevel);
        _within("cureDays", goods.cureDays, margin ? 1 : 0, margin ? MAX_GOODS_DAYS : 0);
        _within("auctionDays", goods.auctionDays, margin ? 1 : 0, margin ? MAX_GOODS_DAYS : 0);
        uint256 whole = margin ? RepaymentMath.WHOLE : 0;
        _within("auctionStart", goods.auctionStart, whole, 2 * whole);
        _within("auctionFloor", goods.auctionFloor, margin ? 1 : 0, whole);
        _within("hedgeShare", goods.hedgeShare, 0, whole);
        // A debtor's share is of what debtors owe; goods have no debtor.
        if (always) _within("debtorShare", newTerms.debtorShare, 0, 0);
    }

    /// @dev A bill costs nothing if it is paid in time, and what an entrusted loan earns is its entruster's: neither has
    /// service fees.
    function _checkFees(ProductTerms calldata newTerms, FloatingTerms calldata floating) private pure {
        bool allowed = newTerms.funding != Funding.Entrusted && !_has(newTerms, LoanMath.Style.BillingCycle);
        uint256 maxShare = allowed ? MAX_FEE_SHARE : 0;
        _within("maxFlatFee", floating.maxFlatFee, 0, allowed ? ClaimShares.MAX_AMOUNT : 0);
        _within("maxDrawFee", floating.maxDrawFee, 0, maxShare);
        _within("maxPeriodicFee", floating.maxPeriodicFee, 0, maxShare);
        _within("maxTotalCost", floating.maxTotalCost, 0, _hasFees(floating) ? type(uint24).max : 0);
    }

    function _hasFees(FloatingTerms calldata floating) private pure returns (bool) {
        return floating.maxFlatFee != 0 || floating.maxDrawFee != 0 || floating.maxPeriodicFee != 0;
    }

    /// @dev A bill has no reset day.
    function _checkFloating(ProductTerms calldata newTerms, FloatingTerms calldata floating) private pure {
        _checkFees(newTerms, floating);
        bool floats = floating.referenceCode != 0;
        _within("resetMonths", floating.resetMonths, floats ? 1 : 0, floats ? MAX_PERIOD_MONTHS : 0);
        int256 bound = floats ? int256(RepaymentMath.WHOLE) : int256(0);
        if (floating.minSpread > floating.maxSpread || floating.minSpread < -bound || floating.maxSpread > bound) {
            revert SpreadsOutOfRange(floating.minSpread, floating.maxSpread);
        }
        if (!floats) return;
        if (_has(newTerms, LoanMath.Style.BillingCycle)) {
            revert TermOutOfRange("styles", newTerms.styles, 1, SCHEDULES + 1);
        }
    }

    function _check(ProductTerms calldata newTerms) private pure {
        _within("currency", uint160(newTerms.currency), 1, type(uint160).max);
        _within("styles", newTerms.styles, 1, STYLES);
        _within("graceDays", newTerms.graceDays, 0, MAX_GRACE_DAYS);
        _within("maxRate", newTerms.maxRate, newTerms.minRate, RepaymentMath.WHOLE);
        if (newTerms.dayCount != 365) _within("dayCount", newTerms.dayCount, 360, 360);
        _within("penaltyMultiple", newTerms.penaltyMultiple, RepaymentMath.WHOLE, 5 * RepaymentMath.WHOLE);
        _within("earlyFee", newTerms.earlyFee, 0, RepaymentMath.WHOLE / 5);
        _within("minTier", newTerms.minTier, 0, 5);
        _within("borrowerLimit", newTerms.borrowerLimit, 1, ClaimShares.MAX_AMOUNT);
        // A limit in another currency cannot be compared.
        uint256 minProgramme = newTerms.limitCurrency == 0 ? newTerms.borrowerLimit : 1;
        _within("programmeLimit", newTerms.programmeLimit, minProgramme, ClaimShares.MAX_AMOUNT);
        _within(
            "advanceRate",
            newTerms.advanceRate,
            newTerms.collateral == CollateralKind.Claim || newTerms.collateral == CollateralKind.Order ? 1 : 0,
            RepaymentMath.WHOLE
        );
        _within("debtorShare", newTerms.debtorShare, 0, RepaymentMath.WHOLE);
        _within("reserveShare", newTerms.reserveShare, newTerms.reservePooled ? 1 : 0, RepaymentMath.WHOLE);
        _within("breaker", newTerms.breaker, 0, RepaymentMath.WHOLE);
        _checkName(newTerms.ruleSet);
        bool isNamed = newTerms.ruleSet != 0;
        _within("ruleSetLimit", newTerms.ruleSetLimit, 0, isNamed ? ClaimShares.MAX_AMOUNT : 0);
        // A group owes at least what each of its borrowers may owe.
        uint256 minGroup = newTerms.groupLimit == 0 ? 0 : newTerms.ruleSetLimit;
        _within("groupLimit", newTerms.groupLimit, minGroup, isNamed ? ClaimShares.MAX_AMOUNT : 0);
        _within("legalTextHash", uint256(newTerms.legalTextHash), 1, type(uint256).max);
        _checkTenor(newTerms);
    }

    /// @dev A name is letters from a to z, and then zeros: whoever shows it can show it as text.
    function _checkName(bytes10 name) private pure {
        uint256 length = name.length;
        while (length != 0 && name[length - 1] == 0) --length;
        for (uint256 i; i < length; ++i) {
            _within("ruleSet", uint8(name[i]), uint8(bytes1("a")), uint8(bytes1("z")));
        }
    }

    /// @dev Each style needs its own measure: days, months, or a cycle.
    function _checkTenor(ProductTerms calldata newTerms) private pure {
        if (_has(newTerms, LoanMath.Style.Bullet)) {
            _within("maxDays", newTerms.maxDays, 1, MAX_DAYS);
            _within("minDays", newTerms.minDays, 1, newTerms.maxDays);
        }
        _checkSchedule(newTerms);
        bool billed = _has(newTerms, LoanMath.Style.BillingCycle);
        _within("cycle", uint8(newTerms.cycle), billed ? 1 : 0, billed ? 2 : 0);
        // A purchase on the first day of a cycle waits for its closing day too (decision 43).
        uint256 wait = newTerms.cycle == Cycle.Weekly ? WEEK_WAIT : MONTH_WAIT;
        _within("maxFreeDays", newTerms.maxFreeDays, billed ? wait + newTerms.freeDays : 0, billed ? MAX_FREE_DAYS : 0);
    }

    function _checkSchedule(ProductTerms calldata newTerms) private pure {
        bool scheduled = newTerms.styles & SCHEDULES != 0;
        uint256 length = newTerms.monthsPerPeriod;
        _within("months", newTerms.months, scheduled ? 2 : 0, ALL_MONTHS);
        _within("months", newTerms.months & 1, 0, 0); // a schedule of no months would never fall due
        _within("monthsPerPeriod", length, 1, scheduled ? MAX_PERIOD_MONTHS : 1);
        uint256 max = scheduled ? MAX_GRACE_PERIODS : 0;
        _within("principalGrace", newTerms.principalGrace, 0, max);
        _within("interestGrace", newTerms.interestGrace, 0, max);
        if (!scheduled) return;
        // Whole periods, and one more than those in grace: a schedule without a last instalment would never fall due.
        uint256 grace =
            newTerms.principalGrace > newTerms.interestGrace ? newTerms.principalGrace : newTerms.interestGrace;
        for (uint256 months = 1; months <= RepaymentMath.MAX_PERIODS; ++months) {
            if (!Bitmap.wrap(newTerms.months).has(months)) continue;
            if (months % length != 0 || months / length <= grace) {
                revert TermOutOfRange("months", months, (grace + 1) * length, RepaymentMath.MAX_PERIODS);
            }
        }
    }

    function _has(ProductTerms calldata newTerms, LoanMath.Style style) private pure returns (bool) {
        return Bitmap.wrap(newTerms.styles).has(uint8(style));
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert TermOutOfRange(term, value, min, max);
    }
}
