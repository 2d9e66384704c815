declare module "pgpass/lib/helper.js" {
  import type { Readable } from "node:stream";

  interface Asked {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
  }

  const helper: {
    /** Reads the file to its end, destroys the stream and calls back with the first match. */
    getPassword(asked: Asked, file: Readable, done: (password: string | undefined) => void): void;
  };
  export default helper;
}
