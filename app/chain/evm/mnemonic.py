"""The mnemonic of development chains: public knowledge, for chains on one machine only."""

MNEMONIC = "test test test test test test test test test test test junk"
