# shellcheck shell=bash disable=SC2154 # run.sh sets what is not assigned here
# Which telleaks runs: that of TELLEAKS_BINARY, an archive of a release whose SHA-256 is in action/checksums.txt, or, if there is
# none for this version and platform, one that cargo builds from the commit of this action. Sets `telleaks` to its path. Nothing
# that was not checked is unpacked or run. Not to be run by itself.

# Releases come from here, whatever repository the workflow or a fork of this action is in.
releases=https://github.com/telleaks/telleaks/releases/download

# The version of the tree that this action is.
own_version() {
    sed -n 's/^version = "\([^"]*\)"$/\1/p' "$here/../Cargo.toml" | head -n 1
}

# The C library of a Linux machine: an image of Alpine has musl, for which a program for glibc does not start.
libc() {
    if ldd --version 2>&1 | grep -qi musl; then echo -musl; else echo -gnu; fi
}

# The name under which Rust, and so a release, knows this machine.
platform() {
    case $(uname -s)/$(uname -m) in
    Linux/x86_64) target=x86_64-unknown-linux$(libc) ;;
    Linux/aarch64 | Linux/arm64) target=aarch64-unknown-linux$(libc) ;;
    Darwin/x86_64) target=x86_64-apple-darwin ;;
    Darwin/arm64) target=aarch64-apple-darwin ;;
    *) fail "There is no telleaks for $(uname -s) on $(uname -m) yet. TELLEAKS_BINARY can name one of your own." ;;
    esac
}

# Looks for version and platform in the table; sets `archive` and `sum`.
look_up() {
    local known
    known=$(sed -nE 's/^[0-9a-f]{64}  telleaks-v([0-9A-Za-z.-]+)-[a-z0-9_]+-(unknown|apple)-.*\.tar\.gz$/\1/p' "$table" | sort -u)
    # A program for musl is static and runs everywhere.
    read -r sum archive < <(grep -E "^[0-9a-f]{64}  telleaks-v${version//./\\.}-(${target}|${target%-gnu}-musl)\.tar\.gz$" "$table" | sort -k 2 | head -n 1) || true
    [ -n "${archive:-}" ] && return
    if can_build; then return; fi
    [ -n "$known" ] || fail "There is no release of telleaks yet. Build it, and name it in the environment variable TELLEAKS_BINARY, or install cargo before this step."
    if grep -qxF -- "$version" <<<"$known"; then
        fail "telleaks $version was not made for $target. TELLEAKS_BINARY can name one of your own."
    fi
    fail "This action does not know telleaks $version and runs nothing that it cannot check. It knows ${known//$'\n'/, }."
}

sha256_of() {
    if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -c 1-64
}

download() {
    local address=$releases protocols='=https'
    if [ -n "${TELLEAKS_BASE_URL:-}" ]; then
        # A mirror of one's own. What comes from there is checked all the same.
        address=${TELLEAKS_BASE_URL%/} protocols='=https,http,file'
    fi
    address="$address/v$version/$archive"
    command -v curl >/dev/null || fail 'curl is missing: it fetches telleaks.'
    curl --fail --silent --show-error --location --proto "$protocols" --connect-timeout 30 --max-time 600 --retry 3 \
        --max-filesize 268435456 --output "$work/$archive" -- "$address" || {
        rm -f -- "$work/$archive"
        fail "telleaks $version could not be fetched from $address"
    }
    local found
    found=$(sha256_of "$work/$archive")
    [ "$found" = "$sum" ] || {
        rm -f -- "$work/$archive"
        fail "$archive is not what was released, and was deleted. Its SHA-256 is $found, and must be $sum."
    }
}

# Whether this machine can build the version of this action from its sources.
can_build() {
    [ "$version" = "$(own_version)" ] && [ -f "$here/../src/main.rs" ] && [ -f "$here/../Cargo.lock" ] && command -v cargo >/dev/null
}

# Builds it, once for each state of the sources: the program is kept in the tool cache of the runner.
build() {
    local root state kept log
    root=$(cd "$here/.." && pwd)
    state=$(cd "$root" && find Cargo.toml Cargo.lock src rules -type f | LC_ALL=C sort | while IFS= read -r file; do sha256_of "$file"; done | cksum | tr -d ' ')
    kept=${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-$work}}/telleaks/$version-$state-$target
    telleaks=$kept/telleaks
    if [ -x "$telleaks" ]; then
        annotate notice "There is no release of telleaks $version for $target; the program that was built before is used."
        return
    fi
    annotate notice "There is no release of telleaks $version for $target; it is built with cargo, which takes minutes. It is kept in $kept."
    mkdir -p "$kept"
    log=$work/build.log
    (cd "$root" && CARGO_TARGET_DIR=$work/target cargo build --quiet --locked --profile dist --bin telleaks) >"$log" 2>&1 || {
        tail -n 20 "$log" | sed 's/^/  /' >&2
        fail "telleaks $version could not be built with cargo. TELLEAKS_BINARY can name one of your own."
    }
    mv "$work/target/dist/telleaks" "$telleaks"
    rm -rf "$work/target"
}

find_binary() {
    if [ -n "${TELLEAKS_BINARY:-}" ]; then
        case $TELLEAKS_BINARY in
        /*) telleaks=$TELLEAKS_BINARY ;;
        *) fail "TELLEAKS_BINARY must be an absolute path, not $TELLEAKS_BINARY" ;;
        esac
        if [ ! -f "$telleaks" ] || [ ! -x "$telleaks" ]; then fail "TELLEAKS_BINARY names no program: $telleaks"; fi
        return
    fi
    local table=$here/checksums.txt version=${INPUT_VERSION#v} target archive='' sum=''
    version=${version:-$(own_version)}
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "version: $version is no version, such as 1.2.3"
    platform
    look_up
    if [ -z "${archive:-}" ]; then
        build
        return
    fi
    download
    mkdir "$work/telleaks"
    tar -xzf "$work/$archive" -C "$work/telleaks" || fail "$archive cannot be unpacked"
    for telleaks in "$work/telleaks/telleaks" "$work/telleaks"/*/telleaks; do
        if [ -f "$telleaks" ] && [ -x "$telleaks" ]; then return; fi
    done
    fail "$archive holds no telleaks"
}
