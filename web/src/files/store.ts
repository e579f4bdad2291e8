/**
 * What is to be sent, on the phone: IndexedDB of its own, so that no large file stands in the way of a press. A phone that refuses storage sends all the same, for as
 * long as the page is open.
 */

export interface Item {
  id: string;
  order: number;
  kind: "photo" | "video" | "sound";
  at: string;
  size: number;
  /** What is to be sent; gone when it arrived. */
  blob: Blob | null;
  digest: string;
  /** The alarm it belongs to: when that was pressed, and signals of it. */
  alarm: string;
  presses: string[];
  offset: number;
  state: "recording" | "waiting" | "sent" | "refused";
  why?: string;
}

let opening: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("tocsin-files", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("items", { keyPath: "id" });
    request.onblocked = () => reject(new Error("the database is blocked"));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onclose = () => (opening = null);
      resolve(request.result);
    };
  }).catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}

async function transact<T>(run: (items: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction("items", "readwrite");
  return new Promise((resolve, reject) => {
    const request = run(transaction.objectStore("items"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("not kept"));
  });
}

export async function put(item: Item): Promise<boolean> {
  return transact((items) => items.put(item)).then(
    () => true,
    () => false,
  );
}

export async function drop(id: string): Promise<void> {
  await transact((items) => items.delete(id)).catch(() => undefined);
}

export async function all(): Promise<Item[]> {
  return transact<Item[]>((items) => items.getAll()).catch(() => []);
}
