import type { Command } from "../commands/command.ts";
import { describeRelations } from "./relation.ts";
import { list, type Asked, type Query } from "./listing.ts";
import * as redshift from "./redshift-listings.ts";
import { accessPrivileges, databases, extensions, functions, relations, roles, schemas, types } from "./listings.ts";

const MODIFIERS = ["", "+", "S", "S+", "+S"];

function withModifiers(...names: readonly string[]): string[] {
  return names.flatMap((name) => MODIFIERS.map((modifier) => name + modifier));
}

type Build = (asked: Asked) => Query;

function onServers(postgres: Build, onRedshift: Build): Build {
  return (asked) => (asked.isRedshift ? onRedshift(asked) : postgres(asked));
}

function listing(names: readonly string[], usage: string, summary: string, build: Build): Command {
  return { names: withModifiers(...names), group: "describe", usage, summary, run: (call) => list(call, build) };
}

function relationListing(letter: string, what: string): Command {
  return listing(
    [`d${letter}`],
    `\\d${letter}[S+] [PATTERN]`,
    `list ${what}`,
    onServers(relations(letter), redshift.relations(letter)),
  );
}

export const DESCRIBE_COMMANDS: readonly Command[] = [
  {
    names: withModifiers("d"),
    group: "describe",
    usage: "\\d[S+] [PATTERN]",
    summary: "list relations, or describe those that match",
    run: (call) => describeRelations(call),
  },
  relationListing("t", "tables"),
  relationListing("v", "views"),
  relationListing("m", "materialized views"),
  relationListing("i", "indexes"),
  relationListing("s", "sequences"),
  relationListing("E", "foreign tables"),
  listing(["dn"], "\\dn[S+] [PATTERN]", "list schemas", onServers(schemas, redshift.schemas)),
  listing(["du", "dg"], "\\du[S+] [PATTERN]", "list roles", onServers(roles, redshift.roles)),
  listing(["df"], "\\df[S+] [PATTERN]", "list functions", onServers(functions, redshift.functions)),
  listing(["dT"], "\\dT[S+] [PATTERN]", "list data types", onServers(types, redshift.types)),
  listing(["dx"], "\\dx[+] [PATTERN]", "list extensions", onServers(extensions, redshift.extensions)),
  listing(
    ["dp", "z"],
    "\\dp[S] [PATTERN]",
    "list access rights",
    onServers(accessPrivileges, redshift.accessPrivileges),
  ),
  listing(["l", "list"], "\\l[+] [PATTERN]", "list databases", onServers(databases, redshift.databases)),
];
