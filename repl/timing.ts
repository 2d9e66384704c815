/** Where a statement's time went, as its client sees it. */
export interface TimingParts {
  /** Until the first word of the answer. */
  readonly serverMs: number;
  /** Until the last. */
  readonly transferMs: number;
  readonly drawingMs: number;
}

/** Less is not worth a person's reading. */
const SPLIT_FROM_MS = 10;

/** psql's line: `Time: 0.184 ms`, from one second on also as a clock shows it; with its parts where they matter. */
export function printTiming(milliseconds: number, parts?: TimingParts): string {
  const notes: string[] = [];
  if (milliseconds >= 1000) notes.push(clockOf(milliseconds));
  if (parts !== undefined && milliseconds + parts.drawingMs >= SPLIT_FROM_MS) {
    const { serverMs, transferMs, drawingMs } = parts;
    const [server, transfer, drawing] = [serverMs, transferMs, drawingMs].map((ms) => ms.toFixed(1));
    notes.push(`server ${server}, transfer ${transfer}, drawing ${drawing}`);
  }
  return `Time: ${milliseconds.toFixed(3)} ms${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}

function clockOf(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = ((milliseconds % 60_000) / 1000).toFixed(3).padStart(6, "0");
  const hours = Math.floor(minutes / 60);
  const clock = [...(hours > 0 ? [hours] : []), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return [...clock, seconds].join(":");
}
