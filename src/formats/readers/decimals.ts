/** Big-endian two's complement with a decimal point. */
export function printDecimalBytes(bytes: Uint8Array, scale: number): string {
  const hex = Buffer.from(bytes).toString("hex");
  return printScaled(hex === "" ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)), scale);
}

/** An integer with its decimal point. */
export function printScaled(number: bigint, scale: number): string {
  const digits = (number < 0n ? -number : number).toString().padStart(scale + 1, "0");
  const sign = number < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
