import type { ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import { syntaxError } from "../diagnostic.ts";
import type { Kit } from "../kit.ts";
import { restoreHint } from "../misread.ts";
import type { ExpressionNode, FlagOption, Span, TextNode, TextOption, UrisOption } from "../nodes.ts";
import { defineWithOptions, flagOption, textOption, urisOption } from "../options.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { defineTargets, printTargets, type Targets } from "../targets.ts";
import { k, t } from "../tokens.ts";

export interface RestoreStatement {
  readonly kind: "restore";
  /** Absent for everything in the backup. */
  readonly targets?: Targets | { readonly type: "system-users" };
  /** LATEST (in any case) or a backup's name; absent in the legacy form only. */
  readonly subdirectory?: TextNode;
  readonly collection: readonly TextNode[];
  /** CockroachDB's form before 25.1: layers listed one by one after the first. */
  readonly legacy?: { readonly layers: readonly (readonly TextNode[])[] };
  readonly asOf?: ExpressionNode;
  readonly options: readonly RestoreOption[];
  readonly span: Span;
}

const FLAGS = [
  "detached",
  "skip_missing_foreign_keys",
  "skip_missing_sequences",
  "skip_missing_sequence_owners",
  "skip_missing_views",
  "skip_missing_udfs",
  "skip_localities_check",
  "schema_only",
  "verify_backup_table_data",
  "unsafe_restore_incompatible_version",
  "remove_regions",
  "grants",
] as const;

type RestoreFlag = (typeof FLAGS)[number];

export type RestoreOption =
  | TextOption<
      | "encryption_passphrase"
      | "into_db"
      | "new_db_name"
      | "virtual_cluster_name"
      | "virtual_cluster"
      | "execution locality"
      | "debug_pause_on"
    >
  | UrisOption<"kms" | "incremental_location">
  | FlagOption<RestoreFlag | "experimental copy" | "experimental deferred copy">;

type ExperimentalCopy = FlagOption<"experimental copy" | "experimental deferred copy">;

function defineExperimentalCopy(p: Kit): ParserMethod<[], ExperimentalCopy> {
  return p.RULE("experimentalCopy", (): ExperimentalCopy => {
    const first = p.CONSUME(k.EXPERIMENTAL);
    const deferred = p.OPTION(() => p.CONSUME(k.DEFERRED)) !== undefined;
    p.CONSUME(k.COPY);
    return { name: deferred ? "experimental deferred copy" : "experimental copy", span: p.spanFrom(first) };
  });
}

const NO_LOCATION = { release: "26.2", instead: "leave it out: incrementals are found beside the fulls" };

function defineOption(p: Kit): ParserMethod<[], RestoreOption> {
  const experimentalCopy = defineExperimentalCopy(p);
  const passphrase = [k.ENCRYPTION_PASSPHRASE];
  return p.RULE("restoreOption", (): RestoreOption =>
    p.OR([
      { ALT: () => textOption(p, 0, { name: "encryption_passphrase", words: passphrase, position: "passphrase" }) },
      { ALT: () => urisOption(p, 1, { name: "kms", words: [k.KMS], position: "kms" }) },
      { ALT: () => textOption(p, 2, { name: "into_db", words: [k.INTO_DB] }) },
      { ALT: () => textOption(p, 3, { name: "new_db_name", words: [k.NEW_DB_NAME] }) },
      { ALT: () => textOption(p, 4, { name: "virtual_cluster_name", words: [k.VIRTUAL_CLUSTER_NAME] }) },
      { ALT: () => textOption(p, 5, { name: "virtual_cluster", words: [k.VIRTUAL_CLUSTER] }) },
      { ALT: () => textOption(p, 6, { name: "execution locality", words: [k.EXECUTION, k.LOCALITY] }) },
      { ALT: () => p.SUBRULE(experimentalCopy) },
      {
        ALT: () => {
          const option = urisOption(p, 7, { name: "incremental_location", words: [k.INCREMENTAL_LOCATION] });
          p.warnDropped(option.span, option.name, NO_LOCATION);
          return option;
        },
      },
      {
        ALT: () => {
          const option = textOption(p, 8, { name: "debug_pause_on", words: [k.DEBUG_PAUSE_ON] });
          p.warnDropped(option.span, option.name, { release: "24.3", instead: "leave it out" });
          return option;
        },
      },
      ...FLAGS.map((name, i) => ({ ALT: () => flagOption(p, 10 + i, { name, words: [k[flagWord(name)]] }) })),
    ]),
  );
}

function flagWord(name: RestoreFlag): Uppercase<RestoreFlag> {
  return name.toUpperCase() as Uppercase<RestoreFlag>;
}

export interface BackupSource {
  readonly subdirectory?: TextNode;
  readonly collection: readonly TextNode[];
}

/** `[name IN] uris`; a bare word such as LATEST is a name too. */
export function defineSource(p: Kit, prefix: string): ParserMethod<[], BackupSource> {
  const subdirectory = p.RULE(`${prefix}Subdirectory`, (): TextNode => {
    const text = p.SUBRULE(p.text);
    p.CONSUME(k.IN);
    return text;
  });
  return p.RULE(`${prefix}Source`, (): BackupSource => {
    const name = p.OPTION(() => p.SUBRULE(subdirectory));
    return defined({ subdirectory: name, collection: p.SUBRULE(p.uris) });
  });
}

/** LATEST is a place in a collection: without IN it is no legacy URI but a statement cut short. */
export function refuseBareLatest(p: Kit, source: BackupSource): void {
  p.ACTION(() => {
    const [only] = source.collection;
    if (source.subdirectory !== undefined || only?.kind !== "string" || only.value.toLowerCase() !== "latest") return;
    const span = { start: only.span.end, end: only.span.end };
    p.notice(syntaxError(span, "expected IN after LATEST", "name the collection: LATEST IN 's3://bucket/path'"));
  });
}

function defineTargetsOrUsers(p: Kit): ParserMethod<[], NonNullable<RestoreStatement["targets"]>> {
  const targets = defineTargets(p, "restore");
  return p.RULE("restoreWhat", (): NonNullable<RestoreStatement["targets"]> =>
    p.OR([
      {
        ALT: () => {
          p.CONSUME(k.SYSTEM);
          p.CONSUME(k.USERS);
          return { type: "system-users" } as const;
        },
      },
      { ALT: () => p.SUBRULE(targets) },
    ]),
  );
}

function defineRestore(p: Kit): ParserMethod<[], RestoreStatement> {
  const what = defineTargetsOrUsers(p);
  const source = defineSource(p, "restore");
  const withOptions = defineWithOptions(p, "restoreOptions", defineOption(p));
  const layer = p.RULE("restoreLayers", (): readonly TextNode[] => {
    p.CONSUME(t.Comma);
    return p.SUBRULE(p.uris);
  });
  return p.RULE("restore", (): RestoreStatement => {
    const first = p.CONSUME(k.RESTORE);
    const targets = p.OPTION1(() => p.SUBRULE(what));
    p.CONSUME(k.FROM);
    const start = p.LA(1);
    const from = p.SUBRULE(source);
    const layers: (readonly TextNode[])[] = [];
    p.MANY(() => void layers.push(p.SUBRULE(layer)));
    const isLegacy = layers.length > 0 || from.subdirectory === undefined;
    if (isLegacy) {
      const instead = { release: "25.1", instead: "write RESTORE … FROM LATEST IN the collection" };
      p.ACTION(() => p.warnDropped(p.spanFrom(start), "RESTORE FROM a list of layers", instead));
      refuseBareLatest(p, from);
    }
    const asOf = p.OPTION2(() => p.SUBRULE(p.asOf));
    const options = p.OPTION3(() => p.SUBRULE(withOptions)) ?? [];
    const legacy = isLegacy ? { layers } : undefined;
    return defined({ kind: "restore", targets, ...from, legacy, asOf, options, span: p.spanFrom(first) });
  });
}

export const restoreRule: StatementRule<RestoreStatement> = {
  heads: ["RESTORE"],
  hint: restoreHint,
  define: defineRestore,
};

export function printSource(source: BackupSource, p: Printer): string {
  const { subdirectory, collection } = source;
  return p.words(subdirectory === undefined ? undefined : `${p.subdirectory(subdirectory)} IN`, p.uris(collection));
}

export function printRestore(s: RestoreStatement, p: Printer): string {
  const targets = s.targets?.type === "system-users" ? "SYSTEM USERS" : printTargets(s.targets, p);
  const layers = (s.legacy?.layers ?? []).map((layer) => `, ${p.uris(layer)}`).join("");
  return p.words("RESTORE", targets, `FROM ${printSource(s, p)}${layers}`, p.asOf(s.asOf), p.options(s.options));
}
