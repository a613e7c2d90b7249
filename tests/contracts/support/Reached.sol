// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Test.sol";

/// Counts, by name, the states that a handler of invariant tests reaches. A call that reverts counts nothing.
///
/// The handler names in its constructor, or in its `setUp`, what it claims to reach: `_mustReach("a margin call")`,
/// and counts it where it happens: `_reach("a margin call")`. The contract of the invariants writes the counts at the
/// end of each run: `function afterInvariant() public { handler.recordReached("Goods"); }`. The state of a run is
/// gone after it, so the counts go to `build/reached.tsv`; `scripts/reached.py` sums them, prints the table and fails
/// where a named state was never reached. `make test-contracts` and `make invariants` do so.
abstract contract Reached is Test {
    string private constant FILE = "build/reached.tsv";

    /// The contract of the invariants, which alone records: forge calls whatever else a handler has.
    address private immutable _creator = msg.sender;
    string[] private _names;
    mapping(string name => uint256) private _counts;
    mapping(string name => bool) private _known;
    mapping(string name => bool) private _required;

    /// Writes one line: the suite, then `name=count` for each state, with `!` before those that must be reached.
    function recordReached(string calldata suite) external {
        // Forge sends calls of its own from any address that it knows, the creator's too. Then it is the origin as well.
        if (msg.sender != _creator || tx.origin == msg.sender) return;
        string memory line = suite;
        for (uint256 i; i < _names.length; ++i) {
            string memory name = _names[i];
            string memory mark = _required[name] ? "\t!" : "\t";
            line = string.concat(line, mark, name, "=", vm.toString(_counts[name]));
        }
        vm.writeLine(FILE, line);
    }

    function reachedTimes(string calldata name) external view returns (uint256) {
        return _counts[name];
    }

    /// Names a state that at least one run must reach.
    function _mustReach(string memory name) internal {
        _know(name);
        _required[name] = true;
    }

    /// Counts a state. A name that `_mustReach` does not know is shown in the table and is not required.
    function _reach(string memory name) internal {
        _know(name);
        _counts[name] += 1;
    }

    /// Counts a state where `condition` holds.
    function _reachIf(bool condition, string memory name) internal {
        if (condition) _reach(name);
    }

    function _know(string memory name) private {
        if (_known[name]) return;
        _known[name] = true;
        _names.push(name);
    }
}
