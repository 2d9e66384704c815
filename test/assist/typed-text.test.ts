import { completeness } from "../../src/assist/completeness.ts";
import { diagnose } from "../../src/assist/diagnose.ts";
import { highlight } from "../../src/assist/highlight.ts";
import { liveSecrets } from "../../src/assist/live-secrets.ts";
import { statementHelp } from "../../src/assist/statement-help.ts";
import { runVectors } from "../harness/vectors.ts";

/** Stretches with their kinds. */
function showColours(text: string): string {
  return highlight(text)
    .map(({ start, end, kind }) => `${kind} ${text.slice(start, end)}`)
    .join("\n");
}

function showComplaint(text: string): string {
  const found = diagnose(text);
  if (found === undefined) return "no complaint";
  const { start, end, message, hint } = found;
  return [
    `${JSON.stringify(text.slice(start, end))} at ${start}: ${message}`,
    ...(hint === undefined ? [] : [hint]),
  ].join("\n");
}

function showMasked(text: string): string {
  let shown = text;
  for (const { start, end } of liveSecrets(text)) {
    shown = shown.slice(0, start) + "•".repeat(end - start) + shown.slice(end);
  }
  return shown;
}

/** `words / width`. */
function showHelp(input: string): string {
  const [words = "", width] = input.split(" / ");
  const lines = statementHelp(words, Number(width)) ?? ["no help"];
  return lines.map((line) => (line === "" ? "." : line)).join("\n");
}

runVectors("assist", {
  colours: showColours,
  complaint: showComplaint,
  enter: (text) => {
    const { complete, mark } = completeness(text);
    return `${complete ? "complete" : "incomplete"} ${mark}`;
  },
  secrets: showMasked,
  help: showHelp,
});
