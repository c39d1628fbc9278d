#!/bin/sh
# tools/anvil.sh [DIR]    install the anvil node (npm, pinned) into DIR, by default .tools/anvil: DIR/bin/anvil
#
# Needs npm and its registry. Does nothing when that version is there already. The link points at the program
# itself, not at npm's wrapper, so that the process a test starts is the process it stops.
set -eu
VERSION=1.7.1
root=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-"$root/.tools/anvil"}
mkdir -p "$dir/bin"
dir=$(cd "$dir" && pwd)

case "$(uname -s)-$(uname -m)" in
Linux-x86_64) part=anvil-linux-amd64 ;;
Linux-aarch64 | Linux-arm64) part=anvil-linux-arm64 ;;
Darwin-arm64) part=anvil-darwin-arm64 ;;
Darwin-x86_64) part=anvil-darwin-amd64 ;;
*) echo "anvil: no program is published for $(uname -s) on $(uname -m)" >&2; exit 2 ;;
esac

if "$dir/bin/anvil" --version 2>/dev/null | grep -qF "$VERSION"; then exit 0; fi
command -v npm >/dev/null || { echo "anvil: npm is needed to install it (Debian: apt-get install npm)" >&2; exit 2; }
npm install --prefix "$dir" --no-audit --no-fund --loglevel=error "@foundry-rs/$part@$VERSION" >/dev/null
ln -sfn "../node_modules/@foundry-rs/$part/bin/anvil" "$dir/bin/anvil"
"$dir/bin/anvil" --version | grep -qF "$VERSION" || { echo "anvil: version $VERSION did not install" >&2; exit 1; }
