import { fitOf, isWordStart } from "./fit.ts";

interface Entry<T> {
  readonly name: string;
  readonly value: T;
}

/** Names that are few enough to be looked through letter by letter. */
const SCATTERED_MAX = 20_000;

/**
 * Things by their names, found by the beginning of a name or of a word in it without looking at the others. Grows in
 * small steps, so that a large one can be filled while somebody types.
 */
export class NameIndex<T> {
  readonly #all: Entry<T>[] = [];
  readonly #byLetter = new Map<string, Entry<T>[]>();

  get size(): number {
    return this.#all.length;
  }

  add(name: string, value: T): void {
    const entry = { name: name.toLowerCase(), value };
    this.#all.push(entry);
    const letters = new Set<string>();
    for (let at = 0; at < entry.name.length; at++) {
      if (isWordStart(entry.name, at)) letters.add(entry.name.charAt(at));
    }
    for (const letter of letters) {
      const bucket = this.#byLetter.get(letter);
      if (bucket === undefined) this.#byLetter.set(letter, [entry]);
      else bucket.push(entry);
    }
  }

  values(): readonly T[] {
    return this.#all.map((entry) => entry.value);
  }

  /**
   * What fits best, at most `limit` of it, in no order.
   * @param typed in lower case
   * @param accepts what counts at all
   */
  find(typed: string, limit: number, accepts: (value: T) => boolean = () => true): readonly T[] {
    if (typed === "") return this.#first(limit, accepts);
    const near = this.#byLetter.get(typed.charAt(0)) ?? [];
    const found: T[][] = [[], [], []];
    const looksClosely = near.length <= SCATTERED_MAX;
    for (const { name, value } of near) {
      if (!accepts(value)) continue;
      if (name.startsWith(typed)) found[0]?.push(value);
      else if (looksClosely) {
        const fit = fitOf(typed, name);
        if (fit !== undefined) found[fit < 3 ? 1 : 2]?.push(value);
      }
      if ((found[0]?.length ?? 0) >= limit) break;
    }
    return found.flat().slice(0, limit);
  }

  #first(limit: number, accepts: (value: T) => boolean): readonly T[] {
    const found: T[] = [];
    for (const { value } of this.#all) {
      if (accepts(value)) found.push(value);
      if (found.length >= limit) break;
    }
    return found;
  }
}
