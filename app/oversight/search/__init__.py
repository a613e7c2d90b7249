"""One search for everything: ids, numbers, hashes, addresses and names."""
