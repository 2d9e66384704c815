// Block elements and lines as shapes instead of letters: every font draws them with other widths and heights, and a bar
// or a tree would fall apart.

export interface CellSize {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in parts of a cell, from its top left. */
interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly opacity?: number;
}

/** Thickness of a line in parts of a cell's width and height. */
const THIN = { x: 0.14, y: 0.07 };
const LEFT: Part = { x: 0, y: 0.5 - THIN.y / 2, width: 0.5 + THIN.x / 2, height: THIN.y };
const RIGHT: Part = { x: 0.5 - THIN.x / 2, y: 0.5 - THIN.y / 2, width: 0.5 + THIN.x / 2, height: THIN.y };
const UP: Part = { x: 0.5 - THIN.x / 2, y: 0, width: THIN.x, height: 0.5 + THIN.y / 2 };
const DOWN: Part = { x: 0.5 - THIN.x / 2, y: 0.5 - THIN.y / 2, width: THIN.x, height: 0.5 + THIN.y / 2 };
const ACROSS: Part = { x: 0, y: 0.5 - THIN.y / 2, width: 1, height: THIN.y };
const UPRIGHT: Part = { x: 0.5 - THIN.x / 2, y: 0, width: THIN.x, height: 1 };

/** Blocks leave a little room above and below, so that the bars of two rows can be told apart. */
const ROOM = 0.08;
const TALL = 1 - 2 * ROOM;
const EIGHTHS = "▏▎▍▌▋▊▉█";
const leftEighths = (count: number): readonly Part[] => [{ x: 0, y: ROOM, width: count / 8, height: TALL }];
const lowerEighths = (count: number): readonly Part[] => [
  { x: 0, y: 1 - ROOM - (TALL * count) / 8, width: 1, height: (TALL * count) / 8 },
];

const SHAPES: ReadonlyMap<string, readonly Part[]> = new Map([
  ...EIGHTHS.split("").map((mark, index) => [mark, leftEighths(index + 1)] as const),
  ..."▁▂▃▄▅▆▇".split("").map((mark, index) => [mark, lowerEighths(index + 1)] as const),
  ["▕", [{ x: 7 / 8, y: ROOM, width: 1 / 8, height: TALL }]],
  ["░", [{ x: 0, y: ROOM, width: 1, height: TALL, opacity: 0.25 }]],
  ["─", [ACROSS]],
  ["│", [UPRIGHT]],
  ["├", [UPRIGHT, RIGHT]],
  ["┤", [UPRIGHT, LEFT]],
  ["└", [UP, RIGHT]],
  ["┘", [UP, LEFT]],
  ["┌", [DOWN, RIGHT]],
  ["┐", [DOWN, LEFT]],
  ["┬", [ACROSS, DOWN]],
  ["┴", [ACROSS, UP]],
  ["┼", [UPRIGHT, ACROSS]],
]);

export function isShape(character: string): boolean {
  return SHAPES.has(character);
}

/** Runs of one shape; a bar with what is left of its last cell is one run, so that no seam shows. */
export const SHAPE_RUN = /█+[▏▎▍▌▋▊▉]?|(?<shape>[─-▟])\k<shape>*/u;

/** Rectangles of a run that begins at a place. */
export function shapesOf(run: string, place: { readonly x: number; readonly y: number }, cell: CellSize): string {
  const [first, last] = [run.charAt(0), run.charAt(run.length - 1)];
  const part = last === first ? 0 : (EIGHTHS.indexOf(last) + 1) / 8;
  const count = part === 0 ? run.length : run.length - 1 + part;
  const rect = ({ x, y, width, height, opacity }: Part, times: number): string => {
    const [left, top] = [place.x + x * cell.width, place.y + y * cell.height];
    const faint = opacity === undefined ? "" : ` fill-opacity="${opacity}"`;
    const size = `width="${round(width * times * cell.width)}" height="${round(height * cell.height)}"`;
    return `<rect x="${round(left)}" y="${round(top)}" ${size}${faint}/>`;
  };
  return (SHAPES.get(first) ?? [])
    .flatMap((one) =>
      one.width === 1
        ? [rect(one, count)]
        : Array.from({ length: count }, (_, at) => rect({ ...one, x: one.x + at }, 1)),
    )
    .join("");
}

export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
