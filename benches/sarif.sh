#!/bin/sh
# Lets Microsoft's SARIF validator (rule kinds Sarif and Ghas: what GitHub asks for) judge a report of every command, on a
# folder and a repository made for it, and one of 6,000 findings. Prints how many complaints there are; there should be none.
#
#     benches/sarif.sh --telleaks target/dist/telleaks
#
# Needs the network (npm, PyPI) and: python3 with pip and venv, npm, git.
exec python3 "$(dirname "$0")/sarif.py" "$@"
