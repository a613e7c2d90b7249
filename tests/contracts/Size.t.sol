// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotLife} from "../../contracts/warehouse/LotLife.sol";
import {WarehouseReceiptPages} from "../../contracts/warehouse/WarehouseReceiptPages.sol";
import {ReceivableLife} from "../../contracts/receivables/ReceivableLife.sol";
import {ReceivableMoney} from "../../contracts/receivables/ReceivableMoney.sol";
import {ReceivablePages} from "../../contracts/receivables/ReceivablePages.sol";
import {TokenPages} from "../../contracts/tokens/TokenPages.sol";
import {TokenRights} from "../../contracts/tokens/TokenRights.sol";
import {ReceiverCheck} from "../../contracts/tokens/ReceiverCheck.sol";
import {DrawControl} from "../../contracts/lending/DrawControl.sol";
import {DrawEvidence} from "../../contracts/lending/DrawEvidence.sol";
import {FacilityAgreement} from "../../contracts/lending/FacilityAgreement.sol";
import {LoanBatch} from "../../contracts/lending/LoanBatch.sol";
import {LoanChanges} from "../../contracts/lending/LoanChanges.sol";
import {LoanCorrections} from "../../contracts/lending/LoanCorrections.sol";
import {LoanRestructuring} from "../../contracts/lending/LoanRestructuring.sol";
import {RestructuringTerms} from "../../contracts/lending/RestructuringTerms.sol";
import {LoanWaivers} from "../../contracts/lending/LoanWaivers.sol";
import {LoanDraw} from "../../contracts/lending/LoanDraw.sol";
import {CollateralItems} from "../../contracts/lending/collateral/CollateralItems.sol";
import {CollateralValue} from "../../contracts/lending/collateral/CollateralValue.sol";
import {GoodsAuction} from "../../contracts/lending/liquidation/GoodsAuction.sol";
import {GoodsSale} from "../../contracts/lending/liquidation/GoodsSale.sol";
import {IdleLiens} from "../../contracts/lending/collateral/IdleLiens.sol";
import {LoanBuyBack} from "../../contracts/lending/liquidation/LoanBuyBack.sol";
import {LoanInKind} from "../../contracts/lending/collateral/LoanInKind.sol";
import {Conversion} from "../../contracts/lending/collateral/Conversion.sol";
import {LoanGoods} from "../../contracts/lending/collateral/LoanGoods.sol";
import {LoanHedges} from "../../contracts/lending/collateral/LoanHedges.sol";
import {LoanLiquidation} from "../../contracts/lending/liquidation/LoanLiquidation.sol";
import {MarginCall} from "../../contracts/lending/collateral/MarginCall.sol";
import {LoanLoss} from "../../contracts/lending/LoanLoss.sol";
import {LoanMoney} from "../../contracts/lending/LoanMoney.sol";
import {LoanRates} from "../../contracts/lending/LoanRates.sol";
import {LoanHistory} from "../../contracts/lending/LoanHistory.sol";
import {LoanRestatement} from "../../contracts/lending/LoanRestatement.sol";
import {LoanSales} from "../../contracts/lending/LoanSales.sol";
import {SaleBuyBacks} from "../../contracts/lending/SaleBuyBacks.sol";
import {LoanUnclaimed} from "../../contracts/lending/LoanUnclaimed.sol";
import {TradeRecord} from "../../contracts/lending/TradeRecord.sol";
import {Campaigns} from "../../contracts/market/Campaigns.sol";
import {Notices} from "../../contracts/notices/Notices.sol";
import {RiskAgreements} from "../../contracts/risk/RiskAgreements.sol";
import {LendingFixture} from "./lending/LendingFixture.sol";

contract SizeTest is LendingFixture {
    uint256 private constant MAX = 24_576;

    function test_every_contract_stays_below_the_code_size_limit() public {
        _below(address(access).code.length, "AccessManager");
        _below(address(forwarder).code.length, "Forwarder");
        _below(address(registry).code.length, "PartyRegistry");
        _below(address(court).code.length, "CourtOrders");
        _below(address(receivables).code.length, "Receivables");
        _below(address(market).code.length, "ClaimMarket");
        _below(address(cash).code.length, "SettlementToken");
        _below(address(ReceivableLife).code.length, "ReceivableLife");
        _below(address(ReceiverCheck).code.length, "ReceiverCheck");
        _below(receivables.module().code.length, "ReceivablesModule");
        _below(address(ReceivableMoney).code.length, "ReceivableMoney");
        _below(address(TokenRights).code.length, "TokenRights");
        _below(address(TokenPages).code.length, "TokenPages");
        _below(address(ReceivablePages).code.length, "ReceivablePages");
        _below(address(WarehouseReceiptPages).code.length, "WarehouseReceiptPages");
        _below(address(warehouseReceipts).code.length, "WarehouseReceipts");
        _below(warehouseReceipts.module().code.length, "WarehouseReceiptsModule");
        _below(address(LotLife).code.length, "LotLife");
        _below(address(credit).code.length, "CreditRegistry");
        _below(address(orders).code.length, "PurchaseOrders");
        _below(address(products).code.length, "Products");
        _below(address(reserve).code.length, "RiskReserve");
        _below(address(RiskAgreements).code.length, "RiskAgreements");
        _below(address(prices).code.length, "PriceFeed");
        _below(address(rates).code.length, "ReferenceRates");
        _below(address(new Campaigns(address(forwarder), registry, 0)).code.length, "Campaigns");
        _below(address(facilities).code.length, "Facilities");
        _below(facilities.module().code.length, "FacilitiesModule");
        _below(facilities.loansModule().code.length, "LoansModule");
        _below(address(DrawEvidence).code.length, "DrawEvidence");
        _below(address(TradeRecord).code.length, "TradeRecord");
        _below(address(DrawControl).code.length, "DrawControl");
        _below(address(FacilityAgreement).code.length, "FacilityAgreement");
        _below(address(LoanDraw).code.length, "LoanDraw");
        _below(address(LoanMoney).code.length, "LoanMoney");
        _below(address(LoanRates).code.length, "LoanRates");
        _below(address(LoanHistory).code.length, "LoanHistory");
        _below(address(LoanRestatement).code.length, "LoanRestatement");
        _below(address(LoanSales).code.length, "LoanSales");
        _below(address(SaleBuyBacks).code.length, "SaleBuyBacks");
        _below(address(LoanUnclaimed).code.length, "LoanUnclaimed");
        _below(address(LoanBatch).code.length, "LoanBatch");
        _below(address(LoanChanges).code.length, "LoanChanges");
        _below(address(LoanCorrections).code.length, "LoanCorrections");
        _below(address(LoanRestructuring).code.length, "LoanRestructuring");
        _below(address(RestructuringTerms).code.length, "RestructuringTerms");
        _below(address(LoanWaivers).code.length, "LoanWaivers");
        _below(address(LoanLoss).code.length, "LoanLoss");
        _below(address(CollateralItems).code.length, "CollateralItems");
        _below(address(CollateralValue).code.length, "CollateralValue");
        _below(address(MarginCall).code.length, "MarginCall");
        _below(address(Conversion).code.length, "Conversion");
        _below(address(LoanGoods).code.length, "LoanGoods");
        _below(address(LoanHedges).code.length, "LoanHedges");
        _below(address(LoanInKind).code.length, "LoanInKind");
        _below(address(LoanBuyBack).code.length, "LoanBuyBack");
        _below(address(IdleLiens).code.length, "IdleLiens");
        _below(address(GoodsSale).code.length, "GoodsSale");
        _below(address(GoodsAuction).code.length, "GoodsAuction");
        _below(address(new Notices(address(forwarder), facilities)).code.length, "Notices");
        _below(address(LoanLiquidation).code.length, "LoanLiquidation");
    }

    function _below(uint256 size, string memory name) private pure {
        assertTrue(size != 0, name);
        assertTrue(size < MAX, name);
    }
}
