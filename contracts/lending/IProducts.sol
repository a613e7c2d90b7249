// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {ProductId} from "../types/Ids.sol";

/// @title The catalogue: the terms of financing as rows. A row never changes; a product in use gets a new version.
/// @notice Rates, shares and multiples are parts per million, amounts are minor units of the product's currency.
interface IProducts {
    /// Whose money is lent.
    enum Funding {
        Bank,
        Platform,
        Entrusted // a third party's, through a bank that only administers
    }

    /// What secures a loan.
    enum CollateralKind {
        None, // a credit tier, or nothing
        Claim,
        Order,
        WarehouseReceipt // goods, and claims with them
    }

    /// When a bill is closed.
    enum Cycle {
        None,
        Weekly, // on Sunday
        Monthly // on the last day
    }

    struct ProductTerms {
        // whose money, against what, how repaid
        address currency;
        Funding funding;
        CollateralKind collateral;
        Cycle cycle;
        uint8 styles; // bit set of LoanMath.Style
        bool revolving; // an amount that is repaid can be drawn again
        bool penaltyOnInterest;
        bool sameDayInterest; // one day's interest when repaid on the day it was drawn
        bool businessDays; // a due day on a holiday moves to the next business day
        uint8 graceDays; // at most 15
        uint8 freeDays; // of a bill, after its closing day
        // price
        uint24 minRate; // a year; the facility names the rate in between
        uint24 maxRate;
        uint16 dayCount; // 360 or 365
        uint24 penaltyMultiple;
        uint24 earlyFee;
        // tenor: days for Bullet, months for schedules
        uint16 minDays;
        uint16 maxDays;
        uint64 months; // bit n: n months allowed
        // who, how much
        uint8 minTier; // 1 to 5, the highest number that is good enough; 0: no tier required
        uint16 maxTierAge; // days
        uint16 minTradeDays;
        bytes3 limitCurrency; // ISO 4217 code of the facilities' limits where it is not the money's (PriceFeed); else 0
        uint64 borrowerLimit; // all facilities of one borrower under the product
        uint64 programmeLimit; // outstanding under the product, of all borrowers
        uint24 advanceRate; // share of the collateral's value
        uint24 debtorShare; // of the programme's limit, on the debts of one debtor; 0: no bound
        // loss
        uint24 reserveShare; // of what a draw adds to the maximum ever outstanding on its facility; the lender pays it
        bool reservePooled; // one reserve for all lenders of the product; else one for each lender
        uint24 breaker; // overdue over outstanding; above it draws stop; 0: never
        bytes32 legalTextHash;
        bytes32 ruleSetHash; // of the file of the jurisdiction's rules that the row was checked against
    }

    /// For loans whose collateral is goods, or becomes goods. All zero: no margin is called. A level is collateral
    /// value over debt. Goods count quantity * price * (1 - haircut), claims and orders their advance rate.
    struct GoodsTerms {
        uint24 callLevel; // below it there is a margin call
        uint24 liquidationLevel; // below it there are no days to cure, if every price is fresh
        uint8 cureDays;
        uint8 auctionDays; // in which the price falls from start to floor
        uint24 auctionStart; // over the goods' market value or the debt, whichever is more
        uint24 auctionFloor;
    }

    event ProductAdded(ProductId indexed productId, bytes32 indexed code, ProductTerms terms, GoodsTerms goods);
    event ProductChangeProposed(ProductId indexed productId, bytes32 indexed termsHash, address indexed proposer);
    event ProductChanged(
        ProductId indexed productId,
        uint32 version,
        address proposer,
        address approver,
        ProductTerms terms,
        GoodsTerms goods
    );
    event ProductOpened(ProductId indexed productId, bool open);
    event HolidaysSet(uint256[] words, uint256[] bits);

    error ProductClosed(ProductId productId);
    error ProductUnknown(ProductId productId, uint32 version);
    error CodeTaken(bytes32 code, ProductId productId);
    error CodeMissing();
    error TermOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max);
    error NothingProposed(ProductId productId);
    error ProposalDiffers(ProductId productId, bytes32 proposed, bytes32 provided);
    error SecondPersonNeeded(ProductId productId, address proposer);
    error LengthsDiffer(uint256 words, uint256 bits);

    /// Adds a product with version 1, open. Nobody has a facility under it yet. Role: operator.
    function add(bytes32 code, ProductTerms calldata terms, GoodsTerms calldata goods) external returns (ProductId);
    /// Proposes the terms of a product's next version, or (with the terms in force) that the product opens again. Role:
    /// operator. Facilities agreed before stay on their version. Currency and limit currency never change.
    function propose(ProductId productId, ProductTerms calldata terms, GoodsTerms calldata goods) external;
    /// Approves what another operator proposed: the terms are in force and the product is open. Both operators are
    /// persons: not the AccessManager (`ManagerIsNoPerson`), and not of one party or of parties under one control
    /// (`SecondPersonNeeded`). The proposer is still an operator (`ProposerGone`).
    function approve(ProductId productId, ProductTerms calldata terms, GoodsTerms calldata goods) external;
    /// Stops new facilities and draws at once. One operator is enough. Role: operator.
    function close(ProductId productId) external;
    /// Sets the days that are no business days, weekends included: bit d % 256 of word d / 256 for day number d. Due
    /// days agreed before do not change. Role: operator.
    function setHolidays(uint256[] calldata words, uint256[] calldata bits) external;

    function terms(ProductId productId, uint32 version) external view returns (ProductTerms memory);
    function goodsTerms(ProductId productId, uint32 version) external view returns (GoodsTerms memory);
    /// Like `terms`, but reverts while the product is closed.
    function openTerms(ProductId productId, uint32 version) external view returns (ProductTerms memory);
    /// The version in force (0: unknown), and whether facilities may be agreed and drawn.
    function current(ProductId productId) external view returns (uint32 version, bool open);
    function withCode(bytes32 code) external view returns (ProductId);
    function isHoliday(uint256 day) external view returns (bool);
    /// Days from each due day to the next business day, four bits a period. Reverts if one is above 12.
    function shifts(LoanMath.Terms calldata loan) external view returns (uint256);
}
