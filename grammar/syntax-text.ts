// The syntax of our statements as text, made from the recorded grammar: what is read is what is shown.
import {
  Alternation,
  Alternative,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  Terminal,
  type IProduction,
  type TokenType,
} from "chevrotain";
import { parserOf } from "./parser.ts";
import { RULES } from "./statements.ts";
import { t } from "./tokens.ts";
import { DROPPED } from "./words.ts";

export interface SyntaxText {
  /** The clauses in order: WORDS, names in lower case, [ what may be left out ], { one | of these }. */
  readonly clauses: readonly string[];
  /** What the name `option` in the clauses stands for: one of these. */
  readonly options: readonly string[];
}

/** Rules that are shown by a name for what they read; an empty one is not shown. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  text: "'text'",
  quotedText: "'text'",
  redshiftString: "'text'",
  uris: "uri",
  name: "name",
  number: "number",
  redshiftNumber: "number",
  tablePattern: "pattern",
  qualifiedName: "table",
  expression: "expression",
  query: "query",
  group: "( … )",
  bareQuery: "query",
  truth: "boolean",
  id: "id",
  columnList: "( column [, …] )",
  variable: "",
  secret: "",
  // Forms of older releases, read with a warning.
  backupTo: "",
  incrementalFrom: "",
  restoreLayers: "",
};

const PLACEHOLDERS = new Map<TokenType, string>([
  [t.Literal, "'text'"],
  [t.String, "'text'"],
  [t.Number, "number"],
  [t.Operand, "expression"],
  [t.Inner, "expression"],
  [t.PlainVariable, ""],
]);

/** A choice between more than so many is shown apart. */
const INLINE_CHOICES_MAX = 6;

/** The syntax of the statement that begins with these words; undefined when none of ours does. */
export function syntaxText(head: string): SyntaxText | undefined {
  const rule = RULES.find(({ heads }) => heads.includes(head.toUpperCase()));
  const grammar = rule === undefined ? undefined : parserOf(rule).grammarOf(rule);
  if (grammar === undefined) return undefined;
  const words = head.toUpperCase().split(" ");
  const rest = behindWords(grammar.definition, words) ?? [];
  const writer = new SyntaxWriter();
  return { clauses: [words.join(" "), ...writer.clauses(rest)], options: [...writer.options] };
}

class SyntaxWriter {
  readonly options = new Set<string>();

  /** The productions one by one; what may be left out begins a clause of its own, as does a word after it. */
  clauses(productions: readonly IProduction[]): readonly string[] {
    const clauses: string[] = [];
    for (const production of productions) {
      const text = this.#one(production);
      if (text === "") continue;
      const last = clauses.at(-1);
      const begins = text.startsWith("[") || (production instanceof Terminal && !/^[A-Z ]+$/.test(last ?? ""));
      if (last === undefined || begins || last.endsWith("]")) clauses.push(text);
      else clauses[clauses.length - 1] = `${last} ${text}`;
    }
    return clauses;
  }

  #all(productions: readonly IProduction[]): string {
    return productions
      .map((production) => this.#one(production))
      .filter((text) => text !== "")
      .join(" ");
  }

  #one(production: IProduction): string {
    if (production instanceof Terminal) return wordOf(production.terminalType);
    if (production instanceof NonTerminal) return this.#rule(production);
    if (production instanceof Alternation) return this.#choice(production);
    if (production instanceof Option) return optional(this.#all(production.definition));
    if (production instanceof RepetitionMandatoryWithSeparator) return listed(this.#all(production.definition));
    if (production instanceof RepetitionWithSeparator) return optional(listed(this.#all(production.definition)));
    if (production instanceof RepetitionMandatory) return repeated(this.#all(production.definition));
    if (production instanceof Repetition) return optional(repeated(this.#all(production.definition)));
    return "";
  }

  #rule({ referencedRule }: NonTerminal): string {
    const shown = SHOWN_AS[referencedRule.name];
    if (shown !== undefined) return shown;
    const [only] = referencedRule.definition;
    const isChoice = referencedRule.definition.length === 1 && only instanceof Alternation;
    if (!isChoice || !(only instanceof Alternation)) return this.#all(referencedRule.definition);
    const choices = this.#choices(only);
    if (choices.length <= INLINE_CHOICES_MAX) return oneOf(choices);
    for (const choice of choices) this.options.add(choice);
    return "option";
  }

  /** What there is to choose from, choices within choices among it. */
  #choices(alternation: Alternation): readonly string[] {
    const texts = alternativesOf(alternation).flatMap((alternative) => {
      const [only] = alternative.definition;
      const rule = alternative.definition.length === 1 && only instanceof NonTerminal ? only.referencedRule : undefined;
      const [inner] = rule?.definition ?? [];
      const isNested = rule !== undefined && SHOWN_AS[rule.name] === undefined && rule.definition.length === 1;
      if (isNested && inner instanceof Alternation) return this.#choices(inner);
      return [this.#all(alternative.definition)];
    });
    const shown = [...new Set(texts)].filter((text) => text !== "" && !isDropped(text));
    // Options are written in lower case, also those whose words are keywords elsewhere.
    const lower = shown.filter((text) => /^[a-z_]+( =| \[|$)/.test(text) && !NAMES.has(text));
    return lower.length * 2 > shown.length ? shown.map((text) => text.toLowerCase()) : shown;
  }

  #choice(alternation: Alternation): string {
    return oneOf(this.#choices(alternation));
  }
}

const NAMES = new Set(["name", "number", "uri", "option", "query", "table", "pattern"]);

function alternativesOf(alternation: Alternation): readonly Alternative[] {
  return alternation.definition.filter((one) => one instanceof Alternative);
}

/** What follows the words that a statement begins with; undefined where it does not begin so. */
function behindWords(
  productions: readonly IProduction[],
  words: readonly string[],
): readonly IProduction[] | undefined {
  const [first, ...rest] = productions;
  if (words.length === 0) return productions;
  if (first instanceof Terminal)
    return first.terminalType.name === words[0] ? behindWords(rest, words.slice(1)) : undefined;
  if (first instanceof NonTerminal) return behindWords([...first.referencedRule.definition, ...rest], words);
  if (first instanceof Option) return behindWords([...first.definition, ...rest], words) ?? behindWords(rest, words);
  if (!(first instanceof Alternation)) return undefined;
  for (const { definition } of alternativesOf(first)) {
    const found = behindWords([...definition, ...rest], words);
    if (found !== undefined) return found;
  }
  return undefined;
}

function wordOf(type: TokenType): string {
  const placeholder = PLACEHOLDERS.get(type);
  if (placeholder !== undefined) return placeholder;
  const label = type.LABEL ?? type.name;
  return label.startsWith("a ") ? label.slice(2) : label;
}

/** Forms of older releases, and the parentheses after OPTIONS, which are another way to write the same. */
function isDropped(text: string): boolean {
  return DROPPED.has((text.split(" ")[0] ?? "").toUpperCase()) || text.startsWith("OPTIONS (");
}

function optional(text: string): string {
  if (text === "" || isEnclosed(text, "[]")) return text;
  return `[ ${isEnclosed(text, "{}") ? text.slice(2, -2) : text} ]`;
}

/** Whether the first bracket is closed by the last. */
function isEnclosed(text: string, [opening = "", closing = ""]: string): boolean {
  if (!text.startsWith(opening) || !text.endsWith(closing)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === opening) depth++;
    if (text[at] === closing) depth--;
    if (depth === 0) return at === text.length - 1;
  }
  return false;
}

function listed(text: string): string {
  return text === "" ? "" : `${text} [, …]`;
}

function repeated(text: string): string {
  return text === "" ? "" : `${text} …`;
}

function oneOf(texts: readonly string[]): string {
  const [only] = texts;
  return texts.length <= 1 ? (only ?? "") : `{ ${texts.join(" | ")} }`;
}
