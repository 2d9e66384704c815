// .pgpass: lines of host:port:database:user:password. Source: PostgreSQL documentation, "The Password File".
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import helper from "pgpass/lib/helper.js";
import { Secret } from "../std/secret.ts";

export interface PasswordAsked {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

export interface PasswordFound {
  readonly password?: Secret;
  /** Why the file was not used, when it is there. */
  readonly warning?: string;
}

const GROUP_AND_WORLD = 0o077;

/** The first matching password. A file that others can read is not used, as in libpq; a missing one says nothing. */
export async function readPasswordFile(path: string, asked: PasswordAsked): Promise<PasswordFound> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return {};
  if (!facts.isFile()) return { warning: `password file ${path} is not a plain file; it is not used` };
  if (process.platform !== "win32" && (facts.mode & GROUP_AND_WORLD) !== 0) {
    return { warning: `password file ${path} can be read by others; it is not used until chmod 600` };
  }
  const file = createReadStream(path);
  const password = await new Promise<string | undefined>((resolve, reject) => {
    file.once("error", reject);
    helper.getPassword(asked, file, resolve);
  });
  return password === undefined ? {} : { password: new Secret(password) };
}
