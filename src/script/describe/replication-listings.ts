// \dRp and \dRs: what is published, and what is subscribed to. They run on PostgreSQL 10 to 18.
import { ShellError } from "../../errors.ts";
import type { CommandCall } from "../commands/command.ts";
import type { ScriptEvents } from "../events.ts";
import { roleName, when, type ShownColumn } from "./catalogue-sql.ts";
import { askedBy, noneFound, showTable, type Asked, type Query } from "./listing.ts";
import { conditionsOf } from "./pattern.ts";

function publicationColumns({ versionNumber }: Asked): readonly ShownColumn[] {
  const generated = "CASE p.pubgencols WHEN 'n' THEN 'none' WHEN 's' THEN 'stored' END";
  return [
    ["Owner", roleName("p.pubowner")],
    ["All tables", "p.puballtables"],
    ["Inserts", "p.pubinsert"],
    ["Updates", "p.pubupdate"],
    ["Deletes", "p.pubdelete"],
    ...when(versionNumber >= 110_000, ["Truncates", "p.pubtruncate"]),
    ...when(versionNumber >= 180_000, ["Generated columns", generated]),
    ...when(versionNumber >= 130_000, ["Via root", "p.pubviaroot"]),
  ];
}

export function publications(asked: Asked): Query {
  return {
    title: "List of publications",
    objects: "publications",
    columns: [["Name", "p.pubname"], ...publicationColumns(asked)],
    from: "FROM pg_catalog.pg_publication p",
    where: [],
    matching: { name: "p.pubname" },
    order: "1",
  };
}

/** Columns and rows of a table can be chosen since version 15. */
function tablesOf(versionNumber: number): string {
  const chosen = `coalesce(' (' || (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY k.place)
      FROM pg_catalog.unnest(pr.prattrs) WITH ORDINALITY k(attnum, place)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = pr.prrelid AND a.attnum = k.attnum) || ')', '')
    || coalesce(' WHERE ' || pg_catalog.pg_get_expr(pr.prqual, pr.prrelid), '')`;
  return `SELECT '    "' || n.nspname || '.' || c.relname || '"'${versionNumber >= 150_000 ? ` || ${chosen}` : ""}
FROM pg_catalog.pg_publication_rel pr JOIN pg_catalog.pg_class c ON c.oid = pr.prrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pr.prpubid = $1::pg_catalog.oid ORDER BY n.nspname, c.relname`;
}

const SCHEMAS = `SELECT '    "' || n.nspname || '"' FROM pg_catalog.pg_publication_namespace pn
  JOIN pg_catalog.pg_namespace n ON n.oid = pn.pnnspid
WHERE pn.pnpubid = $1::pg_catalog.oid ORDER BY n.nspname`;

/** `\dRp+`: each publication with its tables. */
export async function* describePublications(call: CommandCall): ScriptEvents {
  const { texts, asked } = await askedBy(call);
  const { session } = call.shell;
  const columns = publicationColumns(asked);
  const parameters: string[] = [];
  const conditions = ["true", ...conditionsOf(asked.pattern, { name: "p.pubname" }, parameters)];
  const found = await session.rows(
    `SELECT p.oid, p.pubname, ${columns.map(([, expression]) => expression).join(", ")}
FROM pg_catalog.pg_publication p WHERE ${conditions.join(" AND ")} ORDER BY 2`,
    parameters,
  );
  if (found.length === 0) {
    throw new ShellError("shell/command", noneFound("publication", texts[0]).replace(/\.$/, ""));
  }
  for (const [oid = null, name, ...shown] of found) {
    const lines = async (heading: string, sql: string): Promise<string[]> => {
      const rows = await session.rows(sql, [oid]);
      return rows.length === 0 ? [] : [heading, ...rows.map(([line]) => line ?? "")];
    };
    const footers = [
      ...(await lines("Tables:", tablesOf(asked.versionNumber))),
      ...(asked.versionNumber >= 150_000 ? await lines("Tables from schemas:", SCHEMAS) : []),
    ];
    yield* showTable(call, {
      title: `Publication ${name ?? ""}`,
      headings: columns.map(([heading]) => heading),
      rows: [shown],
      ...(footers.length === 0 ? {} : { footers }),
    });
  }
}

/** Of this database; others' are not to be seen in it. */
export function subscriptions({ verbose, versionNumber }: Asked): Query {
  const streaming =
    versionNumber >= 160_000
      ? "CASE s.substream WHEN 'f' THEN 'off' WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' END"
      : "s.substream";
  return {
    title: "List of subscriptions",
    objects: "subscriptions",
    columns: [
      ["Name", "s.subname"],
      ["Owner", roleName("s.subowner")],
      ["Enabled", "s.subenabled"],
      ["Publication", "s.subpublications"],
      ...when(verbose && versionNumber >= 140_000, ["Binary", "s.subbinary"], ["Streaming", streaming]),
      ...when(
        verbose && versionNumber >= 150_000,
        ["Two-phase commit", "s.subtwophasestate"],
        ["Disable on error", "s.subdisableonerr"],
      ),
      ...when(
        verbose && versionNumber >= 160_000,
        ["Origin", "s.suborigin"],
        ["Password required", "s.subpasswordrequired"],
        ["Run as owner?", "s.subrunasowner"],
      ),
      ...when(verbose && versionNumber >= 170_000, ["Failover", "s.subfailover"]),
      ...when(verbose, ["Synchronous commit", "s.subsynccommit"], ["Conninfo", "s.subconninfo"]),
      ...when(verbose && versionNumber >= 150_000, ["Skip LSN", "s.subskiplsn"]),
    ],
    from: "FROM pg_catalog.pg_subscription s",
    where: ["s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())"],
    matching: { name: "s.subname" },
    order: "1",
  };
}
