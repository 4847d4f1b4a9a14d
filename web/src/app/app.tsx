/** The shell: which screen is shown, and what all of them share. */

import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { Voiceprint } from "../core/speakers/voiceprint";
import type { EngineClient } from "../engine/client";
import type { VoiceStore } from "../store/voice-store";
import { text } from "../text/en";
import { About } from "./about/about";
import { Files } from "./files/files";
import { Listen } from "./listen/listen";
import { Notice } from "./parts";
import { type Services, ServicesContext } from "./services";
import { loadSettings, saveSettings, type Settings } from "./settings";
import { Speakers } from "./speakers/speakers";
import { UpdateBar } from "./update-bar";

const SCREENS = { listen: Listen, files: Files, speakers: Speakers, about: About } as const;
type Screen = keyof typeof SCREENS;
const NAMES = Object.keys(SCREENS) as Screen[];

/** Everything on the page. */
export function App({ engine }: { engine: EngineClient | null }): JSX.Element {
  const screen = useScreen();
  const services = useShared(engine);
  const Shown = SCREENS[screen];
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        {text.skip}
      </a>
      <header class="top">
        <a class="brand" href="#/listen">
          <img src="./icon.svg" alt="" width={28} height={28} />
          {text.name}
        </a>
        <nav aria-label={text.nav.label}>
          <ul>
            {NAMES.map((name) => (
              <li key={name}>
                <a href={`#/${name}`} {...(name === screen ? { "aria-current": "page" as const } : {})}>
                  <Icon name={name} />
                  {text.nav[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        <UpdateBar />
        {services ? (
          <ServicesContext.Provider value={services}>
            <Shown />
          </ServicesContext.Provider>
        ) : (
          <Notice problem={text.cures.browser} />
        )}
      </main>
    </>
  );
}

/** The address's fragment tells the screen, so that the browser's history works. */
function useScreen(): Screen {
  const read = (): Screen => NAMES.find((name) => location.hash === `#/${name}`) ?? "listen";
  const [screen, setScreen] = useState(read);
  useEffect(() => {
    const onChange = (): void => {
      setScreen(read());
      window.scrollTo(0, 0);
      requestAnimationFrame(() => document.getElementById("screen-title")?.focus());
    };
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  useEffect(() => {
    document.title = `${text.nav[screen]} · ${text.name}`;
  }, [screen]);
  return screen;
}

function useShared(engine: EngineClient | null): Services | null {
  const [settings, setSettings] = useState(loadSettings);
  const [store, setStore] = useState<VoiceStore | null>(null);
  const [prints, setPrints] = useState<readonly Voiceprint[]>([]);
  const changeSettings = useCallback((changed: Settings) => {
    saveSettings(changed);
    setSettings(changed);
  }, []);
  const changeStore = useCallback(
    (next: VoiceStore | null) => {
      if (store && store !== next) store.close();
      setStore(next);
      setPrints([]);
    },
    [store],
  );
  const refresh = useCallback(async () => setPrints(store ? await store.prints() : []), [store]);
  useEffect(() => void refresh().catch(() => changeStore(null)), [refresh]);
  return useMemo(
    () => engine && { engine, settings, changeSettings, store, changeStore, prints, refresh },
    [engine, settings, store, prints, refresh],
  );
}

/** A link to a fragment would change the screen: the focus is moved by hand. */
function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

const PATHS: Readonly<Record<Screen, string>> = {
  listen: "M4 10v4M8 6v12M12 3v18M16 7v10M20 10v4",
  files: "M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h6",
  speakers: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-4 4-6 8-6s7 2 8 6",
  about: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.1",
};

function Icon({ name }: { name: Screen }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
