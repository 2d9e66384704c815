import type { Command } from "../commands/command.ts";
import * as methods from "./access-methods.ts";
import * as foreign from "./foreign-listings.ts";
import {
  describeEach,
  listing,
  listingOf,
  notOnRedshift,
  onServers,
  withModifiers,
  type Build,
} from "./listing-command.ts";
import * as objects from "./object-listings.ts";
import * as redshift from "./redshift-object-listings.ts";
import * as replication from "./replication-listings.ts";
import * as server from "./server-listings.ts";
import * as textSearch from "./text-search-listings.ts";

/** `\dA` and its kin know no system objects, and ask for a second pattern. */
function methodListing(letter: string, patterns: string, what: string, build: Build): Command {
  const names = [`dA${letter}`, `dA${letter}+`];
  const isOfTypes = letter === "c" || letter === "f";
  return listingOf(names, `\\dA${letter}[+] [${patterns}]`, `list ${what}`, {
    build: onServers(build, notOnRedshift("access methods")),
    taking: { patternsMax: letter === "" ? 1 : 2, ...(isOfTypes ? { typesBehind: true } : {}) },
  });
}

function foreignListing(letters: string, what: string, build: Build): Command {
  const refusal = notOnRedshift(what, "svv_external_schemas and \\dE list what is outside");
  return listing([letters], `\\${letters}[+] [PATTERN]`, `list ${what}`, onServers(build, refusal));
}

function textSearchListing(letter: string, what: string, build: Build): Command {
  const refusal = notOnRedshift(`text search ${what}`);
  return listing([`dF${letter}`], `\\dF${letter}[+] [PATTERN]`, `list text search ${what}`, onServers(build, refusal));
}

/** The listing, but for its names with `+`, which describe each. */
function describing(command: Command, what: string, run: Command["run"]): Command {
  return {
    ...command,
    run: (call) => (call.name.includes("+") ? describeEach(call, { what, run }) : command.run(call)),
  };
}

const ACCESS_METHODS: readonly Command[] = [
  methodListing("", "PATTERN", "access methods", methods.accessMethods),
  methodListing("c", "METHOD [TYPE]", "operator classes", methods.operatorClasses),
  methodListing("f", "METHOD [TYPE]", "operator families", methods.operatorFamilies),
  methodListing("o", "METHOD [FAMILY]", "operators of operator families", methods.familyOperators),
  methodListing("p", "METHOD [FAMILY]", "support functions of operator families", methods.familyFunctions),
];

const FOREIGN: readonly Command[] = [
  foreignListing("des", "foreign servers", foreign.foreignServers),
  foreignListing("det", "foreign tables", foreign.foreignTables),
  foreignListing("deu", "user mappings", foreign.userMappings),
  foreignListing("dew", "foreign-data wrappers", foreign.foreignDataWrappers),
];

const TEXT_SEARCH: readonly Command[] = [
  describing(
    textSearchListing("", "configurations", textSearch.textSearchConfigurations),
    "text search configurations",
    textSearch.describeConfigurations,
  ),
  textSearchListing("d", "dictionaries", textSearch.textSearchDictionaries),
  describing(
    textSearchListing("p", "parsers", textSearch.textSearchParsers),
    "text search parsers",
    textSearch.describeParsers,
  ),
  textSearchListing("t", "templates", textSearch.textSearchTemplates),
];

const OPERATORS = onServers(objects.operators, redshift.operators);
const PARAMETERS = onServers(server.parameters, redshift.parameters);
const ROLE_SETTINGS = onServers(
  server.roleSettings,
  notOnRedshift("settings of roles in databases", "pg_user.useconfig holds those of users"),
);
const LARGE_OBJECTS = onServers(server.largeObjects, notOnRedshift("large objects"));
const PUBLICATIONS = onServers(replication.publications, notOnRedshift("publications"));

const OBJECTS: readonly Command[] = [
  listing(["da"], "\\da[S] [PATTERN]", "list aggregates", onServers(objects.aggregates, redshift.aggregates)),
  listing(["db"], "\\db[+] [PATTERN]", "list tablespaces", onServers(server.tablespaces, notOnRedshift("tablespaces"))),
  listing(
    ["dc"],
    "\\dc[S+] [PATTERN]",
    "list conversions between encodings",
    onServers(objects.conversions, notOnRedshift("conversions", "all text is UTF8")),
  ),
  listing(["dC"], "\\dC[+] [PATTERN]", "list casts", onServers(objects.casts, redshift.casts)),
  listingOf(["dconfig", "dconfig+"], "\\dconfig[+] [PATTERN]", "list configuration parameters", {
    build: PARAMETERS,
    taking: { dotsBelong: true },
  }),
  listing(
    ["dd"],
    "\\dd[S] [PATTERN]",
    "list comments that no other listing shows",
    onServers(server.descriptions, notOnRedshift("objects that \\dd describes")),
  ),
  listing(
    ["ddp"],
    "\\ddp [PATTERN]",
    "list default access rights",
    onServers(server.defaultPrivileges, notOnRedshift("pg_default_acl", "svv_default_privileges lists the rights")),
  ),
  listingOf(["dl", "dl+", "lo_list", "lo_list+"], "\\dl[+]", "list large objects", {
    build: LARGE_OBJECTS,
    taking: { patternsMax: 0 },
  }),
  listing(["dL"], "\\dL[S+] [PATTERN]", "list languages", onServers(objects.languages, redshift.languages)),
  listingOf(withModifiers("do"), "\\do[S+] [PATTERN [TYPE [TYPE]]]", "list operators", {
    build: OPERATORS,
    taking: { patternsMax: 3, signsBelong: true, typesBehind: true },
  }),
  listing(["dO"], "\\dO[S+] [PATTERN]", "list collations", onServers(objects.collations, notOnRedshift("collations"))),
  listingOf(["drds"], "\\drds [ROLE [DATABASE]]", "list settings of roles in databases", {
    build: ROLE_SETTINGS,
    taking: { patternsMax: 2 },
  }),
  describing(
    listing(["dRp"], "\\dRp[+] [PATTERN]", "list publications", PUBLICATIONS),
    "publications",
    replication.describePublications,
  ),
  listing(
    ["dRs"],
    "\\dRs[+] [PATTERN]",
    "list subscriptions",
    onServers(replication.subscriptions, notOnRedshift("subscriptions")),
  ),
  listing(
    ["dX"],
    "\\dX [PATTERN]",
    "list extended statistics",
    onServers(objects.extendedStatistics, notOnRedshift("extended statistics")),
  ),
  listing(
    ["dy"],
    "\\dy[+] [PATTERN]",
    "list event triggers",
    onServers(server.eventTriggers, notOnRedshift("event triggers")),
  ),
];

/** Listings of everything but relations and what \d itself shows of them. */
export const OBJECT_COMMANDS: readonly Command[] = [...OBJECTS, ...ACCESS_METHODS, ...FOREIGN, ...TEXT_SEARCH];
