// The file that COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE names: a service principal for AUTH=implicit, in YAML.
//
//   azure_tenant_id: 11111111-2222-3333-4444-555555555555
//   azure_client_id: …
//   azure_client_secret: "…"
//
// Older files are JSON, with the same names or without their `azure_`. JSON of one level is read as it is; of YAML,
// one mapping of names to texts.
import { readFile } from "node:fs/promises";
import { ShellError } from "../errors.ts";
import { Secret } from "../std/secret.ts";

export const AZURE_FILE_VARIABLE = "COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE";

export interface ServicePrincipal {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** @throws ShellError `location/credentials` when the file cannot be read or lacks something; shows nothing of it. */
export async function readAzureFile(path: string): Promise<ServicePrincipal> {
  const fields = parseFields(await readText(path));
  const field = (name: string): string => {
    const value = fields.get(`azure_${name}`) ?? fields.get(name);
    if (value !== undefined && value !== "") return value;
    throw unusable(path, `it has no azure_${name}`);
  };
  return {
    tenantId: field("tenant_id"),
    clientId: field("client_id"),
    clientSecret: new Secret(field("client_secret")),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    throw unusable(path, code === "ENOENT" ? "there is no such file" : code, cause);
  }
}

function parseFields(text: string): ReadonlyMap<string, string> {
  if (text.trimStart().startsWith("{")) return parseJson(text);
  const lines = text.split(/\r?\n/u).map((line) => /^(\w+)\s*:\s*(.*)$/u.exec(line));
  return new Map(lines.flatMap((line) => (line === null ? [] : [[line[1] ?? "", scalarOf(line[2] ?? "")]])));
}

function parseJson(text: string): ReadonlyMap<string, string> {
  try {
    const fields: unknown = JSON.parse(text);
    return new Map(Object.entries(fields ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : ""]));
  } catch {
    // The parser's complaint would repeat a part of the file.
    return new Map();
  }
}

/** YAML's three ways to write a text on one line. */
function scalarOf(written: string): string {
  const single = /^'((?:[^']|'')*)'\s*(?:#.*)?$/u.exec(written)?.[1];
  if (single !== undefined) return single.replaceAll("''", "'");
  const double = /^("(?:[^"\\]|\\.)*")\s*(?:#.*)?$/u.exec(written)?.[1];
  if (double !== undefined) return parseJson(`{"text":${double}}`).get("text") ?? "";
  return written.replace(/(?:^|\s)#.*$/u, "").trim();
}

function unusable(path: string, reason: string, cause?: unknown): ShellError {
  return new ShellError("location/credentials", `${AZURE_FILE_VARIABLE} names a file that cannot be used: ${reason}`, {
    detail: [path],
    hint: "write azure_tenant_id, azure_client_id and azure_client_secret in it, or unset the variable",
    cause,
  });
}
