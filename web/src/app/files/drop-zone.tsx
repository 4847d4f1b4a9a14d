/** Where recordings are dropped or picked. */

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { text } from "../../text/en";

/** A label around a file input: it takes drops, clicks and the keyboard. */
export function DropZone({ onFiles }: { onFiles: (files: readonly File[]) => void }): JSX.Element {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    const files = Array.from(event.dataTransfer?.files ?? []);
    if (files.length) onFiles(files);
  };
  return (
    <div
      class={isOver ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={onDrop}
    >
      <input
        id={id}
        class="visually-hidden"
        type="file"
        accept="audio/*,video/*,.wav,.flac,.mp3,.ogg,.opus,.m4a,.webm"
        multiple
        onChange={({ currentTarget }) => {
          const files = Array.from(currentTarget.files ?? []);
          currentTarget.value = ""; // the same file may be picked again
          if (files.length) onFiles(files);
        }}
      />
      <label htmlFor={id} class="button primary">
        {text.files.pick}
      </label>
      <span>{text.files.drop}</span>
    </div>
  );
}
