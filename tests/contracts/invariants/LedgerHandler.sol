// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LedgerBook} from "./LedgerBook.sol";

/// What parties, the court and the clock may do, in any order. Each call takes the next step towards what its name
/// says, and does only what is allowed: a revert is a failure.
contract LedgerHandler is LedgerBook {
    uint256 private constant MAX_RECEIVABLES = 8;
    uint256 private constant MAX_CLAIMS = 24;

    function setUp() public override {
        super.setUp();
        string[27] memory names = [
            "a receivable confirmed",
            "a receivable rejected",
            "a receivable withdrawn",
            "a dispute",
            "a dispute ended",
            "a default",
            "a write-off",
            "a payment in part",
            "a payment of late charge",
            "a debt settled by payment",
            "a debt settled by the last cent with late money",
            "a collection",
            "late money collected",
            "a collection for a lienholder",
            "the last claim of a settled debt collected",
            "a credit note that burns value",
            "a credit note paid in",
            "a claim assigned whole",
            "a claim divided",
            "a merge",
            "a sale",
            "a sale with recourse",
            "a put-back",
            "a lien",
            "a release",
            "a claim moved by its lienholder",
            "a forced transfer"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        _mustReach("an allowance used");
        _mustReach("an allowance ended by a change of owner or lien");
        _mustReach("a party frozen");
        _mustReach("a payment while functions are closed");
        request(1_000_000, 30);
        confirm(0);
    }

    // ------------------------------------------------------------------ life

    function request(uint96 face, uint256 days_) public observed {
        if (receivableCount() == MAX_RECEIVABLES) return _confirm(days_);
        IReceivables.ReceivableTerms memory terms = _terms(uint96(bound(face, 1, 1e12)));
        terms.dueDay = uint32(_today() + days_ % 60);
        vm.prank(seller);
        receivables.request(terms);
    }

    function confirm(uint256 seed) public observed {
        _confirm(seed);
    }

    function refuse(uint256 seed, bool byDebtor) public observed {
        uint256 id = _pickDebt(seed, _isRequested);
        if (id == 0) {
            if (receivableCount() == MAX_RECEIVABLES) return;
            IReceivables.ReceivableTerms memory terms = _terms(uint96(bound(seed, 1, 1e12)));
            terms.dueDay = uint32(_today());
            vm.prank(seller);
            id = ReceivableId.unwrap(receivables.request(terms));
        }
        vm.prank(byDebtor ? debtor : seller);
        if (byDebtor) receivables.reject(ReceivableId.wrap(id), DOCUMENTS);
        else receivables.withdraw(ReceivableId.wrap(id));
        _reach(byDebtor ? "a receivable rejected" : "a receivable withdrawn");
    }

    function dispute(uint256 seed) public observed {
        uint256 id = _pickDebt(seed, _mayDispute);
        if (id == 0) return _endDispute(seed);
        vm.prank(debtor);
        receivables.dispute(ReceivableId.wrap(id), DOCUMENTS);
        _reach("a dispute");
    }

    function endDispute(uint256 seed) public observed {
        _endDispute(seed);
    }

    function fail(uint256 seed) public observed {
        _fail(seed);
    }

    function writeOff(uint256 seed) public observed {
        uint256 id = _pickDebt(seed, _isDefaulted);
        if (id == 0) return _fail(seed);
        _waitUntil(uint256(_debt(id).dueDay) + WRITE_OFF_DAYS);
        Claim memory claim = _voiceOf(id);
        if (claim.id == 0) return;
        vm.prank(claim.owner);
        receivables.writeOff(ReceivableId.wrap(id), ClaimId.wrap(claim.id));
        _reach("a write-off");
    }

    function advanceDays(uint256 count) public observed {
        vm.warp(block.timestamp + count % 12 * DAY);
    }

    // ------------------------------------------------------------------ money

    function pay(uint256 seed, uint96 amount) public observed {
        uint256 id = _pickDebt(seed, _isOwed);
        if (id == 0) return _confirm(seed);
        _payBounded(id, amount);
    }

    function settle(uint256 seed, bool late) public observed {
        uint256 id = _pickDebt(seed, _isOwed);
        if (id == 0) return _confirm(seed);
        if (late) _waitUntil(_dayOfDefault(id) + seed % 20);
        _payBounded(id, type(uint96).max - 1);
    }

    function collect(uint256 seed) public observed {
        Claim memory claim = _pickClaim(seed, _mayCollect);
        uint256 id = _pickDebt(seed, _isOwed);
        if (claim.id == 0 && id != 0) {
            // Late, so that there is late money to collect.
            _waitUntil(_dayOfDefault(id));
            _payBounded(id, type(uint96).max);
            claim = _pickClaim(seed, _mayCollect);
        }
        if (claim.id == 0) return;
        (uint96 principal, uint96 late) = receivables.collectable(ClaimId.wrap(claim.id));
        address payee = claim.lienholder == address(0) ? claim.owner : claim.lienholder;
        uint256 had = cash.balanceOf(payee);
        uint256 held = cash.balanceOf(address(receivables));
        (uint96 gotPrincipal, uint96 gotLate) = receivables.collect(ClaimId.wrap(claim.id));
        if (gotPrincipal != principal || gotLate != late) _breaks(3, "collectable says another sum than collect pays");
        // The seller may get the cents of late charge that no share reached, too.
        if (cash.balanceOf(payee) < had + principal + late) _breaks(2, "what was collected did not arrive");
        _paidOut(claim.debt, held);
        _reach("a collection");
        _reachIf(late != 0, "late money collected");
        _reachIf(claim.lienholder != address(0), "a collection for a lienholder");
        _reachIf(_isSettled(claim.debt) && _isEmpty(claim.debt), "the last claim of a settled debt collected");
    }

    function credit(uint256 seed, uint96 amount, bool burns) public observed {
        uint256 id = _pickDebt(seed, burns ? _isBurnable : _isUnpaid);
        // One step at a time, as the states are observed after each call.
        if (id == 0) return _confirm(seed);
        (uint96 principal, uint96 late) = receivables.due(ReceivableId.wrap(id));
        if (principal == 0) return _payBounded(id, late);
        Claim memory claim;
        if (burns) claim = _freeClaimOf(id, seller);
        IReceivables.CreditNote memory note = IReceivables.CreditNote(
            ReceivableId.wrap(id),
            ClaimId.wrap(claim.id),
            // The whole of it ends the principal, and no late charge that is owed.
            amount % 4 == 0 ? principal : uint96(bound(amount, 1, principal)),
            keccak256(abi.encode(seed, amount, ++_creditNotes)),
            DOCUMENTS,
            type(uint40).max
        );
        bytes32 digest = _creditNoteDigest(note);
        uint256 held = cash.balanceOf(address(receivables));
        uint96 credited = _debt(id).credited;
        uint256 paidBefore = _debt(id).principalPaid;
        receivables.applyCreditNote(note, _signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest));
        uint256 paidIn = _debt(id).principalPaid - paidBefore;
        _paidIn(id, paidIn);
        _paidOut(id, held + paidIn);
        (, uint96 lateAfter) = receivables.due(ReceivableId.wrap(id));
        // The burned claim's share falls away with it; what others earned stays, to the cent that rounds.
        uint256 others = uint256(late) * (principal - (_debt(id).credited - credited)) / principal;
        if (lateAfter + 1 < others) _breaks(3, "a credit note ended a late charge that was owed");
        _reachIf(_debt(id).credited != credited, "a credit note that burns value");
        _reachIf(paidIn != 0, "a credit note paid in");
    }

    // ------------------------------------------------------------------ claims

    function assign(uint256 seed, uint96 value, bool whole) public observed {
        Claim memory claim = _pickClaim(seed, whole || claimCount() >= MAX_CLAIMS ? _isMovable : _isDivisible);
        if (claim.id == 0 || claim.value == 0) return;
        whole = whole || claimCount() >= MAX_CLAIMS;
        address to = [suppliers[0], suppliers[1], suppliers[2], seller, claim.owner][(seed >> 16) % 5];
        if (!registry.isValid(to)) to = suppliers[0];
        _assign(claim, to, whole ? claim.value : uint96(bound(value, 1, claim.value - 1)));
    }

    function merge(uint256 seed) public observed {
        Claim memory from = _pickClaim(seed, _hasTwin);
        if (from.id == 0) {
            from = _pickClaim(seed, _isDivisible);
            if (from.id == 0 || from.value < 2) return;
            _assign(from, from.owner, from.value / 2);
            from = _claimAt(from.id);
        }
        uint256 into = _twinOf(from);
        vm.prank(from.owner);
        receivables.merge(from.id, into);
        _reach("a merge");
    }

    function sell(uint256 seed, uint96 value, bool recourse) public observed {
        _sell(seed, value, recourse);
    }

    /// Sells a claim with recourse, lets its debt default, and puts the claim back.
    function putBack(uint256 seed) public observed {
        Claim memory claim = _pickClaim(seed, _hasRecourse);
        if (claim.id == 0) {
            _sell(seed, uint96(seed >> 32), true);
            claim = _pickClaim(seed, _hasRecourse);
        }
        if (claim.id == 0 || _isSettled(claim.debt)) return;
        if (_mayFail(claim.debt)) _failDebt(claim.debt);
        vm.prank(claim.owner);
        uint96 price = market.putBack(claim.id);
        if (price > claim.value) _breaks(13, "more came back than the value at its price");
        _reach("a put-back");
    }

    function encumber(uint256 seed) public observed {
        _encumber(seed);
    }

    function release(uint256 seed) public observed {
        Claim memory claim = _pickClaim(seed, _isEncumbered);
        if (claim.id == 0) return _encumber(seed);
        vm.prank(claim.lienholder);
        receivables.release(claim.id);
        _reach("a release");
    }

    function enforce(uint256 seed) public observed {
        Claim memory claim = _pickClaim(seed, _mayEnforce);
        if (claim.id == 0) {
            _encumber(seed);
            claim = _pickClaim(seed, _mayEnforce);
        }
        if (claim.id == 0) return;
        vm.prank(claim.lienholder);
        receivables.assign(claim.id, suppliers[1], claim.value, DOCUMENTS);
        _moves(claim.id);
        _reach("a claim moved by its lienholder");
    }

    function allow(uint256 seed, uint96 value) public observed {
        Claim memory claim = _pickClaim(seed, _isMovable);
        if (claim.id == 0 || claim.value == 0) return;
        value = uint96(bound(value, 1, claim.value));
        vm.prank(claim.owner);
        receivables.approve(claim.id, SPENDER, uint256(value));
        _allows(claim.id, value);
    }

    function spendAllowance(uint256 seed) public observed {
        Claim memory claim = _pickClaim(seed, _maySpend);
        if (claim.id == 0 || claimCount() >= MAX_CLAIMS) return;
        uint96 value = uint96(receivables.allowance(claim.id, SPENDER));
        if (value >= claim.value) value = claim.value - 1;
        vm.prank(SPENDER);
        receivables.transferFrom(claim.id, suppliers[0], uint256(value));
        _spends(claim.id, value);
        _reach("an allowance used");
    }

    // ------------------------------------------------------------------ court and closing

    function freeze(bool frozen) public observed {
        PartyId partyId = registry.partyOf(suppliers[2]);
        _order(address(registry), abi.encodeCall(registry.freeze, (partyId, frozen, "order")));
        _reachIf(frozen, "a party frozen");
    }

    function courtMoves(uint256 seed) public observed {
        Claim memory claim = _pickClaim(seed, _isAny);
        if (claim.id == 0 || claim.value == 0) return;
        _order(
            address(receivables),
            abi.encodeCall(receivables.forcedTransfer, (claim.id, suppliers[1], claim.value, "order"))
        );
        _moves(claim.id);
        _reach("a forced transfer");
    }

    function closeRestrictedFunctions(bool closed) public observed {
        access.setTargetClosed(address(receivables), closed);
        isClosed = closed;
    }

    // ------------------------------------------------------------------ parts of the above

    /// Confirms what was requested; if nothing was, it requests a new receivable first.
    function _confirm(uint256 seed) private {
        uint256 id = _pickDebt(seed, _isRequested);
        if (id == 0) {
            if (receivableCount() == MAX_RECEIVABLES) return;
            IReceivables.ReceivableTerms memory terms = _terms(uint96(bound(seed, 1_000, 1e12)));
            terms.dueDay = uint32(_today() + seed % 60);
            vm.prank(seller);
            id = ReceivableId.unwrap(receivables.request(terms));
        }
        if (_today() > _debt(id).dueDay) {
            vm.prank(seller);
            receivables.withdraw(ReceivableId.wrap(id));
            return _reach("a receivable withdrawn");
        }
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(ReceivableId.wrap(id)));
        receivables.confirm(ReceivableId.wrap(id), signature);
        _observeDebts();
        _reach("a receivable confirmed");
    }

    function _endDispute(uint256 seed) private {
        uint256 id = _pickDebt(seed, _isDisputed);
        if (id == 0) {
            id = _pickDebt(seed, _mayDispute);
            if (id == 0) return _confirm(seed);
            vm.prank(debtor);
            receivables.dispute(ReceivableId.wrap(id), DOCUMENTS);
            _observeDebts();
            _reach("a dispute");
        }
        vm.prank(debtor);
        receivables.endDispute(ReceivableId.wrap(id), DOCUMENTS);
        _reach("a dispute ended");
    }

    function _fail(uint256 seed) private {
        uint256 id = _pickDebt(seed, _mayFail);
        if (id != 0) _failDebt(id);
    }

    function _failDebt(uint256 id) private {
        _waitUntil(_dayOfDefault(id));
        Claim memory claim = _voiceOf(id);
        if (claim.id == 0) return;
        vm.prank(claim.owner);
        receivables.declareDefault(ReceivableId.wrap(id), ClaimId.wrap(claim.id));
        _observeDebts();
        _reach("a default");
    }

    function _payBounded(uint256 id, uint96 amount) private {
        ReceivableId receivableId = ReceivableId.wrap(id);
        (uint96 principal, uint96 late) = receivables.due(receivableId);
        amount = amount >= type(uint96).max - 1 ? principal + late : uint96(bound(amount, 1, principal + late));
        uint256 held = cash.balanceOf(address(receivables));
        vm.prank(debtor);
        uint96 taken = receivables.pay(receivableId, amount);
        uint256 received = cash.balanceOf(address(receivables)) - held;
        if (taken != amount || received != amount) _breaks(2, "a payment took another sum than was due");
        _paidIn(id, received);
        bool settled = _isSettled(id);
        _reachIf(late != 0, "a payment of late charge");
        _reachIf(!settled, "a payment in part");
        _reachIf(settled, "a debt settled by payment");
        _reachIf(settled && late != 0, "a debt settled by the last cent with late money");
        _reachIf(isClosed, "a payment while functions are closed");
    }

    function _assign(Claim memory claim, address to, uint96 value) private {
        if (value == 0) return;
        vm.prank(claim.owner);
        receivables.assign(claim.id, to, value, DOCUMENTS);
        _reach(value == claim.value ? "a claim assigned whole" : "a claim divided");
    }

    function _sell(uint256 seed, uint96 value, bool recourse) private {
        Claim memory claim = _pickClaim(seed, _isSaleable);
        if (claim.id == 0) {
            _confirm(seed);
            claim = _pickClaim(seed, _isSaleable);
        }
        if (claim.id == 0) return;
        value = uint96(bound(value, 1, claim.value));
        if (value < claim.value && (claimCount() >= MAX_CLAIMS || !_mayDivide(claim))) value = claim.value;
        IClaimMarket.Quote memory quote = _quote(claim.id, claim.owner, value, value, recourse);
        _accept(quote, BANK_KEY);
        _reach(recourse ? "a sale with recourse" : "a sale");
    }

    function _encumber(uint256 seed) private {
        Claim memory claim = _pickClaim(seed, _isSaleable);
        if (claim.id == 0) {
            _confirm(seed);
            claim = _pickClaim(seed, _isSaleable);
        }
        if (claim.id == 0) return;
        vm.prank(claim.owner);
        receivables.encumber(claim.id, bank);
        _binds(claim.id, claim.owner);
        _reach("a lien");
    }
}
