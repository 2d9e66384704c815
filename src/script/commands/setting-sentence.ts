import type { Display } from "../display.ts";

type Sentence = (display: Display) => string;

const onOff = (what: string, of: (display: Display) => boolean): Sentence => {
  return (display) => `${what} is ${of(display) ? "on" : "off"}.`;
};

const separator = (what: string, of: (display: Display) => string): Sentence => {
  const named: Readonly<Record<string, string>> = { "\0": "zero byte", "\n": "<newline>" };
  return (display) => `${what} is ${named[of(display)] ?? `"${of(display)}"`}.`;
};

const expanded: Sentence = (display) =>
  display.expanded === "auto" ? "Expanded display is used automatically." : `Expanded display is ${display.expanded}.`;
const tuplesOnly = onOff("Tuples only", (display) => display.tuplesOnly);
const title: Sentence = (display) => (display.title === undefined ? "Title is unset." : `Title is "${display.title}".`);
const fieldSeparator = separator("Field separator", (display) => display.fieldSeparator);
const recordSeparator = separator("Record separator", (display) => display.recordSeparator);

/** psql's words where it has some. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  format: ({ format }) => `Output format is ${format}.`,
  expanded,
  x: expanded,
  border: ({ border }) => `Border style is ${border}.`,
  linestyle: ({ lineStyle }) => `Line style is ${lineStyle}.`,
  null: ({ nullText }) => `Null display is "${nullText}".`,
  fieldsep: fieldSeparator,
  fieldsep_zero: fieldSeparator,
  recordsep: recordSeparator,
  recordsep_zero: recordSeparator,
  csv_fieldsep: separator("Field separator for CSV", (display) => display.csvSeparator),
  tuples_only: tuplesOnly,
  t: tuplesOnly,
  footer: onOff("Default footer", (display) => display.footer),
  maxrows: ({ rowsMax }) => (rowsMax === 0 ? "Results are shown whole." : `Results are shown up to ${rowsMax} rows.`),
  pager: ({ pager }) => (pager ? "Pager is used for what is higher than the screen." : "Pager usage is off."),
  title,
  C: title,
};

/** How a setting of \pset is now; undefined for one that has nothing to tell. */
export function settingSentence(name: string, display: Display): string | undefined {
  return SENTENCES[name]?.(display);
}
