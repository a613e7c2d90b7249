// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ERC3525Mintable} from "@solvprotocol/erc-3525/ERC3525Mintable.sol";
import {Test} from "../support/Test.sol";

contract PlainERC20 is ERC20 {
    constructor() ERC20("Plain", "PLAIN") {
        _mint(msg.sender, 1e18);
    }
}

contract PlainERC1155 is ERC1155 {
    constructor() ERC1155("") {
        _mint(msg.sender, 1, 1e18, "");
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC1155Received.selector;
    }
}

/// What other tokens charge for the nearest operation, measured in the same run with the same compiler.
contract PeersGas is Test {
    string private constant GROUP = "peers";
    address private constant HOLDER = address(0xA1);
    address private constant NEW_HOLDER = address(0xA2);

    function test_solv_mint_and_part_transfer() public {
        ERC3525Mintable token = new ERC3525Mintable("Solv", "SOLV", 2);
        token.mint(HOLDER, 11, 7, 1_000_000);
        vm.snapshotGasLastCall(GROUP, "Solv ERC-3525 mint");
        vm.prank(HOLDER);
        token.transferFrom(11, NEW_HOLDER, 1_000);
        vm.snapshotGasLastCall(GROUP, "Solv ERC-3525 part transfer to a new holder");
        assertEq(token.balanceOf(uint256(11)), 999_000, "the part has moved");
    }

    function test_erc1155_transfer() public {
        vm.startPrank(HOLDER);
        PlainERC1155 token = new PlainERC1155();
        token.safeTransferFrom(HOLDER, NEW_HOLDER, 1, 1_000, "");
        vm.snapshotGasLastCall(GROUP, "OpenZeppelin ERC-1155 transfer to a new holder");
        vm.stopPrank();
        assertEq(token.balanceOf(NEW_HOLDER, 1), 1_000, "the part has moved");
    }

    function test_erc20_transfer() public {
        vm.startPrank(HOLDER);
        PlainERC20 token = new PlainERC20();
        token.transfer(NEW_HOLDER, 1_000);
        vm.snapshotGasLastCall(GROUP, "OpenZeppelin ERC-20 transfer to a new holder");
        vm.stopPrank();
        assertEq(token.balanceOf(NEW_HOLDER), 1_000, "the part has moved");
    }
}
