import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { ShellError } from "../../errors.ts";
import { resolveConnection } from "../../connection/resolve.ts";
import type { ConnectionSettings, PostgresConnection } from "../../connection/settings.ts";
import type { ScriptEvents } from "../events.ts";
import { quoteIdentifier, quoteLiteral } from "../interpolate.ts";
import { say, type Command, type CommandCall } from "./command.ts";

async function* connect(call: CommandCall): ScriptEvents {
  const { session, state, host } = call.shell;
  const words = call.arguments.names();
  const [first = "-"] = words;
  const isText = /:\/\/|=|^embedded:/.test(first);
  const { settings, warnings } = isText
    ? await resolveConnection({ text: first, environment: host.environment })
    : { settings: reusing(session.settings, words), warnings: [] };
  for (const message of warnings) yield { type: "warning", message };
  const description = await session.connectTo(settings, call.signal);
  state.showConnection(description);
  yield say(call, `You are now connected to database "${description.database}" as user "${description.user}".`);
}

/** `\c [database [user [host [port]]]]`; `-` or nothing keeps what is. A password is kept only for the same server. */
function reusing(settings: ConnectionSettings, words: readonly string[]): ConnectionSettings {
  if (words.every((word) => word === "-")) return settings;
  if (settings.kind === "embedded") {
    throw new ShellError("engine/unsupported", "the embedded database has one database and one user", {
      hint: "\\c postgres://user@host/database connects to a server",
    });
  }
  const given = (index: number): string | undefined => (words[index] === "-" ? undefined : words[index]);
  const [database, user, host, port] = [given(0), given(1), given(2), given(3)];
  const changed: Record<string, string> = {};
  for (const [name, value] of Object.entries({ dbname: database, user, host, port })) {
    if (value !== undefined) changed[name] = "\\c";
  }
  const sameServer = host === undefined && port === undefined && (user === undefined || user === settings.user);
  const { password, expectsRedshift, ...rest } = settings;
  const moved: PostgresConnection = {
    ...rest,
    ...(expectsRedshift === true && host === undefined ? { expectsRedshift } : {}),
    database: database ?? settings.database,
    user: user ?? settings.user,
    hosts:
      host === undefined && port === undefined
        ? sameServer
          ? settings.hosts
          : settings.hosts.map((address) => ({ host: address.host, port: address.port }))
        : settings.hosts.map((address) => ({ host: host ?? address.host, port: portOf(port) ?? address.port })),
    provenance: { ...settings.provenance, ...changed },
  };
  return sameServer && password !== undefined ? { ...moved, password } : moved;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ShellError("shell/usage", `port ${text} is not between 1 and 65535`);
}

async function* connectionInfo(call: CommandCall): ScriptEvents {
  const { session } = call.shell;
  const description = await session.connect(call.signal);
  const lines = [
    `You are connected to database "${description.database}" as user "${description.user}" at ${description.location}`,
    `(${description.name} ${description.version}${description.superuser ? ", superuser" : ""}).`,
  ];
  const rows = settingRows(session.settings);
  const width = Math.max(...rows.map(([name]) => name.length));
  const values = Math.max(...rows.map(([, value]) => value.length));
  for (const [name, value, from] of rows) lines.push(`  ${name.padEnd(width)}  ${value.padEnd(values)}  (${from})`);
  yield say(call, lines.join("\n"));
}

type SettingRow = readonly [name: string, value: string, from: string];

function settingRows(settings: ConnectionSettings): SettingRow[] {
  const from = (name: string): string => settings.provenance[name] ?? "default";
  if (settings.kind === "embedded") return [["directory", settings.directory, from("directory")]];
  const { hosts, tls, password, options } = settings;
  const rows: SettingRow[] = [
    ["host", hosts.map((address) => address.host).join(","), from("host")],
    ["port", hosts.map((address) => address.port).join(","), from("port")],
    ["dbname", settings.database, from("dbname")],
    ["user", settings.user, from("user")],
    ["sslmode", tls?.mode ?? "disable", from("sslmode")],
    ["application_name", settings.applicationName, from("application_name")],
    ["connect_timeout", String(settings.connectTimeoutMs / 1000), from("connect_timeout")],
    ["target_session_attrs", settings.targetSession, from("target_session_attrs")],
  ];
  const shown = password ?? hosts.find((address) => address.password !== undefined)?.password;
  if (shown !== undefined) rows.push(["password", String(shown), from("password")]);
  if (options !== undefined) rows.push(["options", options, from("options")]);
  return rows;
}

async function* password(call: CommandCall): ScriptEvents {
  const { session, host } = call.shell;
  const { user: current } = await session.connect(call.signal);
  const user = call.arguments.nextFile() ?? current;
  const first = await host.promptSecret(`Enter new password for user "${user}": `);
  const second = await host.promptSecret("Enter it again: ");
  if (first.reveal() !== second.reveal()) throw new ShellError("shell/usage", "the two passwords differ");
  await session.rows(`ALTER USER ${quoteIdentifier(user)} PASSWORD ${quoteLiteral(scramVerifier(first.reveal()))}`);
  yield say(call, `Password of user "${user}" is changed.`, "stderr");
}

const SCRAM_ITERATIONS = 4096;

/** What the server stores instead of a password (RFC 5802, RFC 7677; PostgreSQL's form of it): the server never sees it. */
export function scramVerifier(text: string, salt: Uint8Array = randomBytes(16)): string {
  const salted = pbkdf2Sync(text.normalize("NFKC"), salt, SCRAM_ITERATIONS, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${Buffer.from(salt).toString("base64")}$${storedKey}:${serverKey}`;
}

export const CONNECTION_COMMANDS: readonly Command[] = [
  {
    names: ["c", "connect"],
    group: "connection",
    usage: "\\c [DATABASE [USER [HOST [PORT]]] | URI]",
    summary: "connect to another database",
    run: connect,
  },
  {
    names: ["conninfo"],
    group: "connection",
    usage: "\\conninfo",
    summary: "the connection, and where each setting came from",
    run: connectionInfo,
  },
  { names: ["password"], group: "connection", usage: "\\password [USER]", summary: "change a password", run: password },
];
