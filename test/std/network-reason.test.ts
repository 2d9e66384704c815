import assert from "node:assert/strict";
import { it } from "node:test";
import { networkReason } from "../../src/std/network-reason.ts";

const withCode = (code: string): Error => Object.assign(new Error("x"), { code });

it("finds why a connection failed, wherever a library hides it", () => {
  const refused = "connection refused";
  const shapes = [
    withCode("ECONNREFUSED"),
    new Error("outer", { cause: new Error("inner", { cause: withCode("ECONNREFUSED") }) }),
    new AggregateError([withCode("ECONNREFUSED"), withCode("EHOSTUNREACH")]),
    new Error("request to http://127.0.0.1:1/ failed, reason: connect ECONNREFUSED 127.0.0.1:1"),
  ];
  for (const shape of shapes) assert.equal(networkReason(shape), refused);
  assert.equal(networkReason(Object.assign(new Error("x"), { name: "TimeoutError" })), "timed out");
  assert.match(networkReason(withCode("CERT_HAS_EXPIRED")) ?? "", /expired/u);
});

it("reads the sentences of gRPC, which leaves the codes out", () => {
  const none = "14 UNAVAILABLE: No connection established. Last error:";
  for (const [said, reason] of [
    ["14 UNAVAILABLE: Name resolution failed for target dns:nowhere.invalid:443", "DNS knows no such host"],
    [`${none} Error: self-signed certificate; try --use-system-ca.`, "its certificate is signed by itself"],
    [`${none} Error: unable to verify the first certificate`, /does not trust$/u],
    [`${none} Error: 40CD:error:0A00010B:SSL routines:x:wrong version number:y`, "it does not speak TLS"],
    [`${none} Protocol error (2026-11-30T16:22:16.862Z)`, "it speaks another protocol"],
  ] as const)
    assert.match(
      networkReason(new Error(said)) ?? "",
      reason instanceof RegExp ? reason : new RegExp(`^${reason}$`, "u"),
    );
});

it("tells a firewall of this machine from a file that may not be read", () => {
  const denied = (syscall: string): Error => Object.assign(withCode("EACCES"), { syscall });
  assert.equal(networkReason(denied("connect")), "this machine lets no connection out to it");
  assert.equal(networkReason(denied("open")), undefined);
});

it("says nothing of errors of another kind", () => {
  const loop = new Error("loop");
  loop.cause = loop;
  for (const other of [new Error("EVERYTHING is wrong"), withCode("ENOENT"), loop, "ECONNREFUSED", undefined])
    assert.equal(networkReason(other), undefined);
});
