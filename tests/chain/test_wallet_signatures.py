"""The question whether an account's contract accepts a signature (ERC-1271), on real engines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import SignatureInvalid
from app.chain.evm.wallet_signatures import (
    COUNTERFACTUAL,
    MAX_SIGNATURE_BYTES,
    WalletAnswer,
    WalletMissing,
    answer_of,
    question,
    refuse_counterfactual,
)
from app.chain.nodes.engines import Engine, RunningNode, start_node

ENGINES: list[Engine] = ["anvil", "ganache"]
ACCOUNT = "0x" + "5e" * 20
DIGEST = bytes(range(32))
YES = "631626ba7e60e01b600052"  # the answer for yes, in memory
WALLETS = {
    "accepts": (YES + "60206000f3", True),
    "accepts with many bytes": (YES + "620493e06000f3", True),
    "refuses": ("60001960005260206000f3", False),
    "answers with 31 bytes": (YES + "601f6000f3", False),
    "answers with dirt behind the selector": (YES + "6001601f5360206000f3", False),
    "answers with nothing": ("00", False),
    "reverts with the answer for yes": (YES + "60206000fd", False),
    "has an invalid instruction": ("fe", False),
    "uses up its gas": ("5b600056", False),
    "writes and then accepts": ("6001600055" + YES + "60206000f3", False),
    "gives back its question": ("366000600037366000f3", False),
}


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningNode]:
    """A chain of each engine."""
    node = start_node(request.param, log_file=tmp_path_factory.mktemp("engine") / "log")
    yield node
    node.stop()


def put(node: RunningNode, code: str, *, account: str = ACCOUNT) -> None:
    method = "anvil_setCode" if node.engine == "anvil" else "evm_setAccountCode"
    node.ask(method, account, "0x" + code)


def answered(node: RunningNode, signature: bytes, *, account: str = ACCOUNT) -> WalletAnswer:
    async def main() -> str:
        rpc = JsonRpc(node.url)
        call = question(account, DIGEST, signature)
        returned = await rpc.call("eth_call", call, "latest")
        await rpc.close()
        return str(returned)

    return answer_of(asyncio.run(main()))


@pytest.mark.parametrize("name", WALLETS)
def test_only_a_plain_yes_of_the_contract_counts(engine: RunningNode, name: str) -> None:
    code, accepts = WALLETS[name]
    put(engine, code)
    assert answered(engine, b"\xab" * 65) == WalletAnswer(has_code=True, accepts=accepts)


def test_wallet_reads_the_digest_and_the_whole_signature(engine: RunningNode) -> None:
    """The wallet accepts only this digest and a signature of one length with one last byte."""
    for length in (0, 1, 65, 195, MAX_SIGNATURE_BYTES):
        signature = bytes(length - 1) + b"\x5a" if length else b""
        conditions = [f"6004357f{DIGEST.hex()}14", f"60443562{length:06x}14"]
        if length:
            conditions.append(f"62{0x64 + length - 1:06x}3560f81c605a14")
        tests = conditions[0] + "".join(item + "16" for item in conditions[1:])
        # The answer for yes times whether all conditions hold.
        code = tests + "631626ba7e60e01b0260005260206000f3"
        put(engine, code)
        assert answered(engine, signature).accepts, length
        assert not answered(engine, signature + b"\x5a").accepts, length


def test_account_without_code_and_precompile_accept_nothing(engine: RunningNode) -> None:
    nobody = "0x" + "77" * 20
    assert answered(engine, b"\xab" * 65, account=nobody) == WalletAnswer(False, accepts=False)
    for place in range(1, 10):
        precompile = "0x" + f"{place:040x}"
        assert not answered(engine, b"\xab" * 65, account=precompile).accepts


def test_answer_of_another_length_is_no_answer() -> None:
    for returned in ("0x", "0x" + "00" * 32, "0x" + "00" * 96):
        with pytest.raises(ValueError, match="bytes, not 64"):
            answer_of(returned)


def test_signature_of_a_wallet_that_is_not_deployed_is_refused_by_its_end() -> None:
    refuse_counterfactual(b"\xab" * 65)
    refuse_counterfactual(b"")
    refuse_counterfactual(COUNTERFACTUAL + b"\x00")
    with pytest.raises(WalletMissing, match="ERC-6492"):
        refuse_counterfactual(b"\xab" * 320 + COUNTERFACTUAL)
    assert issubclass(WalletMissing, SignatureInvalid)
