// pg_service.conf: an INI file whose sections name connections. Source: PostgreSQL documentation, "The Connection
// Service File". LDAP lookups are not done.
import { ShellError } from "../errors.ts";
import { nearest } from "../std/nearest.ts";
import { takeParameter, type Values } from "./parameters.ts";

/** Where a service may be written down, in the order to look; `text` undefined when the file is not there. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string | undefined;
}

/**
 * The parameters of one service: the first file that has the section decides.
 * @throws ShellError `engine/connect` when no file has it, `shell/usage` for a line that cannot be read.
 */
export function parseService(name: string, files: readonly ServiceFile[]): Values {
  const seen: string[] = [];
  for (const file of files) {
    const sections = parseSections(file);
    const section = sections.get(name);
    if (section !== undefined) return section;
    seen.push(...sections.keys());
  }
  const near = nearest(name, seen);
  throw new ShellError("engine/connect", `service ${name} is not defined`, {
    detail: files.map((file) => `${file.path}: ${file.text === undefined ? "no such file" : "no such section"}`),
    hint: near === undefined ? `add a section [${name}] to the service file` : `did you mean ${near}?`,
  });
}

/** The names of the services in files; what cannot be read has none. */
export function serviceNames(files: readonly ServiceFile[]): readonly string[] {
  const names = files.flatMap(({ text }) => (text ?? "").match(/^\s*\[.+\]\s*$/gm) ?? []);
  return [...new Set(names.map((header) => header.trim().slice(1, -1)))];
}

function parseSections(file: ServiceFile): Map<string, Values> {
  const sections = new Map<string, Values>();
  let current: Values | undefined;
  let service = "";
  for (const [index, raw] of (file.text ?? "").split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const header = /^\[(.*)\]$/.exec(line);
    if (header !== null) {
      service = header[1] ?? "";
      current = new Map();
      // The first section of a name counts, as in libpq.
      if (!sections.has(service)) sections.set(service, current);
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 1 || current === undefined) {
      throw new ShellError("shell/usage", `line ${index + 1} of service file ${file.path} cannot be read`, {
        hint: "write [name], and below it lines of parameter=value",
      });
    }
    const value = { text: line.slice(equals + 1).trim(), from: `service ${service} in ${file.path}` };
    takeParameter(current, line.slice(0, equals).trim(), value);
  }
  return sections;
}
