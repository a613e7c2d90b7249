// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {IReceivables} from "../../../contracts/assets/IReceivables.sol";
import {Receivables} from "../../../contracts/assets/Receivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {ClaimMarket} from "../../../contracts/market/ClaimMarket.sol";
import {CourtOrders} from "../../../contracts/registry/CourtOrders.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Test} from "./Test.sol";

/// Everything deployed, with a seller, a debtor, a bank and three suppliers, each holding cash.
abstract contract Fixture is Test {
    uint256 internal constant SELLER_KEY = 101;
    uint256 internal constant DEBTOR_KEY = 102;
    uint256 internal constant BANK_KEY = 103;
    uint256 internal constant DAY = 1 days;
    uint32 internal constant DUE_DAY = 20_000;

    AccessManager internal access;
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

    function setUp() public virtual {
        vm.warp(uint256(DUE_DAY - 60) * DAY);
        access = new AccessManager(address(this));
        ERC2771Forwarder forwarder = new ERC2771Forwarder("Cession Forwarder");
        registry = new PartyRegistry(address(access), address(forwarder));
        court = new CourtOrders(address(access), address(forwarder), 1 days);
        receivables = new Receivables(address(access), address(forwarder), registry, 0, 180);
        market = new ClaimMarket(address(forwarder), receivables);
        cash = new SettlementToken(address(access), address(forwarder), "Deposit", "CNY", 2);
        receivables.allowCurrency(address(cash), true);
        _party(seller, 1);
        _party(debtor, 2);
        _party(bank, 4);
        for (uint256 i; i < 3; ++i) {
            _party(suppliers[i], 1);
        }
    }

    function _party(address account, uint16 roles) internal {
        registry.register(keccak256(abi.encode(account)), roles, type(uint64).max, account);
        cash.mint(account, 1e18);
        vm.startPrank(account);
        cash.approve(address(receivables), type(uint256).max);
        cash.approve(address(market), type(uint256).max);
        receivables.setApprovalForAll(address(market), true);
        vm.stopPrank();
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
            documentRoot: keccak256("papers"),
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
}
