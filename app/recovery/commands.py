"""`cession backup`, `restore`, `reconcile`.

Each exits with 0, or prints the reason and exits with 1 (2: a setting is wrong).
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from app.chain.deployment.artifacts import load_artifact
from app.chain.deployment.deployer import DeploymentError
from app.chain.deployment.record import Deployment, record_path
from app.chain.evm.contracts import Contracts
from app.chain.evm.rpc import ChainError
from app.chain.index.blocks import ReceiptsIncomplete
from app.chain.index.indexer import Indexer, IndexerSettings
from app.chain.nodes.engines import Engine
from app.chain.nodes.nodes import NodeError
from app.chain.outbox.restored import mark_restored
from app.config import SettingInvalid, Settings, settings_from
from app.embedded import RECORD, chain, embedded_settings
from app.errors import CessionError
from app.opening import guard_of, nodes_of, projections, zone_offset_of
from app.recovery.reconcile import Report, accept, reconcile
from app.recovery.stores import lines_of, url_of
from app.storage import Storage, StorageError
from app.storage.backups import make_backup, read_manifest, restore_backup
from app.storage.opening import open_storage

_SHOWN = 50
_KNOWN = (
    *(SettingInvalid, StorageError, OSError, NodeError, DeploymentError),
    *(ChainError, ReceiptsIncomplete, CessionError),
)


def backup(*, file: Path, data_folder: Path | None) -> int:
    """Writes a backup while the gateway runs."""
    try:
        manifest = make_backup(url_of(data_folder), file)
    except (SettingInvalid, StorageError, OSError) as error:
        return _failed("backup", error)
    print("\n".join(lines_of(manifest)))
    return 0


def restore(*, file: Path, data_folder: Path | None, replace: bool) -> int:
    """Restores a backup; until reconciled, the gateway accepts no command and sends nothing."""
    try:
        backed_up = read_manifest(file)
        manifest = restore_backup(
            url_of(data_folder),
            file,
            replace=replace,
            mark=lambda connection: mark_restored(
                connection, backup_made_at=backed_up.made_at, backup_sha256=backed_up.payload_sha256
            ),
        )
    except (SettingInvalid, StorageError, OSError) as error:
        return _failed("restore", error)
    print("\n".join(lines_of(manifest)))
    print("restored, not reconciled: the gateway accepts no command and sends nothing")
    print("next: cession reconcile")
    return 0


def reconcile_store(
    *,
    release: bool,
    data_folder: Path | None,
    engine: Engine,
    rpc_url: str | None,
    report: Path | None,
) -> int:
    """Reads the chain to its head, reports what is missing and, with `release`, releases the store.

    Also exits with 1 if it cannot release the store because an intent may still run.
    """
    try:
        with contextlib.ExitStack() as stack:
            if data_folder is None:
                settings = settings_from()
                record = None
            else:
                url_of(data_folder)  # the folder must be there
                node = stack.enter_context(chain(engine, rpc_url=rpc_url, folder=data_folder))
                settings = embedded_settings(data_folder, rpc_url=node.url)
                record = data_folder / RECORD
            return asyncio.run(_reconcile(settings, record, release=release, report=report))
    except _KNOWN as error:
        return _failed("reconcile", error)


async def _reconcile(
    settings: Settings, record: Path | None, *, release: bool, report: Path | None
) -> int:
    storage = await asyncio.to_thread(open_storage, settings)
    try:
        async with _indexer(settings, record, storage) as indexer:
            result = await reconcile(storage, indexer)
            if result is None:
                print("nothing to reconcile: the store knows every operation that ran on the chain")
                return 0
            print("\n".join(report_lines(result)))
            if report is not None:
                report.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2))
            if not release:
                print("not released; deal with what is missing, then run the command with --accept")
                return 0
            await accept(storage, result)
            print("released: the gateway accepts commands and sends again")
            return 0
    finally:
        storage.close()


@contextlib.asynccontextmanager
async def _indexer(
    settings: Settings, record: Path | None, storage: Storage
) -> AsyncIterator[Indexer]:
    """An indexer of this gateway's chain, with the settings that the gateway uses."""
    rpc = nodes_of(settings)
    try:
        chain_id = await rpc.chain_id()
        path = record or Path(settings.deployment or record_path(chain_id))
        deployment = Deployment.load(path)
        if deployment.chain_id != chain_id:
            raise DeploymentError(f"{path} is not the record of the node's chain ({chain_id})")
        names = sorted({name.partition(":")[0] for name in deployment.contracts})
        contracts = Contracts(deployment, {name: load_artifact(name) for name in names})
        yield Indexer(
            storage=storage,
            rpc=rpc,
            contracts=contracts,
            projections=projections(await zone_offset_of(rpc, contracts)),
            settings=IndexerSettings(
                start_block=deployment.first_block,
                finality=settings.finality_rule,
                verify_receipts=settings.verify_receipts,
            ),
            guard=await guard_of(storage, rpc, deployment),
        )
    finally:
        await rpc.close()


def report_lines(report: Report) -> list[str]:
    """The report as readable text; each list ends after 50 lines, `--report` has all."""
    lines = [
        f"indexed to block {report.block} ({_time(report.timestamp)})",
        f"operations of the backup that the chain has settled since: {report.settled}",
        f"operations of the backup that are still to run: {report.under_way}",
        f"operations on the chain whose command is not in the store: {len(report.executions)}",
    ]
    lines += _cut(
        [
            f"  {execution.signer}  block {execution.block_number}  {execution.transaction_hash}  "
            f"operation {execution.operation_hash}" + ("" if execution.succeeded else "  (failed)")
            for execution in report.executions
        ]
    )
    lines.append(f"accounts whose key is not in the store: {len(report.keys)}")
    lines += _cut(
        [
            f"  {key.account}  "
            + ("no party of the ledger" if key.party_id is None else f"party {key.party_id}")
            + ("  acted through this gateway" if key.acted else "  unknown to this store")
            for key in report.keys
        ]
    )
    lines.append(f"document roots whose documents are not in the store: {len(report.documents)}")
    lines += _cut([f"  {document.root}  {document.what}" for document in report.documents])
    if not report.quiet:
        lines.append(
            "intents signed before the restore may still run until the chain's time is past "
            f"{_time(report.quiet_until)}"
        )
    return lines


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"  and {more} more"]


def _time(seconds: int) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"


def _failed(command: str, error: Exception) -> int:
    print(f"{command}: {error}", file=sys.stderr)
    return 2 if isinstance(error, SettingInvalid) else 1
