// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {IReferenceRates} from "../risk/IReferenceRates.sol";
import {ProductId} from "../types/Ids.sol";

/// @title The catalogue: the terms of financing as rows. A row never changes; a product in use gets a new version.
/// @notice Rates, shares and multiples are parts per million, amounts are minor units of the product's currency.
interface IProducts {
    /// @notice Whose money is lent.
    enum Funding {
        Bank,
        Platform,
        Entrusted // a third party's, through a bank that only administers
    }

    /// @notice What secures a loan.
    enum CollateralKind {
        None, // a credit tier, or nothing
        Claim,
        Order,
        WarehouseReceipt // goods, and claims with them
    }

    /// @notice When a bill is closed.
    enum Cycle {
        None,
        Weekly, // on Sunday
        Monthly // on the last day
    }

    /// @notice The terms of financing under one version of a product.
    /// @param currency Token contract of the currency.
    /// @param funding Whose money is lent.
    /// @param collateral What secures a loan.
    /// @param cycle When a bill is closed.
    /// @param styles Bit set of LoanMath.Style.
    /// @param revolving Whether an amount that is repaid can be drawn again.
    /// @param penaltyOnInterest Whether penalty counts on interest that is overdue too.
    /// @param sameDayInterest Whether a loan that is repaid on the day it was drawn costs one day's interest.
    /// @param businessDays Whether a due day on a holiday moves to the next business day.
    /// @param graceDays Days after a due day without penalty, at most 15.
    /// @param freeDays Days from a bill's closing day to its due day.
    /// @param maxFreeDays Days from a purchase on a bill to its due day at most, days off aside; 0 without bills.
    /// @param minRate Lowest rate of a facility, a year.
    /// @param maxRate Highest rate of a facility, a year.
    /// @param dayCount Days of a year for interest by actual days and for penalty: 360 or 365.
    /// @param penaltyMultiple Penalty, as a multiple of the rate.
    /// @param earlyFee Share of principal that is repaid before it is due.
    /// @param minDays Shortest tenor of a bullet loan.
    /// @param maxDays Longest tenor of a bullet loan.
    /// @param months Tenors of a schedule: bit n: n months allowed.
    /// @param monthsPerPeriod Months from one due day of a schedule to the next: 1 to 12, and 1 without schedules.
    /// @param principalGrace First instalments of a schedule that repay no principal, at most 12.
    /// @param interestGrace First instalments of a schedule whose interest falls due with the instalment after them, at
    /// most 12.
    /// @param minTier The highest number of a tier that is good enough, 1 to 5; 0: no tier required.
    /// @param maxTierAge Days since a tier was attested at most; 0: any age.
    /// @param minTradeDays Days that a borrower must have traded.
    /// @param limitCurrency ISO 4217 code of the facilities' limits where it is not the money's ({IPriceFeed}); else 0.
    /// @param borrowerLimit Limits of all facilities of one borrower under the product.
    /// @param programmeLimit What is outstanding under the product, of all borrowers.
    /// @param advanceRate Share of the collateral's value that may be lent.
    /// @param debtorShare Share of the programme's limit on the debts of one debtor; 0: no bound.
    /// @param reserveShare Share of what a draw adds to the maximum ever outstanding on its facility. The lender pays
    /// it.
    /// @param reservePooled Whether one reserve serves all lenders of the product; else one for each lender.
    /// @param breaker Share of what is outstanding that may be overdue; above it draws stop; 0: never.
    /// @param ruleSet Name of the rule set whose limits hold over all its products, left-aligned: letters from a to z,
    /// and then zeros; 0: none.
    /// @param ruleSetLimit Principal that one borrower may owe in this currency under all products of the rule set; 0: no
    /// bound.
    /// @param groupLimit The same for all borrowers under one control together; 0: no bound.
    /// @param evidence Whether a draw needs documents or proved trade: {EvidenceTerms}.
    /// @param legalTextHash Hash of the legal text.
    /// @param ruleSetHash Hash of the file of the jurisdiction's rules that the row was checked against.
    struct ProductTerms {
        // whose money, against what, how repaid
        address currency;
        Funding funding;
        CollateralKind collateral;
        Cycle cycle;
        uint8 styles;
        bool revolving;
        bool penaltyOnInterest;
        bool sameDayInterest;
        bool businessDays;
        uint8 graceDays;
        uint8 freeDays;
        uint8 maxFreeDays;
        // price
        uint24 minRate;
        uint24 maxRate;
        uint16 dayCount;
        uint24 penaltyMultiple;
        uint24 earlyFee;
        // tenor: days for Bullet, months for schedules
        uint16 minDays;
        uint16 maxDays;
        uint64 months;
        uint8 monthsPerPeriod;
        uint8 principalGrace;
        uint8 interestGrace;
        // who, how much
        uint8 minTier;
        uint16 maxTierAge;
        uint16 minTradeDays;
        bytes3 limitCurrency;
        uint64 borrowerLimit;
        uint64 programmeLimit;
        uint24 advanceRate;
        uint24 debtorShare;
        // loss
        uint24 reserveShare;
        bool reservePooled;
        uint24 breaker;
        // over all products of a rule set
        bytes10 ruleSet;
        uint64 ruleSetLimit;
        uint64 groupLimit;
        // in the last bytes of a slot that a draw reads anyway
        bool evidence;
        bytes32 legalTextHash;
        bytes32 ruleSetHash;
    }

    /// @notice For loans whose collateral is goods, or becomes goods. All zero: no margin is called. A level is
    /// collateral value over debt. Goods count quantity * price * (1 - haircut), claims and orders their advance rate.
    /// @param callLevel Below it there is a margin call.
    /// @param liquidationLevel Below it there are no days to cure, if every price is fresh.
    /// @param cureDays Days to cure a margin call.
    /// @param auctionDays Days in which the price falls from start to floor.
    /// @param auctionStart Share of the goods' value at which the price begins, 1,000,000 to 2,000,000.
    /// @param auctionFloor Share of the goods' value below which the price does not fall.
    /// @param hedgeShare Share of what a hedge adds to the goods' value that counts for margin calls: see {IHedges}.
    struct GoodsTerms {
        uint24 callLevel;
        uint24 liquidationLevel;
        uint8 cureDays;
        uint8 auctionDays;
        uint24 auctionStart;
        uint24 auctionFloor;
        uint24 hedgeShare;
    }

    /// @notice For loans whose rate follows a reference, which is set anew every so many months. The product's lowest and
    /// highest rate are floor and cap of the loans' rate. And for loans with service fees ({IServiceFees}). All zero: the
    /// rate is fixed, and there are no service fees. Apart, so that a draw with neither does not read it.
    /// @param referenceCode The reference, as {IReferenceRates} has it. Draws need its rate of the day.
    /// @param minSpread What a facility adds to it at least, in parts per million a year; it may be negative.
    /// @param maxSpread What a facility adds to it at most, in parts per million a year.
    /// @param resetMonths Months from the draw to the first reset, and from each to the next: 1 to 12.
    /// @param maxFlatFee Highest flat fee of a draw, in minor units.
    /// @param maxDrawFee Highest share of a draw, in parts per million, at most 200,000.
    /// @param maxPeriodicFee Highest share of the running principal that an instalment is charged, in parts per million,
    /// at most 200,000.
    /// @param maxTotalCost The most that a loan with service fees may cost in 365 days, in parts per million; 0: no cap.
    struct FloatingTerms {
        bytes16 referenceCode;
        int24 minSpread;
        int24 maxSpread;
        uint8 resetMonths;
        uint64 maxFlatFee;
        uint24 maxDrawFee;
        uint24 maxPeriodicFee;
        uint24 maxTotalCost;
    }

    /// @notice Which trade bounds what a borrower owes under a facility.
    enum TradeBasis {
        None,
        Declarations, // customs declarations of the current month and those before it
        Reports // what a platform reports of the months before the current one
    }

    /// @notice What a draw has to prove. All zero: nothing. See {IDrawEvidence} and {ITradeRecord}.
    /// @param documents The documents that a draw needs: sets of kinds, of each of which one is enough (DocumentSets).
    /// @param accepted Whether the facility's attester must have accepted them.
    /// @param maxAgeDays Days from a document's day to the draw at most; 0: any age.
    /// @param basis Which trade bounds what is owed under a facility.
    /// @param mean Whether the bound is a share of the trade's mean over the months; else of its sum.
    /// @param share Share of the trade that may be owed, in parts per million: 1 to 10,000,000; 0 without a basis.
    /// @param months Calendar months of trade that count, 1 to 24; 0 without a basis.
    struct EvidenceTerms {
        uint32 documents;
        bool accepted;
        uint16 maxAgeDays;
        TradeBasis basis;
        bool mean;
        uint24 share;
        uint8 months;
    }

    /// @notice A product was added, and is open.
    /// @param productId The product.
    /// @param code Short name of the product, left-aligned.
    /// @param terms The terms.
    /// @param goods The terms for goods.
    /// @param floating How the rate follows a reference; all zero for a fixed rate.
    /// @param evidence What a draw has to prove.
    event ProductAdded(
        ProductId indexed productId,
        bytes32 indexed code,
        ProductTerms terms,
        GoodsTerms goods,
        FloatingTerms floating,
        EvidenceTerms evidence
    );

    /// @notice An operator proposed the next version of a product, or that it opens again.
    /// @param productId The product.
    /// @param termsHash Hash of the proposed terms.
    /// @param proposer The operator who proposed.
    event ProductChangeProposed(ProductId indexed productId, bytes32 indexed termsHash, address indexed proposer);

    /// @notice A second operator approved what was proposed.
    /// @param productId The product.
    /// @param version The version in force now.
    /// @param proposer The operator who proposed.
    /// @param approver The operator who approved.
    /// @param terms The terms.
    /// @param goods The terms for goods.
    /// @param floating How the rate follows a reference; all zero for a fixed rate.
    /// @param evidence What a draw has to prove.
    event ProductChanged(
        ProductId indexed productId,
        uint32 version,
        address proposer,
        address approver,
        ProductTerms terms,
        GoodsTerms goods,
        FloatingTerms floating,
        EvidenceTerms evidence
    );

    /// @notice A product was opened or closed.
    /// @param productId The product.
    /// @param open True if facilities may be agreed and drawn.
    event ProductOpened(ProductId indexed productId, bool open);

    /// @notice Days that are no business days were set.
    /// @param words Which words of the calendar: word n has the days 256 * n to 256 * n + 255.
    /// @param bits The bits of each word.
    event HolidaysSet(uint256[] words, uint256[] bits);

    /// @notice The product is closed.
    /// @param productId The product.
    error ProductClosed(ProductId productId);

    /// @notice There is no such product, or no such version of it.
    /// @param productId The product.
    /// @param version The version, counted from 1.
    error ProductUnknown(ProductId productId, uint32 version);

    /// @notice Another product has this code.
    /// @param code Short name of the product, left-aligned.
    /// @param productId That product.
    error CodeTaken(bytes32 code, ProductId productId);

    /// @notice A product has a code.
    error CodeMissing();

    /// @notice A term is out of range.
    /// @param term The name of the term.
    /// @param value The value that was given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error TermOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max);

    /// @notice Nothing is proposed for this product.
    /// @param productId The product.
    error NothingProposed(ProductId productId);

    /// @notice Other terms are proposed.
    /// @param productId The product.
    /// @param proposed Hash of the proposed terms.
    /// @param provided Hash of the terms that were given.
    error ProposalDiffers(ProductId productId, bytes32 proposed, bytes32 provided);

    /// @notice Proposer and caller are one party, or under one control. Another person must approve.
    /// @param productId The product.
    /// @param proposer The operator who proposed.
    error SecondPersonNeeded(ProductId productId, address proposer);

    /// @notice The lists have two lengths.
    /// @param words Length of the list of words.
    /// @param bits Length of the list of bits.
    error LengthsDiffer(uint256 words, uint256 bits);

    /// @notice The smallest spread is above the largest one, or one of them is beyond 1,000,000 parts per million.
    /// @param minSpread The smallest spread, in parts per million a year.
    /// @param maxSpread The largest spread, in parts per million a year.
    error SpreadsOutOfRange(int24 minSpread, int24 maxSpread);

    /// @notice Adds a product with version 1, open. Nobody has a facility under it yet.
    /// @dev Role: operator.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {CodeMissing} if the code is 0.
    /// Reverts with {CodeTaken} if another product has the code.
    /// Reverts with {TermOutOfRange} if a term is out of range.
    /// Reverts with {SpreadsOutOfRange} if the spreads of a floating rate are out of order or range.
    /// @param code Short name of the product, left-aligned.
    /// @param terms The terms.
    /// @param goods The terms for goods.
    /// @param floating How the rate follows a reference; all zero for a fixed rate.
    /// @param evidence What a draw has to prove.
    /// @return The new product.
    function add(
        bytes32 code,
        ProductTerms calldata terms,
        GoodsTerms calldata goods,
        FloatingTerms calldata floating,
        EvidenceTerms calldata evidence
    ) external returns (ProductId);

    /// @notice Proposes the terms of a product's next version, or (with the terms in force) that the product opens
    /// again. Facilities agreed before stay on their version. Currency and limit currency never change.
    /// @dev Role: operator. A later proposal replaces an earlier one.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {ProductUnknown} if there is no such product.
    /// Reverts with {TermOutOfRange} if a term is out of range, or a currency would change.
    /// Reverts with {SpreadsOutOfRange} if the spreads of a floating rate are out of order or range.
    /// Reverts with {ManagerIsNoPerson} if the caller is the AccessManager.
    /// @param productId The product.
    /// @param terms The terms.
    /// @param goods The terms for goods.
    /// @param floating How the rate follows a reference; all zero for a fixed rate.
    /// @param evidence What a draw has to prove.
    function propose(
        ProductId productId,
        ProductTerms calldata terms,
        GoodsTerms calldata goods,
        FloatingTerms calldata floating,
        EvidenceTerms calldata evidence
    ) external;

    /// @notice Approves what another operator proposed: the terms are in force and the product is open.
    /// @dev Role: operator. Both operators are persons, and not of one party or of parties under one control.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {ProductUnknown} if there is no such product.
    /// Reverts with {NothingProposed} if nothing is proposed.
    /// Reverts with {ProposalDiffers} if other terms are proposed.
    /// Reverts with {ManagerIsNoPerson} if the caller is the AccessManager.
    /// Reverts with {SecondPersonNeeded} if the two are one party, or under one control.
    /// Reverts with {ProposerGone} if the proposer is no longer an operator.
    /// Source: decision 20.
    /// @param productId The product.
    /// @param terms The terms, exactly as they were proposed.
    /// @param goods The terms for goods.
    /// @param floating How the rate follows a reference; all zero for a fixed rate.
    /// @param evidence What a draw has to prove.
    function approve(
        ProductId productId,
        ProductTerms calldata terms,
        GoodsTerms calldata goods,
        FloatingTerms calldata floating,
        EvidenceTerms calldata evidence
    ) external;

    /// @notice Stops new facilities and draws at once. One operator is enough.
    /// @dev Role: operator. What is lent runs on.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {ProductUnknown} if there is no such product.
    /// @param productId The product.
    function close(ProductId productId) external;

    /// @notice Sets the days that are no business days, weekends included: bit d % 256 of word d / 256 for day number
    /// d. Due days agreed before do not change.
    /// @dev Role: operator.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {LengthsDiffer} if the lists have two lengths.
    /// @param words Which words of the calendar: word n has the days 256 * n to 256 * n + 255.
    /// @param bits The bits of each word.
    function setHolidays(uint256[] calldata words, uint256[] calldata bits) external;

    /// @notice The terms of a version.
    /// @dev Reverts with {ProductUnknown} if there is no such version.
    /// @param productId The product.
    /// @param version The version, counted from 1.
    /// @return The terms.
    function terms(ProductId productId, uint32 version) external view returns (ProductTerms memory);

    /// @notice The terms for goods of a version.
    /// @param productId The product.
    /// @param version The version, counted from 1.
    /// @return The terms; all zero if no margin is called.
    function goodsTerms(ProductId productId, uint32 version) external view returns (GoodsTerms memory);

    /// @notice How the rate of loans under a version follows a reference.
    /// @param productId The product.
    /// @param version The version, counted from 1.
    /// @return The terms; all zero if the rate is fixed.
    function floatingTerms(ProductId productId, uint32 version) external view returns (FloatingTerms memory);

    /// @notice The reference rates.
    /// @return The contract.
    function rates() external view returns (IReferenceRates);

    /// @notice What a draw under a version has to prove.
    /// @param productId The product.
    /// @param version The version, counted from 1.
    /// @return The terms; all zero if a draw has to prove nothing.
    function evidenceTerms(ProductId productId, uint32 version) external view returns (EvidenceTerms memory);

    /// @notice The terms of a version, while the product is open.
    /// @dev Reverts with {ProductClosed} while it is closed.
    /// Reverts with {ProductUnknown} if there is no such version.
    /// @param productId The product.
    /// @param version The version, counted from 1.
    /// @return The terms.
    function openTerms(ProductId productId, uint32 version) external view returns (ProductTerms memory);

    /// @notice The version in force.
    /// @param productId The product.
    /// @return version The version; 0: there is no such product.
    /// @return open Whether facilities may be agreed and drawn.
    function current(ProductId productId) external view returns (uint32 version, bool open);

    /// @notice The product with a code.
    /// @param code Short name of the product, left-aligned.
    /// @return The product; 0 for none.
    function withCode(bytes32 code) external view returns (ProductId);

    /// @notice Whether a day is no business day.
    /// @param day The day number.
    /// @return True if it is none.
    function isHoliday(uint256 day) external view returns (bool);

    /// @notice Days from each due day of a loan to the next business day, four bits a period.
    /// @dev Reverts with {TermOutOfRange} if one is above 12.
    /// @param loan The terms of the loan; its own shifts are not read.
    /// @return The days, packed.
    function shifts(LoanMath.Terms calldata loan) external view returns (uint256);
}
