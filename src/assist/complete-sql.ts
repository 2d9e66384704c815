// Completion of SQL: which names and words may stand at the cursor, from the text on both sides of it and from what the
// database holds. Pure.
import type { Completions } from "./assistant.ts";
import type { Catalogue } from "./catalogue.ts";
import { keywordCandidates } from "./sql-keywords.ts";
import { nameCandidates } from "./sql-names.ts";
import { rankCandidates } from "./sql-candidates.ts";
import { findSpot } from "./sql-spot.ts";
import { synopsisWanted } from "./synopsis-wanted.ts";
import { lexemeAround, readTree } from "./sql-tree.ts";
import { wantedAt } from "./sql-wanted.ts";

/** Where one statement lies in a text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** What may stand at the cursor in one statement. Nothing in strings and comments; a dollar quote is SQL of its own. */
export function completeSql(
  text: string,
  cursor: number,
  catalogue: Catalogue,
  stretch: Stretch = { start: 0, end: text.length },
): Completions {
  const around = lexemeAround(text, stretch.start, cursor);
  if (around !== undefined) {
    const body = around.kind === "dollar-string" ? bodyOf(text, around) : undefined;
    const isInside = body !== undefined && body.start <= cursor && cursor <= body.end;
    return isInside ? completeSql(text, cursor, catalogue, lastStatement(text, body, cursor)) : nothingAt(cursor);
  }
  const { nodes, cursor: word } = readTree(text, stretch, cursor);
  const spot = findSpot(nodes, catalogue);
  const wanted = synopsisWanted(nodes, spot, catalogue) ?? wantedAt(spot);
  const typed = word.text.startsWith('"') ? word.name : word.text;
  const written = { typed, quoted: word.text.startsWith('"'), path: spot.path };
  const names = nameCandidates(wanted, written, { catalogue, common: spot.common });
  const keywords = written.path.length > 0 || written.quoted ? [] : keywordCandidates(wanted.keywords, word, nodes);
  return { span: { start: word.start, end: word.end }, items: rankCandidates([...names, ...keywords], typed) };
}

function nothingAt(cursor: number): Completions {
  return { span: { start: cursor, end: cursor }, items: [] };
}

function bodyOf(text: string, { start, end, closed }: { start: number; end: number; closed: boolean }): Stretch {
  const mark = /^\$[^$]*\$/.exec(text.slice(start, end))?.[0] ?? "";
  return { start: start + mark.length, end: closed ? end - mark.length : end };
}

/** What parts the statements of a function's body. */
const PARTING = /;|\bbegin\b|\b(?:then|else|loop)[ \t]*\n/giu;

/** A function's body holds several statements: the one that the cursor is in. */
function lastStatement(text: string, body: Stretch, cursor: number): Stretch {
  const last = [...text.slice(body.start, cursor).matchAll(PARTING)].at(-1);
  const cut = last === undefined ? 0 : last.index + last[0].length;
  const next = text.indexOf(";", cursor);
  return { start: body.start + cut, end: next === -1 || next > body.end ? body.end : next };
}
