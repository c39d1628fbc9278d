#!/bin/sh
# tools/solc.sh [DIR]    install the two Solidity compilers (npm, pinned) into DIR, by default .tools/solc
#
# Needs npm and its registry; running them needs node. Does nothing when both versions are there already.
set -eu
NEW=0.8.37
OLD=0.4.26
root=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-"$root/.tools/solc"}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

there() { grep -qF "\"version\": \"$2\"" "$dir/node_modules/$1/package.json" 2>/dev/null; }
if there solc "$NEW" && there solc-0.4 "$OLD"; then exit 0; fi
command -v npm >/dev/null || { echo "solc: npm is needed to install it (Debian: apt-get install npm)" >&2; exit 2; }
npm install --prefix "$dir" --no-audit --no-fund --loglevel=error "solc@$NEW" "solc-0.4@npm:solc@$OLD" >/dev/null
there solc "$NEW" && there solc-0.4 "$OLD" || { echo "solc: $NEW and $OLD did not install" >&2; exit 1; }
