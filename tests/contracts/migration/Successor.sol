// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";

/// What a new version needs to take over tokens of the old one. It holds the old token and has its own token for each,
/// under the same number. It collects from the old contract and pays out what came, to the cent. A rehearsal, not for
/// use.
contract Successor is ERC2771Context {
    struct Held {
        address holder;
        address lienholder;
        uint96 value;
    }

    error NotHolder(uint256 tokenId, address holder, address caller);
    error NotCourt(address caller);
    error NotHere(uint256 tokenId, address owner);
    error CreditedAlready(uint256 tokenId, address holder);
    error UnderLien(uint256 tokenId, address lienholder);

    ISplittableToken public immutable old;
    address public immutable court;
    mapping(uint256 tokenId => Held) public held;

    constructor(address forwarder, ISplittableToken old_, address court_) ERC2771Context(forwarder) {
        old = old_;
        court = court_;
    }

    /// With the holder's signature: it has approved this contract for this one token.
    function migrate(uint256 tokenId) external {
        address holder = _ownerInOld(tokenId);
        if (_msgSender() != holder) revert NotHolder(tokenId, holder, _msgSender());
        uint96 value = _valueInOld(tokenId);
        old.assign(tokenId, address(this), value, bytes32(0));
        held[tokenId] = Held(holder, address(0), value);
    }

    /// By two regulators, after an order has moved the token here: the order names whose it was, and whose lien is on it.
    function credit(uint256 tokenId, address holder, address lienholder) external {
        if (msg.sender != court) revert NotCourt(msg.sender);
        address owner = _ownerInOld(tokenId);
        if (owner != address(this)) revert NotHere(tokenId, owner);
        if (held[tokenId].holder != address(0)) revert CreditedAlready(tokenId, held[tokenId].holder);
        held[tokenId] = Held(holder, lienholder, _valueInOld(tokenId));
    }

    /// The holder moves the token of the successor, unless it is under lien.
    function transfer(uint256 tokenId, address to) external {
        Held storage record = held[tokenId];
        if (_msgSender() != record.holder) revert NotHolder(tokenId, record.holder, _msgSender());
        if (record.lienholder != address(0)) revert UnderLien(tokenId, record.lienholder);
        record.holder = to;
    }

    /// A lien for a loan of the new version, by the holder.
    function encumber(uint256 tokenId, address lienholder) external {
        Held storage record = held[tokenId];
        if (_msgSender() != record.holder) revert NotHolder(tokenId, record.holder, _msgSender());
        if (record.lienholder != address(0)) revert UnderLien(tokenId, record.lienholder);
        record.lienholder = lienholder;
    }

    /// By anyone: what was paid on the old claim goes to the lienholder, else to the holder.
    function collect(uint256 tokenId) external returns (uint256 amount) {
        Receivables receivables = Receivables(address(old));
        ReceivableId receivableId = receivables.claim(ClaimId.wrap(tokenId)).receivableId;
        IERC20 currency = IERC20(receivables.receivable(receivableId).currency);
        uint256 before = currency.balanceOf(address(this));
        receivables.collect(ClaimId.wrap(tokenId));
        amount = currency.balanceOf(address(this)) - before;
        Held storage record = held[tokenId];
        currency.transfer(record.lienholder == address(0) ? record.holder : record.lienholder, amount);
    }

    function _ownerInOld(uint256 tokenId) private view returns (address) {
        (bool ok, bytes memory answer) = address(old).staticcall(abi.encodeWithSignature("ownerOf(uint256)", tokenId));
        require(ok, "no such token");
        return abi.decode(answer, (address));
    }

    function _valueInOld(uint256 tokenId) private view returns (uint96) {
        (bool ok, bytes memory answer) = address(old).staticcall(abi.encodeWithSignature("balanceOf(uint256)", tokenId));
        require(ok, "no such token");
        return uint96(abi.decode(answer, (uint256)));
    }
}
