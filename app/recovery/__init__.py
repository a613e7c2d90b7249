"""Backup, restore and reconciliation with the chain, for operators."""
