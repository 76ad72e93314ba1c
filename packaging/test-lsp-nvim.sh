#!/usr/bin/env bash
# Lets Neovim without a screen start `telleaks lsp`, show a diagnostic and apply a fix.
#
# Usage: packaging/test-lsp-nvim.sh PROGRAM. Needs Neovim 0.7 or later; without it the script says so and exits with 0.
set -euo pipefail

program=$(realpath "$1")
if ! command -v nvim >/dev/null; then
  echo "SKIPPED: nvim is not installed"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'key = "KEY%s_%s%s"\n' 0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E hwqtpZbC4 XD1PEQFaKWydG >"$folder/a.py"
cat >"$folder/test.lua" <<'LUA'
local function check(value, what)
  if not value then
    io.stderr:write("not ok: " .. what .. "\n")
    vim.cmd("cquit 1")
  end
  io.stdout:write("ok: " .. what .. "\n")
end
local client = vim.lsp.start_client({
  name = "telleaks",
  cmd = { vim.env.TELLEAKS, "lsp" },
  root_dir = vim.env.FOLDER,
})
vim.cmd("edit " .. vim.env.FOLDER .. "/a.py")
vim.lsp.buf_attach_client(0, client)
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20)
local found = vim.diagnostic.get(0)
check(#found == 1 and found[1].code == "telnyx-api-key" and found[1].col == 7, "diagnostic at its place")
local params = vim.lsp.util.make_range_params()
params.range = { start = { line = 0, character = 8 }, ["end"] = { line = 0, character = 8 } }
params.context = { diagnostics = {} }
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 20000)
local actions = answers[client].result
check(#actions == 4, "four code actions")
vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
check(table.concat(lines, "\n"):find('key = os.environ["TELNYX_API_KEY"]', 1, true), "fix is applied")
check(table.concat(lines, "\n"):find("import os", 1, true), "import is added")
vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end, 20)
check(#vim.diagnostic.get(0) == 0, "diagnostic is gone")
local hover = vim.lsp.buf_request_sync(0, "textDocument/hover", vim.lsp.util.make_position_params(), 20000)
check(hover[client].result == nil or hover[client].result == vim.NIL, "no hover without a finding")
vim.cmd("qall!")
LUA
TELLEAKS=$program FOLDER=$folder nvim --headless --clean -u NONE -S "$folder/test.lua"
