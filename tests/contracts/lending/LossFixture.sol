// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {DEFAULTED} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// A loan whose loss a reserve, two sharers, an insurer and the lender bear.
abstract contract LossFixture is PostingsFixture {
    uint256 internal constant FIRST_SHARER_KEY = 107;
    uint256 internal constant SECOND_SHARER_KEY = 108;
    uint256 internal constant INSURER_KEY = 109;
    address internal _first = vm.addr(FIRST_SHARER_KEY);
    address internal _second = vm.addr(SECOND_SHARER_KEY);
    address internal _insurer = vm.addr(INSURER_KEY);
    ProductId internal _product;
    FacilityId internal _facility;
    uint256 private _nonce;

    function setUp() public virtual override {
        super.setUp();
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.reserveShare = 10_000; // 1%
        _product = _add(terms);
        _facility = _agreedFacility(_product, 72_000, 1_000_000_00);
        address[3] memory bearers = [_first, _second, _insurer];
        for (uint256 i; i < 3; ++i) {
            _party(bearers[i], 0);
            vm.prank(bearers[i]);
            cash.approve(address(reserve), type(uint256).max);
        }
        vm.prank(OPERATOR);
        reserve.setCap(_product, address(cash), 5_000_00);
    }

    function _holds(LoanId loanId) internal view {
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        assertEq(uint256(loss.fromReserve) + loss.fromSharers + loss.fromInsurer + loss.borne, loss.loss, "invariant 9");
        assertTrue(loss.recovered <= loss.loss, "no more than was lost");
    }

    function _lost() internal returns (LoanId loanId) {
        _share(_first, FIRST_SHARER_KEY, 300_000, 1_000_000_00);
        _share(_second, SECOND_SHARER_KEY, 100_000, 1_000_000_00);
        _insure(20_000_00);
        loanId = _defaulted(100_000_00);
        vm.prank(bank);
        facilities.recordLoss(loanId);
    }

    function _defaulted(uint64 amount) internal returns (LoanId loanId) {
        loanId = _bullet(_facility, amount, 30);
        _days(34);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
    }

    function _balances() internal view returns (uint256[4] memory) {
        return [cash.balanceOf(bank), cash.balanceOf(_insurer), cash.balanceOf(_first), cash.balanceOf(_second)];
    }

    function _sharing(address sharer, uint24 part, uint64 cap) internal returns (IRiskReserve.SharingTerms memory) {
        return IRiskReserve.SharingTerms({
            productId: ProductId.unwrap(_product),
            sharer: sharer,
            currency: address(cash),
            part: part,
            cap: cap,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: ++_nonce
        });
    }

    function _share(address sharer, uint256 key, uint24 part, uint64 cap) internal {
        IRiskReserve.SharingTerms memory terms = _sharing(sharer, part, cap);
        bytes memory signature = _signed(key, reserve.sharingDigest(terms));
        vm.prank(OPERATOR);
        reserve.agreeSharing(terms, signature);
    }

    function _insurance(uint64 insuredAmount) internal returns (IRiskReserve.InsuranceTerms memory) {
        return IRiskReserve.InsuranceTerms({
            facilityId: FacilityId.unwrap(_facility),
            insurer: _insurer,
            insured: bank,
            currency: address(cash),
            insuredAmount: insuredAmount,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: ++_nonce
        });
    }

    function _insure(uint64 insuredAmount) internal {
        IRiskReserve.InsuranceTerms memory terms = _insurance(insuredAmount);
        bytes32 digest = reserve.insuranceDigest(terms);
        reserve.agreeInsurance(terms, _signed(INSURER_KEY, digest), _signed(BANK_KEY, digest));
    }
}
