"""The credit study: scorecards fitted and judged on cases whose outcome is known.

`benchmarks.credit.generator` makes cases from a number, `benchmarks.credit.outcomes` reads cases
from a file, and `python -m benchmarks.credit` (`make credit-study`) fits a card, judges it beside
the shipped one, and writes tables, plots and a model card. Only `fitting` and `public` need the
libraries of `requirements/study.in`.
"""
