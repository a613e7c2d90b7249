// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Prices of goods and of currencies, as appraisers post them.
/// @notice A price is in millionths of a currency's minor unit for the item's smallest part: a thousandth of a unit of
/// goods, or a minor unit of another currency. An item is the hash that names the goods, or the other currency's code,
/// left-aligned. Currencies are ISO 4217 codes, so that a price outlives the token that money is held in.
interface IPriceFeed {
    struct Price {
        bytes32 item;
        bytes3 currency;
        uint64 value;
        uint24 haircut; // parts per million: lowers the value of goods, raises a debt in a currency
        uint40 asOf; // UTC seconds: when the price was observed
        uint40 validUntil; // UTC seconds, exclusive
        bytes32 evidence; // hash of what it was derived from
    }

    /// The price in force for an item in a currency, and the bounds for the next one.
    struct Quote {
        uint64 value; // 0: none yet
        uint24 haircut;
        uint40 asOf;
        uint40 validUntil;
        uint40 goodUntil; // UTC seconds, exclusive: by its validity, and by the age allowed when it came into force
        uint24 maxJump; // parts per million of `base`
        address appraiser;
        uint32 maxAge; // seconds; 0: the item was never listed
        bool listed; // new risk may rely on its price
        uint64 base; // a price that was in force 24 hours ago, or on which two appraisers have agreed since
        uint64 nextBase; // replaces the base when it is 24 hours old
        uint40 nextBaseAt; // UTC seconds: when `nextBase` came into force
        address proposer; // of the first proposal that waits and is not too old
        uint40 proposedAsOf;
    }

    /// A price that waits for a second appraiser.
    struct Proposal {
        address proposer;
        uint40 asOf;
        uint40 goodUntil; // UTC seconds, exclusive
        bytes32 priceHash;
    }

    event CurrencySet(address indexed token, bytes3 indexed currency);
    event ItemListed(bytes32 indexed item, bytes3 indexed currency, uint24 maxJump, uint32 maxAge);
    event CurrencyProposed(address indexed token, bytes3 indexed currency, address indexed operator);
    event ListingProposed(
        bytes32 indexed item, bytes3 indexed currency, uint24 maxJump, uint32 maxAge, address indexed operator
    );
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
    /// A jump: the price counts once an appraiser of another party confirms it.
    event PriceProposed(bytes32 indexed item, bytes3 indexed currency, address indexed appraiser, Price price);

    /// The proposer took the proposal back.
    event ProposalWithdrawn(
        bytes32 indexed item, bytes3 indexed currency, address indexed appraiser, bytes32 priceHash
    );

    error CurrencyUnknown(address token);
    error ItemUnknown(bytes32 item, bytes3 currency);
    error PriceOutOfRange(bytes32 item, uint256 value, uint256 haircut);
    error PriceNotInTime(bytes32 item, uint40 asOf, uint40 validUntil, uint256 timestamp);
    error PriceNotNewer(bytes32 item, uint40 asOf, uint40 lastAsOf);
    error NothingProposed(bytes32 item, bytes3 currency);
    error ProposalDiffers(bytes32 item, bytes32 proposed, bytes32 provided);
    error SecondAppraiserNeeded(bytes32 item, address proposer);
    error PriceMissing(bytes32 item, bytes3 currency);
    error PriceTooOld(bytes32 item, bytes3 currency, uint256 goodUntil, uint256 timestamp);
    error PriceInDoubt(bytes32 item, bytes3 currency, address proposer);
    error AppraiserGone(bytes32 item, bytes3 currency, address appraiser);

    /// @notice Sets the currency of a settlement token. Role: operator. One operator sets it the first time. A change
    /// waits for a second operator, who calls with the same values; a call with other values replaces the proposal.
    /// *Reverts* with `ManagerIsNoPerson`.
    function setCurrency(address token, bytes3 currency) external;
    /// @notice Lists items that may be priced in a currency, and their bounds. Role: operator. One operator lists an
    /// item the first time. Any change of its bounds, and listing it again, waits for a second operator who calls with
    /// the same values.
    /// @param maxAge Seconds. 0 removes items at once, by one operator: no new risk relies on their prices. Appraisers
    /// still price them for the risk that exists.
    /// @dev The two operators are persons of different parties that are not under one control.
    /// *Reverts* with `ItemUnknown`, `ManagerIsNoPerson`.
    function list(bytes32[] calldata items, bytes3 currency, uint24 maxJump, uint32 maxAge) external;
    /// @notice Posts prices, many at once. An appraiser calls it. Three kinds of price are only proposed: the first
    /// price of an item, one further from the base than `maxJump` allows, and one with another haircut than the last.
    /// The base was in force 24 hours ago, so no single appraiser moves a price far in small steps.
    /// @dev A price or a proposal ends an earlier proposal of the same party, or of a party under the same control, and
    /// of no other.
    function post(Price[] calldata prices) external;
    /// @notice Confirms prices: exactly what was proposed comes into force. An appraiser of another party than the
    /// proposer's, not under the same control, calls it. While proposals wait, the price in force may be confirmed in
    /// the same way. All other proposals of the item end, and so does the doubt.
    /// *Reverts* with `NothingProposed`, `ProposalDiffers`, `SecondAppraiserNeeded`, and if the proposer is no longer
    /// an appraiser.
    function confirm(Price[] calldata prices) external;
    /// @notice Takes back what the sender's party proposed for an item. A valid account of that party calls it.
    /// *Reverts* with `NothingProposed`.
    function withdraw(bytes32 item, bytes3 currency) external;

    function currencyOf(address token) external view returns (bytes3);
    /// @notice The price as it is, old or not.
    function quote(bytes32 item, bytes3 currency) external view returns (Quote memory);
    /// @notice The proposals that wait for a second appraiser, too old or not.
    function proposals(bytes32 item, bytes3 currency) external view returns (Proposal[] memory);
    /// @notice The price that new risk may rely on. Reverts if there is none: never posted, not listed, too old, of an
    /// appraiser whose party is no longer an appraiser, or in doubt because a proposal waits. A doubt ends when its
    /// proposal is confirmed, taken back by its proposer, or too old, or when two appraisers agree on another price. A
    /// price that a third appraiser posts does not end it.
    /// *Reverts* with `PriceMissing`, `PriceTooOld`, `AppraiserGone`, `PriceInDoubt`.
    function price(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);
    /// @notice The price that counts for risk that exists: the last price in force until its own age, and (0, 0)
    /// afterwards. An appraiser that leaves, a proposal that waits, and an operator that removes the item or changes
    /// its bounds cause no margin call.
    function appraised(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);
    /// An amount of a token's minor units in another currency's, rounded up, raised by the rate's haircut; the amount
    /// itself if the token is of that currency.
    function convert(address token, bytes3 currency, uint256 amount) external view returns (uint256);
}
