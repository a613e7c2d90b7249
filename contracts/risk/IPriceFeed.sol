// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Prices of goods and of currencies, as appraisers post them.
/// @notice A price is in millionths of a currency's minor unit for the item's smallest part: a thousandth of a unit of goods, or
/// a minor unit of another currency. An item is the hash that names the goods, or the other currency's code, left-aligned.
/// Currencies are ISO 4217 codes, so that a price outlives the token that money is held in.
interface IPriceFeed {
    struct Price {
        bytes32 item;
        bytes3 currency;
        uint64 value;
        uint24 haircut; // parts per million; of goods, what their value is lessened by; of a currency, what a debt is raised by
        uint40 asOf; // UTC seconds: when it was seen
        uint40 validUntil; // UTC seconds, exclusive
        bytes32 evidence; // hash of what it was worked out from
    }

    /// What is in force for an item in a currency.
    struct Quote {
        uint64 value; // 0: none yet
        uint24 haircut;
        uint40 asOf;
        uint40 validUntil;
        uint24 mostJump; // parts per million of `base`
        uint32 mostAge; // seconds; 0: the item is not listed
        address appraiser;
        uint64 base; // the price in force when the day (UTC) began, or the last that two appraisers agreed on since
        uint32 baseDay;
        address proposer; // of a price that waits for a second appraiser
        uint40 proposedAsOf;
    }

    event CurrencySet(address indexed token, bytes3 indexed currency);
    event ItemListed(bytes32 indexed item, bytes3 indexed currency, uint24 mostJump, uint32 mostAge);
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
    /// A jump: it counts once an appraiser of another party confirms it.
    event PriceProposed(bytes32 indexed item, bytes3 indexed currency, address indexed appraiser, Price price);

    error CurrencyUnknown(address token);
    error ItemUnknown(bytes32 item, bytes3 currency);
    error PriceOutOfRange(bytes32 item, uint256 value, uint256 haircut);
    error PriceNotInTime(bytes32 item, uint40 asOf, uint40 validUntil, uint256 now_);
    error PriceNotNewer(bytes32 item, uint40 asOf, uint40 lastAsOf);
    error NothingProposed(bytes32 item, bytes3 currency);
    error ProposalDiffers(bytes32 item, bytes32 proposed, bytes32 given);
    error SecondAppraiserNeeded(bytes32 item, address proposer);
    error PriceMissing(bytes32 item, bytes3 currency);
    error PriceTooOld(bytes32 item, bytes3 currency, uint256 goodUntil, uint256 now_);
    error PriceInDoubt(bytes32 item, bytes3 currency, address proposer);
    error AppraiserGone(bytes32 item, bytes3 currency, address appraiser);

    /// Which currency a settlement token is of. Role: operator.
    function setCurrency(address token, bytes3 currency) external;
    /// Items that may be priced in a currency, and their guards; `mostAge` 0 takes them off. Role: operator.
    function list(bytes32[] calldata items, bytes3 currency, uint24 mostJump, uint32 mostAge) external;
    /// By an appraiser, many at once. The first price of an item, one further from the day's base than `mostJump` allows, and one
    /// with another haircut than the last, is only proposed: no single appraiser walks a price away in small steps.
    function post(Price[] calldata prices) external;
    /// By an appraiser of another party than the proposer's: exactly what was proposed comes into force.
    function confirm(Price[] calldata prices) external;

    function currencyOf(address token) external view returns (bytes3);
    /// As it stands, old or not.
    function quote(bytes32 item, bytes3 currency) external view returns (Quote memory);
    /// What may be relied on for new risk. Reverts while there is none: never posted, too old, of an appraiser who is no longer
    /// one, or in doubt because a jump waits for its second appraiser.
    function price(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);
    /// What counts for risk that is there already: as `price`, but (0, 0) where there is none, and a jump that waits does not put the
    /// last price in doubt: no single appraiser calls a margin.
    function appraised(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);
    /// An amount of a token's minor units in another currency's, rounded up, raised by the rate's haircut; the amount itself
    /// where the token is of that currency.
    function convert(address token, bytes3 currency, uint256 amount) external view returns (uint256);
}
