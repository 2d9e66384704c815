// How the parts of a JSON document become the columns of a row.
import { ShellError } from "../../errors.ts";
import type { ValueProblem } from "../columns/column.ts";
import type { RecordPlace, RowWriter } from "../columns/row-writer.ts";
import type { JsonPath } from "./json-paths.ts";
import { JsonText, type JsonPlace } from "./json-text.ts";

export type DocumentMapping =
  | { readonly type: "names"; readonly ignoreCase: boolean }
  /** One path a column. */
  | { readonly type: "paths"; readonly paths: readonly JsonPath[] }
  /** The whole document into the one column. */
  | { readonly type: "whole" };

const NOT_JSON: ValueProblem = { code: 1216, reason: "Invalid JSON: the document cannot be read" };
const NOT_AN_OBJECT: ValueProblem = {
  code: 1216,
  reason: "Invalid JSON: a document must be an object, or JSONPaths must be given",
};
const UNPAIRED: ValueProblem = {
  code: 1220,
  reason: "String contains invalid or unsupported UTF-8 codepoints: half of a surrogate pair",
};

export class DocumentRows {
  readonly #writer: RowWriter;
  readonly #mapping: DocumentMapping;
  readonly #label: string;
  readonly #columnOf = new Map<string, number>();

  /** @throws ShellError `load/file` when the mapping cannot be the table's. */
  constructor(writer: RowWriter, mapping: DocumentMapping, label: string) {
    this.#writer = writer;
    this.#mapping = mapping;
    this.#label = label;
    const { columns } = writer;
    for (const [at, { name }] of columns.entries()) this.#columnOf.set(this.#fold(name), at);
    if (mapping.type === "whole" && columns.length !== 1) {
      throw mismatch("noshred takes one column", `the table or the column list has ${columns.length}`);
    }
    if (mapping.type === "paths" && mapping.paths.length !== columns.length) {
      throw mismatch(
        "Number of jsonpaths and the number of columns should match",
        `JSONPath size: ${mapping.paths.length}, Number of columns in table or column list: ${columns.length}`,
      );
    }
  }

  /** The column that takes an object's member; -1 for one that none takes. */
  columnOf(name: string): number {
    return this.#columnOf.get(this.#fold(name)) ?? -1;
  }

  /** One document; `text` is what the record holds. */
  row(record: RecordPlace, text: string): void {
    const writer = this.#writer;
    writer.begin(record);
    let document: JsonText;
    try {
      document = new JsonText(text);
    } catch {
      writer.refuse(NOT_JSON);
      return;
    }
    const mapping = this.#mapping;
    if (mapping.type === "whole") {
      if (this.#write(document, document.whole)) writer.end();
      return;
    }
    const values = mapping.type === "paths" ? this.#byPath(document, mapping.paths) : this.#byName(document);
    if (values === undefined) return;
    for (const value of values) if (!this.#write(document, value)) return;
    writer.end();
  }

  #byName(document: JsonText): readonly (JsonPlace | undefined)[] | undefined {
    const { whole } = document;
    if (whole.type !== "object") {
      this.#writer.refuse(NOT_AN_OBJECT);
      return undefined;
    }
    const values = this.#writer.columns.map((): JsonPlace | undefined => undefined);
    for (const [name, value] of document.members(whole)) {
      const column = this.#columnOf.get(this.#fold(name));
      if (column === undefined) continue;
      if (values[column] !== undefined) {
        this.#writer.refuse({ code: 1216, reason: `Invalid JSON: two members are named ${JSON.stringify(name)}` });
        return undefined;
      }
      values[column] = value;
    }
    return values;
  }

  #byPath(document: JsonText, paths: readonly JsonPath[]): readonly (JsonPlace | undefined)[] {
    return paths.map((path) => {
      let place: JsonPlace | undefined = document.whole;
      for (const step of path) {
        if (place === undefined || place.type === "null") return undefined;
        place = typeof step === "number" ? this.#element(document, place, step) : memberOf(document, place, step);
      }
      return place;
    });
  }

  #element(document: JsonText, place: JsonPlace, index: number): JsonPlace {
    let at = 0;
    for (const element of place.type === "array" ? document.elements(place) : []) {
      if (at === index) return element;
      at += 1;
    }
    throw new ShellError("load/file", "Invalid JSONPath format: Not an array or index out of range.", {
      detail: [`${this.#label}: a document has no element ${index} where a path asks for it`],
      hint: "MAXERROR does not cover this: leave the element out of the JSONPaths file",
      note: "nothing was loaded",
    });
  }

  #write(document: JsonText, place: JsonPlace | undefined): boolean {
    const writer = this.#writer;
    if (place === undefined || place.type === "null") return writer.null();
    const isJsonColumn = writer.column?.kind.type === "json";
    const text = place.type === "string" && !isJsonColumn ? document.string(place) : document.raw(place);
    const bytes = Buffer.from(text);
    return text.isWellFormed() ? writer.value(bytes, 0, bytes.length) : writer.refuse(UNPAIRED, bytes);
  }

  #fold(name: string): string {
    return this.#mapping.type === "names" && this.#mapping.ignoreCase ? name.toLowerCase() : name;
  }
}

function memberOf(document: JsonText, place: JsonPlace, name: string): JsonPlace | undefined {
  if (place.type !== "object") return undefined;
  for (const [member, value] of document.members(place)) if (member === name) return value;
  return undefined;
}

function mismatch(message: string, detail: string): ShellError {
  return new ShellError("load/file", message, { detail: [detail], note: "nothing was loaded" });
}
