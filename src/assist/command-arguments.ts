// What shell commands take, argument by argument.
import type { RelationKind } from "./catalogue.ts";

export type Argument =
  | "relation"
  | "schema"
  | "role"
  | "function"
  | "type"
  | "database"
  | "file"
  | "folder"
  | "variable"
  | "job"
  | "nothing";

/** The kinds of relations that each of these lists or names. */
export const RELATIONS_OF: Readonly<Record<string, readonly RelationKind[]>> = {
  d: ["table", "view", "sequence", "index"],
  dt: ["table"],
  dv: ["view"],
  dm: ["view"],
  di: ["index"],
  ds: ["sequence"],
  dE: ["table"],
  dP: ["table"],
  det: ["table"],
  dp: ["table", "view", "sequence"],
  z: ["table", "view", "sequence"],
  sv: ["view"],
};

/** By the command's name without `+` and `S`. */
export const ARGUMENTS: Readonly<Record<string, readonly Argument[]>> = {
  ...Object.fromEntries(Object.keys(RELATIONS_OF).map((name) => [name, ["relation"]] as const)),
  dn: ["schema"],
  du: ["role"],
  dg: ["role"],
  password: ["role"],
  df: ["function"],
  da: ["function"],
  sf: ["function"],
  ddp: ["schema"],
  drds: ["role", "database"],
  dC: ["type"],
  dD: ["type"],
  dT: ["type"],
  l: ["database"],
  list: ["database"],
  c: ["database", "role"],
  connect: ["database", "role"],
  i: ["file"],
  include: ["file"],
  ir: ["file"],
  include_relative: ["file"],
  o: ["file"],
  out: ["file"],
  g: ["file"],
  gx: ["file"],
  e: ["file"],
  edit: ["file"],
  s: ["file"],
  last: ["nothing", "file"],
  cd: ["folder"],
  set: ["variable"],
  unset: ["variable"],
  fg: ["job"],
};

const SWITCH = ["on", "off"];
const FORMATS = ["aligned", "unaligned", "csv", "json", "ndjson"];

/** What a command's first argument may be, where there are a few. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  x: [...SWITCH, "auto"],
  t: SWITCH,
  timing: SWITCH,
  encoding: ["UTF8"],
  last: [...FORMATS, "x"],
  pset: [
    "border",
    "csv_fieldsep",
    "expanded",
    "fieldsep",
    "fieldsep_zero",
    "footer",
    "format",
    "maxrows",
    "null",
    "numericlocale",
    "pager",
    "recordsep",
    "recordsep_zero",
    "title",
    "tuples_only",
  ],
};

/** And the second, after a given first. */
export const SECOND: Readonly<Record<string, readonly string[]>> = {
  "pset format": FORMATS,
  "pset border": ["0", "1", "2"],
  "pset expanded": [...SWITCH, "auto"],
  "pset x": [...SWITCH, "auto"],
  "pset footer": SWITCH,
  "pset maxrows": ["0", "500"],
  "pset numericlocale": ["off"],
  "pset pager": SWITCH,
  "pset t": SWITCH,
  "pset tuples_only": SWITCH,
  "set ON_ERROR_STOP": SWITCH,
};

/** Variables that mean something before anybody has set them. */
export const KNOWN_VARIABLES: readonly string[] = ["NOTIFY_SECONDS", "ON_ERROR_STOP"];

/** How \\secret is told where a value is to be had. */
export const SECRET_SOURCES: readonly string[] = ["env:", "file:", "prompt"];

/** Commands whose arguments are a statement, and what stands before them in it. */
export const STATEMENT_BEFORE: Readonly<Record<string, string>> = {
  copy: "copy ",
  plan: "",
  timeline: "SHOW BACKUPS IN ",
};
