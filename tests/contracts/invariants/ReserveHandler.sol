// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {RiskReserve} from "../../../contracts/risk/RiskReserve.sol";
import {LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {FickleCurrency, ReserveFixture} from "../risk/ReserveFixture.sol";
import {Reached} from "../support/Reached.sol";

/// The reserve as Facilities, lenders, sharers, an insurer and a fickle currency use it, in any order. Each call does
/// only what is allowed: a revert is a failure. It has its own books of whose money is whose.
contract ReserveHandler is ReserveFixture, Reached {
    struct Loan {
        IRiskReserve.LossReport report;
        bool lost;
        uint256 drawnAt;
        uint64 toLender; // what the lender has got for this loss, absorbed or recovered
        uint64 taken; // what it gave for recoveries that were reversed since
    }

    ProductId private constant POOLED = ProductId.wrap(8);
    uint256 private constant MAX_SHARINGS = 8;

    Loan[] private _loans;
    address[] private _accounts;
    /// The expected balance by product and lender (zero: the pool).
    mapping(uint256 product => mapping(address lender => uint256)) public expected;
    /// The check that failed within a call.
    string public broken;

    function setUp() public override {
        super.setUp();
        string[24] memory names = [
            "a feed",
            "a feed of the pool",
            "a top-up",
            "a full reserve",
            "a loss from the lender's own reserve",
            "a loss from the pool",
            "a loss that nobody absorbs",
            "a loss that a sharer bears",
            "a share that is owed",
            "a share paid later",
            "an insurance claimed",
            "an insurance paid",
            "a loss of related sides",
            "a sharer excluded",
            "a sharer that signed after the draw",
            "a sharing ended",
            "a recovery to the reserve",
            "a recovery to the pool",
            "a loss recovered whole",
            "a recovery reversed",
            "a recovery of which others keep a part",
            "an outlay paid back",
            "unclaimed money",
            "money withdrawn"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        _accounts = [lender, otherLender, borrower, first, second, insurer, FRIEND];
        vm.prank(OPERATOR);
        reserve.setCap(POOLED, address(money), CAP);
        _share(first, 300_000, 9_000_00);
        _share(second, 200_000, 9_000_00);
        _insure(9_000_00);
        for (uint256 i; i < 4; ++i) {
            feed(i, 100_00);
        }
    }

    // ------------------------------------------------------------------ what comes in

    function feed(uint256 who, uint256 amount) public {
        (ProductId productId, address from, bool isPool) = _choice(who);
        uint64 room = reserve.room(productId, address(money));
        if (room == 0) return;
        amount = amount % 16 == 3 ? room : bound(amount, 1, room < 300_00 ? room : 300_00);
        _reachIf(amount == room, "a full reserve");
        if (money.refused(from)) return;
        uint256[5] memory before = _balances(productId);
        reserve.feed(productId, address(money), from, uint64(amount), isPool);
        _count(productId, isPool ? address(0) : from, amount, before);
        _reach(isPool ? "a feed of the pool" : "a feed");
    }

    function topUp(uint256 who, uint256 amount, bool friend) external {
        (ProductId productId, address lender_, bool isPool) = _choice(who);
        uint64 room = reserve.room(productId, address(money));
        if (room == 0) return;
        address from = friend ? FRIEND : lender_;
        if (money.refused(from) || !registry.isValid(from) || !registry.isValid(lender_)) return;
        pooled = isPool;
        amount = bound(amount, 1, room < 50_00 ? room : 50_00);
        address for_ = isPool ? address(0) : lender_;
        uint256[5] memory before = _balances(productId);
        vm.prank(from);
        reserve.topUp(productId, address(money), for_, uint64(amount));
        _count(productId, for_, amount, before);
        _reach("a top-up");
    }

    // ------------------------------------------------------------------ losses

    function draw(uint256 who, uint256 amount) public {
        if (_loans.length == 24) return;
        (ProductId productId, address from, bool isPool) = _choice(who);
        pooled = isPool;
        IRiskReserve.LossReport memory report = _report(_drawn(), uint64(bound(amount, 1, 3_000_00)));
        report.productId = productId;
        report.lender = from;
        report.administrator = from;
        _loans.push(Loan(report, false, block.timestamp, 0, 0));
    }

    function fail(uint256 which, uint256 who, uint256 amount) public {
        uint256 at = _openLoan(which, who, amount);
        if (at == _loans.length) return;
        Loan storage loan = _loans[at];
        // Sometimes somebody agrees to share who was not asked when the loan was drawn.
        if (amount % 8 == 1) this.share(who, uint24(amount % 100_000), false);
        if (block.timestamp < loan.drawnAt + 30 days) vm.warp(loan.drawnAt + 30 days);
        IRiskReserve.LossReport memory report = loan.report;
        uint256[5] memory before = _balances(report.productId);
        uint256 had = _worth(report.lender);
        uint64 absorbed = reserve.recordLoss(report);
        loan.lost = true;
        loan.toLender = absorbed;
        _hold(_worth(report.lender) == had + absorbed, "the lender has what was absorbed");
        IRiskReserve.Loss memory loss = reserve.lossOf(report.loanId);
        _hold(absorbed == loss.fromReserve + loss.fromSharers, "absorbed at once");
        _lossHolds(report, loss, before);
    }

    function _lossHolds(IRiskReserve.LossReport memory report, IRiskReserve.Loss memory loss, uint256[5] memory before)
        private
    {
        uint256 product = ProductId.unwrap(report.productId);
        uint256 own = _min(expected[product][report.lender], loss.loss);
        uint256 pool = report.pooled ? _min(expected[product][address(0)], loss.loss - own) : 0;
        bool related = registry.areRelated(report.lender, report.borrower);
        if (related) (own, pool) = (0, 0);
        expected[product][report.lender] -= own;
        expected[product][address(0)] -= pool;
        _hold(loss.fromReserve == own + pool, "from its own and the pool it agreed to");
        _onlyChanged(report.productId, before, report.lender);
        (address named, uint64 open) = reserve.openInsuranceOf(report.loanId);
        _reachIf(own != 0, "a loss from the lender's own reserve");
        _reachIf(pool != 0, "a loss from the pool");
        _reachIf(loss.borne == loss.loss, "a loss that nobody absorbs");
        _reachIf(loss.fromSharers != 0, "a loss that a sharer bears");
        _reachIf(named != address(0), "an insurance claimed");
        _hold(named == address(0) || open <= loss.borne, "no more than the lender bears");
        if (related) {
            _hold(loss.borne == loss.loss && named == address(0), "a related lender bears all");
            _reach("a loss of related sides");
        }
        _sharesHold(report, loss, related);
    }

    function _sharesHold(IRiskReserve.LossReport memory report, IRiskReserve.Loss memory loss, bool related) private {
        uint256 count = _shareCount(report.loanId);
        bool excluded;
        for (uint256 i; i < count; ++i) {
            (address sharer, uint64 open) = reserve.openShareOf(report.loanId, i);
            _hold(!related, "none of a related lender's");
            _hold(!_isNear(sharer, report), "no sharer near a side");
            _reachIf(open != 0, "a share that is owed");
        }
        for (uint256 i; i < MAX_SHARINGS && !related; ++i) {
            try reserve.sharingOf(report.productId, i) returns (IRiskReserve.SharingState memory sharing) {
                if (sharing.validUntil <= block.timestamp || loss.loss == loss.fromReserve) continue;
                bool after_ = LoanId.unwrap(report.loanId) > sharing.afterLoan;
                _reachIf(!after_, "a sharer that signed after the draw");
                excluded = excluded || (after_ && sharing.left != 0 && _isNear(sharing.sharer, report));
            } catch {
                break;
            }
        }
        _reachIf(excluded, "a sharer excluded");
    }

    function recover(uint256 which, uint256 amount, bool whole) external {
        uint256 at = _lostLoan(which);
        if (at == _loans.length) return fail(which, which, amount);
        Loan storage loan = _loans[at];
        IRiskReserve.LossReport memory report = loan.report;
        IRiskReserve.Loss memory loss = reserve.lossOf(report.loanId);
        uint64 max = loss.loss - loss.recovered;
        if (max == 0 || money.refused(borrower)) return;
        uint64 provided = whole ? max : uint64(bound(amount, 1, max));
        uint256[5] memory before = _balances(report.productId);
        uint256 had = _worth(report.lender);
        _recover(report.loanId, provided);
        loan.toLender += uint64(_worth(report.lender) - had);
        _hold(loan.toLender <= loss.loss + loan.taken, "nobody is paid twice");
        (uint256 own, uint256 pool) = (
            _balances(report.productId)[_slot(report.lender)] - before[_slot(report.lender)],
            _balances(report.productId)[4] - before[4]
        );
        uint256 product = ProductId.unwrap(report.productId);
        expected[product][report.lender] += own;
        expected[product][address(0)] += pool;
        _hold(own + pool <= loss.fromReserve, "no more than the reserve paid");
        _hold(report.pooled || pool == 0, "nothing into a pool that paid nothing");
        _onlyChanged(report.productId, before, report.lender);
        _reachIf(reserve.lossOf(report.loanId).outlay < loss.outlay, "an outlay paid back");
        _reachIf(own != 0, "a recovery to the reserve");
        _reachIf(pool != 0, "a recovery to the pool");
        if (provided == max) {
            _reach("a loss recovered whole");
            _hold(
                loan.toLender == loss.fromReserve + loss.fromSharers + loss.fromInsurer + loss.borne + loan.taken,
                "the lender has its loss whole, once"
            );
        }
        _reachUnclaimed();
    }

    /// The lender recorded money as recovered that went back: it had paid the others, and they keep it.
    function reverseRecovery(uint256 which, uint256 amount, bool whole) external {
        for (uint256 i; i < _loans.length; ++i) {
            Loan storage loan = _loans[(which % _loans.length + i) % _loans.length];
            if (!loan.lost) continue;
            IRiskReserve.Loss memory loss = reserve.lossOf(loan.report.loanId);
            if (loss.recovered == 0) continue;
            uint64 provided = whole ? loss.recovered : uint64(bound(amount, 1, loss.recovered));
            uint256 held_ = money.balanceOf(address(reserve));
            uint256 had = _worth(loan.report.lender);
            reserve.reverseRecovery(loan.report.loanId, provided);
            IRiskReserve.Loss memory now_ = reserve.lossOf(loan.report.loanId);
            _hold(money.balanceOf(address(reserve)) == held_, "no money moves");
            _hold(_worth(loan.report.lender) == had, "nobody gives");
            _hold(now_.recovered == loss.recovered - provided, "no longer recovered");
            _hold(now_.outlay >= loss.outlay && now_.outlay - loss.outlay <= provided, "no more than it gave");
            // The lender gave it back to who had paid it.
            loan.taken += provided;
            _reachIf(now_.outlay != loss.outlay, "a recovery of which others keep a part");
            return _reach("a recovery reversed");
        }
    }

    function payShare(uint256 which, uint256 place, uint256 amount) external {
        if (_payShare(which, place, amount)) return;
        // Nobody owes a share: a loss that finds the sharers without money.
        money.refuse(first, true);
        money.refuse(second, true);
        fail(which, place & 2, amount);
        money.refuse(first, false);
        money.refuse(second, false);
        _payShare(which, place, amount);
    }

    function _payShare(uint256 which, uint256 place, uint256 amount) private returns (bool) {
        for (uint256 i; i < _loans.length; ++i) {
            uint256 at = (which % _loans.length + i) % _loans.length;
            Loan storage loan = _loans[at];
            uint256 count = loan.lost ? _shareCount(loan.report.loanId) : 0;
            if (count == 0) continue;
            (, uint64 open) = reserve.openShareOf(loan.report.loanId, place % count);
            if (open == 0 || money.refused(FRIEND)) continue;
            uint64 provided = uint64(bound(amount, 1, open));
            uint256 had = _worth(loan.report.lender);
            vm.prank(FRIEND);
            reserve.paySharer(loan.report.loanId, place % count, provided);
            _paid(loan, had, provided);
            _reach("a share paid later");
            return true;
        }
        return false;
    }

    function payInsurance(uint256 which, uint256 amount) external {
        for (uint256 i; i < _loans.length; ++i) {
            Loan storage loan = _loans[(which % _loans.length + i) % _loans.length];
            if (!loan.lost) continue;
            (address named, uint64 open) = reserve.openInsuranceOf(loan.report.loanId);
            if (named == address(0) || open == 0 || money.refused(insurer)) continue;
            uint64 provided = uint64(bound(amount, 1, open));
            uint256 had = _worth(loan.report.lender);
            vm.prank(insurer);
            reserve.payInsurance(loan.report.loanId, provided);
            _paid(loan, had, provided);
            return _reach("an insurance paid");
        }
    }

    function _paid(Loan storage loan, uint256 had, uint64 provided) private {
        _hold(_worth(loan.report.lender) == had + provided, "it reaches the lender");
        loan.toLender += provided;
        _hold(loan.toLender <= loan.report.loss + loan.taken, "nobody is paid twice");
        _reachUnclaimed();
    }

    // ------------------------------------------------------------------ agreements

    function share(uint256 who, uint24 part, bool end) external {
        address sharer = who % 2 == 0 ? first : second;
        if (end && _endSharing(who % MAX_SHARINGS)) return _reach("a sharing ended");
        if (!registry.isValid(sharer)) return;
        uint256 free = 1_000_000;
        uint256 inForce;
        for (uint256 i; i < MAX_SHARINGS; ++i) {
            try reserve.sharingOf(PRODUCT, i) returns (IRiskReserve.SharingState memory sharing) {
                if (sharing.validUntil <= block.timestamp) continue;
                free -= sharing.part;
                ++inForce;
            } catch {
                break;
            }
        }
        if (free == 0 || inForce == MAX_SHARINGS) return;
        _share(sharer, uint24(bound(part, 1, free < 300_000 ? free : 300_000)), 900_00);
    }

    function _endSharing(uint256 place) private returns (bool) {
        try reserve.sharingOf(PRODUCT, place) returns (IRiskReserve.SharingState memory sharing) {
            if (sharing.validUntil <= block.timestamp) return false;
            uint40 deadline = uint40(block.timestamp + 1);
            bytes memory signature =
                _signed(_keyOf(sharing.sharer), reserve.sharingEndDigest(sharing.termsHash, deadline));
            vm.prank(OPERATOR);
            reserve.endSharing(PRODUCT, place, deadline, signature);
            return true;
        } catch {
            return false;
        }
    }

    // ------------------------------------------------------------------ what others do

    function refuse(uint256 who, bool isRefused) external {
        money.refuse(_accounts[who % _accounts.length], isRefused);
    }

    function freeze(uint256 who, bool frozen) external {
        _freeze(_accounts[who % _accounts.length], frozen);
    }

    /// One of the lenders and the sharers, with or without the borrower's group.
    function relate(uint256 who, bool isRelated) external {
        _group(borrower, 77);
        _group([lender, otherLender, first, second][who % 4], isRelated ? 77 : 0);
    }

    function withdraw(uint256 who) external {
        for (uint256 i; i < _accounts.length; ++i) {
            address account = _accounts[(who % _accounts.length + i) % _accounts.length];
            uint256 unclaimed = reserve.unclaimedOf(account, address(money));
            if (unclaimed == 0) continue;
            money.refuse(account, false);
            _freeze(account, false);
            uint256 had = money.balanceOf(account);
            vm.prank(account);
            reserve.withdrawUnclaimed(account, address(money));
            _hold(money.balanceOf(account) == had + unclaimed, "all of it");
            _hold(reserve.unclaimedOf(account, address(money)) == 0, "once");
            return _reach("money withdrawn");
        }
    }

    function advanceDays(uint256 days_) external {
        vm.warp(block.timestamp + (days_ % 20) * 1 days);
    }

    // ------------------------------------------------------------------ for the invariants

    function parts() external view returns (RiskReserve, FickleCurrency) {
        return (reserve, money);
    }

    function loanAt(uint256 at) external view returns (LoanId loanId, bool lost) {
        return (_loans[at].report.loanId, _loans[at].lost);
    }

    function loans() external view returns (uint256) {
        return _loans.length;
    }

    function products() public pure returns (ProductId[2] memory) {
        return [PRODUCT, POOLED];
    }

    function lenders() public view returns (address[3] memory) {
        return [lender, otherLender, address(0)];
    }

    function held() external view returns (uint256 sum) {
        for (uint256 i; i < 2; ++i) {
            for (uint256 j; j < 3; ++j) {
                sum += reserve.balanceOf(products()[i], address(money), lenders()[j]);
            }
        }
        for (uint256 i; i < _accounts.length; ++i) {
            sum += reserve.unclaimedOf(_accounts[i], address(money));
        }
    }

    /// What all accounts and the reserve have together.
    function everywhere() external view returns (uint256 sum) {
        sum = money.balanceOf(address(reserve));
        for (uint256 i; i < _accounts.length; ++i) {
            sum += money.balanceOf(_accounts[i]);
        }
    }

    // ------------------------------------------------------------------ parts of the above

    function _hold(bool condition, string memory what) private {
        if (!condition) broken = what;
    }

    /// Four choices: two lenders, each under the product with a pool and under the one without.
    function _choice(uint256 who) private view returns (ProductId productId, address from, bool isPool) {
        isPool = who % 2 == 1;
        return (isPool ? POOLED : PRODUCT, who / 2 % 2 == 0 ? lender : otherLender, isPool);
    }

    function _count(ProductId productId, address for_, uint256 amount, uint256[5] memory before) private {
        expected[ProductId.unwrap(productId)][for_] += amount;
        _hold(_balances(productId)[_slot(for_)] == before[_slot(for_)] + amount, "it is there");
        for (uint256 i; i < 5; ++i) {
            if (i != _slot(for_)) _hold(_balances(productId)[i] == before[i], "and nowhere else");
        }
    }

    /// Balances of both lenders (1, 2), of the other sides (0, 3: nothing) and of the pool (4).
    function _balances(ProductId productId) private view returns (uint256[5] memory balances) {
        address[5] memory whose = [borrower, lender, otherLender, FRIEND, address(0)];
        for (uint256 i; i < 5; ++i) {
            balances[i] = reserve.balanceOf(productId, address(money), whose[i]);
        }
    }

    function _slot(address whose) private view returns (uint256) {
        if (whose == address(0)) return 4;
        return whose == lender ? 1 : 2;
    }

    function _onlyChanged(ProductId productId, uint256[5] memory before, address whose) private {
        uint256[5] memory timestamp = _balances(productId);
        for (uint256 i; i < 4; ++i) {
            if (i != _slot(whose)) _hold(timestamp[i] == before[i], "no other lender's balance changes");
        }
    }

    function _openLoan(uint256 which, uint256 who, uint256 amount) private returns (uint256 at) {
        for (uint256 i; i < _loans.length; ++i) {
            at = (which % _loans.length + i) % _loans.length;
            if (!_loans[at].lost) return at;
        }
        draw(who, amount);
        at = _loans.length;
        if (at != 0 && !_loans[at - 1].lost) return at - 1;
    }

    function _lostLoan(uint256 which) private view returns (uint256 at) {
        for (uint256 i; i < _loans.length; ++i) {
            at = (which % _loans.length + i) % _loans.length;
            IRiskReserve.LossReport storage report = _loans[at].report;
            if (!_loans[at].lost) continue;
            IRiskReserve.Loss memory loss = reserve.lossOf(report.loanId);
            if (loss.recovered < loss.loss) return at;
        }
        return _loans.length;
    }

    function _shareCount(LoanId loanId) private view returns (uint256 count) {
        for (; count < MAX_SHARINGS; ++count) {
            try reserve.openShareOf(loanId, count) {}
            catch {
                break;
            }
        }
    }

    function _isNear(address account, IRiskReserve.LossReport memory report) private view returns (bool) {
        return registry.areRelated(account, report.lender) || registry.areRelated(account, report.borrower);
    }

    /// What an account has, and what waits for it.
    function _worth(address account) private view returns (uint256) {
        return money.balanceOf(account) + reserve.unclaimedOf(account, address(money));
    }

    function _reachUnclaimed() private {
        for (uint256 i; i < _accounts.length; ++i) {
            if (reserve.unclaimedOf(_accounts[i], address(money)) != 0) return _reach("unclaimed money");
        }
    }

    function _min(uint256 first, uint256 second) private pure returns (uint256) {
        return first < second ? first : second;
    }
}
