// Completion inside the strings of our own statements: places, backups, keys, and the values that options take.
import type { Span, StringPlace } from "../../grammar/index.ts";
import { connectionType, parseConnectionUri, type ExternalConnection } from "../external/connections.ts";
import { findScheme, SCHEMES, type SchemeRule } from "../location-schemes.ts";
import type { Completions, JobName } from "./assistant.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Places } from "./places.ts";
import { rankCandidates, type Candidate } from "./sql-candidates.ts";
import { usedLocations } from "./used-locations.ts";

export interface LocationSources {
  readonly places: Places;
  readonly connections: () => Promise<readonly ExternalConnection[]>;
  readonly recent: () => readonly string[];
  readonly catalogue: Catalogue;
  /** Keys of the keyring, by name. */
  readonly localKeys: () => Promise<readonly string[]>;
  /** Detached jobs of the session, by their ids. */
  readonly detached?: (() => readonly JobName[]) | undefined;
}

type Kind = "storage" | "kms";

/** What stands in a string on both sides of the cursor. */
export interface TypedString {
  readonly typed: string;
  readonly rest: string;
  /** What ends the string, where it is still missing. */
  readonly closing: string;
}

export async function completeString(
  place: StringPlace,
  { typed, rest, closing }: TypedString,
  sources: LocationSources,
  signal: AbortSignal,
): Promise<Completions> {
  const { content, position, statement, path } = place;
  const whole = { start: content.start, end: content.end };
  if (position === "passphrase" || position === "credentials") return { span: whole, items: [] };
  if (path.includes("subdirectory")) {
    const backups = await backupsOf(statement, sources.places, signal);
    const items = backups.map((name): Candidate => ({
      ...item(name, `${name}${closing}`, "backup", timeOf(name)),
      strict: "words",
    }));
    return {
      span: whole,
      items: rankCandidates([item("LATEST", `LATEST${closing}`, "backup", "the newest"), ...items], typed),
    };
  }
  if (position === "text") {
    const values = isNamed(place) ? await namesOf(sources, closing) : valuesOf(place, sources.catalogue, closing);
    return { span: whole, items: rankCandidates(values, typed) };
  }
  const kinds: readonly Kind[] = isConnection(statement.kind)
    ? ["storage", "kms"]
    : [position === "kms" ? "kms" : "storage"];
  const isNew = statement.kind === "create-kms-key";
  return completeUri(typed, { ...whole, rest, closing }, kinds, { sources, signal, isNew });
}

/** Where a connection that there is goes by its name. */
export function isNamed({ statement, path }: StringPlace): boolean {
  const isOld = isConnectionStatement(statement.kind) && statement.kind !== "create-external-connection";
  return isOld && (path[0] === "name" || path[0] === "target");
}

async function namesOf({ connections }: LocationSources, closing: string): Promise<Candidate[]> {
  const all = await connections();
  return all.map(({ name, uri }) => item(name, `${name}${closing}`, "connection", uri.toString()));
}

function isConnectionStatement(kind: string): boolean {
  return kind.endsWith("external-connection");
}

function isConnection(kind: string): boolean {
  return kind === "create-external-connection" || kind === "alter-external-connection";
}

function item(match: string, insert: string, kind: Candidate["kind"], detail?: string, rank = 1): Candidate {
  return { match, insert, label: match, kind, rank, ...(detail === undefined ? {} : { detail }) };
}

interface Around {
  readonly sources: LocationSources;
  readonly signal: AbortSignal;
  /** What is named is to be made: nothing that there is will do. */
  readonly isNew: boolean;
}

interface Whole {
  readonly start: number;
  readonly end: number;
  readonly rest: string;
  readonly closing: string;
}

async function completeUri(typed: string, whole: Whole, kinds: readonly Kind[], around: Around): Promise<Completions> {
  const { start, end, closing } = whole;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(typed)?.[1];
  const query = typed.indexOf("?");
  const rules =
    scheme === undefined ? [] : kinds.map((kind) => findScheme(kind, scheme)).filter((one) => one !== undefined);
  if (rules.length > 0 && query !== -1) {
    const at = typed.lastIndexOf("&") === -1 ? query + 1 : typed.lastIndexOf("&") + 1;
    const given = typed.slice(query + 1, at).split("&");
    return completeParameter(typed.slice(at), { start: start + at, end }, rules, given);
  }
  // A connection cannot lead to another.
  const connections = kinds.length > 1 ? [] : await connectionNames(kinds, around.sources, closing);
  const keys = kinds.includes("kms") ? await keysOfRing(around.sources, closing) : [];
  const known = around.isNew ? [] : [...connections, ...used(kinds, around.sources, closing), ...keys];
  if (scheme === undefined) {
    const items = rankCandidates([...known, ...schemeStarts(kinds)], typed);
    return { span: { start, end }, items };
  }
  const slash = typed.lastIndexOf("/") + 1;
  const isPlace = kinds.includes("storage") && slash > scheme.length + 3;
  if (!isPlace) return { span: { start, end }, items: rankCandidates(known, typed) };
  const folder = unquoted(typed.slice(0, slash));
  // How to sign in may stand behind the cursor.
  const parameters = whole.rest.includes("?") ? whole.rest.slice(whole.rest.indexOf("?")) : "";
  const names = await around.sources.places.namesIn(folder + parameters, around.signal);
  // A URI cannot hold a control character, however it is written.
  const below = names
    .filter((name) => !/^\.|\p{Cc}/u.test(name))
    .map((name): Candidate => {
      const written = uriName(name);
      return { match: written, insert: quoted(written), label: name, kind: "location", rank: 1 };
    });
  // Whole URIs that begin as typed go on from the same place.
  const further = known.flatMap((one) =>
    one.match.startsWith(folder) && one.match.length > slash
      ? [{ ...one, match: one.match.slice(slash), insert: one.insert.slice(slash), rank: 2 }]
      : [],
  );
  return {
    span: { start: start + slash, end },
    items: rankCandidates([...below, ...further], unquoted(typed.slice(slash))),
  };
}

/** A name as it stands in a URI's path, which is decoded. */
function uriName(name: string): string {
  return name.replaceAll("%", "%25").replaceAll("?", "%3F");
}

function unquoted(text: string): string {
  return text.replaceAll("''", "'");
}

function quoted(text: string): string {
  return text.replaceAll("'", "''");
}

async function connectionNames(
  kinds: readonly Kind[],
  sources: LocationSources,
  closing: string,
): Promise<Candidate[]> {
  const all = await sources.connections();
  return all.flatMap(({ name, uri }) => {
    const parsed = parseConnectionUri(uri.reveal());
    if (!parsed.ok || !kinds.includes(parsed.value.kind)) return [];
    const text = `external://${name}`;
    const end = parsed.value.kind === "kms" ? closing : "";
    return [item(text, `${text}${end}`, "connection", `${connectionType(parsed.value.kind)} ${uri.toString()}`, 0)];
  });
}

function used(kinds: readonly Kind[], sources: LocationSources, closing: string): Candidate[] {
  return usedLocations(sources.recent())
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ uri, kind }) => item(uri, `${quoted(uri)}${closing}`, kind === "kms" ? "key" : "location", "used before"));
}

async function keysOfRing({ localKeys }: LocationSources, closing: string): Promise<Candidate[]> {
  const names = await localKeys();
  return names.map((name) => {
    const uri = `local-kms:///${name}`;
    return item(uri, `${quoted(uri)}${closing}`, "key", "in the keyring");
  });
}

function schemeStarts(kinds: readonly Kind[]): Candidate[] {
  return SCHEMES.filter(({ kind, scheme }) => kinds.includes(kind) && scheme !== "external").map(
    ({ scheme, host, kind, example }) => {
      const start = `${scheme}://${host === "none" ? "/" : host === "node" ? "1/" : ""}`;
      return item(start, start, kind === "kms" ? "key" : "location", example, 2);
    },
  );
}

/** `NAME` or `NAME=value` after `?` or `&`. */
function completeParameter(
  piece: string,
  { start, end }: Span,
  rules: readonly SchemeRule[],
  given: readonly string[],
): Completions {
  const parameters = Object.assign({}, ...rules.map((rule) => rule.parameters)) as SchemeRule["parameters"];
  const equals = piece.indexOf("=");
  if (equals === -1) {
    const free = Object.entries(parameters).filter(([name]) => !given.some((one) => one.startsWith(`${name}=`)));
    const names = free.map(([name, { secret }]) =>
      item(name, `${name}=`, "option", secret === true ? "secret" : undefined),
    );
    return { span: { start, end }, items: rankCandidates(names, piece) };
  }
  const values = parameters[piece.slice(0, equals)]?.values ?? [];
  const items = rankCandidates(
    values.map((value) => item(value, value, "value")),
    piece.slice(equals + 1),
  );
  return { span: { start: start + equals + 1, end }, items };
}

/** Backups of the collection that the statement names. */
async function backupsOf(statement: object, places: Places, signal: AbortSignal): Promise<readonly string[]> {
  const collection: unknown = "collection" in statement ? statement.collection : undefined;
  const first: unknown = Array.isArray(collection) ? collection[0] : undefined;
  if (typeof first !== "object" || first === null || !("value" in first) || typeof first.value !== "string") return [];
  return first.value === "" ? [] : places.backupsIn(first.value, signal);
}

/** `2026/11/21-071826.12` as a time. */
function timeOf(folder: string): string | undefined {
  const found = /^(\d{4})\/(\d\d)\/(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(folder);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  return `${year}-${month}-${day} ${hour}:${minute}:${second} UTC`;
}

/** Values of options that take one of a few, or the name of a database. */
function valuesOf({ path, statement }: StringPlace, catalogue: Catalogue, closing: string): readonly Candidate[] {
  const options: unknown = "options" in statement ? statement.options : undefined;
  const option: unknown = Array.isArray(options) && path[0] === "options" ? options[Number(path[1])] : undefined;
  const name: unknown = typeof option === "object" && option !== null && "name" in option ? option.name : undefined;
  const values = name === "rows" ? ["binary", "text"] : name === "into_db" ? catalogue.databases : [];
  return values.map((value) => item(value, `${quoted(value)}${closing}`, "value"));
}
