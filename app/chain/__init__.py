"""The chain side of the gateway. Each part imports only the parts above it in this list.

evm           JSON-RPC, ABI, contracts, typed data, signers, transactions, hashing, and sentences
              for the contracts' errors
nodes         node processes, several nodes used as one, and the proof that a node serves the
              ledger's chain
outbox        stores each command as a row (`enqueue`), or as a draft for a wallet
              (`Operations.prepare`); intents, nonces, keys in custody, signatures of wallets
index         reads blocks, and writes logs, events, read tables and outcomes in one transaction
relay         simulates, signs, stores and sends accepted operations, many in one transaction
deployment    puts the contracts on a chain, writes the deployment record, and verifies it
"""
