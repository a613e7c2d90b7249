// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

contract ExactnessTest is Fixture {
    uint256[] private _claims;

    function test_confirm_mints_one_claim_of_the_face_to_the_seller() public {
        (, uint256 claimId) = _confirmed(100_000);
        assertTrue(receivables.ownerOf(claimId) == seller, "holder");
        assertEq(receivables.balanceOf(claimId), 100_000, "value");
    }

    function test_confirm_reverts_when_another_account_signed() public {
        ReceivableId receivableId = _request(100_000);
        bytes memory signature = _signed(BANK_KEY, receivables.confirmationDigest(receivableId));
        vm.expectPartialRevert(IReceivables.DebtorSignatureInvalid.selector);
        receivables.confirm(receivableId, signature);
    }

    function test_request_reverts_when_the_fingerprint_was_used() public {
        IReceivables.ReceivableTerms memory terms = _terms(500);
        vm.prank(seller);
        receivables.request(terms);
        vm.prank(seller);
        receivables.withdraw(ReceivableId.wrap(1));
        vm.prank(seller);
        vm.expectPartialRevert(IReceivables.FingerprintUsed.selector);
        receivables.request(terms);
    }

    function test_assign_reverts_when_the_part_exceeds_the_claim() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.SplitExceedsClaim.selector, claimId, 1_001, 1_000));
        receivables.assign(claimId, suppliers[0], 1_001, 0);
    }

    /// Any interleaving of payment, splitting, merging and collecting: never insolvent, exact in the end.
    function testFuzz_every_holder_collects_its_value_to_the_cent(uint96 face, uint256 seed) public {
        face = uint96(bound(face, 1, 1e15));
        (ReceivableId receivableId, uint256 first) = _confirmed(face);
        _claims.push(first);
        uint256 collected;
        for (uint256 step; step < 40; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 claimId = _claims[(seed >> 8) % _claims.length];
            collected += _step(receivableId, claimId, seed);
            _requireSolvent(receivableId);
        }
        (uint96 principal, uint96 late) = receivables.due(receivableId);
        if (principal != 0) _pay(receivableId, principal + late);
        for (uint256 i; i < _claims.length; ++i) {
            if (!_exists(_claims[i])) continue;
            uint256 value = receivables.balanceOf(_claims[i]);
            if (value == 0) continue;
            (uint96 paid,) = receivables.collect(ClaimId.wrap(_claims[i]));
            assertEq(paid, value, "the last collection is the value");
        }
        assertEq(cash.balanceOf(address(receivables)), 0, "nothing is left");
    }

    function _step(ReceivableId receivableId, uint256 claimId, uint256 seed) private returns (uint256) {
        uint256 kind = seed % 5;
        (uint96 unpaid,) = receivables.due(receivableId);
        if (kind == 0 && unpaid > 1) {
            _pay(receivableId, uint96(bound(seed >> 16, 1, unpaid)));
        } else if (_exists(claimId) && receivables.balanceOf(claimId) > 0) {
            uint256 value = receivables.balanceOf(claimId);
            if (kind < 3) {
                address to = suppliers[(seed >> 32) % 3];
                // As deep as the terms allow, only the whole may move.
                uint256 part = receivables.depthOf(claimId) < 8 ? bound(seed >> 40, 1, value) : value;
                vm.prank(receivables.ownerOf(claimId));
                uint256 child = receivables.assign(claimId, to, uint96(part), 0);
                if (child != claimId) _claims.push(child);
            } else if (kind == 3) {
                (uint96 principal,) = receivables.collectable(ClaimId.wrap(claimId));
                if (principal != 0) receivables.collect(ClaimId.wrap(claimId));
                return principal;
            } else {
                _mergeWithAnother(claimId, seed);
            }
        }
        return 0;
    }

    function _mergeWithAnother(uint256 claimId, uint256 seed) private {
        uint256 other = _claims[(seed >> 64) % _claims.length];
        if (other == claimId || !_exists(other)) return;
        address owner = receivables.ownerOf(claimId);
        if (receivables.ownerOf(other) != owner) return;
        vm.prank(owner);
        receivables.merge(claimId, other);
    }

    function _exists(uint256 claimId) private view returns (bool) {
        address owner = receivables.claim(ClaimId.wrap(claimId)).owner;
        return owner != address(0);
    }

    /// All that holders may collect now is there, and values are face less credited less redeemed.
    function _requireSolvent(ReceivableId receivableId) private view {
        uint256 values;
        uint256 claimable;
        for (uint256 i; i < _claims.length; ++i) {
            if (!_exists(_claims[i])) continue;
            values += receivables.balanceOf(_claims[i]);
            (uint96 principal,) = receivables.collectable(ClaimId.wrap(_claims[i]));
            claimable += principal;
        }
        IReceivables.Receivable memory debt = receivables.receivable(receivableId);
        assertEq(values, uint256(debt.faceAmount) - debt.credited - debt.redeemed, "values");
        assertTrue(claimable <= cash.balanceOf(address(receivables)), "solvent");
        assertEq(cash.balanceOf(address(receivables)), uint256(debt.principalPaid) - debt.redeemed, "cash");
    }
}
