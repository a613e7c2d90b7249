// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/assets/IReceivables.sol";
import {Receivables} from "../../../contracts/assets/Receivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/financing/Facilities.sol";
import {IFacilities} from "../../../contracts/financing/IFacilities.sol";
import {IProducts} from "../../../contracts/financing/IProducts.sol";
import {Products} from "../../../contracts/financing/Products.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";

/// Draws, repays, lets time pass, marks, defaults and collects, in any order, and keeps its own books.
contract LendingHandler is Test {
    struct Setting {
        Facilities facilities;
        Products products;
        Receivables receivables;
        SettlementToken cash;
        address borrower;
        uint256 debtorKey;
        address lender;
        address operator;
        FacilityId plain;
        FacilityId onClaims;
        ProductId plainProduct;
    }

    Setting private _set;
    LoanId[] public loans;
    uint256 public drawn;
    uint256 public paid;
    uint256 public toOwner;
    /// What did not hold within a call, if anything: a revert there would pass unseen.
    string public broken;
    uint256 private _papers;

    constructor(Setting memory set) {
        _set = set;
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    function drawPlain(uint256 amount, uint256 style, uint256 tenor) external {
        amount = 1 + amount % 200_000;
        LoanMath.Style chosen = LoanMath.Style(style % 3);
        uint16 length = chosen == LoanMath.Style.Bullet ? uint16(1 + tenor % 90) : [3, 6, 12][tenor % 3];
        _draw(IFacilities.DrawRequest(FacilityId.unwrap(_set.plain), uint64(amount), chosen, length, 0));
    }

    function drawOnClaim(uint256 face, uint256 amount, uint256 tenor) external {
        face = 10 + face % 1_000_000;
        uint256 claimId = _claim(uint96(face));
        amount = 1 + amount % face;
        uint16 length = uint16(1 + tenor % 90);
        _draw(
            IFacilities.DrawRequest(
                FacilityId.unwrap(_set.onClaims), uint64(amount), LoanMath.Style.Bullet, length, claimId
            )
        );
    }

    function repay(uint256 which, uint256 amount, bool byBorrower) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        address payer = byBorrower ? _set.borrower : vm.addr(_set.debtorKey);
        uint256 before = _set.cash.balanceOf(payer);
        uint256 owed = _sum(_set.facilities.loan(loanId).payoff);
        uint64 given = uint64(1 + amount % 300_000);
        vm.prank(payer);
        try _set.facilities.repay(loanId, given) returns (LoanMath.Parts memory parts) {
            _hold(before - _set.cash.balanceOf(payer) == _sum(parts), "the parts sum to the payment");
            _hold(_sum(parts) <= given && _sum(parts) <= owed, "never more than owed");
            if (given >= owed) _hold(_sum(parts) == owed, "all that is owed");
            paid += _sum(parts);
        } catch (bytes memory reason) {
            _hold(bytes4(reason) == IFacilities.StateForbids.selector, "a repayment is never refused");
        }
    }

    function payDebt(uint256 which, uint256 amount) external {
        if (loans.length == 0) return;
        IFacilities.Loan memory loan = _set.facilities.loan(loans[which % loans.length]);
        if (loan.cover != IProducts.Cover.Claim) return;
        ClaimId claimId = ClaimId.wrap(loan.coverId);
        (address owner, ReceivableId receivableId,,,,,) = _set.receivables.claim(claimId);
        if (owner == address(0)) return;
        vm.prank(vm.addr(_set.debtorKey));
        try _set.receivables.pay(receivableId, uint96(1 + amount % 600_000)) {} catch {}
        uint256 ownerBefore = _set.cash.balanceOf(owner);
        uint256 lenderBefore = _set.cash.balanceOf(_set.lender);
        try _set.receivables.collect(claimId) returns (uint96 principal, uint96 lateCharge) {
            uint256 got = _set.cash.balanceOf(_set.lender) - lenderBefore;
            paid += got;
            _hold(
                got + _set.cash.balanceOf(owner) - ownerBefore == uint256(principal) + lateCharge,
                "what was collected reaches lender and owner whole"
            );
        } catch {}
    }

    function pass(uint256 length) external {
        vm.warp(block.timestamp + (length % 40) * 1 days);
    }

    function mark(uint256 which) external {
        if (loans.length == 0) return;
        try _set.facilities.markOverdue(loans[which % loans.length]) {} catch {}
    }

    function declareDefault(uint256 which) external {
        if (loans.length == 0) return;
        vm.prank(_set.lender);
        try _set.facilities.declareDefault(loans[which % loans.length]) {} catch {}
    }

    function accrue(uint256 which) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        IFacilities.Loan memory before = _set.facilities.loan(loanId);
        if (before.status == IFacilities.Status.Repaid) return;
        _set.facilities.accrue(loanId);
        IFacilities.Loan memory then = _set.facilities.loan(loanId);
        _hold(_sum(then.payoff) == _sum(before.payoff), "touching a loan changes nothing");
        _hold(_sum(then.due) == _sum(before.due), "touching a loan changes nothing");
    }

    function close() external {
        vm.prank(_set.operator);
        _set.products.close(_set.plainProduct);
    }

    function _hold(bool condition, string memory what) private {
        if (!condition) broken = what;
    }

    function _draw(IFacilities.DrawRequest memory request) private {
        vm.prank(_set.borrower);
        try _set.facilities.draw(request) returns (LoanId loanId) {
            loans.push(loanId);
            drawn += request.amount;
        } catch {}
    }

    function _claim(uint96 face) private returns (uint256) {
        address debtor = vm.addr(_set.debtorKey);
        IReceivables.ReceivableTerms memory terms = IReceivables.ReceivableTerms({
            seller: _set.borrower,
            debtor: debtor,
            currency: address(_set.cash),
            faceAmount: face,
            dueDay: uint32(block.timestamp / 1 days + 60),
            graceDays: 5,
            lateRate: 180_000,
            disputeDays: 10,
            maxDepth: 8,
            fingerprint: keccak256(abi.encode("lending", ++_papers)),
            documentRoot: keccak256("papers"),
            legalTextHash: keccak256("text")
        });
        vm.prank(_set.borrower);
        ReceivableId receivableId = _set.receivables.request(terms);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_set.debtorKey, _set.receivables.confirmationDigest(receivableId));
        return ClaimId.unwrap(_set.receivables.confirm(receivableId, abi.encodePacked(r, s, v)));
    }

    function _sum(LoanMath.Parts memory parts) private pure returns (uint256) {
        return uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
    }
}
