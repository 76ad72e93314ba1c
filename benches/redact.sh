#!/bin/sh
# Measures `telleaks redact` beside `cat`, through a pipe, and how long a line takes. Prints Markdown.
# What is measured: README.md.
#
#     benches/redact.sh --telleaks target/dist/telleaks
#
#     --mib N    size of the log in MiB (1024)    --runs N    runs of each (7)
#
# Needs: Linux, Python 3.8 or later, cat. Nothing else should run on the machine meanwhile.
exec python3 "$(dirname "$0")/redact.py" "$@"
