// COPY's clauses about values and about the load.
import type { CopyOption } from "../../grammar/index.ts";
import type { Clauses } from "./clauses.ts";
import type { CopyConversion, CopyLoad } from "./copy-plan.ts";
import { dateFormat, nullMarker, printingCharacter } from "./option-values.ts";

type CopyOptions = Clauses<CopyOption>;

/** Below this Redshift raises COMPROWS by itself. */
export const COMPROWS_RAISED = 100_000;

/** Throws `option/value` for a value out of range. */
export function planConversion(options: CopyOptions): CopyConversion {
  const replacement = options.value("ACCEPTINVCHARS", printingCharacter);
  return {
    acceptAnyDate: options.has("ACCEPTANYDATE"),
    invalidCharacter: replacement ?? (options.has("ACCEPTINVCHARS") ? "?" : undefined),
    blanksAsNull: options.has("BLANKSASNULL"),
    emptyAsNull: options.has("EMPTYASNULL"),
    dateFormat: options.value("DATEFORMAT", (given) => dateFormat(given, ["auto"])) ?? "YYYY-MM-DD",
    timeFormat:
      options.value("TIMEFORMAT", (given) => dateFormat(given, ["auto", "epochsecs", "epochmillisecs"])) ??
      "YYYY-MM-DD HH:MI:SS",
    encoding: options.get("ENCODING")?.encoding ?? "UTF8",
    explicitIds: options.has("EXPLICIT_IDS"),
    fillRecord: options.has("FILLRECORD"),
    ignoreBlankLines: options.has("IGNOREBLANKLINES"),
    headerLines: options.number("IGNOREHEADER", { min: 0 }) ?? 0,
    nullText: options.value("NULL AS", nullMarker) ?? "\\N",
    roundDecimals: options.has("ROUNDEC"),
    trimBlanks: options.has("TRIMBLANKS"),
    truncateColumns: options.has("TRUNCATECOLUMNS"),
  };
}

/** Throws `option/value` for a value out of range. */
export function planLoad(options: CopyOptions): CopyLoad {
  const rows = options.number("COMPROWS", { min: 1000, max: 2_147_483_647 });
  const statistics = options.get("STATUPDATE");
  const errorsMax = options.number("MAXERROR", { min: 0, max: 100_000 }) ?? 0;
  return {
    sampleRows: rows === undefined ? undefined : Math.max(rows, COMPROWS_RAISED),
    compressionUpdate: options.get("COMPUPDATE")?.setting,
    statisticsUpdate: statistics === undefined ? undefined : statistics.setting === "ON",
    errorsMax: options.has("IGNOREALLERRORS") ? "all" : errorsMax,
    dryRun: options.has("NOLOAD"),
  };
}
