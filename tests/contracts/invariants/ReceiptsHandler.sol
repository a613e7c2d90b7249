// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {WarehouseReceipts} from "../../../contracts/assets/WarehouseReceipts.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {LotId, PartyId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {ReceiptsFixture} from "../receipts/ReceiptsFixture.sol";

/// Shows the weight, which must always be the quantity.
contract OpenReceipts is WarehouseReceipts {
    constructor(address authority, address forwarder, IPartyRegistry registry_)
        WarehouseReceipts(authority, forwarder, registry_, 0)
    {}

    function weightOf(uint256 id) external view returns (uint128) {
        return _lineages[id].weight;
    }
}

/// Everything that may happen to stored goods and their receipts, in any order, and a book of what came of it.
contract ReceiptsHandler is ReceiptsFixture {
    uint256 private constant MOST_LOTS = 4;
    uint256 private constant MOST_RECEIPTS = 24;

    uint256 public lotCount;
    uint256 public receiptCount;
    mapping(uint256 lotId => uint256) public issuedOf;
    mapping(uint256 lotId => uint256) public releasedOf;
    mapping(uint256 lotId => uint256) public impairedOf;
    /// Holder and lienholder of what is pledged or asked for; zero while it is free.
    mapping(uint256 receiptId => address) public boundHolder;
    mapping(uint256 receiptId => address) public boundTo;
    mapping(uint256 receiptId => address) private _acknowledgedFor;
    /// What must never happen, in words, by the number of the invariant; empty while all is well.
    mapping(uint256 invariant => string) public breach;

    function setUp() public override {
        super.setUp();
        issue(1_000_003, true);
        issue(1_000_004, false);
    }

    function _deployed() internal override returns (WarehouseReceipts) {
        return new OpenReceipts(address(access), address(forwarder), registry);
    }

    function parts() external view returns (OpenReceipts, address) {
        return (OpenReceipts(address(receipts)), warehouse);
    }

    // ------------------------------------------------------------------ the warehouse

    function issue(uint96 quantity, bool negotiable) public {
        if (lotCount == MOST_LOTS) return;
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(uint96(bound(quantity, 1, 1e12)));
        terms.negotiable = negotiable;
        terms.maxDepth = uint8(1 + quantity % 5);
        terms.expiryDay = _today() + uint32(20 + quantity % 90);
        if (!_succeeds(warehouse, abi.encodeCall(receipts.issue, (terms)))) return;
        issuedOf[++lotCount] = terms.quantity;
        ++receiptCount;
        if (_succeeds(warehouse, abi.encodeCall(receipts.issue, (terms)))) _breaks(5, "a fingerprint served twice");
    }

    function impair(uint256 seed, uint96 quantity) public {
        uint256 id = _receipt(seed);
        uint96 held = _quantityOf(id);
        if (held == 0) return;
        quantity = uint96(bound(quantity, 1, seed % 4 == 0 ? held : (uint256(held) + 3) / 4));
        bool able = registry.isValid(warehouse);
        bool done = _succeeds(warehouse, abi.encodeCall(receipts.impair, (ReceiptId.wrap(id), quantity, 0)));
        if (done != able) _breaks(11, "an impairment did not follow the warehouse's validity alone");
        if (!done) return;
        impairedOf[_lotOf(id)] += quantity;
        if (quantity == held) _unbind(id);
    }

    function inspect(uint256 seed, uint8 condition) public {
        _succeeds(
            warehouse, abi.encodeCall(receipts.inspect, (_lot(seed), IWarehouseReceipts.Condition(condition % 3), 0))
        );
    }

    function count(uint256 seed, uint96 quantity) public {
        LotId lotId = _lot(seed);
        IWarehouseReceipts.Lot memory lot = receipts.lot(lotId);
        uint256 outstanding = uint256(lot.issued) - lot.released - lot.impaired;
        uint96 counted = seed % 2 == 0 ? uint96(outstanding) : uint96(bound(quantity, 0, outstanding + 1));
        (LotId[] memory lots, uint96[] memory quantities) = _one(lotId, counted);
        _succeeds(warehouse, abi.encodeCall(receipts.count, (lots, quantities, _today(), 0)));
    }

    function acknowledge(uint256 seed) public {
        uint256 id = _receipt(seed);
        address to = suppliers[(seed >> 32) % 3];
        if (_succeeds(warehouse, abi.encodeCall(receipts.acknowledge, (ReceiptId.wrap(id), to)))) {
            _acknowledgedFor[id] = to;
        }
    }

    function handOver(uint256 seed) public {
        uint256 id = _receipt(seed);
        uint96 quantity = _quantityOf(id);
        address holder = _holderOf(id);
        if (!_succeeds(warehouse, abi.encodeCall(receipts.handOver, (ReceiptId.wrap(id), 0)))) return;
        if (boundTo[id] != address(receipts)) _breaks(13, "goods left that their holder had not asked for");
        if (!registry.isValid(holder) || !registry.isValid(warehouse)) {
            _breaks(10, "goods passed between parties that are not valid");
        }
        releasedOf[_lotOf(id)] += quantity;
        _unbind(id);
    }

    // ------------------------------------------------------------------ holders

    function requestRelease(uint256 seed, uint96 quantity) public {
        if (receiptCount >= MOST_RECEIPTS) return;
        uint256 id = _receipt(seed);
        uint96 held = _quantityOf(id);
        if (held == 0) return;
        address holder = _holderOf(id);
        quantity = uint96(bound(quantity, 1, seed % 2 == 0 ? held : (uint256(held) + 1) / 2));
        if (!_succeeds(holder, abi.encodeCall(receipts.requestRelease, (ReceiptId.wrap(id), quantity, 0)))) return;
        if (boundTo[id] != address(0)) _breaks(4, "a bound receipt was asked for");
        _bind(quantity == held ? id : ++receiptCount, holder, address(receipts));
    }

    function withdrawRelease(uint256 seed) public {
        uint256 id = _receipt(seed);
        address holder = _holderOf(id);
        if (holder == address(0)) return;
        bool done = _succeeds(holder, abi.encodeCall(receipts.withdrawRelease, (ReceiptId.wrap(id))));
        if (done != (boundTo[id] == address(receipts))) _breaks(11, "a request could not be withdrawn");
        if (done) _unbind(id);
    }

    function assign(uint256 seed, uint96 value) public {
        if (receiptCount >= MOST_RECEIPTS) return;
        uint256 id = _receipt(seed);
        uint96 held = _quantityOf(id);
        if (held == 0) return;
        address holder = _holderOf(id);
        address to = suppliers[(seed >> 32) % 3];
        value = uint96(bound(value, 1, seed % 3 == 0 ? held : (uint256(held) + 1) / 2));
        bool valid = registry.isValid(holder) && registry.isValid(to);
        if (!_succeeds(holder, abi.encodeCall(receipts.assign, (id, to, value, 0)))) return;
        if (boundTo[id] != address(0)) _breaks(4, "a bound receipt was moved by its holder");
        if (!valid) _breaks(10, "a party that is not valid received a receipt");
        _passes(id, holder, to);
        if (value != held) ++receiptCount;
    }

    function merge(uint256 seed) public {
        uint256 from = _receipt(seed);
        uint256 into = _receipt(seed >> 32);
        address holder = _holderOf(from);
        if (holder == address(0)) return;
        if (!_succeeds(holder, abi.encodeCall(receipts.merge, (from, into)))) return;
        if (boundTo[from] != address(0) || boundTo[into] != address(0)) _breaks(4, "a bound receipt was merged");
        if (_lotOf(from) != _lotOf(into)) _breaks(14, "two lots were mixed");
    }

    function moveValue(uint256 seed, uint96 value) public {
        uint256 from = _receipt(seed);
        uint256 into = _receipt(seed >> 32);
        uint96 held = _quantityOf(from);
        if (held == 0) return;
        address holder = _holderOf(from);
        value = uint96(bound(value, 1, held));
        bytes memory call = abi.encodeWithSignature("transferFrom(uint256,uint256,uint256)", from, into, value);
        if (!_succeeds(holder, call)) return;
        if (boundTo[from] != address(0) || boundTo[into] != address(0)) _breaks(4, "value of a bound receipt moved");
        if (!receipts.lot(LotId.wrap(_lotOf(from))).negotiable && _holderOf(into) != holder) {
            _breaks(13, "goods of a named receipt joined another holder's");
        }
    }

    function encumber(uint256 seed) public {
        uint256 id = _receipt(seed);
        address holder = _holderOf(id);
        if (holder == address(0)) return;
        bool good = _mayBack(LotId.wrap(_lotOf(id)));
        if (!_succeeds(holder, abi.encodeCall(receipts.encumber, (id, bank)))) return;
        if (boundTo[id] != address(0)) _breaks(4, "a receipt was bound twice");
        if (!good) _breaks(4, "goods were pledged that may not back anything");
        _bind(id, holder, bank);
    }

    function release(uint256 seed) public {
        uint256 id = _receipt(seed);
        if (_succeeds(bank, abi.encodeCall(receipts.release, (id)))) {
            if (boundTo[id] != bank) _breaks(4, "a lien fell that was not the bank's");
            _unbind(id);
        }
    }

    function lienholderMoves(uint256 seed, uint96 value) public {
        if (receiptCount >= MOST_RECEIPTS) return;
        uint256 id = _receipt(seed);
        uint96 held = _quantityOf(id);
        if (held == 0) return;
        address holder = _holderOf(id);
        address to = suppliers[(seed >> 32) % 3];
        value = uint96(bound(value, 1, held));
        if (!_succeeds(bank, abi.encodeCall(receipts.assign, (id, to, value, 0)))) return;
        if (boundTo[id] != bank) _breaks(13, "the bank moved what was not pledged to it");
        _passes(id, holder, to);
        if (value != held) ++receiptCount;
        else boundHolder[id] = to;
    }

    // ------------------------------------------------------------------ roles and the clock

    function passDays(uint256 days_) public {
        vm.warp(block.timestamp + bound(days_, 0, 20) * DAY);
    }

    function stop(bool stopped) public {
        vm.prank(OPERATOR);
        receipts.stopPledges(warehouse, stopped, 0);
    }

    function freeze(uint256 seed, bool frozen) public {
        PartyId partyId = registry.partyOf(seed % 3 == 0 ? warehouse : suppliers[2]);
        _order(address(registry), abi.encodeCall(registry.freeze, (partyId, frozen, "order")));
    }

    function courtMoves(uint256 seed, uint96 value) public {
        if (receiptCount >= MOST_RECEIPTS || seed % 4 != 0) return;
        uint256 id = _receipt(seed >> 2);
        uint96 held = _quantityOf(id);
        if (held == 0 || receipts.depthOf(id) >= receipts.lot(LotId.wrap(_lotOf(id))).maxDepth) return;
        value = uint96(bound(value, 1, held));
        _order(address(receipts), abi.encodeCall(receipts.forcedTransfer, (id, suppliers[0], value, "order")));
        if (value != held) {
            ++receiptCount;
            return;
        }
        delete _acknowledgedFor[id];
        if (boundTo[id] == address(receipts)) _unbind(id);
        else if (boundTo[id] != address(0)) boundHolder[id] = suppliers[0];
    }

    function rolesReachForReceipts(uint256 seed) public {
        uint256 id = _receipt(seed);
        uint96 held = _quantityOf(id);
        if (held == 0) return;
        address holder = _holderOf(id);
        // This contract is the AccessManager's administrator.
        address[7] memory roles =
            [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, OPERATOR, address(access), address(this), otherWarehouse];
        address by = roles[(seed >> 32) % 7];
        bytes[8] memory calls = [
            abi.encodeCall(receipts.assign, (id, suppliers[0], held, 0)),
            abi.encodeWithSignature("transferFrom(address,address,uint256)", holder, suppliers[0], id),
            abi.encodeWithSignature("transferFrom(uint256,address,uint256)", id, suppliers[0], held),
            abi.encodeCall(receipts.forcedTransfer, (id, suppliers[0], held, "order")),
            abi.encodeCall(receipts.encumber, (id, by)),
            abi.encodeCall(receipts.requestRelease, (ReceiptId.wrap(id), held, 0)),
            abi.encodeCall(receipts.handOver, (ReceiptId.wrap(id), 0)),
            abi.encodeCall(receipts.impair, (ReceiptId.wrap(id), held, 0))
        ];
        for (uint256 i; i < 8; ++i) {
            if (_succeeds(by, calls[i])) _breaks(13, "a role moved a party's receipt");
        }
        // The warehouse itself, too, moves nothing.
        for (uint256 i; i < 6; ++i) {
            if (_succeeds(warehouse, calls[i])) _breaks(13, "the warehouse moved a party's receipt");
        }
    }

    // ------------------------------------------------------------------ parts of the above

    function _breaks(uint256 invariant, string memory words) private {
        breach[invariant] = words;
    }

    function _bind(uint256 id, address holder, address to) private {
        (boundHolder[id], boundTo[id]) = (holder, to);
    }

    function _unbind(uint256 id) private {
        if (boundTo[id] == address(receipts)) delete _acknowledgedFor[id];
        delete boundHolder[id];
        delete boundTo[id];
    }

    /// A named receipt passes to another party once for each acknowledgement.
    function _passes(uint256 id, address holder, address to) private {
        if (holder == to || receipts.lot(LotId.wrap(_lotOf(id))).negotiable) return;
        if (_acknowledgedFor[id] != to) _breaks(13, "a named receipt passed without the warehouse");
        delete _acknowledgedFor[id];
    }

    /// The rule anew, out of the views alone.
    function _mayBack(LotId lotId) private view returns (bool) {
        IWarehouseReceipts.Lot memory lot = receipts.lot(lotId);
        IWarehouseReceipts.Standing memory standing = receipts.standing(warehouse);
        return _today() <= lot.expiryDay && lot.condition == IWarehouseReceipts.Condition.Sound && !standing.stopped
            && standing.shortLots == 0 && registry.isValid(warehouse);
    }

    function _lot(uint256 seed) private view returns (LotId) {
        return LotId.wrap(bound(uint32(seed), 1, lotCount));
    }

    function _receipt(uint256 seed) private view returns (uint256) {
        return bound(uint32(seed), 1, receiptCount);
    }

    function _lotOf(uint256 id) private view returns (uint256) {
        (, LotId lotId,,,,) = receipts.receipt(ReceiptId.wrap(id));
        return LotId.unwrap(lotId);
    }

    function _succeeds(address by, bytes memory call) private returns (bool done) {
        vm.prank(by);
        (done,) = address(receipts).call(call);
    }
}
