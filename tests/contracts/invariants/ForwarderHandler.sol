// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {IntentDigest} from "../support/IntentDigest.sol";
import {Reached} from "../support/Reached.sol";

/// A target with its own book of what ran, by signer and nonce. It calls the forwarder again during a call.
contract Witness is ERC2771Context {
    error Fails();

    ForwarderHandler private immutable _handler;
    /// How often intents with this nonce ran, and all that ran.
    mapping(address signer => mapping(uint256 nonce => uint256)) public ran;
    uint256 public total;
    /// How often something ran that its sender did not sign.
    uint256 public unsigned;
    bytes private _within;

    constructor(address forwarder, ForwarderHandler handler) ERC2771Context(forwarder) {
        _handler = handler;
    }

    function arm(bytes calldata within) external {
        _within = within;
    }

    /// Runs an intent: `number` says which. `way`: 1 fails, 2 calls the forwarder again first, 3 after.
    function run(uint256 number, uint256 nonce, uint256 way) external {
        if (way == 2) _again();
        ++ran[_msgSender()][nonce];
        ++total;
        if (!_handler.isSigned(number, _msgSender(), nonce)) ++unsigned;
        if (way == 3) _again();
        if (way == 1) revert Fails();
    }

    function _again() private {
        bytes memory within = _within;
        delete _within; // once: it may run this very function
        if (within.length != 0) {
            (bool done,) = msg.sender.call(within);
            done;
        }
    }
}

/// A contract wallet that agrees to what the test set, and can be set to agree no more.
contract Signatory {
    mapping(bytes32 digest => bool) public agreed;

    function agree(bytes32 digest, bool agrees) external {
        agreed[digest] = agrees;
    }

    function cancel(IForwarder forwarder, uint256 nonce) external {
        forwarder.cancel(nonce);
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return agreed[digest] ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

/// Signs intents over few nonces, so that many share one. Sends them alone, in batches, altered, again or nested.
contract ForwarderHandler is Reached {
    uint256 private constant KEYS = 2; // and the wallet
    uint256 private constant MAX_SIGNED = 60;
    uint256 public constant NONCES = 8;

    Forwarder public immutable forwarder = new Forwarder();
    Witness public immutable witness = new Witness(address(forwarder), this);
    Signatory public immutable wallet = new Signatory();
    address private immutable _first = vm.addr(1);
    address private immutable _second = vm.addr(2);
    uint256[NONCES] private _nonces =
        [0, 1, 255, 256, 511, uint256(0xfedcba9876543210) << 64, type(uint256).max - 256, type(uint256).max - 2];

    /// What was signed. The place is the number that the witness sees.
    IForwarder.SignedIntent[] private _signed;
    /// The nonces that a signer cancelled, and how often their intents had run by then.
    mapping(address signer => mapping(uint256 nonce => bool)) public cancelled;
    mapping(address signer => mapping(uint256 nonce => uint256)) public ranWhenCancelled;
    string public broken;

    constructor() {
        vm.warp(1_800_000_000);
        string[12] memory names = [
            "an intent run",
            "a second signature with one nonce signed",
            "a second signature with one nonce refused",
            "an intent run in a batch",
            "an intent skipped in a batch",
            "a whole batch run",
            "a whole batch undone",
            "a call failed and its nonce used up",
            "an intent refused within another",
            "a nonce cancelled",
            "an altered intent refused",
            "an intent of the wallet run"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    // ------------------------------------------------------------------ actions

    function sign(uint256 who, uint256 nonce, uint256 way) public {
        if (_signed.length == MAX_SIGNED) return;
        IForwarder.SignedIntent memory signed;
        nonce = _nonces[nonce % NONCES];
        signed.intent = IForwarder.Intent({
            from: signerAt(who),
            to: address(witness),
            gas: way % 4 > 1 ? 6_000_000 : 1_000_000, // an intent within another needs its own
            nonce: nonce,
            deadline: uint48(block.timestamp + 1 hours),
            operation: keccak256(abi.encode(_signed.length)),
            data: abi.encodeCall(witness.run, (_signed.length, nonce, way % 4))
        });
        bytes32 digest = IntentDigest.digestOf(address(forwarder), signed.intent);
        if (who % (KEYS + 1) == KEYS) {
            wallet.agree(digest, true);
        } else {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(1 + who % (KEYS + 1), digest);
            signed.signature = abi.encodePacked(r, s, v);
        }
        _reachIf(witness.ran(signed.intent.from, nonce) == 1, "a second signature with one nonce signed");
        anySigned[signed.intent.from][nonce] = true;
        _signed.push(signed);
    }

    function executeOne(uint256 which, uint256 within) external {
        if (_signed.length == 0) sign(which, within, which >> 9);
        IForwarder.SignedIntent memory signed = _at(which);
        uint256 before = witness.ran(signed.intent.from, signed.intent.nonce);
        _arm(within);
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.execute, (signed)));
        if (done) _reach("an intent run");
        if (done && signed.intent.from == address(wallet)) _reach("an intent of the wallet run");
        _reachIf(!done && before == 1, "a second signature with one nonce refused");
        if (done && before != 0) broken = "a nonce ran again";
    }

    function executeMany(uint256[4] calldata which, uint256 within, bool whole) external {
        while (_signed.length < 4) sign(which[_signed.length], within >> _signed.length, which[0] >> 7);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](4);
        uint256 before;
        for (uint256 i; i < 4; ++i) {
            batch[i] = _at(which[i]);
        }
        before = witness.total();
        _arm(within);
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.executeBatch, (batch, whole)));
        uint256 runs = witness.total() - before;
        _reachIf(runs > 0, "an intent run in a batch");
        _reachIf(done && !whole && runs < 4, "an intent skipped in a batch");
        _reachIf(whole && done, "a whole batch run");
        _reachIf(whole && !done, "a whole batch undone");
        if (!done && runs != 0) broken = "a batch that failed left something behind";
        if (done && whole && runs < 4) broken = "a whole batch ran in part";
        for (uint256 i; i < 4; ++i) {
            (address from, uint256 nonce) = (batch[i].intent.from, batch[i].intent.nonce);
            if (!whole && !cancelled[from][nonce] && !forwarder.isNonceUsed(from, nonce)) {
                // An intent with an unused nonce is skipped only if its wallet no longer accepts it.
                if (from != address(wallet)) broken = "a valid intent was skipped";
            } else if (!whole && !cancelled[from][nonce] && witness.ran(from, nonce) == 0) {
                _reach("a call failed and its nonce used up");
            }
        }
    }

    /// Two intents that were signed for it, of two signers.
    function executeWhole(uint256 who, uint256 nonce, uint256 ways) external {
        uint256 number = _signed.length;
        sign(who, nonce, ways);
        sign(who % 3 + 1, nonce, ways >> 2);
        if (_signed.length < number + 2) return;
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](2);
        (batch[0], batch[1]) = (_signed[number], _signed[number + 1]);
        uint256 before = witness.total();
        witness.arm("");
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.executeBatch, (batch, true)));
        uint256 runs = witness.total() - before;
        _reach(done ? "a whole batch run" : "a whole batch undone");
        if (runs != (done ? 2 : 0)) broken = "a whole batch ran in part";
    }

    /// One intent, and another one that its call starts.
    function executeWithin(uint256 who, uint256 nonce, uint256 inner) external {
        uint256 number = _signed.length;
        sign(who, nonce, 2 + (inner & 1));
        if (inner & 2 == 0) sign(who % 3 + 1, inner >> 2, 0);
        if (_signed.length == number) return;
        uint256 place = inner & 2 == 0 ? _signed.length - 1 : (inner >> 2) % _signed.length;
        IForwarder.SignedIntent memory second = _signed[place];
        uint256 before = witness.ran(second.intent.from, second.intent.nonce);
        witness.arm(abi.encodeCall(forwarder.execute, (second)));
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.execute, (_signed[number])));
        IForwarder.Intent memory first = _signed[number].intent;
        if (first.from == second.intent.from && first.nonce == second.intent.nonce) return;
        bool ran = witness.ran(second.intent.from, second.intent.nonce) != before;
        _reachIf(done && before == 0 && !ran, "an intent refused within another");
        if (ran) broken = "an intent ran within another";
    }

    function alter(uint256 which, uint256 field, uint256 value) external {
        if (_signed.length == 0) return;
        IForwarder.SignedIntent memory signed = _at(which);
        IForwarder.Intent memory intent = signed.intent;
        if (field % 5 == 0) intent.nonce = _nonces[value % NONCES] + 2;
        if (field % 5 == 1) intent.from = signerAt(value) == intent.from ? signerAt(value % 3 + 1) : signerAt(value);
        if (field % 5 == 2) {
            intent.data = abi.encodeCall(witness.run, (value % MAX_SIGNED, _nonces[value % NONCES], 4));
        }
        // Of two words: what was signed is the hash of one.
        if (field % 5 == 3) intent.operation = keccak256(abi.encode(value, field));
        if (field % 5 == 4) intent.gas += 1 + value % 9;
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.execute, (signed)));
        if (done) broken = "an altered intent ran";
        else _reach("an altered intent refused");
    }

    function cancel(uint256 who, uint256 nonce) external {
        address signer = signerAt(who);
        uint256 chosen = _nonces[nonce % NONCES];
        if (who % 4 != 0) return; // not too often: what is cancelled runs no more
        bool used = forwarder.isNonceUsed(signer, chosen);
        bool done;
        if (signer == address(wallet)) {
            (done,) = address(wallet).call(abi.encodeCall(wallet.cancel, (forwarder, chosen)));
        } else {
            vm.prank(signer);
            (done,) = address(forwarder).call(abi.encodeCall(forwarder.cancel, (chosen)));
        }
        if (done == used) broken = "cancelled though used, or not though unused";
        if (!done) return;
        _reach("a nonce cancelled");
        cancelled[signer][chosen] = true;
        ranWhenCancelled[signer][chosen] = witness.ran(signer, chosen);
    }

    /// The wallet stops accepting its signatures, or accepts them again.
    function waver(uint256 which, bool agrees) external {
        if (_signed.length == 0) return;
        wallet.agree(IntentDigest.digestOf(address(forwarder), _at(which).intent), agrees);
    }

    // ------------------------------------------------------------------ the book

    function signerAt(uint256 who) public view returns (address) {
        who %= KEYS + 1;
        return who == KEYS ? address(wallet) : who == 0 ? _first : _second;
    }

    function nonceAt(uint256 place) external view returns (uint256) {
        return _nonces[place];
    }

    /// Whether a signer signed anything with this nonce.
    mapping(address signer => mapping(uint256 nonce => bool)) public anySigned;

    function isSigned(uint256 number, address signer, uint256 nonce) external view returns (bool) {
        if (number >= _signed.length) return false;
        IForwarder.Intent storage intent = _signed[number].intent;
        return intent.from == signer && intent.nonce == nonce;
    }

    function _at(uint256 which) private view returns (IForwarder.SignedIntent memory) {
        return _signed[which % _signed.length];
    }

    /// Half of the time, whatever runs next that calls the forwarder again runs this one.
    function _arm(uint256 within) private {
        if (within % 2 == 0) witness.arm(abi.encodeCall(forwarder.execute, (_at(within / 2))));
        else witness.arm("");
    }
}
