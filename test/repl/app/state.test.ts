// The reducer by vectors: strokes in, what is drawn and what is wished out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf } from "../../../repl/app/frame.ts";
import { NO_INSIGHT } from "../../../repl/app/insight.ts";
import type { Question } from "../../../repl/app/question.ts";
import { createState, reduce, type Action, type State, type Tools } from "../../../repl/app/state.ts";
import { textOfLine } from "../../../repl/app/style.ts";
import { completenessOf } from "../../../repl/editor/line-states.ts";
import { searchHistory } from "../../../repl/history/search.ts";
import type { CompletionItem } from "../../../src/index.ts";
import { runTextVectors } from "../../harness/text-vectors.ts";

const CONNECTED = { database: "sealift", superuser: false, transaction: "idle" } as const;

const TOOLS: Tools = { completeness: completenessOf, search: (entries, query) => searchHistory(entries, query) };
const HISTORY = ["select 1;", "select 'two'\n  as two;", "backup into 'x';"].map((text, atMs) => ({ text, atMs }));

const CHOICE: Question = {
  text: "sure?",
  detail: ["a fact"],
  refusal: "no",
  answer: { kind: "choice", choices: [{ key: "y", label: "yes", value: "yes" }] },
};
const WORD: Question = { text: "sure?", detail: [], refusal: "no", answer: { kind: "word", word: "shop", typed: "" } };

function items(words: readonly string[], kind: CompletionItem["kind"]): readonly CompletionItem[] {
  return words.filter((word) => word !== "").map((word) => ({ label: word, insert: word, kind }));
}

/** `C-a`, `"text"`, `paste:text`, `proposals:start:a,b`, `early:start:a` (more will follow), `places:start:a`, `ask`, `ask-word`, `rested`. */
function actionOf(word: string, { editor }: State): Action {
  const { text, cursor } = editor.buffer;
  if (word.startsWith('"')) return { type: "stroke", stroke: { type: "text", text: JSON.parse(word) as string } };
  const [name = "", first = "", second = ""] = word.split(":");
  if (name === "paste") return { type: "paste", text: first };
  if (name === "ask") return { type: "ask", question: CHOICE };
  if (name === "ask-word") return { type: "ask", question: WORD };
  if (name === "filled") return { type: "filled", text: first.replaceAll("\\s", " ").replaceAll("\\r\\n", "\r\n") };
  if (name === "rested") return { type: "rested" };
  if (!["proposals", "early", "places"].includes(name)) return { type: "stroke", stroke: { type: "key", name: word } };
  const found = {
    span: { start: Number(first), end: cursor },
    items: items(second.split(","), name === "places" ? "location" : "table"),
    isPartial: name === "early",
  };
  return { type: "completions", text, cursor, found };
}

function played(line: string): string {
  let state = createState(HISTORY);
  const wishes: string[] = [];
  for (const word of line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []) {
    state = reduce(state, actionOf(word, state), TOOLS);
    wishes.push(...state.wishes.map((wish) => JSON.stringify(Object.values(wish).join(" "))));
  }
  const facts = { ...CONNECTED, profile: undefined, badge: "" };
  const view = { columns: 60, rows: 12, facts, insight: NO_INSIGHT, progress: [] };
  const { lines, cursor } = frameOf(state, view);
  const shown = lines.map((one) => textOfLine(one).trimEnd());
  const at = cursor === undefined ? "no cursor" : `cursor ${cursor.x} ${cursor.y}`;
  return [...shown, `${at}${wishes.length === 0 ? "" : `, wishes ${wishes.join(" ")}`}`].join("\n");
}

runTextVectors("repl/state.txt", played);

test("the frame is never higher than the terminal less two rows", () => {
  let state = createState(HISTORY);
  const facts = { ...CONNECTED, profile: undefined, badge: "" };
  for (const text of ["a\n".repeat(50), "x".repeat(5000)]) {
    state = reduce(state, { type: "paste", text }, TOOLS);
    for (const rows of [3, 5, 24]) {
      const { lines } = frameOf(state, { columns: 40, rows, facts, insight: NO_INSIGHT, progress: [] });
      assert.ok(lines.length <= rows - 2 || rows === 3, `${lines.length} lines on ${rows} rows`);
    }
  }
});

test("below a word that cannot be right stands what was meant, and nothing is said twice", () => {
  const facts = { ...CONNECTED, profile: undefined, badge: "" };
  const below = (hint?: string): string => {
    const diagnostic = { start: 0, end: 6, message: "expected kms after WITH", expected: ["kms"] };
    const insight = { ...NO_INSIGHT, diagnostic: hint === undefined ? diagnostic : { ...diagnostic, hint } };
    const { lines } = frameOf(createState(HISTORY), { columns: 60, rows: 12, facts, insight, progress: [] });
    return textOfLine(lines.at(-1) ?? []).trimEnd();
  };
  assert.equal(below(), "expected kms after WITH");
  assert.equal(below("did you mean kms?"), "did you mean kms?  expected kms after WITH");
});

test("a question and its answers are to be read whole on a narrow screen, and facts give way on a low one", () => {
  const facts = { ...CONNECTED, profile: undefined, badge: "" };
  const insight = { highlights: [], diagnostic: undefined, secrets: [] };
  const choices = [
    { key: "c", label: "commit and leave", value: "COMMIT" },
    { key: "r", label: "roll back and leave", value: "ROLLBACK" },
    { key: "s", label: "stay", value: "stay" },
  ];
  const question = {
    text: "DELETE FROM orders has no WHERE: delete about 200,000 rows?",
    detail: ["a transaction is open: ROLLBACK would undo it"],
    refusal: "stay",
    answer: { kind: "choice", choices },
  } as const;
  const shown = (columns: number, rows: number): string => {
    const state = { ...createState([]), question };
    const { lines } = frameOf(state, { columns, rows, facts, insight, progress: [] });
    return lines.map((line) => textOfLine(line).trimEnd()).join("\n");
  };
  assert.equal(
    shown(40, 12),
    `DELETE FROM orders has no WHERE: delete
about 200,000 rows?
  a transaction is open: ROLLBACK would
  undo it
c commit and leave
r roll back and leave
s stay`,
  );
  assert.equal(
    shown(40, 7),
    `DELETE FROM orders has no WHERE: delete
about 200,000 rows?
c commit and leave
r roll back and leave
s stay`,
  );
  assert.equal(shown(100, 7).split("\n").length, 3);
});

test("what is found in the history is shown as the editor shows it, with what matched in sight", () => {
  const long = `select ${"a, ".repeat(40)}needle from t;`;
  const texts = [long, "select 'a\u001b[31mred\u202e needle';", "select 1 as needle;"];
  const facts = { ...CONNECTED, profile: undefined, badge: "" };
  let state = createState(texts.map((text, atMs) => ({ text, atMs })));
  state = reduce(state, { type: "stroke", stroke: { type: "key", name: "C-r" } }, TOOLS);
  state = reduce(state, { type: "stroke", stroke: { type: "text", text: "needle" } }, TOOLS);
  const { lines } = frameOf(state, { columns: 50, rows: 12, facts, insight: NO_INSIGHT, progress: [] });
  assert.deepEqual(lines.map(textOfLine), [
    "search: needle",
    "› select 1 as needle;",
    "  select 'a^[[31mred<202e> needle';",
    "  … a, a, a, a, a, a, a, a, a, a, needle from t;",
  ]);
  assert.ok(lines[3]?.some(({ text, style }) => text === "needle" && style === "match"));
});

test("a proposal is one line, whatever its name holds, and leaves room for what is typed", () => {
  const facts = { ...CONNECTED, profile: undefined, badge: "" };
  const view = { columns: 40, rows: 12, facts, insight: NO_INSIGHT, progress: [] };
  let state = reduce(createState([]), { type: "paste", text: "select 1,\n2,\n3,\n4,\n5 from e" }, TOOLS);
  const { text, cursor } = state.editor.buffer;
  const labels = ['"e\nvil"', '"e\u001b[31m"', '"e\u202e"', "e1", "e2", "e3", "e4", "e5"];
  const found = { span: { start: cursor - 1, end: cursor }, items: items(labels, "table") };
  state = reduce(state, { type: "completions", text, cursor, found }, TOOLS);
  assert.deepEqual(
    frameOf(state, view).lines.map((line) => textOfLine(line).trimEnd()),
    [
      "sealift=> select 1,",
      "sealift-> 2,",
      "sealift-> 3,",
      "sealift-> 4,",
      "sealift-> 5 from e",
      '  "e^Jvil"   table',
      '  "e^[[31m"  table',
      '  "e<202e>"  table',
      "  e1         table",
      "  e2         table",
    ],
  );
});
