#!/bin/sh
# Measures telleaks inside compressed logs and archives, beside the shell's own way and other scanners. Prints Markdown.
# What is measured: README.md.
#
#     benches/inside.sh --telleaks target/dist/telleaks --kingfisher PATH --betterleaks PATH TARBALL...
#
#     --mib N         size of the log in MiB (1000)        --copies N      tarballs in the folder (200)
#     --runs N        runs of telleaks and the shell (5)   --peer-runs N   runs of each other tool (1)
#
# TARBALLs are real packages (`npm pack NAME`); they are repeated until there are enough. The log is made here.
# Needs: Linux, Python 3.8 or later, gzip, zstd, tar, grep. Nothing else should run on the machine meanwhile.
exec python3 "$(dirname "$0")/inside.py" "$@"
