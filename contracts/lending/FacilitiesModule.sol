// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// No tags here: the interfaces specify these functions.
/* solhint-disable use-natspec */

import {SignedTerms} from "../access/SignedTerms.sol";
import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../warehouse/IWarehouseReceipts.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {HedgeMath} from "../math/HedgeMath.sol";
import {ICreditRegistry} from "../registry/ICreditRegistry.sol";
import {IPriceFeed} from "../risk/IPriceFeed.sol";
import {IRiskReserve} from "../risk/IRiskReserve.sol";
import {ClaimId, FacilityId, LoanId, PartyId, ProductId, WarehouseReceiptId, ReceivableId} from "../types/Ids.sol";
import {Conversion} from "./collateral/Conversion.sol";
import {DrawControl} from "./DrawControl.sol";
import {DrawEvidence} from "./DrawEvidence.sol";
import {FacilityAgreement} from "./FacilityAgreement.sol";
import {FacilityStore} from "./FacilityStore.sol";
import {GoodsAuction} from "./liquidation/GoodsAuction.sol";
import {IDrawControl} from "./IDrawControl.sol";
import {IDrawEvidence} from "./IDrawEvidence.sol";
import {IFacilities} from "./IFacilities.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {IHedges} from "./collateral/IHedges.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {IProducts} from "./IProducts.sol";
import {IdleLiens} from "./collateral/IdleLiens.sol";
import {LoanBuyBack} from "./liquidation/LoanBuyBack.sol";
import {ITradeRecord} from "./ITradeRecord.sol";
import {LoanGoods} from "./collateral/LoanGoods.sol";
import {LoanHedges} from "./collateral/LoanHedges.sol";
import {LoanInKind} from "./collateral/LoanInKind.sol";
import {LoanLiquidation} from "./liquidation/LoanLiquidation.sol";
import {LoanLoss} from "./LoanLoss.sol";
import {LoanMoney} from "./LoanMoney.sol";
import {LoanUnclaimed} from "./LoanUnclaimed.sol";
import {MarginCall} from "./collateral/MarginCall.sol";
import {TradeRecord} from "./TradeRecord.sol";

/// @title The functions of Facilities that are not called every day: the code to which Facilities hands such calls.
/// @notice See {IFacilities}, {ICollateral}, {IHedges}, {ILiquidation}, {IDrawControl}, {IDrawEvidence}, {ITradeRecord},
/// {ILoans} and {IReserveClient} for the specification of each function. Those that change a loan are in LoansModule.
/// @dev Runs by delegatecall on the storage of Facilities. Called directly, it has an empty ledger: nobody can agree a
/// facility there, it is no party of the registry, and it never holds money or a lien. The interfaces say what each
/// function is for and who may call it.
contract FacilitiesModule is FacilityStore {
    constructor(
        address forwarder,
        ICreditRegistry credit_,
        IProducts products_,
        Receivables receivables_,
        IPurchaseOrders orders_,
        IRiskReserve reserve_,
        IPriceFeed prices_,
        IWarehouseReceipts warehouseReceipts_
    ) FacilityStore(forwarder, credit_, products_, receivables_, orders_, reserve_, prices_, warehouseReceipts_) {}

    // ------------------------------------------------------------------ facilities

    function payDeposit(FacilityId facilityId, uint64 amount) external {
        FacilityAgreement.payDeposit(_book, _context(), facilityId, amount);
    }

    function close(FacilityId facilityId) external {
        FacilityAgreement.close(_book, _context(), facilityId);
    }

    function acceptDebtor(FacilityId facilityId, address debtor, bool accepted) external {
        FacilityAgreement.acceptDebtor(_book, _context(), facilityId, debtor, accepted);
    }

    function cancelSignature(bytes32 digest) external {
        SignedTerms.cancel(_book.signedTerms, _msgSender(), digest);
    }

    // ------------------------------------------------------------------ collateral

    function substituteCollateral(
        LoanId loanId,
        ICollateral.CollateralItem[] calldata added,
        ICollateral.CollateralItem[] calldata removed
    ) external {
        LoanGoods.substituteCollateral(_book, _context(), loanId, added, removed);
    }

    function convertToGoods(
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        WarehouseReceiptId warehouseReceiptId
    ) external {
        Conversion.convertToGoods(_book, _context(), loanId, delivery, buyerSignature, warehouseReceiptId);
    }

    function convertGoodsToClaim(
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        WarehouseReceiptId warehouseReceiptId,
        uint96 quantity
    ) external returns (ClaimId) {
        ICollateral.CollateralItem memory goods = ICollateral.CollateralItem(
            IProducts.CollateralKind.WarehouseReceipt, WarehouseReceiptId.unwrap(warehouseReceiptId), quantity
        );
        return Conversion.convertGoodsToClaim(_book, _context(), loanId, receivableId, claimId, debtorSignature, goods);
    }

    function settleInKind(
        ICollateral.InKind calldata inKind,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature
    ) external {
        LoanInKind.settleInKind(_book, _context(), _domainSeparatorV4(), inKind, [lenderSignature, borrowerSignature]);
    }

    function releaseIdleLien(IProducts.CollateralKind kind, uint256 id) external {
        IdleLiens.release(_book, _context(), kind, id);
    }

    function followPart(IProducts.CollateralKind kind, uint256 id) external {
        IdleLiens.followPart(_book, _context(), kind, id);
    }

    // ------------------------------------------------------------------ hedges

    function recordHedge(IHedges.Hedge calldata hedge, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        LoanHedges.record(_book, _context(), _domainSeparatorV4(), hedge, [lenderSignature, borrowerSignature]);
    }

    function closeHedge(LoanId loanId, bytes32 contractHash) external {
        LoanHedges.close(_book, _context(), loanId, contractHash);
    }

    function hedgesOf(LoanId loanId) external view returns (HedgeMath.Hedge[] memory) {
        return LoanHedges.hedgesOf(_book, _context(), loanId);
    }

    function hedgeDigest(IHedges.Hedge calldata hedge) external view returns (bytes32) {
        return LoanHedges.hedgeDigest(_domainSeparatorV4(), hedge);
    }

    // ------------------------------------------------------------------ margin

    function checkMargin(LoanId loanId) external {
        MarginCall.check(_book, _context(), loanId);
    }

    function agreeBuyBack(ILiquidation.BuyBack calldata terms, bytes calldata undertakerSignature) external {
        LoanBuyBack.agreeBuyBack(_book, _context(), _domainSeparatorV4(), terms, undertakerSignature);
    }

    function liquidate(LoanId loanId) external {
        LoanLiquidation.liquidate(_book, _context(), loanId);
    }

    function bid(LoanId loanId, uint64 maxPrice) external returns (uint64) {
        return LoanLiquidation.bid(_book, _context(), loanId, maxPrice);
    }

    function callBuyBack(LoanId loanId) external returns (uint64) {
        return LoanBuyBack.callBuyBack(_book, _context(), loanId);
    }

    // ------------------------------------------------------------------ loss

    function markOverdue(LoanId loanId) external {
        LoanLoss.markOverdue(_book, _context(), loanId);
    }

    function declareDefault(LoanId loanId) external {
        LoanLoss.declareDefault(_book, _context(), loanId);
    }

    function recordLoss(LoanId loanId) external returns (uint64) {
        return LoanLoss.recordLoss(_book, _context(), loanId);
    }

    function writeOff(LoanId loanId) external {
        LoanLoss.writeOff(_book, _context(), loanId, writeOffDays);
    }

    function declareDebtDefault(LoanId loanId) external {
        LoanLoss.declareDebtDefault(_book, _context(), loanId);
    }

    function withdrawUnclaimed(address to, address currency) external returns (uint256) {
        return LoanUnclaimed.withdrawUnclaimed(_book, _context(), to, currency);
    }

    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external {
        LoanUnclaimed.forcedWithdraw(_book, _context(), from, currency, to, amount, orderHash);
    }

    function forcedWithdrawDeposit(FacilityId facilityId, address to, uint64 amount, bytes32 orderHash) external {
        FacilityAgreement.forcedWithdrawDeposit(_book, _context(), facilityId, to, amount, orderHash);
    }

    function checkCurrency(address currency) external returns (bool) {
        return LoanMoney.checkCurrency(_book, _context(), currency);
    }

    // ------------------------------------------------------------------ what holds a draw back

    function suspendDraws(FacilityId facilityId) external {
        DrawControl.setSuspended(_book, _context(), facilityId, true);
    }

    function resumeDraws(FacilityId facilityId) external {
        DrawControl.setSuspended(_book, _context(), facilityId, false);
    }

    function announceDraw(FacilityId facilityId, uint64 amount) external {
        DrawControl.announce(_book, _context(), facilityId, amount);
    }

    function allowDraw(FacilityId facilityId, uint64 amount) external {
        DrawControl.allow(_book, _context(), facilityId, amount);
    }

    function stopDraw(FacilityId facilityId) external {
        DrawControl.stop(_book, _context(), facilityId);
    }

    function followGroup(PartyId partyId, bytes10 ruleSet, address currency) external {
        DrawControl.followGroup(_book, _context(), partyId, ruleSet, currency);
    }

    // ------------------------------------------------------------------ what a draw has to prove

    function submitDocuments(FacilityId facilityId, IDrawEvidence.DrawDocument[] calldata documents) external {
        DrawEvidence.submit(_book, _context(), facilityId, documents);
    }

    function acceptDocument(FacilityId facilityId, IDrawEvidence.DrawDocument calldata document) external {
        DrawEvidence.accept(_book, _context(), facilityId, document);
    }

    function nameAttester(FacilityId facilityId, address account) external {
        TradeRecord.name(_book, _context(), facilityId, account);
    }

    function reportTrade(ITradeRecord.TradeReport calldata tradeReport) external {
        TradeRecord.report(_book, _context(), tradeReport);
    }

    // ------------------------------------------------------------------ views

    function isReservePooled(ProductId productId) external view returns (bool) {
        (uint32 version,) = products.current(productId);
        return products.terms(productId, version).reservePooled;
    }

    function collateralOf(LoanId loanId) external view returns (ICollateral.CollateralState memory) {
        return GoodsAuction.collateralOf(_book, _context(), loanId);
    }

    function saleOf(LoanId loanId) external view returns (ICollateral.CollateralItem[] memory, uint64, uint24) {
        return GoodsAuction.saleOf(_book, _context(), loanId);
    }

    function buyBackOf(FacilityId facilityId) external view returns (ILiquidation.BuyBackUndertaking memory) {
        return _book.buyBacks[facilityId];
    }

    function inKindDigest(ICollateral.InKind calldata inKind) external view returns (bytes32) {
        return LoanInKind.inKindDigest(_domainSeparatorV4(), inKind);
    }

    function buyBackDigest(ILiquidation.BuyBack calldata terms) external view returns (bytes32) {
        return LoanBuyBack.buyBackDigest(_domainSeparatorV4(), terms);
    }

    function currencyClock(address currency) external view returns (CurrencyClock.Clock memory) {
        return _book.clocks[currency];
    }

    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue) {
        return (_book.programmes[productId].outstanding, _book.programmes[productId].overdue);
    }

    function unclaimedOf(address party, address currency) external view returns (uint256) {
        return LoanUnclaimed.unclaimedOf(_book, registry, party, currency);
    }

    function facilityDigest(IFacilities.FacilityTerms calldata terms) external view returns (bytes32) {
        return FacilityAgreement.digestOf(_domainSeparatorV4(), terms);
    }

    function announcedDraw(FacilityId facilityId) external view returns (IDrawControl.AnnouncedDraw memory) {
        return _book.announced[facilityId];
    }

    function borrowerDebt(PartyId partyId, address currency, bytes10 ruleSet)
        external
        view
        returns (IDrawControl.BorrowerDebt memory)
    {
        return DrawControl.debtOf(_book, partyId, currency, ruleSet);
    }

    function documentUse(PartyId partyId, bytes32 fingerprint)
        external
        view
        returns (IDrawEvidence.DocumentUse memory)
    {
        return _book.evidence.uses[partyId][fingerprint];
    }

    function attesterOf(FacilityId facilityId) external view returns (PartyId) {
        return TradeRecord.attester(_book, _context(), facilityId);
    }

    function tradeLimit(FacilityId facilityId) external view returns (ITradeRecord.TradeLimit memory) {
        return TradeRecord.limit(_book, _context(), facilityId);
    }

    function tradeOf(PartyId platform, PartyId merchant, address currency, uint24 month)
        external
        view
        returns (ITradeRecord.MonthOfTrade memory)
    {
        return _book.evidence.trade[platform][merchant][currency][month];
    }
}
