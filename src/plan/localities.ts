// Destinations by locality (CockroachDB's rules): one URI of a list is the default one, each other is for a tier
// `key=value` of the nodes that write there, said in its COCKROACH_LOCALITY.
import type { Span, TextNode } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";

/** A location and where its URI stands in the statement. */
export interface PlacedLocation {
  readonly location: Location;
  readonly node: TextNode;
}

/** What a statement does at its destinations: who writes must say which is for whom. */
export type LocalityUse = "write" | "read";

const PARAMETER = "COCKROACH_LOCALITY";
const DEFAULT = "default";

/**
 * The location of the only URI.
 * @param what it is, for the complaint.
 * @throws ShellError `location/invalid` for a locality of its own: there is no other place for the rest.
 */
export function singleLocation({ location, node }: PlacedLocation, what = "BACKUP location"): Location {
  const locality = location.text(PARAMETER) ?? DEFAULT;
  if (locality === DEFAULT) return location;
  throw invalid(
    `${PARAMETER} ${locality} is invalid for a single ${what}`,
    `leave ${PARAMETER} out, or name one more URI with ${PARAMETER}=${DEFAULT}`,
    node.span,
  );
}

/**
 * Checks a list of two or more.
 * @throws ShellError `location/invalid` for a list that breaks the rules, else `engine/unsupported`: what is written or
 * read by locality is a feature to come.
 */
export function refuseLocalities(list: readonly PlacedLocation[], use: LocalityUse): never {
  checkDefault(list, use);
  checkTiers(list);
  throw new ShellError("engine/unsupported", `backups by locality cannot be ${PARTICIPLE[use]} yet`, {
    detail: list.map(({ location }) => `${location.text(PARAMETER) ?? DEFAULT}: ${location.label}`),
    hint: "the list is right, but this comes later: name one collection",
    note: use === "write" ? "nothing was written" : "nothing was changed",
    ...(list[1] === undefined ? {} : { span: list[1].node.span }),
  });
}

const PARTICIPLE: Readonly<Record<LocalityUse, string>> = { write: "written", read: "read" };

function checkDefault(list: readonly PlacedLocation[], use: LocalityUse): void {
  const [first, ...others] = list;
  if (use === "read") {
    // Who reads may leave the parameter out; the first one is the default then.
    const locality = first?.location.text(PARAMETER) ?? DEFAULT;
    if (first !== undefined && locality !== DEFAULT) {
      throw invalid(
        `the first of several URIs must be the one with ${PARAMETER}=${DEFAULT}, not ${locality}`,
        "put the default one first",
        first.node.span,
      );
    }
    refuseSecondDefault(others.filter(({ location }) => location.text(PARAMETER) === DEFAULT));
    return;
  }
  const silent = list.find(({ location }) => location.text(PARAMETER) === undefined);
  if (silent !== undefined) {
    throw invalid(
      `multiple URLs are provided for partitioned BACKUP, but ${PARAMETER} is not specified`,
      `add ${PARAMETER}=${DEFAULT} to one of them, and ${PARAMETER}=region%3Dname to each other`,
      silent.node.span,
    );
  }
  const defaults = list.filter(({ location }) => location.text(PARAMETER) === DEFAULT);
  refuseSecondDefault(defaults.slice(1));
  if (defaults.length === 0 && first !== undefined) {
    throw invalid(
      "no default URL provided for partitioned backup",
      `one of the URIs must have ${PARAMETER}=${DEFAULT}: it takes what no other is for`,
      first.node.span,
    );
  }
}

function refuseSecondDefault([second]: readonly PlacedLocation[]): void {
  if (second === undefined) return;
  throw invalid(
    "multiple default URLs provided for partition backup",
    `only one URI has ${PARAMETER}=${DEFAULT}`,
    second.node.span,
  );
}

function checkTiers(list: readonly PlacedLocation[]): void {
  const seen = new Set<string>();
  for (const { location, node } of list) {
    const tier = location.text(PARAMETER);
    if (tier === undefined) continue;
    if (seen.has(tier)) throw invalid(`duplicate URIs for locality ${tier}`, "name one URI a locality", node.span);
    seen.add(tier);
  }
}

function invalid(message: string, hint: string, span: Span): ShellError {
  return new ShellError("location/invalid", message, { hint, span, note: "nothing was changed" });
}
