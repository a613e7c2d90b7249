// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";
import {Stablecoin} from "../support/Stablecoin.sol";

/// An entrusted facility with a deposit, in a currency whose issuer blacklists and pauses: only what is allowed, in any
/// order.
contract FacilitiesHandler is Reached {
    struct Setting {
        Facilities facilities;
        Receivables receivables;
        Stablecoin currency;
        FacilityId facilityId;
        address lender;
        address borrower;
        address entruster;
        address debtor;
        uint256 borrowerKey;
        uint256 entrusterKey;
        uint256 debtorKey;
    }

    uint256 private constant MAX_LOANS = 8;
    uint64 private constant DEPOSIT = 10_000;
    bytes32 private constant DOCUMENTS = keccak256("documents");

    Setting private _set;
    LoanId[] public loans;
    /// The total that the facility owes each party over time, whether it was paid out or waits.
    uint256 public ofLender;
    uint256 public ofEntruster;
    uint256 public paidByEntruster;
    uint256 public drawn;
    uint256 public credited;
    uint256 private _documents;

    constructor(Setting memory set) {
        _set = set;
        string[14] memory names = [
            "a deposit paid",
            "a draw",
            "a repayment",
            "a repayment whose lender is blacklisted",
            "a repayment whose entruster is blacklisted",
            "a repayment while the currency stands",
            "the last cent",
            "a stop that ended",
            "a withdrawal of what waited",
            "a set-off",
            "an extension",
            "an extension after a stop",
            "a deposit taken for a loss",
            "a facility closed"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    function payDeposit() public {
        _set.currency.pause(false);
        IFacilities.Facility memory facility = _facility();
        if (facility.closed || facility.depositHeld == facility.deposit) return;
        vm.prank(_set.borrower);
        _set.facilities.payDeposit(_set.facilityId, facility.deposit - facility.depositHeld);
        _reach("a deposit paid");
    }

    /// After the deposit that the facility requires before a draw.
    function draw(uint64 amount, uint16 tenor) external {
        payDeposit();
        IFacilities.Facility memory facility = _facility();
        if (facility.closed || facility.overdueLoans != 0 || loans.length == MAX_LOANS) return;
        _set.currency.blacklist(_set.entruster, false);
        amount = uint64(1 + amount % 20_000);
        if (facility.outstanding + amount > facility.limit) return;
        tenor = 1 + tenor % 90;
        vm.prank(_set.borrower);
        loans.push(
            _set.facilities
                .draw(
                    ILoans.DrawRequest(
                        FacilityId.unwrap(_set.facilityId),
                        amount,
                        LoanMath.Style.Bullet,
                        tenor,
                        0,
                        LoanMath.AfterPrepayment.PayAhead,
                        0
                    )
                )
        );
        drawn += amount;
        _reach("a draw");
    }

    /// After that nobody, the lender or the entruster is blacklisted.
    function repay(uint256 place, uint64 amount, bool all, uint8 blocked) external {
        if (blocked % 4 == 0) _set.currency.pause(true);
        else if (blocked % 4 == 1) _set.currency.pause(false);
        (LoanId loanId, bool isFound) = _open(place);
        if (!isFound) return;
        if (blocked % 3 != 0) _set.currency.blacklist(blocked % 3 == 1 ? _set.lender : _set.entruster, true);
        vm.prank(_set.borrower);
        LoanMath.Parts memory parts = _set.facilities.repay(loanId, all ? type(uint64).max : 1 + amount % 20_000);
        uint256 sum = LoanMath.sumOf(parts);
        _reachIf(sum == 0, "a repayment while the currency stands");
        require((sum == 0) == _set.currency.paused(), "nothing just while it stands");
        if (sum == 0) return;
        _reach("a repayment");
        _reachIf(_set.currency.blacklisted(_set.lender), "a repayment whose lender is blacklisted");
        _reachIf(_set.currency.blacklisted(_set.entruster), "a repayment whose entruster is blacklisted");
        _reachIf(_loan(loanId).status == ILoans.Status.Repaid, "the last cent");
        _share(parts);
    }

    function pause(bool on) public {
        _set.currency.pause(on);
        uint256 before = _set.facilities.currencyClock(address(_set.currency)).lostDays;
        _set.facilities.checkCurrency(address(_set.currency));
        _reachIf(_set.facilities.currencyClock(address(_set.currency)).lostDays > before, "a stop that ended");
    }

    function advanceDays(uint256 count_) external {
        vm.warp(block.timestamp + (count_ % 12) * 1 days);
    }

    /// The first account with unclaimed money calls it, once the currency serves that account again.
    function withdraw(uint256 who) external {
        address[3] memory all = [_set.lender, _set.entruster, _set.borrower];
        for (uint256 i; i < 3; ++i) {
            address account = all[(who % 3 + i) % 3];
            uint256 waits = _set.facilities.unclaimedOf(account, address(_set.currency));
            if (waits == 0 || _set.currency.paused()) continue;
            _set.currency.blacklist(account, false);
            vm.prank(account);
            require(_set.facilities.withdrawUnclaimed(account, address(_set.currency)) == waits, "all that waits");
            _reach("a withdrawal of what waited");
            return;
        }
    }

    /// A claim, for a credit of what the loan takes.
    function setOff(uint256 place, uint64 credit) external {
        (LoanId loanId, bool isFound) = _open(place);
        ILoans.Loan memory loan = _loanOr(loanId, isFound);
        if (!isFound || loan.lossRecorded || _set.currency.paused()) return;
        _set.currency.blacklist(_set.entruster, false);
        uint256 owed = LoanMath.sumOf(loan.payoff);
        credit = uint64(1 + credit % owed);
        uint256 claimId = _claim(credit);
        ILoans.SetOff memory setOff_ = ILoans.SetOff(
            LoanId.unwrap(loanId), claimId, credit, credit, DOCUMENTS, uint40(block.timestamp + 1), ++_documents
        );
        bytes32 digest = _set.facilities.setOffDigest(setOff_);
        uint256 before = _set.currency.balanceOf(_set.entruster);
        _set.facilities.setOff(setOff_, _signed(_set.entrusterKey, digest), _signed(_set.borrowerKey, digest));
        uint256 fee = before - _set.currency.balanceOf(_set.entruster);
        ofLender += fee;
        paidByEntruster += fee;
        credited += credit;
        _reach("a set-off");
    }

    function extend(uint256 place, uint24 later, uint8 stops) external {
        if (stops % 3 == 0) {
            pause(true);
            vm.warp(block.timestamp + 2 days);
            pause(false);
        }
        (LoanId loanId, bool isFound) = _open(place);
        ILoans.Loan memory loan = _loanOr(loanId, isFound);
        if (!isFound || loan.status != ILoans.Status.Running || loan.state.period != 0) return;
        uint256 due = uint256(loan.terms.dueDay) + loan.lostDays;
        uint256 max = uint256(loan.terms.startDay) + 360 + loan.lostDays;
        uint24 day = uint24(due + 1 + later % 30);
        if (day > max) return;
        ILoans.Extension memory provided =
            ILoans.Extension(LoanId.unwrap(loanId), day, 0, uint40(block.timestamp + 1), ++_documents);
        bytes32 digest = _set.facilities.extensionDigest(provided);
        _set.facilities.extend(provided, _signed(_set.entrusterKey, digest), _signed(_set.borrowerKey, digest));
        ILoans.Loan memory extended = _loan(loanId);
        require(extended.terms.dueDay + extended.lostDays == day, "due on the day that was signed");
        require(LoanMath.sumOf(extended.payoff) == LoanMath.sumOf(loan.payoff), "owes what it owed");
        _reach("an extension");
        _reachIf(loan.lostDays != 0, "an extension after a stop");
    }

    /// At most the deposit: the loan is in default and has no collateral.
    function takeDeposit(uint256 place) external {
        (LoanId loanId, bool isFound) = _open(place);
        if (!isFound || _facility().depositHeld == 0 || _set.currency.paused()) return;
        _set.facilities.checkCurrency(address(_set.currency));
        ILoans.Loan memory loan = _loan(loanId);
        if (loan.lossRecorded) return;
        if (loan.status == ILoans.Status.Running) {
            // The first day on which it is overdue.
            uint256 day = uint256(loan.terms.dueDay) + loan.lostDays + 4;
            if (block.timestamp < day * 1 days) vm.warp(day * 1 days);
            vm.prank(_set.entruster);
            _set.facilities.declareDefault(loanId);
        }
        uint256 owed = LoanMath.sumOf(_loan(loanId).payoff);
        // No more than the deposit, so that nothing is left to others.
        if (owed > _facility().depositHeld) return;
        uint64 held = _facility().depositHeld;
        LoanMath.Parts memory parts = _loan(loanId).payoff;
        vm.prank(_set.entruster);
        _set.facilities.recordLoss(loanId);
        require(held - _facility().depositHeld == owed, "just what was owed");
        _share(parts);
        _reach("a deposit taken for a loss");
    }

    /// After two loans at least, as nothing is drawn afterwards.
    function close() external {
        IFacilities.Facility memory facility = _facility();
        if (facility.closed || facility.openLoans != 0 || loans.length < 2) return;
        vm.prank(_set.lender);
        _set.facilities.close(_set.facilityId);
        _reach("a facility closed");
    }

    // ------------------------------------------------------------------ parts of the above

    function _facility() private view returns (IFacilities.Facility memory) {
        return _set.facilities.facility(_set.facilityId);
    }

    function _loan(LoanId loanId) private view returns (ILoans.Loan memory) {
        return _set.facilities.loan(loanId);
    }

    function _loanOr(LoanId loanId, bool isFound) private view returns (ILoans.Loan memory loan) {
        if (isFound) loan = _loan(loanId);
    }

    function _open(uint256 place) private view returns (LoanId loanId, bool isFound) {
        for (uint256 i; i < loans.length; ++i) {
            loanId = loans[(place % loans.length + i) % loans.length];
            if (_loan(loanId).status != ILoans.Status.Repaid) return (loanId, true);
        }
    }

    function _share(LoanMath.Parts memory parts) private {
        uint256 fee = (uint256(parts.interest) + parts.penalty) * 100_000 / 1_000_000;
        ofLender += fee;
        ofEntruster += LoanMath.sumOf(parts) - fee;
    }

    function _claim(uint96 face) private returns (uint256) {
        IReceivables.ReceivableTerms memory terms = IReceivables.ReceivableTerms({
            seller: _set.borrower,
            debtor: _set.debtor,
            currency: address(_set.currency),
            faceAmount: face,
            dueDay: uint32(block.timestamp / 1 days + 60),
            graceDays: 5,
            lateRate: 0,
            disputeDays: 10,
            maxDepth: 8,
            fingerprint: keccak256(abi.encode("facilities", ++_documents)),
            documentRoot: DOCUMENTS,
            legalTextHash: keccak256("text")
        });
        vm.prank(_set.borrower);
        ReceivableId receivableId = _set.receivables.request(terms);
        bytes memory signature = _signed(_set.debtorKey, _set.receivables.confirmationDigest(receivableId));
        return ClaimId.unwrap(_set.receivables.confirm(receivableId, signature));
    }

    function _signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
