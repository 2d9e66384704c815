// The prompt before the input: database, what is missing, transaction, rights, jobs that run beside it.
import type { Profile } from "../guard/guard.ts";
import { inkOf, profileMark } from "../guard/profiles.ts";
import { widthOf } from "../layout/cells.ts";
import { TRANSACTION_MARKS, type PromptState } from "../prompt-state.ts";
import type { Segment, Style } from "./style.ts";

export interface PromptFacts extends PromptState {
  readonly profile: Profile | undefined;
  /** `⟳1 63% 1m40s`; empty without jobs. */
  readonly badge: string;
  /** In a branch of \if that is not taken: nothing is run. */
  readonly isSkipping?: boolean;
}

/**
 * `shop=# `, `shop'# `, `shop=*> `, and `shop@# ` where nothing is run. An open comment is `/`, because `*` is an open transaction.
 * @param widthMax columns that the prompt may take; a long name is cut at its end.
 */
export function promptSegments(facts: PromptFacts, mark: string, widthMax: number): readonly Segment[] {
  const { database, superuser, transaction, profile, badge } = facts;
  const isFirst = mark === "=";
  const shown = isFirst && facts.isSkipping === true ? "@" : mark;
  const tail = `${shown === "*" ? "/" : shown}${TRANSACTION_MARKS[transaction]}${superuser ? "#" : ">"} `;
  const head: Segment[] = [];
  if (isFirst && badge !== "") head.push({ text: `${badge} `, style: "dim" });
  const ink = inkOf(profile);
  const own: Style = ink === undefined ? "prompt" : `ink-${ink}`;
  if (profile !== undefined) head.push({ text: `${profileMark(profile)} `, style: own });
  const taken = head.reduce((sum, { text }) => sum + widthOf(text), 0) + tail.length;
  const name = shortened(database, Math.max(4, widthMax - taken));
  const isWrong = transaction === "failed" || transaction === "lost";
  return [...head, { text: name, style: own }, { text: tail, style: isWrong ? "alarm" : "prompt" }];
}

function shortened(name: string, width: number): string {
  if (widthOf(name) <= width) return name;
  let kept = "";
  for (const character of name) {
    if (widthOf(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

export function widthOfSegments(segments: readonly Segment[]): number {
  return segments.reduce((sum, { text }) => sum + widthOf(text), 0);
}
