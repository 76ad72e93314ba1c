#!/usr/bin/env bash
# What floods of anchors cost: processor seconds for each MiB, and memory. Needs python3 alone.
#
#     benches/floods.sh table --telleaks target/dist/telleaks                 every anchor in every form, and the dearest at four sizes
#     benches/floods.sh table --sample 500 --telleaks target/dist/telleaks    the same for 500 of them, chosen by --seed
#     benches/floods.sh search --minutes 5 --telleaks target/dist/telleaks    a random search; what costs --keep seconds is kept in benches/floods/
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/floods.py" "$@"
