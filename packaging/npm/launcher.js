#!/usr/bin/env node
// Starts the program of the package for this platform. There is no script at install time.
"use strict";

const { spawnSync } = require("node:child_process");

const name = `@telleaks/${process.platform}-${process.arch}`;
let program;
try {
    program = require.resolve(`${name}/telleaks`);
} catch {
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
