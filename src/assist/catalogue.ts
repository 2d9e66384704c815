import { NameIndex } from "./name-index.ts";

export interface CatalogueColumn {
  readonly name: string;
  /** As SQL writes it: `character varying(20)`. */
  readonly type: string;
}

export type RelationKind = "table" | "view" | "sequence" | "index";

export interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly columns: readonly CatalogueColumn[];
}

export interface ForeignKey {
  readonly from: Relation;
  readonly fromColumns: readonly string[];
  readonly to: Relation;
  readonly toColumns: readonly string[];
}

/** What a procedure gives. */
export const PROCEDURE = "procedure";

export interface CatalogueFunction {
  readonly schema: string;
  readonly name: string;
  /** Types of what it takes, as SQL writes them; `*` for an aggregate that takes none. */
  readonly parameters: string;
  /** Its type, or that it is a procedure. */
  readonly result: string;
  /** Gives rows, so that it may stand in FROM. */
  readonly rows: boolean;
}

export interface CatalogueType {
  readonly schema: string;
  readonly name: string;
}

/** A column's name and the relations that have one of it. */
interface SharedColumn {
  readonly name: string;
  readonly relations: Relation[];
}

/** What a database holds, as far as it has been learned. Filled by steps; asking never waits. */
export class Catalogue {
  /** Schemas whose objects need no schema before their name, the first first. */
  searchPath: readonly string[] = ["public"];
  /** Whose reserved words hold. */
  dialect: "postgres" | "redshift" = "postgres";
  readonly schemas = new NameIndex<string>();
  readonly relations = new NameIndex<Relation>();
  readonly functions = new NameIndex<CatalogueFunction>();
  readonly types = new NameIndex<CatalogueType>();
  readonly columns = new NameIndex<SharedColumn>();
  readonly databases: string[] = [];
  readonly roles: string[] = [];
  readonly #bySchema = new Map<string, NameIndex<Relation>>();
  readonly #byName = new Map<string, Relation[]>();
  readonly #columnsByName = new Map<string, SharedColumn>();
  readonly #foreignKeys = new Map<Relation, ForeignKey[]>();

  addSchema(name: string): void {
    this.schemas.add(name, name);
  }

  addRelation(relation: Relation): void {
    const { schema, name } = relation;
    this.relations.add(name, relation);
    const inSchema = this.#bySchema.get(schema);
    if (inSchema === undefined) this.#bySchema.set(schema, new NameIndex());
    this.#bySchema.get(schema)?.add(name, relation);
    const namesakes = this.#byName.get(name);
    if (namesakes === undefined) this.#byName.set(name, [relation]);
    else namesakes.push(relation);
    if (schema !== "pg_catalog" && schema !== "information_schema") this.#addColumns(relation);
  }

  #addColumns(relation: Relation): void {
    for (const { name } of relation.columns) {
      const known = this.#columnsByName.get(name);
      if (known !== undefined) {
        known.relations.push(relation);
        continue;
      }
      const shared = { name, relations: [relation] };
      this.#columnsByName.set(name, shared);
      this.columns.add(name, shared);
    }
  }

  addForeignKey(key: ForeignKey): void {
    for (const side of new Set([key.from, key.to])) {
      const keys = this.#foreignKeys.get(side);
      if (keys === undefined) this.#foreignKeys.set(side, [key]);
      else keys.push(key);
    }
  }

  /** The relations of one schema. */
  relationsIn(schema: string): NameIndex<Relation> | undefined {
    return this.#bySchema.get(schema);
  }

  hasSchema(name: string): boolean {
    return this.#bySchema.has(name) || this.schemas.values().includes(name);
  }

  /** The relation of a path `[name]`, `[schema, name]` or `[database, schema, name]`, found as the database does. */
  relation(path: readonly string[]): Relation | undefined {
    const name = path.at(-1);
    const schema = path.at(-2);
    const namesakes = this.#byName.get(name ?? "") ?? [];
    if (schema !== undefined) return namesakes.find((relation) => relation.schema === schema);
    const order = ["pg_catalog", ...this.searchPath];
    for (const one of order) {
      const found = namesakes.find((relation) => relation.schema === one && relation.kind !== "index");
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Keys that lead from a relation or to it. */
  foreignKeysOf(relation: Relation): readonly ForeignKey[] {
    return this.#foreignKeys.get(relation) ?? [];
  }

  /** Whether the name alone finds the relation. */
  isVisible(relation: Relation): boolean {
    if (relation.kind === "index") return this.searchPath.includes(relation.schema);
    return this.relation([relation.name]) === relation;
  }
}
