"""Backup, restore and reconciliation with the chain, as an operator asks for them."""
