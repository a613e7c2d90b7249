// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimCollector} from "../receivables/IClaimCollector.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IWarehouseReceiptLienholder} from "../warehouse/IWarehouseReceiptLienholder.sol";
import {IWarehouseReceipts} from "../warehouse/IWarehouseReceipts.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {HedgeMath} from "../math/HedgeMath.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ICreditRegistry} from "../registry/ICreditRegistry.sol";
import {IPriceFeed} from "../risk/IPriceFeed.sol";
import {IReserveClient, IRiskReserve} from "../risk/IRiskReserve.sol";
import {ModuleCaller} from "../tokens/ModuleCaller.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    OrderId,
    PartyId,
    ProductId,
    WarehouseReceiptId,
    ReceivableId
} from "../types/Ids.sol";
import {PARTICIPATED} from "../types/LoanTermsWord.sol";
import {LendingContext} from "./FacilityBook.sol";
import {Conversion} from "./collateral/Conversion.sol";
import {FacilityAgreement} from "./FacilityAgreement.sol";
import {FacilityStore} from "./FacilityStore.sol";
import {IDrawControl} from "./IDrawControl.sol";
import {IDrawEvidence} from "./IDrawEvidence.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoanRates} from "./ILoanRates.sol";
import {IServiceFees} from "./IServiceFees.sol";
import {ILoans} from "./ILoans.sol";
import {ILoanParticipations} from "./ILoanParticipations.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {IHedges} from "./collateral/IHedges.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {IProducts} from "./IProducts.sol";
import {LoanBatch} from "./LoanBatch.sol";
import {IPostings} from "./IPostings.sol";
import {IRestructuring} from "./IRestructuring.sol";
import {ITradeRecord} from "./ITradeRecord.sol";
import {LoanChanges} from "./LoanChanges.sol";
import {LoanDraw} from "./LoanDraw.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {MarginCall} from "./collateral/MarginCall.sol";

/// @title Facilities that both parties signed, and the loans drawn on them.
/// @notice See {IFacilities} for the specification.
/// @dev This contract is a party of the registry itself, as every lienholder must be. It holds deposits and unclaimed
/// money, nothing else. The everyday functions are here. The rest are in FacilitiesModule and
/// LoansModule, which run on this storage.
contract Facilities is IFacilities, IReserveClient, FacilityStore, ModuleCaller {
    /// @notice The contract with the code of the functions that change a loan and are not called every day.
    address public immutable loansModule;

    constructor(
        address forwarder,
        ICreditRegistry credit_,
        IProducts products_,
        Receivables receivables_,
        IPurchaseOrders orders_,
        IRiskReserve reserve_,
        IPriceFeed prices_,
        IWarehouseReceipts warehouseReceipts_,
        address module_,
        address loansModule_
    )
        FacilityStore(forwarder, credit_, products_, receivables_, orders_, reserve_, prices_, warehouseReceipts_)
        ModuleCaller(module_)
    {
        _requireCode(loansModule_);
        loansModule = loansModule_;
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
        _toModule();
    }

    /// @inheritdoc IFacilities
    function close(FacilityId facilityId) external {
        _toModule();
    }

    /// @inheritdoc IFacilities
    function acceptDebtor(FacilityId facilityId, address debtor, bool accepted) external {
        _toModule();
    }

    /// @inheritdoc IFacilities
    function cancelSignature(bytes32 digest) external {
        _toModule();
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
        _toLoansModule();
    }

    /// @inheritdoc ILoans
    function payInInstalments(LoanId[] calldata loanIds, uint8 months, uint64 renounced) external {
        _toLoansModule();
    }

    /// @inheritdoc ILoans
    function setOff(SetOff calldata setOff_, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        _toLoansModule();
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
        _toLoansModule();
    }

    // ------------------------------------------------------------------ corrections

    /// @inheritdoc IPostings
    function recordPayment(Payment calldata payment, History calldata history) external {
        _toLoansModule();
    }

    /// @inheritdoc IPostings
    function correctPayment(
        Correction calldata correction,
        History calldata history,
        History calldata toHistory,
        bytes calldata borrowerSignature
    ) external {
        _toLoansModule();
    }

    /// @inheritdoc IPostings
    function runHistory(LoanId loanId, uint256 added, uint256 removed, History calldata history) external {
        _toLoansModule();
    }

    /// @inheritdoc IPostings
    function refundOverpayment(LoanId loanId, uint64 amount, bytes32 bankReference) external {
        _toLoansModule();
    }

    /// @inheritdoc IPostings
    function postingsOf(LoanId loanId) external view returns (PostingsState memory) {
        _askLoansModule();
    }

    /// @inheritdoc IPostings
    function correctionDigest(Correction calldata correction) external view returns (bytes32) {
        _askLoansModule();
    }

    // ------------------------------------------------------------------ floating rates

    /// @inheritdoc ILoanRates
    function resetRate(LoanId loanId, History calldata history) external {
        _toLoansModule();
    }

    /// @inheritdoc ILoanRates
    function floatingOf(LoanId loanId) external view returns (FloatingLoan memory) {
        _askLoansModule();
    }

    // ------------------------------------------------------------------ service fees

    /// @inheritdoc IServiceFees
    function waiveServiceFees(LoanId loanId, uint64 amount) external {
        _toLoansModule();
    }

    /// @inheritdoc IServiceFees
    function serviceFeesOf(LoanId loanId) external view returns (OwedFees memory) {
        _askLoansModule();
    }

    /// @inheritdoc IServiceFees
    function facilityFeesOf(FacilityId facilityId) external view returns (FacilityFees memory) {
        _askLoansModule();
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
        _toModule();
    }

    /// @inheritdoc ICollateral
    function convertToGoods(
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        WarehouseReceiptId warehouseReceiptId
    ) external {
        _toModule();
    }

    /// @inheritdoc ICollateral
    function convertGoodsToClaim(
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        WarehouseReceiptId warehouseReceiptId,
        uint96 quantity
    ) external returns (ClaimId newClaimId) {
        _toModule();
    }

    /// @inheritdoc ICollateral
    function settleInKind(InKind calldata inKind, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        _toModule();
    }

    /// @inheritdoc ICollateral
    function releaseIdleLien(IProducts.CollateralKind kind, uint256 id) external {
        _toModule();
    }

    /// @inheritdoc ICollateral
    function followPart(IProducts.CollateralKind kind, uint256 id) external {
        _toModule();
    }

    // ------------------------------------------------------------------ hedges

    /// @inheritdoc IHedges
    function recordHedge(Hedge calldata hedge, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        _toModule();
    }

    /// @inheritdoc IHedges
    function closeHedge(LoanId loanId, bytes32 contractHash) external {
        _toModule();
    }

    /// @inheritdoc IHedges
    function hedgesOf(LoanId loanId) external view returns (HedgeMath.Hedge[] memory) {
        _askModule();
    }

    /// @inheritdoc IHedges
    function hedgeDigest(Hedge calldata hedge) external view returns (bytes32) {
        _askModule();
    }

    // ------------------------------------------------------------------ margin

    /// @inheritdoc ICollateral
    function checkMargin(LoanId loanId) external {
        _toModule();
    }

    /// @inheritdoc IWarehouseReceiptLienholder
    function onImpaired(WarehouseReceiptId warehouseReceiptId) external {
        MarginCall.onImpaired(_book, _context(), warehouseReceiptId);
    }

    /// @inheritdoc ILiquidation
    function agreeBuyBack(BuyBack calldata terms, bytes calldata undertakerSignature) external {
        _toModule();
    }

    /// @inheritdoc ILiquidation
    function liquidate(LoanId loanId) external {
        _toModule();
    }

    /// @inheritdoc ILiquidation
    function bid(LoanId loanId, uint64 maxPrice) external returns (uint64 price) {
        _toModule();
    }

    /// @inheritdoc ILiquidation
    function callBuyBack(LoanId loanId) external returns (uint64 price) {
        _toModule();
    }

    // ------------------------------------------------------------------ loss

    /// @inheritdoc ILoans
    function markOverdue(LoanId loanId) external {
        _toModule();
    }

    /// @inheritdoc ILoans
    function declareDefault(LoanId loanId) external {
        _toModule();
    }

    /// @inheritdoc ILoans
    function recordLoss(LoanId loanId) external returns (uint64 absorbed) {
        _toModule();
    }

    /// @inheritdoc ILoans
    function writeOff(LoanId loanId) external {
        _toModule();
    }

    /// @inheritdoc ILoans
    function declareDebtDefault(LoanId loanId) external {
        _toModule();
    }

    /// @inheritdoc IFacilities
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount) {
        _toModule();
    }

    /// @inheritdoc IFacilities
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external {
        _toModule();
    }

    /// @inheritdoc IFacilities
    function forcedWithdrawDeposit(FacilityId facilityId, address to, uint64 amount, bytes32 orderHash) external {
        _toModule();
    }

    /// @inheritdoc IFacilities
    function checkCurrency(address currency) external returns (bool running) {
        _toModule();
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
    function dayOf(uint256 timestamp) external view returns (uint256) {
        return _dayOf(timestamp);
    }

    /// @inheritdoc IReserveClient
    function isReservePooled(ProductId productId) external view returns (bool pooled) {
        _askModule();
    }

    /// @inheritdoc IReserveClient
    function isShared(LoanId loanId) external view returns (bool) {
        return _book.loans[loanId].terms.traits() & PARTICIPATED != 0;
    }

    /// @inheritdoc IReserveClient
    function onLossPaid(LoanId loanId, uint256 amount) external {
        _toLoansModule();
    }

    /// @inheritdoc IReserveClient
    function isOpenedBySale(FacilityId facilityId) external view returns (bool) {
        return _book.facilities[facilityId].origin != 0;
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
    function collateralOf(LoanId loanId) external view returns (CollateralState memory state) {
        _askModule();
    }

    /// @inheritdoc ILiquidation
    function saleOf(LoanId loanId) external view returns (CollateralItem[] memory sold, uint64 price, uint24 factor) {
        _askModule();
    }

    /// @inheritdoc ILiquidation
    function buyBackOf(FacilityId facilityId) external view returns (BuyBackUndertaking memory undertaking) {
        _askModule();
    }

    /// @inheritdoc ICollateral
    function inKindDigest(InKind calldata inKind) external view returns (bytes32 digest) {
        _askModule();
    }

    /// @inheritdoc ILiquidation
    function buyBackDigest(BuyBack calldata terms) external view returns (bytes32 digest) {
        _askModule();
    }

    /// @inheritdoc IFacilities
    function acceptsDebtor(FacilityId facilityId, address debtor) external view returns (bool) {
        return _book.accepted[facilityId][registry.partyOf(debtor)];
    }

    /// @inheritdoc IFacilities
    function currencyClock(address currency) external view returns (CurrencyClock.Clock memory clock) {
        _askModule();
    }

    /// @inheritdoc IFacilities
    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue) {
        _askModule();
    }

    /// @inheritdoc IFacilities
    function unclaimedOf(address party, address currency) external view returns (uint256 amount) {
        _askModule();
    }

    /// @inheritdoc IFacilities
    function facilityDigest(FacilityTerms calldata terms) external view returns (bytes32 digest) {
        _askModule();
    }

    /// @inheritdoc ILoans
    function setOffDigest(SetOff calldata setOff_) external view returns (bytes32 digest) {
        _askLoansModule();
    }

    /// @inheritdoc ILoans
    function extensionDigest(Extension calldata extension) external view returns (bytes32 digest) {
        _askLoansModule();
    }

    /// @inheritdoc ILoans
    function costsDigest(LoanId loanId, uint64 amount, bytes32 evidenceHash, uint40 deadline, uint256 nonce)
        external
        view
        returns (bytes32 digest)
    {
        _askLoansModule();
    }

    // ------------------------------------------------------------------ restructuring

    /// @inheritdoc IRestructuring
    function restructure(
        Restructuring calldata restructuring,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature
    ) external {
        _toLoansModule();
    }

    /// @inheritdoc IRestructuring
    function waive(LoanId loanId, uint64 penalty, uint64 interest) external {
        _toLoansModule();
    }

    /// @inheritdoc IRestructuring
    function writeOffInPart(LoanId loanId, uint64 amount) external {
        _toLoansModule();
    }

    /// @inheritdoc IRestructuring
    function forcedCosts(LoanId loanId, uint64 amount, bytes32 orderHash) external {
        _toLoansModule();
    }

    /// @inheritdoc IRestructuring
    function reliefOf(LoanId loanId) external view returns (ReliefState memory relief) {
        _askLoansModule();
    }

    /// @inheritdoc IRestructuring
    function restructuringDigest(Restructuring calldata restructuring) external view returns (bytes32 digest) {
        _askLoansModule();
    }

    // ------------------------------------------------------------------ what holds a draw back

    /// @inheritdoc IDrawControl
    function suspendDraws(FacilityId facilityId) external {
        _toModule();
    }

    /// @inheritdoc IDrawControl
    function resumeDraws(FacilityId facilityId) external {
        _toModule();
    }

    /// @inheritdoc IDrawControl
    function announceDraw(FacilityId facilityId, uint64 amount) external {
        _toModule();
    }

    /// @inheritdoc IDrawControl
    function allowDraw(FacilityId facilityId, uint64 amount) external {
        _toModule();
    }

    /// @inheritdoc IDrawControl
    function stopDraw(FacilityId facilityId) external {
        _toModule();
    }

    /// @inheritdoc IDrawControl
    function followGroup(PartyId partyId, bytes10 ruleSet, address currency) external {
        _toModule();
    }

    /// @inheritdoc IDrawControl
    function announcedDraw(FacilityId facilityId) external view returns (AnnouncedDraw memory announced) {
        _askModule();
    }

    /// @inheritdoc IDrawControl
    function borrowerDebt(PartyId partyId, address currency, bytes10 ruleSet)
        external
        view
        returns (BorrowerDebt memory debt)
    {
        _askModule();
    }

    // ------------------------------------------------------------------ what a draw has to prove

    /// @inheritdoc IDrawEvidence
    function submitDocuments(FacilityId facilityId, DrawDocument[] calldata documents) external {
        _toModule();
    }

    /// @inheritdoc IDrawEvidence
    function acceptDocument(FacilityId facilityId, DrawDocument calldata document) external {
        _toModule();
    }

    /// @inheritdoc IDrawEvidence
    function documentUse(PartyId partyId, bytes32 fingerprint) external view returns (DocumentUse memory) {
        _askModule();
    }

    /// @inheritdoc ITradeRecord
    function nameAttester(FacilityId facilityId, address account) external {
        _toModule();
    }

    /// @inheritdoc ITradeRecord
    function reportTrade(TradeReport calldata tradeReport) external {
        _toModule();
    }

    /// @inheritdoc ITradeRecord
    function attesterOf(FacilityId facilityId) external view returns (PartyId) {
        _askModule();
    }

    /// @inheritdoc ITradeRecord
    function tradeLimit(FacilityId facilityId) external view returns (TradeLimit memory) {
        _askModule();
    }

    /// @inheritdoc ITradeRecord
    function tradeOf(PartyId platform, PartyId merchant, address currency, uint24 month)
        external
        view
        returns (MonthOfTrade memory)
    {
        _askModule();
    }

    // ------------------------------------------------------------------ loans that move

    /// @inheritdoc ILoanSales
    function sellLoan(SaleTerms calldata terms, bytes calldata sellerSignature, bytes calldata buyerSignature)
        external
        returns (FacilityId)
    {
        _toLoansModule();
    }

    /// @inheritdoc ILoanSales
    function buyLoanBack(LoanId loanId, address account, uint64 maxPrice, bytes32 standing)
        external
        returns (uint64 price)
    {
        _toLoansModule();
    }

    /// @inheritdoc ILoanSales
    function acknowledgeSale(LoanId loanId) external {
        _toLoansModule();
    }

    /// @inheritdoc ILoanSales
    function loanSaleOf(LoanId loanId) external view returns (LoanSale memory sale) {
        _askLoansModule();
    }

    /// @inheritdoc ILoanSales
    function saleStanding(LoanId loanId) external view returns (bytes32 standing) {
        _askLoansModule();
    }

    /// @inheritdoc ILoanSales
    function saleDigest(SaleTerms calldata terms) external view returns (bytes32 digest) {
        _askLoansModule();
    }

    // ------------------------------------------------------------------ participations

    /// @inheritdoc ILoanParticipations
    function sellParticipation(
        ParticipationTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata participantSignature
    ) external returns (uint256 place) {
        _toLoansModule();
    }

    /// @inheritdoc ILoanParticipations
    function payParticipants(LoanId loanId, uint64 amount) external {
        _toLoansModule();
    }

    /// @inheritdoc ILoanParticipations
    function participationsOf(LoanId loanId) external view returns (SharedLoan memory shared) {
        _askLoansModule();
    }

    /// @inheritdoc ILoanParticipations
    function participationDigest(ParticipationTerms calldata terms) external view returns (bytes32 digest) {
        _askLoansModule();
    }

    // ------------------------------------------------------------------ interfaces

    /// @notice Whether this contract supports an interface (ERC-165).
    /// @param interfaceId The interface.
    /// @return True for {IClaimCollector}, {IWarehouseReceiptLienholder} and ERC-165 itself.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IClaimCollector).interfaceId
            || interfaceId == type(IWarehouseReceiptLienholder).interfaceId || interfaceId == 0x01ffc9a7;
    }

    // ------------------------------------------------------------------ internal parts

    function _toLoansModule() private {
        _handTo(loansModule);
    }

    function _askLoansModule() private view {
        _asView(_toLoansModule)();
    }
}
