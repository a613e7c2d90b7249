"""Prices of goods and of currencies, as appraisers post them."""
