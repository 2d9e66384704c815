// JSONPaths files: {"jsonpaths": ["$['a']['b'][0]", "$.c"]}, one path a column. Source: Redshift documentation, "COPY
// from JSON format".
import { ShellError } from "../../errors.ts";

/** Names of members and numbers of elements, from the document inwards. */
export type JsonPath = readonly (string | number)[];

/**
 * @param label what to call the file in errors.
 * @returns `undefined` when the file has no member "jsonpaths": Redshift then goes by the columns' names.
 * @throws ShellError `load/file` when it is no such file.
 */
export function parseJsonPaths(text: string, label: string): readonly JsonPath[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(label, "it is not JSON", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(label, "it is not an object");
  if (!("jsonpaths" in value)) return undefined;
  const paths: unknown = value.jsonpaths;
  if (!Array.isArray(paths)) throw malformed(label, "jsonpaths is not a list");
  return paths.map((path: unknown) => {
    const parsed = typeof path === "string" ? parseJsonPath(path) : undefined;
    if (parsed === undefined) throw malformed(label, `${JSON.stringify(path)} is not a path COPY knows`);
    return parsed;
  });
}

const STEP = /\.([A-Za-z_][\w$-]*)|\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\d+))\s*\]/y;

/** `undefined` for what is no path; wildcards and filters are none. */
function parseJsonPath(path: string): JsonPath | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, dotted, single, double, index] = match;
    const name = dotted ?? (single ?? double)?.replace(/\\(.)/gu, "$1");
    steps.push(name ?? Number(index));
  }
  return steps;
}

function malformed(label: string, why: string, cause?: unknown): ShellError {
  return new ShellError("load/file", `${label} is not a JSONPaths file`, {
    detail: [why],
    hint: `write {"jsonpaths": ["$['name']", "$['list'][0]"]}, one path a column`,
    note: "nothing was loaded",
    ...(cause === undefined ? {} : { cause }),
  });
}
