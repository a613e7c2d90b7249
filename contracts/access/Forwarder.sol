// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";

/// @title Carries what parties signed to the contracts, alone or in a batch.
/// @dev OpenZeppelin's, but for two things. A batch without a refund receiver is carried out whole or not at all:
/// OpenZeppelin's reverts for a request that is not valid, and goes on after one whose call fails. And no request carries ether,
/// since no contract of the ledger takes any.
contract Forwarder is ERC2771Forwarder {
    error EtherRefused(address from, uint256 value);

    constructor() ERC2771Forwarder("Cession Forwarder") {}

    /// @notice Whether a request would be carried out now; what its call then does is another question.
    function verify(ForwardRequestData calldata request) public view override returns (bool) {
        return request.value == 0 && super.verify(request);
    }

    /// @dev `whole`: this request, or the batch that it is part of, succeeds whole or reverts.
    function _execute(ForwardRequestData calldata request, bool whole) internal override returns (bool success) {
        if (request.value != 0) revert EtherRefused(request.from, request.value);
        success = super._execute(request, whole);
        if (whole && !success) revert Errors.FailedCall();
    }
}
