// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Campaigns} from "../../../contracts/market/Campaigns.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../lending/GoodsFixture.sol";
import {AdministratorHandler} from "./AdministratorHandler.sol";

/// Invariant 13: an administrator with every role, who calls everything, moves nobody's token and nobody's money.
contract AdministratorInvariants is GoodsFixture {
    AdministratorHandler private _handler;
    Campaigns private _campaigns;
    address[] private _parties;
    address[] private _ledger;
    uint256[] private _claims;
    uint256[] private _warehouseReceipts;
    mapping(address account => uint256) private _cashBefore;
    mapping(bytes32 token => bytes32) private _tokenBefore;
    uint256 private _unclaimedBefore;

    function setUp() public override {
        super.setUp();
        _campaigns = new Campaigns(address(forwarder), registry, 0);
        _handler = new AdministratorHandler(access, forwarder);
        _holdings();
        _parties = [seller, debtor, bank, platform, entruster, otherBank, suppliers[0], suppliers[1], WAREHOUSE];
        _ledger = [address(receivables), address(market), address(facilities), address(reserve), address(_campaigns)];
        access.grantRole(0, address(_handler), 0);
        _targets();
        _words();
        _remember();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_nobody_loses_money_to_the_administrator();
        invariant_nobody_loses_a_token_to_the_administrator();
        invariant_nobody_is_frozen_by_the_administrator();
    }

    function invariant_nobody_loses_money_to_the_administrator() private view {
        for (uint256 i; i < _parties.length; ++i) {
            assertTrue(cash.balanceOf(_parties[i]) >= _cashBefore[_parties[i]], "a party's cash");
        }
        for (uint256 i; i < _ledger.length; ++i) {
            assertTrue(cash.balanceOf(_ledger[i]) >= _cashBefore[_ledger[i]], "what a contract keeps");
        }
        assertEq(facilities.unclaimedOf(bank, address(cash)), _unclaimedBefore, "unclaimed");
    }

    function invariant_nobody_loses_a_token_to_the_administrator() private view {
        for (uint256 i; i < _claims.length; ++i) {
            assertTrue(_claimNow(_claims[i]) == _tokenBefore[keccak256(abi.encode("claim", _claims[i]))], "claim");
        }
        for (uint256 i; i < _warehouseReceipts.length; ++i) {
            assertTrue(
                _warehouseReceiptNow(_warehouseReceipts[i])
                    == _tokenBefore[keccak256(abi.encode("receipt", _warehouseReceipts[i]))],
                "receipt"
            );
        }
    }

    function invariant_nobody_is_frozen_by_the_administrator() private view {
        for (uint256 i; i < _parties.length; ++i) {
            assertTrue(registry.isValid(_parties[i]), "valid");
        }
    }

    /// The administrator must have run some calls; otherwise the test shows nothing.
    function test_administrator_reaches_functions_by_each_of_three_ways() public {
        uint256[7] memory values;
        for (uint256 way; way < 3; ++way) {
            for (uint256 i; i < 400; ++i) {
                for (uint256 j; j < 7; ++j) {
                    values[j] = uint256(keccak256(abi.encode(way, i, j)));
                }
                _handler.callAnything(values[0], values[1], values, way);
            }
        }
        _handler.seize(0);
        assertTrue(_handler.carriedOut() > 20, "some functions were open");
        assertEq(_handler.seized(), 1, "another authority");
        invariant_nobody_loses_money_to_the_administrator();
        invariant_nobody_loses_a_token_to_the_administrator();
        invariant_nobody_is_frozen_by_the_administrator();
    }

    // ------------------------------------------------------------------ what there is to lose

    function _holdings() private {
        (ReceivableId receivableId, uint256 free) = _confirmed(1_000_00);
        (, uint256 encumbered) = _confirmed(2_000_00);
        (, uint256 lent) = _confirmed(5_000_00);
        vm.prank(seller);
        receivables.encumber(encumbered, bank);
        _claims = [free, encumbered, lent];
        FacilityId onClaims = _agreedFacility(_add(_claimProduct()), 72_000, 100_000_00);
        _draw(onClaims, 2_000_00, LoanMath.Style.Bullet, 60, lent);
        (, uint256 goods) = _loanOnGoods(3_000_00);
        _warehouseReceipts = [goods, _warehouseReceipt(1_000)];
        // Money that could not be paid to the bank is unclaimed.
        LoanId plain = _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 100_000_00), 1_000_00, 60);
        PartyId held = registry.partyOf(bank);
        vm.prank(FIRST_REGULATOR);
        court.hold(held, "order");
        vm.prank(seller);
        facilities.repay(plain, 500_00);
        vm.warp(block.timestamp + 72 hours);
        _unclaimedBefore = facilities.unclaimedOf(bank, address(cash));
        assertTrue(_unclaimedBefore > 0, "unclaimed");
        _pay(receivableId, 300_00);
    }

    function _remember() private {
        for (uint256 i; i < _parties.length; ++i) {
            _cashBefore[_parties[i]] = cash.balanceOf(_parties[i]);
        }
        for (uint256 i; i < _ledger.length; ++i) {
            _cashBefore[_ledger[i]] = cash.balanceOf(_ledger[i]);
        }
        for (uint256 i; i < _claims.length; ++i) {
            _tokenBefore[keccak256(abi.encode("claim", _claims[i]))] = _claimNow(_claims[i]);
        }
        for (uint256 i; i < _warehouseReceipts.length; ++i) {
            _tokenBefore[keccak256(abi.encode("receipt", _warehouseReceipts[i]))] =
                _warehouseReceiptNow(_warehouseReceipts[i]);
        }
    }

    function _claimNow(uint256 id) private view returns (bytes32) {
        return keccak256(abi.encode(receivables.ownerOf(id), receivables.balanceOf(id), receivables.lienholderOf(id)));
    }

    function _warehouseReceiptNow(uint256 id) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                warehouseReceipts.ownerOf(id), warehouseReceipts.balanceOf(id), warehouseReceipts.lienholderOf(id)
            )
        );
    }

    // ------------------------------------------------------------------ what is called

    /// Every function with plain arguments, except those that anyone may call for another party's good: they pay money
    /// to its owner.
    function _targets() private {
        string memory token = "assign(uint256,address,uint96,bytes32);encumber(uint256,address);release(uint256);"
            "merge(uint256,uint256);approve(address,uint256);approve(uint256,address,uint256);setApprovalForAll(address,bool);"
            "transferFrom(address,address,uint256);transferFrom(uint256,address,uint256);"
            "transferFrom(uint256,uint256,uint256);safeTransferFrom(address,address,uint256);reclaim(uint256);"
            "forcedTransfer(uint256,address,uint96,bytes32);setAuthority(address);";
        _target(
            address(receivables),
            string.concat(
                token,
                "allowCurrency(address,bool);withdraw(uint256);reject(uint256,bytes32);dispute(uint256,bytes32);"
                "endDispute(uint256,bytes32);declareDefault(uint256,uint256);writeOff(uint256,uint256);"
                "withdrawUnclaimed(address,address);cancelSignature(bytes32);"
                "forcedWithdraw(address,address,address,uint256,bytes32)"
            )
        );
        _target(
            address(warehouseReceipts),
            string.concat(
                token,
                "stopNewLiens(address,bool,bytes32);impair(uint256,uint96,bytes32);inspect(uint256,uint8,bytes32);"
                "handOver(uint256,uint96,address,bytes32);requestRelease(uint256,uint96,bytes32);withdrawRelease(uint256);"
                "acknowledge(uint256,address)"
            )
        );
        _target(
            address(registry),
            "register(bytes32,uint16,uint64,address);removeAccount(address);setRoles(uint256,uint16);"
            "setValidity(uint256,uint64);setGroup(uint256,uint32);freeze(uint256,bool,bytes32);"
            "hold(uint256,uint40,bytes32);refuseParty(uint256);stopNewRisk(bytes32);proposeResumption(bytes32);"
            "resumeNewRisk(bytes32);setAuthority(address)"
        );
        _target(
            address(court),
            "execute(uint256);cancel(uint256);hold(uint256,bytes32);confirmHold(uint256,uint256);liftHold(uint256);"
            "appoint(address);dismiss(address);bind(address);"
            "issueOverHolder(address,uint256,uint256,uint96,address,bytes32)"
        );
        _target(
            address(reserve),
            "bind(address);feed(uint256,address,address,uint64,bool);"
            "recover(uint256,uint64);setCap(uint256,address,uint64);topUp(uint256,address,address,uint64);"
            "payInsurance(uint256,uint64);paySharer(uint256,uint256,uint64);withdrawUnclaimed(address,address);"
            "forcedWithdraw(address,address,address,uint256,bytes32);setAuthority(address)"
        );
        _target(
            address(facilities),
            "acceptDebtor(uint256,address,bool);accrue(uint256);bid(uint256,uint64);checkMargin(uint256);close(uint256);"
            "closeHedge(uint256,bytes32);"
            "declareDebtDefault(uint256);declareDefault(uint256);liquidate(uint256);markOverdue(uint256);"
            "onCollected(uint256,address,uint256);onImpaired(uint256);payDeposit(uint256,uint64);recordLoss(uint256);"
            "withdrawUnclaimed(address,address);writeOff(uint256);"
            "forcedWithdraw(address,address,address,uint256,bytes32);"
            "forcedWithdrawDeposit(uint256,address,uint64,bytes32)"
        );
        _target(address(market), "cancelQuote(uint256);putBack(uint256);withdrawUnclaimed(address,address)");
        _target(
            address(orders), "encumber(uint256,address);release(uint256);withdraw(uint256);invoice(uint256,uint256)"
        );
        _target(address(prices), "setCurrency(address,bytes3);withdraw(bytes32,bytes3);setAuthority(address)");
        _target(address(products), "close(uint256);setAuthority(address)");
        _target(address(credit), "revoke(uint256,bytes32);cancelSignature(bytes32)");
        _target(
            address(_campaigns),
            "cancel(uint256);release(uint256,bytes32);refund(uint256,address);withdrawUnclaimed(address,address);"
            "forcedWithdraw(address,address,address,uint256,bytes32)"
        );
        _target(
            address(cash),
            "transferFrom(address,address,uint256);burn(uint256);forcedTransfer(address,address,uint256,bytes32);"
            "mint(address,uint256);setAuthority(address)"
        );
    }

    function _target(address target, string memory list) private {
        _handler.addTarget(target, _split(bytes(list)));
    }

    function _split(bytes memory list) private pure returns (string[] memory parts) {
        uint256 count = 1;
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == ";") ++count;
        }
        parts = new string[](count);
        uint256 start;
        uint256 place;
        for (uint256 i; i <= list.length; ++i) {
            if (i != list.length && list[i] != ";") continue;
            bytes memory part = new bytes(i - start);
            for (uint256 j = start; j < i; ++j) {
                part[j - start] = list[j];
            }
            parts[place++] = string(part);
            start = i + 1;
        }
    }

    function _words() private {
        for (uint256 i; i < _parties.length; ++i) {
            _word(uint160(_parties[i]));
        }
        for (uint256 i; i < _ledger.length; ++i) {
            _word(uint160(_ledger[i]));
        }
        _word(uint160(address(_handler)));
        _word(uint160(vm.addr(666)));
        _word(uint160(address(access)));
        _word(uint160(address(cash)));
        for (uint256 i; i < 7; ++i) {
            _word(i);
        }
        for (uint256 i; i < _claims.length; ++i) {
            _word(_claims[i]);
        }
        _word(500_00);
        _word(1_000_00);
        _word(type(uint40).max);
        _word(type(uint64).max);
        _handler.addWord("CNY");
        _handler.addWord("order");
    }

    function _word(uint256 word) private {
        _handler.addWord(bytes32(word));
    }
}
