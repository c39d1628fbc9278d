#!/bin/bash
# Install ElectrumX, an address index that speaks the Electrum protocol, into an environment of its own.
#
#     tools/electrumx.sh [DIR]     DIR is .tools/electrumx unless named; PYTHON names another interpreter
#
# Leaves DIR/bin/electrumx_server. 1.20.0 is the last release that accepts a node of version 29. Done already: nothing.
set -euo pipefail

ROOT=$(cd "$(dirname "$0")/.." && pwd)
TO=${1:-$ROOT/.tools/electrumx}
WANTED='e-x[leveldb]==1.20.0'
PYTHON=${PYTHON:-python3}
command -v "$PYTHON" >/dev/null || PYTHON=python3

if [ -f "$TO/.ready" ] && [ "$(cat "$TO/.ready")" = "$WANTED" ] && "$TO/bin/python" -c 'import electrumx, plyvel' 2>/dev/null; then
    exit 0
fi
mkdir -p "$(dirname "$TO")"
rm -rf "$TO"
"$PYTHON" -m venv "$TO"
"$TO/bin/python" -m pip install --quiet --disable-pip-version-check "$WANTED"
"$TO/bin/python" -c 'import electrumx; print(electrumx.version)'
printf '%s' "$WANTED" > "$TO/.ready"
