// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoanParticipations} from "../../../contracts/lending/ILoanParticipations.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {packPosting, packRecorded, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {Reached} from "../support/Reached.sol";

/// A bank shares its loans with two others: repayments, payments outside the ledger, their reversal in any order,
/// refunds, and what the lender pays. Everything is allowed, so a revert is a failure.
contract ParticipationsHandler is Reached {
    struct Setting {
        Facilities facilities;
        SettlementToken cash;
        address borrower;
        uint256[3] keys;
        FacilityId facilityId;
    }

    uint64 private constant DRAWN = 40_000;
    uint256 private constant MAX_LOANS = 12;
    Setting private _set;
    LoanId[] public loans;
    /// What came in on a loan since its first participation, less what went back, in minor units.
    mapping(LoanId => int256) public paidIn;
    /// Money that was not owed when the first share was sold.
    mapping(LoanId => uint256) public overpaidBefore;
    /// What a participant got in cash, of each loan and place.
    mapping(LoanId => mapping(uint256 place => uint256)) public received;
    mapping(LoanId => PostingWord[]) private _postings;
    uint256 private _nonces;

    constructor(Setting memory set) {
        _set = set;
        string[7] memory names = [
            "a share sold",
            "a repayment that is shared",
            "a payment outside the ledger on a shared loan",
            "a reversal on a shared loan",
            "a participant that got too much for now",
            "a payment of the lender to participants",
            "an overpayment refunded on a shared loan"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        _draw();
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    function draw() external {
        _draw();
    }

    function share(uint256 which, bool third, uint24 part) external {
        LoanId loanId = loans[which % loans.length];
        if (_set.facilities.loan(loanId).status == ILoans.Status.Repaid) return _draw();
        ILoanParticipations.SharedLoan memory shared = _set.facilities.participationsOf(loanId);
        if (shared.participations.length == 8 || shared.shared == 950_000) return;
        if (shared.participations.length == 0) overpaidBefore[loanId] = _overpaid(loanId);
        uint24 max = 950_000 - shared.shared;
        _share(loanId, _set.keys[third ? 2 : 1], 1 + part % max, shared.shared);
        _reach("a share sold");
    }

    function repay(uint256 which, uint64 amount) external {
        LoanId loanId = loans[which % loans.length];
        if (_set.facilities.loan(loanId).status == ILoans.Status.Repaid) return _draw();
        ILoanParticipations.SharedLoan memory before = _set.facilities.participationsOf(loanId);
        uint256[3] memory balances = _balances();
        vm.prank(_set.borrower);
        LoanMath.Parts memory parts = _set.facilities.repay(loanId, 1 + amount % 9_000);
        uint256 taken = uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
        _postings[loanId].push(packPosting(1, _today(), taken));
        _noteMoney(loanId, before, balances);
        if (before.participations.length == 0) return;
        paidIn[loanId] += int256(taken);
        _reach("a repayment that is shared");
    }

    function record(uint256 which, uint64 amount) external {
        LoanId loanId = loans[which % loans.length];
        if (_set.facilities.loan(loanId).status == ILoans.Status.Repaid) return _draw();
        uint64 paid = 1 + amount % 50_000;
        bytes32 bankReference = keccak256(abi.encode(++_nonces));
        IPostings.History memory none;
        ILoanParticipations.SharedLoan memory before = _set.facilities.participationsOf(loanId);
        uint256[3] memory balances = _balances();
        PostingWord posting = packRecorded(_today(), _today(), paid, bankReference);
        vm.prank(vm.addr(_set.keys[0]));
        _set.facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), paid, _today(), bankReference), none);
        _noteMoney(loanId, before, balances);
        bool isEnded = _set.facilities.loan(loanId).status == ILoans.Status.Repaid;
        require(!isEnded || _set.facilities.participationsOf(loanId).due == 0, "nothing is due when it ends");
        _postings[loanId].push(posting);
        if (!_isShared(loanId)) return;
        paidIn[loanId] += int256(uint256(paid));
        _reach("a payment outside the ledger on a shared loan");
    }

    function reverse(uint256 which, uint256 place) external {
        LoanId loanId = loans[which % loans.length];
        PostingWord[] storage postings = _postings[loanId];
        for (uint256 i; i < postings.length; ++i) {
            uint256 at = (place % postings.length + i) % postings.length;
            PostingWord posting = postings[at];
            if (posting.kind() != 2 || posting.recordedDay() + 10 < _today() || _isRefunded(loanId)) continue;
            IPostings.Correction memory correction;
            correction.loanId = LoanId.unwrap(loanId);
            correction.posting = PostingWord.unwrap(posting);
            correction.reasonHash = keccak256("returned");
            correction.deadline = uint40(block.timestamp + 1 days);
            correction.nonce = ++_nonces;
            IPostings.History memory none;
            IPostings.History memory history;
            history.postings = postings;
            ILoanParticipations.SharedLoan memory before = _set.facilities.participationsOf(loanId);
            uint256[3] memory balances = _balances();
            vm.prank(vm.addr(_set.keys[0]));
            _set.facilities.correctPayment(correction, history, none, "");
            _noteMoney(loanId, before, balances);
            for (uint256 j = at; j + 1 < postings.length; ++j) {
                postings[j] = postings[j + 1];
            }
            postings.pop();
            if (!_isShared(loanId)) return;
            paidIn[loanId] -= int256(uint256(posting.amount()));
            _reach("a reversal on a shared loan");
            _reachIf(_hasTooMuch(loanId), "a participant that got too much for now");
            return;
        }
    }

    function refund(uint256 which) external {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            uint64 overpaid = uint64(_overpaid(loanId));
            if (overpaid == 0) continue;
            vm.prank(vm.addr(_set.keys[0]));
            _set.facilities.refundOverpayment(loanId, overpaid, 0);
            _postings[loanId].push(packPosting(6, _today(), overpaid));
            if (!_isShared(loanId)) return;
            paidIn[loanId] -= int256(uint256(overpaid));
            return _reach("an overpayment refunded on a shared loan");
        }
    }

    function payParticipants(uint256 which, uint64 amount) external {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            ILoanParticipations.SharedLoan memory before = _set.facilities.participationsOf(loanId);
            if (before.due == 0) continue;
            uint256[3] memory balances = _balances();
            vm.prank(vm.addr(_set.keys[0]));
            _set.facilities.payParticipants(loanId, 1 + amount % before.due);
            _noteMoney(loanId, before, balances);
            return _reach("a payment of the lender to participants");
        }
    }

    function pass(uint8 count_) external {
        vm.warp(block.timestamp + (1 + count_ % 3) * 1 days);
    }

    // ------------------------------------------------------------------ internal parts

    function _draw() private {
        if (loans.length == MAX_LOANS) return;
        ILoans.DrawRequest memory request = ILoans.DrawRequest(
            FacilityId.unwrap(_set.facilityId),
            DRAWN,
            LoanMath.Style.Bullet,
            300,
            0,
            LoanMath.AfterPrepayment.PayAhead,
            0
        );
        vm.prank(_set.borrower);
        loans.push(_set.facilities.draw(request));
    }

    function _share(LoanId loanId, uint256 key, uint24 part, uint24 sharedBefore) private {
        ILoanParticipations.ParticipationTerms memory terms = ILoanParticipations.ParticipationTerms({
            loanId: LoanId.unwrap(loanId),
            lender: vm.addr(_set.keys[0]),
            participant: vm.addr(key),
            principal: uint64(LoanMath.outstanding(_set.facilities.loan(loanId).state)),
            postings: _set.facilities.postingsOf(loanId).head,
            standing: _set.facilities.saleStanding(loanId),
            sharedBefore: sharedBefore,
            share: part,
            price: 1,
            legalTextHash: keccak256("participation"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: ++_nonces
        });
        bytes32 digest = _set.facilities.participationDigest(terms);
        (bytes memory first, bytes memory second) = (_sign(_set.keys[0], digest), _sign(key, digest));
        vm.prank(terms.lender);
        _set.facilities.sellParticipation(terms, first, second);
    }

    /// What each place got must have arrived at the two banks.
    function _noteMoney(LoanId loanId, ILoanParticipations.SharedLoan memory before, uint256[3] memory balances)
        private
    {
        ILoanParticipations.SharedLoan memory shared = _set.facilities.participationsOf(loanId);
        uint256[3] memory got;
        for (uint256 i; i < before.participations.length; ++i) {
            uint256 part = shared.participations[i].paid - before.participations[i].paid;
            received[loanId][i] += part;
            got[shared.participations[i].participant == vm.addr(_set.keys[1]) ? 1 : 2] += part;
        }
        for (uint256 i = 1; i < 3; ++i) {
            require(_set.cash.balanceOf(vm.addr(_set.keys[i])) == balances[i] + got[i], "what is recorded arrived");
        }
    }

    function _balances() private view returns (uint256[3] memory balances) {
        for (uint256 i; i < 3; ++i) {
            balances[i] = _set.cash.balanceOf(vm.addr(_set.keys[i]));
        }
    }

    function _hasTooMuch(LoanId loanId) private view returns (bool) {
        ILoanParticipations.SharedLoan memory shared = _set.facilities.participationsOf(loanId);
        for (uint256 i; i < shared.participations.length; ++i) {
            ILoanParticipations.Participation memory row = shared.participations[i];
            int256 entitled = (shared.proceeds - row.joinedAt) * int256(uint256(row.share)) / 1_000_000;
            if (int256(uint256(row.paid)) > entitled) return true;
        }
        return false;
    }

    function _isRefunded(LoanId loanId) private view returns (bool) {
        PostingWord[] storage postings = _postings[loanId];
        for (uint256 i; i < postings.length; ++i) {
            if (postings[i].kind() == 6) return true;
        }
        return false;
    }

    function _isShared(LoanId loanId) private view returns (bool) {
        return _set.facilities.participationsOf(loanId).participations.length != 0;
    }

    function _overpaid(LoanId loanId) private view returns (uint256) {
        return _set.facilities.postingsOf(loanId).overpaid;
    }

    function _today() private view returns (uint24) {
        return uint24(block.timestamp / 1 days);
    }

    function _sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
