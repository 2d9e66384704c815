import { ShellError } from "../../errors.ts";
import type { CommandCall } from "../commands/command.ts";
import type { ScriptEvents } from "../events.ts";
import { askedBy, list, showTable } from "./listing.ts";
import { extensions as redshiftExtensions } from "./redshift-listings.ts";
import { conditionsOf } from "./pattern.ts";

/** `\dx+`: what each extension consists of. */
export async function* extensionObjects(call: CommandCall): ScriptEvents {
  const { name: engine } = await call.shell.session.connect(call.signal);
  if (engine === "redshift") {
    yield* list(call, redshiftExtensions);
    return;
  }
  const { texts, asked } = await askedBy(call);
  const [patternText] = texts;
  const parameters: string[] = [];
  const conditions = ["true", ...conditionsOf(asked.pattern, { name: "e.extname" }, parameters)];
  const { session } = call.shell;
  const extensions = await session.rows(
    `SELECT e.extname, e.oid FROM pg_catalog.pg_extension e WHERE ${conditions.join(" AND ")} ORDER BY 1`,
    parameters,
  );
  if (extensions.length === 0) {
    const which = patternText === undefined ? "any extensions" : `any extension named "${patternText}"`;
    throw new ShellError("shell/command", `Did not find ${which}`);
  }
  for (const [name, oid] of extensions) {
    const rows = await session.rows(
      `SELECT pg_catalog.pg_describe_object(classid, objid, 0) FROM pg_catalog.pg_depend
WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND refobjid = $1::pg_catalog.oid AND deptype = 'e' ORDER BY 1`,
      [oid ?? null],
    );
    yield* showTable(call, {
      title: `Objects in extension "${name ?? ""}"`,
      headings: ["Object description"],
      rows,
      followsExpanded: true,
    });
  }
}
