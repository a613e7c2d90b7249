// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {CurrencyText} from "../cash/CurrencyText.sol";
import {PageText} from "../tokens/PageText.sol";
import {TokenPages} from "../tokens/TokenPages.sol";
import {Holding, Lineage} from "../tokens/TokenBook.sol";
import {ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {Book, knownRecord, Record, unpaidOf} from "./ReceivableBook.sol";
import {ReceivableClock} from "./ReceivableClock.sol";

/// @title What wallets show of claims and receivables; linked to the module of Receivables.
/// @notice Draws the pages that {TokenPages} writes.
/// @dev Runs by delegatecall on the storage of Receivables, for views only. A page works whatever the currency answers.
library ReceivablePages {
    using CurrencyText for CurrencyText.Words;
    using Strings for *;

    string private constant GREEN = "#1b6e4b";
    string private constant AMBER = "#9a5b00";
    string private constant RED = "#9b1c1c";
    string private constant GREY = "#4a5568";

    /// @notice Page of the contract (ERC-7572, and ERC-3525's contractURI).
    /// @return The page as a data URI.
    function contractPage() external pure returns (string memory) {
        TokenPages.Page memory page;
        page.name = "Cession Claims";
        page.headline = "Claims on debts";
        page.description = "Claims on debts that buyers confirmed by signature. A slot is a receivable, a token is a claim on part of it. "
            "Receivables are in different currencies, so a value counts minor units of the receivable's currency. "
            "The page of each token and slot gives the amount in the currency's own decimals.";
        page.colour = GREEN;
        page.members = ',"symbol":"CLAIM","valueDecimals":0';
        return TokenPages.draw(page);
    }

    /// @notice Page of a claim that exists; the caller checks that it exists.
    /// @param book The stored state of Receivables.
    /// @param holding First storage slot of the token.
    /// @param lineage Second storage slot of the token.
    /// @param lienholder Whose lien it is.
    /// @param claimId The claim.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return The page as a data URI.
    function claimPage(
        Book storage book,
        Holding storage holding,
        Lineage storage lineage,
        address lienholder,
        uint256 claimId,
        uint256 zoneOffset
    ) external view returns (string memory) {
        return _claimPage(book, TokenPages.tokenOf(claimId, holding, lineage, lienholder), zoneOffset);
    }

    /// @notice Page of a receivable.
    /// @dev Reverts with {ReceivableUnknown} if there is no such receivable.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return The page as a data URI.
    function receivablePage(Book storage book, ReceivableId receivableId, uint256 zoneOffset)
        external
        view
        returns (string memory)
    {
        Record storage record = knownRecord(book, receivableId);
        CurrencyText.Words memory words = CurrencyText.read(book.currencies[record.currencyIndex]);
        TokenPages.Page memory page = TokenPages.newPage("Receivable ", ReceivableId.unwrap(receivableId), 10);
        page.headline = words.amount(record.face);
        string memory status = _standing(page, book, receivableId, record, zoneOffset);
        TokenPages.Line[] memory lines = page.lines;
        lines[1] = _dueDate(record);
        lines[2] = TokenPages.Line(
            "Principal owed", "Principal that is neither paid nor credited.", words.amount(unpaidOf(record))
        );
        lines[3] = TokenPages.Line("Seller", "Account that filed the debt.", record.seller.toChecksumHexString());
        lines[4] = TokenPages.Line("Debtor", "Account that owes.", record.debtor.toChecksumHexString());
        lines[5] =
            TokenPages.Line("Face amount", "What the invoice said, before payments and credit notes.", page.headline);
        lines[6] = TokenPages.Line("Paid", "Principal that the debtor paid.", words.amount(record.principalPaid));
        _addCurrency(lines, 7, words, record.face);
        page.drawn = 5;
        page.description = string.concat(
            string.concat("Debt of ", page.headline, " by an invoice, due on ", lines[1].text),
            string.concat(". Status: ", status, ". "),
            _digitsSentence(words)
        );
        page.members = _digitsMember(words);
        return TokenPages.draw(page);
    }

    function _claimPage(Book storage book, TokenPages.Token memory token, uint256 zoneOffset)
        private
        view
        returns (string memory)
    {
        Record storage record = book.records[ReceivableId.wrap(token.slot)];
        CurrencyText.Words memory words = CurrencyText.read(book.currencies[record.currencyIndex]);
        TokenPages.Page memory page = TokenPages.newPage("Claim ", token.id, 9);
        page.headline = words.amount(token.value);
        string memory status = _standing(page, book, ReceivableId.wrap(token.slot), record, zoneOffset);
        TokenPages.Line[] memory lines = page.lines;
        lines[1] = _dueDate(record);
        lines[2] = TokenPages.Line(
            "Lien",
            "Account that alone may move the claim.",
            token.encumbered ? token.lienholder.toChecksumHexString() : "None"
        );
        lines[3] = TokenPages.Line("Receivable", "The slot: the debt that this is a claim on.", token.slot.toString());
        lines[4] = TokenPages.Line("Debtor", "Account that owes.", record.debtor.toChecksumHexString());
        lines[5] = TokenPages.Line("Amount", "Principal of the claim that is not collected yet.", page.headline);
        _addCurrency(lines, 6, words, token.value);
        page.drawn = 5;
        page.description = string.concat(
            string.concat("Claim to ", page.headline, " of receivable ", lines[3].text, ", due on ", lines[1].text),
            string.concat(". Status: ", status, token.encumbered ? ". Under a lien. " : ". Not under a lien. "),
            _digitsSentence(words)
        );
        page.members = string.concat(_digitsMember(words), TokenPages.membersOf(token));
        return TokenPages.draw(page);
    }

    /// @dev The status in words, as the page's first line and its colour.
    function _standing(
        TokenPages.Page memory page,
        Book storage book,
        ReceivableId receivableId,
        Record storage record,
        uint256 zoneOffset
    ) private view returns (string memory status) {
        uint256 today = ReceivableClock.today(book, record, zoneOffset);
        bool owed = unpaidOf(record) != 0 || ReceivableClock.lateDue(book, receivableId, today) != 0;
        bool overdue = owed && today > record.dueDay;
        (status, page.colour) = _statusOf(record.status, overdue);
        page.lines[0] = TokenPages.Line("Status", "Where the debt stands now.", status);
    }

    function _statusOf(IReceivables.Status status, bool overdue)
        private
        pure
        returns (string memory word, string memory colour)
    {
        if (status == IReceivables.Status.Confirmed) return overdue ? ("Overdue", AMBER) : ("Confirmed", GREEN);
        if (status == IReceivables.Status.Disputed) return (overdue ? "Disputed and overdue" : "Disputed", AMBER);
        if (status == IReceivables.Status.Defaulted) return ("In default", RED);
        if (status == IReceivables.Status.WrittenOff) return ("Written off, still owed", RED);
        if (status == IReceivables.Status.Settled) return ("Settled", GREY);
        if (status == IReceivables.Status.Requested) return ("Requested, not confirmed", GREY);
        return (status == IReceivables.Status.Rejected ? "Rejected by the debtor" : "Withdrawn by the seller", GREY);
    }

    function _dueDate(Record storage record) private view returns (TokenPages.Line memory) {
        return TokenPages.Line(
            "Due date",
            "The debt is due by the end of this day in the ledger's time zone.",
            PageText.isoDay(record.dueDay)
        );
    }

    /// @dev What a program needs to write the amount itself.
    function _addCurrency(
        TokenPages.Line[] memory lines,
        uint256 first,
        CurrencyText.Words memory words,
        uint256 minorUnits
    ) private pure {
        lines[first] = TokenPages.Line("Currency", "What the currency calls itself.", words.name);
        lines[first + 1] = TokenPages.Line(
            "Currency contract", "Token that the debt is paid in.", words.currency.toChecksumHexString()
        );
        lines[first + 2] =
            TokenPages.Line("Minor units", "The same amount in whole minor units.", minorUnits.toString());
    }

    /// @dev As in ERC-1155: digits of this page's amount. Left out if the currency does not state them.
    function _digitsMember(CurrencyText.Words memory words) private pure returns (string memory) {
        return words.hasDigits ? string.concat(',"decimals":', uint256(words.digits).toString()) : "";
    }

    function _digitsSentence(CurrencyText.Words memory words) private pure returns (string memory) {
        if (!words.hasDigits) {
            return "The currency does not say how many decimals it has, so amounts are whole minor units.";
        }
        return string.concat(
            "Values on the ledger count minor units; ",
            words.name,
            " has ",
            uint256(words.digits).toString(),
            " decimals."
        );
    }
}
