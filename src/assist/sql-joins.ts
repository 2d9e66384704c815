// Joins that foreign keys suggest.
import type { Candidate } from "./sql-candidates.ts";
import type { Catalogue, ForeignKey, Relation } from "./catalogue.ts";
import { writeIdentifier } from "./identifiers.ts";
import type { ScopedSource } from "./sql-scope.ts";

const KEY_RANK = 0;
const SAME_NAME_RANK = 4;

/** Conditions for `… JOIN right ON |`: by foreign keys in either direction, then by columns of one name and type. */
export function* joinConditions(
  catalogue: Catalogue,
  { left, right }: { readonly left: readonly ScopedSource[]; readonly right: ScopedSource },
): Generator<Candidate> {
  const keyed = new Set<ScopedSource>();
  for (const other of left.toReversed()) {
    for (const pairs of keysBetween(catalogue, right.relation, other.relation)) {
      keyed.add(other);
      yield condition(
        catalogue,
        pairs.map(([own, far]) => [right, own, other, far] as const),
        "foreign key",
        KEY_RANK,
      );
    }
  }
  for (const other of left.toReversed()) {
    if (keyed.has(other)) continue;
    for (const { name, type } of right.columns) {
      const isShared = other.columns.some((column) => column.name === name && column.type === type);
      if (isShared) yield condition(catalogue, [[right, name, other, name]], "same name", SAME_NAME_RANK);
    }
  }
}

type Equation = readonly [own: ScopedSource, column: string, other: ScopedSource, column: string];

function condition(catalogue: Catalogue, equations: readonly Equation[], detail: string, rank: number): Candidate {
  const name = (text: string): string => writeIdentifier(text, catalogue.dialect);
  const side = (source: ScopedSource, column: string): string => `${name(source.name)}.${name(column)}`;
  const text = equations.map(([own, column, other, far]) => `${side(own, column)} = ${side(other, far)}`).join(" AND ");
  return { match: text, insert: text, kind: "join", detail, rank };
}

type Pairs = readonly (readonly [own: string, far: string])[];

/** The columns that each key between two relations equates, those of `own` first. */
function keysBetween(catalogue: Catalogue, own: Relation | undefined, far: Relation | undefined): readonly Pairs[] {
  if (own === undefined || far === undefined) return [];
  return catalogue.foreignKeysOf(own).flatMap((key) => {
    const outward = key.from === own && key.to === far ? [pairsOf(key, false)] : [];
    const inward = key.to === own && key.from === far ? [pairsOf(key, true)] : [];
    return [...outward, ...inward];
  });
}

function pairsOf({ fromColumns, toColumns }: ForeignKey, swap: boolean): Pairs {
  return fromColumns.map((from, i) => {
    const to = toColumns[i] ?? "";
    return swap ? ([to, from] as const) : ([from, to] as const);
  });
}

/** Whole joins for `… JOIN |`: every relation that a key connects with one that has been named. */
export function* joinedTables(catalogue: Catalogue, sources: readonly ScopedSource[]): Generator<Candidate> {
  const taken = new Set(sources.map(({ name }) => name));
  for (const source of sources.toReversed()) {
    if (source.relation === undefined) continue;
    for (const key of catalogue.foreignKeysOf(source.relation)) {
      for (const other of new Set([key.from, key.to])) {
        const isLoop = key.from === key.to;
        if (other === source.relation && !isLoop) continue;
        const isInward = key.to === source.relation;
        yield joinedTable(catalogue, source, { key, other, taken, isInward });
        if (isLoop) yield joinedTable(catalogue, source, { key, other, taken, isInward: false });
      }
    }
  }
}

interface Joined {
  readonly key: ForeignKey;
  readonly other: Relation;
  readonly taken: ReadonlySet<string>;
  /** The key leads from the other to the source. */
  readonly isInward: boolean;
}

function joinedTable(catalogue: Catalogue, source: ScopedSource, { key, other, taken, isInward }: Joined): Candidate {
  const name = (text: string): string => writeIdentifier(text, catalogue.dialect);
  const alias = freeName(other.name, taken);
  const table = writeRelation(catalogue, other) + (alias === other.name ? "" : ` ${name(alias)}`);
  const equations = pairsOf(key, !isInward).map(
    ([own, far]) => `${name(alias)}.${name(own)} = ${name(source.name)}.${name(far)}`,
  );
  const insert = `${table} ON ${equations.join(" AND ")}`;
  return { match: other.name, insert, kind: "join", detail: "foreign key", rank: KEY_RANK };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}${number}`;
  return free;
}

/** A relation's name as the statement needs it: with its schema where the search path does not find it. */
export function writeRelation(catalogue: Catalogue, relation: Relation): string {
  const name = writeIdentifier(relation.name, catalogue.dialect);
  return catalogue.isVisible(relation) ? name : `${writeIdentifier(relation.schema, catalogue.dialect)}.${name}`;
}
