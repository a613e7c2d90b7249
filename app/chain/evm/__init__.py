"""The EVM: RPC, ABI, contracts, typed data, transactions."""
