// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceiptLienholder} from "../../../contracts/warehouse/IWarehouseReceiptLienholder.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {IERC3525Receiver} from "../../../contracts/tokens/IERC3525.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsFixture} from "./WarehouseReceiptsFixture.sol";

/// A lienholder that is called, and does what the test set.
contract Lienholder is IWarehouseReceiptLienholder {
    enum Answer {
        Accept,
        Revert,
        Bomb,
        Burn,
        CallBack
    }

    WarehouseReceipts private immutable _warehouseReceipts;
    Answer public answer;
    bytes[] private _calls;
    uint256 public callCount;
    uint256 public quantitySeen;
    uint256 public callsThatSucceeded;

    constructor(WarehouseReceipts warehouseReceipts_) {
        _warehouseReceipts = warehouseReceipts_;
    }

    function set(Answer answer_) external {
        answer = answer_;
    }

    function callBack(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; ++i) {
            _calls.push(calls[i]);
        }
    }

    function supportsInterface(bytes4 id) external view virtual returns (bool) {
        return id == 0x01ffc9a7 || id == type(IWarehouseReceiptLienholder).interfaceId;
    }

    function onImpaired(WarehouseReceiptId warehouseReceiptId) external {
        if (answer == Answer.Revert) revert("no");
        if (answer == Answer.Bomb) {
            assembly {
                revert(0, 100000)
            }
        }
        while (answer == Answer.Burn) ++callCount;
        ++callCount;
        quantitySeen = _warehouseReceipts.warehouseReceipt(warehouseReceiptId).quantity;
        for (uint256 i; i < _calls.length; ++i) {
            (bool done,) = address(_warehouseReceipts).call(_calls[i]);
            if (done) ++callsThatSucceeded;
        }
    }

    function run(bytes calldata call) external {
        (bool done,) = address(_warehouseReceipts).call(call);
        require(done);
    }
}

/// Answers ERC-165 with whatever it is set to, and implements nothing.
contract Liar {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback() external {
        bytes memory answer = _answer;
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }
}

/// Uses up whatever gas it is given.
contract GasBurner {
    fallback() external {
        while (true) {}
    }
}

/// A holder that transfers, requests goods and gives liens within the call that says what it received.
contract GreedyReceiver {
    WarehouseReceipts private immutable _warehouseReceipts;
    bytes[] private _calls;
    uint256 public callsThatSucceeded;

    constructor(WarehouseReceipts warehouseReceipts_) {
        _warehouseReceipts = warehouseReceipts_;
    }

    function callBack(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; ++i) {
            _calls.push(calls[i]);
        }
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == type(IERC3525Receiver).interfaceId;
    }

    function onERC3525Received(address, uint256, uint256, uint256, bytes calldata) external returns (bytes4) {
        for (uint256 i; i < _calls.length; ++i) {
            (bool done,) = address(_warehouseReceipts).call(_calls[i]);
            if (done) ++callsThatSucceeded;
        }
        return IERC3525Receiver.onERC3525Received.selector;
    }
}

/// Whatever a lienholder or a receiver does, what happened to the goods is recorded and the sums hold.
contract HostileTest is WarehouseReceiptsFixture {
    Lienholder private _lienholder;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _lienholder = new Lienholder(warehouseReceipts);
        _party(address(_lienholder), 4);
        (, _id) = _issued(1_000);
        // It supports IWarehouseReceiptLienholder, and so takes its lien itself, after the owner approved it.
        vm.prank(depositor);
        warehouseReceipts.approve(address(_lienholder), _id);
        vm.prank(address(_lienholder));
        warehouseReceipts.encumber(_id, address(_lienholder));
    }

    function test_a_lienholder_is_called_after_the_impairment_is_stored() public {
        _impair(_id, 400);
        assertEq(_lienholder.callCount(), 1, "called once");
        assertEq(_lienholder.quantitySeen(), 600, "sees what is left");
        _impair(_id, 600);
        assertEq(_lienholder.callCount(), 2, "called at the end");
        assertEq(_lienholder.quantitySeen(), 0, "sees nothing");
    }

    function test_a_lienholder_is_not_called_for_others_warehouse_receipts_nor_for_an_inspection() public {
        (, uint256 free) = _issued(1_000);
        _impair(free, 1);
        (, uint256 requested) = _issued(1_000);
        _ask(requested, 1_000);
        _impair(requested, 1);
        assertEq(_lienholder.callCount(), 0, "not called");
    }

    function test_an_impairment_stands_although_the_lienholder_reverts() public {
        Lienholder.Answer[3] memory answers = [Lienholder.Answer.Revert, Lienholder.Answer.Bomb, Lienholder.Answer.Burn];
        for (uint256 i; i < 3; ++i) {
            _lienholder.set(answers[i]);
            _impair(_id, 100);
            assertEq(_quantityOf(_id), 900 - 100 * i, "impaired");
            assertEq(_lienholder.callCount(), 0, "whatever it did is undone");
        }
        _lienholder.set(Lienholder.Answer.Burn);
        _impair(_id, 700);
        assertEq(_holderOf(_id), address(0), "burned");
    }

    function test_a_lienholder_cannot_use_up_more_than_its_share_of_gas() public {
        _lienholder.set(Lienholder.Answer.Burn);
        uint256 before = gasleft();
        _impair(_id, 100);
        assertTrue(before - gasleft() < 3_200_000, "three million and what an impairment costs");
    }

    function test_impair_reverts_when_gas_does_not_suffice_for_the_lienholders_call() public {
        bytes memory call = abi.encodeCall(warehouseReceipts.impair, (WarehouseReceiptId.wrap(_id), 100, 0));
        uint256 succeeded;
        for (uint256 gas_ = 20_000; gas_ < 400_000; gas_ += 5_000) {
            uint256 callCount = _lienholder.callCount();
            uint96 held = _quantityOf(_id);
            if (held <= 100) break;
            vm.prank(warehouse);
            (bool done,) = address(warehouseReceipts).call{gas: gas_}(call);
            if (!done) {
                assertEq(_quantityOf(_id), held, "nothing happened");
            } else {
                ++succeeded;
                assertEq(_lienholder.callCount(), callCount + 1, "called");
            }
        }
        assertTrue(succeeded > 3, "enough gas was among the tries");
    }

    function test_lienholder_that_calls_back_changes_only_its_own() public {
        bytes[] memory calls = new bytes[](6);
        calls[0] = abi.encodeCall(warehouseReceipts.impair, (WarehouseReceiptId.wrap(_id), 100, 0));
        calls[1] = abi.encodeCall(warehouseReceipts.handOver, (WarehouseReceiptId.wrap(_id), 600, depositor, 0));
        calls[2] = abi.encodeCall(warehouseReceipts.withdrawRelease, (WarehouseReceiptId.wrap(_id)));
        calls[3] = abi.encodeCall(warehouseReceipts.requestRelease, (WarehouseReceiptId.wrap(_id), 100, 0));
        calls[4] = abi.encodeCall(warehouseReceipts.release, (_id));
        calls[5] = abi.encodeCall(warehouseReceipts.assign, (_id, address(_lienholder), 600, 0));
        _lienholder.callBack(calls);
        _impair(_id, 400);
        assertEq(_lienholder.callsThatSucceeded(), 1, "it lets its own lien fall, and can then move nothing");
        assertEq(_lienholderOf(_id), address(0), "free");
        assertEq(_holderOf(_id), depositor, "the holder's");
        assertEq(_quantityOf(_id), 600, "impaired once");
    }

    function test_false_erc165_answer_of_a_lienholder_harms_nobody() public {
        address[5] memory liars = [
            address(new Liar(abi.encode(true))), // yes to everything: no ERC-165
            address(new Liar("")),
            address(new Liar(abi.encode(uint256(2)))),
            address(new Liar(new bytes(50_000))),
            address(new GasBurner())
        ];
        for (uint256 i; i < 5; ++i) {
            _party(liars[i], 4);
            (, uint256 id) = _issued(10);
            _encumber(id, liars[i]);
            _impair(id, 4);
            assertEq(_quantityOf(id), 6, "impaired");
            _impair(id, 6);
            assertEq(_holderOf(id), address(0), "burned");
        }
    }

    function test_lienholder_cannot_stop_a_pending_release() public {
        (, uint256 id) = _issued(10);
        _ask(id, 10);
        vm.expectRevert();
        _lienholder.run(abi.encodeCall(warehouseReceipts.release, (id)));
        vm.prank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(id));
    }

    function test_receiver_that_calls_back_takes_only_what_it_received() public {
        GreedyReceiver greedy = new GreedyReceiver(warehouseReceipts);
        _party(address(greedy), 1);
        (, uint256 id) = _issued(1_000);
        uint256 child = id + 1;
        bytes[] memory calls = new bytes[](6);
        calls[0] = abi.encodeCall(warehouseReceipts.assign, (id, address(greedy), 700, 0));
        calls[1] = abi.encodeCall(warehouseReceipts.assign, (child, buyer, 100, 0));
        calls[2] = abi.encodeCall(warehouseReceipts.requestRelease, (WarehouseReceiptId.wrap(child), 100, 0));
        calls[3] = abi.encodeCall(warehouseReceipts.encumber, (child, bank));
        calls[4] =
            abi.encodeCall(warehouseReceipts.handOver, (WarehouseReceiptId.wrap(child + 2), 100, address(greedy), 0));
        calls[5] = abi.encodeCall(warehouseReceipts.requestRelease, (WarehouseReceiptId.wrap(id), 100, 0));
        greedy.callBack(calls);
        vm.prank(depositor);
        warehouseReceipts.assign(id, address(greedy), 300, 0);
        assertEq(greedy.callsThatSucceeded(), 3, "transfers, requests, encumbers: its own alone");
        assertEq(_quantityOf(id), 700, "the rest stays");
        uint256 sum;
        for (uint256 token = id; token < id + 4; ++token) {
            sum += _quantityOf(token);
        }
        assertEq(sum, 1_000, "together the whole");
    }

    function test_a_transfer_reverts_when_the_receiver_refuses_the_warehouse_receipt() public {
        Liar refusing = new Liar(abi.encode(bytes4(0xdeadbeef)));
        _party(address(refusing), 1);
        (, uint256 id) = _issued(1_000);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.ReceiverRefused.selector, address(refusing), id));
        vm.prank(depositor);
        warehouseReceipts.safeTransferFrom(depositor, address(refusing), id);
    }
}
