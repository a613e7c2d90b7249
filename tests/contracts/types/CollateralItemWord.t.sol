// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CollateralItemWord, packCollateralItem} from "contracts/types/CollateralItemWord.sol";
import {Test} from "../support/Test.sol";

/// A collateral item in one word.
contract CollateralItemWordTest is Test {
    function testFuzz_the_word_is_laid_out_as_drawn(uint248 id, uint8 kind) public pure {
        CollateralItemWord word = packCollateralItem(kind, id);
        assertEq(CollateralItemWord.unwrap(word), uint256(bytes32(abi.encodePacked(id, kind))), "layout");
        assertEq(word.kind(), kind, "kind");
        assertEq(word.id(), id, "id");
    }

    function testFuzz_words_differ_where_a_field_differs(uint256 first, uint256 second) public pure {
        bool differ = CollateralItemWord.wrap(first) != CollateralItemWord.wrap(second);
        assertTrue(differ == (first != second), "differ");
        assertTrue(!(CollateralItemWord.wrap(first) != CollateralItemWord.wrap(first)), "same");
    }
}
