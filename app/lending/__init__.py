"""Financing: products, lines of credit, loans, and reports over them."""
