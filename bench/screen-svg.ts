// A terminal's screen as an SVG: text stays text, and nothing is loaded from anywhere.
import type { Stretch } from "../test/harness/terminal.ts";
import { isShape, round, SHAPE_RUN, shapesOf } from "./svg-shapes.ts";

export interface Screen {
  readonly rows: readonly (readonly Stretch[])[];
  readonly columns: number;
  readonly title: string;
  /** Where the cursor blinks; without it none is drawn. */
  readonly cursor?: { readonly x: number; readonly y: number };
}

const CELL = { width: 8.4, height: 18 };
const FONT_SIZE = 14;
const MARGIN = 14;
const BAR = 28;
const BASELINE = 13;

const PAPER = "#16181d";
const INK = "#d6d9df";
const FRAME = "#2a2e37";
/** Seen on a page as dark as the picture. */
const EDGE = "#4a505c";
/** The sixteen colours; what they are is the terminal's affair, so these are this picture's. */
const SIXTEEN = [
  "#3b4048 #f0717a #9ccf7a #e6c07b #6cb1f5 #cf8ee8 #5cc4d1 #d6d9df",
  "#7c8491 #ff8f97 #b5e594 #f5d796 #8cc6ff #e2a8f7 #7fdbe6 #ffffff",
].flatMap((line) => line.split(" "));
/** Levels of the colour cube, as xterm has them. */
const LEVELS = [0, 95, 135, 175, 215, 255];

/** Rows that are empty at the end are left out. */
export function svgOf({ rows, columns, title, cursor }: Screen): string {
  const used = rows.slice(0, rows.findLastIndex((row, at) => !isEmpty(row) || at === cursor?.y) + 1);
  const width = columns * CELL.width + 2 * MARGIN;
  const height = used.length * CELL.height + 2 * MARGIN + BAR;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>`,
    `<path d="M0 ${BAR}V8a8 8 0 0 1 8-8H${round(width - 8)}a8 8 0 0 1 8 8V${BAR}z" fill="${FRAME}"/>`,
    `<rect x="0.5" y="0.5" width="${round(width - 1)}" height="${round(height - 1)}" rx="7.5" fill="none" stroke="${EDGE}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT_SIZE}" xml:space="preserve">`,
    `<text x="${round(width / 2)}" y="${BAR - 9}" fill="${SIXTEEN[8]}" text-anchor="middle">${escaped(title)}</text>`,
    `<g transform="translate(${MARGIN} ${MARGIN + BAR})">`,
    ...used.flatMap((row, at) => row.flatMap((stretch) => drawn(stretch, at))),
    ...(cursor === undefined ? [] : [box(cursor.x, cursor.y, 1, INK, 0.55)]),
    "</g>",
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function isEmpty(row: readonly Stretch[]): boolean {
  return row.every((stretch) => stretch.text.trim() === "" && stretch.paper === undefined && !stretch.isInverse);
}

function drawn(stretch: Stretch, row: number): readonly string[] {
  const [own, behind] = [rgb(stretch.ink) ?? INK, rgb(stretch.paper)];
  const ink = stretch.isInverse ? (behind ?? PAPER) : own;
  const paper = stretch.isInverse ? own : behind;
  const lines = paper === undefined ? [] : [box(stretch.column, row, stretch.columns, paper)];
  if (stretch.text.trim() === "" && !stretch.isUnderlined) return lines;
  const look = [
    `fill="${ink}"`,
    ...(stretch.isBold ? ['font-weight="bold"'] : []),
    ...(stretch.isItalic ? ['font-style="italic"'] : []),
    ...(stretch.isDim ? ['opacity="0.6"'] : []),
  ].join(" ");
  const under = stretch.isUnderlined ? ' text-decoration="underline"' : "";
  const place = (column: number): { x: number; y: number } => ({ x: column * CELL.width, y: row * CELL.height });
  const inside = piecesOf(stretch).map(({ text, column, columns }) => {
    const { x, y } = place(column);
    if (isShape(text.charAt(0))) return shapesOf(text, { x, y }, CELL);
    // Whatever font there is, columns stay where they are.
    const length = `textLength="${round(columns * CELL.width)}" lengthAdjust="spacingAndGlyphs"`;
    return `<text x="${round(x)}" y="${y + BASELINE}" ${length}${under} xml:space="preserve">${escaped(text)}</text>`;
  });
  return [...lines, `<g ${look}>${inside.join("")}</g>`];
}

interface Piece {
  readonly text: string;
  readonly column: number;
  readonly columns: number;
}

const RUNS = new RegExp(`${SHAPE_RUN.source}|[\\u0020-\\u024f•]+|.`, "gu");

/** Shapes are runs of one character; letters that a font may have in another width stand alone. */
function piecesOf({ text, column, columns }: Stretch): readonly Piece[] {
  if (text.length !== columns) return [{ text, column, columns }];
  return [...text.matchAll(RUNS)].flatMap(({ 0: piece, index }) => {
    const blanks = piece.length - piece.trimStart().length;
    const shown = piece.trim();
    return shown === "" ? [] : [{ text: shown, column: column + index + blanks, columns: shown.length }];
  });
}

function box(column: number, row: number, columns: number, fill: string, opacity = 1): string {
  const place = `x="${round(column * CELL.width)}" y="${row * CELL.height}"`;
  const faint = opacity === 1 ? "" : ` opacity="${opacity}"`;
  return `<rect ${place} width="${round(columns * CELL.width)}" height="${CELL.height}" fill="${fill}"${faint}/>`;
}

function rgb(colour: number | string | undefined): string | undefined {
  if (typeof colour !== "number") return colour;
  if (colour < SIXTEEN.length) return SIXTEEN[colour];
  const levels =
    colour >= 232
      ? Array.from({ length: 3 }, () => 8 + 10 * (colour - 232))
      : [36, 6, 1].map((step) => LEVELS[Math.floor((colour - 16) / step) % 6] ?? 0);
  return `#${levels.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
