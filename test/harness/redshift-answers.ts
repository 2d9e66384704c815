// What the stand-in answers to UNLOAD and COPY, as a block that the database behind carries out: so that transactions,
// notices, errors and cancelling are a real server's.
export interface RefusedLine {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly type: string;
  readonly length?: string;
  readonly position?: number;
  readonly rawLine: string;
  readonly rawValue: string;
  readonly code: number;
  readonly reason: string;
}

export interface TransferAnswer {
  /** Of severity INFO. */
  readonly notices?: readonly string[];
  readonly error?: { readonly message: string; readonly detail?: string; readonly sqlState?: string };
  /** Rows that the logs get, whatever becomes of the statement. */
  readonly refused?: readonly RefusedLine[];
  readonly files?: readonly { readonly path: string; readonly bytes: number }[];
  readonly count?: number;
  /** The notice `begun` comes before it. */
  readonly sleepSeconds?: number;
  /** SQL for what the statement does to the table. */
  readonly effect?: string;
  readonly status?: "running" | "completed" | "aborted";
  /** A statement refused before it began has no id. */
  readonly neverBegan?: true;
}

/** A server's detail as Redshift formats it. */
export function detailBlock(facts: Readonly<Record<string, string>>): string {
  const rule = `  ${"-".repeat(47)}`;
  const lines = Object.entries(facts).map(([name, value]) => `  ${`${name}:`.padEnd(10)} ${value}`);
  return ["", rule, ...lines, rule, ""].join("\n");
}

const QUERY = /^\s*unload\s*\(\s*(?:\$\$([\s\S]*?)\$\$|'((?:[^'\\]|''|\\[\s\S])*)')/i;

/** The answer when a test says nothing else: UNLOAD counts the query's rows, COPY loads nothing. */
export function usualAnswer(text: string): TransferAnswer {
  if (/master_symmetric_key/i.test(text)) {
    return { error: { message: "client-side encryption is not supported", sqlState: "0A000" }, neverBegan: true };
  }
  if (/^\s*copy\b[\s\S]*\b(?:from\s+stdin|to\s+stdout)\b/i.test(text)) {
    const message = "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)";
    return { error: { message, sqlState: "0A000" }, neverBegan: true };
  }
  if (/^\s*copy\s+job\b|\bjob\s+create\b/i.test(text)) return {};
  if (!/^\s*unload/i.test(text)) {
    const table = /^\s*copy\s+(?:\w+\.)?(\w+)/i.exec(text)?.[1] ?? "";
    return { count: 0, notices: [`Load into table '${table}' completed, 0 record(s) loaded successfully.`] };
  }
  if (QUERY.test(text)) return {};
  return { error: { message: 'syntax error at or near "select"', sqlState: "42601" }, neverBegan: true };
}

/** The block for PL/pgSQL. */
export function answerBlock(text: string, answer: TransferAnswer, queryId: number): string {
  const kind = /^\s*unload/i.test(text) ? "unload" : "copy";
  const lines: string[] = [];
  if (answer.neverBegan === undefined) lines.push(`PERFORM setval('redshift_state.${kind}_id', ${queryId});`);
  if (answer.sleepSeconds !== undefined) {
    lines.push(`RAISE INFO 'begun'; PERFORM pg_sleep(${answer.sleepSeconds});`);
  }
  const query = queryOf(text);
  if (kind === "unload" && answer.notices === undefined && answer.error === undefined && query !== undefined) {
    lines.push(`EXECUTE ${literal(`SELECT count(*) FROM (${query}\n) AS unloaded`)} INTO n;`);
    lines.push("RAISE INFO 'UNLOAD completed, % record(s) unloaded successfully.', n;");
    lines.push("PERFORM setval('redshift_state.unload_count', n);");
  }
  if (answer.effect !== undefined) lines.push(`${answer.effect};`);
  for (const notice of answer.notices ?? []) lines.push(`RAISE INFO '%', ${literal(notice)};`);
  if (answer.count !== undefined) lines.push(`PERFORM setval('redshift_state.${kind}_count', ${answer.count});`);
  if (answer.error !== undefined) lines.push(raise(answer.error));
  return `DO ${dollar(`DECLARE n bigint; BEGIN ${lines.join("\n")} END`)}`;
}

function raise({ message, detail, sqlState = "XX000" }: NonNullable<TransferAnswer["error"]>): string {
  const said = detail === undefined ? "" : `, DETAIL = ${literal(detail)}`;
  return `RAISE EXCEPTION USING MESSAGE = ${literal(message)}, ERRCODE = '${sqlState}'${said};`;
}

function queryOf(text: string): string | undefined {
  const match = QUERY.exec(text);
  return match === null
    ? undefined
    : (match[1] ?? match[2]?.replace(/''|\\(['\\])/g, (_, escaped) => String(escaped ?? "'")));
}

export function literal(text: string): string {
  return `E'${text.replace(/['\\]/g, "\\$&")}'`;
}

function dollar(text: string): string {
  return `$stand_in$${text}$stand_in$`;
}
