// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {LotId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {ReceiptsHandler} from "./ReceiptsHandler.sol";
import {ReceiptsViews} from "./ReceiptsViews.sol";

/// What nobody may do to stored goods, tried on whatever state the allowed calls have made: each success is a failure.
contract ReceiptsForbidden is ReceiptsViews {
    ReceiptsHandler private _book;
    uint256 private _tries;

    constructor(ReceiptsHandler book) {
        _book = book;
        (receipts, warehouse) = book.parts();
        registry = PartyRegistry(address(receipts.registry()));
        access = AccessManager(receipts.authority());
        (depositor, buyer) = (suppliers[0], suppliers[1]);
        string[14] memory names = [
            "a fingerprint used twice",
            "goods issued by another than a warehouse",
            "the warehouse's word by another",
            "goods handed over that nobody asked for",
            "more goods than there are",
            "a move by a stranger",
            "a move of a bound receipt by its holder",
            "a second lien",
            "a release by another than the lienholder",
            "a move to a party that is not valid",
            "a named receipt passed without the warehouse",
            "a pledge of goods that may back nothing",
            "a merge of two lots",
            "a role that reaches for receipts"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(string.concat("refused: ", names[i]));
        }
    }

    function setUp() public pure override {}

    function lotCount() public view override returns (uint256) {
        return _book.lotCount();
    }

    function receiptCount() public view override returns (uint256) {
        return _book.receiptCount();
    }

    function acknowledgedFor(uint256 id) public view override returns (address) {
        return _book.acknowledgedFor(id);
    }

    // ------------------------------------------------------------------ the warehouse

    function reuseFingerprint(uint256 seed) external {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.fingerprint = keccak256(abi.encode("lot", 1 + seed % lotCount()));
        _refuses(5, warehouse, abi.encodeCall(receipts.issue, (terms)), "a fingerprint used twice");
    }

    function actAsAnotherWarehouse(uint256 seed) external {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.fingerprint = keccak256(abi.encode("forged", ++_tries));
        string memory name = "goods issued by another than a warehouse";
        _refuses(13, [bank, buyer, STRANGER][seed % 3], abi.encodeCall(receipts.issue, (terms)), name);
        Receipt memory receipt = _pick(seed, _isAny);
        if (receipt.id == 0) return;
        address by = [otherWarehouse, receipt.owner, bank, STRANGER][(seed >> 32) % 4];
        _allWords(by, receipt);
    }

    /// A warehouse that is frozen issues nothing and reports nothing.
    function actAsFrozenWarehouse(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isAny);
        if (receipt.id != 0 && !registry.isValid(warehouse)) _allWords(warehouse, receipt);
    }

    function handOverUnasked(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isNotAskedFor);
        if (receipt.id == 0) return;
        ReceiptId id = ReceiptId.wrap(receipt.id);
        string memory name = "goods handed over that nobody asked for";
        _refuses(13, warehouse, abi.encodeCall(receipts.handOver, (id, 0)), name);
        _refuses(13, receipt.owner, abi.encodeCall(receipts.withdrawRelease, (id)), name);
    }

    function takeTooMuch(uint256 seed, uint96 more) external {
        Receipt memory receipt = _pick(seed, _isFree);
        if (receipt.id == 0) return;
        ReceiptId id = ReceiptId.wrap(receipt.id);
        uint96 quantity = receipt.quantity + uint96(1 + more % 1e12);
        string memory name = "more goods than there are";
        _refuses(12, warehouse, abi.encodeCall(receipts.impair, (id, quantity, 0)), name);
        _refuses(12, warehouse, abi.encodeCall(receipts.impair, (id, 0, 0)), name);
        _refuses(12, receipt.owner, abi.encodeCall(receipts.requestRelease, (id, quantity, 0)), name);
        _refuses(12, receipt.owner, abi.encodeCall(receipts.assign, (receipt.id, buyer, quantity, 0)), name);
    }

    // ------------------------------------------------------------------ holders

    function moveAsStranger(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isAny);
        if (receipt.id == 0) return;
        address by = [warehouse, buyer, bank, seller, STRANGER][(seed >> 32) % 5];
        if (by == receipt.owner || by == receipt.lienholder) return;
        _allMoves(by, receipt, suppliers[0], "a move by a stranger", 13);
    }

    function moveBound(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isBound);
        if (receipt.id == 0) return;
        _allMoves(receipt.owner, receipt, receipt.owner, "a move of a bound receipt by its holder", 4);
        _refuses(4, receipt.owner, abi.encodeCall(receipts.encumber, (receipt.id, buyer)), "a second lien");
        bytes memory call = abi.encodeCall(receipts.release, (receipt.id));
        _refuses(4, receipt.owner, call, "a release by another than the lienholder");
        _refuses(4, STRANGER, call, "a release by another than the lienholder");
        call = abi.encodeCall(receipts.requestRelease, (ReceiptId.wrap(receipt.id), 1, 0));
        _refuses(4, receipt.owner, call, "a move of a bound receipt by its holder");
    }

    function moveToNobody(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isFree);
        if (receipt.id == 0) return;
        _allMoves(receipt.owner, receipt, STRANGER, "a move to a party that is not valid", 10);
        if (registry.isValid(suppliers[2])) return;
        _allMoves(receipt.owner, receipt, suppliers[2], "a move to a party that is not valid", 10);
    }

    function passNamedAlone(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isNamed);
        if (receipt.id == 0 || _mayPass(receipt, buyer)) return;
        _allMoves(receipt.owner, receipt, buyer, "a named receipt passed without the warehouse", 13);
        for (uint256 id = 1; id <= receiptCount(); ++id) {
            Receipt memory other = _receiptAt(id);
            if (other.lot != receipt.lot || other.owner == receipt.owner || other.quantity == 0) continue;
            bytes memory call = abi.encodeWithSignature("transferFrom(uint256,uint256,uint256)", receipt.id, id, 1);
            _refuses(13, receipt.owner, call, "a named receipt passed without the warehouse");
        }
    }

    function pledgeBadGoods(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isUnpledgeable);
        if (receipt.id == 0) return;
        bytes memory call = abi.encodeCall(receipts.encumber, (receipt.id, bank));
        _refuses(4, receipt.owner, call, "a pledge of goods that may back nothing");
    }

    function mergeLots(uint256 seed) external {
        Receipt memory from = _pick(seed, _isFree);
        Receipt memory into = _pick(seed >> 32, _isAny);
        if (from.id == 0 || from.lot == into.lot) return;
        bytes memory call = abi.encodeCall(receipts.merge, (from.id, into.id));
        _refuses(14, from.owner, call, "a merge of two lots");
        call = abi.encodeWithSignature("transferFrom(uint256,uint256,uint256)", from.id, into.id, 1);
        _refuses(14, from.owner, call, "a merge of two lots");
    }

    // ------------------------------------------------------------------ roles

    function reachAsRole(uint256 seed) external {
        Receipt memory receipt = _pick(seed, _isAny);
        if (receipt.id == 0) return;
        // The handler of what is allowed is the AccessManager's administrator.
        address[7] memory roles =
            [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, OPERATOR, address(access), address(_book), otherWarehouse];
        address by = roles[(seed >> 32) % 7];
        string memory name = "a role that reaches for receipts";
        _allMoves(by, receipt, suppliers[0], name, 13);
        _allWords(by, receipt);
        ReceiptId id = ReceiptId.wrap(receipt.id);
        bytes memory forced =
            abi.encodeCall(receipts.forcedTransfer, (receipt.id, suppliers[0], receipt.quantity, "order"));
        _refuses(13, by, forced, name);
        _refuses(13, warehouse, forced, name);
        _refuses(13, by, abi.encodeCall(receipts.encumber, (receipt.id, by)), name);
        _refuses(13, by, abi.encodeCall(receipts.requestRelease, (id, receipt.quantity, 0)), name);
        vm.prank(address(_book));
        (bool done,) = address(access).call(abi.encodeCall(access.execute, (address(receipts), forced)));
        if (done) _book.breaks(13, "the administrator moved a receipt through the manager");
    }

    // ------------------------------------------------------------------ parts of the above

    /// Whatever only the lot's own warehouse may say.
    function _allWords(address by, Receipt memory receipt) private {
        string memory name = "the warehouse's word by another";
        ReceiptId id = ReceiptId.wrap(receipt.id);
        LotId lotId = LotId.wrap(receipt.lot);
        (LotId[] memory lots, uint96[] memory quantities) = _one(lotId, 0);
        _refuses(13, by, abi.encodeCall(receipts.impair, (id, 1, 0)), name);
        _refuses(13, by, abi.encodeCall(receipts.handOver, (id, 0)), name);
        _refuses(13, by, abi.encodeCall(receipts.inspect, (lotId, IWarehouseReceipts.Condition.Unfit, 0)), name);
        _refuses(13, by, abi.encodeCall(receipts.acknowledge, (id, buyer)), name);
        _refuses(13, by, abi.encodeCall(receipts.count, (lots, quantities, _today(), 0)), name);
    }

    /// Every way to move a receipt.
    function _allMoves(address by, Receipt memory receipt, address to, string memory name, uint256 invariant) private {
        bytes[4] memory calls = [
            abi.encodeCall(receipts.assign, (receipt.id, to, receipt.quantity, 0)),
            abi.encodeCall(receipts.assign, (receipt.id, to, (receipt.quantity + 1) / 2, 0)),
            abi.encodeWithSignature("transferFrom(address,address,uint256)", receipt.owner, to, receipt.id),
            abi.encodeWithSignature("transferFrom(uint256,address,uint256)", receipt.id, to, receipt.quantity)
        ];
        for (uint256 i; i < 4; ++i) {
            _refuses(invariant, by, calls[i], name);
        }
    }

    function _refuses(uint256 invariant, address by, bytes memory call, string memory name) private {
        vm.prank(by);
        (bool done,) = address(receipts).call(call);
        if (done) _book.breaks(invariant, string.concat("was not refused: ", name));
        _reach(string.concat("refused: ", name));
    }

    function _isNotAskedFor(Receipt memory receipt) private view returns (bool) {
        return receipt.lienholder != address(receipts);
    }
}
