"""Plots as SVG, drawn with the library that also writes PDF files."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from reportlab.graphics import renderSVG
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.charts.lineplots import LinePlot
from reportlab.graphics.shapes import Drawing, String
from reportlab.lib.colors import HexColor

WIDTH, HEIGHT = 900, 420
_LEFT, _BOTTOM, _PLOT_WIDTH, _PLOT_HEIGHT = 60, 60, 620, 300
# Okabe and Ito's colours, which people with colour blindness tell apart.
_COLOURS = [
    HexColor(code)
    for code in (0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x000000, 0x999999)
]
_TITLE_SIZE, _TEXT_SIZE = 14, 9
MAX_SERIES = len(_COLOURS)


class Series(msgspec.Struct):
    """A curve or a colour of bars: its name, and its points or its heights."""

    name: str
    values: Sequence[tuple[float, float]]


def lines(title: str, series: Sequence[Series], *, across: str) -> str:
    """Curves over a common axis, at most eight; heights are in per cent."""
    drawing = _page(title, series, across)
    shown = [list(curve.values) for curve in series[:MAX_SERIES] if curve.values]
    if shown:
        chart = LinePlot()
        _place(chart)
        chart.data = shown
        for place in range(len(shown)):
            chart.lines[place].strokeColor = _COLOURS[place]
            chart.lines[place].strokeWidth = 2
        chart.yValueAxis.valueMin = 0
        chart.yValueAxis.labelTextFormat = "%0.2f"
        chart.xValueAxis.labelTextFormat = "%d"
        drawing.add(chart)
    return str(renderSVG.drawToString(drawing))


def bars(title: str, names: Sequence[str], series: Sequence[Series], *, across: str) -> str:
    """Bars for each name; the heights are the second numbers of the values."""
    drawing = _page(title, series, across)
    if names:
        chart = VerticalBarChart()
        _place(chart)
        chart.data = [[height for _, height in curve.values] for curve in series[:MAX_SERIES]]
        for place in range(len(chart.data)):
            chart.bars[place].fillColor = _COLOURS[place]
            chart.bars[place].strokeColor = None
        chart.categoryAxis.categoryNames = list(names)
        chart.categoryAxis.labels.angle = 20
        chart.categoryAxis.labels.boxAnchor = "ne"
        chart.categoryAxis.labels.fontSize = _TEXT_SIZE
        chart.valueAxis.valueMin = 0
        drawing.add(chart)
    return str(renderSVG.drawToString(drawing))


def _page(title: str, series: Sequence[Series], across: str) -> Drawing:
    drawing = Drawing(WIDTH, HEIGHT)
    drawing.add(String(_LEFT, HEIGHT - 30, title, fontSize=_TITLE_SIZE))
    drawing.add(String(_LEFT, 8, across, fontSize=_TEXT_SIZE))
    if series:
        legend = Legend()
        legend.x, legend.y = _LEFT + _PLOT_WIDTH + 20, _BOTTOM + _PLOT_HEIGHT
        legend.fontSize = _TEXT_SIZE
        legend.columnMaximum = MAX_SERIES
        legend.alignment = "right"
        legend.colorNamePairs = [
            (_COLOURS[place], curve.name) for place, curve in enumerate(series[:MAX_SERIES])
        ]
        drawing.add(legend)
    return drawing


def _place(chart: LinePlot | VerticalBarChart) -> None:
    chart.x, chart.y, chart.width, chart.height = _LEFT, _BOTTOM, _PLOT_WIDTH, _PLOT_HEIGHT
