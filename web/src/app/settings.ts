/** What the user has switched on; off unless they did. */

/** Switches that last. */
export interface Settings {
  /** Whether speakers of recordings are told apart. */
  readonly speakers: boolean;
  readonly gender: boolean;
  readonly mood: boolean;
}

/** As they are until somebody switches something on. */
export const ALL_OFF: Settings = { speakers: false, gender: false, mood: false };

const KEY = "voxlite.settings";

/** Return the settings of this browser. */
export function loadSettings(): Settings {
  try {
    const data: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const kept = typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
    return { speakers: kept["speakers"] === true, gender: kept["gender"] === true, mood: kept["mood"] === true };
  } catch {
    return ALL_OFF;
  }
}

/** Keep settings; where storage is forbidden, they last as long as the page. */
export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // a private window may forbid it
  }
}

/** How the voiceprints of this browser are unlocked; null while there are none. */
export type StoreKind = "passphrase" | "device" | null;

const STORE_KEY = "voxlite.store";

/** Return how the voiceprints are unlocked. */
export function loadStoreKind(): StoreKind {
  try {
    const kind = localStorage.getItem(STORE_KEY);
    return kind === "passphrase" || kind === "device" ? kind : null;
  } catch {
    return null;
  }
}

/** Remember how the voiceprints are unlocked. */
export function saveStoreKind(kind: StoreKind): void {
  try {
    if (kind) localStorage.setItem(STORE_KEY, kind);
    else localStorage.removeItem(STORE_KEY);
  } catch {
    // as above
  }
}
