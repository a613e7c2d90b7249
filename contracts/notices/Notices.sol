// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Facilities} from "../lending/Facilities.sol";
import {IFacilities} from "../lending/IFacilities.sol";
import {ILoans} from "../lending/ILoans.sol";
import {IProducts} from "../lending/IProducts.sol";
import {Calendar} from "../math/Calendar.sol";
import {IReceivables} from "../receivables/IReceivables.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {ClaimId, LoanId, PartyId} from "../types/Ids.sol";
import {IFilings} from "./IFilings.sol";
import {INotices} from "./INotices.sol";

/// @title Notices of assignment to debtors, and filings in a public register of movable property.
/// @notice See {INotices} and {IFilings} for the specification.
/// @dev It holds no money and no token and moves none: a notice or a filing changes nothing in the other contracts.
contract Notices is INotices, IFilings, ERC2771Context {
    uint256 private constant MAX_AMOUNT = 2 ** 60 - 1;
    uint256 private constant MAX_MONTHS = 360;
    uint256 private constant MIN_NUMBER = 4;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @notice The debts and the claims on them.
    Receivables public immutable receivables;

    /// @notice The loans.
    Facilities public immutable facilities;
    uint256 private immutable _zoneOffset;
    uint256 private _noticeCount;
    uint256 private _filingCount;
    mapping(uint256 noticeId => Notice) private _notices;
    /// @inheritdoc INotices
    mapping(ClaimId => uint256) public noticeOf;
    mapping(uint256 filingId => Filing) private _filings;
    mapping(PartyId registrant => mapping(FilingSubject => mapping(uint256 subjectId => uint256))) private _filingOf;
    /// @dev By registrant, so that nobody can block the number of another one.
    mapping(PartyId registrant => mapping(bytes32 number => uint256)) private _withNumber;

    constructor(address forwarder, Facilities facilities_) ERC2771Context(forwarder) {
        facilities = facilities_;
        registry = facilities_.registry();
        receivables = facilities_.receivables();
        _zoneOffset = receivables.zoneOffset();
    }

    // ------------------------------------------------------------------ notices

    /// @inheritdoc INotices
    function notifyDebtor(Facts calldata facts, uint16 textVersion, bytes32 textHash)
        external
        returns (uint256 noticeId)
    {
        ClaimId claimId = facts.claimId;
        bytes32 current = keccak256(abi.encode(factsOf(claimId)));
        if (keccak256(abi.encode(facts)) != current) revert FactsDiffer(claimId);
        if (!_mayNotify(facts)) revert NotOfTheAssignment(claimId, _msgSender());
        if (textVersion == 0 || textHash == 0) revert TextMissing(textVersion, textHash);
        uint256 last = noticeOf[claimId];
        if (last != 0 && keccak256(abi.encode(_notices[last].facts)) == current) {
            if (_notices[last].textHash == textHash || !_isPaid(facts)) revert NoticeStands(claimId, last);
        }

        noticeId = ++_noticeCount;
        noticeOf[claimId] = noticeId;
        Notice storage newNotice = _notices[noticeId];
        newNotice.facts = facts;
        newNotice.notifier = _msgSender();
        newNotice.day = uint24(_today());
        newNotice.textVersion = textVersion;
        newNotice.textHash = textHash;
        newNotice.status = NoticeStatus.Notified;
        emit DebtorNotified(noticeId, claimId, facts.debtor, newNotice);
    }

    /// @inheritdoc INotices
    function acknowledge(uint256 noticeId, bytes32 textHash) external {
        Notice storage row = _knownNotice(noticeId);
        ClaimId claimId = row.facts.claimId;
        address debtor = row.facts.debtor;
        if (!_actsFor(debtor)) revert NotNotified(noticeId, debtor, _msgSender());
        if (row.status == NoticeStatus.Acknowledged) revert AcknowledgedAlready(noticeId, row.acknowledgedDay);
        if (noticeOf[claimId] != noticeId) revert NoticeReplaced(noticeId, noticeOf[claimId]);
        if (row.textHash != textHash) revert TextDiffers(noticeId, row.textHash, textHash);

        row.status = NoticeStatus.Acknowledged;
        row.acknowledgedBy = _msgSender();
        row.acknowledgedDay = uint24(_today());
        emit NoticeAcknowledged(noticeId, claimId, _msgSender(), textHash, row.acknowledgedDay);
    }

    // ------------------------------------------------------------------ filings

    /// @inheritdoc IFilings
    function recordFiling(FilingTerms calldata terms) external returns (uint256 filingId) {
        (address registrant, address grantor) = _rightOf(terms.subject, terms.subjectId, _msgSender());
        if (registrant == address(0)) revert NothingToFile(terms.subject, terms.subjectId, _msgSender());
        PartyId partyId = registry.partyOf(registrant);
        _requireTimes(terms, 0, _today());
        uint256 last = _filingOf[partyId][terms.subject][terms.subjectId];
        if (last != 0 && _filings[last].dischargedDay == 0 && _today() <= _filings[last].terms.endDay) {
            revert FilingStands(last, _filings[last].terms.endDay);
        }
        filingId = ++_filingCount;
        _useNumber(partyId, terms.number, filingId);
        _filingOf[partyId][terms.subject][terms.subjectId] = filingId;
        _filings[filingId] = Filing(terms, registrant, grantor, 0);
        emit FilingRecorded(filingId, registrant, grantor, terms);
    }

    /// @inheritdoc IFilings
    function amendFiling(uint256 filingId, FilingTerms calldata terms) external {
        Filing storage row = _ownFiling(filingId);
        if (terms.subject != row.terms.subject || terms.subjectId != row.terms.subjectId) {
            revert SubjectFixed(filingId);
        }
        _requireTimes(terms, row.terms.day, row.terms.endDay);
        _useNumber(registry.partyOf(row.registrant), terms.number, filingId);
        row.terms = terms;
        emit FilingAmended(filingId, terms);
    }

    /// @inheritdoc IFilings
    function dischargeFiling(uint256 filingId, bytes32 number, uint24 day) external {
        Filing storage row = _ownFiling(filingId);
        if (_stands(row)) revert FilingNeeded(filingId);
        _requireDay(day, row.terms.day, _today());
        _useNumber(registry.partyOf(row.registrant), number, filingId);
        row.dischargedDay = day;
        emit FilingDischarged(filingId, number, day);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc INotices
    function factsOf(ClaimId claimId) public view returns (Facts memory facts) {
        IReceivables.Claim memory claim = receivables.claim(claimId);
        if (claim.owner == address(0)) revert ClaimUnknown(claimId);
        IReceivables.Receivable memory debt = receivables.receivable(claim.receivableId);
        if (!_isOwed(debt.status)) revert NothingOwed(claim.receivableId);
        facts.claimId = claimId;
        facts.receivableId = claim.receivableId;
        facts.debtor = debt.debtor;
        facts.value = claim.value;
        address lienholder = receivables.lienholderOf(ClaimId.unwrap(claimId));
        if (lienholder == address(0)) {
            if (_sameParty(claim.owner, debt.seller)) revert NotAssigned(claimId, claim.owner);
            (facts.basis, facts.assignor, facts.assignee) = (Basis.Assignment, debt.seller, claim.owner);
            return facts;
        }
        (facts.basis, facts.assignor, facts.assignee) = (Basis.Lien, claim.owner, lienholder);
        if (lienholder != address(facilities)) return facts;
        facts.loanId = facilities.loanOfClaim(claimId);
        // A lien that belongs to no loan waits for its release.
        if (facts.loanId.isNull()) revert NotAssigned(claimId, claim.owner);
        IFacilities.Facility memory facility = _facilityOf(facts.loanId);
        facts.assignee = facility.entruster == address(0) ? facility.lender : facility.entruster;
    }

    /// @inheritdoc INotices
    function notice(uint256 noticeId) external view returns (Notice memory) {
        return _knownNotice(noticeId);
    }

    /// @inheritdoc IFilings
    function filing(uint256 filingId) external view returns (Filing memory) {
        return _knownFiling(filingId);
    }

    /// @inheritdoc IFilings
    function filingOf(FilingSubject subject, uint256 subjectId, address account) external view returns (uint256) {
        return _filingOf[registry.partyOf(account)][subject][subjectId];
    }

    // ------------------------------------------------------------------ internal parts

    function _mayNotify(Facts calldata facts) private view returns (bool) {
        return _actsFor(facts.assignor) || _isPaid(facts);
    }

    /// @dev Whether the caller is of the side that the debtor shall pay.
    function _isPaid(Facts calldata facts) private view returns (bool) {
        if (_actsFor(facts.assignee)) return true;
        // The bank that administers an entrusted loan acts for the party whose money it is.
        return !facts.loanId.isNull() && _actsFor(_facilityOf(facts.loanId).lender);
    }

    /// @dev Whose right a filing would protect, if `account` acts for it, and against whom; 0 for none.
    function _rightOf(FilingSubject subject, uint256 subjectId, address account)
        private
        view
        returns (address registrant, address grantor)
    {
        if (subject == FilingSubject.Loan) return _rightOfLoan(LoanId.wrap(subjectId), account);
        if (subject != FilingSubject.Claim) return (address(0), address(0));
        IReceivables.Claim memory claim = receivables.claim(ClaimId.wrap(subjectId));
        if (claim.owner == address(0)) return (address(0), address(0));
        IReceivables.Receivable memory debt = receivables.receivable(claim.receivableId);
        if (!_isOwed(debt.status)) return (address(0), address(0));
        address lienholder = receivables.lienholderOf(subjectId);
        if (lienholder != address(0) && registry.actsFor(account, lienholder)) return (lienholder, claim.owner);
        if (registry.actsFor(account, claim.owner) && !_sameParty(claim.owner, debt.seller)) {
            return (claim.owner, debt.seller);
        }
    }

    function _rightOfLoan(LoanId loanId, address account) private view returns (address registrant, address grantor) {
        if (loanId.isNull() || LoanId.unwrap(loanId) > facilities.loanCount()) return (address(0), address(0));
        ILoans.Loan memory loan = facilities.loan(loanId);
        bool isSecured = loan.collateral != IProducts.CollateralKind.None && !loan.lossRecorded;
        if (!isSecured || loan.status == ILoans.Status.Repaid) return (address(0), address(0));
        IFacilities.Facility memory facility = facilities.facility(loan.facilityId);
        if (registry.actsFor(account, facility.lender)) return (facility.lender, facility.borrower);
        if (facility.entruster != address(0) && registry.actsFor(account, facility.entruster)) {
            return (facility.entruster, facility.borrower);
        }
    }

    /// @dev Whether the registrant's party still has the right that its filing protects.
    function _stands(Filing storage row) private view returns (bool) {
        (address registrant,) = _rightOf(row.terms.subject, row.terms.subjectId, _msgSender());
        return registrant != address(0) && _sameParty(registrant, row.registrant);
    }

    /// @dev The day of the filing or amendment is within the range and not later than today; the end is neither over nor
    /// more than 30 years, by the calendar, after that day.
    function _requireTimes(FilingTerms calldata terms, uint256 earliest, uint256 latest) private view {
        uint256 today = _today();
        _requireDay(terms.day, earliest, latest < today ? latest : today);
        uint256 lastEnd = Calendar.addMonths(terms.day, MAX_MONTHS);
        if (terms.endDay < today || terms.endDay > lastEnd) {
            revert FilingDayOutOfRange(terms.endDay, today, lastEnd);
        }
        uint256 amount = terms.securedAmount;
        if (amount == 0 || amount > MAX_AMOUNT) revert SecuredAmountOutOfRange(amount, 1, MAX_AMOUNT);
    }

    function _requireDay(uint256 day, uint256 earliest, uint256 latest) private pure {
        if (day < earliest || day > latest) revert FilingDayOutOfRange(day, earliest, latest);
    }

    function _useNumber(PartyId partyId, bytes32 number, uint256 filingId) private {
        _requireNumber(number);
        uint256 used = _withNumber[partyId][number];
        if (used != 0) revert FilingNumberUsed(number, used);
        _withNumber[partyId][number] = filingId;
    }

    function _requireNumber(bytes32 number) private pure {
        uint256 length;
        for (; length < 32 && number[length] != 0; ++length) {
            bytes1 letter = number[length];
            bool isDigit = letter >= "0" && letter <= "9";
            bool isCapital = letter >= "A" && letter <= "Z";
            if (!isDigit && !isCapital && letter != "-") revert FilingNumberInvalid(number);
        }
        for (uint256 place = length; place < 32; ++place) {
            if (number[place] != 0) revert FilingNumberInvalid(number);
        }
        if (length < MIN_NUMBER) revert FilingNumberInvalid(number);
    }

    function _ownFiling(uint256 filingId) private view returns (Filing storage row) {
        row = _knownFiling(filingId);
        if (!_actsFor(row.registrant)) revert NotRegistrant(filingId, row.registrant, _msgSender());
        if (row.dischargedDay != 0) revert FilingDischargedAlready(filingId, row.dischargedDay);
    }

    function _knownFiling(uint256 filingId) private view returns (Filing storage row) {
        row = _filings[filingId];
        if (row.registrant == address(0)) revert FilingUnknown(filingId);
    }

    function _knownNotice(uint256 noticeId) private view returns (Notice storage row) {
        row = _notices[noticeId];
        if (row.status == NoticeStatus.None) revert NoticeUnknown(noticeId);
    }

    function _facilityOf(LoanId loanId) private view returns (IFacilities.Facility memory) {
        return facilities.facility(facilities.loan(loanId).facilityId);
    }

    function _isOwed(IReceivables.Status status) private pure returns (bool) {
        return status == IReceivables.Status.Confirmed || status == IReceivables.Status.Disputed
            || status == IReceivables.Status.Defaulted || status == IReceivables.Status.WrittenOff;
    }

    function _actsFor(address owner) private view returns (bool) {
        return registry.actsFor(_msgSender(), owner);
    }

    function _sameParty(address first, address second) private view returns (bool) {
        PartyId partyId = registry.partyOf(first);
        return !partyId.isNull() && partyId == registry.partyOf(second);
    }

    function _today() private view returns (uint256) {
        return (block.timestamp + _zoneOffset) / 1 days;
    }
}
