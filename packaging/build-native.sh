#!/usr/bin/env bash
# Makes the packages of macOS and Windows under dist/ on a machine of that system: a wheel, a tarball (macOS) or a zip
# (Windows) with man pages and completions, an npm package, and SHA256SUMS. packaging/build.sh does so on Linux.
#
#     TARGET=aarch64-apple-darwin PLATFORM=darwin-arm64 packaging/build-native.sh
#
# Needs: bash (on Windows that of Git), rustup's cargo with TARGET, python3 with pip and venv, npm, git, the network. Never run
# outside the release workflow; docs/platforms.md says what was seen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
: "${TARGET:?}" "${PLATFORM:?}"

MATURIN=1.16.0

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
day=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%d --format=%cd)
cargo_home=${CARGO_HOME:-$HOME/.cargo}
TELLEAKS_BUILD="$version ($(git rev-parse --short=12 HEAD) $day)"
RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$ROOT=/telleaks --remap-path-prefix=$cargo_home=/cargo"
suffix='' archive=tar.gz
case $TARGET in
*-windows-*)
    suffix=.exe archive=zip
    # No library of the compiler is needed on the user's machine, and no time is in the program.
    RUSTFLAGS="$RUSTFLAGS -C target-feature=+crt-static -C link-arg=/Brepro"
    ;;
esac
export SOURCE_DATE_EPOCH TELLEAKS_BUILD RUSTFLAGS ZERO_AR_DATE=1 MACOSX_DEPLOYMENT_TARGET=11.0

tools=$ROOT/target/packaging
[ -d "$tools/venv" ] || python3 -m venv "$tools/venv" || python -m venv "$tools/venv"
python=$tools/venv/bin/python
[ -x "$python" ] || python=$tools/venv/Scripts/python.exe
"$python" -m pip install -q "maturin==$MATURIN"

rm -rf dist target/package
mkdir -p dist target/package/{man,completions}

echo '== wheel'
(cd packaging/pypi && "$python" -m maturin build --profile dist --target "$TARGET" --out "$ROOT/dist")

echo '== program, man pages, completions'
package=target/package
"$python" - dist "$package" "telleaks$suffix" <<'PY'
import glob, sys, zipfile
(wheel,) = glob.glob(sys.argv[1] + "/*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = [name for name in archive.namelist() if name.endswith("/scripts/" + sys.argv[3])]
    with open(sys.argv[2] + "/" + sys.argv[3], "wb") as out:
        out.write(archive.read(name))
PY
chmod 755 "$package/telleaks$suffix"
"$package/telleaks$suffix" man --dir "$package/man"
"$package/telleaks$suffix" completions bash >"$package/completions/telleaks.bash"
"$package/telleaks$suffix" completions zsh >"$package/completions/_telleaks"
"$package/telleaks$suffix" completions fish >"$package/completions/telleaks.fish"
"$package/telleaks$suffix" completions powershell >"$package/completions/_telleaks.ps1"
cp README.md CHANGELOG.md LICENSE "$package"

echo '== archive'
name=telleaks-v$version-$TARGET
"$python" packaging/archive.py "dist/$name.$archive" "$package" "$name" "$SOURCE_DATE_EPOCH"

echo '== npm package'
"$python" packaging/npm/make.py target/npm "$PLATFORM=$package/telleaks$suffix"
(cd "target/npm/$PLATFORM" && npm pack --silent --pack-destination "$ROOT/dist" >/dev/null)

"$python" - dist <<'PY'
import hashlib, os, sys
os.chdir(sys.argv[1])
names = sorted(name for name in os.listdir(".") if name != "SHA256SUMS")
sums = ["%s  %s\n" % (hashlib.sha256(open(name, "rb").read()).hexdigest(), name) for name in names]
open("SHA256SUMS", "w", newline="\n").writelines(sums)
print("".join(sums), end="")
PY
