/** How well a name fits what was typed: the whole of it, its beginning, a word in it, letters of it in order. */
export type Fit = number;

const WHOLE: Fit = 0;
export const PREFIX_FIT: Fit = 1;
export const WORD_FIT: Fit = 2;
const SCATTERED: Fit = 3;

/** Fits of scattered letters lie between SCATTERED and this, the closer together the better. */
export const FIT_MAX: Fit = 4;
const SPREAD_MAX = 1000;

/**
 * The lower the better; undefined where it does not fit. Scattered letters have to begin where a word of the name does.
 * @param typed in lower case; nothing typed fits everything alike.
 * @param name in lower case.
 */
export function fitOf(typed: string, name: string): Fit | undefined {
  if (typed === "" || name.startsWith(typed)) return typed !== "" && name.length === typed.length ? WHOLE : PREFIX_FIT;
  if (hasWordPart(name, typed)) return WORD_FIT;
  const spread = spreadOf(name, typed);
  return spread === undefined ? undefined : SCATTERED + Math.min(spread, SPREAD_MAX - 1) / SPREAD_MAX;
}

function hasWordPart(name: string, typed: string): boolean {
  for (let at = name.indexOf(typed, 1); at !== -1; at = name.indexOf(typed, at + 1)) {
    if (isWordStart(name, at)) return true;
  }
  return false;
}

/** @param name in lower case */
export function isWordStart(name: string, at: number): boolean {
  if (at === 0) return true;
  const before = name.charCodeAt(at - 1);
  const isLetter = before >= 97 && before <= 122;
  const isDigit = before >= 48 && before <= 57;
  return !isLetter && !isDigit && before < 128;
}

/** How many letters lie between those that were typed; undefined when they are not all there in order. */
function spreadOf(name: string, typed: string): number | undefined {
  const first = typed[0] ?? "";
  let best: number | undefined;
  for (let start = name.indexOf(first); start !== -1; start = name.indexOf(first, start + 1)) {
    if (!isWordStart(name, start)) continue;
    let at = start;
    for (let next = 1; next < typed.length && at !== -1; next++) at = name.indexOf(typed[next] ?? "", at + 1);
    if (at !== -1) best = Math.min(best ?? Number.POSITIVE_INFINITY, at - start + 1 - typed.length);
  }
  return best;
}
