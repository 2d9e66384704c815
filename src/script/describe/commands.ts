import type { Command } from "../commands/command.ts";
import { describeRelations } from "./relation.ts";
import { list } from "./listing.ts";
import { accessPrivileges, databases, extensions, functions, relations, roles, schemas, types } from "./listings.ts";

const MODIFIERS = ["", "+", "S", "S+", "+S"];

function withModifiers(...names: readonly string[]): string[] {
  return names.flatMap((name) => MODIFIERS.map((modifier) => name + modifier));
}

function listing(names: readonly string[], usage: string, summary: string, build: Parameters<typeof list>[1]): Command {
  return { names: withModifiers(...names), group: "describe", usage, summary, run: (call) => list(call, build) };
}

function relationListing(letter: string, what: string): Command {
  return listing([`d${letter}`], `\\d${letter}[S+] [PATTERN]`, `list ${what}`, relations(letter));
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
  listing(["dn"], "\\dn[S+] [PATTERN]", "list schemas", schemas),
  listing(["du", "dg"], "\\du[S+] [PATTERN]", "list roles", roles),
  listing(["df"], "\\df[S+] [PATTERN]", "list functions", functions),
  listing(["dT"], "\\dT[S+] [PATTERN]", "list data types", types),
  listing(["dx"], "\\dx[+] [PATTERN]", "list extensions", extensions),
  listing(["dp", "z"], "\\dp[S] [PATTERN]", "list access rights", accessPrivileges),
  listing(["l", "list"], "\\l[+] [PATTERN]", "list databases", databases),
];
