#!/usr/bin/env bash
# Installs each package of dist/ in a clean place and uses it there: it must find a key that is made here, let a clean
# folder pass, and need no library but libc.
#
#     packaging/verify.sh
#
# Needs: what packaging/build.sh made, python3 with venv, npm, dpkg-deb, ldd.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dist=$PWD/dist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'verify: %s\n' "$*" >&2
    exit 1
}

mkdir "$work/leak" "$work/clean"
printf 'KEY%s_%s%s\n' 0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E hwqtpZbC4 XD1PEQFaKWydG >"$work/leak/a.env"
echo nothing >"$work/clean/a.txt"

# use NAME COMMAND...: the program must find the key, and pass the clean folder, in an empty environment.
use() {
    local name=$1 status=0
    shift
    env -i PATH=/usr/bin:/bin HOME="$work" "$@" scan "$work/clean" >/dev/null || fail "$name: a clean folder does not pass"
    env -i PATH=/usr/bin:/bin HOME="$work" "$@" scan "$work/leak" >"$work/said" || status=$?
    [ "$status" = 1 ] || fail "$name: exit code $status for a leak"
    grep -q 'telnyx-api-key' "$work/said" || fail "$name: the key is not found"
    echo "$name: works, $("$@" --version)"
}

(cd "$dist" && sha256sum --check --quiet SHA256SUMS) || fail 'SHA256SUMS is wrong'

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-index "$dist"/*.whl
use wheel "$work/venv/bin/telleaks"

mkdir "$work/tar"
tar -xzf "$dist"/telleaks-v*.tar.gz -C "$work/tar" --strip-components 1
use tarball "$work/tar/telleaks"
for file in man/telleaks.1 completions/telleaks.bash completions/_telleaks completions/telleaks.fish LICENSE; do
    [ -s "$work/tar/$file" ] || fail "tarball: $file is missing"
done
ldd "$work/tar/telleaks" | grep -vE 'linux-vdso|libc\.so|libm\.so|libgcc_s|libpthread|libdl|librt|libutil|ld-linux' &&
    fail 'the program needs a library beside libc'

dpkg-deb -x "$dist"/telleaks_*.deb "$work/deb"
use 'Debian package' "$work/deb/usr/bin/telleaks"
[ -s "$work/deb/usr/share/man/man1/telleaks.1.gz" ] || fail 'Debian package: no man page'

mkdir "$work/npm"
(cd "$work/npm" && npm init -y >/dev/null &&
    npm install --silent --no-audit --offline --ignore-scripts "$dist"/telleaks-linux-*.tgz "$dist"/telleaks-[0-9]*.tgz)
node=$(dirname "$(command -v node)")
use npm env PATH="$node:/usr/bin:/bin" "$work/npm/node_modules/.bin/telleaks"
