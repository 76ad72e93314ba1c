#!/usr/bin/env node
// Starts the program of the package for this platform. There is no script at install time.
"use strict";

const { spawnSync } = require("node:child_process");

const name = `@telleaks/${process.platform}-${process.arch}`;
// npm installs the one whose libc fits.
const names = process.platform === "linux" ? [name, `${name}-musl`] : [name];
const file = process.platform === "win32" ? "telleaks.exe" : "telleaks";
let program;
for (const one of names) {
    try {
        program ??= require.resolve(`${one}/${file}`);
    } catch {
        // The next one, or the message below.
    }
}
if (program === undefined) {
    console.error(
        `telleaks: there is no package ${name} here. Either npm left optional dependencies out ` +
            "(--omit=optional, --no-optional), or there is no build for this platform: " +
            "cargo install telleaks --locked makes one.",
    );
    process.exit(2);
}
const done = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (done.error) {
    console.error(`telleaks: ${program} cannot be started: ${done.error.message}`);
    process.exit(2);
}
if (done.signal) {
    process.kill(process.pid, done.signal);
}
process.exit(done.status ?? 2);
