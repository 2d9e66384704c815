import { ShellError } from "../../errors.ts";
import type { Display } from "../display.ts";
import type { ScriptEvents } from "../events.ts";
import { KEPT_CHARACTERS, KEPT_ROWS } from "../last-result.ts";
import type { Command, CommandCall } from "./command.ts";
import { changeDisplay, targetOf } from "./output.ts";

/** `\last [FORMAT] [FILE | |COMMAND]`: the last result again, in another format or elsewhere; nothing is run. */
async function* last(call: CommandCall): ScriptEvents {
  const { state } = call.shell;
  const { lastResult } = state;
  const { columns, kept, total } = lastResult;
  if (columns.length === 0) {
    throw new ShellError("shell/command", "there is no last result", { hint: "run a query first" });
  }
  const display = displayOf(call.arguments.next(), state.display);
  const file = call.arguments.nextFileOrPipe();
  const common = {
    type: "statement",
    display,
    target: file === undefined ? state.output : targetOf(file),
    place: call.place,
    number: state.statements,
  } as const;
  yield { ...common, event: { type: "columns", columns } };
  for (const rows of lastResult.batches()) yield { ...common, event: { type: "rows", rows } };
  yield { ...common, event: { type: "finished", tag: `SELECT ${kept}`, elapsedMs: 0 } };
  if (kept < total) {
    const bounds = `${KEPT_ROWS} rows or ${KEPT_CHARACTERS / 1e6} million characters at the most`;
    const what =
      kept === 0 ? "the result was too large to be kept" : `only the first ${kept} of ${total} rows are kept`;
    const message = `${what} (${bounds}); \\g runs the query again`;
    yield { type: "note", message };
  }
}

function displayOf(word: string | undefined, display: Display): Display {
  if (word === undefined) return display;
  if (word === "x" || word === "expanded") return { ...display, format: "aligned", expanded: "on" };
  return { ...changeDisplay(display, "format", word), expanded: display.expanded };
}

export const LAST_COMMANDS: readonly Command[] = [
  {
    names: ["last"],
    group: "output",
    usage: "\\last [FORMAT|x] [FILE | |COMMAND]",
    summary: "the last result again, without running it",
    run: last,
  },
];
