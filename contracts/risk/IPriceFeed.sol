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

    /// What is in force for an item in a currency, and the guards of what is posted next.
    struct Quote {
        uint64 value; // 0: none yet
        uint24 haircut;
        uint40 asOf;
        uint40 validUntil;
        uint40 goodUntil; // UTC seconds, exclusive: by its validity, and by the age that was allowed when it came into force
        uint24 mostJump; // parts per million of `base`
        address appraiser;
        uint32 mostAge; // seconds; 0: the item was never listed
        bool listed; // new risk may rely on its price
        uint64 base; // a price that was in force 24 hours ago, or that two appraisers agreed on since
        uint64 nextBase; // takes the base's place when it is 24 hours old
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
    event ItemListed(bytes32 indexed item, bytes3 indexed currency, uint24 mostJump, uint32 mostAge);
    event CurrencyProposed(address indexed token, bytes3 indexed currency, address indexed operator);
    event ListingProposed(
        bytes32 indexed item, bytes3 indexed currency, uint24 mostJump, uint32 mostAge, address indexed operator
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
    /// A jump: it counts once an appraiser of another party confirms it.
    event PriceProposed(bytes32 indexed item, bytes3 indexed currency, address indexed appraiser, Price price);

    /// The proposer took it back.
    event ProposalWithdrawn(
        bytes32 indexed item, bytes3 indexed currency, address indexed appraiser, bytes32 priceHash
    );

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

    /// @notice Which currency a settlement token is of. Role: operator. One operator sets it the first time. A change waits for a second
    /// operator, who calls with the same values; a call with others takes the proposal's place.
    /// *Reverts* with `ManagerIsNoPerson`.
    function setCurrency(address token, bytes3 currency) external;
    /// @notice Items that may be priced in a currency, and their guards. Role: operator. One operator lists an item the first time. Any
    /// change of its guards, and listing it again, waits for a second operator who calls with the same values.
    /// @param mostAge Seconds. 0 takes items off at once, by one operator: no new risk relies on their prices. Appraisers go on pricing
    /// them for the risk that is there.
    /// @dev Two operators are persons of different parties that are not under one control.
    /// *Reverts* with `ItemUnknown`, `ManagerIsNoPerson`.
    function list(bytes32[] calldata items, bytes3 currency, uint24 mostJump, uint32 mostAge) external;
    /// @notice By an appraiser, many at once. The first price of an item, one further from the base than `mostJump` allows, and one with
    /// another haircut than the last, is only proposed. The base was in force 24 hours ago: no single appraiser walks a price away in
    /// small steps.
    /// @dev A price or a proposal ends an earlier proposal of the same party, or of a party under the same control, and of no other.
    function post(Price[] calldata prices) external;
    /// @notice By an appraiser of another party than the proposer's, not under the same control: exactly what was proposed comes into
    /// force. While proposals wait, the price in force may be confirmed likewise. All other proposals of the item are over, and so is the
    /// doubt.
    /// *Reverts* with `NothingProposed`, `ProposalDiffers`, `SecondAppraiserNeeded`, and where the proposer is no appraiser any more.
    function confirm(Price[] calldata prices) external;
    /// @notice Takes back what the sender's party proposed for an item. By a valid account of that party.
    /// *Reverts* with `NothingProposed`.
    function withdraw(bytes32 item, bytes3 currency) external;

    function currencyOf(address token) external view returns (bytes3);
    /// @notice As it stands, old or not.
    function quote(bytes32 item, bytes3 currency) external view returns (Quote memory);
    /// @notice What waits for a second appraiser, whether it is too old or not.
    function proposals(bytes32 item, bytes3 currency) external view returns (Proposal[] memory);
    /// @notice What may be relied on for new risk. Reverts while there is none: never posted, not listed, too old, of an appraiser whose
    /// party is none any more, or in doubt because a proposal waits. A doubt ends when its proposal is confirmed, taken back by its
    /// proposer, too old, or when two appraisers agree on another price; not by what a third one posts.
    /// *Reverts* with `PriceMissing`, `PriceTooOld`, `AppraiserGone`, `PriceInDoubt`.
    function price(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);
    /// @notice What counts for risk that is there already: the last price in force until its own age, and (0, 0) afterwards. Neither an
    /// appraiser that leaves, nor a proposal that waits, nor an operator that takes the item off or changes its guards calls a margin.
    function appraised(bytes32 item, bytes3 currency) external view returns (uint64 value, uint24 haircut);
    /// An amount of a token's minor units in another currency's, rounded up, raised by the rate's haircut; the amount itself
    /// where the token is of that currency.
    function convert(address token, bytes3 currency, uint256 amount) external view returns (uint256);
}
