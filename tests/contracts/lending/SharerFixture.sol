// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {FacilityId, ProductId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A sharer that bears half of a product's losses, and an insurer of a facility.
abstract contract SharerFixture is LendingFixture {
    uint256 internal constant SHARER_KEY = 107;
    uint256 internal constant INSURER_KEY = 109;
    address internal sharer = vm.addr(SHARER_KEY);
    address internal insurer = vm.addr(INSURER_KEY);
    uint256 private _nonces;

    function setUp() public virtual override {
        super.setUp();
        address[2] memory bearers = [sharer, insurer];
        for (uint256 i; i < 2; ++i) {
            _party(bearers[i], 0);
            vm.prank(bearers[i]);
            cash.approve(address(reserve), type(uint256).max);
        }
    }

    function _agreeSharing(ProductId product) internal {
        IRiskReserve.SharingTerms memory terms = IRiskReserve.SharingTerms({
            productId: ProductId.unwrap(product),
            sharer: sharer,
            currency: address(cash),
            part: 500_000,
            cap: 1_000_000_00,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: _deadline(),
            nonce: ++_nonces
        });
        bytes memory signature = _signed(SHARER_KEY, reserve.sharingDigest(terms));
        vm.prank(OPERATOR);
        reserve.agreeSharing(terms, signature);
    }

    function _agreeInsurance(FacilityId facility, address insured) internal {
        IRiskReserve.InsuranceTerms memory terms = IRiskReserve.InsuranceTerms({
            facilityId: FacilityId.unwrap(facility),
            insurer: insurer,
            insured: insured,
            currency: address(cash),
            insuredAmount: 1_000_000_00,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: _deadline(),
            nonce: ++_nonces
        });
        bytes32 digest = reserve.insuranceDigest(terms);
        reserve.agreeInsurance(terms, _signed(INSURER_KEY, digest), _signed(_keyOf(insured), digest));
    }
}
