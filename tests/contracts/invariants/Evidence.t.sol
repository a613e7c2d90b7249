// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawEvidence} from "../../../contracts/lending/IDrawEvidence.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {EvidenceFixture} from "../lending/EvidenceFixture.sol";
import {EvidenceHandler} from "./EvidenceHandler.sol";

/// One document serves one draw, ever, whoever lends; declared trade counts once and bounds what is drawn.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 96
/// forge-config: deep.invariant.fail-on-revert = true
contract EvidenceInvariants is EvidenceFixture {
    uint256 private constant DOCUMENTS = 5;
    EvidenceHandler private _handler;
    FacilityId private _declared;

    function setUp() public override {
        super.setUp();
        IProducts.EvidenceTerms memory evidence = _documents(TAX);
        evidence.accepted = true;
        ProductId product = _proved(evidence);
        FacilityId first = _agreedFacility(product, 72_000, 1_000_000);
        IFacilities.FacilityTerms memory terms = _facilityTerms(product, 72_000, 1_000_000);
        terms.lender = otherBank;
        FacilityId second = _agree(terms);
        _declared =
            _agreedFacility(_proved(_bounded(IProducts.TradeBasis.Declarations, 800_000, 24)), 72_000, 1_000_000);
        _handler = new EvidenceHandler(
            EvidenceHandler.Setting(
                facilities, _sellerParty(), seller, [bank, otherBank, bank], [first, second, _declared]
            )
        );
    }

    function afterInvariant() public {
        _handler.recordReached("Evidence");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_a_document_serves_one_draw_ever_and_trade_counts_once() public view {
        string memory broken = _handler.broken();
        assertTrue(bytes(broken).length == 0, broken);
        uint256 declared;
        for (uint256 i; i < DOCUMENTS; ++i) {
            bytes32 fingerprint = _handler.fingerprintOf(i);
            IDrawEvidence.DocumentUse memory use = facilities.documentUse(_sellerParty(), fingerprint);
            assertEq(use.loanId, _handler.servedBy(fingerprint), "the same draw for good");
            if (use.loanId != 0) {
                FacilityId facilityId = facilities.loan(LoanId.wrap(use.loanId)).facilityId;
                assertEq(use.facilityId, FacilityId.unwrap(facilityId), "of its facility");
            }
            bool isDeclared = use.facilityId == FacilityId.unwrap(_declared) && use.accepted;
            if (isDeclared) declared += use.amount;
        }
        assertEq(facilities.tradeLimit(_declared).traded, declared, "each accepted declaration once");
        uint256 limit = declared * 8 / 10;
        assertTrue(facilities.facility(_declared).outstanding <= limit, "no more than the share of it");
    }
}
