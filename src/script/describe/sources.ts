// \sf and \sv: the statement that would create a function or a view.
import { ShellError } from "../../errors.ts";
import { say, type CommandCall } from "../commands/command.ts";
import type { ScriptEvents } from "../events.ts";

/** `\sf[+] FUNCTION[(TYPES)]`; + numbers the lines of the body, from 1 as errors do. */
export async function* showFunction(call: CommandCall): ScriptEvents {
  const named = nameOf(call, "a function");
  const cast = named.endsWith(")") ? "regprocedure" : "regproc";
  const [row] = await call.shell.session.rows(
    `SELECT pg_catalog.pg_get_functiondef($1::pg_catalog.${cast}::pg_catalog.oid)`,
    [named],
  );
  const lines = (row?.[0] ?? "").trimEnd().split("\n");
  const body = lines.findIndex((line) => /^(AS |BEGIN |RETURN )/.test(line));
  yield say(call, call.name.endsWith("+") ? numbered(lines, body) : lines.join("\n"));
}

/** `\sv[+] VIEW`. */
export async function* showView(call: CommandCall): ScriptEvents {
  const named = nameOf(call, "a view");
  const [row] = await call.shell.session.rows(
    `SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), c.relkind,
  pg_catalog.array_to_string(pg_catalog.array_remove(pg_catalog.array_remove(c.reloptions, 'check_option=local'),
    'check_option=cascaded'), ', '),
  CASE WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL'
    WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED' END,
  pg_catalog.pg_get_viewdef(c.oid, true)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = $1::pg_catalog.regclass::pg_catalog.oid`,
    [named],
  );
  const [name = "", kind, options, check, definition = ""] = row ?? [];
  if (kind !== "v" && kind !== "m") throw new ShellError("shell/command", `"${name}" is not a view`);
  const head = kind === "m" ? `CREATE MATERIALIZED VIEW ${name}` : `CREATE OR REPLACE VIEW ${name}`;
  const with_ = options === null || options === "" ? "" : `\n WITH (${options})`;
  const bare = definition?.replace(/;\s*$/, "") ?? "";
  const body = check === null ? bare : `${bare}\n WITH ${check} CHECK OPTION`;
  const lines = `${head}${with_} AS\n${body}`.trimEnd().split("\n");
  yield say(call, call.name.endsWith("+") ? numbered(lines, 0) : lines.join("\n"));
}

function nameOf(call: CommandCall, what: string): string {
  const named = call.arguments.rest();
  if (named !== "") return named;
  throw new ShellError("shell/command", `\\${call.name} needs ${what}`);
}

/** Numbers from the line at `first` on; the lines before are indented as far. */
function numbered(lines: readonly string[], first: number): string {
  return lines.map((line, at) => `${(at < first ? "" : String(at - first + 1)).padEnd(8)}${line}`).join("\n");
}
