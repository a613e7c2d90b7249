// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @title ERC-3525 semi-fungible token, interface id 0xd5358140.
/// @notice A token has a slot and a value. Value moves between tokens of one slot (ERC-3525).
interface IERC3525 is IERC721 {
    /// @notice Value moved between two tokens, or was minted or burned.
    /// @param _fromTokenId The token that the value comes from; 0: newly minted.
    /// @param _toTokenId The token that the value goes to; 0: burned.
    /// @param _value Units of value.
    event TransferValue(uint256 indexed _fromTokenId, uint256 indexed _toTokenId, uint256 _value);

    /// @notice An operator may move up to a value of a token.
    /// @param _tokenId The token.
    /// @param _operator The account that may move value.
    /// @param _value Units of value.
    event ApprovalValue(uint256 indexed _tokenId, address indexed _operator, uint256 _value);

    /// @notice A token was minted into a slot, or burned.
    /// @param _tokenId The token.
    /// @param _oldSlot The slot before; 0: newly minted.
    /// @param _newSlot The slot after; 0: burned.
    event SlotChanged(uint256 indexed _tokenId, uint256 indexed _oldSlot, uint256 indexed _newSlot);

    /// @notice Digits behind the point in a value.
    /// @return The number of digits.
    function valueDecimals() external view returns (uint8);

    /// @notice The value of a token.
    /// @param _tokenId The token.
    /// @return Units of value.
    function balanceOf(uint256 _tokenId) external view returns (uint256);

    /// @notice The slot of a token.
    /// @param _tokenId The token.
    /// @return The slot.
    function slotOf(uint256 _tokenId) external view returns (uint256);

    /// @notice Lets an operator move up to a value of a token.
    /// @param _tokenId The token.
    /// @param _operator The account that may move value.
    /// @param _value Units of value.
    function approve(uint256 _tokenId, address _operator, uint256 _value) external payable;

    /// @notice The value of a token that an operator may still move.
    /// @param _tokenId The token.
    /// @param _operator The account that may move value.
    /// @return Units of value.
    function allowance(uint256 _tokenId, address _operator) external view returns (uint256);

    /// @notice Moves value between two tokens of one slot.
    /// @param _fromTokenId The token that the value comes from.
    /// @param _toTokenId The token that the value goes to.
    /// @param _value Units of value.
    function transferFrom(uint256 _fromTokenId, uint256 _toTokenId, uint256 _value) external payable;

    /// @notice Moves value to a new token of an account.
    /// @param _fromTokenId The token that the value comes from.
    /// @param _to The account that receives.
    /// @param _value Units of value.
    /// @return The token that holds the value now.
    function transferFrom(uint256 _fromTokenId, address _to, uint256 _value) external payable returns (uint256);
}

/// @title What a contract implements to be called when it receives value, interface id 0x009ce20b.
/// @notice A contract that says by ERC-165 that it supports this interface is called after it received value.
interface IERC3525Receiver {
    /// @notice Tells the contract that value moved to a token of its own.
    /// @param _operator The account that moved the value.
    /// @param _fromTokenId The token that the value came from.
    /// @param _toTokenId The token that the value went to.
    /// @param _value Units of value.
    /// @param _data Data without a meaning of its own.
    /// @return The selector of this function if the contract keeps the value.
    function onERC3525Received(
        address _operator,
        uint256 _fromTokenId,
        uint256 _toTokenId,
        uint256 _value,
        bytes calldata _data
    ) external returns (bytes4);
}

/// @title Metadata of ERC-3525, interface id 0xe1600902.
/// @notice What wallets show of the contract and of a slot.
interface IERC3525Metadata {
    /// @notice A page of JSON about the contract.
    /// @return URI of the page.
    function contractURI() external view returns (string memory);

    /// @notice A page of JSON about a slot.
    /// @param _slot The slot.
    /// @return URI of the page.
    function slotURI(uint256 _slot) external view returns (string memory);
}
