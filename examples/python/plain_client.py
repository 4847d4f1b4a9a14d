"""A client of a bundle that uses nothing of voxlite: what docs/embedding.md describes, in plain Python.

    voxlite bundle compact --out bundle
    python examples/python/plain_client.py bundle

Written for reading, as the model of a port to another language: loops instead of array operations, the standard
library and LiteRT (or its forerunner tflite-runtime) alone, with NumPy, because LiteRT takes arrays. It reads every
constant from config.json, never resizes the model's input, runs all test vectors and exits with 1 when one is off.
"""

import array
import json
import math
import sys
from pathlib import Path

import numpy as np

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:  # 32-bit ARM has wheels of its forerunner alone
    from tflite_runtime.interpreter import Interpreter


class Client:
    """A voice detector for samples that are already conformed: at the model's rate, band-limited."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.interpreter = Interpreter(model_path=str(folder / self.config["model"]["file"]), num_threads=1)
        self.interpreter.allocate_tensors()

    def gate(self, samples: list[float]) -> tuple[list[bool], list[float]]:
        """Return for each step whether it is silent, and its mean square; the last step is filled with zeros."""
        numbers, size = self.config["gate"], self.config["gate"]["frame_samples"]
        step = self.config["steps"]["step_samples"]
        n_steps = math.ceil(len(samples) / step)
        padded = samples + [0.0] * (n_steps * step - len(samples))
        powers = [sum(x * x for x in padded[at : at + size]) / size for at in range(0, len(padded), size)]
        smooth, silent = [], []
        for frame, power in enumerate(powers):
            recent = powers[max(0, frame - numbers["smooth_frames"] + 1) : frame + 1]
            smooth.append(sum(recent) / len(recent))
            room = min(smooth[max(0, frame - numbers["memory_frames"] + 1) :])
            threshold = self.decibels(room) + numbers["margin_db"]
            threshold = min(max(threshold, numbers["floor_dbfs"]), numbers["ceiling_dbfs"])
            silent.append(self.decibels(power) < threshold)
        per_step = step // size
        steps = range(0, len(powers), per_step)
        return (
            [all(silent[at : at + per_step]) for at in steps],
            [sum(powers[at : at + per_step]) / per_step for at in steps],
        )

    def decibels(self, power: float) -> float:
        """Return the level of a mean square, dBFS."""
        lowest = self.config["gate"]["silence_dbfs"]
        return 10 * math.log10(max(power, 10 ** (lowest / 10)))

    def logits(self, samples: list[float], silent: list[bool]) -> list[float | None]:
        """Return each step's logit, None where silent; calls of the declared length give several steps each."""
        steps, n_samples = self.config["steps"], self.config["input"]["shape"][1]
        per_call = self.config["output"]["shape"][1]
        found: list[float | None] = [None] * len(silent)
        first = 0
        while first < len(silent):
            if silent[first]:
                first += 1
                continue
            start = first * steps["step_samples"] - steps["before_samples"]
            window = [
                samples[at] if 0 <= at < len(samples) else 0.0 for at in range(start, start + n_samples)
            ]
            for index, value in enumerate(self.run(window)):
                if first + index < len(silent) and not silent[first + index]:
                    found[first + index] = value
            first += per_call
        return found

    def run(self, window: list[float]) -> list[float]:
        """Call the model once."""
        entry, result = self.interpreter.get_input_details()[0], self.interpreter.get_output_details()[0]
        self.interpreter.set_tensor(entry["index"], np.array([window], np.float32))
        self.interpreter.invoke()
        return [float(value) for value in self.interpreter.get_tensor(result["index"])[0]]

    def probability(self, logit: float | None, kind: str) -> float:
        """Return a calibrated probability; 0 for a silent step."""
        if logit is None:
            return 0.0
        numbers = self.config["calibration"][kind]
        return 1 / (1 + math.exp(-(numbers["slope"] * logit + numbers["offset"])))

    def verdict(self, logits: list[float | None]) -> tuple[float, str]:
        """Return a clip's probability and label: the best steps within the best span, pooled."""
        numbers = self.config["calibration"]["clip"]
        n, span = numbers["pool_steps"], numbers["pool_span_steps"]
        values = [numbers["silent_logit"] if value is None else value for value in logits]
        values += [numbers["silent_logit"]] * (max(n, span) - len(values))
        spans = (sorted(values[at : at + span])[-n:] for at in range(len(values) - span + 1))
        pooled = max(sum(best) / n for best in spans)
        heard = any(value is not None for value in logits)
        score = self.probability(pooled, "clip") if heard else 0.0
        return score, "voice" if score >= self.config["thresholds"]["clip"]["value"] else "no voice"


def segments(rules: dict, values: list[float], silent: list[bool]) -> list[tuple[int, int, str, float]]:
    """Return (first step, end step, label, score) of a whole recording's segments."""
    n, found, at = len(values), [], 0
    for start, stop in voices(rules, values):
        found += rests(rules, silent, at, start)
        found.append((start, stop, "voice"))
        at = stop
    found += rests(rules, silent, at, n)
    scored = []
    for start, stop, label in found:
        mean = sum(values[start:stop]) / (stop - start)
        scored.append((start, stop, label, mean if label == "voice" else 1 - mean))
    return scored


def voices(rules: dict, values: list[float]) -> list[tuple[int, int]]:
    """Return [start, stop) of the voices: hysteresis, pauses bridged, short ones dropped, padded, joined."""
    raw, start, last = [], None, 0
    for index, value in enumerate(values):
        if start is None:
            if value >= rules["threshold"]:
                start = last = index
        elif value >= rules["off_threshold"]:
            last = index
        elif index - last >= rules["min_gap_steps"]:
            raw.append((start, last + 1))
            start = None
    if start is not None:
        raw.append((start, last + 1))
    padded: list[tuple[int, int]] = []
    for start, stop in raw:
        if stop - start < rules["min_voice_steps"]:
            continue
        start, stop = max(0, start - rules["pad_steps"]), min(len(values), stop + rules["pad_steps"])
        if padded and start <= padded[-1][1]:
            padded[-1] = (padded[-1][0], stop)
        else:
            padded.append((start, stop))
    return padded


def rests(rules: dict, silent: list[bool], start: int, stop: int) -> list[tuple[int, int, str]]:
    """Split steps without voice into silence and noise; a change counts once it has lasted `min_rest_steps`."""
    if start >= stop:
        return []
    runs: list[list] = []
    for flag in silent[start:stop]:
        if runs and runs[-1][0] == flag:
            runs[-1][1] += 1
        else:
            runs.append([flag, 1])
    kept: list[list] = []
    pending = 0
    for flag, length in runs:
        short = length < rules["min_rest_steps"] and len(runs) > 1
        if kept and (short or kept[-1][0] == flag):
            kept[-1][1] += length
        elif short:
            pending += length
        else:
            kept.append([flag, length + pending])
            pending = 0
    if not kept:  # nothing lasted: the more frequent one, noise on a tie
        kept = [[2 * sum(silent[start:stop]) > stop - start, stop - start]]
    found = []
    for flag, length in kept:
        found.append((start, start + length, "silence" if flag else "noise"))
        start += length
    return found


def samples_of(path: Path) -> list[float]:
    """Read little-endian float32."""
    values = array.array("f", path.read_bytes())
    if sys.byteorder == "big":
        values.byteswap()
    return list(values)


def check(client: Client, folder: Path, name: str) -> list[str]:
    """Return what is wrong with this client's values for one test vector, a line each."""
    wanted = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    steps, rules = wanted["steps"], client.config["segmenter"]
    samples = samples_of(folder / wanted["conformed"]["file"])
    silent, powers = client.gate(samples)
    logits = client.logits(samples, silent)
    values = [client.probability(logit, "step") for logit in logits]
    score, label = client.verdict(logits)
    step_s, end_s = (
        client.config["steps"]["step_s"],
        wanted["input"]["n_samples"] / wanted["input"]["rate_hz"],
    )
    found = [
        (start * step_s, end_s if stop == len(values) else stop * step_s, kind, mean)
        for start, stop, kind, mean in segments(rules, values, silent)
    ]
    expected = [(s["start_s"], s["end_s"], s["label"], s["score"]) for s in wanted["segments"]]
    faults = {
        "silent": silent != [bool(flag) for flag in steps["silent"]],
        "power": any(abs(a - b) > 1e-4 * b + 1e-12 for a, b in zip(powers, steps["power"], strict=True)),
        "logits": _off(logits, steps["logits"]),
        "probabilities": _off(values, steps["probabilities"]),
        "segments": [row[2] for row in found] != [row[2] for row in expected]
        or any(_off(a[:2] + a[3:], b[:2] + b[3:]) for a, b in zip(found, expected, strict=True)),
        "clip": abs(score - wanted["clip"]["score"]) > 1e-4 or label != wanted["clip"]["label"],
    }
    return [f"{name}: {stage} is off" for stage, wrong in faults.items() if wrong]


def _off(found: list, wanted: list) -> bool:
    return len(found) != len(wanted) or any(
        (a is None) != (b is None) or (a is not None and abs(a - b) > 1e-4)
        for a, b in zip(found, wanted, strict=True)
    )


def check_segmenter(folder: Path) -> list[str]:
    """Return which made-up sequences of probabilities this client cuts differently."""
    faults = []
    cases = json.loads((folder / "segmenter.json").read_text(encoding="utf-8"))["cases"]
    for number, case in enumerate(cases):
        found = segments(case["rules"], case["values"], [bool(flag) for flag in case["silent"]])
        wanted = [(s["start_step"], s["end_step"], s["label"]) for s in case["segments"]]
        if [row[:3] for row in found] != wanted:
            faults.append(f"segmenter case {number} is off")
    return faults


def main(folder: Path) -> int:
    """Run all test vectors of a bundle."""
    client = Client(folder)
    index = json.loads((folder / client.config["vectors"]).read_text(encoding="utf-8"))
    vectors = (folder / client.config["vectors"]).parent
    faults = check_segmenter(vectors)
    for entry in index["vectors"]:
        faults += check(client, vectors, entry["name"])
    print("\n".join(faults) or f"{len(index['vectors'])} test vectors agree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
