// Syntax in one line, as manuals write it: WORDS, names in lower case, [ what may be left out ], { one | of these },
// [, ...] for more of the same. Read by people in \h, and here to tell what may come next.

export type Synopsis =
  | { readonly kind: "word"; readonly text: string; /** This word and those that must follow it. */ phrase: string }
  | { readonly kind: "slot"; readonly name: string }
  | { readonly kind: "sign"; readonly text: string }
  | { readonly kind: "sequence"; readonly items: readonly Synopsis[] }
  | { readonly kind: "choice"; readonly options: readonly Synopsis[]; readonly optional: boolean }
  | { readonly kind: "list"; readonly item: Synopsis };

const PIECES = /\[, \.\.\.\]|[[\]{}|(),=]|[A-Za-z_]+/g;

export function parseSynopsis(text: string): Synopsis {
  const pieces = text.match(PIECES) ?? [];
  let at = 0;

  function sequence(): Synopsis {
    const items: Synopsis[] = [];
    for (let piece = pieces[at]; piece !== undefined && !"|]}".includes(piece); piece = pieces[at]) {
      at++;
      items.push(...item(piece, items));
    }
    joinPhrases(items);
    return { kind: "sequence", items };
  }

  function item(piece: string, items: Synopsis[]): readonly Synopsis[] {
    if (piece === "[" || piece === "{") return [choice(piece === "[")];
    if (piece === "[, ...]") {
      const last = items.pop();
      return last === undefined ? [] : [{ kind: "list", item: last }];
    }
    if (/^[A-Z]/.test(piece)) return [{ kind: "word", text: piece, phrase: piece }];
    return /^[a-z]/.test(piece) ? [{ kind: "slot", name: piece }] : [{ kind: "sign", text: piece }];
  }

  function choice(optional: boolean): Synopsis {
    const options = [sequence()];
    while (pieces[at] === "|") {
      at++;
      options.push(sequence());
    }
    at++;
    return { kind: "choice", options, optional };
  }

  return sequence();
}

function joinPhrases(items: readonly Synopsis[]): void {
  let following = "";
  for (const item of items.toReversed()) {
    if (item.kind === "word") item.phrase = following = following === "" ? item.text : `${item.text} ${following}`;
    else following = "";
  }
}

/** A word of a statement, as far as a synopsis looks at it. */
export interface Lexical {
  readonly kind: "word" | "name" | "literal" | "sign";
  readonly text: string;
  readonly name: string;
}

/** What may come next, and the table that was named before. */
export interface Follower {
  readonly next: Extract<Synopsis, { kind: "word" | "slot" | "sign" }>;
  readonly table: readonly string[] | undefined;
}

interface State {
  readonly at: number;
  readonly table: readonly string[] | undefined;
}

/** Slots that take any text: it ends wherever the rest fits. */
const OPEN_SLOTS = new Set(["expression", "query", "statement", "definition", "action", "options", "text"]);
/** Slots that a name with dots fills. */
const RELATIONS = new Set(["table", "view", "relation"]);
const NOT_NAMES = new Set([
  "IF",
  "ONLY",
  "EXISTS",
  "CONCURRENTLY",
  "NOT",
  "ON",
  "TO",
  "ALL",
  "FROM",
  "AS",
  "SET",
  "IN",
  "WITH",
]);

/** What may follow the words of a statement that has been begun so. */
export function followers(synopsis: Synopsis, words: readonly Lexical[]): readonly Follower[] {
  const found: Follower[] = [];
  new Matcher(words, found).states(synopsis, [{ at: 0, table: undefined }]);
  return found;
}

class Matcher {
  readonly #words: readonly Lexical[];
  readonly #found: Follower[];

  constructor(words: readonly Lexical[], found: Follower[]) {
    this.#words = words;
    this.#found = found;
  }

  /** Where reading may go on after this part; what is wanted at the end of the words is noted. */
  states(synopsis: Synopsis, from: readonly State[]): readonly State[] {
    switch (synopsis.kind) {
      case "sequence":
        return synopsis.items.reduce((states, item) => this.states(item, states), from);
      case "choice": {
        const chosen = synopsis.options.flatMap((option) => this.states(option, from));
        return distinct(synopsis.optional ? [...from, ...chosen] : chosen);
      }
      case "list":
        return this.#list(synopsis.item, from);
      case "word":
      case "sign":
      case "slot":
        return from.flatMap((state) => this.#leaf(synopsis, state));
    }
  }

  #list(item: Synopsis, from: readonly State[]): readonly State[] {
    const all: State[] = [];
    for (let states = this.states(item, from); states.length > 0;) {
      all.push(...states);
      const again = this.states({ kind: "sign", text: "," }, states);
      states = again.length === 0 ? [] : this.states(item, again);
    }
    return distinct(all);
  }

  #leaf(leaf: Follower["next"], state: State): readonly State[] {
    const word = this.#words[state.at];
    if (word === undefined) {
      this.#found.push({ next: leaf, table: state.table });
      return [];
    }
    if (leaf.kind === "slot") return this.#slot(leaf.name, state);
    return word.text === leaf.text && word.kind !== "name" ? [{ ...state, at: state.at + 1 }] : [];
  }

  #slot(name: string, state: State): readonly State[] {
    if (OPEN_SLOTS.has(name)) {
      const rest = this.#words.length - state.at;
      return Array.from({ length: rest }, (_, i) => ({ ...state, at: state.at + 1 + i }));
    }
    const word = this.#words[state.at];
    if (word === undefined || word.kind === "sign" || NOT_NAMES.has(word.text)) return [];
    const path = [word.name];
    let at = state.at + 1;
    while (this.#words[at]?.text === "." && this.#words[at + 1] !== undefined) {
      path.push(this.#words[at + 1]?.name ?? "");
      at += 2;
    }
    return [{ at, table: RELATIONS.has(name) ? path : state.table }];
  }
}

function distinct(states: readonly State[]): readonly State[] {
  return states.filter(
    (state, i) => states.findIndex(({ at, table }) => at === state.at && table === state.table) === i,
  );
}
