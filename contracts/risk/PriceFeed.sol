// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {PartyId} from "../types/Ids.sol";
import {IPriceFeed} from "./IPriceFeed.sol";

/// @title Appraised prices with guards of age and of jump.
contract PriceFeed is IPriceFeed, ForwardedAccess {
    /// @dev What one operator wants changed, until a second one says the same.
    struct Change {
        address proposer;
        bytes32 valuesHash;
    }

    /// @dev A `Quote` as it is stored: what a price needs in two slots, what the next one is held to beside it.
    struct Held {
        uint64 value;
        uint24 haircut;
        uint40 asOf;
        uint40 validUntil;
        uint40 goodUntil;
        uint24 mostJump;
        bool listed;
        address appraiser;
        uint32 mostAge;
        uint64 base;
        uint64 nextBase;
        uint40 nextBaseAt;
    }

    uint16 private constant APPRAISER = 64;
    uint256 private constant SCALE = 1_000_000;
    uint256 private constant BASE_AGE = 24 hours;

    IPartyRegistry public immutable registry;
    mapping(address token => bytes3) public currencyOf;
    mapping(bytes32 item => mapping(bytes3 currency => Held)) private _quotes;
    mapping(bytes32 item => mapping(bytes3 currency => Proposal[])) private _proposals;
    mapping(bytes32 subject => Change) private _changes;

    constructor(address authority, address forwarder, IPartyRegistry registry_) ForwardedAccess(authority, forwarder) {
        registry = registry_;
    }

    // ------------------------------------------------------------------ by operators

    /// @inheritdoc IPriceFeed
    function setCurrency(address token, bytes3 currency) external restricted {
        address operator = _person();
        bytes3 held = currencyOf[token];
        if (held != 0 && !_agreed(bytes32(uint256(uint160(token))), bytes32(currency), operator)) {
            emit CurrencyProposed(token, currency, operator);
            return;
        }
        currencyOf[token] = currency;
        emit CurrencySet(token, currency);
    }

    /// @inheritdoc IPriceFeed
    function list(bytes32[] calldata items, bytes3 currency, uint24 mostJump, uint32 mostAge) external restricted {
        address operator = _person();
        for (uint256 i; i < items.length; ++i) {
            if (items[i] == 0 || currency == 0 || items[i] == bytes32(currency)) {
                revert ItemUnknown(items[i], currency);
            }
            Held storage quoted = _quotes[items[i]][currency];
            if (mostAge == 0) _takeOff(quoted, items[i], currency);
            else _list(quoted, items[i], currency, mostJump, mostAge, operator);
        }
    }

    // ------------------------------------------------------------------ by appraisers

    /// @inheritdoc IPriceFeed
    function post(Price[] calldata prices) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        for (uint256 i; i < prices.length; ++i) {
            Price calldata given = prices[i];
            Held storage quoted = _checked(given);
            if (given.asOf <= quoted.asOf) revert PriceNotNewer(given.item, given.asOf, quoted.asOf);
            _age(quoted);
            // A haircut moves what goods are worth as a price does, and has no base to be held to.
            if (given.haircut != quoted.haircut || _jumps(quoted.base, given.value, quoted.mostJump)) {
                _propose(given, _goodUntil(given, quoted.mostAge), appraiser);
            } else {
                _dropOwn(_proposals[given.item][given.currency], appraiser);
                _set(quoted, given, appraiser);
            }
        }
    }

    /// @inheritdoc IPriceFeed
    function confirm(Price[] calldata prices) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        for (uint256 i; i < prices.length; ++i) {
            Price calldata given = prices[i];
            Held storage quoted = _checked(given);
            address proposer = _proposerOf(quoted, given);
            if (!_appraises(proposer)) revert AppraiserGone(given.item, given.currency, proposer);
            if (registry.areRelated(proposer, appraiser)) revert SecondAppraiserNeeded(given.item, proposer);
            delete _proposals[given.item][given.currency];
            quoted.base = given.value;
            quoted.nextBaseAt = 0;
            _set(quoted, given, proposer);
        }
    }

    /// @inheritdoc IPriceFeed
    function withdraw(bytes32 item, bytes3 currency) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, 0);
        Proposal[] storage waiting = _proposals[item][currency];
        for (uint256 i; i < waiting.length; ++i) {
            if (!_sameParty(waiting[i].proposer, appraiser)) continue;
            emit ProposalWithdrawn(item, currency, appraiser, waiting[i].priceHash);
            _drop(waiting, i);
            return;
        }
        revert NothingProposed(item, currency);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IPriceFeed
    function quote(bytes32 item, bytes3 currency) external view returns (Quote memory found) {
        Held storage quoted = _quotes[item][currency];
        (found.value, found.haircut) = (quoted.value, quoted.haircut);
        (found.asOf, found.validUntil, found.goodUntil) = (quoted.asOf, quoted.validUntil, quoted.goodUntil);
        (found.mostJump, found.mostAge, found.listed) = (quoted.mostJump, quoted.mostAge, quoted.listed);
        (found.base, found.nextBase, found.nextBaseAt) = (quoted.base, quoted.nextBase, quoted.nextBaseAt);
        found.appraiser = quoted.appraiser;
        Proposal memory first = _doubt(item, currency);
        (found.proposer, found.proposedAsOf) = (first.proposer, first.asOf);
    }

    /// @inheritdoc IPriceFeed
    function proposals(bytes32 item, bytes3 currency) external view returns (Proposal[] memory) {
        return _proposals[item][currency];
    }

    /// @inheritdoc IPriceFeed
    function price(bytes32 item, bytes3 currency) public view returns (uint64 value, uint24 haircut) {
        Held storage quoted = _quotes[item][currency];
        if (quoted.value == 0 || !quoted.listed) revert PriceMissing(item, currency);
        // A guard made tighter since bounds new risk at once.
        uint256 goodUntil = Math.min(quoted.goodUntil, uint256(quoted.asOf) + quoted.mostAge);
        if (block.timestamp >= goodUntil) revert PriceTooOld(item, currency, goodUntil, block.timestamp);
        if (!_appraises(quoted.appraiser)) revert AppraiserGone(item, currency, quoted.appraiser);
        address proposer = _doubt(item, currency).proposer;
        if (proposer != address(0)) revert PriceInDoubt(item, currency, proposer);
        return (quoted.value, quoted.haircut);
    }

    /// @inheritdoc IPriceFeed
    function appraised(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut) {
        Held storage quoted = _quotes[item][currency];
        return block.timestamp < quoted.goodUntil ? (quoted.value, quoted.haircut) : (0, 0);
    }

    /// @inheritdoc IPriceFeed
    function convert(address token, bytes3 currency, uint256 amount) external view returns (uint256) {
        bytes3 own = currencyOf[token];
        if (own == 0) revert CurrencyUnknown(token);
        if (own == currency) return amount;
        (uint64 value, uint24 haircut) = price(bytes32(own), currency);
        uint256 whole = SCALE * RepaymentMath.WHOLE;
        return Math.mulDiv(amount * value, RepaymentMath.WHOLE + haircut, whole, Math.Rounding.Ceil);
    }

    // ------------------------------------------------------------------ operators' helpers

    function _takeOff(Held storage quoted, bytes32 item, bytes3 currency) private {
        if (quoted.mostAge == 0) revert ItemUnknown(item, currency);
        quoted.listed = false;
        delete _changes[_subjectOf(item, currency)];
        emit ItemListed(item, currency, quoted.mostJump, 0);
    }

    function _list(
        Held storage quoted,
        bytes32 item,
        bytes3 currency,
        uint24 mostJump,
        uint32 mostAge,
        address operator
    ) private {
        bool same = quoted.listed && quoted.mostJump == mostJump && quoted.mostAge == mostAge;
        if (quoted.mostAge != 0 && !same) {
            bytes32 valuesHash = keccak256(abi.encode(mostJump, mostAge));
            if (!_agreed(_subjectOf(item, currency), valuesHash, operator)) {
                emit ListingProposed(item, currency, mostJump, mostAge, operator);
                return;
            }
        }
        quoted.mostJump = mostJump;
        quoted.mostAge = mostAge;
        quoted.listed = true;
        emit ItemListed(item, currency, mostJump, mostAge);
    }

    /// @dev Whether another operator proposed the same before; else it is proposed from now on.
    function _agreed(bytes32 subject, bytes32 valuesHash, address operator) private returns (bool) {
        Change storage change = _changes[subject];
        address proposer = change.proposer;
        bool second = proposer != address(0) && change.valuesHash == valuesHash
            && !registry.areRelated(proposer, operator) && _mayStill(proposer, msg.sig);
        if (second) delete _changes[subject];
        else (change.proposer, change.valuesHash) = (operator, valuesHash);
        return second;
    }

    function _subjectOf(bytes32 item, bytes3 currency) private pure returns (bytes32) {
        return keccak256(abi.encode(item, currency));
    }

    // ------------------------------------------------------------------ appraisers' helpers

    /// @dev Everything about a price but its distance from the last.
    function _checked(Price calldata given) private view returns (Held storage quoted) {
        quoted = _quotes[given.item][given.currency];
        if (quoted.mostAge == 0) revert ItemUnknown(given.item, given.currency);
        if (given.value == 0 || given.value > ClaimShares.MAX_AMOUNT || given.haircut > RepaymentMath.WHOLE) {
            revert PriceOutOfRange(given.item, given.value, given.haircut);
        }
        bool inTime = given.asOf <= block.timestamp && block.timestamp < _goodUntil(given, quoted.mostAge);
        if (!inTime) revert PriceNotInTime(given.item, given.asOf, given.validUntil, block.timestamp);
    }

    /// @dev Lets the next base, once it is 24 hours old, take the base's place.
    function _age(Held storage quoted) private {
        if (quoted.nextBaseAt == 0 || block.timestamp < quoted.nextBaseAt + BASE_AGE) return;
        quoted.base = quoted.nextBase;
        quoted.nextBaseAt = 0;
    }

    function _propose(Price calldata given, uint40 goodUntil, address appraiser) private {
        Proposal[] storage waiting = _proposals[given.item][given.currency];
        _dropOwn(waiting, appraiser);
        waiting.push(Proposal(appraiser, given.asOf, goodUntil, keccak256(abi.encode(given))));
        emit PriceProposed(given.item, given.currency, appraiser, given);
    }

    /// @dev What the appraiser's own side said before, and what is too old.
    function _dropOwn(Proposal[] storage waiting, address appraiser) private {
        for (uint256 i = waiting.length; i > 0; --i) {
            Proposal storage one = waiting[i - 1];
            bool over = block.timestamp >= one.goodUntil;
            if (over || registry.areRelated(one.proposer, appraiser)) _drop(waiting, i - 1);
        }
    }

    /// @dev Who said the same before: by a proposal, or, where proposals wait, by the price in force.
    function _proposerOf(Held storage quoted, Price calldata given) private view returns (address) {
        Proposal[] storage waiting = _proposals[given.item][given.currency];
        if (waiting.length == 0) {
            if (given.asOf <= quoted.asOf) revert PriceNotNewer(given.item, given.asOf, quoted.asOf);
            revert NothingProposed(given.item, given.currency);
        }
        bool inForce = given.value == quoted.value && given.haircut == quoted.haircut && given.asOf == quoted.asOf
            && given.validUntil == quoted.validUntil;
        if (inForce) return quoted.appraiser;
        bytes32 priceHash = keccak256(abi.encode(given));
        for (uint256 i; i < waiting.length; ++i) {
            if (waiting[i].priceHash == priceHash) return waiting[i].proposer;
        }
        revert ProposalDiffers(given.item, waiting[0].priceHash, priceHash);
    }

    function _drop(Proposal[] storage waiting, uint256 place) private {
        waiting[place] = waiting[waiting.length - 1];
        waiting.pop();
    }

    function _set(Held storage quoted, Price calldata given, address appraiser) private {
        quoted.value = given.value;
        quoted.haircut = given.haircut;
        quoted.asOf = given.asOf;
        quoted.validUntil = given.validUntil;
        quoted.goodUntil = _goodUntil(given, quoted.mostAge);
        quoted.appraiser = appraiser;
        if (quoted.nextBaseAt == 0) (quoted.nextBase, quoted.nextBaseAt) = (given.value, uint40(block.timestamp));
        emit PricePosted(
            given.item,
            given.currency,
            appraiser,
            given.value,
            given.haircut,
            given.asOf,
            given.validUntil,
            given.evidence
        );
    }

    /// @dev The first proposal that waits and is not too old; none: all zero.
    function _doubt(bytes32 item, bytes3 currency) private view returns (Proposal memory none) {
        Proposal[] storage waiting = _proposals[item][currency];
        for (uint256 i; i < waiting.length; ++i) {
            if (block.timestamp < waiting[i].goodUntil) return waiting[i];
        }
    }

    function _goodUntil(Price calldata given, uint256 mostAge) private pure returns (uint40) {
        return uint40(Math.min(given.validUntil, given.asOf + mostAge));
    }

    function _jumps(uint256 last, uint256 next, uint256 most) private pure returns (bool) {
        uint256 distance = next > last ? next - last : last - next;
        return distance * RepaymentMath.WHOLE > last * most;
    }

    /// @dev By party: an account that was removed spoke for it when it posted.
    function _appraises(address account) private view returns (bool) {
        return registry.isPartyValid(registry.partyOf(account), APPRAISER);
    }

    function _sameParty(address one, address other) private view returns (bool) {
        return PartyId.unwrap(registry.partyOf(one)) == PartyId.unwrap(registry.partyOf(other));
    }
}
