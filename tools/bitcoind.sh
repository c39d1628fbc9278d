#!/bin/bash
# Unpack Debian's bitcoin-knots, a real bitcoind, into a folder of its own; nothing of the system is touched.
#
#     tools/bitcoind.sh [DIR]      DIR is .tools/bitcoind unless named; run `apt-get update` once before
#
# Leaves DIR/bin/bitcoind, bitcoin-cli, bitcoin-tx and bitcoin-util, each run by the loader and the libraries that
# were unpacked beside it: the package is built for a newer C library than Debian 12 has. Done already: does nothing.
set -euo pipefail

ROOT=$(cd "$(dirname "$0")/.." && pwd)
TO=${1:-$ROOT/.tools/bitcoind}
SUITE=trixie
PROGRAMS="bitcoind bitcoin-cli bitcoin-tx bitcoin-util"

if [ -x "$TO/bin/bitcoind" ] && "$TO/bin/bitcoind" --version >/dev/null 2>&1; then
    exit 0
fi
command -v apt-get >/dev/null && command -v dpkg >/dev/null || {
    echo "tools/bitcoind.sh needs apt-get and dpkg (Debian or a system made from it)." >&2
    exit 2
}
[ "$(dpkg --print-architecture)" = amd64 ] || {
    echo "tools/bitcoind.sh knows where amd64 keeps its loader; this is $(dpkg --print-architecture)." >&2
    exit 2
}

# Built aside and moved into place at the end, so that a torn download is never taken for a node.
mkdir -p "$(dirname "$TO")"
NEW=$(mktemp -d "$TO.XXXXXX")
trap 'rm -rf "$NEW"' EXIT
APT=$NEW/apt
mkdir -p "$APT/lists/partial" "$APT/cache/archives/partial" "$APT/none" "$NEW/tree" "$NEW/bin"

# The archive that this system already uses, whatever its name; its signatures are checked with the system's keyring.
URI=$(apt-get indextargets --format '$(REPO_URI)|$(SUITE)|$(LABEL)' | sed -n 's/|[^|]*|Debian$//p' | head -1)
[ -n "$URI" ] || { echo "No Debian archive is configured here; run apt-get update first." >&2; exit 2; }
printf 'deb %s %s main\ndeb %s %s-backports main\n' "$URI" "$SUITE" "$URI" "$SUITE" > "$APT/sources.list"

: > "$APT/status"  # as if nothing were installed: apt then names every library that the package needs
apt() {
    apt-get -qq -o "Dir::State::Lists=$APT/lists" -o "Dir::Cache=$APT/cache" -o "Dir::State::status=$APT/status" \
        -o "Dir::Etc::SourceList=$APT/sources.list" -o "Dir::Etc::SourceParts=$APT/none" \
        -o "APT::Sandbox::User=root" "$@"
}

apt update
cd "$APT/cache/archives"
apt download "bitcoin-knots/$SUITE-backports"
LIBRARIES="libzmq5 libevent-extra-2.1-7t64 libevent-pthreads-2.1-7t64 libsqlite3-0 libstdc++6"
# shellcheck disable=SC2046,SC2086  # one word a package is meant
apt download $(apt -s install --no-install-recommends -t "$SUITE" $LIBRARIES | sed -n "s#^Inst \([^ ]*\).*#\1/$SUITE#p")
for package in *.deb; do
    dpkg -x "$package" "$NEW/tree"
done
cd "$NEW"
rm -rf "$APT" "$NEW/tree/usr/share"

for program in $PROGRAMS; do
    cat > "bin/$program" <<SCRIPT
#!/bin/sh
usr=\$(cd "\$(dirname "\$0")/.." && pwd)/tree/usr
libraries=\$usr/lib/x86_64-linux-gnu
exec "\$libraries/ld-linux-x86-64.so.2" --library-path "\$libraries" "\$usr/bin/$program" "\$@"
SCRIPT
    chmod +x "bin/$program"
done

chmod 755 "$NEW"
bin/bitcoind --version | head -1
rm -rf "$TO"
mv "$NEW" "$TO"
trap - EXIT
