"""Asks the contract at an account whether it accepts a signature (ERC-1271).

The question is a call that creates a contract, so the chain needs no contract for it. The code
below asks as the ledger asks: by STATICCALL, so a wallet that would write is refused. It gives the
wallet as much gas as the forwarder does, and reads one word of its answer, so a wallet that uses up
its gas or answers with millions of bytes costs a bounded amount.
"""

from __future__ import annotations

from typing import Any

import msgspec
from faster_eth_abi import encode as encode_values

from app.chain.evm.signers import SignatureInvalid

ACCEPTED = bytes.fromhex("1626ba7e")  # the selector of isValidSignature, and its answer for yes
MAX_SIGNATURE_BYTES = 8_192
COUNTERFACTUAL = bytes.fromhex("6492" * 16)  # the end of a signature by ERC-6492
_QUESTION_GAS = 2_000_000  # 500,000 for the wallet; the rest is for calldata and the created code
_WORD = 32
# The code's length is fixed, so that it knows where the question begins.
_CODE_BYTES = 119


class WalletMissing(SignatureInvalid):
    """The signature is for a wallet that is not on the chain yet (ERC-6492)."""


class WalletAnswer(msgspec.Struct, frozen=True):
    """What an account says to a signature.

    Attributes:
        has_code: whether the account has code; without code only its key signs.
        accepts: whether its code accepts the signature.
    """

    has_code: bool
    accepts: bool


def refuse_counterfactual(signature: bytes) -> None:
    """Refuses a signature by ERC-6492, which also says how to deploy the wallet.

    The ledger would hand it to a deployed wallet as it is, and the wallet would refuse it.

    Raises:
        WalletMissing.
    """
    if signature.endswith(COUNTERFACTUAL):
        raise WalletMissing(
            "the signature is for a wallet that is not on the chain yet (ERC-6492): "
            "the ledger takes signatures of deployed wallets only"
        )


def question(account: str, digest: bytes, signature: bytes) -> dict[str, Any]:
    """The parameters of `eth_call`; `answer_of` reads what the node returns.

    Args:
        account: an address, lower case.
        digest: 32 bytes.
        signature: at most `MAX_SIGNATURE_BYTES`.
    """
    call = ACCEPTED + encode_values(("bytes32", "bytes"), (digest, signature))
    size, address = len(call).to_bytes(2, "big").hex(), account[2:]
    steps = (
        f"61{size}60{_CODE_BYTES:02x}600039",  # copy the question to memory
        f"6020600061{size}600073{address}6207a120fa",  # STATICCALL with 500,000 gas
        "3d601f1016",  # it succeeded and answered with a word or more
        f"6000517f{ACCEPTED.hex()}{'00' * 28}1416",  # and the word is the answer for yes
        f"60005273{address}3b602052",  # in memory: yes or no, and the length of the code
        "60406000f3",  # return both
    )
    code = bytes.fromhex("".join(steps))
    assert len(code) == _CODE_BYTES
    return {"data": "0x" + (code + call).hex(), "gas": hex(_QUESTION_GAS)}


def answer_of(returned: str) -> WalletAnswer:
    """What the node returned for a question.

    Raises:
        ValueError: it is no answer to a question.
    """
    words = bytes.fromhex(returned.removeprefix("0x"))
    if len(words) != 2 * _WORD:
        raise ValueError(f"a node answered with {len(words)} bytes, not 64")
    return WalletAnswer(
        has_code=int.from_bytes(words[_WORD:], "big") > 0,
        accepts=int.from_bytes(words[:_WORD], "big") == 1,
    )
