// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";

/// The cheat code of halmos that these proofs use.
interface Svm {
    /// Makes the account's storage arbitrary.
    function enableSymbolicStorage(address account) external;
}

/// The forwarder, with any answer to any signature: its first byte says which.
contract AnySignatureForwarder is Forwarder {
    function _isSigned(address, bytes32, bytes calldata signature) internal pure override returns (bool) {
        return signature[0] != 0;
    }
}

/// Counts what runs, and notes where its nonce is not used by then. May re-enter the forwarder with another intent, once.
contract CountingTarget is ERC2771Context {
    mapping(address signer => mapping(uint256 nonce => uint256)) public runs;
    /// Whether anything ran whose nonce was unused still. A failed assertion here would undo the call and so be overlooked.
    bool public ranTooEarly;
    bytes private _within;

    constructor(address forwarder) ERC2771Context(forwarder) {}

    function arm(bytes calldata within) external {
        _within = within;
    }

    function run(uint256 nonce) public {
        if (!Forwarder(msg.sender).isNonceUsed(_msgSender(), nonce)) ranTooEarly = true;
        ++runs[_msgSender()][nonce];
    }

    function runAndEnter(uint256 nonce) external {
        run(nonce);
        bytes memory within = _within;
        delete _within;
        (bool done,) = msg.sender.call(within);
        done; // whatever becomes of it
    }

    function fail(uint256) external pure {
        revert();
    }
}

/// @notice No intent runs twice, whatever was used before, whatever signatures are accepted, for all signers and nonces.
/// @dev The storage of the forwarder is any at the beginning of each proof, so each holds after any number of calls: what is proved of one
/// step holds of all. The signer, nonce, gas, deadline, operation and signature of each intent are any.
contract ForwarderProofs {
    Svm private constant SVM = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

    struct Fields {
        address from;
        uint256 nonce;
        uint256 gas;
        uint48 deadline;
        bytes32 operation;
        bytes32 signature;
    }

    Forwarder private _forwarder;
    CountingTarget private _target;

    function setUp() public {
        _forwarder = new AnySignatureForwarder();
        _target = new CountingTarget(address(_forwarder));
        SVM.enableSymbolicStorage(address(_forwarder));
    }

    /// One intent: it runs once where its nonce was unused, and never where it was used; then the nonce is used.
    function check_an_intent_runs_once_and_uses_its_nonce(Fields memory fields) external {
        bool before = _forwarder.isNonceUsed(fields.from, fields.nonce);
        bool done = _execute(_signed(fields, CountingTarget.run.selector));
        uint256 runs = _target.runs(fields.from, fields.nonce);
        assert(runs == (done ? 1 : 0));
        assert(!_target.ranTooEarly());
        assert(!done || !before);
        assert(_forwarder.isNonceUsed(fields.from, fields.nonce) == (before || done));
    }

    /// A nonce that is used stays used, and no other is used by the way.
    function check_an_execution_changes_no_other_nonce(Fields memory fields, address signer, uint256 nonce) external {
        bool before = _forwarder.isNonceUsed(signer, nonce);
        bool done = _execute(_signed(fields, CountingTarget.run.selector));
        bool same = signer == fields.from && nonce == fields.nonce;
        assert(_forwarder.isNonceUsed(signer, nonce) == (before || (done && same)));
    }

    /// Two signed intents with one nonce of one signer, one after the other: at most one runs.
    function check_two_signatures_with_one_nonce_run_once(Fields memory first, Fields memory second) external {
        (second.from, second.nonce) = (first.from, first.nonce);
        _execute(_signed(first, CountingTarget.run.selector));
        _execute(_signed(second, CountingTarget.run.selector));
        assert(_target.runs(first.from, first.nonce) <= 1);
    }

    /// The same in one batch, whole or not.
    function check_a_batch_runs_a_nonce_once(Fields memory first, Fields memory second, bool whole) external {
        (second.from, second.nonce) = (first.from, first.nonce);
        bool before = _forwarder.isNonceUsed(first.from, first.nonce);
        bool done = _executeBoth(
            _signed(first, CountingTarget.run.selector), _signed(second, CountingTarget.run.selector), whole
        );
        uint256 runs = _target.runs(first.from, first.nonce);
        assert(runs <= 1);
        assert(!before || runs == 0);
        assert(!whole || !done); // a whole batch cannot have both
        assert(runs == 0 || _forwarder.isNonceUsed(first.from, first.nonce));
    }

    /// A call that starts another intent of the same nonce does not run it; whichever it starts, none runs twice.
    function check_an_intent_that_re_enters_runs_once(Fields memory first, Fields memory second) external {
        (second.from, second.nonce) = (first.from, first.nonce);
        _target.arm(abi.encodeCall(IForwarder.execute, (_signed(second, CountingTarget.run.selector))));
        bool done = _execute(_signed(first, CountingTarget.runAndEnter.selector));
        assert(_target.runs(first.from, first.nonce) == (done ? 1 : 0));
        assert(!_target.ranTooEarly());
    }

    /// A whole batch whose second call fails leaves nothing behind: no run, no nonce used.
    function check_a_whole_batch_that_fails_leaves_nothing(Fields memory first, Fields memory second) external {
        bool before = _forwarder.isNonceUsed(first.from, first.nonce);
        bool done = _executeBoth(
            _signed(first, CountingTarget.run.selector), _signed(second, CountingTarget.fail.selector), true
        );
        assert(!done);
        assert(_target.runs(first.from, first.nonce) == 0);
        assert(_forwarder.isNonceUsed(first.from, first.nonce) == before);
    }

    /// Outside of a whole batch a call that fails uses its nonce up; an intent that is not valid leaves it as it was.
    function check_a_call_that_fails_uses_its_nonce_up_where_it_is_valid(Fields memory fields) external {
        bool before = _forwarder.isNonceUsed(fields.from, fields.nonce);
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](1);
        batch[0] = _signed(fields, CountingTarget.fail.selector);
        bool valid = batch[0].signature[0] != 0 && block.timestamp <= fields.deadline;
        (bool done,) = address(_forwarder).call(abi.encodeCall(IForwarder.executeBatch, (batch, false)));
        assert(_forwarder.isNonceUsed(fields.from, fields.nonce) == (before || (done && valid)));
    }

    /// A nonce that its signer cancels runs nothing from then on, and no other nonce changes.
    function check_a_cancelled_nonce_runs_nothing(Fields memory fields, address signer, uint256 nonce) external {
        bool before = _forwarder.isNonceUsed(signer, nonce);
        bool own = _forwarder.isNonceUsed(address(this), fields.nonce);
        (bool done,) = address(_forwarder).call(abi.encodeCall(IForwarder.cancel, (fields.nonce)));
        assert(done == !own);
        assert(_forwarder.isNonceUsed(address(this), fields.nonce));
        bool same = signer == address(this) && nonce == fields.nonce;
        assert(_forwarder.isNonceUsed(signer, nonce) == (before || same));
        fields.from = address(this);
        assert(!_execute(_signed(fields, CountingTarget.run.selector)));
        assert(_target.runs(address(this), fields.nonce) == 0);
    }

    // ------------------------------------------------------------------ helpers

    function _signed(Fields memory fields, bytes4 selector) private view returns (IForwarder.SignedIntent memory) {
        return IForwarder.SignedIntent({
            intent: IForwarder.Intent({
                from: fields.from,
                to: address(_target),
                gas: fields.gas,
                nonce: fields.nonce,
                deadline: fields.deadline,
                operation: fields.operation,
                data: abi.encodeWithSelector(selector, fields.nonce)
            }),
            signature: abi.encodePacked(fields.signature)
        });
    }

    function _execute(IForwarder.SignedIntent memory signed) private returns (bool done) {
        (done,) = address(_forwarder).call(abi.encodeCall(IForwarder.execute, (signed)));
    }

    function _executeBoth(IForwarder.SignedIntent memory first, IForwarder.SignedIntent memory second, bool whole)
        private
        returns (bool done)
    {
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](2);
        (batch[0], batch[1]) = (first, second);
        (done,) = address(_forwarder).call(abi.encodeCall(IForwarder.executeBatch, (batch, whole)));
    }
}
