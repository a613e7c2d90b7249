// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoanParticipations} from "../../../contracts/lending/ILoanParticipations.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {SalesFixture} from "./SalesFixture.sol";

/// Loans of the bank in which the other banks have shares.
abstract contract ParticipationsFixture is SalesFixture {
    uint256 private _participationNonces;

    /// Terms for the loan as it stands.
    function _shareTerms(LoanId loanId, address participant, uint24 share, uint64 price)
        internal
        returns (ILoanParticipations.ParticipationTerms memory terms)
    {
        terms.loanId = LoanId.unwrap(loanId);
        terms.lender = _lenderOf(loanId);
        terms.participant = participant;
        terms.principal = _principalOf(loanId);
        terms.postings = facilities.postingsOf(loanId).head;
        terms.standing = facilities.saleStanding(loanId);
        terms.sharedBefore = facilities.participationsOf(loanId).shared;
        terms.share = share;
        terms.price = price;
        terms.legalTextHash = keccak256("participation");
        terms.deadline = _deadline();
        terms.nonce = ++_participationNonces;
    }

    function _share(LoanId loanId, address participant, uint24 share, uint64 price) internal returns (uint256) {
        return _shareOn(_shareTerms(loanId, participant, share, price));
    }

    function _shareOn(ILoanParticipations.ParticipationTerms memory terms) internal returns (uint256) {
        (bytes memory first, bytes memory second) = _sidesSign(terms);
        vm.prank(terms.participant);
        return facilities.sellParticipation(terms, first, second);
    }

    function _expectRefused(ILoanParticipations.ParticipationTerms memory terms, bytes memory refusal) internal {
        (bytes memory first, bytes memory second) = _sidesSign(terms);
        vm.expectRevert(refusal);
        vm.prank(terms.participant);
        facilities.sellParticipation(terms, first, second);
    }

    function _sidesSign(ILoanParticipations.ParticipationTerms memory terms)
        internal
        view
        returns (bytes memory first, bytes memory second)
    {
        bytes32 digest = facilities.participationDigest(terms);
        (first, second) = (_signed(_keyOfBank(terms.lender), digest), _signed(_keyOfBank(terms.participant), digest));
    }

    function _participation(LoanId loanId, uint256 place)
        internal
        view
        returns (ILoanParticipations.Participation memory)
    {
        return facilities.participationsOf(loanId).participations[place];
    }
}
