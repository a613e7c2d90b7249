// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";
import {LedgerForbidden} from "./LedgerForbidden.sol";
import {LedgerHandler} from "./LedgerHandler.sol";

/// The ledger's invariants by their numbers, after any sequence of what is allowed and of what is forbidden.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract LedgerInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    LedgerHandler private _handler;
    LedgerForbidden private _forbidden;
    Receivables private _receivables;
    SettlementToken private _cash;

    function setUp() public {
        _handler = new LedgerHandler();
        _handler.setUp();
        (_receivables,, _cash) = _handler.parts();
        _forbidden = new LedgerForbidden(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("Ledger");
        _forbidden.recordReached("Ledger, refused");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](2);
        (targets[0], targets[1]) = (address(_handler), address(_forbidden));
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory allowed = new bytes4[](22);
        allowed[0] = LedgerHandler.request.selector;
        allowed[1] = LedgerHandler.confirm.selector;
        allowed[2] = LedgerHandler.refuse.selector;
        allowed[3] = LedgerHandler.dispute.selector;
        allowed[4] = LedgerHandler.endDispute.selector;
        allowed[5] = LedgerHandler.fail.selector;
        allowed[6] = LedgerHandler.writeOff.selector;
        allowed[7] = LedgerHandler.advanceDays.selector;
        allowed[8] = LedgerHandler.pay.selector;
        allowed[9] = LedgerHandler.settle.selector;
        allowed[10] = LedgerHandler.collect.selector;
        allowed[11] = LedgerHandler.credit.selector;
        allowed[12] = LedgerHandler.assign.selector;
        allowed[13] = LedgerHandler.merge.selector;
        allowed[14] = LedgerHandler.sell.selector;
        allowed[15] = LedgerHandler.putBack.selector;
        allowed[16] = LedgerHandler.encumber.selector;
        allowed[17] = LedgerHandler.release.selector;
        allowed[18] = LedgerHandler.enforce.selector;
        allowed[19] = LedgerHandler.allow.selector;
        allowed[20] = LedgerHandler.spendAllowance.selector;
        allowed[21] = LedgerHandler.closeRestrictedFunctions.selector;
        bytes4[] memory court = new bytes4[](2);
        court[0] = LedgerHandler.freeze.selector;
        court[1] = LedgerHandler.courtMoves.selector;
        bytes4[] memory refused = new bytes4[](15);
        refused[0] = LedgerForbidden.reuseFingerprint.selector;
        refused[1] = LedgerForbidden.confirmUnsigned.selector;
        refused[2] = LedgerForbidden.stepAsStranger.selector;
        refused[3] = LedgerForbidden.defaultEarly.selector;
        refused[4] = LedgerForbidden.paySettled.selector;
        refused[5] = LedgerForbidden.collectNothing.selector;
        refused[6] = LedgerForbidden.creditUnsigned.selector;
        refused[7] = LedgerForbidden.moveAsStranger.selector;
        refused[8] = LedgerForbidden.moveUnderLien.selector;
        refused[9] = LedgerForbidden.moveToNobody.selector;
        refused[10] = LedgerForbidden.moveTooMuch.selector;
        refused[11] = LedgerForbidden.mergeWithStranger.selector;
        refused[12] = LedgerForbidden.sellUnsaleable.selector;
        refused[13] = LedgerForbidden.putBackEarly.selector;
        refused[14] = LedgerForbidden.encumberToOneself.selector;
        bytes4[] memory roles = new bytes4[](1);
        roles[0] = LedgerForbidden.reachAsRole.selector;
        targets = new FuzzSelector[](4);
        targets[0] = FuzzSelector(address(_handler), allowed);
        targets[1] = FuzzSelector(address(_handler), court);
        targets[2] = FuzzSelector(address(_forbidden), refused);
        targets[3] = FuzzSelector(address(_forbidden), roles);
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_01_claims_sum_to_face_less_credited_less_redeemed();
        invariant_02_cash_in_is_cash_out_and_cash_held();
        invariant_03_collection_is_funded_and_in_the_end_exact();
        invariant_03_nothing_stays_behind();
        invariant_04_encumbered_claims_stay();
        invariant_04_only_the_owner_allows();
        invariant_05_fingerprints_are_used_once();
        invariant_06_states_move_along_the_arrows();
        invariant_10_only_valid_parties_receive();
        invariant_11_a_pause_stops_no_payment_and_no_collection();
        invariant_13_no_role_moves_claims_or_money();
        invariant_14_lineage_is_a_tree();
    }

    /// Claims of a confirmed receivable sum to its face less credit notes less what was redeemed.
    function invariant_01_claims_sum_to_face_less_credited_less_redeemed() private view {
        _unbroken(1);
        uint256[] memory values = _values();
        for (uint256 id = 1; id < values.length; ++id) {
            IReceivables.Receivable memory debt = _receivables.receivable(ReceivableId.wrap(id));
            uint256 requested = _isConfirmed(debt.status) ? uint256(debt.faceAmount) - debt.credited - debt.redeemed : 0;
            assertEq(values[id], requested, "sum of the claims");
        }
    }

    /// Cash in = cash out + cash held, per receivable and for the whole contract.
    function invariant_02_cash_in_is_cash_out_and_cash_held() private view {
        uint256 held;
        for (uint256 id = 1; id <= _handler.receivableCount(); ++id) {
            IReceivables.Receivable memory debt = _receivables.receivable(ReceivableId.wrap(id));
            assertEq(_handler.cashIn(id), uint256(debt.principalPaid) + debt.lateChargePaid, "cash in");
            assertTrue(_handler.cashOut(id) <= _handler.cashIn(id), "no receivable pays with another's money");
            held += _handler.cashIn(id) - _handler.cashOut(id);
        }
        assertEq(_cash.balanceOf(address(_receivables)), held, "cash held");
    }

    /// The money that holders may collect is there; of a settled debt it is each claim's whole value.
    function invariant_03_collection_is_funded_and_in_the_end_exact() private view {
        uint256[] memory claimable = new uint256[](_handler.receivableCount() + 1);
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            IReceivables.Claim memory claimRow = _receivables.claim(ClaimId.wrap(claimId));
            if (claimRow.owner == address(0)) continue;
            (uint96 principal, uint96 late) = _receivables.collectable(ClaimId.wrap(claimId));
            claimable[ReceivableId.unwrap(claimRow.receivableId)] += uint256(principal) + late;
            if (_receivables.receivable(claimRow.receivableId).status == IReceivables.Status.Settled) {
                assertEq(principal, claimRow.value, "a settled debt pays each claim its value");
            }
        }
        for (uint256 id = 1; id < claimable.length; ++id) {
            assertTrue(claimable[id] <= _handler.cashIn(id) - _handler.cashOut(id), "absorbed");
        }
    }

    /// With the last claim gone, nothing that was paid on a settled debt stays behind.
    function invariant_03_nothing_stays_behind() private view {
        uint256[] memory values = _values();
        for (uint256 id = 1; id < values.length; ++id) {
            IReceivables.Receivable memory debt = _receivables.receivable(ReceivableId.wrap(id));
            if (debt.status != IReceivables.Status.Settled || _hasClaims(id)) continue;
            assertEq(_handler.cashOut(id), _handler.cashIn(id), "all that was paid");
        }
        _unbroken(2);
        _unbroken(3);
    }

    /// An encumbered claim stays with its holder until its lienholder or a court moves it.
    function invariant_04_encumbered_claims_stay() private view {
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            address holder = _handler.heldUnderLien(claimId);
            if (holder == address(0)) continue;
            IReceivables.Claim memory claimRow = _receivables.claim(ClaimId.wrap(claimId));
            if (claimRow.owner == address(0)) continue;
            assertEq(claimRow.owner, holder, "holder");
            assertTrue(claimRow.encumbered, "the lien stands");
        }
        _unbroken(4);
    }

    /// Nobody may move more of a claim than its owner allowed since it became the owner and since the last lien.
    function invariant_04_only_the_owner_allows() private view {
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            address owner = _receivables.claim(ClaimId.wrap(claimId)).owner;
            if (owner == address(0)) continue;
            assertTrue(_receivables.allowance(claimId, _handler.spender()) <= _handler.allowed(claimId), "allowance");
            assertEq(_receivables.getApproved(claimId), address(0), "approved");
        }
    }

    /// A fingerprint is used at most once in all time.
    function invariant_05_fingerprints_are_used_once() private view {
        _unbroken(5);
    }

    /// States move only along the arrows.
    function invariant_06_states_move_along_the_arrows() private view {
        _unbroken(6);
    }

    /// Only valid parties receive claims or money.
    function invariant_10_only_valid_parties_receive() private view {
        _unbroken(10);
    }

    /// A pause stops neither payment nor collection.
    function invariant_11_a_pause_stops_no_payment_and_no_collection() private view {
        _unbroken(11);
    }

    /// No role moves a party's claim or money.
    function invariant_13_no_role_moves_claims_or_money() private view {
        _unbroken(13);
    }

    /// One root a receivable; every parent is older than its child and of the same receivable.
    function invariant_14_lineage_is_a_tree() private view {
        uint256[] memory roots = new uint256[](_handler.receivableCount() + 1);
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            IReceivables.Claim memory claimRow = _receivables.claim(ClaimId.wrap(claimId));
            uint256 id = ReceivableId.unwrap(claimRow.receivableId);
            if (claimRow.parent == 0) {
                assertEq(++roots[id], 1, "one root");
                assertEq(claimRow.depth, 0, "depth of the root");
            } else {
                IReceivables.Claim memory parentRow = _receivables.claim(ClaimId.wrap(claimRow.parent));
                assertTrue(claimRow.parent < claimId, "the parent is older");
                assertEq(ReceivableId.unwrap(parentRow.receivableId), id, "same receivable");
                assertEq(claimRow.depth, uint256(parentRow.depth) + 1, "one deeper");
            }
        }
    }

    function _unbroken(uint256 invariant) private view {
        string memory breach = _handler.breach(invariant);
        assertTrue(bytes(breach).length == 0, breach);
    }

    function _values() private view returns (uint256[] memory values) {
        values = new uint256[](_handler.receivableCount() + 1);
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            IReceivables.Claim memory claimRow = _receivables.claim(ClaimId.wrap(claimId));
            values[ReceivableId.unwrap(claimRow.receivableId)] += claimRow.value;
        }
    }

    function _hasClaims(uint256 id) private view returns (bool) {
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            IReceivables.Claim memory claimRow = _receivables.claim(ClaimId.wrap(claimId));
            if (claimRow.owner != address(0) && ReceivableId.unwrap(claimRow.receivableId) == id) return true;
        }
        return false;
    }

    function _isConfirmed(IReceivables.Status status) private pure returns (bool) {
        return status != IReceivables.Status.Requested && status != IReceivables.Status.Rejected
            && status != IReceivables.Status.Withdrawn;
    }
}
