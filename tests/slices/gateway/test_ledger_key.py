"""Two gateways of one ledger take a company and an invoice only once between them.

Each has a store and a master key of its own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.commands.keys import ledger
from app.config import SettingInvalid
from app.demo.cast import CAST
from app.demo.server import RunningServer, serve
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY, LedgerKey
from app.embedded import RECORD
from app.goods.warehouse_receipts.documents import lot_fingerprint
from tests.support.served import served
from tests.support.world import World

OTHER = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture
def second(own_world: World, tmp_path: Path) -> Iterator[RunningServer]:
    """Another gateway on the ledger of `own_world`."""
    first, folder = own_world.server.ledger.folder, tmp_path / "second"
    folder.mkdir()
    shutil.copy(first / RECORD, folder / RECORD)
    url = own_world.server.node.url
    with served(folder, rpc_url=url) as server:
        yield server


def test_a_company_is_registered_once_whichever_gateway_is_asked(
    own_world: World, second: RunningServer
) -> None:
    first, other = own_world.server.gateway, second.gateway
    assert first.settings.master_key != other.settings.master_key
    with httpx.Client(base_url=second.url, timeout=60, trust_env=False) as http:
        answer = http.post(
            "/v1/parties",
            json={
                "name": CAST[0].legal_name,
                "legalId": {"scheme": "USCC", "value": CAST[0].legal_id},
                "roles": ["supplier"],
            },
            headers={
                "X-API-Key": second.keys["registrar"],
                "Idempotency-Key": "again-elsewhere",
                "Prefer": "wait=50",
            },
        )
    assert "IdentityTaken" in answer.text
    party = own_world["registrar"].get(f"/v1/parties/{own_world.parties[CAST[0].name]}").body
    scheme, value = party["legalId"]["scheme"], party["legalId"]["value"]
    assert other.ledger_key.identity(scheme=scheme, value=value) == party["identityHash"]


def test_both_gateways_give_one_fingerprint(own_world: World, second: RunningServer) -> None:
    first, other = own_world.server.gateway, second.gateway
    for purpose in ("fingerprint", "order fingerprint", "lot fingerprint"):
        assert first.ledger_key.key(purpose) == other.ledger_key.key(purpose)
    marks = {
        lot_fingerprint(each, warehouse="0x" + "1" * 64, number="7") for each in (first, other)
    }
    assert len(marks) == 1


def test_a_gateway_with_another_ledger_key_does_not_start(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(world.server.ledger.folder / RECORD, tmp_path / RECORD)
    monkeypatch.setenv("CESSION_LEDGER_KEY", OTHER)
    expected = re.escape(LedgerKey(DEVELOPMENT_LEDGER_KEY).commitment)
    with (
        pytest.raises(SettingInvalid, match=rf"^CESSION_LEDGER_KEY: [^\n]*{expected}"),
        serve(engine="anvil", folder=tmp_path, rpc_url=world.server.node.url),
    ):
        pytest.fail("it started")


def test_command_creates_a_ledger_key_once_and_prints_its_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ledger.key"
    assert ledger(file=file) == 0
    output = capsys.readouterr()
    assert "new key" in output.err
    assert output.out.strip() == LedgerKey(file.read_text()).commitment
    assert file.read_text().strip() not in output.out + output.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert ledger(file=file) == 0
    assert capsys.readouterr() == (output.out, "")
    file.write_text("a pass phrase")
    assert ledger(file=file) == 2
    assert "64 random hex digits" in capsys.readouterr().err
