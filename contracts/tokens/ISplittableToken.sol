// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @title What a splittable token adds to ERC-3525: lineage, document roots, liens, forced transfer.
/// @notice A free token moves by its owner, by an operator for all that the owner chose, by the one address approved
/// for it, or within an allowance. Then both parties must be valid. Under a lien only the lienholder moves it. Then
/// only the receiver must be valid, so that nothing that befalls the owner stops a sale. No contract of the ledger ever
/// owns a token. Approvals and allowances end with each change of the owner and of the lien.
/// @dev Source: decision 19; ERC-3525, ERC-721, ERC-7943.
interface ISplittableToken {
    /// @notice A part of a token for one receiver.
    /// @param to The account that receives.
    /// @param value Minor units of the token's value.
    /// @param documentRoot Merkle root of the documents behind it.
    struct Part {
        address to;
        uint96 value;
        bytes32 documentRoot;
    }

    /// @notice There is no such token, or it was burned.
    /// @param tokenId The token.
    error TokenUnknown(uint256 tokenId);

    /// @notice The caller has no right to the whole token.
    /// @param tokenId The token.
    /// @param caller The sender of the call.
    error NotAuthorised(uint256 tokenId, address caller);

    /// @notice The owner is another account.
    /// @param tokenId The token.
    /// @param owner The owner of the token.
    /// @param provided The account that was given, or the owner of the other token.
    error OwnerMismatch(uint256 tokenId, address owner, address provided);

    /// @notice The caller has no right to the token, or may move less than this.
    /// @param tokenId The token.
    /// @param operator The caller.
    /// @param requested Minor units that were asked for.
    /// @param allowed Minor units that it may move.
    error AllowanceExceeded(uint256 tokenId, address operator, uint256 requested, uint256 allowed);

    /// @notice The token has less value than was asked for.
    /// @param tokenId The token.
    /// @param requested Minor units that were asked for.
    /// @param held Minor units that the token has.
    error SplitExceedsClaim(uint256 tokenId, uint256 requested, uint256 held);

    /// @notice A part has at least one minor unit.
    /// @param tokenId The token.
    error ValueIsZero(uint256 tokenId);

    /// @notice The tokens are of two slots, or one token was given twice.
    /// @param fromTokenId The token that the value comes from.
    /// @param toTokenId The token that holds the value now.
    error SlotMismatch(uint256 fromTokenId, uint256 toTokenId);

    /// @notice The part would be a generation too deep.
    /// @param tokenId The token.
    /// @param depth The generation of the part.
    /// @param max The last generation that its slot allows.
    error SplitTooDeep(uint256 tokenId, uint256 depth, uint256 max);

    /// @notice The token is under a lien, and the caller is not its lienholder.
    /// @param tokenId The token.
    /// @param lienholder Whose lien it is.
    error TokenEncumbered(uint256 tokenId, address lienholder);

    /// @notice The token is under no lien.
    /// @param tokenId The token.
    error TokenNotEncumbered(uint256 tokenId);

    /// @notice The caller is not the lienholder of the token, nor of its party.
    /// @param tokenId The token.
    /// @param lienholder Whose lien it is.
    /// @param caller The sender of the call.
    error NotLienholder(uint256 tokenId, address lienholder, address caller);

    /// @notice A contract of the ledger, and any contract that is called about its liens, takes a lien only by its own
    /// call.
    /// @param tokenId The token.
    /// @param lienholder Whose lien it is.
    error LienholderMustAsk(uint256 tokenId, address lienholder);

    /// @notice The owner's account is valid and acts itself.
    /// @param tokenId The token.
    /// @param owner The owner of the token.
    error OwnerActs(uint256 tokenId, address owner);

    /// @notice The token is of another party or slot, or belongs to the receiver already.
    /// @param tokenId The token.
    /// @param holder The party whose tokens are taken.
    /// @param slot The slot.
    error NotOfHolder(uint256 tokenId, PartyId holder, uint256 slot);

    /// @notice The tokens have less value together than the order moves.
    /// @param holder The party whose tokens are taken.
    /// @param slot The slot.
    /// @param requested Minor units that were asked for.
    /// @param reached Minor units that the tokens have together.
    error ForcedTransferShort(PartyId holder, uint256 slot, uint256 requested, uint256 reached);

    /// @notice No function takes ether.
    /// @param amount Wei that came with the call.
    error EtherRefused(uint256 amount);

    /// @notice The receiving contract did not answer that it keeps the token.
    /// @param receiver The contract that was to receive.
    /// @param tokenId The token.
    error ReceiverRefused(address receiver, uint256 tokenId);

    /// @notice The zero address owns nothing.
    error ZeroAddress();

    /// @notice No part was given.
    error NoParts();

    /// @notice Value moved to an owner by the word of someone who may move it.
    /// @param fromTokenId The token that the value came from.
    /// @param toTokenId The token that holds the value now.
    /// @param to The account that receives.
    /// @param value Minor units of the token's value.
    /// @param documentRoot Merkle root of the documents behind the transfer; 0 where it has none.
    event Assigned(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 documentRoot
    );

    /// @notice The token is under a lien now.
    /// @param tokenId The token.
    /// @param lienholder Whose lien it is.
    event Encumbered(uint256 indexed tokenId, address indexed lienholder);

    /// @notice The lien on the token ended.
    /// @param tokenId The token.
    /// @param lienholder Whose lien it was.
    event Released(uint256 indexed tokenId, address indexed lienholder);

    /// @notice A token was added to another one, and burned.
    /// @param fromTokenId The token that was burned.
    /// @param intoTokenId The token that has its value now.
    /// @param value Minor units of the token's value.
    event Merged(uint256 indexed fromTokenId, uint256 indexed intoTokenId, uint256 value);

    /// @notice A party took over the token of its removed account.
    /// @param tokenId The token.
    /// @param removed The account that was removed.
    /// @param owner The new owner.
    event Reclaimed(uint256 indexed tokenId, address indexed removed, address indexed owner);

    /// @notice Value moved by order of a court.
    /// @param fromTokenId The token that the value came from.
    /// @param toTokenId The token that holds the value now.
    /// @param to The account that receives.
    /// @param value Minor units of the token's value.
    /// @param orderHash Hash of the court's order.
    event ForcedTransfer(
        uint256 indexed fromTokenId, uint256 indexed toTokenId, address indexed to, uint256 value, bytes32 orderHash
    );

    /// @notice Transfers a value of the token with the root of the documents behind it. The whole value moves the token
    /// itself; less mints a part.
    /// @dev The owner calls it, its operator for all, the one approved address, an address with an allowance, or the
    /// lienholder. Both sides are valid; under a lien only the receiver must be.
    /// Reverts with {TokenUnknown} if there is no such token.
    /// Reverts with {SplitExceedsClaim} if the token has less value.
    /// Reverts with {AllowanceExceeded} if the caller has no right to this value.
    /// Reverts with {ValueIsZero} if `value` is 0.
    /// Reverts with {SplitTooDeep} if the part would be a generation too deep.
    /// Reverts with {TokenEncumbered} if there is a lien and the caller is not the lienholder.
    /// Reverts with {PartyNotValid} if a side that must be valid is not.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// Reverts with {NotNegotiable} if it is a warehouse receipt that only the warehouse's acknowledgement lets move.
    /// Reverts with {ReceiverRefused} if the receiver asks for ERC-3525 calls and does not answer that it keeps the
    /// value.
    /// @param tokenId The token.
    /// @param to The account that receives.
    /// @param value Minor units of the token's value.
    /// @param documentRoot Merkle root of the documents behind the transfer.
    /// @return newTokenId The token that `to` holds now.
    function assign(uint256 tokenId, address to, uint96 value, bytes32 documentRoot)
        external
        returns (uint256 newTokenId);

    /// @notice Transfers many parts of a token in one call. Each part is transferred as by {assign}.
    /// @dev Who may call, and the errors, are as for {assign}; `SplitExceedsClaim` counts the sum of the parts.
    /// Reverts with {NoParts} if no part was given.
    /// @param tokenId The token.
    /// @param parts The parts, in the order in which they move.
    /// @return newTokenIds The tokens that the receivers hold now, one a part.
    function assignMany(uint256 tokenId, Part[] calldata parts) external returns (uint256[] memory newTokenIds);

    /// @notice Adds all of one token to another one of the same owner and slot, and burns the first.
    /// @dev Whoever may move the whole first token calls it. The owner is valid.
    /// Reverts with {SlotMismatch} if the slots differ, or both tokens are one.
    /// Reverts with {TokenUnknown} if one of them does not exist.
    /// Reverts with {NotAuthorised} if the caller has no right to the whole first token.
    /// Reverts with {OwnerMismatch} if the tokens have two owners.
    /// Reverts with {TokenEncumbered} if one is under a lien and the caller is not its lienholder.
    /// Reverts with {PartyNotValid} if the owner is not valid.
    /// @param fromTokenId The token that is burned.
    /// @param intoTokenId The token that has both values then.
    function merge(uint256 fromTokenId, uint256 intoTokenId) external;

    /// @notice Puts a lien on the token. While it stands, only the lienholder moves, splits or merges the token.
    /// @dev The owner calls it, its operator for all, or the one approved address. Both sides are valid.
    /// Reverts with {TokenUnknown} if there is no such token.
    /// Reverts with {NotAuthorised} if the caller has no right to the whole token.
    /// Reverts with {TokenEncumbered} if there is a lien.
    /// Reverts with {LienholderMustAsk} if the lienholder is not the caller, and is a contract of the ledger or one
    /// that is called about its liens. So each of their liens serves a loan.
    /// Reverts with {PartyNotValid} if owner or lienholder is not valid.
    /// Reverts with {NewRiskStopped} while new risk is stopped, unless the lienholder is a contract of the ledger.
    /// Reverts with {OwnLien} if the two are one party, or under one control.
    /// Reverts with {StateForbids} if it is a claim and its debt is not confirmed.
    /// Reverts with {LotExpired} if it is a warehouse receipt and the last good day of its lot is over.
    /// Reverts with {LotNotSound} if the goods of the lot are not sound.
    /// Reverts with {NewLiensAreStopped} if the operator stopped new liens at the warehouse.
    /// Reverts with {StockDiffers} if a lot of the warehouse is short.
    /// Reverts with {RoleMissing} if the warehouse lost its role.
    /// @param tokenId The token.
    /// @param lienholder Whose lien it is.
    function encumber(uint256 tokenId, address lienholder) external;

    /// @notice Ends the lien. It also ends by itself when the token moves to its lienholder, or to a party under the
    /// same control.
    /// @dev The lienholder calls it, or another valid account of its party.
    /// Reverts with {TokenNotEncumbered} if there is no lien.
    /// Reverts with {NotLienholder} if the caller is not the lienholder.
    /// @param tokenId The token.
    function release(uint256 tokenId) external;

    /// @notice Takes over the token of an account that was removed from the caller's party. A lien stays on it.
    /// @dev A valid account of the same party calls it.
    /// Reverts with {TokenUnknown} if there is no such token.
    /// Reverts with {NotAuthorised} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {ReceiverIsLedger} if the caller is a contract of the ledger.
    /// Reverts with {OwnerActs} if the owner is valid.
    /// @param tokenId The token.
    function reclaim(uint256 tokenId) external;

    /// @notice Transfers a value of one token by order of a court. A lien stays, on a part too. The depth of splitting
    /// has no bound.
    /// @dev Only the court of the registry calls it.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {TokenUnknown} if there is no such token.
    /// Reverts with {ValueIsZero} if `value` is 0.
    /// Reverts with {SplitExceedsClaim} if the token has less value.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// @param tokenId The token.
    /// @param to The account that receives.
    /// @param value Minor units of the token's value.
    /// @param orderHash Hash of the court's order.
    /// @return newTokenId The token that `to` holds now: the token itself if the whole value moved, else a new part.
    function forcedTransfer(uint256 tokenId, address to, uint96 value, bytes32 orderHash)
        external
        returns (uint256 newTokenId);

    /// @notice Transfers a value in total out of tokens of one slot, by order of a court. Any accounts of the party may
    /// hold them. They are used one after the other, the last one in part. Liens stay.
    /// @dev Only the court of the registry calls it.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {NotOfHolder} for a token of another party or slot, or of `to` already.
    /// Reverts with {ForcedTransferShort} if the tokens have less than `value` together.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// @param holder The party whose tokens are taken.
    /// @param slot The slot.
    /// @param to The account that receives.
    /// @param value Minor units to move.
    /// @param orderHash Hash of the court's order.
    /// @param tokenIds The tokens, in the order in which they are used.
    function forcedTransferFrom(
        PartyId holder,
        uint256 slot,
        address to,
        uint96 value,
        bytes32 orderHash,
        uint256[] calldata tokenIds
    ) external;

    /// @notice The token that this one was split off. It stays after burning.
    /// @param tokenId The token.
    /// @return The parent; 0 for a root.
    function parentOf(uint256 tokenId) external view returns (uint256);

    /// @notice The generation of the token.
    /// @param tokenId The token.
    /// @return Splits between the token and its root; 0 for a root.
    function depthOf(uint256 tokenId) external view returns (uint8);

    /// @notice The lienholder of the token.
    /// @param tokenId The token.
    /// @return The account that has the lien; zero if there is none.
    function lienholderOf(uint256 tokenId) external view returns (address);

    /// @notice How often the token as a whole moved to another party. An undertaking for exactly this token holds while
    /// the number stays the same. Splitting off parts does not change it; a part begins at 0.
    /// @dev Warning: the number stops at 32,767. Nothing can be bound to it then.
    /// @param tokenId The token.
    /// @return The number of movements.
    function movesOf(uint256 tokenId) external view returns (uint16);

    /// @notice How much value of other tokens came into the token, ever, whoever sent it. An undertaking given before
    /// does not extend to that value.
    /// @param tokenId The token.
    /// @return Minor units that came in.
    function mergedOf(uint256 tokenId) external view returns (uint96);

    /// @notice Whether the account's party is valid (ERC-7943).
    /// @param account The account.
    /// @return True if it is.
    function canSend(address account) external view returns (bool);

    /// @notice Whether the account may become the owner of a token (ERC-7943).
    /// @param account The account.
    /// @return True if it may.
    function canReceive(address account) external view returns (bool);

    /// @notice Whether the owner may transfer the token now (ERC-7943, for tokens like those of ERC-721).
    /// @param from The owner.
    /// @param to The account that receives.
    /// @param tokenId The token.
    /// @return True if the owner, its token and the receiver allow it. A token under a lien does not.
    function canTransfer(address from, address to, uint256 tokenId) external view returns (bool);
}
