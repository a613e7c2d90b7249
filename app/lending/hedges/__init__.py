"""Hedges of the price of a loan's goods."""
