// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {ClaimMarket} from "../../../contracts/market/ClaimMarket.sol";
import {IClaimMarket} from "../../../contracts/market/IClaimMarket.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";
import {Reached} from "../support/Reached.sol";

/// Claims sold with and without recourse, given away, merged, divided, collected, defaulted and put back, in any order;
/// and a book of its own of how much may be put back, kept from what was done and never from the market.
contract RecourseHandler is Fixture, Reached {
    uint256 private constant MAX_CLAIMS = 40;
    uint256 private constant MAX_RECEIVABLES = 4;
    uint256[4] private _keys = [SELLER_KEY, BANK_KEY, 777, 778];

    ReceivableId[] private _receivables;
    uint256[] public claims;
    /// By party: what it sold with recourse and was paid for it, what came back and what it paid back.
    mapping(address party => uint256) public soldValue;
    mapping(address party => uint256) public soldPrice;
    mapping(address party => uint256) public backValue;
    mapping(address party => uint256) public backPrice;
    /// Who bought the claim here last, and how much of it is that value; zero once it moved in another way.
    mapping(uint256 claimId => address) public boughtBy;
    mapping(uint256 claimId => uint256) public bought;
    /// Whether the last thing that a party did with the claim was a sale with recourse.
    mapping(uint256 claimId => mapping(address party => bool)) public undertook;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 2; i < 4; ++i) {
            _party(vm.addr(_keys[i]), 4);
        }
        string[15] memory names = [
            "a sale with recourse",
            "a sale without recourse",
            "a sale that carries rights along",
            "a sale back to an assignor",
            "a part sold",
            "a claim given away",
            "a part given away",
            "a claim given back to its assignor",
            "a merge",
            "a gift into another's claim",
            "a collection",
            "a default",
            "a put-back",
            "a second put-back up the chain",
            "a put-back of a part"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        _file(1_000_03);
        _file(99);
    }

    function parts() external view returns (ClaimMarket, Receivables) {
        return (market, receivables);
    }

    function claimCount() external view returns (uint256) {
        return claims.length;
    }

    function partyAt(uint256 place) public view returns (address) {
        return vm.addr(_keys[place]);
    }

    // ------------------------------------------------------------------ actions

    function file(uint64 face) external {
        if (_receivables.length < MAX_RECEIVABLES) _file(uint96(bound(face, 1, 1e12)));
    }

    /// `terms`: whole or part, with recourse or without, to whom, how much, at what price, out of one number.
    function sell(uint256 seed, uint256 terms) external {
        uint256 claimId = _pick(seed, true);
        if (claimId == 0 || claims.length == MAX_CLAIMS) return;
        uint256 place = (terms >> 2) % 4;
        if (partyAt(place) == receivables.ownerOf(claimId)) place = (place + 1) % 4;
        IClaimMarket.Quote memory quote = _quoteOf(claimId, terms, partyAt(place));
        bool own = undertook[claimId][quote.funder];
        uint256 sold = _accept(quote, _keys[place]);
        bool carried = market.recourseOf(sold).value != 0;
        _bookSale(claimId, sold, quote);
        _reach(quote.recourse ? "a sale with recourse" : "a sale without recourse");
        _reachIf(!quote.recourse && carried, "a sale that carries rights along");
        _reachIf(own, "a sale back to an assignor");
        _reachIf(sold != claimId, "a part sold");
    }

    function give(uint256 seed, uint8 toSeed, uint96 value, bool whole) external {
        uint256 claimId = _pick(seed, false);
        if (claimId == 0 || claims.length == MAX_CLAIMS) return;
        address from = receivables.ownerOf(claimId);
        address to = partyAt(toSeed % 4);
        if (to == from) to = partyAt((uint256(toSeed) + 1) % 4);
        uint96 held = uint96(receivables.balanceOf(claimId));
        value = whole || receivables.depthOf(claimId) == 8 ? held : uint96(bound(value, 1, held));
        bool own = undertook[claimId][to];
        vm.prank(from);
        uint256 newClaimId = receivables.assign(claimId, to, value, 0);
        _leaves(claimId, newClaimId, value);
        undertook[newClaimId][from] = false;
        boughtBy[newClaimId] = address(0);
        bought[newClaimId] = 0;
        _reach(newClaimId == claimId ? "a claim given away" : "a part given away");
        _reachIf(own, "a claim given back to its assignor");
    }

    function merge(uint256 seed, uint256 intoSeed) external {
        uint256 claimId = _pick(seed, false);
        if (claimId == 0) return;
        uint256 into = _sibling(claimId, intoSeed, true);
        if (into == 0) return;
        vm.prank(receivables.ownerOf(claimId));
        receivables.merge(claimId, into);
        _reach("a merge");
    }

    function donate(uint256 seed, uint256 intoSeed, uint96 value) external {
        uint256 claimId = _pick(seed, false);
        if (claimId == 0) return;
        uint256 into = _sibling(claimId, intoSeed, false);
        uint256 held = receivables.balanceOf(claimId);
        if (into == 0 || held == 1) return;
        value = uint96(bound(value, 1, held - 1));
        vm.prank(receivables.ownerOf(claimId));
        receivables.transferFrom(claimId, into, uint256(value));
        _leaves(claimId, into, value);
        _reach("a gift into another's claim");
    }

    function payAndCollect(uint256 seed, uint96 amount) external {
        uint256 claimId = _pick(seed, false);
        if (claimId == 0) return;
        ReceivableId receivableId = ReceivableId.wrap(receivables.slotOf(claimId));
        (uint96 principal,) = receivables.due(receivableId);
        // Never the last cent: a settled claim shows nothing more here.
        if (principal < 4) return;
        _pay(receivableId, uint96(bound(amount, 1, principal / 4)));
        (uint96 waiting, uint96 late) = receivables.collectable(ClaimId.wrap(claimId));
        if (waiting + late == 0 || waiting == receivables.balanceOf(claimId)) return;
        receivables.collect(ClaimId.wrap(claimId));
        uint256 left = receivables.balanceOf(claimId);
        if (bought[claimId] > left) bought[claimId] = left;
        _reach("a collection");
    }

    function fall(uint256 seed) external {
        uint256 claimId = _pick(seed, true);
        if (claimId != 0 && seed % 3 == 0) _default(claimId);
    }

    /// Up the chain as far as it goes, of a debt that defaults for it where none has.
    function putBack(uint256 seed) external {
        uint256 claimId = _callable(seed, IReceivables.Status.Defaulted);
        if (claimId == 0) {
            claimId = _callable(seed, IReceivables.Status.Confirmed);
            if (claimId == 0) return;
            _default(claimId);
        }
        claimId = _putBack(claimId);
        while (seed % 2 == 0 && _mayGoBack(claimId)) {
            claimId = _putBack(claimId);
            _reach("a second put-back up the chain");
        }
    }

    // ------------------------------------------------------------------ helpers

    function _default(uint256 claimId) private {
        ReceivableId receivableId = ReceivableId.wrap(receivables.slotOf(claimId));
        uint256 due = receivables.receivable(receivableId).dueDay;
        if (block.timestamp < (due + 6) * DAY) _toDay(due + 6);
        vm.prank(receivables.ownerOf(claimId));
        receivables.declareDefault(receivableId, ClaimId.wrap(claimId));
        _reach("a default");
    }

    /// A part that goes back is a new claim, which the rules of the debt may not allow any more.
    function _mayGoBack(uint256 claimId) private view returns (bool) {
        uint256 value = market.recourseOf(claimId).value;
        if (value == 0 || claims.length == MAX_CLAIMS) return false;
        return value == receivables.balanceOf(claimId) || receivables.depthOf(claimId) < 8;
    }

    /// The first claim from a random one on that may be put back once its debt is in default; 0 where none is.
    function _callable(uint256 seed, IReceivables.Status status) private view returns (uint256) {
        uint256 count = claims.length;
        for (uint256 i; i < count; ++i) {
            uint256 claimId = claims[(seed % count + i) % count];
            if (_mayGoBack(claimId) && _statusAt(claimId) == status) return claimId;
        }
        return 0;
    }

    function _putBack(uint256 claimId) private returns (uint256 returned) {
        IClaimMarket.Recourse memory recourse = market.recourseOf(claimId);
        uint256 held = receivables.balanceOf(claimId);
        address holder = receivables.ownerOf(claimId);
        uint256 before = cash.balanceOf(holder);
        vm.prank(holder);
        uint96 price = market.putBack(claimId);
        assertEq(cash.balanceOf(holder) - before, price, "the price is paid");
        assertEq(price, recourse.price, "as announced");
        returned = recourse.value == held ? claimId : _newest();
        assertEq(receivables.ownerOf(returned), recourse.assignor, "back with its assignor");
        backValue[recourse.assignor] += recourse.value;
        backPrice[recourse.assignor] += price;
        _leaves(claimId, returned, recourse.value);
        undertook[returned][recourse.assignor] = false;
        boughtBy[returned] = recourse.assignor;
        bought[returned] = recourse.value;
        _reach("a put-back");
        _reachIf(returned != claimId, "a put-back of a part");
    }

    function _quoteOf(uint256 claimId, uint256 terms, address funder)
        private
        returns (IClaimMarket.Quote memory quote)
    {
        uint96 held = uint96(receivables.balanceOf(claimId));
        bool whole = terms % 2 == 0 || receivables.depthOf(claimId) == 8;
        uint96 value = whole ? held : uint96(bound(uint96(terms >> 8), 1, held));
        uint96 price = uint96(bound(uint96(terms >> 104), 1, uint256(value) * 2));
        quote = _quote(claimId, receivables.ownerOf(claimId), value, price, (terms >> 1) % 2 == 0);
        quote.funder = funder;
    }

    function _bookSale(uint256 claimId, uint256 sold, IClaimMarket.Quote memory quote) private {
        _leaves(claimId, sold, quote.value);
        undertook[sold][quote.seller] = quote.recourse;
        undertook[sold][quote.funder] = false;
        boughtBy[sold] = quote.funder;
        bought[sold] = quote.value;
        if (!quote.recourse) return;
        soldValue[quote.seller] += quote.value;
        soldPrice[quote.seller] += quote.price;
    }

    /// Value leaves a claim: what is left of the bought value is at most what was there less that value. A new claim
    /// has its parent's past.
    function _leaves(uint256 from, uint256 to, uint256 value) private {
        if (to == from) return;
        bought[from] = bought[from] > value ? bought[from] - value : 0;
        if (claims[claims.length - 1] >= to) return;
        claims.push(to);
        for (uint256 i; i < 4; ++i) {
            undertook[to][partyAt(i)] = undertook[from][partyAt(i)];
        }
    }

    function _file(uint96 face) private {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        terms.dueDay = uint32(block.timestamp / DAY) + 30;
        vm.prank(seller);
        ReceivableId receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        claims.push(ClaimId.unwrap(receivables.confirm(receivableId, signature)));
        _receivables.push(receivableId);
    }

    /// The claim that a put-back of a part just made.
    function _newest() private view returns (uint256 claimId) {
        claimId = claims[claims.length - 1] + 1;
    }

    function _statusAt(uint256 claimId) private view returns (IReceivables.Status) {
        return _statusOf(ReceivableId.wrap(receivables.slotOf(claimId)));
    }

    function _alive(uint256 claimId) private view returns (bool) {
        try receivables.ownerOf(claimId) returns (address) {
            return receivables.balanceOf(claimId) != 0;
        } catch {
            return false;
        }
    }

    /// The first claim, from a random one on, that exists, and whose debt is confirmed if `open`; 0 if there is none.
    function _pick(uint256 seed, bool open) private view returns (uint256) {
        uint256 count = claims.length;
        for (uint256 i; i < count; ++i) {
            uint256 claimId = claims[(seed % count + i) % count];
            if (!_alive(claimId)) continue;
            if (!open || _statusAt(claimId) == IReceivables.Status.Confirmed) return claimId;
        }
        return 0;
    }

    /// Another claim on the same debt, of the same owner or of another; 0 if there is none.
    function _sibling(uint256 claimId, uint256 seed, bool sameOwner) private view returns (uint256) {
        uint256 count = claims.length;
        for (uint256 i; i < count; ++i) {
            uint256 into = claims[(seed % count + i) % count];
            if (into == claimId || !_alive(into)) continue;
            if (receivables.slotOf(into) != receivables.slotOf(claimId)) continue;
            if ((receivables.ownerOf(into) == receivables.ownerOf(claimId)) == sameOwner) return into;
        }
        return 0;
    }
}
