#!/usr/bin/env bash
# Builds telleaks for other systems and runs it there under emulators: Windows (wine), arm64 Linux with glibc 2.17
# (qemu-user), static Linux with musl (natively; arm64 under qemu-user). Compares their json reports with those of this
# machine's build, byte for byte. docs/platforms.md has what was seen.
#
#     packaging/cross.sh [--cache DIR] [--only LIST] [--check] [--host FILE] [--sets DIR]
#
#     --cache DIR   where the toolchains and builds are kept; default: $XDG_CACHE_HOME/telleaks-cross. 8 GB.
#     --only LIST   of windows,arm64,musl,musl-arm64,macos (comma-separated); default: all.
#     --check       compile the library and the programs with warnings as errors; link and run nothing.
#     --host FILE   compare with this build for this machine, instead of making one.
#     --sets DIR    scan DIR/*/tree, too, and compare.
#
# Needs: x86-64 Debian 12 (or a derivative whose glibc is at least as new), apt-get, dpkg-deb, python3 with venv and pip,
# rustup's cargo, git, a C compiler, the network (Debian's mirror, PyPI, crates.io). No root: packages are downloaded by an
# apt of its own and unpacked into the cache, so that the host stays as it is.
#
# The toolchain is Debian's rustc-web (in bookworm-security) with its source, because it is one matched set; rustup's cargo
# drives it. Where Debian has no standard library for a target, cargo builds it (-Zbuild-std).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD

ZIGLANG=0.15.1
CARGO_ZIGBUILD=0.24.1
ALL=windows,arm64,musl,musl-arm64,macos

cache=${XDG_CACHE_HOME:-$HOME/.cache}/telleaks-cross
only=$ALL check='' host='' sets=''
while [ $# -gt 0 ]; do
    case $1 in
    --cache) cache=$2 && shift 2 ;;
    --only) only=$2 && shift 2 ;;
    --host) host=$(realpath "$2") && shift 2 ;;
    --sets) sets=$(cd "$2" && pwd) && shift 2 ;;
    --check) check=1 && shift ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
    esac
done
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
failures=0

fail() {
    printf 'cross: %s\n' "$*" >&2
    exit 1
}
wants() { [[ ",$only," == *",$1,"* ]]; }

# An apt with its own lists and cache. apt_with SUITE COMMAND...
apt_with() {
    local dir=$cache/apt-$1
    shift
    apt-get -q -o "Dir=$dir" -o "Dir::State::status=$dir/var/lib/dpkg/status" -o APT::Sandbox::User= \
        -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 "$@"
}

# stanza URI SUITES
stanza() {
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: amd64 arm64\nSigned-By: %s\n\n' \
        "$1" "$2" /usr/share/keyrings/debian-archive-keyring.gpg
}

prepare_apt() {
    local suite=$1 dir=$cache/apt-$1
    mkdir -p "$dir"/etc/apt/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} "$dir/var/lib/dpkg" \
        "$dir"/var/lib/apt/lists/partial "$dir"/var/cache/apt/archives/partial
    # What the host has need not be downloaded.
    cp /var/lib/dpkg/status "$dir/var/lib/dpkg/status"
    cat /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null | grep -iE '^acquire::https?::proxy' >"$dir/etc/apt/apt.conf.d/proxy" || true
    if [ "$suite" = trixie ]; then
        stanza http://deb.debian.org/debian trixie
    else
        stanza http://deb.debian.org/debian 'bookworm bookworm-updates'
        stanza http://deb.debian.org/debian-security bookworm-security
    fi >"$dir/etc/apt/sources.list.d/debian.sources"
    apt_with "$suite" update >/dev/null || fail "Debian's mirror cannot be reached; nothing was built"
}

# Downloads packages of SUITE and unpacks them into the folder TO: unpack SUITE TO PACKAGE...
unpack() {
    local suite=$1 to=$cache/$2 debs
    shift 2
    [ ! -e "$to/complete" ] || return 0
    [ -e "$cache/apt-$suite/ready" ] || { prepare_apt "$suite" && touch "$cache/apt-$suite/ready"; }
    rm -rf "$to"
    mkdir -p "$to/debs"
    (cd "$to/debs" && apt_with "$suite" download "$@" >/dev/null) || fail "cannot download: $*"
    debs=("$to"/debs/*.deb)
    for deb in "${debs[@]}"; do dpkg-deb -x "$deb" "$to"; done
    rm -r "$to/debs"
    touch "$to/complete"
}

# The newest package whose name matches a pattern.
newest() { apt-cache -o "Dir=$cache/apt-bookworm" search --names-only "$1" | cut -d' ' -f1 | sort -V | tail -1; }

prepare_rust() {
    if [ ! -e "$cache/rust/complete" ]; then
        [ -e "$cache/apt-bookworm/ready" ] || { prepare_apt bookworm && touch "$cache/apt-bookworm/ready"; }
        local std llvm
        std=$(newest '^libstd-rust-web-[0-9.]+$')
        llvm=$(apt-cache -o "Dir=$cache/apt-bookworm" depends "$std" | grep -oE 'libllvm[0-9]+' | head -1)
        unpack bookworm rust rustc-web rust-web-src "$std:amd64" libstd-rust-web-dev:amd64 libstd-rust-web-dev:arm64 \
            "$llvm:amd64" libz3-4:amd64 libedit2:amd64
    fi
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu exec %s/usr/bin/rustc "$@"\n' \
        "$cache/rust" "$cache/rust" >"$cache/rustc"
    chmod +x "$cache/rustc"
    if [ ! -x "$cache/venv/bin/cargo-zigbuild" ]; then
        python3 -m venv "$cache/venv"
        "$cache/venv/bin/pip" install -q "ziglang==$ZIGLANG" "cargo-zigbuild==$CARGO_ZIGBUILD" || fail 'PyPI cannot be reached'
    fi
    export RUSTC=$cache/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$cache/target CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
}

prepare_windows() {
    unpack bookworm mingw binutils-mingw-w64-x86-64 gcc-mingw-w64-base gcc-mingw-w64-x86-64-win32 \
        gcc-mingw-w64-x86-64-win32-runtime mingw-w64-common mingw-w64-x86-64-dev
    [ -z "$check" ] || return 0
    unpack bookworm wine wine64 libwine libz-mingw-w64
    # Debian's wineserver is a script with absolute paths, and zlib1.dll a link with one.
    ln -sf wineserver64 "$cache/wine/usr/lib/wine/wineserver"
    local zlib=$cache/wine/usr/x86_64-w64-mingw32/lib/zlib1.dll
    ln -sf "$zlib" "$cache/wine/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll"
    # std asks for bcryptprimitives.dll, which wine 8 does not have.
    cat >"$cache/prng.c" <<'C'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE b, SIZE_T n) { return RtlGenRandom(b, (ULONG)n); }
C
    local out=$cache/target/x86_64-pc-windows-gnu/debug
    mkdir -p "$out"
    "$cache/mingw/usr/bin/x86_64-w64-mingw32-gcc-win32" -shared -o "$out/bcryptprimitives.dll" "$cache/prng.c" -ladvapi32
    cp "$zlib" "$out/"
}

prepare_qemu() {
    [ -z "$check" ] || return 0
    # bookworm's 7.2 hangs at the first thread.
    unpack trixie qemu qemu-user:amd64
    unpack bookworm arm64-libc libc6-arm64-cross libgcc-s1-arm64-cross
}

# compile TARGET: with cargo, or with cargo-zigbuild for what zig links.
compile() {
    local target=$1 verb=build flags='' packages=(--bin telleaks) cargo=(cargo-zigbuild) std=('-Zbuild-std=std,panic_unwind')
    shift
    [ -z "$check" ] || { verb=check && packages=(--workspace --lib --bins) && flags='-D warnings'; }
    local env=(PATH="$cache/venv/bin:$PATH")
    case $target in
    aarch64-unknown-linux-gnu*) std=() ;;
    *-musl) flags="$flags -C link-self-contained=no -C relocation-model=static" ;;
    *-windows-gnu)
        cargo=(cargo)
        env=(PATH="$cache/mingw/usr/bin:$PATH" CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-win32
            CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-win32 AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar)
        ;;
    esac
    echo "== $verb for $target"
    env "${env[@]}" RUSTFLAGS="$flags" "${cargo[@]}" "$verb" --locked "${std[@]}" --target "$target" \
        --config 'profile.dev.package."*".opt-level=1' "${packages[@]}"
}

# What is scanned: keys that are made here, in a tree and in a repository, and the --sets.
prepare_inputs() {
    local work=$cache/inputs
    rm -rf "$work"
    mkdir -p "$work/tree/with blank/sub"
    printf 'KEY%s_%s%s\n' 0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E hwqtpZbC4 XD1PEQFaKWydG >"$work/tree/with blank/sub/a.env"
    gzip -nc "$work/tree/with blank/sub/a.env" >"$work/tree/é.gz"
    git init -q -b main "$work/repository"
    (
        cd "$work/repository"
        export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'
        git config user.name cross && git config user.email cross@example.invalid
        cp "$work/tree/with blank/sub/a.env" a.env
        printf 'ignored.env\n' >.gitignore
        cp a.env ignored.env
        git add a.env .gitignore && git commit -qm one
        git rm -q a.env && git commit -qm two
        cp ignored.env staged.env && git add staged.env
    )
}

# same NAME WHAT COMMAND...: runs the command and compares its output and exit code with those of the first NAME.
same() {
    local name=$1 what=$2 status=0
    shift 2
    timeout 600 "$@" >"$cache/out/$name-$what" 2>"$cache/out/$name-$what.err" </dev/null || status=$?
    echo "exit code $status" >>"$cache/out/$name-$what"
    if [ "$name" = host ] || cmp -s "$cache/out/host-$what" "$cache/out/$name-$what"; then
        echo "$name: $what: $(wc -c <"$cache/out/$name-$what") bytes, equal"
    else
        echo "$name: $what: DIFFERENT ($cache/out/$name-$what)"
        failures=$((failures + 1))
    fi
}

# try NAME PROGRAM...
try() {
    local name=$1
    shift
    cd "$cache/inputs"
    same "$name" version "$@" --version
    same "$name" rules "$@" rules test
    same "$name" self-test "$@" self-test --format json
    same "$name" tree "$@" scan tree --no-config --format json
    same "$name" audit "$@" audit repository --any-owner --format json
    same "$name" redact sh -c '"$@" redact <tree/with\ blank/sub/a.env' redact "$@"
    cd repository
    same "$name" staged "$@" staged --format json
    same "$name" commits "$@" commits HEAD~1..HEAD --format json
    same "$name" ignored "$@" scan . --no-config --format json
    if [ -n "$sets" ]; then
        cd "$sets"
        for set in */tree; do same "$name" "set-${set%%/*}" "$@" scan "$set" --no-config --format json; done
    fi
    cd "$ROOT"
}

prepare_rust
if wants windows; then prepare_windows; fi
if wants arm64 || wants musl-arm64; then prepare_qemu; fi
qemu=("$cache/qemu/usr/bin/qemu-aarch64")
if [ -z "$check" ]; then
    if [ -z "$host" ]; then
        echo '== build for this machine'
        env -u RUSTC cargo build --locked --config 'profile.dev.package."*".opt-level=1' --bin telleaks
        host=$cache/target/debug/telleaks
    fi
    mkdir -p "$cache/out"
    prepare_inputs
    try host "$host"
fi
if wants arm64; then
    compile aarch64-unknown-linux-gnu.2.17
    [ -n "$check" ] || try arm64 "${qemu[@]}" -L "$cache/arm64-libc/usr/aarch64-linux-gnu" "$cache/target/aarch64-unknown-linux-gnu/debug/telleaks"
fi
if wants windows; then
    compile x86_64-pc-windows-gnu
    export WINEPREFIX=$cache/wineprefix WINEDEBUG=-all
    [ -n "$check" ] || try windows "$cache/wine/usr/lib/wine/wine64" "$cache/target/x86_64-pc-windows-gnu/debug/telleaks.exe"
fi
if wants musl; then
    compile x86_64-unknown-linux-musl
    [ -n "$check" ] || try musl "$cache/target/x86_64-unknown-linux-musl/debug/telleaks"
fi
if wants musl-arm64; then
    compile aarch64-unknown-linux-musl
    [ -n "$check" ] || try musl-arm64 "${qemu[@]}" "$cache/target/aarch64-unknown-linux-musl/debug/telleaks"
fi
if wants macos; then
    # Without Apple's SDK nothing links; the library and the programs compile.
    check=1
    compile aarch64-apple-darwin
    compile x86_64-apple-darwin
fi
[ "$failures" = 0 ] || fail "$failures results differ"
echo '== All is well'
