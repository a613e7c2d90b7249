"""The catalogue file: what an operator writes becomes exact terms, or a named error."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import add_months, day_of
from app.domain.catalogue import Row, reserve_cap_of
from app.domain.catalogue_files import CatalogueInvalid, read_calendar, read_catalogue, read_rules
from app.domain.holidays import words_of
from app.domain.product_terms import (
    code_word,
    document_sets,
    evidence_terms_of,
    floating_terms_of,
    goods_terms_of,
    reference_in,
    rule_set_in,
    terms_of,
)
from app.domain.rule_sets import days_of_months

ROOT = Path(__file__).resolve().parents[2]
PLAIN: dict[str, Any] = {
    "code": "plain",
    "name": "Plain",
    "currency": "CNY",
    "funding": "bank",
    "collateral": "none",
    "styles": ["bullet"],
    "annual_rate": {"min": "3%", "max": "7.25%"},
    "day_count": 360,
    "penalty": "150%",
    "grace_days": 3,
    "tenor_days": {"min": 1, "max": 180},
    "borrower_limit": "1000.00",
    "programme_limit": "2000.00",
}
FLOATING = {
    "reference": "CNY-LPR-1Y",
    "spread": {"min": "-0.3%", "max": "2%"},
    "reset_months": 3,
}
SCHEDULE: dict[str, Any] = {"styles": ["interest-only"], "tenor_days": None}


def written(folder: Path, *rows: dict[str, Any], rules: str = "cn") -> Path:
    """A catalogue file with these rows, beside the project's rule sets."""
    folder.mkdir(exist_ok=True)
    path = folder / "products.yaml"
    path.write_text(yaml.safe_dump({"rules": rules, "products": list(rows)}))
    (folder / "rules").symlink_to(ROOT / "rules")
    return path


def test_projects_catalogue_follows_local_rules() -> None:
    rows, rules = read_catalogue(ROOT / "products.yaml")
    assert {row.code for row in rows} >= {
        *("receivables-finance", "order-finance", "entrusted-loan", "receivables-line"),
        *("merchant-credit", "purchase-credit", "tax-loan", "cross-border"),
    }
    assert rules.name == "cn"
    assert all(limit.source for limit in rules.limits)
    read_rules(ROOT / "rules" / "intl.yaml")


def test_row_becomes_the_terms_that_the_ledger_stores(tmp_path: Path) -> None:
    (row,), rules = read_catalogue(written(tmp_path, PLAIN))
    terms = terms_of(row, currency="0x01", legal_text_hash="0x02", rules=rules)
    assert terms["maxRate"] == 72_500
    assert terms["styles"] == 1
    assert terms["penaltyMultiple"] == 1_500_000
    assert (terms["minDays"], terms["maxDays"], terms["months"]) == (1, 180, 0)
    assert (terms["borrowerLimit"], terms["programmeLimit"]) == (100_000, 200_000)
    assert (terms["minTier"], terms["reserveShare"], reserve_cap_of(row)) == (0, 0, 0)
    assert terms["ruleSetHash"] == rules.digest
    assert (terms["monthsPerPeriod"], terms["principalGrace"], terms["interestGrace"]) == (1, 0, 0)
    assert code_word("plain") == "0x" + b"plain".hex().ljust(64, "0")


def test_floating_row_becomes_the_terms_that_the_ledger_stores(tmp_path: Path) -> None:
    fixed, floating = (
        floating_terms_of(
            read_catalogue(written(tmp_path / name, row))[0][0], max_total_cost=240_000
        )
        for name, row in (("fixed", PLAIN), ("floating", PLAIN | {"floating": FLOATING}))
    )
    assert set(fixed.values()) == {0, "0x" + "00" * 16}
    assert floating == {
        "referenceCode": "0x" + b"CNY-LPR-1Y".hex().ljust(32, "0"),
        "minSpread": -3_000,
        "maxSpread": 20_000,
        "resetMonths": 3,
        "maxFlatFee": 0,
        "maxDrawFee": 0,
        "maxPeriodicFee": 0,
        "maxTotalCost": 0,
    }
    assert reference_in(floating["referenceCode"]) == "CNY-LPR-1Y"
    assert reference_in("0x" + "07".ljust(32, "0")) == "0x" + "07".ljust(32, "0")


def test_row_with_fees_becomes_the_terms_that_the_ledger_stores(tmp_path: Path) -> None:
    fees = {"flat": "500.00", "draw": "1%", "period": "0.25%"}
    (row,), rules = read_catalogue(written(tmp_path, PLAIN | {"fees": fees}))
    terms = floating_terms_of(row, max_total_cost=rules.max_total_cost)
    assert terms["maxFlatFee"] == 500_00
    assert (terms["maxDrawFee"], terms["maxPeriodicFee"]) == (10_000, 2_500)
    assert terms["maxTotalCost"] == 240_000


@pytest.mark.parametrize("raw", [b"a\0b", b"\x07", b"\xff\xfe", b"a b", b"\0a"])
def test_a_word_that_names_no_rule_set_is_shown_as_it_is(raw: bytes) -> None:
    word = "0x" + raw.ljust(10, b"\0").hex()
    assert rule_set_in(word) == word


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"annual_rate": {"min": "3", "max": "7%"}}, "annual_rate.min"),
        ({"annual_rate": {"min": "8%", "max": "7%"}}, "above annual_rate.max"),
        ({"annual_rate": {"min": "0.00001%", "max": "7%"}}, "four decimals"),
        ({"annual_rate": {"min": "-1%", "max": "7%"}}, "below zero"),
        ({"annual_rate": {"min": "NaN%", "max": "7%"}}, "annual_rate.min"),
        ({"annual_rate": {"min": "3%", "max": "24.01%"}}, "Supreme People's Court"),
        ({"annual_rate": {"min": "3%", "max": "15.8%"}}, "total_cost.max must be"),
        ({"fees": {"draw": "8.3%"}}, "fees.draw and fees.period with annual_rate.max cost more"),
        ({"fees": {"period": "9%"}}, "lower one of them"),
        ({"fees": {"flat": "0.001"}}, "fees.flat"),
        ({"fees": {"draw": "20.1%"}}, "fees.draw"),
        ({"fees": {"draw": "1%"}, "funding": "entrusted"}, "leave them out for an entrusted loan"),
        ({"styles": ["equal-principal"], "tenor_days": None, "months": [13]}, "months.max must be"),
        (SCHEDULE | {"months": [3, 4], "months_per_period": 3}, "months: 4 must be a whole number"),
        (SCHEDULE | {"months": [3], "principal_grace": 3}, "more than 3 of them"),
        (SCHEDULE | {"months": [3], "interest_grace": 3}, "more than 3 of them"),
        ({"principal_grace": 1}, "principal_grace: give it for styles with instalments"),
        ({"months_per_period": 1}, "months_per_period: give it for styles with instalments"),
        ({"penalty": "151%"}, "penalty must be"),
        ({"penalty": "129%"}, "penalty must be"),
        ({"day_count": 365}, "day_count must be"),
        ({"day_count": 364}, "day_count"),
        ({"tenor_days": {"min": 1, "max": 366}}, "tenor_days.max must be"),
        ({"tenor_days": None}, "tenor_days"),
        ({"styles": ["billing-cycle"], "tenor_days": None}, "cycle"),
        ({"styles": ["bullet", "equal-instalment"]}, "months"),
        ({"months": [3]}, "months"),
        ({"collateral": "claim"}, "advance"),
        ({"advance": "80%"}, "advance"),
        ({"reserve_share": "1%"}, "reserve_cap"),
        ({"grace_days": 16}, "grace_days"),
        ({"borrower_limit": "1000.001"}, "borrower_limit"),
        ({"borrower_limit": "0.00"}, "borrower_limit"),
        ({"programme_limit": "999.00"}, "programme_limit"),
        ({"currency": "XXX"}, "XXX"),
        ({"code": "Plain"}, "code"),
        ({"colour": "red"}, "colour"),
        ({"tier": {"min": 6}}, "tier.min"),
        ({"floating": FLOATING | {"reference": "lpr"}}, "floating.reference"),
        ({"floating": FLOATING | {"reset_months": 13}}, "floating.reset_months"),
        ({"floating": FLOATING | {"spread": {"min": "1%", "max": "0.5%"}}}, "floating.spread.min"),
        ({"floating": FLOATING | {"spread": {"min": "1", "max": "2%"}}}, "floating.spread.min"),
        (
            {"floating": FLOATING, "styles": ["billing-cycle"], "cycle": "weekly"}
            | {"tenor_days": None},
            "floating: leave it out",
        ),
    ],
)
def test_invalid_row_names_its_field(tmp_path: Path, change: dict[str, Any], word: str) -> None:
    with pytest.raises(CatalogueInvalid, match=word.replace(".", r"\.")):
        read_catalogue(written(tmp_path, PLAIN | change))


def with_calendar(folder: Path, calendar: str) -> Path:
    """The plain catalogue with a calendar, as an operator writes it."""
    path = written(folder, PLAIN)
    path.write_text(path.read_text() + "calendar: " + calendar)
    return path


def test_overdue_money_of_a_year_costs_at_most_the_total_that_the_rules_allow(
    tmp_path: Path,
) -> None:
    (row,), _ = read_catalogue(
        written(tmp_path, PLAIN | {"annual_rate": {"min": "3%", "max": "15.78%"}})
    )
    assert row.max_cost_of_a_year == 239_988  # 15.78 % * 1.5 * 365 / 360 = 23.99875 %


YEAR = "first: 2027-01-01, last: 2027-12-31"


@pytest.mark.parametrize(
    ("calendar", "word"),
    [
        ("{" + YEAR + ", holidays: [2027-02-30]}", "calendar.holidays.0: .*2027-02-30"),
        ("{" + YEAR + ", holidays: [2027-02-01, tomorrow]}", "calendar.holidays.1"),
        ("{" + YEAR + ", holidays: [20270201]}", "calendar.holidays.0"),
        ("{" + YEAR + ", holidays: [2027-2-1]}", "calendar.holidays.0"),
        ("{" + YEAR + ", holidays: [2028-01-01]}", "holidays: 2028-01-01 is not between"),
        ("{" + YEAR + ", holidays: [2027-02-01, 2027-02-01]}", "2027-02-01 occurs twice"),
        ("{" + YEAR + ", holidays: 2027-02-01}", "calendar.holidays"),
        ("{first: 2027-02-01, last: 2027-01-01}", "last: is before first"),
        ("{first: 2027-02-01, last: 2037-02-10}", "last: is more than"),
        ("{first: 2027-02-01}", "calendar.last"),
        ("{" + YEAR + ", working_days: [2027-02-01]}", "working_days: 2027-02-01 is not a day"),
        ("{" + YEAR + ", weekends: false, working_days: [2027-02-06]}", "working_days"),
        ("{" + YEAR + ", colour: red}", "calendar.colour"),
        (
            "{" + YEAR + ", holidays: ["
            "2027-02-01, 2027-02-02, 2027-02-03, 2027-02-04, 2027-02-05, "
            "2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11, 2027-02-12]}",
            "holidays: more than 12 days without a business day up to 2027-02-11",
        ),
    ],
)
def test_invalid_holiday_names_its_field(tmp_path: Path, calendar: str, word: str) -> None:
    with pytest.raises(CatalogueInvalid, match=word):
        read_calendar(with_calendar(tmp_path, calendar))


def test_holidays_become_the_bits_that_the_ledger_stores(tmp_path: Path) -> None:
    text = "{first: 2027-02-05, last: 2027-02-14, holidays: [2027-02-08]"
    text += ", working_days: [2027-02-13]}"
    calendar = read_calendar(with_calendar(tmp_path, text))
    assert calendar is not None
    days = [day_of(datetime.date(2027, 2, day)) for day in (6, 7, 8, 14)]
    assert sorted(calendar.closed) == days
    words = words_of(calendar.closed)
    bits = [(word, bit) for word in words for bit in range(256) if words[word] >> bit & 1]
    assert [256 * word + bit for word, bit in bits] == days


def test_catalogue_without_a_calendar_has_no_holidays(tmp_path: Path) -> None:
    assert read_calendar(written(tmp_path, PLAIN)) is None


def test_duplicate_key_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    path.write_text(path.read_text().replace("penalty: 150%", "penalty: 150%\n  penalty: 130%"))
    with pytest.raises(CatalogueInvalid, match="penalty occurs twice, first in line"):
        read_catalogue(path)
    path.write_text(path.read_text() + "rules: intl\n")
    with pytest.raises(CatalogueInvalid, match="twice"):
        read_catalogue(path)


@pytest.mark.parametrize("number", ["010", "0x10", "0o10", "0b11", "1_0", "1:30", "007", "-03"])
def test_ambiguous_number_is_refused(tmp_path: Path, number: str) -> None:
    path = written(tmp_path, PLAIN)
    path.write_text(path.read_text().replace("grace_days: 3", f"grace_days: {number}"))
    with pytest.raises(
        CatalogueInvalid, match=f"line [0-9]+: {number} is not a plain decimal number"
    ):
        read_catalogue(path)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"grace_days": "010"}, "grace_days"),
        ({"grace_days": "3"}, "grace_days"),
        ({"months": ["3"], "styles": ["equal-principal"], "tenor_days": None}, "months"),
        ({"penalty": "1_50%"}, "penalty"),
        ({"penalty": "0150%"}, "penalty"),
        ({"penalty": "15e1%"}, "penalty"),
    ],
)
def test_a_number_in_quotes_or_a_strange_percentage_names_its_field(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(CatalogueInvalid, match=word):
        read_catalogue(written(tmp_path, PLAIN | change))


def test_file_is_refused_when_it_is_no_catalogue(tmp_path: Path) -> None:
    for text in ("", "[]", "rules: cn", "a: [", "!!python/object/apply:os.system ['true']"):
        path = tmp_path / "products.yaml"
        path.write_text(text)
        with pytest.raises(CatalogueInvalid, match=r"products\.yaml"):
            read_catalogue(path)
    for name, rows, rules, word in (
        ("two", (PLAIN, PLAIN), "cn", "occurs twice"),
        ("far", (PLAIN,), "mars", "mars"),
    ):
        (tmp_path / name).mkdir()
        with pytest.raises(CatalogueInvalid, match=word):
            read_catalogue(written(tmp_path / name, *rows, rules=rules))


@given(st.integers(0, 10_000_000))
def test_a_percentage_is_read_exactly(parts: int) -> None:
    text = f"{parts // 10_000}.{parts % 10_000:04d}%"
    row = Row.model_validate(PLAIN | {"early_fee": text})
    assert row.early_fee == parts


GOODS: dict[str, Any] = {
    "call_level": "95%",
    "liquidation_level": "85%",
    "cure_days": 5,
    "auction_days": 3,
    "auction_start": "120%",
    "auction_floor": "40%",
}
ON_GOODS = PLAIN | {"collateral": "warehouse-receipt", "goods": GOODS}


def test_products_on_goods_have_margin_and_liquidation_levels() -> None:
    rows = {row.code: row for row in read_catalogue(ROOT / "products.yaml")[0]}
    for code in ("warehouse-receipt-finance", "inbound-order-finance", "cloud-warehouse-finance"):
        assert rows[code].collateral == "warehouse-receipt"
    on_goods = {code for code, row in rows.items() if row.goods is not None}
    assert on_goods == {
        code for code, row in rows.items() if row.collateral == "warehouse-receipt"
    } | {"order-finance", "floating-rate"}
    for code in on_goods:
        assert goods_terms_of(rows[code]) == {
            "callLevel": 950_000,
            "liquidationLevel": 850_000,
            "cureDays": 5,
            "auctionDays": 3,
            "auctionStart": 1_200_000,
            "auctionFloor": 400_000,
            "hedgeShare": 500_000 if code == "warehouse-receipt-finance" else 0,
        }
    assert not rows["warehouse-receipt-finance"].advance, "goods alone"
    assert rows["inbound-order-finance"].advance, "the claim that follows counts beside the goods"
    assert rows["cloud-warehouse-finance"].funding == "platform"
    assert set(goods_terms_of(rows["tax-loan"]).values()) == {0}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"goods": None}, "a product on warehouse receipts needs them"),
        ({"collateral": "claim", "advance": "80%"}, "only if the collateral is, or becomes, goods"),
        ({"debtor_share": "30%"}, "debtor_share"),
        ({"goods": GOODS | {"call_level": "101%"}}, "at most 100%"),
        ({"goods": GOODS | {"liquidation_level": "96%"}}, "at most call_level"),
        ({"goods": GOODS | {"liquidation_level": "0%"}}, "above 0%"),
        ({"goods": GOODS | {"cure_days": 0}}, "cure_days"),
        ({"goods": GOODS | {"auction_days": 31}}, "auction_days"),
        ({"goods": GOODS | {"auction_start": "99%"}}, "auction_start"),
        ({"goods": GOODS | {"auction_floor": "0%"}}, "auction_floor"),
        ({"goods": GOODS | {"hedge_share": "100.0001%"}}, "hedge_share"),
        ({"goods": GOODS | {"hedge_share": "50.0001%"}}, "goods.hedge_share must be at most"),
    ],
)
def test_invalid_terms_of_goods_name_their_field(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(CatalogueInvalid, match=word.replace(".", r"\.")):
        read_catalogue(written(tmp_path, ON_GOODS | change))


RULES: dict[str, Any] = {
    "name": "here",
    "version": 1,
    "title": "Here",
    "limits": [
        {
            "term": "borrower_limit",
            "currency": "CNY",
            "max": "5000.00",
            "source": "a source that says so",
            "lawyer": True,
        }
    ],
}


def rules_with(folder: Path, **change: Any) -> Path:
    """A rule set whose one limit is changed."""
    path = folder / "here.yaml"
    path.write_text(yaml.safe_dump(RULES | {"limits": [RULES["limits"][0] | change]}))
    return path


def test_a_rule_sets_limits_of_debt_are_carried_by_its_rows(tmp_path: Path) -> None:
    rules = read_rules(rules_with(tmp_path))
    terms = terms_of(
        Row.model_validate(PLAIN), currency="0x01", legal_text_hash="0x02", rules=rules
    )
    assert terms["ruleSet"] == "0x" + b"here".ljust(10, b"\0").hex()
    assert (terms["ruleSetLimit"], terms["groupLimit"]) == (500_000, 0)
    assert rule_set_in(terms["ruleSet"]) == "here"


def test_a_row_in_a_currency_without_a_limit_of_debt_breaks_the_rules(tmp_path: Path) -> None:
    rules = read_rules(rules_with(tmp_path))
    dollars = Row.model_validate(PLAIN | {"currency": "USD"})
    assert "not in USD" in rules.broken_by(dollars)[0]
    assert rules.broken_by(Row.model_validate(PLAIN)) == []


def test_a_rule_set_without_limits_of_debt_names_none() -> None:
    rules = read_rules(ROOT / "rules" / "intl.yaml")
    terms = terms_of(
        Row.model_validate(PLAIN), currency="0x01", legal_text_hash="0x02", rules=rules
    )
    assert rule_set_in(terms["ruleSet"]) is None
    assert (terms["ruleSetLimit"], terms["groupLimit"]) == (0, 0)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"currency": None}, "currency"),
        ({"term": "penalty"}, "currency"),
        ({"max": None}, "max"),
        ({"min": "1.00"}, "min"),
        ({"max": "1.001"}, "borrower_limit"),
        ({"max": "0.00"}, "above zero"),
    ],
)
def test_an_invalid_limit_of_debt_is_refused(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(CatalogueInvalid, match=word):
        read_rules(rules_with(tmp_path, **change))


# -- tenor


def test_a_rule_set_warns_above_six_months_and_refuses_above_a_year() -> None:
    rules = read_rules(ROOT / "rules" / "cn.yaml")
    assert rules.tenor(days=181) is None
    assert rules.tenor(months=6) is None
    for limits in ({"days": 182}, {"days": 365}, {"months": 7}, {"months": 12}):
        tenor = rules.tenor(**limits)
        assert tenor is not None
        assert not tenor.refused, limits
    for limits in ({"days": 366}, {"months": 13}):
        tenor = rules.tenor(**limits)
        assert tenor is not None
        assert tenor.refused, limits


def test_no_tenor_within_the_bounds_in_days_is_longer_than_the_months() -> None:
    spans = [
        (add_months(day, months) - day, bound)
        for day in range(20_000, 21_461)
        for months, bound in ((6, 181), (12, 365))
    ]
    assert min(days - bound for days, bound in spans) == 0
    assert (days_of_months(6), days_of_months(12)) == (184, 366)


@pytest.mark.parametrize(
    ("free_days", "months", "is_broken"), [(21, [10], False), (28, [10], False), (21, [11], True)]
)
def test_a_bill_and_its_instalments_count_as_one_tenor(
    tmp_path: Path, *, free_days: int, months: list[int], is_broken: bool
) -> None:
    row = PLAIN | {
        "styles": ["billing-cycle", "equal-instalment"],
        "tenor_days": None,
        "cycle": "monthly",
        "free_days": free_days,
        "max_free_days": free_days + 30,
        "months": months,
    }
    path = written(tmp_path, row)
    if not is_broken:
        read_catalogue(path)
        return
    with pytest.raises(CatalogueInvalid, match=r"tenor_days\.max"):
        read_catalogue(path)


def test_a_bullet_of_a_year_and_a_day_or_thirteen_months_breaks_the_rules(tmp_path: Path) -> None:
    for number, row in enumerate(
        (
            PLAIN | {"tenor_days": {"min": 1, "max": 366}},
            PLAIN | SCHEDULE | {"months": [13]},
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(CatalogueInvalid, match=r"six authorities|same notice"):
            read_catalogue(written(folder, row))


def test_a_filing_rule_and_a_warning_are_read_strictly(tmp_path: Path) -> None:
    text = (ROOT / "rules" / "cn.yaml").read_text()
    for right, wrong, words in (
        ('number: "[0-9]{20}"', 'number: "[0-9"', "regular expression"),
        ("required: [claim, order", "required: [house, order", "filing.required"),
        ('max: "181"', 'min: "181"', "give max"),
    ):
        assert right in text
        path = tmp_path / "cn.yaml"
        path.write_text(text.replace(right, wrong, 1))
        with pytest.raises(CatalogueInvalid, match=words):
            read_rules(path)


@pytest.mark.parametrize(("allowed", "counts"), [(None, 0), ("0%", 0), ("30%", 300_000)])
def test_no_product_counts_more_of_a_hedge_than_its_rule_set_allows(
    tmp_path: Path, allowed: str | None, counts: int
) -> None:
    other = {"term": "day_count", "min": "360", "source": "a rule of here", "lawyer": False}
    limit = {"term": "hedge_share.max", "max": allowed, "source": "a rule of here", "lawyer": True}
    path = tmp_path / "here.yaml"
    limits = [other] if allowed is None else [other, limit]
    path.write_text(
        yaml.safe_dump({"name": "here", "version": 1, "title": "Here", "limits": limits})
    )
    rules = read_rules(path)
    assert rules.max_hedge_share == counts
    for share, breaks in ((counts, False), (counts + 100, True)):
        text = f"{share // 10_000}.{share % 10_000:04d}%"
        row = Row.model_validate(ON_GOODS | {"goods": GOODS | {"hedge_share": text}})
        assert any("hedge_share" in rule for rule in rules.broken_by(row)) is breaks


@pytest.mark.parametrize("change", [{"max": "101%"}, {"min": "1%"}, {"max": None}])
def test_invalid_limit_of_hedges_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    limit = {"term": "hedge_share.max", "max": "30%", "source": "a rule of here", "lawyer": True}
    path = tmp_path / "here.yaml"
    path.write_text(
        yaml.safe_dump({"name": "here", "version": 1, "title": "Here", "limits": [limit | change]})
    )
    with pytest.raises(CatalogueInvalid, match="hedge_share"):
        read_rules(path)


def test_products_that_ask_for_proof_have_the_terms_of_the_ledger() -> None:
    rows = {row.code: row for row in read_catalogue(ROOT / "products.yaml")[0]}
    asking = {code for code, row in rows.items() if row.documents or row.trade}
    assert asking == {
        *("tax-loan", "cross-border", "merchant-credit"),
        *("purchase-credit", "purchase-credit-weekly"),
    }
    assert evidence_terms_of(rows["cross-border"]) == {
        "documents": 0b110,
        "accepted": False,
        "maxAgeDays": 0,
        "basis": 1,
        "mean": False,
        "share": 800_000,
        "months": 6,
    }
    assert evidence_terms_of(rows["purchase-credit"])["documents"] == 0x1008
    assert document_sets(0x1008) == [["order"], ["delivery"]]
    assert document_sets(0b110) == [["customs-declaration", "bill-of-lading"]]
    merchant = evidence_terms_of(rows["merchant-credit"])
    assert (merchant["basis"], merchant["mean"], merchant["share"]) == (2, True, 3_000_000)
    assert not any(evidence_terms_of(rows["order-finance"]).values())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"documents": {"needed": []}}, "needed"),
        ({"documents": {"needed": [[]]}}, "needed"),
        ({"documents": {"needed": [["photo"]]}}, "needed"),
        ({"documents": {"needed": [["order"]] * 5}}, "needed"),
        ({"documents": {"needed": [["order"]], "max_age_days": -1}}, "max_age_days"),
        ({"trade": {"basis": "reports", "share": "0%", "months": 6}}, "share"),
        ({"trade": {"basis": "reports", "share": "1001%", "months": 6}}, "share"),
        ({"trade": {"basis": "reports", "share": "80%", "months": 25}}, "months"),
        ({"trade": {"basis": "rumours", "share": "80%", "months": 6}}, "basis"),
    ],
)
def test_invalid_terms_of_proof_name_their_field(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(CatalogueInvalid, match=word):
        read_catalogue(written(tmp_path, ON_GOODS | change))


BILLED = PLAIN | {"styles": ["billing-cycle"], "tenor_days": None}


@pytest.mark.parametrize(("cycle", "wait"), [("weekly", 6), ("monthly", 30)])
def test_a_bill_with_more_than_21_free_days_says_so(cycle: str, wait: int) -> None:
    rows = BILLED | {"cycle": cycle, "free_days": 21}
    with pytest.raises(ValueError, match=f"write max_free_days: {wait + 21}"):
        Row.model_validate(rows)
    with pytest.raises(ValueError, match=f"write max_free_days: {wait + 21}"):
        Row.model_validate(rows | {"max_free_days": wait + 20})
    row = Row.model_validate(rows | {"max_free_days": wait + 21})
    _, rules = read_catalogue(ROOT / "products.yaml")
    terms = terms_of(row, currency="0x01", legal_text_hash="0x02", rules=rules)
    assert (terms["freeDays"], terms["maxFreeDays"]) == (21, wait + 21)


def test_free_days_within_21_need_no_more_words() -> None:
    weekly = BILLED | {"cycle": "weekly", "free_days": 15}
    assert Row.model_validate(weekly).max_free_days == 21
    with pytest.raises(ValueError, match="write max_free_days: 22"):
        Row.model_validate(weekly | {"free_days": 16})


@pytest.mark.parametrize("name", ["free_days", "max_free_days"])
def test_free_days_are_of_bills_alone(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: give it for the style billing-cycle"):
        Row.model_validate(PLAIN | {name: 1})
