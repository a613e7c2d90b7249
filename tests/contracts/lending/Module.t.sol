// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {FacilitiesModule} from "../../../contracts/lending/FacilitiesModule.sol";
import {FacilityStore} from "../../../contracts/lending/FacilityStore.sol";
import {LoansModule} from "../../../contracts/lending/LoansModule.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ModuleCaller} from "../../../contracts/tokens/ModuleCaller.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// What Facilities hands to its module: as whom, over which storage, and what the module does by itself.
contract ModuleTest is LendingFixture {
    FacilitiesModule private _module;
    LoansModule private _loansModule;
    ProductId private _productId;
    FacilityId private _facilityId;

    function setUp() public override {
        super.setUp();
        _module = FacilitiesModule(facilities.module());
        _loansModule = LoansModule(facilities.loansModule());
        _productId = _add(_plainProduct());
        _facilityId = _agreedFacility(_productId, 72_000, 1_000_00);
    }

    function test_each_module_has_the_settings_of_facilities() public view {
        _hasSettings(_module);
        _hasSettings(_loansModule);
    }

    function _hasSettings(FacilityStore module) private view {
        assertEq(address(module.registry()), address(facilities.registry()), "registry");
        assertEq(address(module.credit()), address(facilities.credit()), "credit");
        assertEq(address(module.products()), address(facilities.products()), "products");
        assertEq(address(module.receivables()), address(facilities.receivables()), "receivables");
        assertEq(address(module.orders()), address(facilities.orders()), "orders");
        assertEq(address(module.reserve()), address(facilities.reserve()), "reserve");
        assertEq(address(module.prices()), address(facilities.prices()), "prices");
        assertEq(address(module.warehouseReceipts()), address(facilities.warehouseReceipts()), "warehouseReceipts");
        assertEq(module.writeOffDays(), facilities.writeOffDays(), "writeOffDays");
        assertEq(module.trustedForwarder(), facilities.trustedForwarder(), "trustedForwarder");
    }

    function test_signatures_are_for_the_address_of_facilities() public {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession Facilities"),
                keccak256("1"),
                block.chainid,
                address(facilities)
            )
        );
        ILoans.Extension memory extension =
            ILoans.Extension({loanId: 1, dueDay: _today() + 90, periods: 0, deadline: _deadline(), nonce: 1});
        bytes32 typeHash =
            keccak256("Extension(uint256 loanId,uint24 dueDay,uint8 periods,uint40 deadline,uint256 nonce)");
        bytes32 hash = keccak256(abi.encode(typeHash, extension));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, hash));
        assertEq(uint256(facilities.extensionDigest(extension)), uint256(digest), "digest at Facilities");
        // What is signed for the module alone is worth nothing at Facilities.
        assertTrue(_loansModule.extensionDigest(extension) != digest, "digest at the module");
        vm.chainId(block.chainid + 1);
        assertTrue(facilities.extensionDigest(extension) != digest, "digest on another chain");
    }

    function test_signer_of_an_intent_is_the_caller_in_the_module() public {
        bytes memory call = abi.encodeCall(facilities.acceptDebtor, (_facilityId, debtor, true));
        forwarder.execute(_intent(BANK_KEY, address(facilities), call, 0));
        assertTrue(facilities.acceptsDebtor(_facilityId, debtor), "accepted");
    }

    function test_module_called_by_itself_changes_nothing_in_facilities() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_productId, 72_000, 1_000_00);
        bytes32 digest = facilities.facilityDigest(terms);
        vm.prank(seller);
        _module.cancelSignature(digest);
        _agree(terms);
        // The seller's own word at Facilities counts.
        terms = _facilityTerms(_productId, 72_000, 1_000_00);
        digest = facilities.facilityDigest(terms);
        vm.expectEmit(address(facilities));
        emit SignedTerms.SignatureWithdrawn(seller, digest);
        vm.prank(seller);
        facilities.cancelSignature(digest);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureCancelled.selector, seller, digest));
        facilities.agree(terms, lender, borrower, "");
    }

    function test_module_called_by_itself_knows_no_facility_loan_or_money() public {
        LoanId loanId = _bullet(_facilityId, 100_00, 90);
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityUnknown.selector, _facilityId));
        _module.acceptDebtor(_facilityId, debtor, true);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.FacilityUnknown.selector, _facilityId));
        _module.close(_facilityId);
        vm.expectRevert(abi.encodeWithSelector(ILoans.LoanUnknown.selector, loanId));
        _module.declareDefault(loanId);
        assertEq(_module.unclaimedOf(bank, address(cash)), 0, "unclaimed");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotCourt.selector, bank));
        _module.forcedWithdraw(seller, address(cash), bank, 1, bytes32(0));
        vm.stopPrank();
    }

    function test_module_that_is_no_contract_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(ModuleCaller.ModuleMissing.selector, STRANGER));
        new Facilities(
            address(forwarder),
            credit,
            products,
            receivables,
            orders,
            reserve,
            prices,
            warehouseReceipts,
            STRANGER,
            address(_loansModule)
        );
        vm.expectRevert(abi.encodeWithSelector(ModuleCaller.ModuleMissing.selector, STRANGER));
        new Facilities(
            address(forwarder),
            credit,
            products,
            receivables,
            orders,
            reserve,
            prices,
            warehouseReceipts,
            address(_module),
            STRANGER
        );
    }
}
