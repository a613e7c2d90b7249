// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {PurchaseOrders} from "../../../contracts/orders/PurchaseOrders.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {Products} from "../../../contracts/lending/Products.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {CourtOrders} from "../../../contracts/registry/CourtOrders.sol";
import {CreditRegistry} from "../../../contracts/registry/CreditRegistry.sol";
import {INewRisk} from "../../../contracts/registry/INewRisk.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {PriceFeed} from "../../../contracts/risk/PriceFeed.sol";
import {RiskReserve} from "../../../contracts/risk/RiskReserve.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    PartyId,
    ProductId,
    WarehouseReceiptId,
    ReceivableId
} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../lending/GoodsFixture.sol";
import {Successor} from "./Successor.sol";

/// The rehearsal of a move to a second deployment, after new risk is stopped for ever on the first.
contract MigrationTest is GoodsFixture {
    bytes32 private constant REASON = keccak256("a fault");

    Successor private _successor;
    Facilities private _newFacilities;
    FacilityId private _newFacility;
    FacilityId private _oldFacility;

    function setUp() public override {
        super.setUp();
        _oldFacility = _agreedFacility(_add(_claimProduct()), 72_000, 1_000_000_00);
        _deploySecond();
        // The successor is a party of the old ledger like any other, without the role of a contract of the ledger.
        _successor = new Successor(address(forwarder), receivables, address(court));
        vm.prank(REGISTRAR);
        registry.register("successor", 0, type(uint64).max, address(_successor));
    }

    // ------------------------------------------------------------------ claims and warehouse receipts

    function test_holder_migrates_its_claim_and_is_paid_to_the_cent() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_01);
        _pay(receivableId, 333_33);
        _stop();
        vm.startPrank(seller);
        receivables.approve(address(_successor), claimId);
        _successor.migrate(claimId);
        _successor.transfer(claimId, suppliers[0]);
        vm.stopPrank();
        assertEq(receivables.ownerOf(claimId), address(_successor), "held one to one");
        uint256 before = cash.balanceOf(suppliers[0]);
        uint256 collected = _successor.collect(claimId);
        _pay(receivableId, 666_68);
        collected += _successor.collect(claimId);
        assertEq(collected, 1_000_01, "all of it came through");
        assertEq(cash.balanceOf(suppliers[0]), before + 1_000_01, "to the holder of the new token");
        assertEq(cash.balanceOf(address(_successor)), 0, "nothing stays in the new version");
        assertEq(cash.balanceOf(address(receivables)), 0, "nor in the old one");
    }

    function test_migration_of_anothers_claim_reverts_without_an_order() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        vm.prank(seller);
        receivables.approve(address(_successor), claimId);
        address[4] memory others = [STRANGER, bank, OPERATOR, address(this)];
        for (uint256 i; i < others.length; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Successor.NotHolder.selector, claimId, seller, others[i]));
            _successor.migrate(claimId);
            vm.expectRevert(abi.encodeWithSelector(Successor.NotCourt.selector, others[i]));
            _successor.credit(claimId, others[i], address(0));
            vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotCourt.selector, others[i]));
            receivables.forcedTransfer(claimId, address(_successor), 1_000_00, REASON);
            vm.stopPrank();
        }
    }

    function test_two_regulators_migrate_a_silent_holders_claim_after_notice() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_00);
        _stop();
        bytes memory move =
            abi.encodeCall(receivables.forcedTransfer, (claimId, address(_successor), 1_000_00, keccak256("order")));
        vm.startPrank(FIRST_REGULATOR);
        uint256 orderId = court.issue(address(receivables), move, keccak256("order"));
        // During notice anyone can read the order, and the holder may still move its claim itself.
        vm.expectRevert();
        court.execute(orderId);
        vm.warp(block.timestamp + COURT_DELAY);
        vm.expectRevert();
        court.execute(orderId);
        vm.stopPrank();
        vm.prank(SECOND_REGULATOR);
        court.execute(orderId);
        assertEq(receivables.ownerOf(claimId), address(_successor), "moved");
        _order(address(_successor), abi.encodeCall(_successor.credit, (claimId, seller, address(0))));
        uint256 before = cash.balanceOf(seller);
        _pay(receivableId, 1_000_00);
        _successor.collect(claimId);
        assertEq(cash.balanceOf(seller), before + 1_000_00, "paid to the holder of before");
    }

    function test_a_warehouse_receipt_is_moved_by_its_holder() public {
        Successor goods = new Successor(address(forwarder), warehouseReceipts, address(court));
        vm.prank(REGISTRAR);
        registry.register("goods successor", 0, type(uint64).max, address(goods));
        uint256 id = _warehouseReceipt(1_000_000);
        _stop();
        vm.startPrank(seller);
        warehouseReceipts.approve(address(goods), id);
        goods.migrate(id);
        vm.stopPrank();
        assertEq(warehouseReceipts.ownerOf(id), address(goods), "held one to one");
        // The goods are where they were: the successor can request them from the warehouse when its holder asks.
        vm.prank(address(goods));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 1_000_000, DOCUMENTS);
        vm.prank(WAREHOUSE);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(id), 1_000_000, address(goods), DOCUMENTS);
    }

    // ------------------------------------------------------------------ loans

    function test_a_loan_is_refinanced_in_one_batch_that_both_sign() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(_oldFacility, 600_00, LoanMath.Style.Bullet, 60, claimId);
        _days(10);
        _stop();
        uint64 owed = _payoff(loanId);
        uint256 bankBefore = cash.balanceOf(bank);
        uint256 sellerBefore = cash.balanceOf(seller);

        forwarder.executeBatch(_refinancing(loanId, claimId, owed), true);

        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid in the old version");
        assertEq(facilities.loan(loanId).payoff.principal, 0, "nothing is owed there");
        LoanId newLoan = LoanId.wrap(1);
        assertEq(_newFacilities.loan(newLoan).payoff.principal, owed, "owed in the new one");
        (address holder, address lienholder,) = _successor.held(claimId);
        assertEq(holder, seller, "the claim is the borrower's");
        assertEq(lienholder, bank, "under the lender's lien");
        assertEq(receivables.ownerOf(claimId), address(_successor), "held by the new version");
        assertEq(cash.balanceOf(bank), bankBefore, "no money left the lender in the end");
        assertEq(cash.balanceOf(seller), sellerBefore, "nor came to the borrower");
    }

    function test_two_regulators_migrate_a_silent_borrowers_loan_after_notice() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(_oldFacility, 600_00, LoanMath.Style.Bullet, 60, claimId);
        _stop();
        _order(
            address(receivables),
            abi.encodeCall(receivables.forcedTransfer, (claimId, address(_successor), 1_000_00, keccak256("order")))
        );
        assertEq(receivables.lienholderOf(claimId), address(facilities), "the lien moved with it");
        _order(address(_successor), abi.encodeCall(_successor.credit, (claimId, seller, bank)));
        // The lender pays the old loan to itself: the lien falls, and the new version's stands.
        uint256 bankBefore = cash.balanceOf(bank);
        vm.prank(bank);
        facilities.repay(loanId, type(uint64).max);
        assertEq(cash.balanceOf(bank), bankBefore, "paid to itself");
        assertEq(receivables.lienholderOf(claimId), address(0), "the old lien is gone");
        _pay(receivableId, 1_000_00);
        _successor.collect(claimId);
        assertEq(cash.balanceOf(bank), bankBefore + 1_000_00, "the new version's lienholder is paid");
    }

    function test_a_loan_that_nobody_moves_is_repaid_where_it_is() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(_oldFacility, 600_00, LoanMath.Style.Bullet, 60, claimId);
        _stop();
        uint256 bankBefore = cash.balanceOf(bank);
        uint256 sellerBefore = cash.balanceOf(seller);
        uint64 owed = _payoff(loanId);
        _pay(receivableId, 1_000_00);
        receivables.collect(ClaimId.wrap(claimId));
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "by what was collected");
        assertEq(cash.balanceOf(bank), bankBefore + owed, "the lender");
        assertEq(cash.balanceOf(seller), sellerBefore + 1_000_00 - owed, "the rest to the owner");
    }

    function test_a_deposit_returns_while_new_risk_is_stopped() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_claimProduct()), 72_000, 1_000_00);
        terms.deposit = 100_00;
        FacilityId withDeposit = _agree(terms);
        vm.startPrank(seller);
        facilities.payDeposit(withDeposit, 100_00);
        vm.stopPrank();
        _stop();
        uint256 before = cash.balanceOf(seller);
        vm.prank(seller);
        facilities.close(withDeposit);
        assertEq(cash.balanceOf(seller), before + 100_00, "back");
    }

    function test_unclaimed_money_is_withdrawn_while_new_risk_is_stopped() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        LoanId loanId = _draw(_oldFacility, 600_00, LoanMath.Style.Bullet, 60, claimId);
        // A regulator holds the lender: it cannot be paid while that lasts.
        PartyId held = registry.partyOf(bank);
        vm.prank(FIRST_REGULATOR);
        court.hold(held, "order");
        uint64 owed = _payoff(loanId);
        _repay(loanId, type(uint64).max);
        _stop();
        vm.warp(block.timestamp + 20 * 365 days);
        uint256 before = cash.balanceOf(bank);
        vm.prank(bank);
        facilities.withdrawUnclaimed(bank, address(cash));
        assertEq(cash.balanceOf(bank), before + owed, "after twenty years too");
    }

    function test_the_old_version_takes_no_new_loan_and_the_new_one_does() public {
        _stop();
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(INewRisk.NewRiskStopped.selector, REASON));
        facilities.draw(_request(_oldFacility, 100_00, LoanMath.Style.Bullet, 30, 1));
        vm.prank(seller);
        _newFacilities.draw(_request(_newFacility, 100_00, LoanMath.Style.Bullet, 30, 0));
    }

    // ------------------------------------------------------------------ parts of the above

    function _stop() private {
        vm.prank(OPERATOR);
        registry.stopNewRisk(REASON);
    }

    /// Both sign: the lender advances the payoff, the borrower repays, moves its claim, draws anew, and gives the
    /// advance back.
    function _refinancing(LoanId loanId, uint256 claimId, uint64 owed)
        private
        view
        returns (IForwarder.SignedIntent[] memory batch)
    {
        batch = new IForwarder.SignedIntent[](7);
        uint256 nonce = 0;
        batch[0] = _intent(BANK_KEY, address(cash), abi.encodeCall(cash.transfer, (seller, owed)), 0);
        batch[1] = _intent(SELLER_KEY, address(facilities), abi.encodeCall(facilities.repay, (loanId, owed)), nonce);
        batch[2] = _intent(
            SELLER_KEY,
            address(receivables),
            abi.encodeWithSignature("approve(address,uint256)", address(_successor), claimId),
            nonce + 1
        );
        batch[3] = _intent(SELLER_KEY, address(_successor), abi.encodeCall(_successor.migrate, (claimId)), nonce + 2);
        batch[4] =
            _intent(SELLER_KEY, address(_successor), abi.encodeCall(_successor.encumber, (claimId, bank)), nonce + 3);
        batch[5] = _intent(
            SELLER_KEY,
            address(_newFacilities),
            abi.encodeCall(_newFacilities.draw, (_request(_newFacility, owed, LoanMath.Style.Bullet, 50, 0))),
            nonce + 4
        );
        batch[6] = _intent(SELLER_KEY, address(cash), abi.encodeCall(cash.transfer, (bank, owed)), nonce + 5);
    }

    /// A second ledger with a registry and a court of its own, on the same forwarder and the same money.
    function _deploySecond() private {
        address[] memory regulators = new address[](2);
        (regulators[0], regulators[1]) = (FIRST_REGULATOR, SECOND_REGULATOR);
        CourtOrders newCourt = new CourtOrders(address(forwarder), COURT_DELAY, regulators, address(this));
        PartyRegistry newRegistry =
            new PartyRegistry(address(access), address(forwarder), address(newCourt), LEDGER_KEY_HASH);
        newCourt.bind(newRegistry);
        Receivables newReceivables = _newReceivables(newRegistry);
        Products newProducts = new Products(address(access), address(forwarder), newRegistry, rates);
        RiskReserve newReserve = new RiskReserve(address(access), address(forwarder), newRegistry);
        _newFacilities = _deployFacilities(
            new CreditRegistry(address(forwarder), newRegistry),
            newProducts,
            newReceivables,
            new PurchaseOrders(address(forwarder), newReceivables),
            newReserve,
            new PriceFeed(address(access), address(forwarder), newRegistry),
            _newWarehouseReceipts(newRegistry, 0)
        );
        newReserve.bind(address(_newFacilities));
        newRegistry.register("new facilities", 256, type(uint64).max, address(_newFacilities));
        newRegistry.register("seller", 1, type(uint64).max, seller);
        newRegistry.register("bank", 4, type(uint64).max, bank);
        vm.prank(bank);
        cash.approve(address(_newFacilities), type(uint256).max);
        IProducts.ProductTerms memory plain = _plainProduct();
        ProductId productId =
            newProducts.add("refinancing", plain, _goodsOf(IProducts.CollateralKind.None), _fixedRate(), _noEvidence());
        _newFacility = _agreedIn(_newFacilities, productId);
    }

    function _agreedIn(Facilities target, ProductId productId) private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(product, 72_000, 1_000_000_00);
        terms.productId = ProductId.unwrap(productId);
        terms.version = 1;
        bytes32 digest = target.facilityDigest(terms);
        return target.agree(terms, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest), "");
    }
}
