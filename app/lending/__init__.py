"""Financing: products, facilities, loans, and reports on them."""
