// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {DEFAULTED, PostingWord, RECORDED, REFUNDED} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// Whatever is recorded, repaid, reversed, moved, refunded and declared in default in whatever order, the sums of the
/// facility and of the product are those of its loans, and the chain of each loan is that of its postings.
contract PostingsSumsTest is PostingsFixture {
    uint64 private constant DRAWN = 10_000_00;
    uint256 private constant STEPS = 40;
    FacilityId private _facility;
    LoanId[] private _loans;
    uint24 private _start;
    uint256 private _seed;
    uint256 private _done;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 240_000, 10_000_000_00);
        _start = _today();
        _loans.push(_bullet(_facility, DRAWN, 60));
        _loans.push(_draw(_facility, DRAWN, LoanMath.Style.EqualPrincipal, 3, 0));
        _loans.push(_draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0));
    }

    function testFuzz_sums_hold_through_any_corrections(uint256 seed) public {
        _seed = seed;
        for (uint256 i; i < STEPS; ++i) {
            if (_chance(3) == 0) _days(_chance(12));
            try this.step(_chance(2 ** 64)) {
                ++_done;
            } catch {}
            _requireSums();
        }
        assertTrue(_done > STEPS / 8, "many steps do something");
    }

    /// One step; undone as a whole if the ledger refuses it.
    function step(uint256 seed) external {
        assertTrue(msg.sender == address(this), "only the test itself");
        _seed = seed;
        LoanId loanId = _loans[_chance(_loans.length)];
        uint256 action = _chance(8);
        if (action < 3) {
            uint24 valueDay = _start + uint24(_chance(_today() - _start + 1));
            _record(loanId, uint64(1 + _chance(DRAWN)), valueDay);
        } else if (action == 3) {
            _repayNow(loanId, uint64(1 + _chance(DRAWN)));
        } else if (action == 4) {
            _reverseWithSignature(loanId, _anyRecorded(loanId));
        } else if (action == 5) {
            PostingWord posting = _anyRecorded(loanId);
            _move(loanId, posting, _loans[_chance(_loans.length)], posting.valueDay());
        } else if (action == 6) {
            uint64 amount = uint64(1 + _chance(facilities.postingsOf(loanId).overpaid));
            vm.prank(bank);
            facilities.refundOverpayment(loanId, amount, 0);
            _note(loanId, REFUNDED, amount);
        } else {
            vm.prank(bank);
            facilities.declareDefault(loanId);
            _note(loanId, DEFAULTED, 0);
        }
    }

    function _anyRecorded(LoanId loanId) private returns (PostingWord posting) {
        PostingWord[] storage postings = _postings[loanId];
        posting = postings[_chance(postings.length)];
        assertTrue(posting.kind() == RECORDED, "recorded");
    }

    function _requireSums() private view {
        uint256 outstanding;
        uint256 overdue;
        uint256 open;
        uint256 marked;
        for (uint256 i; i < _loans.length; ++i) {
            ILoans.Loan memory loan = facilities.loan(_loans[i]);
            uint256 owed = LoanMath.outstanding(loan.state);
            outstanding += owed;
            if (loan.status != ILoans.Status.Repaid) ++open;
            else assertEq(_sum(loan.payoff), 0, "nothing is owed on a repaid loan");
            if (loan.markedOverdue) {
                overdue += owed;
                ++marked;
            }
            _requireChain(_loans[i]);
        }
        assertEq(facilities.facility(_facility).outstanding, outstanding, "outstanding");
        assertEq(uint256(facilities.facility(_facility).openLoans), open, "open loans");
        assertEq(uint256(facilities.facility(_facility).overdueLoans), marked, "overdue loans");
        (uint64 lent, uint64 late) = facilities.programme(ProductId.wrap(facilities.facility(_facility).productId));
        assertEq(lent, outstanding, "lent under the product");
        assertEq(late, overdue, "overdue under the product");
    }

    function _requireChain(LoanId loanId) private view {
        uint160 head;
        PostingWord[] storage postings = _postings[loanId];
        for (uint256 i; i < postings.length; ++i) {
            head = uint160(uint256(keccak256(abi.encode(uint256(head), postings[i]))));
        }
        assertEq(facilities.postingsOf(loanId).head, head, "chain");
    }

    function _chance(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
