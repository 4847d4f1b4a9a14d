"""The model card: what a model file says of itself, for people."""

from __future__ import annotations

from collections.abc import Sequence

from voxlite.runtime.metadata import ModelMetadata
from voxlite.training.card_parts import licence_rows, parity_rows, versions, went_on, within
from voxlite.training.export import Parity


def model_card(models: Sequence[ModelMetadata], parity: Sequence[Parity]) -> str:
    """Return the model card, Markdown, from what a model's files say, one per storage, and what was measured."""
    metadata = models[0]
    training = metadata.training
    points = "\n".join(
        f"| {model.weights} | {name} | {point['value']} | {point['far']:.2%} | {point['frr']:.2%} | {point['data']} |"
        for model in models
        for name, point in model.thresholds.items()
    )
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(training["clips"].items()))
    freedom = "freely licensed ones alone" if training["free_only"] else "research-only ones included"
    return f"""# voice-{metadata.name}, version {metadata.version}

{metadata.description}

- Input: float32 [1, n], a waveform at {metadata.frontend.rate_hz} Hz, full scale -1..1; the front end is inside.
{_output(metadata)}
- {training["parameters"]:,} parameters. Built-in operators alone.
- Licence of the weights: {metadata.licence}.

## Intended use

Voice activity and voice / no-voice verdicts on devices. *Voice* is speech, whisper, shout and unaccompanied song.
Not for identifying people, and not evidence of anything on its own. docs/numbers.md has the quality by source,
noise level and bandwidth, the bad figures included.

## Thresholds

| weights | decision | threshold | false alarms | false rejects | measured on |
|---|---|---|---|---|---|
{points}

## Exported files against the Keras model, logits on validation clips

| weights | size | largest difference | mean difference |
|---|---|---|---|
{parity_rows(parity)}

## Training data

{training["hours"]} hours in {kinds} clips, {freedom}; rooms are measured and simulated impulse responses.
From {len(training["sources"])} sources: {", ".join(training["sources"])}.

Clips by licence:

{licence_rows(training)}

Trained for {training["steps"]} steps ({training["minutes"]:.0f} minutes on two CPU cores), seed {training["seed"]},
with {versions(training)}.
"""


def _output(metadata: ModelMetadata) -> str:
    geometry, ms = metadata.geometry, 1000 / metadata.frontend.rate_hz
    before, after = f"{ms * geometry.before:.0f} ms before it", f"{ms * geometry.after:.0f} ms after it"
    if metadata.resizable:
        return (
            f"- Output: float32 [1, steps], one logit per {ms * geometry.step:.0f} ms. A step depends on\n"
            f"  the {before} and the {after}, on nothing else."
        )
    return (
        f"- Output: float32 [1, 1], one logit for a window of n = {geometry.window} samples. Moved along by\n"
        f"  {ms * geometry.step:.0f} ms it scores steps: a step depends on the {before} and the {after}."
    )


def imported_card(metadata: ModelMetadata, variant: str, parity: Parity) -> str:
    """Return the model card, Markdown, of a speaker model that was converted from other people's weights."""
    training, geometry = metadata.training, metadata.geometry
    known = (
        "the one that was measured for voxlite's docs"
        if training["known"]
        else "**not one that was measured**"
    )
    return f"""# speaker-{metadata.name}, version {metadata.version}

{metadata.description}

- Input: float32 [1, {geometry.window}], a waveform at {metadata.frontend.rate_hz} Hz, full scale -1..1; Kaldi's filter
  banks, each band without its mean, are inside. Longer sound is cut into windows whose embeddings are averaged.
- Output: float32 [1, {metadata.embedding_size}], unit norm. The cosine of two embeddings says how alike two voices are.
- {training["parameters"]:,} parameters, {variant}, {parity.size_bytes / 1e6:.1f} MB. Built-in operators alone.
- Largest 1 - cosine to the same network in float32, on sounds made by formula: {parity.largest:.2g}.
{_imported_scores(metadata)}
## Licence and training data

The weights: {metadata.licence}, {training["origin"]}. This file was converted from them on this machine; change of form
is the only change. SHA-256 of the checkpoint: `{training["sha256"]}`, {known}.

Training data: {training["data"]}

## Intended use

Recognising speakers who agreed to it, by `voxlite` commands with `--model {metadata.name}`. A recording that is played
back and a cloned voice are not detected. Not evidence of anything on its own.
"""


def _imported_scores(metadata: ModelMetadata) -> str:
    """Return what an imported file says of its scores."""
    if not metadata.thresholds:
        return """
**Not calibrated**: voxlite has measured no such checkpoint. Its embeddings can be used, its scores mean nothing yet.
"""
    point, top = metadata.thresholds["verify"], int(metadata.calibration["cohort_top"])
    norm = f"normalised against the {top} nearest strangers" if top else "not normalised, which did not help,"
    return f"""
## Scores

A score is a log-likelihood ratio: the cosine, {norm} and calibrated by length of speech and
bandwidth. The default accepts from {point["value"]:.2f} on: {point["far"]:.2%} false accepts and
{point["frr"]:.2%} false rejects. Measured on {point["data"]}.
Calibration and strangers (embeddings of freely licensed training voices in int8) come with voxlite, not with the
weights.
"""


def speaker_card(models: Sequence[ModelMetadata], parity: Sequence[Parity]) -> str:
    """Return the model card, Markdown, of a speaker net that was trained here."""
    metadata = models[0]
    training, geometry = metadata.training, metadata.geometry
    window_s = geometry.window / metadata.frontend.rate_hz
    points = "\n".join(
        f"| {model.weights} | {point['value']:.2f} | {point['far']:.2%} | {point['frr']:.2%} | {point['data']} |"
        for model in models
        for point in model.thresholds.values()
    )
    freedom = "freely licensed ones alone" if training["free_only"] else "research-only ones included"
    return f"""# speaker-{metadata.name}, version {metadata.version}

{metadata.description}

- Input: float32 [1, {geometry.window}], a waveform at {metadata.frontend.rate_hz} Hz, full scale -1..1; the front end,
  log-mel energies without each band's mean, is inside. Longer sound is cut into windows of {window_s:g} s whose
  embeddings are averaged; shorter sound is repeated.
- Output: float32 [1, {metadata.embedding_size}], unit norm. The cosine of two embeddings says how alike two voices are.
- In the file besides: strangers' embeddings (int8) and the constants that turn a cosine into a log-likelihood ratio.
- {training["parameters"]:,} parameters. Built-in operators alone.
- Licence of the weights: {metadata.licence}.

## Intended use

Recognising people who agreed to it, on their own devices. Not for identifying people who do not know of it, and not
evidence of anything on its own. **A recording that is played back and a cloned voice are not detected.**
docs/numbers.md has the quality by length, noise and bandwidth, the bad figures included.

## Operating point

Log-likelihood ratio from which two voices count as one; every set of voices and every condition counts alike.

| weights | threshold | false alarms | false rejects | measured on |
|---|---|---|---|---|
{points}

## Exported files against the Keras model, 1 - cosine on validation clips

| weights | size | largest | mean |
|---|---|---|---|
{parity_rows(parity)}

## Training data

{training["hours"]} hours in {training["clips"]} clips of {training["voices"]} known voices and of unknown ones,
{freedom}, each in {len(training["renderings"])} versions with other pitch and formants; noises and rooms as for the
voice model. The net learned the embedding that {training["teacher"]} gives to each, and which clips are of one voice.
The teacher's own training data
are not freely licensed; none of its weights are in this file.
{within(training)}From {len(training["sources"])} sources: {", ".join(training["sources"])}.

Clips by licence:

{licence_rows(training)}

Trained for {training["steps"]} steps ({training["minutes"]:.0f} minutes on two CPU cores), seed {training["seed"]},
with {versions(training)}{went_on(training)}.
"""
