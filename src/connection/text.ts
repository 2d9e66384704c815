// Connection text: a URI as libpq reads it (several hosts, percent-encoding, parameters), key=value pairs, or a
// database name. Source: PostgreSQL documentation, "Connection Strings".
import { ShellError } from "../errors.ts";
import { nearest } from "../std/nearest.ts";
import { takeParameter, type Values } from "./parameters.ts";

const FROM = "connection text";

/** Schemes and the port each service listens on by custom. */
const PORT_OF_SCHEME: Readonly<Record<string, string>> = {
  postgres: "5432",
  postgresql: "5432",
  redshift: "5439",
  cockroachdb: "26257",
};

export type ParsedText =
  | { readonly kind: "embedded"; readonly directory?: string }
  | {
      readonly kind: "postgres";
      readonly values: Values;
      readonly defaultPort: string;
      /** The scheme says so: `redshift://`. */
      readonly isRedshift: boolean;
    };

/**
 * What a connection text says. Whatever looks like a URI is one or is refused, so that a mistyped URI with a password
 * never becomes a database name.
 * @throws ShellError `shell/usage`; its message shows the text without its password and parameter values.
 */
export function parseConnectionText(text: string): ParsedText {
  if (/^embedded:/i.test(text)) return parseEmbedded(text);
  if (text.includes("://")) return parseUri(text);
  if (/\/\/[^/]*:[^/]*@/.test(text) || /^[a-z]+:\/?[^/].*@/i.test(text)) {
    throw malformed(text, "it looks like a URI, but has no scheme", "write postgres://user@host:port/database");
  }
  const values: Values = new Map();
  if (text.includes("=")) {
    for (const [name, value] of parsePairs(text)) takeParameter(values, name, { text: value, from: FROM });
  } else if (text !== "") {
    values.set("dbname", { text, from: FROM });
  }
  return { kind: "postgres", values, defaultPort: "5432", isRedshift: false };
}

/** True when the text holds a password in the clear: a URI's, or that of a key=value pair. */
export function holdsPassword(text: string): boolean {
  return /:\/\/[^/@]*:[^/@]+@/.test(text) || /(^|[?&\s])password\s*=\s*[^&\s]/i.test(text);
}

/** The text as it may be shown: a URI's user part and parameter values hidden, likewise `password=`. */
export function sanitizeConnectionText(text: string): string {
  const query = text.indexOf("?");
  const head = query < 0 ? text : text.slice(0, query);
  const tail = query < 0 ? "" : text.slice(query).replace(/=[^&]*/g, "=‹redacted›");
  // The last @ ends the user part: a password may hold an unencoded one.
  const clean = head.replace(/(\/\/|^[a-z]+:(?!\/\/))(.*)@/is, (_, lead: string, part: string) =>
    part.includes(":") ? `${lead}${part.slice(0, part.indexOf(":"))}:‹redacted›@` : `${lead}${part}@`,
  );
  return (clean + tail).replace(/(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)/gi, "$1‹redacted›");
}

function malformed(text: string, reason: string, hint: string): ShellError {
  return new ShellError("shell/usage", `connection text ${sanitizeConnectionText(text)} cannot be read: ${reason}`, {
    hint,
  });
}

function parseEmbedded(text: string): ParsedText {
  const rest = text.slice("embedded:".length);
  if (rest === "") return { kind: "embedded" };
  const directory = /^(?:\/\/)?(\/[^?]*)$/s.exec(rest)?.[1];
  if (directory === undefined || directory.startsWith("//")) {
    throw malformed(
      text,
      "an absolute directory is needed after embedded:",
      "write embedded: alone, or embedded:/absolute/directory",
    );
  }
  return { kind: "embedded", directory: decode(directory, text) };
}

function parseUri(text: string): ParsedText {
  const [, scheme = "", rest = ""] = /^([^:]*):\/\/(.*)$/s.exec(text) ?? [];
  const defaultPort = PORT_OF_SCHEME[scheme.toLowerCase()];
  if (defaultPort === undefined) {
    const near = nearest(scheme, [...Object.keys(PORT_OF_SCHEME), "embedded"]);
    throw malformed(text, `unknown scheme ${scheme}`, `write ${near ?? "postgres"}://…`);
  }
  const [, authority = "", path = "", query = ""] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? [];
  if (authority.split("@").length > 2) throw malformed(text, "it has two “@”", "encode the one in the password as %40");
  if (path.includes("@"))
    throw malformed(text, "“@” comes after “/”", "encode “/” in the password as %2F and “@” as %40");
  const values: Values = new Map();
  const take = (name: string, value: string): void => {
    if (value !== "") takeParameter(values, name, { text: decode(value, text), from: FROM });
  };
  const at = authority.indexOf("@");
  const [user = "", ...password] = at < 0 ? [] : authority.slice(0, at).split(":");
  take("user", user);
  take("password", password.join(":"));
  const hosts = splitHosts(authority.slice(at + 1), text);
  take("host", hosts.map((host) => host.name).join(","));
  if (hosts.some((host) => host.port !== "")) take("port", hosts.map((host) => host.port).join(","));
  take("dbname", path);
  for (const pair of query === "" ? [] : query.split("&")) {
    const equals = pair.indexOf("=");
    if (equals < 0) throw malformed(text, "a parameter has no value", "write ?name=value&name=value");
    take(uriParameter(decode(pair.slice(0, equals), text)), pair.slice(equals + 1));
  }
  return { kind: "postgres", values, defaultPort, isRedshift: scheme.toLowerCase() === "redshift" };
}

// JDBC's spelling, which libpq takes as well.
function uriParameter(name: string): string {
  return name === "database" ? "dbname" : name;
}

function splitHosts(text: string, whole: string): { name: string; port: string }[] {
  if (text === "") return [];
  return text.split(",").map((one) => {
    const match = /^(\[[^\]]+\]|[^:[\]]*)(?::(\d*))?$/.exec(one);
    if (match === null) {
      throw malformed(
        whole,
        "a host is not readable",
        "write host:port; an IPv6 address in brackets; “:” in a password as %3A",
      );
    }
    return { name: (match[1] ?? "").replace(/^\[(.*)\]$/, "$1"), port: match[2] ?? "" };
  });
}

function decode(text: string, whole: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed(whole, "a percent sign begins no two hexadecimal digits", "encode a literal % as %25");
  }
}

/** Pairs of `name = 'value'` as in conninfo strings; a backslash keeps the next character. */
function parsePairs(text: string): [string, string][] {
  const pair = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy;
  const pairs: [string, string][] = [];
  while (text.slice(pair.lastIndex).trim() !== "") {
    const start = pair.lastIndex;
    const match = pair.exec(text);
    if (match === null) {
      throw malformed(
        text.slice(0, start),
        "what follows is not name=value",
        "write host=… dbname=…, values with spaces in '…'",
      );
    }
    pairs.push([(match[1] ?? "").toLowerCase(), (match[2] ?? match[3] ?? "").replace(/\\(.)/gs, "$1")]);
  }
  return pairs;
}
