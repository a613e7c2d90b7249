"""`cession backup`, `restore`, `reconcile`: each ends with 0, or with 1 (2: a setting is wrong)
and the reason."""

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
from app.chain.nodes.nodes import Engine, NodeError
from app.chain.outbox.restored import mark_restored
from app.config import SettingInvalid, Settings, settings_from
from app.embedded import RECORD, chain, embedded_settings
from app.errors import CessionError
from app.main import guard_of, nodes_of, projections, zone_offset_of
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
    """Lays a backup back; the gateway then takes no command and sends nothing until reconciled."""
    try:
        made = read_manifest(file)
        manifest = restore_backup(
            url_of(data_folder),
            file,
            replace=replace,
            mark=lambda connection: mark_restored(
                connection, backup_made_at=made.made_at, backup_sha256=made.payload_sha256
            ),
        )
    except (SettingInvalid, StorageError, OSError) as error:
        return _failed("restore", error)
    print("\n".join(lines_of(manifest)))
    print("restored, not reconciled: the gateway takes no command and sends nothing")
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
    """Reads the chain to its head, says what is missing and, where told to, releases the store.

    1 also when it is told to release a store of which something may still run.
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
            found = await reconcile(storage, indexer)
            if found is None:
                print("nothing to reconcile: the store knows all that ran on the chain")
                return 0
            print("\n".join(report_lines(found)))
            if report is not None:
                report.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
            if not release:
                print("not released; run it with --accept once what is missing is dealt with")
                return 0
            await accept(storage, found)
            print("released: the gateway takes commands and sends again")
            return 0
    finally:
        storage.close()


@contextlib.asynccontextmanager
async def _indexer(
    settings: Settings, record: Path | None, storage: Storage
) -> AsyncIterator[Indexer]:
    """An indexer of this gateway's chain, as the gateway itself has it."""
    rpc = nodes_of(settings)
    try:
        chain_id = await rpc.chain_id()
        path = record or Path(settings.deployment or record_path(chain_id))
        deployment = Deployment.load(path)
        if deployment.chain_id != chain_id:
            raise DeploymentError(f"{path} is of another chain than the node's ({chain_id})")
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


def report_lines(found: Report) -> list[str]:
    """The report for a person to read; each list is cut after 50 lines, `--report` has all."""
    lines = [
        f"indexed to block {found.block} ({_time(found.timestamp)})",
        f"operations of the backup that the chain has settled since: {found.settled}",
        f"operations of the backup that are still to run: {found.under_way}",
        f"operations on the chain whose command is not in the store: {len(found.executions)}",
    ]
    lines += _cut(
        [
            f"  {one.signer}  block {one.block_number}  {one.transaction_hash}  "
            f"operation {one.operation_hash}" + ("" if one.succeeded else "  (failed)")
            for one in found.executions
        ]
    )
    lines.append(f"accounts whose key is not in the store: {len(found.keys)}")
    lines += _cut(
        [
            f"  {key.account}  "
            + ("no party of the ledger" if key.party_id is None else f"party {key.party_id}")
            + ("  acted through this gateway" if key.acted else "  unknown to this store")
            for key in found.keys
        ]
    )
    lines.append(f"document roots whose documents are not in the store: {len(found.papers)}")
    lines += _cut([f"  {paper.root}  {paper.what}" for paper in found.papers])
    if not found.quiet:
        lines.append(
            "what was signed before the restore may still run until the chain's time is past "
            f"{_time(found.quiet_until)}"
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
