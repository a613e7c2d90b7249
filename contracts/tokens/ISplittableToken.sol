// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @title What a splittable token adds to ERC-3525: lineage, document roots, liens, forced transfer.
/// @notice A free token moves by its owner, by an operator for all that the owner chose, by the one address approved
/// for it, or within an allowance. Then both parties must be valid. Under a lien only the lienholder moves it. Then
/// only the receiver must be valid, so that nothing that befalls the owner stops a sale. No contract of the ledger ever
/// owns a token. Approvals and allowances end with each change of the owner and of the lien.
interface ISplittableToken {
    struct Part {
        address to;
        uint96 value;
        bytes32 documentRoot;
    }

    error TokenUnknown(uint256 tokenId);
    error NotOwner(uint256 tokenId, address owner, address caller);
    error NotAuthorised(uint256 tokenId, address caller);
    error OwnerMismatch(uint256 tokenId, address owner, address provided);
    error AllowanceExceeded(uint256 tokenId, address operator, uint256 requested, uint256 allowed);
    error SplitExceedsClaim(uint256 tokenId, uint256 requested, uint256 held);
    error ValueIsZero(uint256 tokenId);
    error SlotMismatch(uint256 fromTokenId, uint256 toTokenId);
    error SplitTooDeep(uint256 tokenId, uint256 depth, uint256 max);
    error TokenEncumbered(uint256 tokenId, address lienholder);
    error TokenNotEncumbered(uint256 tokenId);
    error NotLienholder(uint256 tokenId, address lienholder, address caller);
    error LienholderMustAsk(uint256 tokenId, address lienholder);
    error OwnerActs(uint256 tokenId, address owner);
    error NotOfHolder(uint256 tokenId, PartyId holder, uint256 slot);
    error ForcedTransferShort(PartyId holder, uint256 slot, uint256 requested, uint256 reached);
    error EtherRefused(uint256 amount);
    error ReceiverRefused(address receiver, uint256 tokenId);
    error ZeroAddress();
    error NoParts();

    event Assigned(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 documentRoot
    );
    event Encumbered(uint256 indexed tokenId, address indexed lienholder);
    event Released(uint256 indexed tokenId, address indexed lienholder);
    event Merged(uint256 indexed fromTokenId, uint256 indexed intoTokenId, uint256 value);
    event Reclaimed(uint256 indexed tokenId, address indexed removed, address indexed owner);
    event ForcedTransfer(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 orderHash
    );

    /// @notice Transfers `value` of the token to `to` with the root of the documents behind it. The whole value moves
    /// the token itself; less mints a child.
    /// @return newTokenId the token that `to` holds now
    /// *Reverts* with SplitExceedsClaim, ValueIsZero, SplitTooDeep, TokenEncumbered (the caller is not the lienholder),
    /// AllowanceExceeded, ReceiverRefused, and the registry's PartyNotValid and ReceiverIsLedger.
    function assign(uint256 tokenId, address to, uint96 value, bytes32 documentRoot)
        external
        returns (uint256 newTokenId);

    /// @notice Like `assign`, to many receivers in one call.
    function assignMany(uint256 tokenId, Part[] calldata parts) external returns (uint256[] memory newTokenIds);

    /// @notice Adds all of one token to another of the same owner and slot, and burns the first.
    function merge(uint256 fromTokenId, uint256 intoTokenId) external;

    /// @notice Puts a lien on the token. The owner or its operator calls it. While the lien stands, only the lienholder
    /// moves, splits or merges the token.
    /// *Reverts* with TokenEncumbered, LienholderMustAsk (a contract of the ledger takes a lien only itself, as the
    /// owner's operator, so that each of its liens serves a loan), and the registry's OwnLien (the owner, its party or
    /// a party under the same control), PartyNotValid, NewRiskStopped.
    function encumber(uint256 tokenId, address lienholder) external;

    /// @notice Ends the lien. The lienholder calls it, or another valid account of its party.
    /// @dev A lien ends by itself when the token moves to its lienholder, or to a party under the same control.
    function release(uint256 tokenId) external;

    /// @notice Takes over the token of an account that was removed from the caller's party. A lien stays on it.
    /// *Reverts* with NotAuthorised (another party), OwnerActs (the owner is valid), PartyNotValid (the caller is not).
    function reclaim(uint256 tokenId) external;

    /// @notice Transfers `value` of one token by order of a court (CourtOrders only). A lien stays, on a part too. The
    /// depth of splitting has no bound.
    function forcedTransfer(uint256 tokenId, address to, uint96 value, bytes32 orderHash)
        external
        returns (uint256 newTokenId);

    /// @notice Transfers `value` in total out of these tokens of one slot, by order of a court (CourtOrders only). Any
    /// accounts of the party may hold them. They are used one after the other; the last one in part. Liens stay.
    /// *Reverts* with NotOfHolder for a token of another party or slot, or of `to` already; ForcedTransferShort if the
    /// tokens have less than `value` together.
    function forcedTransferFrom(
        PartyId holder,
        uint256 slot,
        address to,
        uint96 value,
        bytes32 orderHash,
        uint256[] calldata tokenIds
    ) external;

    /// @notice The token that this one was split off; 0 for a root. It stays after burning.
    function parentOf(uint256 tokenId) external view returns (uint256);
    function depthOf(uint256 tokenId) external view returns (uint8);
    function lienholderOf(uint256 tokenId) external view returns (address);

    /// @notice How often the token as a whole moved to another party. An undertaking for exactly this token holds while
    /// the number stays the same. Splitting off parts does not change it; a part begins at 0.
    /// @dev Warning: the number stops at 32,767. Nothing can be bound to it then.
    function movesOf(uint256 tokenId) external view returns (uint16);

    /// @notice How much value of other tokens came into the token, ever, whoever sent it. An undertaking given before
    /// does not extend to that value.
    function mergedOf(uint256 tokenId) external view returns (uint96);

    /// @notice Whether the account's party is valid, as ERC-7943 asks.
    function canSend(address account) external view returns (bool);
    /// @notice Whether the account may become the owner of a token, as ERC-7943 asks.
    function canReceive(address account) external view returns (bool);
    /// @notice Whether the owner `from` may transfer the token to `to` now, as ERC-7943 asks of tokens like those of
    /// ERC-721.
    function canTransfer(address from, address to, uint256 tokenId) external view returns (bool);
}
