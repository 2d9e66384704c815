import assert from "node:assert/strict";
import { test } from "node:test";
import { createTextFor } from "../../src/backups/older-servers.ts";
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
