// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {RiskReserve} from "../../../contracts/risk/RiskReserve.sol";
import {LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {FickleCurrency} from "../risk/ReserveFixture.sol";
import {Reached} from "../support/Reached.sol";
import {ReserveHandler} from "./ReserveHandler.sol";

/// What nobody may do with the reserve. Each call must be refused; a call that succeeds is recorded.
contract ReserveForbidden is Reached {
    ReserveHandler private _handler;
    RiskReserve private _reserve;
    FickleCurrency private _money;
    string public broken;

    constructor(ReserveHandler handler) {
        _handler = handler;
        (_reserve, _money) = handler.parts();
        _mustReach("refused: a stranger that feeds");
        _mustReach("refused: a stranger that records a loss");
        _mustReach("refused: a stranger that recovers");
        _mustReach("refused: a stranger that reverses a recovery");
        _mustReach("refused: a loss recorded twice");
        _mustReach("refused: more recovered than lost");
        _mustReach("refused: more reversed than recovered");
        _mustReach("refused: more than the cap");
        _mustReach("refused: another's unclaimed money");
        _mustReach("refused: unclaimed money by no court");
        _mustReach("refused: bound again");
    }

    function byStrangers(address who, uint64 amount, uint256 which) external {
        if (who == address(_handler)) return;
        address lender = _handler.lenders()[which % 2];
        ProductId productId = _handler.products()[0];
        IRiskReserve.LossReport memory report;
        report.loanId = LoanId.wrap(1_000 + which % 1_000);
        report.lender = who;
        report.loss = amount;
        vm.startPrank(who);
        _refused("feeds", abi.encodeCall(_reserve.feed, (productId, address(_money), lender, amount, false)));
        _refused("records a loss", abi.encodeCall(_reserve.recordLoss, (report)));
        _refused("recovers", abi.encodeCall(_reserve.recover, (LoanId.wrap(1), amount)));
        _refused("reverses a recovery", abi.encodeCall(_reserve.reverseRecovery, (LoanId.wrap(1), amount)));
        vm.stopPrank();
        _reach("refused: a stranger that feeds");
        _reach("refused: a stranger that records a loss");
        _reach("refused: a stranger that recovers");
        _reach("refused: a stranger that reverses a recovery");
    }

    function twice(uint256 which, uint64 amount) external {
        uint256 count = _handler.loans();
        if (count == 0) return;
        (LoanId loanId, bool lost) = _handler.loanAt(which % count);
        if (!lost) return;
        IRiskReserve.LossReport memory report;
        report.loanId = loanId;
        report.lender = _handler.lenders()[0];
        report.loss = amount == 0 ? 1 : amount;
        IRiskReserve.Loss memory loss = _reserve.lossOf(loanId);
        vm.startPrank(address(_handler));
        _refused("a loss twice", abi.encodeCall(_reserve.recordLoss, (report)));
        _refused("more than was lost", abi.encodeCall(_reserve.recover, (loanId, loss.loss - loss.recovered + 1)));
        _refused("more than was recovered", abi.encodeCall(_reserve.reverseRecovery, (loanId, loss.recovered + 1)));
        vm.stopPrank();
        _reach("refused: a loss recorded twice");
        _reach("refused: more recovered than lost");
        _reach("refused: more reversed than recovered");
    }

    function tooMuch(uint256 which) external {
        ProductId productId = _handler.products()[which % 2];
        address lender = _handler.lenders()[which / 2 % 2];
        uint64 room = _reserve.room(productId, address(_money));
        vm.prank(lender);
        _refused("above the cap", abi.encodeCall(_reserve.topUp, (productId, address(_money), lender, room + 1)));
        _reach("refused: more than the cap");
    }

    function others(address who, uint256 which) external {
        address lender = _handler.lenders()[which % 2];
        if (who == lender) return;
        vm.startPrank(who);
        _refused("another's money", abi.encodeCall(_reserve.withdrawUnclaimed, (lender, address(_money))));
        _refused(
            "no court", abi.encodeCall(_reserve.forcedWithdraw, (lender, address(_money), who, 1, bytes32("order")))
        );
        _refused("bound again", abi.encodeCall(_reserve.bind, (who)));
        vm.stopPrank();
        _reach("refused: another's unclaimed money");
        _reach("refused: unclaimed money by no court");
        _reach("refused: bound again");
    }

    function _refused(string memory what, bytes memory call) private {
        (bool done,) = address(_reserve).call(call);
        if (done) broken = what;
    }
}
