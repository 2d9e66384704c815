// What only Redshift can carry out, with what to do instead.
import type { CopyJobStatement, TemplateStatement } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { CopyPlan } from "./copy-plan.ts";

const JOB_INSTEAD = "run the COPY itself from a scheduler";
const TEMPLATE_INSTEAD = "write the template's clauses into the COPY";

/** Of statements about Redshift's jobs and templates, for a database that has none. */
export function needsRedshift({ kind, span }: CopyJobStatement | TemplateStatement): ShellError {
  const [message, hint] =
    kind === "copy-job"
      ? ["COPY JOB needs Redshift, which watches the prefix", JOB_INSTEAD]
      : ["TEMPLATE needs Redshift, which keeps the templates", TEMPLATE_INSTEAD];
  return new ShellError("engine/unsupported", message, { hint, note: "nothing was changed", span });
}

/** Throws `engine/unsupported` for what Sealift does not load itself. */
export function refuseServerOnly(plan: CopyPlan): void {
  const [what, hint] = reasonOf(plan) ?? [];
  if (what === undefined || hint === undefined) return;
  throw new ShellError("engine/unsupported", what, { hint, note: "nothing was loaded" });
}

function reasonOf({ job, template, source, format }: CopyPlan): readonly [what: string, hint: string] | undefined {
  if (job !== undefined) {
    return ["COPY … JOB CREATE needs Redshift, which watches the prefix", JOB_INSTEAD];
  }
  if (template !== undefined) {
    return ["COPY … USING TEMPLATE needs Redshift, which keeps the templates", TEMPLATE_INSTEAD];
  }
  switch (source.type) {
    case "ssh":
      return ["COPY … SSH needs Redshift", "run the commands yourself, write their output to storage and COPY that"];
    case "emr":
      return [
        "COPY FROM 'emr://…' needs Redshift",
        "copy the files to storage (for example with s3-dist-cp) and COPY them there",
      ];
    case "dynamodb":
      return ["COPY FROM 'dynamodb://…' needs Redshift", "export the table to S3 from DynamoDB and COPY the export"];
    case "prefix":
    case "manifest":
      break;
  }
  switch (format.type) {
    case "orc":
      return ["ORC files cannot be read here", "write them as PARQUET, which can"];
    case "shapefile":
      return ["shapefiles cannot be read here", "load them with shp2pgsql, PostGIS's own loader"];
    default:
      return undefined;
  }
}
