// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Roles} from "../../../contracts/access/Roles.sol";
import {IReserveClient, IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {RiskReserve} from "../../../contracts/risk/RiskReserve.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// A currency whose issuer refuses accounts and takes fees as the test sets.
contract FickleCurrency is ERC20("Fickle", "CNY") {
    mapping(address account => bool) public refused;
    uint256 public fee;

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function refuse(address account, bool isRefused) external {
        refused[account] = isRefused;
    }

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!refused[from] && !refused[to], "refused");
        if (from != address(0) && amount != 0 && fee != 0) {
            super._update(from, address(0xFEE), fee);
            amount -= fee;
        }
        super._update(from, to, amount);
    }
}

/// A reserve whose Facilities is this test: each function is called as Facilities calls it.
abstract contract ReserveFixture is Fixture, IReserveClient {
    uint256 internal constant FIRST_KEY = 107;
    uint256 internal constant SECOND_KEY = 108;
    uint256 internal constant INSURER_KEY = 109;
    uint64 internal constant CAP = 5_000_00;
    ProductId internal constant PRODUCT = ProductId.wrap(7);
    FacilityId internal constant FACILITY = FacilityId.wrap(3);
    address internal constant FRIEND = address(0xC1);

    RiskReserve internal reserve;
    FickleCurrency internal money;
    address internal first = vm.addr(FIRST_KEY);
    address internal second = vm.addr(SECOND_KEY);
    address internal insurer = vm.addr(INSURER_KEY);
    address internal lender;
    address internal otherLender;
    address internal borrower;
    uint256 public loanCount;
    bool internal pooled;
    uint256 private _signed_;

    function setUp() public virtual override {
        super.setUp();
        reserve = new RiskReserve(address(access), address(forwarder), registry);
        reserve.bind(address(this));
        _restrictTo(reserve.setCap.selector);
        _restrictTo(reserve.agreeSharing.selector);
        _restrictTo(reserve.endSharing.selector);
        money = new FickleCurrency();
        (lender, otherLender, borrower) = (bank, suppliers[0], seller);
        _party(first, 1);
        _party(second, 1);
        _party(insurer, 1);
        _party(FRIEND, 1);
        address[7] memory accounts = [lender, otherLender, borrower, first, second, insurer, FRIEND];
        for (uint256 i; i < accounts.length; ++i) {
            money.give(accounts[i], 1_000_000_00);
            vm.prank(accounts[i]);
            money.approve(address(reserve), type(uint256).max);
        }
        vm.prank(OPERATOR);
        reserve.setCap(PRODUCT, address(money), CAP);
    }

    function _restrictTo(bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        access.setTargetFunctionRole(address(reserve), selectors, Roles.OPERATOR);
    }

    // ------------------------------------------------------------------ what Facilities answers

    function dayOf(uint256 timestamp) public pure returns (uint256) {
        return timestamp / DAY;
    }

    function isReservePooled(ProductId) external view returns (bool) {
        return pooled;
    }

    function isOpenedBySale(FacilityId) external pure returns (bool) {
        return false;
    }

    function isShared(LoanId) external pure returns (bool) {
        return false;
    }

    function onLossPaid(LoanId, uint256) external pure {
        revert("no loan of this client has participants");
    }

    // ------------------------------------------------------------------ steps

    /// A loan drawn today: its number.
    function _drawn() internal returns (LoanId) {
        return LoanId.wrap(++loanCount);
    }

    function _report(LoanId loanId, uint64 loss) internal view returns (IRiskReserve.LossReport memory) {
        return IRiskReserve.LossReport({
            loanId: loanId,
            facilityId: FACILITY,
            productId: PRODUCT,
            currency: address(money),
            lender: lender,
            administrator: lender,
            borrower: borrower,
            loss: loss,
            drawnDay: uint24(block.timestamp / DAY),
            pooled: pooled,
            insured: lender,
            own: 0
        });
    }

    /// A loan drawn now that fails 30 days later.
    function _lost(uint64 loss) internal returns (LoanId loanId) {
        loanId = _drawn();
        IRiskReserve.LossReport memory report = _report(loanId, loss);
        vm.warp(block.timestamp + 30 days);
        reserve.recordLoss(report);
    }

    /// Facilities moves the money, then says so.
    function _recover(LoanId loanId, uint64 amount) internal {
        vm.prank(borrower);
        money.transfer(address(reserve), amount);
        reserve.recover(loanId, amount);
    }

    function _feed(address from, uint64 amount) internal {
        reserve.feed(PRODUCT, address(money), from, amount, pooled);
    }

    function _balance(address account) internal view returns (uint64) {
        return reserve.balanceOf(PRODUCT, address(money), account);
    }

    function _sharing(address sharer, uint24 part, uint64 cap) internal returns (IRiskReserve.SharingTerms memory) {
        return IRiskReserve.SharingTerms({
            productId: ProductId.unwrap(PRODUCT),
            sharer: sharer,
            currency: address(money),
            part: part,
            cap: cap,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: ++_signed_
        });
    }

    function _keyOf(address account) internal view returns (uint256) {
        if (account == first) return FIRST_KEY;
        if (account == second) return SECOND_KEY;
        if (account == insurer) return INSURER_KEY;
        if (account == borrower) return SELLER_KEY;
        return BANK_KEY;
    }

    function _agreeSharing(IRiskReserve.SharingTerms memory terms) internal {
        bytes memory signature = _signed(_keyOf(terms.sharer), reserve.sharingDigest(terms));
        vm.prank(OPERATOR);
        reserve.agreeSharing(terms, signature);
    }

    function _share(address sharer, uint24 part, uint64 cap) internal {
        _agreeSharing(_sharing(sharer, part, cap));
    }

    function _insurance(uint64 insuredAmount) internal returns (IRiskReserve.InsuranceTerms memory) {
        return IRiskReserve.InsuranceTerms({
            facilityId: FacilityId.unwrap(FACILITY),
            insurer: insurer,
            insured: lender,
            currency: address(money),
            insuredAmount: insuredAmount,
            validFrom: uint40(block.timestamp),
            validUntil: uint40(block.timestamp + 720 days),
            legalTextHash: keccak256("text"),
            deadline: uint40(block.timestamp + 1 days),
            nonce: ++_signed_
        });
    }

    function _agreeInsurance(IRiskReserve.InsuranceTerms memory terms) internal {
        bytes32 digest = reserve.insuranceDigest(terms);
        reserve.agreeInsurance(terms, _signed(_keyOf(terms.insurer), digest), _signed(_keyOf(terms.insured), digest));
    }

    function _insure(uint64 insuredAmount) internal {
        _agreeInsurance(_insurance(insuredAmount));
    }

    function _group(address account, uint32 number) internal {
        vm.startPrank(REGISTRAR);
        registry.setGroup(registry.partyOf(account), number);
        vm.stopPrank();
    }

    function _relate(address accountId, address other) internal {
        _group(accountId, 77);
        _group(other, 77);
    }

    function _freeze(address account, bool frozen) internal {
        vm.startPrank(address(court));
        registry.freeze(registry.partyOf(account), frozen, keccak256("order"));
        vm.stopPrank();
    }

    function _invalid(address account) internal {
        _freeze(account, true);
    }

    function _loss(LoanId loanId) internal view returns (IRiskReserve.Loss memory loss) {
        loss = reserve.lossOf(loanId);
        assertEq(
            uint256(loss.fromReserve) + loss.fromSharers + loss.fromInsurer + loss.borne,
            loss.loss,
            "absorbed and borne"
        );
    }
}
