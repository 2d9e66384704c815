import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { DataKey } from "../../src/crypto/data-key.ts";
import { ShellError } from "../../src/errors.ts";
import { maskUri } from "../../src/location-mask.ts";
import { parseKmsLocation, parseStorageLocation } from "../../src/location-parse.ts";
import { SCHEMES } from "../../src/location-schemes.ts";
import { Canary } from "../harness/canary.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

/** Everything a value can be turned into by accident. */
function shown(value: unknown): string {
  return [String(value), JSON.stringify(value), inspect(value, { depth: 12, showHidden: true, getters: true })].join(
    "\n",
  );
}

describe("secrets in URIs", () => {
  for (const rule of SCHEMES) {
    const secretNames = Object.entries(rule.parameters)
      .filter(([, { secret }]) => secret === true)
      .map(([name]) => name);
    for (const name of secretNames) {
      it(`${rule.kind} ${rule.scheme}: ${name} is never shown`, () => {
        const canary = new Canary(name);
        const parse = rule.kind === "kms" ? parseKmsLocation : parseStorageLocation;
        const plain = rule.example.replace("AUTH=implicit", "AUTH=specified");
        // The last ones are wrong in some way: a complaint must not repeat what it complains about.
        const uris = [
          `${plain}&${name}=${canary.uriText}`,
          `${plain}&${name}=${canary.uriText}&${name}=${canary.uriText}`,
          `${plain}&${name}X=${canary.uriText}`,
          `${plain}&${canary.uriText}`,
          `${plain}&${canary.uriText}=`,
          `x${plain}&${name}=${canary.uriText}`,
          `${name}=${canary.uriText}`,
        ];
        for (const uri of uris) {
          canary.assertAbsent(shown(parse(uri)), `the answer to ${maskUri(uri)}`);
          canary.assertAbsent(maskUri(uri), "the masked URI");
        }
      });
    }
  }
});

describe("the canary", () => {
  it("is found in every form, so that its absence means something", async () => {
    const canary = new Canary("self");
    const forms = [
      canary.text,
      canary.uriText,
      canary.sqlText,
      JSON.stringify(canary.text),
      Buffer.from(canary.text).toString("base64"),
    ];
    for (const form of [...forms, Buffer.from(canary.text).toString("hex")])
      assert.ok(canary.foundIn(`before ${form} after`), form);
    assert.equal(canary.foundIn("nothing"), undefined);
    const folder = join(await temporaryFolder(), "below");
    await mkdir(folder);
    await canary.assertAbsentBelow(folder);
    await writeFile(join(folder, "leak"), `x${canary.text}x`);
    await assert.rejects(canary.assertAbsentBelow(folder), /holds the secret, plain/u);
  });

  it("does not come out of errors, however it got in", () => {
    const canary = new Canary("error");
    const error = new ShellError("engine/failed", `the server said ${canary.text}`, {
      detail: [`and ${canary.uriText}`],
      hint: Buffer.from(canary.text).toString("base64"),
    });
    for (const text of [error.message, ...error.detail, error.hint ?? ""]) canary.assertAbsent(text, "the error");
    canary.assertAbsent(shown(canary.secret), "the Secret");
  });

  it("a data key shows nothing of itself", () => {
    using key = DataKey.generate();
    const hex = key.reveal((bytes) => Buffer.from(bytes).toString("hex"));
    const base64 = Buffer.from(hex, "hex").toString("base64");
    for (const form of [hex, base64]) assert.ok(!shown(key).includes(form));
  });
});
