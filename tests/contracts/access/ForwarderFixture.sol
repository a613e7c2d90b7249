// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {IntentDigest} from "../support/IntentDigest.sol";
import {Test} from "../support/Test.sol";

/// A target that counts its calls by their sender, and does during a call what the test set.
contract Target is ERC2771Context {
    error Refused(uint256 number);

    mapping(address sender => mapping(uint256 number => uint256)) public calls;
    uint256 public total;
    uint256 public gasAtEntry;
    address private _within;
    bytes private _call;
    bool public withinSucceeded;

    constructor(address forwarder) ERC2771Context(forwarder) {}

    /// What `enter` calls.
    function arm(address within, bytes calldata call) external {
        (_within, _call) = (within, call);
    }

    function count(uint256 number) external {
        _count(number);
    }

    /// Records how much gas it began with.
    function measure() external {
        gasAtEntry = gasleft();
    }

    function refuse(uint256 number) external {
        _count(number);
        revert Refused(number);
    }

    /// Fails with as many bytes.
    function refuseWith(uint256 length) external pure {
        bytes memory empty = new bytes(length);
        assembly ("memory-safe") {
            revert(add(empty, 0x20), length)
        }
    }

    /// Uses at least as much gas.
    function burn(uint256 number, uint256 amount) external {
        _count(number);
        uint256 end = gasleft() - amount;
        uint256 spent;
        while (gasleft() > end) ++spent;
    }

    /// Lets another contract use as much gas, and goes on if that fails: the other one gets less, so this call does not
    /// run out of gas.
    function burnWithin(uint256 number, uint256 amount) external {
        (withinSucceeded,) = address(this).call(abi.encodeCall(this.burn, (number, amount)));
    }

    /// Counts, then makes the call that the test set, whether that succeeds or not.
    function enter(uint256 number) external {
        _count(number);
        (withinSucceeded,) = _within.call(_call);
    }

    function _count(uint256 number) private {
        ++calls[_msgSender()][number];
        ++total;
    }
}

/// A contract wallet. `mood` says how it answers to a signature.
contract Wallet {
    enum Mood {
        CHECKS,
        AGREES,
        SAYS_NO,
        FAILS,
        FAILS_AGREEING,
        SAYS_LITTLE,
        SAYS_MUCH,
        BURNS,
        BURNS_THEN_AGREES
    }

    Mood public mood;
    bytes32 public agreed;

    function set(Mood mood_) external {
        mood = mood_;
    }

    /// The only signature that CHECKS accepts.
    function agree(bytes32 digest, bytes calldata signature) external {
        agreed = keccak256(abi.encode(digest, signature));
    }

    /// Whether the last requested call succeeded.
    bool public acted;

    function act(address target, bytes calldata call) external returns (bool done) {
        (done,) = target.call(call);
        acted = done;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (mood == Mood.CHECKS) {
            return keccak256(abi.encode(digest, signature)) == agreed ? bytes4(0x1626ba7e) : bytes4(0);
        }
        if (mood == Mood.SAYS_NO) return 0xffffffff;
        if (mood == Mood.FAILS) revert("no");
        if (mood == Mood.FAILS_AGREEING) {
            assembly {
                mstore(0, 0x1626ba7e00000000000000000000000000000000000000000000000000000000)
                revert(0, 32)
            }
        }
        if (mood == Mood.SAYS_LITTLE) {
            assembly {
                mstore(0, 0x1626ba7e00000000000000000000000000000000000000000000000000000000)
                return(0, 31)
            }
        }
        if (mood == Mood.SAYS_MUCH) {
            assembly {
                mstore(0, 0x1626ba7e00000000000000000000000000000000000000000000000000000000)
                return(0, 300000)
            }
        }
        if (mood == Mood.BURNS) {
            assembly {
                for {} 1 {} {}
            }
        }
        if (mood == Mood.BURNS_THEN_AGREES) {
            uint256 end = gasleft() - 400_000;
            uint256 spent;
            while (gasleft() > end) ++spent;
        }
        return 0x1626ba7e;
    }
}

/// Answers every question with as many bytes as the test set, all ones, or fails with them.
contract Mumbler {
    uint256 private immutable _length;
    bool private immutable _fails;

    constructor(uint256 length, bool fails) {
        (_length, _fails) = (length, fails);
    }

    fallback() external {
        (uint256 length, bool fails) = (_length, _fails);
        assembly {
            mstore(0, not(0))
            if fails { revert(0, length) }
            return(0, length)
        }
    }
}

/// Code for an account under EIP-7702 that checks no signatures.
contract Batcher {
    function act(address target, bytes calldata call) external returns (bool done) {
        (done,) = target.call(call);
    }
}

/// A forwarder, a target that trusts it, and intents for both.
abstract contract ForwarderFixture is Test {
    uint256 internal constant KEY = 11;
    uint256 internal constant OTHER_KEY = 12;
    address internal constant SENDER = address(0x5e4d);

    Forwarder internal forwarder;
    Target internal target;
    Wallet internal wallet;
    address internal signer = vm.addr(KEY);
    address internal other = vm.addr(OTHER_KEY);

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        forwarder = new Forwarder();
        target = new Target(address(forwarder));
        wallet = new Wallet();
    }

    function _signed(uint256 key, uint256 nonce, bytes memory call)
        internal
        view
        returns (IForwarder.SignedIntent memory)
    {
        return _sign(key, _intent(vm.addr(key), nonce, call));
    }

    function _counting(uint256 key, uint256 nonce) internal view returns (IForwarder.SignedIntent memory) {
        return _signed(key, nonce, abi.encodeCall(target.count, (nonce)));
    }

    function _intent(address from, uint256 nonce, bytes memory call) internal view returns (IForwarder.Intent memory) {
        return IForwarder.Intent({
            from: from,
            to: address(target),
            gas: 200_000,
            nonce: nonce,
            deadline: uint48(block.timestamp + 1 hours),
            operation: keccak256(abi.encode("operation", nonce)),
            data: call
        });
    }

    function _sign(uint256 key, IForwarder.Intent memory intent)
        internal
        view
        returns (IForwarder.SignedIntent memory signed)
    {
        signed.intent = intent;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, IntentDigest.digestOf(address(forwarder), intent));
        signed.signature = abi.encodePacked(r, s, v);
    }

    function _batch(IForwarder.SignedIntent memory first, IForwarder.SignedIntent memory second)
        internal
        pure
        returns (IForwarder.SignedIntent[] memory batch)
    {
        batch = new IForwarder.SignedIntent[](2);
        (batch[0], batch[1]) = (first, second);
    }

    function _only(IForwarder.SignedIntent memory signed)
        internal
        pure
        returns (IForwarder.SignedIntent[] memory batch)
    {
        batch = new IForwarder.SignedIntent[](1);
        batch[0] = signed;
    }
}
