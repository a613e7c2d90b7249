"""Parties: their name, legal id and keys off the ledger; their roles and freezes on it."""
