// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Prices of goods and of currencies, as appraisers post them.
/// @notice A price is in millionths of a currency's minor unit for the item's smallest part: a thousandth of a unit of
/// goods, or a minor unit of another currency. An item is the hash that names the goods, or the other currency's code,
/// left-aligned. Currencies are ISO 4217 codes, so that a price outlives the token that money is held in.
/// @dev Source: decisions 17 and 20; ISO 4217 for the codes.
interface IPriceFeed {
    /// @notice A price that an appraiser names.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param value Millionths of a minor unit for the item's smallest part.
    /// @param haircut Parts per million: lowers the value of goods, raises a debt in a currency.
    /// @param asOf UTC seconds: when the price was observed.
    /// @param validUntil UTC seconds, exclusive.
    /// @param evidence Hash of what it was derived from.
    struct Price {
        bytes32 item;
        bytes3 currency;
        uint64 value;
        uint24 haircut;
        uint40 asOf;
        uint40 validUntil;
        bytes32 evidence;
    }

    /// @notice The price in force for an item in a currency, and the bounds for the next one.
    /// @param value Millionths of a minor unit for the item's smallest part; 0: none yet.
    /// @param haircut Parts per million.
    /// @param asOf When the price was observed (UTC seconds).
    /// @param validUntil Until when its appraiser lets it count (UTC seconds, exclusive).
    /// @param goodUntil UTC seconds, exclusive: by its validity, and by the age allowed when it came into force.
    /// @param maxJump Parts per million of `base`.
    /// @param appraiser Who posted it.
    /// @param maxAge Seconds for which a price counts after its observation; 0: the item was never listed.
    /// @param listed Whether new risk may rely on its price.
    /// @param base A price that was in force 24 hours ago, or on which two appraisers have agreed since.
    /// @param nextBase Replaces the base when it is 24 hours old.
    /// @param nextBaseAt UTC seconds: when `nextBase` came into force.
    /// @param proposer Who proposed the first price that waits and is not too old; zero if none waits.
    /// @param proposedAsOf When that price was observed (UTC seconds).
    struct Quote {
        uint64 value;
        uint24 haircut;
        uint40 asOf;
        uint40 validUntil;
        uint40 goodUntil;
        uint24 maxJump;
        address appraiser;
        uint32 maxAge;
        bool listed;
        uint64 base;
        uint64 nextBase;
        uint40 nextBaseAt;
        address proposer;
        uint40 proposedAsOf;
    }

    /// @notice A price that waits for a second appraiser.
    /// @param proposer Who proposed it.
    /// @param asOf When the price was observed (UTC seconds).
    /// @param goodUntil UTC seconds, exclusive.
    /// @param priceHash Keccak256 of the ABI encoding of the price.
    struct Proposal {
        address proposer;
        uint40 asOf;
        uint40 goodUntil;
        bytes32 priceHash;
    }

    /// @notice The currency of a settlement token is set.
    /// @param token The token contract of a settlement currency.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    event CurrencySet(address indexed token, bytes3 indexed currency);

    /// @notice An item may be priced with these bounds, or is removed.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param maxJump How far a price may be from the base, in parts per million of the base.
    /// @param maxAge Seconds for which a price counts after its observation; 0: removed.
    event ItemListed(bytes32 indexed item, bytes3 indexed currency, uint24 maxJump, uint32 maxAge);

    /// @notice An operator proposed another currency for a settlement token.
    /// @param token The token contract of a settlement currency.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param operator The operator who proposed it.
    event CurrencyProposed(address indexed token, bytes3 indexed currency, address indexed operator);

    /// @notice An operator proposed other bounds for an item.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param maxJump How far a price may be from the base, in parts per million of the base.
    /// @param maxAge Seconds for which a price counts after its observation.
    /// @param operator The operator who proposed it.
    event ListingProposed(
        bytes32 indexed item, bytes3 indexed currency, uint24 maxJump, uint32 maxAge, address indexed operator
    );

    /// @notice A price is in force.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param appraiser The account of the appraiser.
    /// @param value Millionths of a minor unit for the item's smallest part.
    /// @param haircut Parts per million: lowers the value of goods, raises a debt in a currency.
    /// @param asOf When the price was observed (UTC seconds).
    /// @param validUntil Until when its appraiser lets it count (UTC seconds, exclusive).
    /// @param evidence Hash of what it was derived from.
    event PricePosted(
        bytes32 indexed item,
        bytes3 indexed currency,
        address indexed appraiser,
        uint64 value,
        uint24 haircut,
        uint40 asOf,
        uint40 validUntil,
        bytes32 evidence
    );

    /// @notice A price counts once an appraiser of another party confirms it.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param appraiser The account of the appraiser.
    /// @param price The price.
    event PriceProposed(bytes32 indexed item, bytes3 indexed currency, address indexed appraiser, Price price);

    /// @notice The proposer took a proposal back.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param appraiser The account of the appraiser.
    /// @param priceHash Keccak256 of the ABI encoding of the price.
    event ProposalWithdrawn(
        bytes32 indexed item, bytes3 indexed currency, address indexed appraiser, bytes32 priceHash
    );

    /// @notice The token has no currency here.
    /// @param token The token contract of a settlement currency.
    error CurrencyUnknown(address token);

    /// @notice The item was never listed in this currency, or cannot be.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    error ItemUnknown(bytes32 item, bytes3 currency);

    /// @notice The price is 0 or above 2^60 - 1, or the haircut is above the whole.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param value The value that was given.
    /// @param haircut The haircut that was given.
    error PriceOutOfRange(bytes32 item, uint256 value, uint256 haircut);

    /// @notice The price is of the future, no longer valid, or too old.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param asOf When the price was observed (UTC seconds).
    /// @param validUntil Until when its appraiser lets it count (UTC seconds, exclusive).
    /// @param timestamp The time of the block (UTC seconds).
    error PriceNotInTime(bytes32 item, uint40 asOf, uint40 validUntil, uint256 timestamp);

    /// @notice The price was not observed later than the one in force.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param asOf When the price was observed (UTC seconds).
    /// @param lastAsOf When the price in force was observed (UTC seconds).
    error PriceNotNewer(bytes32 item, uint40 asOf, uint40 lastAsOf);

    /// @notice No price waits for a second appraiser.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    error NothingProposed(bytes32 item, bytes3 currency);

    /// @notice No price that waits has these values.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param proposed Hash of the first price that waits.
    /// @param provided Hash of the price that was given.
    error ProposalDiffers(bytes32 item, bytes32 proposed, bytes32 provided);

    /// @notice Proposer and caller are one party, or under one control.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param proposer Who proposed it.
    error SecondAppraiserNeeded(bytes32 item, address proposer);

    /// @notice The item has no price, or new risk may not rely on it.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    error PriceMissing(bytes32 item, bytes3 currency);

    /// @notice The price no longer counts.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param goodUntil Until when it counts (UTC seconds, exclusive): the earlier of its validity and the age allowed.
    /// @param timestamp The time of the block (UTC seconds).
    error PriceTooOld(bytes32 item, bytes3 currency, uint256 goodUntil, uint256 timestamp);

    /// @notice Another price waits for a second appraiser.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param proposer Who proposed it.
    error PriceInDoubt(bytes32 item, bytes3 currency, address proposer);

    /// @notice The party of the price's appraiser is no longer a valid appraiser.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param appraiser The account of the appraiser.
    error AppraiserGone(bytes32 item, bytes3 currency, address appraiser);

    /// @notice Sets the currency of a settlement token. One operator sets it the first time. A change waits for a
    /// second operator, who calls with the same values; a call with other values replaces the proposal.
    /// @dev Role: operator. The two operators are persons of different parties that are not under one control.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {ManagerIsNoPerson} if the caller is the AccessManager.
    /// @param token The token contract of a settlement currency.
    /// @param currency ISO 4217 code.
    function setCurrency(address token, bytes3 currency) external;

    /// @notice Lists items that may be priced in a currency, and their bounds. One operator lists an item the first
    /// time. Any change of its bounds, and listing it again, waits for a second operator who calls with the same
    /// values. Removing an item needs one operator: no new risk relies on its price then, and appraisers still price it
    /// for the risk that exists.
    /// @dev Role: operator. The two operators are persons of different parties that are not under one control.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {ManagerIsNoPerson} if the caller is the AccessManager.
    /// Reverts with {ItemUnknown} if an item or the currency is 0, the item is the currency itself, or an item to be
    /// removed was never listed.
    /// @param items The items.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @param maxJump How far a price may be from the base, in parts per million of the base.
    /// @param maxAge Seconds for which a price counts after its observation; 0 removes the items at once.
    function list(bytes32[] calldata items, bytes3 currency, uint24 maxJump, uint32 maxAge) external;

    /// @notice Posts prices. Three kinds of price are only proposed: the first price of an item, one further from the
    /// base than `maxJump` allows, and one with another haircut than the last. The base was in force 24 hours ago, so
    /// no single appraiser moves a price far in small steps.
    /// @dev A valid account with role 64 calls it. A price or a proposal ends an earlier proposal of the same party, or
    /// of a party under the same control, and of no other.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 64.
    /// Reverts with {ItemUnknown} if an item was never listed in the currency.
    /// Reverts with {PriceOutOfRange} if a value is 0 or above 2^60 - 1, or a haircut above 1,000,000.
    /// Reverts with {PriceNotInTime} if a price is of the future, no longer valid, or too old.
    /// Reverts with {PriceNotNewer} if it was not observed later than the price in force.
    /// @param prices The prices.
    function post(Price[] calldata prices) external;

    /// @notice Confirms prices: exactly what was proposed comes into force. While proposals wait, the price in force
    /// may be confirmed in the same way. All other proposals of the item end, and so does the doubt.
    /// @dev A valid account with role 64 calls it, of another party than the proposer's and not under the same control.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 64.
    /// Reverts with {ItemUnknown} if an item was never listed in the currency.
    /// Reverts with {PriceOutOfRange} if a value is 0 or above 2^60 - 1, or a haircut above 1,000,000.
    /// Reverts with {PriceNotInTime} if a price is of the future, no longer valid, or too old.
    /// Reverts with {PriceNotNewer} if no price waits and this one is not newer than the one in force.
    /// Reverts with {NothingProposed} if no price waits.
    /// Reverts with {ProposalDiffers} if no price that waits, nor the one in force, has these values.
    /// Reverts with {AppraiserGone} if the proposer's party is no longer a valid appraiser.
    /// Reverts with {SecondAppraiserNeeded} if proposer and caller are one party, or under one control.
    /// @param prices The prices, exactly as they were proposed.
    function confirm(Price[] calldata prices) external;

    /// @notice Takes back what the sender's party proposed for an item.
    /// @dev A valid account of that party calls it.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {NothingProposed} if its party has no proposal for the item.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    function withdraw(bytes32 item, bytes3 currency) external;

    /// @notice The currency of a settlement token.
    /// @param token The token contract of a settlement currency.
    /// @return ISO 4217 code; 0 if none was set.
    function currencyOf(address token) external view returns (bytes3);

    /// @notice The price as it is, old or not, and the bounds for the next one.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @return The quote; all zero if the item was never listed.
    function quote(bytes32 item, bytes3 currency) external view returns (Quote memory);

    /// @notice The prices that wait for a second appraiser, too old or not.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @return The proposals.
    function proposals(bytes32 item, bytes3 currency) external view returns (Proposal[] memory);

    /// @notice The price that new risk may rely on. A doubt ends when its proposal is confirmed, taken back by its
    /// proposer, or too old, or when two appraisers agree on another price. A price that a third appraiser posts does
    /// not end it.
    /// @dev Reverts with {PriceMissing} if there is none, or the item is not listed.
    /// Reverts with {PriceTooOld} if it no longer counts.
    /// Reverts with {AppraiserGone} if its appraiser's party is no longer a valid appraiser.
    /// Reverts with {PriceInDoubt} if another price waits.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @return value Millionths of a minor unit for the item's smallest part.
    /// @return haircut Parts per million: lowers the value of goods, raises a debt in a currency.
    function price(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);

    /// @notice The price that counts for risk that exists: the last price in force until its own age. An appraiser that
    /// leaves, a proposal that waits, and an operator that removes the item or changes its bounds cause no margin call.
    /// @param item What is priced: the hash that names the goods, or the other currency's code.
    /// @param currency ISO 4217 code of the currency in which it is priced.
    /// @return value Millionths of a minor unit for the item's smallest part; 0 if the price no longer counts.
    /// @return haircut Parts per million; 0 if the price no longer counts.
    function appraised(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);

    /// @notice An amount of a token's minor units in another currency's, rounded up, raised by the rate's haircut. The
    /// amount itself if the token is of that currency.
    /// @dev Reverts with {CurrencyUnknown} if the token has no currency here.
    /// Reverts with {PriceMissing} if there is no rate, or it is not listed.
    /// Reverts with {PriceTooOld} if the rate no longer counts.
    /// Reverts with {AppraiserGone} if the rate's appraiser is gone.
    /// Reverts with {PriceInDoubt} if another rate waits.
    /// @param token The token contract of a settlement currency.
    /// @param currency ISO 4217 code of the other currency.
    /// @param amount Minor units of the token.
    /// @return Minor units of the other currency.
    function convert(address token, bytes3 currency, uint256 amount) external view returns (uint256);
}
