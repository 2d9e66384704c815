import assert from "node:assert/strict";
import { it } from "node:test";
import { parseDuration, parseSize, printSize } from "../../src/plan/amounts.ts";

it("sizes are read in decimal and binary units", () => {
  const sizes = { "32MiB": 33_554_432, "1 GB": 1e9, "5kb": 5000, "1.5KiB": 1536, "17": 17, "8B": 8 };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
  for (const text of ["", "MiB", "-1", "1 XB", "1MiB extra", "1e9"]) assert.equal(parseSize(text), undefined, text);
});

it("durations are read in parts", () => {
  const durations = { "90s": 90_000, "1m30s": 90_000, "1h": 3_600_000, "250ms": 250, "2": 2000, "1.5s": 1500 };
  for (const [text, ms] of Object.entries(durations)) assert.equal(parseDuration(text), ms, text);
  for (const text of ["", "m", "1d", "-1s", "1s later"]) assert.equal(parseDuration(text), undefined, text);
});

it("sizes are printed as they are read", () => {
  const printed = { "0B": 0, "17B": 17, "1.5KiB": 1536, "32MiB": 33_554_432, "2TiB": 2 * 1024 ** 4 };
  for (const [text, bytes] of Object.entries(printed)) assert.equal(printSize(bytes), text);
});
