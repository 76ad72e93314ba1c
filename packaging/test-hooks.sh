#!/usr/bin/env bash
# Shows that the managers of hooks block a commit with a key and let a clean one pass, as docs/hooks.md says.
#
#     packaging/test-hooks.sh TELLEAKS [WHEELS]
#
# TELLEAKS is the program. With WHEELS, a folder with the wheel of telleaks, the hook `telleaks` is tested as well.
# Needs: git, python3 with venv, npm, and the network (PyPI, npm). HOOKS_VENV names a venv with pre-commit and prek.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "$1")
wheels=${2:+$(realpath "$2")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'test-hooks: %s\n' "$*" >&2
    cat "$work/said" >&2
    exit 1
}

mkdir "$work/bin" "$work/home"
ln -s "$program" "$work/bin/telleaks"
export HOME=$work/home PATH=$work/bin:$PATH GIT_CONFIG_NOSYSTEM=1
git config --global user.name A && git config --global user.email a@example.com
git config --global init.defaultBranch main
[ -z "$wheels" ] || export PIP_FIND_LINKS=$wheels UV_FIND_LINKS=$wheels
key=KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E_hwqtpZbC4
key=${key}XD1PEQFaKWydG

# The hooks as a repository at a commit, as managers want it.
mkdir "$work/hooks"
cp "$root/.pre-commit-hooks.yaml" "$root/pyproject.toml" "$work/hooks"
git -C "$work/hooks" init -q
git -C "$work/hooks" add -A
git -C "$work/hooks" commit -qm hooks
rev=$(git -C "$work/hooks" rev-parse HEAD)

# fresh NAME: a new repository, entered.
fresh() {
    mkdir "$work/$1"
    cd "$work/$1"
    git init -q
    echo one >a
    git add a
    git commit -qm first
}

blocked() {
    if "$@" >"$work/said" 2>&1; then fail "not blocked: $*"; fi
    grep -q telnyx-api-key "$work/said" || fail "not blocked for the key: $*"
}

passes() {
    "$@" >"$work/said" 2>&1 || fail "does not pass: $*"
}

# commits NAME: git commit in its forms.
commits() {
    echo "$key" >a
    blocked git commit -am x
    blocked git commit -m x -- a
    git add a
    blocked git commit -m x
    echo two >a
    git add a
    passes git commit -m clean
    echo "$key" >a
    echo b >b
    git add b
    passes git commit -m 'the key is not staged'
    git checkout -q a
    echo "$1: works"
}

managers=${HOOKS_VENV:-$work/venv}
if [ ! -d "$managers" ]; then
    python3 -m venv "$managers"
    "$managers/bin/pip" install -q pre-commit prek
fi
ids=(telleaks-system)
[ -z "$wheels" ] || ids+=(telleaks)
for manager in pre-commit prek; do
    run=$managers/bin/$manager
    for id in "${ids[@]}"; do
        fresh "$manager-$id"
        printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: %s\n' "$work/hooks" "$rev" "$id" >.pre-commit-config.yaml
        git add .pre-commit-config.yaml
        git commit -qm config
        passes "$run" install -t pre-commit -t pre-merge-commit -t pre-push
        commits "$manager $id"
        passes "$run" run --all-files
        echo "$key" >c
        git add c
        blocked "$run" run --all-files
        git rm -qf --cached c
        mv -- c -c
        git add -- -c
        blocked "$run" run --all-files
        git rm -qf -- -c
        git init -q --bare ../"$manager-$id.git"
        git remote add origin ../"$manager-$id.git"
        passes git push origin main
        echo "$key" >d
        git add d
        git commit -qnm leak
        git rm -q d
        git commit -qnm 'and away'
        blocked git push origin main
        echo "$manager $id: --all-files and push work"
    done
    fresh "$manager-try"
    echo "$key" >a
    git add a
    blocked "$run" try-repo "$work/hooks" telleaks-system --files a
    echo "$manager try-repo: works"
done

export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
fresh lefthook
npm init -y >/dev/null
npm install --silent lefthook >"$work/said" 2>&1 || fail 'npm install lefthook'
printf 'node_modules\npackage*.json\n' >.gitignore
# shellcheck disable=SC2016 # a fence of Markdown
sed -n '/^`lefthook.yml`/,/^## /p' "$root/docs/hooks.md" | sed -n '/^```yaml/,/^```$/p' | grep -v '^```' >lefthook.yml
git add .gitignore lefthook.yml
git commit -qnm config
passes npx lefthook install
commits lefthook
git init -q --bare ../lefthook.git
git remote add origin ../lefthook.git
passes git push origin main
echo "$key" >d
git add d
git commit -qnm leak
blocked git push origin main
echo 'lefthook push: works'

fresh husky
npm init -y >/dev/null
npm install --silent husky >"$work/said" 2>&1 || fail 'npm install husky'
printf 'node_modules\npackage*.json\n' >.gitignore
passes npx husky
echo 'telleaks staged' >.husky/pre-commit
git add -A
git commit -qnm config
commits husky
if telleaks hook install >"$work/said" 2>&1; then fail 'telleaks hook install writes where husky does'; fi

fresh alone
passes telleaks hook install
commits 'telleaks hook install'
