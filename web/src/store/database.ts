/** The IndexedDB database under a store of voiceprints: opened, read in one piece, changed in one piece, deleted. */

import { StoreError } from "../core/errors";

const VERSION = 1;
const [HEAD, PRINTS] = ["head", "prints"] as const;
const [HEADER, TALLY] = ["header", "tally"] as const;

/** A sealed record: AES-GCM's nonce, and ciphertext with tag. */
export interface Sealed {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

/** One print as it lies in the database; tokens stand for what they name and tell nothing without the key. */
export interface Row extends Sealed {
  /** Given by the database, in the order of storing; a row without one is new. */
  readonly id?: number;
  /** Token of person, model and embedding: the same print cannot be stored twice. */
  readonly key: string;
  readonly person: string;
  readonly model: string;
}

/** The sealed count of rows, and which change it belongs to. */
export interface TallyRecord extends Sealed {
  /** Number of changes up to this one. */
  readonly revision: number;
}

/** What the database holds at one moment; of a damaged one anything. */
export interface Content {
  readonly tally: unknown;
  readonly rows: readonly unknown[];
}

/** What one change writes. */
export interface Change {
  /** New rows, and rows with an id that take the place of what was there. */
  readonly put: readonly Row[];
  /** Rows that go, by id. */
  readonly remove: readonly number[];
  /** Follows the tally of the revision before it. */
  readonly tally: TallyRecord;
}

/** An open database; the page's other tabs may have it open, too. */
export class Database {
  private constructor(
    readonly name: string,
    private readonly connection: IDBDatabase,
  ) {
    // another tab deletes the store: let it
    connection.onversionchange = () => connection.close();
  }

  /**
   * Open a database.
   *
   * @param isNew - make it if it is missing.
   * @throws StoreError if it is missing, newer than this version, or the browser refuses.
   */
  static async open(factory: IDBFactory, name: string, isNew: boolean): Promise<Database> {
    let isMissing = false;
    const request = factory.open(name, VERSION);
    request.onupgradeneeded = () => {
      isMissing = !isNew;
      if (isMissing) return request.transaction?.abort();
      request.result.createObjectStore(HEAD);
      const prints = request.result.createObjectStore(PRINTS, { keyPath: "id", autoIncrement: true });
      prints.createIndex("key", "key", { unique: true });
    };
    try {
      return new Database(name, await settled(request));
    } catch (error) {
      if (isMissing) throw new StoreError(`${name}: no such store of voiceprints: enroll somebody first`);
      throw failure(name, error);
    }
  }

  /** Return what a new store began with; undefined if nothing has been put there yet. */
  async header(): Promise<unknown> {
    return this.run("readonly", (transaction) => transaction.objectStore(HEAD).get(HEADER));
  }

  /** Put the first header and tally, unless somebody else was faster. */
  async found(header: unknown, tally: TallyRecord): Promise<void> {
    await this.run("readwrite", (transaction) => {
      const head = transaction.objectStore(HEAD);
      const present = head.get(HEADER);
      present.onsuccess = () => {
        if (present.result !== undefined) return;
        head.put(header, HEADER);
        head.put(tally, TALLY);
      };
      return present;
    });
  }

  /** Return everything, as of one moment. */
  async read(): Promise<Content> {
    let tally: IDBRequest<unknown> | undefined;
    const rows = await this.run("readonly", (transaction) => {
      tally = transaction.objectStore(HEAD).get(TALLY);
      return transaction.objectStore(PRINTS).getAll();
    });
    return { tally: tally?.result, rows };
  }

  /**
   * Write a change, all of it or nothing.
   *
   * @returns false if another change was faster: nothing was written.
   */
  async write(change: Change): Promise<boolean> {
    let isNext = false;
    await this.run("readwrite", (transaction) => {
      const [head, prints] = [transaction.objectStore(HEAD), transaction.objectStore(PRINTS)];
      const present: IDBRequest<TallyRecord | undefined> = head.get(TALLY);
      present.onsuccess = () => {
        isNext = present.result?.revision === change.tally.revision - 1;
        if (!isNext) return;
        for (const id of change.remove) prints.delete(id);
        for (const row of change.put) prints.put(row);
        head.put(change.tally, TALLY);
      };
      return present;
    });
    return isNext;
  }

  /** Close it; again does nothing. */
  close(): void {
    this.connection.close();
  }

  /** Run one transaction to its end and return what its last request found. */
  private async run<Result>(
    mode: IDBTransactionMode,
    ask: (transaction: IDBTransaction) => IDBRequest<Result>,
  ): Promise<Result> {
    try {
      const transaction = this.connection.transaction([HEAD, PRINTS], mode, { durability: "strict" });
      const done = completed(transaction);
      const request = ask(transaction);
      await done;
      return request.result;
    } catch (error) {
      throw failure(this.name, error);
    }
  }
}

/**
 * Delete a database with all that is in it; does nothing if there is none.
 *
 * @throws StoreError if the browser refuses.
 */
export async function deleteDatabase(factory: IDBFactory, name: string): Promise<void> {
  try {
    await settled(factory.deleteDatabase(name));
  } catch (error) {
    throw failure(name, error);
  }
}

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("unknown"));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
}

function failure(name: string, error: unknown): StoreError {
  const kind = error instanceof Error || error instanceof DOMException ? error.name : "unknown";
  const cures: Record<string, string> = {
    QuotaExceededError: "free some of the browser's storage",
    VersionError: "written by a newer version: load the page anew",
    InvalidStateError: "it was closed, or deleted in another tab: open it again",
  };
  const cure = cures[kind] ?? "allow this page to store data, or leave private browsing";
  return new StoreError(`${name}: the browser's database failed (${kind}): ${cure}`);
}
