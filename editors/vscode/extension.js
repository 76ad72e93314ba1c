// Starts `telleaks lsp` and asks for the reason when a finding is accepted in the baseline.
"use strict";

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const ACCEPT = "telleaks.acceptInBaseline";
const SCAN = "telleaks.scanWorkspace";

let client;

/** Returns the program: the one of the setting, else the first one that exists. */
function program(settings) {
  const given = settings.get("path");
  if (given) {
    return given;
  }
  const name = process.platform === "win32" ? "telleaks.exe" : "telleaks";
  const folders = (process.env.PATH || "").split(path.delimiter).filter(path.isAbsolute);
  const more = [".cargo/bin", ".local/bin"].map((folder) => path.join(os.homedir(), folder));
  const all = [...folders, ...more].map((folder) => path.join(folder, name));
  return all.find((file) => fs.existsSync(file));
}

async function start() {
  const settings = vscode.workspace.getConfiguration("telleaks");
  const command = program(settings);
  if (!command) {
    const open = "Open settings";
    const chosen = await vscode.window.showErrorMessage(
      "telleaks is not installed, or not found: install it, or set telleaks.path.",
      open,
    );
    if (chosen === open) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "telleaks.path");
    }
    return;
  }
  const server = { command, args: ["lsp", ...settings.get("arguments", [])] };
  const options = {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { notebook: "*" }],
    initializationOptions: { ignoredFiles: settings.get("ignoredFiles", false) },
    middleware: { executeCommand: withReason },
  };
  client = new LanguageClient("telleaks", "telleaks", server, options);
  await client.start();
}

/** Asks for the reason before a finding is accepted in the baseline. */
async function withReason(command, args, next) {
  if (command !== ACCEPT) {
    return next(command, args);
  }
  const prompt = "Why is this finding accepted? The reason is written into the baseline.";
  const reason = await vscode.window.showInputBox({ prompt, placeHolder: "a test key, revoked on 2026-01-31" });
  return reason === undefined ? undefined : next(command, [{ ...args[0], reason }]);
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("telleaks.restart", restart),
    vscode.commands.registerCommand("telleaks.scan", async () => {
      const found = await client?.sendRequest("workspace/executeCommand", { command: SCAN, arguments: [] });
      if (found) {
        const text = `telleaks: ${found.findings} findings in ${found.files} files; ${found.notRead} not read.`;
        vscode.window.showInformationMessage(text);
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("telleaks")) {
        return restart();
      }
    }),
  );
  await start();
};

exports.deactivate = stop;
