"""Prices of goods and currencies that appraisers post."""
