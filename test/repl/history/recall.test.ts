import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HistoryEntry } from "../../../repl/history/history.ts";
import { beginNavigation, navigate, type Recalled } from "../../../repl/history/navigation.ts";
import { previewOf, searchHistory } from "../../../repl/history/search.ts";

function entriesOf(...texts: string[]): HistoryEntry[] {
  return texts.map((text, index) => ({ text, atMs: index }));
}

/** What a search finds, the characters that matched in brackets. */
function found(query: string, ...texts: string[]): string[] {
  return searchHistory(entriesOf(...texts), query).map(({ entry, matched }) =>
    Array.from(entry.text, (character, at) => (matched.includes(at) ? `[${character}]` : character))
      .join("")
      .replaceAll("][", ""),
  );
}

suite("fuzzy search", () => {
  const texts = [
    "select * from orders",
    "select 1",
    "backup into 's3://orders'",
    "select * from orders",
    "drop table o",
  ];

  test("without a query gives each text once, newest first", () => {
    assert.deepEqual(found("", ...texts), ["drop table o", texts[3], texts[2], texts[1]]);
  });

  test("finds runs before scattered letters, and the newer of two alike", () => {
    assert.deepEqual(found("ord", ...texts), ["select * from [ord]ers", "backup into 's3://[ord]ers'"]);
    assert.deepEqual(found("dto", "drop table o", "delete from t order"), [
      "[d]rop [t]able [o]",
      "[d]ele[t]e fr[o]m t order",
    ]);
  });

  test("wants every word, in any order, across lines", () => {
    assert.deepEqual(found("orders sel", "select *\nfrom orders", "orders"), ["[sel]ect *\nfrom [orders]"]);
    assert.deepEqual(found("zz", ...texts), []);
  });

  test("minds case when the query does", () => {
    assert.deepEqual(found("SELECT", "select 1", "SELECT 2"), ["[SELECT] 2"]);
    assert.equal(found("select", "select 1", "SELECT 2").length, 2);
  });

  test("keeps offsets where lower case is longer", () => {
    assert.deepEqual(found("x", "İX"), ["İ[X]"]);
  });

  test("previews one line around what matched", () => {
    const [match] = searchHistory(entriesOf(`select 'first',\n\t${"'x', ".repeat(20)} needle from t`), "needle");
    assert.ok(match !== undefined);
    const { text, positions } = previewOf(match, 30);
    assert.equal(text.length, 30);
    assert.equal(positions.map((at) => text[at]).join(""), "needle");
    assert.match(text, /^…'x', +needle from t|^….*needle from t$/);
    assert.deepEqual(previewOf(match, 400).text.startsWith("select 'first',  'x'"), true);
    const [early] = searchHistory(entriesOf(`select ${"x".repeat(50)}`), "sel");
    assert.ok(early !== undefined);
    assert.deepEqual(previewOf(early, 10), { text: "select xx…", positions: [0, 1, 2] });
  });
});

suite("up and down", () => {
  const entries = entriesOf("select 1", "\\d", "select 2", "select 1");
  const steps = (start: Recalled, ...moves: [direction: "older" | "newer", edit?: string][]): string[] => {
    let at = start;
    return moves.map(([direction, edit]) => {
      const next = navigate(at.navigation, direction, edit ?? at.text);
      if (next === undefined) return "(end)";
      at = next;
      return at.text;
    });
  };

  test("meets each text once and comes back to the draft", () => {
    const start = { navigation: beginNavigation(entries, "dra"), text: "dra" };
    assert.deepEqual(
      steps(start, ["older", "draft"], ["older"], ["older"], ["older"], ["newer"], ["newer"], ["newer"], ["newer"]),
      ["select 1", "select 2", "\\d", "(end)", "select 2", "select 1", "draft", "(end)"],
    );
  });

  test("keeps what was changed on the way", () => {
    const start = { navigation: beginNavigation(entries, ""), text: "" };
    assert.deepEqual(steps(start, ["older"], ["older", "select 1 + 1"], ["newer"], ["older"]), [
      "select 1",
      "select 2",
      "select 1 + 1",
      "select 2",
    ]);
  });

  test("with a prefix meets only what begins with it", () => {
    const start = { navigation: beginNavigation(entries, "\\", "\\"), text: "\\" };
    assert.deepEqual(steps(start, ["older"], ["older"]), ["\\d", "(end)"]);
  });
});
