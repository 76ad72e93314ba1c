#!/usr/bin/env bash
# Runs the recipes of docs/scale.md for GNU parallel, Ray and DuckDB, as they stand there, on a list of repositories made for it,
# and compares what they find with one run over the whole list.
#
#     packaging/scale.sh target/dist/telleaks
#
# Needs: git, GNU parallel, python3 with pip and venv, the network (PyPI).
set -euo pipefail
docs=$(cd "$(dirname "${BASH_SOURCE[0]}")/../docs" && pwd)
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir bin
ln -s "$program" bin/telleaks
export PATH=$work/bin:$PATH

# recipe LANGUAGE NUMBER: the NUMBERth block of that language.
recipe() {
    awk -v language="$1" -v number="$2" '
        $0 == "```" { inside = 0 }
        inside { print }
        $0 == "```" language && ++count == number { inside = 1 }' "$docs/scale.md"
}

export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
for number in $(seq 1 20); do
    git init -q "repo$number"
    printf 'nothing %s\n' "$number" >"repo$number/a.txt"
    if [ $((number % 4)) = 0 ]; then
        printf 'KEY0198C0FFEE5A4B7C8D9E%012X_hwqtpZbC4XD1PEQFaKWydG\n' "$number" >"repo$number/b.env"
    fi
    git -C "repo$number" add -A
    git -C "repo$number" commit -qm one
    echo "repo$number" >>targets.txt
done
git clone -q --mirror repo4 mirror.git
git -C repo8 bundle create -q ../eight.bundle --all
printf '# a remark\n\nmirror.git\neight.bundle\nno/such/repository\n' >>targets.txt

status=0
telleaks audit --targets targets.txt >whole.jsonl 2>/dev/null || status=$?
[ "$status" = 1 ] || { echo "exit code $status for the whole list"; exit 1; }

# same NAME: the parts in out/ say what the whole said, times aside.
same() {
    python3 - "$1" <<'PY'
import glob, json, sys
def load(names):
    records = [json.loads(line) for name in names for line in open(name)]
    for one in records:
        one.pop("seconds", None)
    return sorted(json.dumps(one, sort_keys=True) for one in records)
parts, whole = load(glob.glob("out/*.jsonl")), load(["whole.jsonl"])
assert parts == whole, (len(parts), len(whole))
assert sum('"record": "target"' in one for one in whole) == 23
print("%s: the parts are the whole (%d records)" % (sys.argv[1], len(whole)))
PY
}

recipe sh 1 >parallel.sh
bash -euo pipefail parallel.sh 2>/dev/null
same 'GNU parallel'

python3 -m venv venv
venv/bin/pip install -q ray duckdb
rm -rf out && mkdir out
recipe python 1 >audit.py
venv/bin/python audit.py >ray.log 2>&1 || { cat ray.log; exit 1; }
same Ray

cp out/0.jsonl out/twice.jsonl
recipe sql 1 >query.sql
venv/bin/python - <<'PY'
import duckdb
connection = duckdb.connect()
for statement in open("query.sql").read().split(";\n"):
    rows = connection.sql(statement) if statement.strip() else None
    if rows is not None:
        print(rows.fetchall())
count = duckdb.sql("SELECT count(*), count(DISTINCT finding_id) FROM 'findings.parquet'").fetchall()[0]
assert count == (7, 7), count
print("DuckDB: %d findings in findings.parquet" % count[0])
PY
