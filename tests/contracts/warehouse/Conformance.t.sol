// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotId} from "../../../contracts/types/Ids.sol";
import {Conformance} from "../tokens/Conformance.t.sol";
import {WarehouseReceiptsFixture} from "./WarehouseReceiptsFixture.sol";

/// ERC-165, ERC-721 and ERC-3525 for warehouse receipts.
contract WarehouseReceiptConformanceTest is WarehouseReceiptsFixture, Conformance {
    function setUp() public override(WarehouseReceiptsFixture, Conformance) {
        super.setUp();
    }

    function _first() internal override returns (uint256 id, uint256 slot, address holder_) {
        (token, decimals) = (warehouseReceipts, 3);
        LotId lotId;
        (lotId, id) = _issued(1_000);
        return (id, LotId.unwrap(lotId), depositor);
    }

    function _another() internal override returns (uint256 id) {
        (, id) = _issued(1_000);
    }
}
