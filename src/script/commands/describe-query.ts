// \gdesc: the columns a query would give, without running it.
import { quoteLiteral } from "../../engines/sql.ts";
import { asShellError, ShellError } from "../../errors.ts";
import type { SourceColumn } from "../../formats/source-column.ts";
import type { ScriptEvents } from "../events.ts";
import type { StatementRun } from "../interpreter.ts";
import { located } from "../outcome.ts";
import { say, type CommandCall } from "./command.ts";

export async function* describeQuery(call: CommandCall, run: StatementRun): ScriptEvents {
  if (!/^\s*(?:select|with|values|table)\b/i.test(call.buffer)) {
    throw new ShellError("shell/command", "\\gdesc describes queries only: SELECT, VALUES, TABLE and WITH", {
      span: run.place.span,
    });
  }
  const columns = await columnsOf(call, run);
  if (columns.length === 0) yield say(call, "The command has no result, or the result has no columns.");
  else yield* call.shell.execute(typesOf(columns), run);
}

async function columnsOf({ shell, buffer }: CommandCall, run: StatementRun): Promise<readonly SourceColumn[]> {
  try {
    return await shell.session.describeQuery(buffer.replace(/;\s*$/, ""));
  } catch (thrown) {
    throw located(asShellError(thrown), run);
  }
}

/** As a query, because only the server knows the names of its types. A list of VALUES would be too new for Redshift. */
function typesOf(columns: readonly SourceColumn[]): string {
  return columns
    .map(({ name, typeOid, typeModifier }, at) => {
      const [column, type] = at === 0 ? [' AS "Column"', ' AS "Type"'] : ["", ""];
      return `SELECT ${quoteLiteral(name)}${column}, pg_catalog.format_type(${typeOid}, ${typeModifier})${type}`;
    })
    .join(" UNION ALL ");
}
