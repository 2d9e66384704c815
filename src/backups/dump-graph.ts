// How the entries of a dump belong together. pg_dump writes for each entry what must exist before it; which of those
// an entry is a part of (an index of its table) follows from its type and text.
import type { DumpEntry } from "../formats/dump-toc.ts";

const RELATIONS: ReadonlySet<string> = new Set(["TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE"]);

// Entries that are a part of a relation, or of a domain, and are nothing without it.
const PARTS: ReadonlySet<string> = new Set([
  "DEFAULT",
  "INDEX",
  "CONSTRAINT",
  "CHECK CONSTRAINT",
  "FK CONSTRAINT",
  "TRIGGER",
  "RULE",
  "POLICY",
  "ROW SECURITY",
  "STATISTICS",
  "MATERIALIZED VIEW DATA",
  "SEQUENCE OWNED BY",
]);

const REMARKS: ReadonlySet<string> = new Set(["COMMENT", "ACL", "SECURITY LABEL"]);

/** What is restored by other means or not at all, or what is a setting of the dump itself. */
const NOT_OBJECTS: ReadonlySet<string> = new Set([
  "ENCODING",
  "STDSTRINGS",
  "SEARCHPATH",
  "DATABASE",
  "DATABASE PROPERTIES",
  "BLOB",
  "BLOB METADATA",
  "BLOBS",
]);

/** Large objects. Backups before they were kept have such entries, without what is in the objects; later ones have none. */
export function isLargeObject(entry: DumpEntry): boolean {
  return entry.type === "BLOB" || entry.type === "BLOB METADATA" || entry.type === "BLOBS";
}

export function isRelation(entry: DumpEntry): boolean {
  return RELATIONS.has(entry.type);
}

/** COMMENT, ACL or SECURITY LABEL: said about another entry, the first it depends on. */
export function isRemark(entry: DumpEntry): boolean {
  return REMARKS.has(entry.type);
}

/**
 * Every database has it from the start. pg_dump describes it when its owner is not the one it has since PostgreSQL 15,
 * and what is said about it then belongs to a restore of the whole database.
 */
export function isPublicSchema(entry: DumpEntry): boolean {
  return entry.type === "SCHEMA" && entry.tag === "public";
}

/** The object's name as pg_dump quotes it, from its DROP text: `sales.customer` of `DROP TABLE sales.customer;`. */
export function writtenName(entry: DumpEntry): string {
  const start = `DROP ${entry.type} `;
  return entry.drop.startsWith(start) ? entry.drop.slice(start.length).replace(/(?: CASCADE)?;\n?$/, "") : "";
}

function isWrittenFor(part: DumpEntry, whole: DumpEntry): boolean {
  const name = writtenName(whole);
  const places = [`TABLE ${name} `, `ONLY ${name} `, `ON ${name} `, `ON ${name};`, `VIEW ${name} `, `FROM ${name};`];
  // ADD CONSTRAINT stands on a line of its own.
  places.push(`TABLE ${name}\n`, `ONLY ${name}\n`, `ON ${name}\n`, `DOMAIN ${name} `);
  const texts = part.drop === "" || part.type === "INDEX" || part.type === "STATISTICS" ? [part.create] : [part.drop];
  return places.some((place) => texts.some((text) => text.includes(place)));
}

export class DumpGraph {
  readonly entries: readonly DumpEntry[];
  readonly #byId: ReadonlyMap<number, DumpEntry>;
  readonly #wholes = new Map<number, DumpEntry>();
  readonly #parts = new Map<number, DumpEntry[]>();
  readonly #attachments = new Map<number, DumpEntry>();
  readonly #partitions = new Map<number, DumpEntry[]>();

  /** `entries` in the order of the dump, which is one they can be created in. */
  constructor(entries: readonly DumpEntry[]) {
    this.#byId = new Map(entries.map((entry) => [entry.dumpId, entry]));
    this.entries = entries.filter((entry) => !NOT_OBJECTS.has(entry.type) && !this.#isAboutNone(entry));
    for (const entry of this.entries) this.#file(entry);
  }

  get(dumpId: number): DumpEntry | undefined {
    const entry = this.#byId.get(dumpId);
    return entry === undefined || NOT_OBJECTS.has(entry.type) ? undefined : entry;
  }

  /** Entries that must exist first, each once. Built-in objects have none. */
  dependenciesOf(entry: DumpEntry): readonly DumpEntry[] {
    const known = [...new Set(entry.dependencies)].map((id) => this.get(id));
    return known.filter((dependency) => dependency !== undefined && dependency.dumpId !== entry.dumpId) as DumpEntry[];
  }

  /** What the entry is a part of or says something about: the table of an index, the index of a comment. */
  wholeOf(entry: DumpEntry): DumpEntry | undefined {
    return this.#wholes.get(entry.dumpId);
  }

  partsOf(entry: DumpEntry): readonly DumpEntry[] {
    return this.#parts.get(entry.dumpId) ?? [];
  }

  /** The table that a part of a table, or a part of a part, belongs to; the entry itself when it is no part. */
  rootOf(entry: DumpEntry): DumpEntry {
    const whole = this.wholeOf(entry);
    return whole === undefined ? entry : this.rootOf(whole);
  }

  /** The TABLE ATTACH or INDEX ATTACH entry that makes this table or index a partition. */
  attachmentOf(entry: DumpEntry): DumpEntry | undefined {
    return this.#attachments.get(entry.dumpId);
  }

  /** Direct partitions of a partitioned table. */
  partitionsOf(entry: DumpEntry): readonly DumpEntry[] {
    return this.#partitions.get(entry.dumpId) ?? [];
  }

  #isAboutNone(entry: DumpEntry): boolean {
    if (!isRemark(entry)) return false;
    return NOT_OBJECTS.has(this.#byId.get(entry.dependencies[0] ?? -1)?.type ?? "");
  }

  #file(entry: DumpEntry): void {
    const whole = this.#findWhole(entry);
    if (whole !== undefined) {
      this.#wholes.set(entry.dumpId, whole);
      append(this.#parts, whole.dumpId, entry);
    }
    if (whole === undefined || (entry.type !== "TABLE ATTACH" && entry.type !== "INDEX ATTACH")) return;
    this.#attachments.set(whole.dumpId, entry);
    const parent = this.dependenciesOf(entry).find((dependency) => dependency !== whole);
    if (parent !== undefined && entry.type === "TABLE ATTACH") append(this.#partitions, parent.dumpId, whole);
  }

  /** The partition that an ATTACH entry is named for: a table, an index, or the constraint that makes an index. */
  #findAttached(entry: DumpEntry): DumpEntry | undefined {
    return this.dependenciesOf(entry).find((dependency) => {
      if (dependency.schema !== entry.schema) return false;
      if (entry.type === "TABLE ATTACH" || dependency.type === "INDEX") return dependency.tag === entry.tag;
      return dependency.type === "CONSTRAINT" && dependency.tag.endsWith(` ${entry.tag}`);
    });
  }

  #findWhole(entry: DumpEntry): DumpEntry | undefined {
    const dependencies = this.dependenciesOf(entry);
    if (isRemark(entry)) return dependencies[0];
    if (entry.type === "TABLE ATTACH" || entry.type === "INDEX ATTACH") return this.#findAttached(entry);
    if (entry.type === "USER MAPPING") return this.#serverOf(entry);
    if (entry.type === "SEQUENCE") return this.#ownerOfSequence(dependencies);
    if (!PARTS.has(entry.type)) return undefined;
    const candidates = dependencies.filter((candidate) => isRelation(candidate) || candidate.type === "DOMAIN");
    if (candidates.length < 2) return candidates[0];
    return candidates.find((candidate) => isWrittenFor(entry, candidate)) ?? candidates[0];
  }

  /** pg_dump lets a sequence depend on the table whose column owns it, and on no other relation. */
  #ownerOfSequence(dependencies: readonly DumpEntry[]): DumpEntry | undefined {
    return dependencies.find((dependency) => dependency.type === "TABLE" || dependency.type === "FOREIGN TABLE");
  }

  /** pg_dump writes no dependencies for user mappings. */
  #serverOf(mapping: DumpEntry): DumpEntry | undefined {
    const servers = this.entries.filter((entry) => entry.type === "SERVER");
    return servers.find((server) => mapping.drop.endsWith(` SERVER ${writtenName(server)};\n`));
  }
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
