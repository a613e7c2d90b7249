// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanId} from "../../../contracts/types/Ids.sol";
import {NoticesFixture} from "../notices/NoticesFixture.sol";

/// Gas of notices and filings, each a transaction of its own.
contract NoticesGas is NoticesFixture {
    string private constant GROUP = "operations";

    function test_notify_and_acknowledge() public {
        (, uint256 claimId) = _loanOnClaim();
        uint256 noticeId = _notify(bank, claimId);
        _keep("notify a debtor");
        vm.prank(debtor);
        notices.acknowledge(noticeId, TEXT);
        _keep("acknowledge a notice");
    }

    function test_record_a_filing() public {
        (LoanId loanId,) = _loanOnClaim();
        _record(bank, _filingOfLoan(loanId));
        _keep("record a filing");
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
