#!/usr/bin/env bash
# Makes all packages for this platform under dist/: a wheel that runs on any Linux with glibc 2.17 or later, or with musl (a
# static program; TARGET=x86_64-unknown-linux-musl PLATFORM=linux-x64-musl), both through zig, a
# tarball with man pages and completions, a Debian package (glibc), npm packages, and SHA256SUMS. Two builds of the same commit in
# two folders give the same bytes.
#
#     packaging/build.sh
#
# Needs: cargo, python3 with pip and venv, npm, a C compiler, the network (PyPI, npm, crates.io). Tools go to target/packaging.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD

MATURIN=1.16.0
ZIGLANG=0.15.1
CARGO_DEB=3.8.0
CARGO_AUDITABLE=0.7.7
TARGET=${TARGET:-x86_64-unknown-linux-gnu}
# Name of the platform for Node.
PLATFORM=${PLATFORM:-linux-x64}
case $TARGET in
*-musl) compatibility=musllinux_1_2 ;;
*) compatibility=manylinux2014 ;;
esac

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
remap="--remap-path-prefix=$ROOT=/telleaks --remap-path-prefix=$cargo_home=/cargo"
prefix="-ffile-prefix-map=$ROOT=/telleaks -ffile-prefix-map=$cargo_home=/cargo"
# What --version prints: the commit and its day, where git knows them.
if commit=$(git rev-parse --short=12 HEAD 2>/dev/null); then
    day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)
    export TELLEAKS_BUILD="$version ($commit $day)"
fi
export SOURCE_DATE_EPOCH RUSTFLAGS="${RUSTFLAGS:-} $remap" CFLAGS="${CFLAGS:-} $prefix" ZERO_AR_DATE=1

tools=$ROOT/target/packaging
if [ ! -x "$tools/venv/bin/maturin" ]; then
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install -q "maturin==$MATURIN" "ziglang==$ZIGLANG"
fi
if [ ! -x "$tools/bin/cargo-deb" ]; then
    RUSTFLAGS='' CFLAGS='' cargo install cargo-deb --locked --version "$CARGO_DEB" --root "$tools"
fi
if [ ! -x "$tools/bin/cargo-auditable" ]; then
    RUSTFLAGS='' CFLAGS='' cargo install cargo-auditable --locked --version "$CARGO_AUDITABLE" --root "$tools"
fi
export PATH=$tools/venv/bin:$tools/bin:$PATH

rm -rf dist target/package
mkdir -p dist target/package/{man,completions}

echo '== wheel'
# What `cargo auditable build --profile dist` does, for maturin: the program names in itself what it is made of, and
# `cargo audit bin` tells years later which of that has become known as vulnerable.
auditable=(RUSTC_WORKSPACE_WRAPPER="$tools/bin/cargo-auditable" CARGO_AUDITABLE_ORIG_ARGS='["--profile","dist"]')
(cd packaging/pypi && env "${auditable[@]}" maturin build --profile dist --zig --target "$TARGET" --compatibility "$compatibility" --out "$ROOT/dist")

echo '== program, man pages, completions'
python3 - dist target/package <<'PY'
import glob, sys, zipfile
(wheel,) = glob.glob(sys.argv[1] + "/*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = [name for name in archive.namelist() if name.endswith("/scripts/telleaks")]
    with open(sys.argv[2] + "/telleaks", "wb") as out:
        out.write(archive.read(name))
PY
package=target/package
chmod 755 "$package/telleaks"
"$package/telleaks" man --dir "$package/man"
"$package/telleaks" completions bash >"$package/completions/telleaks.bash"
"$package/telleaks" completions zsh >"$package/completions/_telleaks"
"$package/telleaks" completions fish >"$package/completions/telleaks.fish"

echo '== tarball'
name=telleaks-v$version-$TARGET
mkdir "target/$name.new"
cp -r "$package/telleaks" "$package/man" "$package/completions" README.md CHANGELOG.md LICENSE "target/$name.new"
tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r-w --mtime="@$SOURCE_DATE_EPOCH" \
    --transform "s,^$name.new,$name," -C target -cf - "$name.new" | gzip -9n >"dist/$name.tar.gz"
rm -r "target/$name.new"

if [ "$compatibility" = manylinux2014 ]; then
    echo '== Debian package'
    cargo deb --no-build --no-strip --output dist/
fi

echo '== npm packages'
python3 packaging/npm/make.py target/package/npm "$PLATFORM=$package/telleaks"
for folder in target/package/npm/*/; do
    (cd "$folder" && npm pack --silent --pack-destination "$ROOT/dist" >/dev/null)
done

(cd dist && sha256sum -- * >SHA256SUMS)
cat dist/SHA256SUMS
