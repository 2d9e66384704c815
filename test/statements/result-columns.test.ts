import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "../../grammar/index.ts";
import { asShellError } from "../../src/errors.ts";
import { Reading } from "../../src/plan/reading.ts";
import { checkResultColumns, type ResultColumn } from "../../src/plan/result-columns.ts";
import { planUnload } from "../../src/statements/unload.ts";
import { Secret } from "../../src/std/secret.ts";

const reading = new Reading(() => new Secret("unused"));

function unload(clauses: string, columns: readonly ResultColumn[]): void {
  const [statement] = parse(`UNLOAD ('select 1') TO 'file:///d/p' ${clauses}`).statements;
  assert.ok(statement?.kind === "unload");
  checkResultColumns(planUnload(statement, reading), columns);
}

/** What a complaint points at. */
function placeOf(clauses: string, columns: readonly ResultColumn[]): string {
  const text = `UNLOAD ('select 1') TO 'file:///d/p' ${clauses}`;
  try {
    unload(clauses, columns);
  } catch (thrown) {
    const { span } = asShellError(thrown);
    return span === undefined ? "nowhere" : text.slice(span.start, span.end);
  }
  return "no complaint";
}

const ID = { name: "id", type: "bigint" };
const NAME = { name: "name", type: "character varying(20)" };
const SHAPE = { name: "shape", type: "geometry" };

describe("the columns of UNLOAD's query", () => {
  it("need unique names as JSON, and only there", () => {
    unload("CSV", [ID, ID]);
    assert.throws(() => unload("JSON", [ID, NAME, ID]), { code: "option/conflict", message: /id is there twice/ });
  });

  it("are as many as FIXEDWIDTH's", () => {
    unload("FIXEDWIDTH 'a:1,b:1'", [ID, NAME]);
    assert.throws(() => unload("FIXEDWIDTH 'a:1'", [ID, NAME]), {
      code: "option/value",
      message: "FIXEDWIDTH has 1 columns, and the files have 2",
    });
    // What names folders is not in the files.
    unload("FIXEDWIDTH 'a:1' PARTITION BY (id)", [ID, NAME]);
    unload("FIXEDWIDTH 'a:1,b:1' PARTITION BY (id) INCLUDE", [ID, NAME]);
    assert.throws(() => unload("FIXEDWIDTH 'a:1,b:1' PARTITION BY (id)", [ID, NAME]), { code: "option/value" });
  });

  it("of geometry, sketches and binary go into text only", () => {
    unload("CSV", [SHAPE]);
    unload("", [SHAPE]);
    for (const [clauses, name] of [
      ["JSON", "JSON"],
      ["PARQUET", "PARQUET"],
      ["FIXEDWIDTH 'a:1'", "FIXEDWIDTH"],
    ] as const) {
      for (const type of ["geometry", "HLLSKETCH", "varbyte(64)", "binary varying(64)"]) {
        assert.throws(() => unload(clauses, [{ name: "shape", type }]), {
          code: "option/conflict",
          message: `${name} cannot hold column shape of type ${type}`,
        });
      }
    }
  });

  it("are complained about where the clause stands that does not like them", () => {
    assert.equal(placeOf("GZIP FORMAT AS JSON", [ID, ID]), "JSON");
    assert.equal(placeOf("PARQUET", [SHAPE]), "PARQUET");
    assert.equal(placeOf("FIXEDWIDTH 'a:1' GZIP", [ID, NAME]), "FIXEDWIDTH");
    assert.equal(placeOf("PARTITION BY (id, year)", [ID, NAME]), "year");
    assert.equal(placeOf("PARTITION BY (shape)", [ID, SHAPE]), "shape");
    assert.equal(placeOf("PARTITION BY (id)", [ID]), "PARTITION BY");
  });

  it("hold those of PARTITION BY, of a type that a folder's name can show", () => {
    for (const type of ["smallint", "numeric(10,2)", "character(3)", "date", "timestamp(3) without time zone"]) {
      unload("PARTITION BY (key)", [{ name: "key", type }, NAME]);
    }
    assert.throws(() => unload("PARTITION BY (year)", [ID, NAME]), { code: "option/value", message: /names year/ });
    for (const type of ["timestamp with time zone", "super", "varbyte", "double precision"]) {
      assert.throws(() => unload("PARTITION BY (key)", [{ name: "key", type }, NAME]), {
        code: "option/value",
        message: `PARTITION BY cannot use column key of type ${type}`,
      });
    }
  });

  it("leave one for the files, unless the files hold them all", () => {
    assert.throws(() => unload("PARTITION BY (id, name)", [ID, NAME]), { message: /leaves no column/ });
    unload("PARTITION BY (id, name) INCLUDE", [ID, NAME]);
  });
});
