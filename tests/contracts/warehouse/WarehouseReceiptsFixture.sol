// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Roles} from "../../../contracts/access/Roles.sol";
import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {PartyId, LotId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Two warehouses; the first supplier deposits, the bank lends.
abstract contract WarehouseReceiptsFixture is Fixture {
    uint16 internal constant WAREHOUSE = 8;
    bytes32 internal constant DOCUMENTS = keccak256("documents");

    WarehouseReceipts internal warehouseReceipts;
    address internal warehouse = address(0xB1);
    address internal otherWarehouse = address(0xB2);
    address internal depositor;
    address internal buyer;
    uint256 private _lots;

    function setUp() public virtual override {
        super.setUp();
        warehouseReceipts = _deployed();
        bytes4[] memory selector = new bytes4[](1);
        selector[0] = warehouseReceipts.stopNewLiens.selector;
        access.setTargetFunctionRole(address(warehouseReceipts), selector, Roles.OPERATOR);
        _party(warehouse, WAREHOUSE);
        _party(otherWarehouse, WAREHOUSE);
        (depositor, buyer) = (suppliers[0], suppliers[1]);
    }

    function _deployed() internal virtual returns (WarehouseReceipts) {
        return _newWarehouseReceipts(registry, 0);
    }

    function _today() internal view returns (uint32) {
        return uint32(block.timestamp / DAY);
    }

    function _lotTerms(uint96 quantity) internal returns (IWarehouseReceipts.LotTerms memory) {
        return IWarehouseReceipts.LotTerms({
            depositor: depositor,
            sku: keccak256("copper cathode"),
            grade: "A",
            unit: "KGM",
            quantity: quantity,
            storedDay: _today() - 1,
            expiryDay: _today() + 90,
            maxDepth: 8,
            negotiable: true,
            orderId: 0,
            fingerprint: keccak256(abi.encode("lot", ++_lots)),
            documentRoot: DOCUMENTS,
            legalTextHash: keccak256("text")
        });
    }

    function _issue(IWarehouseReceipts.LotTerms memory terms) internal returns (LotId lotId, uint256 id) {
        vm.prank(warehouse);
        (LotId lot, WarehouseReceiptId warehouseReceiptId) = warehouseReceipts.issue(terms);
        return (lot, WarehouseReceiptId.unwrap(warehouseReceiptId));
    }

    function _issued(uint96 quantity) internal returns (LotId lotId, uint256 id) {
        return _issue(_lotTerms(quantity));
    }

    function _named(uint96 quantity) internal returns (LotId lotId, uint256 id) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(quantity);
        terms.negotiable = false;
        return _issue(terms);
    }

    function _encumber(uint256 id, address lienholder) internal {
        address owner = warehouseReceipts.ownerOf(id);
        vm.prank(owner);
        warehouseReceipts.encumber(id, lienholder);
    }

    function _ask(uint256 id, uint96 quantity) internal returns (uint256) {
        address owner = warehouseReceipts.ownerOf(id);
        vm.prank(owner);
        return
            WarehouseReceiptId.unwrap(
                warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), quantity, DOCUMENTS)
            );
    }

    function _handOver(uint256 id) internal {
        uint96 quantity = uint96(_quantityOf(id));
        address holder = warehouseReceipts.ownerOf(id);
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(id), quantity, holder, DOCUMENTS);
    }

    function _impair(uint256 id, uint96 quantity) internal {
        vm.prank(warehouse);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), quantity, DOCUMENTS);
    }

    function _inspect(LotId lotId, IWarehouseReceipts.Condition condition) internal {
        vm.prank(warehouse);
        warehouseReceipts.inspect(lotId, condition, DOCUMENTS);
    }

    function _acknowledge(uint256 id, address to) internal {
        vm.prank(warehouse);
        warehouseReceipts.acknowledge(WarehouseReceiptId.wrap(id), to);
    }

    function _count(LotId lotId, uint96 counted) internal {
        (LotId[] memory lots, uint96[] memory quantities) = _one(lotId, counted);
        vm.prank(warehouse);
        warehouseReceipts.count(lots, quantities, _today(), DOCUMENTS);
    }

    function _one(LotId lotId, uint96 counted) internal pure returns (LotId[] memory lots, uint96[] memory quantities) {
        lots = new LotId[](1);
        quantities = new uint96[](1);
        (lots[0], quantities[0]) = (lotId, counted);
    }

    function _freeze(address account, bool frozen) internal {
        PartyId partyId = registry.partyOf(account);
        _order(address(registry), abi.encodeCall(registry.freeze, (partyId, frozen, "order")));
    }

    function _setRoles(address account, uint16 roles) internal {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, roles);
    }

    function _holderOf(uint256 id) internal view returns (address owner) {
        owner = warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).owner;
    }

    function _quantityOf(uint256 id) internal view returns (uint96 quantity) {
        quantity = warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).quantity;
    }

    function _lienholderOf(uint256 id) internal view returns (address lienholder) {
        lienholder = warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).lienholder;
    }

    function _shortLots() internal view returns (uint32) {
        return warehouseReceipts.standing(warehouse).shortLots;
    }
}
