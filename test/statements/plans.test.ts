// The plans of UNLOAD and COPY as text: what a statement means, and every complaint about it with its place.
import { parse, type OurStatement } from "../../grammar/index.ts";
import { asShellError } from "../../src/errors.ts";
import { Location } from "../../src/location.ts";
import { Reading } from "../../src/plan/reading.ts";
import { planCopy } from "../../src/statements/copy.ts";
import { planUnload } from "../../src/statements/unload.ts";
import { Secret } from "../../src/std/secret.ts";
import { runVectors } from "../harness/vectors.ts";

const SECRETS: Readonly<Record<string, string>> = {
  KEY: "canary-secret-key",
  CREDENTIALS: "aws_access_key_id=id;aws_secret_access_key=canary-secret-key",
  HALF: "aws_access_key_id=id",
};
const reading = new Reading((_, name) => new Secret(SECRETS[name] ?? ""));

const SHORTEST: Readonly<Record<string, readonly string[]>> = {
  unload: ["UNLOAD ('select 1') TO 'file:///d/p'", "UNLOAD ('select 1') TO 's3://b/p' IAM_ROLE DEFAULT"],
  copy: ["COPY t FROM 'file:///d/p'", "COPY t FROM 's3://b/p' IAM_ROLE DEFAULT"],
};

function planOf(statement: OurStatement): object {
  if (statement.kind === "unload") return planUnload(statement, reading);
  if (statement.kind === "copy") return planCopy(statement, reading);
  throw new Error(`no plan of ${statement.kind} here`);
}

function readOne(source: string): OurStatement {
  const { statements, diagnostics } = parse(source);
  const [statement] = statements;
  if (statement === undefined || statement.kind === "passthrough" || statement.kind === "explain") {
    throw new Error(`${source}: ${diagnostics[0]?.message ?? "not a statement of ours"}`);
  }
  return statement;
}

function showValue(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner instanceof Set ? [...inner] : inner)) ?? "undefined";
}

/** One line a field. Locations print as their label, so their parameters follow. */
function fields(plan: object): readonly string[] {
  return Object.entries(plan).map(([name, value]: [string, unknown]) => {
    const inner = typeof value === "object" && value !== null ? [value, ...Object.values(value)] : [];
    const parameters = inner.flatMap((place) => (place instanceof Location ? [...place.parameters] : []));
    return [`${name} ${showValue(value)}`, ...parameters.map(([key, text]) => `  ${key}=${text.toString()}`)].join(
      "\n",
    );
  });
}

function planAll(source: string): string {
  return fields(planOf(readOne(source))).join("\n");
}

/** Only what differs from the plans of the shortest statements of its kind. */
function plan(source: string): string {
  const statement = readOne(source);
  const usual = new Set((SHORTEST[statement.kind] ?? []).flatMap((shortest) => fields(planOf(readOne(shortest)))));
  const changed = fields(planOf(statement)).filter(
    (field) => !usual.has(field) && !/^(?:stated|queryPlace|places) /.test(field),
  );
  return changed.join("\n") || "nothing but defaults";
}

function complain(source: string): string {
  const statement = readOne(source);
  try {
    planOf(statement);
  } catch (thrown) {
    const { code, message, hint, span } = asShellError(thrown);
    const at = span === undefined ? [] : [`  at ${span.start}: ${source.slice(span.start, span.end)}`];
    return [`${code}: ${message}`, ...at, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join("\n");
  }
  return "no complaint";
}

runVectors("plans", { plan, "plan-all": planAll, complain });
