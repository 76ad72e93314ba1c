#!/usr/bin/env bash
# Uses a built telleaks as on a user's machine: rules, self-test, scans, an audit, a redacted pipe, and a hook that git calls.
# For the native runners of the workflows; needs bash and git (on Windows: those of Git for Windows).
#
#     packaging/smoke.sh PROGRAM
set -euo pipefail
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'smoke: %s\n' "$*" >&2
    exit 1
}

# expect CODE NAME COMMAND...: the command ends with this exit code.
expect() {
    local wanted=$1 name=$2 status=0
    shift 2
    "$@" >"$work/said" 2>&1 || status=$?
    [ "$status" = "$wanted" ] || {
        cat "$work/said" >&2
        fail "$name: exit code $status, not $wanted"
    }
    echo "$name: works"
}

cd "$work"
"$program" --version
expect 0 'rules test' "$program" rules test
expect 0 self-test "$program" self-test

mkdir -p "$work/leak/with blank" "$work/clean"
printf 'KEY%s_%s%s\n' 0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E hwqtpZbC4 XD1PEQFaKWydG >"$work/leak/with blank/a.env"
echo nothing >"$work/clean/a.txt"
expect 0 'a clean folder' "$program" scan "$work/clean"
expect 1 'a key' "$program" scan "$work/leak"
grep -q 'with blank/a.env' "$work/said" || fail 'the path has no /'
"$program" redact <"$work/leak/with blank/a.env" >"$work/redacted"
! grep -q hwqtpZbC4XD1 "$work/redacted" || fail 'redact: the key is there'
status=0
# A pipe on purpose: its input has no positions.
# shellcheck disable=SC2002
cat "$work/leak/with blank/a.env" | "$program" scan - >/dev/null || status=$?
[ "$status" = 1 ] || fail "a pipe: exit code $status"

git init -q "$work/a repository"
cd "$work/a repository"
git config user.name smoke
git config user.email smoke@example.invalid
echo one >a.txt
git add a.txt
git commit -qm one
expect 0 'hook install' "$program" hook install
cp "$work/leak/with blank/a.env" .
git add a.env
expect 1 staged "$program" staged
expect 1 'the hook' git commit -qm two
git commit -qm three --no-verify
expect 1 audit "$program" audit
expect 1 commits "$program" commits HEAD~1..HEAD
expect 0 'hook remove' "$program" hook remove
echo '== All is well'
