"""An open benchmark of the checks: a market with fraud in it, and a judge of what was noticed.

`benchmarks.fraud.generator` makes the market, `benchmarks.fraud.judge` counts, and
`python -m benchmarks.fraud` (`make fraud-bench`) runs a detector on many markets. Nothing here
detects anything.
"""
