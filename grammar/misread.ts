// Next steps for statements that are nearly ours: what another system has, or what one writes from memory.
import type { IToken } from "chevrotain";
import { k, t } from "./tokens.ts";

const SCHEMA_WORDS = new Set(["SCHEMA", "SCHEMAS"]);
const EVERYTHING = new Set(["ALL", "CLUSTER", "EVERYTHING"]);

function wordOf(token: IToken | undefined): string {
  return token?.image.toUpperCase() ?? "";
}

/** `SCHEMA sales` where tables and databases are named: SCHEMA was read as a table's name. */
function isSchema(tokens: readonly IToken[], read: number): boolean {
  return read === 2 && SCHEMA_WORDS.has(wordOf(tokens[1])) && tokens[2] !== undefined;
}

export function backupHint(tokens: readonly IToken[], read: number): string | undefined {
  const [previous, found] = [tokens[read - 1], tokens[read]];
  if (isSchema(tokens, read)) return `a schema is all of its tables: BACKUP TABLE ${nameOf(found)}.* INTO …`;
  if (read === 1 && found?.tokenType === t.String) return "write BACKUP INTO 'uri'";
  if (read === 1 && EVERYTHING.has(wordOf(found))) return "BACKUP INTO 'uri' backs up everything";
  if (previous?.tokenType === k.LATEST && found?.tokenType === t.String) return "write INTO LATEST IN 'uri'";
  if (wordOf(found).startsWith("INCREMENTAL")) return "an incremental backup is BACKUP … INTO LATEST IN 'uri'";
  return withoutWith(tokens, read);
}

export function restoreHint(tokens: readonly IToken[], read: number): string | undefined {
  const found = tokens[read];
  if (isSchema(tokens, read)) return `a schema is all of its tables: RESTORE TABLE ${nameOf(found)}.* FROM …`;
  if (read === 1 && found?.tokenType === t.String) return "write RESTORE FROM LATEST IN 'uri'";
  if (read === 2 && tokens[1]?.tokenType === k.LATEST) return "write RESTORE FROM LATEST IN 'uri'";
  const isSourceMissing = found?.tokenType === k.LATEST || found?.tokenType === k.IN;
  if (read > 1 && isSourceMissing && !tokens.slice(0, read).some(({ tokenType }) => tokenType === k.FROM)) {
    return "write FROM LATEST IN 'uri', or FROM 'folder' IN 'uri'";
  }
  return withoutWith(tokens, read);
}

export function showBackupHint(tokens: readonly IToken[], read: number): string | undefined {
  if (read !== 2 || tokens[2]?.tokenType !== k.IN) return undefined;
  return "SHOW BACKUPS IN 'uri' lists backups, SHOW BACKUP FROM LATEST IN 'uri' shows one";
}

export function showBackupsHint(tokens: readonly IToken[], read: number): string | undefined {
  return read === 2 && tokens[2]?.tokenType === k.LATEST ? "write SHOW BACKUP FROM LATEST IN 'uri'" : undefined;
}

/** An option that follows a location directly. */
function withoutWith(tokens: readonly IToken[], read: number): string | undefined {
  const [previous, found, next] = [tokens[read - 1], tokens[read], tokens[read + 1]];
  const isOption = previous?.tokenType === t.String && next?.tokenType === t.Equals;
  return isOption ? `options come after WITH: WITH ${found?.image.toLowerCase() ?? ""} = …` : undefined;
}

function nameOf(token: IToken | undefined): string {
  return token?.tokenType === t.String || token === undefined ? "name" : token.image;
}

const COPY_INTO = /^\s*copy\s+[^\s(]+\s*(?:\([^)]*\)\s*)?into\b/i;
const BARE_LOCATION = /\b(?:from|to)\s+[a-z][a-z0-9+.-]*:\/\//i;
const NO_STATEMENT = /^\s*(?:drop|delete)\s+backups?\b/i;

/** A next step for a statement that went to the server, which could not read it. */
export function passedHint(text: string): string | undefined {
  if (COPY_INTO.test(text)) return "COPY … FROM 'uri' reads into a table, UNLOAD ('SELECT …') TO 'uri' writes";
  if (/^\s*copy\b/i.test(text) && BARE_LOCATION.test(text)) return "write the location in quotes";
  if (NO_STATEMENT.test(text)) return "no statement deletes a backup: delete its folder where it is stored";
  return undefined;
}
