// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {LotId} from "../../../contracts/types/Ids.sol";
import {PageReader} from "../support/PageReader.sol";
import {WarehouseReceiptsFixture} from "./WarehouseReceiptsFixture.sol";

/// What wallets show of warehouse receipts and lots.
contract WarehouseReceiptPagesTest is WarehouseReceiptsFixture, PageReader {
    function _lotPage(LotId lotId) private view returns (string memory) {
        return warehouseReceipts.slotURI(LotId.unwrap(lotId));
    }

    function test_a_quantity_is_in_the_lot_s_unit() public {
        (LotId lotId, uint256 id) = _issued(1_250_500);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Quantity", "1,250.500 KGM"));
        _assertShows(warehouseReceipts.tokenURI(id), '"decimals":3,"balance":1250500,"slot":1');
        _assertShows(warehouseReceipts.contractURI(), '"symbol":"CWR","valueDecimals":3}');
        assertEq(warehouseReceipts.valueDecimals(), 3, "thousandths");
        _impair(id, 250_500);
        _assertShows(_lotPage(lotId), _attribute("Quantity", "1,000.000 KGM"));
        _assertShows(_lotPage(lotId), _attribute("Issued", "1,250.500 KGM"));
    }

    function test_a_lot_shows_its_condition_in_words() public {
        (LotId lotId, uint256 id) = _issued(1_000);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Status", "Sound"));
        _count(lotId, 999);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Status", "Sound, counted short"));
        _inspect(lotId, IWarehouseReceipts.Condition.Reduced);
        _assertShows(_lotPage(lotId), _attribute("Status", "Reduced in value, counted short"));
        _count(lotId, 1_000);
        vm.warp(block.timestamp + 91 days);
        _inspect(lotId, IWarehouseReceipts.Condition.Unfit);
        _assertShows(_lotPage(lotId), _attribute("Status", "Unfit, expired"));
        _assertShows(_lotPage(lotId), _attribute("Good until", "2024-11-03"));
    }

    function test_a_warehouse_receipt_shows_its_lien_and_what_was_requested() public {
        (, uint256 id) = _issued(1_000);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Lien", "None"));
        uint256 requested = _ask(id, 400);
        _assertShows(warehouseReceipts.tokenURI(requested), _attribute("Release", "Asked for"));
        _assertShows(warehouseReceipts.tokenURI(requested), _attribute("Lien", "None"));
        _encumber(id, bank);
        _assertShows(warehouseReceipts.tokenURI(id), '"trait_type":"Lien","value":"0x');
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Release", "Not asked for"));
    }

    function test_page_says_when_a_warehouse_receipt_is_not_negotiable() public {
        (, uint256 id) = _named(1_000);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Passing", "With the warehouse's acknowledgement"));
    }

    function testFuzz_unit_cannot_escape_its_text(bytes3 unit) public {
        vm.assume(unit != 0);
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000);
        terms.unit = unit;
        (LotId lotId, uint256 id) = _issue(terms);
        uint256 quotes = _quotes(warehouseReceipts.tokenURI(id));
        uint256 lotQuotes = _quotes(_lotPage(lotId));
        (lotId, id) = _issued(1_000);
        assertEq(quotes, _quotes(warehouseReceipts.tokenURI(id)), "the warehouse receipt's page");
        assertEq(lotQuotes, _quotes(_lotPage(lotId)), "the lot's page");
    }

    function test_a_unit_that_is_no_word_is_shown_in_hexadecimal() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000);
        terms.unit = '"<&';
        (, uint256 id) = _issue(terms);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Quantity", "1.000 0x223c26"));
        terms = _lotTerms(1_000);
        terms.unit = bytes3(0x4b0047);
        (, id) = _issue(terms);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Quantity", "1.000 0x4b0047"));
        terms = _lotTerms(1_000);
        terms.unit = "XX";
        (, id) = _issue(terms);
        _assertShows(warehouseReceipts.tokenURI(id), _attribute("Quantity", "1.000 XX"));
    }

    function test_token_uri_reverts_when_the_token_does_not_exist() public {
        (LotId lotId, uint256 id) = _issued(1_000);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenUnknown.selector, id + 1));
        warehouseReceipts.tokenURI(id + 1);
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.LotUnknown.selector, LotId.unwrap(lotId) + 1));
        warehouseReceipts.slotURI(LotId.unwrap(lotId) + 1);
        _ask(id, 1_000);
        _handOver(id);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenUnknown.selector, id));
        warehouseReceipts.tokenURI(id);
        _assertShows(_lotPage(lotId), _attribute("Quantity", "0.000 KGM"));
    }

    function _quotes(string memory uri) private pure returns (uint256 count) {
        bytes memory json = bytes(_json(uri));
        for (uint256 i; i < json.length; ++i) {
            bytes1 letter = json[i];
            assertTrue(letter >= " " && letter < 0x7f && letter != "\\" && letter != "<" && letter != "&", "plain");
            if (letter == '"') ++count;
        }
    }
}
