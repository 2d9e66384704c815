import { inspect } from "node:util";
import { maskUri } from "../location-mask.ts";

/** A URI with its credentials, which prints without them. */
export class ConnectionUri {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whole. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return maskUri(this.#text);
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
