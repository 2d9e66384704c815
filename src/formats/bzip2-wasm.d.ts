declare module "bzip2-wasm" {
  export default class BZip2 {
    init(): Promise<void>;
    /** One whole stream. `blockSize` in 100 kB, `room` for the result in bytes. */
    compress(bytes: Uint8Array, blockSize: number, room: number): Uint8Array;
  }
}
