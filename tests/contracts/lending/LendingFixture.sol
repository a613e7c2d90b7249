// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Roles} from "../../../contracts/access/Roles.sol";
import {PurchaseOrders} from "../../../contracts/orders/PurchaseOrders.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {FacilitiesModule} from "../../../contracts/lending/FacilitiesModule.sol";
import {LoansModule} from "../../../contracts/lending/LoansModule.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {Products} from "../../../contracts/lending/Products.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {Receivables} from "../../../contracts/receivables/Receivables.sol";
import {CreditRegistry} from "../../../contracts/registry/CreditRegistry.sol";
import {ICreditRegistry} from "../../../contracts/registry/ICreditRegistry.sol";
import {RiskReserve} from "../../../contracts/risk/RiskReserve.sol";
import {PriceFeed} from "../../../contracts/risk/PriceFeed.sol";
import {ReferenceRates} from "../../../contracts/risk/ReferenceRates.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Everything for lending: products, facilities between bank and seller, an entruster, a platform.
abstract contract LendingFixture is Fixture {
    uint256 internal constant PLATFORM_KEY = 104;
    uint256 internal constant ENTRUSTER_KEY = 105;
    uint256 internal constant OTHER_BANK_KEY = 110;
    uint256 internal constant TIER_RATER_KEY = 111;
    address internal constant SECOND_OPERATOR = address(0xF6);
    uint8 internal constant BULLET = 1;
    uint8 internal constant ALL_STYLES = 15;

    Products internal products;
    Facilities internal facilities;
    CreditRegistry internal credit;
    PurchaseOrders internal orders;
    RiskReserve internal reserve;
    PriceFeed internal prices;
    ReferenceRates internal rates;
    WarehouseReceipts internal warehouseReceipts;
    address internal platform = vm.addr(PLATFORM_KEY);
    address internal entruster = vm.addr(ENTRUSTER_KEY);
    address internal otherBank = vm.addr(OTHER_BANK_KEY);
    uint256 private _facilityNonces;
    uint256 private _codes;

    function setUp() public virtual override {
        super.setUp();
        rates = new ReferenceRates(address(access), address(forwarder), registry, 0);
        _restrictTo(address(rates), rates.list.selector, Roles.OPERATOR);
        products = new Products(address(access), address(forwarder), registry, rates);
        _deployDependencies();
        facilities = _deployFacilities(credit, products, receivables, orders, reserve, prices, warehouseReceipts);
        access.grantRole(Roles.OPERATOR, SECOND_OPERATOR, 0);
        reserve.bind(address(facilities));
        bytes4[5] memory restricted = [
            products.add.selector,
            products.propose.selector,
            products.approve.selector,
            products.close.selector,
            products.setHolidays.selector
        ];
        for (uint256 i; i < restricted.length; ++i) {
            _restrictTo(address(products), restricted[i], Roles.OPERATOR);
        }
        vm.prank(REGISTRAR);
        registry.register(keccak256("facilities"), 256, type(uint64).max, address(facilities));
        _party(platform, 16);
        _party(entruster, 1);
        _party(otherBank, 4);
        address[7] memory approving = [seller, debtor, bank, platform, entruster, otherBank, suppliers[0]];
        for (uint256 i; i < approving.length; ++i) {
            vm.startPrank(approving[i]);
            cash.approve(address(facilities), type(uint256).max);
            cash.approve(address(reserve), type(uint256).max);
            receivables.setApprovalForAll(address(facilities), true);
            warehouseReceipts.setApprovalForAll(address(facilities), true);
            vm.stopPrank();
        }
    }

    function _deployDependencies() private {
        credit = new CreditRegistry(address(forwarder), registry);
        orders = new PurchaseOrders(address(forwarder), receivables);
        reserve = new RiskReserve(address(access), address(forwarder), registry);
        prices = new PriceFeed(address(access), address(forwarder), registry);
        warehouseReceipts = _newWarehouseReceipts(registry, 0);
        prices.setCurrency(address(cash), "CNY");
        _restrictTo(address(prices), prices.setCurrency.selector, Roles.OPERATOR);
        _restrictTo(address(prices), prices.list.selector, Roles.OPERATOR);
        _restrictTo(address(reserve), reserve.setCap.selector, Roles.OPERATOR);
        _restrictTo(address(reserve), reserve.agreeSharing.selector, Roles.OPERATOR);
        _restrictTo(address(reserve), reserve.endSharing.selector, Roles.OPERATOR);
    }

    function _deployFacilities(
        CreditRegistry credit_,
        Products products_,
        Receivables receivables_,
        PurchaseOrders orders_,
        RiskReserve reserve_,
        PriceFeed prices_,
        WarehouseReceipts warehouseReceipts_
    ) internal returns (Facilities) {
        FacilitiesModule module = new FacilitiesModule(
            address(forwarder), credit_, products_, receivables_, orders_, reserve_, prices_, warehouseReceipts_
        );
        LoansModule loansModule = new LoansModule(
            address(forwarder), credit_, products_, receivables_, orders_, reserve_, prices_, warehouseReceipts_
        );
        return new Facilities(
            address(forwarder),
            credit_,
            products_,
            receivables_,
            orders_,
            reserve_,
            prices_,
            warehouseReceipts_,
            address(module),
            address(loansModule)
        );
    }

    function _restrictTo(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        access.setTargetFunctionRole(target, selectors, role);
    }

    function _today() internal view returns (uint24) {
        return uint24(block.timestamp / DAY);
    }

    function _plainProduct() internal view returns (IProducts.ProductTerms memory terms) {
        terms.currency = address(cash);
        terms.funding = IProducts.Funding.Bank;
        terms.styles = 23; // all but BillingCycle
        terms.monthsPerPeriod = 1;
        terms.revolving = true;
        terms.graceDays = 3;
        terms.maxRate = 240_000;
        terms.dayCount = 360;
        terms.penaltyMultiple = 1_500_000;
        terms.minDays = 1;
        terms.maxDays = 360;
        terms.months = (1 << 3) | (1 << 6) | (1 << 12);
        terms.borrowerLimit = 10_000_000_00;
        terms.programmeLimit = 100_000_000_00;
        terms.legalTextHash = keccak256("text");
        terms.ruleSetHash = keccak256("cn");
    }

    function _claimProduct() internal view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.collateral = IProducts.CollateralKind.Claim;
        terms.advanceRate = 800_000;
    }

    function _goodsOf(IProducts.CollateralKind collateral) internal pure returns (IProducts.GoodsTerms memory goods) {
        if (collateral != IProducts.CollateralKind.WarehouseReceipt) return goods;
        return IProducts.GoodsTerms({
            callLevel: 950_000,
            liquidationLevel: 850_000,
            cureDays: 5,
            auctionDays: 3,
            auctionStart: 1_200_000,
            auctionFloor: 400_000,
            hedgeShare: 0
        });
    }

    function _fixedRate() internal pure returns (IProducts.FloatingTerms memory) {}

    function _noEvidence() internal pure returns (IProducts.EvidenceTerms memory) {}

    function _billProduct() internal view returns (IProducts.ProductTerms memory terms) {
        terms = _plainProduct();
        terms.styles = 8;
        terms.cycle = IProducts.Cycle.Monthly;
        terms.freeDays = 21;
        terms.maxFreeDays = 51;
    }

    function _add(IProducts.ProductTerms memory terms) internal returns (ProductId) {
        vm.prank(OPERATOR);
        return products.add(bytes32(++_codes), terms, _goodsOf(terms.collateral), _fixedRate(), _noEvidence());
    }

    function _facilityTerms(ProductId productId, uint24 rate, uint64 limit)
        internal
        returns (IFacilities.FacilityTerms memory terms)
    {
        (uint32 version,) = products.current(productId);
        terms.productId = ProductId.unwrap(productId);
        terms.version = version;
        terms.lender = bank;
        terms.borrower = seller;
        terms.annualRate = rate;
        terms.limit = limit;
        terms.firstDay = _today();
        terms.lastDay = _today() + 720;
        terms.correctionDays = 10;
        terms.legalTextHash = keccak256("text");
        terms.deadline = _deadline();
        terms.nonce = ++_facilityNonces;
    }

    /// A rater attests a tier with a limit in CNY, for good.
    function _rate(address account, uint8 tier, uint64 limit) internal {
        address rater = vm.addr(TIER_RATER_KEY);
        if (registry.partyOf(rater).isNull()) _party(rater, 32);
        ICreditRegistry.CreditAttestation memory attestation = ICreditRegistry.CreditAttestation({
            partyId: PartyId.unwrap(registry.partyOf(account)),
            rater: rater,
            tier: tier,
            currency: "CNY",
            limit: limit,
            tradingSinceDay: _today() - 400,
            modelVersion: "",
            evidenceRoot: "",
            issuedAt: uint40(block.timestamp),
            expiresAt: type(uint40).max
        });
        credit.attest(attestation, _signed(TIER_RATER_KEY, credit.attestationDigest(attestation)));
    }

    /// The deadline of what is signed now.
    function _deadline() internal view returns (uint40) {
        return uint40(block.timestamp + 30 days);
    }

    function _keyOf(address account) internal view returns (uint256) {
        if (account == bank) return BANK_KEY;
        if (account == platform) return PLATFORM_KEY;
        if (account == entruster) return ENTRUSTER_KEY;
        if (account == otherBank) return OTHER_BANK_KEY;
        if (account == debtor) return DEBTOR_KEY;
        return SELLER_KEY;
    }

    function _agree(IFacilities.FacilityTerms memory terms) internal returns (FacilityId) {
        bytes32 digest = facilities.facilityDigest(terms);
        bytes memory third = terms.entruster == address(0) ? bytes("") : _signed(_keyOf(terms.entruster), digest);
        return
            facilities.agree(
                terms, _signed(_keyOf(terms.lender), digest), _signed(_keyOf(terms.borrower), digest), third
            );
    }

    function _agreedFacility(ProductId productId, uint24 rate, uint64 limit) internal returns (FacilityId) {
        return _agree(_facilityTerms(productId, rate, limit));
    }

    function _request(FacilityId facilityId, uint64 amount, LoanMath.Style style, uint16 tenor, uint256 collateralId)
        internal
        pure
        returns (ILoans.DrawRequest memory)
    {
        return ILoans.DrawRequest(
            FacilityId.unwrap(facilityId), amount, style, tenor, 0, LoanMath.AfterPrepayment.PayAhead, collateralId
        );
    }

    function _draw(FacilityId facilityId, uint64 amount, LoanMath.Style style, uint16 tenor, uint256 collateralId)
        internal
        returns (LoanId loanId)
    {
        vm.prank(seller);
        loanId = facilities.draw(_request(facilityId, amount, style, tenor, collateralId));
    }

    function _bullet(FacilityId facilityId, uint64 amount, uint16 tenor) internal returns (LoanId) {
        return _draw(facilityId, amount, LoanMath.Style.Bullet, tenor, 0);
    }

    function _repay(LoanId loanId, uint64 amount) internal returns (LoanMath.Parts memory) {
        vm.prank(seller);
        return facilities.repay(loanId, amount);
    }

    function _sum(LoanMath.Parts memory parts) internal pure returns (uint256) {
        return uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
    }

    function _days(uint256 count) internal {
        vm.warp(block.timestamp + count * DAY);
    }
}
