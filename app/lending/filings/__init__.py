"""Filings in a public register of movable property."""
