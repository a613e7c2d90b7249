// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Calendar} from "../../../contracts/math/Calendar.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IFilings} from "../../../contracts/notices/IFilings.sol";
import {ClaimId, LoanId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {NoticesFixture} from "./NoticesFixture.sol";

/// Who records a filing of which right, when, and until when it is needed.
contract FilingsTest is NoticesFixture {
    function test_lender_records_the_filing_of_its_loan() public {
        (LoanId loanId,) = _loanOnClaim();
        IFilings.FilingTerms memory terms = _filingOfLoan(loanId);
        terms.day = _today() - 30; // filed for the facility, before the draw
        vm.expectEmit(address(notices));
        emit IFilings.FilingRecorded(1, bank, seller, terms);
        uint256 filingId = _record(bank, terms);
        IFilings.Filing memory row = notices.filing(filingId);
        assertTrue(keccak256(abi.encode(row.terms)) == keccak256(abi.encode(terms)), "terms");
        assertEq(row.registrant, bank, "registrant");
        assertEq(row.grantor, seller, "grantor");
        assertEq(notices.filingOf(IFilings.FilingSubject.Loan, LoanId.unwrap(loanId), bank), filingId, "of the loan");
    }

    function test_entruster_or_its_bank_records_the_filing_of_an_entrusted_loan() public {
        (LoanId loanId,) = _entrustedLoanOnClaim();
        assertEq(notices.filing(_record(entruster, _filingOfLoan(loanId))).registrant, entruster, "registrant");
        assertEq(notices.filing(_record(bank, _filingOfLoan(loanId))).registrant, bank, "registrant");
    }

    function test_assignee_and_lienholder_record_the_filing_of_a_claim() public {
        uint256 claimId = _assigned();
        IFilings.FilingTerms memory terms = _filingTerms(IFilings.FilingSubject.Claim, claimId);
        assertEq(notices.filing(_record(suppliers[0], terms)).grantor, seller, "grantor of an assignment");
        vm.prank(suppliers[0]);
        receivables.encumber(claimId, otherBank);
        assertEq(notices.filing(_record(otherBank, terms)).grantor, suppliers[0], "grantor of a lien");
    }

    function test_filing_reverts_for_whoever_has_no_right() public {
        (LoanId loanId, uint256 claimId) = _loanOnClaim();
        address[5] memory others = [STRANGER, seller, debtor, otherBank, OPERATOR];
        for (uint256 i; i < others.length; ++i) {
            _refusedToRecord(others[i], _filingOfLoan(loanId), IFilings.NothingToFile.selector);
        }
        IFilings.FilingTerms memory ofClaim = _filingTerms(IFilings.FilingSubject.Claim, claimId);
        _refusedToRecord(seller, ofClaim, IFilings.NothingToFile.selector);
        _refusedToRecord(bank, ofClaim, IFilings.NothingToFile.selector); // it files for its loan
        _refusedToRecord(bank, _filingTerms(IFilings.FilingSubject.None, 1), IFilings.NothingToFile.selector);
        _refusedToRecord(bank, _filingTerms(IFilings.FilingSubject.Loan, 0), IFilings.NothingToFile.selector);
        _refusedToRecord(bank, _filingTerms(IFilings.FilingSubject.Loan, 9), IFilings.NothingToFile.selector);
        _refusedToRecord(bank, _filingTerms(IFilings.FilingSubject.Claim, 99), IFilings.NothingToFile.selector);
    }

    function test_filing_reverts_for_a_loan_without_collateral_or_repaid() public {
        LoanId unsecured = _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 800_00), 500_00, 30);
        _refusedToRecord(bank, _filingOfLoan(unsecured), IFilings.NothingToFile.selector);
        (LoanId loanId,) = _loanOnClaim();
        _repay(loanId, 600_00);
        _refusedToRecord(bank, _filingOfLoan(loanId), IFilings.NothingToFile.selector);
    }

    function test_filing_reverts_for_rubbish_in_place_of_a_number() public {
        (LoanId loanId,) = _loanOnClaim();
        IFilings.FilingTerms memory terms = _filingOfLoan(loanId);
        bytes32[8] memory rubbish =
            [bytes32(""), "123", "abcd", "12 34", "1234=", bytes32("1234") >> 8, "12\x0034", bytes32(uint256(1))];
        for (uint256 i; i < rubbish.length; ++i) {
            terms.number = rubbish[i];
            vm.prank(bank);
            vm.expectRevert(abi.encodeWithSelector(IFilings.FilingNumberInvalid.selector, rubbish[i]));
            notices.recordFiling(terms);
        }
        terms.number = "ZD-2026-0042";
        _record(bank, terms);
    }

    function test_a_party_records_each_number_once_and_blocks_nobody_elses() public {
        (LoanId loanId,) = _loanOnClaim();
        uint256 filingId = _record(bank, _filingOfLoan(loanId));
        (LoanId second,) = _loanOnClaim();
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFilings.FilingNumberUsed.selector, NUMBER, filingId));
        notices.recordFiling(_filingOfLoan(second));
        _record(suppliers[0], _filingTerms(IFilings.FilingSubject.Claim, _assigned()));
    }

    function test_a_registrant_has_one_filing_for_a_loan_at_a_time() public {
        (LoanId loanId,) = _loanOnClaim();
        IFilings.FilingTerms memory terms = _filingOfLoan(loanId);
        terms.endDay = _today() + 10;
        uint256 filingId = _record(bank, terms);
        terms.number = "07912345001234567891";
        _refusedToRecord(bank, terms, IFilings.FilingStands.selector);
        _days(11);
        (terms.day, terms.endDay) = (_today(), _today() + 10);
        assertEq(_record(bank, terms), filingId + 1, "a new one once the old one has ended");
    }

    function test_filing_reverts_for_days_that_cannot_be_and_for_no_amount() public {
        (LoanId loanId,) = _loanOnClaim();
        IFilings.FilingTerms memory terms = _filingOfLoan(loanId);
        terms.day = _today() + 1;
        _refusedToRecord(bank, terms, IFilings.FilingDayOutOfRange.selector);
        terms.day = _today();
        terms.endDay = _today() - 1;
        _refusedToRecord(bank, terms, IFilings.FilingDayOutOfRange.selector);
        terms.endDay = uint24(Calendar.addMonths(terms.day, 360)) + 1;
        _refusedToRecord(bank, terms, IFilings.FilingDayOutOfRange.selector);
        terms.endDay -= 1;
        terms.securedAmount = 0;
        _refusedToRecord(bank, terms, IFilings.SecuredAmountOutOfRange.selector);
        terms.securedAmount = 2 ** 60;
        _refusedToRecord(bank, terms, IFilings.SecuredAmountOutOfRange.selector);
        terms.securedAmount = 1;
        _record(bank, terms);
    }

    function test_amendment_extends_a_filing_that_holds() public {
        (LoanId loanId,) = _loanOnClaim();
        IFilings.FilingTerms memory terms = _filingOfLoan(loanId);
        uint256 filingId = _record(bank, terms);
        _days(5);
        (terms.number, terms.day, terms.endDay) = ("07912345001234567899", _today(), _today() + 400);
        terms.securedAmount = 600_00;
        vm.prank(bank);
        vm.expectEmit(address(notices));
        emit IFilings.FilingAmended(filingId, terms);
        notices.amendFiling(filingId, terms);
        assertEq(notices.filing(filingId).terms.endDay, _today() + 400, "end");
    }

    function test_amendment_reverts_for_others_other_subjects_used_numbers_and_ended_filings() public {
        (LoanId loanId,) = _loanOnClaim();
        IFilings.FilingTerms memory terms = _filingOfLoan(loanId);
        uint256 filingId = _record(bank, terms);
        _refusedToAmend(bank, filingId, terms, IFilings.FilingNumberUsed.selector);
        terms.number = "07912345001234567899";
        _refusedToAmend(otherBank, filingId, terms, IFilings.NotRegistrant.selector);
        _refusedToAmend(seller, filingId, terms, IFilings.NotRegistrant.selector);
        _refusedToAmend(bank, filingId + 1, terms, IFilings.FilingUnknown.selector);
        terms.subjectId += 1;
        _refusedToAmend(bank, filingId, terms, IFilings.SubjectFixed.selector);
        terms.subjectId -= 1;
        terms.day -= 1;
        _refusedToAmend(bank, filingId, terms, IFilings.FilingDayOutOfRange.selector);
        _days(201);
        (terms.day, terms.endDay) = (_today(), _today() + 10);
        _refusedToAmend(bank, filingId, terms, IFilings.FilingDayOutOfRange.selector);
    }

    function test_discharge_reverts_while_the_loan_runs_and_passes_once_it_is_repaid() public {
        (LoanId loanId,) = _loanOnClaim();
        uint256 filingId = _record(bank, _filingOfLoan(loanId));
        _refusedToDischarge(bank, filingId, IFilings.FilingNeeded.selector);
        _days(40);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _refusedToDischarge(bank, filingId, IFilings.FilingNeeded.selector);
        _repay(loanId, 600_00);
        _refusedToDischarge(seller, filingId, IFilings.NotRegistrant.selector);
        vm.prank(bank);
        vm.expectEmit(address(notices));
        emit IFilings.FilingDischarged(filingId, "0791-9", _today());
        notices.dischargeFiling(filingId, "0791-9", _today());
        assertEq(notices.filing(filingId).dischargedDay, _today(), "day");
        _refusedToDischarge(bank, filingId, IFilings.FilingDischargedAlready.selector);
        IFilings.FilingTerms memory terms = notices.filing(filingId).terms;
        _refusedToAmend(bank, filingId, terms, IFilings.FilingDischargedAlready.selector);
    }

    function test_discharge_of_an_assigned_claim_passes_once_the_debt_is_paid_or_the_claim_is_gone() public {
        uint256 claimId = _assigned();
        uint256 filingId = _record(suppliers[0], _filingTerms(IFilings.FilingSubject.Claim, claimId));
        _refusedToDischarge(suppliers[0], filingId, IFilings.FilingNeeded.selector);
        ReceivableId receivableId = receivables.claim(ClaimId.wrap(claimId)).receivableId;
        _pay(receivableId, 1_000_00);
        vm.prank(suppliers[0]);
        notices.dischargeFiling(filingId, "0791-9", _today());

        claimId = _assigned();
        IFilings.FilingTerms memory terms = _filingTerms(IFilings.FilingSubject.Claim, claimId);
        terms.number = "0791-10";
        filingId = _record(suppliers[0], terms);
        vm.prank(suppliers[0]);
        receivables.transferFrom(suppliers[0], suppliers[1], claimId);
        vm.prank(suppliers[0]);
        notices.dischargeFiling(filingId, "0791-11", _today());
    }

    function testFuzz_a_filing_ends_at_most_thirty_years_of_the_calendar_after_its_day(uint24 day, uint24 endDay)
        public
    {
        (LoanId loanId,) = _loanOnClaim();
        IFilings.FilingTerms memory terms = _filingOfLoan(loanId);
        terms.day = uint24(bound(day, 0, _today()));
        terms.endDay = endDay;
        uint256 last = Calendar.addMonths(terms.day, 360);
        if (endDay < _today() || endDay > last) {
            _refusedToRecord(bank, terms, IFilings.FilingDayOutOfRange.selector);
        } else {
            assertEq(notices.filing(_record(bank, terms)).terms.endDay, endDay, "end");
        }
    }

    function _refusedToAmend(address caller, uint256 filingId, IFilings.FilingTerms memory terms, bytes4 selector)
        private
    {
        vm.prank(caller);
        vm.expectPartialRevert(selector);
        notices.amendFiling(filingId, terms);
    }

    function _refusedToDischarge(address caller, uint256 filingId, bytes4 selector) private {
        uint24 today = _today();
        vm.prank(caller);
        vm.expectPartialRevert(selector);
        notices.dischargeFiling(filingId, "0791-9", today);
    }
}
