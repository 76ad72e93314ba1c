#!/usr/bin/env python3
"""The working half of real.sh: see there."""
import argparse
import glob
import gzip
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from git import key

NPM = ["typescript", "react", "rxjs", "lodash", "vue", "express", "axios", "@angular/core", "electron-log", "uuid"]
WHEELS = ["requests", "flask", "jinja2", "click", "attrs", "packaging", "urllib3", "idna", "certifi", "numpy"]
DEBS = ["hello", "jq", "zlib1g", "tree", "less", "libcommons-lang3-java"]
TOOLS = ["@electron/asar", "webpack", "webpack-cli", "ts-loader", "typescript@5", "acorn"]


class Planter:
    def __init__(self, work):
        self.work, self.tree, self.truth, self.source = work, os.path.join(work, "tree"), [], random.Random(5)
        os.makedirs(self.tree)

    def run(self, *argv, cwd=None):
        subprocess.run(argv, check=True, cwd=cwd or self.work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def secret(self, path, member, line):
        """A key, of which is known where it must be found; and a text with it in that line."""
        secret = key(self.source)
        self.truth.append((path, member, line, secret))
        return ("line\n" * ((line or 1) - 1) + "const k = '%s'\n" % secret).encode()

    def tarballs(self):
        for name in NPM:
            self.run("npm", "pack", "--silent", name)
        for path in sorted(glob.glob(self.work + "/*.tgz")):
            name, content = os.path.basename(path), io.BytesIO(gzip.open(path).read())
            with tarfile.open(fileobj=content, mode="a") as archive:
                put(archive, "package/dist/planted.js", self.secret(name, "!/package/dist/planted.js", 4))
            with gzip.open(os.path.join(self.tree, name), "wb") as out:
                out.write(content.getvalue())

    def wheels(self):
        self.run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", self.work + "/wheels", *WHEELS)
        for path in sorted(glob.glob(self.work + "/wheels/*.whl")):
            name = os.path.basename(path)
            shutil.copy(path, self.tree)
            self.append_zip(os.path.join(self.tree, name), "pkg/planted.py", self.secret(name, "!/pkg/planted.py", 7))

    @staticmethod
    def append_zip(path, name, content):
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)

    def debs(self):
        os.makedirs(self.work + "/debs")
        self.run("apt-get", "download", "-q", *DEBS, cwd=self.work + "/debs")
        for path in sorted(glob.glob(self.work + "/debs/*.deb")):
            name, root = os.path.basename(path), self.work + "/root"
            shutil.rmtree(root, ignore_errors=True)
            self.run("dpkg-deb", "-R", path, root)
            os.makedirs(root + "/etc/planted")
            with open(root + "/etc/planted/app.conf", "wb") as out:
                out.write(self.secret(name, "!/data.tar.xz!/./etc/planted/app.conf", 3))
            for jar in glob.glob(root + "/usr/share/java/*.jar"):
                if not os.path.islink(jar):
                    member = "!/data.tar.xz!/./usr/share/java/%s!/META-INF/planted" % os.path.basename(jar)
                    self.append_zip(jar, "META-INF/planted", self.secret(name, member, 9))
            self.run("dpkg-deb", "-b", root, os.path.join(self.tree, name))

    def image(self):
        """What `docker save` writes, of layers with the files of real packages."""
        debs = sorted(glob.glob(self.work + "/debs/*.deb"))
        first, second, names = layer(debs[:2]), layer(debs[2:3]), []
        put_last(first, "app/.env", self.secret("image.tar", "FIRST!/app/.env", 5))
        put_last(second, "srv/log.txt", self.secret("image.tar", "SECOND!/srv/log.txt", 2))
        zstd = subprocess.run(["zstd", "-qc"], input=second.getvalue(), stdout=subprocess.PIPE, check=True).stdout
        blobs = [gzip.compress(first.getvalue()), zstd]
        with tarfile.open(os.path.join(self.tree, "image.tar"), "w") as archive:
            for blob in blobs:
                names.append("blobs/sha256/" + hashlib.sha256(blob).hexdigest())
                put(archive, names[-1], blob)
            put(archive, "manifest.json", json.dumps([{"Layers": names}]).encode())
        full = [(path, member.replace("FIRST", "!/" + names[0]).replace("SECOND", "!/" + names[1]), *rest) for path, member, *rest in self.truth]
        self.truth = full

    def front_end(self):
        self.run("npm", "install", "--silent", "--prefix", self.work + "/tools", *TOOLS)
        modules = self.work + "/tools/node_modules"
        app = self.work + "/app"
        shutil.copytree(modules + "/acorn", app + "/node_modules/acorn")
        os.makedirs(app + "/src")
        with open(app + "/src/main.js", "wb") as out:
            out.write(self.secret("app.asar", "!/src/main.js", 6))
        self.run(modules + "/.bin/asar", "pack", app, os.path.join(self.tree, "app.asar"))
        self.bundle(modules)

    def bundle(self, modules):
        folder = self.work + "/bundle"
        os.makedirs(folder + "/src")
        text = self.secret("dist/app.min.js.map", "!/src/api.ts", 4).decode().splitlines()[-1]
        self.truth.append(("dist/app.min.js", "", None, self.truth[-1][3]))
        files = {
            "src/api.ts": "interface A { a: string }\n\nexport function send(a: A): any {\n  %s;\n  return [a, k, k.length];\n}\n" % text,
            "src/index.ts": "import { send } from './api';\nimport * as acorn from 'acorn';\nconsole.log(send({ a: String(acorn.version) }));\n",
            "tsconfig.json": '{"compilerOptions": {"sourceMap": true, "module": "esnext", "target": "es2018", "moduleResolution": "node", "types": []}}',
            "webpack.config.js": "module.exports = {mode: 'production', devtool: 'source-map', entry: './src/index.ts', resolve: {extensions: ['.ts', '.js'], symlinks: false},"
            " module: {rules: [{test: /\\.ts$/, use: {loader: 'ts-loader', options: {transpileOnly: true}}}]}, output: {path: '%s/dist', filename: 'app.min.js'}}" % self.tree,
        }
        for name, content in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(content)
        os.symlink(modules, folder + "/node_modules")
        self.run(modules + "/.bin/webpack", cwd=folder)


def put(archive, name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def put_last(content, name, data):
    content.seek(0)
    with tarfile.open(fileobj=content, mode="a") as archive:
        put(archive, name, data)


def layer(debs):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for deb in debs:
            files = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE, check=True).stdout
            with tarfile.open(fileobj=io.BytesIO(files)) as source:
                for member in source:
                    archive.addfile(member, source.extractfile(member) if member.isreg() else None)
    return content


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--telleaks", required=True)
    program = os.path.abspath(parser.parse_args().telleaks)
    work = tempfile.mkdtemp()
    planter = Planter(work)
    for step in (planter.tarballs, planter.wheels, planter.debs, planter.image, planter.front_end):
        step()
    argv = [program, "scan", "--no-config", "--no-ignore", "--show-secrets", "--format", "jsonl", planter.tree]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    print(done.stderr.decode(), end="")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    right = 0
    for path, member, line, secret in planter.truth:
        places = [one["location"] for one in found if one["secret"] == secret]
        good = [one for one in places if one["path"] == path + member and line in (None, one["start_line"])]
        right += bool(good)
        if not good:
            print("missed: %s%s:%s; found at %s" % (path, member, line, [(one["path"], one["start_line"]) for one in places]))
    print("%d of %d, %d findings, exit code %d" % (right, len(planter.truth), len(found), done.returncode))
    for one in found:
        if one["original"]:
            print("%s:%d is %s" % (one["location"]["path"], one["location"]["start_line"], one["original"]))
    shutil.rmtree(work)
    sys.exit(right != len(planter.truth))


if __name__ == "__main__":
    main()
