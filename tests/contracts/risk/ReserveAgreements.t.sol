// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {ClaimShares} from "../../../contracts/math/ClaimShares.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {ReserveFixture} from "./ReserveFixture.sol";

/// Sharings and insurances: signatures, deadlines, limits and their end.
contract ReserveAgreementsTest is ReserveFixture {
    // ------------------------------------------------------------------ sharings

    function test_agreeSharing_needs_the_operator_and_the_sharers_signature() public {
        IRiskReserve.SharingTerms memory terms = _sharing(first, 100_000, 50_00);
        bytes32 digest = reserve.sharingDigest(terms);
        bytes memory wrong = _signed(SECOND_KEY, digest);
        bytes memory right = _signed(FIRST_KEY, digest);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        reserve.agreeSharing(terms, right);
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SignatureInvalid.selector, first, digest));
        reserve.agreeSharing(terms, wrong);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.SharingAgreed(PRODUCT, first, 0, 100_000, 50_00);
        reserve.agreeSharing(terms, right);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.TermsUsed.selector, digest));
        reserve.agreeSharing(terms, right);
        vm.stopPrank();
        IRiskReserve.SharingState memory held = reserve.sharingOf(PRODUCT, 0);
        assertEq(held.sharer, first, "sharer");
        assertEq(held.currency, address(money), "currency");
        assertEq(held.part, 100_000, "part");
        assertEq(held.left, 50_00, "cap");
        assertEq(held.validUntil, terms.validUntil, "until");
        assertEq(held.fromDay, block.timestamp / DAY, "from");
        assertEq(held.afterLoan, loanCount, "after");
        assertTrue(held.termsHash == digest, "terms");
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SharingUnknown.selector, PRODUCT, 1));
        reserve.sharingOf(PRODUCT, 1);
    }

    function test_a_sharers_signature_counts_until_its_deadline() public {
        IRiskReserve.SharingTerms memory terms = _sharing(first, 100_000, 50_00);
        bytes memory signature = _signed(FIRST_KEY, reserve.sharingDigest(terms));
        vm.warp(terms.deadline);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureExpired.selector, terms.deadline, block.timestamp));
        reserve.agreeSharing(terms, signature);
        vm.warp(terms.deadline - 1);
        vm.prank(OPERATOR);
        reserve.agreeSharing(terms, signature);
    }

    function test_sharer_can_withdraw_its_signature() public {
        IRiskReserve.SharingTerms memory terms = _sharing(first, 100_000, 50_00);
        bytes32 digest = reserve.sharingDigest(terms);
        bytes memory signature = _signed(FIRST_KEY, digest);
        vm.prank(STRANGER); // another's word changes nothing
        reserve.cancelSignature(digest);
        vm.prank(first);
        reserve.cancelSignature(digest);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, first, digest));
        reserve.agreeSharing(terms, signature);
    }

    function test_shares_of_sharers_sum_to_at_most_the_whole() public {
        _share(first, 400_000, 1);
        IRiskReserve.SharingTerms memory terms = _sharing(second, 600_001, 1);
        _refusedSharing(terms, abi.encodeWithSelector(IRiskReserve.PartsExceedWhole.selector, PRODUCT, 1_000_001));
        terms.part = 0;
        _refusedSharing(terms, abi.encodeWithSelector(IRiskReserve.PartsExceedWhole.selector, PRODUCT, 400_000));
        terms.part = 600_000;
        _agreeSharing(terms);
    }

    function test_agreeSharing_reverts_for_a_ninth_sharer() public {
        for (uint256 i; i < 8; ++i) {
            _share(first, 100_000, 1);
        }
        _refusedSharing(
            _sharing(first, 100_000, 1), abi.encodeWithSelector(IRiskReserve.SharersFull.selector, PRODUCT, 8)
        );
    }

    function test_expired_sharing_frees_its_place_at_once() public {
        IRiskReserve.SharingTerms memory terms = _sharing(first, 1_000_000, 1);
        _agreeSharing(terms);
        vm.warp(terms.validUntil - 1);
        _refusedSharing(
            _sharing(second, 1, 1), abi.encodeWithSelector(IRiskReserve.PartsExceedWhole.selector, PRODUCT, 1_000_001)
        );
        vm.warp(terms.validUntil);
        _share(second, 1_000_000, 1);
        assertEq(reserve.sharingOf(PRODUCT, 0).sharer, second, "in its place");
    }

    function test_a_sharings_cap_and_time_are_within_bounds() public {
        uint64 max = uint64(ClaimShares.MAX_AMOUNT);
        IRiskReserve.SharingTerms memory terms = _sharing(first, 1, 0);
        _refusedSharing(terms, abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, max));
        terms.cap = max + 1;
        _refusedSharing(terms, abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, max + 1, 1, max));
        terms.cap = max;
        terms.validUntil = uint40(block.timestamp);
        terms.validFrom = terms.validUntil - 1;
        _refusedSharing(terms, _notInTime(terms.validFrom, terms.validUntil));
        terms.validUntil = uint40(block.timestamp + 1);
        terms.validFrom = terms.validUntil;
        _refusedSharing(terms, _notInTime(terms.validFrom, terms.validUntil));
        terms.validFrom -= 1;
        _agreeSharing(terms);
    }

    function test_a_sharer_is_a_valid_party() public {
        _invalid(first);
        IRiskReserve.SharingTerms memory terms = _sharing(first, 1, 1);
        bytes memory signature = _signed(FIRST_KEY, reserve.sharingDigest(terms));
        vm.prank(OPERATOR);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.agreeSharing(terms, signature);
    }

    // ------------------------------------------------------------------ the end of a sharing

    function test_a_sharing_ends_by_operator_and_sharer_together() public {
        _share(first, 500_000, 1_000_00);
        IRiskReserve.LossReport memory report = _report(_drawn(), 100_00);
        LoanId lost = _lost(100_00);
        uint40 deadline = uint40(block.timestamp + 1 hours);
        bytes32 digest = reserve.sharingEndDigest(reserve.sharingOf(PRODUCT, 0).termsHash, deadline);
        bytes memory wrong = _signed(SECOND_KEY, digest);
        bytes memory right = _signed(FIRST_KEY, digest);
        vm.prank(first);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, first));
        reserve.endSharing(PRODUCT, 0, deadline, right);
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SignatureInvalid.selector, first, digest));
        reserve.endSharing(PRODUCT, 0, deadline, wrong);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SharingUnknown.selector, PRODUCT, 1));
        reserve.endSharing(PRODUCT, 1, deadline, right);
        reserve.endSharing(PRODUCT, 0, deadline, right);
        vm.expectRevert(_notInTime(0, uint40(block.timestamp)));
        reserve.endSharing(PRODUCT, 0, deadline, right);
        vm.stopPrank();
        assertEq(_loss(lost).fromSharers, 50_00, "what was lost before stays paid");
        reserve.recordLoss(report);
        assertEq(_loss(report.loanId).fromSharers, 0, "and nothing after");
        _share(second, 1_000_000, 1);
        assertEq(reserve.sharingOf(PRODUCT, 0).sharer, second, "its place is free");
    }

    function test_signature_to_end_a_sharing_has_a_deadline_and_can_be_withdrawn() public {
        _share(first, 500_000, 1_000_00);
        uint40 deadline = uint40(block.timestamp);
        bytes32 termsHash = reserve.sharingOf(PRODUCT, 0).termsHash;
        bytes memory signature = _signed(FIRST_KEY, reserve.sharingEndDigest(termsHash, deadline));
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureExpired.selector, deadline, block.timestamp));
        reserve.endSharing(PRODUCT, 0, deadline, signature);
        deadline += 1;
        bytes32 digest = reserve.sharingEndDigest(termsHash, deadline);
        signature = _signed(FIRST_KEY, digest);
        vm.prank(first);
        reserve.cancelSignature(digest);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, first, digest));
        reserve.endSharing(PRODUCT, 0, deadline, signature);
    }

    function test_endSharing_reverts_when_operator_and_sharer_are_one_party() public {
        _share(first, 500_000, 1_000_00);
        uint40 deadline = uint40(block.timestamp + 1 hours);
        bytes memory signature =
            _signed(FIRST_KEY, reserve.sharingEndDigest(reserve.sharingOf(PRODUCT, 0).termsHash, deadline));
        access.grantRole(5, first, 0);
        access.grantRole(5, second, 0);
        vm.startPrank(first);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SamePartyBothSides.selector, first, first));
        reserve.endSharing(PRODUCT, 0, deadline, signature);
        bytes memory call = abi.encodeCall(reserve.endSharing, (PRODUCT, 0, deadline, signature));
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SecondPersonNeeded.selector, address(access)));
        access.execute(address(reserve), call);
        vm.stopPrank();
        _relate(first, second);
        vm.prank(second);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SamePartyBothSides.selector, second, first));
        reserve.endSharing(PRODUCT, 0, deadline, signature);
    }

    // ------------------------------------------------------------------ insurances

    function test_an_insurance_needs_both_signatures_once() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(50_00);
        bytes32 digest = reserve.insuranceDigest(terms);
        bytes memory insurers = _signed(INSURER_KEY, digest);
        bytes memory insureds = _signed(BANK_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SignatureInvalid.selector, lender, digest));
        reserve.agreeInsurance(terms, insurers, insurers);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SignatureInvalid.selector, insurer, digest));
        reserve.agreeInsurance(terms, insureds, insureds);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.InsuranceAgreed(FACILITY, insurer, lender, 50_00);
        reserve.agreeInsurance(terms, insurers, insureds);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.InsuranceExists.selector, FACILITY, insurer));
        reserve.agreeInsurance(terms, insurers, insureds);
        // Another sharing takes the place of an expired one; the same terms never count again.
        terms.validUntil += 720 days;
        terms.deadline += 720 days;
        terms.nonce += 1;
        _refusedInsurance(terms, abi.encodeWithSelector(IRiskReserve.InsuranceExists.selector, FACILITY, insurer));
    }

    function test_the_same_insurance_is_not_agreed_twice_in_one_time() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(50_00);
        terms.validUntil = uint40(block.timestamp + 10);
        _agreeInsurance(terms);
        vm.warp(terms.validUntil - 1);
        _refusedInsurance(
            _insurance(1), abi.encodeWithSelector(IRiskReserve.InsuranceExists.selector, FACILITY, insurer)
        );
        vm.warp(terms.validUntil);
        _insure(1);
    }

    function test_an_insurance_of_one_party_or_group_on_both_sides_is_refused() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(50_00);
        terms.insurer = lender;
        _refusedInsurance(terms, abi.encodeWithSelector(IRiskReserve.SamePartyBothSides.selector, lender, lender));
        terms.insurer = insurer;
        _relate(insurer, lender);
        _refusedInsurance(terms, abi.encodeWithSelector(IRiskReserve.SamePartyBothSides.selector, insurer, lender));
    }

    function test_an_insurances_numbers_time_and_sides_are_within_bounds() public {
        uint64 max = uint64(ClaimShares.MAX_AMOUNT);
        IRiskReserve.InsuranceTerms memory terms = _insurance(0);
        _refusedInsurance(terms, abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, max));
        terms.insuredAmount = max + 1;
        _refusedInsurance(terms, abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, max + 1, 1, max));
        terms.insuredAmount = max;
        uint256 maxFacilityId = type(uint40).max;
        terms.facilityId = maxFacilityId + 1;
        _refusedInsurance(
            terms, abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, maxFacilityId + 1, 1, maxFacilityId)
        );
        terms.facilityId = maxFacilityId;
        terms.validUntil = uint40(block.timestamp);
        _refusedInsurance(terms, _notInTime(terms.validFrom, terms.validUntil));
        terms.validUntil = uint40(block.timestamp + 1);
        terms.deadline = uint40(block.timestamp);
        _refusedInsurance(
            terms, abi.encodeWithSelector(SignedTerms.SignatureExpired.selector, terms.deadline, block.timestamp)
        );
        terms.deadline += 1;
        _agreeInsurance(terms);
        _invalid(lender);
        terms.insured = borrower;
        terms.insurer = lender;
        bytes memory none;
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.agreeInsurance(terms, none, none);
        (terms.insured, terms.insurer) = (lender, borrower);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.agreeInsurance(terms, none, none);
    }

    function test_either_side_of_an_insurance_can_withdraw_its_signature() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(50_00);
        bytes32 digest = reserve.insuranceDigest(terms);
        vm.prank(insurer);
        reserve.cancelSignature(digest);
        _refusedInsurance(terms, abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, insurer, digest));
        terms = _insurance(50_00);
        digest = reserve.insuranceDigest(terms);
        vm.prank(lender);
        reserve.cancelSignature(digest);
        _refusedInsurance(terms, abi.encodeWithSelector(SignedTerms.SignatureCancelled.selector, lender, digest));
    }

    // ------------------------------------------------------------------ helpers

    function _notInTime(uint40 validFrom, uint40 validUntil) private view returns (bytes memory) {
        return abi.encodeWithSelector(IRiskReserve.NotInTime.selector, validFrom, validUntil, block.timestamp);
    }

    function _refusedSharing(IRiskReserve.SharingTerms memory terms, bytes memory reason) private {
        bytes memory signature = _signed(_keyOf(terms.sharer), reserve.sharingDigest(terms));
        vm.prank(OPERATOR);
        vm.expectRevert(reason);
        reserve.agreeSharing(terms, signature);
    }

    function _refusedInsurance(IRiskReserve.InsuranceTerms memory terms, bytes memory reason) private {
        bytes32 digest = reserve.insuranceDigest(terms);
        bytes memory insurers = _signed(_keyOf(terms.insurer), digest);
        bytes memory insureds = _signed(_keyOf(terms.insured), digest);
        vm.expectRevert(reason);
        reserve.agreeInsurance(terms, insurers, insureds);
    }
}
