// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {IHedges} from "../../../../contracts/lending/collateral/IHedges.sol";
import {LoanId, PartyId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {ParticipationsFixture} from "../ParticipationsFixture.sol";
import {SalesFixture} from "../SalesFixture.sol";

/// A hedge lets collateral leave: related sides of a loan that participants share record none.
contract SharedHedgesTest is GoodsFixture, ParticipationsFixture {
    LoanId private _loanId;

    function setUp() public override(GoodsFixture, SalesFixture) {
        super.setUp();
        (_loanId,) = _loanOnGoods(6_000_00);
        _share(_loanId, otherBank, 500_000, 3_000_00);
    }

    function test_related_sides_record_no_hedge_of_a_shared_loan() public {
        IHedges.Hedge memory hedge = _hedge(_loanId);
        (bytes memory first, bytes memory second) = _bothSign(facilities.hedgeDigest(hedge));
        _relate();
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, bank, seller));
        facilities.recordHedge(hedge, first, second);
        assertEq(facilities.hedgesOf(_loanId).length, 0, "none");
        _separate();
        facilities.recordHedge(hedge, first, second);
        assertEq(facilities.hedgesOf(_loanId).length, 1, "recorded");
    }

    function test_related_sides_of_a_loan_without_participants_record_a_hedge() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        IHedges.Hedge memory hedge = _hedge(loanId);
        (bytes memory first, bytes memory second) = _bothSign(facilities.hedgeDigest(hedge));
        _relate();
        facilities.recordHedge(hedge, first, second);
        assertEq(facilities.hedgesOf(loanId).length, 1, "recorded");
    }

    function _hedge(LoanId loanId) private view returns (IHedges.Hedge memory) {
        return IHedges.Hedge({
            loanId: LoanId.unwrap(loanId),
            item: item,
            quantity: 1_000_000,
            price: TEN,
            currency: CNY,
            expiryDay: _today() + 60,
            venue: "XSGE",
            counterparty: address(0),
            contractHash: keccak256("XSGE RU2609 1"),
            documentRoot: DOCUMENTS,
            deadline: _deadline(),
            nonce: 1
        });
    }

    function _bothSign(bytes32 digest) private view returns (bytes memory, bytes memory) {
        return (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }

    /// They part again.
    function _separate() private {
        PartyId partyId = registry.partyOf(bank);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, 0);
    }

    /// Lender and borrower come under one control.
    function _relate() private {
        PartyId[2] memory partyIds = [registry.partyOf(bank), registry.partyOf(seller)];
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyIds[0], 9);
        registry.setGroup(partyIds[1], 9);
        vm.stopPrank();
    }
}
