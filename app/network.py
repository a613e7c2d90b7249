"""`cession gateway`, `key`, `products`, `incident`, `approvals`: on a network that others use too.

Settings come from the environment (`app.config`); the contracts are already deployed (`cession
deploy`).
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from app.chain.deployment.artifacts import load_artifact
from app.chain.deployment.deployer import DeploymentError
from app.chain.deployment.record import Artifacts, Deployment, RecordInvalid, record_path
from app.chain.evm.node_urls import public_url
from app.chain.evm.rpc import ChainError
from app.chain.evm.signers import LocalSigner, PasswordWrong
from app.chain.nodes.nodes import ChainNode, NodeError, connect
from app.chain.outbox.keys import read_secret
from app.chain.outbox.operation import DONE, REJECTED
from app.config import SettingInvalid, Settings, settings_from
from app.domain.catalogue_files import CatalogueInvalid
from app.domain.texts import say
from app.errors import CessionError, Conflict
from app.gateway.execution import NewOperation
from app.gateway.gateway import Gateway
from app.lending.products import catalogue
from app.log_output import configure_logs
from app.opening import open_gateway, prove_chain
from app.oversight.incidents import service as incidents
from app.oversight.incidents.approvals import WAIT_SECONDS, open_approvals, revoke
from app.oversight.incidents.approvals import line as approval_line
from app.parties.registry import service as parties
from app.storage import StorageError

REFUSALS = (
    *(SettingInvalid, NodeError, DeploymentError, PasswordWrong),
    *(CatalogueInvalid, CessionError, ChainError, StorageError),
)


def refuse(command: str, error: Exception) -> int:
    """Prints one line on standard error; returns 2 for an invalid setting, otherwise 1."""
    words = " ".join(str(error).split())
    print(f"{command}: {words}", file=sys.stderr)
    return 2 if isinstance(error, SettingInvalid) else 1


def relay_keys(settings: Settings) -> list[LocalSigner]:
    """Keys of the relay accounts.

    Raises:
        SettingInvalid: no keystore is named, or one cannot be opened.
    """
    files = [Path(name.strip()) for name in settings.relay_keystores.split(",") if name.strip()]
    if not files:
        raise SettingInvalid("CESSION_RELAY_KEYSTORES: name at least one keystore file")
    return [_relay_key(file, settings) for file in files]


def _relay_key(file: Path, settings: Settings) -> LocalSigner:
    """Opens a key with the keystore password, or with the earlier one during an exchange."""
    refusal: Exception | None = None
    for password in (settings.keystore_password, settings.keystore_password_before):
        if password is None:
            continue
        try:
            return LocalSigner.from_keystore(file.read_text(), password)
        except (OSError, ValueError) as error:
            refusal = error
    raise SettingInvalid(f"CESSION_RELAY_KEYSTORES: {file}: {refusal}") from refusal


def _first_node(settings: Settings) -> ChainNode:
    """The first node that answers.

    Raises:
        NodeError: no node answers; the message is about the first one.
    """
    first_error: NodeError | None = None
    for url in settings.rpc_urls:
        try:
            return connect(url)
        except NodeError as error:
            first_error = first_error or error
    assert first_error is not None
    raise first_error


def standing_ledger(settings: Settings) -> tuple[ChainNode, Deployment, Artifacts]:
    """A node that answers, the record of the ledger on its chain, and the contracts' artifacts.

    Raises:
        SettingInvalid, NodeError, DeploymentError.
    """
    node = _first_node(settings)
    path = Path(settings.deployment or record_path(node.chain_id))
    try:
        deployment = Deployment.load(path)
    except RecordInvalid as error:
        raise SettingInvalid(f"CESSION_DEPLOYMENT: {error}") from error
    if deployment.chain_id != node.chain_id:
        raise DeploymentError(f"{path} is of another chain than {public_url(node.url)}")
    names = {name.partition(":")[0] for name in deployment.contracts}
    return node, deployment, {name: load_artifact(name) for name in sorted(names)}


def opening_of(
    settings: Settings, *, keys: Sequence[LocalSigner] = ()
) -> Callable[[], AbstractAsyncContextManager[Gateway]]:
    """Returns a function that opens the gateway of these settings.

    Raises:
        SettingInvalid, NodeError, DeploymentError, StorageError.
        WrongChain: a store or a record of another chain.
    """
    _, deployment, artifacts = standing_ledger(settings)
    asyncio.run(prove_chain(settings, deployment))
    relays = relay_keys(settings)

    def opening() -> AbstractAsyncContextManager[Gateway]:
        return open_gateway(
            settings,
            deployment=deployment,
            artifacts=artifacts,
            relay_accounts=relays,
            keys=keys,
        )

    return opening


def change_catalogue(
    *, action: str, file: Path, keystore: Path | None, password_file: Path | None
) -> int:
    """Shows the changes in the catalogue file, applies them, or approves another's proposal.

    0: done, or nothing to do; 1: it failed; the reason is printed.
    """

    async def work(gateway: Gateway, keys: Sequence[LocalSigner]) -> None:
        changes = await catalogue.compare(gateway, file)
        for line in catalogue.described(changes):
            print(line)
        if action == "apply":
            await catalogue.apply(gateway, changes, operator=keys[0].address)
        elif action == "approve":
            await catalogue.approve(gateway, changes, operator=keys[0].address)

    return _with_gateway(
        "products",
        work,
        needs_key=None if action == "diff" else f"{action}: give --keystore FILE of an operator",
        keystore=keystore,
        password_file=password_file,
    )


def incident(
    *, action: str, reason: str | None, keystore: Path | None, password_file: Path | None
) -> int:
    """Stops new risk, resumes it, or prints its state.

    To resume, the first official proposes and the second resumes. 0: done; 1: it failed; the
    reason is printed.
    """

    async def work(gateway: Gateway, keys: Sequence[LocalSigner]) -> None:
        if action != "status":
            official = keys[0].address
            if action == "stop":
                new_operation = incidents.stopping(reason or "")
            else:
                expected = None if reason is None else incidents.reason_hash(reason)
                new_operation = await incidents.resuming(gateway, expected, official=official)
            await _carry_out(gateway, new_operation, signer=official)
            if new_operation.kind == incidents.PROPOSE:
                print("proposed: another operator or regulator runs the same command")
        status = await incidents.status(gateway)
        for name, value in status.items():
            if value is not None:
                print(f"{name}: {value}")

    return _with_gateway(
        "incident",
        work,
        needs_key=None if action == "status" else f"{action}: give --keystore FILE of an official",
        keystore=keystore,
        password_file=password_file,
    )


def approvals(*, action: str, party_id: str | None, contract: str | None) -> int:
    """Lists the open approvals on the chain, or revokes those of accounts in custody here.

    0: done, or nothing to do; 1: an approval that this gateway could have revoked is still open, or
    the command failed; the reason is printed.
    """
    failed = 0

    async def work(gateway: Gateway, _: Sequence[LocalSigner]) -> None:
        nonlocal failed
        if contract is not None and contract not in gateway.contracts.names():
            raise SettingInvalid(f"--contract: the deployment has no contract {contract}")
        if action == "list":
            accounts = None
            if party_id is not None:
                accounts = {(await parties.party(gateway, party_id)).account.lower()}
            for approval in await open_approvals(gateway, accounts=accounts, contract=contract):
                print(approval_line(gateway, approval))
            return
        report = await revoke(gateway, party_id=party_id, contract=contract)
        for entry in report:
            why = f": {entry.why}" if entry.why else ""
            print(f"{entry.outcome:<10}  {approval_line(gateway, entry.approval)}{why}")
        counts = Counter(entry.outcome for entry in report)
        failed = counts["failed"]
        print(
            f"{counts['revoked']} revoked, {failed} failed, "
            f"{counts['own-wallet']} open in own wallets"
        )

    code = _with_gateway("approvals", work, needs_key=None, keystore=None, password_file=None)
    return code or int(failed > 0)


def _with_gateway(
    command: str,
    work: Callable[[Gateway, Sequence[LocalSigner]], Awaitable[None]],
    *,
    needs_key: str | None,
    keystore: Path | None,
    password_file: Path | None,
) -> int:
    try:
        settings = settings_from()
        keys = []
        if needs_key is not None:
            if keystore is None:
                raise SettingInvalid(needs_key)
            password = settings.keystore_password
            if password_file is not None:
                password = read_secret(password_file)
            keys = [LocalSigner.from_keystore(keystore.read_text(), password)]
        opening = opening_of(settings, keys=keys)
        configure_logs(json_lines=settings.json_logs, level=logging.WARNING)

        async def run() -> None:
            async with opening() as gateway:
                await work(gateway, keys)

        asyncio.run(run())
    except (*REFUSALS, OSError) as error:
        return refuse(command, error)
    return 0


async def _carry_out(gateway: Gateway, new_operation: NewOperation, *, signer: str) -> None:
    operation = await gateway.storage.write(
        lambda connection: gateway.operations.enqueue(connection, new_operation.call(signer=signer))
    )
    done = await gateway.operations.wait(operation.id, WAIT_SECONDS)
    if done.state == REJECTED or done.state not in DONE:
        words = done.error.message if done.error is not None else f"it is {done.state}"
        raise Conflict(say("{kind}: {words}", kind=new_operation.kind, words=words), name="refused")
