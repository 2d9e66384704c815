import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { FileMacs } from "../../src/crypto/file-mac.ts";
import { ShellError } from "../../src/errors.ts";
import { parseManifest, printManifest, type RedshiftManifest } from "../../src/formats/redshift-manifest.ts";
import { utf8 } from "../../src/std/bytes.ts";

const MANIFEST: RedshiftManifest = {
  entries: [
    { url: "s3://b/out/t_0000_part_00", contentLength: 4096, recordCount: 120 },
    { url: 's3://b/out/k=%3D"/0001_part_00', contentLength: 3980, recordCount: 99, mandatory: true, hmac: "ab" },
  ],
  hmac: "cd",
};

describe("the manifest", () => {
  it("is read as it was written; counts are VERBOSE's", () => {
    const [first, second] = MANIFEST.entries;
    const { recordCount: _, ...plainFirst } = first ?? assert.fail();
    const { recordCount: __, ...plainSecond } = second ?? assert.fail();
    assert.deepEqual(parseManifest(printManifest(MANIFEST), "m"), { entries: [plainFirst, plainSecond], hmac: "cd" });
    const verbose = { columns: [{ name: "id", type: { base: "integer" } }], author: { name: "n", version: "1" } };
    const text = printManifest({ ...MANIFEST, verbose });
    assert.deepEqual(parseManifest(text, "m"), MANIFEST);
    assert.deepEqual(JSON.parse(text), {
      entries: [
        { url: "s3://b/out/t_0000_part_00", meta: { content_length: 4096, record_count: 120 } },
        {
          url: 's3://b/out/k=%3D"/0001_part_00',
          mandatory: true,
          meta: { content_length: 3980, record_count: 99, hmac: "ab" },
        },
      ],
      schema: { elements: [{ name: "id", type: { base: "integer" } }] },
      meta: { content_length: 8076, record_count: 219 },
      author: { name: "n", version: "1" },
      hmac: "cd",
    });
  });

  it("may be older, or written by hand", () => {
    assert.deepEqual(parseManifest('\uFEFF{"entries":[{"url":"s3://b/k"}],"other":1}', "m"), {
      entries: [{ url: "s3://b/k" }],
    });
    assert.deepEqual(parseManifest('{"entries":[]}', "m"), { entries: [] });
  });

  for (const text of ["", "[]", "{}", '{"entries":[1]}', '{"entries":[{"url":"u","mandatory":"yes"}]}']) {
    it(`is not ${text === "" ? "nothing" : text}`, () => {
      assert.throws(
        () => parseManifest(text, "s3://b/m"),
        (thrown) =>
          thrown instanceof ShellError &&
          thrown.message === "Manifest file is not in correct json format" &&
          thrown.detail.join().startsWith("s3://b/m: "),
      );
    });
  }
});

describe("the files' HMACs", () => {
  // Known answer: HKDF-SHA-256 of the key 00…1f with an empty salt and the label, by an independent implementation.
  it("are the format's", () => {
    using key = DataKey.take(Uint8Array.from({ length: 32 }, (_, index) => index));
    const macs = new FileMacs(key);
    const envelope = { wrappedKey: new Uint8Array(48).fill(1), iv: new Uint8Array(16).fill(2) };
    const file = macs.ofFile(envelope).update(utf8("stored")).digest("hex");
    assert.equal(file, "c818cb30fac8af89e8a08d1bd34234bdabbffdde3161e1aaecc2ddc6ad5f916c");
    assert.equal(macs.ofManifest([file, file]), "c042df366451570eb690987aeb416bfe10de5d32124606b80d4daea1f9490ea2");
  });

  it("tell every change", () => {
    using key = DataKey.generate();
    const macs = new FileMacs(key);
    const wrappedKey = new Uint8Array(48);
    const iv = new Uint8Array(16);
    const all = new Set([
      macs.ofFile({ wrappedKey, iv }).update("a").digest("hex"),
      macs.ofFile({ wrappedKey, iv }).update("b").digest("hex"),
      macs
        .ofFile({ wrappedKey, iv: iv.with(15, 1) })
        .update("a")
        .digest("hex"),
      macs
        .ofFile({ wrappedKey: wrappedKey.with(0, 1), iv })
        .update("a")
        .digest("hex"),
    ]);
    assert.equal(all.size, 4);
    const lists = [["x", "y"], ["y", "x"], ["x"], ["x", "y", "y"], []].map((files) => macs.ofManifest(files));
    assert.equal(new Set(lists).size, 5);
  });
});
