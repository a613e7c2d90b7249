// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/assets/IReceivables.sol";
import {Receivables} from "../../../contracts/assets/Receivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";
import {LedgerHandler} from "./LedgerHandler.sol";

/// The ledger's invariants by their numbers, after any sequence of what the handler does.
contract LedgerInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    LedgerHandler private _handler;
    Receivables private _receivables;
    SettlementToken private _cash;

    function setUp() public {
        _handler = new LedgerHandler();
        _handler.setUp();
        (_receivables, _cash) = _handler.parts();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](17);
        selectors[0] = LedgerHandler.request.selector;
        selectors[1] = LedgerHandler.reuseFingerprint.selector;
        selectors[2] = LedgerHandler.confirm.selector;
        selectors[3] = LedgerHandler.step.selector;
        selectors[4] = LedgerHandler.passDays.selector;
        selectors[5] = LedgerHandler.pay.selector;
        selectors[6] = LedgerHandler.collect.selector;
        selectors[7] = LedgerHandler.credit.selector;
        selectors[8] = LedgerHandler.assign.selector;
        selectors[9] = LedgerHandler.merge.selector;
        selectors[10] = LedgerHandler.sell.selector;
        selectors[11] = LedgerHandler.putBack.selector;
        selectors[12] = LedgerHandler.encumber.selector;
        selectors[13] = LedgerHandler.release.selector;
        selectors[14] = LedgerHandler.freeze.selector;
        selectors[15] = LedgerHandler.rolesReachForClaimsAndMoney.selector;
        selectors[16] = LedgerHandler.closeRestrictedFunctions.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), selectors);
    }

    /// Claims of a confirmed receivable sum to its face less credit notes less what was redeemed.
    function invariant_01_claims_sum_to_face_less_credited_less_redeemed() public view {
        uint256[] memory values = _values();
        for (uint256 id = 1; id < values.length; ++id) {
            IReceivables.Receivable memory debt = _receivables.receivable(ReceivableId.wrap(id));
            uint256 wanted = _isConfirmed(debt.status) ? uint256(debt.faceAmount) - debt.credited - debt.redeemed : 0;
            assertEq(values[id], wanted, "sum of the claims");
        }
    }

    /// Cash in = cash out + cash held, per receivable and for the whole contract.
    function invariant_02_cash_in_is_cash_out_and_cash_held() public view {
        uint256 held;
        for (uint256 id = 1; id <= _handler.receivableCount(); ++id) {
            IReceivables.Receivable memory debt = _receivables.receivable(ReceivableId.wrap(id));
            assertEq(_handler.cashIn(id), uint256(debt.principalPaid) + debt.lateChargePaid, "cash in");
            assertTrue(_handler.cashOut(id) <= _handler.cashIn(id), "no receivable pays with another's money");
            held += _handler.cashIn(id) - _handler.cashOut(id);
        }
        assertEq(_cash.balanceOf(address(_receivables)), held, "cash held");
    }

    /// What holders may collect is there; of a settled debt it is each claim's whole value.
    function invariant_03_collection_is_covered_and_in_the_end_exact() public view {
        uint256[] memory claimable = new uint256[](_handler.receivableCount() + 1);
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            (address holder, ReceivableId receivableId, uint96 value,,,,) = _receivables.claim(ClaimId.wrap(claimId));
            if (holder == address(0)) continue;
            (uint96 principal, uint96 late) = _receivables.collectable(ClaimId.wrap(claimId));
            claimable[ReceivableId.unwrap(receivableId)] += uint256(principal) + late;
            if (_receivables.receivable(receivableId).status == IReceivables.Status.Settled) {
                assertEq(principal, value, "a settled debt pays each claim its value");
            }
        }
        for (uint256 id = 1; id < claimable.length; ++id) {
            assertTrue(claimable[id] <= _handler.cashIn(id) - _handler.cashOut(id), "covered");
        }
    }

    /// An encumbered claim stays with its holder until its lienholder says otherwise.
    function invariant_04_encumbered_claims_stay() public view {
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            address holder = _handler.heldUnderLien(claimId);
            if (holder == address(0)) continue;
            (address now_,,,,,, bool encumbered) = _receivables.claim(ClaimId.wrap(claimId));
            assertEq(now_, holder, "holder");
            assertTrue(encumbered, "the lien stands");
        }
        _unbroken(4);
    }

    /// A fingerprint is used at most once in all time.
    function invariant_05_fingerprints_are_used_once() public view {
        _unbroken(5);
    }

    /// States move only along the arrows.
    function invariant_06_states_move_along_the_arrows() public view {
        _unbroken(6);
    }

    /// Only valid parties receive claims or money.
    function invariant_10_only_valid_parties_receive() public view {
        _unbroken(10);
    }

    /// A pause stops neither payment nor collection.
    function invariant_11_a_pause_stops_no_payment_and_no_collection() public view {
        _unbroken(11);
    }

    /// No role moves a party's claim or money.
    function invariant_13_no_role_moves_claims_or_money() public view {
        _unbroken(13);
    }

    /// One root a receivable; every parent is older than its child and of the same receivable.
    function invariant_14_lineage_is_a_tree() public view {
        uint256[] memory roots = new uint256[](_handler.receivableCount() + 1);
        for (uint256 claimId = 1; claimId <= _handler.claimCount(); ++claimId) {
            (, ReceivableId receivableId,,, uint256 parent, uint8 depth,) = _receivables.claim(ClaimId.wrap(claimId));
            uint256 id = ReceivableId.unwrap(receivableId);
            if (parent == 0) {
                assertEq(++roots[id], 1, "one root");
                assertEq(depth, 0, "depth of the root");
            } else {
                (, ReceivableId ofParent,,,, uint8 depthOfParent,) = _receivables.claim(ClaimId.wrap(parent));
                assertTrue(parent < claimId, "the parent is older");
                assertEq(ReceivableId.unwrap(ofParent), id, "same receivable");
                assertEq(depth, uint256(depthOfParent) + 1, "one deeper");
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
            (, ReceivableId receivableId, uint96 value,,,,) = _receivables.claim(ClaimId.wrap(claimId));
            values[ReceivableId.unwrap(receivableId)] += value;
        }
    }

    function _isConfirmed(IReceivables.Status status) private pure returns (bool) {
        return status != IReceivables.Status.Requested && status != IReceivables.Status.Rejected
            && status != IReceivables.Status.Withdrawn;
    }
}
