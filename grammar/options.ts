// Options after WITH. `occurrence` tells apart the options of one rule: each alternative of the rule has its own.
import type { ParserMethod, TokenType } from "chevrotain";
import { spanOfToken } from "./create-nodes.ts";
import type { Kit } from "./kit.ts";
import type { BooleanOption, ExpressionOption, FlagOption, Position, Span, TextOption, UrisOption } from "./nodes.ts";
import { k, t } from "./tokens.ts";

interface OptionWords<Name extends string> {
  readonly name: Name;
  readonly words: readonly TokenType[];
  readonly position?: Position;
}

/** The words and their span, read in order. */
function consumeWords(p: Kit, occurrence: number, words: readonly TokenType[]): Span {
  const [start, end] = [p.LA(1), words.map((word) => p.consume(occurrence, word)).at(-1)];
  return { start: start.startOffset, end: end === undefined ? start.startOffset : spanOfToken(end).end };
}

/** `name = uri` or `name = (uri, …)`. */
export function urisOption<N extends string>(p: Kit, occurrence: number, option: OptionWords<N>): UrisOption<N> {
  const span = consumeWords(p, occurrence, option.words);
  const uris = p.subrule(occurrence, p.equalsUris, { ARGS: [option.position ?? "location"] });
  return { name: option.name, uris, span };
}

/** `name = text`. */
export function textOption<N extends string>(p: Kit, occurrence: number, option: OptionWords<N>): TextOption<N> {
  const span = consumeWords(p, occurrence, option.words);
  const text = p.subrule(occurrence, p.equalsText, { ARGS: [option.position ?? "text"] });
  return { name: option.name, text, span };
}

/** `name` alone. */
export function flagOption<N extends string>(p: Kit, occurrence: number, option: OptionWords<N>): FlagOption<N> {
  return { name: option.name, span: consumeWords(p, occurrence, option.words) };
}

/** `name`, `name = true`, `name = false`. */
export function booleanOption<N extends string>(p: Kit, occurrence: number, option: OptionWords<N>): BooleanOption<N> {
  const span = consumeWords(p, occurrence, option.words);
  const value =
    p.option(occurrence, () => {
      p.consume(occurrence, t.Equals);
      return p.subrule(occurrence, p.truth);
    }) ?? true;
  return { name: option.name, value, span };
}

/** `name = expression`. */
export function expressionOption<N extends string>(
  p: Kit,
  occurrence: number,
  option: OptionWords<N>,
): ExpressionOption<N> {
  const span = consumeWords(p, occurrence, option.words);
  p.consume(occurrence, t.Equals);
  return { name: option.name, expression: p.subrule(occurrence, p.expression), span };
}

/** Defines `WITH option, …` and `WITH OPTIONS (option, …)`; options given twice are complained about. */
export function defineWithOptions<O extends { readonly name: string; readonly span: Span }>(
  p: Kit,
  ruleName: string,
  option: ParserMethod<[], O>,
): ParserMethod<[], readonly O[]> {
  return p.RULE(ruleName, (): readonly O[] => {
    const options: O[] = [];
    p.CONSUME(k.WITH);
    p.OR([
      {
        ALT: () => {
          p.CONSUME(k.OPTIONS);
          p.CONSUME(t.OpenParenthesis);
          p.AT_LEAST_ONE_SEP1({ SEP: t.Comma, DEF: () => void options.push(p.SUBRULE1(option)) });
          p.CONSUME(t.CloseParenthesis);
        },
      },
      { ALT: () => p.AT_LEAST_ONE_SEP2({ SEP: t.Comma, DEF: () => void options.push(p.SUBRULE2(option)) }) },
    ]);
    p.refuseRepeats(options);
    return options;
  });
}
