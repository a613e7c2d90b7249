"""Warnings after a loan is drawn: by borrower, debtor and product, and of the portfolio."""
