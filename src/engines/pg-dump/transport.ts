/** What a dump connection tells the dumper. */
export interface DumpListener {
  /** Bytes as the server sent them, in any pieces; valid only during the call. */
  data(bytes: Uint8Array): void;
  /** No more bytes will come: the connection ended or failed. Called once at the most. */
  end(): void;
}

/**
 * An authenticated session that pg_dump's bytes go over. It stands after its first ReadyForQuery and outside of any
 * query; nobody else uses it until `close`.
 */
export interface DumpTransport {
  /** ParameterStatus values as the server reported them: server_version, client_encoding, is_superuser … */
  readonly parameters: ReadonlyMap<string, string>;
  /** Called once, before the first `send`. */
  listen(listener: DumpListener): void;
  /** Takes whole frontend messages, never a part of one, never StartupMessage or Terminate. Order is kept. */
  send(messages: Uint8Array): void;
  /** Stops what the server is doing for this session; then `end` follows. May do nothing where that is impossible. */
  cancel(): Promise<void>;
  /** Gives the session back or ends it. Safe to call twice. */
  close(): Promise<void>;
}
