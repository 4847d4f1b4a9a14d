"""What differs between recordings of one voice counts less: within-class covariance normalisation, in the net itself.

Hatch et al. (2006): embeddings are centred and multiplied by the inverse root of the covariance that recordings of one
voice have about their mean. Here each recording is heard three times, as it is, by telephone and in noise, so that what
these do to a voice counts less, too. The net's last layer is linear: all of it is folded into that layer's weights,
costs nothing when the net runs, and holds for the strangers of the cohort as for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from voxlite.training.corpus import CorpusError
from voxlite.training.metrics import Values
from voxlite.training.speaker.network import SpeakerNetwork
from voxlite.training.speaker.trials import in_noise
from voxlite.training.store import SampleStore
from voxlite.training.utterances import Utterance, sound_of, windows_of
from voxlite.training.windows import by_telephone
from voxlite.values import FloatArray

PER_VOICE = 4
"""Utterances of a voice that are looked at, the longest ones."""
SHRINKAGE = 0.4
"""Share of the mean variance in place of the measured covariance; chosen on validation voices."""


@dataclass(frozen=True)
class Affine:
    """A row `x` becomes `(x - centre) @ matrix`.

    Parameters
    ----------
    centre
        float64[dim].
    matrix
        float64[dim, dim].
    """

    centre: Values
    matrix: Values

    def __call__(self, rows: Values) -> Values:
        """Return rows float64[n, dim] after it."""
        return np.asarray((rows - self.centre) @ self.matrix)


def well_known(learned: Sequence[Utterance]) -> list[Utterance]:
    """Return the longest utterances of each voice that has two or more, always the same."""
    by_voice: dict[str, list[Utterance]] = {}
    for item in sorted(learned, key=lambda item: (-item.duration_s, item.name)):
        if item.voice:
            by_voice.setdefault(item.voice, []).append(item)
    return [
        item for voice in sorted(by_voice) if len(by_voice[voice]) > 1 for item in by_voice[voice][:PER_VOICE]
    ]


def within_voices(rows: Values, voices: NDArray[np.str_], shrinkage: float = SHRINKAGE) -> Affine:
    """Fit the normalisation.

    Parameters
    ----------
    rows
        float[n, dim], what the net says before its norm is made one.
    voices
        str[n], whose each row is; two rows or more of each.
    shrinkage
        0..1: 0 takes the covariance as it was measured, 1 leaves all directions alike.

    Raises
    ------
    CorpusError
        If no voice has two rows.
    """
    names, of = np.unique(voices, return_inverse=True)
    means = np.zeros((len(names), rows.shape[1]))
    np.add.at(means, of, rows)
    means /= np.bincount(of)[:, None]
    n_free = len(rows) - len(names)
    if n_free < 1:
        raise CorpusError("no voice has two recordings: what differs within a voice cannot be measured")
    apart = rows - means[of]
    covariance = apart.T @ apart / n_free
    level = np.trace(covariance) / len(covariance)
    variances, axes = np.linalg.eigh(
        (1 - shrinkage) * covariance / level + shrinkage * np.eye(len(covariance))
    )
    return Affine(means.mean(axis=0), axes / np.sqrt(np.maximum(variances, 1e-6)))


def windows_as_heard(
    net: SpeakerNetwork,
    chosen: Sequence[Utterance],
    store: SampleStore,
    tick: Callable[[], None] = lambda: None,
) -> tuple[Values, NDArray[np.str_]]:
    """Return what a net says of every window of utterances heard three ways, and whose voice each is.

    Parameters
    ----------
    net
        Not folded yet.
    chosen, store
        Utterances of known voices, and their samples.
    tick
        Called after each utterance.

    Returns
    -------
    rows, voices
        float64[n, dim] before the norm is made one, str[n].
    """
    rng, rate_hz = np.random.default_rng(0), store.rate_hz
    say = keras.Model(net.body.input, before_norm(net.back)(net.body.output))
    n_samples = net.geometry.window
    rows: list[FloatArray] = []
    voices: list[str] = []
    for item in chosen:
        sound = sound_of(item, store)
        others = [one for one in rng.choice(len(chosen), 20) if chosen[one].voice != item.voice]
        babble = sound_of(chosen[others[0]], store) if others else sound
        versions = (sound, by_telephone(sound, rate_hz), in_noise(sound, babble, rng))
        windows = [net.features(part)[0] for heard in versions for part in windows_of(heard, n_samples)]
        rows.append(np.asarray(say(np.stack(windows), training=False)))
        voices += [item.voice] * len(windows)
        tick()
    return np.concatenate(rows).astype(np.float64), np.array(voices)


def before_norm(back: keras.Model) -> keras.Model:
    """Return the second part of a speaker net without its last layer, which makes the norm one."""
    return keras.Model(back.input, back.layers[-1].input)


def fold(back: keras.Model, change: Affine) -> None:
    """Put an affine map behind the last linear layer of a speaker net's second part, by its weights alone."""
    dense, scaling = back.layers[-3], back.layers[-2]
    gamma, beta, mean, variance = (np.asarray(weight, np.float64) for weight in scaling.get_weights())
    scale = gamma / np.sqrt(variance + scaling.epsilon)
    (kernel,) = dense.get_weights()
    dense.set_weights([(np.asarray(kernel, np.float64) * scale @ change.matrix).astype(np.float32)])
    offset = change(beta - mean * scale)
    one = np.ones_like(beta)
    scaling.set_weights([one, offset, 0 * one, one - scaling.epsilon])
