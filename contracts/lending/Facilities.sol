// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {IClaimCollector} from "../receivables/IClaimCollector.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IWarehouseReceiptLienholder} from "../warehouse/IWarehouseReceiptLienholder.sol";
import {IWarehouseReceipts} from "../warehouse/IWarehouseReceipts.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ICreditRegistry} from "../registry/ICreditRegistry.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {IPriceFeed} from "../risk/IPriceFeed.sol";
import {IReserveClient, IRiskReserve} from "../risk/IRiskReserve.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, WarehouseReceiptId, ReceivableId} from "../types/Ids.sol";
import {Book, LendingContext} from "./FacilityBook.sol";
import {Conversion} from "./collateral/Conversion.sol";
import {FacilityAgreement} from "./FacilityAgreement.sol";
import {GoodsAuction} from "./liquidation/GoodsAuction.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {IProducts} from "./IProducts.sol";
import {IdleLiens} from "./collateral/IdleLiens.sol";
import {LoanBuyBack} from "./liquidation/LoanBuyBack.sol";
import {LoanBatch} from "./LoanBatch.sol";
import {LoanChanges} from "./LoanChanges.sol";
import {LoanDraw} from "./LoanDraw.sol";
import {LoanGoods} from "./collateral/LoanGoods.sol";
import {LoanInKind} from "./collateral/LoanInKind.sol";
import {LoanLiquidation} from "./liquidation/LoanLiquidation.sol";
import {LoanLoss} from "./LoanLoss.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {MarginCall} from "./collateral/MarginCall.sol";

/// @title Facilities that both parties signed, and the loans drawn on them.
/// @notice See {IFacilities} for the specification.
/// @dev This contract is a party of the registry itself, as every lienholder must be. It holds deposits and unclaimed
/// money, nothing else.
contract Facilities is IFacilities, IReserveClient, ERC2771Context, EIP712 {
    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @notice The credit tiers of borrowers.
    ICreditRegistry public immutable credit;

    /// @notice The catalogue of products.
    IProducts public immutable products;

    /// @notice The debts and the claims on them.
    Receivables public immutable receivables;

    /// @notice The purchase orders.
    IPurchaseOrders public immutable orders;

    /// @notice The reserve that bears losses.
    IRiskReserve public immutable reserve;

    /// @notice The prices of goods and currencies.
    IPriceFeed public immutable prices;

    /// @notice The warehouse receipts and their lots.
    IWarehouseReceipts public immutable warehouseReceipts;
    /// @notice Days from a loan's last due day until the lender may write it off.
    uint256 public immutable writeOffDays;
    uint256 private immutable _zoneOffset;
    Book private _book;

    constructor(
        address forwarder,
        ICreditRegistry credit_,
        IProducts products_,
        Receivables receivables_,
        IPurchaseOrders orders_,
        IRiskReserve reserve_,
        IPriceFeed prices_,
        IWarehouseReceipts warehouseReceipts_
    ) ERC2771Context(forwarder) EIP712("Cession Facilities", "1") {
        registry = receivables_.registry();
        credit = credit_;
        products = products_;
        receivables = receivables_;
        orders = orders_;
        reserve = reserve_;
        prices = prices_;
        warehouseReceipts = warehouseReceipts_;
        writeOffDays = receivables_.writeOffDays();
        _zoneOffset = receivables_.zoneOffset();
    }

    // ------------------------------------------------------------------ facilities

    /// @inheritdoc IFacilities
    function agree(
        FacilityTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature,
        bytes calldata entrusterSignature
    ) external returns (FacilityId) {
        return FacilityAgreement.agree(
            _book, _context(), _domainSeparatorV4(), terms, [lenderSignature, borrowerSignature, entrusterSignature]
        );
    }

    /// @inheritdoc IFacilities
    function payDeposit(FacilityId facilityId, uint64 amount) external {
        FacilityAgreement.payDeposit(_book, _context(), facilityId, amount);
    }

    /// @inheritdoc IFacilities
    function close(FacilityId facilityId) external {
        FacilityAgreement.close(_book, _context(), facilityId);
    }

    /// @inheritdoc IFacilities
    function acceptDebtor(FacilityId facilityId, address debtor, bool accepted) external {
        FacilityAgreement.acceptDebtor(_book, _context(), facilityId, debtor, accepted);
    }

    /// @inheritdoc IFacilities
    function cancelSignature(bytes32 digest) external {
        SignedTerms.cancel(_book.signedTerms, _msgSender(), digest);
    }

    // ------------------------------------------------------------------ loans

    /// @inheritdoc ILoans
    function draw(DrawRequest calldata request) external returns (LoanId) {
        return LoanDraw.draw(_book, _context(), request);
    }

    /// @inheritdoc ILoans
    function drawOnGoods(DrawRequest calldata request, CollateralItem[] calldata items) external returns (LoanId) {
        return LoanDraw.drawOnGoods(_book, _context(), request, items);
    }

    /// @inheritdoc ILoans
    function repay(LoanId loanId, uint64 amount) external returns (LoanMath.Parts memory parts) {
        LendingContext memory context = _context();
        // If the payment fails, whoever's fault it is, everything that it changed is undone.
        try LoanMoney.repay(_book, context, loanId, amount) returns (LoanMath.Parts memory paid) {
            return paid;
        } catch (bytes memory reason) {
            LoanMoney.noteStop(_book, context, loanId, reason);
        }
    }

    /// @inheritdoc ILoans
    function repayMany(LoanId[] calldata loanIds, uint64 amount) external returns (uint64) {
        return LoanBatch.repayMany(_book, _context(), loanIds, amount);
    }

    /// @inheritdoc ILoans
    function accrue(LoanId loanId) external {
        LoanChanges.accrue(_book, _context(), loanId);
    }

    /// @inheritdoc ILoans
    function extend(Extension calldata extension, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        LoanChanges.extend(_book, _context(), _domainSeparatorV4(), extension, [lenderSignature, borrowerSignature]);
    }

    /// @inheritdoc ILoans
    function payInInstalments(LoanId[] calldata loanIds, uint8 months) external {
        LoanChanges.payInInstalments(_book, _context(), loanIds, months);
    }

    /// @inheritdoc ILoans
    function setOff(SetOff calldata setOff_, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        LoanChanges.setOff(_book, _context(), _domainSeparatorV4(), setOff_, [lenderSignature, borrowerSignature]);
    }

    /// @inheritdoc ILoans
    function chargeCosts(
        LoanId loanId,
        uint64 amount,
        bytes32 evidenceHash,
        uint40 deadline,
        uint256 nonce,
        bytes calldata borrowerSignature
    ) external {
        bytes32 digest = costsDigest(loanId, amount, evidenceHash, deadline, nonce);
        LoanChanges.chargeCosts(_book, _context(), digest, deadline, loanId, amount, evidenceHash, borrowerSignature);
    }

    // ------------------------------------------------------------------ collateral

    /// @inheritdoc ICollateral
    function convertToClaim(LoanId loanId, ReceivableId receivableId, ClaimId claimId, bytes calldata debtorSignature)
        external
        returns (ClaimId)
    {
        return Conversion.convertToClaim(_book, _context(), loanId, receivableId, claimId, debtorSignature);
    }

    /// @inheritdoc IClaimCollector
    function onCollected(ClaimId claimId, address owner, uint256 amount) external {
        LoanMoney.onCollected(_book, _context(), claimId, owner, amount);
    }

    /// @inheritdoc ICollateral
    function substituteCollateral(LoanId loanId, CollateralItem[] calldata added, CollateralItem[] calldata removed)
        external
    {
        LoanGoods.substituteCollateral(_book, _context(), loanId, added, removed);
    }

    /// @inheritdoc ICollateral
    function convertToGoods(
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        WarehouseReceiptId warehouseReceiptId
    ) external {
        Conversion.convertToGoods(_book, _context(), loanId, delivery, buyerSignature, warehouseReceiptId);
    }

    /// @inheritdoc ICollateral
    function convertGoodsToClaim(
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        WarehouseReceiptId warehouseReceiptId,
        uint96 quantity
    ) external returns (ClaimId) {
        CollateralItem memory goods = CollateralItem(
            IProducts.CollateralKind.WarehouseReceipt, WarehouseReceiptId.unwrap(warehouseReceiptId), quantity
        );
        return Conversion.convertGoodsToClaim(_book, _context(), loanId, receivableId, claimId, debtorSignature, goods);
    }

    /// @inheritdoc ICollateral
    function settleInKind(InKind calldata inKind, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        LoanInKind.settleInKind(_book, _context(), _domainSeparatorV4(), inKind, [lenderSignature, borrowerSignature]);
    }

    /// @inheritdoc ICollateral
    function releaseIdleLien(IProducts.CollateralKind kind, uint256 id) external {
        IdleLiens.release(_book, _context(), kind, id);
    }

    /// @inheritdoc ICollateral
    function followPart(IProducts.CollateralKind kind, uint256 id) external {
        IdleLiens.followPart(_book, _context(), kind, id);
    }

    // ------------------------------------------------------------------ margin

    /// @inheritdoc ICollateral
    function checkMargin(LoanId loanId) external {
        MarginCall.check(_book, _context(), loanId);
    }

    /// @inheritdoc IWarehouseReceiptLienholder
    function onImpaired(WarehouseReceiptId warehouseReceiptId) external {
        MarginCall.onImpaired(_book, _context(), warehouseReceiptId);
    }

    /// @inheritdoc ILiquidation
    function agreeBuyBack(BuyBack calldata terms, bytes calldata undertakerSignature) external {
        LoanBuyBack.agreeBuyBack(_book, _context(), _domainSeparatorV4(), terms, undertakerSignature);
    }

    /// @inheritdoc ILiquidation
    function liquidate(LoanId loanId) external {
        LoanLiquidation.liquidate(_book, _context(), loanId);
    }

    /// @inheritdoc ILiquidation
    function bid(LoanId loanId, uint64 maxPrice) external returns (uint64) {
        return LoanLiquidation.bid(_book, _context(), loanId, maxPrice);
    }

    /// @inheritdoc ILiquidation
    function callBuyBack(LoanId loanId) external returns (uint64) {
        return LoanBuyBack.callBuyBack(_book, _context(), loanId);
    }

    // ------------------------------------------------------------------ loss

    /// @inheritdoc ILoans
    function markOverdue(LoanId loanId) external {
        LoanLoss.markOverdue(_book, _context(), loanId);
    }

    /// @inheritdoc ILoans
    function declareDefault(LoanId loanId) external {
        LoanLoss.declareDefault(_book, _context(), loanId);
    }

    /// @inheritdoc ILoans
    function recordLoss(LoanId loanId) external returns (uint64) {
        return LoanLoss.recordLoss(_book, _context(), loanId);
    }

    /// @inheritdoc ILoans
    function writeOff(LoanId loanId) external {
        LoanLoss.writeOff(_book, _context(), loanId, writeOffDays);
    }

    /// @inheritdoc ILoans
    function declareDebtDefault(LoanId loanId) external {
        LoanLoss.declareDebtDefault(_book, _context(), loanId);
    }

    /// @inheritdoc IFacilities
    function withdrawUnclaimed(address to, address currency) external returns (uint256) {
        return LoanMoney.withdrawUnclaimed(_book, _context(), to, currency);
    }

    /// @inheritdoc IFacilities
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external {
        LoanMoney.forcedWithdraw(_book, _context(), from, currency, to, amount, orderHash);
    }

    /// @inheritdoc IFacilities
    function forcedWithdrawDeposit(FacilityId facilityId, address to, uint64 amount, bytes32 orderHash) external {
        FacilityAgreement.forcedWithdrawDeposit(_book, _context(), facilityId, to, amount, orderHash);
    }

    /// @inheritdoc IFacilities
    function checkCurrency(address currency) external returns (bool) {
        return LoanMoney.checkCurrency(_book, _context(), currency);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IFacilities
    function facility(FacilityId facilityId) external view returns (Facility memory) {
        return FacilityAgreement.facilityOf(_book, facilityId);
    }

    /// @inheritdoc ILoans
    function loan(LoanId loanId) external view returns (Loan memory) {
        return LoanChanges.loanOf(_book, _context(), loanId);
    }

    /// @inheritdoc IReserveClient
    function loanCount() external view returns (uint256) {
        return _book.loanCount;
    }

    /// @inheritdoc IReserveClient
    function dayOf(uint256 timestamp) public view returns (uint256) {
        return (timestamp + _zoneOffset) / 1 days;
    }

    /// @inheritdoc IReserveClient
    function isReservePooled(ProductId productId) external view returns (bool) {
        (uint32 version,) = products.current(productId);
        return products.terms(productId, version).reservePooled;
    }

    /// @inheritdoc ICollateral
    function loanOfClaim(ClaimId claimId) external view returns (LoanId) {
        return _book.loanOfClaim[claimId];
    }

    /// @inheritdoc ICollateral
    function loanOfOrder(OrderId orderId) external view returns (LoanId) {
        return _book.loanOfOrder[orderId];
    }

    /// @inheritdoc ICollateral
    function loanOfWarehouseReceipt(WarehouseReceiptId warehouseReceiptId) external view returns (LoanId) {
        return _book.loanOfWarehouseReceipt[warehouseReceiptId];
    }

    /// @inheritdoc ICollateral
    function collateralOf(LoanId loanId) external view returns (CollateralState memory) {
        return GoodsAuction.collateralOf(_book, _context(), loanId);
    }

    /// @inheritdoc ILiquidation
    function saleOf(LoanId loanId) external view returns (CollateralItem[] memory, uint64, uint24) {
        return GoodsAuction.saleOf(_book, _context(), loanId);
    }

    /// @inheritdoc ILiquidation
    function buyBackOf(FacilityId facilityId) external view returns (BuyBackUndertaking memory) {
        return _book.buyBacks[facilityId];
    }

    /// @inheritdoc ICollateral
    function inKindDigest(InKind calldata inKind) external view returns (bytes32) {
        return LoanInKind.inKindDigest(_domainSeparatorV4(), inKind);
    }

    /// @inheritdoc ILiquidation
    function buyBackDigest(BuyBack calldata terms) external view returns (bytes32) {
        return LoanBuyBack.buyBackDigest(_domainSeparatorV4(), terms);
    }

    /// @inheritdoc IFacilities
    function acceptsDebtor(FacilityId facilityId, address debtor) external view returns (bool) {
        return _book.accepted[facilityId][registry.partyOf(debtor)];
    }

    /// @inheritdoc IFacilities
    function currencyClock(address currency) external view returns (CurrencyClock.Clock memory) {
        return _book.clocks[currency];
    }

    /// @inheritdoc IFacilities
    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue) {
        return (_book.programmes[productId].outstanding, _book.programmes[productId].overdue);
    }

    /// @inheritdoc IFacilities
    function unclaimedOf(address party, address currency) external view returns (uint256) {
        return LoanMoney.unclaimedOf(_book, registry, party, currency);
    }

    /// @inheritdoc IFacilities
    function facilityDigest(FacilityTerms calldata terms) external view returns (bytes32) {
        return FacilityAgreement.digestOf(_domainSeparatorV4(), terms);
    }

    /// @inheritdoc ILoans
    function setOffDigest(SetOff calldata setOff_) external view returns (bytes32) {
        return LoanChanges.setOffDigest(_domainSeparatorV4(), setOff_);
    }

    /// @inheritdoc ILoans
    function extensionDigest(Extension calldata extension) external view returns (bytes32) {
        return LoanChanges.extensionDigest(_domainSeparatorV4(), extension);
    }

    /// @inheritdoc ILoans
    function costsDigest(LoanId loanId, uint64 amount, bytes32 evidenceHash, uint40 deadline, uint256 nonce)
        public
        view
        returns (bytes32)
    {
        return LoanChanges.costsDigest(_domainSeparatorV4(), loanId, amount, evidenceHash, deadline, nonce);
    }

    /// @notice Whether this contract supports an interface (ERC-165).
    /// @param interfaceId The interface.
    /// @return True for {IClaimCollector}, {IWarehouseReceiptLienholder} and ERC-165 itself.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IClaimCollector).interfaceId
            || interfaceId == type(IWarehouseReceiptLienholder).interfaceId || interfaceId == 0x01ffc9a7;
    }

    function _today() private view returns (uint256) {
        return dayOf(block.timestamp);
    }

    function _context() private view returns (LendingContext memory) {
        return LendingContext(
            registry, credit, products, receivables, orders, reserve, prices, warehouseReceipts, _today(), _msgSender()
        );
    }
}
