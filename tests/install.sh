#!/bin/sh
# Install the locked packages, then the core and the members named as arguments, into the environment of $PYTHON.
# uv is fetched by the digest in the lock, because it is quick; pip does the same work where uv cannot.
set -eu

bootstrap() {
    spec=$(mktemp)
    sed -n '/^uv==/,/[^\\]$/p' "$LOCK" > "$spec"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$spec"
    rm -f "$spec"
}

editables=""
for member in . "$@"; do
    editables="$editables -e $member"
done

by_uv() {
    uv="$(dirname "$PYTHON")/uv"
    [ -x "$uv" ] || bootstrap || return 1
    "$uv" pip install --quiet --python "$PYTHON" --require-hashes -r "$LOCK" &&
        # shellcheck disable=SC2086  # one word an argument is meant
        "$uv" pip install --quiet --python "$PYTHON" --no-deps --no-build-isolation $editables
}

by_pip() {
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$LOCK" &&
        # shellcheck disable=SC2086
        "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $editables
}

by_uv || { echo "uv could not install; trying pip" >&2; by_pip; }
