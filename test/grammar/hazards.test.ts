import { endsReadOnly, hazardsOf, onlyReads, type Hazard } from "../../grammar/index.ts";
import { runTextVectors } from "../harness/text-vectors.ts";

function printHazard(hazard: Hazard): string {
  const names = (paths: readonly (readonly string[])[]): string => paths.map((path) => path.join(".")).join(", ");
  switch (hazard.kind) {
    case "delete":
    case "update":
      return `${hazard.kind} all of ${names([hazard.table])}`;
    case "truncate":
      return `truncate ${names(hazard.tables)}`;
    case "drop":
      return `drop ${hazard.object}: ${names(hazard.names)}${hazard.cascade ? " and what depends on it" : ""}`;
    case "drop-column":
      return `drop column ${hazard.column} of ${names([hazard.table])}`;
    case "drop-attribute":
      return `drop attribute ${hazard.attribute} of ${names([hazard.type])}`;
    case "restore":
      return hazard.database === undefined ? "restore" : `restore into ${hazard.database}`;
  }
}

runTextVectors("safety/hazards.txt", (text) => hazardsOf(text).map(printHazard).join("\n") || "(none)");
runTextVectors("safety/read-only.txt", (text) => (endsReadOnly(text) ? "writes again" : "(none)"));
runTextVectors("safety/only-reads.txt", (text) => (onlyReads(text) ? "only reads" : "may write"));
