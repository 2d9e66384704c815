import assert from "node:assert/strict";
import { test } from "node:test";
import { aboutNewerSource, createTextFor, knownRights } from "../../src/backups/older-servers.ts";
import type { DumpEntry } from "../../src/formats/dump-toc.ts";

function entry(type: string, create: string): DumpEntry {
  const names = {
    tag: "x",
    schema: "",
    tablespace: "",
    accessMethod: "",
    relationKind: "",
    owner: "",
    drop: "",
    copy: "",
  };
  return { dumpId: 1, catalogOid: 0, oid: 0, type, section: "pre-data", create, dependencies: [], ...names };
}

test("operators and event triggers say PROCEDURE before PostgreSQL 11", () => {
  const operator = entry("OPERATOR", "CREATE OPERATOR s.=== (\n    FUNCTION = s.f,\n    LEFTARG = integer\n);\n");
  assert.match(createTextFor(operator, 100_023), /\(\n {4}PROCEDURE = s\.f,/);
  assert.equal(createTextFor(operator, 110_000), operator.create);
  const trigger = entry("EVENT TRIGGER", "CREATE EVENT TRIGGER w ON ddl_command_end\n   EXECUTE FUNCTION s.f();\n");
  assert.match(createTextFor(trigger, 100_023), /\n {3}EXECUTE PROCEDURE s\.f\(\);/);
});

test("triggers say PROCEDURE before PostgreSQL 11, and their conditions what they said", () => {
  const start =
    "CREATE TRIGGER t BEFORE UPDATE ON s.x FOR EACH ROW WHEN ((new.a <> ' EXECUTE FUNCTION f()'::text)) EXECUTE";
  const trigger = entry("TRIGGER", `${start} FUNCTION s.f(' EXECUTE FUNCTION ');\n`);
  assert.equal(createTextFor(trigger, 100_023), `${start} PROCEDURE s.f(' EXECUTE FUNCTION ');\n`);
  assert.equal(createTextFor(trigger, 110_000), trigger.create);
});

test("range types name no multirange before PostgreSQL 14, publications no truncate before 11", () => {
  for (const name of ["s.many", '"S, )"."m""\n y"']) {
    const start = "CREATE TYPE s.r AS RANGE (\n    subtype = double precision";
    const range = entry("TYPE", `${start},\n    multirange_type_name = ${name},\n    subtype_diff = float8mi\n);\n`);
    assert.equal(createTextFor(range, 130_000), `${start},\n    subtype_diff = float8mi\n);\n`);
    assert.equal(createTextFor(range, 140_000), range.create);
  }
  const publication = entry(
    "PUBLICATION",
    "CREATE PUBLICATION p WITH (publish = 'insert, update, delete, truncate');\n",
  );
  assert.equal(
    createTextFor(publication, 100_023),
    "CREATE PUBLICATION p WITH (publish = 'insert, update, delete');\n",
  );
  assert.equal(createTextFor(publication, 110_000), publication.create);
});

test("the right MAINTAIN is left out before PostgreSQL 17", () => {
  const grants: readonly (readonly [string, string | undefined])[] = [
    ["GRANT SELECT,MAINTAIN,UPDATE ON TABLE s.t TO r", "GRANT SELECT,UPDATE ON TABLE s.t TO r"],
    ["REVOKE MAINTAIN,UPDATE ON TABLE s.t FROM r", "REVOKE UPDATE ON TABLE s.t FROM r"],
    [
      "ALTER DEFAULT PRIVILEGES FOR ROLE o GRANT INSERT,MAINTAIN ON TABLES TO r",
      "ALTER DEFAULT PRIVILEGES FOR ROLE o GRANT INSERT ON TABLES TO r",
    ],
    ["GRANT MAINTAIN ON TABLE s.t TO r", undefined],
    ['GRANT ALL ON TABLE "MAINTAIN" TO "MAINTAIN"', 'GRANT ALL ON TABLE "MAINTAIN" TO "MAINTAIN"'],
  ];
  for (const [grant, known] of grants) {
    assert.equal(knownRights(grant, 160_000), known);
    assert.equal(knownRights(grant, 170_000), grant);
  }
});

test("a newer source is told, a minor release or an older one is not", () => {
  const server = (versionNumber: number): Parameters<typeof aboutNewerSource>[0] => ({ version: "x", versionNumber });
  assert.match(aboutNewerSource(server(180_004), server(170_010)) ?? "", /only newer servers know/);
  assert.equal(aboutNewerSource(server(170_010), server(170_001)), undefined);
  assert.equal(aboutNewerSource(server(100_000), server(180_000)), undefined);
});

test("options of subscriptions that a server does not know are left out, and nothing of the connection string", () => {
  const options = "WITH (connect = false, slot_name = NONE, streaming = off, run_as_owner = true)";
  const start = "CREATE SUBSCRIPTION s CONNECTION 'application_name=x, streaming = off' PUBLICATION p";
  const subscription = entry("SUBSCRIPTION", `${start} ${options};\n`);
  assert.equal(createTextFor(subscription, 130_000), `${start} WITH (connect = false, slot_name = NONE);\n`);
  assert.match(createTextFor(subscription, 150_000), /slot_name = NONE, streaming = off\)/);
  assert.equal(createTextFor(subscription, 160_000), subscription.create);
});

test("everything else is as it was written", () => {
  const body = "CREATE FUNCTION s.f() AS $$ (\n    FUNCTION = x,\n   EXECUTE FUNCTION y $$;\n";
  assert.equal(createTextFor(entry("FUNCTION", body), 100_000), body);
});
