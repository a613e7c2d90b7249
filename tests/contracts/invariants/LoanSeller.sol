// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoanSales} from "../../../contracts/lending/ILoanSales.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";

/// Sales of loans as they stand, signed by both sides.
abstract contract LoanSeller is Test {
    /// Terms without any buy-back.
    function _saleTerms(Facilities facilities, LoanId loanId, address buyer, uint64 price, uint256 nonce)
        internal
        view
        returns (ILoanSales.SaleTerms memory terms)
    {
        terms.loanId = LoanId.unwrap(loanId);
        terms.seller = facilities.facility(facilities.loan(loanId).facilityId).lender;
        terms.buyer = buyer;
        terms.principal = uint64(LoanMath.outstanding(facilities.loan(loanId).state));
        terms.postings = facilities.postingsOf(loanId).head;
        terms.standing = facilities.saleStanding(loanId);
        terms.price = price;
        terms.noticeHash = keccak256("notice");
        terms.deadline = uint40(block.timestamp + 1 days);
        terms.nonce = nonce;
    }

    function _sellOn(Facilities facilities, ILoanSales.SaleTerms memory terms, uint256 sellerKey, uint256 buyerKey)
        internal
        returns (FacilityId)
    {
        bytes32 digest = facilities.saleDigest(terms);
        bytes memory first = _signature(sellerKey, digest);
        bytes memory second = _signature(buyerKey, digest);
        vm.prank(terms.seller);
        return facilities.sellLoan(terms, first, second);
    }

    function _signature(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
