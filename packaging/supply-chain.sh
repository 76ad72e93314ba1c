#!/usr/bin/env bash
# What comes into the program from outside: licences, sources and bans of deny.toml, and known vulnerabilities (RustSec).
#
#     packaging/supply-chain.sh [DATABASE]
#
# DATABASE is a clone of https://github.com/rustsec/advisory-db; without it, cargo-deny fetches one. Needs bash, git, cargo
# and the network (crates.io, GitHub); what it installs, it puts under target/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CARGO_DENY=0.20.2
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
tools=$(cd "$target" && pwd)/supply-chain
deny=$tools/bin/cargo-deny
if [ "$("$deny" --version 2>/dev/null)" != "cargo-deny $CARGO_DENY" ]; then
    # Not optimised: it is built more often than it is run for long.
    cargo install cargo-deny --locked --debug --version "$CARGO_DENY" --root "$tools"
fi

echo '== Licences, bans, sources'
"$deny" --locked check licenses bans sources
echo '== Known vulnerabilities'
if [ "$#" -gt 0 ]; then
    # cargo-deny looks for clones by a name of its own, in a folder that a copy of its settings names.
    config=$(mktemp)
    folder=$(mktemp -d)
    trap 'rm -rf "$config" "$folder"' EXIT
    git clone --quiet "$1" "$folder/advisory-db-3157b0e258782691"
    sed "s|^\[advisories\]|[advisories]\ndb-path = \"$folder\"|" deny.toml >"$config"
    "$deny" --locked --offline --config "$config" check advisories
else
    "$deny" --locked check advisories
fi

echo '== Nothing of our own runs while it is built, and nothing is unsafe'
grep -qx 'unsafe_code = "forbid"' Cargo.toml
if [ -e build.rs ] || grep -q '^build *=' Cargo.toml; then
    echo 'supply-chain: there is a build script' >&2
    exit 1
fi
echo '== All is well'
