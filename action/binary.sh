# shellcheck shell=bash disable=SC2154 # run.sh sets what is not assigned here
# Which telleaks runs: that of TELLEAKS_BINARY, or an archive of a release whose SHA-256 stands in action/checksums.txt. Sets
# `telleaks` to its path. Nothing that was not checked is unpacked or run. Not to be run by itself.

# The version of the tree that this action is.
own_version() {
    sed -n 's/^version = "\([^"]*\)"$/\1/p' "$here/../Cargo.toml" | head -n 1
}

# The name under which Rust, and so a release, knows this machine.
platform() {
    case $(uname -s)/$(uname -m) in
    Linux/x86_64) target=x86_64-unknown-linux ;;
    Linux/aarch64 | Linux/arm64) target=aarch64-unknown-linux ;;
    Darwin/x86_64) target=x86_64-apple-darwin ;;
    Darwin/arm64) target=aarch64-apple-darwin ;;
    *) fail "There is no telleaks for $(uname -s) on $(uname -m) yet. TELLEAKS_BINARY can name one of your own." ;;
    esac
}

# Looks for version and platform in the table; sets `archive` and `sum`.
look_up() {
    local known
    known=$(sed -nE 's/^[0-9a-f]{64}  telleaks-v([0-9A-Za-z.-]+)-[a-z0-9_]+-(unknown|apple)-.*\.tar\.gz$/\1/p' "$table" | sort -u)
    [ -n "$known" ] || fail "There is no release of telleaks yet. Build it, and name it in the environment variable TELLEAKS_BINARY."
    read -r sum archive < <(grep -E "^[0-9a-f]{64}  telleaks-v${version//./\\.}-$target(-gnu|-musl)?\.tar\.gz$" "$table" | head -n 1) || true
    [ -n "${archive:-}" ] && return
    if grep -qxF -- "$version" <<<"$known"; then
        fail "telleaks $version was not made for $target. TELLEAKS_BINARY can name one of your own."
    fi
    fail "This action does not know telleaks $version and runs nothing that it cannot check. It knows ${known//$'\n'/, }."
}

sha256_of() {
    if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -c 1-64
}

download() {
    local address protocols='=https'
    address="${GITHUB_SERVER_URL:-https://github.com}/${ACTION_REPOSITORY:-${GITHUB_REPOSITORY:-}}/releases/download"
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
    download
    mkdir "$work/telleaks"
    tar -xzf "$work/$archive" -C "$work/telleaks" || fail "$archive cannot be unpacked"
    for telleaks in "$work/telleaks/telleaks" "$work/telleaks"/*/telleaks; do
        if [ -f "$telleaks" ] && [ -x "$telleaks" ]; then return; fi
    done
    fail "$archive holds no telleaks"
}
