import type { ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import { spanOfToken } from "../create-nodes.ts";
import type { Kit } from "../kit.ts";
import type { BooleanOption, ExpressionNode, FlagOption, Span, TextNode, TextOption, UrisOption } from "../nodes.ts";
import { booleanOption, defineWithOptions, flagOption, textOption, urisOption } from "../options.ts";
import { backupHint } from "../misread.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { defineTargets, printTargets, type Targets } from "../targets.ts";
import { k, t } from "../tokens.ts";

export interface BackupStatement {
  readonly kind: "backup";
  /** Absent for everything the connection can see. */
  readonly targets?: Targets;
  /** `LATEST`, a named full backup to add to, or absent for a full backup under a fresh name. */
  readonly into?: { readonly type: "latest" } | { readonly type: "subdirectory"; readonly subdirectory: TextNode };
  readonly collection: readonly TextNode[];
  readonly asOf?: ExpressionNode;
  /** CockroachDB's form before 24.3: `BACKUP … TO uris [INCREMENTAL FROM …]`. The collection is the backup itself. */
  readonly legacy?: { readonly incrementalFrom: readonly TextNode[] };
  readonly options: readonly BackupOption[];
  readonly span: Span;
}

export type BackupOption =
  | TextOption<"encryption_passphrase" | "execution locality" | "rows">
  | UrisOption<"kms" | "incremental_location">
  | BooleanOption<
      "revision_history" | "detached" | "include_all_virtual_clusters" | "updates_cluster_monitoring_metrics"
    >
  | FlagOption<"strict storage locality">;

/** @param prefix sets apart the rules of the statements that share these options. */
export function defineBackupOption(p: Kit, prefix: string): ParserMethod<[], BackupOption> {
  return p.RULE(`${prefix}Option`, (): BackupOption =>
    p.OR([
      {
        ALT: () =>
          textOption(p, 0, { name: "encryption_passphrase", words: [k.ENCRYPTION_PASSPHRASE], position: "passphrase" }),
      },
      { ALT: () => urisOption(p, 1, { name: "kms", words: [k.KMS], position: "kms" }) },
      { ALT: () => booleanOption(p, 2, { name: "revision_history", words: [k.REVISION_HISTORY] }) },
      { ALT: () => booleanOption(p, 3, { name: "detached", words: [k.DETACHED] }) },
      { ALT: () => textOption(p, 4, { name: "execution locality", words: [k.EXECUTION, k.LOCALITY] }) },
      {
        ALT: () =>
          booleanOption(p, 5, { name: "include_all_virtual_clusters", words: [k.INCLUDE_ALL_VIRTUAL_CLUSTERS] }),
      },
      {
        ALT: () =>
          booleanOption(p, 6, {
            name: "updates_cluster_monitoring_metrics",
            words: [k.UPDATES_CLUSTER_MONITORING_METRICS],
          }),
      },
      { ALT: () => flagOption(p, 7, { name: "strict storage locality", words: [k.STRICT, k.STORAGE, k.LOCALITY] }) },
      { ALT: () => textOption(p, 8, { name: "rows", words: [k.ROWS] }) },
      {
        ALT: () => {
          const option = urisOption(p, 9, { name: "incremental_location", words: [k.INCREMENTAL_LOCATION] });
          p.warnDropped(option.span, option.name, {
            release: "26.2",
            instead: "leave it out: incrementals lie beside the fulls",
          });
          return option;
        },
      },
    ]),
  );
}

type Destination = Pick<BackupStatement, "into" | "collection">;

function defineDestination(p: Kit): ParserMethod<[], Destination> {
  const into = p.RULE("backupInto", (): NonNullable<BackupStatement["into"]> => {
    const place = p.OR<
      [{ ALT: () => { type: "latest" } }, { ALT: () => { type: "subdirectory"; subdirectory: TextNode } }]
    >([
      {
        ALT: () => {
          p.CONSUME(k.LATEST);
          return { type: "latest" };
        },
      },
      { ALT: () => ({ type: "subdirectory", subdirectory: p.SUBRULE(p.quotedText) }) },
    ]);
    p.CONSUME(k.IN);
    return place;
  });
  return p.RULE("backupDestination", (): Destination => {
    p.CONSUME(k.INTO);
    const place = p.OPTION(() => p.SUBRULE(into));
    const collection = p.SUBRULE(p.uris);
    return place === undefined ? { collection } : { into: place, collection };
  });
}

function defineLegacyDestination(p: Kit): ParserMethod<[], readonly TextNode[]> {
  return p.RULE("backupTo", () => {
    const to = p.CONSUME(k.TO);
    const uris = p.SUBRULE(p.uris);
    p.ACTION(() =>
      p.warnDropped(spanOfToken(to), "BACKUP … TO", { release: "25.1", instead: "write BACKUP … INTO a collection" }),
    );
    return uris;
  });
}

function defineIncrementalFrom(p: Kit): ParserMethod<[], readonly TextNode[]> {
  return p.RULE("incrementalFrom", () => {
    const layers: TextNode[] = [];
    const first = p.CONSUME(k.INCREMENTAL);
    p.CONSUME(k.FROM);
    p.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => void layers.push(p.SUBRULE(p.text, { ARGS: ["location"] })) });
    p.ACTION(() =>
      p.warnDropped(spanOfToken(first), "INCREMENTAL FROM", {
        release: "25.1",
        instead: "write BACKUP … INTO LATEST IN the collection",
      }),
    );
    return layers;
  });
}

function defineBackup(p: Kit): ParserMethod<[], BackupStatement> {
  const targets = defineTargets(p, "backup");
  const destination = defineDestination(p);
  const legacyDestination = defineLegacyDestination(p);
  const incrementalFrom = defineIncrementalFrom(p);
  const withOptions = defineWithOptions(p, "backupOptions", defineBackupOption(p, "backup"));
  return p.RULE("backup", (): BackupStatement => {
    const first = p.CONSUME(k.BACKUP);
    const what = p.OPTION1(() => p.SUBRULE(targets));
    const place = p.OR([
      { ALT: () => p.SUBRULE(destination) },
      { ALT: () => ({ collection: p.SUBRULE(legacyDestination), legacy: true }) },
    ]);
    const asOf = p.OPTION2(() => p.SUBRULE(p.asOf));
    const incremental = p.OPTION3(() => p.SUBRULE(incrementalFrom));
    const options = p.OPTION4(() => p.SUBRULE(withOptions)) ?? [];
    const isLegacy = "legacy" in place || incremental !== undefined;
    return defined({
      kind: "backup",
      targets: what,
      into: "into" in place ? place.into : undefined,
      collection: place.collection,
      asOf,
      legacy: isLegacy ? { incrementalFrom: incremental ?? [] } : undefined,
      options,
      span: p.spanFrom(first),
    });
  });
}

export const backupRule: StatementRule<BackupStatement> = {
  heads: ["BACKUP"],
  hint: backupHint,
  define: defineBackup,
};

export function printBackup(s: BackupStatement, p: Printer): string {
  return p.words("BACKUP", printTargets(s.targets, p), printDestination(s, p), p.options(s.options));
}

function printDestination(s: BackupStatement, p: Printer): string {
  const asOf = p.asOf(s.asOf);
  if (s.legacy !== undefined) {
    const layers = s.legacy.incrementalFrom.map((layer) => p.text(layer)).join(", ");
    return p.words("TO", p.uris(s.collection), asOf, layers === "" ? undefined : `INCREMENTAL FROM ${layers}`);
  }
  const place =
    s.into === undefined ? undefined : s.into.type === "latest" ? "LATEST IN" : `${p.text(s.into.subdirectory)} IN`;
  return p.words("INTO", place, p.uris(s.collection), asOf);
}
