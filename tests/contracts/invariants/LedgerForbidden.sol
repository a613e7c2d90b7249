// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {CourtOrders} from "../../../contracts/registry/CourtOrders.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LedgerBook} from "./LedgerBook.sol";
import {LedgerViews} from "./LedgerViews.sol";

/// What nobody may do, tried on every state that the allowed calls have made: each success is a failure.
contract LedgerForbidden is LedgerViews {
    LedgerBook private _book;
    uint256 private _tries;

    constructor(LedgerBook book) {
        _book = book;
        (receivables, market, cash) = book.parts();
        registry = PartyRegistry(address(receivables.registry()));
        access = AccessManager(receivables.authority());
        court = CourtOrders(registry.court());
        string[18] memory names = [
            "refused: a fingerprint used twice",
            "refused: a confirmation that the debtor did not sign",
            "refused: a step of a receivable by a stranger",
            "refused: a default before its day",
            "refused: a payment of a settled debt",
            "refused: a collection of nothing",
            "refused: a credit note that one side did not sign",
            "refused: a move by a stranger",
            "refused: a move under a lien by the holder",
            "refused: a move to a party that is not valid",
            "refused: more than a claim holds",
            "refused: a merge with a stranger's claim",
            "refused: a second lien",
            "refused: a lien of the holder itself",
            "refused: an allowance by the lienholder",
            "refused: a release by another than the lienholder",
            "refused: a put-back before the default",
            "refused: a role that reaches for claims and money"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        _mustReach("refused: a sale of what is not saleable");
    }

    function setUp() public pure override {}

    function receivableCount() public view override returns (uint256) {
        return _book.receivableCount();
    }

    function claimCount() public view override returns (uint256) {
        return _book.claimCount();
    }

    // ------------------------------------------------------------------ life

    function reuseFingerprint(uint256 seed) external {
        IReceivables.ReceivableTerms memory terms = _terms(1);
        terms.dueDay = uint32(_today() + 1);
        terms.fingerprint = bytes32(1 + seed % receivableCount());
        // The fingerprint of the fixture's terms is the number of the receivable, unless it was never filed.
        if (receivables.receivableWithFingerprint(seller, terms.fingerprint).isNull()) return;
        _ledgerRefuses(5, seller, abi.encodeCall(receivables.request, (terms)), "a fingerprint used twice");
    }

    function confirmUnsigned(uint256 seed) external {
        uint256 id = _pickDebt(seed, _isRequested);
        if (id == 0) id = 1 + seed % receivableCount();
        ReceivableId receivableId = ReceivableId.wrap(id);
        uint256 key = _isRequested(id) ? SELLER_KEY : DEBTOR_KEY;
        bytes memory signature = _signed(key, receivables.confirmationDigest(receivableId));
        bytes memory call = abi.encodeCall(receivables.confirm, (receivableId, signature));
        _ledgerRefuses(6, seller, call, "a confirmation that the debtor did not sign");
    }

    function stepAsStranger(uint256 seed) external {
        ReceivableId id = ReceivableId.wrap(1 + seed % receivableCount());
        ClaimId claimId = ClaimId.wrap(1 + (seed >> 16) % claimCount());
        bytes[6] memory calls = [
            abi.encodeCall(receivables.reject, (id, 0)),
            abi.encodeCall(receivables.withdraw, (id)),
            abi.encodeCall(receivables.dispute, (id, 0)),
            abi.encodeCall(receivables.endDispute, (id, 0)),
            abi.encodeCall(receivables.declareDefault, (id, claimId)),
            abi.encodeCall(receivables.writeOff, (id, claimId))
        ];
        for (uint256 i; i < 6; ++i) {
            _ledgerRefuses(6, STRANGER, calls[i], "a step of a receivable by a stranger");
        }
        // The seller is no debtor, and the debtor no seller.
        _ledgerRefuses(6, seller, calls[(seed >> 8) % 2 == 0 ? 0 : 2], "a step of a receivable by a stranger");
        _ledgerRefuses(6, debtor, calls[1], "a step of a receivable by a stranger");
    }

    function defaultEarly(uint256 seed) external {
        uint256 id = _pickDebt(seed, _mayFail);
        if (id == 0 || _today() >= _dayOfDefault(id)) return;
        Claim memory claim = _pickClaim(seed, _isAny);
        bytes memory call = abi.encodeCall(receivables.declareDefault, (ReceivableId.wrap(id), ClaimId.wrap(claim.id)));
        _ledgerRefuses(6, claim.owner, call, "a default before its day");
    }

    // ------------------------------------------------------------------ money

    function paySettled(uint256 seed) external {
        uint256 id = _pickDebt(seed, _isSettled);
        if (id == 0) return;
        bytes memory call = abi.encodeCall(receivables.pay, (ReceivableId.wrap(id), uint96(1)));
        _ledgerRefuses(2, debtor, call, "a payment of a settled debt");
    }

    function collectNothing(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _hasNothing);
        if (claim.id == 0) return;
        bytes memory call = abi.encodeCall(receivables.collect, (ClaimId.wrap(claim.id)));
        _ledgerRefuses(2, claim.owner, call, "a collection of nothing");
    }

    function creditUnsigned(uint256 seed, bool bySeller) external {
        ReceivableId id = ReceivableId.wrap(1 + seed % receivableCount());
        IReceivables.CreditNote memory note = IReceivables.CreditNote(
            id, ClaimId.wrap(0), 1, keccak256(abi.encode("forged", ++_tries)), 0, type(uint40).max
        );
        bytes memory signature = _signed(bySeller ? SELLER_KEY : DEBTOR_KEY, _creditNoteDigest(note));
        bytes memory call = abi.encodeCall(receivables.applyCreditNote, (note, signature, signature));
        _ledgerRefuses(13, debtor, call, "a credit note that one side did not sign");
    }

    // ------------------------------------------------------------------ claims

    function moveAsStranger(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _isAny);
        if (claim.id == 0 || claim.value == 0) return;
        address by = [debtor, suppliers[0], suppliers[1], bank, STRANGER][(seed >> 8) % 5];
        if (by == claim.owner || by == claim.lienholder) return;
        _moves(by, claim, suppliers[1], "a move by a stranger", 13);
    }

    function moveUnderLien(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _isEncumbered);
        if (claim.id == 0 || claim.value == 0) return;
        _moves(claim.owner, claim, suppliers[1], "a move under a lien by the holder", 4);
        bytes memory again = abi.encodeCall(receivables.encumber, (claim.id, suppliers[1]));
        _ledgerRefuses(4, claim.owner, again, "a second lien");
        bytes memory release = abi.encodeCall(receivables.release, (claim.id));
        _ledgerRefuses(4, claim.owner, release, "a release by another than the lienholder");
        _ledgerRefuses(4, STRANGER, release, "a release by another than the lienholder");
        address lienholder = claim.lienholder;
        bytes memory allows = abi.encodeWithSignature("approve(uint256,address,uint256)", claim.id, lienholder, 1);
        _ledgerRefuses(13, lienholder, allows, "an allowance by the lienholder");
        allows = abi.encodeWithSignature("approve(address,uint256)", STRANGER, claim.id);
        _ledgerRefuses(13, lienholder, allows, "an allowance by the lienholder");
    }

    function encumberToOneself(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _isMovable);
        if (claim.id == 0) return;
        bytes memory call = abi.encodeCall(receivables.encumber, (claim.id, claim.owner));
        _ledgerRefuses(4, claim.owner, call, "a lien of the holder itself");
    }

    function moveToNobody(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _isMovable);
        if (claim.id == 0 || claim.value == 0) return;
        _moves(claim.owner, claim, STRANGER, "a move to a party that is not valid", 10);
        _moves(claim.owner, claim, address(receivables), "a move to a party that is not valid", 10);
        if (registry.isValid(suppliers[2])) return;
        _moves(claim.owner, claim, suppliers[2], "a move to a party that is not valid", 10);
    }

    function moveTooMuch(uint256 seed, uint96 more) external {
        Claim memory claim = _pickClaim(seed, _isMovable);
        if (claim.id == 0) return;
        uint96 value = claim.value + uint96(1 + more % 1e12);
        bytes memory call = abi.encodeCall(receivables.assign, (claim.id, suppliers[1], value, 0));
        _ledgerRefuses(1, claim.owner, call, "more than a claim holds");
    }

    function mergeWithStranger(uint256 seed) external {
        Claim memory from = _pickClaim(seed, _isMovable);
        Claim memory into = _pickClaim(seed >> 32, _isAny);
        if (from.id == 0 || (into.owner == from.owner && into.debt == from.debt && into.id != from.id)) return;
        bytes memory call = abi.encodeCall(receivables.merge, (from.id, into.id));
        _ledgerRefuses(13, from.owner, call, "a merge with a stranger's claim");
    }

    function sellUnsaleable(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _isUnsaleable);
        if (claim.id == 0) return;
        IClaimMarket.Quote memory quote = _quote(claim.id, claim.owner, claim.value, claim.value, false);
        quote.nonce = 1 << 128 | ++_tries;
        bytes memory signature = _signed(BANK_KEY, market.quoteDigest(quote));
        bytes memory call = abi.encodeCall(market.accept, (quote, signature, 0));
        _refuses(6, address(market), claim.owner, call, "a sale of what is not saleable");
    }

    function putBackEarly(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _isNotYetDefaulted);
        if (claim.id == 0) return;
        _refuses(
            13,
            address(market),
            claim.owner,
            abi.encodeCall(market.putBack, (claim.id)),
            "a put-back before the default"
        );
    }

    // ------------------------------------------------------------------ roles

    function reachAsRole(uint256 seed) external {
        Claim memory claim = _pickClaim(seed, _isAny);
        if (claim.id == 0 || claim.value == 0) return;
        // The handler of what is allowed is the AccessManager's administrator.
        address[6] memory roles = [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, OPERATOR, address(access), address(_book)];
        address by = roles[(seed >> 32) % 6];
        string memory name = "a role that reaches for claims and money";
        _moves(by, claim, suppliers[0], name, 13);
        bytes memory call = abi.encodeCall(receivables.forcedTransfer, (claim.id, suppliers[0], claim.value, "order"));
        _ledgerRefuses(13, by, call, name);
        _ledgerRefuses(13, by, abi.encodeCall(receivables.encumber, (claim.id, by)), name);
        _refuses(13, address(cash), by, abi.encodeCall(cash.transferFrom, (claim.owner, by, 1)), name);
        PartyId partyId = registry.partyOf(claim.owner);
        _refuses(13, address(registry), by, abi.encodeCall(registry.freeze, (partyId, true, "order")), name);
        // The administrator has the manager call for it.
        call = abi.encodeCall(receivables.forcedTransfer, (claim.id, suppliers[0], claim.value, "order"));
        _refuses(
            13, address(access), address(_book), abi.encodeCall(access.execute, (address(receivables), call)), name
        );
    }

    // ------------------------------------------------------------------ parts of the above

    /// Every way to move a claim.
    function _moves(address by, Claim memory claim, address to, string memory name, uint256 invariant) private {
        bytes[4] memory calls = [
            abi.encodeCall(receivables.assign, (claim.id, to, claim.value, 0)),
            abi.encodeCall(receivables.assign, (claim.id, to, (claim.value + 1) / 2, 0)),
            abi.encodeWithSignature("transferFrom(address,address,uint256)", claim.owner, to, claim.id),
            abi.encodeWithSignature("transferFrom(uint256,address,uint256)", claim.id, to, claim.value)
        ];
        for (uint256 i; i < 4; ++i) {
            _ledgerRefuses(invariant, by, calls[i], name);
        }
    }

    function _ledgerRefuses(uint256 invariant, address by, bytes memory call, string memory name) private {
        _refuses(invariant, address(receivables), by, call, name);
    }

    function _refuses(uint256 invariant, address target, address by, bytes memory call, string memory name) private {
        vm.prank(by);
        (bool done,) = target.call(call);
        if (done) _book.breaks(invariant, string.concat("was not refused: ", name));
        _reach(string.concat("refused: ", name));
    }

    /// What is left of a settled claim that is empty goes with its collection.
    function _hasNothing(Claim memory claim) private view returns (bool) {
        return !_isCollectable(claim) && !(claim.value == 0 && _isSettled(claim.debt));
    }

    function _isUnsaleable(Claim memory claim) private view returns (bool) {
        return claim.value != 0 && claim.owner != bank
            && (claim.lienholder != address(0) || _debt(claim.debt).status != IReceivables.Status.Confirmed);
    }

    function _isNotYetDefaulted(Claim memory claim) private view returns (bool) {
        return _isMovable(claim) && _mayFail(claim.debt);
    }
}
