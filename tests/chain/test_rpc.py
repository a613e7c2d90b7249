"""The JSON-RPC client against a real node, a lost node, and one with malformed answers."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable

import pytest

from app.chain.evm.node_urls import public_url
from app.chain.evm.rpc import (
    ChainError,
    JsonRpc,
    NodeUnreachable,
    RateLimited,
    RpcError,
)
from app.chain.nodes.engines import free_port
from tests.support.harness import Anvil


def ask(url: str, use: Callable[[JsonRpc], Awaitable[object]], *, timeout: float = 5) -> object:
    async def main() -> object:
        rpc = JsonRpc(url, timeout=timeout)
        try:
            return await use(rpc)
        finally:
            await rpc.close()

    return asyncio.run(main())


def serving(
    answer: bytes,
    use: Callable[[JsonRpc], Awaitable[object]],
    *,
    timeout: float = 5,
    url: str = "http://127.0.0.1:{port}",
) -> object:
    """Asks a server that gives everybody the same bytes (and then, for b"", nothing)."""

    async def main() -> object:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(65536)
            if answer:
                writer.write(answer)
                await writer.drain()
                writer.close()
            else:
                await asyncio.sleep(5)
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        rpc = JsonRpc(url.format(port=port), timeout=timeout)
        try:
            return await use(rpc)
        finally:
            await rpc.close()
            server.close()

    return asyncio.run(main())


def http(body: str, *, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_a_call_gives_its_result(node: Anvil) -> None:
    assert ask(node.url, lambda rpc: rpc.chain_id()) == 31337


def test_a_batch_gives_each_call_its_own_result_or_error(node: Anvil) -> None:
    calls: list[tuple[str, list[str]]] = [
        ("eth_chainId", []),
        ("eth_noSuchThing", []),
        ("eth_blockNumber", []),
    ]
    answers = ask(node.url, lambda rpc: rpc.batch(calls))
    assert isinstance(answers, list)
    assert (answers[0], answers[2]) == ("0x7a69", "0x0")
    assert isinstance(answers[1], RpcError) and answers[1].code == -32601


def test_an_error_of_the_node_carries_its_code_and_words(node: Anvil) -> None:
    with pytest.raises(RpcError) as caught:
        ask(node.url, lambda rpc: rpc.call("eth_noSuchThing"))
    assert caught.value.code == -32601 and "not found" in caught.value.message.lower()


def test_many_calls_at_once_share_few_connections(node: Anvil) -> None:
    async def many(rpc: JsonRpc) -> object:
        answers = await asyncio.gather(*(rpc.call("eth_blockNumber") for _ in range(300)))
        assert len(rpc._free) <= 8
        return set(answers)

    assert ask(node.url, many) == {"0x0"}


def test_a_large_answer_arrives_whole(node: Anvil) -> None:
    node.ask("anvil_mine", hex(400))
    calls = [("eth_getBlockByNumber", [hex(n), False]) for n in range(400)]
    answers = ask(node.url, lambda rpc: rpc.batch(calls))
    assert isinstance(answers, list)
    assert [int(answer["number"], 16) for answer in answers] == list(range(400))


def test_call_raises_node_unreachable_when_nothing_listens() -> None:
    with pytest.raises(NodeUnreachable):
        ask(f"http://127.0.0.1:{free_port()}", lambda rpc: rpc.chain_id())


def test_call_succeeds_again_after_the_node_restarts(node: Anvil) -> None:
    async def chain_id_after_restart(rpc: JsonRpc) -> object:
        await rpc.chain_id()
        node.kill()
        with pytest.raises(NodeUnreachable):
            await rpc.chain_id()
        node.start()
        return await rpc.chain_id()

    assert ask(node.url, chain_id_after_restart) == 31337


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        http("<html>busy</html>", status="503 Service Unavailable"),
        http("not json"),
        http('{"jsonrpc": "2.0", "id": 1, "res'),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    ],
)
def test_malformed_answer_counts_as_an_unreachable_node(answer: bytes) -> None:
    with pytest.raises(NodeUnreachable):
        serving(answer, lambda rpc: rpc.chain_id())


def test_call_times_out_when_the_node_is_silent() -> None:
    with pytest.raises(NodeUnreachable, match=r"0\.2 s"):
        serving(b"", lambda rpc: rpc.chain_id(), timeout=0.2)


@pytest.mark.parametrize(
    "body",
    [
        '[{"jsonrpc":"2.0","id":2,"result":"0x2"}]',
        '[{"jsonrpc":"2.0","id":2,"result":"0x2"},{"jsonrpc":"2.0","id":2,"result":"0x2"}]',
        '[{"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","id":3,"result":"0x2"}]',
        '[{"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","result":"0x2"}]',
        '[{"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","id":"2","result":"0x2"}]',
        '[{"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","id":2}]',
        '{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"limit exceeded"}}',
        "[]",
    ],
)
def test_batch_fails_when_answers_do_not_match_calls(body: str) -> None:
    with pytest.raises(NodeUnreachable):
        serving(http(body), lambda rpc: rpc.batch([("a", []), ("b", [])]))


@pytest.mark.parametrize(
    "body",
    [
        '{"jsonrpc":"2.0","id":7,"result":"0x2"}',
        '{"jsonrpc":"2.0","id":"1","result":"0x2"}',
        '{"jsonrpc":"2.0","id":null,"result":"0x2"}',
        '{"jsonrpc":"2.0","result":"0x2"}',
        '{"jsonrpc":"2.0","id":1}',
        '{"jsonrpc":"2.0","id":null,"error":{"code":3,"message":"reverted","data":"0xabcd"}}',
        '{"jsonrpc":"2.0","id":1,"error":{"message":"no code"}}',
        '{"jsonrpc":"2.0","id":1,"error":"words"}',
    ],
)
def test_call_fails_when_the_answer_has_another_id(body: str) -> None:
    with pytest.raises(NodeUnreachable):
        serving(http(body), lambda rpc: rpc.call("eth_call"))


def test_null_result_counts_as_an_answer() -> None:
    body = '{"jsonrpc":"2.0","id":1,"result":null}'
    assert serving(http(body), lambda rpc: rpc.call("eth_call")) is None


@pytest.mark.parametrize("answer", ['"0x"', '"7"', "7", "null", '"0xzz"', f'"0x{"f" * 65}"'])
def test_chain_id_fails_when_the_result_is_no_number(answer: str) -> None:
    body = f'{{"jsonrpc":"2.0","id":1,"result":{answer}}}'
    with pytest.raises(NodeUnreachable):
        serving(http(body), lambda rpc: rpc.chain_id())


@pytest.mark.parametrize(
    ("error", "revert"),
    [
        ('{"code":3,"message":"execution reverted"}', True),
        ('{"code":3,"message":"execution reverted","data":"0x"}', True),
        ('{"code":-32000,"message":"execution reverted","data":"0x08c379a0"}', True),
        ('{"code":-32015,"message":"VM error","data":"Reverted 0x08c379a0"}', True),
        ('{"code":-32000,"message":"VM: revert","data":{"result":"0x","hash":null}}', True),
        ('{"code":-32000,"message":"out of gas","data":{"result":"0x","hash":null}}', False),
        ('{"code":-32000,"message":"execution reverted"}', False),
        ('{"code":-32005,"message":"limit exceeded","data":"0x08c379a0"}', False),
        ('{"code":429,"message":"reverted: too many","data":{"see":"https://host"}}', False),
        ('{"code":-32000,"message":"header not found"}', False),
        ('{"code":-32000,"message":"missing trie node","data":"0xabc"}', False),
        ('{"code":-32603,"message":"internal error","data":"reverted"}', False),
    ],
)
def test_only_code_3_or_revert_data_proves_a_revert(error: str, revert: bool) -> None:
    body = f'{{"jsonrpc":"2.0","id":1,"error":{error}}}'
    with pytest.raises(RpcError) as caught:
        serving(http(body), lambda rpc: rpc.call("eth_call"))
    assert caught.value.is_revert is revert


@pytest.mark.parametrize(
    ("code", "words", "limited"),
    [
        (-32005, "daily request count exceeded", True),
        (429, "slow down", True),
        (-32000, "Too Many Requests from this address", True),
        (-32000, "your app exceeded its rate limit", True),
        (3, "execution reverted", False),
        (-32000, "insufficient funds", False),
    ],
)
def test_rate_limit_is_recognised_by_code_or_message(code: int, words: str, limited: bool) -> None:
    assert RpcError(code, words).is_rate_limit is limited


def test_status_429_is_a_rate_limit_whatever_the_body() -> None:
    body = '{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted","data":"0xabcd"}}'
    with pytest.raises(RateLimited):
        serving(http(body, status="429 Too Many Requests"), lambda rpc: rpc.call("eth_call"))


def test_call_uses_its_own_deadline() -> None:
    with pytest.raises(NodeUnreachable, match=r"0\.1 s"):
        serving(b"", lambda rpc: rpc.call("eth_call", timeout=0.1))


def test_deadline_includes_the_wait_for_a_free_connection() -> None:
    async def many(rpc: JsonRpc) -> object:
        return await asyncio.gather(*(rpc.chain_id() for _ in range(20)), return_exceptions=True)

    answers = serving(b"", many, timeout=0.3)
    assert isinstance(answers, list)
    assert all("no answer in 0.3 s" in str(error) for error in answers)


SECRET_URL = "http://treasurer:top%40secret@127.0.0.1:{port}/v3/0123456789abcdef?token=fedcba98"


@pytest.mark.parametrize(
    "answer",
    [
        http("treasurer top@secret top%40secret 0123456789abcdef fedcba98", status="500 No"),
        http("treasurer top@secret 0123456789abcdef"),
        http(
            '{"jsonrpc":"2.0","id":1,"error":'
            '{"code":-32000,"message":"key 0123456789abcdef of treasurer:top@secret fedcba98"}}'
        ),
        http('{"jsonrpc":"2.0","id":9,"result":"treasurer top@secret 0123456789abcdef"}'),
        b"",
    ],
)
def test_errors_contain_no_secret_of_the_address(answer: bytes) -> None:
    with pytest.raises(ChainError) as caught:
        serving(answer, lambda rpc: rpc.call("eth_call"), timeout=0.3, url=SECRET_URL)
    words = "".join(traceback.format_exception(caught.value))
    for secret in ("treasurer", "top@secret", "top%40secret", "0123456789abcdef", "fedcba98"):
        assert secret not in words
    assert repr(SECRET_URL) not in words


def test_error_does_not_quote_a_refused_address() -> None:
    for url in ("http://user:pass#word@host:80", "http://user:secret@", "http://u:s@h:port"):
        with pytest.raises(ValueError) as caught:
            JsonRpc(url)
        words = "".join(traceback.format_exception(caught.value))
        assert "pass" not in words.replace("password", "") and "secret" not in words


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://user:pass@node.bank:8545/v3/KEY?x=1", "https://node.bank:8545"),
        ("http://[::1]:8545", "http://[::1]:8545"),
        ("http://node", "http://node"),
        ("user:pass", "(not an address)"),
    ],
)
def test_the_public_address_has_scheme_host_and_port_only(url: str, words: str) -> None:
    assert public_url(url) == words


@pytest.mark.parametrize(
    "error",
    [
        '{"code":3,"message":"reverted","data":"0xabcd"}',
        '{"code":-32000,"message":"reverted","data":{"hash":"0x1","result":"0xabcd"}}',
        '{"code":-32000,"message":"reverted","data":{"data":"0xabcd"}}',
    ],
)
def test_revert_data_is_read_from_every_place_that_nodes_use(error: str) -> None:
    body = f'{{"jsonrpc":"2.0","id":1,"error":{error}}}'
    with pytest.raises(RpcError) as caught:
        serving(http(body), lambda rpc: rpc.call("eth_call"))
    assert caught.value.data == "0xabcd"


@pytest.mark.parametrize("url", ["ftp://host", "nowhere", "http://"])
def test_malformed_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        JsonRpc(url)
