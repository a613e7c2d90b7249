// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../contracts/orders/IPurchaseOrders.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A lender that is a contract: when it receives a claim, it calls back.
contract CallingLender {
    address private _target;
    bytes private _call;

    function callBack(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function approve(address token, address spender) external {
        (bool done,) = token.call(abi.encodeWithSignature("approve(address,uint256)", spender, type(uint256).max));
        require(done, "approve");
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id != 0xffffffff;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        (bool done,) = _target.call(_call);
        require(done, "refused");
        return msg.sig;
    }
}

/// Attacks of one side on the other, which all fail.
contract AbuseTest is LendingFixture {
    function test_set_off_claim_can_be_collected_by_the_lender() public {
        LoanId loanId = _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 100_000_00), 50_000_00, 30);
        (ReceivableId receivableId, uint256 claimId) = _confirmed(60_000_00);
        // A lien for no loan. Only the contract itself could take such a lien, and it never does.
        vm.prank(address(facilities));
        receivables.encumber(claimId, address(facilities));
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(loanId), claimId, 60_000_00, 50_000_00, keccak256("documents"), _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        facilities.setOff(setOff_, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _pay(receivableId, 60_000_00);
        uint256 before = cash.balanceOf(bank);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(cash.balanceOf(bank), before + 60_000_00, "collected");
    }

    function test_collected_money_is_the_owners_when_the_lien_has_no_loan() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(60_000_00);
        // A lien for no loan. Only the contract itself could take such a lien, and it never does.
        vm.prank(address(facilities));
        receivables.encumber(claimId, address(facilities));
        uint256 before = cash.balanceOf(seller);
        _pay(receivableId, 60_000_00);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(cash.balanceOf(seller), before + 60_000_00, "collected");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
    }

    function test_a_receiver_that_calls_back_cannot_lower_totals_twice() public {
        CallingLender lender = new CallingLender();
        _party(address(lender), 4);
        lender.approve(address(cash), address(facilities));
        ProductId productId = _add(_plainProduct());
        IFacilities.FacilityTerms memory terms = _facilityTerms(productId, 72_000, 100_000_00);
        terms.lender = address(lender);
        FacilityId facilityId = _agree(terms);
        LoanId first = _bullet(facilityId, 50_000_00, 30);
        _bullet(facilityId, 50_000_00, 30);
        (, uint256 claimId) = _confirmed(60_000_00);
        lender.callBack(address(facilities), abi.encodeCall(facilities.repay, (first, 50_000_00)));
        ILoans.SetOff memory setOff_ =
            ILoans.SetOff(LoanId.unwrap(first), claimId, 60_000_00, 50_000_00, keccak256("documents"), _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(setOff_);
        bytes memory signature = _signed(SELLER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, first, ILoans.Status.Repaid));
        facilities.setOff(setOff_, "", signature);
        (uint64 outstanding,) = facilities.programme(productId);
        assertEq(outstanding, 100_000_00, "both loans are out, each once");
    }

    function test_an_entruster_of_the_borrowers_party_is_refused() public {
        address other = vm.addr(777);
        _join(seller, 777);
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 100_000_00);
        terms.entruster = other;
        bytes32 digest = facilities.facilityDigest(terms);
        bytes[3] memory signed = [_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest), _signed(777, digest)];
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, other, seller));
        facilities.agree(terms, signed[0], signed[1], signed[2]);
    }

    function test_encumber_reverts_for_a_stranger() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.collateral = IProducts.CollateralKind.Order;
        product.advanceRate = 700_000;
        FacilityId facilityId = _agreedFacility(_add(product), 72_000, 10_000_00);
        vm.prank(seller);
        orders.setApprovalForAll(address(facilities), true);
        IPurchaseOrders.OrderTerms memory terms = IPurchaseOrders.OrderTerms(
            seller, debtor, address(cash), 1_000_00, _today() + 20, _today() + 40, keccak256("order"), 0, 0
        );
        vm.prank(seller);
        OrderId orderId = orders.request(terms);
        orders.confirm(orderId, _signed(DEBTOR_KEY, orders.confirmationDigest(orderId)));
        LoanId loanId = _draw(facilityId, 100_00, LoanMath.Style.Bullet, 60, OrderId.unwrap(orderId));
        (ReceivableId unrelated, uint256 claimId) = _confirmed(900_00);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, facilityId, bank, STRANGER));
        facilities.convertToClaim(loanId, unrelated, ClaimId.wrap(claimId), "");
    }

    function test_draw_reverts_when_the_debt_is_the_borrowers_own() public {
        (, uint256 claimId) = _confirmed(100_000_00);
        vm.prank(seller);
        receivables.assign(claimId, debtor, 100_000_00, 0);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_claimProduct()), 72_000, 100_000_00);
        terms.borrower = debtor;
        FacilityId facilityId = _agree(terms);
        vm.prank(debtor);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SamePartyBothSides.selector, debtor, debtor));
        facilities.draw(_request(facilityId, 80_000_00, LoanMath.Style.Bullet, 60, claimId));
    }

    function test_schedule_without_months_is_refused() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.months |= 1;
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IProducts.TermOutOfRange.selector, bytes32("months"), 1, 0, 0));
        products.add("code", product, _goodsOf(product.collateral), _fixedRate(), _noEvidence());
    }

    function test_call_level_is_refused_above_the_whole_value_and_for_claims() public {
        IProducts.ProductTerms memory onGoods = _plainProduct();
        onGoods.collateral = IProducts.CollateralKind.WarehouseReceipt;
        IProducts.GoodsTerms memory goods = _goodsOf(IProducts.CollateralKind.WarehouseReceipt);
        goods.callLevel = 1_000_001;
        _callLevelRefused(onGoods, goods, 1, 1_000_000);
        IProducts.GoodsTerms memory none;
        _callLevelRefused(onGoods, none, 1, 1_000_000);
        _callLevelRefused(_claimProduct(), _goodsOf(IProducts.CollateralKind.WarehouseReceipt), 0, 0);
    }

    function _callLevelRefused(
        IProducts.ProductTerms memory product,
        IProducts.GoodsTerms memory goods,
        uint256 min,
        uint256 max
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProducts.TermOutOfRange.selector, bytes32("callLevel"), goods.callLevel, min, max)
        );
        vm.prank(OPERATOR);
        products.add("code", product, goods, _fixedRate(), _noEvidence());
    }

    function test_a_products_currency_never_changes() public {
        IProducts.ProductTerms memory product = _plainProduct();
        ProductId productId = _add(product);
        product.currency = address(1234);
        vm.prank(OPERATOR);
        vm.expectPartialRevert(IProducts.TermOutOfRange.selector);
        products.propose(productId, product, _goodsOf(product.collateral), _fixedRate(), _noEvidence());
    }

    function test_a_bill_can_be_paid_though_one_of_its_purchases_is_paid_already() public {
        FacilityId facilityId = _agreedFacility(_add(_billProduct()), 72_000, 100_000_00);
        LoanId[] memory bill = new LoanId[](2);
        for (uint256 i; i < 2; ++i) {
            bill[i] = _draw(facilityId, 100_00, LoanMath.Style.BillingCycle, 0, 0);
        }
        vm.prank(debtor);
        facilities.repay(bill[0], 100_00);
        vm.prank(seller);
        facilities.repayMany(bill, 200_00);
        assertEq(facilities.facility(facilityId).openLoans, 0, "paid");
    }

    function test_set_off_pays_the_fee_of_the_administering_bank() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, 100_000_00);
        terms.entruster = entruster;
        terms.administrationFee = 100_000;
        LoanId loanId = _bullet(_agree(terms), 100_000_00, 360);
        _days(50);
        (, uint256 claimId) = _confirmed(101_000_00);
        ILoans.SetOff memory setOff_ = ILoans.SetOff(
            LoanId.unwrap(loanId), claimId, 101_000_00, 101_000_00, keccak256("documents"), _deadline(), 1
        );
        bytes32 digest = facilities.setOffDigest(setOff_);
        uint256 before = cash.balanceOf(bank);
        facilities.setOff(setOff_, _signed(ENTRUSTER_KEY, digest), _signed(SELLER_KEY, digest));
        assertEq(cash.balanceOf(bank), before + 100_00, "a tenth of 1,000.00");
    }

    function test_draw_counts_the_debts_of_a_removed_account_for_its_party_where_debtors_are_bounded() public {
        IProducts.ProductTerms memory product = _claimProduct();
        product.debtorShare = uint24(uint256(50_000_00) * 1_000_000 / product.programmeLimit);
        FacilityId facilityId = _agreedFacility(_add(product), 72_000, 100_000_00);
        (, uint256 claimId) = _confirmed(100_000_00);
        _join(debtor, 777);
        vm.prank(debtor);
        registry.removeAccount(debtor);
        vm.expectRevert(
            abi.encodeWithSelector(ILoans.LimitExceeded.selector, bytes32("debtorShare"), 50_000_01, 50_000_00)
        );
        _draw(facilityId, 50_000_01, LoanMath.Style.Bullet, 60, claimId);
        _draw(facilityId, 50_000_00, LoanMath.Style.Bullet, 60, claimId);
    }
}
