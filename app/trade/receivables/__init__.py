"""Receivables: debts from request to the last cent, with their payments, notes and disputes."""
