// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// A currency that calls back during a transfer.
contract HostileCurrency is ERC20 {
    address private _target;
    bytes private _call;
    uint256 public callsThatSucceeded;

    constructor() ERC20("Hostile", "HOSTILE") {}

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function callBack(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        (bool done,) = target.call(_call);
        if (done) ++callsThatSucceeded;
    }
}

/// Reentrancy through the currency: no money is paid or counted twice.
contract HostileCurrencyTest is Fixture {
    HostileCurrency private _hostile;
    ReceivableId private _receivable;
    ClaimId private _claim;

    function setUp() public override {
        super.setUp();
        _hostile = new HostileCurrency();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(_hostile), true);
        IReceivables.ReceivableTerms memory terms = _terms(1_000);
        terms.currency = address(_hostile);
        vm.prank(seller);
        _receivable = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(_receivable));
        _claim = receivables.confirm(_receivable, signature);
        _hostile.mint(debtor, 5_000);
        vm.prank(debtor);
        _hostile.approve(address(receivables), type(uint256).max);
    }

    function test_collect_within_a_collection_pays_once() public {
        _pay(_receivable, 600);
        _hostile.callBack(address(receivables), abi.encodeCall(receivables.collect, (_claim)));
        receivables.collect(_claim);
        assertEq(_hostile.balanceOf(seller), 600, "once");
        assertEq(_hostile.callsThatSucceeded(), 0, "nothing left to collect");
    }

    function test_collect_within_a_payment_keeps_the_books_correct() public {
        _hostile.callBack(address(receivables), abi.encodeCall(receivables.collect, (_claim)));
        _pay(_receivable, 600);
        IReceivables.Receivable memory debt = receivables.receivable(_receivable);
        assertEq(_hostile.balanceOf(seller), debt.redeemed, "redeemed");
        assertEq(_hostile.balanceOf(address(receivables)), uint256(debt.principalPaid) - debt.redeemed, "held");
    }

    function test_payment_within_a_payment_is_paid_by_its_caller() public {
        _hostile.callBack(address(receivables), abi.encodeCall(receivables.pay, (_receivable, 600)));
        _pay(_receivable, 600);
        assertEq(receivables.receivable(_receivable).principalPaid, 600, "the currency had nothing to pay with");
    }

    function test_hostile_currency_cannot_take_other_currencies() public {
        (ReceivableId honest,) = _confirmed(1_000);
        _pay(honest, 500);
        _hostile.callBack(address(receivables), abi.encodeCall(receivables.collect, (_claim)));
        _pay(_receivable, 600);
        assertEq(cash.balanceOf(address(receivables)), 500, "untouched");
    }
}
