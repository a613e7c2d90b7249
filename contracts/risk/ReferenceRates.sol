// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {APPRAISER} from "../types/PartyRoles.sol";
import {IReferenceRates} from "./IReferenceRates.sol";

/// @title Reference rates on which two appraisers agreed.
/// @notice See {IReferenceRates} for the specification.
contract ReferenceRates is IReferenceRates, ForwardedAccess {
    /// @notice Bounds that one operator proposed, until a second operator calls with the same values.
    /// @param proposer The operator.
    /// @param maxStep Parts per million a year.
    /// @param maxDays Days.
    struct Change {
        address proposer;
        uint24 maxStep;
        uint16 maxDays;
    }

    /// @notice The bounds for rates of a reference.
    /// @param maxStep Parts per million a year.
    /// @param maxDays Days; 0: not listed.
    struct Bounds {
        uint24 maxStep;
        uint16 maxDays;
    }

    int256 private constant MAX_RATE = 1_000_000;
    int256 private constant MAX_DAYS = 400;
    uint256 private constant MAX_APPRAISERS = 6;
    uint256 private constant MIN_INDEPENDENT = 2;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @notice Seconds by which the ledger's day begins before the UTC day.
    uint256 public immutable zoneOffset;

    mapping(bytes16 code => Bounds) private _bounds;
    mapping(bytes16 code => Change) private _changes;
    mapping(bytes16 code => Period[]) private _periods;
    mapping(bytes16 code => mapping(uint256 fromDay => address[])) private _appraisers;
    mapping(bytes16 code => Proposal[]) private _proposals;

    constructor(address authority, address forwarder, IPartyRegistry registry_, uint256 zoneOffset_)
        ForwardedAccess(authority, forwarder)
    {
        registry = registry_;
        zoneOffset = zoneOffset_;
    }

    /// @inheritdoc IReferenceRates
    function list(bytes16 code, uint24 maxStep, uint16 maxDays) external restricted {
        address operator = _person();
        _checkCode(code);
        _within("maxStep", int256(uint256(maxStep)), 1, MAX_RATE);
        _within("maxDays", int256(uint256(maxDays)), 1, MAX_DAYS);
        Bounds storage bounds = _bounds[code];
        if (bounds.maxDays != 0 && !_agreed(code, maxStep, maxDays, operator)) {
            emit ReferenceProposed(code, maxStep, maxDays, operator);
            return;
        }
        (bounds.maxStep, bounds.maxDays) = (maxStep, maxDays);
        emit ReferenceListed(code, maxStep, maxDays);
    }

    /// @inheritdoc IReferenceRates
    function post(Rate calldata rate) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        _check(rate);
        Proposal[] storage waiting = _proposals[rate.code];
        for (uint256 i = waiting.length; i > 0; --i) {
            if (registry.areRelated(waiting[i - 1].proposer, appraiser)) _drop(waiting, i - 1);
        }
        waiting.push(Proposal(appraiser, keccak256(abi.encode(rate))));
        emit RateProposed(rate.code, appraiser, rate);
    }

    /// @inheritdoc IReferenceRates
    function confirm(Rate calldata rate) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        if (_isInForce(rate)) {
            _standBehind(rate, appraiser);
            return;
        }
        _check(rate);
        address proposer = _proposerOf(rate);
        if (!registry.isPartyValid(registry.partyOf(proposer), APPRAISER)) {
            revert RateProposerGone(rate.code, proposer);
        }
        if (registry.areRelated(proposer, appraiser)) revert SecondAppraiserNeeded(rate.code, proposer);
        delete _proposals[rate.code];
        _periods[rate.code].push(Period(rate.fromDay, rate.lastDay, rate.rate));
        address[] storage appraisers = _appraisers[rate.code][rate.fromDay];
        appraisers.push(proposer);
        appraisers.push(appraiser);
        emit RatePosted(rate.code, proposer, appraiser, rate.fromDay, rate.lastDay, rate.rate, rate.evidence);
    }

    /// @inheritdoc IReferenceRates
    function withdraw(bytes16 code) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, 0);
        Proposal[] storage waiting = _proposals[code];
        for (uint256 i; i < waiting.length; ++i) {
            if (registry.partyOf(waiting[i].proposer) != registry.partyOf(appraiser)) continue;
            emit RateWithdrawn(code, appraiser, waiting[i].rateHash);
            _drop(waiting, i);
            return;
        }
        revert NoRateProposed(code);
    }

    /// @inheritdoc IReferenceRates
    function listing(bytes16 code) external view returns (Listing memory) {
        Bounds storage bounds = _bounds[code];
        return Listing(bounds.maxStep, bounds.maxDays, uint24(_nextDay(code)));
    }

    /// @inheritdoc IReferenceRates
    function proposals(bytes16 code) external view returns (Proposal[] memory) {
        return _proposals[code];
    }

    /// @inheritdoc IReferenceRates
    function rateOn(bytes16 code, uint256 day)
        external
        view
        returns (Period memory period, address[] memory appraisers)
    {
        period = _periodOn(code, day);
        appraisers = _appraisers[code][period.fromDay];
    }

    /// @inheritdoc IReferenceRates
    function rateFor(bytes16 code, uint256 day, address[] calldata parties) external view returns (int24) {
        Period memory period = _periodOn(code, day);
        address[] storage appraisers = _appraisers[code][period.fromDay];
        uint256 independent;
        for (uint256 i; i < appraisers.length; ++i) {
            if (!_isPartyTo(appraisers[i], parties)) ++independent;
        }
        if (independent < MIN_INDEPENDENT) revert RateNotIndependent(code, day, independent);
        return period.rate;
    }

    // ------------------------------------------------------------------ internal parts

    function _agreed(bytes16 code, uint24 maxStep, uint16 maxDays, address operator) private returns (bool) {
        Change storage change = _changes[code];
        address proposer = change.proposer;
        bool second = proposer != address(0) && change.maxStep == maxStep && change.maxDays == maxDays
            && !registry.areRelated(proposer, operator) && _mayStill(proposer, msg.sig);
        if (second) delete _changes[code];
        else (change.proposer, change.maxStep, change.maxDays) = (operator, maxStep, maxDays);
        return second;
    }

    /// @dev Printable characters, and then zeros: whoever shows the code can show it as text.
    function _checkCode(bytes16 code) private pure {
        uint256 length = code.length;
        while (length != 0 && code[length - 1] == 0) --length;
        if (length == 0) revert ReferenceUnknown(code);
        for (uint256 i; i < length; ++i) {
            _within("code", int256(uint256(uint8(code[i]))), 0x21, 0x7E);
        }
    }

    function _check(Rate calldata rate) private view {
        Bounds storage bounds = _bounds[rate.code];
        if (bounds.maxDays == 0) revert ReferenceUnknown(rate.code);
        int256 today = int256((block.timestamp + zoneOffset) / 1 days);
        int256 fromDay = int256(uint256(rate.fromDay));
        int256 nextDay = int256(_nextDay(rate.code));
        _within("fromDay", fromDay, 1, today);
        if (nextDay != 0) _within("fromDay", fromDay, nextDay, nextDay);
        _within("lastDay", int256(uint256(rate.lastDay)), fromDay, fromDay + int256(uint256(bounds.maxDays)) - 1);
        _within("rate", rate.rate, -MAX_RATE, MAX_RATE);
        if (nextDay == 0) return;
        Period[] storage periods = _periods[rate.code];
        int24 last = periods[periods.length - 1].rate;
        int256 step = int256(rate.rate) - last;
        if (step > int24(bounds.maxStep) || -step > int24(bounds.maxStep)) {
            revert RateSteps(rate.code, last, rate.rate, bounds.maxStep);
        }
    }

    function _isInForce(Rate calldata rate) private view returns (bool) {
        if (_appraisers[rate.code][rate.fromDay].length == 0) return false;
        Period memory period = _periodOn(rate.code, rate.fromDay);
        return period.lastDay == rate.lastDay && period.rate == rate.rate;
    }

    function _standBehind(Rate calldata rate, address appraiser) private {
        address[] storage appraisers = _appraisers[rate.code][rate.fromDay];
        for (uint256 i; i < appraisers.length; ++i) {
            if (registry.areRelated(appraisers[i], appraiser)) revert SecondAppraiserNeeded(rate.code, appraisers[i]);
        }
        _within("appraisers", int256(appraisers.length), 0, int256(MAX_APPRAISERS) - 1);
        appraisers.push(appraiser);
        emit RateConfirmed(rate.code, appraiser, rate.fromDay);
    }

    function _proposerOf(Rate calldata rate) private view returns (address) {
        Proposal[] storage waiting = _proposals[rate.code];
        if (waiting.length == 0) revert NoRateProposed(rate.code);
        bytes32 rateHash = keccak256(abi.encode(rate));
        for (uint256 i; i < waiting.length; ++i) {
            if (waiting[i].rateHash == rateHash) return waiting[i].proposer;
        }
        revert RateProposalDiffers(rate.code, waiting[0].rateHash, rateHash);
    }

    function _drop(Proposal[] storage waiting, uint256 place) private {
        waiting[place] = waiting[waiting.length - 1];
        waiting.pop();
    }

    function _nextDay(bytes16 code) private view returns (uint256) {
        Period[] storage periods = _periods[code];
        return periods.length == 0 ? 0 : uint256(periods[periods.length - 1].lastDay) + 1;
    }

    /// @dev The periods are in order and without a gap: a search by halves.
    function _periodOn(bytes16 code, uint256 day) private view returns (Period memory period) {
        Period[] storage periods = _periods[code];
        uint256 low;
        uint256 high = periods.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            period = periods[middle];
            if (day < period.fromDay) high = middle;
            else if (day > period.lastDay) low = middle + 1;
            else return period;
        }
        revert RateMissing(code, day);
    }

    function _isPartyTo(address appraiser, address[] calldata parties) private view returns (bool) {
        for (uint256 i; i < parties.length; ++i) {
            if (parties[i] != address(0) && registry.areRelated(appraiser, parties[i])) return true;
        }
        return false;
    }

    function _within(bytes32 value, int256 provided, int256 min, int256 max) private pure {
        if (provided < min || provided > max) revert RateOutOfRange(value, provided, min, max);
    }
}
