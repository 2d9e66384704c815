/** What carries our statements out is loaded with the first of them: plain SQL should not wait for it. */
export async function loadExecutor(): Promise<typeof import("./execute.ts")> {
  return import("./execute.ts");
}
