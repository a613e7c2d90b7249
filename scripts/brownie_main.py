"""Brownie's command line, in folders of any name.

Brownie makes a module's name out of the path of the script that it runs, and cannot import it
where a folder's name has a dot. Here the script is a module of that name before Brownie looks.
Runs in Brownie's own environment.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from brownie._cli.__main__ import main

SCRIPTS = Path(__file__).resolve().parent


def provide(script: Path) -> None:
    """Loads a script under the name by which Brownie asks for it, if it could not be imported."""
    folders = script.parts[1:-1]
    if not any("." in folder for folder in folders):
        return
    name = ".".join((*folders, script.stem))
    specification = importlib.util.spec_from_file_location(name, script)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", script, *_]:
            provide((SCRIPTS / script).with_suffix(".py"))
    main()
