import { ShellError } from "../errors.ts";
import { nearest } from "../std/nearest.ts";
import { Secret } from "../std/secret.ts";

const NAME = /^[A-Za-z0-9_\u0080-\uffff]+$/;
const SWITCHES = new Set(["ON_ERROR_STOP"]);
const TRUE_WORDS = ["true", "yes", "on", "1"];
const FALSE_WORDS = ["false", "no", "off", "0"];

/** Words psql takes for a boolean, abbreviated or not; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === "" || word === "o") return undefined;
  if (TRUE_WORDS.some((one) => one.startsWith(word))) return true;
  return FALSE_WORDS.some((one) => one.startsWith(word)) ? false : undefined;
}

/** psql's variables. A secret is one whose value prints as ‹redacted› and may stand only where a secret belongs. */
export class Variables {
  readonly #values = new Map<string, string | Secret>();

  constructor(initial: Iterable<readonly [string, string | Secret]> = []) {
    for (const [name, value] of initial) this.set(name, value);
  }

  get(name: string): string | Secret | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value as it may be seen. */
  shown(name: string): string | undefined {
    return this.#values.get(name)?.toString();
  }

  isOn(name: string): boolean {
    const value = this.#values.get(name);
    return typeof value === "string" && parseBoolean(value) === true;
  }

  /** Throws `shell/variable` for a name that cannot be referred to, or a switch set to no boolean. */
  set(name: string, value: string | Secret): void {
    if (!NAME.test(name)) {
      throw new ShellError("shell/variable", `${JSON.stringify(name)} cannot be a variable's name`, {
        hint: "use letters, digits and underscores",
      });
    }
    if (SWITCHES.has(name) && (typeof value !== "string" || (value !== "" && parseBoolean(value) === undefined))) {
      throw new ShellError("shell/variable", `variable ${name} takes a boolean, not ${JSON.stringify(value)}`, {
        hint: "use on or off",
      });
    }
    this.#values.set(name, SWITCHES.has(name) && value === "" ? "on" : value);
  }

  unset(name: string): void {
    this.#values.delete(name);
  }

  entries(): readonly (readonly [string, string | Secret])[] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The complaint about a name that is not set. */
  undefinedError(name: string): ShellError {
    const near = nearest(name, this.#values.keys());
    return new ShellError("shell/variable", `variable ${name} is not set`, {
      hint: near === undefined ? `set it with \\set ${name} VALUE or -v ${name}=VALUE` : `did you mean :${near}?`,
    });
  }
}
