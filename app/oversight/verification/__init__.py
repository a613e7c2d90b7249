"""Verification: one answer for a bank, from the chain itself, as of one block."""
