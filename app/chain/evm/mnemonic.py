"""The mnemonic of development chains: publicly known, for chains on one machine only."""

MNEMONIC = "test test test test test test test test test test test junk"
