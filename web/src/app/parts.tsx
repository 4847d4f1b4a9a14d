/** Small parts that several screens use. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { MicrophoneError } from "../audio/microphone";
import { text } from "../text/en";

/** Something that did not work: what, and the cure. */
export interface Problem {
  readonly title: string;
  readonly cure: string;
  /** What the engine says, if anything. */
  readonly detail?: string;
}

/** Return what to show of an error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof MicrophoneError) return text.cures[error.problem];
  const detail = error instanceof Error ? error.message : String(error);
  return { ...text.cures.engine, detail };
}

/** A problem with its cure, read out at once. */
export function Notice({ problem, onRetry }: { problem: Problem; onRetry?: () => void }): JSX.Element {
  return (
    <div class="notice problem" role="alert">
      <p class="notice-title">{problem.title}</p>
      {problem.detail ? <p>{problem.detail}</p> : null}
      <p>{problem.cure}</p>
      {onRetry ? (
        <button type="button" onClick={onRetry}>
          {text.cures.retry}
        </button>
      ) : null}
    </div>
  );
}

/** Good news, read out when there is time. */
export function Message({ children }: { children: ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  // What it tells of may have happened further down.
  useEffect(() => box.current?.scrollIntoView({ block: "center" }), []);
  return (
    <div ref={box} class="notice good" role="status">
      {children}
    </div>
  );
}

/** How far something is. */
export function Progress({ label, share }: { label: string; share: number | null }): JSX.Element {
  return (
    <div class="progress">
      <label>
        <span>{label}</span>
        {share === null ? <progress /> : <progress max={1} value={share} />}
      </label>
    </div>
  );
}

/** A title that takes the focus when its screen opens, and a line below it. */
export function ScreenTitle({ title, lead }: { title: string; lead: string }): JSX.Element {
  return (
    <header class="screen-title">
      <h1 id="screen-title" tabIndex={-1}>
        {title}
      </h1>
      <p class="lead">{lead}</p>
    </header>
  );
}

/** Reasons of a decision. */
export function Reasons({ reasons }: { reasons: readonly string[] }): JSX.Element | null {
  if (!reasons.length) return null;
  return (
    <ul class="reasons">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}

/** A bar from 0 to 1 with words for those who do not see it. */
export function Meter(props: { label: string; share: number; words: string; isGood?: boolean }): JSX.Element {
  const share = Math.min(1, Math.max(0, props.share));
  return (
    <div
      class={props.isGood ? "meter good" : "meter"}
      role="meter"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * share)}
      aria-valuetext={props.words}
    >
      <span class="meter-fill" style={{ width: `${100 * share}%` }} />
    </div>
  );
}

/** Hand a file to the user. */
export function download(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
