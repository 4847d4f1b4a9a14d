/** Numbers as people read them, the same as in the Python client's reports. */

/** Return a time as m:ss.cc, or h:mm:ss.cc from one hour on. */
export function clock(seconds: number, decimals = 2): string {
  const scale = 10 ** decimals;
  const ticks = Math.round(Math.max(0, seconds) * scale); // rounded first, so that 59.999 s never becomes 0:60.00
  const whole = Math.floor(ticks / scale);
  const tail = decimals ? `.${String(ticks % scale).padStart(decimals, "0")}` : "";
  const [hour, minute, second] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hour ? `${hour}:${two(minute)}:${two(second)}${tail}` : `${minute}:${two(second)}${tail}`;
}

/** Return an integer in groups of three digits: 48 000. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
}

/** Return a share as a percentage; a single clipped sample in an hour must not read as 0.0 %. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value === 0 || value >= 0.05 ? value.toFixed(1) : value.toPrecision(1)}\u00a0%`;
}

/** Return a length: "12.30 s", or as a clock from a minute on. */
export function seconds(value: number): string {
  return value < 60 ? `${value.toFixed(2)} s` : clock(value);
}

/** Return an amount of bytes: "12.3 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
