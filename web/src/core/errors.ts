/** Base of every error voxlite raises on purpose; its text says what was wrong, where, and the cure. */
export class VoxliteError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The sound could not be read, or its samples cannot be analysed. */
export class AudioError extends VoxliteError {}

/** A front-end configuration or its input is not usable. */
export class FeatureError extends VoxliteError {}

/** A model is missing, damaged or does not fit this version. */
export class ModelError extends VoxliteError {}

/** A voiceprint, a person's name or its consent is not usable, or fits no model at hand. */
export class EnrollmentError extends VoxliteError {}

/** A store of voiceprints, or an export of one, cannot be opened, read or written. */
export class StoreError extends VoxliteError {}

/** A passphrase is wrong or too short: asking again may help. */
export class PassphraseError extends StoreError {}
