// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IFilings} from "../../../contracts/notices/IFilings.sol";
import {INotices} from "../../../contracts/notices/INotices.sol";
import {Notices} from "../../../contracts/notices/Notices.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {ClaimId, FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";

/// Claims are assigned and drawn on, loans repaid, notices given and acknowledged, filings recorded, amended and
/// discharged, each by whoever comes: the seller, its assignee, the debtor, the bank or a stranger. What passed must
/// have been allowed.
contract NoticesHandler is Reached {
    struct Setting {
        Notices notices;
        Receivables receivables;
        Facilities facilities;
        FacilityId facilityId;
        uint256 claimId;
        address seller;
        address assignee;
        address debtor;
        address lender;
        address stranger;
    }

    uint256 private constant MAX_CLAIMS = 8;
    bytes32 private constant TEXT = keccak256("a notice");
    Setting private _set;
    uint256[] private _claims;
    LoanId[] private _loans;
    uint256 public noticeCount;
    uint256 public filingCount;
    uint256 private _numbers;
    string public broken;

    constructor(Setting memory set) {
        _set = set;
        string[9] memory names = [
            "an assignment",
            "a loan on a claim",
            "a loan repaid",
            "a notice",
            "a notice that replaced one",
            "an acknowledgement",
            "a filing",
            "an amendment",
            "a discharge"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function split(bool toAssignee) external {
        if (_claims.length == MAX_CLAIMS) return;
        vm.prank(_set.seller);
        if (toAssignee) {
            _claims.push(_set.receivables.assign(_set.claimId, _set.assignee, 100_00, 0));
            _reach("an assignment");
            return;
        }
        uint256 part = _set.receivables.assign(_set.claimId, _set.seller, 100_00, 0);
        _claims.push(part);
        vm.prank(_set.seller);
        _loans.push(
            _set.facilities
                .draw(
                    ILoans.DrawRequest(
                        FacilityId.unwrap(_set.facilityId),
                        50_00,
                        LoanMath.Style.Bullet,
                        30,
                        0,
                        LoanMath.AfterPrepayment.PayAhead,
                        part
                    )
                )
        );
        _reach("a loan on a claim");
    }

    function repay(uint256 which) external {
        if (_loans.length == 0) return;
        LoanId loanId = _loans[which % _loans.length];
        vm.prank(_set.seller);
        try _set.facilities.repay(loanId, 100_00) {
            _reach("a loan repaid");
        } catch {}
    }

    function toLender(uint256 which) external {
        if (_claims.length == 0) return;
        _encumber(_claims[which % _claims.length]);
    }

    function notifyDebtor(uint256 which, uint256 who) external {
        if (_claims.length == 0) return;
        _notify(ClaimId.wrap(_claims[which % _claims.length]), _caller(who));
    }

    /// The bank gets a lien on a claim of which the debtor has a notice, and the debtor is notified again.
    function notifyAnew(uint256 which, bool byLender) external {
        for (uint256 i; i < _claims.length; ++i) {
            uint256 claimId = _claims[(which % _claims.length + i) % _claims.length];
            if (_set.notices.noticeOf(ClaimId.wrap(claimId)) == 0) continue;
            _encumber(claimId);
            return _notify(ClaimId.wrap(claimId), byLender ? _set.lender : _set.assignee);
        }
    }

    function _encumber(uint256 claimId) private {
        vm.prank(_set.assignee);
        try _set.receivables.encumber(claimId, _set.lender) {
            _reach("a lien of the bank");
        } catch {}
    }

    function _notify(ClaimId claimId, address caller) private {
        INotices.Facts memory facts;
        try _set.notices.factsOf(claimId) returns (INotices.Facts memory current) {
            facts = current;
        } catch {
            facts.claimId = claimId;
        }
        uint256 last = _set.notices.noticeOf(claimId);
        vm.prank(caller);
        try _set.notices.notifyDebtor(facts, 1, TEXT) returns (uint256 noticeId) {
            if (caller != facts.assignor && caller != facts.assignee) broken = "a stranger's notice";
            if (noticeId != ++noticeCount) broken = "the number of a notice";
            if (last != 0 && _sameFacts(_set.notices.notice(last).facts, facts)) broken = "a notice given twice";
            _reach("a notice");
            _reachIf(last != 0, "a notice that replaced one");
        } catch {}
    }

    function acknowledge(uint256 which, uint256 who) external {
        if (noticeCount == 0) return;
        uint256 noticeId = 1 + which % noticeCount;
        INotices.Notice memory before = _set.notices.notice(noticeId);
        address caller = _caller(who);
        vm.prank(caller);
        try _set.notices.acknowledge(noticeId, TEXT) {
            if (caller != _set.debtor) broken = "another one acknowledged";
            if (before.status != INotices.NoticeStatus.Notified) broken = "acknowledged twice";
            if (_set.notices.noticeOf(before.facts.claimId) != noticeId) broken = "an old notice acknowledged";
            _reach("an acknowledgement");
        } catch {}
    }

    function record(uint256 which, uint256 who, bool ofLoan) external {
        IFilings.FilingTerms memory terms = _terms();
        if (ofLoan) {
            if (_loans.length == 0) return;
            (terms.subject, terms.subjectId) =
            (IFilings.FilingSubject.Loan, LoanId.unwrap(_loans[which % _loans.length]));
        } else {
            if (_claims.length == 0) return;
            (terms.subject, terms.subjectId) = (IFilings.FilingSubject.Claim, _claims[which % _claims.length]);
        }
        address caller = _caller(who);
        uint256 last = _set.notices.filingOf(terms.subject, terms.subjectId, caller);
        vm.prank(caller);
        try _set.notices.recordFiling(terms) returns (uint256 filingId) {
            if (filingId != ++filingCount) broken = "the number of a filing";
            if (ofLoan && caller != _set.lender) broken = "another one filed for a loan";
            if (!ofLoan && caller != _set.assignee && caller != _set.lender) broken = "another one filed for a claim";
            if (last != 0 && _set.notices.filing(last).dischargedDay == 0) broken = "two filings for one right";
            _reach("a filing");
        } catch {}
    }

    function amend(uint256 which, uint256 who) external {
        if (filingCount == 0) return;
        uint256 filingId = 1 + which % filingCount;
        IFilings.Filing memory row = _set.notices.filing(filingId);
        IFilings.FilingTerms memory terms = _terms();
        (terms.subject, terms.subjectId) = (row.terms.subject, row.terms.subjectId);
        address caller = _caller(who);
        vm.prank(caller);
        try _set.notices.amendFiling(filingId, terms) {
            if (caller != row.registrant) broken = "another one amended";
            if (row.dischargedDay != 0) broken = "amended after the discharge";
            _reach("an amendment");
        } catch {}
    }

    function discharge(uint256 which, uint256 who) external {
        if (filingCount == 0) return;
        uint256 filingId = 1 + which % filingCount;
        IFilings.Filing memory row = _set.notices.filing(filingId);
        address caller = who % 2 == 0 ? row.registrant : _caller(who / 2);
        bytes32 number = _terms().number;
        uint24 today = uint24(block.timestamp / 1 days);
        vm.prank(caller);
        try _set.notices.dischargeFiling(filingId, number, today) {
            if (caller != row.registrant) broken = "another one discharged";
            if (row.dischargedDay != 0) broken = "discharged twice";
            if (row.terms.subject == IFilings.FilingSubject.Loan) {
                ILoans.Status status = _set.facilities.loan(LoanId.wrap(row.terms.subjectId)).status;
                if (status != ILoans.Status.Repaid) broken = "discharged while the loan ran";
            }
            _reach("a discharge");
        } catch {}
    }

    function _terms() private returns (IFilings.FilingTerms memory terms) {
        uint24 today = uint24(block.timestamp / 1 days);
        terms.number = bytes32(bytes8(uint64(0x3030303030303030 + ++_numbers % 10 + _numbers / 10 * 256)));
        (terms.day, terms.endDay, terms.securedAmount) = (today, today + 200, 50_00);
    }

    function _caller(uint256 who) private view returns (address) {
        return [_set.seller, _set.assignee, _set.debtor, _set.lender, _set.stranger][who % 5];
    }

    function _sameFacts(INotices.Facts memory first, INotices.Facts memory second) private pure returns (bool) {
        return keccak256(abi.encode(first)) == keccak256(abi.encode(second));
    }
}
