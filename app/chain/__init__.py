"""The chain side: nodes, JSON-RPC, contracts, keys, relayer and indexer."""
