import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { mayRun, ownIdentity, startByPs } from "../../src/std/process-identity.ts";

test("a process runs until it ends, and another one with its number is another one", async () => {
  const own = ownIdentity();
  assert.equal(mayRun(own), true);
  assert.equal(mayRun({ ...own, processStart: "another" }), false);
  assert.equal(mayRun({ ...own, host: "another machine" }), true);
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  // What ps tells stays the same while it lives, wherever the clock's zone is.
  const started = startByPs(pid);
  assert.match(started, /^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
  assert.equal(startByPs(pid), started);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(startByPs(pid), "");
  assert.equal(mayRun({ ...own, pid }), false);
});
