import type { CompletionItem, CompletionKind } from "./assistant.ts";
import { FIT_MAX, fitOf, PREFIX_FIT, WORD_FIT } from "./fit.ts";

/** Something that may stand at the cursor, before it is known how well it fits. */
export interface Candidate {
  /** What is compared with what has been typed. */
  readonly match: string;
  readonly insert: string;
  readonly label?: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
  /** Which come first where they fit alike: the lower, the earlier. */
  readonly rank: number;
  /** Fits by its beginning only; `words`: by that of a word in it too. */
  readonly strict?: true | "words";
}

export const SHOWN_MAX = 100;

/** Those that fit, best first, else in their order; of two that insert the same text, the better. */
export function rankCandidates(candidates: Iterable<Candidate>, typed: string): readonly CompletionItem[] {
  const lower = typed.toLowerCase();
  const fitting: { readonly fit: number; readonly candidate: Candidate }[] = [];
  for (const candidate of candidates) {
    const fit = fitOf(lower, candidate.match.toLowerCase());
    if (fit !== undefined && fit <= worstOf(candidate)) fitting.push({ fit, candidate });
  }
  fitting.sort((a, b) => order(a.fit) - order(b.fit) || a.candidate.rank - b.candidate.rank || a.fit - b.fit);
  const seen = new Set<string>();
  const items: CompletionItem[] = [];
  for (const { candidate } of fitting) {
    if (items.length >= SHOWN_MAX) break;
    if (seen.has(candidate.insert)) continue;
    seen.add(candidate.insert);
    items.push(itemOf(candidate));
  }
  return items;
}

function worstOf({ strict }: Candidate): number {
  return strict === undefined ? FIT_MAX : strict === "words" ? WORD_FIT : PREFIX_FIT;
}

/** The whole name and its beginning count alike, so that what is near comes before what is far. */
function order(fit: number): number {
  return fit <= 1 ? 1 : Math.floor(fit);
}

function itemOf({ insert, label, kind, detail }: Candidate): CompletionItem {
  return { label: label ?? insert, insert, kind, ...(detail === undefined || detail === "" ? {} : { detail }) };
}
