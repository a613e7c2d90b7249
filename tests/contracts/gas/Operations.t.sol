// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Gas of each operation as a transaction of its own (`--isolate`), stored as a snapshot that benchmarks/gas.py
/// compares with its ceiling.
contract OperationsGas is Fixture {
    string private constant GROUP = "operations";
    uint96 private constant FACE = 1_000_000;

    /// An earlier receivable, partly paid, and an earlier intent: counters, nonces and cash stand above zero, as on any
    /// ledger in use.
    function setUp() public override {
        super.setUp();
        (ReceivableId earlier, uint256 claimId) = _confirmed(FACE);
        _pay(earlier, 1_000);
        bytes memory call = abi.encodeWithSignature("approve(address,uint256)", bank, claimId);
        forwarder.execute(_intent(SELLER_KEY, address(receivables), call, 0));
    }

    function test_file_a_receivable() public {
        IReceivables.ReceivableTerms memory terms = _terms(FACE);
        vm.prank(seller);
        receivables.request(terms);
        _keep("file a receivable (record and fingerprint)");
    }

    function test_confirm_a_receivable() public {
        ReceivableId receivableId = _request(FACE);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        receivables.confirm(receivableId, signature);
        _keep("confirm it: signature checked, claim minted");
    }

    function test_split_and_transfer() public {
        (, uint256 claimId) = _confirmed(FACE);
        vm.prank(seller);
        receivables.assign(claimId, suppliers[0], 1_000, keccak256("documents"));
        _keep("split and transfer part of a claim to a new holder");
    }

    function test_split_to_twenty() public {
        (, uint256 claimId) = _confirmed(FACE);
        ISplittableToken.Part[] memory parts = _parts(20, 0x2000);
        vm.prank(seller);
        receivables.assignMany(claimId, parts);
        uint256 each = uint256(vm.lastCallGas().gasTotalUsed) / 20;
        vm.snapshotValue(GROUP, "the same to twenty holders in one call, each", each);
    }

    function test_sale_of_a_claim() public {
        (, uint256 claimId) = _confirmed(FACE);
        _accept(_quote(claimId, seller, FACE, 990_000, false), BANK_KEY);
        _keep("sale of a claim against payment on a signed quote");
    }

    function test_sale_of_a_claim_with_recourse() public {
        (, uint256 claimId) = _confirmed(FACE);
        _accept(_quote(claimId, seller, FACE, 990_000, true), BANK_KEY);
        _keep("sale of a claim with recourse");
    }

    function test_sale_of_part_of_a_claim() public {
        (, uint256 claimId) = _confirmed(FACE);
        _accept(_quote(claimId, seller, 400_000, 390_000, false), BANK_KEY);
        _keep("sale of part of a claim");
    }

    function test_payment_with_one_holder() public {
        (ReceivableId receivableId,) = _confirmed(FACE);
        _pay(receivableId, 1_000);
        _keep("a debtor's payment, the same for 1 holder and for 10,000");
    }

    function test_payment_with_ten_thousand_holders() public {
        (ReceivableId many, uint256 claimId) = _confirmed(FACE);
        for (uint256 i; i < 50; ++i) {
            ISplittableToken.Part[] memory parts = _parts(200, 0x10000 + i * 1000);
            vm.prank(seller);
            receivables.assignMany(claimId, parts);
        }
        (ReceivableId fresh,) = _confirmed(FACE);
        _pay(fresh, 1_000);
        uint256 withOne = vm.lastCallGas().gasTotalUsed;
        _pay(many, 1_000);
        uint256 withMany = vm.lastCallGas().gasTotalUsed;
        _keep("a debtor's payment with 10,000 holders");
        assertEq(withMany, withOne, "gas of a payment with ten thousand holders and with one");
    }

    function test_late_payment() public {
        (ReceivableId receivableId,) = _confirmed(FACE);
        _late();
        _pay(receivableId, 10_000);
        _keep("a late payment");
    }

    function test_collect() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(FACE);
        vm.prank(seller);
        receivables.assign(claimId, suppliers[0], 1_000, 0);
        _pay(receivableId, 500_000);
        receivables.collect(ClaimId.wrap(claimId));
        _keep("collect");
    }

    function test_merge() public {
        (, uint256 claimId) = _confirmed(FACE);
        vm.prank(seller);
        uint256 child = receivables.assign(claimId, seller, 1_000, 0);
        vm.prank(seller);
        receivables.merge(child, claimId);
        _keep("merge");
    }

    function test_split_through_the_forwarder() public {
        (, uint256 claimId) = _confirmed(FACE);
        IForwarder.SignedIntent memory request =
            _intent(SELLER_KEY, address(receivables), _split(claimId, suppliers[1]), 1);
        forwarder.execute(request);
        _keep("split through the forwarder");
        assertEq(receivables.balanceOf(claimId), FACE - 1_000, "it was carried out");
    }

    function test_split_through_the_forwarder_in_a_batch() public {
        (, uint256 claimId) = _confirmed(FACE);
        IForwarder.SignedIntent[] memory requests = new IForwarder.SignedIntent[](50);
        for (uint256 i; i < 50; ++i) {
            address to = address(uint160(0x3000 + i));
            _party(to, 1);
            requests[i] = _intent(SELLER_KEY, address(receivables), _split(claimId, to), i + 1);
        }
        forwarder.executeBatch(requests, true);
        uint256 each = uint256(vm.lastCallGas().gasTotalUsed) / 50;
        assertEq(receivables.balanceOf(claimId), FACE - 50 * 1_000, "all fifty were carried out");
        vm.snapshotValue(GROUP, "split through the forwarder in a batch of 50, each", each);
    }

    function _split(uint256 claimId, address to) private view returns (bytes memory) {
        return abi.encodeCall(receivables.assign, (claimId, to, 1_000, keccak256("documents")));
    }

    function _parts(uint256 count, uint256 firstHolder) private returns (ISplittableToken.Part[] memory parts) {
        parts = new ISplittableToken.Part[](count);
        for (uint256 i; i < count; ++i) {
            address to = address(uint160(firstHolder + i));
            vm.prank(REGISTRAR);
            registry.register(keccak256(abi.encode(to)), 1, type(uint64).max, to);
            parts[i] = ISplittableToken.Part(to, 10, keccak256("documents"));
        }
    }

    function _keep(string memory name) private {
        vm.snapshotGasLastCall(GROUP, name);
    }
}
