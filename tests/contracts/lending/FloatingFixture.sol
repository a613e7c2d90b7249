// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {IReferenceRates} from "../../../contracts/risk/IReferenceRates.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {packPosting, PostingWord, RATE_SET} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// Loans whose rate follows a reference that two appraisers post.
abstract contract FloatingFixture is PostingsFixture {
    bytes16 internal constant LPR = "CNY-LPR-1Y";
    int24 internal constant SPREAD = 37_000;
    address internal constant FIRST = address(0xE1);
    address internal constant SECOND = address(0xE2);
    address internal constant THIRD = address(0xE3);

    function setUp() public virtual override {
        super.setUp();
        _party(FIRST, 64);
        _party(SECOND, 64);
        _party(THIRD, 64);
        vm.prank(OPERATOR);
        rates.list(LPR, 20_000, 60);
    }

    function _rateOf(uint24 fromDay, uint24 lastDay, int24 rate) internal pure returns (IReferenceRates.Rate memory) {
        return IReferenceRates.Rate(LPR, fromDay, lastDay, rate, keccak256("publication"));
    }

    /// Two appraisers agree on the rate from a day on.
    function _publish(uint24 fromDay, uint24 lastDay, int24 rate) internal {
        vm.prank(FIRST);
        rates.post(_rateOf(fromDay, lastDay, rate));
        vm.prank(SECOND);
        rates.confirm(_rateOf(fromDay, lastDay, rate));
    }

    function _floating() internal pure returns (IProducts.FloatingTerms memory) {
        return IProducts.FloatingTerms(LPR, -10_000, 50_000, 1, 0, 0, 0, 0);
    }

    /// A product within 2 % and 12 %.
    function _floatingProduct() internal view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.minRate = 20_000;
        terms.maxRate = 120_000;
    }

    function _addFloating() internal returns (ProductId) {
        vm.prank(OPERATOR);
        return products.add(
            "floating", _floatingProduct(), _goodsOf(IProducts.CollateralKind.None), _floating(), _noEvidence()
        );
    }

    function _agreeFloating(ProductId productId, int24 spread) internal returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(productId, 110_000, 3_000_000_00);
        terms.spread = spread;
        return _agree(terms);
    }

    /// The first posting of a floating loan's history.
    function _noteStart(LoanId loanId) internal {
        _note(loanId, RATE_SET, facilities.loan(loanId).terms.annualRate);
    }

    /// Anyone sets the rate anew; the fixture keeps the posting.
    function _reset(LoanId loanId) internal {
        uint24 day = facilities.floatingOf(loanId).nextResetDay;
        IPostings.History memory history = _history(loanId);
        vm.prank(address(0xDEAD));
        facilities.resetRate(loanId, history);
        _insertRate(loanId, packPosting(RATE_SET, day, facilities.loan(loanId).terms.annualRate));
    }

    /// Before all others of its day, but after the first.
    function _insertRate(LoanId loanId, PostingWord posting) private {
        PostingWord[] storage postings = _postings[loanId];
        postings.push(posting);
        for (uint256 i = postings.length - 1; i > 1 && postings[i - 1].valueDay() >= posting.valueDay(); --i) {
            postings[i] = postings[i - 1];
            postings[i - 1] = posting;
        }
    }
}
