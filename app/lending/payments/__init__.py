"""Payments outside the ledger, in the banks' messages: ISO 20022 pain.001, camt.053, camt.054."""
