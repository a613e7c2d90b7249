// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IClaimCollector} from "../../../contracts/receivables/IClaimCollector.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IERC3525Receiver} from "../../../contracts/tokens/IERC3525.sol";
import {ClaimId, FacilityId, LoanId, ReceivableId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {IWarehouseReceiptLienholder} from "../../../contracts/warehouse/IWarehouseReceiptLienholder.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {GoodsFixture} from "./GoodsFixture.sol";

/// Uses some gas in a call many calls deep. What runs out of gas there leaves each caller on the way a part of its own.
abstract contract Deep {
    uint256 private constant DEPTH = 10;
    uint256 public calls;

    function dive(uint256 depth, uint256 gasUsed) external view {
        if (depth != 0) return this.dive(depth - 1, gasUsed);
        uint256 start = gasleft();
        while (start - gasleft() < gasUsed) {}
    }

    function _dive(uint256 gasUsed) internal view {
        this.dive(DEPTH, gasUsed);
    }
}

contract DeepCurrency is Stablecoin, Deep {
    function _update(address from, address to, uint256 value) internal override {
        _dive(400_000);
        super._update(from, to, value);
    }
}

contract DeepLienholder is IWarehouseReceiptLienholder, Deep {
    function supportsInterface(bytes4 id) external view virtual returns (bool) {
        return id == 0x01ffc9a7 || id == type(IWarehouseReceiptLienholder).interfaceId;
    }

    function onImpaired(WarehouseReceiptId) external {
        _dive(1_000_000);
        ++calls;
    }
}

contract DeepCollector is IClaimCollector, Deep {
    function supportsInterface(bytes4 id) external view returns (bool) {
        return id == 0x01ffc9a7 || id == type(IClaimCollector).interfaceId;
    }

    function onCollected(ClaimId, address, uint256) external {
        _dive(500_000);
        ++calls;
    }
}

/// Answers what it supports only after much work, and wants to be asked.
contract SlowReceiver is Deep {
    function supportsInterface(bytes4 id) external view returns (bool) {
        this.dive(1, 20_000);
        return id == 0x01ffc9a7 || id == type(IERC3525Receiver).interfaceId;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        ++calls;
        return IERC3525Receiver.onERC3525Received.selector;
    }
}

/// Whatever gas a transaction gets: it fails, or it does what it does with ample gas.
contract WantOfGasTest is GoodsFixture {
    uint256 private constant AMPLE = 20_000_000;

    /// Runs the call with more and more gas, each time from the same state.
    function _sweep(
        address caller,
        address target,
        bytes memory call,
        function() internal view returns (uint256) outcome,
        uint256 max,
        uint256 step
    ) private {
        uint256 start = vm.snapshotState();
        vm.prank(caller);
        (bool done,) = target.call{gas: AMPLE}(call);
        assertTrue(done, "ample gas is enough");
        uint256 expected = outcome();
        vm.revertToState(start);
        assertTrue(outcome() != expected, "the call changes something");
        uint256 failures;
        uint256 successes;
        for (uint256 gasAmount = 40_000; gasAmount < max; gasAmount += step) {
            uint256 before = vm.snapshotState();
            vm.prank(caller);
            (done,) = target.call{gas: gasAmount}(call);
            if (done) {
                ++successes;
                assertEq(outcome(), expected, "as with ample gas");
            } else {
                ++failures;
            }
            vm.revertToState(before);
        }
        assertTrue(failures != 0 && successes != 0, "too little and enough were both tried");
    }

    // ------------------------------------------------------------------ many in one call

    ClaimId[] private _claims;
    LoanId[] private _loans;

    function test_collect_many_passes_no_claim_over() public {
        (ReceivableId first, uint256 free) = _confirmed(10_000_00);
        (ReceivableId second, uint256 encumbered) = _confirmed(10_000_00);
        _draw(
            _agreedFacility(_add(_claimProduct()), 72_000, 1_000_000_00),
            1_000_00,
            LoanMath.Style.Bullet,
            60,
            encumbered
        );
        _pay(first, 10_000_00);
        _pay(second, 10_000_00);
        _claims = [ClaimId.wrap(free), ClaimId.wrap(encumbered)];
        bytes memory call = abi.encodeCall(receivables.collectMany, (_claims));
        _sweep(STRANGER, address(receivables), call, _collectable, 900_000, 4_000);
    }

    function test_collect_many_passes_no_claim_over_whose_lienholder_needs_much() public {
        DeepCollector collector = new DeepCollector();
        _party(address(collector), 4);
        (ReceivableId first, uint256 free) = _confirmed(10_000_00);
        (ReceivableId second, uint256 encumbered) = _confirmed(10_000_00);
        vm.prank(seller);
        receivables.approve(address(collector), encumbered);
        vm.prank(address(collector));
        receivables.encumber(encumbered, address(collector));
        _pay(first, 10_000_00);
        _pay(second, 10_000_00);
        _claims = [ClaimId.wrap(free), ClaimId.wrap(encumbered)];
        bytes memory call = abi.encodeCall(receivables.collectMany, (_claims));
        _sweep(STRANGER, address(receivables), call, _collectable, 2_000_000, 4_000);
    }

    function test_repay_many_passes_no_loan_over() public {
        FacilityId plain = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_000_00);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](16);
        for (uint256 i; i < 16; ++i) {
            items[i] = _items(_warehouseReceipt(100_000))[0];
        }
        // The last cent releases sixteen liens.
        _loans = [_bullet(plain, 1_000_00, 60), _drawOn(5_000_00, items)];
        bytes memory call = abi.encodeCall(facilities.repayMany, (_loans, 20_000_00));
        _sweep(seller, address(facilities), call, _owed, 4_000_000, 20_000);
    }

    function test_declare_debt_default_passes_no_debt_over() public {
        _claims = [_claim(), _claim(), _claim()];
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](4);
        items[0] = _items(_warehouseReceipt(1_000_000))[0];
        for (uint256 i; i < 3; ++i) {
            items[i + 1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, ClaimId.unwrap(_claims[i]), 0);
        }
        LoanId loanId = _drawOn(1_000_00, items);
        _late();
        bytes memory call = abi.encodeCall(facilities.declareDebtDefault, (loanId));
        _sweep(bank, address(facilities), call, _defaulted, 500_000, 500);
    }

    // ------------------------------------------------------------------ what goes on although a call failed

    Deep private _deep;
    address private _receiver;

    function test_impair_tells_the_lienholder() public {
        DeepLienholder lienholder = new DeepLienholder();
        _party(address(lienholder), 4);
        uint256 id = _warehouseReceipt(1_000);
        vm.prank(seller);
        warehouseReceipts.approve(address(lienholder), id);
        vm.prank(address(lienholder));
        warehouseReceipts.encumber(id, address(lienholder));
        _deep = lienholder;
        bytes memory call = abi.encodeCall(warehouseReceipts.impair, (WarehouseReceiptId.wrap(id), 100, DOCUMENTS));
        _sweep(WAREHOUSE, address(warehouseReceipts), call, _callsOfDeep, 3_000_000, 4_000);
    }

    function test_collect_sends_money_that_could_wait_as_unclaimed() public {
        DeepCurrency currency = new DeepCurrency();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(currency), true);
        IReceivables.ReceivableTerms memory terms = _terms(1_000_00);
        terms.currency = address(currency);
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        ClaimId claimId =
            receivables.confirm(receivableId, _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId)));
        currency.mint(debtor, 1_000_00);
        vm.prank(debtor);
        currency.approve(address(receivables), 1_000_00);
        _pay(receivableId, 1_000_00);
        (_currency, _receiver) = (currency, seller);
        bytes memory call = abi.encodeCall(receivables.collect, (claimId));
        _sweep(STRANGER, address(receivables), call, _balance, 1_500_000, 4_000);
    }

    function test_currency_is_not_said_to_stand() public {
        DeepCurrency currency = new DeepCurrency();
        currency.pause(true);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IReceivables.CurrencyStands.selector, address(currency)));
        receivables.allowCurrency(address(currency), true);
        currency.pause(false);
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(currency), true);
        bytes memory call = abi.encodeCall(facilities.checkCurrency, (address(currency)));
        for (uint256 gasAmount = 20_000; gasAmount < 1_000_000; gasAmount += 4_000) {
            (bool done, bytes memory answer) = address(facilities).call{gas: gasAmount}(call);
            if (done) assertTrue(abi.decode(answer, (bool)), "it moves");
        }
        assertEq(facilities.currencyClock(address(currency)).stoppedAt, 0, "no stop");
    }

    function test_receiver_is_asked_whether_it_keeps_value() public {
        SlowReceiver receiver = new SlowReceiver();
        _party(address(receiver), 1);
        (, uint256 claimId) = _confirmed(10_000_00);
        _deep = receiver;
        bytes memory call = abi.encodeWithSignature(
            "transferFrom(uint256,address,uint256)", claimId, address(receiver), uint256(1_000_00)
        );
        _sweep(seller, address(receivables), call, _callsOfDeep, 600_000, 2_000);
    }

    // ------------------------------------------------------------------ parts of the above

    IERC20 private _currency;

    function _claim() private returns (ClaimId) {
        (, uint256 claimId) = _confirmed(1_000_00);
        return ClaimId.wrap(claimId);
    }

    function _collectable() private view returns (uint256 sum) {
        for (uint256 i; i < _claims.length; ++i) {
            if (receivables.claim(_claims[i]).owner == address(0)) continue;
            (uint96 waiting,) = receivables.collectable(_claims[i]);
            sum += waiting;
        }
    }

    function _owed() private view returns (uint256 sum) {
        for (uint256 i; i < _loans.length; ++i) {
            sum += _payoff(_loans[i]);
        }
    }

    function _defaulted() private view returns (uint256 count) {
        for (uint256 i; i < _claims.length; ++i) {
            IReceivables.Status status = _statusOf(receivables.claim(_claims[i]).receivableId);
            if (status == IReceivables.Status.Defaulted) ++count;
        }
    }

    function _callsOfDeep() private view returns (uint256) {
        return _deep.calls();
    }

    function _balance() private view returns (uint256) {
        return _currency.balanceOf(_receiver);
    }
}
