// $XDG_CONFIG_HOME/sealift/config.json:
//   { "profiles": { "prod": { "connection": "postgres://app@db.example/shop", "colour": "red", "guard": "production",
//                             "readOnly": true } } }
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { holdsPassword, nearest, ShellError } from "../../src/index.ts";
import type { Profile } from "./guard.ts";

type Variables = Readonly<Record<string, string | undefined>>;

export interface ConfiguredProfile extends Profile {
  /** As the command line's connection argument; absent leaves that to the environment. */
  readonly connection?: string;
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const ALL_COLOURS = [...COLOURS, ...COLOURS.map((colour) => `bright-${colour}`)];
const GUARDS = ["off", "ask", "production"];
const KEYS = ["connection", "colour", "guard", "readOnly"];

/** `$SEALIFT_CONFIG`, else `sealift/config.json` in `$XDG_CONFIG_HOME`. */
export function configPath(environment: Variables): string {
  const home = environment["XDG_CONFIG_HOME"] ?? join(environment["HOME"] ?? "", ".config");
  return environment["SEALIFT_CONFIG"] ?? join(home, "sealift", "config.json");
}

/**
 * One profile of the configuration file.
 * @throws ShellError `shell/file` when the file cannot be read, `shell/usage` when it says what it cannot mean, names no
 *   such profile, or holds a password that others could read.
 */
export function readProfile(name: string, environment: Variables): ConfiguredProfile {
  const path = configPath(environment);
  const profiles = objectOf(objectOf(readJson(path), path)["profiles"] ?? {}, `profiles in ${path}`);
  const found = profiles[name];
  if (found === undefined) {
    const near = nearest(name, Object.keys(profiles));
    const known = Object.keys(profiles).join(", ") || "none";
    throw new ShellError("shell/usage", `there is no profile ${name} in ${path}`, {
      hint: near === undefined ? `the profiles there are: ${known}` : `did you mean ${near}?`,
    });
  }
  const profile = parseProfile(name, objectOf(found, `profile ${name}`));
  if (profile.connection !== undefined && holdsPassword(profile.connection)) refuseLoose(path, name);
  return profile;
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ShellError("shell/file", `cannot read the profiles in ${path}`, {
      hint: 'write {"profiles": {"NAME": {"connection": "postgres://…"}}} there',
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser quotes what it could not read, and that may be a password.
    const [where = ""] = /line \d+ column \d+/.exec(String(cause)) ?? [];
    throw new ShellError("shell/usage", `${path} is not JSON${where === "" ? "" : `: ${where}`}`);
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ShellError("shell/usage", `${what} is not an object`);
}

function parseProfile(name: string, fields: Readonly<Record<string, unknown>>): ConfiguredProfile {
  const unknown = Object.keys(fields).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    const near = nearest(unknown, KEYS);
    throw new ShellError("shell/usage", `profile ${name} has ${unknown}, which is not known`, {
      hint: near === undefined ? `a profile has ${KEYS.join(", ")}` : `did you mean ${near}?`,
    });
  }
  const wrong = (key: string, wanted: string): ShellError =>
    new ShellError("shell/usage", `${key} of profile ${name} must be ${wanted}`);
  const word = (key: string, words: readonly string[]): string | undefined => {
    const value = fields[key];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || !words.includes(value)) throw wrong(key, `one of ${words.join(", ")}`);
    return value;
  };
  const { connection, readOnly = false } = fields;
  if (connection !== undefined && typeof connection !== "string") throw wrong("connection", "a text");
  if (typeof readOnly !== "boolean") throw wrong("readOnly", "true or false");
  const colour = word("colour", ALL_COLOURS);
  const guard = word("guard", GUARDS) ?? "ask";
  return {
    name,
    readOnly,
    asks: guard !== "off",
    production: guard === "production",
    ...(connection === undefined ? {} : { connection }),
    ...(colour === undefined ? {} : { colour }),
  };
}

/** As libpq treats its password file. */
function refuseLoose(path: string, name: string): void {
  if (process.platform === "win32" || (statSync(path).mode & 0o077) === 0) return;
  throw new ShellError("shell/usage", `profile ${name} holds a password, and others may read ${path}`, {
    hint: `chmod 600 ${path}, or keep the password in .pgpass`,
  });
}

/** The profile in a prompt: `‹PROD›` for production, with its name where that says more; else the name. */
export function profileMark({ name, production }: Profile): string {
  if (!production) return name;
  return /^prod(?:uction)?$/i.test(name) ? "‹PROD›" : `‹PROD ${name}›`;
}

/** The SGR parameter of the profile's colour; production is red unless it says otherwise. */
export function inkOf(profile: Profile | undefined): number | undefined {
  const colour = ALL_COLOURS.indexOf(profile?.colour ?? (profile?.production === true ? "red" : ""));
  // 30 to 37 are the eight colours, 90 to 97 their bright forms (ECMA-48 and its usual extension).
  return colour < 0 ? undefined : colour < 8 ? 30 + colour : 82 + colour;
}

/** What stands in front of the plain prompt. */
export function promptTag(profile: Profile | undefined, coloured: boolean): string {
  if (profile === undefined) return "";
  const ink = inkOf(profile);
  const mark = profileMark(profile);
  return coloured && ink !== undefined ? `\u001b[${ink}m${mark}\u001b[39m ` : `${mark} `;
}
