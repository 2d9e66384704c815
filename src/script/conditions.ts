import { ShellError } from "../errors.ts";
import type { Place } from "./source.ts";

interface Level {
  /** This branch runs, as far as this level decides. */
  active: boolean;
  /** Some branch of this level has run. */
  taken: boolean;
  elseSeen: boolean;
  readonly place: Place;
}

/** The open \if blocks, outermost first. */
export class Conditions {
  readonly #levels: Level[] = [];

  get active(): boolean {
    return this.#levels.every((level) => level.active);
  }

  get depth(): number {
    return this.#levels.length;
  }

  /** Where the innermost open \if stands. */
  get openAt(): Place | undefined {
    return this.#levels.at(-1)?.place;
  }

  open(place: Place, truth: () => boolean): void {
    const outer = this.active;
    // A block inside a branch that does not run never runs, so its condition is not read.
    const active = outer && truth();
    this.#levels.push({ active, taken: active || !outer, elseSeen: false, place });
  }

  /** Throws `shell/command` without an open \if, or after its \else. */
  elseIf(truth: () => boolean): void {
    const level = this.#innermost("elif");
    level.active = !level.taken && truth();
    level.taken ||= level.active;
  }

  otherwise(): void {
    const level = this.#innermost("else");
    level.elseSeen = true;
    level.active = !level.taken;
    level.taken = true;
  }

  close(): void {
    if (this.#levels.pop() === undefined) throw new ShellError("shell/command", "\\endif without \\if");
  }

  /** Forgets the blocks above a depth: what a file opened ends with it. */
  cutTo(depth: number): void {
    this.#levels.length = Math.min(depth, this.#levels.length);
  }

  #innermost(name: string): Level {
    const level = this.#levels.at(-1);
    if (level === undefined) throw new ShellError("shell/command", `\\${name} without \\if`);
    if (level.elseSeen) throw new ShellError("shell/command", `\\${name} after \\else`);
    return level;
  }
}
