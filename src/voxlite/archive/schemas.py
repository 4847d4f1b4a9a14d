"""The two tables of an archive: their columns, in the order of docs/archives.md, and their versions.

A version is raised when a column changes its meaning or goes; one that is added leaves it alone.
"""

from __future__ import annotations

from typing import Any

from voxlite.archive.places import arrow_fs

RECORDINGS = "recordings"
SEGMENTS = "segments"
VERSIONS = {RECORDINGS: "voxlite.recordings/1", SEGMENTS: "voxlite.segments/1"}
"""Table to what its files say under `SCHEMA_KEY`."""
SCHEMA_KEY = b"voxlite.schema"
REPLACES_KEY = b"voxlite.replaces"
"""A file of recordings names those in whose place it came: one that a kill left behind counts no more."""
DECISIONS = ("voice", "gender", "mood")
"""Tasks that decide on a recording as a whole."""


def schemas() -> dict[str, Any]:
    """Return the `pyarrow.Schema` of each table.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    """
    arrow_fs()
    import pyarrow as pa

    made = {RECORDINGS: _recordings(pa), SEGMENTS: _segments(pa)}
    return {name: schema.with_metadata({SCHEMA_KEY: VERSIONS[name]}) for name, schema in made.items()}


def _recordings(pa: Any) -> Any:
    text, real, whole = pa.string(), pa.float64(), pa.int64()
    score = pa.struct([("label", text), ("score", real)])
    speaker = pa.struct([("speaker", text), ("speech_s", real)])
    event = pa.struct([("start_s", real), ("end_s", real), ("score", real)])
    detection = pa.struct(
        [("label", text), ("score", real), ("threshold", real), ("events", pa.list_(event))]
    )
    model = pa.struct([("task", text), ("name", text), ("version", text), ("licence", text)])
    decisions = [
        (f"{task}_{what}", kind)
        for task in DECISIONS
        for what, kind in (
            ("label", text),
            ("score", real),
            ("threshold", real),
            ("evidence_s", real),
            ("reasons", pa.list_(text)),
        )
    ]
    return pa.schema(
        [
            ("path", text),
            ("path_bytes", pa.binary()),
            ("error", text),
            ("error_kind", text),
            ("elapsed_s", real),
            ("size_bytes", whole),
            ("modified_at", pa.timestamp("us", "UTC")),
            ("content_sha256", text),
            ("duration_s", real),
            ("rate_hz", pa.int32()),
            ("channels", pa.int32()),
            ("voice_s", real),
            ("voice_share", real),
            ("silence_share", real),
            ("noise_share", real),
            ("n_segments", whole),
            *decisions,
            ("gender_scores", pa.list_(score)),
            ("mood_scores", pa.list_(score)),
            ("mood_arousal", real),
            ("speakers", pa.list_(speaker)),
            ("detections", pa.list_(detection)),
            ("rms_dbfs", real),
            ("peak_dbfs", real),
            ("loudness_lufs", real),
            ("clipped_share", real),
            ("dc_offset_share", real),
            ("bandwidth_hz", real),
            ("n_drop_outs", whole),
            ("dead_channels", pa.list_(pa.int32())),
            ("longest_silence_s", real),
            ("snr_db", real),
            ("remarks", pa.list_(text)),
            ("models", pa.list_(model)),
            ("tasks", pa.list_(text)),
            ("recipe", text),
        ]
    )


def _segments(pa: Any) -> Any:
    text, real = pa.string(), pa.float64()
    return pa.schema(
        [
            ("path", text),
            ("path_bytes", pa.binary()),
            ("start_s", real),
            ("end_s", real),
            ("label", text),
            ("score", real),
            ("speaker", text),
            ("gender", text),
            ("mood", text),
        ]
    )
