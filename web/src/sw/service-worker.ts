/**
 * The page without a network: every file of one build is fetched into one cache, all or none, and served from there.
 *
 * A new build has another version, so another cache; it takes over when no page of the old one is open, or when the page
 * asks for it, and removes the old one then.
 */

import { chooseVariant } from "../engine/variant";

/** Names of the build's files, relative to this script; put in by the build. */
declare const FILES: readonly string[];
/** Hash of their names and contents. */
declare const VERSION: string;

const scope = self as unknown as ServiceWorkerGlobalScope;
const CACHE = `voxlite-${VERSION}`;
const PREFIX = "voxlite-";

scope.addEventListener("install", (event) => event.waitUntil(fill()));
scope.addEventListener("activate", (event) => event.waitUntil(takeOver()));
scope.addEventListener("message", ({ data }) => {
  if (data === "take over") void scope.skipWaiting();
});
scope.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(scope.registration.scope)) {
    event.respondWith(answer(event.request));
  }
});

/** Fetch everything that this browser needs; a failure leaves the old version in place. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  try {
    await cache.addAll(["./", ...FILES.filter(isNeeded)].map((name) => new Request(name, { cache: "reload" })));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** Of the runner's variants, which are large, only the one that this browser uses. */
function isNeeded(name: string): boolean {
  if (!name.includes("litert_wasm")) return true;
  const kind = name.includes("_compat_") ? "compat" : name.includes("_threaded_") ? "threaded" : "plain";
  return kind === chooseVariant(scope.crossOriginIsolated);
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const options = { ignoreSearch: true, ignoreVary: true };
  const kept = await cache.match(request.url, options);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    const page = request.mode === "navigate" ? await cache.match(scope.registration.scope, options) : undefined;
    if (page) return page;
    throw error;
  }
}
