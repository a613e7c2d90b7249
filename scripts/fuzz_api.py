"""Schemathesis against a real gateway on an embedded chain: `make fuzz-api`.

It generates requests from the API's own description and holds each answer to it, once for every
role of `ROLES`. Any finding makes the exit status 1.

`EXAMPLES` is how many requests each operation gets in the phase of random ones, `SEED` what they
are drawn from.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from app.demo.cast import assemble
from app.demo.server import serve
from app.log_output import configure_logs

SCHEMATHESIS = Path("build/fuzz/bin/schemathesis")
ROLES = ("registrar", "supplier", "buyer", "bank", "warehouse", "operator", "regulator", "auditor")
# What Schemathesis may not conclude from the description alone: a body that fits its schema is
# still refused (422) where its amounts, dates or parties do not hold.
NOT_CHECKED = ("positive_data_acceptance",)


def main() -> int:
    """Runs every role; prints Schemathesis's own report."""
    examples, seed = os.environ.get("EXAMPLES") or "20", os.environ.get("SEED") or "2026"
    chosen = os.environ.get("ROLES", "").split() or list(ROLES)
    os.environ.update(CESSION_RATE_LIMIT="0", CESSION_SCRYPT_COST="2")
    configure_logs(json_lines=True, level=logging.ERROR)
    failed = []
    with (
        tempfile.TemporaryDirectory(prefix="cession-") as folder,
        serve(engine="anvil", folder=Path(folder)) as server,
    ):
        with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as http:
            callers, _ = assemble(http, server.keys)
            # Made when it is first asked for, which takes longer than Schemathesis waits.
            http.get("/openapi.json").raise_for_status()
        for role in chosen:
            print(f"=== {role}", flush=True)
            done = subprocess.run(
                [
                    str(SCHEMATHESIS),
                    *("--config-file", "scripts/schemathesis.toml"),
                    *("run", f"{server.url}/openapi.json"),
                    *("--header", f"X-API-Key: {callers[role].api_key}"),
                    *("--max-examples", examples, "--seed", seed, "--workers", "1"),
                    *("--exclude-checks", ",".join(NOT_CHECKED)),
                    *sys.argv[1:],
                ],
                check=False,
            )
            if done.returncode:
                failed.append(role)
    print(f"fuzz-api: {'findings for ' + ', '.join(failed) if failed else 'no findings'}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
