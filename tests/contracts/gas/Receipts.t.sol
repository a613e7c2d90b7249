// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {LotId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {ReceiptsFixture} from "../receipts/ReceiptsFixture.sol";

/// Gas of stored goods, each operation a transaction of its own, at a warehouse that is in use.
contract ReceiptsGas is ReceiptsFixture {
    string private constant GROUP = "operations";

    function setUp() public override {
        super.setUp();
        (, uint256 earlier) = _issued(1_000);
        _handOver(_ask(earlier, 10));
    }

    function test_issue() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000);
        vm.prank(warehouse);
        receipts.issue(terms);
        _keep("issue a lot and its receipt");
    }

    function test_split_to_a_new_holder() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        receipts.assign(id, buyer, 400, PAPERS);
        _keep("split a receipt to a new holder");
    }

    function test_pledge() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        receipts.encumber(id, bank);
        _keep("pledge a receipt");
    }

    function test_release_of_all() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        receipts.requestRelease(ReceiptId.wrap(id), 1_000, PAPERS);
        _keep("ask for all of a receipt's goods");
        vm.prank(warehouse);
        receipts.handOver(ReceiptId.wrap(id), PAPERS);
        _keep("hand goods over");
    }

    function test_release_of_part() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        receipts.requestRelease(ReceiptId.wrap(id), 400, PAPERS);
        _keep("ask for part of a receipt's goods");
    }

    function test_impair() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(warehouse);
        receipts.impair(ReceiptId.wrap(id), 100, PAPERS);
        _keep("impair a receipt");
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
        receipts.count(lots, quantities, today, PAPERS);
        uint256 each = uint256(vm.lastCallGas().gasTotalUsed) / 20;
        vm.snapshotValue(GROUP, "count twenty lots in one call, each", each);
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
