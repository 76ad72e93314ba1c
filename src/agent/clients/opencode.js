// Written by `telleaks agent install --client opencode`: refuses tools that would show a Telnyx credential to the model.
import { spawnSync } from "node:child_process"

const ask = (event) =>
  spawnSync(PROGRAM, ["agent", "hook", "--client", "opencode"], {
    input: JSON.stringify(event),
    encoding: "utf8",
    timeout: 10000,
  })

export const Telleaks = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    const answer = ask({
      hook_event_name: "tool.execute.before",
      cwd: directory,
      tool_name: input.tool,
      tool_input: output.args,
    })
    if (answer.status === 2) throw new Error(answer.stderr)
  },
  "tool.execute.after": async (input, output) => {
    const answer = ask({
      hook_event_name: "tool.execute.after",
      cwd: directory,
      tool_name: input.tool,
      tool_input: input.args,
      tool_output: output.output,
    })
    if (answer.status === 0 && answer.stdout) output.output = JSON.parse(answer.stdout).output
  },
})
