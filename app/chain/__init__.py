"""The chain side of the gateway. Each part imports only those before it.

evm           JSON-RPC, ABI, contracts, typed data, signers, transactions, hashing, and the words of
              the contracts' errors
nodes         processes of a node, several nodes as one, and the proof that a node serves the
              ledger's chain
outbox        a command is a row first (`enqueue`), or a draft for a wallet (`Operations.prepare`);
              intents, nonces, keys in custody, signatures of wallets
index         reads blocks, and writes logs, events, read tables and outcomes in one transaction
relay         tries, signs, stores and sends accepted operations, many in one transaction
deployment    puts the contracts on a chain, keeps the record of it, and proves it
"""
