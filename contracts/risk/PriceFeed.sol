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
    uint16 private constant APPRAISER = 64;
    uint256 private constant SCALE = 1_000_000;

    IPartyRegistry public immutable registry;
    mapping(address token => bytes3) public currencyOf;
    mapping(bytes32 item => mapping(bytes3 currency => Quote)) private _quotes;
    mapping(bytes32 item => mapping(bytes3 currency => bytes32 priceHash)) private _proposed;

    constructor(address authority, address forwarder, IPartyRegistry registry_) ForwardedAccess(authority, forwarder) {
        registry = registry_;
    }

    /// @inheritdoc IPriceFeed
    function setCurrency(address token, bytes3 currency) external restricted {
        currencyOf[token] = currency;
        emit CurrencySet(token, currency);
    }

    /// @inheritdoc IPriceFeed
    function list(bytes32[] calldata items, bytes3 currency, uint24 mostJump, uint32 mostAge) external restricted {
        for (uint256 i; i < items.length; ++i) {
            if (items[i] == 0 || currency == 0 || items[i] == bytes32(currency)) {
                revert ItemUnknown(items[i], currency);
            }
            Quote storage quoted = _quotes[items[i]][currency];
            quoted.mostJump = mostJump;
            quoted.mostAge = mostAge;
            emit ItemListed(items[i], currency, mostJump, mostAge);
        }
    }

    /// @inheritdoc IPriceFeed
    function post(Price[] calldata prices) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        for (uint256 i; i < prices.length; ++i) {
            Price calldata given = prices[i];
            Quote storage quoted = _checked(given);
            uint64 base = quoted.baseDay == _day() ? quoted.base : quoted.value;
            // A haircut moves what goods are worth as a price does, and has no day's base to be held to.
            if (given.haircut != quoted.haircut || _jumps(base, given.value, quoted.mostJump)) {
                _proposed[given.item][given.currency] = keccak256(abi.encode(given));
                quoted.proposer = appraiser;
                quoted.proposedAsOf = given.asOf;
                emit PriceProposed(given.item, given.currency, appraiser, given);
            } else {
                _set(quoted, given, appraiser, base);
            }
        }
    }

    /// @inheritdoc IPriceFeed
    function confirm(Price[] calldata prices) external {
        address appraiser = _msgSender();
        registry.requireValid(appraiser, APPRAISER);
        for (uint256 i; i < prices.length; ++i) {
            Price calldata given = prices[i];
            Quote storage quoted = _checked(given);
            bytes32 proposed = _proposed[given.item][given.currency];
            bytes32 hash = keccak256(abi.encode(given));
            address proposer = quoted.proposer;
            if (proposed == 0) revert NothingProposed(given.item, given.currency);
            if (proposed != hash) revert ProposalDiffers(given.item, proposed, hash);
            registry.requireValid(proposer, APPRAISER);
            if (_sameParty(proposer, appraiser)) revert SecondAppraiserNeeded(given.item, proposer);
            _set(quoted, given, proposer, given.value);
        }
    }

    /// @inheritdoc IPriceFeed
    function quote(bytes32 item, bytes3 currency) external view returns (Quote memory) {
        return _quotes[item][currency];
    }

    /// @inheritdoc IPriceFeed
    function price(bytes32 item, bytes3 currency) public view returns (uint64 value, uint24 haircut) {
        Quote memory quoted = _quotes[item][currency];
        if (quoted.value == 0 || quoted.mostAge == 0) revert PriceMissing(item, currency);
        uint256 goodUntil = _goodUntil(quoted);
        if (block.timestamp >= goodUntil) revert PriceTooOld(item, currency, goodUntil, block.timestamp);
        if (!_appraises(quoted.appraiser)) revert AppraiserGone(item, currency, quoted.appraiser);
        bool waits = quoted.proposedAsOf > quoted.asOf
            && block.timestamp < uint256(quoted.proposedAsOf) + quoted.mostAge && _appraises(quoted.proposer);
        if (waits) revert PriceInDoubt(item, currency, quoted.proposer);
        return (quoted.value, quoted.haircut);
    }

    /// @inheritdoc IPriceFeed
    function appraised(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut) {
        Quote memory quoted = _quotes[item][currency];
        bool counts = quoted.value != 0 && block.timestamp < _goodUntil(quoted) && _appraises(quoted.appraiser);
        return counts ? (quoted.value, quoted.haircut) : (0, 0);
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

    /// @dev Everything about a price but its distance from the last.
    function _checked(Price calldata given) private view returns (Quote storage quoted) {
        quoted = _quotes[given.item][given.currency];
        if (quoted.mostAge == 0) revert ItemUnknown(given.item, given.currency);
        if (given.value == 0 || given.value > ClaimShares.MAX_AMOUNT || given.haircut > RepaymentMath.WHOLE) {
            revert PriceOutOfRange(given.item, given.value, given.haircut);
        }
        bool inTime = given.asOf <= block.timestamp && block.timestamp < given.validUntil
            && block.timestamp < uint256(given.asOf) + quoted.mostAge;
        if (!inTime) revert PriceNotInTime(given.item, given.asOf, given.validUntil, block.timestamp);
        if (given.asOf <= quoted.asOf) revert PriceNotNewer(given.item, given.asOf, quoted.asOf);
    }

    function _set(Quote storage quoted, Price calldata given, address appraiser, uint64 base) private {
        quoted.value = given.value;
        quoted.haircut = given.haircut;
        quoted.asOf = given.asOf;
        quoted.validUntil = given.validUntil;
        quoted.appraiser = appraiser;
        quoted.base = base;
        quoted.baseDay = _day();
        if (quoted.proposedAsOf <= given.asOf && quoted.proposer != address(0)) {
            delete quoted.proposer;
            delete quoted.proposedAsOf;
            delete _proposed[given.item][given.currency];
        }
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

    function _goodUntil(Quote memory quoted) private pure returns (uint256) {
        return quoted.mostAge == 0 ? 0 : Math.min(quoted.validUntil, uint256(quoted.asOf) + quoted.mostAge);
    }

    function _jumps(uint256 last, uint256 next, uint256 most) private pure returns (bool) {
        uint256 distance = next > last ? next - last : last - next;
        return distance * RepaymentMath.WHOLE > last * most;
    }

    function _appraises(address account) private view returns (bool) {
        return registry.isValid(account) && (registry.party(registry.partyOf(account)).roles & APPRAISER) != 0;
    }

    function _sameParty(address one, address other) private view returns (bool) {
        return PartyId.unwrap(registry.partyOf(one)) == PartyId.unwrap(registry.partyOf(other));
    }

    function _day() private view returns (uint32) {
        return uint32(block.timestamp / 1 days);
    }
}
