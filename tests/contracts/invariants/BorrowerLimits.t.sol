// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, ProductId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "../lending/LendingFixture.sol";
import {BorrowerLimitsHandler} from "./BorrowerLimitsHandler.sol";

/// What borrowers owe over all facilities is the sum of their loans, under random histories.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract BorrowerLimitsInvariants is LendingFixture {
    BorrowerLimitsHandler private _handler;
    address[2] private _borrowers;

    function setUp() public override {
        super.setUp();
        _borrowers = [seller, debtor];
        BorrowerLimitsHandler.Setting memory set;
        (set.attested, set.ruleSetLimit, set.groupLimit) = (1_000, 1_500, 2_000);
        IProducts.ProductTerms memory product = _plainProduct();
        (product.ruleSet, product.ruleSetLimit, product.groupLimit) = ("cn", set.ruleSetLimit, set.groupLimit);
        product.minTier = 5;
        ProductId onTier = _add(product);
        product.minTier = 0;
        ProductId noTier = _add(product);
        for (uint256 who; who < 2; ++who) {
            _rate(_borrowers[who], 3, set.attested);
            set.all[who] = [_of(who, onTier), _of(who, onTier), _of(who, noTier)];
        }
        (set.facilities, set.registry, set.cash) = (facilities, registry, cash);
        (set.registrar, set.lender, set.borrowers) = (REGISTRAR, bank, _borrowers);
        _handler = new BorrowerLimitsHandler(set);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("BorrowerLimits");
    }

    function invariant_what_borrowers_owe_is_the_sum_of_their_loans() public view {
        string memory broken = _handler.broken();
        assertTrue(bytes(broken).length == 0, broken);
        IDrawControl.BorrowerDebt[2] memory debts = [_debt(0), _debt(1)];
        for (uint256 who; who < 2; ++who) {
            (uint256 onTier, uint256 all, uint256 defaulted) = _sums(who);
            assertEq(debts[who].onTier, onTier, "on the tier");
            assertEq(debts[who].underRules, all, "under the rule set");
            assertEq(debts[who].defaultedLoans, defaulted, "in default");
            if (debts[who].group == 0) continue;
            uint256 ofGroup = debts[who].underRules;
            if (debts[1 - who].group == debts[who].group) ofGroup += debts[1 - who].underRules;
            assertEq(debts[who].ofGroup, ofGroup, "of the group");
        }
    }

    function _sums(uint256 who) private view returns (uint256 onTier, uint256 all, uint256 defaulted) {
        for (uint256 i; i < _handler.count(); ++i) {
            if (_handler.owners(i) != who) continue;
            ILoans.Loan memory loan = facilities.loan(_handler.loans(i));
            uint256 owed = LoanMath.outstanding(loan.state);
            all += owed;
            // The third facility of each borrower relies on no tier.
            if (FacilityId.unwrap(loan.facilityId) % 3 != 0) onTier += owed;
            if (loan.status == ILoans.Status.Defaulted) ++defaulted;
        }
    }

    function _of(uint256 who, ProductId productId) private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(productId, 72_000, 1_000_000);
        terms.borrower = _borrowers[who];
        terms.lastDay = _today() + 7_000;
        return _agree(terms);
    }

    function _debt(uint256 who) private view returns (IDrawControl.BorrowerDebt memory) {
        return facilities.borrowerDebt(registry.partyOf(_borrowers[who]), address(cash), "cn");
    }
}
