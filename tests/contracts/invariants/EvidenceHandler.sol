// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IDrawEvidence} from "../../../contracts/lending/IDrawEvidence.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";

/// Offers the same few documents to facilities of two lenders, accepts them, draws on them, repays, and closes
/// facilities, in any order. What is refused must be refused for a reason that the handler's own books know.
contract EvidenceHandler is Reached {
    struct Setting {
        Facilities facilities;
        PartyId party;
        address borrower;
        address[3] lenders;
        /// Two whose draws need an accepted tax certificate, and one bounded by declarations.
        FacilityId[3] facilityIds;
    }

    uint256 private constant DOCUMENTS = 5;
    uint256 private constant MAX_LOANS = 12;
    Setting private _set;
    LoanId[] public loans;
    /// The draw that a document served, by its fingerprint; it never changes.
    mapping(bytes32 => uint64) public servedBy;
    /// How many documents served a loan.
    mapping(uint64 => uint256) public served;
    string public broken;

    constructor(Setting memory set) {
        _set = set;
        string[9] memory names = [
            "a document submitted",
            "a document taken to another facility",
            "a document refused because it served",
            "a document accepted",
            "a draw on a document",
            "a draw refused for want of a document",
            "a draw within declared trade",
            "a draw refused by declared trade",
            "a facility closed with an accepted document"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    function fingerprintOf(uint256 which) public pure returns (bytes32) {
        return bytes32(1 + which % DOCUMENTS);
    }

    /// A document that served a draw is offered again, wherever.
    function submitServed(uint256 which, uint256 place) external {
        for (uint256 i; i < DOCUMENTS; ++i) {
            uint256 document = which % DOCUMENTS + i;
            if (servedBy[fingerprintOf(document)] != 0) return _submit(document, place % 3);
        }
    }

    function submit(uint256 which, uint256 place) external {
        _submit(which, place % 3);
    }

    function _submit(uint256 which, uint256 place) internal {
        IDrawEvidence.DrawDocument[] memory documents = new IDrawEvidence.DrawDocument[](1);
        documents[0] = _document(which, place);
        IDrawEvidence.DocumentUse memory before = _useOf(documents[0].fingerprint);
        uint64 facilityId = uint64(FacilityId.unwrap(_set.facilityIds[place]));
        vm.prank(_set.borrower);
        try _set.facilities.submitDocuments(_set.facilityIds[place], documents) {
            if (before.loanId != 0) broken = "what served a draw serves no other";
            _reach("a document submitted");
            _reachIf(before.facilityId != 0 && before.facilityId != facilityId, "a document taken to another facility");
        } catch (bytes memory reason) {
            bool isClosed = _set.facilities.facility(_set.facilityIds[place]).closed;
            bool isTaken = before.loanId != 0 || before.accepted;
            if (!isClosed && !isTaken) broken = "a free document may be offered anywhere";
            _reachIf(
                before.loanId != 0 && bytes4(reason) == IDrawEvidence.DocumentInUse.selector,
                "a document refused because it served"
            );
        }
    }

    function accept(uint256 which) external {
        for (uint256 i; i < DOCUMENTS; ++i) {
            IDrawEvidence.DrawDocument memory document;
            document.fingerprint = fingerprintOf(which % DOCUMENTS + i);
            IDrawEvidence.DocumentUse memory use = _useOf(document.fingerprint);
            if (use.facilityId == 0 || use.accepted || use.loanId != 0) continue;
            (document.kind, document.documentRoot) = (use.kind, use.documentRoot);
            (document.day, document.amount) = (use.day, use.amount);
            uint256 place = _placeOf(use.facilityId);
            vm.prank(_set.lenders[place]);
            _set.facilities.acceptDocument(_set.facilityIds[place], document);
            return _reach("a document accepted");
        }
    }

    function draw(uint256 place, uint64 amount) external {
        place = place % 3;
        FacilityId facilityId = _set.facilityIds[place];
        if (loans.length >= MAX_LOANS || _set.facilities.facility(facilityId).closed) return;
        ILoans.DrawRequest memory request = ILoans.DrawRequest(
            FacilityId.unwrap(facilityId),
            1 + amount % 6_000,
            LoanMath.Style.Bullet,
            60,
            0,
            LoanMath.AfterPrepayment.PayAhead,
            0
        );
        bool[DOCUMENTS] memory isUsable = _usable(facilityId);
        vm.prank(_set.borrower);
        try _set.facilities.draw(request) returns (LoanId loanId) {
            loans.push(loanId);
            if (place == 2) return _reach("a draw within declared trade");
            if (_noteServed(uint64(LoanId.unwrap(loanId)), isUsable) != 1) broken = "a draw uses one document up";
            _reach("a draw on a document");
        } catch (bytes memory reason) {
            bytes4 why = bytes4(reason);
            _reachIf(place == 2 && why == ILoans.LimitExceeded.selector, "a draw refused by declared trade");
            bool isMissing =
                why == IDrawEvidence.DocumentMissing.selector || why == IDrawEvidence.DocumentNotAccepted.selector;
            _reachIf(isMissing, "a draw refused for want of a document");
            if (!isMissing && why != ILoans.LimitExceeded.selector) broken = "refused for another reason";
        }
    }

    function repay(uint256 which) external {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            if (_set.facilities.loan(loanId).status == ILoans.Status.Repaid) continue;
            vm.prank(_set.borrower);
            _set.facilities.repay(loanId, type(uint64).max);
            return;
        }
    }

    function close(uint256 place) external {
        FacilityId facilityId = _set.facilityIds[place % 2];
        IFacilities.Facility memory facility = _set.facilities.facility(facilityId);
        // One facility of the two stays open.
        if (facility.closed || facility.openLoans != 0) return;
        if (_set.facilities.facility(_set.facilityIds[1 - place % 2]).closed) return;
        for (uint256 i; i < DOCUMENTS; ++i) {
            IDrawEvidence.DocumentUse memory use = _useOf(fingerprintOf(i));
            if (use.accepted && use.loanId == 0 && use.facilityId == FacilityId.unwrap(facilityId)) {
                _reach("a facility closed with an accepted document");
            }
        }
        vm.prank(_set.borrower);
        _set.facilities.close(facilityId);
    }

    function advanceDays(uint256 length) external {
        vm.warp(block.timestamp + (length % 4) * 1 days);
    }

    // ------------------------------------------------------------------ parts of the above

    /// The same fingerprint is a declaration for the bounded facility, and a tax certificate for the others.
    function _document(uint256 which, uint256 place) private view returns (IDrawEvidence.DrawDocument memory document) {
        document.fingerprint = fingerprintOf(which);
        document.documentRoot = keccak256(abi.encode(document.fingerprint));
        document.day = uint24(block.timestamp / 1 days);
        if (place != 2) return document;
        document.kind = IDrawEvidence.DocumentKind.CustomsDeclaration;
        (document.amount, document.currency) = (uint64(1_000 + which % 4_000), "CNY");
    }

    /// Which documents might serve the next draw on a facility.
    function _usable(FacilityId facilityId) private view returns (bool[DOCUMENTS] memory isUsable) {
        for (uint256 i; i < DOCUMENTS; ++i) {
            IDrawEvidence.DocumentUse memory use = _useOf(fingerprintOf(i));
            isUsable[i] = use.loanId == 0 && use.accepted && use.facilityId == FacilityId.unwrap(facilityId);
        }
    }

    function _noteServed(uint64 loanId, bool[DOCUMENTS] memory isUsable) private returns (uint256 used) {
        for (uint256 i; i < DOCUMENTS; ++i) {
            bytes32 fingerprint = fingerprintOf(i);
            if (_useOf(fingerprint).loanId != loanId) continue;
            if (!isUsable[i] || servedBy[fingerprint] != 0) broken = "only a free and accepted document serves";
            servedBy[fingerprint] = loanId;
            ++used;
        }
        served[loanId] = used;
    }

    function _useOf(bytes32 fingerprint) private view returns (IDrawEvidence.DocumentUse memory) {
        return _set.facilities.documentUse(_set.party, fingerprint);
    }

    function _placeOf(uint256 facilityId) private view returns (uint256) {
        for (uint256 i; i < 2; ++i) {
            if (FacilityId.unwrap(_set.facilityIds[i]) == facilityId) return i;
        }
        return 2;
    }
}
