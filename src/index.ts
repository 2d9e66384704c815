// The only door of this room: what a front end may use.
export type { Span } from "../grammar/index.ts";
export type {
  Assistant,
  AssistantContext,
  Completeness,
  CompletionItem,
  CompletionKind,
  CatalogueStatus,
  Completions,
  HighlightKind,
  HighlightSpan,
  LiveDiagnostic,
  OpenAssistant,
} from "./assist/assistant.ts";
export { resolveConnection, type ResolvedConnection } from "./connection/resolve.ts";
export type { ConnectionSettings } from "./connection/settings.ts";
export { holdsPassword, sanitizeConnectionText } from "./connection/text.ts";
export type { EngineDescription } from "./engines/engine.ts";
export { asShellError, ShellError } from "./errors.ts";
export type { Amount, Column, Event, Part, Row } from "./events.ts";
export type { DecryptRequest, Doors, InspectRequest, KeySource } from "./doors.ts";
export { changeDisplay } from "./script/commands/output.ts";
export { DEFAULT_DISPLAY, displayForPrompt, type Display } from "./script/display.ts";
export type { OutputTarget, PictureName, ScriptEvent, ScriptEvents } from "./script/events.ts";
export type { StatementGuard } from "./script/guard.ts";
export type { PastStatement, ScriptHost } from "./script/host.ts";
export { RowStore, type PackedRows } from "./script/row-store.ts";
export type { PromptHost, PromptJob } from "./script/prompt-host.ts";
export { Interpreter } from "./script/interpreter.ts";
export { fillPlaceholders, findSecretReferences, hideSecrets, placeholdersIn } from "./script/secret-placeholder.ts";
export { secretSpansOf } from "./script/secret-spans.ts";
export { childEnvironment, createHost } from "./script/node-host.ts";
export { runScripts, type RunInput, type RunOptions } from "./script/run.ts";
export { positionOf, type Place, type Position, type ScriptSource } from "./script/source.ts";
export { hazardsOf, splitScript, tokens, type Hazard, type NamePath } from "../grammar/index.ts";
export { ScriptState } from "./script/state.ts";
export { Variables } from "./script/variables.ts";
export { nearest } from "./std/nearest.ts";
export type { PasswordPrompt } from "./connection/password-prompt.ts";
export type { Session } from "./session.ts";
export { scrubSecrets, Secret } from "./std/secret.ts";
export { openDoors } from "./wiring.ts";
