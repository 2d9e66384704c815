// `sealift inspect` and `sealift decrypt`: one stored object, no database.
import { readFile } from "node:fs/promises";
import { OpenServices } from "../backups/unlocking.ts";
import { printAttempts } from "../backups/key-table.ts";
import { parseMasterKey } from "../crypto/s3-client-side.ts";
import type { DecryptRequest, InspectRequest, KeySource } from "./requests.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import { locationError, parseKmsLocation, parseStorageLocation } from "../location-parse.ts";
import type { Location } from "../location.ts";
import type { ByteStream } from "../std/bytes.ts";
import { Secret } from "../std/secret.ts";
import { decryptObject, type DecryptOptions } from "./decrypt-file.ts";
import { inspectObject } from "./inspect-file.ts";
import { splitObjectLocation } from "./object-location.ts";

type Outside = Pick<Environment, "openStore" | "openKms">;

/** What a file is, one fact a line: `name: value`. */
export async function* inspectFile(request: InspectRequest, outside: Outside): AsyncIterable<string> {
  const { root, key } = splitObjectLocation(storageOf(request.uri));
  await using store = await outside.openStore(root);
  for (const [name, value] of await inspectObject(store, key, request.signal)) yield `${name}: ${value}`;
}

/**
 * The clear bytes of one file. Throws before the first byte where the key is wrong.
 * @param warn told of given keys that did not work although one did.
 */
export async function* decryptFile(
  request: DecryptRequest,
  outside: Outside,
  warn: (line: string) => void,
): ByteStream {
  const { root, key } = splitObjectLocation(storageOf(request.uri));
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await outside.openStore(root));
  const services = stack.use(await OpenServices.open(kmsOf(request.key), outside));
  const options: DecryptOptions = {
    ...(services.all.length === 0 ? {} : { services: services.all }),
    ...(await secretsOf(request.key, stack)),
    ...(request.infoUri === undefined ? {} : { info: await infoOf(request.infoUri, outside, stack) }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    onUnusableKeys: (attempts) => printAttempts(attempts).forEach(warn),
  };
  yield* await decryptObject(store, key, options);
}

function storageOf(uri: string): Location {
  const parsed = parseStorageLocation(uri);
  if (!parsed.ok) throw locationError(parsed.error);
  return parsed.value;
}

function kmsOf(source: KeySource): readonly Location[] {
  if (source.kind !== "kms") return [];
  const parsed = parseKmsLocation(source.uri);
  if (!parsed.ok) throw locationError(parsed.error);
  return [parsed.value];
}

async function secretsOf(
  source: KeySource,
  stack: AsyncDisposableStack,
): Promise<Pick<DecryptOptions, "passphrase" | "masterKey">> {
  if (source.kind === "kms") return {};
  // Editors end files with a newline that is no part of the secret.
  const text = (await readSecretFile(source.path)).replace(/\r?\n$/, "");
  if (source.kind === "passphrase-file") return { passphrase: new Secret(text) };
  const parsed = parseMasterKey(text);
  if (!parsed.ok) throw new ShellError("option/value", `${source.path} holds no master key: ${parsed.error}`);
  return { masterKey: stack.use(parsed.value) };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
};

async function readSecretFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const reason = REASONS[code] ?? (code === "" ? "unreadable" : code);
    throw new ShellError("shell/file", `cannot read ${path}: ${reason}`, { cause });
  }
}

async function infoOf(
  uri: string,
  outside: Outside,
  stack: AsyncDisposableStack,
): Promise<NonNullable<DecryptOptions["info"]>> {
  const { root, key } = splitObjectLocation(storageOf(uri));
  return { store: stack.use(await outside.openStore(root)), key };
}
