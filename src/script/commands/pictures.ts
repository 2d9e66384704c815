// \timeline and \plan: results that are easier to look at than to read. On a terminal they are drawn, elsewhere they are
// tables.
import { parse } from "../../../grammar/index.ts";
import { ShellError } from "../../errors.ts";
import type { Column, Row } from "../../events.ts";
import { showTable } from "../describe/listing.ts";
import type { ScriptEvents } from "../events.ts";
import type { StatementRun } from "../interpreter.ts";
import { quoteLiteral } from "../interpolate.ts";
import { PLAN_NODE_COLUMNS, planTable } from "../plan-rows.ts";
import type { Command, CommandCall } from "./command.ts";

function runOf(call: CommandCall): StatementRun {
  const { display, output } = call.shell.state;
  return { place: call.place, display, target: output, signal: call.signal };
}

/** `\timeline ['uri']`: without a URI that of the last statement that named a collection. */
async function* timeline(call: CommandCall): ScriptEvents {
  const given = call.arguments.next();
  const collection = given === undefined ? lastCollection(call) : quoteLiteral(given).trimStart();
  if (collection === undefined) {
    throw new ShellError("shell/command", "\\timeline needs a collection", {
      hint: "\\timeline 's3://bucket/prefix'; after BACKUP or SHOW BACKUPS it may be left out",
    });
  }
  yield* call.shell.execute(`SHOW BACKUPS IN ${collection} WITH details`, { ...runOf(call), picture: "timeline" });
}

/** As it stands in the last statement. */
function lastCollection({ shell }: CommandCall): string | undefined {
  const text = shell.state.lastQuery;
  for (const statement of parse(text).statements) {
    const inner = statement.kind === "explain" ? statement.statement : statement;
    const [first] = "collection" in inner && Array.isArray(inner.collection) ? inner.collection : [];
    if (first !== undefined) return text.slice(first.span.start, first.span.end);
  }
  return undefined;
}

/** Before 9.0 a plan was text only. */
const PLANS_AS_JSON = 90_000;

/** `\plan STATEMENT` explains it; `\plan+ STATEMENT` runs it and measures. Without a statement the last one. */
export async function* plan(call: CommandCall): ScriptEvents {
  // How long the server took to explain is nobody's question, and would stand above the answer.
  for await (const event of explained(call)) if (event.type !== "timing") yield event;
}

async function* explained(call: CommandCall): ScriptEvents {
  const { shell } = call;
  const typed = call.arguments.rest().replace(/;\s*$/, "");
  // Who has typed EXPLAIN already means the same.
  const text = (typed === "" ? call.buffer.trim() : typed).replace(
    /^explain\s+(?=[a-z])(?!analy[sz]e\b|verbose\b)/i,
    "",
  );
  if (text === "") throw new ShellError("shell/command", `\\${call.name} has no statement to explain`);
  const measured = call.name.endsWith("+");
  if (shell.session.classify(text).ours) {
    yield* shell.execute(`EXPLAIN ${text}`, runOf(call));
    return;
  }
  const { versionNumber } = await shell.session.connect(call.signal);
  if (versionNumber < PLANS_AS_JSON) {
    yield* shell.execute(`EXPLAIN ${text}`, runOf(call));
    return;
  }
  const result: { columns: Column[]; rows: Row[] } = { columns: [], rows: [] };
  const options = measured ? "ANALYZE, BUFFERS, FORMAT JSON" : "FORMAT JSON";
  yield* shell.collect(`EXPLAIN (${options}) ${text}`, runOf(call), result);
  const json = result.rows[0]?.[0];
  const table = typeof json === "string" ? planTable(json) : undefined;
  if (table === undefined) return;
  const headings = PLAN_NODE_COLUMNS.map(({ name }) => name);
  const numeric = new Set(PLAN_NODE_COLUMNS.filter(({ kind }) => kind === "number").map(({ name }) => name));
  yield* showTable(call, { title: "Plan", headings, numeric, ...table, picture: "plan" });
}

export const PICTURE_COMMANDS: readonly Command[] = [
  {
    names: ["timeline"],
    group: "query",
    usage: "\\timeline ['COLLECTION']",
    summary: "the backups of a collection along time",
    run: timeline,
  },
  {
    names: ["plan", "plan+"],
    group: "query",
    usage: "\\plan[+] [STATEMENT]",
    summary: "how it would be carried out; + runs and measures it",
    run: plan,
  },
];
