// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IRiskReserve} from "../../../../contracts/risk/IRiskReserve.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    OrderId,
    PartyId,
    ProductId,
    ReceivableId,
    WarehouseReceiptId
} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {ParticipationsFixture} from "../ParticipationsFixture.sol";
import {SalesFixture} from "../SalesFixture.sol";
import {SharerFixture} from "../SharerFixture.sol";

/// Loans whose lender owes what secures them, itself or by a party of its group.
contract OwnDebtsTest is GoodsFixture, SharerFixture, ParticipationsFixture {
    uint32 private constant GROUP = 7;
    uint256 private _nonces;

    function setUp() public override(GoodsFixture, SharerFixture, SalesFixture) {
        super.setUp();
        PartyId[2] memory parties = [registry.partyOf(debtor), registry.partyOf(otherBank)];
        for (uint256 i; i < 2; ++i) {
            vm.prank(REGISTRAR);
            registry.setRoles(parties[i], 2 | 4);
        }
    }

    // ------------------------------------------------------------------ sales

    function test_a_debtor_of_the_collateral_does_not_buy_the_loan() public {
        (LoanId loanId,) = _loanOnGoodsAndClaim(facilityId);
        _expectRefusal(_saleTerms(loanId, debtor, 12_000_00), _bothSides(debtor));
        // Nor does a party of its group.
        _group(debtor);
        _group(otherBank);
        _expectRefusal(_saleTerms(loanId, otherBank, 12_000_00), _bothSides(otherBank));
        // Another bank does.
        _sell(loanId, thirdBank, 12_000_00);
    }

    function test_a_debtor_of_the_one_claim_does_not_buy_the_loan() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(
            _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000_00), 800_00, LoanMath.Style.Bullet, 30, claimId
        );
        _expectRefusal(_saleTerms(loanId, debtor, 800_00), _bothSides(debtor));
        _sell(loanId, otherBank, 800_00);
    }

    function test_the_buyer_of_the_order_does_not_buy_the_loan() public {
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        FacilityId onOrders = _agreedFacility(_add(terms), 72_000, 10_000_000_00);
        LoanId loanId = _draw(onOrders, 800_00, LoanMath.Style.Bullet, 30, OrderId.unwrap(_order(1_000_00)));
        _expectRefusal(_saleTerms(loanId, debtor, 800_00), _bothSides(debtor));
        _sell(loanId, otherBank, 800_00);
    }

    // ------------------------------------------------------------------ margin

    function test_a_lender_that_does_not_pay_its_own_debt_does_not_get_the_goods() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_goodsProduct()), 72_000, 10_000_000_00);
        terms.lender = debtor;
        _onlyUnpaid(_agree(terms), debtor);
    }

    function test_a_lender_of_the_debtors_group_does_not_get_the_goods() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_goodsProduct()), 72_000, 10_000_000_00);
        terms.lender = otherBank;
        FacilityId ofGroup = _agree(terms);
        _group(debtor);
        _group(otherBank);
        _onlyUnpaid(ofGroup, otherBank);
    }

    function test_a_dispute_of_the_lenders_own_debt_calls_nothing() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_goodsProduct()), 72_000, 10_000_000_00);
        terms.lender = debtor;
        (LoanId loanId, ReceivableId receivableId) = _loanOnGoodsAndClaim(_agree(terms));
        vm.prank(debtor);
        receivables.dispute(receivableId, DOCUMENTS);
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(loanId);
    }

    function test_a_debt_of_another_counts_for_nothing_after_its_due_day() public {
        (LoanId loanId,) = _loanOnGoodsAndClaim(facilityId);
        _toDay(uint256(DUE_DAY) + 1);
        _priced(TEN);
        vm.prank(bank);
        facilities.liquidate(loanId);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Defaulted, "6,000.00 secure 12,000.00");
    }

    // ------------------------------------------------------------------ losses

    function test_nobody_else_bears_the_loss_of_a_lender_that_did_not_pay_its_own_debt() public {
        LoanId loanId = _failed(otherBank);
        uint256 before = cash.balanceOf(otherBank);
        vm.prank(otherBank);
        assertEq(facilities.recordLoss(loanId), 0, "nobody else pays");
        (, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(open, 0, "nor will the insurer");
        assertEq(cash.balanceOf(otherBank), before, "the lender has nothing of it");
        assertEq(reserve.lossOf(loanId).borne, 800_00, "it bears all");
    }

    function test_nobody_else_bears_the_loss_of_a_lender_whose_group_did_not_pay() public {
        _group(otherBank);
        _group(bank);
        LoanId loanId = _failed(bank);
        vm.prank(otherBank);
        assertEq(facilities.recordLoss(loanId), 0, "nobody else pays");
    }

    function test_nobody_else_bears_the_loss_of_who_bought_it_from_the_debtor() public {
        (FacilityId ofLender, ProductId onClaims) = _ofOtherBank();
        _agreeSharing(onClaims);
        LoanId loanId = _drawOnDebtOf(ofLender, otherBank);
        _sell(loanId, thirdBank, 800_00);
        _failedNow(loanId, thirdBank);
        vm.prank(thirdBank);
        assertEq(facilities.recordLoss(loanId), 0, "the lender's friend has it");
    }

    function test_nobody_else_bears_the_loss_of_a_holder_that_came_to_the_debtors_group() public {
        (FacilityId ofLender, ProductId onClaims) = _ofOtherBank();
        _agreeSharing(onClaims);
        LoanId loanId = _drawOnDebtOf(ofLender, debtor);
        _sell(loanId, thirdBank, 800_00);
        _group(debtor);
        _group(thirdBank);
        _failedNow(loanId, thirdBank);
        vm.prank(thirdBank);
        assertEq(facilities.recordLoss(loanId), 0, "the holder's group owes the debt");
    }

    function test_nobody_else_bears_the_loss_of_a_participant_that_did_not_pay() public {
        (FacilityId ofLender, ProductId onClaims) = _ofOtherBank();
        _agreeSharing(onClaims);
        LoanId loanId = _drawOnDebtOf(ofLender, bank);
        _share(loanId, bank, 500_000, 400_00);
        _failedNow(loanId, otherBank);
        vm.prank(otherBank);
        assertEq(facilities.recordLoss(loanId), 0, "the participant owes the debt");
    }

    /// The goods are gone, and the claim of 10,000.00 is not paid: 12,000.00 are lost.
    function test_lender_bears_as_much_as_its_group_did_not_pay_and_others_share_the_rest() public {
        _agreeSharing(product);
        LoanId loanId = _withoutGoods(bank);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossLeftToLender(loanId, bank, 10_000_00);
        vm.prank(bank);
        assertEq(facilities.recordLoss(loanId), 1_000_00, "half of the other 2,000.00, from the sharer");
    }

    function test_others_share_all_of_that_loss_if_the_debtor_is_nobody_to_the_lender() public {
        _agreeSharing(product);
        LoanId loanId = _withoutGoods(debtor);
        vm.prank(bank);
        assertEq(facilities.recordLoss(loanId), 6_000_00, "half of 12,000.00, from the sharer");
    }

    /// The participant, a friend of the insurer, has 1 % and owes the borrower 1.00, which becomes collateral.
    function test_a_small_debt_of_a_participant_leaves_the_rest_to_those_who_bear_losses() public {
        _agreeSharing(product);
        _agreeInsurance(facilityId, bank);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        _share(loanId, otherBank, 10_000, 60_00);
        IReceivables.ReceivableTerms memory terms = _terms(1_00);
        terms.debtor = otherBank;
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        bytes memory signature = _signed(OTHER_BANK_KEY, receivables.confirmationDigest(receivableId));
        ICollateral.CollateralItem[] memory claims = new ICollateral.CollateralItem[](1);
        claims[0].kind = IProducts.CollateralKind.Claim;
        claims[0].id = ClaimId.unwrap(receivables.confirm(receivableId, signature));
        vm.prank(seller);
        facilities.substituteCollateral(loanId, claims, _none());
        _lost(loanId, id);
        vm.prank(bank);
        assertEq(facilities.recordLoss(loanId), 2_999_50, "half of 5,999.00, from the sharer");
        (, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(open, 2_999_50, "the other half, from the insurer");
    }

    function test_a_participant_of_the_borrowers_group_leaves_all_to_the_lender() public {
        _agreeSharing(product);
        (LoanId loanId, uint256 id) = _loanOnGoodsAlone();
        _share(loanId, otherBank, 10_000, 60_00);
        _group(otherBank);
        _group(seller);
        _days(91);
        _lost(loanId, id);
        vm.prank(bank);
        assertEq(facilities.recordLoss(loanId), 0, "nobody else pays");
    }

    function test_nobody_else_bears_the_loss_on_an_order_of_the_lenders_group() public {
        assertEq(_lossOnOrder(true), 0, "its group did not take the goods");
    }

    function test_others_bear_the_loss_on_an_order_of_another() public {
        assertEq(_lossOnOrder(false), 400_00, "half of it, from the sharer");
    }

    function test_the_lenders_own_debt_is_not_set_off_below_what_was_lent_on_it() public {
        LoanId loanId = _failed(otherBank);
        uint256 claimId = facilities.loan(loanId).collateralId;
        ILoans.SetOff memory terms =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 1_000_00, 1_00, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(terms);
        (bytes memory first, bytes memory second) = (_signed(OTHER_BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CreditBelowFloor.selector, loanId, 1_00, 800_00));
        facilities.setOff(terms, first, second);
    }

    function test_others_bear_the_loss_of_a_debtor_that_is_nobody_to_the_lender() public {
        LoanId loanId = _failed(debtor);
        uint256 before = cash.balanceOf(otherBank);
        vm.prank(otherBank);
        assertEq(facilities.recordLoss(loanId), 400_00, "half of it, from the sharer");
        assertEq(cash.balanceOf(otherBank), before + 400_00, "the lender has it");
        (address by, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(by, insurer, "the insurer is bound");
        assertEq(open, 400_00, "for the other half");
    }

    // ------------------------------------------------------------------ helpers

    function _loanOnGoodsAlone() private returns (LoanId loanId, uint256 id) {
        id = _warehouseReceipt(1_000_000);
        ILoans.DrawRequest memory request = _request(facilityId, 6_000_00, LoanMath.Style.Bullet, 90, 0);
        vm.prank(seller);
        loanId = facilities.drawOnGoods(request, _items(id));
    }

    /// 12,000.00 on goods that are lost and on a debt of 10,000.00 that is not paid.
    function _withoutGoods(address friend) private returns (LoanId loanId) {
        (loanId,) = _loanOnGoodsAndClaim(facilityId);
        if (friend != debtor) {
            _group(debtor);
            _group(friend);
        }
        _lost(loanId, 1);
    }

    /// The warehouse loses the goods, no debtor pays, and the loan is in default.
    function _lost(LoanId loanId, uint256 warehouseReceiptId) private {
        _late();
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(warehouseReceiptId), 1_000_000, DOCUMENTS);
        if (facilities.collateralOf(loanId).items.length != 1) {
            vm.prank(bank);
            facilities.declareDebtDefault(loanId);
        }
        _days(140);
        vm.prank(bank);
        facilities.declareDefault(loanId);
    }

    /// 800.00 on an order of 1,000.00 that ends without a delivery.
    function _lossOnOrder(bool isOwn) private returns (uint64 absorbed) {
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        ProductId onOrders = _add(terms);
        _agreeSharing(onOrders);
        FacilityId ofOrders = _agreedFacility(onOrders, 72_000, 10_000_000_00);
        LoanId loanId = _draw(ofOrders, 800_00, LoanMath.Style.Bullet, 30, OrderId.unwrap(_order(1_000_00)));
        if (isOwn) {
            _group(debtor);
            _group(bank);
        }
        _days(130);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        absorbed = facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    /// The lender's group owes the claim of 10,000.00 and does not pay it: the goods stay the borrower's.
    function _onlyUnpaid(FacilityId facility, address lender) private {
        (LoanId loanId,) = _loanOnGoodsAndClaim(facility);
        _toDay(uint256(DUE_DAY) + 1);
        _priced(TEN);
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(loanId);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        vm.prank(lender);
        facilities.liquidate(loanId);
        _late();
        vm.prank(lender);
        facilities.declareDebtDefault(loanId);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        vm.prank(lender);
        facilities.liquidate(loanId);
        // What the goods alone do not secure beside the debt is called as ever.
        _priced(100_000);
        vm.prank(lender);
        facilities.liquidate(loanId);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Defaulted, "7,600.00 secure 12,000.00");
    }

    /// 12,000.00 on goods worth 10,000.00 and on the debtor's debt of 10,000.00.
    function _loanOnGoodsAndClaim(FacilityId facility) private returns (LoanId loanId, ReceivableId receivableId) {
        uint256 claimId;
        (receivableId, claimId) = _confirmed(10_000_00);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        items[0] = _items(_warehouseReceipt(1_000_000))[0];
        items[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        ILoans.DrawRequest memory request = _request(facility, 12_000_00, LoanMath.Style.Bullet, 180, 0);
        vm.prank(seller);
        loanId = facilities.drawOnGoods(request, items);
    }

    /// A loan of the other bank on a debt that was not paid, in default; a sharer and an insurer stand behind it.
    function _failed(address owing) private returns (LoanId loanId) {
        (FacilityId ofLender, ProductId onClaims) = _ofOtherBank();
        _agreeSharing(onClaims);
        _agreeInsurance(ofLender, otherBank);
        loanId = _drawOnDebtOf(ofLender, owing);
        _failedNow(loanId, otherBank);
    }

    function _ofOtherBank() private returns (FacilityId ofLender, ProductId onClaims) {
        onClaims = _add(_claimProduct());
        IFacilities.FacilityTerms memory terms = _facilityTerms(onClaims, 72_000, 10_000_000_00);
        terms.lender = otherBank;
        ofLender = _agree(terms);
    }

    function _drawOnDebtOf(FacilityId ofLender, address owing) private returns (LoanId) {
        if (owing == bank) {
            PartyId partyId = registry.partyOf(bank);
            vm.prank(REGISTRAR);
            registry.setRoles(partyId, 2 | 4);
        }
        IReceivables.ReceivableTerms memory terms = _terms(1_000_00);
        terms.debtor = owing;
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        ClaimId claimId =
            receivables.confirm(receivableId, _signed(_keyOf(owing), receivables.confirmationDigest(receivableId)));
        return _draw(ofLender, 800_00, LoanMath.Style.Bullet, 61, ClaimId.unwrap(claimId));
    }

    function _failedNow(LoanId loanId, address lender) private {
        _late();
        vm.startPrank(lender);
        facilities.declareDebtDefault(loanId);
        facilities.declareDefault(loanId);
        vm.stopPrank();
    }

    function _group(address account) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, GROUP);
    }

    function _bothSides(address buyer) private view returns (bytes memory) {
        return abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, buyer, debtor);
    }
}
