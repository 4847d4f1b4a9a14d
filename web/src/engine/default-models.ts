/** The model that this client uses for each task; the build reads it too. */
export const DEFAULT_MODELS = { voice: "compact", speaker: "compact", gender: "compact", mood: "mood" } as const;
