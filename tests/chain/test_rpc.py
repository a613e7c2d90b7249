"""The JSON-RPC client against a real node, a lost one, and one that talks nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.chain.nodes import free_port
from app.chain.rpc import JsonRpc, NodeUnreachable, RpcError
from tests.chain.harness import Anvil


def ask(url: str, use: Callable[[JsonRpc], Awaitable[object]], *, timeout: float = 5) -> object:
    async def main() -> object:
        rpc = JsonRpc(url, timeout=timeout)
        try:
            return await use(rpc)
        finally:
            await rpc.close()

    return asyncio.run(main())


def serving(answer: bytes, use: Callable[[JsonRpc], Awaitable[object]], *, timeout: float = 5):
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
        rpc = JsonRpc(f"http://127.0.0.1:{port}", timeout=timeout)
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
    calls = [("eth_chainId", []), ("eth_noSuchThing", []), ("eth_blockNumber", [])]
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
        found = await asyncio.gather(*(rpc.call("eth_blockNumber") for _ in range(300)))
        assert len(rpc._free) <= 8
        return set(found)

    assert ask(node.url, many) == {"0x0"}


def test_a_large_answer_arrives_whole(node: Anvil) -> None:
    node.ask("anvil_mine", hex(400))
    calls = [("eth_getBlockByNumber", [hex(n), False]) for n in range(400)]
    answers = ask(node.url, lambda rpc: rpc.batch(calls))
    assert isinstance(answers, list)
    assert [int(answer["number"], 16) for answer in answers] == list(range(400))


def test_a_node_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(NodeUnreachable):
        ask(f"http://127.0.0.1:{free_port()}", lambda rpc: rpc.chain_id())


def test_a_node_started_again_is_found_again(node: Anvil) -> None:
    async def around(rpc: JsonRpc) -> object:
        await rpc.chain_id()
        node.kill()
        with pytest.raises(NodeUnreachable):
            await rpc.chain_id()
        node.start()
        return await rpc.chain_id()

    assert ask(node.url, around) == 31337


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
def test_nonsense_is_an_unreachable_node(answer: bytes) -> None:
    with pytest.raises(NodeUnreachable):
        serving(answer, lambda rpc: rpc.chain_id())


def test_a_node_that_keeps_silent_is_given_up() -> None:
    with pytest.raises(NodeUnreachable, match=r"0\.2 s"):
        serving(b"", lambda rpc: rpc.chain_id(), timeout=0.2)


def test_an_answer_left_out_of_a_batch_is_an_error_in_its_place() -> None:
    body = '[{"jsonrpc":"2.0","id":2,"result":"0x2"}]'
    answers = serving(http(body), lambda rpc: rpc.batch([("a", []), ("b", [])]))
    assert isinstance(answers[0], RpcError) and answers[1] == "0x2"


@pytest.mark.parametrize(
    "error",
    [
        '{"code":3,"message":"reverted","data":"0xabcd"}',
        '{"code":-32000,"message":"reverted","data":{"hash":"0x1","result":"0xabcd"}}',
        '{"code":-32000,"message":"reverted","data":{"data":"0xabcd"}}',
    ],
)
def test_revert_data_is_found_wherever_a_node_puts_it(error: str) -> None:
    body = f'{{"jsonrpc":"2.0","id":1,"error":{error}}}'
    with pytest.raises(RpcError) as caught:
        serving(http(body), lambda rpc: rpc.call("eth_call"))
    assert caught.value.data == "0xabcd"


@pytest.mark.parametrize("url", ["ftp://host", "nowhere", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        JsonRpc(url)
