// Reads tokens against the recorded grammar, keeping every reading alive at once. Unlike the parser it looks no token
// ahead, so the token at which the last reading dies is the one to complain about.
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
  tokenMatcher,
  type IProduction,
  type IToken,
  type Rule,
  type TokenType,
} from "chevrotain";

/** A place in the grammar: the production to read next, and where to go on after this list of them. */
interface Place {
  readonly productions: readonly IProduction[];
  readonly index: number;
  readonly parent: Place | undefined;
}

interface Reading {
  readonly type: TokenType;
  readonly next: Place | undefined;
}

export interface Walked {
  /** How many tokens have a reading. */
  readonly read: number;
  /** What may come after those. */
  readonly expected: readonly TokenType[];
  /** Whether the statement may end after those. */
  readonly mayEnd: boolean;
  /** What the last token with a reading was read as. */
  readonly lastReadAs: readonly TokenType[];
}

export function walk(rule: Rule, tokens: readonly IToken[]): Walked {
  const walker = new Walker();
  let readings = walker.readingsFrom([walker.place(rule.definition, 0, undefined)]);
  let lastReadAs: readonly TokenType[] = [];
  for (const [read, token] of tokens.entries()) {
    const survivors = readings.list.filter((reading) => tokenMatcher(token, reading.type));
    if (survivors.length === 0) return { read, lastReadAs, ...summary(readings) };
    lastReadAs = survivors.map((reading) => reading.type);
    readings = walker.readingsFrom(survivors.map((reading) => reading.next));
  }
  return { read: tokens.length, lastReadAs, ...summary(readings) };
}

interface Readings {
  readonly list: readonly Reading[];
  readonly mayEnd: boolean;
}

function summary(readings: Readings): Pick<Walked, "expected" | "mayEnd"> {
  return { expected: [...new Set(readings.list.map((reading) => reading.type))], mayEnd: readings.mayEnd };
}

/** The fewest tokens, by their types, that end a statement after those read; undefined when those have no reading. */
export function shortestEnd(rule: Rule, tokens: readonly IToken[]): readonly TokenType[] | undefined {
  const walker = new Walker();
  let readings = walker.readingsFrom([walker.place(rule.definition, 0, undefined)]);
  for (const token of tokens) {
    const survivors = readings.list.filter((reading) => tokenMatcher(token, reading.type));
    if (survivors.length === 0) return undefined;
    readings = walker.readingsFrom(survivors.map((reading) => reading.next));
  }
  if (readings.mayEnd) return [];
  const seen = new Set<Place | undefined>();
  let open = readings.list.map(({ type, next }) => ({ next, types: [type] }));
  for (let round = 0; open.length > 0 && round < END_TOKENS_MAX; round++) {
    const further: typeof open = [];
    for (const { next, types } of open) {
      if (seen.has(next)) continue;
      seen.add(next);
      const after = walker.readingsFrom([next]);
      if (after.mayEnd) return types;
      for (const reading of after.list) further.push({ next: reading.next, types: [...types, reading.type] });
    }
    open = further;
  }
  return undefined;
}

/** No statement of ours wants more than this to be ended. */
const END_TOKENS_MAX = 24;

type Loop = RepetitionMandatory | RepetitionWithSeparator | RepetitionMandatoryWithSeparator;

function isLoop(production: IProduction): production is Loop {
  return (
    production instanceof RepetitionMandatory ||
    production instanceof RepetitionWithSeparator ||
    production instanceof RepetitionMandatoryWithSeparator
  );
}

class Walker {
  // Equal places are one object, so that readings which meet are followed once.
  readonly #places = new Map<readonly IProduction[], Map<Place | undefined, Place[]>>();
  readonly #loops = new Map<IProduction, readonly IProduction[]>();

  place(productions: readonly IProduction[], index: number, parent: Place | undefined): Place {
    let byParent = this.#places.get(productions);
    if (byParent === undefined) this.#places.set(productions, (byParent = new Map()));
    let byIndex = byParent.get(parent);
    if (byIndex === undefined) byParent.set(parent, (byIndex = []));
    return (byIndex[index] ??= { productions, index, parent });
  }

  readingsFrom(places: readonly (Place | undefined)[]): Readings {
    const seen = new Set<Place | undefined>();
    const list: Reading[] = [];
    const open = [...places];
    while (open.length > 0) {
      const place = open.pop();
      if (seen.has(place)) continue;
      seen.add(place);
      if (place !== undefined) this.#expand(place, list, open);
    }
    return { list, mayEnd: seen.has(undefined) };
  }

  #expand(place: Place, list: Reading[], open: (Place | undefined)[]): void {
    const production = place.productions[place.index];
    if (production === undefined) {
      open.push(place.parent);
      return;
    }
    const next = this.place(place.productions, place.index + 1, place.parent);
    if (production instanceof Terminal) list.push({ type: production.terminalType, next });
    if (production instanceof NonTerminal) open.push(this.place(production.referencedRule.definition, 0, next));
    if (production instanceof Alternation) {
      for (const alternative of production.definition) {
        if (alternative instanceof Alternative) open.push(this.place(alternative.definition, 0, next));
      }
    }
    if (production instanceof Option) open.push(next, this.place(production.definition, 0, next));
    if (production instanceof Repetition) open.push(next, this.place(production.definition, 0, place));
    if (isLoop(production)) this.#expandLoop(production, next, open);
  }

  #expandLoop(production: Loop, next: Place, open: (Place | undefined)[]): void {
    if (production instanceof RepetitionWithSeparator) open.push(next);
    open.push(this.place(production.definition, 0, this.place(this.#loopOf(production), 0, next)));
  }

  /** What may follow the first round of a loop: more rounds, each after the separator if there is one. */
  #loopOf(production: Loop): readonly IProduction[] {
    let loop = this.#loops.get(production);
    if (loop === undefined) {
      const round =
        production instanceof RepetitionMandatory
          ? production.definition
          : [new Terminal({ terminalType: production.separator }), ...production.definition];
      loop = [new Repetition({ definition: round })];
      this.#loops.set(production, loop);
    }
    return loop;
  }
}
