import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key } from "ink";
import { inOneEncoding, strokesOf, withoutReplies } from "../../../repl/app/keys.ts";

const NO_KEY: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

function names(input: string, key: Partial<Key> = {}): readonly string[] {
  return strokesOf(input, { ...NO_KEY, ...key }).map((one) =>
    one.type === "text" ? JSON.stringify(one.text) : one.name,
  );
}

test("what a terminal answers to a program that is gone is nobody's text", () => {
  const replies =
    "\u001b]11;rgb:0000/0000/0000\u0007|\u001b]10;rgb:f/f/f\u001b\\|\u001bP>|xterm\u001b\\|\u001b_Gi=1;OK\u001b\\";
  assert.equal(withoutReplies(`a${replies}b`), "a|||b");
  // Alt with such a character is a key, and a paste is text.
  assert.equal(withoutReplies("\u001b_select \u001b]"), "\u001b_select \u001b]");
  const paste = "\u001b[200~\u001b]0;title\u0007\u001b[201~";
  assert.equal(withoutReplies(paste), paste);
});

test("keys have emacs' names", () => {
  assert.deepEqual(names("a", { ctrl: true }), ["C-a"]);
  assert.deepEqual(names("b", { meta: true }), ["M-b"]);
  assert.deepEqual(names("c", { meta: true, ctrl: true }), ["C-c"]);
  assert.deepEqual(names("\u0003", { meta: true }), ["C-c"]);
  assert.deepEqual(names("", { upArrow: true }), ["up"]);
  assert.deepEqual(names("", { leftArrow: true, ctrl: true }), ["C-left"]);
  assert.deepEqual(names("", { tab: true, shift: true }), ["S-tab"]);
  assert.deepEqual(names("\r", { return: true }), ["enter"]);
  assert.deepEqual(names("\r", { return: true, meta: true }), ["M-enter"]);
  assert.deepEqual(names("\r", { return: true, shift: true }), ["M-enter"]);
  assert.deepEqual(names("", { backspace: true, meta: true }), ["M-backspace"]);
  assert.deepEqual(names("", { escape: true }), ["escape"]);
});

test("fast typing is one input: its control characters are strokes of their own", () => {
  assert.deepEqual(names("select 1;\rx\t\u0001日本\u001f\u007f"), [
    '"select 1;"',
    "enter",
    '"x"',
    "tab",
    "C-a",
    '"日本"',
    "C-_",
    "backspace",
  ]);
});

test("a key that is let go is no stroke", () => {
  assert.deepEqual(names("a", { eventType: "release" }), []);
});

test("xterm's encoding of modified keys becomes kitty's", () => {
  assert.equal(inOneEncoding("a\u001b[27;3;13~b\u001b[27;5;97~"), "a\u001b[13;3ub\u001b[97;5u");
  assert.equal(inOneEncoding("\u001b[13;2u[27;5;97~\u001b[27~"), "\u001b[13;2u[27;5;97~\u001b[27~");
});

test("where a key is told by what it is without Shift, Shift counts", () => {
  assert.deepEqual(names(",", { meta: true, shift: true }), ["M-<"]);
  assert.deepEqual(names(".", { meta: true, shift: true }), ["M->"]);
  assert.deepEqual(names("-", { ctrl: true, shift: true }), ["C-_"]);
});
