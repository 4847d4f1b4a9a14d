"""The words of an `Explanation`'s picture: what stands above it and above each of its sections."""

from __future__ import annotations

from voxlite.report.explanation import Explanation
from voxlite.report.palette import channel_text, clock, grouped


def facts(explanation: Explanation) -> tuple[str, str]:
    """Return one line on the recording and one on the model."""
    metadata = explanation.model.metadata
    recording = [
        f"at {clock(explanation.at_s)} of {clock(explanation.duration_s)}",
        f"{grouped(explanation.rate_hz)} Hz, {channel_text(explanation.channels)}",
        f"level there {explanation.level_dbfs:.0f} dBFS",
    ]
    if explanation.rate_hz != metadata.frontend.rate_hz or explanation.channels > 1:
        recording.insert(2, f"converted to {grouped(metadata.frontend.rate_hz)} Hz, mono")
    model = [
        f"model {metadata.name}, version {metadata.version}",
        size_text(explanation.model.size_bytes),
        f"weights {metadata.weights}",
    ]
    return "   ·   ".join(recording), "   ·   ".join(model)


def size_text(n_bytes: int) -> str:
    """Return the size of a model's file: 385 kB, 22.0 MB."""
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"


def captions(explanation: Explanation) -> tuple[str, ...]:
    """Return a line for each section."""
    config, shown = explanation.stages.config, explanation.stages
    n_frames, n_bins = shown.power.shape
    window_ms, hop_ms = (1e3 * n / config.rate_hz for n in (config.window_samples, config.hop_samples))
    step_ms = 1e3 * (explanation.step_s[1] - explanation.step_s[0])
    span_s = len(shown.samples) / config.rate_hz
    return (
        f"The whole recording, and below it the seconds around the moment.{_zeros_text(explanation)}\n"
        f"Dark blue: the {step_ms:.0f} ms that are judged; light: the {1e3 * span_s:g} ms that this depends on. "
        "Amplitude 1 is full scale.",
        f"The sound is cut into frames of {window_ms:g} ms, one every {hop_ms:g} ms. Each is weighted with a "
        "Hamming window, so that its ends fade,\n"
        f"and a Fourier transform of {config.fft_size} points tells how strong each frequency is.",
        f"The spectra of all {n_frames} frames (short-time Fourier transform): {n_frames} x {n_bins} numbers. "
        "Right, here and below: the frame of section 2.",
        f"{config.mel_bands} triangles from {config.low_hz:g} to {config.high_hz:g} Hz, each of which sums up the "
        "power that lies under it.\nThey stand at equal distances in mel (right): close together where the ear tells "
        "frequencies well apart.",
        f"The logarithm of each sum, because the ear hears ratios: {n_frames} x {config.mel_bands} numbers.",
        f"A cosine transform (DCT) of each frame's energies keeps the outline of the spectrum in "
        f"{config.coefficients} mel-frequency cepstral coefficients.",
        _fed_text(explanation),
        _score_text(explanation),
    )


def _zeros_text(explanation: Explanation) -> str:
    """Say where the window reaches beyond the recording."""
    rate_hz = explanation.stages.config.rate_hz
    parts = [
        f"{1e3 * n / rate_hz:.0f} ms {where}"
        for n, where in ((explanation.zeros_before, "before"), (explanation.zeros_after, "after"))
        if n
    ]
    return f" Hatched: zeros, {' and '.join(parts)} the recording." if parts else ""


def _fed_text(explanation: Explanation) -> str:
    shape = explanation.net_input.shape
    size = " x ".join(map(str, shape))
    if explanation.is_silent:
        return (
            "Nothing: the silence gate comes before the net, and it found this moment silent.\n"
            f"Otherwise the net would have got this, {size} numbers."
        )
    if len(shape) == 3:
        return (
            f"An image, {size} numbers from 0 to 1: the coefficients, how fast they change (delta), and how fast\nthat "
            "changes (delta-delta), on fixed scales."
        )
    return (
        f"The log-mel energies of section 5 as they are, {size} numbers, here as shades of grey.\n"
        "The cosine transform of section 6 is for nets that look at an MFCC image; this one does without."
    )


def _score_text(explanation: Explanation) -> str:
    begin_s, end_s = explanation.decision_s
    step_ms = 1e3 * (explanation.step_s[1] - explanation.step_s[0])
    label = explanation.model.metadata.labels[0]
    return (
        f"The probability of {label}, {step_ms:.0f} ms by {step_ms:.0f} ms: {label} from the threshold (dashed) on. "
        "Grey: silence, the net was not asked.\n"
        f"Dot: the moment. Bracket: the {end_s - begin_s:.2f} s around it, and the verdict on them: "
        f"{explanation.decision_text()}."
    )
