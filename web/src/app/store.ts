/**
 * What the phone keeps: IndexedDB, read and written by the page and by the service worker. Two stores: `outbox` (signals not yet acknowledged, by uuid)
 * and `kept` (the member's token, the running alarm, the last fix). A phone that refuses storage still alarms: whoever writes here goes on without it.
 */

let opening: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("tocsin", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("outbox", { keyPath: "uuid" });
      request.result.createObjectStore("kept");
    };
    request.onblocked = () => reject(new Error("the database is blocked"));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const opened = request.result;
      opened.onclose = () => (opening = null);
      opened.onversionchange = () => {
        opened.close();
        opening = null;
      };
      resolve(opened);
    };
  }).catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}

/** One transaction over both stores; resolved only when it is on the disk. */
export async function transact<T>(run: (outbox: IDBObjectStore, kept: IDBObjectStore, give: (value: T) => void) => void): Promise<T | undefined> {
  const transaction = (await database()).transaction(["outbox", "kept"], "readwrite", { durability: "strict" });
  return new Promise((resolve, reject) => {
    let given: T | undefined;
    transaction.oncomplete = () => resolve(given);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
    run(transaction.objectStore("outbox"), transaction.objectStore("kept"), (value) => (given = value));
  });
}

/** A promise that is given up after a while: storage may be slow or broken, and nobody may wait for it with a thumb on the button. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, milliseconds, undefined)));
  try {
    return await Promise.race([promise, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

export function recall<T>(key: string): Promise<T | undefined> {
  return within(
    2000,
    transact<T>((_, kept, give) => {
      const request = kept.get(key);
      request.onsuccess = () => give(request.result as T);
    }),
  );
}

export async function keep(values: Readonly<Record<string, unknown>>): Promise<void> {
  await within(
    2000,
    transact((_, kept) => {
      for (const [key, value] of Object.entries(values)) {
        if (value === undefined || value === null) kept.delete(key);
        else kept.put(value, key);
      }
    }),
  );
}
