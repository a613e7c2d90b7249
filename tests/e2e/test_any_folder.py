"""What is started from a folder whose name has blanks, dots and letters that are not ASCII."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ODD = "a folder.v1 of é 链"
SCRIPT = """
def main():
    print("deployed")
"""
# Brownie's own way to a script's module, without the rest of Brownie.
STAND_IN = """
import importlib, sys
from pathlib import Path

def main():
    script = (Path(__file__).resolve().parents[2] / "scripts" / sys.argv[2]).with_suffix(".py")
    sys.path.insert(0, "/")
    name = f"{'.'.join(script.parts[1:-1])}.{script.stem}"
    importlib.import_module(name).main()
"""


def test_the_command_starts_in_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / ODD
    folder.mkdir()
    launcher = Path(sys.executable).parent / "cession"
    shutil.copy(launcher, folder / "cession")
    starter = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
    (folder / "python").write_text(starter)
    (folder / "python").chmod(0o755)
    for command in ([folder / "cession"], [sys.executable, launcher]):
        done = subprocess.run(
            [*command, "demo", "--story", "list"],
            text=True,
            capture_output=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "receivables-finance" in done.stdout


def test_brownie_runs_a_script_in_a_folder_of_any_name(tmp_path: Path) -> None:
    scripts, brownie = tmp_path / ODD / "scripts", tmp_path / ODD / "brownie" / "_cli"
    for folder in (scripts, brownie):
        folder.mkdir(parents=True)
    (brownie / "__main__.py").write_text(STAND_IN)
    (scripts / "deploy.py").write_text(SCRIPT)
    shutil.copy(ROOT / "scripts" / "brownie_main.py", scripts)
    command = [sys.executable, str(scripts / "brownie_main.py"), "run", "deploy"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path / ODD)}
    done = subprocess.run(
        command, text=True, capture_output=True, env=environment, cwd=scripts, check=False
    )
    assert (done.stdout, done.returncode) == ("deployed\n", 0), done.stderr
