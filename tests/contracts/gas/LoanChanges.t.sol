// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanId} from "../../../contracts/types/Ids.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {RestructuringFixture} from "../lending/RestructuringFixture.sol";

/// Gas of payments that are recorded and corrected, and of what lenders give up, each a transaction of its own.
contract LoanChangesGas is RestructuringFixture {
    string private constant GROUP = "operations";

    function setUp() public override {
        super.setUp();
        _bullet(_facility, DRAWN, 60);
    }

    function test_record_payments() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        _record(loanId, 10_000_00, _today());
        _keep("record a payment of today");
        for (uint256 i; i < 11; ++i) {
            _record(loanId, 1_000_00, _today());
        }
        _days(10);
        _record(loanId, 10_000_00, _today() - 15);
        _keep("record a payment before twelve others");
    }

    function test_reverse_a_payment() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        PostingWord posting = _record(loanId, 10_000_00, _today());
        for (uint256 i; i < 11; ++i) {
            _record(loanId, 1_000_00, _today());
        }
        _reverse(loanId, posting);
        _keep("reverse the first of twelve payments");
    }

    function test_move_a_payment() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        LoanId toLoanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        PostingWord posting = _record(loanId, 10_000_00, _today());
        _move(loanId, posting, toLoanId, _today());
        _keep("move a payment to another loan");
    }

    function test_restructure() public {
        IRestructuring.Restructuring memory terms = _terms(_defaulted());
        bytes32 digest = facilities.restructuringDigest(terms);
        facilities.restructure(terms, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _keep("give a loan in default new terms");
    }

    function test_waive_and_write_off_in_part() public {
        LoanId loanId = _defaulted();
        vm.prank(bank);
        facilities.waive(loanId, 1_000_00, 1_000_00);
        _keep("waive penalty and interest");
        vm.prank(bank);
        facilities.writeOffInPart(loanId, 100_000_00);
        _keep("write off a part of a loan");
    }

    function test_correction_costs_a_bounded_sum_for_each_posting() public {
        LoanId few = _bullet(_facility, DRAWN, 60);
        LoanId many = _bullet(_facility, DRAWN, 60);
        _days(10);
        _record(few, 1_000_00, _today());
        for (uint256 i; i < 101; ++i) {
            _record(many, 1_000_00, _today());
        }
        _days(1);
        _record(few, 1_000_00, _today() - 5);
        uint256 afterOne = vm.lastCallGas().gasTotalUsed;
        _record(many, 1_000_00, _today() - 5);
        uint256 each = (vm.lastCallGas().gasTotalUsed - afterOne) / 100;
        vm.snapshotValue(GROUP, "a correction, for each later posting", each);
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
