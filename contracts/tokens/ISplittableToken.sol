// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @title What a splittable token adds to ERC-3525: lineage, papers, encumbrance, forced transfer.
/// @notice A token moves at the word of its owner, of an operator for all that the owner chose, of the one address approved for it, or
/// within an allowance: then both parties must be valid, and the token free. Under a lien it moves at the lienholder's word alone: then
/// only the receiver must be valid, so that nothing that befalls the owner stops a sale. No contract of the ledger ever owns a token.
/// Approvals and allowances end with each change of the owner and of the lien.
interface ISplittableToken {
    struct Part {
        address to;
        uint96 value;
        bytes32 papersRoot;
    }

    error TokenUnknown(uint256 tokenId);
    error NotOwner(uint256 tokenId, address owner, address caller);
    error NotAuthorised(uint256 tokenId, address caller);
    error OwnerMismatch(uint256 tokenId, address owner, address given);
    error AllowanceExceeded(uint256 tokenId, address operator, uint256 asked, uint256 allowed);
    error SplitExceedsClaim(uint256 tokenId, uint256 asked, uint256 held);
    error ValueIsZero(uint256 tokenId);
    error SlotMismatch(uint256 fromTokenId, uint256 toTokenId);
    error SplitTooDeep(uint256 tokenId, uint256 depth, uint256 most);
    error TokenEncumbered(uint256 tokenId, address lienholder);
    error TokenNotEncumbered(uint256 tokenId);
    error NotLienholder(uint256 tokenId, address lienholder, address caller);
    error LienholderMustAsk(uint256 tokenId, address lienholder);
    error OwnerActs(uint256 tokenId, address owner);
    error NotOfHolder(uint256 tokenId, PartyId holder, uint256 slot);
    error ForcedTransferShort(PartyId holder, uint256 slot, uint256 asked, uint256 reached);
    error EtherRefused(uint256 amount);
    error ReceiverRefused(address receiver, uint256 tokenId);
    error ZeroAddress();
    error NoParts();

    event Assigned(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 papersRoot
    );
    event Encumbered(uint256 indexed tokenId, address indexed lienholder);
    event Released(uint256 indexed tokenId, address indexed lienholder);
    event Merged(uint256 indexed fromTokenId, uint256 indexed intoTokenId, uint256 value);
    event Reclaimed(uint256 indexed tokenId, address indexed removed, address indexed owner);
    event ForcedTransfer(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 orderHash
    );

    /// @notice Passes `value` of the token to `to` with the root of the papers behind it. The whole value moves the token itself; less
    /// mints a child.
    /// @return newTokenId the token that `to` has now
    /// *Reverts* with SplitExceedsClaim, ValueIsZero, SplitTooDeep, TokenEncumbered (not at the lienholder's word), AllowanceExceeded,
    /// ReceiverRefused, and the registry's PartyNotValid and ReceiverIsLedger.
    function assign(uint256 tokenId, address to, uint96 value, bytes32 papersRoot) external returns (uint256 newTokenId);

    /// @notice The same to many, in one call.
    function assignMany(uint256 tokenId, Part[] calldata parts) external returns (uint256[] memory newTokenIds);

    /// @notice Adds all of one token to another of the same owner and slot, and burns the first.
    function merge(uint256 fromTokenId, uint256 intoTokenId) external;

    /// @notice Puts a lien on the token, at the owner's word; while it stands only the lienholder's word moves, splits or merges the
    /// token.
    /// *Reverts* with TokenEncumbered, LienholderMustAsk (a contract of the ledger takes a lien only itself, as the owner's operator,
    /// so that each of its liens stands for a loan), and the registry's OwnLien (the owner, its party or a party under the same
    /// control), PartyNotValid, NewRiskStopped.
    function encumber(uint256 tokenId, address lienholder) external;

    /// @notice Ends the lien. By the lienholder, or by another valid account of its party.
    /// @dev A lien ends by itself when the token passes to its lienholder, or to a party under the same control.
    function release(uint256 tokenId) external;

    /// @notice Takes over the token of an account that was removed from the caller's party. A lien stays.
    /// *Reverts* with NotAuthorised (another party), OwnerActs (the owner is valid), PartyNotValid (the caller is not).
    function reclaim(uint256 tokenId) external;

    /// @notice By order of a court (CourtOrders only): passes `value` of one token. A lien stays, on a part too; the depth of splitting is
    /// not bounded.
    function forcedTransfer(uint256 tokenId, address to, uint96 value, bytes32 orderHash)
        external
        returns (uint256 newTokenId);

    /// @notice By order of a court (CourtOrders only): passes `value` in all out of these tokens of one slot, whichever of the party's
    /// accounts has them, one after the other; the last one in part. Liens stay.
    /// *Reverts* with NotOfHolder for a token of another party or slot, or of `to` already; ForcedTransferShort when the tokens
    /// have less than `value` together.
    function forcedTransferFrom(
        PartyId holder,
        uint256 slot,
        address to,
        uint96 value,
        bytes32 orderHash,
        uint256[] calldata tokenIds
    ) external;

    /// @notice The token that this one was split off; 0 for a root. Stays after burning.
    function parentOf(uint256 tokenId) external view returns (uint256);
    function depthOf(uint256 tokenId) external view returns (uint8);
    function lienholderOf(uint256 tokenId) external view returns (address);

    /// @notice How often the token as a whole passed to another party. What somebody undertook for exactly this token holds while the
    /// number stays the same. Splitting off parts leaves it; a part begins at 0.
    /// @dev Warning: it stays at 32,767 once it is there: what is bound to that number is bound to nothing.
    function movesOf(uint256 tokenId) external view returns (uint16);

    /// @notice How much value of other tokens came into the token, ever, whoever sent it: what was undertaken for the token before is not
    /// undertaken for that.
    function mergedOf(uint256 tokenId) external view returns (uint96);

    /// @notice Whether the account's party is valid, as ERC-7943 asks.
    function canSend(address account) external view returns (bool);
    /// @notice Whether the account may become the owner of a token, as ERC-7943 asks.
    function canReceive(address account) external view returns (bool);
    /// @notice Whether the owner `from` may pass the token to `to` now, as ERC-7943 asks of tokens like those of ERC-721.
    function canTransfer(address from, address to, uint256 tokenId) external view returns (bool);
}
