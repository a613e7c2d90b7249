// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {LotId, PartyId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsViews} from "./WarehouseReceiptsViews.sol";

/// Shows the weight, which must always be the quantity.
contract OpenWarehouseReceipts is WarehouseReceipts {
    constructor(address authority, address forwarder, IPartyRegistry registry_, address module_)
        WarehouseReceipts(authority, forwarder, registry_, 0, module_)
    {}

    function weightOf(uint256 id) external view returns (uint128) {
        return _lineages[id].weight;
    }
}

/// What may happen to stored goods and their warehouse receipts, in any order, and a book of what came of it. Each call
/// takes the next step towards what its name says, and does only what is allowed: a revert is a failure.
contract WarehouseReceiptsHandler is WarehouseReceiptsViews {
    uint256 private constant MAX_LOTS = 5;
    uint256 private constant MAX_WAREHOUSE_RECEIPTS = 24;

    uint256 private _lotCount;
    uint256 private _warehouseReceiptCount;
    mapping(uint256 lotId => uint256) public issuedOf;
    mapping(uint256 lotId => uint256) public releasedOf;
    mapping(uint256 lotId => uint256) public impairedOf;
    /// Holder and lienholder of what is encumbered or requested; zero while it is free.
    mapping(uint256 warehouseReceiptId => address) public boundHolder;
    mapping(uint256 warehouseReceiptId => address) public boundTo;
    mapping(uint256 warehouseReceiptId => address) private _acknowledgedFor;
    mapping(uint256 warehouseReceiptId => address) private _lastOwner;
    /// The broken invariant, in words, by its number; empty if none is broken.
    mapping(uint256 invariant => string) public breach;

    modifier observed() {
        _;
        _observe();
    }

    function setUp() public override {
        super.setUp();
        string[24] memory names = [
            "a lot issued",
            "goods impaired in part",
            "goods impaired altogether",
            "encumbered goods impaired",
            "an inspection that finds damage",
            "an inspection that finds the goods sound again",
            "a count that finds less",
            "a count that ends a shortage",
            "an acknowledgement",
            "a named warehouse receipt transferred",
            "goods asked for",
            "part of the goods asked for",
            "a request withdrawn",
            "goods handed over",
            "a warehouse receipt assigned whole",
            "a warehouse receipt divided",
            "a merge",
            "value moved between warehouse receipts",
            "a lien",
            "a lien released",
            "a warehouse receipt moved by its lienholder",
            "part of a warehouse receipt moved by its lienholder",
            "new liens stopped",
            "a forced transfer"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        _mustReach("a warehouse frozen");
        issue(1_000_003, true);
        issue(1_000_004, false);
    }

    function _deployed() internal override returns (WarehouseReceipts) {
        return new OpenWarehouseReceipts(
            address(access), address(forwarder), registry, _newWarehouseReceipts(registry, 0).module()
        );
    }

    function parts() external view returns (OpenWarehouseReceipts, address) {
        return (OpenWarehouseReceipts(address(warehouseReceipts)), warehouse);
    }

    function lotCount() public view override returns (uint256) {
        return _lotCount;
    }

    function warehouseReceiptCount() public view override returns (uint256) {
        return _warehouseReceiptCount;
    }

    function acknowledgedFor(uint256 id) public view override returns (address) {
        return _acknowledgedFor[id];
    }

    function breaks(uint256 invariant, string calldata words) external {
        breach[invariant] = words;
    }

    // ------------------------------------------------------------------ the warehouse

    function issue(uint96 quantity, bool negotiable) public observed {
        if (_lotCount == MAX_LOTS || !_isWarehouseValid()) return;
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(uint96(bound(quantity, 1, 1e12)));
        terms.negotiable = negotiable;
        terms.maxDepth = uint8(1 + quantity % 5);
        terms.expiryDay = _today() + uint32(20 + quantity % 90);
        vm.prank(warehouse);
        warehouseReceipts.issue(terms);
        issuedOf[++_lotCount] = terms.quantity;
        _reach("a lot issued");
    }

    function impair(uint256 seed, uint96 quantity, bool encumbered, bool whole) public observed {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, encumbered ? _isBound : _isAny);
        if (warehouseReceipt.id == 0 || !_isWarehouseValid()) return;
        whole = whole && seed % 3 == 0;
        quantity = whole
            ? warehouseReceipt.quantity
            : uint96(bound(quantity, 1, (uint256(warehouseReceipt.quantity) + 3) / 4));
        vm.prank(warehouse);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(warehouseReceipt.id), quantity, DOCUMENTS);
        impairedOf[warehouseReceipt.lot] += quantity;
        whole = quantity == warehouseReceipt.quantity;
        if (whole) _unbind(warehouseReceipt.id);
        _reach(whole ? "goods impaired altogether" : "goods impaired in part");
        _reachIf(warehouseReceipt.lienholder == bank, "encumbered goods impaired");
    }

    function inspect(uint256 seed, uint8 condition) public observed {
        if (!_isWarehouseValid()) return;
        uint256 id = _unsoundLot();
        if (id == 0) {
            id = 1 + seed % _lotCount;
            _inspect(id, IWarehouseReceipts.Condition(1 + condition % 2));
            _reach("an inspection that finds damage");
            if (condition % 3 != 0) return;
        }
        // Goods are found sound again before damage is found elsewhere: otherwise nothing could be encumbered any more.
        _inspect(id, IWarehouseReceipts.Condition.Sound);
        _reach("an inspection that finds the goods sound again");
    }

    function count(uint256 seed, uint96 quantity) public observed {
        if (!_isWarehouseValid()) return;
        // A shortage ends before another is found: otherwise goods could not be encumbered any more.
        uint256 id = _shortLot();
        bool ends = id != 0;
        if (!ends) id = 1 + seed % _lotCount;
        IWarehouseReceipts.Lot memory lot = _lotAt(id);
        uint256 outstanding = uint256(lot.issued) - lot.released - lot.impaired;
        uint96 counted = ends || seed % 4 != 0 ? uint96(outstanding) : uint96(bound(quantity, 0, outstanding + 1));
        (LotId[] memory lots, uint96[] memory quantities) = _one(LotId.wrap(id), counted);
        vm.prank(warehouse);
        warehouseReceipts.count(lots, quantities, _today(), DOCUMENTS);
        _reachIf(counted < outstanding, "a count that finds less");
        _reachIf(lot.short && !_lotAt(id).short, "a count that ends a shortage");
    }

    function handOver(uint256 seed) public observed {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isRequested);
        if (warehouseReceipt.id == 0) return _askFor(seed, type(uint96).max);
        if (!_isWarehouseValid() || !registry.isValid(warehouseReceipt.owner)) return;
        vm.prank(warehouse);
        warehouseReceipts.handOver(
            WarehouseReceiptId.wrap(warehouseReceipt.id), warehouseReceipt.quantity, warehouseReceipt.owner, DOCUMENTS
        );
        releasedOf[warehouseReceipt.lot] += warehouseReceipt.quantity;
        _unbind(warehouseReceipt.id);
        _reach("goods handed over");
    }

    /// The warehouse acknowledges, or the holder of a warehouse receipt that is not negotiable makes the acknowledged
    /// transfer.
    function transferNamed(uint256 seed) public observed {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isNamed);
        if (warehouseReceipt.id == 0) return;
        address to = _acknowledgedFor[warehouseReceipt.id];
        if (to == address(0) || to == warehouseReceipt.owner || !registry.isValid(to)) {
            if (!_isWarehouseValid()) return;
            to = suppliers[(seed >> 32) % 3];
            vm.prank(warehouse);
            warehouseReceipts.acknowledge(WarehouseReceiptId.wrap(warehouseReceipt.id), to);
            _acknowledgedFor[warehouseReceipt.id] = to;
            _reach("an acknowledgement");
            if (to == warehouseReceipt.owner || !registry.isValid(to)) return;
        }
        _assign(warehouseReceipt, to, warehouseReceipt.quantity);
        _reach("a named warehouse receipt transferred");
    }

    // ------------------------------------------------------------------ holders

    function requestRelease(uint256 seed, uint96 quantity) public observed {
        _askFor(seed, quantity);
    }

    /// Whatever is stopped or expired, the holder can withdraw a request, also a holder that is not valid.
    function withdrawRelease(uint256 seed) public observed {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isRequested);
        if (warehouseReceipt.id == 0) return _askFor(seed, type(uint96).max);
        vm.prank(warehouseReceipt.owner);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(warehouseReceipt.id));
        _unbind(warehouseReceipt.id);
        _reach("a request withdrawn");
    }

    function assign(uint256 seed, uint96 value, bool whole) public observed {
        bool full = _warehouseReceiptCount >= MAX_WAREHOUSE_RECEIPTS;
        WarehouseReceipt memory warehouseReceipt = _pick(seed, whole || full ? _isFree : _isDivisible);
        if (warehouseReceipt.id == 0) return;
        address to = suppliers[(seed >> 32) % 3];
        if (!registry.isValid(to) || !_mayTransfer(warehouseReceipt, to)) to = warehouseReceipt.owner;
        _assign(
            warehouseReceipt,
            to,
            whole || full ? warehouseReceipt.quantity : uint96(bound(value, 1, warehouseReceipt.quantity - 1))
        );
    }

    function merge(uint256 seed, uint96 value, bool whole) public observed {
        WarehouseReceipt memory from = _pick(seed, _hasTwin);
        if (from.id == 0) {
            from = _pick(seed, _isDivisible);
            if (from.id != 0 && _warehouseReceiptCount < MAX_WAREHOUSE_RECEIPTS) {
                _assign(from, from.owner, from.quantity / 2);
            }
            return;
        }
        uint256 into = _twinOf(from);
        vm.prank(from.owner);
        if (whole) warehouseReceipts.merge(from.id, into);
        else warehouseReceipts.transferFrom(from.id, into, bound(value, 1, from.quantity));
        _reach(whole ? "a merge" : "value moved between warehouse receipts");
    }

    function encumber(uint256 seed) public observed {
        _encumber(seed);
    }

    function release(uint256 seed) public observed {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isEncumbered);
        if (warehouseReceipt.id == 0) return _encumber(seed);
        vm.prank(bank);
        warehouseReceipts.release(warehouseReceipt.id);
        _unbind(warehouseReceipt.id);
        _reach("a lien released");
    }

    function enforce(uint256 seed, uint96 value, bool whole) public observed {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isEncumbered);
        if (warehouseReceipt.id == 0) return _encumber(seed);
        address to = suppliers[(seed >> 32) % 3];
        if (!registry.isValid(to) || !_mayTransfer(warehouseReceipt, to)) to = warehouseReceipt.owner;
        whole = whole || warehouseReceipt.quantity == 1 || !_mayDivide(warehouseReceipt)
            || _warehouseReceiptCount >= MAX_WAREHOUSE_RECEIPTS;
        value = whole ? warehouseReceipt.quantity : uint96(bound(value, 1, warehouseReceipt.quantity - 1));
        vm.prank(bank);
        uint256 moved = warehouseReceipts.assign(warehouseReceipt.id, to, value, DOCUMENTS);
        _transferred(warehouseReceipt, to);
        _rebind(moved);
        _reach(
            whole
                ? "a warehouse receipt moved by its lienholder"
                : "part of a warehouse receipt moved by its lienholder"
        );
    }

    // ------------------------------------------------------------------ roles and the clock

    function advanceDays(uint256 days_) public observed {
        vm.warp(block.timestamp + days_ % 9 * DAY);
    }

    function stop(bool stopped) public observed {
        vm.prank(OPERATOR);
        warehouseReceipts.stopNewLiens(warehouse, stopped, DOCUMENTS);
        _reachIf(stopped, "new liens stopped");
    }

    function freeze(uint256 seed, bool frozen) public observed {
        bool stores = seed % 4 == 0;
        // What was frozen is freed first, so that few calls find nothing to do.
        if (!registry.isValid(warehouse)) (stores, frozen) = (true, false);
        PartyId partyId = registry.partyOf(stores ? warehouse : suppliers[2]);
        _order(address(registry), abi.encodeCall(registry.freeze, (partyId, frozen, "order")));
        _reachIf(frozen && stores, "a warehouse frozen");
    }

    function courtMoves(uint256 seed, uint96 value) public observed {
        if (_warehouseReceiptCount >= MAX_WAREHOUSE_RECEIPTS) return;
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isAny);
        if (warehouseReceipt.id == 0) return;
        value = _mayDivide(warehouseReceipt)
            ? uint96(bound(value, 1, warehouseReceipt.quantity))
            : warehouseReceipt.quantity;
        bytes memory call =
            abi.encodeCall(warehouseReceipts.forcedTransfer, (warehouseReceipt.id, suppliers[0], value, "order"));
        _order(address(warehouseReceipts), call);
        // Nobody acknowledged to whom the new holder of the whole may transfer it; what stays behind may still be
        // transferred.
        if (value == warehouseReceipt.quantity) delete _acknowledgedFor[warehouseReceipt.id];
        _rebind(warehouseReceipt.id);
        // A part stays under the lien of the whole.
        if (value != warehouseReceipt.quantity) _rebind(_warehouseReceiptCount + 1);
        _reach("a forced transfer");
    }

    // ------------------------------------------------------------------ parts of the above

    function _askFor(uint256 seed, uint96 quantity) private {
        bool whole = quantity % 2 == 1 || _warehouseReceiptCount >= MAX_WAREHOUSE_RECEIPTS;
        WarehouseReceipt memory warehouseReceipt = _pick(seed, whole ? _isFree : _isDivisible);
        if (warehouseReceipt.id == 0) return;
        quantity = whole ? warehouseReceipt.quantity : uint96(bound(quantity, 1, warehouseReceipt.quantity - 1));
        vm.prank(warehouseReceipt.owner);
        WarehouseReceiptId requested =
            warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(warehouseReceipt.id), quantity, DOCUMENTS);
        _bind(WarehouseReceiptId.unwrap(requested), warehouseReceipt.owner, address(warehouseReceipts));
        _reach(whole ? "goods asked for" : "part of the goods asked for");
    }

    function _encumber(uint256 seed) private {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isEncumberable);
        if (warehouseReceipt.id == 0) return;
        vm.prank(warehouseReceipt.owner);
        warehouseReceipts.encumber(warehouseReceipt.id, bank);
        _bind(warehouseReceipt.id, warehouseReceipt.owner, bank);
        _reach("a lien");
    }

    function _assign(WarehouseReceipt memory warehouseReceipt, address to, uint96 value) private {
        vm.prank(warehouseReceipt.owner);
        warehouseReceipts.assign(warehouseReceipt.id, to, value, DOCUMENTS);
        _transferred(warehouseReceipt, to);
        _reach(
            value == warehouseReceipt.quantity ? "a warehouse receipt assigned whole" : "a warehouse receipt divided"
        );
    }

    function _inspect(uint256 lotId, IWarehouseReceipts.Condition condition) private {
        vm.prank(warehouse);
        warehouseReceipts.inspect(LotId.wrap(lotId), condition, DOCUMENTS);
    }

    function _unsoundLot() private view returns (uint256) {
        for (uint256 id = 1; id <= _lotCount; ++id) {
            if (_lotAt(id).condition != IWarehouseReceipts.Condition.Sound) return id;
        }
        return 0;
    }

    function _shortLot() private view returns (uint256) {
        for (uint256 id = 1; id <= _lotCount; ++id) {
            if (_lotAt(id).short) return id;
        }
        return 0;
    }

    function _isWarehouseValid() private view returns (bool) {
        return registry.isValid(warehouse);
    }

    // ------------------------------------------------------------------ the book

    function _bind(uint256 id, address holder, address to) private {
        (boundHolder[id], boundTo[id]) = (holder, to);
    }

    /// A lienholder or a court moved it: the book has its present holder, if it is still under lien.
    function _rebind(uint256 id) private {
        WarehouseReceipt memory warehouseReceipt = _warehouseReceiptAt(id);
        if (warehouseReceipt.lienholder == address(0)) _unbind(id);
        else _bind(id, warehouseReceipt.owner, warehouseReceipt.lienholder);
    }

    function _unbind(uint256 id) private {
        if (boundTo[id] == address(warehouseReceipts)) delete _acknowledgedFor[id];
        delete boundHolder[id];
        delete boundTo[id];
    }

    /// A warehouse receipt that is not negotiable moves to another party once for each acknowledgement.
    function _transferred(WarehouseReceipt memory warehouseReceipt, address to) private {
        if (warehouseReceipt.owner != to && !_lotAt(warehouseReceipt.lot).negotiable) {
            delete _acknowledgedFor[warehouseReceipt.id];
        }
    }

    function _observe() private {
        while (_warehouseReceiptAt(_warehouseReceiptCount + 1).lot != 0) ++_warehouseReceiptCount;
        for (uint256 id = 1; id <= _warehouseReceiptCount; ++id) {
            address owner = _warehouseReceiptAt(id).owner;
            if (owner != _lastOwner[id] && owner != address(0) && !registry.isValid(owner)) {
                breach[10] = "a party that is not valid received a warehouse receipt";
            }
            _lastOwner[id] = owner;
        }
    }
}
