/**
 * Voiceprints of people in the browser: enrolled, listed, renamed, forgotten and moved; nothing else is kept, no sound.
 *
 * `sealing` says what a row looks like, `keys` where the keys come from, `database` how changes stay whole, `opening`
 * how a store is made. Ciphers work while no transaction is open: IndexedDB ends one that waits for anything else. So a
 * change is prepared on what was read, and prepared anew if another tab was faster.
 */

import type { Cryptography } from "../core/container/passphrases";
import { openContainer, sealContainer } from "../core/container/container";
import { EnrollmentError, StoreError } from "../core/errors";
import { freeName } from "../core/speakers/enrolling";
import { refuseOthers } from "../core/speakers/identifying";
import { isSameModel, personName, type PrintModel, type Voiceprint } from "../core/speakers/voiceprint";
import { utcSeconds } from "../core/speakers/times";
import { alphabetically, folded, quoted } from "../core/speakers/wording";
import type { Database, Row } from "./database";
import { isRow, tallyOf, type Sealer, type Settings } from "./sealing";

/** What was erased, and what a search found of it afterwards. */
export interface Erasure {
  /** The person's name. */
  readonly what: string;
  /** Prints that were removed. */
  readonly nPrints: number;
  /** Records that still hold any of it: 0 when nothing was found. */
  readonly nRemains: number;
  /** ISO 8601, UTC. */
  readonly erasedAt: string;
}

/** What an import brought. */
export interface Imported {
  /** Prints in the file. */
  readonly nPrints: number;
  /** Those that the store did not have yet. */
  readonly nAdded: number;
  /** Names of the people in the file, in alphabetical order. */
  readonly persons: readonly string[];
}

/** Which prints are asked for: everybody's by any model, unless something is named. */
export interface PrintQuery {
  readonly person?: string;
  readonly model?: PrintModel;
  /** What to do about people who have prints by other models alone; "refuse" if left out. */
  readonly others?: "refuse" | "skip";
}

type StoredRow = Row & { readonly id: number };

interface State {
  readonly rows: readonly StoredRow[];
  readonly settings: Settings;
  readonly revision: number;
}

interface Plan<Result> {
  readonly put?: readonly Row[];
  readonly remove?: readonly StoredRow[];
  readonly settings?: Settings;
  readonly result: Result;
}

/**
 * An open store; made by `openVoiceStore`. All of its questions and changes throw StoreError if a record was
 * changed or is missing, or the browser refuses.
 */
export class VoiceStore {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly cryptography: Cryptography,
  ) {}

  /** Return the names of everybody enrolled, in alphabetical order. */
  async persons(): Promise<string[]> {
    return names(await this.prints());
  }

  /**
   * Return prints in the order in which they were stored.
   *
   * @throws EnrollmentError if the person is not enrolled, or somebody would be left out without `others: "skip"`.
   */
  async prints({ person, model, others = "refuse" }: PrintQuery = {}): Promise<Voiceprint[]> {
    const { rows } = await this.read();
    const token = person === undefined ? null : await this.sealer.personToken(person);
    const own = rows.filter((row) => token === null || row.person === token);
    if (person !== undefined && own.length === 0) throw await this.nobody(person, rows);
    const found = await this.opened(own);
    if (model === undefined) return found;
    const fitting = found.filter((print) => isSameModel(print.model, model));
    if (others === "refuse") refuseOthers(found, new Set(fitting.map((print) => print.person)), model);
    return fitting;
  }

  /** Return the number of changes so far: what was read from the store is out of date when it has moved. */
  async revision(): Promise<number> {
    return (await this.read()).revision;
  }

  /**
   * Store prints, all of them or, if something fails, none; one that is there already is left as it is.
   *
   * @returns how many were new.
   */
  async enroll(prints: readonly Voiceprint[]): Promise<number> {
    const made = await Promise.all(prints.map((print) => this.sealer.row(print)));
    return this.change(({ rows }) => {
      const known = new Set(rows.map((row) => row.key));
      const put = made.filter((row) => !known.has(row.key) && known.add(row.key));
      return { put, result: put.length };
    });
  }

  /**
   * Give a person another name.
   *
   * @returns how many prints have it now.
   * @throws EnrollmentError if nobody has the old name, or somebody the new one, or it is not usable.
   */
  async rename(person: string, name: string): Promise<number> {
    const wanted = freeName(name);
    const [from, to] = [await this.sealer.personToken(person), await this.sealer.personToken(wanted)];
    return this.change(async ({ rows }) => {
      const own = rows.filter((row) => row.person === from);
      if (own.length === 0) throw await this.nobody(person, rows);
      if (from !== to && rows.some((row) => row.person === to)) {
        throw new EnrollmentError(`${quoted(wanted)} is enrolled already: choose another name, or forget it first`);
      }
      const prints = (await this.opened(own)).map((print) => ({ ...print, person: wanted }));
      const made = await Promise.all(prints.map((print) => this.sealer.row(print)));
      return { put: made.map((row, at) => ({ ...row, id: own[at].id })), remove: own, result: own.length };
    });
  }

  /**
   * Erase everything about a person, and look through the store for what is left of it.
   *
   * The browser decides when deleted records leave the disk; they lie there encrypted until then.
   *
   * @returns a receipt that can be handed to the person.
   * @throws EnrollmentError if nobody has this name.
   */
  async forget(person: string): Promise<Erasure> {
    const what = personName(person);
    const token = await this.sealer.personToken(what);
    const gone = await this.change(async ({ rows }) => {
      const remove = rows.filter((row) => row.person === token);
      if (remove.length === 0) throw await this.nobody(person, rows);
      return { remove, result: remove };
    });
    const [ids, keys] = [new Set(gone.map((row) => row.id)), new Set(gone.map((row) => row.key))];
    const { rows } = await this.read();
    const remains = rows.filter((row) => row.person === token || ids.has(row.id) || keys.has(row.key));
    return { what, nPrints: gone.length, nRemains: remains.length, erasedAt: utcSeconds(new Date(), "erased_at") };
  }

  /**
   * Return all prints as an encrypted file that can be moved, to every client of voxlite.
   *
   * @param passphrase - of that file, 8 characters or more.
   * @throws PassphraseError if it is too short.
   */
  async exportVoices(passphrase: string): Promise<string> {
    return sealContainer(await this.prints(), passphrase, this.cryptography);
  }

  /**
   * Add the prints of an exported file that are new: all of them or, if something fails, none.
   *
   * @param data - the file's content.
   * @param passphrase - of the file.
   * @param where - names the file in errors.
   * @throws PassphraseError if the passphrase is wrong.
   * @throws StoreError if the file is no export, or was changed.
   */
  async importVoices(data: Uint8Array | string, passphrase: string, where: string): Promise<Imported> {
    const prints = await openContainer(data, passphrase, where, this.cryptography);
    return { nPrints: prints.length, nAdded: await this.enroll(prints), persons: names(prints) };
  }

  /** Return what `putSetting` keeps under a name, undefined where there is nothing. */
  async setting(name: string): Promise<unknown> {
    return (await this.read()).settings.get(name);
  }

  /** Keep plain data beside the prints, encrypted and protected like them; null takes it away. */
  async putSetting(name: string, value: object | null): Promise<void> {
    await this.change(({ settings }) => {
      const others = [...settings].filter(([known]) => known !== name);
      return { settings: new Map(value === null ? others : [...others, [name, value]]), result: undefined };
    });
  }

  /** Close it; again does nothing. */
  close(): void {
    this.database.close();
  }

  private async read(): Promise<State> {
    const { tally, rows } = await this.database.read();
    const { settings, revision, ...stored } = await this.sealer.openTally(tally);
    const found = rows.filter(isRow);
    const counted = tallyOf(found, settings);
    if (found.length !== rows.length || counted.n !== stored.n || counted.keys !== stored.keys) {
      throw new StoreError(
        `${this.database.name}: the prints in it are not the ${stored.n} that were stored: ` +
          "delete the store, and import an export",
      );
    }
    return { rows: found, settings, revision };
  }

  private async change<Result>(plan: (state: State) => Plan<Result> | Promise<Plan<Result>>): Promise<Result> {
    for (;;) {
      const state = await this.read();
      const { put = [], remove = [], settings = state.settings, result } = await plan(state);
      const kept = state.rows.filter((row) => !remove.includes(row));
      const revision = state.revision + 1;
      const tally = await this.sealer.tally(tallyOf([...kept, ...put], settings), revision);
      if (await this.database.write({ put, remove: remove.map((row) => row.id), tally })) return result;
    }
  }

  private async opened(rows: readonly StoredRow[]): Promise<Voiceprint[]> {
    return Promise.all(rows.map((row) => this.sealer.print(row)));
  }

  private async nobody(person: string, rows: readonly StoredRow[]): Promise<EnrollmentError> {
    const close = names(await this.opened(rows)).find((name) => folded(name) === folded(person.trim()));
    const cure = close === undefined ? "list the names, or enroll first" : `did you mean ${quoted(close)}?`;
    return new EnrollmentError(`${this.database.name}: nobody is enrolled as ${quoted(person)}: ${cure}`);
  }
}

function names(prints: readonly Voiceprint[]): string[] {
  return [...new Set(prints.map((print) => print.person))].sort(alphabetically);
}
