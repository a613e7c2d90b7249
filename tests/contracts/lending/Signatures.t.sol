// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedTerms} from "../../../contracts/access/SignedTerms.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "./GoodsFixture.sol";

/// Each signature for Facilities counts once, until its deadline, unless its signer withdraws it.
contract SignaturesTest is GoodsFixture {
    enum SignedKind {
        Terms,
        SetOff,
        Extension,
        Costs,
        InKind,
        BuyBack
    }

    uint256 private constant OTHER_KEY = 777;
    uint8 private constant SIGNED_KINDS = 6;
    LoanId private _loan;
    LoanId private _goodsLoan;
    uint256 private _claimId;
    uint256 private _warehouseReceiptId;
    ProductId private _plain;
    FacilityId private _plainLine;
    IFacilities.FacilityTerms private _terms1;
    uint40 private _until;
    uint24 private _newDueDay;
    uint24 private _lastDay;

    function setUp() public override {
        super.setUp();
        _plain = _add(_plainProduct());
        _plainLine = _agreedFacility(_plain, 72_000, 1_000_000_00);
        _loan = _bullet(_plainLine, 100_000_00, 60);
        (, _claimId) = _confirmed(10_000_00);
        _warehouseReceiptId = _warehouseReceipt(1_000_000);
        (_goodsLoan,) = _loanOnGoods(1_000_00);
        _terms1 = _facilityTerms(_plain, 72_000, 1_000_00);
        _until = uint40(block.timestamp + 10 days);
        _terms1.deadline = _until;
        _newDueDay = _today() + 90;
        _lastDay = _today() + 200;
    }

    function test_every_signed_document_counts_once_and_before_its_deadline_only() public {
        for (uint8 i; i < SIGNED_KINDS; ++i) {
            SignedKind kind = SignedKind(i);
            bytes32 digest = _digest(kind);
            (bytes memory first, bytes memory second) = _bothSigned(kind, digest);
            vm.warp(_until);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureExpired.selector, _until, block.timestamp));
            _use(kind, first, second);
            vm.warp(_until - 1);
            _use(kind, first, second);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
            _use(kind, first, second);
            vm.warp(_until - 10 days);
        }
    }

    function test_every_signer_can_withdraw_its_signature() public {
        for (uint8 i; i < SIGNED_KINDS; ++i) {
            SignedKind kind = SignedKind(i);
            bytes32 digest = _digest(kind);
            (bytes memory first, bytes memory second) = _bothSigned(kind, digest);
            // Another party cannot take back their signatures.
            vm.prank(STRANGER);
            facilities.cancelSignature(digest);
            address signer = kind == SignedKind.BuyBack ? undertaker : seller;
            vm.expectEmit(address(facilities));
            emit SignedTerms.SignatureWithdrawn(signer, digest);
            vm.prank(signer);
            facilities.cancelSignature(digest);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureCancelled.selector, signer, digest));
            _use(kind, first, second);
            vm.prank(signer);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureCancelled.selector, signer, digest));
            facilities.cancelSignature(digest);
        }
    }

    function test_lender_can_withdraw_its_signature() public {
        SignedKind[4] memory documents = [SignedKind.Terms, SignedKind.SetOff, SignedKind.Extension, SignedKind.InKind];
        for (uint256 i; i < documents.length; ++i) {
            bytes32 digest = _digest(documents[i]);
            (bytes memory first, bytes memory second) = _bothSigned(documents[i], digest);
            vm.prank(bank);
            facilities.cancelSignature(digest);
            vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureCancelled.selector, bank, digest));
            _use(documents[i], first, second);
        }
    }

    function test_entruster_can_withdraw_its_signature() public {
        IProducts.ProductTerms memory newTerms = _plainProduct();
        newTerms.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(newTerms), 72_000, 1_000_00);
        terms.entruster = entruster;
        bytes32 digest = facilities.facilityDigest(terms);
        vm.prank(entruster);
        facilities.cancelSignature(digest);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        bytes memory third = _signed(ENTRUSTER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureCancelled.selector, entruster, digest));
        facilities.agree(terms, lender, borrower, third);
    }

    function test_signature_is_refused_while_its_signer_is_not_valid() public {
        for (uint8 i; i < SIGNED_KINDS; ++i) {
            SignedKind kind = SignedKind(i);
            bytes32 digest = _digest(kind);
            (bytes memory first, bytes memory second) = _bothSigned(kind, digest);
            address signer = kind == SignedKind.BuyBack ? undertaker : seller;
            _frozen(signer, true);
            vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
            _use(kind, first, second);
            _frozen(signer, false);
        }
    }

    function test_another_account_of_the_party_signs_for_it_and_a_removed_one_does_not() public {
        _join(seller, OTHER_KEY);
        bytes32 digest = _digest(SignedKind.Extension);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory removed = _signed(SELLER_KEY, digest);
        bytes memory other = _signed(OTHER_KEY, digest);
        vm.prank(vm.addr(OTHER_KEY));
        registry.removeAccount(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        _use(SignedKind.Extension, lender, removed);
        _use(SignedKind.Extension, lender, other);
        assertEq(facilities.loan(_loan).terms.dueDay, _newDueDay, "extended");
    }

    function test_signature_is_refused_from_an_account_of_another_party() public {
        bytes32 digest = _digest(SignedKind.Extension);
        bytes memory lender = _signed(BANK_KEY, digest);
        bytes memory others = _signed(DEBTOR_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        _use(SignedKind.Extension, lender, others);
    }

    // ------------------------------------------------------------------ the signed documents

    function _digest(SignedKind kind) private view returns (bytes32) {
        if (kind == SignedKind.Terms) return facilities.facilityDigest(_terms1);
        if (kind == SignedKind.SetOff) return facilities.setOffDigest(_setOff());
        if (kind == SignedKind.Extension) return facilities.extensionDigest(_extension());
        if (kind == SignedKind.Costs) return facilities.costsDigest(_loan, 50_00, DOCUMENTS, _until, 1);
        if (kind == SignedKind.InKind) return facilities.inKindDigest(_inKind());
        return facilities.buyBackDigest(_buyBack());
    }

    /// The second signature is the borrower's, where there are two; of a buy-back undertaking it is the undertaker's.
    function _bothSigned(SignedKind kind, bytes32 digest)
        private
        pure
        returns (bytes memory first, bytes memory second)
    {
        first = _signed(BANK_KEY, digest);
        second = _signed(kind == SignedKind.BuyBack ? UNDERTAKER_KEY : SELLER_KEY, digest);
    }

    function _use(SignedKind kind, bytes memory first, bytes memory second) private {
        if (kind == SignedKind.Terms) {
            facilities.agree(_terms1, first, second, "");
        } else if (kind == SignedKind.SetOff) {
            facilities.setOff(_setOff(), first, second);
        } else if (kind == SignedKind.Extension) {
            facilities.extend(_extension(), first, second);
        } else if (kind == SignedKind.Costs) {
            vm.prank(bank);
            facilities.chargeCosts(_loan, 50_00, DOCUMENTS, _until, 1, second);
        } else if (kind == SignedKind.InKind) {
            facilities.settleInKind(_inKind(), first, second);
        } else {
            vm.prank(bank);
            facilities.agreeBuyBack(_buyBack(), second);
        }
    }

    function _setOff() private view returns (ILoans.SetOff memory) {
        return ILoans.SetOff(LoanId.unwrap(_loan), _claimId, 10_000_00, 9_000_00, DOCUMENTS, _until, 1);
    }

    function _extension() private view returns (ILoans.Extension memory) {
        return ILoans.Extension(LoanId.unwrap(_loan), _newDueDay, 0, _until, 1);
    }

    function _inKind() private view returns (ICollateral.InKind memory) {
        return ICollateral.InKind(LoanId.unwrap(_goodsLoan), _warehouseReceiptId, 100_000, 900_00, DOCUMENTS, _until, 1);
    }

    function _buyBack() private view returns (ILiquidation.BuyBack memory) {
        return ILiquidation.BuyBack(
            FacilityId.unwrap(facilityId), undertaker, 900_000, 20_000_00, _lastDay, keccak256("text"), _until, 1
        );
    }

    function _frozen(address account, bool frozen) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(address(court));
        registry.freeze(partyId, frozen, keccak256("order"));
    }
}
