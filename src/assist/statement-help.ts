// \h: the syntax of a statement made from the grammar, with what there is to know of it.
import { syntaxText } from "../../grammar/index.ts";
import { EXPLAIN_TOPIC, HELP_TOPICS, OPTION_NOTES, type HelpTopic } from "./help-topics.ts";
import { SQL_COMMANDS } from "./sql-definitions.ts";

const WIDTH = 80;
/** Notes on options begin no further to the right. */
const NOTE_COLUMN_MAX = 36;

/** What there is help on: our statements first, then the database's. */
export function helpTopics(): readonly string[] {
  const ours = [...HELP_TOPICS.map(({ name }) => name), EXPLAIN_TOPIC.name];
  return [...ours, ...SQL_COMMANDS.map(({ name }) => name).filter((name) => !ours.includes(name))];
}

/**
 * Help on the statement that the words name, or begin to name: `restore`, `create ext`. Without words the list of what
 * there is help on; undefined when there is nothing.
 * @param width columns of the terminal.
 */
export function statementHelp(asked: string, width = WIDTH): readonly string[] | undefined {
  const words = asked.replace(/;$/, "").trim().replace(/\s+/g, " ").toUpperCase();
  if (words === "" || words === "*") return contents(width);
  const topics = helpTopics();
  const named = topics.filter((topic) => topic === words);
  const begun = named.length > 0 ? named : topics.filter((topic) => topic.startsWith(words));
  const found = begun.length > 0 ? begun : topics.filter((topic) => words.startsWith(`${topic} `));
  if (found.length === 0) return undefined;
  const also = named.length === 0 ? [] : topics.filter((topic) => topic.startsWith(`${words} `));
  const lines = found.flatMap((topic, at) => [...(at === 0 ? [] : [""]), ...helpOn(topic, width)]);
  return also.length === 0 ? lines : [...lines, "", ...filled(`See also: ${also.join(", ")}`, width)];
}

function contents(width: number): readonly string[] {
  const ours = [...HELP_TOPICS, EXPLAIN_TOPIC].map(({ name }) => name);
  const rest = SQL_COMMANDS.map(({ name }) => name).filter((name) => !ours.includes(name));
  return [
    "Statements of Sealift:",
    ...inColumns(ours, width),
    "",
    "SQL of the database:",
    ...inColumns(rest.toSorted(), width),
    "",
    "\\h STATEMENT shows the syntax of one.",
  ];
}

function inColumns(names: readonly string[], width: number): readonly string[] {
  const cell = Math.max(...names.map((name) => name.length)) + 2;
  const perLine = Math.max(1, Math.floor((width - 2) / cell));
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += perLine) {
    lines.push(
      `  ${names
        .slice(at, at + perLine)
        .map((name) => name.padEnd(cell))
        .join("")}`.trimEnd(),
    );
  }
  return lines;
}

function helpOn(name: string, width: number): readonly string[] {
  const topic = HELP_TOPICS.find((one) => one.name === name);
  const sql = SQL_COMMANDS.filter((one) => one.name === name);
  const own = topic === undefined ? (name === EXPLAIN_TOPIC.name ? explain(width) : []) : ourHelp(topic, width);
  const theirs = sql.flatMap(({ summary, synopses }) => [
    ...(own.length === 0 ? [] : [""]),
    ...headed(own.length === 0 ? name : `${name} of the database`, summary, width),
    "",
    ...synopses.flatMap((synopsis) => wrapped(synopsis.split(/ (?=\[|\{)/), width)),
  ]);
  return [...own, ...theirs];
}

function explain(width: number): readonly string[] {
  const { name, summary, syntax, notes } = EXPLAIN_TOPIC;
  return [
    ...headed(name, summary, width),
    "",
    ...wrapped(syntax, width),
    "",
    ...notes.flatMap((note) => filled(note, width)),
  ];
}

function headed(name: string, summary: string, width: number): readonly string[] {
  return filled(`${name}: ${summary}`, width);
}

function ourHelp(topic: HelpTopic, width: number): readonly string[] {
  const { name, summary, notes, names = [], example } = topic;
  const heads =
    name === "COPY JOB"
      ? ["COPY JOB ALTER", "COPY JOB RUN", "COPY JOB SHOW", "COPY JOB DROP", "COPY JOB LIST"]
      : [name];
  const lines = [...headed(name, summary, width), ""];
  const options = new Set<string>();
  for (const head of heads) {
    const syntax = syntaxText(head);
    lines.push(...wrapped(renamed(syntax?.clauses ?? [], names), width));
    for (const option of syntax?.options ?? []) options.add(option);
  }
  const shown = lines.join(" ");
  if (options.size > 0) lines.push("", "where option is one of", ...optionLines([...options], width));
  const hasUri = /\buri\b/.test(`${shown} ${[...options].join(" ")}`);
  if (hasUri) lines.push("", ...filled("uri is 'scheme://…', or several in parentheses: ('…', '…')", width));
  if (notes.length > 0) lines.push("", ...notes.flatMap((note) => filled(note, width)));
  if (example !== undefined)
    lines.push("", "For example", ...wrapped(example.split(/ (?=INTO|FROM|TO|WITH|ADD|AS)/), width));
  return lines;
}

/** The clauses with the names that a topic gives to texts. */
function renamed(clauses: readonly string[], names: NonNullable<HelpTopic["names"]>): readonly string[] {
  let text = clauses.join("\n");
  for (const [written, shown] of names) {
    const parts = written.split(" ").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    text = text.replaceAll(new RegExp(parts.join(String.raw`\s`), "g"), shown);
  }
  return text.split("\n");
}

function optionLines(options: readonly string[], width: number): readonly string[] {
  const noteOf = (option: string): string => OPTION_NOTES[/[A-Za-z_]+/.exec(option)?.[0] ?? ""] ?? "";
  const noted = options.filter((option) => noteOf(option) !== "" && option.length <= NOTE_COLUMN_MAX);
  const column = Math.max(0, ...noted.map((option) => option.length));
  return options.flatMap((option) => {
    const note = noteOf(option);
    const line = `  ${option.padEnd(column)}  ${note}`.trimEnd();
    if (line.length <= width && (note === "" || option.length <= column)) return [line];
    return [
      ...wrapped([option], width),
      ...(note === "" ? [] : filled(note, width - 6).map((text) => `      ${text}`)),
    ];
  });
}

/** Clauses one after another, indented, broken where a clause begins and, where one is too long, at blanks. */
function wrapped(clauses: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const clause of clauses) {
    const indent = lines.length === 0 && line === "" ? "  " : "      ";
    const joined = line === "" ? `${indent}${clause}` : `${line} ${clause}`;
    if (joined.length <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = filled(clause, width - 8);
    lines.push(
      ...pieces
        .slice(0, -1)
        .map((piece, at) => `${at === 0 && lines.length === 0 ? "  " : at === 0 ? "      " : "        "}${piece}`),
    );
    line = `${pieces.length > 1 ? "        " : lines.length === 0 ? "  " : "      "}${pieces.at(-1) ?? ""}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** Words in lines of at most `width`, unless one word is longer. A bracket stays with the word beside it. */
function filled(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/(?:[[{(] )*\S+(?: (?:[\]})]+;?|\[, …\]|…)(?= |$))*/g) ?? []) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
