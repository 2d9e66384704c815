// A RESTORE that is killed, or cut off from the server, can take nothing back. What it was at is noted on this machine; whoever comes to the same
// database from here next is told, once. A database that it had made says so itself as well (UNFINISHED).
import type { EngineDescription } from "../engines/engine.ts";
import type { Environment } from "../environment.ts";
import type { Event } from "../events.ts";
import type { WorkNotes } from "../std/work-notes.ts";
import type { OpenTarget } from "./restore-target.ts";

/** The notes of one RESTORE, which stand while it is under way. */
export class NotedRestore {
  readonly #notes: WorkNotes | undefined;
  readonly #facts: { readonly backup: string; readonly began: string };
  readonly #strikes: (() => Promise<void>)[] = [];

  constructor(environment: Pick<Environment, "restoreNotes" | "now">, folder: string) {
    this.#notes = environment.restoreNotes;
    this.#facts = { backup: `/${folder}`, began: environment.now().toISOString() };
  }

  /** Before anything is made in a database that was there before. */
  async add({ engine, isUntouched }: OpenTarget): Promise<void> {
    const { location, database } = engine.description;
    if (this.#notes === undefined || !isUntouched) return;
    this.#strikes.push(await this.#notes.add({ location, database, ...this.#facts }));
  }

  /** Everything is restored, or taken back. */
  async strike(): Promise<void> {
    for (const strike of this.#strikes) await strike();
  }
}

/** What was killed in databases of the server, in the words of notices. What is told is forgotten. */
export async function takeKilledRestores(
  notes: WorkNotes | undefined,
  { location }: Pick<EngineDescription, "location">,
  databases: readonly string[],
): Promise<readonly Extract<Event, { type: "notice" }>[]> {
  const isMeant = (work: Readonly<Record<string, string>>): boolean =>
    work["location"] === location && databases.includes(work["database"] ?? "");
  const dead = (await notes?.ofTheDead(isMeant)) ?? [];
  await Promise.all(dead.map(async (one) => one.forget()));
  return dead.map(({ work: { database = "", backup = "", began = "" } }) => ({
    type: "notice",
    severity: "WARNING",
    message: `a RESTORE of ${backup} into database "${database}", begun ${began.slice(0, 16).replace("T", " ")} UTC, was cut off before its end`,
    detail: "what it had made until then may still be there, and is not all that was to be restored",
    hint: "drop that before you restore it again: RESTORE lists what is in its way, and changes nothing then",
  }));
}
