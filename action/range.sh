# shellcheck shell=bash disable=SC2154 # run.sh sets what is not assigned here
# What is to be searched, from the event; and the commits that it takes, fetched where the checkout left them out. Sets
# `mode`, `base` and `head`. Asks no API: all it knows are the fields of the event and the repository. Not to be run by itself.

# git in the repository of the workflow. It may belong to another user, as in a container; nothing of it is run.
repo_git() {
    GIT_TERMINAL_PROMPT=0 git -C "$repo" -c "safe.directory=$repo" -c gc.auto=0 -c maintenance.auto=false \
        -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@" </dev/null
}

is_id() {
    [[ $1 =~ ^([0-9a-f]{40}|[0-9a-f]{64})$ && ! $1 =~ ^0+$ ]]
}

have() {
    repo_git cat-file -e "$1" 2>/dev/null
}

is_shallow() {
    [ "$(repo_git rev-parse --is-shallow-repository)" = true ]
}

# Fetches what is named, without words of git that could look like commands of a workflow. A shallow clone gets some more
# history with it.
fetch() {
    local more=()
    if is_shallow; then more=(--deepen="${deepen:-64}"); fi
    repo_git fetch --quiet --no-tags --no-recurse-submodules ${more[@]+"${more[@]}"} origin "$@" >/dev/null 2>&1
}

# A commit by its id, fetched if it must be: by the id, or by a ref that should lead there.
ensure() {
    have "$1" || fetch "$1" || { [ -n "${2:-}" ] && fetch "$2"; } || true
    have "$1"
}

# Whether all between base and head is there: no commit of the range is one at which a shallow clone ends.
is_whole() {
    is_shallow || return 0
    local ends
    ends=$(repo_git rev-parse --git-path shallow)
    case $ends in /*) ;; *) ends=$repo/$ends ;; esac
    if [ -n "$base" ]; then repo_git merge-base "$base" "$head" >/dev/null 2>&1 || return 1; fi
    [ "$(repo_git rev-list "$head" ${base:+"^$base"} | grep -cxFf "$ends")" = 0 ]
}

# Deepens a shallow clone until the range is whole. Where that fails, telleaks itself says that the range is incomplete.
deepen_range() {
    local deepen
    for deepen in 64 1024; do
        if is_whole; then return; fi
        fetch "$head" ${base:+"$base"} || break
    done
    if ! is_whole; then
        repo_git fetch --quiet --no-tags --no-recurse-submodules --unshallow origin "$head" ${base:+"$base"} >/dev/null 2>&1 || true
    fi
    is_whole || annotate warning 'The checkout is shallow and could not be deepened. Give actions/checkout "fetch-depth: 0".'
}

# An audit is about everything: the rest of a shallow clone, the other branches, and tags.
deepen_all() {
    is_shallow || return 0
    repo_git fetch --quiet --tags --no-recurse-submodules --unshallow origin '+refs/heads/*:refs/remotes/origin/*' >/dev/null 2>&1 ||
        annotate warning 'The checkout is shallow and could not be deepened. Give actions/checkout "fetch-depth: 0".'
}

# A name that somebody wrote into the workflow, as the id of a commit; sets `found`.
resolve() {
    local name=$1 form
    case $name in -*) fail "$2: $name looks like an option" ;; esac
    if is_id "$name"; then ensure "$name" || true; fi
    for form in "$name" "refs/remotes/origin/$name"; do
        if found=$(repo_git rev-parse --verify --quiet --end-of-options "$form^{commit}"); then return; fi
    done
    if repo_git check-ref-format "refs/heads/$name"; then
        fetch "+refs/heads/$name:refs/remotes/origin/$name" || fetch "+refs/tags/$name:refs/tags/$name" || true
        for form in "refs/remotes/origin/$name" "refs/tags/$name"; do
            if found=$(repo_git rev-parse --verify --quiet --end-of-options "$form^{commit}"); then return; fi
        done
    fi
    fail "$2: there is no $name in this checkout, and it cannot be fetched"
}

# The tip of the default branch as the base of what is new; none if that is the very branch that is searched.
base_from_default() {
    local name=${EVENT_DEFAULT_BRANCH:-}
    base=
    [ -n "$name" ] && [ "${GITHUB_REF:-}" != "refs/heads/$name" ] || return 0
    repo_git check-ref-format "refs/heads/$name" || return 0
    fetch "+refs/heads/$name:refs/remotes/origin/$name" || true
    base=$(repo_git rev-parse --verify --quiet "refs/remotes/origin/$name^{commit}") || base=
}

need_head() {
    is_id "$1" || fail "The event $event names no commit to search."
    head=$1
    if ensure "$1" "${2:-}"; then return; fi
    # A checkout of a pull request is a merge of its head, and names it even if it is shallow.
    if repo_git cat-file commit HEAD 2>/dev/null | sed '/^$/q' | grep -qxF "parent $1"; then
        head=$(repo_git rev-parse HEAD)
        return
    fi
    incomplete "the commit $1 is not in this checkout and cannot be fetched. Give actions/checkout \"fetch-depth: 0\"."
}

# The base of an event. If it is gone, there is none: then the whole of head is searched.
want_base() {
    if is_id "$1" && ensure "$1" "${2:-}"; then base=$1; else base=; fi
}

range_of_push() {
    need_head "$EVENT_AFTER" "${GITHUB_REF:-}"
    # Before a first push there was nothing, and what a forced push has replaced may be gone.
    want_base "$EVENT_BEFORE"
    if [ -z "$base" ]; then base_from_default; fi
}

range_of_event() {
    case $event in
    push) range_of_push ;;
    pull_request | pull_request_target)
        need_head "$EVENT_PULL_HEAD" "refs/pull/$EVENT_PULL_NUMBER/head"
        want_base "$EVENT_PULL_BASE" "refs/heads/${GITHUB_BASE_REF:-}"
        ;;
    merge_group)
        need_head "$EVENT_GROUP_HEAD" "${GITHUB_REF:-}"
        want_base "$EVENT_GROUP_BASE"
        ;;
    *)
        head=$(repo_git rev-parse --verify --quiet HEAD) || fail 'The repository has no commit.'
        [ -n "$INPUT_BASE" ] || fail "The event $event has no range of commits: say where it begins with the input base."
        ;;
    esac
}

# `base..head`, as the inputs say it or else the event.
find_range() {
    local found
    base='' head=''
    if [ -n "$INPUT_HEAD" ]; then
        resolve "$INPUT_HEAD" head
        head=$found
        if [ -z "$INPUT_BASE" ]; then base_from_default; fi
        [ -n "$INPUT_BASE$base" ] || fail 'The input head needs the input base.'
    else
        range_of_event
    fi
    if [ -n "$INPUT_BASE" ]; then
        resolve "$INPUT_BASE" base
        base=$found
    fi
    deepen_range
}

# Whether the files of the checkout were written by somebody whom the repository does not trust: in a pull request from
# elsewhere, and in events that run with the rights of the repository. What they accept does not count.
is_foreign() {
    local trusted
    case $event in
    pull_request)
        if [ "$EVENT_PULL_FROM" = "${GITHUB_REPOSITORY:-}" ]; then return 1; fi
        trusted=$EVENT_PULL_BASE
        ;;
    pull_request_target) trusted=$EVENT_PULL_BASE ;;
    push | merge_group | schedule | workflow_dispatch | release) return 1 ;;
    *) trusted=${GITHUB_SHA:-} ;;
    esac
    if is_id "$trusted" && repo_git merge-base --is-ancestor HEAD "$trusted" 2>/dev/null; then return 1; fi
}

# `auto`, as a mode.
choose_mode() {
    mode=$INPUT_MODE
    [ "$mode" = auto ] || return 0
    if [ -n "$INPUT_BASE$INPUT_HEAD" ]; then
        mode=commits
        return
    fi
    case $event in
    push | pull_request | pull_request_target | merge_group) mode=commits ;;
    *) mode=audit ;;
    esac
}
