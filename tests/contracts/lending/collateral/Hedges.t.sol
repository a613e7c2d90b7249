// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IHedges} from "../../../../contracts/lending/collateral/IHedges.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {IPriceFeed} from "../../../../contracts/risk/IPriceFeed.sol";
import {HedgeMath} from "../../../../contracts/math/HedgeMath.sol";
import {IPartyRegistry} from "../../../../contracts/registry/IPartyRegistry.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, PartyId, ProductId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// A hedge of the goods' price lowers the margin call that a fall would cause, and does nothing else.
contract HedgesTest is GoodsFixture {
    bytes32 private constant CONTRACT = keccak256("XSGE RU2609 1");
    bytes32 private constant OTHER_CONTRACT = keccak256("XSGE RU2609 2");
    uint24 private constant HALF = 500_000;
    LoanId private _loan;
    uint256 private _id;
    uint256 private _nonces;

    /// The product counts half of what a hedge adds. 1,000 kg at 10.00 less 40 %: 6,000.00 are lent.
    function setUp() public override {
        super.setUp();
        facilityId = _facilityWith(HALF);
        (_loan, _id) = _loanOnGoods(6_000_00);
    }

    // ------------------------------------------------------------------ what counts

    function test_hedge_holds_back_the_call_that_a_fall_would_cause() public {
        _recorded(_hedge());
        // 9.00 a kilogram: 5,400.00. The hedge adds 1,000 kg * 1.00 * 60 % * 50 % = 300.00: 5,700.00, just 95 %.
        _priced(900_000);
        assertEq(_added(), 300_00, "half of what it adds");
        vm.expectRevert(abi.encodeWithSelector(ICollateral.MarginUnchanged.selector, _loan, 6_000_00, 5_700_00));
        facilities.checkMargin(_loan);
        // A cent a ton less, and it does not hold any more: 5,399.99 and 300.00.
        _priced(899_990);
        vm.expectEmit(address(facilities));
        emit ICollateral.MarginCalled(_loan, 6_000_00, 5_699_97, _today() + 5);
        facilities.checkMargin(_loan);
    }

    function test_hedge_counts_for_nothing_where_the_product_counts_none() public {
        facilityId = _facilityWith(0);
        (LoanId loan,) = _loanOnGoods(6_000_00);
        IHedges.Hedge memory hedge = _hedge();
        hedge.loanId = LoanId.unwrap(loan);
        _recorded(hedge);
        _priced(900_000);
        assertEq(facilities.hedgesOf(loan)[0].counted, 1_000_000, "it is for the goods");
        assertEq(facilities.hedgesOf(loan)[0].lendable, 0, "and counts for nothing");
        facilities.checkMargin(loan);
        assertTrue(facilities.collateralOf(loan).calledDay != 0, "called");
    }

    function test_hedge_at_an_absurd_price_counts_up_to_the_price_of_the_day_of_its_record() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.price = type(uint64).max;
        _recorded(hedge);
        assertEq(facilities.hedgesOf(_loan)[0].maxPrice, TEN, "the price of that day");
        assertEq(_added(), 0, "nothing while the price stands");
        _priced(900_000);
        assertEq(_added(), 300_00, "as if at 10.00");
    }

    function test_hedge_below_the_price_adds_only_what_is_below_its_own() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.price = 950_000;
        _recorded(hedge);
        _priced(950_000);
        assertEq(_added(), 0, "not below");
        _priced(900_000);
        assertEq(_added(), 150_00, "from 9.50 to 9.00");
    }

    function test_hedge_does_not_cure_a_call_when_it_is_recorded() public {
        _priced(900_000);
        facilities.checkMargin(_loan);
        _recorded(_hedge());
        assertEq(_added(), 0, "it counts from 9.00 on");
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(_loan);
        // Of a later fall the hedge bears its share: without it 5,280.00 would be 120.00 less.
        _priced(880_000);
        assertEq(_added(), 60_00, "half of 120.00");
    }

    function test_hedge_helps_to_cure_a_call_by_a_repayment() public {
        _recorded(_hedge());
        _priced(880_000);
        facilities.checkMargin(_loan);
        // 5,280.00 and 360.00 are 95 % of 5,936.84.
        _repay(_loan, 63_00);
        assertTrue(facilities.collateralOf(_loan).calledDay != 0, "a little too low");
        _repay(_loan, 1_00);
        assertEq(facilities.collateralOf(_loan).calledDay, 0, "cured");
    }

    function test_hedge_holds_back_a_liquidation_at_once() public {
        _recorded(_hedge());
        // 8.40: 5,040.00 is below 85 % of 6,000.00, and with 480.00 it is not.
        _priced(840_000);
        vm.prank(bank);
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidation.NotLiquidable.selector, _loan, 6_000_00, 5_520_00, uint24(0))
        );
        facilities.liquidate(_loan);
    }

    function test_goods_without_a_valid_price_secure_nothing_hedged_or_not() public {
        _recorded(_hedge());
        _days(30);
        assertEq(_added(), 0, "no price");
        facilities.checkMargin(_loan);
        assertTrue(facilities.collateralOf(_loan).calledDay != 0, "called");
    }

    // ------------------------------------------------------------------ what it never does

    function test_nobody_draws_on_a_hedge() public {
        _recorded(_hedge());
        _priced(900_000);
        uint256 id = _warehouseReceipt(1_000_000);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, 0, 5_400_00, 5_400_01));
        this.drawOn(5_400_01, id);
    }

    function test_no_goods_leave_for_a_hedge() public {
        _repay(_loan, 600_00);
        _recorded(_hedge());
        _priced(900_000);
        // 5,400.00 are owed and secured: nothing may leave, though the hedge adds 300.00.
        vm.prank(seller);
        vm.expectPartialRevert(ICollateral.CollateralTooSmall.selector);
        facilities.substituteCollateral(_loan, _none(), _part(_id, 1));
    }

    function test_hedge_counts_only_for_goods_that_are_still_there() public {
        _repay(_loan, 3_000_00);
        _recorded(_hedge());
        vm.prank(seller);
        facilities.substituteCollateral(_loan, _none(), _part(_id, 400_000));
        _priced(900_000);
        assertEq(facilities.hedgesOf(_loan)[0].counted, 600_000, "what is left");
        assertEq(_added(), 180_00, "and no more");
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 600_000, DOCUMENTS);
        assertEq(_added(), 0, "nothing");
    }

    function test_two_hedges_count_for_two_parts_of_the_goods() public {
        IHedges.Hedge memory first = _hedge();
        first.quantity = 700_000;
        _recorded(first);
        IHedges.Hedge memory second = _hedge();
        (second.quantity, second.price, second.contractHash) = (300_000, 960_000, OTHER_CONTRACT);
        _recorded(second);
        _priced(900_000);
        // 700 kg * 1.00 and 300 kg * 0.60, of both 30 %.
        assertEq(_added(), 210_00 + 54_00, "each for its own part");
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 400_000, DOCUMENTS);
        assertEq(facilities.hedgesOf(_loan)[0].counted, 600_000, "the older first");
        assertEq(facilities.hedgesOf(_loan)[1].counted, 0, "nothing is left");
    }

    // ------------------------------------------------------------------ its end

    function test_hedge_ends_on_its_last_day_and_the_call_begins() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.expiryDay = _today() + 3;
        _recorded(hedge);
        _priced(900_000);
        _days(3);
        _repay(_loan, 10_00); // the interest of three days
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(_loan);
        _days(1);
        assertEq(_added(), 0, "it has expired");
        vm.prank(STRANGER);
        facilities.checkMargin(_loan);
        assertTrue(facilities.collateralOf(_loan).calledDay != 0, "called");
    }

    function test_lender_closes_a_hedge_and_the_call_begins_at_once() public {
        _recorded(_hedge());
        _priced(900_000);
        vm.expectEmit(address(facilities));
        emit IHedges.HedgeClosed(_loan, CONTRACT, bank);
        vm.prank(bank);
        facilities.closeHedge(_loan, CONTRACT);
        assertEq(facilities.collateralOf(_loan).calledDay, _today(), "called");
        assertEq(_added(), 0, "it counts no more");
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(IHedges.HedgeUnknown.selector, _loan, CONTRACT));
        facilities.closeHedge(_loan, CONTRACT);
        // The same contract may be recorded again, and counts from today's price on.
        _recorded(_hedge());
        assertEq(_added(), 0, "nothing yet");
        vm.prank(bank);
        facilities.closeHedge(_loan, CONTRACT);
        assertEq(facilities.hedgesOf(_loan).length, 2, "both ended");
    }

    function test_lender_that_closes_a_hedge_does_not_liquidate_before_the_days_to_cure() public {
        _recorded(_hedge());
        // 8.40: 5,040.00 is below 85 % of 6,000.00, and with 480.00 it is not.
        _priced(840_000);
        vm.startPrank(bank);
        facilities.closeHedge(_loan, CONTRACT);
        assertEq(facilities.collateralOf(_loan).calledDay, _today(), "called at once");
        uint24 lastDay = _today() + 5;
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NotLiquidable.selector, _loan, 6_000_00, 5_040_00, lastDay));
        facilities.liquidate(_loan);
        _days(5);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
        _days(1);
        facilities.liquidate(_loan);
        vm.stopPrank();
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Defaulted, "liquidated");
    }

    function test_hedge_that_expires_holds_a_liquidation_at_once_back_for_the_days_to_cure() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.expiryDay = _today();
        _recorded(hedge);
        _priced(840_000);
        vm.startPrank(bank);
        _days(6);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
        // Nobody called the margin. From now on the goods alone count.
        _days(1);
        facilities.liquidate(_loan);
        vm.stopPrank();
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Defaulted, "liquidated");
    }

    function test_ended_hedge_that_would_not_keep_the_level_holds_nothing_back() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.quantity = 1;
        _recorded(hedge);
        hedge.contractHash = OTHER_CONTRACT;
        hedge.quantity = 100_000;
        _recorded(hedge);
        _priced(840_000);
        vm.startPrank(bank);
        facilities.closeHedge(_loan, CONTRACT);
        facilities.closeHedge(_loan, OTHER_CONTRACT);
        // A tenth of 480.00 does not lift 5,040.00 to 5,100.00.
        facilities.liquidate(_loan);
        vm.stopPrank();
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Defaulted, "liquidated at once");
    }

    function test_call_that_the_hedge_has_cured_is_not_enforced_when_it_is_closed() public {
        _recorded(_hedge());
        _priced(840_000);
        facilities.checkMargin(_loan);
        _days(6);
        // Cured by the price, but nobody told the ledger: 5,460.00 and 270.00 are above 95 % of 6,007.20.
        _priced(910_000);
        vm.startPrank(bank);
        facilities.closeHedge(_loan, CONTRACT);
        assertEq(facilities.collateralOf(_loan).calledDay, _today(), "a new call");
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
        vm.stopPrank();
    }

    function test_only_the_lender_closes_a_hedge() public {
        _recorded(_hedge());
        address[5] memory others = [seller, debtor, otherBank, WAREHOUSE, STRANGER];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, facilityId, bank, others[i]));
            facilities.closeHedge(_loan, CONTRACT);
        }
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(IHedges.HedgeUnknown.selector, _loan, OTHER_CONTRACT));
        facilities.closeHedge(_loan, OTHER_CONTRACT);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LoanUnknown.selector, LoanId.wrap(99)));
        facilities.closeHedge(LoanId.wrap(99), CONTRACT);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ refused

    function test_record_reverts_without_both_signatures() public {
        IHedges.Hedge memory hedge = _hedge();
        bytes32 digest = facilities.hedgeDigest(hedge);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory borrower = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, bank, digest));
        facilities.recordHedge(hedge, borrower, borrower);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        facilities.recordHedge(hedge, lender, lender);
        vm.prank(STRANGER);
        vm.expectEmit(address(facilities));
        emit IHedges.HedgeRecorded(
            _loan, CONTRACT, item, 1_000_000, TEN, TEN, hedge.expiryDay, "XSGE", address(0), DOCUMENTS
        );
        facilities.recordHedge(hedge, lender, borrower);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.recordHedge(hedge, lender, borrower);
        vm.warp(hedge.deadline);
        hedge.nonce = ++_nonces;
        (lender, borrower) = _both(hedge);
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.SignatureExpired.selector, hedge.deadline, uint256(hedge.deadline))
        );
        facilities.recordHedge(hedge, lender, borrower);
    }

    function test_record_reverts_for_bad_terms() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.currency = "USD";
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeInOtherCurrency.selector, bytes3("USD"), CNY));
        hedge = _hedge();
        hedge.expiryDay = _today() - 1;
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeExpired.selector, _today() - 1, uint256(_today())));
        hedge = _hedge();
        hedge.quantity = 0;
        _refused(hedge, _outOfRange("quantity", type(uint96).max));
        hedge = _hedge();
        hedge.price = 0;
        _refused(hedge, _outOfRange("price", type(uint64).max));
        hedge = _hedge();
        hedge.contractHash = 0;
        _refused(hedge, _outOfRange("contractHash", type(uint256).max));
    }

    function test_record_reverts_for_more_than_the_loan_has_of_the_goods() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.quantity = 1_000_001;
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeExceedsGoods.selector, item, 1_000_001, 1_000_000));
        hedge.quantity = 600_000;
        _recorded(hedge);
        hedge.contractHash = OTHER_CONTRACT;
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeExceedsGoods.selector, item, 1_200_000, 1_000_000));
        hedge.item = keccak256("copper");
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeExceedsGoods.selector, hedge.item, 600_000, 0));
    }

    function test_record_reverts_for_a_contract_that_hedges_another_loan() public {
        _recorded(_hedge());
        (LoanId other,) = _loanOnGoods(1_000_00);
        IHedges.Hedge memory hedge = _hedge();
        hedge.loanId = LoanId.unwrap(other);
        bytes memory used = abi.encodeWithSelector(IHedges.HedgeUsed.selector, CONTRACT, _loan);
        _refused(hedge, used);
        _refused(_hedge(), used);
        // Once its loan is repaid, the contract may hedge another one, and only that one.
        _repay(_loan, 7_000_00);
        _recorded(hedge);
        vm.prank(bank);
        facilities.closeHedge(_loan, CONTRACT);
        (LoanId third,) = _loanOnGoods(1_000_00);
        hedge.loanId = LoanId.unwrap(third);
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeUsed.selector, CONTRACT, other));
    }

    function test_contract_of_an_expired_hedge_may_be_recorded_again() public {
        IHedges.Hedge memory hedge = _hedge();
        hedge.expiryDay = _today() + 1;
        _recorded(hedge);
        (LoanId other,) = _loanOnGoods(1_000_00);
        hedge.loanId = LoanId.unwrap(other);
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeUsed.selector, CONTRACT, _loan));
        _days(2);
        hedge.expiryDay = _today() + 30;
        _recorded(hedge);
        assertTrue(facilities.hedgesOf(other)[0].contractHash == CONTRACT, "another loan");
        hedge.loanId = LoanId.unwrap(_loan);
        _refused(hedge, abi.encodeWithSelector(IHedges.HedgeUsed.selector, CONTRACT, other));
        vm.prank(bank);
        facilities.closeHedge(other, CONTRACT);
        _recorded(hedge);
        assertEq(facilities.hedgesOf(_loan).length, 2, "and the same again");
    }

    function test_record_reverts_when_a_side_of_the_loan_is_the_counterparty() public {
        _join(bank, 777);
        address[3] memory sides = [bank, seller, vm.addr(777)];
        for (uint256 i; i < sides.length; ++i) {
            IHedges.Hedge memory hedge = _hedge();
            hedge.counterparty = sides[i];
            address side = i == 1 ? seller : bank;
            _refused(hedge, abi.encodeWithSelector(IHedges.HedgeWithOwnSide.selector, sides[i], side));
        }
        IHedges.Hedge memory allowed = _hedge();
        allowed.counterparty = otherBank;
        _recorded(allowed);
    }

    function test_record_reverts_for_a_fifth_hedge_and_expired_ones_make_room() public {
        IHedges.Hedge memory hedge = _hedge();
        for (uint256 i; i < 4; ++i) {
            hedge.quantity = 100_000;
            hedge.contractHash = bytes32(i + 1);
            hedge.expiryDay = _today() + (i == 2 ? 1 : 60);
            _recorded(hedge);
        }
        hedge.contractHash = CONTRACT;
        _refused(hedge, abi.encodeWithSelector(IHedges.TooManyHedges.selector, _loan, 4));
        // An expired one still counts against a liquidation at once for five days, after that of its end.
        _days(7);
        _refused(hedge, abi.encodeWithSelector(IHedges.TooManyHedges.selector, _loan, 4));
        _days(1);
        hedge.expiryDay = _today();
        _recorded(hedge);
        HedgeMath.Hedge[] memory hedges = facilities.hedgesOf(_loan);
        assertEq(hedges.length, 4, "one went, one came");
        assertTrue(hedges[2].contractHash == bytes32(uint256(4)) && hedges[3].contractHash == CONTRACT, "in order");
    }

    function test_record_reverts_for_a_loan_that_does_not_run_or_is_not_on_goods() public {
        FacilityId plain = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_00);
        LoanId other = _bullet(plain, 100_00, 30);
        IHedges.Hedge memory hedge = _hedge();
        hedge.loanId = LoanId.unwrap(other);
        _refused(hedge, abi.encodeWithSelector(ICollateral.MarginNotAgreed.selector, other));
        hedge.loanId = 99;
        _refused(hedge, abi.encodeWithSelector(ILoans.LoanUnknown.selector, LoanId.wrap(99)));
        _repay(_loan, 7_000_00);
        _refused(_hedge(), abi.encodeWithSelector(ILoans.StateForbids.selector, _loan, ILoans.Status.Repaid));
    }

    function test_record_reverts_without_a_price_for_new_risk() public {
        vm.warp(block.timestamp + 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(1, HAIRCUT));
        (bytes memory lender, bytes memory borrower) = _both(_hedge());
        vm.expectPartialRevert(IPriceFeed.PriceInDoubt.selector);
        facilities.recordHedge(_hedgeOf(_nonces), lender, borrower);
    }

    function test_record_reverts_for_a_frozen_signer() public {
        bytes32 orderHash = keccak256("order");
        PartyId party = registry.partyOf(seller);
        _order(address(registry), abi.encodeCall(registry.freeze, (party, true, orderHash)));
        IHedges.Hedge memory hedge = _hedge();
        (bytes memory lender, bytes memory borrower) = _both(hedge);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        facilities.recordHedge(hedge, lender, borrower);
    }

    function test_product_reverts_for_a_share_of_hedges_above_all() public {
        IProducts.ProductTerms memory terms = _goodsProduct();
        IProducts.GoodsTerms memory goods = _goodsOf(terms.collateral);
        goods.hedgeShare = 1_000_001;
        vm.prank(OPERATOR);
        vm.expectRevert(
            abi.encodeWithSelector(IProducts.TermOutOfRange.selector, bytes32("hedgeShare"), 1_000_001, 0, 1_000_000)
        );
        products.add("hedged", terms, goods, _fixedRate(), _noEvidence());
    }

    // ------------------------------------------------------------------ always

    function testFuzz_hedge_never_adds_more_than_the_fall_since_its_record(
        uint64 price,
        uint64 later,
        uint96 quantity,
        uint24 share
    ) public {
        facilityId = _facilityWith(uint24(bound(share, 0, 1_000_000)));
        (LoanId loan,) = _loanOnGoods(1_000_00);
        IHedges.Hedge memory hedge = _hedge();
        hedge.loanId = LoanId.unwrap(loan);
        hedge.price = uint64(bound(price, 1, type(uint64).max));
        hedge.quantity = uint96(bound(quantity, 1, 1_000_000));
        _recorded(hedge);
        uint64 price = uint64(bound(later, 1, 2 * TEN));
        _priced(price);
        uint256 added = facilities.hedgesOf(loan)[0].lendable;
        uint256 fall = price < TEN ? TEN - price : 0;
        assertTrue(added <= uint256(hedge.quantity) * fall * 600_000 / 1e12, "never more than the fall");
        assertTrue(facilities.collateralOf(loan).lendable == uint256(1_000_000) * price * 600_000 / 1e12, "not lent on");
    }

    // ------------------------------------------------------------------ parts of the above

    function drawOn(uint64 amount, uint256 id) external {
        _drawOn(amount, _items(id));
    }

    function _facilityWith(uint24 share) private returns (FacilityId) {
        IProducts.ProductTerms memory terms = _goodsProduct();
        IProducts.GoodsTerms memory goods = _goodsOf(terms.collateral);
        goods.hedgeShare = share;
        vm.prank(OPERATOR);
        ProductId hedged =
            products.add(keccak256(abi.encode("hedged", ++_nonces)), terms, goods, _fixedRate(), _noEvidence());
        return _agreedFacility(hedged, 72_000, 100_000_00);
    }

    function _hedge() private returns (IHedges.Hedge memory) {
        return _hedgeOf(++_nonces);
    }

    function _hedgeOf(uint256 nonce) private view returns (IHedges.Hedge memory) {
        return IHedges.Hedge({
            loanId: LoanId.unwrap(_loan),
            item: item,
            quantity: 1_000_000,
            price: TEN,
            currency: CNY,
            expiryDay: _today() + 90,
            venue: "XSGE",
            counterparty: address(0),
            contractHash: CONTRACT,
            documentRoot: DOCUMENTS,
            deadline: _deadline(),
            nonce: nonce
        });
    }

    function _both(IHedges.Hedge memory hedge) private view returns (bytes memory lender, bytes memory borrower) {
        bytes32 digest = facilities.hedgeDigest(hedge);
        return (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }

    function _recorded(IHedges.Hedge memory hedge) private {
        hedge.nonce = ++_nonces;
        (bytes memory lender, bytes memory borrower) = _both(hedge);
        facilities.recordHedge(hedge, lender, borrower);
    }

    function _refused(IHedges.Hedge memory hedge, bytes memory reason) private {
        hedge.nonce = ++_nonces;
        (bytes memory lender, bytes memory borrower) = _both(hedge);
        vm.expectRevert(reason);
        facilities.recordHedge(hedge, lender, borrower);
    }

    function _outOfRange(bytes32 term, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, 0, 1, max);
    }

    /// What all hedges of the loan add.
    function _added() private view returns (uint256 sum) {
        HedgeMath.Hedge[] memory hedges = facilities.hedgesOf(_loan);
        for (uint256 i; i < hedges.length; ++i) {
            sum += hedges[i].lendable;
        }
    }
}
