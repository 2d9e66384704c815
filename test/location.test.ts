import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { LocationComplaint } from "../src/location-check.ts";
import { maskUri } from "../src/location-mask.ts";
import { completeLocation, locationError, parseKmsLocation, parseStorageLocation } from "../src/location-parse.ts";
import { joinLocation, type Location } from "../src/location.ts";
import { nearest } from "../src/std/nearest.ts";
import type { Result } from "../src/std/result.ts";
import { Secret } from "../src/std/secret.ts";
import { runTextVectors } from "./harness/text-vectors.ts";

runTextVectors("location.txt", (input) => {
  const [kind, uri = ""] = input.split(/ (.*)/su);
  return printAnswer(kind === "kms" ? parseKmsLocation(uri) : parseStorageLocation(uri));
});

runTextVectors("mask.txt", maskUri);

function printAnswer(answer: Result<Location, LocationComplaint>): string {
  if (!answer.ok) {
    const { code, message, hint } = answer.error;
    return [`! ${code} ${message}`, ...(hint === undefined ? [] : [`? ${hint}`])].join("\n");
  }
  const { scheme, host, path, label, parameters } = answer.value;
  const lines = [...parameters].map(([name, value]) => `${name} = ${value.toString()}`);
  return [`${scheme} | ${host} | ${path} | ${label}`, ...lines].join("\n");
}

function storage(uri: string): Location {
  const parsed = parseStorageLocation(uri, { credentials: "elsewhere" });
  assert.ok(parsed.ok, uri);
  return parsed.value;
}

describe("a location", () => {
  it("shows no parameter however it is printed", () => {
    const location = storage("s3://b/p?AWS_ACCESS_KEY_ID=visible-id&AWS_SECRET_ACCESS_KEY=canary-one");
    for (const text of [
      String(location),
      JSON.stringify({ location }),
      inspect(location, { depth: 9, showHidden: true }),
    ])
      assert.doesNotMatch(text, /canary|visible-id/u);
    assert.doesNotMatch(inspect(location.parameters), /canary/u);
    assert.equal(location.secret("AWS_SECRET_ACCESS_KEY")?.reveal(), "canary-one");
    assert.equal(location.text("AWS_SECRET_ACCESS_KEY"), undefined);
    assert.equal(location.text("AWS_ACCESS_KEY_ID"), "visible-id");
  });

  it("a + in a secret stays a +", () => {
    const location = storage("s3://b?AWS_ACCESS_KEY_ID=x&AWS_SECRET_ACCESS_KEY=one+two%2Bthree%2F");
    assert.equal(location.secret("AWS_SECRET_ACCESS_KEY")?.reveal(), "one+two+three/");
  });

  it("joins folders below it and never leaves", () => {
    const location = storage("s3://b/p/?AWS_REGION=r");
    const joined = joinLocation(location, "/2026/11/26-000000.00/");
    assert.equal(joined.path, "/p/2026/11/26-000000.00");
    assert.equal(joined.label, "s3://b/p/2026/11/26-000000.00");
    assert.equal(joined.text("AWS_REGION"), "r");
    assert.equal(joinLocation(storage("s3://b"), "x").label, "s3://b/x");
    assert.throws(() => joinLocation(location, "a/../../b"), { code: "location/invalid" });
  });
});

describe("credentials from another clause", () => {
  it("complete the URI", () => {
    const completed = completeLocation(
      storage("s3://b/p"),
      new Map<string, string | Secret>([
        ["AWS_ACCESS_KEY_ID", "AK"],
        ["AWS_SECRET_ACCESS_KEY", new Secret("canary-two")],
      ]),
    );
    assert.ok(completed.ok);
    assert.equal(completed.value.secret("AWS_SECRET_ACCESS_KEY")?.reveal(), "canary-two");
  });

  it("are asked for when the clause brings none, and refused when given twice or unknown", () => {
    const cases = [
      ["s3://b", new Map<string, string>(), "AUTH is set to 'specified', but AWS_ACCESS_KEY_ID is not set"],
      ["s3://b?AWS_REGION=r", new Map([["AWS_REGION", "q"]]), "AWS_REGION is given by the URI and by another clause"],
      ["file:///x", new Map([["AWS_REGION", "q"]]), "unknown file parameter AWS_REGION"],
    ] as const;
    for (const [uri, more, message] of cases) {
      const completed = completeLocation(storage(uri), more);
      assert.equal(completed.ok ? "complete" : completed.error.message, message);
    }
  });

  it("a complaint becomes an error with the span of its literal", () => {
    const parsed = parseStorageLocation("s4://b");
    assert.ok(!parsed.ok);
    const error = locationError(parsed.error, { start: 3, end: 9 });
    assert.deepEqual(
      [error.code, error.hint, error.span],
      ["location/invalid", "did you mean s3?", { start: 3, end: 9 }],
    );
  });
});

describe("nearest", () => {
  it("finds slips of the finger and nothing far", () => {
    assert.equal(nearest("compresion", ["compression", "detached"]), "compression");
    assert.equal(nearest("kmz", ["kms"]), "kms");
    assert.equal(nearest("ab", ["cd"]), undefined);
    assert.equal(nearest("detahced", ["detached"]), "detached");
    assert.equal(nearest("", ["x"]), undefined);
  });
});
