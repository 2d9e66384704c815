import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { connectError } from "../../../src/engines/postgres/connect-errors.ts";
import type { PostgresSettings } from "../../../src/engines/postgres/settings.ts";

const SETTINGS: PostgresSettings = {
  host: "db.example",
  port: 5432,
  database: "shop",
  user: "ann",
  tls: { mode: "verify-full" },
};

function failing(message: string, code?: string, more: object = {}): Error {
  return Object.assign(new Error(message), code === undefined ? more : { code, ...more });
}

suite("what went wrong while connecting, and what to do", () => {
  const cases: readonly (readonly [thrown: Error, reason: string, hint: RegExp | undefined, detail?: string])[] = [
    [
      failing("The server does not support SSL connections"),
      "the server does not speak TLS, and sslmode=verify-full asks for it",
      /^sslmode=prefer goes on without TLS/,
    ],
    [
      failing("There was an error establishing an SSL connection"),
      "what listens there does not speak PostgreSQL's protocol",
      /^check the port$/,
    ],
    [
      failing("Connection terminated unexpectedly"),
      "the connection was closed before the server had answered",
      /^check the port; the server's log/,
    ],
    [failing("timeout expired"), "no answer in time", /^check the network/],
    [failing('role "ann" does not exist', "28000"), 'role "ann" does not exist', /^check the name ann; \\du/],
    [failing("no pg_hba.conf entry for …", "28000"), "no pg_hba.conf entry for …", /^the server's pg_hba\.conf/],
    [
      failing("self-signed certificate; if the root CA is installed locally, …", "DEPTH_ZERO_SELF_SIGNED_CERT"),
      "the server's certificate is signed by itself, and is not the one that is expected",
      /sslrootcert$/,
    ],
    [
      failing("unable to get local issuer certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
      "the server's certificate is signed by an authority that is not known here",
      /sslrootcert$/,
    ],
    [failing("certificate has expired", "CERT_HAS_EXPIRED"), "the server's certificate has expired", /^renew it/],
    [
      failing("Hostname/IP does not match …", "ERR_TLS_CERT_ALTNAME_INVALID", {
        cert: { subjectaltname: "DNS:a.example, IP Address:10.0.0.1" },
      }),
      "the server's certificate is not for db.example",
      /^connect by a name the certificate holds/,
      "it is for a.example, 10.0.0.1",
    ],
    [
      failing("getaddrinfo EAI_AGAIN", "EAI_AGAIN"),
      "the host's name cannot be looked up at the moment",
      /name server$/,
    ],
    [failing("connect EHOSTUNREACH", "EHOSTUNREACH"), "no way leads to the host", /^check the network/],
    [failing("write EPIPE", "EPIPE"), "write EPIPE", undefined],
  ];
  for (const [thrown, reason, hint, detail] of cases) {
    test(reason, () => {
      const error = connectError(thrown, SETTINGS);
      assert.equal(error.code, "engine/connect");
      assert.equal(error.message, `cannot connect to db.example:5432: ${reason}`);
      if (hint === undefined) assert.equal(error.hint, undefined);
      else assert.match(error.hint ?? "", hint);
      assert.deepEqual(error.detail, detail === undefined ? [] : [detail]);
      assert.equal(error.sqlState === "28000", "code" in thrown && thrown.code === "28000");
    });
  }
});
