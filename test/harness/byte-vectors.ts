import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/** The fields of one block of a byte vector file. */
export class VectorCase {
  readonly #fields: ReadonlyMap<string, string>;
  readonly #file: string;

  constructor(fields: ReadonlyMap<string, string>, file: string) {
    this.#fields = fields;
    this.#file = file;
  }

  get name(): string {
    return this.text("name");
  }

  has(field: string): boolean {
    return this.#fields.has(field);
  }

  text(field: string): string {
    const value = this.#fields.get(field);
    if (value === undefined) throw new Error(`${this.#file}: a case has no "${field}"`);
    return value;
  }

  number(field: string): number {
    return Number(this.text(field));
  }

  /** Hex text as bytes. */
  hex(field: string): Uint8Array {
    const text = this.text(field);
    const bytes = Buffer.from(text, "hex");
    if (bytes.length * 2 !== text.length) throw new Error(`${this.#file}: "${field}" is no hex text`);
    return bytes;
  }

  /** Text as UTF-8, or `count*c` for a repeated character. */
  bytes(field: string): Uint8Array {
    const text = this.text(field);
    const repeated = /^(\d+)\*(.)$/u.exec(text);
    if (repeated === null) return Buffer.from(text);
    return Buffer.alloc(Number(repeated[1]), repeated[2] ?? "");
  }
}

/**
 * Reads a file of `name: value` blocks below test/vectors: blank lines part the cases, `#` begins a comment line.
 * @param file relative to test/vectors.
 */
export function readVectors(file: string): readonly VectorCase[] {
  const cases: VectorCase[] = [];
  for (const block of readFileSync(join(ROOT, "test", "vectors", file), "utf8").split(/\n\s*\n/u)) {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      if (line.startsWith("#") || line.trim() === "") continue;
      const colon = line.indexOf(":");
      if (colon < 0) throw new Error(`${file}: no colon in "${line}"`);
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    if (fields.size > 0) cases.push(new VectorCase(fields, file));
  }
  return cases;
}
