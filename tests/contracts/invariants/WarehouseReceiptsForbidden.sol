// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {LotId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsHandler} from "./WarehouseReceiptsHandler.sol";
import {WarehouseReceiptsViews} from "./WarehouseReceiptsViews.sol";

/// What nobody may do to stored goods, tried on every state that the allowed calls have made: each success is a
/// failure.
contract WarehouseReceiptsForbidden is WarehouseReceiptsViews {
    WarehouseReceiptsHandler private _book;
    uint256 private _tries;

    constructor(WarehouseReceiptsHandler book) {
        _book = book;
        (warehouseReceipts, warehouse) = book.parts();
        registry = PartyRegistry(address(warehouseReceipts.registry()));
        access = AccessManager(warehouseReceipts.authority());
        (depositor, buyer) = (suppliers[0], suppliers[1]);
        string[15] memory names = [
            "a fingerprint used twice",
            "goods issued by another than a warehouse",
            "the warehouse's word by another",
            "goods handed over that nobody asked for",
            "goods handed over that the warehouse did not name",
            "more goods than there are",
            "a move by a stranger",
            "a move of an encumbered warehouse receipt by its holder",
            "a second lien",
            "a release by another than the lienholder",
            "a move to a party that is not valid",
            "a named warehouse receipt transferred without the warehouse",
            "a lien on goods that may back nothing",
            "a merge of two lots",
            "a role that reaches for warehouse receipts"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(string.concat("refused: ", names[i]));
        }
    }

    function setUp() public pure override {}

    function lotCount() public view override returns (uint256) {
        return _book.lotCount();
    }

    function warehouseReceiptCount() public view override returns (uint256) {
        return _book.warehouseReceiptCount();
    }

    function acknowledgedFor(uint256 id) public view override returns (address) {
        return _book.acknowledgedFor(id);
    }

    // ------------------------------------------------------------------ the warehouse

    function reuseFingerprint(uint256 seed) external {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.fingerprint = keccak256(abi.encode("lot", 1 + seed % lotCount()));
        _refuses(5, warehouse, abi.encodeCall(warehouseReceipts.issue, (terms)), "a fingerprint used twice");
    }

    function actAsAnotherWarehouse(uint256 seed) external {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.fingerprint = keccak256(abi.encode("forged", ++_tries));
        string memory name = "goods issued by another than a warehouse";
        _refuses(13, [bank, buyer, STRANGER][seed % 3], abi.encodeCall(warehouseReceipts.issue, (terms)), name);
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isAny);
        if (warehouseReceipt.id == 0) return;
        address by = [otherWarehouse, warehouseReceipt.owner, bank, STRANGER][(seed >> 32) % 4];
        _allWords(by, warehouseReceipt);
    }

    /// A warehouse that is frozen issues nothing and reports nothing.
    function actAsFrozenWarehouse(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isAny);
        if (warehouseReceipt.id != 0 && !registry.isValid(warehouse)) _allWords(warehouse, warehouseReceipt);
    }

    function handOverUnrequested(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isNotRequested);
        if (warehouseReceipt.id == 0) return;
        WarehouseReceiptId id = WarehouseReceiptId.wrap(warehouseReceipt.id);
        string memory name = "goods handed over that nobody asked for";
        _refuses(13, warehouse, _handOverOf(warehouseReceipt, warehouseReceipt.quantity), name);
        _refuses(13, warehouseReceipt.owner, abi.encodeCall(warehouseReceipts.withdrawRelease, (id)), name);
    }

    /// A hand-over of what a requested warehouse receipt is not for, or to another than its holder.
    function handOverChanged(uint256 seed, uint96 more) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isRequested);
        if (warehouseReceipt.id == 0) return;
        string memory name = "goods handed over that the warehouse did not name";
        uint96 quantity = warehouseReceipt.quantity;
        _refuses(13, warehouse, _handOverOf(warehouseReceipt, quantity + uint96(1 + more % 1e12)), name);
        _refuses(13, warehouse, _handOverOf(warehouseReceipt, quantity - 1), name);
        warehouseReceipt.owner = warehouseReceipt.owner == suppliers[0] ? suppliers[1] : suppliers[0];
        _refuses(13, warehouse, _handOverOf(warehouseReceipt, quantity), name);
    }

    function takeTooMuch(uint256 seed, uint96 more) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isFree);
        if (warehouseReceipt.id == 0) return;
        WarehouseReceiptId id = WarehouseReceiptId.wrap(warehouseReceipt.id);
        uint96 quantity = warehouseReceipt.quantity + uint96(1 + more % 1e12);
        string memory name = "more goods than there are";
        _refuses(12, warehouse, abi.encodeCall(warehouseReceipts.impair, (id, quantity, 0)), name);
        _refuses(12, warehouse, abi.encodeCall(warehouseReceipts.impair, (id, 0, 0)), name);
        _refuses(12, warehouseReceipt.owner, abi.encodeCall(warehouseReceipts.requestRelease, (id, quantity, 0)), name);
        _refuses(
            12,
            warehouseReceipt.owner,
            abi.encodeCall(warehouseReceipts.assign, (warehouseReceipt.id, buyer, quantity, 0)),
            name
        );
    }

    // ------------------------------------------------------------------ holders

    function moveAsStranger(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isAny);
        if (warehouseReceipt.id == 0) return;
        address by = [warehouse, buyer, bank, seller, STRANGER][(seed >> 32) % 5];
        if (by == warehouseReceipt.owner || by == warehouseReceipt.lienholder) return;
        _allMoves(by, warehouseReceipt, suppliers[0], "a move by a stranger", 13);
    }

    function moveBound(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isBound);
        if (warehouseReceipt.id == 0) return;
        _allMoves(
            warehouseReceipt.owner,
            warehouseReceipt,
            warehouseReceipt.owner,
            "a move of an encumbered warehouse receipt by its holder",
            4
        );
        _refuses(
            4,
            warehouseReceipt.owner,
            abi.encodeCall(warehouseReceipts.encumber, (warehouseReceipt.id, buyer)),
            "a second lien"
        );
        bytes memory call = abi.encodeCall(warehouseReceipts.release, (warehouseReceipt.id));
        _refuses(4, warehouseReceipt.owner, call, "a release by another than the lienholder");
        _refuses(4, STRANGER, call, "a release by another than the lienholder");
        call = abi.encodeCall(warehouseReceipts.requestRelease, (WarehouseReceiptId.wrap(warehouseReceipt.id), 1, 0));
        _refuses(4, warehouseReceipt.owner, call, "a move of an encumbered warehouse receipt by its holder");
    }

    function moveToNobody(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isFree);
        if (warehouseReceipt.id == 0) return;
        _allMoves(warehouseReceipt.owner, warehouseReceipt, STRANGER, "a move to a party that is not valid", 10);
        if (registry.isValid(suppliers[2])) return;
        _allMoves(warehouseReceipt.owner, warehouseReceipt, suppliers[2], "a move to a party that is not valid", 10);
    }

    function transferNamedAlone(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isNamed);
        if (warehouseReceipt.id == 0 || _mayTransfer(warehouseReceipt, buyer)) return;
        _allMoves(
            warehouseReceipt.owner,
            warehouseReceipt,
            buyer,
            "a named warehouse receipt transferred without the warehouse",
            13
        );
        for (uint256 id = 1; id <= warehouseReceiptCount(); ++id) {
            WarehouseReceipt memory other = _warehouseReceiptAt(id);
            if (other.lot != warehouseReceipt.lot || other.owner == warehouseReceipt.owner || other.quantity == 0) {
                continue;
            }
            bytes memory call =
                abi.encodeWithSignature("transferFrom(uint256,uint256,uint256)", warehouseReceipt.id, id, 1);
            _refuses(13, warehouseReceipt.owner, call, "a named warehouse receipt transferred without the warehouse");
        }
    }

    function encumberBadGoods(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isNotEncumberable);
        if (warehouseReceipt.id == 0) return;
        bytes memory call = abi.encodeCall(warehouseReceipts.encumber, (warehouseReceipt.id, bank));
        _refuses(4, warehouseReceipt.owner, call, "a lien on goods that may back nothing");
    }

    function mergeLots(uint256 seed) external {
        WarehouseReceipt memory from = _pick(seed, _isFree);
        WarehouseReceipt memory into = _pick(seed >> 32, _isAny);
        if (from.id == 0 || from.lot == into.lot) return;
        bytes memory call = abi.encodeCall(warehouseReceipts.merge, (from.id, into.id));
        _refuses(14, from.owner, call, "a merge of two lots");
        call = abi.encodeWithSignature("transferFrom(uint256,uint256,uint256)", from.id, into.id, 1);
        _refuses(14, from.owner, call, "a merge of two lots");
    }

    // ------------------------------------------------------------------ roles

    function reachAsRole(uint256 seed) external {
        WarehouseReceipt memory warehouseReceipt = _pick(seed, _isAny);
        if (warehouseReceipt.id == 0) return;
        // The handler of what is allowed is the AccessManager's administrator.
        address[7] memory roles =
            [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, OPERATOR, address(access), address(_book), otherWarehouse];
        address by = roles[(seed >> 32) % 7];
        string memory name = "a role that reaches for warehouse receipts";
        _allMoves(by, warehouseReceipt, suppliers[0], name, 13);
        _allWords(by, warehouseReceipt);
        WarehouseReceiptId id = WarehouseReceiptId.wrap(warehouseReceipt.id);
        bytes memory forced = abi.encodeCall(
            warehouseReceipts.forcedTransfer, (warehouseReceipt.id, suppliers[0], warehouseReceipt.quantity, "order")
        );
        _refuses(13, by, forced, name);
        _refuses(13, warehouse, forced, name);
        _refuses(13, by, abi.encodeCall(warehouseReceipts.encumber, (warehouseReceipt.id, by)), name);
        _refuses(13, by, abi.encodeCall(warehouseReceipts.requestRelease, (id, warehouseReceipt.quantity, 0)), name);
        vm.prank(address(_book));
        (bool done,) = address(access).call(abi.encodeCall(access.execute, (address(warehouseReceipts), forced)));
        if (done) _book.breaks(13, "the administrator moved a warehouse receipt through the manager");
    }

    // ------------------------------------------------------------------ parts of the above

    function _handOverOf(WarehouseReceipt memory warehouseReceipt, uint96 quantity)
        private
        view
        returns (bytes memory)
    {
        WarehouseReceiptId id = WarehouseReceiptId.wrap(warehouseReceipt.id);
        return abi.encodeCall(warehouseReceipts.handOver, (id, quantity, warehouseReceipt.owner, 0));
    }

    /// All calls that only the lot's own warehouse may make.
    function _allWords(address by, WarehouseReceipt memory warehouseReceipt) private {
        string memory name = "the warehouse's word by another";
        WarehouseReceiptId id = WarehouseReceiptId.wrap(warehouseReceipt.id);
        LotId lotId = LotId.wrap(warehouseReceipt.lot);
        (LotId[] memory lots, uint96[] memory quantities) = _one(lotId, 0);
        _refuses(13, by, abi.encodeCall(warehouseReceipts.impair, (id, 1, 0)), name);
        _refuses(13, by, _handOverOf(warehouseReceipt, warehouseReceipt.quantity), name);
        _refuses(
            13, by, abi.encodeCall(warehouseReceipts.inspect, (lotId, IWarehouseReceipts.Condition.Unfit, 0)), name
        );
        _refuses(13, by, abi.encodeCall(warehouseReceipts.acknowledge, (id, buyer)), name);
        _refuses(13, by, abi.encodeCall(warehouseReceipts.count, (lots, quantities, _today(), 0)), name);
    }

    /// Every way to move a warehouse receipt.
    function _allMoves(
        address by,
        WarehouseReceipt memory warehouseReceipt,
        address to,
        string memory name,
        uint256 invariant
    ) private {
        bytes[4] memory calls = [
            abi.encodeCall(warehouseReceipts.assign, (warehouseReceipt.id, to, warehouseReceipt.quantity, 0)),
            abi.encodeCall(warehouseReceipts.assign, (warehouseReceipt.id, to, (warehouseReceipt.quantity + 1) / 2, 0)),
            abi.encodeWithSignature(
                "transferFrom(address,address,uint256)", warehouseReceipt.owner, to, warehouseReceipt.id
            ),
            abi.encodeWithSignature(
                "transferFrom(uint256,address,uint256)", warehouseReceipt.id, to, warehouseReceipt.quantity
            )
        ];
        for (uint256 i; i < 4; ++i) {
            _refuses(invariant, by, calls[i], name);
        }
    }

    function _refuses(uint256 invariant, address by, bytes memory call, string memory name) private {
        vm.prank(by);
        (bool done,) = address(warehouseReceipts).call(call);
        if (done) _book.breaks(invariant, string.concat("was not refused: ", name));
        _reach(string.concat("refused: ", name));
    }

    function _isNotRequested(WarehouseReceipt memory warehouseReceipt) private view returns (bool) {
        return warehouseReceipt.lienholder != address(warehouseReceipts);
    }
}
