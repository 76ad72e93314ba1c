#!/bin/sh
# Measures telleaks on git repositories: wall time and peak memory. Prints Markdown. What is measured: README.md.
#
#     benches/git.sh audit --telleaks target/dist/telleaks REPO...     against git cat-file reading all objects
#     benches/git.sh audit --peers --kingfisher PATH --betterleaks PATH --gitleaks PATH REPO...
#     benches/git.sh staged --telleaks target/dist/telleaks            one staged file among 50,000, against git diff
#     benches/git.sh linear --telleaks target/dist/telleaks            histories of 1, 2, 4 and 8 times the same size
#
#     --runs N        runs of telleaks and git (5)         --peer-runs N   runs of each other tool (1)
#     --files N       files of the staged measurement      --unit N        commits of the smallest history (4000)
#
# REPO is cloned (complete, bare, the history of its HEAD) into a temporary directory, and three keys are planted.
# Needs: Linux, Python 3.8 or later, git. Nothing else should run on the machine meanwhile.
exec python3 "$(dirname "$0")/git.py" "$@"
