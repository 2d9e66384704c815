// A Redshift cluster for tests: a proxy that speaks to a client as Redshift does, in front of a real PostgreSQL.
// Messages are framed and rewritten: version, parameters, UNLOAD and COPY, and what release 8.0 did not know. Everything
// else is the server's behind. What it cannot know is Redshift's own SQL, and whether a real cluster words things so.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Client } from "pg";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { answerBlock, usualAnswer, type TransferAnswer } from "./redshift-answers.ts";
import { REDSHIFT_CATALOGUE, translated, withoutMarks } from "./redshift-catalogue.ts";
import {
  bodyOf,
  CANCEL_CODE,
  fieldsBody,
  fieldsOf,
  MessageSplitter,
  printMessage,
  stringsOf,
  TLS_CODE,
  type WireMessage,
} from "./redshift-wire.ts";

/** Parameters that a server of release 8.0 reports. */
const REPORTED = new Set(
  "server_version client_encoding is_superuser session_authorization DateStyle TimeZone integer_datetimes".split(" "),
);
const TRANSFER = /^\s*(?:(unload)\s*\(|(copy)\s)/i;

export interface RedshiftStandIn extends AsyncDisposable {
  /** Where a client connects. */
  readonly settings: PostgresSettings;
  /** All SQL that came, as it came. */
  readonly received: string[];
  /** The UNLOAD and COPY among it. */
  readonly transfers: string[];
  /** How often a client asked to stop a statement. */
  cancels: number;
  /** What becomes of the next UNLOAD or COPY. */
  answer: (text: string) => TransferAnswer;
  /** A cancel request is taken and forgotten. */
  ignoresCancel: boolean;
  /** The connection ends when the next UNLOAD or COPY arrives. */
  drops: boolean;
  /** Closes all connections. */
  hangUp(): void;
  /** A serverless workgroup: STL tables cannot be read. */
  serverless: boolean;
  /** So many questions to the logs of refused rows find nothing yet. */
  lateQuestions: number;
}

/** Makes the database a Redshift's and listens before it. @param behind a database of the test's own. */
export async function startRedshiftStandIn(behind: PostgresSettings): Promise<RedshiftStandIn> {
  const admin = new Client({ ...behind });
  await admin.connect();
  await admin.query(REDSHIFT_CATALOGUE);
  const sockets = new Set<Socket>();
  let queries = 1000;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, { behind, admin, standIn, nextQueryId: () => (queries += 1) });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const standIn: RedshiftStandIn = {
    settings: { ...behind, host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    received: [],
    transfers: [],
    cancels: 0,
    answer: usualAnswer,
    ignoresCancel: false,
    drops: false,
    serverless: false,
    lateQuestions: 0,
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      standIn.hangUp();
      server.close();
      await admin.end();
    },
  };
  return standIn;
}

interface Stage {
  readonly behind: PostgresSettings;
  readonly admin: Client;
  readonly standIn: RedshiftStandIn;
  readonly nextQueryId: () => number;
}

/** One connection's two sides. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  processId: number;
  /** The tag of the UNLOAD or COPY that runs, in place of the block's own. */
  tag: string | undefined;
}

function openBehind({ host, port }: PostgresSettings): Socket {
  return host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
}

function serve(client: Socket, stage: Stage): void {
  const link: Link = { client, server: openBehind(stage.behind), processId: 0, tag: undefined };
  const fromClient = new MessageSplitter(true);
  const fromServer = new MessageSplitter(false);
  // One message after the other: some wait for the logs.
  let work = Promise.resolve();
  client.on("data", (chunk: Buffer) => {
    fromClient.push(chunk);
    work = work.then(async () => {
      for (let message = fromClient.next(); message !== undefined; message = fromClient.next()) {
        await takeFromClient(message, link, stage, fromClient);
      }
    });
  });
  link.server.on("data", (chunk: Buffer) => {
    fromServer.push(chunk);
    for (let message = fromServer.next(); message !== undefined; message = fromServer.next()) {
      const answer = toClient(message, link);
      if (answer !== undefined) client.write(printMessage(answer));
    }
  });
  for (const [side, other] of [
    [client, link.server],
    [link.server, client],
  ] as const) {
    side.on("close", () => other.destroy());
    side.on("error", () => other.destroy());
  }
}

async function takeFromClient(
  message: WireMessage,
  link: Link,
  stage: Stage,
  splitter: MessageSplitter,
): Promise<void> {
  const { standIn } = stage;
  if (message.type === "" && message.body.readUInt32BE(0) === TLS_CODE) {
    splitter.expectUntyped();
    link.client.write("N");
  } else if (message.type === "" && message.body.readUInt32BE(0) === CANCEL_CODE) {
    standIn.cancels += 1;
    if (!standIn.ignoresCancel) await passOn(printMessage(message), stage.behind);
    link.client.end();
  } else if (message.type === "Q") {
    const [sql = ""] = stringsOf(message.body);
    standIn.received.push(sql);
    if (TRANSFER.test(sql)) await transfer(sql, link, stage);
    else link.server.write(printMessage({ type: "Q", body: bodyOf(forServer(sql, standIn)) }));
  } else if (message.type === "P") {
    const [name = "", sql = ""] = stringsOf(message.body);
    standIn.received.push(sql);
    const rest = message.body.subarray(Buffer.byteLength(name) + Buffer.byteLength(sql) + 2);
    link.server.write(printMessage({ type: "P", body: Buffer.concat([bodyOf(name, forServer(sql, standIn)), rest]) }));
  } else {
    link.server.write(printMessage(message));
  }
}

/** Over a connection that lives on when the client hangs up. */
async function passOn(bytes: Buffer, behind: PostgresSettings): Promise<void> {
  const socket = openBehind(behind);
  const closed = once(socket, "close");
  socket.end(bytes).resume();
  await closed;
}

function forServer(sql: string, standIn: RedshiftStandIn): string {
  let text = translated(sql);
  if (standIn.lateQuestions > 0 && /stl_load_errors|sys_load_error_detail/.test(text)) {
    standIn.lateQuestions -= 1;
    text = text.replace(/ WHERE /, " WHERE false AND ");
  }
  return standIn.serverless ? text.replace(/\bstl_\w+/g, "$&_on_serverless") : text;
}

async function transfer(sql: string, link: Link, { standIn, admin, nextQueryId }: Stage): Promise<void> {
  standIn.transfers.push(sql);
  const answer = standIn.answer(sql);
  const queryId = nextQueryId();
  await log(answer, { sql, queryId, processId: link.processId }, admin);
  if (standIn.drops) {
    link.client.destroy();
    return;
  }
  link.tag = TRANSFER.exec(sql)?.[1] === undefined ? "COPY" : "UNLOAD";
  link.server.write(printMessage({ type: "Q", body: bodyOf(answerBlock(sql, answer, queryId)) }));
}

interface Logged {
  readonly sql: string;
  readonly queryId: number;
  readonly processId: number;
}

/** Redshift's logs are outside of transactions. */
async function log(answer: TransferAnswer, { sql, queryId, processId }: Logged, admin: Client): Promise<void> {
  if (answer.neverBegan !== undefined) return;
  const history = /^\s*unload/i.test(sql) ? "sys_unload_history" : "sys_load_history";
  const status = answer.status ?? (answer.error === undefined ? "completed" : "aborted");
  await admin.query(`INSERT INTO ${history} VALUES ($1, $2, $3, getdate())`, [queryId, processId, status]);
  for (const { path, bytes } of answer.files ?? []) {
    await admin.query("INSERT INTO stl_unload_log (query, path, transfer_size) VALUES ($1, $2, $3)", [
      queryId,
      path,
      bytes,
    ]);
    await admin.query("INSERT INTO sys_unload_detail (query_id, file_name, transfer_size) VALUES ($1, $2, $3)", [
      queryId,
      path,
      bytes,
    ]);
  }
  for (const one of answer.refused ?? []) {
    const place = [one.file, one.line, one.column, one.type, one.length ?? "", one.position ?? 0];
    await admin.query(
      `INSERT INTO stl_load_errors (starttime, session, query, filename, line_number, colname, type, col_length, position,
  raw_line, raw_field_value, err_code, err_reason) VALUES (getdate(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [processId, queryId, ...place, one.rawLine, one.rawValue, one.code, one.reason],
    );
    await admin.query(
      `INSERT INTO sys_load_error_detail (start_time, session_id, query_id, file_name, line_number, column_name, column_type,
  column_length, position, error_code, error_message) VALUES (getdate(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [processId, queryId, ...place, one.code, one.reason],
    );
  }
}

function toClient(message: WireMessage, link: Link): WireMessage | undefined {
  const { type, body } = message;
  switch (type) {
    case "S": {
      const [name = "", value = ""] = stringsOf(body);
      if (!REPORTED.has(name)) return undefined;
      return { type, body: bodyOf(name, name === "server_version" ? "8.0.2" : value) };
    }
    case "K":
      link.processId = body.readUInt32BE(0);
      return message;
    case "N":
    case "E":
      return { type, body: fieldsBody(told(fieldsOf(body))) };
    case "C":
      return link.tag === undefined ? message : { type, body: bodyOf(link.tag) };
    case "Z":
      link.tag = undefined;
      return message;
    default:
      return message;
  }
}

/** Fields of release 8.0; the place in the block behind would mean nothing to anyone. */
function told(fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const kept = new Map(
    ["S", "C", "M", "D", "H", "P"].flatMap((letter) => {
      const text = fields.get(letter);
      return text === undefined ? [] : [[letter, withoutMarks(text)] as const];
    }),
  );
  if (kept.get("C") === "57014") kept.set("M", "Query cancelled on user's request");
  return kept;
}
