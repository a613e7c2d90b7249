// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {IntentDigest} from "../support/IntentDigest.sol";
import {Test} from "../support/Test.sol";

/// Does nothing, so that what is measured is the forwarder.
contract IdleTarget is ERC2771Context {
    constructor(address forwarder) ERC2771Context(forwarder) {}

    function idle(uint256) external {}
}

/// The cost of an intent with a bit for each nonce, and with OpenZeppelin's counter, for 256 intents of one signer:
/// each in a transaction of its own, and in batches of 64. Each figure is the mean of the 256, transaction and calldata
/// included.
contract NoncesGas is Test {
    string private constant GROUP = "forwarder";
    uint256 private constant KEY = 11;
    uint256 private constant COUNT = 256;
    uint256 private constant BATCH = 64;

    Forwarder private _ours = new Forwarder();
    ERC2771Forwarder private _theirs = new ERC2771Forwarder("Counter");
    address private _ourTarget = address(new IdleTarget(address(_ours)));
    address private _theirTarget = address(new IdleTarget(address(_theirs)));

    function setUp() public {
        vm.warp(1_800_000_000);
    }

    function test_bitmap_alone() public {
        uint256 used;
        uint256 first;
        for (uint256 i; i < COUNT; ++i) {
            _ours.execute(_bitmap(_space() | i));
            uint256 gas = vm.lastCallGas().gasTotalUsed;
            if (i == 0) first = gas;
            used += gas;
        }
        vm.snapshotValue(GROUP, "an intent alone, bitmap, mean of 256", used / COUNT);
        vm.snapshotValue(GROUP, "an intent alone, bitmap, the first of 256", first);
        assertEq(_ours.nonceBitmap(vm.addr(KEY), _space() >> 8), type(uint256).max, "all ran");
    }

    function test_bitmap_alone_each_in_a_word_of_its_own() public {
        _ours.execute(_bitmap(0));
        uint256 used;
        for (uint256 i = 1; i <= 16; ++i) {
            _ours.execute(_bitmap(uint256(keccak256(abi.encode(i)))));
            used += vm.lastCallGas().gasTotalUsed;
        }
        vm.snapshotValue(GROUP, "an intent alone, bitmap, nonces at random", used / 16);
    }

    function test_counter_alone() public {
        uint256 used;
        uint256 first;
        for (uint256 i; i < COUNT; ++i) {
            _theirs.execute(_counter(i));
            uint256 gas = vm.lastCallGas().gasTotalUsed;
            if (i == 0) first = gas;
            used += gas;
        }
        vm.snapshotValue(GROUP, "an intent alone, counter (OpenZeppelin), mean of 256", used / COUNT);
        vm.snapshotValue(GROUP, "an intent alone, counter (OpenZeppelin), the first of 256", first);
        assertEq(_theirs.nonces(vm.addr(KEY)), COUNT, "all ran");
    }

    function test_bitmap_in_batches() public {
        uint256 used;
        for (uint256 i; i < COUNT; i += BATCH) {
            IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](BATCH);
            for (uint256 j; j < BATCH; ++j) {
                batch[j] = _bitmap(_space() | (i + j));
            }
            _ours.executeBatch(batch, false);
            used += vm.lastCallGas().gasTotalUsed;
        }
        vm.snapshotValue(GROUP, "an intent in a batch of 64, bitmap, mean of 256", used / COUNT);
        assertEq(_ours.nonceBitmap(vm.addr(KEY), _space() >> 8), type(uint256).max, "all ran");
    }

    function test_counter_in_batches() public {
        uint256 used;
        for (uint256 i; i < COUNT; i += BATCH) {
            ERC2771Forwarder.ForwardRequestData[] memory batch = new ERC2771Forwarder.ForwardRequestData[](BATCH);
            for (uint256 j; j < BATCH; ++j) {
                batch[j] = _counter(i + j);
            }
            _theirs.executeBatch(batch, payable(address(this)));
            used += vm.lastCallGas().gasTotalUsed;
        }
        vm.snapshotValue(GROUP, "an intent in a batch of 64, counter (OpenZeppelin), mean of 256", used / COUNT);
        assertEq(_theirs.nonces(vm.addr(KEY)), COUNT, "all ran");
    }

    function _space() private pure returns (uint256) {
        return uint256(0xfedcba9876543210) << 64;
    }

    function _bitmap(uint256 nonce) private view returns (IForwarder.SignedIntent memory signed) {
        signed.intent = IForwarder.Intent({
            from: vm.addr(KEY),
            to: _ourTarget,
            gas: 30_000,
            nonce: nonce,
            deadline: uint48(block.timestamp + 1 hours),
            operation: keccak256(abi.encode(nonce)),
            data: abi.encodeCall(IdleTarget.idle, (1))
        });
        signed.signature = _signed(IntentDigest.digestOf(address(_ours), signed.intent));
    }

    function _counter(uint256 nonce) private view returns (ERC2771Forwarder.ForwardRequestData memory request) {
        request.from = vm.addr(KEY);
        request.to = _theirTarget;
        request.gas = 30_000;
        request.deadline = uint48(block.timestamp + 1 hours);
        request.data = abi.encodeCall(IdleTarget.idle, (1));
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Counter"),
                keccak256("1"),
                block.chainid,
                address(_theirs)
            )
        );
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,uint48 deadline,bytes data)"
                ),
                request.from,
                request.to,
                request.value,
                request.gas,
                nonce,
                request.deadline,
                keccak256(request.data)
            )
        );
        request.signature = _signed(keccak256(abi.encodePacked(hex"1901", domain, hash)));
    }

    function _signed(bytes32 digest) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        return abi.encodePacked(r, s, v);
    }
}
