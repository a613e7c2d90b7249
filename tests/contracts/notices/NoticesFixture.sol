// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IFilings} from "../../../contracts/notices/IFilings.sol";
import {INotices} from "../../../contracts/notices/INotices.sol";
import {Notices} from "../../../contracts/notices/Notices.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ClaimId, LoanId} from "../../../contracts/types/Ids.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LendingFixture} from "../lending/LendingFixture.sol";

/// Notices and filings over claims that were assigned or that secure loans.
abstract contract NoticesFixture is LendingFixture {
    bytes32 internal constant TEXT = keccak256("a notice");
    bytes32 internal constant NUMBER = "07912345001234567890";
    uint256 internal constant COLLEAGUE_KEY = 120;

    Notices internal notices;
    address internal colleague = vm.addr(COLLEAGUE_KEY);

    function setUp() public virtual override {
        super.setUp();
        notices = new Notices(address(forwarder), facilities);
    }

    /// A claim of the seller's that a supplier holds now.
    function _assigned() internal returns (uint256 claimId) {
        (, claimId) = _confirmed(1_000_00);
        vm.prank(seller);
        claimId = receivables.assign(claimId, suppliers[0], 400_00, keccak256("assignment"));
    }

    /// A loan of the bank on the seller's claim.
    function _loanOnClaim() internal returns (LoanId loanId, uint256 claimId) {
        (, claimId) = _confirmed(1_000_00);
        loanId =
            _draw(_agreedFacility(_add(_claimProduct()), 72_000, 800_00), 500_00, LoanMath.Style.Bullet, 30, claimId);
    }

    /// The same with an entruster's money, administered by the bank.
    function _entrustedLoanOnClaim() internal returns (LoanId loanId, uint256 claimId) {
        (, claimId) = _confirmed(1_000_00);
        IProducts.ProductTerms memory product = _claimProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 800_00);
        terms.entruster = entruster;
        loanId = _draw(_agree(terms), 500_00, LoanMath.Style.Bullet, 30, claimId);
    }

    function _factsOf(uint256 claimId) internal view returns (INotices.Facts memory) {
        return notices.factsOf(ClaimId.wrap(claimId));
    }

    function _notify(address notifier, uint256 claimId) internal returns (uint256) {
        INotices.Facts memory facts = _factsOf(claimId);
        vm.prank(notifier);
        return notices.notifyDebtor(facts, 1, TEXT);
    }

    function _filingTerms(IFilings.FilingSubject subject, uint256 subjectId)
        internal
        view
        returns (IFilings.FilingTerms memory)
    {
        return IFilings.FilingTerms({
            subject: subject,
            subjectId: subjectId,
            number: NUMBER,
            day: _today(),
            endDay: _today() + 200,
            securedAmount: 500_00
        });
    }

    function _filingOfLoan(LoanId loanId) internal view returns (IFilings.FilingTerms memory) {
        return _filingTerms(IFilings.FilingSubject.Loan, LoanId.unwrap(loanId));
    }

    function _record(address registrant, IFilings.FilingTerms memory terms) internal returns (uint256) {
        vm.prank(registrant);
        return notices.recordFiling(terms);
    }

    function _refusedToRecord(address caller, IFilings.FilingTerms memory terms, bytes4 selector) internal {
        vm.prank(caller);
        vm.expectPartialRevert(selector);
        notices.recordFiling(terms);
    }
}
