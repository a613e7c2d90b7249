"""Loans that move: sales between financiers, buying back, and the notice to the borrower."""
