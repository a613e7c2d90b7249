// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {APPRAISER} from "../types/PartyRoles.sol";
import {IPriceFeed} from "./IPriceFeed.sol";

/// @title Appraised prices with bounds on age and on jumps.
/// @notice See {IPriceFeed} for the specification.
contract PriceFeed is IPriceFeed, ForwardedAccess {
    /// @notice A change that one operator proposed, until a second operator calls with the same values.
    /// @param proposer The operator.
    /// @param valuesHash Hash of the values.
    struct Change {
        address proposer;
        bytes32 valuesHash;
    }

    /// @notice A {Quote} as it is stored: what a price needs in two slots, the bounds for the next price after them.
    /// @param value Millionths of a minor unit for the item's smallest part.
    /// @param haircut Parts per million.
    /// @param asOf When the price was observed (UTC seconds).
    /// @param validUntil UTC seconds, exclusive.
    /// @param goodUntil Until when it counts (UTC seconds, exclusive).
    /// @param maxJump Parts per million of the base.
    /// @param listed Whether new risk may rely on the price.
    /// @param appraiser Who posted it.
    /// @param maxAge Seconds; 0: the item was never listed.
    /// @param base A price that was in force 24 hours ago, or on which two appraisers have agreed since.
    /// @param nextBase Replaces the base when it is 24 hours old.
    /// @param nextBaseAt When it came into force (UTC seconds).
    struct Held {
        uint64 value;
        uint24 haircut;
        uint40 asOf;
        uint40 validUntil;
        uint40 goodUntil;
        uint24 maxJump;
        bool listed;
        address appraiser;
        uint32 maxAge;
        uint64 base;
        uint64 nextBase;
        uint40 nextBaseAt;
    }

    uint256 private constant SCALE = 1_000_000;
    uint256 private constant BASE_AGE = 24 hours;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @inheritdoc IPriceFeed
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
    function list(bytes32[] calldata items, bytes3 currency, uint24 maxJump, uint32 maxAge) external restricted {
        address operator = _person();
        for (uint256 i; i < items.length; ++i) {
            if (items[i] == 0 || currency == 0 || items[i] == bytes32(currency)) {
                revert ItemUnknown(items[i], currency);
            }
            Held storage quoted = _quotes[items[i]][currency];
            if (maxAge == 0) _takeOff(quoted, items[i], currency);
            else _list(quoted, items[i], currency, maxJump, maxAge, operator);
        }
    }

    // ------------------------------------------------------------------ by appraisers

    /// @inheritdoc IPriceFeed
    function post(Price[] calldata prices) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        for (uint256 i; i < prices.length; ++i) {
            Price calldata newPrice = prices[i];
            Held storage quoted = _checked(newPrice);
            if (newPrice.asOf <= quoted.asOf) revert PriceNotNewer(newPrice.item, newPrice.asOf, quoted.asOf);
            _age(quoted);
            // A haircut changes what goods are worth as a price does, and has no base to be checked against.
            if (newPrice.haircut != quoted.haircut || _jumps(quoted.base, newPrice.value, quoted.maxJump)) {
                _propose(newPrice, _goodUntil(newPrice, quoted.maxAge), appraiser);
            } else {
                _dropOwn(_proposals[newPrice.item][newPrice.currency], appraiser);
                _set(quoted, newPrice, appraiser);
            }
        }
    }

    /// @inheritdoc IPriceFeed
    function confirm(Price[] calldata prices) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        for (uint256 i; i < prices.length; ++i) {
            Price calldata newPrice = prices[i];
            Held storage quoted = _checked(newPrice);
            address proposer = _proposerOf(quoted, newPrice);
            if (!_appraises(proposer)) revert AppraiserGone(newPrice.item, newPrice.currency, proposer);
            if (registry.areRelated(proposer, appraiser)) revert SecondAppraiserNeeded(newPrice.item, proposer);
            delete _proposals[newPrice.item][newPrice.currency];
            quoted.base = newPrice.value;
            quoted.nextBaseAt = 0;
            _set(quoted, newPrice, proposer);
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
    function quote(bytes32 item, bytes3 currency) external view returns (Quote memory current) {
        Held storage quoted = _quotes[item][currency];
        (current.value, current.haircut) = (quoted.value, quoted.haircut);
        (current.asOf, current.validUntil, current.goodUntil) = (quoted.asOf, quoted.validUntil, quoted.goodUntil);
        (current.maxJump, current.maxAge, current.listed) = (quoted.maxJump, quoted.maxAge, quoted.listed);
        (current.base, current.nextBase, current.nextBaseAt) = (quoted.base, quoted.nextBase, quoted.nextBaseAt);
        current.appraiser = quoted.appraiser;
        Proposal memory first = _doubt(item, currency);
        (current.proposer, current.proposedAsOf) = (first.proposer, first.asOf);
    }

    /// @inheritdoc IPriceFeed
    function proposals(bytes32 item, bytes3 currency) external view returns (Proposal[] memory) {
        return _proposals[item][currency];
    }

    /// @inheritdoc IPriceFeed
    function price(bytes32 item, bytes3 currency) public view returns (uint64 value, uint24 haircut) {
        Held storage quoted = _quotes[item][currency];
        if (quoted.value == 0 || !quoted.listed) revert PriceMissing(item, currency);
        // A maximum age made shorter since bounds new risk at once.
        uint256 goodUntil = Math.min(quoted.goodUntil, uint256(quoted.asOf) + quoted.maxAge);
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

    // ------------------------------------------------------------------ internal parts for operators

    function _takeOff(Held storage quoted, bytes32 item, bytes3 currency) private {
        if (quoted.maxAge == 0) revert ItemUnknown(item, currency);
        quoted.listed = false;
        delete _changes[_subjectOf(item, currency)];
        emit ItemListed(item, currency, quoted.maxJump, 0);
    }

    function _list(Held storage quoted, bytes32 item, bytes3 currency, uint24 maxJump, uint32 maxAge, address operator)
        private
    {
        bool same = quoted.listed && quoted.maxJump == maxJump && quoted.maxAge == maxAge;
        if (quoted.maxAge != 0 && !same) {
            bytes32 valuesHash = keccak256(abi.encode(maxJump, maxAge));
            if (!_agreed(_subjectOf(item, currency), valuesHash, operator)) {
                emit ListingProposed(item, currency, maxJump, maxAge, operator);
                return;
            }
        }
        quoted.maxJump = maxJump;
        quoted.maxAge = maxAge;
        quoted.listed = true;
        emit ItemListed(item, currency, maxJump, maxAge);
    }

    /// @dev Whether another operator proposed the same before. Otherwise it is proposed from now on.
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

    // ------------------------------------------------------------------ internal parts for appraisers

    /// @dev Checks everything about a price except its distance from the last one.
    function _checked(Price calldata newPrice) private view returns (Held storage quoted) {
        quoted = _quotes[newPrice.item][newPrice.currency];
        if (quoted.maxAge == 0) revert ItemUnknown(newPrice.item, newPrice.currency);
        if (newPrice.value == 0 || newPrice.value > ClaimShares.MAX_AMOUNT || newPrice.haircut > RepaymentMath.WHOLE) {
            revert PriceOutOfRange(newPrice.item, newPrice.value, newPrice.haircut);
        }
        bool inTime = newPrice.asOf <= block.timestamp && block.timestamp < _goodUntil(newPrice, quoted.maxAge);
        if (!inTime) revert PriceNotInTime(newPrice.item, newPrice.asOf, newPrice.validUntil, block.timestamp);
    }

    /// @dev Once the next base is 24 hours old, it replaces the base.
    function _age(Held storage quoted) private {
        if (quoted.nextBaseAt == 0 || block.timestamp < quoted.nextBaseAt + BASE_AGE) return;
        quoted.base = quoted.nextBase;
        quoted.nextBaseAt = 0;
    }

    function _propose(Price calldata newPrice, uint40 goodUntil, address appraiser) private {
        Proposal[] storage waiting = _proposals[newPrice.item][newPrice.currency];
        _dropOwn(waiting, appraiser);
        waiting.push(Proposal(appraiser, newPrice.asOf, goodUntil, keccak256(abi.encode(newPrice))));
        emit PriceProposed(newPrice.item, newPrice.currency, appraiser, newPrice);
    }

    /// @dev Drops what the appraiser's own side proposed before, and what is too old.
    function _dropOwn(Proposal[] storage waiting, address appraiser) private {
        for (uint256 i = waiting.length; i > 0; --i) {
            Proposal storage proposal = waiting[i - 1];
            bool over = block.timestamp >= proposal.goodUntil;
            if (over || registry.areRelated(proposal.proposer, appraiser)) _drop(waiting, i - 1);
        }
    }

    /// @dev Who named the same price before: by a proposal or, while proposals wait, by the price in force.
    function _proposerOf(Held storage quoted, Price calldata newPrice) private view returns (address) {
        Proposal[] storage waiting = _proposals[newPrice.item][newPrice.currency];
        if (waiting.length == 0) {
            if (newPrice.asOf <= quoted.asOf) revert PriceNotNewer(newPrice.item, newPrice.asOf, quoted.asOf);
            revert NothingProposed(newPrice.item, newPrice.currency);
        }
        bool inForce = newPrice.value == quoted.value && newPrice.haircut == quoted.haircut
            && newPrice.asOf == quoted.asOf && newPrice.validUntil == quoted.validUntil;
        if (inForce) return quoted.appraiser;
        bytes32 priceHash = keccak256(abi.encode(newPrice));
        for (uint256 i; i < waiting.length; ++i) {
            if (waiting[i].priceHash == priceHash) return waiting[i].proposer;
        }
        revert ProposalDiffers(newPrice.item, waiting[0].priceHash, priceHash);
    }

    function _drop(Proposal[] storage waiting, uint256 place) private {
        waiting[place] = waiting[waiting.length - 1];
        waiting.pop();
    }

    function _set(Held storage quoted, Price calldata newPrice, address appraiser) private {
        quoted.value = newPrice.value;
        quoted.haircut = newPrice.haircut;
        quoted.asOf = newPrice.asOf;
        quoted.validUntil = newPrice.validUntil;
        quoted.goodUntil = _goodUntil(newPrice, quoted.maxAge);
        quoted.appraiser = appraiser;
        if (quoted.nextBaseAt == 0) (quoted.nextBase, quoted.nextBaseAt) = (newPrice.value, uint40(block.timestamp));
        emit PricePosted(
            newPrice.item,
            newPrice.currency,
            appraiser,
            newPrice.value,
            newPrice.haircut,
            newPrice.asOf,
            newPrice.validUntil,
            newPrice.evidence
        );
    }

    /// @dev The first proposal that waits and is not too old; all zero if there is none.
    function _doubt(bytes32 item, bytes3 currency) private view returns (Proposal memory none) {
        Proposal[] storage waiting = _proposals[item][currency];
        for (uint256 i; i < waiting.length; ++i) {
            if (block.timestamp < waiting[i].goodUntil) return waiting[i];
        }
    }

    function _goodUntil(Price calldata newPrice, uint256 maxAge) private pure returns (uint40) {
        return uint40(Math.min(newPrice.validUntil, newPrice.asOf + maxAge));
    }

    function _jumps(uint256 last, uint256 next, uint256 max) private pure returns (bool) {
        uint256 distance = next > last ? next - last : last - next;
        return distance * RepaymentMath.WHOLE > last * max;
    }

    /// @dev By party: an account that was removed acted for its party when it posted.
    function _appraises(address account) private view returns (bool) {
        return registry.isPartyValid(registry.partyOf(account), APPRAISER);
    }

    function _sameParty(address accountId, address other) private view returns (bool) {
        return registry.partyOf(accountId) == registry.partyOf(other);
    }
}
