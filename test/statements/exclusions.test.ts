// Every pair of every exclusion, in both orders: refused, at the later of the two clauses.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "../../grammar/index.ts";
import { ShellError } from "../../src/errors.ts";
import { COPY_EXCLUSIONS, COPY_REQUIREMENTS, DYNAMODB, EMR, FILES } from "../../src/plan/copy-rules.ts";
import type { Exclusion, Requirement } from "../../src/plan/exclusions.ts";
import { Reading } from "../../src/plan/reading.ts";
import { KEY_IN_CREDENTIALS, OUTSIDE_S3, UNLOAD_EXCLUSIONS, UNLOAD_REQUIREMENTS } from "../../src/plan/unload-rules.ts";
import { planCopy } from "../../src/statements/copy.ts";
import { planUnload } from "../../src/statements/unload.ts";
import { Secret } from "../../src/std/secret.ts";

const KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const reading = new Reading(() => new Secret("unused"));

const TEXTS = [
  "ACCESS_KEY_ID",
  "SECRET_ACCESS_KEY",
  "SESSION_TOKEN",
  "DATEFORMAT",
  "TIMEFORMAT",
  "QUOTE",
  "KMS_KEY_ID",
];
const NUMBERS = ["MAXERROR", "READRATIO", "IGNOREHEADER", "ROWGROUPSIZE", "COMPROWS"];

/** Clauses that are more than their name. */
const SPELLED: Readonly<Record<string, string>> = {
  CREDENTIALS: "CREDENTIALS 'aws_access_key_id=id;aws_secret_access_key=s'",
  [KEY_IN_CREDENTIALS]: `CREDENTIALS 'aws_access_key_id=id;aws_secret_access_key=s;master_symmetric_key=${KEY}'`,
  IAM_ROLE: "IAM_ROLE 'arn:aws:iam::123456789012:role/r'",
  MASTER_SYMMETRIC_KEY: `MASTER_SYMMETRIC_KEY '${KEY}'`,
  DELIMITER: "DELIMITER ';'",
  FIXEDWIDTH: "FIXEDWIDTH 'a:1'",
  "NULL AS": "NULL AS 'x'",
  REGION: "REGION 'eu-west-1'",
  "JOB CREATE": "JOB CREATE j",
  kms: "WITH kms = 'local-kms:///k'",
  encryption_passphrase: "WITH encryption_passphrase = 'p'",
};

function clause(name: string): string {
  if (TEXTS.includes(name)) return `${name} 'x'`;
  return SPELLED[name] ?? (NUMBERS.includes(name) ? `${name} 50` : name);
}

function isKey(name: string): boolean {
  return name === "kms" || name === "encryption_passphrase";
}

/** The two clauses after the statement's beginning; keys of ours are last by grammar, and both of them share one WITH. */
function orders(head: string, a: string, b: string): readonly string[] {
  if (isKey(a) && isKey(b)) return [`${head} ${clause(a)}, ${clause(b).slice("WITH ".length)}`];
  if (isKey(a)) return [`${head} ${clause(b)} ${clause(a)}`];
  const first = `${head} ${clause(a)} ${clause(b)}`;
  return isKey(b) ? [first] : [first, `${head} ${clause(b)} ${clause(a)}`];
}

function refusalOf(source: string): ShellError {
  const { statements, diagnostics } = parse(source);
  const [statement] = statements;
  assert.deepEqual(diagnostics, [], source);
  try {
    if (statement?.kind === "unload") planUnload(statement, reading);
    else if (statement?.kind === "copy") planCopy(statement, reading);
    else assert.fail(`${source} is not ours`);
  } catch (thrown) {
    if (thrown instanceof ShellError) return thrown;
    throw thrown;
  }
  return assert.fail(`accepted: ${source}`);
}

const SOURCES: Readonly<Record<string, string>> = {
  [EMR]: "COPY t FROM 'emr://j-1/p'",
  [DYNAMODB]: "COPY t FROM 'dynamodb://t'",
  [FILES]: "COPY t FROM 's3://b/p'",
};
const UNLOAD = "UNLOAD ('select 1') TO 's3://b/p'";

const COPY_CLAUSES = [
  ...new Set(
    COPY_EXCLUSIONS.flatMap((row) => [row.option, ...("not" in row ? row.not : [])]).filter(
      (name) => SOURCES[name] === undefined,
    ),
  ),
];

function pairs(rows: readonly Exclusion[]): readonly (readonly [string, string])[] {
  return rows.flatMap((row) => {
    const others =
      "not" in row ? row.not : COPY_CLAUSES.filter((name) => name !== row.option && !row.only.includes(name));
    return others.map((other) => [row.option, other] as const);
  });
}

function checkPair(head: string, a: string, b: string): void {
  for (const source of orders(head, a, b)) {
    const error = refusalOf(source);
    assert.equal(error.code, "option/conflict", `${source}: ${error.message}`);
    const place = Math.max(...[a, b].map((name) => source.lastIndexOf(clause(name).replace(/^WITH /, ""))));
    assert.ok((error.span?.start ?? -1) >= place, `${source}: ${error.message} at ${error.span?.start ?? -1}`);
  }
}

describe("exclusions of UNLOAD", () => {
  for (const [a, b] of pairs(UNLOAD_EXCLUSIONS)) it(`${a} × ${b}`, () => checkPair(UNLOAD, a, b));
});

describe("exclusions of COPY", () => {
  for (const [a, b] of pairs(COPY_EXCLUSIONS)) {
    it(`${a} × ${b}`, () => {
      const source = [a, b].find((name) => SOURCES[name] !== undefined);
      if (source === undefined) return checkPair(SOURCES[FILES] ?? "", a, b);
      const other = source === a ? b : a;
      const error = refusalOf(`${SOURCES[source] ?? ""} ${clause(other)}`);
      assert.equal(error.code, "option/conflict", error.message);
      assert.ok(error.message.includes(source) && error.message.includes(other), error.message);
    });
  }
});

function checkRequirement(head: string, { option, beside, needs }: Requirement): void {
  const isPlace = SOURCES[option] !== undefined;
  const clauses = [isPlace ? undefined : option, beside === OUTSIDE_S3 ? undefined : beside];
  const words = clauses.filter((name) => name !== undefined).map((name) => clause(name));
  const error = refusalOf([head, ...words].join(" "));
  assert.equal(error.code, "option/missing", error.message);
  assert.ok(error.message.startsWith(option), error.message);
  // Rows of one option are checked in turn, so the first of them speaks.
  assert.match(error.message, / needs /);
  assert.ok(needs.length > 0);
}

describe("requirements", () => {
  for (const row of UNLOAD_REQUIREMENTS) {
    const head = row.beside === OUTSIDE_S3 ? UNLOAD.replace("s3://b/p", "file:///d/p") : UNLOAD;
    it(`UNLOAD: ${row.option} needs ${row.needs.join(" or ")}`, () => checkRequirement(head, row));
  }
  for (const row of COPY_REQUIREMENTS) {
    const head = SOURCES[row.option] ?? SOURCES[FILES] ?? "";
    it(`COPY: ${row.option} needs ${row.needs.join(" or ")}`, () => checkRequirement(head, row));
  }
});
