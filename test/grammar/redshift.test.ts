// Laws of the Redshift statements alone, over random bags of clauses and random strings.
import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { checkQuery, parse, print, showAll, spanInQuery, type Statement } from "../../grammar/index.ts";
import { quoteDollar, quoteRedshift } from "../../grammar/redshift-literal.ts";
import { readVectors, vectorFiles } from "../harness/vectors.ts";

const FILES = new Set(["unload.txt", "copy.txt", "copy-job.txt", "template.txt"]);
const vectors = vectorFiles("grammar")
  .filter((file) => FILES.has(basename(file)))
  .flatMap((file) => readVectors(file));
const printed = vectors.filter(({ directive }) => directive === "print").map(({ input }) => input);
const ours = printed.filter((input) => {
  const { statements } = parse(input);
  return statements.length === 1 && statements[0]?.kind !== "passthrough";
});

/** What a statement says, without where it says it. */
function meaning(statement: Statement | undefined): string {
  return JSON.stringify(statement, (key, value: unknown) => (key === "span" ? undefined : value));
}

function readOne(source: string): Statement {
  const { statements, diagnostics } = parse(source);
  assert.deepEqual(diagnostics, [], source);
  assert.equal(statements.length, 1, source);
  const [statement] = statements;
  assert.ok(statement);
  return statement;
}

const text = fc
  .string({ unit: fc.constantFrom("a", "'", "\\", "$", "q", "\n", " ", "t", "ä", ";", "-"), maxLength: 8 })
  .filter((value) => !/^[a-z]+:\//.test(value));
const clause = fc.oneof(
  fc.constantFrom(
    "CSV",
    "JSON",
    "GZIP",
    "HEADER",
    "ESCAPE",
    "MANIFEST",
    "MANIFEST VERBOSE",
    "PARALLEL OFF",
    "IAM_ROLE DEFAULT",
  ),
  fc.constantFrom("MAXFILESIZE AS 5 GB", 'PARTITION BY (a, "B") INCLUDE', "ENCRYPTED AUTO", "ENCRYPTED"),
  fc
    .tuple(
      fc.constantFrom("DELIMITER", "NULL AS", "FIXEDWIDTH", "EXTENSION", "REGION", "ACCESS_KEY_ID", "KMS_KEY_ID"),
      text,
    )
    .map(([name, value]) => `${name} ${quoteRedshift(value)}`),
);
function clauseName(words: string): string {
  return words.split(" ")[0] ?? "";
}
const unload = fc
  .tuple(text, fc.uniqueArray(clause, { selector: clauseName, maxLength: 8 }))
  .map(([query, clauses]) => [`UNLOAD (${quoteDollar(query)}) TO 's3://b/p'`, ...clauses].join(" "));

describe("the grammar of Redshift's statements", () => {
  it("reads what it prints, whatever the strings", () => {
    fc.assert(
      fc.property(unload, (source) => {
        const statement = readOne(source);
        assert.equal(meaning(readOne(print(statement, { mask: showAll }))), meaning(statement));
      }),
    );
  });

  it("gives back any string as it was quoted", () => {
    fc.assert(
      fc.property(text, (value) => {
        const statement = readOne(
          `UNLOAD (${quoteRedshift(value)}) TO ${quoteDollar(value)} EXTENSION ${quoteRedshift(value)}`,
        );
        assert.ok(
          statement.kind === "unload" && statement.query.kind === "query" && statement.target.kind === "string",
        );
        assert.deepEqual([statement.query.text, statement.target.value], [value, value]);
      }),
    );
  });

  it("reads clauses in any order", () => {
    const clauses = ["CSV", "IAM_ROLE DEFAULT", "GZIP", "NULL AS 'x'", "MAXFILESIZE 5 MB", "ENCRYPTED AUTO"];
    fc.assert(
      fc.property(fc.shuffledSubarray(clauses, { minLength: clauses.length }), (shuffled) => {
        const statement = readOne(["UNLOAD ('select 1') TO 's3://b/p'", ...shuffled].join(" "));
        assert.ok(statement.kind === "unload");
        const names = ["CSV", "ENCRYPTED", "GZIP", "IAM_ROLE", "MAXFILESIZE", "NULL AS"];
        assert.deepEqual(statement.options.map(({ name }) => name).toSorted(), names);
      }),
    );
  });

  it("prints no secret", () => {
    let seen = 0;
    for (const input of ours.filter((source) => source.includes("canary"))) {
      seen++;
      assert.doesNotMatch(print(readOne(input)), /canary|s3:/);
    }
    assert.ok(seen >= 15);
  });

  it("shows no string in a complaint", () => {
    let seen = 0;
    for (const { input } of vectors) {
      for (const { message, hint } of parse(input).diagnostics) {
        seen++;
        assert.doesNotMatch(`${message} ${hint ?? ""}`, /canary|s3:/, inspect(input));
      }
    }
    assert.ok(seen >= 100);
  });
});

describe("a query inside quotes", () => {
  it("knows the place of each of its characters", () => {
    const source = "UNLOAD ('select ''a'', \\'b\\' from \\\\ t') TO 's3://b/p'";
    const statement = readOne(source);
    assert.ok(statement.kind === "unload" && statement.query.kind === "query");
    const { query } = statement;
    assert.equal(query.text, "select 'a', 'b' from \\ t");
    for (const word of ["select", "a", ",", "b", "from", " t"]) {
      const at = query.text.indexOf(word);
      const { start, end } = spanInQuery(query, at, at + word.length);
      assert.equal(source.slice(start, end), word);
    }
  });

  it("is given back whole and balanced, or refused", () => {
    const sql = fc.array(fc.constantFrom("select ", "(", ")", ";", "1", "'x'", "--\n", "/**/", "limit ", '"c"'), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(sql, (pieces) => {
        const source = `select ${pieces.join("")}`;
        const checked = checkQuery(source);
        if (!checked.ok) return;
        assert.ok(source.startsWith(checked.sql));
        // Whatever stands between parentheses of a wrapper must not close them.
        const wrapped = checkQuery(`select * from (${checked.sql}\n) x`);
        assert.ok(wrapped.ok, checked.sql);
      }),
    );
  });

  it("lets a backslash escape where the engine does", () => {
    const sql = "select 'it\\'s; limit'";
    assert.equal(checkQuery(sql, true).ok, true);
    assert.equal(checkQuery(sql).ok, false);
  });
});
