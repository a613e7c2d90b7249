// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {ProductId} from "../types/Ids.sol";

/// @title The catalogue: terms of financing as rows. A row never changes; a product in use gets a new version.
/// @notice Rates, shares and multiples are parts per million, amounts minor units of the product's currency.
interface IProducts {
    /// Whose money is lent.
    enum Funding {
        Bank,
        Platform,
        Entrusted // a third party's, through a bank that only administers
    }

    /// What secures a loan.
    enum Cover {
        None, // a credit tier, or nothing
        Claim,
        Order,
        Receipt // goods, and claims beside them
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
        Cover cover;
        Cycle cycle;
        uint8 styles; // bit set of LoanMath.Style
        bool revolving; // what is repaid can be drawn again
        bool penaltyOnInterest;
        bool sameDayInterest; // one day's interest when repaid on the day it was drawn
        bool businessDays; // a due day on a holiday moves to the next business day
        uint8 graceDays; // at most 15
        uint8 freeDays; // of a bill after its closing day
        // price
        uint24 leastRate; // a year; the facility says which in between
        uint24 mostRate;
        uint16 dayCount; // 360 or 365
        uint24 penaltyMultiple;
        uint24 earlyFee;
        // tenor: days for Bullet, months for schedules
        uint16 leastDays;
        uint16 mostDays;
        uint64 months; // bit n: n months allowed
        // who, how much
        uint8 leastTier; // 1 to 5, the highest number that is good enough; 0: no tier asked
        uint16 mostTierAge; // days
        uint16 leastTradeDays;
        bytes3 limitCurrency; // ISO 4217 code of the lines' limits where it is another than the money's (PriceFeed); else 0
        uint64 borrowerLimit; // all lines of one borrower under the product
        uint64 programmeLimit; // outstanding of all
        uint24 advanceRate; // share of the cover's value
        uint24 debtorShare; // of the programme's limit, on the debts of one debtor; 0: any
        // loss
        uint24 reserveShare; // of what a draw adds to the most ever outstanding on its line, paid by the lender
        bool reservePooled; // one reserve for all lenders of the product; else each lender's own
        uint24 breaker; // overdue over outstanding above which draws stop; 0: never
        bytes32 legalTextHash;
        bytes32 ruleSetHash; // the file of the jurisdiction's rules that the row was held to
    }

    /// Of loans whose cover is goods, or becomes goods; all zero: no margin is called. Levels are cover value over debt, where goods
    /// count quantity * price * (1 - haircut), claims and orders their advance.
    struct GoodsTerms {
        uint24 callLevel; // below it a margin call
        uint24 liquidationLevel; // below it no days to cure, if every price is fresh
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
    error TermOutOfRange(bytes32 term, uint256 given, uint256 least, uint256 most);
    error NothingProposed(ProductId productId);
    error ProposalDiffers(ProductId productId, bytes32 proposed, bytes32 given);
    error SecondPersonNeeded(ProductId productId, address proposer);
    error LengthsDiffer(uint256 words, uint256 bits);

    /// A new product, version 1, open: nobody has a line under it yet. Role: operator.
    function add(bytes32 code, ProductTerms calldata terms, GoodsTerms calldata goods) external returns (ProductId);
    /// Proposes what a product shall be from its next version on, or (with the terms in force) that it be opened again. Role:
    /// operator. Lines agreed before keep their version; currency and limit currency stay for ever.
    function propose(ProductId productId, ProductTerms calldata terms, GoodsTerms calldata goods) external;
    /// By another operator than the one who proposed: the terms are in force and the product is open. Both are persons: not the
    /// AccessManager (`ManagerIsNoPerson`), and not of one party or of parties under one control (`SecondPersonNeeded`). The proposer
    /// is an operator still (`ProposerGone`).
    function approve(ProductId productId, ProductTerms calldata terms, GoodsTerms calldata goods) external;
    /// Stops new lines and draws at once; one person is enough. Role: operator.
    function close(ProductId productId) external;
    /// Days that are no business days, weekends too: bit d % 256 of word d / 256 for day number d. Due days agreed before stay.
    /// Role: operator.
    function setHolidays(uint256[] calldata words, uint256[] calldata bits) external;

    function terms(ProductId productId, uint32 version) external view returns (ProductTerms memory);
    function goodsTerms(ProductId productId, uint32 version) external view returns (GoodsTerms memory);
    /// `terms`, and reverts while the product is closed.
    function openTerms(ProductId productId, uint32 version) external view returns (ProductTerms memory);
    /// Version in force (0: unknown) and whether lines may be agreed and drawn.
    function current(ProductId productId) external view returns (uint32 version, bool open);
    function withCode(bytes32 code) external view returns (ProductId);
    function isHoliday(uint256 day) external view returns (bool);
    /// Days from each due day to the next business day, four bits a period; reverts where one is above 12.
    function shifts(LoanMath.Terms calldata loan) external view returns (uint256);
}
