// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {FacilityId, LoanId, PartyId} from "../../../contracts/types/Ids.sol";
import {Reached} from "../support/Reached.sol";

/// Two borrowers with three facilities each draw, repay, default, change their group and follow it, in any order. A
/// draw is tried even where a limit stands against it; what passed must have been within every limit.
contract BorrowerLimitsHandler is Reached {
    struct Setting {
        Facilities facilities;
        PartyRegistry registry;
        SettlementToken cash;
        address registrar;
        address lender;
        address[2] borrowers;
        FacilityId[3][2] all;
        uint64 attested;
        uint64 ruleSetLimit;
        uint64 groupLimit;
    }

    bytes10 public constant RULES = "cn";
    uint256 private constant MAX_LOANS = 16;
    Setting private _set;
    LoanId[] public loans;
    uint8[] public owners;
    string public broken;

    constructor(Setting memory set) {
        _set = set;
        string[8] memory names = [
            "a draw",
            "a draw refused by a limit",
            "a draw refused after a default",
            "a repayment",
            "a default",
            "a default repaid",
            "a group changed",
            "a group followed"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    function draw(uint8 who, uint256 which, uint64 amount) external {
        if (loans.length == MAX_LOANS) return;
        who %= 2;
        amount = 1 + amount % 600;
        ILoans.DrawRequest memory request = ILoans.DrawRequest(
            FacilityId.unwrap(_set.all[who][which % 3]),
            amount,
            LoanMath.Style.Bullet,
            30,
            0,
            LoanMath.AfterPrepayment.PayAhead,
            0
        );
        IDrawControl.BorrowerDebt memory before = _debt(who);
        vm.prank(_set.borrowers[who]);
        try _set.facilities.draw(request) returns (LoanId loanId) {
            loans.push(loanId);
            owners.push(who);
            _reach("a draw");
            IDrawControl.BorrowerDebt memory debt = _debt(who);
            if (before.defaultedLoans != 0) broken = "a borrower in default drew";
            if (debt.onTier > _set.attested && debt.onTier != before.onTier) broken = "attested limit";
            if (debt.underRules > _set.ruleSetLimit) broken = "limit of the rule set";
            if (debt.group != 0 && debt.ofGroup > _set.groupLimit) broken = "limit of the group";
            if (debt.group != _groupOf(who)) broken = "a draw follows the group";
        } catch (bytes memory reason) {
            bytes4 error = bytes4(reason);
            _reachIf(error == ILoans.LimitExceeded.selector, "a draw refused by a limit");
            _reachIf(error == IDrawControl.BorrowerInDefault.selector, "a draw refused after a default");
        }
    }

    function repay(uint256 which, uint64 amount) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        ILoans.Status status = _set.facilities.loan(loanId).status;
        if (status == ILoans.Status.Repaid) return;
        vm.prank(_set.borrowers[owners[which % loans.length]]);
        _set.facilities.repay(loanId, amount % 3 == 0 ? type(uint64).max : 1 + amount % 600);
        _reach("a repayment");
        bool isEnded = _set.facilities.loan(loanId).status == ILoans.Status.Repaid;
        _reachIf(isEnded && status == ILoans.Status.Defaulted, "a default repaid");
    }

    function fail(uint256 which) external {
        if (loans.length == 0) return;
        LoanId loanId = loans[which % loans.length];
        if (_set.facilities.loan(loanId).status != ILoans.Status.Running) return;
        vm.warp(block.timestamp + 40 days);
        vm.prank(_set.lender);
        _set.facilities.declareDefault(loanId);
        _reach("a default");
    }

    function setGroup(uint8 who, uint32 group) external {
        PartyId partyId = _partyOf(who % 2);
        vm.prank(_set.registrar);
        _set.registry.setGroup(partyId, group % 3);
        _reach("a group changed");
    }

    function follow(uint8 who) external {
        who %= 2;
        if (_debt(who).underRules == 0) return;
        _set.facilities.followGroup(_partyOf(who), RULES, address(_set.cash));
        if (_debt(who).group != _groupOf(who)) broken = "followed";
        _reach("a group followed");
    }

    function _debt(uint8 who) private view returns (IDrawControl.BorrowerDebt memory) {
        return _set.facilities.borrowerDebt(_partyOf(who), address(_set.cash), RULES);
    }

    function _groupOf(uint8 who) private view returns (uint32) {
        return _set.registry.party(_partyOf(who)).group;
    }

    function _partyOf(uint8 who) private view returns (PartyId) {
        return _set.registry.partyOf(_set.borrowers[who]);
    }
}
