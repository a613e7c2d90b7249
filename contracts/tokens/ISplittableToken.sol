// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What a splittable token adds to ERC-3525: lineage, papers, encumbrance, forced transfer.
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
    error ReceiverRefused(address receiver, uint256 tokenId);
    error ZeroAddress();
    error NoParts();

    event Assigned(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 papersRoot
    );
    event Encumbered(uint256 indexed tokenId, address indexed lienholder);
    event Released(uint256 indexed tokenId, address indexed lienholder);
    event Merged(uint256 indexed fromTokenId, uint256 indexed intoTokenId, uint256 value);
    event ForcedTransfer(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 orderHash
    );

    /// Passes `value` of the token to `to` with the root of the papers behind it; the whole value moves the token itself, less mints a child.
    function assign(uint256 tokenId, address to, uint96 value, bytes32 papersRoot) external returns (uint256 newTokenId);
    function assignMany(uint256 tokenId, Part[] calldata parts) external returns (uint256[] memory newTokenIds);
    function merge(uint256 fromTokenId, uint256 intoTokenId) external;
    /// By the owner, to a lienholder; while encumbered only the lienholder's word moves, splits or merges the token.
    function encumber(uint256 tokenId, address lienholder) external;
    function release(uint256 tokenId) external; // by the lienholder
    function forcedTransfer(uint256 tokenId, address to, uint96 value, bytes32 orderHash)
        external
        returns (uint256 newTokenId); // CourtOrders only

    function parentOf(uint256 tokenId) external view returns (uint256); // 0 for a root; stays after burning
    function depthOf(uint256 tokenId) external view returns (uint8);
    function lienholderOf(uint256 tokenId) external view returns (address);
}
