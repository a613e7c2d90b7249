"""The model card: what the fitted card is good for, what not, and every figure behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.credit.assumptions import RULES
from benchmarks.credit.study import Study
from benchmarks.credit.tables import Row, markdown

LOADING = """\
No claim is made for real small firms until real outcomes are loaded:

    make credit-study OUTCOMES=outcomes.csv

The file is CSV with a row for each case and these columns:

| column | holds |
| --- | --- |
| `case` | a name, each once |
| `as_of` | the day on which the values were known, like 2024-03-31 |
| `outcome` | `good` (no default within a year after it), `default`, or `refused` (no loan) |
| each feature | its value on that day, as in the card (`12`, `3.5%`, `1250.00`, `A`), or nothing |

The cases must span three years at least, and each part needs 30 defaults and 30 others.
A wrong cell is named with its row and column, and nothing is fitted then.
`cases.csv` beside this page is such a file.
"""


def model_card(
    study: Study,
    tables: Mapping[str, Sequence[Row]],
    *,
    about: Row,
    simulated: bool,
    left_out: Mapping[str, int],
) -> str:
    """The page, in Markdown."""
    card = study.challenger.card
    stays = not all(row["holds"] for row in tables["conditions"])
    parts = [
        f"# Model card: {card.title.en}\n",
        f"Card `{card.model_version}`, beside the champion "
        f"`{study.champion.card.model_version}`.\n",
        markdown([about]),
        "## What it is good for\n",
        _good_for(simulated),
        "## Verdict\n",
        f"{'The champion stays.' if stays else 'The challenger may take over.'} "
        "The conditions were fixed before anything was looked at:\n",
        markdown(tables["conditions"]),
        "Whoever puts another card in force does it by hand, with `cession credit test`.\n",
        "## Parts by time\n",
        "Fitted on the first part, chosen on the middle, looked at once on the last. A year lies "
        "between two parts, so that each outcome was known when the next part began.\n",
        markdown(tables["parts"]),
        "## Both cards\n",
        "Bounds are at 95 %, from drawing the cases anew. They do not hold what a month does to "
        "all firms alike; the seeds show that.\n",
        markdown(tables["cards"]),
        "The challenger's figures less the champion's:\n",
        markdown(tables["differences"]),
        "`brier_of_rate` is the Brier score of saying the training part's rate for everybody.\n",
        "Candidates on the middle part:\n",
        markdown(tables["candidates"]),
        "## Default rate by tier\n",
        "A tier asks for points and for confidence, so the last one holds thin files too. By "
        "points alone they are where their points put them.\n",
        markdown([row for row in tables["tiers"] if row["part"] == "hold-out"]),
        "Cases of the hold-out by tier of both cards:\n",
        markdown(tables["moves"]),
        "## Calibration on the hold-out\n",
        markdown(tables["calibration"]),
        "## Drift from training to hold-out (PSI)\n",
        markdown(tables["drift"]),
        "## Features\n",
        "A feature is left out if its weight would turn its evidence round.\n",
        markdown(tables["features"]),
        "## Reject inference\n",
        _reject_inference(study, simulated, left_out),
    ]
    for title, name in (
        ("Other seeds", "seeds"),
        ("The method on public data", "public"),
        ("Assumptions of the simulated trade", "assumptions"),
    ):
        if name in tables:
            parts += [f"## {title}\n", markdown(tables[name])]
    if simulated:
        parts += [f"- {rule}\n" for rule in RULES]
    parts += ["## How to load real outcomes\n", LOADING]
    return "\n".join(parts)


def _good_for(simulated: bool) -> str:
    if simulated:
        return (
            "It shows that fitting, translating and judging a card work from end to end, and it "
            "compares two cards on the same simulated firms. It is not good for judging any real "
            "firm: firms, defaults and features come from a simulation whose assumptions are "
            "listed below.\n"
        )
    return (
        "It judges firms like those of the loaded file, for the default within a year that its "
        "outcomes record. It says nothing of other firms, products or times, nor of firms that "
        "got no loan.\n"
    )


def _reject_inference(study: Study, simulated: bool, left_out: Mapping[str, int]) -> str:
    if not simulated:
        return (
            f"Left out. {left_out['refused']} refused cases have no outcome, and "
            f"{left_out['too_young']} cases are too young; both were not used. Guessing what "
            "refused firms would have done adds no knowledge, only the guess. So the figures hold "
            "for firms that the past rules granted.\n"
        )
    text = (
        "Left out. In the simulation every firm has an outcome, refused or not, so none is needed; "
        "for real cases it would put a guess into the figures.\n"
    )
    if study.granted_only is None:
        return text
    return text + (
        f"What it costs to know only granted firms: a fit to the training cases that the champion "
        f"grants a limit has an AUC of {study.granted_only:.3f} on all cases of the middle part, "
        f"against {study.chosen.auc:.3f} of the fit to all.\n"
    )
