// \dF, \dFd, \dFp and \dFt; \dF+ and \dFp+ describe each. They run on PostgreSQL 10 to 18.
import { ShellError } from "../../errors.ts";
import type { CommandCall } from "../commands/command.ts";
import type { ScriptEvents } from "../events.ts";
import { comment, when, type ShownColumn } from "./catalogue-sql.ts";
import { askedBy, noneFound, showTable, type Asked, type Query } from "./listing.ts";
import { conditionsOf, type PatternColumns } from "./pattern.ts";

interface TextSearchKind {
  /** In the singular. */
  readonly what: string;
  readonly catalog: string;
  /** What the names of its columns begin with. */
  readonly prefix: string;
  readonly visible: string;
  /** Of `+`. */
  readonly details: readonly ShownColumn[];
}

const CONFIGURATION: TextSearchKind = {
  what: "text search configuration",
  catalog: "pg_ts_config",
  prefix: "cfg",
  visible: "pg_catalog.pg_ts_config_is_visible(o.oid)",
  details: [],
};

const PARSER: TextSearchKind = {
  what: "text search parser",
  catalog: "pg_ts_parser",
  prefix: "prs",
  visible: "pg_catalog.pg_ts_parser_is_visible(o.oid)",
  details: [],
};

const TEMPLATE_OF_DICTIONARY = `(SELECT tn.nspname || '.' || t.tmplname FROM pg_catalog.pg_ts_template t
    LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace WHERE t.oid = o.dicttemplate)`;

const DICTIONARY: TextSearchKind = {
  what: "text search dictionary",
  catalog: "pg_ts_dict",
  prefix: "dict",
  visible: "pg_catalog.pg_ts_dict_is_visible(o.oid)",
  details: [
    ["Template", TEMPLATE_OF_DICTIONARY],
    ["Init options", "o.dictinitoption"],
  ],
};

const TEMPLATE: TextSearchKind = {
  what: "text search template",
  catalog: "pg_ts_template",
  prefix: "tmpl",
  visible: "pg_catalog.pg_ts_template_is_visible(o.oid)",
  details: [
    ["Init", "o.tmplinit::pg_catalog.regproc"],
    ["Lexize", "o.tmpllexize::pg_catalog.regproc"],
  ],
};

function matchingOf({ prefix, visible }: TextSearchKind): PatternColumns {
  return { schema: "n.nspname", name: `o.${prefix}name`, visible };
}

function fromOf({ catalog, prefix }: TextSearchKind): string {
  return `FROM pg_catalog.${catalog} o LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.${prefix}namespace`;
}

function listingOf(kind: TextSearchKind): (asked: Asked) => Query {
  const plural = `${kind.what}s`.replace(/ys$/, "ies");
  return ({ verbose }) => ({
    title: `List of ${plural}`,
    objects: plural,
    columns: [
      ["Schema", "n.nspname"],
      ["Name", `o.${kind.prefix}name`],
      ...when(verbose, ...kind.details),
      ["Description", comment(kind.catalog, "o.oid")],
    ],
    from: fromOf(kind),
    where: [],
    matching: matchingOf(kind),
    order: "1, 2",
  });
}

export const textSearchConfigurations = listingOf(CONFIGURATION);
export const textSearchParsers = listingOf(PARSER);
export const textSearchDictionaries = listingOf(DICTIONARY);
export const textSearchTemplates = listingOf(TEMPLATE);

interface Found {
  readonly oid: string;
  /** Schema and name. */
  readonly name: string;
}

/** Throws `shell/command` where there is none, as psql fails. */
async function found(call: CommandCall, kind: TextSearchKind): Promise<readonly Found[]> {
  const { texts, asked } = await askedBy(call);
  const parameters: string[] = [];
  const conditions = ["true", ...conditionsOf(asked.pattern, matchingOf(kind), parameters)];
  const rows = await call.shell.session.rows(
    `SELECT o.oid, n.nspname || '.' || o.${kind.prefix}name ${fromOf(kind)}
WHERE ${conditions.join(" AND ")} ORDER BY n.nspname, o.${kind.prefix}name`,
    parameters,
  );
  if (rows.length === 0) throw new ShellError("shell/command", noneFound(kind.what, texts[0]).replace(/\.$/, ""));
  return rows.map(([oid, name]) => ({ oid: oid ?? "", name: name ?? "" }));
}

const MAPPINGS = `SELECT t.alias, pg_catalog.string_agg(m.mapdict::pg_catalog.regdictionary::pg_catalog.text, ',' ORDER BY m.mapseqno)
FROM pg_catalog.pg_ts_config c CROSS JOIN LATERAL pg_catalog.ts_token_type(c.cfgparser) t
  JOIN pg_catalog.pg_ts_config_map m ON m.mapcfg = c.oid AND m.maptokentype = t.tokid
WHERE c.oid = $1::pg_catalog.oid GROUP BY t.alias ORDER BY 1`;

const PARSER_OF = `SELECT n.nspname || '.' || p.prsname FROM pg_catalog.pg_ts_config c
  JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace
WHERE c.oid = $1::pg_catalog.oid`;

/** `\dF+`: which dictionaries take the tokens of each configuration. */
export async function* describeConfigurations(call: CommandCall): ScriptEvents {
  const { session } = call.shell;
  for (const { oid, name } of await found(call, CONFIGURATION)) {
    const [parser] = await session.rows(PARSER_OF, [oid]);
    yield* showTable(call, {
      title: `Text search configuration "${name}"\nParser: "${parser?.[0] ?? ""}"`,
      headings: ["Token", "Dictionaries"],
      rows: await session.rows(MAPPINGS, [oid]),
      footers: [],
    });
  }
}

const METHODS = `SELECT m.method, m.function::pg_catalog.regproc, pg_catalog.obj_description(m.function, 'pg_proc')
FROM pg_catalog.pg_ts_parser p CROSS JOIN LATERAL (VALUES (1, 'Start parse', p.prsstart), (2, 'Get next token', p.prstoken),
    (3, 'End parse', p.prsend), (4, 'Get headline', p.prsheadline), (5, 'Get token types', p.prslextype))
  m(place, method, function)
WHERE p.oid = $1::pg_catalog.oid ORDER BY m.place`;

const TOKEN_TYPES = "SELECT t.alias, t.description FROM pg_catalog.ts_token_type($1::pg_catalog.oid) t ORDER BY 1";

/** `\dFp+`: the functions of each parser, and the tokens that it tells apart. */
export async function* describeParsers(call: CommandCall): ScriptEvents {
  const { session } = call.shell;
  for (const { oid, name } of await found(call, PARSER)) {
    const methods = await session.rows(METHODS, [oid]);
    yield* showTable(call, {
      title: `Text search parser "${name}"`,
      headings: ["Method", "Function", "Description"],
      rows: methods,
      footers: [],
    });
    yield* showTable(call, {
      title: `Token types for parser "${name}"`,
      headings: ["Token name", "Description"],
      rows: await session.rows(TOKEN_TYPES, [oid]),
    });
  }
}
