// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {INotices} from "../../../contracts/notices/INotices.sol";
import {ClaimId} from "../../../contracts/types/Ids.sol";
import {NoticesFixture} from "../notices/NoticesFixture.sol";
import {NoticesHandler} from "./NoticesHandler.sol";

/// Nobody is notified, acknowledges, files or discharges who may not, under random histories.
contract NoticesInvariants is NoticesFixture {
    NoticesHandler private _handler;
    uint256 private _claimId;

    function setUp() public override {
        super.setUp();
        (, _claimId) = _confirmed(1_000_000_00);
        NoticesHandler.Setting memory set;
        (set.notices, set.receivables, set.facilities) = (notices, receivables, facilities);
        set.facilityId = _agreedFacility(_add(_claimProduct()), 72_000, 10_000_00);
        (set.claimId, set.seller, set.assignee) = (_claimId, seller, suppliers[0]);
        (set.debtor, set.lender, set.stranger) = (debtor, bank, STRANGER);
        _handler = new NoticesHandler(set);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("Notices");
    }

    function invariant_whatever_passed_was_allowed() public view {
        string memory broken = _handler.broken();
        assertTrue(bytes(broken).length == 0, broken);
    }

    function invariant_each_acknowledgement_is_the_debtors() public view {
        for (uint256 noticeId = 1; noticeId <= _handler.noticeCount(); ++noticeId) {
            INotices.Notice memory row = notices.notice(noticeId);
            bool isAcknowledged = row.status == INotices.NoticeStatus.Acknowledged;
            assertTrue(isAcknowledged == (row.acknowledgedBy == debtor), "who acknowledged");
            assertTrue(isAcknowledged == (row.acknowledgedDay != 0), "when");
            assertTrue(notices.noticeOf(row.facts.claimId) >= noticeId, "the last notice of a claim is the newest");
        }
    }

    function invariant_notices_move_no_money_and_no_claim() public view {
        assertEq(cash.balanceOf(address(notices)), 0, "money");
        assertEq(receivables.balanceOf(address(notices)), 0, "claims");
        assertEq(receivables.claim(ClaimId.wrap(_claimId)).owner == seller ? 1 : 0, 1, "the seller's claim");
    }
}
