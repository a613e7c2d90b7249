// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Holding, Lineage} from "./TokenBook.sol";

/// @title What wallets show: a page of JSON with a drawing, as a data URI; linked to the pages of the tokens.
/// @notice Draws pages without reading anything outside of its arguments.
/// @dev The JSON has the members of ERC-721 (with the usual `attributes`), ERC-3525 and, for a contract, ERC-7572.
/// @dev Warning: it writes the texts as they are. Callers give constants, numbers, and words that PageText accepts.
library TokenPages {
    /// @notice A token that a page describes.
    /// @param id The token.
    /// @param slot Its slot.
    /// @param value Its value, in minor units.
    /// @param encumbered Whether it is under a lien.
    /// @param lienholder Whose lien it is; zero if there is none.
    struct Token {
        uint256 id;
        uint256 slot;
        uint256 value;
        bool encumbered;
        address lienholder;
    }

    /// @notice One line of a page.
    /// @param label Its name.
    /// @param about What it means, in one sentence.
    /// @param text Its value.
    struct Line {
        string label;
        string about;
        string text;
    }

    /// @notice A page.
    /// @param name For example "Claim 7".
    /// @param description What the token is, in one sentence.
    /// @param headline The largest text of the drawing: an amount or a quantity.
    /// @param colour Of the drawing: #rrggbb.
    /// @param members Further members of the JSON, each begun by a comma.
    /// @param drawn Number of lines that are in the drawing too.
    /// @param lines The lines.
    struct Page {
        string name;
        string description;
        string headline;
        string colour;
        string members;
        uint256 drawn;
        Line[] lines;
    }

    /// @notice The page as `data:application/json;base64,`, its drawing within as `data:image/svg+xml;base64,`.
    /// @param page The page.
    /// @return uri The data URI.
    function draw(Page memory page) external pure returns (string memory uri) {
        string memory image = Base64.encode(bytes(_drawing(page)));
        string memory head = string.concat(
            '{"name":"',
            page.name,
            '","description":"',
            page.description,
            '","image":"data:image/svg+xml;base64,',
            image
        );
        string memory json = string.concat(head, '"', page.members, _listed(page.lines), "}");
        return string.concat("data:application/json;base64,", Base64.encode(bytes(json)));
    }

    /// @notice What the pages of a token say about it, from its storage.
    /// @param tokenId The token.
    /// @param holding Its first storage slot.
    /// @param lineage Its second storage slot.
    /// @param lienholder Whose lien it is.
    /// @return The token.
    function tokenOf(uint256 tokenId, Holding storage holding, Lineage storage lineage, address lienholder)
        internal
        view
        returns (Token memory)
    {
        return Token(tokenId, lineage.slot, holding.value, lineage.encumbered, lienholder);
    }

    /// @notice A page with room for `lines` lines.
    /// @param kind The kind of thing, with a blank at its end.
    /// @param number Its number.
    /// @param lines How many lines it has.
    /// @return page The page.
    function newPage(string memory kind, uint256 number, uint256 lines) internal pure returns (Page memory page) {
        page.name = string.concat(kind, Strings.toString(number));
        page.lines = new Line[](lines);
    }

    /// @notice Members of ERC-3525's token page.
    /// @param token The token.
    /// @return The members, each begun by a comma.
    function membersOf(Token memory token) internal pure returns (string memory) {
        return string.concat(',"balance":', Strings.toString(token.value), ',"slot":', Strings.toString(token.slot));
    }

    /// @dev The lines, once as wallets read them for ERC-721 and once as ERC-3525 has them.
    function _listed(Line[] memory lines) private pure returns (string memory) {
        if (lines.length == 0) return "";
        string memory attributes;
        string memory properties;
        for (uint256 i; i < lines.length; ++i) {
            Line memory line = lines[i];
            string memory comma = i == 0 ? "" : ",";
            attributes = string.concat(attributes, comma, '{"trait_type":"', line.label, '","value":"', line.text, '"}');
            properties = string.concat(
                properties,
                comma,
                '{"name":"',
                line.label,
                '","description":"',
                line.about,
                '","value":"',
                line.text,
                '"}'
            );
        }
        return string.concat(',"attributes":[', attributes, '],"properties":[', properties, "]");
    }

    function _drawing(Page memory page) private pure returns (string memory) {
        string memory height = Strings.toString(150 + 28 * page.drawn);
        string memory frame = string.concat(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 ',
            height,
            '" role="img" font-family="Helvetica,Arial,sans-serif"><title>',
            page.name,
            ": ",
            page.headline,
            '</title><rect width="480" height="',
            height,
            '" rx="16" fill="#ffffff" stroke="#cbd5e0"/><path d="M16 0H464A16 16 0 0 1 480 16V56H0V16A16 16 0 0 1 16 0Z" fill="',
            page.colour
        );
        frame = string.concat(
            frame,
            '"/><text x="24" y="36" font-size="20" font-weight="bold" fill="#ffffff">',
            page.name,
            '</text><text x="24" y="108" font-weight="bold" fill="#1a202c" font-size="',
            _fontSize(bytes(page.headline).length),
            '">',
            page.headline,
            "</text>"
        );
        for (uint256 i; i < page.drawn; ++i) {
            frame = string.concat(frame, _drawnFacility(page.lines[i], Strings.toString(148 + 28 * i)));
        }
        return string.concat(frame, "</svg>");
    }

    function _drawnFacility(Line memory line, string memory y) private pure returns (string memory) {
        return string.concat(
            string.concat('<text x="24" font-size="13" fill="#4a5568" y="', y, '">', line.label, "</text>"),
            string.concat('<text x="130" fill="#1a202c" y="', y, '" font-size="'),
            bytes(line.text).length <= 36 ? "13" : "11", // an address is long
            string.concat('">', line.text, "</text>")
        );
    }

    /// @dev A text of this length fits between the margins.
    function _fontSize(uint256 length) private pure returns (string memory) {
        if (length <= 18) return "40";
        if (length <= 28) return "26";
        return length <= 48 ? "16" : "10";
    }
}
