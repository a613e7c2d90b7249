// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// No tags here: the interfaces specify these functions.
/* solhint-disable use-natspec */

import {IPurchaseOrders} from "../orders/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../warehouse/IWarehouseReceipts.sol";
import {Receivables} from "../receivables/Receivables.sol";
import {ICreditRegistry} from "../registry/ICreditRegistry.sol";
import {IPriceFeed} from "../risk/IPriceFeed.sol";
import {IRiskReserve} from "../risk/IRiskReserve.sol";
import {FacilityId, LoanId} from "../types/Ids.sol";
import {PostingWord} from "../types/PostingWord.sol";
import {FacilityStore} from "./FacilityStore.sol";
import {ILoanRates} from "./ILoanRates.sol";
import {ILoans} from "./ILoans.sol";
import {ILoanParticipations} from "./ILoanParticipations.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {IProducts} from "./IProducts.sol";
import {IRestructuring} from "./IRestructuring.sol";
import {IServiceFees} from "./IServiceFees.sol";
import {IPostings} from "./IPostings.sol";
import {LoanChanges} from "./LoanChanges.sol";
import {LoanCorrections} from "./LoanCorrections.sol";
import {LoanFees} from "./LoanFees.sol";
import {LoanRestructuring} from "./LoanRestructuring.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanRates} from "./LoanRates.sol";
import {LoanRerun} from "./LoanRerun.sol";
import {LoanParticipations} from "./LoanParticipations.sol";
import {LoanProceeds} from "./LoanProceeds.sol";
import {LoanSales} from "./LoanSales.sol";
import {SaleBuyBacks} from "./SaleBuyBacks.sol";
import {LoanWaivers} from "./LoanWaivers.sol";

/// @title The functions of Facilities that change a loan and are not called every day: the code to which Facilities hands
/// such calls.
/// @notice See {ILoans}, {ILoanRates}, {ILoanParticipations}, {ILoanSales}, {IPostings}, {IServiceFees} and
/// {IRestructuring} for the specification of each function.
/// @dev See FacilitiesModule, which has the other functions: each runs by delegatecall on the storage of Facilities.
contract LoansModule is FacilityStore {
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

    // ------------------------------------------------------------------ loans

    function extend(
        ILoans.Extension calldata extension,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature
    ) external {
        LoanChanges.extend(_book, _context(), _domainSeparatorV4(), extension, [lenderSignature, borrowerSignature]);
    }

    function payInInstalments(LoanId[] calldata loanIds, uint8 months, uint64 renounced) external {
        LoanChanges.payInInstalments(_book, _context(), loanIds, months, renounced);
    }

    function setOff(ILoans.SetOff calldata setOff_, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external
    {
        LoanChanges.setOff(_book, _context(), _domainSeparatorV4(), setOff_, [lenderSignature, borrowerSignature]);
    }

    function chargeCosts(
        LoanId loanId,
        uint64 amount,
        bytes32 evidenceHash,
        uint40 deadline,
        uint256 nonce,
        bytes calldata borrowerSignature
    ) external {
        bytes32 digest = costsDigest(loanId, amount, evidenceHash, deadline, nonce);
        LoanWaivers.chargeCosts(_book, _context(), digest, deadline, loanId, amount, evidenceHash, borrowerSignature);
    }

    // ------------------------------------------------------------------ corrections

    function recordPayment(IPostings.Payment calldata payment, IPostings.History calldata history) external {
        LoanCorrections.recordPayment(_book, _context(), payment, history);
    }

    function correctPayment(
        IPostings.Correction calldata correction,
        IPostings.History calldata history,
        IPostings.History calldata toHistory,
        bytes calldata borrowerSignature
    ) external {
        LoanCorrections.correctPayment(
            _book, _context(), _domainSeparatorV4(), correction, history, toHistory, borrowerSignature
        );
    }

    function runHistory(LoanId loanId, uint256 added, uint256 removed, IPostings.History calldata history) external {
        LoanHistory.Change memory change =
            LoanHistory.Change({added: PostingWord.wrap(added), removed: PostingWord.wrap(removed)});
        LoanRerun.run(_book, _context(), loanId, history, change);
    }

    function refundOverpayment(LoanId loanId, uint64 amount, bytes32 bankReference) external {
        LoanCorrections.refundOverpayment(_book, _context(), loanId, amount, bankReference);
    }

    function postingsOf(LoanId loanId) external view returns (IPostings.PostingsState memory) {
        return LoanRerun.postingsOf(_book, loanId);
    }

    function correctionDigest(IPostings.Correction calldata correction) external view returns (bytes32) {
        return LoanCorrections.correctionDigest(_domainSeparatorV4(), correction);
    }

    // ------------------------------------------------------------------ floating rates

    function resetRate(LoanId loanId, IPostings.History calldata history) external {
        LoanRates.resetRate(_book, _context(), loanId, history);
    }

    function floatingOf(LoanId loanId) external view returns (ILoanRates.FloatingLoan memory) {
        return LoanRates.floatingOf(_book, _context(), loanId);
    }

    // ------------------------------------------------------------------ service fees

    function waiveServiceFees(LoanId loanId, uint64 amount) external {
        LoanFees.waive(_book, _context(), loanId, amount);
    }

    function serviceFeesOf(LoanId loanId) external view returns (IServiceFees.OwedFees memory) {
        return LoanFees.feesOf(_book, _context(), loanId);
    }

    function facilityFeesOf(FacilityId facilityId) external view returns (IServiceFees.FacilityFees memory) {
        return LoanFees.facilityFeesOf(_book, facilityId);
    }

    // ------------------------------------------------------------------ restructuring

    function restructure(
        IRestructuring.Restructuring calldata restructuring,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature
    ) external {
        LoanRestructuring.restructure(
            _book, _context(), _domainSeparatorV4(), restructuring, [lenderSignature, borrowerSignature]
        );
    }

    function waive(LoanId loanId, uint64 penalty, uint64 interest) external {
        LoanWaivers.waive(_book, _context(), loanId, penalty, interest);
    }

    function writeOffInPart(LoanId loanId, uint64 amount) external {
        LoanWaivers.writeOffInPart(_book, _context(), loanId, amount);
    }

    function forcedCosts(LoanId loanId, uint64 amount, bytes32 orderHash) external {
        LoanWaivers.forcedCosts(_book, _context(), loanId, amount, orderHash);
    }

    function reliefOf(LoanId loanId) external view returns (IRestructuring.ReliefState memory) {
        return LoanWaivers.reliefOf(_book, loanId);
    }

    function restructuringDigest(IRestructuring.Restructuring calldata restructuring) external view returns (bytes32) {
        return LoanRestructuring.restructuringDigest(_domainSeparatorV4(), restructuring);
    }

    // ------------------------------------------------------------------ loans that move

    function sellLoan(
        ILoanSales.SaleTerms calldata terms,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external returns (FacilityId) {
        return LoanSales.sell(_book, _context(), _domainSeparatorV4(), terms, [sellerSignature, buyerSignature]);
    }

    function buyLoanBack(LoanId loanId, address account, uint64 maxPrice, bytes32 standing) external returns (uint64) {
        return SaleBuyBacks.buyBack(_book, _context(), loanId, account, maxPrice, standing);
    }

    function acknowledgeSale(LoanId loanId) external {
        LoanSales.acknowledge(_book, _context(), loanId);
    }

    function loanSaleOf(LoanId loanId) external view returns (ILoanSales.LoanSale memory) {
        return LoanSales.saleOf(_book, loanId);
    }

    function saleStanding(LoanId loanId) external view returns (bytes32) {
        return LoanSales.standingOf(_book, _context(), loanId);
    }

    function saleDigest(ILoanSales.SaleTerms calldata terms) external view returns (bytes32) {
        return LoanSales.saleDigest(_domainSeparatorV4(), terms);
    }

    // ------------------------------------------------------------------ participations

    function sellParticipation(
        ILoanParticipations.ParticipationTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata participantSignature
    ) external returns (uint256) {
        return LoanParticipations.sell(
            _book, _context(), _domainSeparatorV4(), terms, [lenderSignature, participantSignature]
        );
    }

    function onLossPaid(LoanId loanId, uint256 amount) external {
        LoanProceeds.onLossPaid(_book, _context(), loanId, amount);
    }

    function payParticipants(LoanId loanId, uint64 amount) external {
        LoanParticipations.pay(_book, _context(), loanId, amount);
    }

    function participationsOf(LoanId loanId) external view returns (ILoanParticipations.SharedLoan memory) {
        return LoanParticipations.participationsOf(_book, loanId);
    }

    function participationDigest(ILoanParticipations.ParticipationTerms calldata terms)
        external
        view
        returns (bytes32)
    {
        return LoanParticipations.participationDigest(_domainSeparatorV4(), terms);
    }

    // ------------------------------------------------------------------ what parties sign

    function setOffDigest(ILoans.SetOff calldata setOff_) external view returns (bytes32) {
        return LoanChanges.setOffDigest(_domainSeparatorV4(), setOff_);
    }

    function extensionDigest(ILoans.Extension calldata extension) external view returns (bytes32) {
        return LoanChanges.extensionDigest(_domainSeparatorV4(), extension);
    }

    function costsDigest(LoanId loanId, uint64 amount, bytes32 evidenceHash, uint40 deadline, uint256 nonce)
        public
        view
        returns (bytes32)
    {
        return LoanWaivers.costsDigest(_domainSeparatorV4(), loanId, amount, evidenceHash, deadline, nonce);
    }
}
