// The prompt before the input: database, what is missing, transaction, rights, jobs that run beside it.
import type { EngineDescription } from "../../src/index.ts";
import type { Profile } from "../guard/guard.ts";
import { widthOf } from "../layout/cells.ts";
import type { Segment } from "./style.ts";

export interface PromptFacts {
  readonly description: EngineDescription | undefined;
  readonly transaction: "idle" | "open" | "failed";
  readonly profile: Profile | undefined;
  /** `⟳1 63% 1m40s`; empty without jobs. */
  readonly badge: string;
}

const TRANSACTION = { idle: "", open: "*", failed: "!" } as const;

/**
 * `shop=# `, `shop'# `, `shop=*> `. An open comment is `/`, because `*` is an open transaction.
 * @param widthMax columns that the prompt may take; a long name is cut at its end.
 */
export function promptSegments(facts: PromptFacts, mark: string, widthMax: number): readonly Segment[] {
  const { description, transaction, profile, badge } = facts;
  const isFirst = mark === "=";
  const sign = description?.superuser === true ? "#" : ">";
  const tail = `${mark === "*" ? "/" : mark}${TRANSACTION[transaction]}${sign} `;
  const head: Segment[] = [];
  if (isFirst && badge !== "") head.push({ text: `${badge} `, style: "dim" });
  if (profile !== undefined) {
    const text = profile.production ? "‹PROD›" : profile.name;
    head.push({ text: `${text} `, style: profile.production ? "alarm" : "strong" });
  }
  const taken = head.reduce((sum, { text }) => sum + widthOf(text), 0) + tail.length;
  const name = shortened(description?.database ?? "sealift", Math.max(4, widthMax - taken));
  const body: Segment = { text: name, style: profile?.production === true ? "alarm" : "prompt" };
  return [...head, body, { text: tail, style: transaction === "failed" ? "alarm" : "prompt" }];
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
