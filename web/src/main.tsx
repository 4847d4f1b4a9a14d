/** Starts the page. */

import { render } from "preact";
import { App } from "./app/app";
import { type EngineClient, startEngine } from "./engine/client";
import "./styles/app.css";

/** Return the engine, null where the browser lacks what it needs. */
function engineHere(): EngineClient | null {
  const hasAll = typeof WebAssembly === "object" && typeof Worker === "function" && "indexedDB" in globalThis;
  return hasAll && isSecureContext ? startEngine() : null;
}

const root = document.getElementById("app");
if (root) render(<App engine={engineHere()} />, root);
