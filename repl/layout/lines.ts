// What the lines of a table are made of: psql's two line styles.
import type { Display } from "../../src/index.ts";

interface Rule {
  readonly left: string;
  readonly cross: string;
  readonly right: string;
}

export type RulePlace = "top" | "middle" | "bottom";

export interface Lines {
  readonly dash: string;
  readonly vertical: string;
  /** Behind a line of a cell that goes on in the next. */
  readonly more: string;
  /** The corners and crosses of a framed table. */
  readonly rules: Readonly<Record<RulePlace, Rule>>;
}

const ASCII_RULE: Rule = { left: "+", cross: "+", right: "+" };

const STYLES: Readonly<Record<Display["lineStyle"], Lines>> = {
  ascii: {
    dash: "-",
    vertical: "|",
    more: "+",
    rules: { top: ASCII_RULE, middle: ASCII_RULE, bottom: ASCII_RULE },
  },
  unicode: {
    dash: "─",
    vertical: "│",
    more: "↵",
    rules: {
      top: { left: "┌", cross: "┬", right: "┐" },
      middle: { left: "├", cross: "┼", right: "┤" },
      bottom: { left: "└", cross: "┴", right: "┘" },
    },
  },
};

export function linesOf({ lineStyle }: Display): Lines {
  return STYLES[lineStyle];
}

/** A rule over columns of these widths. */
export function ruleLine(widths: readonly number[], display: Display, place: RulePlace): string {
  const { dash, rules } = linesOf(display);
  const { left, cross, right } = rules[place];
  const parts = widths.map((width) => dash.repeat(width));
  if (display.border === 0) return `${parts.join(" ")}\n`;
  const line = `${dash}${parts.join(`${dash}${cross}${dash}`)}${dash}`;
  return display.border === 2 ? `${left}${line}${right}\n` : `${line}\n`;
}
