// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawEvidence} from "../../../contracts/lending/IDrawEvidence.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {ITradeRecord} from "../../../contracts/lending/ITradeRecord.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {FacilityId} from "../../../contracts/types/Ids.sol";
import {EvidenceFixture} from "../lending/EvidenceFixture.sol";

/// Gas of documents behind draws and of reports of trade, each a transaction of its own.
contract EvidenceGas is EvidenceFixture {
    string private constant GROUP = "operations";
    FacilityId private _facility;
    FacilityId private _reported;

    function setUp() public override {
        super.setUp();
        vm.warp(Calendar.dayOf(2027, 6, 15) * DAY);
        IProducts.EvidenceTerms memory evidence = _documents(TAX);
        evidence.accepted = true;
        _facility = _agreedFacility(_proved(evidence), 72_000, 1_000_000_00);
        _submitBy(seller, _facility, _tax("earlier"));
        _acceptBy(bank, _facility, "earlier");
        _bullet(_facility, 100_00, 30);
        _reported = _agreedFacility(_proved(_bounded(IProducts.TradeBasis.Reports, 1_000_000, 3)), 72_000, 100_000_00);
        vm.prank(bank);
        facilities.nameAttester(_reported, platform);
    }

    function test_documents_from_submission_to_draw() public {
        _submitBy(seller, _facility, _tax("t1"));
        _keep("submit a document");
        IDrawEvidence.DrawDocument memory document = _tax("t1");
        vm.prank(bank);
        facilities.acceptDocument(_facility, document);
        _keep("accept a document");
        _bullet(_facility, 100_00, 30);
        _keep("draw a loan that needs a document");
    }

    function test_trade_from_report_to_draw() public {
        // May: a month is reported within 31 days of its end.
        vm.prank(platform);
        facilities.reportTrade(ITradeRecord.TradeReport(seller, address(cash), 2027 * 12 + 4, 500_00, 0));
        _keep("report a month of trade");
        _bullet(_reported, 100_00, 30);
        _keep("draw a loan within reported trade");
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
