#!/usr/bin/env bash
# Runs the GitLab template as it is, in gitlab-ci-local (npm, pinned by version, with the Node that it needs), for four pipelines: a
# push with a planted key, a clean push, a merge request and a schedule. Argument: a telleaks program. Needs git, npm and rsync.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:?usage: packaging/test-gitlab.sh PROGRAM}")
command -v rsync >/dev/null || { echo "rsync is missing: gitlab-ci-local copies the repository with it" >&2; exit 2; }
tools=${CARGO_TARGET_DIR:-$here/target}/gitlab-tools
if [ ! -d "$tools/node_modules/gitlab-ci-local" ]; then
    npm install --silent --no-audit --no-fund --prefix "$tools" gitlab-ci-local@4.75.1 node@22
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.example GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.example HOME=$work
mkdir "$work/bin" "$work/repo"
cp "$program" "$work/bin/telleaks"
cd "$work/repo"
git init -q -b main .
git remote add origin git@gitlab.com:o/r.git
cp "$here/ci/gitlab.yml" .gitlab-ci.yml
commit() {
    git add . && git commit -qm "$1" && git rev-parse HEAD
}
first=$(commit first)
# The key is made here, so that a scan of this repository finds none.
printf "k = 'KEY%s_%s'\n" 0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E hwqtpZbC4XD1PEQFaKWydG >k.py
leak=$(commit leak)
echo c >c
commit clean >/dev/null

# Name, expected exit code, variables.
check() {
    local name=$1 expected=$2 code=0 variables=() one
    shift 2
    for one in "$@"; do variables+=(--variable "$one"); done
    PATH=$work/bin:$PATH "$tools/node_modules/.bin/node" "$tools/node_modules/gitlab-ci-local/dist/index.js" --force-shell-executor \
        --no-color --ignore-predefined-vars CI_PIPELINE_SOURCE,CI_COMMIT_BEFORE_SHA,CI_MERGE_REQUEST_DIFF_BASE_SHA \
        "${variables[@]}" >"$work/log" 2>&1 || code=$?
    if [ "$code" = "$expected" ] && grep -Eq 'leaks found|finding|Nothing to scan' "$work/log"; then
        echo "ok: $name: $code"
    else
        cat "$work/log"
        echo "failed: $name: exit code $code, not $expected" >&2
        exit 1
    fi
}
check 'push with a key' 1 CI_PIPELINE_SOURCE=push "CI_COMMIT_BEFORE_SHA=$first"
check 'clean push' 0 CI_PIPELINE_SOURCE=push "CI_COMMIT_BEFORE_SHA=$leak"
check 'merge request' 1 CI_PIPELINE_SOURCE=merge_request_event "CI_MERGE_REQUEST_DIFF_BASE_SHA=$first"
check 'schedule' 1 CI_PIPELINE_SOURCE=schedule
