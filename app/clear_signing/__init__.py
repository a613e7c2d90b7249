"""What a party signs, in words: forms of messages and calls, and what is shown of their values.

One table of labels and formats (`fields`, `structs`, `messages`, `trade_calls`, `lending_calls`,
`official_calls`) makes the ERC-7730 descriptors for wallets (`descriptors`) and the gateway's own
description (`rendering`). It reads nothing but the bytes that are signed, and what the caller tells
it of names and currencies.
"""
