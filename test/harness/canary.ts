import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "../../src/std/secret.ts";

/**
 * A secret that can be recognised wherever it leaks: in plain, in the encodings it takes on the way, and by its tail
 * when it is cut. It has characters that every quoting treats in its own way.
 */
export class Canary {
  readonly text: string;
  readonly secret: Secret;

  constructor(name: string) {
    this.text = `canary-${name}/+=' "${Math.random().toString(36).slice(2, 12).padEnd(10, "q")}`;
    this.secret = new Secret(this.text);
  }

  /** As it must be written in a URI's parameter. */
  get uriText(): string {
    return encodeURIComponent(this.text);
  }

  /** As it must be written between single quotes in SQL. */
  get sqlText(): string {
    return this.text.replaceAll("'", "''");
  }

  /** In which form the text holds the secret; `undefined` when it does not. */
  foundIn(text: string | Uint8Array): string | undefined {
    const bytes = Buffer.from(text as Uint8Array);
    const tail = this.text.slice(-10);
    const forms: Record<string, string> = {
      plain: tail,
      hex: Buffer.from(tail).toString("hex"),
      base64: Buffer.from(this.text).toString("base64").slice(4, -8),
    };
    return Object.entries(forms).find(([, form]) => bytes.includes(form))?.[0];
  }

  assertAbsent(text: string | Uint8Array, where: string): void {
    const form = this.foundIn(text);
    assert.equal(form, undefined, `${where} holds the secret, ${form}`);
  }

  /** Looks into every file below a folder, and at its name. */
  async assertAbsentBelow(folder: string): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      this.assertAbsent(path, `the name ${path}`);
      if (entry.isFile()) this.assertAbsent(await readFile(path), path);
    }
  }
}
