"""Makes the npm packages: one for each platform with the program in it, and the one that people install, which names
them as optional dependencies and has no script at install time.

    python3 packaging/npm/make.py OUT PLATFORM=BINARY...

PLATFORM is as Node names it, with -musl for Linux with musl: linux-x64, linux-x64-musl, darwin-arm64, win32-x64 … The version
is that of Cargo.toml.
"""

import json
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PLATFORMS = ["linux-x64", "linux-arm64", "linux-x64-musl", "linux-arm64-musl", "darwin-x64", "darwin-arm64", "win32-x64"]


def manifest(text, key):
    return re.search(r'(?m)^%s = "(.*)"$' % key, text).group(1)


def write(folder, package):
    with open(os.path.join(folder, "package.json"), "w", encoding="utf-8") as file:
        json.dump(package, file, indent=2)
        file.write("\n")
    for name in ["README.md", "LICENSE"]:
        source = os.path.join(ROOT, "packaging/pypi/README.md" if name == "README.md" else name)
        shutil.copyfile(source, os.path.join(folder, name))


def fresh(out, name):
    folder = os.path.join(out, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def main(out, *binaries):
    with open(os.path.join(ROOT, "Cargo.toml"), encoding="utf-8") as file:
        text = file.read()
    version = manifest(text, "version")
    common = {
        "version": version,
        "description": manifest(text, "description"),
        "license": manifest(text, "license"),
        "repository": {"type": "git", "url": "git+%s.git" % manifest(text, "repository")},
    }
    for pair in binaries:
        platform, binary = pair.split("=", 1)
        if platform not in PLATFORMS:
            sys.exit("%s: the platforms are %s" % (platform, ", ".join(PLATFORMS)))
        system, processor = platform.split("-")[:2]
        program = "telleaks.exe" if system == "win32" else "telleaks"
        folder = fresh(out, platform)
        shutil.copyfile(binary, os.path.join(folder, program))
        os.chmod(os.path.join(folder, program), 0o755)
        package = {"name": "@telleaks/" + platform, **common, "os": [system], "cpu": [processor]}
        if system == "linux":
            package["libc"] = ["musl" if platform.endswith("-musl") else "glibc"]
        write(folder, {**package, "files": [program]})
    folder = fresh(out, "telleaks")
    shutil.copyfile(os.path.join(HERE, "launcher.js"), os.path.join(folder, "launcher.js"))
    optional = {"@telleaks/" + platform: version for platform in PLATFORMS}
    package = {"name": "telleaks", **common, "bin": {"telleaks": "launcher.js"}, "files": ["launcher.js"]}
    write(folder, {**package, "engines": {"node": ">=18"}, "optionalDependencies": optional})


main(*sys.argv[1:])
