"""Plain words of the page: what each figure means and when it is remarked on, what the traits cannot tell, licences."""

from __future__ import annotations

from voxlite.quality.remarks import (
    CLIPPED_SHARE,
    DC_OFFSET,
    LOUD_LUFS,
    NARROW_HZ,
    NOISY_SNR_DB,
    QUIET_LUFS,
    SILENT_SHARE,
)

FIGURES: dict[str, str] = {
    "rms_dbfs": "Mean level in decibels below full scale, the loudest that a file can hold.",
    "peak_dbfs": "The loudest sample. At 0 dBFS and above, sound is cut off.",
    "loudness_lufs": "Loudness as people hear it (ITU-R BS.1770). "
    f"Remarked below {QUIET_LUFS:.0f} and above {LOUD_LUFS:.0f} LUFS.",
    "snr_db": f"How far the voice stands above the background. Remarked below {NOISY_SNR_DB:.0f} dB.",
    "bandwidth_hz": "The highest frequency with sound in it. "
    f"Remarked up to {NARROW_HZ:.0f} Hz, where telephones end.",
    "longest_silence_s": "The longest stretch of silence. "
    f"Remarked where {100 * SILENT_SHARE:.0f} % of the recording is silent.",
    "clipped_share": f"Samples that are cut off at the highest level. Remarked from {100 * CLIPPED_SHARE:.2f} %.",
    "dc_offset_share": f"How far the wave is shifted away from zero. Remarked from {100 * DC_OFFSET:.0f} %.",
    "n_drop_outs": "Gaps of digital silence inside the sound, 5 to 500 ms: a bad connection or a full buffer.",
    "dead_channels": "Channels that hold nothing but zeros while another has sound.",
}
"""What a quality figure means, by its key in `QualityReport.to_dict()`."""

CAVEATS: dict[str, str] = {
    "gender": "What a voice sounds like is not who somebody is. The model repeats how people labelled recordings; it "
    "takes many children for women or men, and can be wrong about trans people in a way that hurts.",
    "mood": "What somebody feels cannot be heard. The model learned mostly from actors, and outside of their "
    "recordings it is wrong more often than right. The European Union forbids inferring emotions at work and in "
    "education. Do not decide about people by it.",
}
"""What must be known before a trait is believed, by task."""

NOTES: dict[str, str] = {
    "gender": "The decision weighs female against male alone, so its probability is not the one in this table.",
}
"""What helps to read a trait's probabilities, by task."""

TASKS: dict[str, str] = {
    "voice": "Is there a human voice?",
    "speaker": "Who speaks when?",
    "gender": "What gender does the voice sound like?",
    "mood": "What mood does the voice sound like?",
}
"""The question that a task answers."""

_LIMITED = "LicenseRef-"


def licence_words(licence: str) -> str:
    """Return what a licence asks of people who use a report, in a few words; empty where it asks nothing."""
    if licence.startswith(_LIMITED):
        return "not free for every use: read the model's card first"
    if licence.startswith("CC-BY"):
        return "free to use, with credit" + (" and under the same terms" if "-SA" in licence else "")
    return ""
