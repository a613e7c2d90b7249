// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IHedges} from "../../../contracts/lending/collateral/IHedges.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {HedgeMath} from "../../../contracts/math/HedgeMath.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {GoodsHandler} from "./GoodsHandler.sol";

/// All that GoodsHandler does, and beside it: new terms, waivers, partial write-offs, payments that come in outside the
/// ledger, and hedges, in any order.
contract GoodsReliefHandler is GoodsHandler {
    uint256 private immutable _borrowerKey;
    uint256 private immutable _lenderKey;
    uint256 private _nonces;

    constructor(Setting memory set, uint256 borrowerKey, uint256 lenderKey) GoodsHandler(set) {
        (_borrowerKey, _lenderKey) = (borrowerKey, lenderKey);
        string[10] memory names = [
            "new terms of a loan on goods",
            "new terms of a loan that is called",
            "new terms that end an auction",
            "a waiver on a loan on goods",
            "a partial write-off on goods",
            "a recorded payment on goods",
            "a hedge recorded",
            "a hedge that adds",
            "a call that a hedge holds back",
            "a hedge closed"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    /// Both sides sign a new due day; penalty is forgiven, and a part of the principal.
    function restructure(uint256 which, uint256 length, uint64 forgiven) external {
        if (which % 2 == 0) this.check(which, true);
        (LoanId loanId, bool isFound) = which % 2 == 0 ? _anyCalled(which) : _anyOpen(which);
        if (!isFound) return;
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        uint256 outstanding = LoanMath.outstanding(loan.state);
        if (outstanding == 0) return;
        ICollateral.CollateralState memory before = _set.facilities.collateralOf(loanId);
        _sign(_terms(loanId, length, uint64(forgiven % outstanding)));
        ICollateral.CollateralState memory then = _set.facilities.collateralOf(loanId);
        _hold(_set.facilities.loan(loanId).status == ILoans.Status.Running, "new terms cure a default");
        _hold(then.auctionStart == 0 && then.auctionEnd == 0, "nothing is for sale under a loan that runs");
        _hold(then.items.length == before.items.length, "the collateral stays");
        _reach("new terms of a loan on goods");
        _reachIf(before.calledDay != 0, "new terms of a loan that is called");
        _reachIf(before.round != 0, "new terms that end an auction");
    }

    function waive(uint256 which, uint64 penalty, uint64 interest) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        LoanMath.Parts memory before = _set.facilities.loan(loanId).payoff;
        if (before.penalty == 0 && before.interest == 0) return;
        vm.prank(_set.lender);
        _set.facilities.waive(loanId, 1 + penalty % 10_000, 1 + interest % 10_000);
        LoanMath.Parts memory then = _set.facilities.loan(loanId).payoff;
        _hold(then.principal == before.principal && then.costs == before.costs, "a waiver takes no principal");
        _hold(then.penalty <= before.penalty && then.interest <= before.interest, "a waiver adds nothing");
        _reach("a waiver on a loan on goods");
    }

    function writeOffInPart(uint256 which, uint64 amount) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        _putUp(loanId);
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        uint256 room = LoanMath.outstanding(loan.state) - _set.facilities.reliefOf(loanId).writtenOff;
        if (loan.status != ILoans.Status.Defaulted || room == 0) return;
        uint256 owed = _owed(loanId);
        vm.prank(_set.lender);
        _set.facilities.writeOffInPart(loanId, uint64(1 + amount % room));
        _hold(_owed(loanId) == owed, "a partial write-off forgives nothing");
        _reach("a partial write-off on goods");
    }

    /// Money that came in today outside the ledger: none moves here.
    function recordPayment(uint256 which, uint64 amount) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        uint256 owed = _owed(loanId);
        uint64 provided = 1 + amount % 300_000;
        IPostings.History memory none;
        IPostings.Payment memory payment =
            IPostings.Payment(LoanId.unwrap(loanId), provided, uint24(block.timestamp / 1 days), bytes32(++_nonces));
        vm.prank(_set.lender);
        _set.facilities.recordPayment(payment, none);
        _hold(_owed(loanId) == (provided < owed ? owed - provided : 0), "it counts as a repayment");
        _reach("a recorded payment on goods");
    }

    /// Both sides record a hedge for the goods of a loan, at any price.
    function hedge(uint256 which, uint96 quantity, uint64 price) external {
        (LoanId loanId, bool isFound) = _anyRunning(which);
        uint256 held = isFound ? _quantityBehind(loanId) : 0;
        if (held != 0) _hedge(loanId, uint96(1 + quantity % held), 500_000 + price % 1_500_000);
    }

    /// All goods of a loan are hedged, and the price falls by 8 %, or to just below what calls the margin.
    function fallBehindHedge(uint256 which) external {
        (LoanId loanId, bool isFound) = _anyRunning(which);
        uint256 held = isFound ? _quantityBehind(loanId) : 0;
        if (held == 0) return;
        _post(_price);
        if (_set.facilities.hedgesOf(loanId).length == 0) _hedge(loanId, uint96(held), _price);
        uint256 fallen = uint256(_price) * 92 / 100;
        uint256 lendable = _set.facilities.collateralOf(loanId).lendable;
        uint256 called = lendable == 0 ? 0 : uint256(_price) * _owed(loanId) * 94 / 100 / lendable;
        if (called > uint256(_price) * 80 / 100 && called < _price) fallen = called;
        _post(uint64(1 + fallen));
        _lookAtHedges(loanId);
    }

    /// The lender closes the first hedge that still runs, of this loan or another; if none does, both record one first.
    function closeHedge(uint256 which) external {
        for (uint256 next; next < loans.length; ++next) {
            (LoanId loanId, bool isFound) = _anyRunning(which % loans.length + next);
            if (isFound && _closeFirst(loanId)) return _reach("a hedge closed");
        }
        (LoanId bare, bool isBare) = _anyRunning(which);
        uint256 held = isBare ? _quantityBehind(bare) : 0;
        if (held == 0) return;
        _hedge(bare, uint96(held), _price);
        if (_closeFirst(bare)) _reach("a hedge closed");
    }

    // ------------------------------------------------------------------ parts of the above

    function _closeFirst(LoanId loanId) private returns (bool isClosed) {
        HedgeMath.Hedge[] memory hedges = _set.facilities.hedgesOf(loanId);
        for (uint256 i; i < hedges.length; ++i) {
            if (hedges[i].expiryDay < block.timestamp / 1 days) continue;
            vm.prank(_set.lender);
            _set.facilities.closeHedge(loanId, hedges[i].contractHash);
            _hold(_added(loanId, hedges[i].contractHash) == 0, "a closed hedge adds nothing");
            return true;
        }
    }

    /// A call that a hedge holds back is refused, and the hedge alone is the reason.
    function _lookAtHedges(LoanId loanId) private {
        HedgeMath.Hedge[] memory hedges = _set.facilities.hedgesOf(loanId);
        uint256 added;
        for (uint256 i; i < hedges.length; ++i) {
            added += hedges[i].lendable;
        }
        _reachIf(added != 0, "a hedge that adds");
        ICollateral.CollateralState memory collateral = _set.facilities.collateralOf(loanId);
        uint256 owed = _owed(loanId);
        bool isLow = collateral.lendable * 100 < owed * 95;
        bool isHeldBack = isLow && (collateral.lendable + added) * 100 >= owed * 95 && collateral.calledDay == 0;
        if (!isHeldBack || _set.facilities.loan(loanId).status != ILoans.Status.Running) return;
        try _set.facilities.checkMargin(loanId) {
            broken = "a hedge that adds enough holds a call back";
        } catch {
            _reach("a call that a hedge holds back");
        }
    }

    function _hedge(LoanId loanId, uint96 quantity, uint64 price) private {
        uint256 lendable = _set.facilities.collateralOf(loanId).lendable;
        IHedges.Hedge memory terms;
        terms.loanId = LoanId.unwrap(loanId);
        terms.item = _set.warehouseReceipts.itemOf(_set.sku, "A", "KGM");
        (terms.quantity, terms.price, terms.currency) = (quantity, price, "CNY");
        terms.expiryDay = uint24(block.timestamp / 1 days + 20 + quantity % 60);
        terms.venue = "XSGE";
        terms.contractHash = bytes32(++_nonces);
        terms.documentRoot = keccak256("documents");
        terms.deadline = uint40(block.timestamp + 1 days);
        terms.nonce = ++_nonces;
        bytes32 digest = _set.facilities.hedgeDigest(terms);
        _set.facilities.recordHedge(terms, _signed(_lenderKey, digest), _signed(_borrowerKey, digest));
        _hold(_added(loanId, terms.contractHash) == 0, "a hedge adds nothing while the price stands");
        _hold(_set.facilities.collateralOf(loanId).lendable == lendable, "nobody lends on a hedge");
        _reach("a hedge recorded");
    }

    function _terms(LoanId loanId, uint256 length, uint64 forgiven)
        private
        returns (IRestructuring.Restructuring memory terms)
    {
        terms.loanId = LoanId.unwrap(loanId);
        terms.style = LoanMath.Style.Bullet;
        (terms.periods, terms.monthsPerPeriod) = (1, 1);
        terms.dueDay = uint24(block.timestamp / 1 days + 1 + length % 50);
        terms.annualRate = 60_000;
        terms.forgivenPenalty = type(uint64).max;
        terms.forgivenPrincipal = forgiven;
        terms.restructurings = _set.facilities.reliefOf(loanId).count;
        terms.deadline = uint40(block.timestamp + 1 days);
        terms.nonce = ++_nonces;
    }

    function _sign(IRestructuring.Restructuring memory terms) private {
        bytes32 digest = _set.facilities.restructuringDigest(terms);
        _set.facilities.restructure(terms, _signed(_lenderKey, digest), _signed(_borrowerKey, digest));
    }

    function _signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _added(LoanId loanId, bytes32 contractHash) private view returns (uint256) {
        HedgeMath.Hedge[] memory hedges = _set.facilities.hedgesOf(loanId);
        for (uint256 i; i < hedges.length; ++i) {
            if (hedges[i].contractHash == contractHash) return hedges[i].lendable;
        }
        return 0;
    }

    /// An open loan whose loss nobody shared.
    /// A loan whose margin call stands; where there is none, any that is open.
    function _anyCalled(uint256 which) private view returns (LoanId, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            ILoans.Loan memory loan = _set.facilities.loan(loanId);
            bool isOpen = loan.status != ILoans.Status.Repaid && !loan.lossRecorded;
            if (isOpen && _set.facilities.collateralOf(loanId).calledDay != 0) return (loanId, true);
        }
        return _anyOpen(which);
    }

    function _anyOpen(uint256 which) private view returns (LoanId, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            ILoans.Loan memory loan = _set.facilities.loan(loanId);
            if (loan.status != ILoans.Status.Repaid && !loan.lossRecorded) return (loanId, true);
        }
        return (LoanId.wrap(0), false);
    }

    function _anyRunning(uint256 which) private view returns (LoanId, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            if (_set.facilities.loan(loanId).status == ILoans.Status.Running) return (loanId, true);
        }
        return (LoanId.wrap(0), false);
    }
}
