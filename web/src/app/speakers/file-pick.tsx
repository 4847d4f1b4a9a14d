/** A button that picks one file. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";

/** The button; a hidden input does the work. */
export function FilePick(props: { label: string; isOff?: boolean; accept?: string; onFile: (file: File) => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={props.isOff ?? false} onClick={() => input.current?.click()}>
        {props.label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={props.label}
        accept={props.accept ?? "audio/*,video/*,.wav,.flac,.mp3,.ogg,.opus,.m4a,.webm"}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          currentTarget.value = "";
          if (file) props.onFile(file);
        }}
      />
    </>
  );
}
