import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { Exchange } from "../../../src/engines/postgres/exchange.ts";
import { Wire } from "../../../src/engines/postgres/wire.ts";
import { ShellError } from "../../../src/errors.ts";

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(body) + 4);
  return Buffer.concat([Buffer.from(type, "latin1"), length, Buffer.from(body, "latin1")]);
}

test("a cancel request that the server missed is made again", async () => {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const wire = new Wire(stream, { pace: false });
  const stop = new AbortController();
  let requests = 0;
  await using exchange = new Exchange(wire, {
    signal: stop.signal,
    parameterChanged: () => {},
    ready: () => {},
    cancel: () => {
      requests += 1;
      // The statement begins after the first request: only the second one finds it.
      if (requests === 2)
        wire.receive(Buffer.concat([message("E", "SERROR\0C57014\0Mcanceling\0\0"), message("Z", "I")]));
      return Promise.resolve();
    },
  });
  stop.abort();
  await assert.rejects(exchange.finish(), (error) => error instanceof ShellError && error.code === "job/interrupted");
  assert.equal(requests, 2);
});
