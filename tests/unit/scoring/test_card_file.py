"""A scorecard's file is read strictly: each fault has a name, a line and a fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from app.domain.plain_yaml import MAX_PARTS
from app.domain.scoring.card_file import MAX_BYTES, card_of, read_card
from app.domain.scoring.problems import MAX_PROBLEMS, CardInvalid
from app.places import ROOT
from tests.support.credit import as_file, feature, numbers, small_card, text

TRADE = ROOT / "scorecards" / "trade.yaml"
Card = dict[str, Any]
Edit = Callable[[Card], object]


def refused(data: bytes) -> CardInvalid:
    with pytest.raises(CardInvalid) as caught:
        read_card(data)
    return caught.value


def edited(edit: Edit) -> bytes:
    card = small_card()
    edit(card)
    return as_file(card)


def bins(card: Card, place: int) -> list[Any]:
    found: list[Any] = card["features"][place]["bins"]
    return found


FAULTS: list[tuple[Edit, str, str]] = [
    (lambda card: card.update(colour=1), "key-unknown", "colour"),
    (lambda card: bins(card, 0)[0].update(to=3), "key-unknown", "features.0.bins.0.to"),
    (lambda card: card.pop("limit"), "key-missing", "limit"),
    (lambda card: bins(card, 0)[1].pop("reason"), "key-missing", "features.0.bins.1.reason"),
    (lambda card: bins(card, 0)[1]["reason"].pop("zh"), "key-missing", "bins.1.reason.zh"),
    (lambda card: bins(card, 0)[1]["reason"].update(en="  "), "reason-missing", "reason.en"),
    (lambda card: bins(card, 0)[1]["reason"].update(en="{x}"), "reason-invalid", "reason.en"),
    (
        lambda card: card["features"][0]["unknown"]["reason"].update(en="It is {value}."),
        "reason-invalid",
        "unknown.reason.en",
    ),
    (lambda card: card.update(base=1.5), "not-whole", "base"),
    (lambda card: card.update(base=True), "not-whole", "base"),
    (lambda card: bins(card, 0)[0].update(below=4.5), "bound-invalid", "bins.0.below"),
    (lambda card: bins(card, 2)[0].update(below=4), "bound-invalid", "features.2.bins.0.below"),
    (lambda card: bins(card, 2)[0].update(below="140%"), "bound-invalid", "bins.0.below"),
    (lambda card: bins(card, 4)[0].update(below="1.001"), "bound-invalid", "bins.0.below"),
    (lambda card: bins(card, 0)[0].update({"from": 1}), "bins-gap", "bins.0.from"),
    (lambda card: bins(card, 0)[2].update(below=90), "bins-gap", "bins.2.below"),
    (lambda card: bins(card, 0)[1].update({"from": 6}), "bins-gap", "bins.1.from"),
    (lambda card: bins(card, 0)[1].update({"from": 4}), "bins-overlap", "bins.1.from"),
    (lambda card: bins(card, 0)[0].pop("below"), "bins-overlap", "bins.0.below"),
    (lambda card: bins(card, 0)[1].pop("from"), "bins-overlap", "bins.1.from"),
    (lambda card: bins(card, 0)[1].update(below=5), "bin-empty", "bins.1"),
    (lambda card: bins(card, 0)[1].update(categories=["A"]), "bin-of-categories", "categories"),
    (lambda card: bins(card, 5)[1].update(below=5), "bin-of-numbers", "features.5.bins.1"),
    (lambda card: bins(card, 5)[1].update(categories=["A"]), "bins-overlap", "bins.1.categories"),
    (lambda card: bins(card, 5)[1].update(categories=[" B"]), "category-invalid", "categories"),
    (lambda card: card["features"][5].update(trend="rising"), "trend-of-categories", "trend"),
    (lambda card: card["features"][0].update(trend="up"), "value-invalid", "trend"),
    (lambda card: card["features"][0].update(kind="ratio"), "value-invalid", "kind"),
    (lambda card: bins(card, 0)[1].update(points=61), "not-monotone", "features.0.bins.1.points"),
    (lambda card: bins(card, 1)[1].update(points=-1), "not-monotone", "features.1.bins.1.points"),
    (lambda card: card["features"][0]["unknown"].update(points=61), "unknown-too-good", "unknown"),
    (lambda card: card["features"][1].update(name="late"), "feature-twice", "features.1"),
    (lambda card: card["features"][1].update(document="moon"), "document-unknown", "document"),
    (lambda card: card["documents"].update(moon=text("moon")), "document-unused", "moon"),
    (lambda card: card.update(currency="XXX"), "currency-unknown", "currency"),
    (lambda card: card["tiers"].pop(2), "tiers-invalid", "tiers"),
    (lambda card: card["tiers"][1].pop("points"), "tier-bounds", "tiers.1"),
    (lambda card: card["tiers"][4].update(confidence="1%"), "tier-bounds", "tiers.4"),
    (lambda card: card["tiers"][1].update(points=350), "tiers-order", "tiers.1.points"),
    (lambda card: card["tiers"][1].update(confidence="91%"), "tiers-order", "tiers.1.confidence"),
    (lambda card: card["tiers"][1].update(limit_share="31%"), "tiers-order", "limit_share"),
    (lambda card: card["limit"].update(sales="months"), "limit-feature", "limit.sales"),
    (lambda card: card["limit"].update(months="moon"), "limit-feature", "limit.months"),
    (lambda card: card["limit"].update(full_months=5), "limit-months", "limit.full_months"),
    (lambda card: card["limit"].update(step="0.00"), "amount-invalid", "limit.step"),
    (lambda card: card["limit"].update(max="a lot"), "amount-invalid", "limit.max"),
    (lambda card: card["limit"].update(free_concentration="101%"), "value-invalid", "free"),
    (lambda card: card["examples"][0].update(points=131), "example-fails", "examples.0.points"),
    (lambda card: card["examples"][0].update(tier=4), "example-fails", "examples.0.tier"),
    (lambda card: card["examples"][0].update(confidence="1%"), "example-fails", "confidence"),
    (lambda card: card["examples"][0].update(limit="1.00"), "example-fails", "examples.0.limit"),
    (lambda card: card["examples"][0].update(limit="x"), "amount-invalid", "examples.0.limit"),
    (lambda card: card["title"].update(en="Small\x1b[2K"), "value-invalid", "title.en"),
    (lambda card: card["title"].update(zh="小\u202e"), "value-invalid", "title.zh"),
    (lambda card: card["title"].update(en="Small\n"), "value-invalid", "title.en"),
    (lambda card: bins(card, 0)[1]["reason"].update(en="a\nb"), "value-invalid", "reason.en"),
    (lambda card: card["documents"]["tax"].update(en="a\u3164"), "value-invalid", "documents.tax"),
    (
        lambda card: bins(card, 5)[1].update(categories=["B", "C\ufe0f"]),
        "value-invalid",
        "categories",
    ),
    (lambda card: card["examples"][0].update(name="a\u200bb"), "value-invalid", "examples.0.name"),
    (lambda card: card["examples"][0].update(values={"moon": 1}), "value-invalid", "values.moon"),
    (lambda card: card["examples"][0].update(values={"late": -1}), "value-invalid", "late"),
    (lambda card: card["examples"][0].update(values={"grade": "Z"}), "value-invalid", "grade"),
    (lambda card: card.update(examples=[]), "value-invalid", "examples"),
]


@pytest.mark.parametrize(("edit", "name", "place"), FAULTS)
def test_each_fault_of_a_card_has_its_name_place_and_fix(edit: Edit, name: str, place: str) -> None:
    error = refused(edited(edit))
    fitting = [
        problem
        for problem in error.problems
        if problem.name == name and place in ".".join(map(str, problem.path))
    ]
    assert fitting, str(error)
    assert all(problem.fix and problem.line for problem in fitting)


def test_a_sound_card_has_no_fault() -> None:
    card = read_card(as_file(small_card()))
    assert [feature.name for feature in card.features][:2] == ["late", "months"]


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    def edit(card: Card) -> None:
        bins(card, 0)[1]["from"] = 6
        bins(card, 1)[1]["points"] = -1

    data = edited(edit)
    problems = refused(data).problems
    assert [problem.name for problem in problems] == ["bins-gap", "not-monotone"]
    rows = data.decode().splitlines()
    assert problems[0].line is not None and problems[1].line is not None
    assert "from: 6" in rows[problems[0].line - 1]
    assert "points: -1" in rows[problems[1].line - 1]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"name: [", "not-yaml"),
        (b"name: a\nname: b\n", "not-yaml"),
        (b"- 1\n", "not-a-card"),
        (b"", "not-a-card"),
        (b"a: &x [1]\nb: *x\n", "card-alias"),
        (b"#" * (300 << 10), "card-too-large"),
        (b"#" * (MAX_BYTES + 1), "card-too-large"),
        (b"name: \xff\n", "not-yaml"),
        (b"a: " + b"[" * 40_000, "card-too-deep"),
        (b"- 1\n" * 20_000, "card-too-large"),
        (b"name: !!bool foo\n", "card-tag"),
        (b"name: !!timestamp foo\n", "card-tag"),
        (b"name: " + b"9" * 5000 + b"\n", "not-yaml"),
        (b'name: "\\UFFFFFFFF"\n', "not-yaml"),
        (b"a: 1" + b":1" * 400 + b".5\n", "not-yaml"),
        (b'"\\ud800": 1\n', "value-invalid"),
    ],
)
def test_a_file_that_is_no_card_is_refused_by_name(data: bytes, name: str) -> None:
    error = refused(data)
    assert name in {problem.name for problem in error.problems}
    assert all(problem.fix for problem in error.problems)
    assert str(error).encode()


def test_a_file_with_more_faults_than_are_told_counts_the_rest_and_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    composed = []

    def compose_document(loader: Any) -> Any:
        composed.append(loader)
        return original(loader)

    original = yaml.SafeLoader.compose_document
    monkeypatch.setattr(yaml.SafeLoader, "compose_document", compose_document)
    extra = b"".join(b"k%d: 1\n" % number for number in range(3_000))
    error = refused(TRADE.read_bytes() + extra)
    assert len(composed) == 1
    assert len(error.problems) == len({problem.line for problem in error.problems}) == MAX_PROBLEMS
    assert error.more == 3_000 - MAX_PROBLEMS
    assert str(error).endswith("; and 2,980 more")
    assert len(error.messages) == MAX_PROBLEMS + 1


def test_faults_beyond_those_that_are_told_are_counted_wherever_they_are() -> None:
    def edit(card: Card) -> None:
        for each in card["features"]:
            for part in each["bins"]:
                part["reason"] = text("{x}")

    error = refused(edited(edit))
    assert len(error.problems) == MAX_PROBLEMS
    texts = 2 * sum(len(each["bins"]) for each in small_card()["features"])
    assert error.more == texts - MAX_PROBLEMS


def test_what_a_message_quotes_is_cut_and_shows_what_is_hidden() -> None:
    def edit(card: Card) -> None:
        card["features"][0]["kind"] = "x" * 50_000
        card["k\u202e" * 5_000] = 1

    words = str(refused(edited(edit)))
    assert len(words) < 4_000
    assert "\u202e" not in words and "\\u202e" in words


def test_a_shipped_card_is_far_from_every_bound() -> None:
    for path in TRADE.parent.glob("*.yaml"):
        data = path.read_bytes()
        assert len(data) < MAX_BYTES / 3
        assert sum(1 for _ in yaml.parse(data, Loader=yaml.SafeLoader)) < MAX_PARTS / 3


def test_hash_follows_what_the_card_says_and_not_how_it_is_laid_out() -> None:
    data = as_file(small_card())
    changed = small_card()
    changed["version"] = 4
    reordered = dict(reversed(small_card().items()))
    digest = read_card(data).digest
    assert read_card(b"# a comment\n\n" + data).digest == digest
    assert read_card(as_file(reordered)).digest == digest
    assert card_of(small_card()).digest == digest
    assert read_card(as_file(changed)).digest != digest
    assert len(read_card(data).model_version) <= 200


def test_the_trade_card_is_sound_and_a_changed_point_breaks_an_example() -> None:
    data = TRADE.read_bytes()
    card = read_card(data)
    assert (card.name, len(card.features), len(card.examples)) == ("trade", 13, 4)
    assert card.base + sum(feature.best for feature in card.features) == 1000
    assert sum(feature.weight for feature in card.features) == 100
    error = refused(data.replace(b"points: 140", b"points: 139"))
    assert {problem.name for problem in error.problems} == {"example-fails"}


def test_a_card_has_at_most_forty_features() -> None:
    def edit(card: Card) -> None:
        card["features"] += [feature(f"f{n}", "count", numbers((None, 9))) for n in range(40)]

    assert refused(edited(edit)).problems[0].path == ("features",)
