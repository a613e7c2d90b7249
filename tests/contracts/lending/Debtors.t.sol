// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {FacilityId, LoanId, OrderId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "./GoodsFixture.sol";

/// A lender lends on debts of debtors that it accepts, and never on the borrower's own.
contract DebtorsTest is GoodsFixture {
    uint256 private constant OTHER_KEY = 777;
    address private _other = vm.addr(OTHER_KEY);
    FacilityId private _onClaims;
    FacilityId private _onOrders;

    function setUp() public override {
        super.setUp();
        _onClaims = _agreedFacility(_add(_claimProduct()), 72_000, 1_000_000_00);
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        _onOrders = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
    }

    // ------------------------------------------------------------------ accepted

    function test_only_the_lender_accepts_a_debtor() public {
        address[4] memory others = [seller, debtor, otherBank, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, _onClaims, bank, others[i]));
            facilities.acceptDebtor(_onClaims, debtor, true);
        }
        vm.expectEmit(address(facilities));
        emit IFacilities.DebtorAccepted(_onClaims, debtor, true);
        _accept(_onClaims, debtor, true);
        assertTrue(facilities.acceptsDebtor(_onClaims, debtor), "accepted");
        assertTrue(!facilities.acceptsDebtor(_onOrders, debtor), "for that facility alone");
        _accept(_onClaims, debtor, false);
        assertTrue(!facilities.acceptsDebtor(_onClaims, debtor), "not any more");
    }

    function test_accept_debtor_reverts_for_a_stranger_and_for_an_unknown_facility() public {
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.AccountUnknown.selector, STRANGER));
        facilities.acceptDebtor(_onClaims, STRANGER, true);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityUnknown.selector, FacilityId.wrap(99)));
        facilities.acceptDebtor(FacilityId.wrap(99), debtor, true);
        vm.stopPrank();
    }

    function test_accept_debtor_counts_a_party_once_whichever_of_its_accounts_is_named() public {
        _join(debtor, OTHER_KEY);
        _accept(_onClaims, debtor, true);
        _accept(_onClaims, _other, true);
        assertTrue(facilities.acceptsDebtor(_onClaims, _other), "the party");
        _accept(_onClaims, debtor, false);
        // The lender names no debtor any more, so every debtor that the product allows is accepted.
        (, uint256 claimId) = _confirmed(100_000_00);
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, claimId);
    }

    function test_draw_takes_only_accepted_debtors_once_one_is_named() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        (, uint256 another) = _confirmed(100_000_00);
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, another);
        _accept(_onClaims, platform, true);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.DebtorNotAccepted.selector, _onClaims, debtor));
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, claimId);
        _accept(_onClaims, debtor, true);
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, claimId);
    }

    function test_draw_on_an_order_takes_only_accepted_buyers_once_one_is_named() public {
        uint256 orderId = OrderId.unwrap(_order(20_000_00));
        _accept(_onOrders, platform, true);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.DebtorNotAccepted.selector, _onOrders, debtor));
        _draw(_onOrders, 1_000_00, LoanMath.Style.Bullet, 60, orderId);
        _accept(_onOrders, debtor, true);
        _draw(_onOrders, 1_000_00, LoanMath.Style.Bullet, 60, orderId);
    }

    // ------------------------------------------------------------------ related

    function test_draw_reverts_when_a_party_encumbers_its_own_promise_by_a_second_account() public {
        _join(debtor, OTHER_KEY);
        (, uint256 claimId) = _confirmed(100_000_00);
        vm.prank(seller);
        receivables.assign(claimId, _other, 100_000_00, 0);
        FacilityId own = _facilityOf(_other, OTHER_KEY);
        vm.startPrank(_other);
        receivables.setApprovalForAll(address(facilities), true);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, debtor, _other));
        facilities.draw(_request(own, 80_000_00, LoanMath.Style.Bullet, 60, claimId));
        vm.stopPrank();
    }

    function test_draw_reverts_on_the_promise_of_a_party_of_the_borrowers_group() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        uint256 orderId = OrderId.unwrap(_order(20_000_00));
        _group(seller, 7);
        _group(debtor, 7);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, debtor, seller));
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, claimId);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, debtor, seller));
        _draw(_onOrders, 1_000_00, LoanMath.Style.Bullet, 60, orderId);
        _group(debtor, 8);
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, claimId);
        _draw(_onOrders, 1_000_00, LoanMath.Style.Bullet, 60, orderId);
    }

    function test_draw_on_goods_reverts_when_a_claims_debtor_is_related() public {
        (LoanId loanId,) = _loanOnGoods(1_000_00);
        (, uint256 claimId) = _confirmed(10_000_00);
        _accept(facilityId, debtor, true);
        _group(seller, 7);
        _group(debtor, 7);
        ICollateral.CollateralItem[] memory added = new ICollateral.CollateralItem[](1);
        added[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, debtor, seller));
        facilities.substituteCollateral(loanId, added, _none());
    }

    function test_lender_of_the_borrowers_group_may_lend_and_of_its_party_may_not() public {
        _group(seller, 7);
        _group(bank, 7);
        _agreedFacility(_add(_plainProduct()), 72_000, 1_000_00);
        _join(bank, OTHER_KEY);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, 1_000_00);
        terms.borrower = _other;
        bytes32 digest = facilities.facilityDigest(terms);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(OTHER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, bank, _other));
        facilities.agree(terms, lender, borrower, "");
    }

    // ------------------------------------------------------------------ what a claim must be

    function test_draw_takes_a_claim_on_its_due_day_and_none_the_day_after() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        (, uint256 later) = _confirmed(100_000_00);
        _toDay(DUE_DAY);
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, claimId);
        _days(1);
        vm.expectPartialRevert(ICollateral.CollateralNotGood.selector);
        _draw(_onClaims, 1_000_00, LoanMath.Style.Bullet, 60, later);
    }

    // ------------------------------------------------------------------ parts of the above

    function _facilityOf(address borrower, uint256 key) private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_claimProduct()), 72_000, 100_000_00);
        terms.borrower = borrower;
        bytes32 digest = facilities.facilityDigest(terms);
        return facilities.agree(terms, _signed(BANK_KEY, digest), _signed(key, digest), "");
    }

    function _accept(FacilityId facilityId, address account, bool accepted) private {
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, account, accepted);
    }

    function _group(address account, uint32 group) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, group);
    }
}
