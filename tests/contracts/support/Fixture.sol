// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Forwarder} from "../../../contracts/access/Forwarder.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {Roles} from "../../../contracts/access/Roles.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {ReceivablesModule} from "../../../contracts/receivables/ReceivablesModule.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {WarehouseReceiptsModule} from "../../../contracts/warehouse/WarehouseReceiptsModule.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ClaimMarket} from "../../../contracts/market/ClaimMarket.sol";
import {CourtOrders} from "../../../contracts/registry/CourtOrders.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {IntentDigest} from "./IntentDigest.sol";
import {Test} from "./Test.sol";

/// Everything deployed, with a seller, a debtor, a bank and three suppliers, each holding cash.
abstract contract Fixture is Test {
    uint256 internal constant SELLER_KEY = 101;
    uint256 internal constant DEBTOR_KEY = 102;
    uint256 internal constant BANK_KEY = 103;
    uint256 internal constant DAY = 1 days;
    bytes32 internal constant LEDGER_KEY_HASH = keccak256("a ledger key");
    uint32 internal constant DUE_DAY = 20_000;

    address internal constant REGISTRAR = address(0xF1);
    address internal constant FIRST_REGULATOR = address(0xF2);
    address internal constant SECOND_REGULATOR = address(0xF3);
    address internal constant CASH_ISSUER = address(0xF4);
    address internal constant OPERATOR = address(0xF5);
    address internal constant STRANGER = address(0xF9);
    uint64 internal constant COURT_DELAY = 1 days;

    AccessManager internal access;
    Forwarder internal forwarder;
    PartyRegistry internal registry;
    CourtOrders internal court;
    Receivables internal receivables;
    ClaimMarket internal market;
    SettlementToken internal cash;
    address internal seller = vm.addr(SELLER_KEY);
    address internal debtor = vm.addr(DEBTOR_KEY);
    address internal bank = vm.addr(BANK_KEY);
    address[3] internal suppliers = [address(0xA1), address(0xA2), address(0xA3)];
    uint256 private _fingerprints;
    uint256 private _nonces;

    function setUp() public virtual {
        vm.warp(uint256(DUE_DAY - 60) * DAY);
        access = new AccessManager(address(this));
        forwarder = new Forwarder();
        address[] memory regulators = new address[](2);
        (regulators[0], regulators[1]) = (FIRST_REGULATOR, SECOND_REGULATOR);
        court = new CourtOrders(address(forwarder), COURT_DELAY, regulators, address(this));
        registry = new PartyRegistry(address(access), address(forwarder), address(court), LEDGER_KEY_HASH);
        court.bind(registry);
        receivables = _newReceivables(registry);
        market = new ClaimMarket(address(forwarder), receivables);
        cash = new SettlementToken(address(access), address(forwarder), "Deposit", "CNY", 2);
        _grantRoles();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(cash), true);
        _party(seller, 1);
        _party(debtor, 2);
        _party(bank, 4);
        for (uint256 i; i < 3; ++i) {
            _party(suppliers[i], 1);
        }
    }

    function _newReceivables(PartyRegistry registry_) internal returns (Receivables) {
        address module = address(new ReceivablesModule(address(access), address(forwarder), registry_, 0, 180));
        return new Receivables(address(access), address(forwarder), registry_, 0, 180, module);
    }

    function _newWarehouseReceipts(PartyRegistry registry_, uint256 zoneOffset) internal returns (WarehouseReceipts) {
        address module =
            address(new WarehouseReceiptsModule(address(access), address(forwarder), registry_, zoneOffset));
        return new WarehouseReceipts(address(access), address(forwarder), registry_, zoneOffset, module);
    }

    /// The roles as a deployment grants them; this contract stays the manager's administrator.
    function _grantRoles() private {
        _restrict(address(registry), registry.register.selector, Roles.REGISTRAR);
        _restrict(address(registry), registry.setRoles.selector, Roles.REGISTRAR);
        _restrict(address(registry), registry.setValidity.selector, Roles.REGISTRAR);
        _restrict(address(registry), registry.setGroup.selector, Roles.REGISTRAR);
        _restrict(address(receivables), receivables.allowCurrency.selector, Roles.OPERATOR);
        _restrict(address(cash), cash.mint.selector, Roles.CASH_ISSUER);
        access.grantRole(Roles.REGISTRAR, REGISTRAR, 0);
        access.grantRole(Roles.CASH_ISSUER, CASH_ISSUER, 0);
        access.grantRole(Roles.OPERATOR, OPERATOR, 0);
    }

    function _restrict(address target, bytes4 selector, uint64 role) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        access.setTargetFunctionRole(target, selectors, role);
    }

    function _party(address account, uint16 roles) internal {
        vm.prank(REGISTRAR);
        registry.register(keccak256(abi.encode(account)), roles, type(uint64).max, account);
        vm.prank(CASH_ISSUER);
        cash.mint(account, 1e18);
        vm.startPrank(account);
        cash.approve(address(receivables), type(uint256).max);
        cash.approve(address(market), type(uint256).max);
        receivables.setApprovalForAll(address(market), true);
        vm.stopPrank();
    }

    /// The registrar ends a registration in 30 days, and the clock moves to that time.
    function _endValidity(address account) internal {
        uint64 end = uint64(block.timestamp + 30 days);
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setValidity(partyId, end);
        vm.warp(end);
    }

    function _terms(uint96 face) internal returns (IReceivables.ReceivableTerms memory) {
        return IReceivables.ReceivableTerms({
            seller: seller,
            debtor: debtor,
            currency: address(cash),
            faceAmount: face,
            dueDay: DUE_DAY,
            graceDays: 5,
            lateRate: 180_000,
            disputeDays: 10,
            maxDepth: 8,
            fingerprint: bytes32(++_fingerprints),
            documentRoot: keccak256("documents"),
            legalTextHash: keccak256("text")
        });
    }

    function _request(uint96 face) internal returns (ReceivableId receivableId) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        vm.prank(seller);
        receivableId = receivables.request(terms);
    }

    function _signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _confirmed(uint96 face) internal returns (ReceivableId receivableId, uint256 claimId) {
        receivableId = _request(face);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        claimId = ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }

    function _pay(ReceivableId receivableId, uint96 amount) internal returns (uint96) {
        vm.prank(debtor);
        return receivables.pay(receivableId, amount);
    }

    function _toDay(uint256 day) internal {
        vm.warp(day * DAY);
    }

    function _late() internal {
        _toDay(uint256(DUE_DAY) + 6);
    }

    function _statusOf(ReceivableId receivableId) internal view returns (IReceivables.Status) {
        return receivables.receivable(receivableId).status;
    }

    function _quote(uint256 claimId, address from, uint96 value, uint96 price, bool recourse)
        internal
        returns (IClaimMarket.Quote memory)
    {
        return IClaimMarket.Quote({
            funder: bank,
            seller: from,
            claimId: claimId,
            value: value,
            price: price,
            recourse: recourse,
            expiresAt: uint64(block.timestamp + 1 days),
            nonce: ++_nonces,
            legalTextHash: keccak256("text")
        });
    }

    function _accept(IClaimMarket.Quote memory quote, uint256 funderKey) internal returns (uint256) {
        bytes memory signature = _signed(funderKey, market.quoteDigest(quote));
        vm.prank(quote.seller);
        return market.accept(quote, signature, keccak256("documents"));
    }

    /// An order of the court, issued, waited for and carried out by two persons.
    function _order(address target, bytes memory call) internal {
        vm.prank(FIRST_REGULATOR);
        uint256 orderId = court.issue(target, call, keccak256("order"));
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(SECOND_REGULATOR);
        court.execute(orderId);
    }

    /// An intent that the holder of `key` signs for the forwarder, with its `nonce`.
    function _intent(uint256 key, address target, bytes memory call, uint256 nonce)
        internal
        view
        returns (IForwarder.SignedIntent memory signed)
    {
        signed.intent = IForwarder.Intent({
            from: vm.addr(key),
            to: target,
            gas: 1_000_000,
            nonce: nonce,
            deadline: uint48(block.timestamp + 1 hours),
            operation: keccak256(call),
            data: call
        });
        signed.signature = _signed(key, IntentDigest.digestOf(address(forwarder), signed.intent));
    }

    /// The consent of the account of `key` to join a party.
    function _consented(uint256 key, PartyId partyId) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession PartyRegistry"),
                keccak256("1"),
                block.chainid,
                address(registry)
            )
        );
        bytes32 hash =
            keccak256(abi.encode(keccak256("AccountConsent(uint256 partyId,address account)"), partyId, vm.addr(key)));
        return _signed(key, keccak256(abi.encodePacked(hex"1901", domain, hash)));
    }

    /// The account of `key` joins the party of `member`.
    function _join(address member, uint256 key) internal {
        bytes memory consent = _consented(key, registry.partyOf(member));
        vm.prank(member);
        registry.addAccount(vm.addr(key), consent);
    }

    function _creditNoteDigest(IReceivables.CreditNote memory note) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Cession Receivables"),
                keccak256("1"),
                block.chainid,
                address(receivables)
            )
        );
        bytes32 typeHash = keccak256(
            "CreditNote(uint256 receivableId,uint256 claimId,uint96 amount,bytes32 fingerprint,bytes32 documentRoot,uint40 deadline)"
        );
        bytes32 hash = keccak256(abi.encode(typeHash, note));
        return keccak256(abi.encodePacked(hex"1901", domain, hash));
    }
}
