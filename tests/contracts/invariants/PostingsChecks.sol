// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {FloatingFixture} from "../lending/FloatingFixture.sol";
import {ReliefHandler} from "./ReliefHandler.sol";

/// What holds of loans after payments, corrections, waivers, costs, defaults, new terms and sales in any order.
abstract contract PostingsChecks is FloatingFixture {
    /// Two facilities that the parties signed, and the two that loans are sold to.
    uint256 private constant FACILITIES = 4;
    ProductId[2] internal _products;
    uint256 private _money;

    function _start() internal {
        _money = _allCash();
    }

    function _requireAll(ReliefHandler handler) internal view {
        ILoans.Loan[] memory loans = new ILoans.Loan[](handler.count());
        uint256 failed;
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = handler.loans(i);
            loans[i] = facilities.loan(loanId);
            _requireReplayed(handler, loanId, loans[i]);
            _requireLien(loanId, loans[i]);
            uint256 owed = LoanMath.outstanding(loans[i].state);
            if (loans[i].status == ILoans.Status.Defaulted) ++failed;
            assertTrue((_sum(loans[i].payoff) == 0) == (loans[i].status == ILoans.Status.Repaid), "repaid");
            assertTrue(owed <= loans[i].drawn + handler.capitalised(loanId), "no more than drawn and capitalised");
            assertTrue(facilities.reliefOf(loanId).writtenOff <= owed, "no more written off than owed");
        }
        (uint256[2] memory lent, uint256[2] memory late) = _requireFacilities(handler, loans);
        for (uint256 i; i < 2; ++i) {
            (uint64 outstanding, uint64 overdue) = facilities.programme(_products[i]);
            assertEq(outstanding, lent[i], "the programme's sum");
            assertEq(overdue, late[i], "the breaker's sum");
        }
        assertEq(facilities.borrowerDebt(registry.partyOf(seller), address(cash), 0).defaultedLoans, failed, "failed");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
        assertEq(_allCash(), _money, "no cent is lost or created");
    }

    /// Each facility's sums are those of its loans; those that are overdue stop draws where they were drawn. Returns what
    /// is lent and overdue under each product.
    function _requireFacilities(ReliefHandler handler, ILoans.Loan[] memory loans)
        private
        view
        returns (uint256[2] memory lent, uint256[2] memory late)
    {
        for (uint256 id = 1; id <= FACILITIES; ++id) {
            uint256[4] memory sums; // lent, overdue, open, marked
            for (uint256 i; i < loans.length; ++i) {
                if (loans[i].markedOverdue && FacilityId.unwrap(handler.originOf(handler.loans(i))) == id) ++sums[3];
                if (FacilityId.unwrap(loans[i].facilityId) != id) continue;
                uint256 owed = LoanMath.outstanding(loans[i].state);
                sums[0] += owed;
                if (loans[i].status != ILoans.Status.Repaid) ++sums[2];
                if (loans[i].markedOverdue) sums[1] += owed;
            }
            try facilities.facility(FacilityId.wrap(id)) returns (IFacilities.Facility memory facility) {
                assertEq(facility.outstanding, sums[0], "the facility's sum");
                assertEq(uint256(facility.openLoans), sums[2], "open loans");
                assertEq(uint256(facility.overdueLoans), sums[3], "overdue loans");
                uint256 place = facility.productId == ProductId.unwrap(_products[0]) ? 0 : 1;
                lent[place] += sums[0];
                late[place] += sums[1];
            } catch {
                assertEq(sums[2], 0, "no loan without a facility");
            }
        }
    }

    function _requireReplayed(ReliefHandler handler, LoanId loanId, ILoans.Loan memory loan) private view {
        (LoanMath.State memory state, uint256 overpaid) = handler.replayed(loanId);
        assertTrue(keccak256(abi.encode(state)) == keccak256(abi.encode(loan.state)), "what its postings give");
        assertEq(uint256(facilities.postingsOf(loanId).overpaid), overpaid, "overpaid");
    }

    /// A claim is under the loan's lien just as long as the loan is open, whoever holds the loan. A loan that a correction
    /// opens again has no collateral.
    function _requireLien(LoanId loanId, ILoans.Loan memory loan) private view {
        if (loan.collateral != IProducts.CollateralKind.Claim) return;
        ClaimId claimId = ClaimId.wrap(loan.collateralId);
        bool isBacking = facilities.loanOfClaim(claimId) == loanId;
        assertTrue(isBacking == (loan.status != ILoans.Status.Repaid), "backs an open loan");
        if (receivables.claim(claimId).owner == address(0)) return;
        assertTrue((receivables.lienholderOf(loan.collateralId) == address(facilities)) == isBacking, "under lien");
    }

    function _allCash() private view returns (uint256) {
        return cash.balanceOf(bank) + cash.balanceOf(otherBank) + cash.balanceOf(seller) + cash.balanceOf(debtor)
            + cash.balanceOf(address(receivables)) + cash.balanceOf(address(facilities));
    }
}
