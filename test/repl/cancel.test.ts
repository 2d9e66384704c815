import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Cancellation } from "../../repl/cancel.ts";
import { usesColour } from "../../repl/colour.ts";

function ladder(): { cancellation: Cancellation; exits: number[]; said: string[]; wait: (ms: number) => void } {
  let at = 0;
  const exits: number[] = [];
  const said: string[] = [];
  const cancellation = new Cancellation({
    now: () => at,
    say: (text) => void said.push(text),
    exit: (status) => void exits.push(status),
  });
  return { cancellation, exits, said, wait: (ms) => void (at += ms) };
}

suite("the ladder of Ctrl-C", () => {
  test("first asks to stop, second drops everything", () => {
    const { cancellation, exits, said, wait } = ladder();
    assert.equal(cancellation.status, undefined);
    cancellation.take("SIGINT");
    assert.ok(cancellation.signal.aborted);
    assert.equal(cancellation.status, 130);
    assert.equal(said.length, 1);
    wait(500);
    cancellation.take("SIGINT");
    assert.deepEqual(exits, [130]);
  });

  test("the terminal's and the launcher's copy of one press count once", () => {
    const { cancellation, exits, wait } = ladder();
    cancellation.take("SIGINT");
    wait(20);
    cancellation.take("SIGINT");
    assert.deepEqual(exits, []);
  });

  test("the first signal decides the status", () => {
    const { cancellation, exits, wait } = ladder();
    cancellation.take("SIGTERM");
    wait(500);
    cancellation.take("SIGINT");
    assert.equal(cancellation.status, 143);
    assert.deepEqual(exits, [143]);
  });
});

test("colour: option, NO_COLOR, force, dumb, terminal", () => {
  assert.equal(usesColour("always", { NO_COLOR: "1" }, false), true);
  assert.equal(usesColour("never", { FORCE_COLOR: "1" }, true), false);
  assert.equal(usesColour("auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, true), false);
  assert.equal(usesColour("auto", { NO_COLOR: "" }, true), true);
  assert.equal(usesColour("auto", { FORCE_COLOR: "1" }, false), true);
  assert.equal(usesColour("auto", { FORCE_COLOR: "0" }, false), false);
  assert.equal(usesColour("auto", { CLICOLOR_FORCE: "1", TERM: "dumb" }, false), true);
  assert.equal(usesColour("auto", { TERM: "dumb" }, true), false);
  assert.equal(usesColour("auto", {}, true), true);
  assert.equal(usesColour("auto", {}, false), false);
});
