// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/assets/IReceivables.sol";
import {Receivables} from "../../../contracts/assets/Receivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ClaimId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Everything that parties, roles and the clock may do, in any order, and a book of what came of it.
contract LedgerHandler is Fixture {
    uint256 private constant MOST_RECEIVABLES = 4;
    uint256 private constant MOST_CLAIMS = 24;

    uint256 public receivableCount;
    uint256 public claimCount;
    mapping(uint256 receivableId => uint256) public cashIn;
    mapping(uint256 receivableId => uint256) public cashOut;
    mapping(uint256 receivableId => IReceivables.Status) private _last;
    mapping(uint256 claimId => address) public heldUnderLien;
    mapping(bytes32 fingerprint => uint256) private _timesUsed;
    /// What must never happen, in words, by the number of the invariant; empty while all is well.
    mapping(uint256 invariant => string) public breach;

    function setUp() public override {
        super.setUp();
        request(1_000_000);
        confirm(0);
    }

    function parts() external view returns (Receivables, SettlementToken) {
        return (receivables, cash);
    }

    // ------------------------------------------------------------------ life

    function request(uint96 face) public {
        if (receivableCount == MOST_RECEIVABLES) return;
        IReceivables.ReceivableTerms memory terms = _terms(uint96(bound(face, 1, 1e12)));
        terms.dueDay = uint32(block.timestamp / DAY + uint256(face) % 60);
        vm.prank(seller);
        receivables.request(terms);
        ++receivableCount;
        _timesUsed[terms.fingerprint] += 1;
        _observe();
    }

    function reuseFingerprint(uint256 seed) public {
        IReceivables.ReceivableTerms memory terms = _terms(1);
        terms.fingerprint = bytes32(bound(seed, 1, receivableCount));
        if (_timesUsed[terms.fingerprint] == 0) return;
        if (_succeeds(seller, abi.encodeCall(receivables.request, (terms)))) _breaks(5, "a fingerprint served twice");
    }

    function confirm(uint256 seed) public {
        ReceivableId receivableId = _receivable(seed);
        if (_statusOf(receivableId) != IReceivables.Status.Requested) return;
        if (block.timestamp / DAY > receivables.receivable(receivableId).dueDay) return;
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        receivables.confirm(receivableId, signature);
        ++claimCount;
        _observe();
    }

    function step(uint256 seed, uint8 kind) public {
        ReceivableId receivableId = _receivable(seed);
        ClaimId claimId = ClaimId.wrap(_claim(seed >> 8));
        (address holder,,,,,,) = receivables.claim(claimId);
        kind = kind % 6;
        address[6] memory by = [debtor, seller, debtor, debtor, holder, holder];
        bytes[6] memory calls = [
            abi.encodeCall(receivables.reject, (receivableId, 0)),
            abi.encodeCall(receivables.withdraw, (receivableId)),
            abi.encodeCall(receivables.dispute, (receivableId, 0)),
            abi.encodeCall(receivables.endDispute, (receivableId, 0)),
            abi.encodeCall(receivables.declareDefault, (receivableId, claimId)),
            abi.encodeCall(receivables.writeOff, (receivableId, claimId))
        ];
        _succeeds(by[kind], calls[kind]);
        _observe();
    }

    function passDays(uint256 days_) public {
        vm.warp(block.timestamp + bound(days_, 0, 30) * DAY);
    }

    // ------------------------------------------------------------------ money

    function pay(uint256 seed, uint96 amount) public {
        ReceivableId receivableId = _receivable(seed);
        (uint96 principal, uint96 late) = receivables.due(receivableId);
        if (principal == 0) return;
        amount = uint96(bound(amount, 1, uint256(principal) + late));
        uint256 before = cash.balanceOf(address(receivables));
        if (!_succeeds(debtor, abi.encodeCall(receivables.pay, (receivableId, amount)))) {
            _breaks(11, "a payment was refused");
        }
        cashIn[ReceivableId.unwrap(receivableId)] += cash.balanceOf(address(receivables)) - before;
        _observe();
    }

    function collect(uint256 seed) public {
        uint256 claimId = _claim(seed);
        (address holder, ReceivableId receivableId,,,,, bool encumbered) = receivables.claim(ClaimId.wrap(claimId));
        if (holder == address(0)) return;
        (uint96 principal, uint96 late) = receivables.collectable(ClaimId.wrap(claimId));
        if (principal + late == 0) return;
        address paidTo = encumbered ? receivables.lienholderOf(claimId) : holder;
        uint256 before = cash.balanceOf(address(receivables));
        bool done = _succeeds(address(this), abi.encodeCall(receivables.collect, (ClaimId.wrap(claimId))));
        if (done && !registry.isValid(paidTo)) _breaks(10, "a party that is not valid was paid");
        if (!done && registry.isValid(paidTo)) _breaks(11, "a collection was refused");
        cashOut[ReceivableId.unwrap(receivableId)] += before - cash.balanceOf(address(receivables));
        _forgetGone(claimId);
        _observe();
    }

    function credit(uint256 seed, uint96 amount) public {
        ReceivableId receivableId = _receivable(seed);
        (uint96 principal,) = receivables.due(receivableId);
        if (principal == 0) return;
        uint256 claimId = _claim(seed >> 8);
        IReceivables.CreditNote memory note = IReceivables.CreditNote(
            receivableId,
            ClaimId.wrap(claimId),
            uint96(bound(amount, 1, principal)),
            keccak256(abi.encode(seed, amount)),
            0
        );
        bytes32 digest = _creditNoteDigest(note);
        IReceivables.Receivable memory was = receivables.receivable(receivableId);
        uint256 before = cash.balanceOf(address(receivables));
        bytes memory call = abi.encodeCall(
            receivables.applyCreditNote, (note, _signed(SELLER_KEY, digest), _signed(DEBTOR_KEY, digest))
        );
        if (!_succeeds(address(this), call)) return;
        uint256 paidIn = receivables.receivable(receivableId).principalPaid - was.principalPaid;
        cashIn[ReceivableId.unwrap(receivableId)] += paidIn;
        cashOut[ReceivableId.unwrap(receivableId)] += before + paidIn - cash.balanceOf(address(receivables));
        _forgetGone(claimId);
        _observe();
    }

    // ------------------------------------------------------------------ claims

    function assign(uint256 seed, uint96 value) public {
        if (claimCount >= MOST_CLAIMS) return;
        uint256 claimId = _claim(seed);
        (address holder,, uint96 held,,,,) = receivables.claim(ClaimId.wrap(claimId));
        if (held == 0) return;
        address to = suppliers[(seed >> 16) % 3];
        value = uint96(bound(value, 1, held));
        bool valid = registry.isValid(holder) && registry.isValid(to);
        if (!_succeeds(holder, abi.encodeCall(receivables.assign, (claimId, to, value, 0)))) return;
        if (heldUnderLien[claimId] != address(0)) _breaks(4, "a claim under lien was moved by its holder");
        if (!valid) _breaks(10, "a party that is not valid received a claim");
        if (value != held) ++claimCount;
        _observe();
    }

    function merge(uint256 seed) public {
        uint256 from = _claim(seed);
        uint256 into = _claim(seed >> 16);
        (address holder,,,,,,) = receivables.claim(ClaimId.wrap(from));
        if (holder == address(0)) return;
        if (!_succeeds(holder, abi.encodeCall(receivables.merge, (from, into)))) return;
        if (heldUnderLien[from] != address(0) || heldUnderLien[into] != address(0)) {
            _breaks(4, "a claim under lien was merged by its holder");
        }
        _observe();
    }

    function sell(uint256 seed, uint96 value, bool recourse) public {
        if (claimCount >= MOST_CLAIMS) return;
        uint256 claimId = _claim(seed);
        (address holder, ReceivableId receivableId, uint96 held,,,,) = receivables.claim(ClaimId.wrap(claimId));
        if (held == 0 || holder == bank) return;
        value = uint96(bound(value, 1, held));
        IClaimMarket.Quote memory quote = _quote(claimId, holder, value, value, recourse);
        bytes memory signature = _signed(BANK_KEY, market.quoteDigest(quote));
        bool saleable = _statusOf(receivableId) == IReceivables.Status.Confirmed;
        vm.prank(holder);
        (bool done,) = address(market).call(abi.encodeCall(market.accept, (quote, signature, 0)));
        if (!done) return;
        if (!saleable) _breaks(6, "a claim was sold that was not saleable");
        if (heldUnderLien[claimId] != address(0)) _breaks(4, "a claim under lien was sold by its holder");
        if (value != held) ++claimCount;
        _observe();
    }

    function putBack(uint256 seed) public {
        uint256 claimId = _claim(seed);
        (address holder,, uint96 held,,,,) = receivables.claim(ClaimId.wrap(claimId));
        if (held == 0) return;
        vm.prank(holder);
        (bool done, bytes memory answer) = address(market).call(abi.encodeCall(market.putBack, (claimId)));
        if (!done) return;
        if (abi.decode(answer, (uint96)) > held) _breaks(13, "more came back than the value at its price");
        (address now_,, uint96 rest,,,,) = receivables.claim(ClaimId.wrap(claimId));
        if (now_ == holder && rest != held) ++claimCount;
        _observe();
    }

    function encumber(uint256 seed) public {
        uint256 claimId = _claim(seed);
        (address holder,,,,,, bool already) = receivables.claim(ClaimId.wrap(claimId));
        if (holder == address(0) || holder == bank) return;
        if (!_succeeds(holder, abi.encodeCall(receivables.encumber, (claimId, bank)))) return;
        if (already) _breaks(4, "a claim backs two liens");
        heldUnderLien[claimId] = holder;
    }

    function release(uint256 seed) public {
        uint256 claimId = _claim(seed);
        if (_succeeds(bank, abi.encodeCall(receivables.release, (claimId)))) delete heldUnderLien[claimId];
    }

    // ------------------------------------------------------------------ roles

    function freeze(bool frozen) public {
        PartyId partyId = registry.partyOf(suppliers[2]);
        _order(address(registry), abi.encodeCall(registry.freeze, (partyId, frozen, "order")));
    }

    function closeRestrictedFunctions(bool closed) public {
        access.setTargetClosed(address(receivables), closed);
    }

    function rolesReachForClaimsAndMoney(uint256 seed) public {
        uint256 claimId = _claim(seed);
        (address holder,, uint96 held,,,,) = receivables.claim(ClaimId.wrap(claimId));
        if (held == 0) return;
        // This contract is the AccessManager's administrator.
        address[6] memory roles = [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, OPERATOR, address(access), address(this)];
        address by = roles[(seed >> 32) % 6];
        bytes[5] memory calls = [
            abi.encodeCall(receivables.assign, (claimId, suppliers[0], held, 0)),
            abi.encodeWithSignature("transferFrom(address,address,uint256)", holder, suppliers[0], claimId),
            abi.encodeWithSignature("transferFrom(uint256,address,uint256)", claimId, suppliers[0], held),
            abi.encodeCall(receivables.forcedTransfer, (claimId, suppliers[0], held, "order")),
            abi.encodeCall(receivables.encumber, (claimId, by))
        ];
        for (uint256 i; i < 5; ++i) {
            if (_succeeds(by, calls[i])) _breaks(13, "a role moved a party's claim");
        }
        vm.prank(by);
        (bool done,) = address(cash).call(abi.encodeCall(cash.transferFrom, (holder, by, 1)));
        if (done) _breaks(13, "a role moved a party's money");
    }

    // ------------------------------------------------------------------ parts of the above

    function _breaks(uint256 invariant, string memory words) private {
        breach[invariant] = words;
    }

    function _receivable(uint256 seed) private view returns (ReceivableId) {
        return ReceivableId.wrap(bound(seed, 1, receivableCount));
    }

    function _claim(uint256 seed) private view returns (uint256) {
        return bound(uint32(seed), 1, claimCount);
    }

    function _succeeds(address by, bytes memory call) private returns (bool done) {
        vm.prank(by);
        (done,) = address(receivables).call(call);
    }

    function _forgetGone(uint256 claimId) private {
        (address holder,,,,,,) = receivables.claim(ClaimId.wrap(claimId));
        if (holder == address(0)) delete heldUnderLien[claimId];
    }

    /// Every receivable is where it was, or one arrow on.
    function _observe() private {
        for (uint256 id = 1; id <= receivableCount; ++id) {
            IReceivables.Status status = _statusOf(ReceivableId.wrap(id));
            if (status != _last[id] && !_isArrow(_last[id], status)) _breaks(6, "a state moved against the arrows");
            _last[id] = status;
        }
    }

    function _isArrow(IReceivables.Status from, IReceivables.Status to) private pure returns (bool) {
        if (from == IReceivables.Status.None) return to == IReceivables.Status.Requested;
        if (from == IReceivables.Status.Requested) {
            return to == IReceivables.Status.Confirmed || to == IReceivables.Status.Rejected
                || to == IReceivables.Status.Withdrawn;
        }
        if (to == IReceivables.Status.Settled) {
            return from == IReceivables.Status.Confirmed || from == IReceivables.Status.Disputed
                || from == IReceivables.Status.Defaulted || from == IReceivables.Status.WrittenOff;
        }
        if (from == IReceivables.Status.Confirmed) {
            return to == IReceivables.Status.Disputed || to == IReceivables.Status.Defaulted;
        }
        if (from == IReceivables.Status.Disputed) {
            return to == IReceivables.Status.Confirmed || to == IReceivables.Status.Defaulted;
        }
        return from == IReceivables.Status.Defaulted && to == IReceivables.Status.WrittenOff;
    }
}
