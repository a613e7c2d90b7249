"""The ledger's contracts: addresses and interfaces."""
