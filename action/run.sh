#!/usr/bin/env bash
# The action: from inputs and the event to one run of telleaks, which writes annotations, SARIF, a summary and what the outputs
# need. Inputs come as INPUT_…, fields of the event as EVENT_…; action.yml says which. Its exit code is that of telleaks.
# For bash 3.2 and later.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/words.sh
. "$here/words.sh"
# shellcheck source=action/binary.sh
. "$here/binary.sh"
# shellcheck source=action/range.sh
. "$here/range.sh"

telleaks='' repo='' mode='' base='' head='' sarif=''
paths=() options=()
event=${GITHUB_EVENT_NAME:-}

input_name() {
    printf '%s' "$1" | tr '[:upper:]_' '[:lower:]-'
}

check_inputs() {
    local name variable
    # A second line could be a command to the runner, wherever the value is shown.
    for name in MODE CONFIG BASELINE FAIL_ON PROBE BASE HEAD SARIF_FILE VERSION ANNOTATIONS SUMMARY UPLOAD_SARIF MIN_SEVERITY \
        SOFT_FAIL FORMAT WORKING_DIRECTORY; do
        variable=INPUT_$name
        case ${!variable} in
        *$'\n'* | *$'\r'*) fail "$(input_name "$name"): one line" ;;
        esac
    done
    case $INPUT_MODE in
    auto | scan | commits | audit) ;;
    *) fail 'mode: auto, scan, commits or audit' ;;
    esac
    for name in PROBE ANNOTATIONS SUMMARY UPLOAD_SARIF SOFT_FAIL; do
        variable=INPUT_$name
        case ${!variable} in
        true | false) ;;
        *) fail "$(input_name "$name"): true or false" ;;
        esac
    done
}

# The lines of the input paths, without empty ones.
read_paths() {
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        if [ -n "$line" ]; then paths+=("$line"); fi
    done <<<"$INPUT_PATHS"
    [ "${#paths[@]}" -gt 0 ] || paths=(.)
}

# The words of the input args, with quotes as in a shell. They are data: nothing in them is expanded.
read_args() {
    local text=${INPUT_ARGS//$'\r'/ } word='' quote='' sign started='' at
    text=${text//$'\n'/ }
    for ((at = 0; at < ${#text}; at++)); do
        sign=${text:at:1}
        if [ -n "$quote" ]; then
            if [ "$sign" = "$quote" ]; then quote=''; else word+=$sign; fi
        elif [ "$sign" = '"' ] || [ "$sign" = "'" ]; then
            quote=$sign started=1
        elif [ "$sign" = ' ' ] || [ "$sign" = $'\t' ]; then
            if [ -n "$started" ]; then add_arg "$word"; fi
            word='' started=''
        else
            word+=$sign started=1
        fi
    done
    [ -z "$quote" ] || fail 'args: a quote is not closed'
    if [ -n "$started" ]; then add_arg "$word"; fi
}

add_arg() {
    [ "$1" != -- ] || fail 'args: -- would make paths of options'
    options+=("$1")
}

# An option for each line of an input.
add_lines() {
    local option=$1 line
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        if [ -n "$line" ]; then "$3" "$option" "$line"; fi
    done <<<"$2"
}

plain_option() {
    options+=("$1=$2")
}

# What the inputs exclude, and rules of one's own: for a range those of its base.
add_scope() {
    add_lines --exclude "$INPUT_EXCLUDE" plain_option
    if [ "$mode" = commits ]; then
        add_lines --rules "$INPUT_RULES" from_base
    else
        add_lines --rules "$INPUT_RULES" plain_option
    fi
}

# The repository: the one that `paths` names, if it is a folder.
find_repo() {
    if [ "$mode" != scan ]; then
        if [ "${#paths[@]}" != 1 ] || [ ! -d "${paths[0]}" ]; then
            fail "paths: the mode $mode takes one folder, that of the repository; for files, say mode: scan"
        fi
        repo=${paths[0]}
    else
        repo=.
    fi
    repo=$(cd -- "$repo" && pwd -P)
    repo_git rev-parse --git-dir >/dev/null 2>&1 && return
    [ "$mode" = scan ] || fail "There is no git repository at ${paths[0]}. Does a step with actions/checkout come before this one?"
}

# A configuration or baseline for a range is that of the base: who writes the range must not choose what is hidden in it.
# Adds option and file.
from_base() {
    local option=$1 file=$2 inside
    [ -n "$file" ] || return 0
    case $file in
    "$repo"/*) inside=${file#"$repo"/} ;;
    /*)
        options+=("$option=$file")
        return
        ;;
    *) inside=${file#./} ;;
    esac
    if [ -z "$base" ]; then
        annotate warning "$option: this range has no base, so $file was not read: its author may have written it."
        return
    fi
    repo_git cat-file blob "$base:$inside" >"$work/base$option" 2>/dev/null || fail "$option: the base $base has no file $inside"
    local copy
    copy=$(mktemp -d "$work/base.XXXXXX")/${inside##*/}
    mv "$work/base$option" "$copy"
    options+=("$option=$copy")
}

add_suppressions() {
    if [ "$mode" = commits ]; then
        from_base --config "$INPUT_CONFIG"
        from_base --baseline "$INPUT_BASELINE"
    elif is_foreign; then
        options+=(--no-config --no-suppressions)
        annotate notice 'What is checked out is not of this repository: its configuration, baseline and comments hide nothing.'
    else
        if [ -n "$INPUT_CONFIG" ]; then options+=("--config=$INPUT_CONFIG"); fi
        if [ -n "$INPUT_BASELINE" ]; then options+=("--baseline=$INPUT_BASELINE"); fi
    fi
}

add_reports() {
    sarif=${INPUT_SARIF_FILE:-$work/telleaks.sarif}
    options+=(--report "sarif=$sarif" --report "json=$work/telleaks.json" --report "markdown=$work/telleaks.md" --no-progress)
    if [ "$INPUT_ANNOTATIONS" = true ]; then
        options+=(--format github)
    elif [ -n "$INPUT_FORMAT" ]; then
        options+=("--format=$INPUT_FORMAT")
    fi
    add_lines --report "$INPUT_REPORT" plain_option
    if [ -n "$INPUT_MIN_SEVERITY" ]; then options+=("--min-severity=$INPUT_MIN_SEVERITY"); fi
    if [ -n "$INPUT_FAIL_ON" ]; then options+=("--fail-on=$INPUT_FAIL_ON"); fi
    if [ "$INPUT_PROBE" = true ]; then options+=(--probe); fi
}

# What telleaks is told to search.
search() {
    case $mode in
    commits) "$telleaks" commits --any-owner --repo "$repo" "${options[@]}" "${base:+$base..}$head" ;;
    audit) "$telleaks" audit --any-owner "${options[@]}" -- "$repo" ;;
    scan)
        "$telleaks" scan "${options[@]}" -- "${paths[@]}"
        ;;
    esac
}

# Runs it. The text report shows foreign words, which must not become commands of the workflow; the github report takes care
# of that itself.
run() {
    local token
    if [ "$INPUT_ANNOTATIONS" = true ]; then
        search </dev/null
        return
    fi
    token=telleaks-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
    local code=0
    search </dev/null || code=$?
    printf '::%s::\n' "$token"
    return "$code"
}

# The SARIF report of a push is about the state of the branch: code scanning closes each alert that the newest upload for a
# branch does not have, and a range has only what is new.
state_of_branch() {
    [ "$INPUT_UPLOAD_SARIF" = true ] && [ "$mode" = commits ] && [ "$event" = push ] && [ -f "$sarif" ] || return 0
    rm -f -- "$sarif"
    local kept=() option skip=''
    for option in "${options[@]}"; do
        if [ -n "$skip" ]; then
            skip=''
            continue
        fi
        case $option in
        --report | --format) skip=1 ;;
        --report=* | --format=* | --no-progress | --trust-suppressions) ;;
        *) kept+=("$option") ;;
        esac
    done
    deepen_all
    "$telleaks" audit --any-owner ${kept[@]+"${kept[@]}"} --exit-zero --quiet --no-progress --format sarif --output "$sarif" -- "$repo" \
        </dev/null >/dev/null 2>&1 || true
}

# The category under which code scanning keeps the report: a change of its own, so that it closes no alert of a branch.
category() {
    local name=${INPUT_CATEGORY:-telleaks}
    if [ "$mode" = commits ] && ! { [ "$event" = push ] && [ "$INPUT_UPLOAD_SARIF" = true ]; }; then name=$name-change; fi
    printf '%s' "$name"
}

# A number or word of the summary of the json report, which stands on a line of its own.
summary_of() {
    sed -n "s/^    \"$1\": \([a-z0-9]*\),\{0,1\}\$/\1/p" "$work/telleaks.json" | tail -n 1
}

# Findings whose key works: lines of the json report below "findings".
count_active() {
    awk '/^  "findings": \[/ { on = 1 } /^  "suppressed": \[/ { on = 0 }
        on && /^ +"status": "(active|restricted)",?$/ { count++ } END { print count + 0 }' "$work/telleaks.json"
}

tell() {
    local code=$1 incomplete=false
    if [ ! -f "$work/telleaks.json" ]; then
        # It did not get as far as a report; it has said why.
        outputs '' '' true '' "$code"
        return
    fi
    if [ "$(summary_of complete)" != true ] || [ "$code" = 3 ]; then incomplete=true; fi
    if [ -f "$work/telleaks.md" ]; then summarise "$(cat "$work/telleaks.md")"; fi
    state_of_branch
    [ -f "$sarif" ] || sarif=''
    outputs "$(summary_of findings)" "$(count_active)" "$incomplete" "$sarif" "$code"
}

main() {
    check_inputs
    cd -- "${GITHUB_WORKSPACE:-.}"
    if [ -n "$INPUT_WORKING_DIRECTORY" ]; then
        cd -- "./$INPUT_WORKING_DIRECTORY" 2>/dev/null || fail "working-directory: there is no folder $INPUT_WORKING_DIRECTORY"
    fi
    read_paths
    work=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/telleaks.XXXXXX")
    choose_mode
    if [ "$mode" = commits ] && [ "$event" = push ] && [ "$EVENT_DELETED" = true ] && [ -z "$INPUT_HEAD" ]; then
        echo 'telleaks: a branch or tag was deleted: there is nothing to search.'
        outputs 0 0 false '' 0
        return
    fi
    find_repo
    find_binary
    case $mode in
    commits)
        find_range
        echo "telleaks: searching the commits ${base:+$base..}$head ($event)"
        ;;
    audit) deepen_all ;;
    esac
    add_suppressions
    add_scope
    add_reports
    read_args
    local code=0
    run || code=$?
    tell "$code"
    if [ "$INPUT_SOFT_FAIL" = true ] && [ "$code" = 1 ]; then exit 0; fi
    exit "$code"
}

main
