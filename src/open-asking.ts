import type { PasswordPrompt } from "./connection/password-prompt.ts";
import { hasPassword, type ConnectionSettings, type PostgresConnection } from "./connection/settings.ts";
import type { Engine } from "./engines/engine.ts";
import { asShellError } from "./errors.ts";
import type { World } from "./open-world.ts";

interface Asking {
  readonly signal: AbortSignal | undefined;
  /** Takes the settings that opened the database, with the password that was typed. */
  readonly opened: (settings: ConnectionSettings) => void;
}

/** What says in `\conninfo` that somebody typed it. */
const TYPED = "typed";
const WRONG_PASSWORD = "28P01";

/**
 * Opens the database, asking for a password where the server wants one and nobody gave it.
 * @throws ShellError `engine/connect`, `job/interrupted`
 */
export async function openAsking(
  world: World,
  settings: ConnectionSettings,
  { signal, opened }: Asking,
): Promise<Engine> {
  const { passwordPrompt: prompt } = world;
  const isTyped = settings.provenance["password"] === TYPED;
  const first = prompt?.isFirst === true && !isTyped ? await withPassword(prompt, settings) : undefined;
  try {
    return await openWith(world, first ?? settings, { signal, opened });
  } catch (thrown) {
    const wants = asShellError(thrown).sqlState === WRONG_PASSWORD;
    const hasOne = settings.kind === "embedded" || hasPassword(settings) || first !== undefined;
    const asked = prompt === undefined || !wants || hasOne ? undefined : await withPassword(prompt, settings);
    if (asked === undefined) throw thrown;
    return openWith(world, asked, { signal, opened });
  }
}

async function openWith(world: World, settings: ConnectionSettings, { signal, opened }: Asking): Promise<Engine> {
  const engine = await world.openEngine(settings, signal);
  opened(settings);
  return engine;
}

async function withPassword(
  prompt: PasswordPrompt,
  settings: ConnectionSettings,
): Promise<PostgresConnection | undefined> {
  if (settings.kind === "embedded") return undefined;
  const password = await prompt.ask(`Password for user ${settings.user}: `);
  if (password === undefined) return undefined;
  const hosts = settings.hosts.map(({ host, port }) => ({ host, port }));
  return { ...settings, hosts, password, provenance: { ...settings.provenance, password: TYPED } };
}
