// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {EvidenceFixture} from "./EvidenceFixture.sol";
import {LendingFixture} from "./LendingFixture.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// The limit that follows proved trade counts loans that were sold too.
contract SaleTradeTest is EvidenceFixture, SalesFixture {
    function setUp() public override(LendingFixture, SalesFixture) {
        super.setUp();
    }

    function test_a_sale_makes_no_room_under_the_trade_limit() public {
        FacilityId facilityId =
            _agreedFacility(_proved(_bounded(IProducts.TradeBasis.Declarations, 800_000, 3)), 72_000, 100_000);
        _submitBy(seller, facilityId, _declaration("d1", 10_000, _today()));
        _acceptBy(bank, facilityId, "d1");
        LoanId loanId = _bullet(facilityId, 8_000, 30);
        _sell(loanId, otherBank, 8_000);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("tradeLimit"), 8_001, 8_000));
        _bullet(facilityId, 1, 30);
        _repay(loanId, 5_000);
        _bullet(facilityId, 1, 30);
    }
}
