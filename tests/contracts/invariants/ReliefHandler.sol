// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {IServiceFees} from "../../../contracts/lending/IServiceFees.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {PAID, WAIVED_FEE, WAIVED_INTEREST, WAIVED_PENALTY} from "../../../contracts/types/PostingWord.sol";
import {ClaimMaker} from "./ClaimMaker.sol";
import {LoanSeller} from "./LoanSeller.sol";
import {PostingsHandler} from "./PostingsHandler.sol";

/// All that PostingsHandler does, and beside it: loans on claims that debtors pay, waivers, new terms, partial
/// write-offs, and sales of the loans, in any order.
contract ReliefHandler is ClaimMaker, LoanSeller, PostingsHandler {
    struct Claims {
        Receivables receivables;
        SettlementToken cash;
        FacilityId facilityId;
        uint256 debtorKey;
    }

    /// Twice what is drawn on it.
    uint96 private constant FACE = 2_000_000;
    Claims private _claims;
    uint24 private immutable _maxRate;
    mapping(LoanId => uint256) public capitalised;

    constructor(Facilities facilities, Sides memory sides, Claims memory claims, uint24 maxRate)
        PostingsHandler(facilities, sides)
    {
        _claims = claims;
        _maxRate = maxRate;
        string[11] memory names = [
            "a loan on a claim",
            "a debtor's payment through the loan",
            "a waiver of penalty",
            "a waiver of interest",
            "new terms of a running loan",
            "new terms of a loan in default",
            "new terms of a sold loan",
            "a partial write-off",
            "a sale",
            "a sale of a loan in default",
            "a sale of a loan with new terms"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        if (facilities.facilityFeesOf(sides.facilityId).flatFee != 0) {
            _mustReach("a waiver of service fees");
            _mustReach("service fees that fell due");
        }
    }

    function drawOnClaim(uint256 tenor) external {
        _drawOnClaim(tenor);
    }

    /// The debtor pays, and what it paid is collected through the loan.
    function payDebt(uint256 which, uint256 amount, bool whole) external {
        (LoanId loanId, bool isFound) = _anyOnClaim(which);
        if (!isFound) return _drawOnClaim(which);
        ClaimId claimId = ClaimId.wrap(_facilities.loan(loanId).collateralId);
        ReceivableId receivableId = _claims.receivables.claim(claimId).receivableId;
        (uint96 principal, uint96 late) = _claims.receivables.due(receivableId);
        if (principal + late != 0) {
            vm.prank(vm.addr(_claims.debtorKey));
            _claims.receivables.pay(receivableId, whole ? principal + late : uint96(1 + amount % (principal + late)));
        }
        (principal, late) = _claims.receivables.collectable(claimId);
        if (principal + late == 0) return;
        address lender = _lenderOf(loanId);
        uint256 before = _claims.cash.balanceOf(lender);
        _claims.receivables.collect(claimId);
        _note(loanId, PAID, _claims.cash.balanceOf(lender) - before);
        _reach("a debtor's payment through the loan");
    }

    function waive(uint256 which, uint256 penalty, uint256 interest) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        LoanMath.Parts memory before = _facilities.loan(loanId).payoff;
        if (before.penalty == 0 && before.interest == 0) return;
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        _facilities.waive(loanId, uint64(1 + penalty % 20_000), uint64(1 + interest % 20_000));
        LoanMath.Parts memory then = _facilities.loan(loanId).payoff;
        if (then.penalty != before.penalty) {
            _note(loanId, WAIVED_PENALTY, before.penalty - then.penalty);
            _reach("a waiver of penalty");
        }
        if (then.interest != before.interest) {
            _note(loanId, WAIVED_INTEREST, before.interest - then.interest);
            _reach("a waiver of interest");
        }
    }

    function waiveFees(uint256 which, uint256 amount) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        IServiceFees.OwedFees memory fees = _facilities.serviceFeesOf(loanId);
        uint256 owed = uint256(fees.past) + fees.inGrace + fees.running;
        if (owed == 0) return;
        uint64 waived = uint64(1 + amount % owed);
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        _facilities.waiveServiceFees(loanId, waived);
        _note(loanId, WAIVED_FEE, waived);
        _reach("a waiver of service fees");
        _reachIf(fees.past + fees.inGrace != 0, "service fees that fell due");
    }

    function restructure(uint256 which, uint256 choice, uint64 interest, uint64 capital, bool afterDefault) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        if (afterDefault) _fail(loanId);
        ILoans.Loan memory loan = _facilities.loan(loanId);
        if (LoanMath.outstanding(loan.state) == 0) return;
        IRestructuring.Restructuring memory terms = _terms(loanId, choice);
        terms.forgivenInterest = interest % 10_000;
        // Interest becomes principal only while no other loan is in default.
        if (!_othersFailed(loanId)) terms.capitalisedInterest = capital % 10_000;
        terms.forgivenPrincipal = uint64(choice % LoanMath.outstanding(loan.state));
        _restructure(loanId, terms);
        _reach(loan.status == ILoans.Status.Running ? "new terms of a running loan" : "new terms of a loan in default");
        _reachIf(_isSold(loanId), "new terms of a sold loan");
    }

    function writeOffInPart(uint256 which, uint256 amount) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        _fail(loanId);
        ILoans.Loan memory loan = _facilities.loan(loanId);
        uint256 room = LoanMath.outstanding(loan.state);
        room -= _facilities.reliefOf(loanId).writtenOff;
        if (room == 0 || loan.status != ILoans.Status.Defaulted) return;
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        _facilities.writeOffInPart(loanId, uint64(1 + amount % room));
        _reach("a partial write-off");
    }

    /// To the other lender, as the loan stands.
    function sell(uint256 which, uint64 price) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        uint256 sellerKey = _lenderKeyOf(loanId);
        uint256 buyerKey = _sides.lenderKeys[sellerKey == _sides.lenderKeys[0] ? 1 : 0];
        _sellOn(
            _facilities,
            _saleTerms(_facilities, loanId, vm.addr(buyerKey), 1 + price % AMOUNT, ++_nonces),
            sellerKey,
            buyerKey
        );
        _reach("a sale");
        _reachIf(_facilities.loan(loanId).status == ILoans.Status.Defaulted, "a sale of a loan in default");
        _reachIf(_facilities.reliefOf(loanId).count != 0, "a sale of a loan with new terms");
    }

    // ------------------------------------------------------------------ parts of the above

    function _drawOnClaim(uint256 tenor) private {
        if (!_mayDraw(_claims.facilityId)) return;
        uint256 claimId =
            _confirmedClaim(_claims.receivables, address(_claims.cash), _sides.borrower, _claims.debtorKey, FACE);
        _drawOn(
            _claims.facilityId,
            LoanMath.Style.Bullet,
            uint16(1 + tenor % 60),
            LoanMath.AfterPrepayment.PayAhead,
            claimId
        );
        _reach("a loan on a claim");
    }

    function _restructure(LoanId loanId, IRestructuring.Restructuring memory terms) private {
        bytes32 digest = _facilities.restructuringDigest(terms);
        _facilities.restructure(terms, _sign(_lenderKeyOf(loanId), digest), _sign(_sides.borrowerKey, digest));
        capitalised[loanId] += terms.capitalisedInterest;
        _beginAnew(loanId);
    }

    function _terms(LoanId loanId, uint256 choice) private returns (IRestructuring.Restructuring memory terms) {
        terms.loanId = LoanId.unwrap(loanId);
        terms.style = [
            LoanMath.Style.Bullet,
            LoanMath.Style.EqualPrincipal,
            LoanMath.Style.EqualInstalment,
            LoanMath.Style.InterestOnly
        ][choice % 4];
        bool isBullet = terms.style == LoanMath.Style.Bullet;
        terms.periods = isBullet ? 1 : uint8(1 + (choice >> 8) % 9);
        terms.monthsPerPeriod = 1;
        terms.dueDay = uint24(_today() + 1 + (choice >> 16) % 50);
        terms.interestFromDay = uint24(_today() + (choice >> 24) % (terms.dueDay - _today()));
        terms.interestGrace = isBullet ? 0 : uint8((choice >> 32) % terms.periods);
        terms.annualRate = uint24((choice >> 40) % (uint256(_maxRate) + 1));
        terms.forgivenCosts = uint64((choice >> 64) % 5_000);
        terms.forgivenPenalty = type(uint64).max;
        terms.restructurings = _facilities.reliefOf(loanId).count;
        terms.deadline = uint40(block.timestamp + 1 days);
        terms.nonce = ++_nonces;
    }

    /// An open loan on a claim that is still there.
    function _anyOnClaim(uint256 which) private view returns (LoanId, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            ILoans.Loan memory loan = _facilities.loan(loanId);
            if (loan.status == ILoans.Status.Repaid || loan.collateral != IProducts.CollateralKind.Claim) continue;
            if (_claims.receivables.claim(ClaimId.wrap(loan.collateralId)).owner != address(0)) return (loanId, true);
        }
        return (LoanId.wrap(0), false);
    }

    function _isSold(LoanId loanId) internal view returns (bool) {
        FacilityId facilityId = _facilities.loan(loanId).facilityId;
        return facilityId != _sides.facilityId && facilityId != _claims.facilityId;
    }
}
