// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";

/// What a signer of an intent signs, computed from the text of EIP-712 and not by the forwarder.
library IntentDigest {
    function digestOf(address forwarder, IForwarder.Intent memory intent) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession Forwarder"),
                keccak256("2"),
                block.chainid,
                forwarder
            )
        );
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "Intent(address from,address to,uint256 gas,uint256 nonce,uint48 deadline,bytes32 operation,bytes data)"
                ),
                intent.from,
                intent.to,
                intent.gas,
                intent.nonce,
                intent.deadline,
                intent.operation,
                keccak256(intent.data)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, hash));
    }
}
