// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {INotices} from "../../../contracts/notices/INotices.sol";
import {ClaimId, LoanId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {NoticesFixture} from "./NoticesFixture.sol";

/// Who may tell a debtor whom it has to pay, what it is told, and how it acknowledges that.
contract NoticesTest is NoticesFixture {
    function test_notice_of_an_assignment_says_who_assigned_what_to_whom() public {
        uint256 claimId = _assigned();
        INotices.Facts memory facts = _factsOf(claimId);
        assertEq(uint8(facts.basis), uint8(INotices.Basis.Assignment), "basis");
        assertEq(facts.debtor, debtor, "debtor");
        assertEq(facts.assignor, seller, "assignor");
        assertEq(facts.assignee, suppliers[0], "assignee");
        assertEq(facts.value, 400_00, "value");
        assertEq(LoanId.unwrap(facts.loanId), 0, "loan");

        INotices.Notice memory expected =
            INotices.Notice(facts, suppliers[0], _today(), 1, TEXT, INotices.NoticeStatus.Notified, address(0), 0);
        vm.expectEmit(address(notices));
        emit INotices.DebtorNotified(1, ClaimId.wrap(claimId), debtor, expected);
        uint256 noticeId = _notify(suppliers[0], claimId);
        INotices.Notice memory row = notices.notice(noticeId);
        assertEq(row.notifier, suppliers[0], "notifier");
        assertEq(row.day, _today(), "day");
        assertEq(row.textVersion, 1, "version");
        assertTrue(row.textHash == TEXT, "text");
        assertEq(uint8(row.status), uint8(INotices.NoticeStatus.Notified), "status");
        assertTrue(keccak256(abi.encode(row.facts)) == keccak256(abi.encode(facts)), "facts");
        assertEq(notices.noticeOf(ClaimId.wrap(claimId)), noticeId, "last notice");
    }

    function test_notice_of_a_loans_lien_names_the_lender_and_the_loan() public {
        (LoanId loanId, uint256 claimId) = _loanOnClaim();
        INotices.Facts memory facts = _factsOf(claimId);
        assertEq(uint8(facts.basis), uint8(INotices.Basis.Lien), "basis");
        assertEq(facts.assignor, seller, "assignor");
        assertEq(facts.assignee, bank, "assignee");
        assertEq(LoanId.unwrap(facts.loanId), LoanId.unwrap(loanId), "loan");
        _notify(bank, claimId);
    }

    function test_notice_of_an_entrusted_loan_names_the_entruster_and_its_bank_may_give_it() public {
        (, uint256 claimId) = _entrustedLoanOnClaim();
        assertEq(_factsOf(claimId).assignee, entruster, "assignee");
        _notify(bank, claimId);
    }

    function test_notice_of_a_partys_own_lien_names_the_lienholder() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        vm.prank(seller);
        receivables.encumber(claimId, otherBank);
        assertEq(_factsOf(claimId).assignee, otherBank, "assignee");
        _notify(otherBank, claimId);
    }

    function test_notice_may_be_given_by_the_assignor_and_by_another_account_of_the_assignee() public {
        _notify(seller, _assigned());
        uint256 claimId = _assigned();
        _join(suppliers[0], COLLEAGUE_KEY);
        _notify(colleague, claimId);
    }

    function test_notice_reverts_for_strangers_the_debtor_and_the_operator() public {
        uint256 claimId = _assigned();
        INotices.Facts memory facts = _factsOf(claimId);
        address[5] memory strangers = [STRANGER, suppliers[1], debtor, OPERATOR, bank];
        for (uint256 i; i < strangers.length; ++i) {
            vm.prank(strangers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(INotices.NotOfTheAssignment.selector, ClaimId.wrap(claimId), strangers[i])
            );
            notices.notifyDebtor(facts, 1, TEXT);
        }
    }

    function test_notice_reverts_while_the_seller_holds_the_claim_without_a_lien() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        vm.expectRevert(abi.encodeWithSelector(INotices.NotAssigned.selector, ClaimId.wrap(claimId), seller));
        notices.factsOf(ClaimId.wrap(claimId));
        _join(seller, COLLEAGUE_KEY);
        vm.prank(seller);
        uint256 partId = receivables.assign(claimId, colleague, 100_00, 0);
        vm.expectRevert(abi.encodeWithSelector(INotices.NotAssigned.selector, ClaimId.wrap(partId), colleague));
        notices.factsOf(ClaimId.wrap(partId));
    }

    function test_notice_reverts_for_unknown_claims_and_settled_debts() public {
        vm.expectRevert(abi.encodeWithSelector(INotices.ClaimUnknown.selector, ClaimId.wrap(77)));
        notices.factsOf(ClaimId.wrap(77));
        uint256 claimId = _assigned();
        ReceivableId receivableId = receivables.claim(ClaimId.wrap(claimId)).receivableId;
        _pay(receivableId, 1_000_00);
        vm.expectRevert(abi.encodeWithSelector(INotices.NothingOwed.selector, receivableId));
        notices.factsOf(ClaimId.wrap(claimId));
    }

    function test_notice_reverts_for_each_fact_that_differs() public {
        uint256 claimId = _assigned();
        for (uint256 which; which < 7; ++which) {
            INotices.Facts memory facts = _factsOf(claimId);
            if (which == 0) facts.basis = INotices.Basis.Lien;
            if (which == 1) facts.receivableId = ReceivableId.wrap(99);
            if (which == 2) facts.debtor = suppliers[1];
            if (which == 3) facts.assignor = suppliers[1];
            if (which == 4) facts.assignee = suppliers[1];
            if (which == 5) facts.loanId = LoanId.wrap(1);
            if (which == 6) facts.value += 1;
            vm.prank(suppliers[0]);
            vm.expectRevert(abi.encodeWithSelector(INotices.FactsDiffer.selector, ClaimId.wrap(claimId)));
            notices.notifyDebtor(facts, 1, TEXT);
        }
    }

    function test_notice_reverts_without_a_version_or_a_hash_of_its_text() public {
        uint256 claimId = _assigned();
        INotices.Facts memory facts = _factsOf(claimId);
        vm.startPrank(suppliers[0]);
        vm.expectRevert(abi.encodeWithSelector(INotices.TextMissing.selector, 0, TEXT));
        notices.notifyDebtor(facts, 0, TEXT);
        vm.expectRevert(abi.encodeWithSelector(INotices.TextMissing.selector, 1, bytes32(0)));
        notices.notifyDebtor(facts, 1, 0);
    }

    function test_notice_of_equal_facts_reverts_and_of_new_facts_replaces_the_last() public {
        uint256 claimId = _assigned();
        uint256 first = _notify(suppliers[0], claimId);
        INotices.Facts memory facts = _factsOf(claimId);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(INotices.NoticeStands.selector, ClaimId.wrap(claimId), first));
        notices.notifyDebtor(facts, 1, TEXT);

        vm.prank(suppliers[0]);
        receivables.encumber(claimId, bank);
        uint256 second = _notify(bank, claimId);
        assertEq(_factsOf(claimId).assignor, suppliers[0], "assignor");
        vm.prank(debtor);
        vm.expectRevert(abi.encodeWithSelector(INotices.NoticeReplaced.selector, first, second));
        notices.acknowledge(first, TEXT);
        vm.prank(debtor);
        notices.acknowledge(second, TEXT);
    }

    /// The assignor comes first with a hash of nothing: the true notice must get through all the same.
    function test_only_the_side_that_is_paid_replaces_a_notice_by_one_with_another_text() public {
        uint256 claimId = _assigned();
        INotices.Facts memory facts = _factsOf(claimId);
        vm.prank(seller);
        uint256 worthless = notices.notifyDebtor(facts, 1, keccak256("nothing"));
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(INotices.NoticeStands.selector, ClaimId.wrap(claimId), worthless));
        notices.notifyDebtor(facts, 1, TEXT);
        uint256 noticeId = _notify(suppliers[0], claimId);
        assertEq(notices.noticeOf(ClaimId.wrap(claimId)), noticeId, "the true one");
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(INotices.NoticeStands.selector, ClaimId.wrap(claimId), noticeId));
        notices.notifyDebtor(facts, 1, keccak256("nothing"));
        vm.prank(suppliers[0]);
        vm.expectRevert(abi.encodeWithSelector(INotices.NoticeStands.selector, ClaimId.wrap(claimId), noticeId));
        notices.notifyDebtor(facts, 1, TEXT);
        vm.prank(debtor);
        notices.acknowledge(noticeId, TEXT);
    }

    function test_the_bank_of_an_entrusted_loan_replaces_a_worthless_notice() public {
        (, uint256 claimId) = _entrustedLoanOnClaim();
        INotices.Facts memory facts = _factsOf(claimId);
        vm.prank(seller);
        notices.notifyDebtor(facts, 1, keccak256("nothing"));
        uint256 noticeId = _notify(bank, claimId);
        assertEq(notices.noticeOf(ClaimId.wrap(claimId)), noticeId, "the true one");
    }

    function test_any_account_of_the_debtor_acknowledges_once() public {
        uint256 noticeId = _notify(seller, _assigned());
        _join(debtor, COLLEAGUE_KEY);
        _days(1);
        vm.prank(colleague);
        notices.acknowledge(noticeId, TEXT);
        INotices.Notice memory row = notices.notice(noticeId);
        assertEq(uint8(row.status), uint8(INotices.NoticeStatus.Acknowledged), "status");
        assertEq(row.acknowledgedBy, colleague, "account");
        assertEq(row.acknowledgedDay, _today(), "day");
        assertEq(row.day, _today() - 1, "day of the notice");
        vm.prank(debtor);
        vm.expectRevert(abi.encodeWithSelector(INotices.AcknowledgedAlready.selector, noticeId, _today()));
        notices.acknowledge(noticeId, TEXT);
    }

    function test_nobody_but_the_debtor_acknowledges() public {
        uint256 noticeId = _notify(seller, _assigned());
        address[5] memory others = [STRANGER, seller, suppliers[0], bank, OPERATOR];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(INotices.NotNotified.selector, noticeId, debtor, others[i]));
            notices.acknowledge(noticeId, TEXT);
        }
    }

    function test_acknowledgement_reverts_for_unknown_notices_and_other_texts() public {
        uint256 noticeId = _notify(seller, _assigned());
        vm.startPrank(debtor);
        vm.expectRevert(abi.encodeWithSelector(INotices.NoticeUnknown.selector, noticeId + 1));
        notices.acknowledge(noticeId + 1, TEXT);
        bytes32 other = keccak256("another text");
        vm.expectRevert(abi.encodeWithSelector(INotices.TextDiffers.selector, noticeId, TEXT, other));
        notices.acknowledge(noticeId, other);
    }

    function test_the_forwarder_gives_a_notice_for_its_signer() public {
        (, uint256 claimId) = _loanOnClaim();
        bytes memory call = abi.encodeCall(notices.notifyDebtor, (_factsOf(claimId), 1, TEXT));
        vm.prank(STRANGER);
        forwarder.execute(_intent(BANK_KEY, address(notices), call, 1));
        assertEq(notices.notice(1).notifier, bank, "notifier");
    }
}
