// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {FEE, packPosting} from "../../../contracts/types/PostingWord.sol";
import {RestructuringFixture} from "./RestructuringFixture.sol";

/// Loans with service fees, below a cap of 24 % a year.
abstract contract FeesFixture is RestructuringFixture {
    uint64 internal constant FLAT = 500_00;
    uint24 internal constant SHARE = 10_000;
    uint24 internal constant PERIODIC = 2_500;
    uint24 internal constant RATE = 72_000;
    ProductId internal _feeProduct;

    function setUp() public virtual override {
        super.setUp();
        _feeProduct = _addWithFees("fees", _plainProduct(), _bounds());
    }

    function _bounds() internal pure returns (IProducts.FloatingTerms memory bounds) {
        bounds.maxFlatFee = 2_000_00;
        bounds.maxDrawFee = 100_000;
        bounds.maxPeriodicFee = 50_000;
        bounds.maxTotalCost = 240_000;
    }

    function _addWithFees(bytes32 code, IProducts.ProductTerms memory terms, IProducts.FloatingTerms memory bounds)
        internal
        returns (ProductId)
    {
        vm.prank(OPERATOR);
        return products.add(code, terms, _goodsOf(terms.collateral), bounds, _noEvidence());
    }

    function _feeTerms(uint64 flatFee, uint24 drawFee, uint24 periodicFee)
        internal
        returns (IFacilities.FacilityTerms memory terms)
    {
        terms = _facilityTerms(_feeProduct, RATE, 5_000_000_00);
        terms.flatFee = flatFee;
        terms.drawFee = drawFee;
        terms.periodicFee = periodicFee;
    }

    function _withFees(uint64 flatFee, uint24 drawFee, uint24 periodicFee) internal returns (FacilityId) {
        return _agree(_feeTerms(flatFee, drawFee, periodicFee));
    }

    /// A draw whose fees the fixture keeps as the first posting.
    function _drawWithFees(FacilityId facilityId, uint64 amount, LoanMath.Style style, uint16 tenor)
        internal
        returns (LoanId loanId)
    {
        loanId = _draw(facilityId, amount, style, tenor, 0);
        uint64 charged = facilities.serviceFeesOf(loanId).running;
        if (charged != 0) _postings[loanId].push(packPosting(FEE, _today(), charged));
    }
}
