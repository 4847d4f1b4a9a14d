/** Before the tests: the sounds that they need. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PYTHON, SOUNDS } from "./places";

export default function makeSounds(): void {
  execFileSync(PYTHON, [fileURLToPath(new URL("make_sounds.py", import.meta.url)), SOUNDS], { stdio: "inherit" });
}
