"""Verification: one answer for a bank, read from the chain, as of one block."""
