#!/bin/sh
# Looks at the html report in a real browser: 5,000 findings and a small audit, at the width of a phone and of a desktop, light and
# dark. Run by hand; it needs python3, git, node, Chromium and playwright-core:
#
#     npm install --prefix DIR playwright-core
#     NODE_PATH=DIR/node_modules benches/html.sh OUT
#
# TELLEAKS names the program (target/dist/telleaks), CHROMIUM the browser (/usr/bin/chromium). The pictures are written to OUT.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?"usage: benches/html.sh OUT"}
program=$(realpath "${TELLEAKS:-$here/../target/dist/telleaks}")
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$work" <<'PY'
import pathlib, random, string, sys
work, pick = pathlib.Path(sys.argv[1]), random.Random(7)
def key():
    time = 1580000000000 + pick.randrange(170000000000)
    tail = "".join(pick.choice(string.ascii_letters + string.digits) for _ in range(22))
    return "KEY%012X%s_%s" % (time, "".join(pick.choice("0123456789ABCDEF") for _ in range(20)), tail)
shared = [key() for _ in range(50)]
for number in range(5000):
    path = work / "many" / str(number % 50) / f"service-{number}.env"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {number}\nTELNYX_API_KEY={pick.choice(shared) if number % 4 == 0 else key()}\n")
(work / "many" / "<script>alert(1)<").mkdir()
(work / "many" / "<script>alert(1)<" / "script>.env").write_text(f"A={key()}\n")
(work / "keys").write_text("\n".join(key() for _ in range(4)))
PY
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
git init -q -b main "$work/repo"
commit() {
    GIT_AUTHOR_DATE="$1T10:00:00Z" GIT_COMMITTER_DATE="$1T10:00:00Z" \
        git -C "$work/repo" -c user.name=Ada -c user.email=ada@example.org commit -qam "$2"
}
{ read -r one; read -r two; read -r three; read -r four; } < "$work/keys" || true
mkdir "$work/repo/config"
printf 'client = Telnyx("%s")\n' "$one" > "$work/repo/sms.py"
printf 'api:\n  key: %s\n' "$(printf %s "$two" | base64 -w0)" > "$work/repo/config/secret.yaml"
git -C "$work/repo" add . && commit 2025-09-02 'Send text messages'
printf 'client = Telnyx()\n' > "$work/repo/sms.py" && commit 2026-01-19 'Read the key from the environment'
git -C "$work/repo" update-ref refs/remotes/origin/main HEAD
printf 'KEY=%s\n' "$three" > "$work/repo/.env" && git -C "$work/repo" add -f .env && commit 2026-06-30 'Local settings'
printf 'x = "%s"\n' "$four" > "$work/repo/stashed.js" && git -C "$work/repo" add stashed.js
git -C "$work/repo" -c user.name=Ada -c user.email=ada@example.org stash -q
printf 'not a zip' > "$work/repo/broken.gz"; printf '\037\213\010' > "$work/repo/broken.gz"

"$program" scan --format html --exit-zero "$work/many" > "$out/many.html"
"$program" audit --format html --exit-zero "$work/repo" > "$out/audit.html" || [ $? -eq 3 ]
node "$here/html.js" "$out"
