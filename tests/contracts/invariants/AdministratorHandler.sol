// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
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
    ERC2771Forwarder private immutable _forwarder;
    address[] private _targets;
    bytes32[] private _words;
    mapping(address target => string[]) private _signatures;
    address private immutable _accomplice = vm.addr(ACCOMPLICE_KEY);
    bool private _granted;
    uint256 public tried;
    uint256 public carriedOut;
    uint256 public seized;

    constructor(AccessManager access, ERC2771Forwarder forwarder) {
        (_access, _forwarder) = (access, forwarder);
    }

    function addTarget(address target, string[] memory signatures) external {
        _targets.push(target);
        _signatures[target] = signatures;
    }

    function addWord(bytes32 word) external {
        _words.push(word);
    }

    /// Any function with any values: by whichever of the three ways.
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

    /// The contract asks another authority from now on.
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
        ERC2771Forwarder.ForwardRequestData memory intent = ERC2771Forwarder.ForwardRequestData({
            from: _accomplice,
            to: target,
            value: 0,
            gas: 3_000_000,
            deadline: uint48(block.timestamp + 1 hours),
            data: call,
            signature: ""
        });
        uint256 nonce = _forwarder.nonces(_accomplice);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession Forwarder"),
                keccak256("1"),
                block.chainid,
                address(_forwarder)
            )
        );
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,uint48 deadline,bytes data)"
                ),
                intent.from,
                intent.to,
                intent.value,
                intent.gas,
                nonce,
                intent.deadline,
                keccak256(call)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ACCOMPLICE_KEY, keccak256(abi.encodePacked(hex"1901", domain, hash)));
        intent.signature = abi.encodePacked(r, s, v);
        (done,) = address(_forwarder).call(abi.encodeCall(_forwarder.execute, (intent)));
    }

    function _arguments(bytes memory signature) private pure returns (uint256 count) {
        if (signature[signature.length - 2] == "(") return 0;
        count = 1;
        for (uint256 i; i < signature.length; ++i) {
            if (signature[i] == ",") ++count;
        }
    }
}
