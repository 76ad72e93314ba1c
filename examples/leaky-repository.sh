#!/bin/sh
# Creates a small Git repository with fake Telnyx keys, to try every command of telleaks on:
#
#     examples/leaky-repository.sh DIR
#
# Each key has another id, and the file names say where it is: in a file, in an environment file that is tracked although it is
# ignored, in base64, in an archive, removed in a later commit, in a commit message, on a merged branch, in the stash, staged and in
# the working tree. No key was ever real. They are written in pieces, so that a scan of this file finds nothing.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
[ ! -e "$1" ] || { echo "$0: $1 exists; name a directory that does not" >&2; exit 2; }
mkdir -p "$1"
cd "$1"

# Nothing of the user's configuration, and the same commits each time.
export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org

# Prints the key with this number, from 0 to 9.
key() {
    printf 'KEY0198%sFFEE5A4B7C8D9E0F1A2B3C4D%s_%s%s' "C$1" "5$1" "hwq${1}pZbC4" "XD${1}PEQFaKWydG"
}

# Commits everything with this message, on this day.
commit() {
    export GIT_AUTHOR_DATE="$2T10:00Z" GIT_COMMITTER_DATE="$2T10:00Z"
    git add -A
    git commit -q -m "$1"
}

git init -q --template= -b main .
printf '.env\n' >.gitignore
printf 'import telnyx\n\ntelnyx.api_key = "%s"\n' "$(key 0)" >sms.py
commit 'Send text messages' 2026-01-05

printf 'TELNYX_API_KEY=%s\n' "$(key 1)" >.env
git add -f .env
printf 'kind: Secret\ndata:\n  api-key: %s\n' "$(key 2 | base64 | tr -d '\n')" >secret.yaml
commit 'Add the deployment' 2026-01-06

key 3 >config.txt
tar -czf backup.tar.gz config.txt
rm config.txt
commit 'Back up the configuration' 2026-01-07

printf 'url = "https://api.telnyx.com/v2"\nkey = "%s"\n' "$(key 4)" >removed.toml
commit 'Add the settings' 2026-01-08
printf 'url = "https://api.telnyx.com/v2"\n' >removed.toml
commit 'Read the key from the environment' 2026-01-19

printf 'Notes\n' >notes.txt
commit "Rotate the key $(key 5)" 2026-01-20

git checkout -q -b feature
printf 'curl -H "Authorization: Bearer %s" https://api.telnyx.com/v2/balance\n' "$(key 6)" >check.sh
commit 'Check the balance' 2026-01-21
git rm -q check.sh
commit 'Remove the check' 2026-01-22
git checkout -q main
git merge -q --no-ff -m 'Merge feature' feature
git branch -q -D feature

printf 'const apiKey = "%s";\n' "$(key 7)" >stashed.js
git add stashed.js
git stash push -q -m 'Try another key'

printf 'export TELNYX_API_KEY=%s\n' "$(key 8)" >staged.sh
git add staged.sh
printf 'TELNYX_API_KEY=%s\n' "$(key 9)" >untracked.ini

cat <<END
$1 has 10 fake keys. Try, in this order:
  telleaks scan $1
  telleaks audit $1
  cd $1 && telleaks staged
END
