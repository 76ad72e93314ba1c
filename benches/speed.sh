#!/bin/sh
# Measures telleaks beside ripgrep, kingfisher, betterleaks and gitleaks: wall time and peak memory on two
# corpora, and start-up time. Prints Markdown. What is measured, and how to build the corpora: README.md.
#
#     benches/speed.sh --telleaks target/dist/telleaks --small DIR --large DIR \
#         --kingfisher PATH --betterleaks PATH --gitleaks PATH
#
# Every tool is optional: what is not given and not on the PATH is left out, and the report says so.
# The same values can come from the environment: TELLEAKS, RG, KINGFISHER, BETTERLEAKS, GITLEAKS,
# SMALL_DIR, LARGE_DIR. Give the paths of the binaries themselves: a Python wrapper adds its own start-up time,
# and the `gitleaks` command that the betterleaks wheel installs starts betterleaks (the script checks this).
#
#     --runs N          runs of telleaks and ripgrep on each corpus (5)
#     --peer-runs N     runs of each other tool on each corpus (1)
#     --peer-timeout S  a run of another tool is ended after S seconds and shown as "> S s" (900)
#     --only A,B        measure only these: telleaks, rg, rg-a, kingfisher, betterleaks, gitleaks
#     --startup-runs N  runs of the start-up measurement (50; 5 for the other scanners); 0 leaves it out
#     --json FILE       also write every single run there
#
# Needs: Linux, Python 3.8 or later; uses /usr/bin/time and unshare(1) where they are there.
# The corpora should fit into free memory: they are read once before, so that the disk is not measured.
# Nothing else should run on the machine meanwhile. One process is measured at a time.
exec python3 "$(dirname "$0")/speed.py" "$@"
