// The only door of this room: what a front end may use.
export type { Column, Event, Row } from "./events.ts";
export { DEFAULT_DISPLAY, type Display } from "./script/display.ts";
