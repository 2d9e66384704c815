import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { openFirst } from "../../src/connection/open-first.ts";
import type { PostgresConnection, TargetSession } from "../../src/connection/settings.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import { Secret } from "../../src/std/secret.ts";

type Kind = "primary" | "standby" | "down" | "refuses";

/** Engines that answer the two questions about their kind; closed ones are noted. */
function servers(kinds: Readonly<Record<string, Kind>>): {
  open: (at: { host: string }) => Promise<Engine>;
  closed: string[];
} {
  const closed: string[] = [];
  const open = async ({ host }: { host: string }): Promise<Engine> => {
    const kind = kinds[host];
    if (kind === "down") throw new ShellError("engine/connect", "connection refused");
    if (kind === "refuses") throw new ShellError("engine/connect", "wrong password", { sqlState: "28P01" });
    const answers: Record<string, string> = {
      "SELECT pg_catalog.pg_is_in_recovery()": kind === "standby" ? "t" : "f",
      "SHOW transaction_read_only": kind === "standby" ? "on" : "off",
    };
    const engine = {
      description: { location: host },
      rows: (sql: string) => Promise.resolve([[answers[sql] ?? null]]),
      [Symbol.asyncDispose]: () => Promise.resolve(void closed.push(host)),
    };
    return Promise.resolve(engine as unknown as Engine);
  };
  return { open, closed };
}

function connection(hosts: readonly string[], targetSession: TargetSession): PostgresConnection {
  return {
    kind: "postgres",
    hosts: hosts.map((host) => ({ host, port: 5432 })),
    targetSession,
    database: "d",
    user: "u",
    applicationName: "sealift",
    connectTimeoutMs: 0,
    provenance: {},
  };
}

suite("several hosts", () => {
  const world = { a: "down", b: "standby", c: "primary" } as const;
  const wishes: readonly (readonly [TargetSession, string])[] = [
    ["any", "b"],
    ["read-write", "c"],
    ["read-only", "b"],
    ["primary", "c"],
    ["standby", "b"],
    ["prefer-standby", "b"],
  ];
  for (const [wish, expected] of wishes) {
    test(`${wish} takes ${expected}`, async () => {
      const engine = await openFirst(connection(["a", "b", "c"], wish), servers(world).open);
      assert.equal(engine.description.location, expected);
    });
  }

  test("prefer-standby falls back", async () => {
    const engine = await openFirst(connection(["c"], "prefer-standby"), servers(world).open);
    assert.equal(engine.description.location, "c");
  });

  test("what is not wanted is closed again, and every host's reason is told", async () => {
    const { open, closed } = servers(world);
    await assert.rejects(openFirst(connection(["a", "c"], "standby"), open), (thrown) => {
      assert.ok(thrown instanceof ShellError);
      assert.deepEqual(thrown.detail, ["a:5432: connection refused", "c:5432: not standby"]);
      return true;
    });
    assert.deepEqual(closed, ["c"]);
  });

  test("a wrong password ends the search", async () => {
    const { open } = servers({ a: "refuses", b: "primary" });
    await assert.rejects(openFirst(connection(["a", "b"], "any"), open), { message: "wrong password" });
  });
});

test("a password that is wrong names the place it is from", async () => {
  const given = { ...connection(["a"], "any"), password: new Secret("x"), provenance: { password: "PGPASSWORD" } };
  const { open } = servers({ a: "refuses" });
  const error = await openFirst(given, open).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ShellError);
  assert.deepEqual(error.detail, ["the password is from: PGPASSWORD"]);
});
