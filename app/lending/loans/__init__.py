"""Loans: draws, repayments, what is due, statements."""
