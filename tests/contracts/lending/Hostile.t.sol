// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, ProductId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A currency that calls back in the middle of a transfer, takes a fee, or refuses, as the test sets.
contract HostileCurrency is ERC20 {
    address private _target;
    bytes private _call;
    bool public called;
    bool public succeeded;
    uint256 private _fee;
    bool private _refuses;

    constructor() ERC20("Hostile", "BAD") {}

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function callBack(address target, bytes calldata call) external {
        (_target, _call, called, succeeded) = (target, call, false, false);
    }

    /// As a borrower it signs everything (ERC-1271).
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }

    function takeFee(uint256 fee) external {
        _fee = fee;
    }

    function refuse(bool refuses) external {
        _refuses = refuses;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!_refuses || from == address(0), "refused");
        super._update(from, to, amount - _fee);
        if (_target == address(0) || called) return;
        called = true;
        (succeeded,) = _target.call(_call);
    }
}

/// Two loans never share collateral, and no payment counts twice, whatever the currency does.
contract HostileTest is LendingFixture {
    HostileCurrency private _bad;
    ProductId private _product;
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        _bad = new HostileCurrency();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(_bad), true);
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.currency = address(_bad);
        _product = _add(terms);
        _facility = _agreedFacility(_product, 72_000, 1_000_000);
        address[3] memory parties = [bank, seller, debtor];
        for (uint256 i; i < 3; ++i) {
            _bad.mint(parties[i], 10_000_000);
            vm.prank(parties[i]);
            _bad.approve(address(facilities), type(uint256).max);
        }
        _bad.mint(address(_bad), 10_000_000);
        vm.startPrank(address(_bad));
        _bad.approve(address(facilities), type(uint256).max);
        vm.stopPrank();
        vm.prank(REGISTRAR);
        registry.register(keccak256("hostile"), 1, type(uint64).max, address(_bad));
    }

    function test_repay_reverts_when_it_is_called_within_a_repayment() public {
        LoanId loanId = _bullet(_facility, 1_000, 30);
        _bad.callBack(address(facilities), abi.encodeCall(facilities.repay, (loanId, 600)));
        vm.expectPartialRevert(IFacilities.TransferTookFee.selector);
        _repay(loanId, 700);
        assertEq(facilities.facility(_facility).outstanding, 1_000, "all as before");
    }

    function test_draw_within_a_draw_respects_the_limit() public {
        FacilityId small = _facilityOf(address(_bad), _product, 1_000);
        ILoans.DrawRequest memory request = _request(small, 600, LoanMath.Style.Bullet, 30, 0);
        _bad.callBack(address(facilities), abi.encodeCall(facilities.draw, (request)));
        vm.prank(address(_bad));
        facilities.draw(request);
        assertTrue(_bad.called() && !_bad.succeeded(), "refused from within");
        assertEq(facilities.facility(small).outstanding, 600, "one draw");
    }

    function test_draw_within_a_draw_reverts_for_the_same_claim() public {
        IProducts.ProductTerms memory terms = _claimProduct();
        terms.currency = address(_bad);
        FacilityId facilityId = _facilityOf(address(_bad), _add(terms), 1_000_000);
        uint256 claimId = _claimOf(address(_bad), 1_000);
        vm.prank(address(_bad));
        receivables.setApprovalForAll(address(facilities), true);
        ILoans.DrawRequest memory request = _request(facilityId, 100, LoanMath.Style.Bullet, 30, claimId);
        _bad.callBack(address(facilities), abi.encodeCall(facilities.draw, (request)));
        vm.prank(address(_bad));
        facilities.draw(request);
        assertTrue(_bad.called() && !_bad.succeeded(), "refused from within");
        assertEq(facilities.facility(facilityId).outstanding, 100, "one loan");
    }

    function test_draw_and_repay_revert_when_the_currency_takes_a_fee() public {
        LoanId loanId = _bullet(_facility, 1_000, 30);
        _bad.takeFee(1);
        vm.expectPartialRevert(IFacilities.TransferTookFee.selector);
        _repay(loanId, 500);
        vm.expectPartialRevert(IFacilities.TransferTookFee.selector);
        _bullet(_facility, 1_000, 30);
        assertEq(facilities.facility(_facility).outstanding, 1_000, "all as before");
    }

    function test_loan_stays_unchanged_when_the_currency_refuses_the_transfer() public {
        LoanId loanId = _bullet(_facility, 1_000, 30);
        _bad.refuse(true);
        assertEq(_sum(_repay(loanId, 500)), 0, "nothing is taken");
        assertEq(facilities.loan(loanId).state.balance, 1_000, "nothing is changed");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.CurrencyStands.selector, address(_bad)));
        _bullet(_facility, 1_000, 30);
        _bad.refuse(false);
        _repay(loanId, 1_000);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function _facilityOf(address borrower, ProductId productId, uint64 limit) private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(productId, 72_000, limit);
        terms.borrower = borrower;
        return _agree(terms);
    }

    function _claimOf(address owner, uint96 face) private returns (uint256) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        terms.currency = address(_bad);
        terms.seller = owner;
        vm.prank(owner);
        ReceivableId receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        return ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }
}
