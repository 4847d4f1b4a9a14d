/** The Python client as a process. */

import { execFileSync, spawnSync } from "node:child_process";
import { PYTHON } from "./places";

/** Passphrase of every store that the tests make. */
export const STORE_PASSPHRASE = "a store's own words";
/** Passphrase of every export. */
export const EXPORT_PASSPHRASE = "an export's own words";

const environment = { ...process.env, VOXLITE_PASSPHRASE: STORE_PASSPHRASE, VOXLITE_EXPORT_PASSPHRASE: EXPORT_PASSPHRASE };

/** Run `voxlite` with some arguments and return what it prints; fails where it fails. */
export function voxlite(...args: readonly string[]): string {
  return execFileSync(PYTHON, ["-m", "voxlite", ...args], { encoding: "utf8", env: environment });
}

/** The same for a command that prints JSON, whatever its exit status tells of the answer. */
export function voxliteJson<T>(...args: readonly string[]): T {
  const { stdout, stderr } = spawnSync(PYTHON, ["-m", "voxlite", ...args], { encoding: "utf8", env: environment });
  if (!stdout) throw new Error(`voxlite ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
