// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    OrderId,
    ReceivableId,
    WarehouseReceiptId
} from "../../../../contracts/types/Ids.sol";
import {Stablecoin} from "../../support/Stablecoin.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {SharerFixture} from "../SharerFixture.sol";

/// While a claim under lien may still be paid, no loss is recorded. So nobody puts one beside goods, or in their place,
/// that is due more than 90 days after the loan: those who bear losses do so for a time.
contract ClaimsInTimeTest is GoodsFixture, SharerFixture {
    uint16 private constant TENOR = 180;
    uint24 private constant MAX_DAYS = TENOR + 90;

    function setUp() public override(GoodsFixture, SharerFixture) {
        super.setUp();
    }

    function test_claim_that_the_borrower_adds_does_not_outlast_the_cover() public {
        _agreeSharing(product);
        _agreeInsurance(facilityId, bank);
        (LoanId loanId, uint256 id) = _loanOnGoods(6_000_00);
        uint256 far = _due(730, 6_000_00);
        vm.expectRevert(_tooLate(far, 730));
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claims(far), _none());
        assertEq(receivables.lienholderOf(far), address(0), "no lien");
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), 1_000_000, DOCUMENTS);
        _days(190);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        assertEq(facilities.recordLoss(loanId), 3_000_00, "half from the sharer");
        vm.stopPrank();
        (, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(open, 3_000_00, "and half from the insurer");
    }

    function test_claim_that_is_due_ninety_days_after_the_loan_stands_beside_the_goods() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        uint256 claimId = _due(MAX_DAYS + 1, 1_000_00);
        vm.expectRevert(_tooLate(claimId, MAX_DAYS + 1));
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claims(claimId), _none());
        claimId = _due(MAX_DAYS, 1_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claims(claimId), _none());
        assertEq(facilities.collateralOf(loanId).lendable, 6_700_00, "goods and claim");
    }

    function test_draw_on_goods_reverts_with_a_claim_that_is_due_too_late() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        items[0] = _items(_warehouseReceipt(1_000_000))[0];
        uint256 claimId = _due(MAX_DAYS + 1, 1_00);
        items[1] = _claims(claimId)[0];
        ILoans.DrawRequest memory request = _request(facilityId, 6_000_00, LoanMath.Style.Bullet, TENOR, 0);
        vm.expectRevert(_tooLate(claimId, MAX_DAYS + 1));
        vm.prank(seller);
        facilities.drawOnGoods(request, items);
        items[1] = _claims(_due(MAX_DAYS, 1_00))[0];
        vm.prank(seller);
        facilities.drawOnGoods(request, items);
    }

    /// Goods that are sold on the loan's last day, payable within 90 days.
    function test_goods_become_a_claim_on_usual_terms_to_the_loans_last_day() public {
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
        (LoanId loanId, uint256 id) = _loanOnGoods(5_000_00);
        _days(TENOR - 20);
        _priced(TEN);
        _repay(loanId, 500_00);
        _convert(loanId, id, 111, _tooLate(0, 111));
        _convert(loanId, id, 110, "");
        assertEq(warehouseReceipts.ownerOf(id), debtor, "the buyer has the goods");
    }

    /// The days count from today if the loan is past its last due day: more collateral helps everybody.
    function test_late_borrower_still_adds_a_claim() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _days(TENOR + 100);
        uint256 claimId = _due(91, 1_000_00);
        bytes memory refusal =
            abi.encodeWithSelector(ICollateral.ClaimDueTooLate.selector, claimId, _today() + 91, _today() + 90);
        vm.expectRevert(refusal);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claims(claimId), _none());
        claimId = _due(90, 1_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claims(claimId), _none());
        assertEq(receivables.lienholderOf(claimId), address(facilities), "under lien");
    }

    function test_order_does_not_become_a_claim_that_is_due_too_late() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Order;
        terms.advanceRate = 700_000;
        FacilityId orderFacility = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
        OrderId orderId = _order(1_000_00);
        LoanId loanId = _draw(orderFacility, 700_00, LoanMath.Style.Bullet, TENOR, OrderId.unwrap(orderId));
        uint256 claimId = _due(MAX_DAYS + 1, 1_000_00);
        ReceivableId receivableId = receivables.claim(ClaimId.wrap(claimId)).receivableId;
        address[3] memory senders = [seller, debtor, bank];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(_tooLate(claimId, MAX_DAYS + 1));
            vm.prank(senders[i]);
            facilities.convertToClaim(loanId, receivableId, ClaimId.wrap(claimId), "");
        }
        claimId = _due(MAX_DAYS, 1_000_00);
        receivableId = receivables.claim(ClaimId.wrap(claimId)).receivableId;
        vm.prank(debtor);
        facilities.convertToClaim(loanId, receivableId, ClaimId.wrap(claimId), "");
        assertTrue(facilities.loanOfClaim(ClaimId.wrap(claimId)) == loanId, "a claim in time");
    }

    /// The currency stood still for twenty days, which move the loan's last day: a debt on the same terms as before is in
    /// time, by the days of the calendar.
    function test_days_of_a_stopped_currency_count_for_the_claim_too() public {
        Stablecoin stable = _stableFacility();
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _days(5);
        stable.pause(true);
        facilities.checkCurrency(address(stable));
        _days(20);
        _refuseDueIn(loanId, address(stable), MAX_DAYS - 5 + 1);
        stable.pause(false);
        facilities.checkCurrency(address(stable));
        _days(7);
        _priced(TEN);
        uint24 max = MAX_DAYS - 12;
        _refuseDueIn(loanId, address(stable), max + 1);
        uint256 claimId = _dueIn(address(stable), max, 1_000_00);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claims(claimId), _none());
        assertEq(receivables.lienholderOf(claimId), address(facilities), "under lien");
    }

    // ------------------------------------------------------------------ helpers

    /// The facility is one in a currency that its issuer can stop.
    function _stableFacility() private returns (Stablecoin stable) {
        stable = new Stablecoin();
        vm.startPrank(OPERATOR);
        receivables.allowCurrency(address(stable), true);
        prices.setCurrency(address(stable), CNY);
        vm.stopPrank();
        stable.mint(bank, 1e15);
        vm.prank(bank);
        stable.approve(address(facilities), type(uint256).max);
        IProducts.ProductTerms memory terms = _goodsProduct();
        terms.currency = address(stable);
        facilityId = _agreedFacility(_add(terms), 72_000, 1_000_000_00);
    }

    /// The last day but one of a claim that is refused is the maximum.
    function _refuseDueIn(LoanId loanId, address currency, uint24 inDays) private {
        uint256 claimId = _dueIn(currency, inDays, 1_000_00);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateral.ClaimDueTooLate.selector, claimId, _today() + inDays, _today() + inDays - 1
            )
        );
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _claims(claimId), _none());
    }

    /// A debt to the seller that is due so many days after today, and its claim.
    function _due(uint24 inDays, uint96 face) private returns (uint256) {
        return _confirmed(_requested(inDays, face));
    }

    function _dueIn(address currency, uint24 inDays, uint96 face) private returns (uint256) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        (terms.currency, terms.dueDay) = (currency, _today() + inDays);
        vm.prank(seller);
        return _confirmed(receivables.request(terms));
    }

    function _confirmed(ReceivableId receivableId) private returns (uint256) {
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        return ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }

    function _requested(uint24 inDays, uint96 face) private returns (ReceivableId) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        terms.dueDay = _today() + inDays;
        vm.prank(seller);
        return receivables.request(terms);
    }

    /// The refusal is empty if it is converted; the claim is confirmed within.
    function _convert(LoanId loanId, uint256 id, uint24 inDays, bytes memory refusal) private {
        ReceivableId receivableId = _requested(inDays, 10_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        if (refusal.length != 0) vm.expectPartialRevert(bytes4(refusal));
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
    }

    function _tooLate(uint256 claimId, uint24 inDays) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ICollateral.ClaimDueTooLate.selector, claimId, _today() + inDays, _today() + MAX_DAYS
            );
    }

    function _claims(uint256 claimId) private pure returns (ICollateral.CollateralItem[] memory items) {
        items = new ICollateral.CollateralItem[](1);
        items[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
    }
}
