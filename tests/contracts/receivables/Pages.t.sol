// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/receivables/IReceivables.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {PageText} from "../../../contracts/tokens/PageText.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {ClaimId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";
import {PageReader} from "../support/PageReader.sol";

/// A currency that answers what the test set.
contract Talker {
    enum Mood {
        Answers,
        Reverts,
        Burns,
        Floods,
        Short
    }

    string public name = "Talker";
    bytes private _symbol;
    uint256 private _decimals = 2;
    Mood private _mood;

    function say(bytes calldata symbolAnswer, uint256 decimalsAnswer, Mood mood) external {
        (_symbol, _decimals, _mood) = (symbolAnswer, decimalsAnswer, mood);
    }

    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }

    fallback(bytes calldata call) external returns (bytes memory) {
        if (_mood == Mood.Reverts) revert("no answer");
        if (_mood == Mood.Short) return hex"02";
        if (_mood == Mood.Floods) return new bytes(20_000);
        while (_mood == Mood.Burns) {}
        return bytes4(call) == bytes4(0x313ce567) ? abi.encode(_decimals) : _symbol;
    }
}

/// What wallets show of claims and receivables.
contract ReceivablePagesTest is Fixture, PageReader {
    string private constant HOSTILE = '"},"image":"x<script>&';

    Talker private _talker = new Talker();

    function _claimIn(address currency, uint96 face) private returns (ReceivableId receivableId, uint256 claimId) {
        vm.prank(OPERATOR);
        receivables.allowCurrency(currency, true);
        IReceivables.ReceivableTerms memory terms = _terms(face);
        terms.currency = currency;
        vm.prank(seller);
        receivableId = receivables.request(terms);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        claimId = ClaimId.unwrap(receivables.confirm(receivableId, signature));
    }

    function _inCurrency(string memory code, uint8 digits, uint96 face) private returns (uint256 claimId) {
        SettlementToken token = new SettlementToken(address(access), address(forwarder), "Deposit", code, digits);
        (, claimId) = _claimIn(address(token), face);
    }

    function _slotPage(ReceivableId receivableId) private view returns (string memory) {
        return receivables.slotURI(ReceivableId.unwrap(receivableId));
    }

    // ------------------------------------------------------------------ amounts

    function test_an_amount_has_the_digits_of_its_currency() public {
        uint256 yen = _inCurrency("JPY", 0, 1_250_000);
        _assertShows(receivables.tokenURI(yen), _attribute("Amount", "1,250,000 JPY"));
        _assertShows(receivables.tokenURI(yen), '"decimals":0,"balance":1250000,"slot":1');
        uint256 dinar = _inCurrency("KWD", 3, 1_250_000);
        _assertShows(receivables.tokenURI(dinar), _attribute("Amount", "1,250.000 KWD"));
        _assertShows(receivables.tokenURI(dinar), '"decimals":3,');
        (, uint256 yuan) = _confirmed(1_250_000);
        _assertShows(receivables.tokenURI(yuan), _attribute("Amount", "12,500.00 CNY"));
        _assertShows(receivables.tokenURI(yuan), _attribute("Minor units", "1250000"));
    }

    function test_value_decimals_are_none_as_slots_are_in_different_currencies() public view {
        assertEq(receivables.valueDecimals(), 0, "minor units");
        _assertShows(receivables.contractURI(), '"symbol":"CLAIM","valueDecimals":0}');
    }

    function test_a_part_shows_its_own_amount() public {
        (, uint256 claimId) = _confirmed(1_000);
        vm.prank(seller);
        uint256 part = receivables.assign(claimId, suppliers[0], 301, 0);
        _assertShows(receivables.tokenURI(part), _attribute("Amount", "3.01 CNY"));
        _assertShows(receivables.tokenURI(claimId), _attribute("Amount", "6.99 CNY"));
    }

    function testFuzz_a_grouped_number_has_the_digits_of_the_number(uint256 value, uint256 digits) public pure {
        digits = bound(digits, 0, 36);
        bytes memory text = bytes(PageText.grouped(value, digits));
        uint256 read;
        uint256 behind;
        bool point;
        for (uint256 i; i < text.length; ++i) {
            if (text[i] == ",") {
                uint256 end = digits == 0 ? text.length : text.length - digits - 1;
                assertEq((end - i) % 4, 0, "a comma before each three");
                assertTrue(i != 0, "none at the front");
            } else if (text[i] == ".") {
                point = true;
            } else {
                read = read * 10 + (uint8(text[i]) - 48);
                if (point) ++behind;
            }
        }
        assertEq(read, value, "the same digits");
        assertEq(behind, digits, "behind the point");
        assertTrue(text[0] != "0" || value / 10 ** digits == 0, "no zero at the front");
    }

    function test_a_day_is_written_as_iso_8601() public pure {
        assertTrue(_has(PageText.isoDay(0), "1970-01-01"), "first day");
        assertTrue(_has(PageText.isoDay(19_782), "2024-02-29"), "leap day");
        assertTrue(_has(PageText.isoDay(20_818), "2026-12-31"), "two digits");
    }

    // ------------------------------------------------------------------ states

    function test_a_receivable_shows_each_state_in_words() public {
        ReceivableId requested = _request(1_000);
        _assertShows(_slotPage(requested), _attribute("Status", "Requested, not confirmed"));
        vm.prank(debtor);
        receivables.reject(requested, 0);
        _assertShows(_slotPage(requested), _attribute("Status", "Rejected by the debtor"));
        ReceivableId withdrawn = _request(1_000);
        vm.prank(seller);
        receivables.withdraw(withdrawn);
        _assertShows(_slotPage(withdrawn), _attribute("Status", "Withdrawn by the seller"));
        (ReceivableId settled,) = _confirmed(1_000);
        _pay(settled, 1_000);
        _assertShows(_slotPage(settled), _attribute("Status", "Settled"));
        _assertShows(_slotPage(settled), _attribute("Paid", "10.00 CNY"));
        _assertShows(_slotPage(settled), _attribute("Principal owed", "0.00 CNY"));
    }

    function test_a_claim_shows_each_state_in_words() public {
        (ReceivableId receivableId, uint256 id) = _confirmed(1_000);
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Confirmed"));
        _assertShows(receivables.tokenURI(id), _attribute("Due date", "2024-10-04"));
        vm.prank(debtor);
        receivables.dispute(receivableId, 0);
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Disputed"));
        _toDay(uint256(DUE_DAY) + 1);
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Disputed and overdue"));
        vm.prank(debtor);
        receivables.endDispute(receivableId, 0);
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Overdue"));
        _late();
        vm.prank(seller);
        receivables.declareDefault(receivableId, ClaimId.wrap(id));
        _assertShows(receivables.tokenURI(id), _attribute("Status", "In default"));
        _toDay(uint256(DUE_DAY) + 181);
        vm.prank(seller);
        receivables.writeOff(receivableId, ClaimId.wrap(id));
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Written off, still owed"));
    }

    function test_a_claim_is_overdue_exactly_when_the_contract_says_so() public {
        (ReceivableId receivableId, uint256 id) = _confirmed(1_000_000);
        _toDay(DUE_DAY);
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Confirmed"));
        assertTrue(!receivables.isOverdue(receivableId), "not on the due day");
        _late();
        _pay(receivableId, 500_000);
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Overdue"));
        assertTrue(receivables.isOverdue(receivableId), "a rest is owed");
        (uint96 principal, uint96 lateCharge) = receivables.due(receivableId);
        _pay(receivableId, principal + lateCharge);
        _assertShows(receivables.tokenURI(id), _attribute("Status", "Settled"));
    }

    function test_a_claim_shows_its_lien() public {
        (, uint256 id) = _confirmed(1_000);
        _assertShows(receivables.tokenURI(id), _attribute("Lien", "None"));
        vm.prank(seller);
        receivables.encumber(id, suppliers[0]);
        _assertShows(receivables.tokenURI(id), _attribute("Lien", "0x00000000000000000000000000000000000000A1"));
        _assertShows(receivables.tokenURI(id), "Under a lien.");
    }

    function test_token_uri_reverts_when_the_token_does_not_exist() public {
        (ReceivableId receivableId, uint256 id) = _confirmed(1_000);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenUnknown.selector, id + 1));
        receivables.tokenURI(id + 1);
        uint256 next = ReceivableId.unwrap(receivableId) + 1;
        vm.expectRevert(abi.encodeWithSelector(IReceivables.ReceivableUnknown.selector, next));
        receivables.slotURI(next);
        _pay(receivableId, 1_000);
        receivables.collect(ClaimId.wrap(id));
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenUnknown.selector, id));
        receivables.tokenURI(id);
    }

    // ------------------------------------------------------------------ currencies that misbehave

    function test_a_symbol_that_is_no_plain_word_is_shown_as_the_address() public {
        (, uint256 id) = _claimIn(address(_talker), 1_250_000);
        string[5] memory symbols = [HOSTILE, "", "US D", "\xD0\xA1NY", "ABCDEFGHIJKLMNOPQ"];
        for (uint256 i; i < symbols.length; ++i) {
            _talker.say(abi.encode(symbols[i]), 2, Talker.Mood.Answers);
            string memory uri = receivables.tokenURI(id);
            _assertShows(uri, '"Amount","value":"12,500.00 0x');
            if (i != 1) assertTrue(!_has(_json(uri), symbols[i]), "nothing of the symbol");
        }
        _talker.say(abi.encode("USDC.e"), 6, Talker.Mood.Answers);
        _assertShows(receivables.tokenURI(id), _attribute("Amount", "1.250000 USDC.e"));
    }

    /// forge-config: default.fuzz.runs = 16
    function testFuzz_symbol_cannot_escape_its_text(bytes calldata raw, string calldata symbol) public {
        (ReceivableId receivableId, uint256 id) = _claimIn(address(_talker), 5);
        _talker.say(raw, 2, Talker.Mood.Answers);
        _assertPlain(receivableId, id);
        _talker.say(abi.encode(symbol), 2, Talker.Mood.Answers);
        _assertPlain(receivableId, id);
    }

    function test_page_is_shown_when_the_currency_does_not_answer() public {
        (ReceivableId receivableId, uint256 id) = _claimIn(address(_talker), 1_250_000);
        for (uint8 mood = 1; mood < 5; ++mood) {
            if (mood == uint8(Talker.Mood.Floods)) continue; // what it floods with are zeros: zero decimals
            _talker.say("", 0, Talker.Mood(mood));
            _assertShows(receivables.tokenURI(id), '"Amount","value":"1,250,000 minor units of 0x');
            _assertShows(receivables.tokenURI(id), "does not say how many decimals it has");
            assertTrue(!_has(_json(receivables.tokenURI(id)), '"decimals"'), "no digits");
            _assertShows(_slotPage(receivableId), "does not say how many decimals it has");
        }
        _talker.say(abi.encode("BIG"), 256 + 2, Talker.Mood.Answers);
        _assertShows(receivables.tokenURI(id), _attribute("Amount", "1,250,000 minor units of BIG"));
        _talker.say(abi.encode("BIG"), type(uint256).max, Talker.Mood.Answers);
        _assertShows(receivables.tokenURI(id), _attribute("Amount", "1,250,000 minor units of BIG"));
        _talker.say("", 0, Talker.Mood.Floods);
        _assertShows(receivables.tokenURI(id), '"Amount","value":"1,250,000 0x');
        vm.etch(address(_talker), "");
        _assertShows(receivables.tokenURI(id), '"Amount","value":"1,250,000 minor units of 0x');
    }

    /// Nothing but letters, digits and the page's own marks; as many quotes as the page has without a symbol.
    function _assertPlain(ReceivableId receivableId, uint256 id) private {
        uint256 tokenQuotes = _quotes(receivables.tokenURI(id));
        uint256 slotQuotes = _quotes(_slotPage(receivableId));
        _talker.say(abi.encode("CNY"), 2, Talker.Mood.Answers);
        assertEq(tokenQuotes, _quotes(receivables.tokenURI(id)), "the claim's page");
        assertEq(slotQuotes, _quotes(_slotPage(receivableId)), "the receivable's page");
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
