"""Rows: compressed streams and archives, good, deep, damaged, and made to hurt."""
import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import tarfile
import zipfile
import zlib

from .rows import EITHER, TOLD, row, section

section("Archives")


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zstd(content):
    return subprocess.run(["zstd", "-q", "-c"], input=content, capture_output=True, check=True).stdout


def noise(at, count):
    return at.random.randbytes(count)


@row("F29", "18 containers (zip jar docx whl apk tar tgz txz tbz2 tar.zst gz bz2 xz zst, and four with a wrong name)")
def containers(at):
    member = lambda: {"app/config.txt": ("text\n" * 20 + at.line()).encode()}
    text = lambda: next(iter(member().values()))
    for name in ("a.zip", "a.jar", "a.docx", "a.whl", "a.apk", "zip_named.dat"):
        at.put(name, zipped(member()))
    at.put("a.tar", tarred(member()))
    at.put("a.tgz", tarred(member(), "w:gz"))
    at.put("a.tar.gz", tarred(member(), "w:gz"))
    at.put("a.tar.bz2", tarred(member(), "w:bz2"))
    at.put("a.tar.xz", tarred(member(), "w:xz"))
    at.put("a.tar.zst", zstd(tarred(member())))
    at.put("b.txt.gz", gzip.compress(text()))
    at.put("b.txt.bz2", bz2.compress(text()))
    at.put("b.txt.xz", lzma.compress(text()))
    at.put("b.txt.zst", zstd(text()))
    at.put("gz_named.txt", gzip.compress(text()))
    at.put("tar_named.bin", tarred(member()))


def nested(at, depth):
    content = ("text\n" * 20 + at.line()).encode()
    name = "a.txt"
    for number in range(depth):
        content, name = zipped({name: content}), f"{number}.zip"
    return content


@row("F30", "zip in zip, 1 2 3 4 6 8 9 12 deep", expect=EITHER)
def depths(at):
    for depth in (1, 2, 3, 4, 6, 8, 9, 12):
        at.put(f"{depth}.zip", nested(at, depth))


@row("F30n", "9 and 12 deep only: beyond every limit", expect=EITHER)
def too_deep(at):
    for depth in (9, 12):
        at.put(f"{depth}.zip", nested(at, depth))


def zeros(path, gigabytes):
    """A gzip file of zeros: one deflated gibibyte, written as often as needed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    part = b"".join(packer.compress(block) for _ in range(1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    with open(path, "wb") as file:
        file.write(b"\x1f\x8b\x08\0\0\0\0\0\x02\x03")
        for _ in range(gigabytes):
            file.write(part)
        file.write(b"\x03\0")
        # The check sum of zeros: by the block, not by the byte.
        for _ in range(gigabytes * 64):
            check = zlib.crc32(SIXTEEN, check)
        file.write(struct.pack("<II", check, gigabytes << 30 & 0xFFFF_FFFF))


SIXTEEN = bytes(16 << 20)


@row("F31n", "10 MB of gzip that become 10 GiB of zeros, alone", expect=TOLD, bomb=True)
def bomb_alone(at):
    zeros(at.at("zeros.gz"), 10)


@row("F31", "the same, with a key beside", bomb=True)
def bomb(at):
    at.control()
    zeros(at.at("zeros.gz"), 10)


def overlapping(at):
    """A zip in which every entry shares the data of all that come after it (the quoted overlap of 2019)."""
    block = bytes(64 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = packer.compress(block) + packer.flush()
    head = lambda name, crc, packed, size: struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0x21, crc, packed, size, len(name), 0) + name
    entries = [(b"00000", zlib.crc32(block), len(kernel), len(block), head(b"00000", zlib.crc32(block), len(kernel), len(block)) + kernel)]
    tail = entries[0][4]
    plain = None
    for number in range(1, 1250):
        name = b"%05d" % number
        # A stored deflate block that holds the header of the entry behind it, and then its data.
        next_head = tail[: 30 + 5]
        quoted = b"\0" + struct.pack("<HH", len(next_head), len(next_head) ^ 0xFFFF) + next_head
        last = entries[-1]
        crc = None
        packed, size = last[2] + len(quoted), last[3] + len(next_head)
        plain = zlib.crc32(next_head)
        crc = combine(plain, last[1], last[3])
        header = head(name, crc, packed, size)
        tail = header + quoted
        entries.append((name, crc, packed, size, tail))
    out, offsets = bytearray(), {}
    for name, _, _, _, data in reversed(entries):
        offsets[name] = len(out)
        out += data
    begin = len(out)
    for name, crc, packed, size, _ in entries:
        out += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0x21, crc, packed, size, len(name), 0, 0, 0, 0, 0, offsets[name]) + name
    out += struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(out) - begin, begin, 0)
    at.put("overlap.zip", bytes(out))


def combine(first, second, length):
    """The check sum of two texts one behind the other (as zlib's crc32_combine)."""
    def times(matrix, vector):
        total, index = 0, 0
        while vector:
            if vector & 1:
                total ^= matrix[index]
            vector >>= 1
            index += 1
        return total
    square = lambda matrix: [times(matrix, one) for one in matrix]
    odd = [0xEDB88320] + [1 << number for number in range(31)]
    matrix = square(square(odd))
    while length:
        matrix = square(matrix)
        if length & 1:
            first = times(matrix, first)
        length >>= 1
    return first ^ second


@row("F32", "a zip of 300 KB whose 1250 entries overlap: 80 GB", expect=EITHER, bomb=True)
def overlap_bomb(at):
    at.control()
    overlapping(at)


@row("F33", "a zip of some KB, 16 in each of 5 levels: TB", expect=EITHER, bomb=True)
def nested_bomb(at):
    at.control()
    content, name = zipped({"0.dll": bytes(256 << 20)}), "0.zip"
    for level in range(5):
        content = zipped({f"{number:x}.zip": content for number in range(16)})
    at.put("nested.zip", content)


@row("F34", "zip and tar whose members are named `../`, absolute, a link, a device")
def traversal(at):
    names = ["../../../../outside.txt", "/tmp/absolute-of-an-archive.txt", "ok.txt"]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(link)
        device = tarfile.TarInfo("device")
        device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 5
        archive.addfile(device)
        for name in names:
            content = at.line().encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    at.put("a.tar", out.getvalue())
    at.put("a.zip", zipped({name: at.line() for name in names}))


def long_text(at, before, behind):
    text = lambda count: b"".join(b"%s\n" % noise(at, 24).hex().encode() for _ in range(count))
    return text(before) + at.line().encode() + text(behind)


@row("F35a", "gzip cut in half, the key in the half that is there")
def cut(at):
    content = gzip.compress(long_text(at, 10, 4000))
    at.put("a.log.gz", content[: len(content) // 2])


@row("F35an", "gzip cut before the key, nothing else", expect=TOLD)
def cut_before(at):
    content = gzip.compress(long_text(at, 4000, 10))
    at.keys.clear()
    at.put("a.log.gz", content[: len(content) // 2])


def wrong_sum(content):
    return content[:-8] + bytes(byte ^ 0xFF for byte in content[-8:-4]) + content[-4:]


@row("F35b", "gzip with a wrong check sum, the key readable")
def bad_sum(at):
    at.put("a.log.gz", wrong_sum(gzip.compress(long_text(at, 10, 10))))


@row("F35bn", "gzip with a wrong check sum, no key", expect=TOLD)
def bad_sum_alone(at):
    at.put("a.log.gz", wrong_sum(gzip.compress(b"text\n" * 100)))


@row("F35c", "a zip without its directory, the member stored")
def no_directory(at):
    content = zipped({"a.txt": at.line() + "text\n" * 20}, zipfile.ZIP_STORED)
    at.put("a.zip", content[: content.index(b"PK\x01\x02")])


@row("F35d", "a tar that is cut, the key readable")
def cut_tar(at):
    content = tarred({"a.txt": at.line().encode(), "b.txt": b"text\n" * 4000})
    at.put("a.tar", content[:4000])


@row("F35en", "the mark of gzip, then noise", expect=TOLD)
def gzip_noise(at):
    at.put("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\x02\x03" + noise(at, 5000))


@row("F36n", "a zip with a password", expect=TOLD)
def encrypted(at):
    with open(at.beside("a.txt"), "w") as file:
        file.write(at.line())
    at.keys.clear()
    subprocess.run(["zip", "-q", "-j", "-P", "password", at.at("a.zip"), at.beside("a.txt")], check=True)
    os.remove(at.beside("a.txt"))
