"""Money outside the ledger, in the banks' own messages: ISO 20022 pain.001 and camt.054."""
