"""Makes an archive of a folder whose bytes depend on its files alone: names sorted, one time, no owner.

    python3 packaging/archive.py OUT.tar.gz|OUT.zip FOLDER NAME EPOCH

NAME is the folder in the archive, EPOCH the time of every file in seconds since 1970.
"""

import gzip
import os
import sys
import tarfile
import time
import zipfile


def files(folder):
    found = []
    for place, _, names in os.walk(folder):
        found += [os.path.join(place, name) for name in names]
    return sorted(found, key=lambda path: path.replace(os.sep, "/"))


def mode(path):
    return 0o755 if os.path.basename(path) in ("telleaks", "telleaks.exe") else 0o644


def main(out, folder, name, epoch):
    epoch = int(epoch)
    inside = lambda path: name + "/" + os.path.relpath(path, folder).replace(os.sep, "/")
    if out.endswith(".zip"):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in files(folder):
                info = zipfile.ZipInfo(inside(path), time.gmtime(epoch)[:6])
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = (0o100000 | mode(path)) << 16
                info.create_system = 3
                with open(path, "rb") as file:
                    archive.writestr(info, file.read())
        return
    with open(out, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path in files(folder):
                info = tarfile.TarInfo(inside(path))
                info.size, info.mtime, info.mode = os.path.getsize(path), epoch, mode(path)
                with open(path, "rb") as file:
                    archive.addfile(info, file)


main(*sys.argv[1:])
