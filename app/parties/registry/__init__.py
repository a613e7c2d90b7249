"""Parties: who is who, off the ledger (name, legal id, keys) and on it (roles, freeze)."""
