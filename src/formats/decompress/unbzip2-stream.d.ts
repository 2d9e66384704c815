declare module "unbzip2-stream" {
  /** A stream of the oldest kind: it takes compressed buffers and emits decompressed ones. */
  export default function unbzip2(): NodeJS.ReadWriteStream;
}
