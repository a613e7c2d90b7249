// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {LotId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsFixture} from "../warehouse/WarehouseReceiptsFixture.sol";

/// Gas of stored goods, each operation a transaction of its own, at a warehouse that is in use.
contract WarehouseReceiptsGas is WarehouseReceiptsFixture {
    string private constant GROUP = "operations";

    function setUp() public override {
        super.setUp();
        (, uint256 earlier) = _issued(1_000);
        _handOver(_ask(earlier, 10));
    }

    function test_issue() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000);
        vm.prank(warehouse);
        warehouseReceipts.issue(terms);
        _keep("issue a lot and its warehouse receipt");
    }

    function test_split_to_a_new_holder() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        warehouseReceipts.assign(id, buyer, 400, DOCUMENTS);
        _keep("split a warehouse receipt to a new holder");
    }

    function test_encumber() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        warehouseReceipts.encumber(id, bank);
        _keep("encumber a warehouse receipt");
    }

    function test_release_of_all() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 1_000, DOCUMENTS);
        _keep("request all of a warehouse receipt's goods");
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(id), 1_000, depositor, DOCUMENTS);
        _keep("hand goods over");
    }

    function test_release_of_part() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 400, DOCUMENTS);
        _keep("request part of a warehouse receipt's goods");
    }

    function test_impair() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(warehouse);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), 100, DOCUMENTS);
        _keep("impair a warehouse receipt");
    }

    function test_count_of_twenty_lots() public {
        LotId[] memory lots = new LotId[](20);
        uint96[] memory quantities = new uint96[](20);
        for (uint256 i; i < 20; ++i) {
            (lots[i],) = _issued(1_000);
            quantities[i] = 1_001;
        }
        uint32 today = _today();
        vm.prank(warehouse);
        warehouseReceipts.count(lots, quantities, today, DOCUMENTS);
        uint256 each = uint256(vm.lastCallGas().gasTotalUsed) / 20;
        vm.snapshotValue(GROUP, "count twenty lots in one call, each", each);
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
