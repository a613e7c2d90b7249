"""The chain side of the gateway, in the order in which a command passes through it.

outbox        a command is a row first (`enqueue`), or a draft for a wallet (`Operations.prepare`)
              (nonces: given once, and executions that the store knows not; signatures: of wallets)
relayer       tries, signs, stores and sends accepted operations, many in one transaction
              (relay_store: its rows; relay_rules: its decisions; relay_upkeep: its accounts;
              relay_settling: what can never run any more; relay_waiting: what is tried again;
              simulation: the trial before, and the proof of a failure)
indexer       reads blocks, and writes logs, events, read tables and outcomes in one transaction
              (blocks: receipts proven complete; decoding: rows; attribution: outcomes of intents;
              reorganisation: undoing; finality: when a block is final; projection: what slices
              offer)

deployment    puts the contracts on a chain (deployment_plan: what, in which order, whose roles;
              deployment_record: what stands where; deployment_check: the proof of it;
              deployment_command: `cession deploy`; development: accounts of one machine's chains)

Below these: rpc (JSON-RPC), contracts and abi (encode, decode), keys, intents and typed_data (what
is signed), transactions and hashing (what is sent), crash (points at which tests end the process).
"""
