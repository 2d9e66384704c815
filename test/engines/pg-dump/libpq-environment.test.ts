import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import { withLibpqEnvironment } from "../../../src/engines/pg-dump/libpq-environment.ts";
import type { PostgresSettings } from "../../../src/engines/postgres/settings.ts";

const SETTINGS: PostgresSettings = { host: "db.example", port: 5433, database: "shop", user: "ann" };

describe("the variables an installed pg_dump connects by", () => {
  test("certificates and the key are files that only this user reads, gone after the call", async () => {
    const tls = { mode: "verify-full", rootCertificate: "ROOT", certificate: "CERT", key: "KEY" } as const;
    const paths = await withLibpqEnvironment({ ...SETTINGS, tls }, (environment) => {
      assert.equal(environment["PGSSLMODE"], "verify-full");
      const names = ["PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"].map((name) => environment[name] ?? "");
      assert.deepEqual(
        names.map((path) => readFileSync(path, "utf8")),
        ["ROOT", "CERT", "KEY"],
      );
      for (const path of names) assert.equal(statSync(path).mode & 0o077, 0);
      return Promise.resolve(names);
    });
    for (const path of paths) assert.equal(existsSync(path), false);
  });

  test("the files are removed when the program fails, too", async () => {
    let path = "";
    const failing = withLibpqEnvironment({ ...SETTINGS, tls: { mode: "verify-ca", rootCertificate: "R" } }, (made) => {
      path = made["PGSSLROOTCERT"] ?? "";
      return Promise.reject(new Error("it failed"));
    });
    await assert.rejects(failing, /it failed/);
    assert.notEqual(path, "");
    assert.equal(existsSync(path), false);
  });

  test("plain text stays plain text, where libpq by itself would try TLS", async () => {
    const variables = await withLibpqEnvironment(SETTINGS, (environment) => Promise.resolve(environment));
    assert.deepEqual(variables, {
      PGHOST: "db.example",
      PGPORT: "5433",
      PGUSER: "ann",
      PGGSSENCMODE: "disable",
      PGSSLMODE: "disable",
    });
  });

  test("the server's options, the name, the time limit in whole seconds and channel binding", async () => {
    const more = {
      options: "-c geqo=off",
      applicationName: "x",
      connectTimeoutMs: 1500,
      channelBinding: "disable",
    } as const;
    const variables = await withLibpqEnvironment({ ...SETTINGS, ...more }, (environment) =>
      Promise.resolve(environment),
    );
    assert.equal(variables["PGOPTIONS"], "-c geqo=off");
    assert.equal(variables["PGAPPNAME"], "x");
    assert.equal(variables["PGCONNECT_TIMEOUT"], "2");
    assert.equal(variables["PGCHANNELBINDING"], "disable");
  });
});
