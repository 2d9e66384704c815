import type { Installer } from "./installer.ts";

/** Tests of ours that meet a peer: a compiled test file, and what it is told through its environment. */
export interface Exchange {
  readonly what: string;
  /** Below `dist/test`. */
  readonly file: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A peer that is ready, and what is exchanged with it. */
export interface Meeting extends AsyncDisposable {
  readonly exchanges: readonly Exchange[];
}

/** A program that nobody here wrote, and that Sealift must get along with. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /**
   * Installs it.
   * @throws Unavailable when it cannot be had on this machine.
   */
  install(installer: Installer): Promise<string>;
  /** Starts it from the folder it was installed in. Whatever is thrown here is a failure. */
  meet(folder: string): Promise<Meeting>;
}

export const STORE_CONTRACT = "storage/real.test.js";
export const KMS_CONTRACT = "kms/real.test.js";
export const STATEMENTS = "interop/exchanges/statements.exchange.js";
