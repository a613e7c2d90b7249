// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {Products} from "../../../contracts/lending/Products.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";
import {ClaimMaker} from "./ClaimMaker.sol";

/// Draws, repays, advances time, marks, defaults, loses and collects, in any order, and has its own books. Each call
/// takes the next step towards what its name says, and does only what is allowed: a revert is a failure.
contract LendingHandler is ClaimMaker, Reached {
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

    uint256 private constant MAX_LOANS = 12;
    /// No loss of principal is recorded before a loan has this age.
    uint256 private constant FIRST_LOSS_DAYS = 30;

    Setting private _set;
    LoanId[] public loans;
    uint256 public drawn;
    uint256 public paid;
    bool public isClosed;
    /// The check that failed within a call, if any.
    string public broken;

    constructor(Setting memory set) {
        _set = set;
        string[22] memory names = [
            "a draw repaid at once",
            "a draw in equal principal",
            "a draw in equal instalments",
            "a draw of interest only",
            "a draw on a claim",
            "a repayment in part",
            "a repayment of penalty",
            "a repayment of an early fee",
            "a repayment by another than the borrower",
            "the last cent of a loan",
            "the last cent of a loan in default",
            "a repayment while the product is closed",
            "a debtor's payment through the loan",
            "a debtor's payment beyond the debt",
            "the lien fallen with a debtor's payment",
            "a loan marked overdue",
            "a default",
            "a debtor in default too",
            "a loss",
            "a write-off",
            "an instalment fell due",
            "a loan touched"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    // ------------------------------------------------------------------ draws

    function drawPlain(uint256 amount, uint256 style, uint256 tenor) external {
        _drawPlain(amount, style, tenor);
    }

    function drawOnClaim(uint256 face, uint256 amount, uint256 tenor) external {
        _drawOnClaim(face, amount, tenor);
    }

    // ------------------------------------------------------------------ money

    function repay(uint256 which, uint256 amount, bool byBorrower) external {
        (LoanId loanId, bool isFound) = _pick(which, _isOpen);
        if (!isFound) return _drawPlain(amount, which, which);
        _repay(loanId, uint64(1 + amount % 300_000), byBorrower);
    }

    function repayAll(uint256 which, uint256 days_, bool late) external {
        (LoanId loanId, bool isFound) = _pick(which, _isOpen);
        if (!isFound) return _drawPlain(which, which, which);
        if (late) _waitUntil(_endOf(loanId) + days_ % 30);
        _repay(loanId, type(uint64).max, true);
    }

    /// The debtor pays the debt, and what it paid is collected through the loan.
    function payDebt(uint256 which, uint256 amount, bool whole) external {
        (LoanId loanId, bool isFound) = _pick(which, _isOnLivingClaim);
        if (!isFound) return _drawOnClaim(which, amount, which);
        ClaimId claimId = ClaimId.wrap(_set.facilities.loan(loanId).collateralId);
        IReceivables.Claim memory claimRow = _set.receivables.claim(claimId);
        (uint96 principal, uint96 late) = _set.receivables.due(claimRow.receivableId);
        if (principal + late != 0) {
            vm.prank(vm.addr(_set.debtorKey));
            _set.receivables
                .pay(claimRow.receivableId, whole ? principal + late : uint96(1 + amount % (principal + late)));
        }
        (principal, late) = _set.receivables.collectable(claimId);
        if (principal + late == 0) return;
        uint256 owed = _sum(_set.facilities.loan(loanId).payoff);
        uint256 ownerBefore = _set.cash.balanceOf(claimRow.owner);
        uint256 lenderBefore = _set.cash.balanceOf(_set.lender);
        (principal, late) = _set.receivables.collect(claimId);
        uint256 got = _set.cash.balanceOf(_set.lender) - lenderBefore;
        uint256 rest = _set.cash.balanceOf(claimRow.owner) - ownerBefore;
        paid += got;
        _hold(got + rest == uint256(principal) + late, "what was collected reaches lender and owner whole");
        _hold(got == _min(owed, uint256(principal) + late), "the loan takes what is owed and no more");
        _reach("a debtor's payment through the loan");
        _reachIf(rest != 0, "a debtor's payment beyond the debt");
        _reachIf(got == owed, "the lien fallen with a debtor's payment");
    }

    // ------------------------------------------------------------------ time and failure

    function advanceDays(uint256 length) external {
        vm.warp(block.timestamp + (length % 40) * 1 days);
        for (uint256 i; i < loans.length; ++i) {
            ILoans.Loan memory loan = _set.facilities.loan(loans[i]);
            if (loan.terms.periods > 1 && loan.state.period != 0 && loan.state.period < loan.terms.periods) {
                return _reach("an instalment fell due");
            }
        }
    }

    function mark(uint256 which) external {
        (LoanId loanId, bool isFound) = _pick(which, _isUnmarked);
        if (!isFound) return;
        _waitUntil(_endOf(loanId));
        _set.facilities.markOverdue(loanId);
        _reach("a loan marked overdue");
    }

    function fail(uint256 which) external {
        (LoanId loanId, bool isFound) = _pick(which, _isRunning);
        if (isFound) _fail(loanId);
    }

    /// The loan fails, and the debtor of a claim under lien too; before that nothing is lost.
    function lose(uint256 which) external {
        (LoanId loanId, bool isFound) = _pick(which, _mayLose);
        if (!isFound) {
            (loanId, isFound) = _pick(which, _isRunning);
            if (!isFound) return;
            _fail(loanId);
        }
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        if (loan.collateral == IProducts.CollateralKind.Claim && !_isDebtLost(loan.collateralId)) {
            _failDebtor(loanId, loan.collateralId);
        }
        if (!_mayLose(_set.facilities.loan(loanId)) || !_isCollateralLost(loan)) return;
        _waitUntil(_dayOf(loan) + FIRST_LOSS_DAYS);
        uint256 held = _set.cash.balanceOf(_set.lender);
        vm.prank(_set.lender);
        uint64 absorbed = _set.facilities.recordLoss(loanId);
        _hold(_set.cash.balanceOf(_set.lender) - held == absorbed, "what the reserve bears arrives");
        paid += absorbed;
        _reach("a loss");
    }

    function writeOff(uint256 which) external {
        (LoanId loanId, bool isFound) = _pick(which, _isDefaulted);
        if (!isFound) {
            (loanId, isFound) = _pick(which, _isRunning);
            if (isFound) _fail(loanId);
            return;
        }
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        uint256 owed = _sum(loan.payoff);
        _waitUntil(LoanMath.dueDayOf(loan.terms, loan.terms.periods) + loan.lostDays + _set.facilities.writeOffDays());
        vm.prank(_set.lender);
        _set.facilities.writeOff(loanId);
        _hold(_sum(_set.facilities.loan(loanId).payoff) >= owed, "a write-off forgives nothing");
        _reach("a write-off");
    }

    function accrue(uint256 which) external {
        (LoanId loanId, bool isFound) = _pick(which, _isOpen);
        if (!isFound) return;
        ILoans.Loan memory before = _set.facilities.loan(loanId);
        _set.facilities.accrue(loanId);
        ILoans.Loan memory then = _set.facilities.loan(loanId);
        _hold(_sum(then.payoff) == _sum(before.payoff), "touching a loan changes nothing");
        _hold(_sum(then.due) == _sum(before.due), "touching a loan changes nothing");
        _reach("a loan touched");
    }

    /// Closes the product for good: new draws stop, and a repayment goes on.
    function close(uint256 which) external {
        if (loans.length < 2) return;
        vm.prank(_set.operator);
        _set.products.close(_set.plainProduct);
        isClosed = true;
        (LoanId loanId, bool isFound) = _pick(which, _isOpenAndPlain);
        if (isFound) _repay(loanId, uint64(1 + which % 1_000), true);
    }

    // ------------------------------------------------------------------ parts of the above

    function _hold(bool condition, string memory what) private {
        if (!condition) broken = what;
    }

    function _drawPlain(uint256 amount, uint256 style, uint256 tenor) private {
        uint256 room = _roomOn(_set.plain);
        if (isClosed || room == 0) return _repayOverdue(_set.plain);
        LoanMath.Style chosen = [
            LoanMath.Style.Bullet,
            LoanMath.Style.EqualPrincipal,
            LoanMath.Style.EqualInstalment,
            LoanMath.Style.InterestOnly
        ][style % 4];
        uint16 length = chosen == LoanMath.Style.Bullet ? uint16(1 + tenor % 90) : [3, 6, 12][tenor % 3];
        _draw(_set.plain, uint64(1 + amount % _min(room, 200_000)), chosen, length, 0);
        if (chosen == LoanMath.Style.Bullet) _reach("a draw repaid at once");
        else if (chosen == LoanMath.Style.EqualPrincipal) _reach("a draw in equal principal");
        else if (chosen == LoanMath.Style.EqualInstalment) _reach("a draw in equal instalments");
        else _reach("a draw of interest only");
    }

    function _drawOnClaim(uint256 face, uint256 amount, uint256 tenor) private {
        uint256 room = _roomOn(_set.onClaims);
        if (room == 0) return _repayOverdue(_set.onClaims);
        face = 10 + face % 1_000_000;
        // The product advances 80 %.
        amount = 1 + amount % _min(room, face * 8 / 10);
        uint256 claimId =
            _confirmedClaim(_set.receivables, address(_set.cash), _set.borrower, _set.debtorKey, uint96(face));
        _draw(_set.onClaims, uint64(amount), LoanMath.Style.Bullet, uint16(1 + tenor % 90), claimId);
        _reach("a draw on a claim");
    }

    function _draw(FacilityId facilityId, uint64 amount, LoanMath.Style style, uint16 tenor, uint256 claimId) private {
        // The amount decides, so that the handler needs no more arguments.
        uint8 dueDayOfMonth = style == LoanMath.Style.Bullet ? 0 : uint8(amount % 29);
        LoanMath.AfterPrepayment afterPrepayment = LoanMath.AfterPrepayment(amount % 3);
        vm.prank(_set.borrower);
        loans.push(
            _set.facilities
                .draw(
                    ILoans.DrawRequest(
                        FacilityId.unwrap(facilityId), amount, style, tenor, dueDayOfMonth, afterPrepayment, claimId
                    )
                )
        );
        drawn += amount;
    }

    /// What may be drawn today; zero while a loan of the facility is marked as overdue.
    function _roomOn(FacilityId facilityId) private view returns (uint256) {
        IFacilities.Facility memory facility = _set.facilities.facility(facilityId);
        IDrawControl.BorrowerDebt memory debt =
            _set.facilities.borrowerDebt(_set.facilities.registry().partyOf(_set.borrower), address(_set.cash), 0);
        if (debt.defaultedLoans != 0) return 0;
        if (facility.overdueLoans != 0 || _today() > facility.lastDay || loans.length >= MAX_LOANS) return 0;
        return facility.limit - facility.outstanding;
    }

    /// Pays the facility's overdue loan, and every loan in default, so that it can be drawn on again.
    function _repayOverdue(FacilityId facilityId) private {
        for (uint256 i; i < loans.length; ++i) {
            ILoans.Loan memory loan = _set.facilities.loan(loans[i]);
            bool isDefaulted = loan.status == ILoans.Status.Defaulted || loan.status == ILoans.Status.WrittenOff;
            if (!isDefaulted && (!loan.markedOverdue || loan.facilityId != facilityId)) continue;
            return _repay(loans[i], type(uint64).max, true);
        }
    }

    function _repay(LoanId loanId, uint64 amount, bool byBorrower) private {
        address payer = byBorrower ? _set.borrower : vm.addr(_set.debtorKey);
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        uint256 held = _set.cash.balanceOf(payer);
        uint256 owed = _sum(loan.payoff);
        uint256 lenderHeld = _set.cash.balanceOf(_set.lender);
        vm.prank(payer);
        LoanMath.Parts memory parts = _set.facilities.repay(loanId, amount);
        _hold(held - _set.cash.balanceOf(payer) == _sum(parts), "the parts sum to the payment");
        _hold(_sum(parts) <= amount && _sum(parts) <= owed, "never more than owed");
        _hold(_sum(parts) != 0, "a repayment takes something");
        if (amount >= owed) _hold(_sum(parts) == owed, "all that is owed");
        // Those who bore a loss are paid before the lender.
        if (loan.lossRecorded) paid += _set.cash.balanceOf(_set.lender) - lenderHeld;
        else paid += _sum(parts);
        bool whole = _sum(parts) == owed;
        _reachIf(!whole, "a repayment in part");
        _reachIf(parts.penalty != 0, "a repayment of penalty");
        _reachIf(parts.fee != 0, "a repayment of an early fee");
        _reachIf(!byBorrower, "a repayment by another than the borrower");
        _reachIf(whole, "the last cent of a loan");
        _reachIf(whole && loan.status != ILoans.Status.Running, "the last cent of a loan in default");
        bool isPlain = loan.facilityId == _set.plain;
        _reachIf(isClosed && isPlain, "a repayment while the product is closed");
    }

    function _fail(LoanId loanId) private {
        _waitUntil(_endOf(loanId));
        vm.prank(_set.lender);
        _set.facilities.declareDefault(loanId);
        _reach("a default");
    }

    function _failDebtor(LoanId loanId, uint256 claimId) private {
        ReceivableId receivableId = _set.receivables.claim(ClaimId.wrap(claimId)).receivableId;
        IReceivables.Receivable memory debt = _set.receivables.receivable(receivableId);
        if (debt.status != IReceivables.Status.Confirmed) return;
        _waitUntil(uint256(debt.dueDay) + debt.graceDays + 1);
        vm.prank(_set.lender);
        _set.facilities.declareDebtDefault(loanId);
        _reach("a debtor in default too");
    }

    // ------------------------------------------------------------------ choices

    /// The first loan from a random one on that `fits`.
    function _pick(uint256 seed, function(ILoans.Loan memory) view returns (bool) fits)
        private
        view
        returns (LoanId loanId, bool isFound)
    {
        for (uint256 i; i < loans.length; ++i) {
            loanId = loans[(seed % loans.length + i) % loans.length];
            if (fits(_set.facilities.loan(loanId))) return (loanId, true);
        }
    }

    function _isOpen(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status != ILoans.Status.Repaid;
    }

    function _isOpenAndPlain(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status != ILoans.Status.Repaid && loan.collateral == IProducts.CollateralKind.None;
    }

    function _isRunning(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status == ILoans.Status.Running;
    }

    function _isDefaulted(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status == ILoans.Status.Defaulted;
    }

    function _isUnmarked(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.status == ILoans.Status.Running && !loan.markedOverdue;
    }

    function _isOnLivingClaim(ILoans.Loan memory loan) private view returns (bool) {
        if (loan.collateral != IProducts.CollateralKind.Claim || loan.status == ILoans.Status.Repaid) {
            return false;
        }
        address owner = _set.receivables.claim(ClaimId.wrap(loan.collateralId)).owner;
        return owner != address(0);
    }

    /// In default, its loss not on record, and nothing waiting to be collected.
    function _mayLose(ILoans.Loan memory loan) private view returns (bool) {
        if (loan.status != ILoans.Status.Defaulted && loan.status != ILoans.Status.WrittenOff) return false;
        if (loan.lossRecorded || LoanMath.outstanding(loan.state) == 0) return false;
        if (!_isOnLivingClaim(loan)) return true;
        (uint96 principal, uint96 late) = _set.receivables.collectable(ClaimId.wrap(loan.collateralId));
        return principal + late == 0;
    }

    function _isCollateralLost(ILoans.Loan memory loan) private view returns (bool) {
        return loan.collateral != IProducts.CollateralKind.Claim || _isDebtLost(loan.collateralId);
    }

    function _isDebtLost(uint256 claimId) private view returns (bool) {
        IReceivables.Claim memory claimRow = _set.receivables.claim(ClaimId.wrap(claimId));
        return claimRow.owner == address(0)
            || _set.receivables.receivable(claimRow.receivableId).status == IReceivables.Status.Defaulted;
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }

    function _waitUntil(uint256 day) private {
        if (_today() < day) vm.warp(day * 1 days);
    }

    function _dayOf(ILoans.Loan memory loan) private pure returns (uint256) {
        return uint256(loan.terms.startDay) + loan.lostDays;
    }

    /// The first day on which the whole loan is beyond its grace.
    function _endOf(LoanId loanId) private view returns (uint256) {
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        return LoanMath.dueDayOf(loan.terms, loan.terms.periods) + loan.terms.graceDays + loan.lostDays + 1;
    }

    function _min(uint256 first, uint256 second) private pure returns (uint256) {
        return first < second ? first : second;
    }

    function _sum(LoanMath.Parts memory parts) private pure returns (uint256) {
        return uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
    }
}
