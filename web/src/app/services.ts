/** What all screens share. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Voiceprint } from "../core/speakers/voiceprint";
import type { EngineClient } from "../engine/client";
import type { VoiceStore } from "../store/voice-store";
import type { Settings } from "./settings";

/** Handed from the shell to each screen. */
export interface Services {
  readonly engine: EngineClient;
  readonly settings: Settings;
  readonly changeSettings: (settings: Settings) => void;
  /** The unlocked store; null while it is locked. */
  readonly store: VoiceStore | null;
  readonly changeStore: (store: VoiceStore | null) => void;
  /** Prints of everybody, empty while the store is locked. */
  readonly prints: readonly Voiceprint[];
  /** Read the prints again after a change. */
  readonly refresh: () => Promise<void>;
}

/** Where screens find them. */
export const ServicesContext = createContext<Services | null>(null);

/** Return the services of the shell around. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("a screen outside of the shell");
  return services;
}
