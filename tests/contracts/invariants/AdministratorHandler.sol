// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {IntentDigest} from "../support/IntentDigest.sol";
import {Test} from "../support/Test.sol";

/// An authority that lets everyone do everything.
contract LaxAuthority {
    function canCall(address, address, bytes4) external pure returns (bool, uint32) {
        return (true, 0);
    }
}

/// The administrator of the AccessManager, who grants itself and an accomplice every role, opens every function, and calls every
/// function of every contract with values that mean something there: directly, by the manager and by the forwarder.
contract AdministratorHandler is Test {
    uint256 private constant ACCOMPLICE_KEY = 666;

    AccessManager private immutable _access;
    IForwarder private immutable _forwarder;
    address[] private _targets;
    bytes32[] private _words;
    mapping(address target => string[]) private _signatures;
    address private immutable _accomplice = vm.addr(ACCOMPLICE_KEY);
    bool private _granted;
    uint256 private _nonce;
    uint256 public tried;
    uint256 public carriedOut;
    uint256 public seized;

    constructor(AccessManager access, IForwarder forwarder) {
        (_access, _forwarder) = (access, forwarder);
    }

    function addTarget(address target, string[] memory signatures) external {
        _targets.push(target);
        _signatures[target] = signatures;
    }

    function addWord(bytes32 word) external {
        _words.push(word);
    }

    /// Any function with any values, in any of the three ways.
    function callAnything(uint256 which, uint256 function_, uint256[7] memory values, uint256 way) external {
        address target = _targets[which % _targets.length];
        string[] storage signatures = _signatures[target];
        bytes memory signature = bytes(signatures[function_ % signatures.length]);
        bytes4 selector = bytes4(keccak256(signature));
        bytes memory call = abi.encodePacked(selector);
        uint256 count = _arguments(signature);
        for (uint256 i; i < count; ++i) {
            call = abi.encodePacked(call, _words[values[i] % _words.length]);
        }
        _open(target, selector);
        ++tried;
        bool done;
        if (way % 3 == 0) (done,) = target.call(call);
        else if (way % 3 == 1) (done,) = address(_access).call(abi.encodeCall(_access.execute, (target, call)));
        else done = _forward(target, call);
        if (done) ++carriedOut;
    }

    /// Gives the contract another authority.
    function seize(uint256 which) external {
        address target = _targets[which % _targets.length];
        LaxAuthority lax = new LaxAuthority();
        (bool done,) =
            address(_access).call(abi.encodeWithSignature("updateAuthority(address,address)", target, address(lax)));
        if (done) ++seized;
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 1 days));
    }

    function _open(address target, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        _access.setTargetFunctionRole(target, selectors, 77);
        if (_granted) return;
        _granted = true;
        uint64[6] memory roles = [uint64(1), 2, 4, 5, 6, 77];
        for (uint256 i; i < roles.length; ++i) {
            _access.grantRole(roles[i], address(this), 0);
            _access.grantRole(roles[i], _accomplice, 0);
            _access.grantRole(roles[i], address(_access), 0);
        }
    }

    function _forward(address target, bytes memory call) private returns (bool done) {
        IForwarder.SignedIntent memory signed;
        signed.intent = IForwarder.Intent({
            from: _accomplice,
            to: target,
            gas: 3_000_000,
            nonce: ++_nonce,
            deadline: uint48(block.timestamp + 1 hours),
            operation: keccak256(call),
            data: call
        });
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(ACCOMPLICE_KEY, IntentDigest.digestOf(address(_forwarder), signed.intent));
        signed.signature = abi.encodePacked(r, s, v);
        (done,) = address(_forwarder).call(abi.encodeCall(_forwarder.execute, (signed)));
    }

    function _arguments(bytes memory signature) private pure returns (uint256 count) {
        if (signature[signature.length - 2] == "(") return 0;
        count = 1;
        for (uint256 i; i < signature.length; ++i) {
            if (signature[i] == ",") ++count;
        }
    }
}
