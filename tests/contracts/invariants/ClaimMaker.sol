// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";

/// Makes claims for loans to be drawn on.
abstract contract ClaimMaker is Test {
    uint256 private _documents;

    /// A claim of the borrower that its debtor confirmed, due in 60 days.
    function _confirmedClaim(
        Receivables receivables,
        address currency,
        address borrower,
        uint256 debtorKey,
        uint96 face
    ) internal returns (uint256) {
        IReceivables.ReceivableTerms memory terms = IReceivables.ReceivableTerms({
            seller: borrower,
            debtor: vm.addr(debtorKey),
            currency: currency,
            faceAmount: face,
            dueDay: uint32(block.timestamp / 1 days + 60),
            graceDays: 5,
            lateRate: 180_000,
            disputeDays: 10,
            maxDepth: 8,
            fingerprint: keccak256(abi.encode("lending", ++_documents)),
            documentRoot: keccak256("documents"),
            legalTextHash: keccak256("text")
        });
        vm.prank(borrower);
        ReceivableId receivableId = receivables.request(terms);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(debtorKey, receivables.confirmationDigest(receivableId));
        return ClaimId.unwrap(receivables.confirm(receivableId, abi.encodePacked(r, s, v)));
    }
}
