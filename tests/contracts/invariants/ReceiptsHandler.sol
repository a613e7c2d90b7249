// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {WarehouseReceipts} from "../../../contracts/assets/WarehouseReceipts.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {LotId, PartyId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {ReceiptsViews} from "./ReceiptsViews.sol";

/// Shows the weight, which must always be the quantity.
contract OpenReceipts is WarehouseReceipts {
    constructor(address authority, address forwarder, IPartyRegistry registry_, address module_)
        WarehouseReceipts(authority, forwarder, registry_, 0, module_)
    {}

    function weightOf(uint256 id) external view returns (uint128) {
        return _lineages[id].weight;
    }
}

/// What may happen to stored goods and their receipts, in any order, and a book of what came of it. Each call takes the
/// next step towards what its name says, and does only what is allowed: a revert is a failure.
contract ReceiptsHandler is ReceiptsViews {
    uint256 private constant MAX_LOTS = 5;
    uint256 private constant MAX_RECEIPTS = 24;

    uint256 private _lotCount;
    uint256 private _receiptCount;
    mapping(uint256 lotId => uint256) public issuedOf;
    mapping(uint256 lotId => uint256) public releasedOf;
    mapping(uint256 lotId => uint256) public impairedOf;
    /// Holder and lienholder of what is pledged or asked for; zero while it is free.
    mapping(uint256 receiptId => address) public boundHolder;
    mapping(uint256 receiptId => address) public boundTo;
    mapping(uint256 receiptId => address) private _acknowledgedFor;
    mapping(uint256 receiptId => address) private _lastOwner;
    /// What must never happen, in words, by the number of the invariant; empty while all is well.
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
            "pledged goods impaired",
            "an inspection that finds damage",
            "an inspection that finds the goods sound again",
            "a count that finds less",
            "a count that ends a shortage",
            "an acknowledgement",
            "a named receipt passed on",
            "goods asked for",
            "part of the goods asked for",
            "a request withdrawn",
            "goods handed over",
            "a receipt assigned whole",
            "a receipt divided",
            "a merge",
            "value moved between receipts",
            "a pledge",
            "a pledge released",
            "a receipt moved by its lienholder",
            "part of a receipt moved by its lienholder",
            "pledges stopped",
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
        return new OpenReceipts(address(access), address(forwarder), registry, _newReceipts(registry, 0).module());
    }

    function parts() external view returns (OpenReceipts, address) {
        return (OpenReceipts(address(receipts)), warehouse);
    }

    function lotCount() public view override returns (uint256) {
        return _lotCount;
    }

    function receiptCount() public view override returns (uint256) {
        return _receiptCount;
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
        receipts.issue(terms);
        issuedOf[++_lotCount] = terms.quantity;
        _reach("a lot issued");
    }

    function impair(uint256 seed, uint96 quantity, bool pledged, bool whole) public observed {
        Receipt memory receipt = _pick(seed, pledged ? _isBound : _isAny);
        if (receipt.id == 0 || !_isWarehouseValid()) return;
        whole = whole && seed % 3 == 0;
        quantity = whole ? receipt.quantity : uint96(bound(quantity, 1, (uint256(receipt.quantity) + 3) / 4));
        vm.prank(warehouse);
        receipts.impair(ReceiptId.wrap(receipt.id), quantity, PAPERS);
        impairedOf[receipt.lot] += quantity;
        whole = quantity == receipt.quantity;
        if (whole) _unbind(receipt.id);
        _reach(whole ? "goods impaired altogether" : "goods impaired in part");
        _reachIf(receipt.lienholder == bank, "pledged goods impaired");
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
        // Goods are found sound again before damage is found elsewhere: none could be pledged any more.
        _inspect(id, IWarehouseReceipts.Condition.Sound);
        _reach("an inspection that finds the goods sound again");
    }

    function count(uint256 seed, uint96 quantity) public observed {
        if (!_isWarehouseValid()) return;
        // A shortage ends before another is found: goods could not be pledged any more.
        uint256 id = _shortLot();
        bool ends = id != 0;
        if (!ends) id = 1 + seed % _lotCount;
        IWarehouseReceipts.Lot memory lot = _lotAt(id);
        uint256 outstanding = uint256(lot.issued) - lot.released - lot.impaired;
        uint96 counted = ends || seed % 4 != 0 ? uint96(outstanding) : uint96(bound(quantity, 0, outstanding + 1));
        (LotId[] memory lots, uint96[] memory quantities) = _one(LotId.wrap(id), counted);
        vm.prank(warehouse);
        receipts.count(lots, quantities, _today(), PAPERS);
        _reachIf(counted < outstanding, "a count that finds less");
        _reachIf(lot.short && !_lotAt(id).short, "a count that ends a shortage");
    }

    function handOver(uint256 seed) public observed {
        Receipt memory receipt = _pick(seed, _isAskedFor);
        if (receipt.id == 0) return _askFor(seed, type(uint96).max);
        if (!_isWarehouseValid() || !registry.isValid(receipt.owner)) return;
        vm.prank(warehouse);
        receipts.handOver(ReceiptId.wrap(receipt.id), PAPERS);
        releasedOf[receipt.lot] += receipt.quantity;
        _unbind(receipt.id);
        _reach("goods handed over");
    }

    /// The warehouse acknowledges, or the holder of a named receipt passes on what was acknowledged.
    function passNamed(uint256 seed) public observed {
        Receipt memory receipt = _pick(seed, _isNamed);
        if (receipt.id == 0) return;
        address to = _acknowledgedFor[receipt.id];
        if (to == address(0) || to == receipt.owner || !registry.isValid(to)) {
            if (!_isWarehouseValid()) return;
            to = suppliers[(seed >> 32) % 3];
            vm.prank(warehouse);
            receipts.acknowledge(ReceiptId.wrap(receipt.id), to);
            _acknowledgedFor[receipt.id] = to;
            _reach("an acknowledgement");
            if (to == receipt.owner || !registry.isValid(to)) return;
        }
        _assign(receipt, to, receipt.quantity);
        _reach("a named receipt passed on");
    }

    // ------------------------------------------------------------------ holders

    function requestRelease(uint256 seed, uint96 quantity) public observed {
        _askFor(seed, quantity);
    }

    /// Whatever is stopped or expired, a request can be withdrawn, by a holder that is not valid too.
    function withdrawRelease(uint256 seed) public observed {
        Receipt memory receipt = _pick(seed, _isAskedFor);
        if (receipt.id == 0) return _askFor(seed, type(uint96).max);
        vm.prank(receipt.owner);
        receipts.withdrawRelease(ReceiptId.wrap(receipt.id));
        _unbind(receipt.id);
        _reach("a request withdrawn");
    }

    function assign(uint256 seed, uint96 value, bool whole) public observed {
        bool full = _receiptCount >= MAX_RECEIPTS;
        Receipt memory receipt = _pick(seed, whole || full ? _isFree : _isDivisible);
        if (receipt.id == 0) return;
        address to = suppliers[(seed >> 32) % 3];
        if (!registry.isValid(to) || !_mayPass(receipt, to)) to = receipt.owner;
        _assign(receipt, to, whole || full ? receipt.quantity : uint96(bound(value, 1, receipt.quantity - 1)));
    }

    function merge(uint256 seed, uint96 value, bool whole) public observed {
        Receipt memory from = _pick(seed, _hasTwin);
        if (from.id == 0) {
            from = _pick(seed, _isDivisible);
            if (from.id != 0 && _receiptCount < MAX_RECEIPTS) _assign(from, from.owner, from.quantity / 2);
            return;
        }
        uint256 into = _twinOf(from);
        vm.prank(from.owner);
        if (whole) receipts.merge(from.id, into);
        else receipts.transferFrom(from.id, into, bound(value, 1, from.quantity));
        _reach(whole ? "a merge" : "value moved between receipts");
    }

    function encumber(uint256 seed) public observed {
        _encumber(seed);
    }

    function release(uint256 seed) public observed {
        Receipt memory receipt = _pick(seed, _isPledged);
        if (receipt.id == 0) return _encumber(seed);
        vm.prank(bank);
        receipts.release(receipt.id);
        _unbind(receipt.id);
        _reach("a pledge released");
    }

    function enforce(uint256 seed, uint96 value, bool whole) public observed {
        Receipt memory receipt = _pick(seed, _isPledged);
        if (receipt.id == 0) return _encumber(seed);
        address to = suppliers[(seed >> 32) % 3];
        if (!registry.isValid(to) || !_mayPass(receipt, to)) to = receipt.owner;
        whole = whole || receipt.quantity == 1 || !_mayDivide(receipt) || _receiptCount >= MAX_RECEIPTS;
        value = whole ? receipt.quantity : uint96(bound(value, 1, receipt.quantity - 1));
        vm.prank(bank);
        uint256 moved = receipts.assign(receipt.id, to, value, PAPERS);
        _passed(receipt, to);
        _rebind(moved);
        _reach(whole ? "a receipt moved by its lienholder" : "part of a receipt moved by its lienholder");
    }

    // ------------------------------------------------------------------ roles and the clock

    function passDays(uint256 days_) public observed {
        vm.warp(block.timestamp + days_ % 9 * DAY);
    }

    function stop(bool stopped) public observed {
        vm.prank(OPERATOR);
        receipts.stopPledges(warehouse, stopped, PAPERS);
        _reachIf(stopped, "pledges stopped");
    }

    function freeze(uint256 seed, bool frozen) public observed {
        bool stores = seed % 4 == 0;
        // What was frozen is let go first, so that few calls find nothing to do.
        if (!registry.isValid(warehouse)) (stores, frozen) = (true, false);
        PartyId partyId = registry.partyOf(stores ? warehouse : suppliers[2]);
        _order(address(registry), abi.encodeCall(registry.freeze, (partyId, frozen, "order")));
        _reachIf(frozen && stores, "a warehouse frozen");
    }

    function courtMoves(uint256 seed, uint96 value) public observed {
        if (_receiptCount >= MAX_RECEIPTS) return;
        Receipt memory receipt = _pick(seed, _isAny);
        if (receipt.id == 0) return;
        value = _mayDivide(receipt) ? uint96(bound(value, 1, receipt.quantity)) : receipt.quantity;
        bytes memory call = abi.encodeCall(receipts.forcedTransfer, (receipt.id, suppliers[0], value, "order"));
        _order(address(receipts), call);
        // Nobody acknowledged where the new holder of the whole may pass it on to; what stays behind may still pass.
        if (value == receipt.quantity) delete _acknowledgedFor[receipt.id];
        _rebind(receipt.id);
        // A part stays under the lien of the whole.
        if (value != receipt.quantity) _rebind(_receiptCount + 1);
        _reach("a forced transfer");
    }

    // ------------------------------------------------------------------ parts of the above

    function _askFor(uint256 seed, uint96 quantity) private {
        bool whole = quantity % 2 == 1 || _receiptCount >= MAX_RECEIPTS;
        Receipt memory receipt = _pick(seed, whole ? _isFree : _isDivisible);
        if (receipt.id == 0) return;
        quantity = whole ? receipt.quantity : uint96(bound(quantity, 1, receipt.quantity - 1));
        vm.prank(receipt.owner);
        ReceiptId asked = receipts.requestRelease(ReceiptId.wrap(receipt.id), quantity, PAPERS);
        _bind(ReceiptId.unwrap(asked), receipt.owner, address(receipts));
        _reach(whole ? "goods asked for" : "part of the goods asked for");
    }

    function _encumber(uint256 seed) private {
        Receipt memory receipt = _pick(seed, _isPledgeable);
        if (receipt.id == 0) return;
        vm.prank(receipt.owner);
        receipts.encumber(receipt.id, bank);
        _bind(receipt.id, receipt.owner, bank);
        _reach("a pledge");
    }

    function _assign(Receipt memory receipt, address to, uint96 value) private {
        vm.prank(receipt.owner);
        receipts.assign(receipt.id, to, value, PAPERS);
        _passed(receipt, to);
        _reach(value == receipt.quantity ? "a receipt assigned whole" : "a receipt divided");
    }

    function _inspect(uint256 lotId, IWarehouseReceipts.Condition condition) private {
        vm.prank(warehouse);
        receipts.inspect(LotId.wrap(lotId), condition, PAPERS);
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

    /// A lienholder or a court moved it: it is held by whoever holds it now, if it is bound still.
    function _rebind(uint256 id) private {
        Receipt memory receipt = _receiptAt(id);
        if (receipt.lienholder == address(0)) _unbind(id);
        else _bind(id, receipt.owner, receipt.lienholder);
    }

    function _unbind(uint256 id) private {
        if (boundTo[id] == address(receipts)) delete _acknowledgedFor[id];
        delete boundHolder[id];
        delete boundTo[id];
    }

    /// A named receipt passes to another party once for each acknowledgement.
    function _passed(Receipt memory receipt, address to) private {
        if (receipt.owner != to && !_lotAt(receipt.lot).negotiable) delete _acknowledgedFor[receipt.id];
    }

    function _observe() private {
        while (_receiptAt(_receiptCount + 1).lot != 0) ++_receiptCount;
        for (uint256 id = 1; id <= _receiptCount; ++id) {
            address owner = _receiptAt(id).owner;
            if (owner != _lastOwner[id] && owner != address(0) && !registry.isValid(owner)) {
                breach[10] = "a party that is not valid received a receipt";
            }
            _lastOwner[id] = owner;
        }
    }
}
