// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {PageText} from "../tokens/PageText.sol";
import {TokenPages} from "../tokens/TokenPages.sol";
import {Holding, Lineage} from "../tokens/TokenBook.sol";
import {LotId} from "../types/Ids.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";
import {LotLife} from "./LotLife.sol";

/// @title What wallets show of warehouse receipts and lots; linked to the module of WarehouseReceipts.
/// @notice Draws the pages that {TokenPages} writes.
/// @dev Runs by delegatecall on the storage of WarehouseReceipts, for views only.
library WarehouseReceiptPages {
    using Strings for *;

    string private constant BLUE = "#1f4e79";
    string private constant AMBER = "#9a5b00";
    string private constant RED = "#9b1c1c";

    uint256 private constant DIGITS = 3;

    /// @notice Page of the contract (ERC-7572, and ERC-3525's contractURI).
    /// @return The page as a data URI.
    function contractPage() external pure returns (string memory) {
        TokenPages.Page memory page;
        page.name = "Cession Warehouse Receipts";
        page.headline = "Warehouse receipts";
        page.description = "Receipts for goods that a warehouse holds. A slot is a lot, a token is a receipt for part of it. "
            "A value counts thousandths of the lot's unit.";
        page.colour = BLUE;
        page.members = ',"symbol":"CWR","valueDecimals":3';
        return TokenPages.draw(page);
    }

    /// @notice Page of a warehouse receipt that exists; the caller checks that it exists.
    /// @param lots The stored state of the lots.
    /// @param holding First storage slot of the token.
    /// @param lineage Second storage slot of the token.
    /// @param lienholder Whose lien it is.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param today Today's day number.
    /// @return The page as a data URI.
    function warehouseReceiptPage(
        LotLife.Lots storage lots,
        Holding storage holding,
        Lineage storage lineage,
        address lienholder,
        uint256 warehouseReceiptId,
        uint256 today
    ) external view returns (string memory) {
        TokenPages.Token memory token = TokenPages.tokenOf(warehouseReceiptId, holding, lineage, lienholder);
        return _warehouseReceiptPage(lots.records[LotId.wrap(token.slot)], token, today);
    }

    /// @notice Page of a lot.
    /// @dev Reverts with {LotUnknown} if there is no such lot.
    /// @param lots The stored state of the lots.
    /// @param lotId The lot.
    /// @param today Today's day number.
    /// @return The page as a data URI.
    function lotPage(LotLife.Lots storage lots, LotId lotId, uint256 today) external view returns (string memory) {
        LotLife.Record storage record = LotLife.known(lots, lotId);
        TokenPages.Page memory page = TokenPages.newPage("Lot ", LotId.unwrap(lotId), 9);
        page.headline = _quantity(record, LotLife.outstanding(record));
        string memory status = _standing(page, record, today);
        page.description = string.concat(
            string.concat(
                "Goods in store: ", page.headline, " of ", _quantity(record, record.issued), " that were stored"
            ),
            string.concat(", good until ", PageText.isoDay(record.expiryDay), ". Status: ", status, ".")
        );
        page.members = ',"decimals":3';
        TokenPages.Line[] memory lines = page.lines;
        lines[1] = TokenPages.Line("Stored", "Day on which the goods came in.", PageText.isoDay(record.storedDay));
        lines[2] = _expiry(record);
        lines[3] = _warehouse(record);
        lines[4] = TokenPages.Line("Issued", "Quantity that the lot began with.", _quantity(record, record.issued));
        lines[5] = TokenPages.Line("Quantity", "In store now, by the receipts that stand.", page.headline);
        lines[6] = TokenPages.Line("Counted", "At the last count of stock.", _quantity(record, record.counted));
        lines[7] = _transferring(record);
        lines[8] =
            TokenPages.Line("Item", "Hash of the goods' code, grade and unit.", uint256(record.item).toHexString(32));
        page.drawn = 5;
        return TokenPages.draw(page);
    }

    function _warehouseReceiptPage(LotLife.Record storage record, TokenPages.Token memory token, uint256 today)
        private
        view
        returns (string memory)
    {
        TokenPages.Page memory page = TokenPages.newPage("Warehouse receipt ", token.id, 8);
        page.headline = _quantity(record, token.value);
        string memory status = _standing(page, record, today);
        // While a release is pending the lienholder is the contract itself.
        bool requested = token.lienholder == address(this);
        bool encumbered = token.encumbered && !requested;
        TokenPages.Line[] memory lines = page.lines;
        lines[1] = TokenPages.Line("Lot", "The slot: the goods that this is a receipt for.", token.slot.toString());
        lines[2] = _expiry(record);
        lines[3] = TokenPages.Line(
            "Lien",
            "Account that alone may move the receipt.",
            encumbered ? token.lienholder.toChecksumHexString() : "None"
        );
        lines[4] = _warehouse(record);
        lines[5] = TokenPages.Line(
            "Release", "Whether the holder asked for the goods.", requested ? "Asked for" : "Not asked for"
        );
        lines[6] = TokenPages.Line("Quantity", "In the unit's code of UN/ECE recommendation 20.", page.headline);
        lines[7] = _transferring(record);
        page.drawn = 6;
        page.description = string.concat(
            string.concat("Receipt for ", page.headline, " of lot ", lines[1].text, ", good until ", lines[2].text),
            string.concat(". Status: ", status, ". "),
            requested ? "The holder asked for the goods." : encumbered ? "Under a lien." : "Not under a lien."
        );
        page.members = string.concat(',"decimals":3', TokenPages.membersOf(token));
        return TokenPages.draw(page);
    }

    function _quantity(LotLife.Record storage record, uint256 value) private view returns (string memory) {
        // The warehouse chose the unit's three letters.
        return string.concat(PageText.grouped(value, DIGITS), " ", PageText.wordOr0x(record.unit, 3));
    }

    /// @dev The goods' state in words, as the page's first line and its colour.
    function _standing(TokenPages.Page memory page, LotLife.Record storage record, uint256 today)
        private
        view
        returns (string memory status)
    {
        IWarehouseReceipts.Condition condition = record.condition;
        bool expired = today > record.expiryDay;
        bool short = LotLife.isShort(record);
        page.colour = expired || short ? AMBER : BLUE;
        if (condition == IWarehouseReceipts.Condition.Sound) status = "Sound";
        else if (condition == IWarehouseReceipts.Condition.Reduced) (status, page.colour) = ("Reduced in value", AMBER);
        else (status, page.colour) = ("Unfit", RED);
        status = string.concat(status, expired ? ", expired" : "", short ? ", counted short" : "");
        page.lines[0] = TokenPages.Line("Status", "How the goods were found, counted and dated.", status);
    }

    function _expiry(LotLife.Record storage record) private view returns (TokenPages.Line memory) {
        return TokenPages.Line("Good until", "Last day on which the goods are good.", PageText.isoDay(record.expiryDay));
    }

    function _warehouse(LotLife.Record storage record) private view returns (TokenPages.Line memory) {
        return TokenPages.Line("Warehouse", "Account that holds the goods.", record.warehouse.toChecksumHexString());
    }

    function _transferring(LotLife.Record storage record) private view returns (TokenPages.Line memory) {
        string memory text = record.negotiable ? "Negotiable" : "With the warehouse's acknowledgement";
        return TokenPages.Line("Passing", "How the receipt passes to another party.", text);
    }
}
