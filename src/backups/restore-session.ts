import type { DumpEntry } from "../formats/dump-toc.ts";
import type { TargetFacts } from "./restore-statements.ts";

const TRANSACTION_TIMEOUT_SINCE = 170_000;
const TABLE_ACCESS_METHODS_SINCE = 120_000;

/** Settings that definitions are replayed under: nothing of the session's own shall change their meaning or stop them. */
export function sessionSettings(entries: readonly DumpEntry[], target: TargetFacts): readonly string[] {
  const strings = entries.find(({ type }) => type === "STDSTRINGS")?.create.includes("'off'") === true ? "off" : "on";
  return [
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    ...(target.versionNumber >= TRANSACTION_TIMEOUT_SINCE ? ["SET transaction_timeout = 0"] : []),
    "SET client_encoding = 'UTF8'",
    `SET standard_conforming_strings = ${strings}`,
    "SELECT pg_catalog.set_config('search_path', '', false)",
    "SET check_function_bodies = false",
    "SET xmloption = content",
    "SET client_min_messages = warning",
    "SET row_security = off",
    "SET default_tablespace = ''",
    ...(target.versionNumber >= TABLE_ACCESS_METHODS_SINCE ? ["SET default_table_access_method = heap"] : []),
  ];
}
