import type { Command } from "../commands/command.ts";
import { extensionObjects } from "./extension-objects.ts";
import { describeRelations } from "./relation.ts";
import { list, type Asked, type Query } from "./listing.ts";
import { listing, listingOf, notOnRedshift, onServers, withModifiers } from "./listing-command.ts";
import { domains, partitioned } from "./more-listings.ts";
import { OBJECT_COMMANDS } from "./object-commands.ts";
import * as redshift from "./redshift-listings.ts";
import { showFunction, showView } from "./sources.ts";
import { ARGUMENTS_MAX, functions } from "./functions.ts";
import { accessPrivileges, databases, extensions, relations, roles, schemas, types } from "./listings.ts";

function relationListing(letter: string, what: string): Command {
  return listing(
    [`d${letter}`],
    `\\d${letter}[S+] [PATTERN]`,
    `list ${what}`,
    onServers(relations(letter), redshift.relations(letter)),
  );
}

/** `\dtv+`: any mixture of the letters of \dt, \dv, \dm, \di, \ds and \dE; undefined for any other name. */
export function mixedListing(name: string): Command | undefined {
  const [, letters] = /^d([tvmisE]{2,})[S+]*$/.exec(name) ?? [];
  return letters === undefined ? undefined : relationListing(letters, "relations of several kinds");
}

const FUNCTION_KINDS = ["", "a", "n", "p", "t", "w"];

function functionsOnRedshift(asked: Asked): Query {
  return asked.more.length === 0 ? redshift.functions(asked) : notOnRedshift("\\df by types of arguments")();
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
  listing(
    ["dP", "dPt", "dPi", "dPn", "dPtn", "dPnt", "dPin", "dPni"],
    "\\dP[tin+] [PATTERN]",
    "list partitioned relations",
    onServers((asked) => partitioned(asked.letters)(asked), notOnRedshift("partitioned tables")),
  ),
  listing(["dD"], "\\dD[S+] [PATTERN]", "list domains", onServers(domains, notOnRedshift("domains"))),
  {
    names: ["sf", "sf+"],
    group: "describe",
    usage: "\\sf[+] FUNCTION",
    summary: "a function's definition",
    run: showFunction,
  },
  { names: ["sv", "sv+"], group: "describe", usage: "\\sv[+] VIEW", summary: "a view's definition", run: showView },
  listing(["dn"], "\\dn[S+] [PATTERN]", "list schemas", onServers(schemas, redshift.schemas)),
  listing(["du", "dg"], "\\du[S+] [PATTERN]", "list roles", onServers(roles, redshift.roles)),
  listingOf(
    withModifiers(...FUNCTION_KINDS.map((kind) => `df${kind}`)),
    "\\df[anptwS+] [PATTERN [TYPE …]]",
    "list functions; a, n, p, t and w pick kinds",
    { build: onServers(functions, functionsOnRedshift), taking: { patternsMax: ARGUMENTS_MAX + 1, typesBehind: true } },
  ),
  listing(["dT"], "\\dT[S+] [PATTERN]", "list data types", onServers(types, redshift.types)),
  {
    names: ["dx"],
    group: "describe",
    usage: "\\dx[+] [PATTERN]",
    summary: "list extensions",
    run: (call) => list(call, onServers(extensions, redshift.extensions)),
  },
  {
    names: ["dx+"],
    group: "describe",
    usage: "\\dx+ [PATTERN]",
    summary: "what extensions consist of",
    run: extensionObjects,
  },
  listing(
    ["dp", "z"],
    "\\dp[S] [PATTERN]",
    "list access rights",
    onServers(accessPrivileges, redshift.accessPrivileges),
  ),
  listing(["l", "list"], "\\l[+] [PATTERN]", "list databases", onServers(databases, redshift.databases)),
  ...OBJECT_COMMANDS,
];
