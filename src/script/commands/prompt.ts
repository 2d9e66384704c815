// Commands that need a prompt on a terminal: \e, \jobs, \fg.
import { ShellError } from "../../errors.ts";
import type { ScriptEvents } from "../events.ts";
import type { PromptHost } from "../prompt-host.ts";
import { showTable } from "../describe/listing.ts";
import { say, silent, type Command, type CommandCall } from "./command.ts";

function promptOf({ shell, name }: CommandCall): PromptHost {
  const { prompt } = shell.host;
  if (prompt !== undefined) return prompt;
  throw new ShellError("shell/command", `\\${name} works at the prompt of a terminal only`);
}

function editQuery(call: CommandCall): ScriptEvents {
  return silent(async () => {
    const prompt = promptOf(call);
    const path = call.arguments.next();
    await prompt.editText(path === undefined ? call.buffer : await call.shell.host.readText(path));
  });
}

async function* jobs(call: CommandCall): ScriptEvents {
  const all = promptOf(call).jobs();
  if (all.length === 0) {
    yield say(call, "No jobs in the background.");
    return;
  }
  const rows = all.map((job) => [
    String(job.number),
    job.status,
    job.fraction === undefined ? null : `${Math.floor(job.fraction * 100)}%`,
    `${Math.round(job.elapsedMs / 1000)}s`,
    job.description,
  ]);
  const headings = ["Job", "Status", "Done", "Elapsed", "Statement"];
  yield* showTable(call, {
    title: "Jobs",
    headings,
    numeric: new Set(["Job", "Done", "Elapsed"]),
    rows,
    followsExpanded: true,
  });
}

function foreground(call: CommandCall): ScriptEvents {
  return silent(() => {
    const prompt = promptOf(call);
    const word = call.arguments.next();
    const number = word === undefined ? undefined : Number(word.replace(/^%/, ""));
    if (number !== undefined && !Number.isInteger(number)) {
      throw new ShellError("shell/command", `\\fg takes a job's number, not ${JSON.stringify(word)}`, {
        hint: "\\jobs lists them",
      });
    }
    prompt.bringToFront(number);
  });
}

export const PROMPT_COMMANDS: readonly Command[] = [
  { names: ["e", "edit"], group: "query", usage: "\\e [FILE]", summary: "edit the query in $EDITOR", run: editQuery },
  { names: ["jobs"], group: "general", usage: "\\jobs", summary: "statements in the background", run: jobs },
  { names: ["fg"], group: "general", usage: "\\fg [JOB]", summary: "wait for one of them", run: foreground },
];
