// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceiptLienholder} from "../../../contracts/assets/IReceiptLienholder.sol";
import {WarehouseReceipts} from "../../../contracts/assets/WarehouseReceipts.sol";
import {IERC3525Receiver} from "../../../contracts/tokens/IERC3525.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ReceiptId} from "../../../contracts/types/Ids.sol";
import {ReceiptsFixture} from "./ReceiptsFixture.sol";

/// A lienholder that is told, and does as it was set to.
contract Lienholder is IReceiptLienholder {
    enum Answer {
        Accept,
        Revert,
        Bomb,
        Burn,
        CallBack
    }

    WarehouseReceipts private immutable _receipts;
    Answer public answer;
    bytes[] private _calls;
    uint256 public told;
    uint256 public quantitySeen;
    uint256 public callsThatSucceeded;

    constructor(WarehouseReceipts receipts_) {
        _receipts = receipts_;
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
        return id == 0x01ffc9a7 || id == type(IReceiptLienholder).interfaceId;
    }

    function onImpaired(ReceiptId receiptId) external {
        if (answer == Answer.Revert) revert("no");
        if (answer == Answer.Bomb) {
            assembly {
                revert(0, 100000)
            }
        }
        while (answer == Answer.Burn) ++told;
        ++told;
        (,, quantitySeen,,,) = _receipts.receipt(receiptId);
        for (uint256 i; i < _calls.length; ++i) {
            (bool done,) = address(_receipts).call(_calls[i]);
            if (done) ++callsThatSucceeded;
        }
    }

    function run(bytes calldata call) external {
        (bool done,) = address(_receipts).call(call);
        require(done);
    }
}

/// Says to ERC-165 whatever it is set to say, and has nothing behind it.
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

/// A holder that passes on, asks for goods and pledges while it is told of what it receives.
contract GreedyReceiver {
    WarehouseReceipts private immutable _receipts;
    bytes[] private _calls;
    uint256 public callsThatSucceeded;

    constructor(WarehouseReceipts receipts_) {
        _receipts = receipts_;
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
            (bool done,) = address(_receipts).call(_calls[i]);
            if (done) ++callsThatSucceeded;
        }
        return IERC3525Receiver.onERC3525Received.selector;
    }
}

/// Whatever a lienholder or a receiver does, what happened to the goods stands on record and the sums hold.
contract HostileTest is ReceiptsFixture {
    Lienholder private _lienholder;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _lienholder = new Lienholder(receipts);
        _party(address(_lienholder), 4);
        (, _id) = _issued(1_000);
        // It supports IReceiptLienholder, and so takes its lien itself, as one that the owner approved.
        vm.prank(depositor);
        receipts.approve(address(_lienholder), _id);
        vm.prank(address(_lienholder));
        receipts.encumber(_id, address(_lienholder));
    }

    function test_a_lienholder_is_told_after_the_impairment_stands() public {
        _impair(_id, 400);
        assertEq(_lienholder.told(), 1, "told once");
        assertEq(_lienholder.quantitySeen(), 600, "sees what is left");
        _impair(_id, 600);
        assertEq(_lienholder.told(), 2, "told of the end");
        assertEq(_lienholder.quantitySeen(), 0, "sees nothing");
    }

    function test_a_lienholder_is_not_told_of_others_receipts_nor_of_an_inspection() public {
        (, uint256 free) = _issued(1_000);
        _impair(free, 1);
        (, uint256 asked) = _issued(1_000);
        _ask(asked, 1_000);
        _impair(asked, 1);
        assertEq(_lienholder.told(), 0, "not told");
    }

    function test_an_impairment_stands_although_the_lienholder_reverts() public {
        Lienholder.Answer[3] memory answers = [Lienholder.Answer.Revert, Lienholder.Answer.Bomb, Lienholder.Answer.Burn];
        for (uint256 i; i < 3; ++i) {
            _lienholder.set(answers[i]);
            _impair(_id, 100);
            assertEq(_quantityOf(_id), 900 - 100 * i, "impaired");
            assertEq(_lienholder.told(), 0, "whatever it did is undone");
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

    function test_too_little_gas_fails_the_impairment_instead_of_the_telling() public {
        bytes memory call = abi.encodeCall(receipts.impair, (ReceiptId.wrap(_id), 100, 0));
        uint256 succeeded;
        for (uint256 gas_ = 20_000; gas_ < 400_000; gas_ += 5_000) {
            uint256 told = _lienholder.told();
            uint96 held = _quantityOf(_id);
            if (held <= 100) break;
            vm.prank(warehouse);
            (bool done,) = address(receipts).call{gas: gas_}(call);
            if (!done) {
                assertEq(_quantityOf(_id), held, "nothing happened");
            } else {
                ++succeeded;
                assertEq(_lienholder.told(), told + 1, "told");
            }
        }
        assertTrue(succeeded > 3, "enough gas was among the tries");
    }

    function test_a_lienholder_that_calls_back_changes_nothing_but_what_is_its_own() public {
        bytes[] memory calls = new bytes[](6);
        calls[0] = abi.encodeCall(receipts.impair, (ReceiptId.wrap(_id), 100, 0));
        calls[1] = abi.encodeCall(receipts.handOver, (ReceiptId.wrap(_id), 0));
        calls[2] = abi.encodeCall(receipts.withdrawRelease, (ReceiptId.wrap(_id)));
        calls[3] = abi.encodeCall(receipts.requestRelease, (ReceiptId.wrap(_id), 100, 0));
        calls[4] = abi.encodeCall(receipts.release, (_id));
        calls[5] = abi.encodeCall(receipts.assign, (_id, address(_lienholder), 600, 0));
        _lienholder.callBack(calls);
        _impair(_id, 400);
        assertEq(_lienholder.callsThatSucceeded(), 1, "it lets its own lien fall, and can then move nothing");
        assertEq(_lienholderOf(_id), address(0), "free");
        assertEq(_holderOf(_id), depositor, "the holder's");
        assertEq(_quantityOf(_id), 600, "impaired once");
    }

    function test_a_lienholder_s_lies_to_erc165_hurt_nobody() public {
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
            _pledge(id, liars[i]);
            _impair(id, 4);
            assertEq(_quantityOf(id), 6, "impaired");
            _impair(id, 6);
            assertEq(_holderOf(id), address(0), "burned");
        }
    }

    function test_a_lienholder_has_no_word_on_a_release_that_is_pending() public {
        (, uint256 id) = _issued(10);
        _ask(id, 10);
        vm.expectRevert();
        _lienholder.run(abi.encodeCall(receipts.release, (id)));
        vm.prank(depositor);
        receipts.withdrawRelease(ReceiptId.wrap(id));
    }

    function test_a_receiver_that_calls_back_takes_no_more_than_it_was_given() public {
        GreedyReceiver greedy = new GreedyReceiver(receipts);
        _party(address(greedy), 1);
        (, uint256 id) = _issued(1_000);
        uint256 child = id + 1;
        bytes[] memory calls = new bytes[](6);
        calls[0] = abi.encodeCall(receipts.assign, (id, address(greedy), 700, 0));
        calls[1] = abi.encodeCall(receipts.assign, (child, buyer, 100, 0));
        calls[2] = abi.encodeCall(receipts.requestRelease, (ReceiptId.wrap(child), 100, 0));
        calls[3] = abi.encodeCall(receipts.encumber, (child, bank));
        calls[4] = abi.encodeCall(receipts.handOver, (ReceiptId.wrap(child + 2), 0));
        calls[5] = abi.encodeCall(receipts.requestRelease, (ReceiptId.wrap(id), 100, 0));
        greedy.callBack(calls);
        vm.prank(depositor);
        receipts.assign(id, address(greedy), 300, 0);
        assertEq(greedy.callsThatSucceeded(), 3, "passes on, asks, pledges: its own alone");
        assertEq(_quantityOf(id), 700, "the rest stays");
        uint256 sum;
        for (uint256 token = id; token < id + 4; ++token) {
            sum += _quantityOf(token);
        }
        assertEq(sum, 1_000, "together the whole");
    }

    function test_a_receiver_that_refuses_keeps_the_receipt_where_it_was() public {
        Liar refusing = new Liar(abi.encode(bytes4(0xdeadbeef)));
        _party(address(refusing), 1);
        (, uint256 id) = _issued(1_000);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.ReceiverRefused.selector, address(refusing), id));
        vm.prank(depositor);
        receipts.safeTransferFrom(depositor, address(refusing), id);
    }
}
