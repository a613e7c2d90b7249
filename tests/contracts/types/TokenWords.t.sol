// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Holding, Lineage} from "contracts/tokens/TokenBook.sol";
import {HoldingWord, packHolding} from "contracts/types/HoldingWord.sol";
import {LineageWord, packLineage} from "contracts/types/LineageWord.sol";
import {Test} from "../support/Test.sol";

/// The two storage words of a token are laid out as the compiler lays out their structs.
contract TokenWordsTest is Test {
    Holding private _holding;
    Lineage private _lineage;

    function testFuzz_a_holding_word_is_the_struct_in_storage(address owner, uint96 value) public {
        HoldingWord word = packHolding(owner, value);
        assembly {
            sstore(_holding.slot, word)
        }
        assertEq(_holding.owner, owner, "owner");
        assertEq(_holding.value, value, "value");
        assertEq(word.owner(), owner, "owner read");
        assertEq(word.value(), value, "value read");
    }

    function testFuzz_a_new_lineage_word_is_the_struct_in_storage(
        uint48 slot,
        uint48 parent,
        uint128 weight,
        uint8 depth
    ) public {
        LineageWord word = packLineage(slot, parent, weight, depth);
        assembly {
            sstore(_lineage.slot, word)
        }
        assertEq(_lineage.slot, slot, "slot");
        assertEq(_lineage.parent, parent, "parent");
        assertEq(_lineage.weight, weight, "weight");
        assertEq(_lineage.depth, depth, "depth");
        assertTrue(!_lineage.encumbered, "encumbered");
        assertEq(_lineage.marks, 0, "marks");
    }

    function testFuzz_a_lineage_word_reads_the_struct_in_storage(Lineage memory lineage) public {
        _lineage = lineage;
        LineageWord word;
        assembly {
            word := sload(_lineage.slot)
        }
        assertEq(word.slot(), lineage.slot, "slot");
        assertEq(word.parent(), lineage.parent, "parent");
        assertEq(word.weight(), lineage.weight, "weight");
        assertEq(word.depth(), lineage.depth, "depth");
        assertTrue(word.encumbered() == lineage.encumbered, "encumbered");
        assertEq(word.marks(), lineage.marks, "marks");
    }
}
