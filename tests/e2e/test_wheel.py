"""The wheel as a user installs it: in an environment of its own, far from the repository."""

from __future__ import annotations

import ast
import email
import json
import re
import subprocess
import sys
import sysconfig
import tarfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from importlib import metadata
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from app import __version__
from app.chain.deployment.development import development_key
from app.chain.deployment.plan import REGISTRAR_PLACE
from app.chain.nodes.engines import anvil_program, free_port, start_node
from app.chain.nodes.nodes import ChainNode
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.places import ARTIFACTS
from scripts.compile import ROOT, compile_contracts
from scripts.page_files import FILES
from tests.support.documents import CII, factur_x

UV = ROOT / "build" / "bootstrap" / "bin" / "uv"
PASSWORD = "a password"
CODE = (ROOT / "app", ROOT / "clients" / "python" / "cession_client")
MIB = 1 << 20


@dataclass
class Installed:
    """Where the wheel was built and installed, and a folder to work in."""

    wheel: Path
    source: Path
    environment: Path
    folder: Path

    @property
    def cession(self) -> str:
        return str(self.environment / "bin" / "cession")

    def python(self, program: str) -> str:
        """What a program prints."""
        command = [str(self.environment / "bin" / "python"), "-c", program]
        return subprocess.check_output(command, cwd=self.folder, env={}, text=True).strip()

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Runs a command with only these variables in its environment."""
        return subprocess.run(
            [self.cession, *words],
            cwd=self.folder,
            env={"COLUMNS": "200", "PATH": str(self.folder), **settings},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


def uv(*words: str | Path) -> None:
    """Runs the installer of Python packages."""
    subprocess.run([UV, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Builds sdist and wheel and installs the wheel; the libraries are those of the tests."""
    compile_contracts()
    folder = tmp_path_factory.mktemp("wheel")
    built, environment = folder / "built", folder / "environment"
    build = ("build", "--offline", "--no-build-isolation", "--out-dir", built)
    uv(*build, "--python", sys.executable, ROOT)
    uv("venv", "--offline", "--python", sys.executable, environment)
    packages = next((environment / "lib").glob("python3*")) / "site-packages"
    # A line of a .pth file leads to the libraries; their own .pth files, one of which leads to the
    # repository, are not read.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    wheel, source = next(built.glob("*.whl")), next(built.glob("*.tar.gz"))
    uv("pip", "install", "--offline", "--no-deps", "--python", environment, wheel)
    (folder / "work").mkdir()
    return Installed(wheel, source, environment, folder / "work")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainNode]:
    with start_node("anvil", log_file=tmp_path_factory.mktemp("anvil") / "log") as running:
        yield running


@pytest.fixture(scope="module")
def settings(installed: Installed, node: ChainNode) -> Mapping[str, str]:
    """Deploys the ledger, and gives the environment of a gateway on it."""
    deployed = installed.run("deploy", "--rpc-url", node.url)
    assert deployed.returncode == 0, deployed.stderr
    assert (installed.folder / "deployments" / f"{node.chain_id}.json").exists()
    for place in (1, REGISTRAR_PLACE):
        document = development_key(place).keystore(PASSWORD, iterations=2)
        (installed.folder / f"{place}.json").write_text(json.dumps(document))
    return {
        "CESSION_RPC_URL": node.url,
        "CESSION_DATABASE_URL": "sqlite:///gateway.sqlite",
        "CESSION_LEDGER_KEY": DEVELOPMENT_LEDGER_KEY,
        "CESSION_MASTER_KEY": "x" * 40,
        "CESSION_KEYSTORE_PASSWORD": PASSWORD,
        "CESSION_SCRYPT_COST": "2",
        "CESSION_RELAY_KEYSTORES": "1.json",
        "CESSION_FINALITY": "instant",
    }


@contextmanager
def gateway(installed: Installed, settings: Mapping[str, str]) -> Iterator[str]:
    """The address of a gateway that is ready."""
    port = free_port()
    process = subprocess.Popen(
        [installed.cession, "gateway", "--port", str(port)],
        cwd=installed.folder,
        env=dict(settings),
        stderr=subprocess.DEVNULL,
    )
    try:
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + 600
        while True:
            assert process.poll() is None and time.monotonic() < end
            try:
                if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(600)


def test_wheel_contains_all_data_files_and_nothing_of_tests_or_this_machine(
    installed: Installed,
) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
        carried = {name: wheel.read(name) for name in names}
    tops = {name.split("/")[0] for name in names}
    assert tops == {"app", "cession_client", f"cession-{__version__}.dist-info"}
    artifacts = {f"app/data/build/contracts/{file.name}" for file in ARTIFACTS.glob("*.json")}
    rules = {f"app/data/{file.relative_to(ROOT)}" for file in (ROOT / "rules").glob("*.yaml")}
    cards = {f"app/data/{file.relative_to(ROOT)}" for file in (ROOT / "scorecards").glob("*.yaml")}
    modules = {
        file.relative_to(folder.parent).as_posix()
        for folder in CODE
        for file in folder.rglob("*.*")
        if "__pycache__" not in file.parts
    }
    legal = {f"app/data/{file.relative_to(ROOT)}" for file in (ROOT / "docs/legal").glob("*.md")}
    texts = {"app/data/products.yaml", "app/data/docs/legal/terms.md"} | legal
    pages = {f"app/data/build/pages/{name}" for name in FILES}
    expected = modules | artifacts | rules | cards | texts | pages
    expected |= {"app/data/samples/demo/invoice.xml"}
    assert len(artifacts) > 100 and rules and cards
    information = {name for name in names if ".dist-info/" in name}
    more = names - expected - information
    assert (expected - names, more - {"app/data/build/contracts/.inputs"}) == (set(), set())
    assert "app/storage/migrations/script.py.mako" in names
    here = str(ROOT).encode()
    assert [name for name, content in carried.items() if here in content] == []
    assert sum(map(len, carried.values())) < 16 * MIB
    unwanted = {"web3", "trie", "py-solc-x", "matplotlib", "pytest", "hatchling"}
    assert declared_requirements(installed) & unwanted == set()
    with tarfile.open(installed.source) as source:
        archived = {name.partition("/")[2] for name in source.getnames()}
    assert {"pyproject.toml", "LICENSE", "build/contracts/Receivables.json"} <= archived
    assert "clients/python/cession_client/client.py" in archived
    assert not [
        name for name in archived if name.startswith(("tests/", "scripts/", "node_modules/"))
    ]


def declared_requirements(installed: Installed) -> set[str]:
    """Names of the requirements that the wheel declares."""
    with zipfile.ZipFile(installed.wheel) as wheel:
        [name] = [item for item in wheel.namelist() if item.endswith("/METADATA")]
        return needed(email.message_from_bytes(wheel.read(name)))


def needed(headers: Message | metadata.PackageMetadata) -> set[str]:
    """Names of a package's requirements, without those of its extras."""
    lines = headers.get_all("Requires-Dist") or []
    return {re.split(r"[^A-Za-z0-9._-]", line)[0] for line in lines if "extra ==" not in line}


def test_every_imported_distribution_is_a_declared_requirement(installed: Installed) -> None:
    here = {
        canonical(distribution.metadata["Name"]): distribution
        for distribution in metadata.distributions()
    }
    brought: set[str] = set()
    waiting = [canonical(distribution) for distribution in declared_requirements(installed)]
    while waiting:
        distribution = waiting.pop()
        if (
            distribution not in brought and distribution in here
        ):  # what is for other systems is not here
            brought.add(distribution)
            waiting += [canonical(more) for more in needed(here[distribution].metadata)]
    modules = {
        module.partition(".")[0]
        for folder in CODE
        for file in folder.rglob("*.py")
        if "studies" not in file.parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for module in imported(node)
    }
    providers = metadata.packages_distributions()
    missing = {
        module
        for module in modules - sys.stdlib_module_names - {folder.name for folder in CODE}
        if not brought & {canonical(distribution) for distribution in providers.get(module, [])}
    }
    assert len(modules) > 60 and missing == set()


def imported(node: ast.AST) -> list[str]:
    """Modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module]
    return []


def canonical(name: str) -> str:
    """A package's name as the registry compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_installed_command_runs_the_wheel_and_loads_no_test_library(
    installed: Installed,
) -> None:
    done = installed.python(
        "import sys, app.cli, app.main, app.network, app.demo.serve, app.places\n"
        "print(app.__file__)\n"
        "print(app.places.ROOT)\n"
        "print(*sorted({'scripts', 'web3', 'trie', 'solcx', 'matplotlib'} & set(sys.modules)))\n"
    )
    file, root, loaded = (done + "\n").split("\n")[:3]
    assert file.startswith(str(installed.environment)) and root.startswith(
        str(installed.environment)
    )
    assert loaded == ""
    helped = installed.run("--help")
    assert helped.returncode == 0 and "doctor" in helped.stdout
    assert installed.run("version").stdout == f"{__version__}\n"


def test_doctor_passes_without_engines_and_other_commands_name_what_to_install(
    installed: Installed,
) -> None:
    doctor = installed.run("doctor")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert "contracts: " in doctor.stdout and "catalogue: " in doctor.stdout
    assert "without  anvil: anvil is not installed: run `npm install" in doctor.stdout
    assert "make setup" not in doctor.stdout and "PostgreSQL for tests" not in doctor.stdout
    refused = installed.run("serve")
    assert refused.returncode == 1
    assert refused.stderr.startswith("serve: anvil is not installed: run `npm install")
    assert refused.stderr.count("\n") == 1
    assert not list(installed.folder.glob("build"))


def test_a_pdf_invoice_is_read_in_a_process_of_its_own(installed: Installed) -> None:
    (installed.folder / "invoice.pdf").write_bytes(factur_x({"factur-x.xml": CII}))
    done = installed.run("invoice", "invoice.pdf")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["number"] == "HS-77120"


def test_a_ledger_is_deployed_and_a_gateway_runs_on_it(
    installed: Installed, settings: Mapping[str, str]
) -> None:
    words = ("key", "registrar", "--label", "ana", "--keystore", f"{REGISTRAR_PLACE}.json")
    done = installed.run(*words, **settings)
    assert done.returncode == 0, done.stderr
    with gateway(installed, settings) as url, httpx.Client(base_url=url, trust_env=False) as http:
        for page in ("/docs", "/assets/swagger-ui-bundle.js", "/openapi.json"):
            assert http.get(page).status_code == 200, page
        answer = http.post(
            "/v1/parties",
            json={
                "name": "Linghu Castings",
                "legalId": {"scheme": "USCC", "value": "91330106MA2CE1550K"},
                "roles": ["supplier"],
            },
            headers={
                "X-API-Key": done.stdout.strip(),
                "Idempotency-Key": uuid4().hex,
                "Prefer": "wait=50",
            },
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["operation"]["error"] is None
        saved = installed.run("backup", "kept.backup", **settings)
        assert saved.returncode == 0, saved.stderr
    laid = installed.run("restore", "kept.backup", "--replace", **settings)
    assert laid.returncode == 0, laid.stderr
    assert "next: cession reconcile" in laid.stdout


def test_demo_runs_with_an_engine_on_the_path(installed: Installed) -> None:
    done = installed.run("demo", PATH=str(Path(anvil_program()).parent))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every balance agrees to the cent." in done.stdout
