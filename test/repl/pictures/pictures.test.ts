import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { widthOf } from "../../../repl/layout/cells.ts";
import { bar, fit } from "../../../repl/pictures/lines.ts";
import { createPicture } from "../../../repl/pictures/picture.ts";
import { PLAN_NODE_COLUMNS, planTable } from "../../../src/script/plan-rows.ts";
import { runTextVectors } from "../../harness/text-vectors.ts";

/** `timeline 80`, then a line of column names, then rows; cells parted by ` | `. Every line drawn is closed by `|`. */
function drawn(input: string): string {
  const [command = "", heading = "", ...lines] = input.split("\n");
  const [name = "", width] = command.split(" ");
  const rows = lines.map((line) => line.split(" | ").map((cell) => (cell === "" ? null : cell)));
  return draw(name, Number(width), heading.split(" | "), rows);
}

const BACKUP_COLUMNS = "path backup_type full_backup end_time stored_bytes files encryption keys".split(" ");
const LIST_LINES_MAX = 6;

/** `80`, then lines `2026-11-01T03:00:00Z every 1440 min, 300 backups, 6 layers`. Of a long list the begin. */
function drawnSeries(input: string): string {
  const [width, ...series] = input.split("\n");
  const rows = series.flatMap(seriesRows);
  const lines = draw("timeline", Number(width), BACKUP_COLUMNS, rows).split("\n");
  const listFrom = lines.indexOf("|") + 1;
  const left = lines.length - listFrom - LIST_LINES_MAX;
  return [...lines.slice(0, listFrom + LIST_LINES_MAX), ...(left > 0 ? [`(and ${left} lines)`] : [])].join("\n");
}

function seriesRows(line: string): string[][] {
  const [, from = "", every, count, layers] =
    /^(\S+) every (\S+) min, (\d+) backups?(?:, (\d+) layers)?$/.exec(line) ?? [];
  let full = "";
  return Array.from({ length: Number(count) }, (_, at) => {
    const text = new Date(Date.parse(from) + at * Number(every) * 60_000).toISOString();
    const [day, clock] = [text.slice(0, 10), `${text.slice(11, 19).replaceAll(":", "")}.${text.slice(20, 22)}`];
    const isFull = at % (1 + Number(layers ?? 0)) === 0;
    const path = `/${day.replaceAll("-", "/").replace(/\/(\d\d)$/, "/$1")}-${clock}`;
    if (isFull) full = path;
    const layer = `/incrementals${full}/${day.replaceAll("-", "")}/${clock}-0`;
    const bytes = isFull ? 4_000_000 + at * 10_000 : 200_000 + (at % 7) * 30_000;
    const time = text.replace("T", " ").replace("Z", "+00");
    return [isFull ? path : layer, isFull ? "full" : "incremental", full, time, String(bytes), "4", "kms", "2"];
  });
}

function draw(
  name: string,
  columns: number,
  names: readonly string[],
  rows: (string | null)[][],
  footers?: string[],
): string {
  const picture = createPicture(name, { columns, escapes: true, ...(footers === undefined ? {} : { footers }) });
  if (picture === undefined) return "(a table)";
  const text =
    picture.begin(names.map((one) => ({ name: one, kind: "text" }))) + picture.rows(rows) + [...picture.end()].join("");
  const lines = text.trimEnd().split("\n");
  for (const line of lines) assert.ok(widthOf(line) <= columns, `${line} is wider than ${columns}`);
  return lines.map((line) => `${line}|`).join("\n");
}

runTextVectors("pictures/timeline.txt", drawn);
runTextVectors("pictures/timeline-series.txt", drawnSeries);
runTextVectors("pictures/keys.txt", drawn);
runTextVectors("pictures/plan.txt", (input) => {
  const [width = "", ...json] = input.split("\n");
  const table = planTable(json.join("\n"));
  if (table === undefined) return "(no plan)";
  const names = PLAN_NODE_COLUMNS.map(({ name }) => name);
  return draw(
    "plan",
    Number(width),
    names,
    table.rows.map((row) => [...row]),
    [...table.footers],
  );
});

suite("pictures", () => {
  test("are for terminals that are wide enough, and for results of their kind", () => {
    assert.equal(createPicture("timeline", { escapes: false }), undefined);
    assert.equal(createPicture("timeline", { escapes: true, columns: 20 }), undefined);
    assert.equal(createPicture("portrait", { escapes: true, columns: 80 }), undefined);
  });

  test("never steer the terminal", () => {
    const text = draw(
      "keys",
      60,
      ["path", "key", "status", "reason"],
      [["/a\u001b[2J", "k\u0007", "denied", "\u001b]0;x\n"]],
    );
    assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(text), JSON.stringify(text));
  });

  test("bars show what is not nothing", () => {
    assert.deepEqual(
      [bar(0, 4), bar(0.0001, 4), bar(0.5, 4), bar(1, 4), bar(2, 4)],
      ["    ", "▏   ", "██  ", "████", "████"],
    );
  });

  test("text is cut to its width in columns", () => {
    assert.deepEqual([fit("abc", 3), fit("abcd", 3), fit("日本語", 5), fit("a", 0)], ["abc", "ab…", "日本…", ""]);
  });
});
