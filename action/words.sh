# shellcheck shell=bash
# What the action says: annotations, outputs, and the two ways to end before telleaks has run. Not to be run by itself.

# An annotation: kind, text. Foreign text is escaped as GitHub's toolkit does it, so that it stays one line and one command.
annotate() {
    local text=$2
    text=${text//'%'/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    printf '::%s title=telleaks::%s\n' "$1" "$text"
}

# One output of the step. The names are ours; a value must not begin a second line, where it could set another output.
output() {
    [ -n "${GITHUB_OUTPUT:-}" ] || return 0
    case $2 in
    *$'\n'* | *$'\r'*) printf '%s=\n' "$1" >>"$GITHUB_OUTPUT" ;;
    *) printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT" ;;
    esac
}

# All outputs: findings, active, incomplete, sarif-file, exit-code; and the category of the report.
outputs() {
    output findings "$1"
    output active "$2"
    output incomplete "$3"
    output sarif-file "$4"
    output exit-code "$5"
    output category "$(category)"
}

# A line for the summary of the job.
summarise() {
    [ "$INPUT_SUMMARY" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ] || return 0
    printf '%s\n' "$1" >>"$GITHUB_STEP_SUMMARY"
}

# It cannot start: exit code 2, as telleaks does it.
fail() {
    annotate error "$1"
    outputs '' '' true '' 2
    exit 2
}

# What was to be searched is not there: exit code 3, never a pass.
incomplete() {
    annotate error "Not searched, so not clean: $1"
    summarise "## telleaks

🟠 Nothing was searched, so this is not a clean result. The log of the step says why."
    outputs 0 0 true '' 3
    exit 3
}
