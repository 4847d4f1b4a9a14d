"""Plain words about a recording, only where something is bad: what, by how much, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from voxlite.quality.measures import QualityMeasures

CLIPPED_SHARE = 0.0005
QUIET_LUFS = -35.0
LOUD_LUFS = -9.0
NARROW_HZ = 4_200.0
DC_OFFSET = 0.01
NOISY_SNR_DB = 10.0
SILENT_SHARE = 0.8
MIN_DC_S = 0.5
"""Under half a second the mean of a low voice is not yet an offset."""


def is_narrow_band(bandwidth_hz: float | None) -> bool:
    """Tell whether sound is known to reach no higher than a telephone's band."""
    return bandwidth_hz is not None and bandwidth_hz <= NARROW_HZ


def remarks_on(
    measures: QualityMeasures,
    shares: Mapping[str, float],
    longest_silence_s: float,
    snr_db: float | None,
    damage: str | None = None,
) -> tuple[str, ...]:
    """Return what is wrong, the worst first; empty when nothing is.

    Parameters
    ----------
    measures
        Figures of the raw recording.
    shares
        Share of "voice", "silence" and "noise", 0..1.
    longest_silence_s
        Seconds.
    snr_db
        Estimated signal-to-noise ratio, None when there is no estimate.
    damage
        What went wrong while the file was decoded, in words, see `Recording.damage`.
    """
    harm = () if damage is None else (f"Damaged: {damage}; what could be read was analysed; copy it again.",)
    if measures.peak_dbfs is None:
        return (*harm, "Digital silence: every sample is zero; check that the right input was recorded.")
    found = (
        *harm,
        _clipped(measures),
        *_gaps(measures),
        _level(measures),
        _noisy(snr_db),
        _narrow(measures),
        _offset(measures),
        _silent(shares, longest_silence_s),
    )
    return tuple(remark for remark in found if remark is not None)


def _clipped(measures: QualityMeasures) -> str | None:
    if measures.clipped_share < CLIPPED_SHARE or measures.peak_dbfs is None:
        return None
    where = "full scale" if measures.peak_dbfs > -0.1 else f"the highest level, {measures.peak_dbfs:.1f} dBFS"
    share = _percent(measures.clipped_share)
    return f"Clipped: {share} of samples are cut off at {where}; lower the input gain."


def _gaps(measures: QualityMeasures) -> list[str]:
    found = []
    if measures.n_drop_outs:
        first = ", ".join(f"{gap.start_s:.2f} s" for gap in measures.drop_outs[:3])
        noun, at = ("drop-out", "at") if measures.n_drop_outs == 1 else ("drop-outs", "the first at")
        found.append(
            f"{measures.n_drop_outs} {noun} of digital silence inside the sound, {at} {first}; "
            "check the connection or the recorder's buffer."
        )
    if measures.dead_channels:
        dead = ", ".join(map(str, measures.dead_channels))
        noun, verb = ("channel", "is") if len(measures.dead_channels) == 1 else ("channels", "are")
        found.append(
            f"Dead {noun}: {dead} of {measures.channels} {verb} digital silence; "
            "check the cable or record fewer channels."
        )
    return found


def _level(measures: QualityMeasures) -> str | None:
    level, unit = measures.loudness_lufs, "LUFS"
    if level is None:
        level, unit = measures.rms_dbfs, "dBFS"
    if level is not None and level < QUIET_LUFS:
        return f"Very quiet: {level:.0f} {unit}; raise the input gain or move closer to the microphone."
    if level is not None and level > LOUD_LUFS:
        return f"Very loud: {level:.0f} {unit}; lower the input gain."
    return None


def _noisy(snr_db: float | None) -> str | None:
    if snr_db is None or snr_db >= NOISY_SNR_DB:
        return None
    return (
        f"Noisy: the voice is {snr_db:.0f} dB above the background; "
        "move closer to the microphone or away from the noise."
    )


def _narrow(measures: QualityMeasures) -> str | None:
    if measures.bandwidth_hz is None or measures.bandwidth_hz > NARROW_HZ:
        return None
    khz = f"{measures.bandwidth_hz / 1000:.1f} kHz"
    return f"Narrow band: nothing above {khz} (telephone); record at 16 kHz or more where the line allows it."


def _offset(measures: QualityMeasures) -> str | None:
    if abs(measures.dc_offset) < DC_OFFSET or measures.duration_s < MIN_DC_S:
        return None
    return (
        f"DC offset: {_percent(abs(measures.dc_offset))} of full scale; "
        "check the sound card or high-pass the recording at 20 Hz."
    )


def _silent(shares: Mapping[str, float], longest_silence_s: float) -> str | None:
    if shares.get("silence", 0.0) < SILENT_SHARE:
        return None
    return (
        f"Mostly silence: {_percent(shares['silence'])} of the recording, {longest_silence_s:.1f} s "
        "at a stretch; check the microphone, or cut the silence out."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"
