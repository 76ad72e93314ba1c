#!/bin/sh
# Plants a key in real containers that others have made, and looks whether telleaks finds each at its member and line:
# npm tarballs, wheels, Debian packages (one with a jar in it), an image of containers, an archive of Electron, a bundle
# made by webpack from TypeScript.
#
#     benches/real.sh --telleaks target/dist/telleaks
#
# Needs the network (npm, PyPI, Debian) and: python3 with pip, npm, node, apt-get, dpkg-deb, zstd.
exec python3 "$(dirname "$0")/real.py" "$@"
