// CREATE, ALTER, DROP, SHOW and CHECK EXTERNAL CONNECTION: names for places and master keys.
import { print, type ExternalConnectionStatement, type TextNode } from "../../grammar/index.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import type { Column, Event, Events } from "../events.ts";
import { ConnectionUri } from "../external/connection-uri.ts";
import {
  connectionType,
  findConnection,
  parseConnectionUri,
  type ExternalConnection,
} from "../external/connections.ts";
import { locationError } from "../location-parse.ts";
import type { Location } from "../location.ts";
import type { Reading } from "../plan/reading.ts";
import { checkConnection, planCheck, validate, type CheckPlan } from "./check-connection.ts";

interface Definition {
  readonly connection: ExternalConnection;
  readonly target: Location;
}

export type ExternalConnectionPlan =
  | (Definition & { readonly kind: "create-external-connection"; readonly ifNotExists: boolean })
  | (Definition & { readonly kind: "alter-external-connection"; readonly ifExists: boolean })
  | { readonly kind: "drop-external-connection"; readonly name: string }
  | { readonly kind: "show-external-connections"; readonly name: string | undefined; readonly asCreate: boolean }
  | CheckPlan;

/** Makes every complaint about the statement's text. */
export function planExternalConnection(
  statement: ExternalConnectionStatement,
  reading: Reading,
): ExternalConnectionPlan {
  switch (statement.kind) {
    case "create-external-connection":
      return { kind: statement.kind, ifNotExists: statement.ifNotExists, ...planDefinition(statement, reading) };
    case "alter-external-connection":
      return { kind: statement.kind, ifExists: statement.ifExists, ...planDefinition(statement, reading) };
    case "drop-external-connection":
      return { kind: statement.kind, name: reading.text(statement.name) };
    case "show-external-connections": {
      const name = statement.name === undefined ? undefined : reading.text(statement.name);
      return { kind: statement.kind, asCreate: statement.asCreate, name };
    }
    case "check-external-connection":
      return planCheck(statement, reading);
  }
}

function planDefinition(node: { readonly name: TextNode; readonly uri: TextNode }, reading: Reading): Definition {
  const name = reading.text(node.name);
  // It has to fit between the slashes of external://name/path.
  if (!/^[^\s/?#@%:]+$/u.test(name)) {
    throw new ShellError("option/value", `an external connection cannot be named ${JSON.stringify(name)}`, {
      hint: "use letters, digits, dots, dashes and underscores",
      span: node.name.span,
    });
  }
  const uri = reading.text(node.uri).trim();
  const target = parseConnectionUri(uri);
  if (!target.ok) throw locationError(target.error, node.uri.span);
  return { connection: { name, uri: new ConnectionUri(uri) }, target: target.value };
}

/** Throws `connection/*`, `shell/file`, and what opening and trying the connection throws. */
export async function* performExternalConnection(
  plan: ExternalConnectionPlan,
  environment: Environment,
  signal?: AbortSignal,
): Events {
  const started = performance.now();
  if (plan.kind === "check-external-connection") {
    const failure = yield* checkConnection(plan, environment, signal);
    // The row is whole, so it is finished before the statement fails: else it would be shown nowhere.
    yield { type: "finished", tag: "CHECK EXTERNAL CONNECTION", elapsedMs: performance.now() - started };
    if (failure !== undefined) throw failure;
    return;
  }
  const tag = yield* performPlan(plan, environment, signal);
  yield { type: "finished", tag, elapsedMs: performance.now() - started };
}

async function* performPlan(
  plan: Exclude<ExternalConnectionPlan, CheckPlan>,
  environment: Environment,
  signal?: AbortSignal,
): AsyncGenerator<Event, string> {
  switch (plan.kind) {
    case "create-external-connection":
      yield* create(plan, environment, signal);
      return "CREATE EXTERNAL CONNECTION";
    case "alter-external-connection":
      yield* alter(plan, environment, signal);
      return "ALTER EXTERNAL CONNECTION";
    case "drop-external-connection":
      await environment.connections.drop(plan.name);
      return "DROP EXTERNAL CONNECTION";
    case "show-external-connections": {
      const shown = await connectionsToShow(plan.name, environment);
      yield* plan.asCreate ? showCreate(shown) : show(shown);
      return `SHOW EXTERNAL CONNECTIONS ${shown.length}`;
    }
  }
}

async function* create(
  plan: Definition & { readonly ifNotExists: boolean },
  environment: Environment,
  signal?: AbortSignal,
): Events {
  const { name } = plan.connection;
  const isThere = (await environment.connections.all()).some((connection) => connection.name === name);
  if (isThere && plan.ifNotExists) return yield skipped(`external connection ${name} exists already, skipping`);
  // A name that is taken is refused before anything is tried out.
  if (!isThere) yield* validate(plan.target, environment, signal);
  await environment.connections.create(plan.connection);
}

async function* alter(
  plan: Definition & { readonly ifExists: boolean },
  environment: Environment,
  signal?: AbortSignal,
): Events {
  const { name } = plan.connection;
  const isThere = (await environment.connections.all()).some((connection) => connection.name === name);
  if (!isThere && plan.ifExists) return yield skipped(`there is no external connection ${name}, skipping`);
  if (isThere) yield* validate(plan.target, environment, signal);
  await environment.connections.replace(plan.connection);
}

function skipped(message: string): Event {
  return { type: "notice", severity: "NOTICE", message };
}

async function connectionsToShow(
  name: string | undefined,
  environment: Environment,
): Promise<readonly ExternalConnection[]> {
  if (name === undefined) return environment.connections.all();
  return [await findConnection(environment.connections, name)];
}

const SHOW_COLUMNS: readonly Column[] = [
  { name: "connection_name", kind: "text" },
  { name: "connection_uri", kind: "text" },
  { name: "connection_type", kind: "text" },
];

async function* show(connections: readonly ExternalConnection[]): Events {
  yield { type: "columns", columns: SHOW_COLUMNS };
  yield { type: "rows", rows: connections.map(({ name, uri }) => [name, String(uri), typeOf(uri)]) };
}

/** Nothing for a URI that this version does not understand any more. */
function typeOf(uri: ConnectionUri): string | null {
  const target = parseConnectionUri(uri.reveal());
  return target.ok ? connectionType(target.value.kind) : null;
}

const CREATE_COLUMNS: readonly Column[] = [
  { name: "connection_name", kind: "text" },
  { name: "create_statement", kind: "text" },
];

async function* showCreate(connections: readonly ExternalConnection[]): Events {
  yield {
    type: "notice",
    severity: "WARNING",
    message: "these statements hold the connections' credentials as they are",
    hint: "SHOW EXTERNAL CONNECTIONS hides them",
  };
  yield { type: "columns", columns: CREATE_COLUMNS };
  yield { type: "rows", rows: connections.map((connection) => [connection.name, createStatement(connection)]) };
}

function createStatement({ name, uri }: ExternalConnection): string {
  const span = { start: 0, end: 0 };
  const node = (value: string): TextNode => ({ kind: "string", value, position: "text", span });
  return print(
    { kind: "create-external-connection", ifNotExists: false, name: node(name), uri: node(uri.reveal()), span },
    { mask: ({ value }) => value },
  );
}
