// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {ForwardedAccess} from "../../../contracts/access/ForwardedAccess.sol";
import {Roles} from "../../../contracts/access/Roles.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// A contract that an operator owns, and that forwards its calls.
contract Puppet {
    function forward(address target, bytes calldata call) external returns (bool done) {
        (done,) = target.call(call);
    }
}

/// A change of a product needs two persons, whichever way each of them calls.
contract TwoPersonsTest is LendingFixture {
    uint256 private constant FIRST_KEY = 501;
    uint256 private constant SECOND_KEY = 502;
    address private _first = vm.addr(FIRST_KEY);
    address private _second = vm.addr(SECOND_KEY);
    ProductId private _product;
    bytes private _propose;
    bytes private _approve;

    function setUp() public override {
        super.setUp();
        access.grantRole(Roles.OPERATOR, _first, 0);
        access.grantRole(Roles.OPERATOR, _second, 0);
        IProducts.ProductTerms memory terms = _plainProduct();
        _product = _add(terms);
        terms.maxRate += 1;
        _propose = abi.encodeCall(
            products.propose, (_product, terms, _goodsOf(terms.collateral), _fixedRate(), _noEvidence())
        );
        _approve = abi.encodeCall(
            products.approve, (_product, terms, _goodsOf(terms.collateral), _fixedRate(), _noEvidence())
        );
    }

    function test_one_operator_cannot_change_a_product_directly_or_by_forwarder_or_manager() public {
        assertTrue(_directly(_first, _propose), "proposed");
        assertTrue(!_directly(_first, _approve), "directly");
        assertTrue(!_forwarded(FIRST_KEY, _approve, 0), "by the forwarder");
        assertTrue(!_batched(FIRST_KEY, _approve, 0), "in a batch");
        bytes memory refusal = abi.encodeWithSelector(ForwardedAccess.ManagerIsNoPerson.selector, address(access));
        vm.prank(_first);
        vm.expectRevert(refusal);
        access.execute(address(products), _approve);
        vm.prank(_second);
        vm.expectRevert(refusal);
        access.execute(address(products), _approve);
        bytes[] memory many = new bytes[](1);
        many[0] = abi.encodeCall(access.execute, (address(products), _approve));
        vm.prank(_first);
        (bool done,) = address(access).call(abi.encodeWithSignature("multicall(bytes[])", many));
        assertTrue(!done, "in the manager's multicall");
        assertEq(_version(), 1, "as it was");
        assertTrue(_forwarded(SECOND_KEY, _approve, 0), "by another person's intent");
        assertEq(_version(), 2, "changed by two");
    }

    function test_propose_reverts_for_the_manager() public {
        vm.prank(_first);
        vm.expectRevert(abi.encodeWithSelector(ForwardedAccess.ManagerIsNoPerson.selector, address(access)));
        access.execute(address(products), _propose);
    }

    function test_operator_and_its_contract_count_as_one_only_when_registered() public {
        Puppet puppet = new Puppet();
        assertTrue(_directly(_first, _propose), "proposed");
        vm.prank(_first);
        assertTrue(!puppet.forward(address(products), _approve), "a contract without the role");
        access.grantRole(Roles.OPERATOR, address(puppet), 0);
        _party(_first, 16);
        _party(address(puppet), 16);
        _grouped(_first, address(puppet));
        vm.prank(_first);
        assertTrue(!puppet.forward(address(products), _approve), "under one control");
        assertEq(_version(), 1, "as it was");
    }

    function test_two_accounts_of_one_party_are_one_person() public {
        _party(_first, 16);
        bytes memory consent = _consented(SECOND_KEY, registry.partyOf(_first));
        vm.prank(_first);
        registry.addAccount(_second, consent);
        assertTrue(_directly(_first, _propose), "proposed");
        vm.expectRevert(abi.encodeWithSelector(IProducts.SecondPersonNeeded.selector, _product, _first));
        vm.prank(_second);
        (bool reverted,) = address(products).call(_approve);
        reverted;
        vm.prank(_second);
        registry.removeAccount(_first);
        assertTrue(!_directly(_second, _approve), "nor when one of them was removed");
        vm.prank(SECOND_OPERATOR);
        (bool done,) = address(products).call(_approve);
        assertTrue(done, "another party's");
    }

    function test_approve_reverts_when_the_proposer_lost_the_role() public {
        assertTrue(_directly(_first, _propose), "proposed");
        access.revokeRole(Roles.OPERATOR, _first);
        vm.prank(_second);
        vm.expectRevert(abi.encodeWithSelector(ForwardedAccess.ProposerGone.selector, _first));
        (bool reverted,) = address(products).call(_approve);
        reverted;
    }

    function test_two_operators_whose_role_has_a_delay_change_a_product() public {
        access.grantRole(Roles.OPERATOR, _first, 1 hours);
        access.grantRole(Roles.OPERATOR, _second, 1 hours);
        vm.warp(block.timestamp + 6 days);
        assertTrue(!_directly(_first, _propose), "not before it was scheduled");
        _scheduled(_first, _propose);
        _scheduled(_second, _approve);
        assertTrue(_directly(_first, _propose), "proposed");
        assertTrue(_directly(_second, _approve), "approved");
        assertEq(_version(), 2, "changed by two");
    }

    function _scheduled(address operator, bytes memory call) private {
        vm.prank(operator);
        access.schedule(address(products), call, 0);
        vm.warp(block.timestamp + 1 hours);
    }

    function _version() private view returns (uint32 version) {
        (version,) = products.current(_product);
    }

    function _directly(address sender, bytes memory call) private returns (bool done) {
        vm.prank(sender);
        (done,) = address(products).call(call);
    }

    function _forwarded(uint256 key, bytes memory call, uint256 nonce) private returns (bool done) {
        IForwarder.SignedIntent memory intent = _intent(key, address(products), call, nonce);
        (done,) = address(forwarder).call(abi.encodeCall(forwarder.execute, (intent)));
    }

    function _batched(uint256 key, bytes memory call, uint256 nonce) private returns (bool) {
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](1);
        batch[0] = _intent(key, address(products), call, nonce);
        uint32 before = _version();
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.executeBatch, (batch, true)));
        return done && _version() != before;
    }

    function _grouped(address first, address second) private {
        PartyId partyId = registry.partyOf(first);
        PartyId other = registry.partyOf(second);
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyId, 7);
        registry.setGroup(other, 7);
        vm.stopPrank();
    }
}
