import type { Layout, Surface } from "../layout/layout.ts";

/** Another way to draw a result than as a table; undefined when the surface is no terminal or the result is not its kind. */
export type CreatePicture = (name: string, surface: Surface) => Layout | undefined;
