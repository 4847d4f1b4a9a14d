/** Which build of the model runner this browser can use; the worker and the service worker must agree on it. */

/** "threaded" and "plain" want relaxed SIMD, "threaded" shared memory too; "compat" runs everywhere. */
export type Variant = "threaded" | "plain" | "compat";

/** A module whose only function uses i8x16.relaxed_swizzle. */
const RELAXED_SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253,
  128, 2, 11,
);

/** Return the fastest variant that a browser runs. */
export function chooseVariant(isIsolated: boolean): Variant {
  if (!WebAssembly.validate(RELAXED_SIMD)) return "compat";
  return isIsolated && typeof SharedArrayBuffer === "function" ? "threaded" : "plain";
}
